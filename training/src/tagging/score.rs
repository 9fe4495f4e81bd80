//! How well spans are found.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::dataset::MarkedSpan;

/// Found spans against expected ones. A span is right where its start, its end and its kind are, as CoNLL 2003 counts.
/// Precision, recall and F1 are 0 to 1, over all spans alike (micro average); 0 where nothing was found or expected.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SpanEvaluation {
    pub examples: usize,
    pub expected: usize,
    pub found: usize,
    pub right: usize,
    pub precision: f32,
    pub recall: f32,
    pub f1: f32,
    /// By kind, in order.
    pub kinds: Vec<KindScore>,
}

/// The same for one kind of entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KindScore {
    pub kind: String,
    pub expected: usize,
    pub found: usize,
    pub right: usize,
    pub precision: f32,
    pub recall: f32,
    pub f1: f32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    expected: usize,
    found: usize,
    right: usize,
}

/// Scores texts, each with what was expected and what was found in it.
pub fn evaluate_spans<'s>(
    texts: impl Iterator<Item = (&'s [MarkedSpan], &'s [MarkedSpan])>,
) -> SpanEvaluation {
    let mut kinds: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut evaluation = SpanEvaluation::default();
    for (expected, found) in texts {
        evaluation.examples += 1;
        for span in expected {
            kinds.entry(&span.entity).or_default().expected += 1;
        }
        for span in found {
            let tally = kinds.entry(&span.entity).or_default();
            tally.found += 1;
            tally.right += usize::from(expected.contains(span));
        }
    }
    let sum = |part: fn(&Tally) -> usize| kinds.values().map(part).sum();
    let all = Tally {
        expected: sum(|tally| tally.expected),
        found: sum(|tally| tally.found),
        right: sum(|tally| tally.right),
    };
    (evaluation.expected, evaluation.found, evaluation.right) = (all.expected, all.found, all.right);
    (evaluation.precision, evaluation.recall, evaluation.f1) = all.shares();
    evaluation.kinds = kinds.into_iter().map(|(kind, tally)| tally.of_kind(kind)).collect();
    evaluation
}

impl Tally {
    /// Precision, recall and their harmonic mean.
    fn shares(self) -> (f32, f32, f32) {
        let share = |of: usize, all: usize| if all == 0 { 0.0 } else { of as f32 / all as f32 };
        let f1 = share(2 * self.right, self.expected + self.found);
        (share(self.right, self.found), share(self.right, self.expected), f1)
    }

    fn of_kind(self, kind: &str) -> KindScore {
        let Self { expected, found, right } = self;
        let (precision, recall, f1) = self.shares();
        KindScore { kind: kind.to_owned(), expected, found, right, precision, recall, f1 }
    }
}
