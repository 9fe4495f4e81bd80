//! Softmax heads over n-grams, trained by stochastic dual coordinate ascent.
//!
//! With far more features than texts the memory of L-BFGS would cost more than the texts; here each step touches only
//! the features of one text. Shalev-Shwartz and Zhang 2013, "Stochastic Dual Coordinate Ascent Methods for Regularized
//! Loss Minimization", with the dual variables of softmax written as distributions.

use nlu::{SparseHead, SparseVector, Vocabulary, Weighed};
use serde::{Deserialize, Serialize};

/// How an n-gram head is trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SparseOptions {
    /// Cost of errors against the L2 norm of the weights (the C of support vector machines).
    pub cost: f32,
    /// Passes over the texts.
    pub epochs: usize,
    /// Most features; those of most texts stay.
    pub features: usize,
}

impl Default for SparseOptions {
    fn default() -> Self {
        Self { cost: 8.0, epochs: 25, features: 250_000 }
    }
}

/// Texts as n-grams with the label and the weight of each.
pub(crate) struct SparseRows<'r> {
    pub(crate) texts: &'r [&'r SparseVector],
    pub(crate) labels: &'r [usize],
    pub(crate) weights: &'r [f32],
}

/// The mean gap to the best possible value (in nats) at which training ends.
const GAP: f32 = 2e-3;

/// Minimises ½‖W‖² + cost · Σ weight · cross-entropy. Deterministic.
pub(crate) fn fit_sparse(rows: &SparseRows<'_>, classes: usize, options: &SparseOptions) -> SparseHead {
    let vocabulary = Vocabulary::fit(rows.texts, options.features);
    let texts: Vec<Weighed> = rows.texts.iter().map(|text| vocabulary.weigh(text)).collect();
    let mut ascent = Ascent {
        classes,
        weights: vec![0.0; vocabulary.len() * classes],
        bias: vec![0.0; classes],
        scores: vec![0.0; classes],
        probabilities: vec![0.0; classes],
    };
    // The dual variable of each text, as a distribution: it begins at the truth, where all weights are zero.
    let mut duals = vec![0.0; texts.len() * classes];
    for (index, label) in rows.labels.iter().enumerate() {
        duals[index * classes + label] = 1.0;
    }
    let mut order: Vec<usize> = (0..texts.len()).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15;
    for _ in 0..options.epochs {
        shuffle(&mut order, &mut random);
        let mut gap = 0.0;
        for index in order.iter().copied() {
            let dual = &mut duals[index * classes..][..classes];
            let cost = options.cost * rows.weights[index];
            gap += ascent.step(&texts[index].features, dual, cost);
        }
        if gap <= GAP * texts.len() as f32 {
            break;
        }
    }
    SparseHead::new(vocabulary, &ascent.weights, ascent.bias).expect("the sizes were made together")
}

struct Ascent {
    classes: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
    scores: Vec<f32>,
    probabilities: Vec<f32>,
}

impl Ascent {
    /// Moves one dual variable towards the prediction by the best step and returns the gap it had.
    fn step(&mut self, features: &[(u32, f32)], dual: &mut [f32], cost: f32) -> f32 {
        self.score(features);
        let largest = self.scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut sum = 0.0;
        for (probability, score) in self.probabilities.iter_mut().zip(&self.scores) {
            *probability = (score - largest).exp();
            sum += *probability;
        }
        for probability in &mut self.probabilities {
            *probability = (*probability / sum).max(1e-12);
        }
        // The duality gap of one text is cost · KL(dual ‖ prediction).
        let divergence: f32 = dual
            .iter()
            .zip(&self.probabilities)
            .map(|(dual, probability)| if *dual > 0.0 { dual * (dual / probability).ln() } else { 0.0 })
            .sum();
        if divergence < 1e-5 {
            return 0.0;
        }
        let length: f32 = 1.0 + features.iter().map(|(_, weight)| weight * weight).sum::<f32>();
        let step = best_step(dual, &self.probabilities, &self.scores, cost * length);
        let mut change = std::mem::take(&mut self.scores);
        for ((change, dual), probability) in change.iter_mut().zip(dual).zip(&self.probabilities) {
            *change = cost * step * (*dual - probability);
            *dual += step * (probability - *dual);
        }
        for (row, weight) in features {
            let target = &mut self.weights[*row as usize * self.classes..][..self.classes];
            for (target, change) in target.iter_mut().zip(&change) {
                *target += weight * change;
            }
        }
        for (bias, change) in self.bias.iter_mut().zip(&change) {
            *bias += change;
        }
        self.scores = change;
        divergence
    }

