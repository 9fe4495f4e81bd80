//! Entities that a bot lists by name: products, branches, people.

use aho_corasick::{AhoCorasick, MatchKind};
use serde::{Deserialize, Serialize};

use crate::entities::EntityConfigError;
use crate::entities::text::{Found, Rank, Text};
use crate::words::is_thai_boundary;

/// An entity with a closed list of values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListEntity {
    pub name: String,
    pub values: Vec<ListValue>,
}

/// One value and the other ways to write it; letter case does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListValue {
    pub value: String,
    #[serde(default)]
    pub synonyms: Vec<String>,
}

/// Finds the longest name at each place, and longer names also with one wrong, missing, added or swapped letter.
#[derive(Debug)]
pub(crate) struct ListFinder {
    automaton: Option<AhoCorasick>,
    names: Vec<Name>,
}

#[derive(Debug)]
struct Name {
    entity: String,
    value: String,
    letters: Vec<char>,
}

/// Names of fewer letters have too many neighbours to be guessed.
const SHORTEST_GUESS: usize = 6;
/// Thai words differ by one letter more often.
const SHORTEST_THAI_GUESS: usize = 8;

impl ListFinder {
    pub(crate) fn new(entities: &[ListEntity]) -> Result<Self, EntityConfigError> {
        let mut names = Vec::new();
        for entity in entities {
            for value in &entity.values {
                let all = std::iter::once(&value.value).chain(&value.synonyms);
                names.extend(all.filter(|name| !name.trim().is_empty()).map(|name| Name {
                    entity: entity.name.clone(),
                    value: value.value.clone(),
                    letters: crate::normalise::Normalised::new(name).text().to_lowercase().chars().collect(),
                }));
            }
        }
        if names.is_empty() {
            return Ok(Self { automaton: None, names });
        }
        let patterns = names.iter().map(|name| name.letters.iter().collect::<String>());
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(patterns)
            .map_err(|error| {
                let name = entities.first().map_or_else(String::new, |entity| entity.name.clone());
                EntityConfigError::List { name, reason: error.to_string() }
            })?;
        Ok(Self { automaton: Some(automaton), names })
    }

    pub(crate) fn find(&self, text: &Text) -> Vec<Found> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let exact = automaton.find_iter(&text.lower);
        let mut found: Vec<Found> = exact
            .filter(|place| stands_alone(text, place.start(), place.end()))
            .map(|place| self.names[place.pattern()].found(place.start(), with_plural(text, place.end())))
            .collect();
        found.extend(self.guesses(text, &found));
        found
    }

    /// Names with one letter wrong, where no exact name is.
    fn guesses(&self, text: &Text, exact: &[Found]) -> Vec<Found> {
        let characters: Vec<(usize, char)> = text.lower.char_indices().take(LONGEST_GUESSED).collect();
        let mut guesses: Vec<Found> = Vec::new();
        for name in self.names.iter().filter(|name| name.may_be_guessed()) {
            for (start, end) in name.near_misses(&characters, text.lower.len()) {
                let free = exact.iter().chain(&guesses).all(|other| end <= other.start || start >= other.end);
                if free && stands_alone(text, start, end) {
                    guesses.push(name.found(start, end));
                }
            }
        }
        guesses
    }
}

/// Characters of a text in which misspelt names are looked for.
const LONGEST_GUESSED: usize = 500;

impl Name {
    fn found(&self, start: usize, end: usize) -> Found {
        let value = self.value.clone().into();
        Found { kind: self.entity.clone(), start, end, value, rank: Rank::Own }
    }

    fn may_be_guessed(&self) -> bool {
        let thai = self.letters.iter().any(|letter| !letter.is_ascii());
        self.letters.len() >= if thai { SHORTEST_THAI_GUESS } else { SHORTEST_GUESS }
    }

    /// The places (bytes) where the text is one edit away from the name. The first letter must be right, which keeps
    /// this near one comparison a character.
    fn near_misses(&self, characters: &[(usize, char)], bytes: usize) -> Vec<(usize, usize)> {
        let byte = |index: usize| characters.get(index).map_or(bytes, |(byte, _)| *byte);
        let mut places = Vec::new();
        for start in 0..characters.len() {
            if characters[start].1 != self.letters[0] {
                continue;
            }
            let rest = &characters[start..];
            let length = self.letters.len();
            let found = [length, length + 1, length - 1].into_iter().filter(|length| *length <= rest.len());
            let mut found = found.filter(|length| is_one_edit(&self.letters, &rest[..*length]));
            if let Some(length) = found.next() {
                places.push((byte(start), byte(start + length)));
            }
        }
        places
    }
}

/// Whether `written` is `name` with one letter replaced, added, left out or swapped with its neighbour (the restricted
/// Damerau-Levenshtein distance is 1).
fn is_one_edit(name: &[char], written: &[(usize, char)]) -> bool {
    let same = name.iter().zip(written).take_while(|(left, right)| **left == right.1).count();
    let (left, right) = (&name[same..], &written[same..]);
    let equal = |left: &[char], right: &[(usize, char)]| {
        left.len() == right.len() && left.iter().zip(right).all(|(left, right)| *left == right.1)
    };
    match (left.len(), right.len()) {
        (0, 0) => false,
        (left_length, right_length) if left_length == right_length => {
            let swapped = left_length >= 2 && left[0] == right[1].1 && left[1] == right[0].1;
            equal(&left[1..], &right[1..]) || (swapped && equal(&left[2..], &right[2..]))
        }
        (left_length, right_length) if left_length == right_length + 1 => equal(&left[1..], right),
        (left_length, right_length) if left_length + 1 == right_length => equal(left, &right[1..]),
        _ => false,
    }
}

/// At the borders of Latin words (a plural "s" may follow), of Thai syllables, and, for short Thai names, of words.
fn stands_alone(text: &Text, start: usize, end: usize) -> bool {
    let short = text.lower[start..end].chars().count() < 4;
    let thai = text.lower[start..end].starts_with(|first| matches!(first, '\u{e01}'..='\u{e5b}'));
    if thai && short {
        return text.is_whole_words(start, end);
    }
    text.is_apart(start, with_plural(text, end))
        && is_thai_boundary(&text.lower, start)
        && is_thai_boundary(&text.lower, end)
}

/// The end of a Latin name with the "s" or "es" that follows it.
fn with_plural(text: &Text, end: usize) -> usize {
    let latin = text.lower[..end].ends_with(|last: char| last.is_ascii_alphabetic());
    let plural = ["es", "s"].into_iter().find(|ending| {
        let next = end + ending.len();
        latin && text.after(end).starts_with(ending) && text.is_apart(next, next)
    });
    end + plural.map_or(0, str::len)
}
