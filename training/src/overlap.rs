//! Which intents lie close to each other: examples of one that are nearest to examples of another.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use ndarray::{Array2, Axis, Slice};
use nlu::{Featuriser, Normalised, OUT_OF_SCOPE, SparseVector};
use serde::Serialize;

use crate::dataset::{Dataset, Example, text_hash};
use crate::embed::embed;
use crate::train::{Progress, Resources};

/// Examples that are compared at most; more are left out by the hash of their text.
const COMPARED: usize = 8_000;
/// Rows of a block of similarities: 512 by 8,000 is 16 MB.
const BLOCK: usize = 512;
/// Pairs of texts that are shown for two intents.
const SHOWN: usize = 3;

/// Two intents with what lies closest between them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overlap {
    pub left: String,
    pub right: String,
    /// Examples of either whose nearest neighbour belongs to the other.
    pub crossing: usize,
    /// The nearest pairs, nearest first.
    pub pairs: Vec<NearPair>,
}

/// A text of the left intent and one of the right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NearPair {
    pub left: String,
    pub right: String,
    /// Cosine, after the mean of all examples was subtracted; 1 is the same text.
    pub similarity: f32,
}

/// Pairs of intents that have crossing examples or nearly equal ones, those with most first. Compares by the last encoder
/// that works, which knows most, or by n-grams where there is none.
pub fn overlaps(
    dataset: &Dataset,
    resources: &mut Resources<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Vec<Overlap> {
    let mut examples: Vec<&Example> =
        dataset.examples().iter().filter(|example| example.label != OUT_OF_SCOPE).collect();
    examples.sort_by_cached_key(|example| text_hash(&example.text));
    examples.truncate(COMPARED);
    let mut nearest = Nearest::new(&examples);
    match embedded(&examples, resources, progress) {
        Some(rows) => nearest.by_embedding(&rows),
        None => nearest.by_ngrams(resources),
    }
    nearest.overlaps()
}

/// Embeddings without their mean, of length 1.
fn embedded(
    examples: &[&Example],
    resources: &mut Resources<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Option<Array2<f32>> {
    let text = |one: &&Example| (Normalised::new(&one.text).text().to_owned(), text_hash(&one.text));
    let texts: Vec<_> = examples.iter().map(text).collect();
    let embeddings = resources
        .encoders
        .iter()
        .rev()
        .find_map(|encoder| embed(encoder.as_ref(), &texts, resources.cache, progress).ok())?;
    let dimensions = embeddings.first()?.len();
    let values: Vec<f32> = embeddings.iter().flat_map(|embedding| embedding.iter().copied()).collect();
    let mut rows = Array2::from_shape_vec((embeddings.len(), dimensions), values).ok()?;
    let mean = rows.mean_axis(Axis(0))?;
    for mut row in rows.rows_mut() {
        row -= &mean;
        let length = row.dot(&row).sqrt().max(f32::MIN_POSITIVE);
        row /= length;
    }
    Some(rows)
}

/// Two examples by their places, and how near they are.
type Pair = (usize, usize, f32);

/// The nearest neighbours found so far.
struct Nearest<'e> {
    examples: &'e [&'e Example],
    /// Of each example its nearest other: which one, and how near.
    neighbours: Vec<(usize, f32)>,
    /// By the labels of a pair, in order, its nearest pairs.
    pairs: BTreeMap<(&'e str, &'e str), Vec<Pair>>,
}

