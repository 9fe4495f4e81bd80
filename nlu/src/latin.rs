//! Telling languages in Latin letters apart by what their words look like.

use std::sync::LazyLock;

use crate::features::Featuriser;
use crate::intent_model::{IntentModel, ModelError, unpack};
use crate::language::Language;
use crate::normalise::Normalised;

/// An n-gram head whose labels are language codes.
#[derive(Debug, Clone)]
pub struct LatinModel {
    model: IntentModel,
    languages: Vec<Language>,
    featuriser: Featuriser,
}

static SHIPPED: LazyLock<Option<LatinModel>> =
    LazyLock::new(|| LatinModel::from_bytes(include_bytes!("../language/model.bin")).ok());

impl LatinModel {
    /// The weights in this crate (see `language/README.md`), made by `training`'s recipe.
    pub fn shipped() -> Option<&'static Self> {
        SHIPPED.as_ref()
    }

    /// Reads a packed model whose labels are all codes of languages.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let wrong = |reason: &str| ModelError::Unreadable {
            file: "language/model.bin".to_owned(),
            reason: reason.to_owned(),
        };
        let blobs = unpack(bytes).ok_or_else(|| wrong("not a packed model"))?;
        let model = IntentModel::from_blobs(&blobs)?;
        let languages = model.classifier().labels.iter().map(|label| Language::from_code(label));
        let languages: Option<Vec<Language>> = languages.collect();
        let languages = languages.ok_or_else(|| wrong("labels are not languages"))?;
        Ok(Self { model, languages, featuriser: Featuriser::default() })
    }

    /// The likeliest language with its probability. About 30 µs for a sentence.
    pub fn tell(&self, text: &str) -> Option<(Language, f32)> {
        self.probabilities(text).into_iter().max_by(|left, right| left.1.total_cmp(&right.1))
    }

    /// Every language with its probability.
    pub(crate) fn probabilities(&self, text: &str) -> Vec<(Language, f32)> {
        let features = self.featuriser.features(&Normalised::new(text));
        let output = self.model.classifier().ngrams_output(&features);
        self.languages.iter().copied().zip(output.log_probabilities.iter().map(|log| log.exp())).collect()
    }
}
