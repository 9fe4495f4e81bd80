//! The text that entity grammars read, and what they find in it.

use std::collections::HashSet;

use regex::Regex;
use serde_json::Value;

use crate::words::Words;

/// A normalised text with a lower-case twin of the same byte offsets, and the places where words begin or end.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) written: String,
    pub(crate) lower: String,
    edges: HashSet<usize>,
}

/// A candidate: bytes of the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    pub(crate) kind: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) value: Value,
    pub(crate) rank: Rank,
}

/// Which of two candidates of equal length stays: the smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Own,
    Special,
    /// A bot's pattern over separators: what explains the same words otherwise is likelier.
    OwnJoined,
    Number,
}

impl Text {
    pub(crate) fn new(written: &str, words: &Words) -> Self {
        let lower: String = written.chars().map(lowered).collect();
        let mut edges = HashSet::new();
        for word in words.cut(&lower) {
            edges.insert(word.start);
            edges.insert(word.end);
        }
        Self { written: written.to_owned(), lower, edges }
    }

    /// Neither end is inside a Latin word or a run of digits.
    pub(crate) fn is_apart(&self, start: usize, end: usize) -> bool {
        !self.joined(start) && !self.joined(end)
    }

    /// The characters on both sides of `at` belong to one Latin word or number.
    fn joined(&self, at: usize) -> bool {
        let Some((before, after)) = self.sides(at) else { return false };
        let latin = |character: char| character.is_alphanumeric() && is_narrow(character);
        latin(before) && latin(after)
    }

    fn sides(&self, at: usize) -> Option<(char, char)> {
        Some((self.lower[..at].chars().next_back()?, self.lower[at..].chars().next()?))
    }

    /// Both ends are where the segmenter begins or ends a word.
    pub(crate) fn is_whole_words(&self, start: usize, end: usize) -> bool {
        self.is_edge(start) && self.is_edge(end)
    }

    /// The segmenter begins or ends a word here.
    pub(crate) fn is_edge(&self, at: usize) -> bool {
        at == 0 || at == self.lower.len() || self.edges.contains(&at)
    }

    pub(crate) fn before(&self, at: usize) -> &str {
        self.lower[..at].trim_end()
    }

    pub(crate) fn after(&self, at: usize) -> &str {
        &self.lower[at..]
    }

    /// At most `count` characters before `at`.
    pub(crate) fn near_before(&self, at: usize, count: usize) -> &str {
        let before = &self.lower[..at];
        let start = before.char_indices().rev().take(count).last().map_or(at, |(start, _)| start);
        &before[start..]
    }

    /// At most `count` characters from `at` on.
    pub(crate) fn near_after(&self, at: usize, count: usize) -> &str {
        let after = &self.lower[at..];
        after.char_indices().nth(count).map_or(after, |(end, _)| &after[..end])
    }

    /// As [`Text::is_apart`], but small letters may touch digits: "call0812345678", "friday10am". Capitals beside digits
    /// are a code.
    pub(crate) fn is_loosely_apart(&self, start: usize, end: usize) -> bool {
        !self.runs_on(start) && !self.runs_on(end)
    }

    fn runs_on(&self, at: usize) -> bool {
        let Some((before, after)) = self.sides(at) else { return false };
        let written = |character: Option<char>| character.is_some_and(char::is_uppercase);
        let capital =
            written(self.written[..at].chars().next_back()) || written(self.written[at..].chars().next());
        self.joined(at) && (capital || before.is_ascii_digit() == after.is_ascii_digit())
    }
}

/// A pattern of the grammars. Its word borders and digits are those of ASCII: Thai and Chinese follow Latin words without
/// a space, and a normalised text has other digits only in scripts that nobody reads here.
pub(crate) fn compiled(pattern: &str) -> Regex {
    Regex::new(&pattern.replace(r"\b", r"(?-u:\b)").replace(r"\d", "[0-9]"))
        .expect("the pattern is a constant")
}

/// Letters of alphabets that separate words by spaces.
fn is_narrow(character: char) -> bool {
    character < '\u{e00}'
}

/// Lower case where that keeps the byte length, so that offsets stay.
fn lowered(character: char) -> char {
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) if lower.len_utf8() == character.len_utf8() => lower,
        _ => character,
    }
}

impl Found {
    pub(crate) fn special(kind: &str, start: usize, end: usize, value: impl Into<Value>) -> Self {
        Self { kind: kind.to_owned(), start, end, value: value.into(), rank: Rank::Special }
    }
}
