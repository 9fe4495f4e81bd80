//! Finding passages by words, character n-grams and vectors at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use models::Embedding;
use serde::Serialize;

use crate::article::Article;
use crate::bm25::{Matches, Terms, idf};
use crate::index::{Index, IndexError, primary};
use crate::passages::Passage;
use crate::terms::terms;
use crate::weights::Family;

/// What somebody wants to know.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// As it was written; nothing in it is syntax. What comes after the first 2,000 characters is not read.
    pub text: String,
    /// BCP 47 code of the language in which to answer.
    pub language: String,
    /// Embeddings of the text by encoder name, made for queries; those without vectors in the index are ignored.
    pub embeddings: BTreeMap<String, Embedding>,
    /// Most hits wanted; 10 or more where the hits are to be answered from.
    pub limit: usize,
}

/// A passage and what speaks for it.
#[derive(Debug, Clone)]
pub struct Hit {
    pub passage: Arc<Passage>,
    pub article: Arc<Article>,
    /// Comparable among the hits of one query only.
    pub score: f32,
    pub features: Features,
}

/// What a hit's score is made of.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Features {
    /// BM25 of words, over the passage, its headings, and the article's title and questions; 1 is about as much as one
    /// word that no other passage has.
    pub words: f32,
    /// BM25 of character n-grams over the same, in the same unit.
    pub grams: f32,
    /// The share of the query's words, weighted by rarity, that the passage or its article's questions have; 0 to 1.
    pub coverage: f32,
    /// By encoder, how near the query's meaning is.
    pub likeness: BTreeMap<String, Likeness>,
    /// How well the passage's own text fits, without title and questions, in the unit of the score.
    pub own_text: f32,
    /// The query is a title or question of the article, to the word.
    pub is_exact: bool,
    /// The article is not there in the asker's language.
    pub is_foreign: bool,
    /// A translation of the article fits better than the version that the asker gets, and the score is the translation's.
    pub by_translation: bool,
}

/// What the vectors of one encoder say. Rises are above the mean over all passages of the language, which makes them
/// comparable between queries and languages where cosines are not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Likeness {
    /// The cosine with the passage, or with the nearest of title and questions if that is more.
    pub cosine: f32,
    /// The rise of the cosine with the passage.
    pub passage_rise: f32,
    /// The rise of the cosine with the nearest of title and questions.
    pub asks_rise: f32,
}

/// At most this many hits are of one article, so that a list of ten shows four articles or more.
const HITS_OF_ONE_ARTICLE: usize = 3;
/// Added to the score of an article that is asked for in its own words.
const EXACT: f32 = 10.0;
/// Cosines that differ less than this over all passages tell nothing.
const LEAST_COSINE_DEVIATION: f32 = 0.001;
const LONGEST_QUERY_CHARS: usize = 2_000;
const MOST_WORDS: usize = 64;
const MOST_GRAMS: usize = 256;

impl Index {
    /// The best passages, best first. Each article is there in one language only: the asker's, else English, else any;
    /// its translations still help to find it. Takes well under 2 ms for a hundred articles.
    pub fn search(&self, query: &Query) -> Result<Vec<Hit>, IndexError> {
        let terms = self.query_terms(&query.text);
        // A text without a letter or digit asks nothing, whatever an encoder makes of it.
        if terms.grams.is_empty() {
            return Ok(Vec::new());
        }
        let matches = self.shelf.bm25.matches(&terms)?;
        let cosines = self.cosines(query);
        let scores = self.scores(&matches, &cosines, &query.language);
        let mut ranked = self.in_readers_language(&scores, &query.language);
        let exact = self.shelf.asked.get(&terms.key());
        for entry in &mut ranked {
            let article = &self.shelf.passages[entry.passage].article;
            entry.is_exact = exact.is_some_and(|articles| articles.contains(article));
            entry.score += if entry.is_exact { EXACT } else { 0.0 };
        }
        ranked.retain(|entry| {
            !cosines.is_empty()
                || entry.is_exact
                || entry.by_translation
                || matches.passages[entry.passage].is_any()
        });
        ranked
            .sort_by(|left, right| right.score.total_cmp(&left.score).then(left.passage.cmp(&right.passage)));
        let mut of_article: BTreeMap<usize, usize> = BTreeMap::new();
        ranked.retain(|entry| {
            let count = of_article.entry(self.shelf.article_of[entry.passage]).or_default();
            *count += 1;
            *count <= HITS_OF_ONE_ARTICLE
        });
        ranked.truncate(query.limit);
        let hit = |entry| self.hit(entry, &query.language, &matches, (&cosines, &scores));
        Ok(ranked.iter().map(hit).collect())
    }

