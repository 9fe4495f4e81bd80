//! Everything that search needs of a set of articles.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use models::Purpose;
use nlu::Words;

use crate::article::{Article, ArticleId};
use crate::bm25::{Bm25, PassageTerms};
use crate::passages::{Passage, passages};
use crate::terms::terms;
use crate::vectors::{PassageText, TextKey, VectorCache, VectorTable};
use crate::weights::Weights;

/// The articles of one bot, searchable. A value: to change anything, build or derive another and put it in its place.
/// Cheap to clone.
#[derive(Clone)]
pub struct Index {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) tables: Arc<BTreeMap<String, VectorTable>>,
    pub(crate) weights: Weights,
}

/// The part of an index that does not depend on vectors.
pub(crate) struct Catalogue {
    pub(crate) articles: Vec<Arc<Article>>,
    pub(crate) passages: Vec<Arc<Passage>>,
    /// The article of each passage.
    pub(crate) article_of: Vec<usize>,
    /// The passages of each article.
    pub(crate) passages_of: Vec<Range<usize>>,
    pub(crate) passages_by_language: BTreeMap<String, Vec<usize>>,
    /// Slugs in order, each with its articles by language.
    pub(crate) versions: BTreeMap<ArticleId, BTreeMap<String, usize>>,
    /// The texts that want vectors: first one for each passage, then titles and questions.
    pub(crate) texts: Vec<PassageText>,
    /// The article of each text after those of the passages.
    pub(crate) asked_of: Vec<usize>,
    /// The articles that have a title or question, by its words.
    pub(crate) asked: BTreeMap<String, BTreeSet<ArticleId>>,
    pub(crate) bm25: Bm25,
    pub(crate) words: Words,
}

/// An index could not be built.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Remove one of the files.
    #[error("article {article} is there twice in language {language}")]
    Twice { article: ArticleId, language: String },
    /// The index in memory could not be written or read.
    #[error("the text index failed")]
    Text(#[from] tantivy::TantivyError),
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("articles", &self.catalogue.articles.len())
            .field("passages", &self.catalogue.passages.len())
            .field("encoders", &self.tables.keys())
            .finish_non_exhaustive()
    }
}

impl Index {
    /// Cuts the articles into passages and indexes their words, as `words` cuts them, and character n-grams. It has no
    /// vectors yet.
    pub fn build(mut articles: Vec<Article>, words: Words) -> Result<Self, IndexError> {
        articles.sort_by(|left, right| (&left.id, &left.language).cmp(&(&right.id, &right.language)));
        if let Some(pair) =
            articles.windows(2).find(|pair| pair[0].id == pair[1].id && pair[0].language == pair[1].language)
        {
            return Err(IndexError::Twice {
                article: pair[0].id.clone(),
                language: pair[0].language.clone(),
            });
        }
        Ok(Self {
            catalogue: Arc::new(Catalogue::fill(articles, words)?),
            tables: Arc::default(),
            weights: Weights::default(),
        })
    }

    /// The same articles with the vectors of the cache. An encoder takes part in search once nine tenths of the texts
    /// have its vectors; a text without one is found by its words.
    #[must_use]
    pub fn with_vectors(&self, cache: &VectorCache) -> Self {
        let tables = cache
            .encoders()
            .filter_map(|encoder| {
                let keys = self.catalogue.texts.iter().map(|text| &text.key);
                Some((encoder.to_owned(), VectorTable::new(cache, encoder, keys)?))
            })
            .collect();
        Self { tables: Arc::new(tables), ..self.clone() }
    }

    /// The same index with other weights, for measuring.
    #[must_use]
    pub fn with_weights(&self, weights: Weights) -> Self {
        Self { weights, ..self.clone() }
    }

    /// The texts that still want a vector of this encoder, each once. Encode them with their purpose, add the results
    /// to the cache, and take [`Index::with_vectors`] of it.
    pub fn missing(&self, cache: &VectorCache, encoder: &str) -> Vec<PassageText> {
        let mut seen = BTreeSet::new();
        let texts = self.catalogue.texts.iter();
        texts.filter(|text| !cache.contains(encoder, text.key) && seen.insert(text.key)).cloned().collect()
    }

    /// The keys of all texts, for [`VectorCache::retain`].
    pub fn keys(&self) -> BTreeSet<TextKey> {
        self.catalogue.texts.iter().map(|text| text.key).collect()
    }

