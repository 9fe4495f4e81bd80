//! What is wrong in an article's file.

use serde::{Deserialize, Serialize};

/// One mistake in one file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// The path as it was given to the reader.
    pub file: String,
    /// Line of the mistake in the file, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
    /// The key that is wrong, such as `title` or `questions[2]`; `body` for the text below the front matter.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub advice: String,
}

/// Where a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mark {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// The mistakes that a reader of articles can find.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the file name is not <slug>.<language>.md")]
    FileName,
    #[error("the front matter is missing")]
    NoFrontMatter,
    #[error("the front matter does not end")]
    OpenFrontMatter,
    #[error("{0}")]
    Syntax(String),
    #[error("the key `{0}` stands twice")]
    DoubledKey(String),
    #[error("the front matter is {0}, not a mapping")]
    NotAMapping(&'static str),
    #[error("unknown key {0}")]
    UnknownKey(String),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0}, where a text is wanted")]
    NotAText(&'static str),
    #[error("{0}, where a list of texts is wanted")]
    NotAList(&'static str),
    #[error("the text is empty")]
    Empty,
    #[error("the same text stands here twice")]
    Twice,
    #[error("{0} is not a tag")]
    Tag(String),
    #[error("the article has no body")]
    NoBody,
    #[error("the body does not begin with a paragraph")]
    NoDirectAnswer,
    #[error("a heading of level 1 in the body")]
    TopHeading,
}

impl Fault {
    fn advice(&self) -> &'static str {
        match self {
            Self::FileName => {
                "name it like delivery-time.th.md: small letters, digits and hyphens, then the language"
            }
            Self::NoFrontMatter => {
                "begin the file with a line ---, the keys title, questions and tags, and a line ---"
            }
            Self::OpenFrontMatter => "put a line --- after the last key",
            Self::Syntax(_) => "write valid YAML; put quotes round a text with a colon or a leading sign",
            Self::NotAMapping(_) => "write lines of the form key: value",
            Self::UnknownKey(_) => "the keys are title, questions and tags",
            Self::Missing("title") => "add title: with the article's name as a reader would look for it",
            Self::Missing(_) => "add questions: with a list of two or more ways in which people ask this",
            Self::NotAText(_) => {
                "write a text; put quotes round one that looks like a number or true or false"
            }
            Self::NotAList(_) => "write a list, one item a line, each after a hyphen",
            Self::Empty => "write the text or remove the item",
            Self::Twice | Self::DoubledKey(_) => "remove one of them",
            Self::Tag(_) => "use small letters, digits and hyphens",
            Self::NoBody => "write the answer below the front matter",
            Self::NoDirectAnswer => {
                "begin with a paragraph of one to three sentences that answers the question by itself"
            }
            Self::TopHeading => "the title is the heading of level 1; begin headings with ## or more",
        }
    }

    pub(crate) fn at(self, file: &str, mark: Mark, key: impl Into<String>) -> Problem {
        Problem {
            file: file.to_owned(),
            line: mark.line,
            column: mark.column,
            key: key.into(),
            message: self.to_string(),
            advice: self.advice().to_owned(),
        }
    }
}
