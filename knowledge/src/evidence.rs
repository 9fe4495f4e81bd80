//! What speaks for each passage of an index, for one query.

use models::Embedding;

use crate::bm25::{Matches, Terms, idf};
use crate::index::{Catalogue, Index, IndexError, primary};
use crate::search::{Features, Likeness, Query};
use crate::vectors::VectorTable;
use crate::weights::{Family, Weights};

/// Everything by passage, in the index's order.
pub(crate) struct Evidence {
    matches: Matches,
    cosines: Vec<Cosines>,
    scores: Vec<Score>,
    /// How much title and questions count in BM25 here.
    asks: f32,
}

/// What one encoder says of each passage.
struct Cosines {
    encoder: String,
    /// The cosine with the passage.
    texts: Vec<Option<f32>>,
    /// The cosine with the nearest of its article's title and questions.
    asks: Vec<Option<f32>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Score {
    whole: f32,
    /// Without title and questions.
    own_text: f32,
}

/// Cosines that differ less than this over all passages tell nothing.
const LEAST_COSINE_DEVIATION: f32 = 0.001;

impl Evidence {
    pub(crate) fn gather(index: &Index, query: &Query, terms: &Terms) -> Result<Self, IndexError> {
        let matches = index.catalogue.bm25.matches(terms)?;
        let tables = index.tables.iter();
        let cosines: Vec<_> = tables
            .filter_map(|(encoder, table)| {
                Cosines::scan(&index.catalogue, encoder, table, query.embeddings.get(encoder)?)
            })
            .collect();
        let weights = &index.weights;
        let asks = if cosines.is_empty() { weights.asks } else { weights.asks_with_encoder };
        let mut evidence = Self { matches, cosines, scores: Vec::new(), asks };
        evidence.scores = evidence.weigh(&index.catalogue, weights, &query.language);
        Ok(evidence)
    }

    pub(crate) fn score(&self, passage: usize) -> f32 {
        self.scores[passage].whole
    }

    /// Whether anything but chance speaks for the passage.
    pub(crate) fn is_any(&self, passage: usize) -> bool {
        !self.cosines.is_empty() || self.matches.passages[passage].is_any()
    }

    /// What the passage's score is made of.
    pub(crate) fn features(&self, index: &Index, passage: usize) -> Features {
        let pool = &index.catalogue.passages_by_language[&index.catalogue.passages[passage].language];
        let rarest = idf(0.0, pool.len() as f32);
        let found = &self.matches.passages[passage];
        let likeness = |cosines: &Cosines| Some((cosines.encoder.clone(), cosines.likeness(passage, pool)?));
        Features {
            words: found.words(self.asks) / rarest,
            grams: found.grams(self.asks) / rarest,
            coverage: found.coverage,
            likeness: self.cosines.iter().filter_map(likeness).collect(),
            own_text: self.scores[passage].own_text,
            ..Features::default()
        }
    }

    /// The weighted sums that [`Weights`] describes.
    fn weigh(&self, catalogue: &Catalogue, weights: &Weights, asker: &str) -> Vec<Score> {
        let encoders: Vec<_> = self.cosines.iter().map(|cosines| Family::of(&cosines.encoder)).collect();
        let bm25 = weights.words_beside(&encoders);
        let (words, grams) = (bm25 * (1.0 - weights.grams), bm25 * weights.grams);
        let found = &self.matches.passages;
        let mut scores = vec![Score::default(); found.len()];
        for (language, passages) in &catalogue.passages_by_language {
            let totals = self.matches.totals.get(language).copied().unwrap_or_default();
            let least = |total: f32| weights.least_deviation * total * (1.0 + self.asks);
            let (asks, least_words, least_grams) = (self.asks, least(totals.words), least(totals.grams));
            let mut pool = Pool { passages, scores: &mut scores };
            pool.add_whole(words, least_words, |passage| Some(found[passage].words(asks)));
            pool.add_own_text(words, least_words, |passage| Some(found[passage].text_words));
            pool.add_whole(grams, least_grams, |passage| Some(found[passage].grams(asks)));
            pool.add_own_text(grams, least_grams, |passage| Some(found[passage].text_grams));
            let is_foreign = primary(language) != primary(asker);
            let boost = if is_foreign { 1.0 + weights.foreign_cosine * bm25 } else { 1.0 };
            for (cosines, family) in self.cosines.iter().zip(&encoders) {
                let weight = boost * weights.cosine_beside(*family, &encoders);
                let (of_asks, of_text) = (weight * weights.asks_cosine, weight * (1.0 - weights.asks_cosine));
                pool.add_whole(of_text, LEAST_COSINE_DEVIATION, |passage| cosines.texts[passage]);
                pool.add_own_text(of_text, LEAST_COSINE_DEVIATION, |passage| cosines.texts[passage]);
                pool.add_whole(of_asks, LEAST_COSINE_DEVIATION, |passage| cosines.asks[passage]);
            }
        }
        scores
    }
}

impl Cosines {
    /// `None` where the query's embedding does not fit the table.
    fn scan(catalogue: &Catalogue, encoder: &str, table: &VectorTable, query: &Embedding) -> Option<Self> {
        let all = table.cosines(query);
        let (texts, asks) = all.split_at_checked(catalogue.passages.len())?;
        let mut nearest: Vec<Option<f32>> = vec![None; catalogue.articles.len()];
        for (article, cosine) in catalogue.asked_of.iter().zip(asks) {
            nearest[*article] = larger(nearest[*article], *cosine);
        }
        let asks = catalogue.article_of.iter().map(|article| nearest[*article]).collect();
        Some(Self { encoder: encoder.to_owned(), texts: texts.to_vec(), asks })
    }

