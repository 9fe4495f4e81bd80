//! Several heads over one message, calibrated and fused into one distribution.

use models::LinearHead;

use crate::features::SparseVector;
use crate::out_of_scope::{Evidence, OutOfScope};
use crate::sparse_head::SparseHead;
use crate::stages::Doubt;

/// The column of a classifier that collects what no other label fits.
pub const OUT_OF_SCOPE: &str = "oos";

/// An n-gram head and one head for each encoder, with the ways to fuse them. Head 0 is the n-gram head, head `i` the
/// encoder head `i - 1`.
#[derive(Debug, Clone, PartialEq)]
pub struct Classifier {
    pub labels: Vec<String>,
    pub ngrams: SparseHead,
    pub ngrams_temperature: f32,
    pub encoders: Vec<EncoderHead>,
    /// One for each set of heads that can be there together.
    pub fusions: Vec<Fusion>,
    /// When a later stage of the cascade has to be asked.
    pub doubt: Doubt,
}

/// A linear head over the embeddings of one encoder.
#[derive(Debug, Clone, PartialEq)]
pub struct EncoderHead {
    /// Name and version of the encoder that it was trained on.
    pub encoder: String,
    pub head: LinearHead,
    pub temperature: f32,
    /// One unit vector a label (the mean of its examples): labels x dimensions.
    pub centroids: Vec<f32>,
}

/// How to fuse a set of heads: probabilities are softmax(Σ weight · ln p + lead), p being the calibrated ones of each
/// head.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Fusion {
    /// Ascending.
    pub heads: Vec<usize>,
    /// One a head.
    pub weights: Vec<f32>,
    /// What is added to the score of each label, so that rare ones are named too; empty where there is nothing to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leads: Vec<f32>,
    /// Present where the labels have a column for what is out of scope.
    pub out_of_scope: Option<OutOfScope>,
}

/// What one head says about a text.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadOutput {
    /// Natural logarithms of the calibrated probabilities, one a label.
    pub log_probabilities: Vec<f32>,
    /// ln Σ exp of the raw scores of the labels in scope: how much of anything known the head sees (the negative of the
    /// energy of Liu et al. 2020, "Energy-based Out-of-distribution Detection").
    pub energy: f32,
    /// How near the text is to what was trained on: the share of known n-grams, or the best cosine to a centroid.
    pub similarity: f32,
}

impl Classifier {
    /// The index of the out-of-scope column.
    pub fn out_of_scope_column(&self) -> Option<usize> {
        self.labels.iter().position(|label| label == OUT_OF_SCOPE)
    }

    pub fn ngrams_output(&self, text: &SparseVector) -> HeadOutput {
        let (logits, coverage) = self.ngrams.logits(text);
        HeadOutput::new(&logits, self.ngrams_temperature, self.out_of_scope_column(), coverage)
    }

    /// `None` where there is no such head or the embedding has another length than it was trained on.
    pub fn encoder_output(&self, encoder: usize, embedding: &[f32]) -> Option<HeadOutput> {
        let head = self.encoders.get(encoder)?;
        let logits = head.head.logits(embedding).ok()?;
        let column = self.out_of_scope_column();
        let similarity = head.similarity(embedding, column);
        Some(HeadOutput::new(&logits, head.temperature, column, similarity))
    }

    /// Several heads name the same intent.
    pub fn agree(&self, outputs: &[(usize, &HeadOutput)]) -> bool {
        let column = self.out_of_scope_column();
        let mut named = outputs.iter().map(|(_, output)| output.best(column).map(|(label, _)| label));
        let first = named.next().flatten();
        first.is_some() && outputs.len() > 1 && named.all(|label| label == first)
    }

    /// Fuses the outputs of heads (index and output, ascending). `None` where no such set was trained.
    pub fn fuse(&self, outputs: &[(usize, &HeadOutput)]) -> Option<Fused> {
        let same = |fusion: &&Fusion| fusion.heads.iter().copied().eq(outputs.iter().map(|(head, _)| *head));
        let fusion = self.fusions.iter().find(same)?;
        let outputs: Vec<&HeadOutput> = outputs.iter().map(|(_, output)| *output).collect();
        Some(fusion.fuse(&outputs, self.out_of_scope_column()))
    }
}

impl EncoderHead {
    /// The best cosine to the centroid of a label in scope.
    pub fn similarity(&self, embedding: &[f32], out_of_scope: Option<usize>) -> f32 {
        let rows = self.centroids.chunks_exact(embedding.len().max(1)).enumerate();
        let inside = rows.filter(|(label, _)| Some(*label) != out_of_scope);
        let cosines = inside.map(|(_, centroid)| dot(centroid, embedding));
        cosines.fold(-1.0, f32::max)
    }
}

