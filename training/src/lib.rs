//! Turning labelled texts into models, and measuring them.
//!
//! - [`Dataset`] holds [`Example`]s; which of them are blind is decided by a hash of the text, so it never changes.
//! - [`train_intents`] makes an [`nlu::IntentModel`] with a [`Report`]; [`train_sentiment`] makes the shipped sentiment
//!   weights. Encoders stay frozen: only linear heads over n-grams and embeddings are trained.
//! - [`train_tagger`] makes an [`nlu::Tagger`] of the bot's own entities from texts with marked spans.
//! - [`evaluate`] scores any judged pairs; [`auroc`] scores out-of-scope detection.
//!
//! Invariants: the same data, options and encoders give the same bytes on the same machine; blind examples are not seen
//! by anything that is measured on them; values in, values out: no IO, no SQL, no pictures.

mod background;
mod calibrate;
mod dataset;
mod dense;
mod doubt;
mod embed;
mod error;
mod evaluate;
mod fit;
mod formats;
mod held_out;
mod lbfgs;
mod out_of_scope;
mod overlap;
mod rare;
mod report;
mod rows;
mod sentiment;
mod sparse;
mod tagging;
mod train;
mod whitening;

pub use background::background;
pub use dataset::{Dataset, Example, MarkedSpan, Split, raw_hash, text_hash};
pub use dense::DenseOptions;
pub use embed::{EmbeddingCache, MemoryCache, TextHash};
pub use error::TrainingError;
pub use evaluate::{ClassScore, Confused, Evaluation, Judged, LanguageScore, auroc, evaluate};
pub use formats::{Format, FormatError, Labelled, TextFile, file_name};
pub use held_out::{
    Answer, Changed, Comparison, HeldOut, OutOfScopeScore, compare, cross_validated, held_out, learning_curve,
};
pub use overlap::{NearPair, Overlap, overlaps};
pub use report::{HeadScore, Report};
pub use sentiment::{SentimentReport, SentimentScores, sentiment_options, train_sentiment};
pub use sparse::SparseOptions;
pub use tagging::{
    KindScore, MarkedExample, SpanEvaluation, TaggerOptions, TaggerReport, evaluate_spans, measure_tagger,
    tagger_content_hash, train_tagger,
};
pub use train::{IntentOptions, Progress, Resources, content_hash, retrain_intents, train_intents};
