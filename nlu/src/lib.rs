//! Understanding of one message: language, words, intents, entities, sentiment, out-of-scope.
//!
//! - [`Interpreter::understand`] is the one entry: text and [`Context`] in, [`Understood`] out.
//! - [`Normalised`], [`Words`] and [`detect`] are the parts that other crates use too (search, figures).
//! - [`UrgencyRules`] say what cannot wait and what abuses people, and why; [`requests`] proposes where a message asks for
//!   several things. Their words are plain files in `words/`.
//! - [`Tagger`] finds the bot's own entities as it learned them from marked examples.
//! - [`IntentModel`] is what `training` makes and the engine stores: named blobs of bytes. It always has an n-gram head,
//!   which needs no file of a pretrained model, and one head for each encoder that was there when it was trained.
//!
//! Invariants: no conversation state, no IO, no clock (the time is part of [`Context`]); an encoder that is slow, full or
//! gone costs accuracy, never an answer; the time taken grows linearly with the length of the text.

mod classifier;
mod dictionary;
mod entities;
mod features;
mod hash;
mod intent_model;
mod interpreter;
mod language;
mod latin;
mod normalise;
mod out_of_scope;
mod requests;
mod romanised;
mod sentiment;
mod sparse_head;
mod stages;
mod tagger;
mod understanding;
mod urgency;
mod words;

pub use classifier::{Classifier, EncoderHead, Fused, Fusion, HeadOutput, OUT_OF_SCOPE};
pub use entities::{
    Builtin, EntityConfig, EntityConfigError, EntityFinder, EntityMoment, ListEntity, ListValue,
    PatternEntity,
};
pub use features::{Featuriser, SparseVector};
pub use intent_model::{
    Blobs, BorrowedBlobs, IntentModel, Manifest, ManifestEncoder, ModelError, borrowed, pack, unpack,
};
pub use interpreter::{Context, Interpreter, Understood};
pub use language::{Language, detect, is_mixed};
pub use latin::LatinModel;
pub use normalise::Normalised;
pub use out_of_scope::{Evidence, OutOfScope};
pub use requests::{Request, requests};
pub use sentiment::SentimentModel;
pub use sparse_head::{SparseHead, Vocabulary, Weighed, Weighted};
pub use stages::{Doubt, Stages};
pub use tagger::{MOST_KINDS, TaggedUnits, Tagger, TaggerRow, TaggerWeights};
pub use understanding::{
    Detected, Entity, Ran, RequestedIntent, Scored, Sentiment, SentimentLabel, Stage, Understanding,
};
pub use urgency::{FiredRule, Urgency, UrgencyError, UrgencyRules};
pub use words::{Word, Words};