fn dot(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

impl HeadOutput {
    /// From raw scores; `temperature` divides them (Guo et al. 2017, "On Calibration of Modern Neural Networks").
    pub fn new(logits: &[f32], temperature: f32, out_of_scope: Option<usize>, similarity: f32) -> Self {
        let scaled: Vec<f32> = logits.iter().map(|logit| logit / temperature).collect();
        let total = log_sum_exp(scaled.iter().copied());
        let inside = logits.iter().enumerate().filter(|(label, _)| Some(*label) != out_of_scope);
        Self {
            log_probabilities: scaled.iter().map(|logit| logit - total).collect(),
            energy: log_sum_exp(inside.map(|(_, logit)| *logit)),
            similarity,
        }
    }

    /// The label in scope that this head prefers, with its probability.
    pub fn best(&self, out_of_scope: Option<usize>) -> Option<(usize, f32)> {
        let labels = self.log_probabilities.iter().copied().enumerate();
        let inside = labels.filter(|(label, _)| Some(*label) != out_of_scope);
        inside.max_by(|left, right| left.1.total_cmp(&right.1)).map(|(label, value)| (label, value.exp()))
    }
}

/// The fused answer of some heads.
#[derive(Debug, Clone, PartialEq)]
pub struct Fused {
    /// One a label; those in scope sum to 1, the out-of-scope column is 0.
    pub probabilities: Vec<f32>,
    /// Probability of being out of scope, and whether it is over the threshold.
    pub out_of_scope_score: f32,
    pub out_of_scope: bool,
    /// What the score was compared with; infinite where nothing is ever out of scope.
    pub threshold: f32,
}

impl Fused {
    pub fn best(&self) -> Option<(usize, f32)> {
        let labels = self.probabilities.iter().copied().enumerate();
        labels.max_by(|left, right| left.1.total_cmp(&right.1))
    }
}

impl Fusion {
    /// `outputs` are those of `heads`, in the same order.
    pub fn fuse(&self, outputs: &[&HeadOutput], out_of_scope: Option<usize>) -> Fused {
        let scores = self.scores(outputs);
        let evidence = self.evidence(&scores, outputs, out_of_scope);
        let score = self.out_of_scope.as_ref().map_or(0.0, |rule| rule.score(&evidence));
        let threshold = self.out_of_scope.as_ref().map_or(f32::INFINITY, |rule| rule.threshold);
        let mut inside = scores;
        for (score, lead) in inside.iter_mut().zip(&self.leads) {
            *score += lead;
        }
        if let Some(column) = out_of_scope {
            inside[column] = f32::NEG_INFINITY;
        }
        let total = log_sum_exp(inside.iter().copied());
        let probabilities = inside.iter().map(|score| (score - total).exp()).collect();
        Fused { probabilities, out_of_scope_score: score, out_of_scope: score > threshold, threshold }
    }

    /// The weighted sum of log probabilities, one a label, not yet normalised.
    pub fn scores(&self, outputs: &[&HeadOutput]) -> Vec<f32> {
        let labels = outputs.first().map_or(0, |output| output.log_probabilities.len());
        let weighted = |label: usize| {
            outputs
                .iter()
                .zip(&self.weights)
                .map(|(output, weight)| weight * output.log_probabilities[label])
                .sum()
        };
        (0..labels).map(weighted).collect()
    }

    /// What speaks for and against being in scope, in a fixed order for each set of heads.
    pub fn evidence(&self, scores: &[f32], outputs: &[&HeadOutput], out_of_scope: Option<usize>) -> Evidence {
        let total = log_sum_exp(scores.iter().copied());
        let mut inside: Vec<f32> = scores
            .iter()
            .enumerate()
            .filter(|(label, _)| Some(*label) != out_of_scope)
            .map(|(_, score)| score - total)
            .collect();
        inside.sort_by(|left, right| right.total_cmp(left));
        let best = inside.first().copied().unwrap_or(0.0);
        let second = inside.get(1).copied().unwrap_or(best);
        let outside = out_of_scope.map_or(best, |column| scores[column] - total);
        let mut evidence = vec![best, best - second, outside - best];
        for output in outputs {
            evidence.extend([output.energy, output.similarity]);
        }
        evidence
    }
}

/// ln Σ exp, shifted by the largest so that nothing overflows.
pub(crate) fn log_sum_exp(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let largest = values.clone().fold(f32::NEG_INFINITY, f32::max);
    if largest == f32::NEG_INFINITY {
        return largest;
    }
    largest + values.map(|value| (value - largest).exp()).sum::<f32>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fusion(weights: &[f32]) -> Fusion {
        Fusion {
            heads: (0..weights.len()).collect(),
            weights: weights.to_vec(),
            leads: Vec::new(),
            out_of_scope: None,
        }
    }

    #[test]
    fn temperature_softens_and_energy_ignores_the_outside_column() {
        let sharp = HeadOutput::new(&[2.0, 0.0, -1.0], 1.0, None, 0.0);
        let soft = HeadOutput::new(&[2.0, 0.0, -1.0], 2.0, None, 0.0);
        assert!(sharp.log_probabilities[0] > soft.log_probabilities[0]);
        let sum: f32 = soft.log_probabilities.iter().map(|value| value.exp()).sum();
        assert!((sum - 1.0).abs() < 1e-6);
        let outside = HeadOutput::new(&[2.0, 0.0, 9.0], 1.0, Some(2), 0.0);
        assert!((outside.energy - (2f32.exp() + 1.0).ln()).abs() < 1e-5);
        assert_eq!(outside.best(Some(2)).unwrap().0, 0);
    }

    #[test]
    fn fused_probabilities_are_the_weighted_mean_of_logs_without_the_outside_column() {
        let left = HeadOutput::new(&[1.0, 0.0, 3.0], 1.0, Some(2), 0.0);
        let right = HeadOutput::new(&[0.0, 2.0, 0.0], 1.0, Some(2), 0.0);
        let fused = fusion(&[0.25, 0.75]).fuse(&[&left, &right], Some(2));
        let expected = 1.0 / (1.0 + (0.25f32 - 1.5).exp());
        assert!((fused.probabilities[1] - expected).abs() < 1e-5, "{fused:?}");
        assert!(fused.probabilities[2].abs() < f32::EPSILON);
        assert_eq!(fused.best().unwrap().0, 1);
        assert!(!fused.out_of_scope && fused.threshold.is_infinite());
    }

    #[test]
    fn log_sum_exp_is_safe_at_the_ends() {
        assert!(log_sum_exp([].into_iter()).is_infinite());
        assert!((log_sum_exp([1000.0, 1000.0].into_iter()) - (1000.0 + 2f32.ln())).abs() < 1e-3);
    }
}