    fn likeness(&self, passage: usize, pool: &[usize]) -> Option<Likeness> {
        let (text, asks) = (self.texts[passage]?, self.asks[passage]?);
        let passage_rise = text - mean(pool.iter().filter_map(|passage| self.texts[*passage]));
        let asks_rise = asks - mean(pool.iter().filter_map(|passage| self.asks[*passage]));
        Some(Likeness { cosine: text.max(asks), passage_rise, asks_rise })
    }
}

fn mean(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0_f32));
    sum / count.max(1.0)
}

fn larger(left: Option<f32>, right: Option<f32>) -> Option<f32> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.max(right)),
        (one, other) => one.or(other),
    }
}

/// The passages of one language, among which evidence is compared.
struct Pool<'a> {
    passages: &'a [usize],
    scores: &'a mut [Score],
}

impl Pool<'_> {
    fn add_whole(&mut self, weight: f32, least_deviation: f32, value: impl Fn(usize) -> Option<f32>) {
        for (passage, z) in z_scores(self.passages, least_deviation, value) {
            self.scores[passage].whole += weight * z;
        }
    }

    fn add_own_text(&mut self, weight: f32, least_deviation: f32, value: impl Fn(usize) -> Option<f32>) {
        for (passage, z) in z_scores(self.passages, least_deviation, value) {
            self.scores[passage].own_text += weight * z;
        }
    }
}

/// Each present value's distance from the mean in standard deviations of at least `least_deviation`; nothing where all
/// are equal.
fn z_scores(pool: &[usize], least_deviation: f32, value: impl Fn(usize) -> Option<f32>) -> Vec<(usize, f32)> {
    let present: Vec<_> = pool.iter().filter_map(|passage| Some((*passage, value(*passage)?))).collect();
    let count = present.len().max(1) as f32;
    let mean = present.iter().map(|(_, value)| value).sum::<f32>() / count;
    let variance = present.iter().map(|(_, value)| (value - mean).powi(2)).sum::<f32>() / count;
    if variance <= 0.0 {
        return Vec::new();
    }
    let deviation = variance.sqrt().max(least_deviation);
    present.into_iter().map(|(passage, value)| (passage, (value - mean) / deviation)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[Option<f32>], least_deviation: f32, expected: &[(usize, f32)]) {
        let pool: Vec<usize> = (0..values.len()).collect();
        let found = z_scores(&pool, least_deviation, |passage| values[passage]);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((passage, z), (expected_passage, expected_z)) in found.iter().zip(expected) {
            assert!(passage == expected_passage && (z - expected_z).abs() < 1e-5, "{found:?}");
        }
    }

    #[test]
    fn distances_are_from_the_mean_of_what_is_there() {
        check(&[Some(1.0), Some(3.0)], 0.0, &[(0, -1.0), (1, 1.0)]);
        check(&[Some(1.0), None, Some(3.0)], 0.0, &[(0, -1.0), (2, 1.0)]);
        check(&[Some(1.0), Some(3.0)], 2.0, &[(0, -0.5), (1, 0.5)]);
        check(&[Some(2.0), Some(2.0)], 0.0, &[]);
        check(&[None, None], 0.0, &[]);
        check(&[], 0.0, &[]);
    }
}