    /// The encoders whose vectors take part in search; a query should bring their embeddings.
    pub fn encoders(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    pub fn articles(&self) -> &[Arc<Article>] {
        &self.catalogue.articles
    }

    /// All passages, those of one article side by side and in order.
    pub fn passages(&self) -> &[Arc<Passage>] {
        &self.catalogue.passages
    }

    /// The version of an article that a reader of `language` should get: theirs, else English, else the first.
    pub fn article(&self, id: &ArticleId, language: &str) -> Option<&Arc<Article>> {
        self.catalogue.version(id, language).map(|number| &self.catalogue.articles[number])
    }

    /// The direct answer of an article of this index.
    pub(crate) fn first_passage(&self, article: &Article) -> Option<&Passage> {
        let number = *self.catalogue.versions.get(&article.id)?.get(&article.language)?;
        let passages = &self.catalogue.passages[self.catalogue.passages_of[number].clone()];
        passages.first().map(|passage| &**passage)
    }
}

impl Catalogue {
    fn fill(articles: Vec<Article>, words: Words) -> Result<Self, IndexError> {
        let articles: Vec<_> = articles.into_iter().map(Arc::new).collect();
        let mut all = Vec::new();
        let mut all_terms = Vec::new();
        let mut article_of = Vec::new();
        let mut passages_of = Vec::new();
        for (number, article) in articles.iter().enumerate() {
            let first = all.len();
            let asks = terms(&asks(article).collect::<Vec<_>>().join("\n"), &words);
            for passage in passages(article) {
                let text = terms(&format!("{}\n{}", passage.headings.join("\n"), passage.text), &words);
                all_terms.push(PassageTerms { language: article.language.clone(), text, asks: asks.clone() });
                article_of.push(number);
                all.push(Arc::new(passage));
            }
            passages_of.push(first..all.len());
        }
        let mut versions: BTreeMap<ArticleId, BTreeMap<String, usize>> = BTreeMap::new();
        let mut passages_by_language: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (number, article) in articles.iter().enumerate() {
            versions.entry(article.id.clone()).or_default().insert(article.language.clone(), number);
            passages_by_language
                .entry(article.language.clone())
                .or_default()
                .extend(passages_of[number].clone());
        }
        let mut asked: BTreeMap<String, BTreeSet<ArticleId>> = BTreeMap::new();
        for article in &articles {
            for ask in asks(article) {
                asked.entry(terms(ask, &words).key()).or_default().insert(article.id.clone());
            }
        }
        let (texts, asked_of) = texts(&articles, &all, &article_of);
        let bm25 = Bm25::build(&all_terms)?;
        let passages = all;
        Ok(Self {
            articles,
            passages,
            article_of,
            passages_of,
            passages_by_language,
            versions,
            texts,
            asked_of,
            asked,
            bm25,
            words,
        })
    }

    pub(crate) fn version(&self, id: &ArticleId, language: &str) -> Option<usize> {
        let versions = self.versions.get(id)?;
        let primary = primary(language);
        let wanted = versions
            .get(language)
            .or_else(|| versions.iter().find(|(l, _)| self::primary(l) == primary).map(|(_, v)| v));
        wanted.or_else(|| versions.get(FALLBACK_LANGUAGE)).or_else(|| versions.values().next()).copied()
    }
}

/// What people get who write in a language that an article is not there in.
const FALLBACK_LANGUAGE: &str = "en";

/// `zh` of `zh-Hant`.
pub(crate) fn primary(language: &str) -> &str {
    language.split('-').next().unwrap_or(language)
}

fn asks(article: &Article) -> impl Iterator<Item = &str> {
    std::iter::once(&article.title).chain(&article.questions).map(String::as_str)
}

/// The texts of the passages, then the titles and questions with the article of each.
fn texts(
    articles: &[Arc<Article>],
    passages: &[Arc<Passage>],
    article_of: &[usize],
) -> (Vec<PassageText>, Vec<usize>) {
    let of_passages =
        passages.iter().zip(article_of).map(|(passage, article)| text_of(passage, &articles[*article]));
    let mut texts: Vec<_> = of_passages.collect();
    let mut asked_of = Vec::new();
    for (number, article) in articles.iter().enumerate() {
        for ask in asks(article) {
            texts.push(PassageText::new(ask.to_owned(), Purpose::Query));
            asked_of.push(number);
        }
    }
    (texts, asked_of)
}

/// What an encoder sees of a passage: the title and headings tell what it is about.
fn text_of(passage: &Passage, article: &Article) -> PassageText {
    let mut lines = vec![article.title.as_str()];
    lines.extend(passage.headings.iter().map(String::as_str));
    lines.push(&passage.text);
    PassageText::new(lines.join("\n"), Purpose::Passage)
}
