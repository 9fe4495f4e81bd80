//! Making embeddings of one label as wide in every direction, so that a penalty treats all directions alike.

use ndarray::{Array1, Array2, ArrayView1, Axis};

/// An affine map x → (x - mean) · map, and the inverse of its linear part.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Whitening {
    pub(crate) mean: Array1<f32>,
    /// Dimensions x dimensions.
    pub(crate) map: Array2<f32>,
    pub(crate) inverse: Array2<f32>,
}

impl Whitening {
    /// From the covariance within labels (that of linear discriminant analysis, Fisher 1936), of which `shrinkage` (0
    /// to 1) is replaced by the sphere of the same trace: few examples say little about single directions. The mapped
    /// rows have a mean square of 1 a dimension.
    pub(crate) fn within_labels(embeddings: &Array2<f32>, labels: &[usize], shrinkage: f32) -> Self {
        let (count, dimensions) = embeddings.dim();
        let mean = embeddings.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(dimensions));
        let centred = embeddings - &mean;
        let mut covariance = within_covariance(&centred, labels);
        let sphere = covariance.diag().sum() / dimensions.max(1) as f32;
        covariance *= 1.0 - shrinkage;
        // Where no label has two examples there is no spread to learn from, and the sphere has any size.
        let least = if sphere > 1e-9 { sphere * shrinkage.max(1e-3) } else { 1.0 };
        covariance.diag_mut().mapv_inplace(|value| value + least);
        let lower = cholesky(&covariance);
        let inverse_lower = invert_lower(&lower);
        let (map, inverse) = (inverse_lower.reversed_axes(), lower.reversed_axes());
        let square: f32 = centred.dot(&map).iter().map(|value| value * value).sum();
        let scale = (square / (count * dimensions).max(1) as f32).sqrt().max(1e-6);
        Self { mean, map: map.as_standard_layout().to_owned() / scale, inverse: inverse * scale }
    }

    pub(crate) fn apply(&self, embeddings: &Array2<f32>) -> Array2<f32> {
        (embeddings - &self.mean).dot(&self.map)
    }
}

/// The mean over rows of (x - mean of its label)ᵀ (x - mean of its label).
fn within_covariance(centred: &Array2<f32>, labels: &[usize]) -> Array2<f32> {
    let (count, dimensions) = centred.dim();
    let classes = labels.iter().max().map_or(0, |label| label + 1);
    let mut means = Array2::<f32>::zeros((classes, dimensions));
    let mut members = vec![0.0f32; classes];
    for (row, label) in centred.outer_iter().zip(labels) {
        let mut mean = means.row_mut(*label);
        mean += &row;
        members[*label] += 1.0;
    }
    for (mut mean, members) in means.outer_iter_mut().zip(&members) {
        mean /= members.max(1.0);
    }
    let mut residuals = centred.clone();
    for (mut row, label) in residuals.outer_iter_mut().zip(labels) {
        row -= &means.row(*label);
    }
    residuals.t().dot(&residuals) / count.max(1) as f32
}

/// The lower triangle L with L · Lᵀ = `matrix`, which is symmetric and positive definite.
fn cholesky(matrix: &Array2<f32>) -> Array2<f32> {
    let size = matrix.nrows();
    let mut lower = Array2::<f32>::zeros((size, size));
    for row in 0..size {
        for column in 0..=row {
            let known = exact_dot(&lower.row(row), &lower.row(column), column);
            let rest = f64::from(matrix[[row, column]]) - known;
            lower[[row, column]] = if row == column {
                rest.max(1e-12).sqrt() as f32
            } else {
                (rest / f64::from(lower[[column, column]])) as f32
            };
        }
    }
    lower
}

/// The inverse of a lower triangle, by forward substitution of the unit vectors.
fn invert_lower(lower: &Array2<f32>) -> Array2<f32> {
    let size = lower.nrows();
    // Column `c` of the inverse is kept as row `c`, so that sums run over neighbouring numbers.
    let mut columns = Array2::<f32>::zeros((size, size));
    for column in 0..size {
        for row in column..size {
            let known = exact_dot(&lower.row(row), &columns.row(column), row);
            let unit = if row == column { 1.0 } else { 0.0 };
            columns[[column, row]] = ((unit - known) / f64::from(lower[[row, row]])) as f32;
        }
    }
    columns.reversed_axes()
}

/// The dot product of the first `length` numbers, summed in f64.
fn exact_dot(left: &ArrayView1<'_, f32>, right: &ArrayView1<'_, f32>, length: usize) -> f64 {
    let pairs = left.iter().zip(right.iter()).take(length);
    pairs.map(|(left, right)| f64::from(*left) * f64::from(*right)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two labels far apart, both long in the direction (1, 1) and short across it.
    fn rows() -> (Array2<f32>, Vec<usize>) {
        let labels: Vec<usize> = (0..200).map(|row| row % 2).collect();
        let embeddings = Array2::from_shape_fn((200, 2), |(row, column)| {
            let along = (row as f32 * 0.7).sin() * 3.0;
            let across = (row as f32 * 1.3).cos() * 0.2;
            let centre = if row % 2 == 0 { 5.0 } else { -5.0 };
            along + if column == 0 { across + centre } else { -across - centre }
        });
        (embeddings, labels)
    }

    #[test]
    fn one_label_becomes_a_ball_and_the_inverse_undoes_it() {
        let (embeddings, labels) = rows();
        let whitening = Whitening::within_labels(&embeddings, &labels, 0.0);
        let mapped = whitening.apply(&embeddings);
        let covariance = within_covariance(&mapped, &labels);
        let (one, two, both) = (covariance[[0, 0]], covariance[[1, 1]], covariance[[0, 1]]);
        // A thousandth of the sphere stays mixed in, which the narrow direction feels.
        assert!((one / two - 1.0).abs() < 0.15 && both.abs() < 0.02 * one, "{covariance}");
        let square: f32 = mapped.iter().map(|value| value * value).sum();
        assert!((square / 400.0 - 1.0).abs() < 1e-3);
        let back = mapped.dot(&whitening.inverse) + &whitening.mean;
        let furthest = (back - embeddings).iter().map(|value| value.abs()).fold(0.0, f32::max);
        assert!(furthest < 1e-3, "{furthest}");
    }

    #[test]
    fn a_whole_shrinkage_only_centres_and_scales() {
        let (embeddings, labels) = rows();
        let whitening = Whitening::within_labels(&embeddings, &labels, 1.0);
        assert!(whitening.map[[0, 1]].abs() < 1e-6);
        assert!((whitening.map[[0, 0]] - whitening.map[[1, 1]]).abs() < 1e-6);
    }

    #[test]
    fn one_example_a_label_and_none_at_all_are_no_trouble() {
        let embeddings = Array2::from_shape_fn((3, 4), |(row, column)| (row * 4 + column) as f32);
        for labels in [vec![0, 1, 2], vec![0, 0, 0]] {
            let whitening = Whitening::within_labels(&embeddings, &labels, 0.6);
            assert!(whitening.apply(&embeddings).iter().all(|value| value.is_finite()));
        }
        let none = Whitening::within_labels(&Array2::zeros((0, 4)), &[], 0.6);
        assert!(none.map.iter().all(|value| value.is_finite()));
    }
}
