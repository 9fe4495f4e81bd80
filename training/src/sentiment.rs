//! Training the sentiment weights that are shipped.

use nlu::{Classifier, Doubt, IntentModel, SentimentLabel};
use serde::{Deserialize, Serialize};

use crate::dataset::Dataset;
use crate::dense::DenseOptions;
use crate::error::TrainingError;
use crate::evaluate::Evaluation;
use crate::rows::Part;
use crate::sparse::SparseOptions;
use crate::train::{IntentOptions, Progress, Resources, content_hash, train_classifier};

/// How good the sentiment weights are on the blind fifth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SentimentReport {
    /// For each set of heads (0 is the n-gram head) its scores.
    pub blind: Vec<(Vec<usize>, Evaluation)>,
    /// The scores with the last encoder asked in doubt only, and for which share it was.
    pub cascade: (Evaluation, f32),
}

/// When the slow encoder is asked for the sake of a feeling. On the dev half of the judging set (2026-11-22) it is asked for 7
/// to 10 messages in a hundred, and what is told is as good as if it were asked for all but for 1.3 to 2.6 in a hundred.
const UNSURE: Doubt = Doubt { below: 0.6, agreed_below: 0.5, grey: 0.0 };

/// Settings that keep the packed model under 2 MB.
pub fn sentiment_options() -> IntentOptions {
    IntentOptions {
        balance: 0.5,
        // Thai has twenty times the examples of the others.
        language_balance: 0.5,
        ngrams: SparseOptions { cost: 2.0, epochs: 15, features: 100_000 },
        encoders: DenseOptions { penalty: 100.0, shrinkage: 0.8, ..DenseOptions::default() },
        folds: 6,
        background: false,
        ..IntentOptions::default()
    }
}

/// Trains on examples whose labels are the names of [`SentimentLabel`]; others are left out. Pack the model's blobs
/// with [`nlu::pack`] to ship it.
pub fn train_sentiment(
    dataset: &Dataset,
    options: &IntentOptions,
    resources: &mut Resources<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(IntentModel, SentimentReport), TrainingError> {
    let known =
        dataset.examples().iter().filter(|example| SentimentLabel::from_name(&example.label).is_some());
    let dataset = Dataset::new(known.cloned().collect());
    let trained = train_classifier(&dataset, &[], options, resources, progress)?;
    let scores =
        |fusion: &nlu::Fusion| (fusion.heads.clone(), trained.evaluation(fusion, |part| part == Part::Blind));
    let report = SentimentReport {
        blind: trained.classifier.fusions.iter().map(scores).collect(),
        cascade: trained.cascade(&UNSURE, |part| part == Part::Blind),
    };
    let content = content_hash(&dataset, resources.words, resources.encoders, options);
    let classifier = Classifier { doubt: UNSURE, ..trained.classifier };
    Ok((IntentModel::new(classifier, content), report))
}
