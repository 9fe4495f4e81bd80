//! Entities learned from marked examples: a linear-chain conditional random field over small units of the text.
//!
//! Lafferty, McCallum, Pereira 2001, "Conditional Random Fields: Probabilistic Models for Segmenting and Labeling
//! Sequence Data". Every unit gets a label: outside of everything, the beginning of an entity or its continuation
//! ([`Labels`]). A labelling scores the sum of the weights of its units' features and of its pairs of neighbours; the
//! best one is found exactly (Viterbi).

mod bytes;
mod features;
mod labels;
mod table;
mod units;
mod viterbi;

use serde_json::Value;

pub use crate::tagger::features::TaggedUnits;
pub use crate::tagger::labels::MOST_KINDS;
pub use crate::tagger::table::TaggerRow;

use crate::tagger::labels::Labels;
use crate::tagger::table::Table;
use crate::tagger::viterbi::best_labels;
use crate::understanding::Entity;
use crate::words::Words;

/// Finds the kinds of entities that it was trained on. `training::train_tagger` makes it; it is a value to share.
#[derive(Debug, Clone, PartialEq)]
pub struct Tagger {
    content: String,
    kinds: Vec<String>,
    table: Table,
    /// Scores of neighbouring labels, [`Labels::transition`].
    transitions: Vec<f32>,
}

/// What a training found, from which a [`Tagger`] is made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TaggerWeights {
    /// Tells data and options apart from any other (see `training::tagger_content_hash`).
    pub content: String,
    /// At most [`MOST_KINDS`], each once. The kind with the index k has the labels 1 + 2k (its beginning) and 2 + 2k (its
    /// continuation); label 0 is outside.
    pub kinds: Vec<String>,
    /// Sorted by feature, each once.
    pub rows: Vec<TaggerRow>,
    /// For each label, and last for the beginning of a text: the scores of the labels that follow it.
    pub transitions: Vec<f32>,
}

impl Tagger {
    /// Rounds the weights of features to one byte with one scale for all. `None` where sizes disagree, a kind is empty
    /// or there twice, rows are not sorted or numbers not finite.
    pub fn new(weights: TaggerWeights) -> Option<Self> {
        let labels = Labels::of(&weights.kinds)?;
        let finite = weights.transitions.iter().all(|score| score.is_finite());
        if weights.transitions.len() != labels.transitions() || !finite {
            return None;
        }
        let table = Table::rounded(&weights.rows, labels.count())?;
        Some(Self { content: weights.content, kinds: weights.kinds, table, transitions: weights.transitions })
    }

    /// The kinds of entities that it can find.
    pub fn kinds(&self) -> &[String] {
        &self.kinds
    }

    /// The hash of what it was trained on: equal means that training again would change nothing.
    pub fn content(&self) -> &str {
        &self.content
    }

    /// The entities in order of their place, without overlaps; the value is the text as written. `words` must cut as in
    /// training. Only the first 2000 characters are read; the time is linear in them and about 0.1 ms for a sentence.
    pub fn tag(&self, text: &str, words: &Words) -> Vec<Entity> {
        if self.kinds.is_empty() {
            return Vec::new();
        }
        let units = TaggedUnits::new(text, words);
        let labels = Labels { kinds: self.kinds.len() };
        let scores = self.table.scores(&units, labels.count());
        let found = spans(&units, &best_labels(&scores, &self.transitions, labels));
        let mut characters = text.chars().enumerate().peekable();
        let entities = found.into_iter().map(|(kind, start, end)| {
            while characters.next_if(|(index, _)| *index < start).is_some() {}
            let mut written = String::new();
            while let Some((_, character)) = characters.next_if(|(index, _)| *index < end) {
                written.push(character);
            }
            let value = Value::String(written.clone());
            Entity { kind: self.kinds[kind].clone(), text: written, start, end, value }
        });
        entities.collect()
    }
}

/// The kinds with the scalar values of the original that labels mark.
fn spans(units: &TaggedUnits, labels: &[u8]) -> Vec<(usize, usize, usize)> {
    let mut spans: Vec<(usize, usize, usize)> = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let (start, end) = units.place(index);
        match Labels::kind(*label) {
            None => {}
            Some((kind, true)) => spans.push((kind, start, end)),
            // The labelling is one of those that are allowed, so an entity has begun before.
            Some((_, false)) => {
                if let Some(last) = spans.last_mut() {
                    last.2 = end;
                }
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests;
