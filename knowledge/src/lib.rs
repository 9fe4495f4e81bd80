//! What a bot knows: articles in Markdown, found by hybrid search and answered from with citations.
//!
//! - [`Article::parse`] reads one file; every mistake in it is a [`Problem`] with its line.
//! - [`Index::build`] cuts articles into [`Passage`]s and indexes their words and character n-grams; it is whole without
//!   any model. [`Index::missing`], [`VectorCache`] and [`Index::with_vectors`] add the vectors of encoders, computed
//!   elsewhere and whenever there is time.
//! - [`Index::search`] finds passages by BM25 and cosines together; [`Index::answer`] says what may be made of them: an
//!   answer with its source, a choice of articles, or nothing.
//!
//! An article exists in several languages under one id. People are answered in their own language where it is there, and
//! in another one where it is not.
//!
//! Invariants: values in, values out (no IO, no clock, no connections, no drawing); what people write is data, never
//! query syntax; a citation quotes the article to the letter.

mod answer;
mod article;
mod bm25;
mod confidence;
mod evidence;
mod front_matter;
mod index;
mod markdown;
mod passages;
mod problem;
mod search;
mod terms;
mod vectors;
mod weights;

pub use answer::{Answer, Candidate, Citation, SURE, UNSURE};
pub use article::{Article, ArticleId};
pub use confidence::Signals;
pub use index::{Index, IndexError};
pub use passages::{Passage, PassageId, PassageKind, passages};
pub use problem::Problem;
pub use search::{Features, Hit, Likeness, Query};
pub use vectors::{PassageText, TextKey, VectorCache, VectorError};
pub use weights::Weights;
