//! Softmax heads over embeddings, trained by L-BFGS.

// What ndarray multiplies with. Naming it turns on its AVX-512 kernels, which ndarray leaves off.
use matrixmultiply as _;
use models::{HeadError, LinearHead};
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Axis};
use serde::{Deserialize, Serialize};

use crate::lbfgs::{Stop, minimise};
use crate::whitening::Whitening;

/// How a dense head is trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DenseOptions {
    /// L2 penalty on the weights, per example, in units of the whitened embedding, which has length √dimensions.
    pub penalty: f32,
    pub iterations: usize,
    /// How much of the spread within labels is replaced by a sphere before embeddings are whitened by it; 1 only centres
    /// and scales.
    pub shrinkage: f32,
}

impl Default for DenseOptions {
    fn default() -> Self {
        Self { penalty: 20.0, iterations: 40, shrinkage: 0.6 }
    }
}

/// Embeddings (rows x dimensions) with the label and the weight of each row.
pub(crate) struct DenseRows<'r> {
    pub(crate) embeddings: Array2<f32>,
    pub(crate) labels: &'r [usize],
    pub(crate) weights: &'r [f32],
}

/// Trained weights before they are given labels.
#[derive(Debug, Clone)]
pub(crate) struct DenseFit {
    weights: Array2<f32>,
    bias: Array1<f32>,
}

/// Trains softmax(x · W + b) with the mean cross-entropy, rows weighted, and an L2 penalty on W. The embeddings are
/// whitened inside; the result takes them as they are. `start` is an earlier result on similar rows.
pub(crate) fn fit_dense(
    rows: &DenseRows<'_>,
    classes: usize,
    options: &DenseOptions,
    start: Option<&DenseFit>,
) -> DenseFit {
    let dimensions = rows.embeddings.ncols();
    let whitening = Whitening::within_labels(&rows.embeddings, rows.labels, options.shrinkage);
    let inputs = whitening.apply(&rows.embeddings);
    let total: f32 = rows.weights.iter().sum();
    let penalty = options.penalty / total.max(1.0);
    let begin = match start {
        Some(start) => {
            let weights = whitening.inverse.dot(&start.weights);
            let bias = &start.bias + &whitening.mean.dot(&start.weights);
            weights.iter().copied().chain(bias).collect()
        }
        None => vec![0.0; (dimensions + 1) * classes],
    };
    let objective =
        |point: &[f32], gradient: &mut [f32]| loss(&inputs, rows, (penalty, total), point, gradient);
    let stop = Stop { iterations: options.iterations, decrease: 1e-4 };
    let mut weights = minimise(objective, begin, stop);
    let bias = Array1::from(weights.split_off(dimensions * classes));
    let weights =
        Array2::from_shape_vec((dimensions, classes), weights).expect("the sizes are those of the start");
    let weights = whitening.map.dot(&weights);
    let bias = bias - whitening.mean.dot(&weights);
    DenseFit { weights, bias }
}

/// The objective and its gradient; `point` is W (dimensions x classes) and then b.
fn loss(
    inputs: &Array2<f32>,
    rows: &DenseRows<'_>,
    (penalty, total): (f32, f32),
    point: &[f32],
    gradient: &mut [f32],
) -> f64 {
    let dimensions = inputs.ncols();
    let classes = point.len() / (dimensions + 1);
    let (weights, bias) = point.split_at(dimensions * classes);
    let weights = ArrayView2::from_shape((dimensions, classes), weights).expect("the sizes are fixed");
    let mut scores = inputs.dot(&weights);
    let mut value = 0.0f64;
    for ((mut row, label), weight) in scores.outer_iter_mut().zip(rows.labels).zip(rows.weights) {
        let row = row.as_slice_mut().expect("rows of a product are contiguous");
        for (score, bias) in row.iter_mut().zip(bias) {
            *score += bias;
        }
        value -= f64::from(weight * into_gradient(row, *label));
        for error in row.iter_mut() {
            *error *= weight / total;
        }
    }
    let (weight_gradient, bias_gradient) = gradient.split_at_mut(dimensions * classes);
    let mut weight_gradient =
        ArrayViewMut2::from_shape((dimensions, classes), weight_gradient).expect("the sizes are fixed");
    ndarray::linalg::general_mat_mul(1.0, &inputs.t(), &scores, 0.0, &mut weight_gradient);
    weight_gradient.scaled_add(penalty, &weights);
    bias_gradient.copy_from_slice(scores.sum_axis(Axis(0)).as_slice().expect("a sum is contiguous"));
    let square: f64 = weights.iter().map(|weight| f64::from(weight * weight)).sum();
    value / f64::from(total) + 0.5 * f64::from(penalty) * square
}