    fn query_terms(&self, text: &str) -> Terms {
        let end = text.char_indices().nth(LONGEST_QUERY_CHARS).map_or(text.len(), |(at, _)| at);
        let terms = terms(&text[..end], &self.shelf.words);
        Terms { words: unique(terms.words, MOST_WORDS), grams: unique(terms.grams, MOST_GRAMS) }
    }

    /// The cosines of each passage by encoder.
    fn cosines(&self, query: &Query) -> Vec<Cosines> {
        let shelf = &self.shelf;
        let tables = self.tables.iter().filter_map(|(encoder, table)| {
            let all = table.cosines(query.embeddings.get(encoder)?);
            let (texts, asks) = all.split_at_checked(shelf.passages.len())?;
            let mut best_ask: Vec<Option<f32>> = vec![None; shelf.articles.len()];
            for (article, cosine) in shelf.asked_of.iter().zip(asks) {
                best_ask[*article] = larger(best_ask[*article], *cosine);
            }
            let asks = shelf.article_of.iter().map(|article| best_ask[*article]).collect();
            Some(Cosines { encoder: encoder.clone(), texts: texts.to_vec(), asks })
        });
        tables.collect()
    }

    fn scores(&self, matches: &Matches, cosines: &[Cosines], asker: &str) -> Vec<Score> {
        let weights = &self.weights;
        let encoders: Vec<_> = cosines.iter().map(|cosines| Family::of(&cosines.encoder)).collect();
        let bm25 = weights.words_beside(&encoders);
        let (words, grams) = (bm25 * (1.0 - weights.grams), bm25 * weights.grams);
        let asks = self.asks_weight(cosines);
        let mut scores = vec![Score::default(); matches.passages.len()];
        for (language, pool) in &self.shelf.passages_by_language {
            let totals = matches.totals.get(language).copied().unwrap_or_default();
            let found = &matches.passages;
            let share = weights.least_deviation;
            let mut pool = Pool { passages: pool, scores: &mut scores };
            let least = |total: f32| share * total * (1.0 + asks);
            pool.add(
                words,
                least(totals.words),
                |p| Some(found[p].words(asks)),
                |p| Some(found[p].text_words),
            );
            pool.add(
                grams,
                least(totals.grams),
                |p| Some(found[p].grams(asks)),
                |p| Some(found[p].text_grams),
            );
            let is_foreign = primary(language) != primary(asker);
            let boost = if is_foreign { 1.0 + weights.foreign_cosine * bm25 } else { 1.0 };
            for (cosines, family) in cosines.iter().zip(&encoders) {
                let weight = boost * weights.cosine_beside(*family, &encoders);
                let (of_asks, of_text) = (weight * weights.asks_cosine, weight * (1.0 - weights.asks_cosine));
                pool.add(of_text, LEAST_COSINE_DEVIATION, |p| cosines.texts[p], |p| cosines.texts[p]);
                pool.add(of_asks, LEAST_COSINE_DEVIATION, |p| cosines.asks[p], |_| None);
            }
        }
        scores
    }

    fn asks_weight(&self, cosines: &[Cosines]) -> f32 {
        if cosines.is_empty() { self.weights.asks } else { self.weights.asks_with_encoder }
    }

    /// The passages of the version of each article that the reader gets. Where a translation fits better, its score
    /// goes to the best of them.
    fn in_readers_language(&self, scores: &[Score], language: &str) -> Vec<Ranked> {
        let shelf = &self.shelf;
        let mut ranked = Vec::new();
        for (id, versions) in &shelf.versions {
            let Some(chosen) = shelf.version(id, language) else { continue };
            let penalty = |version: usize| {
                let is_foreign = primary(&shelf.articles[version].language) != primary(language);
                if is_foreign { self.weights.foreign } else { 0.0 }
            };
            let best_of = |version: usize| {
                let scored =
                    shelf.passages_of[version].clone().map(|passage| (scores[passage].whole, passage));
                let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
                best.map_or((f32::NEG_INFINITY, usize::MAX), |(score, passage)| {
                    (score - penalty(version), passage)
                })
            };
            let (own_score, own_best) = best_of(chosen);
            let others = versions.values().filter(|version| **version != chosen);
            let lent = others.map(|version| best_of(*version).0).fold(f32::NEG_INFINITY, f32::max);
            for passage in shelf.passages_of[chosen].clone() {
                let by_translation = passage == own_best && lent > own_score;
                let score = if by_translation { lent } else { scores[passage].whole - penalty(chosen) };
                ranked.push(Ranked { passage, score, by_translation, is_exact: false });
            }
        }
        ranked
    }

