//! Training the tagger of a bot's own entities from texts with marked spans.

mod likelihood;
mod problem;
mod score;

use std::collections::BTreeMap;

use nlu::{Entity, MOST_KINDS, Tagger, TaggerRow, TaggerWeights, Words};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use crate::tagging::score::{KindScore, SpanEvaluation, evaluate_spans};

use crate::dataset::{Example, MarkedSpan, Split, hexadecimal, split_of, text_hash};
use crate::error::TrainingError;
use crate::lbfgs::{Stop, minimise};
use crate::tagging::likelihood::Likelihood;
use crate::tagging::problem::Problem;
use crate::train::Progress;

/// A text with everything that should be found in it marked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MarkedExample {
    pub text: String,
    /// Without overlaps. A span that overlaps one before it is not learned.
    pub spans: Vec<MarkedSpan>,
}

impl MarkedExample {
    /// `ส่ง[พรุ่งนี้](date)` is the text ส่งพรุ่งนี้ with one span (see [`Example::parse_marked`]).
    pub fn parse(marked: &str) -> Self {
        let (text, spans) = Example::parse_marked(marked);
        Self { text, spans }
    }
}

/// How a tagger is trained. The defaults were chosen on the development split of Facebook's Thai slots.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TaggerOptions {
    /// Penalty of half the squared length of the weights, against the log-likelihood of all texts.
    pub penalty: f32,
    /// Features of fewer texts are not learned.
    pub least_texts: usize,
    /// Most steps of the optimiser.
    pub steps: usize,
}

impl Default for TaggerOptions {
    fn default() -> Self {
        Self { penalty: 2.0, least_texts: 1, steps: 120 }
    }
}

/// What a training of a tagger found out about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaggerReport {
    /// Hash of data, options and words: the tagger's `content`.
    pub content: String,
    /// Texts, each counted once.
    pub examples: usize,
    /// Marked spans of these texts.
    pub spans: usize,
    /// Spans that were not learned: outside of the text or its first 2000 characters, or over another span.
    pub unusable: usize,
    /// Kinds that were not learned, because a tagger has at most [`MOST_KINDS`]: those with the fewest spans.
    pub left_out: Vec<String>,
    /// On the blind fifth, by a tagger that had not seen it.
    pub blind: SpanEvaluation,
}

/// What [`train_tagger`] would write as the tagger's content: equal means that training again changes nothing.
pub fn tagger_content_hash(examples: &[MarkedExample], options: &TaggerOptions, words: &Words) -> String {
    content_hash(&unique(examples), options, words)
}

/// Trains on examples with and without spans; both say what an entity is. Learns from the others to measure on the
/// blind fifth, then from all. The order of the examples does not matter. Deterministic; blocks; uses up to four cores.
pub fn train_tagger(
    examples: &[MarkedExample],
    options: &TaggerOptions,
    words: &Words,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(Tagger, TaggerReport), TrainingError> {
    let examples = unique(examples);
    let (kinds, left_out) = kinds(&examples);
    if kinds.is_empty() {
        return Err(TrainingError::NothingMarked);
    }
    let content = content_hash(&examples, options, words);
    let fit = |part: &[&MarkedExample], before: usize| {
        let problem = Problem::new(part, &kinds, words, options.least_texts);
        let tell = |step: usize| {
            let done = before + step.min(options.steps);
            progress(Progress::Fitting { done, total: 2 * options.steps });
        };
        let tagger = fit(&problem, options, &tell, (&content, &kinds));
        tell(options.steps);
        (tagger, problem.unusable)
    };
    let (blind, seen): (Vec<&MarkedExample>, Vec<&MarkedExample>) =
        examples.iter().partition(|example| split_of(&text_hash(&example.text)) == Split::Blind);
    let (measured, _) = fit(&seen, 0);
    let (tagger, unusable) = fit(&examples.iter().collect::<Vec<_>>(), options.steps);
    let report = TaggerReport {
        content: content.clone(),
        examples: examples.len(),
        spans: examples.iter().map(|example| example.spans.len()).sum(),
        unusable,
        left_out,
        blind: measure_tagger(&measured, &blind, words),
    };
    Ok((tagger, report))
}

/// What a tagger finds in texts against what is marked in them.
pub fn measure_tagger(tagger: &Tagger, examples: &[&MarkedExample], words: &Words) -> SpanEvaluation {
    let span = |entity: Entity| MarkedSpan { start: entity.start, end: entity.end, entity: entity.kind };
    let found: Vec<Vec<MarkedSpan>> = examples
        .iter()
        .map(|example| tagger.tag(&example.text, words).into_iter().map(span).collect())
        .collect();
    let pairs = examples.iter().zip(&found);
    evaluate_spans(pairs.map(|(example, found)| (example.spans.as_slice(), found.as_slice())))
}

/// Sorted, each once.
fn unique(examples: &[MarkedExample]) -> Vec<MarkedExample> {
    let mut examples = examples.to_vec();
    for example in &mut examples {
        example.spans.sort();
    }
    examples.sort();
    examples.dedup();
    examples
}

fn content_hash(examples: &[MarkedExample], options: &TaggerOptions, words: &Words) -> String {
    let mut hash = Sha256::new();
    hash.update(b"tagger 1\n");
    hash.update(words.fingerprint().to_le_bytes());
    hash.update(serde_json::to_vec(&(options, examples)).expect("examples have only text keys"));
    hexadecimal(&hash.finalize())
}

/// The kinds that are learned, and those beyond the most that can be: each in order of their names.
fn kinds(examples: &[MarkedExample]) -> (Vec<String>, Vec<String>) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for span in examples.iter().flat_map(|example| &example.spans).filter(|span| !span.entity.is_empty()) {
        *counts.entry(&span.entity).or_default() += 1;
    }
    let mut names: Vec<&str> = counts.keys().copied().collect();
    names.sort_by_key(|name| std::cmp::Reverse(counts[name]));
    let mut left_out = names.split_off(names.len().min(MOST_KINDS));
    names.sort_unstable();
    left_out.sort_unstable();
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    (owned(names), owned(left_out))
}

/// The weights that make the marks of the problem most probable, less their penalty.
fn fit(
    problem: &Problem,
    options: &TaggerOptions,
    tell: &dyn Fn(usize),
    (content, kinds): (&str, &[String]),
) -> Tagger {
    let likelihood = Likelihood::new(problem, options.penalty);
    let mut asked = 0;
    let value = |weights: &[f32], gradient: &mut [f32]| {
        tell(asked);
        asked += 1;
        likelihood.value(weights, gradient)
    };
    let stop = Stop { iterations: options.steps, decrease: 1e-5 };
    let weights = minimise(value, vec![0.0; problem.weights()], stop);
    let (pairs, transitions) = weights.split_at(problem.pairs());
    let rows = (0..problem.features.len()).map(|row| {
        let pairs = problem.row(row).map(|pair| (problem.pair_labels[pair], pairs[pair]));
        TaggerRow { feature: problem.features[row], weights: pairs.collect() }
    });
    Tagger::new(TaggerWeights {
        content: content.to_owned(),
        kinds: kinds.to_vec(),
        rows: rows.collect(),
        transitions: transitions.to_vec(),
    })
    .expect("the sizes were made together and the optimiser keeps numbers finite")
}

#[cfg(test)]
mod tests;
