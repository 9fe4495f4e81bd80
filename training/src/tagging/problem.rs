//! Marked examples as the numbers that training works on.

use std::ops::Range;

use nlu::{TaggedUnits, Words};

use crate::tagging::MarkedExample;

/// Texts with the true label of every unit. There is one weight for each pair of a feature and a label that occur
/// together, then one for each pair of neighbouring labels.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) labels: usize,
    pub(super) texts: Vec<Text>,
    /// Sorted.
    pub(super) features: Vec<u32>,
    /// The label of each pair; the pairs of a feature lie together, sorted by label.
    pub(super) pair_labels: Vec<u8>,
    /// Where the pairs of each feature end.
    ends: Vec<u32>,
    /// Spans that could not be learned.
    pub(super) unusable: usize,
}

#[derive(Debug)]
pub(super) struct Text {
    /// The true labels, as [`nlu::TaggerWeights::kinds`] numbers them.
    pub(super) labels: Vec<u8>,
    /// The features of all units, as places in [`Problem::features`].
    rows: Vec<u32>,
    ends: Vec<u32>,
}

impl Text {
    /// The features of a unit.
    pub(super) fn rows(&self, unit: usize) -> &[u32] {
        let start = unit.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.rows[start as usize..self.ends[unit] as usize]
    }
}

impl Problem {
    /// Features of fewer than `least_texts` texts are left out.
    pub(super) fn new(
        examples: &[&MarkedExample],
        kinds: &[String],
        words: &Words,
        least_texts: usize,
    ) -> Self {
        let units: Vec<TaggedUnits> =
            examples.iter().map(|example| TaggedUnits::new(&example.text, words)).collect();
        let features = features(&units, least_texts);
        let mut problem = Self {
            labels: 1 + 2 * kinds.len(),
            texts: Vec::with_capacity(examples.len()),
            features,
            pair_labels: Vec::new(),
            ends: Vec::new(),
            unusable: 0,
        };
        for (example, units) in examples.iter().zip(&units) {
            let (labels, unusable) = labels(example, units, kinds);
            problem.unusable += unusable;
            let text = problem.text(units, labels);
            problem.texts.push(text);
        }
        problem.find_pairs();
        problem
    }

    /// How many pairs of a feature and a label there are.
    pub(super) fn pairs(&self) -> usize {
        self.pair_labels.len()
    }

    pub(super) fn weights(&self) -> usize {
        self.pairs() + (self.labels + 1) * self.labels
    }

    /// The pairs of a feature.
    pub(super) fn row(&self, row: usize) -> Range<usize> {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        start as usize..self.ends[row] as usize
    }

    fn text(&self, units: &TaggedUnits, labels: Vec<u8>) -> Text {
        let mut text = Text { labels, rows: Vec::new(), ends: Vec::with_capacity(units.len()) };
        for unit in 0..units.len() {
            let known =
                units.features(unit).iter().filter_map(|feature| self.features.binary_search(feature).ok());
            text.rows.extend(known.map(|row| row as u32));
            text.ends.push(text.rows.len() as u32);
        }
        text
    }

    fn find_pairs(&mut self) {
        let mut pairs: Vec<(u32, u8)> = Vec::new();
        for text in &self.texts {
            for (unit, label) in text.labels.iter().enumerate() {
                pairs.extend(text.rows(unit).iter().map(|row| (*row, *label)));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        // Every feature is one of some unit, so every row has a pair.
        self.ends = pairs.chunk_by(|left, right| left.0 == right.0).map(|row| row.len() as u32).collect();
        let mut end = 0;
        for length in &mut self.ends {
            end += *length;
            *length = end;
        }
        self.pair_labels = pairs.into_iter().map(|(_, label)| label).collect();
    }
}

/// The features that enough texts have, sorted.
fn features(units: &[TaggedUnits], least_texts: usize) -> Vec<u32> {
    let mut all: Vec<u32> = Vec::new();
    for units in units {
        let mut features: Vec<u32> =
            (0..units.len()).flat_map(|unit| units.features(unit)).copied().collect();
        features.sort_unstable();
        features.dedup();
        all.extend(features);
    }
    all.sort_unstable();
    let runs = all.chunk_by(|left, right| left == right);
    runs.filter(|run| run.len() >= least_texts).map(|run| run[0]).collect()
}

/// The label of each unit, and how many spans have none: a span has the units that begin in it.
fn labels(example: &MarkedExample, units: &TaggedUnits, kinds: &[String]) -> (Vec<u8>, usize) {
    let mut labels = vec![0; units.len()];
    let mut unusable = 0;
    for span in &example.spans {
        let inside: Vec<usize> =
            (0..units.len()).filter(|unit| (span.start..span.end).contains(&units.place(*unit).0)).collect();
        let free = inside.iter().all(|unit| labels[*unit] == 0);
        let Some(kind) = kinds.binary_search(&span.entity).ok().filter(|_| free && !inside.is_empty()) else {
            unusable += 1;
            continue;
        };
        for (place, unit) in inside.into_iter().enumerate() {
            labels[unit] = (1 + 2 * kind + usize::from(place > 0)) as u8;
        }
    }
    (labels, unusable)
}
