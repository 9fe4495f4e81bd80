//! Finding passages by words, character n-grams and vectors at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use models::Embedding;
use serde::Serialize;

use crate::article::Article;
use crate::bm25::Terms;
use crate::evidence::Evidence;
use crate::index::{Index, IndexError, primary};
use crate::passages::Passage;
use crate::terms::terms;

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

impl Likeness {
    pub(crate) fn max(self, other: Self) -> Self {
        Self {
            cosine: self.cosine.max(other.cosine),
            passage_rise: self.passage_rise.max(other.passage_rise),
            asks_rise: self.asks_rise.max(other.asks_rise),
        }
    }
}

/// At most this many hits are of one article, so that a list of ten shows four articles or more.
const HITS_OF_ONE_ARTICLE: usize = 3;
/// Added to the score of an article that is asked for in its own words.
const EXACT: f32 = 10.0;
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
        let evidence = Evidence::gather(self, query, &terms)?;
        let mut ranked = self.in_readers_language(&evidence, &query.language);
        let exact = self.catalogue.asked.get(&terms.key());
        for entry in &mut ranked {
            let article = &self.catalogue.passages[entry.passage].article;
            entry.is_exact = exact.is_some_and(|articles| articles.contains(article));
            entry.score += if entry.is_exact { EXACT } else { 0.0 };
        }
        ranked.retain(|entry| entry.is_exact || entry.by_translation || evidence.is_any(entry.passage));
        let best_first = |left: &Ranked, right: &Ranked| right.score.total_cmp(&left.score);
        ranked.sort_by(|left, right| best_first(left, right).then(left.passage.cmp(&right.passage)));
        let mut of_article: BTreeMap<usize, usize> = BTreeMap::new();
        ranked.retain(|entry| {
            let count = of_article.entry(self.catalogue.article_of[entry.passage]).or_default();
            *count += 1;
            *count <= HITS_OF_ONE_ARTICLE
        });
        ranked.truncate(query.limit);
        Ok(ranked.iter().map(|entry| self.hit(entry, &evidence, &query.language)).collect())
    }

    fn query_terms(&self, text: &str) -> Terms {
        let end = text.char_indices().nth(LONGEST_QUERY_CHARS).map_or(text.len(), |(at, _)| at);
        let terms = terms(&text[..end], &self.catalogue.words);
        Terms { words: unique(terms.words, MOST_WORDS), grams: unique(terms.grams, MOST_GRAMS) }
    }

    /// The passages of the version of each article that the reader gets. Where a translation fits better, its score
    /// goes to the best of them.
    fn in_readers_language(&self, evidence: &Evidence, language: &str) -> Vec<Ranked> {
        let catalogue = &self.catalogue;
        let mut ranked = Vec::new();
        for (id, versions) in &catalogue.versions {
            let Some(chosen) = catalogue.version(id, language) else { continue };
            let penalty = |version: usize| {
                let is_foreign = primary(&catalogue.articles[version].language) != primary(language);
                if is_foreign { self.weights.foreign } else { 0.0 }
            };
            let score_of = |version: usize, passage: usize| evidence.score(passage) - penalty(version);
            let best_of = |version: usize| {
                let all = catalogue.passages_of[version]
                    .clone()
                    .map(|passage| (score_of(version, passage), passage));
                all.reduce(|best, next| if next.0 > best.0 { next } else { best })
            };
            let Some((own_score, own_best)) = best_of(chosen) else { continue };
            let others = versions.values().filter(|version| **version != chosen);
            let lent = others.filter_map(|version| best_of(*version)).map(|(score, _)| score);
            let lent = lent.fold(f32::NEG_INFINITY, f32::max);
            for passage in catalogue.passages_of[chosen].clone() {
                let by_translation = passage == own_best && lent > own_score;
                let score = if by_translation { lent } else { score_of(chosen, passage) };
                ranked.push(Ranked { passage, score, by_translation, is_exact: false });
            }
        }
        ranked
    }

    fn hit(&self, entry: &Ranked, evidence: &Evidence, asker: &str) -> Hit {
        let passage = &self.catalogue.passages[entry.passage];
        let features = Features {
            is_exact: entry.is_exact,
            is_foreign: primary(&passage.language) != primary(asker),
            by_translation: entry.by_translation,
            ..evidence.features(self, entry.passage)
        };
        let article = Arc::clone(&self.catalogue.articles[self.catalogue.article_of[entry.passage]]);
        Hit { passage: Arc::clone(passage), article, score: entry.score, features }
    }
}

struct Ranked {
    passage: usize,
    score: f32,
    by_translation: bool,
    is_exact: bool,
}

/// The first `most` different terms in order.
fn unique(terms: Vec<String>, most: usize) -> Vec<String> {
    let mut seen = BTreeSet::new();
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
