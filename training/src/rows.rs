//! The rows that heads are trained on: examples and background, with their features and their part in the training.

use std::collections::BTreeMap;

use models::Embedding;
use ndarray::Array2;
use nlu::{Featuriser, Language, Normalised, OUT_OF_SCOPE, SparseVector, Words};

use crate::dataset::{Dataset, Example, Split, normalised_hash, split_of};
use crate::embed::TextHash;
use crate::train::IntentOptions;

/// What a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Trained on, except by the heads that are measured on this fold.
    Fold(usize),
    Blind,
}

/// Examples and background, prepared once for all heads.
pub(crate) struct Rows {
    pub(crate) labels: Vec<String>,
    pub(crate) out_of_scope: Option<usize>,
    pub(crate) truth: Vec<usize>,
    pub(crate) languages: Vec<Language>,
    pub(crate) parts: Vec<Part>,
    pub(crate) weights: Vec<f32>,
    pub(crate) features: Vec<SparseVector>,
    /// Normalised text and its hash.
    pub(crate) texts: Vec<(String, TextHash)>,
    /// Encoder name and its embeddings of all rows.
    pub(crate) encoded: Vec<(String, Array2<f32>)>,
}

impl Rows {
    pub(crate) fn new(
        dataset: &Dataset,
        background: &[Example],
        words: &Words,
        options: &IntentOptions,
    ) -> Self {
        let folds = options.folds.max(2);
        let examples: Vec<&Example> = dataset.examples().iter().chain(background).collect();
        let mut labels = dataset.labels();
        if !background.is_empty() && !labels.iter().any(|label| label == OUT_OF_SCOPE) {
            labels.push(OUT_OF_SCOPE.to_owned());
        }
        let (texts, features): (Vec<_>, Vec<_>) = prepare(&examples, words).into_iter().unzip();
        let truth: Vec<usize> = examples
            .iter()
            .map(|example| labels.iter().position(|label| *label == example.label).unwrap_or(0))
            .collect();
        let part = |(_, hash): &(String, TextHash)| match split_of(hash) {
            Split::Blind => Part::Blind,
            Split::Train => Part::Fold(usize::from(hash[1]) % folds),
        };
        Self {
            out_of_scope: labels.iter().position(|label| label == OUT_OF_SCOPE),
            languages: examples.iter().map(|example| example.language).collect(),
            parts: texts.iter().map(part).collect(),
            weights: weights(&truth, &examples, options),
            features,
            encoded: Vec::new(),
            labels,
            truth,
            texts,
        }
    }

    /// Rows with labels alone, for tests of what needs no text.
    #[cfg(test)]
    pub(crate) fn of_truth(truth: Vec<usize>) -> Self {
        let rows = truth.len();
        Self {
            labels: Vec::new(),
            out_of_scope: None,
            languages: vec![Language::Unknown; rows],
            parts: vec![Part::Fold(0); rows],
            weights: vec![1.0; rows],
            features: vec![SparseVector::new(); rows],
            texts: Vec::new(),
            encoded: Vec::new(),
            truth,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.truth.len()
    }

    pub(crate) fn add_encoder(&mut self, name: &str, embeddings: &[Embedding]) {
        let dimensions = embeddings.first().map_or(0, |embedding| embedding.len());
        let values = embeddings.iter().flat_map(|embedding| embedding.iter().copied()).collect();
        if let Ok(matrix) = Array2::from_shape_vec((embeddings.len(), dimensions), values) {
            self.encoded.push((name.to_owned(), matrix));
        }
    }

    /// The rows for which `wanted` holds.
    pub(crate) fn indices(&self, wanted: impl Fn(Part) -> bool) -> Vec<usize> {
        (0..self.len()).filter(|index| wanted(self.parts[*index])).collect()
    }

    pub(crate) fn is_blind(&self, row: usize) -> bool {
        self.parts[row] == Part::Blind
    }

    pub(crate) fn is_inside(&self, row: usize) -> bool {
        Some(self.truth[row]) != self.out_of_scope
    }
}

type Prepared = ((String, TextHash), SparseVector);

/// The normalised text, its hash and its features of each example, on all cores.
fn prepare(examples: &[&Example], words: &Words) -> Vec<Prepared> {
    let featuriser = Featuriser::new(words.clone());
    let prepare = |example: &&Example| {
        let text = Normalised::new(&example.text);
        ((text.text().to_owned(), normalised_hash(&text)), featuriser.features(&text))
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let part = examples.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = examples
            .chunks(part)
            .map(|part| scope.spawn(|| part.iter().map(prepare).collect::<Vec<Prepared>>()))
            .collect();
        parts.into_iter().flat_map(|part| part.join().expect("preparing a text does not panic")).collect()
    })
}

/// Weights with mean 1: rare labels and rare languages weigh more, as the options say.
fn weights(truth: &[usize], examples: &[&Example], options: &IntentOptions) -> Vec<f32> {
    let languages: Vec<Language> = examples.iter().map(|example| example.language).collect();
    let labels = rarity(truth, options.balance);
    let weights = labels
        .iter()
        .zip(rarity(&languages, options.language_balance))
        .map(|(label, language)| label * language);
    let weights: Vec<f32> = weights.collect();
    let mean = weights.iter().sum::<f32>() / weights.len().max(1) as f32;
    weights.into_iter().map(|weight| weight / mean).collect()
}

/// For each value (all / rows of that value) to a power: 0 makes them alike, 1 gives each value the same weight in all.
fn rarity<T: Ord>(values: &[T], power: f32) -> Vec<f32> {
    let mut counts: BTreeMap<&T, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    values.iter().map(|value| (values.len() as f32 / counts[value] as f32).powf(power)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_labels_and_languages_weigh_more_as_told() {
        let example =
            |index: usize, label: &str, language| Example::new(format!("text {index}"), label, language);
        let mut examples: Vec<Example> = (0..12).map(|index| example(index, "a", Language::Thai)).collect();
        examples.extend((12..16).map(|index| example(index, "b", Language::English)));
        let dataset = Dataset::new(examples);
        let sums = |balance, language_balance| {
            let options = IntentOptions { balance, language_balance, ..IntentOptions::default() };
            let rows = Rows::new(&dataset, &[], &Words::default(), &options);
            let sum = |label: usize| {
                (0..16).filter(|row| rows.truth[*row] == label).map(|row| rows.weights[row]).sum::<f32>()
            };
            sum(1) / sum(0)
        };
        assert!((sums(0.0, 0.0) - 1.0 / 3.0).abs() < 1e-5);
        assert!((sums(1.0, 0.0) - 1.0).abs() < 1e-5);
        assert!((sums(0.0, 1.0) - 1.0).abs() < 1e-5);
        assert!((sums(1.0, 1.0) - 3.0).abs() < 1e-4);
    }
}