    fn score(&mut self, features: &[(u32, f32)]) {
        self.scores.copy_from_slice(&self.bias);
        for (row, weight) in features {
            let weights = &self.weights[*row as usize * self.classes..][..self.classes];
            for (score, value) in self.scores.iter_mut().zip(weights) {
                *score += weight * value;
            }
        }
    }
}

/// The step between the dual and the prediction that maximises the dual objective: two Newton steps from the closed
/// form of the paper (option III). `stiffness` is cost · ‖x‖².
fn best_step(dual: &[f32], probabilities: &[f32], scores: &[f32], stiffness: f32) -> f32 {
    let difference = || dual.iter().zip(probabilities).map(|(dual, probability)| dual - probability);
    let square: f32 = difference().map(|value| value * value).sum();
    let pull: f32 = difference().zip(scores).map(|(value, score)| value * score).sum();
    let mut step = (1.0 / (1.0 + 0.5 * stiffness)).clamp(1e-3, 1.0);
    for _ in 0..2 {
        let (mut slope, mut bend) = (-pull - step * stiffness * square, -stiffness * square);
        for (dual, probability) in dual.iter().zip(probabilities) {
            let towards = probability - dual;
            let mixed = (dual + step * towards).max(1e-9);
            slope -= towards * mixed.ln();
            bend -= towards * towards / mixed;
        }
        step = (step - slope / bend).clamp(1e-3, 1.0);
    }
    step
}

/// Fisher-Yates with SplitMix64.
fn shuffle(order: &mut [usize], random: &mut u64) {
    for index in (1..order.len()).rev() {
        *random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let other = ((mixed ^ (mixed >> 31)) % (index as u64 + 1)) as usize;
        order.swap(index, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Value of the objective for a head, to compare with other weights.
    fn texts() -> (Vec<SparseVector>, Vec<usize>) {
        let texts = (0..90u32)
            .map(|index| vec![(index % 3 * 2 + 2, 1.0), (100 + 2 * index, 1.0), (1 + 2 * (index % 7), 1.0)])
            .map(|mut text: SparseVector| {
                text.sort_by_key(|feature| feature.0);
                text
            })
            .collect();
        (texts, (0..90).map(|index| index % 3).collect())
    }

    fn softmax(logits: &[f32]) -> Vec<f32> {
        let sum: f32 = logits.iter().map(|logit| logit.exp()).sum();
        logits.iter().map(|logit| logit.exp() / sum).collect()
    }

    #[test]
    fn the_optimum_is_reached() {
        let (texts, labels) = texts();
        let texts: Vec<&SparseVector> = texts.iter().collect();
        let weights = vec![1.0; labels.len()];
        let rows = SparseRows { texts: &texts, labels: &labels, weights: &weights };
        let options = SparseOptions { cost: 1.0, epochs: 200, features: 1_000 };
        let head = fit_sparse(&rows, 3, &options);
        // At the optimum the weights are cost · Σ (truth - prediction) · x, so the bias is the sum of the errors.
        let mut bias = [0.0f32; 3];
        for (text, label) in texts.iter().zip(&labels) {
            let (logits, coverage) = head.logits(text);
            assert!((coverage - 1.0).abs() < 1e-6);
            let probabilities = softmax(&logits);
            assert!(probabilities[*label] > 0.5, "{probabilities:?}");
            for (class, probability) in probabilities.iter().enumerate() {
                bias[class] += f32::from(u8::from(class == *label)) - probability;
            }
        }
        let (empty, _) = head.logits(&Vec::new());
        for (expected, found) in bias.iter().zip(empty) {
            assert!((expected - found).abs() < 0.6, "{bias:?}");
        }
    }

    #[test]
    fn heavy_rows_win_and_runs_repeat() {
        let text: SparseVector = vec![(2, 1.0)];
        let texts = [&text, &text];
        let fit = |weights: [f32; 2]| {
            let rows = SparseRows { texts: &texts, labels: &[0, 1], weights: &weights };
            fit_sparse(&rows, 2, &SparseOptions::default())
        };
        let (logits, _) = fit([3.0, 1.0]).logits(&text);
        assert!((softmax(&logits)[0] - 0.75).abs() < 0.05, "{logits:?}");
        assert_eq!(fit([3.0, 1.0]), fit([3.0, 1.0]));
    }
}
