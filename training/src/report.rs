//! What a training found out about itself.

use serde::{Deserialize, Serialize};

use crate::evaluate::Evaluation;

/// Measured on texts that the measured heads had not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Hash of data, options and encoders: the model's `content`.
    pub content: String,
    pub examples: usize,
    /// All heads fused, every training example answered by heads of the other folds. Texts in scope only.
    pub cross_validated: Evaluation,
    /// All heads fused, on the blind fifth. Texts in scope only.
    pub blind: Evaluation,
    /// Each set of heads that may answer together.
    pub heads: Vec<HeadScore>,
    /// Encoders that were given but failed, with the reason: their heads are missing.
    pub skipped: Vec<(String, String)>,
}

/// How good a set of heads is alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeadScore {
    /// `ngrams` and encoder names.
    pub heads: Vec<String>,
    /// The weight of each head's log probabilities.
    pub weights: Vec<f32>,
    pub cross_validated_accuracy: f32,
    pub blind_accuracy: f32,
    /// Out-of-scope detection between the bot's examples and the background, cross-validated.
    pub out_of_scope_auroc: f32,
}
