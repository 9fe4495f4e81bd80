//! Entities that a bot describes by a regular expression.

use std::collections::HashMap;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::entities::EntityConfigError;
use crate::entities::text::{Found, Rank, Text};

/// An entity whose values follow a pattern, such as an order number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatternEntity {
    pub name: String,
    /// A regular expression for a whole value (anchors may be left out); letter case does not count. People also write
    /// values with spaces and hyphens inside: they are found and left out of the value.
    pub pattern: String,
    /// The value keeps its letter case; otherwise it is upper case.
    #[serde(default)]
    pub keep_case: bool,
}

#[derive(Debug)]
pub(crate) struct PatternFinder {
    patterns: Vec<(PatternEntity, Regex)>,
}

/// Keeps a bot's regular expressions from taking much memory.
const COMPILED_BYTES: usize = 1 << 20;

impl PatternFinder {
    pub(crate) fn new(entities: &[PatternEntity]) -> Result<Self, EntityConfigError> {
        let patterns = entities.iter().map(|entity| Ok((entity.clone(), compiled(entity)?)));
        Ok(Self { patterns: patterns.collect::<Result<_, _>>()? })
    }

    pub(crate) fn find(&self, text: &Text) -> Vec<Found> {
        if self.patterns.is_empty() {
            return Vec::new();
        }
        let squeezed = Squeezed::new(&text.written);
        let mut found = Vec::new();
        for (entity, regex) in &self.patterns {
            let mut own: Vec<Found> = regex
                .find_iter(&text.written)
                .filter(|place| !place.is_empty() && text.is_loosely_apart(place.start(), place.end()))
                .map(|place| entity.found(place.start(), place.end(), place.as_str(), Rank::Own))
                .collect();
            for place in regex.find_iter(&squeezed.text).filter(|place| !place.is_empty()) {
                let (start, end) = squeezed.original(place.start(), place.end());
                let free = own.iter().all(|other| end <= other.start || start >= other.end);
                if free && text.is_apart(start, end) && is_whole_code(text, start, end) {
                    own.push(entity.found(start, end, place.as_str(), Rank::OwnJoined));
                }
            }
            found.extend(own);
        }
        found
    }
}

fn compiled(entity: &PatternEntity) -> Result<Regex, EntityConfigError> {
    let built = RegexBuilder::new(without_anchors(&entity.pattern))
        .case_insensitive(true)
        .size_limit(COMPILED_BYTES)
        .build();
    built.map_err(|error| EntityConfigError::Pattern {
        name: entity.name.clone(),
        pattern: entity.pattern.clone(),
        reason: error.to_string(),
    })
}

/// Where a value ends is decided by the text around it, in every script; `\b` sees no border between Thai and Latin.
fn without_anchors(pattern: &str) -> &str {
    let start = ["^", r"\b"].into_iter().find_map(|anchor| pattern.strip_prefix(anchor)).unwrap_or(pattern);
    let end = ["$", r"\b"].into_iter().find_map(|anchor| start.strip_suffix(anchor)).unwrap_or(start);
    // An escaped dollar or backslash before the ending is no anchor.
    if end.ends_with('\\') && !end.ends_with(r"\\") { start } else { end }
}

impl PatternEntity {
    fn found(&self, start: usize, end: usize, written: &str, rank: Rank) -> Found {
        let value = if self.keep_case { written.to_owned() } else { written.to_uppercase() };
        Found { kind: self.name.clone(), start, end, value: value.into(), rank }
    }
}

/// English words that stand before a number and are no part of its code.
const NO_CODES: &[&str] = &[
    "a", "am", "an", "and", "are", "as", "at", "be", "by", "for", "from", "i", "if", "in", "is", "it", "me",
    "my", "no", "of", "on", "or", "pm", "so", "the", "til", "to", "up", "us", "was", "we",
];

/// "on 2026-02-15" is no code: it begins with a word of its own, and it goes on.
fn is_whole_code(text: &Text, start: usize, end: usize) -> bool {
    let code = text.lower.get(start..end).unwrap_or_default();
    let first = code.split(' ').next().unwrap_or_default();
    let mut after = text.after(end).chars();
    let goes_on = after.next().is_some_and(|next| matches!(next, '-' | '_' | '.'))
        && after.next().is_some_and(|next| next.is_ascii_digit());
    let begins_with_a_word = first.len() < code.len() && NO_CODES.contains(&first);
    !goes_on && !begins_with_a_word
}

/// A text without the single separators between ASCII letters and digits.
struct Squeezed {
    text: String,
    /// Byte of the squeezed text to byte of the original, for every character.
    starts: HashMap<usize, usize>,
    ends: HashMap<usize, usize>,
}

impl Squeezed {
    fn new(text: &str) -> Self {
        let characters: Vec<(usize, char)> = text.char_indices().collect();
        let mut squeezed = Self { text: String::new(), starts: HashMap::new(), ends: HashMap::new() };
        for (index, (byte, character)) in characters.iter().copied().enumerate() {
            let code = |at: Option<usize>| {
                at.and_then(|at| characters.get(at)).is_some_and(|(_, near)| near.is_ascii_alphanumeric())
            };
            let separator = matches!(character, ' ' | '-' | '_' | '.')
                && code(index.checked_sub(1))
                && code(Some(index + 1));
            if !separator {
                squeezed.starts.insert(squeezed.text.len(), byte);
                squeezed.text.push(character);
                squeezed.ends.insert(squeezed.text.len(), byte + character.len_utf8());
            }
        }
        squeezed
    }

    fn original(&self, start: usize, end: usize) -> (usize, usize) {
        (self.starts.get(&start).copied().unwrap_or(0), self.ends.get(&end).copied().unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_left_out_and_escapes_are_not() {
        for (pattern, expected) in [
            (r"^[A-Z]{2}\d{6}$", r"[A-Z]{2}\d{6}"),
            (r"\b[A-Z]{2}\d{6}\b", r"[A-Z]{2}\d{6}"),
            (r"\d+\$", r"\d+\$"),
            (r"\d+\\b", r"\d+\\b"),
            ("AB", "AB"),
        ] {
            assert_eq!(without_anchors(pattern), expected);
        }
    }
}