impl<'e> Nearest<'e> {
    fn new(examples: &'e [&'e Example]) -> Self {
        let neighbours = vec![(usize::MAX, f32::NEG_INFINITY); examples.len()];
        Self { examples, neighbours, pairs: BTreeMap::new() }
    }

    fn by_embedding(&mut self, rows: &Array2<f32>) {
        for start in (0..rows.nrows()).step_by(BLOCK) {
            let end = (start + BLOCK).min(rows.nrows());
            let block = rows.slice_axis(Axis(0), Slice::from(start..end));
            let similarities = block.dot(&rows.slice_axis(Axis(0), Slice::from(start..)).t());
            for (left, row) in (start..end).zip(similarities.rows()) {
                for (right, similarity) in (start..).zip(row).skip(left + 1 - start) {
                    self.meet(left, right, *similarity);
                }
            }
        }
    }

    /// Only examples that share an n-gram are compared.
    fn by_ngrams(&mut self, resources: &Resources<'_>) {
        let featuriser = Featuriser::new(resources.words.clone());
        let rows: Vec<SparseVector> =
            self.examples.iter().map(|one| featuriser.features(&Normalised::new(&one.text))).collect();
        let mut holders: HashMap<u32, Vec<(usize, f32)>> = HashMap::new();
        for (right, row) in rows.iter().enumerate() {
            let mut products: HashMap<usize, f32> = HashMap::new();
            for (feature, value) in row {
                let held = holders.entry(*feature).or_default();
                for (left, other) in held.iter() {
                    *products.entry(*left).or_default() += value * other;
                }
                held.push((right, *value));
            }
            let mut products: Vec<(usize, f32)> = products.into_iter().collect();
            products.sort_by_key(|(left, _)| *left);
            for (left, product) in products {
                self.meet(left, right, product / (length(&rows[left]) * length(row)).max(f32::MIN_POSITIVE));
            }
        }
    }

    fn meet(&mut self, left: usize, right: usize, similarity: f32) {
        for (one, other) in [(left, right), (right, left)] {
            if similarity > self.neighbours[one].1 {
                self.neighbours[one] = (other, similarity);
            }
        }
        let (one, other) = (self.examples[left].label.as_str(), self.examples[right].label.as_str());
        if one == other {
            return;
        }
        let (key, pair) = if one < other {
            ((one, other), (left, right, similarity))
        } else {
            ((other, one), (right, left, similarity))
        };
        let pairs = self.pairs.entry(key).or_default();
        let place = pairs.partition_point(|known| known.2 >= similarity);
        if place < SHOWN {
            pairs.insert(place, pair);
            pairs.truncate(SHOWN);
        }
    }

    fn overlaps(self) -> Vec<Overlap> {
        let label = |index: usize| self.examples[index].label.as_str();
        let mut crossing: HashMap<(&str, &str), usize> = HashMap::new();
        for (index, (neighbour, _)) in self.neighbours.iter().enumerate() {
            if self.examples.get(*neighbour).is_some_and(|other| other.label != label(index)) {
                let (one, other) = (label(index), label(*neighbour));
                *crossing.entry((one.min(other), one.max(other))).or_default() += 1;
            }
        }
        let shown = |(left, right, similarity): &(usize, usize, f32)| NearPair {
            left: self.examples[*left].text.clone(),
            right: self.examples[*right].text.clone(),
            similarity: *similarity,
        };
        let mut overlaps: Vec<Overlap> = self
            .pairs
            .iter()
            .map(|(key, pairs)| Overlap {
                left: key.0.to_owned(),
                right: key.1.to_owned(),
                crossing: crossing.get(key).copied().unwrap_or_default(),
                pairs: pairs.iter().map(shown).collect(),
            })
            .filter(|overlap| overlap.crossing > 0)
            .collect();
        overlaps.sort_by_key(|overlap| Reverse(overlap.crossing));
        overlaps
    }
}

fn length(row: &SparseVector) -> f32 {
    row.iter().map(|(_, value)| value * value).sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use models::{Encode, HashEncoder};
    use nlu::{Language, Words};

    use super::*;
    use crate::embed::MemoryCache;

    fn check(encoders: &[Arc<dyn Encode>]) {
        let examples = [
            ("where is my parcel", "track"),
            ("where is my parcel now", "delivery"),
            ("track my order", "track"),
            ("when are you open", "hours"),
            ("when are you open today", "hours"),
        ];
        let examples = examples.map(|(text, label)| Example::new(text, label, Language::English));
        let (words, mut cache) = (Words::default(), MemoryCache::default());
        let mut resources = Resources { words: &words, encoders, cache: &mut cache };
        let found = overlaps(&Dataset::new(examples.to_vec()), &mut resources, &|_| {});
        let first = &found[0];
        assert_eq!(
            (first.left.as_str(), first.right.as_str(), first.crossing > 1),
            ("delivery", "track", true)
        );
        assert_eq!(
            (first.pairs[0].left.as_str(), first.pairs[0].right.as_str()),
            ("where is my parcel now", "where is my parcel")
        );
        assert!(first.pairs.windows(2).all(|pair| pair[0].similarity >= pair[1].similarity));
        assert!(found.iter().all(|one| one.left != "hours" || one.crossing > 0));
    }

    #[test]
    fn near_examples_of_two_intents_are_found() {
        check(&[]);
        check(&[Arc::new(HashEncoder::new(256))]);
    }
}