/// Turns scores into probabilities minus the truth and returns the log probability of the truth.
fn into_gradient(scores: &mut [f32], label: usize) -> f32 {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let truth = scores[label] - largest;
    for score in scores.iter_mut() {
        *score = (*score - largest).exp();
    }
    let sum: f32 = scores.iter().sum();
    for score in scores.iter_mut() {
        *score /= sum;
    }
    scores[label] -= 1.0;
    truth - sum.ln()
}

impl DenseFit {
    pub(crate) fn head(&self, labels: &[String]) -> Result<LinearHead, HeadError> {
        LinearHead::new(self.weights.clone(), self.bias.clone(), labels.to_vec())
    }

    /// Raw scores, rows x classes.
    pub(crate) fn scores(&self, embeddings: &Array2<f32>) -> Array2<f32> {
        embeddings.dot(&self.weights) + &self.bias
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three clusters on a circle, off the origin.
    fn rows() -> (Array2<f32>, Vec<usize>) {
        let labels: Vec<usize> = (0..60).map(|index| index % 3).collect();
        let embeddings = Array2::from_shape_fn((60, 4), |(row, column)| {
            let angle = (row % 3) as f32 * 2.1 + (row as f32 * 0.37).sin() * 0.2;
            [angle.cos() + 5.0, angle.sin() - 3.0, 0.1 * (row as f32 * 0.7).cos(), 1.0][column]
        });
        (embeddings, labels)
    }

    #[test]
    fn clusters_are_separated_whatever_their_place_and_the_start_does_not_matter() {
        let (embeddings, labels) = rows();
        let weights = vec![1.0; labels.len()];
        let rows = DenseRows { embeddings: embeddings.clone(), labels: &labels, weights: &weights };
        let options = DenseOptions { penalty: 0.1, iterations: 300, shrinkage: 0.6 };
        let first = fit_dense(&rows, 3, &options, None);
        let again = fit_dense(&rows, 3, &options, Some(&first));
        let (scores, warm) = (first.scores(&embeddings), again.scores(&embeddings));
        for (index, label) in labels.iter().enumerate() {
            let best = (0..3)
                .max_by(|left, right| scores[[index, *left]].total_cmp(&scores[[index, *right]]))
                .unwrap();
            assert_eq!(best, *label);
            assert!((scores[[index, *label]] - warm[[index, *label]]).abs() < 0.3);
        }
    }

    #[test]
    fn the_gradient_is_the_slope() {
        let (embeddings, labels) = rows();
        let weights: Vec<f32> = (0..60).map(|index| 0.5 + index as f32 / 60.0).collect();
        let rows = DenseRows { embeddings: embeddings.clone(), labels: &labels, weights: &weights };
        let point: Vec<f32> = (0..15).map(|index| (index as f32).sin() * 0.1).collect();
        let mut gradient = vec![0.0; 15];
        let total: f32 = weights.iter().sum();
        loss(&embeddings, &rows, (0.3, total), &point, &mut gradient);
        for index in 0..15 {
            let mut near = [point.clone(), point.clone()];
            near[0][index] -= 1e-2;
            near[1][index] += 1e-2;
            let [before, after] =
                near.map(|point| loss(&embeddings, &rows, (0.3, total), &point, &mut [0.0; 15]));
            let slope = (after - before) / 2e-2;
            assert!(
                (slope - f64::from(gradient[index])).abs() < 2e-3,
                "{index}: {slope} {}",
                gradient[index]
            );
        }
    }
}
