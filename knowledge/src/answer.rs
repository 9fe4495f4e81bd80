//! From hits to what may be said: an answer with its source, a choice of articles, or nothing.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::article::{Article, ArticleId};
use crate::confidence::Signals;
use crate::index::Index;
use crate::passages::{Passage, PassageKind};
use crate::search::{Hit, Query};

/// What the articles say to a query.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    Found {
        /// Plain text: the article's direct answer, or the passage that fits clearly better.
        text: String,
        /// Where the text stands.
        citations: Vec<Citation>,
        /// The best hit's score, comparable within one query only.
        score: f32,
        /// The probability that the article answers the query.
        confidence: f32,
    },
    /// One of two or three articles may help; let the person choose.
    Unsure { candidates: Vec<Candidate> },
    /// The articles do not speak of it.
    Nothing,
}

/// A place in an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    pub article: ArticleId,
    pub title: String,
    pub language: String,
    /// The headings above the place, outermost first.
    pub headings: Vec<String>,
    /// The article's Markdown at that place, to the letter.
    pub quote: String,
    /// The place in the article's body, in bytes.
    pub bytes: Range<usize>,
    /// The same place in Unicode scalar values.
    pub chars: Range<usize>,
    /// The version of the article, [`Article::hash`].
    pub hash: String,
}

/// An article to offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub article: ArticleId,
    pub title: String,
    pub language: String,
}

/// From this confidence on an article is an answer. Measured on the blind half of the judged texts: of 65 questions that
/// an article answers, 43 are answered right and 1 wrong by words alone, 48 and 1 with USE and e5; of 55 that none
/// answers, 0 and 3 are answered from an article that has nothing to do with them.
pub const SURE: f32 = 0.55;
/// From this confidence on articles are offered. Most other questions are among these (10 of the 65, right one included).
pub const UNSURE: f32 = 0.2;
const MOST_CANDIDATES: usize = 3;
/// How much better than the direct answer a section's own text must fit to be said in its place, in the unit of scores.
const CLEARLY_BETTER: f32 = 1.5;

impl Index {
    /// Judges the hits that [`Index::search`] found for the query.
    pub fn answer(&self, query: &Query, hits: &[Hit]) -> Answer {
        let (Some(best), Some(mut signals)) = (hits.first(), Signals::of(hits)) else {
            return Answer::Nothing;
        };
        // A list that was cut short before another article does not show how far ahead this one is.
        if hits.len() >= query.limit && hits.iter().all(|hit| hit.article.id == best.article.id) {
            signals.lead = 0.0;
        }
        let confidence = signals.confidence();
        if confidence < UNSURE {
            return Answer::Nothing;
        }
        if confidence < SURE {
            return Answer::Unsure { candidates: candidates(hits) };
        }
        let passage = self.passage_to_say(best, hits);
        Answer::Found {
            text: passage.text.clone(),
            citations: vec![cite(&best.article, passage)],
            score: best.score,
            confidence,
        }
    }

    /// The direct answer of an article that somebody chose by name; in the language, else in another.
    pub fn direct_answer(&self, article: &str, language: &str) -> Option<Answer> {
        let article = self.article(&ArticleId(article.to_owned()), language)?;
        let passage = self.first_passage(article)?;
        Some(Answer::Found {
            text: passage.text.clone(),
            citations: vec![cite(article, passage)],
            score: 0.0,
            confidence: 1.0,
        })
    }

    /// The direct answer of the best hit's article, which answers its own questions, or for others the section whose own
    /// text fits clearly better. A direct answer that is not among the hits counts as average.
    fn passage_to_say<'a>(&'a self, best: &'a Hit, hits: &'a [Hit]) -> &'a Passage {
        if best.features.is_exact {
            return self.first_passage(&best.article).unwrap_or(&best.passage);
        }
        let of_article = || hits.iter().filter(|hit| hit.article.id == best.article.id);
        let direct = of_article().find(|hit| hit.passage.kind == PassageKind::DirectAnswer);
        let fit_of_direct = direct.map_or(0.0, |hit| hit.features.own_text);
        let section = of_article()
            .filter(|hit| hit.passage.kind == PassageKind::Section)
            .max_by(|left, right| left.features.own_text.total_cmp(&right.features.own_text))
            .filter(|section| section.features.own_text - fit_of_direct >= CLEARLY_BETTER);
        match section {
            Some(section) => &section.passage,
            None => self.first_passage(&best.article).unwrap_or(&best.passage),
        }
    }
}

fn cite(article: &Article, passage: &Passage) -> Citation {
    Citation {
        article: article.id.clone(),
        title: article.title.clone(),
        language: article.language.clone(),
        headings: passage.headings.clone(),
        quote: article.body[passage.bytes.clone()].to_owned(),
        bytes: passage.bytes.clone(),
        chars: passage.chars.clone(),
        hash: article.hash.clone(),
    }
}

fn candidates(hits: &[Hit]) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for hit in hits {
        if candidates.len() == MOST_CANDIDATES {
            break;
        }
        if candidates.iter().all(|candidate| candidate.article != hit.article.id) {
            candidates.push(Candidate {
                article: hit.article.id.clone(),
                title: hit.article.title.clone(),
                language: hit.article.language.clone(),
            });
        }
    }
    candidates
}