    fn hit(
        &self,
        entry: &Ranked,
        asker: &str,
        matches: &Matches,
        (cosines, scores): (&[Cosines], &[Score]),
    ) -> Hit {
        let found = &matches.passages[entry.passage];
        let asks = self.asks_weight(cosines);
        let pool = &self.shelf.passages_by_language[&self.shelf.passages[entry.passage].language];
        let rarest = idf(0.0, pool.len() as f32);
        let likeness = cosines
            .iter()
            .filter_map(|cosines| Some((cosines.encoder.clone(), cosines.likeness(entry.passage, pool)?)))
            .collect();
        Hit {
            passage: Arc::clone(&self.shelf.passages[entry.passage]),
            article: Arc::clone(&self.shelf.articles[self.shelf.article_of[entry.passage]]),
            score: entry.score,
            features: Features {
                words: found.words(asks) / rarest,
                grams: found.grams(asks) / rarest,
                coverage: found.coverage,
                likeness,
                is_exact: entry.is_exact,
                own_text: scores[entry.passage].own_text,
                is_foreign: primary(&self.shelf.passages[entry.passage].language) != primary(asker),
                by_translation: entry.by_translation,
            },
        }
    }
}

/// By passage, what one encoder says.
struct Cosines {
    encoder: String,
    /// The cosine with the passage.
    texts: Vec<Option<f32>>,
    /// The cosine with the nearest of its article's title and questions.
    asks: Vec<Option<f32>>,
}

impl Likeness {
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            cosine: self.cosine.max(other.cosine),
            passage_rise: self.passage_rise.max(other.passage_rise),
            asks_rise: self.asks_rise.max(other.asks_rise),
        }
    }
}

impl Cosines {
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

#[derive(Debug, Clone, Copy, Default)]
struct Score {
    whole: f32,
    own_text: f32,
}

struct Ranked {
    passage: usize,
    score: f32,
    by_translation: bool,
    is_exact: bool,
}

/// The passages of one language, among which evidence is compared.
struct Pool<'a> {
    passages: &'a [usize],
    scores: &'a mut [Score],
}

impl Pool<'_> {
    fn add(
        &mut self,
        weight: f32,
        least_deviation: f32,
        whole: impl Fn(usize) -> Option<f32>,
        own_text: impl Fn(usize) -> Option<f32>,
    ) {
        for (passage, z) in z_scores(self.passages, least_deviation, whole) {
            self.scores[passage].whole += weight * z;
        }
        for (passage, z) in z_scores(self.passages, least_deviation, own_text) {
            self.scores[passage].own_text += weight * z;
        }
    }
}

/// Each present value's distance from the mean in standard deviations of at least `least_deviation`; nothing where all
/// are equal.
fn z_scores(pool: &[usize], least_deviation: f32, value: impl Fn(usize) -> Option<f32>) -> Vec<(usize, f32)> {
    let present: Vec<_> = pool.iter().filter_map(|passage| Some((*passage, value(*passage)?))).collect();
    let count = present.len() as f32;
    let mean = present.iter().map(|(_, value)| value).sum::<f32>() / count;
    let variance = present.iter().map(|(_, value)| (value - mean).powi(2)).sum::<f32>() / count;
    if !(variance > 0.0) {
        return Vec::new();
    }
    let deviation = variance.sqrt().max(least_deviation);
    present.into_iter().map(|(passage, value)| (passage, (value - mean) / deviation)).collect()
}

fn larger(left: Option<f32>, right: Option<f32>) -> Option<f32> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.max(right)),
        (one, other) => one.or(other),
    }
}

/// The first `most` different terms in order.
fn unique(terms: Vec<String>, most: usize) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    let mut kept = Vec::new();
    for term in terms {
        if kept.len() == most {
            break;
        }
        if seen.insert(term.clone()) {
            kept.push(term);
        }
    }
    kept
}

#[cfg(test)]
mod tests;
