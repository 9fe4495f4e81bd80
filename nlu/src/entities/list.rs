//! Entities that a bot lists by name: products, branches, people.

mod alike;
mod guess;
mod sound;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::{Deserialize, Serialize};

use crate::entities::EntityConfigError;
use crate::entities::list::guess::{Spellings, absorbed};
use crate::entities::text::{Found, Rank, Text};
use crate::normalise::Normalised;
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

/// Finds the longest name at each place, and names that are written wrongly or in the other script.
#[derive(Debug)]
pub(crate) struct ListFinder {
    automaton: Option<AhoCorasick>,
    spellings: Spellings,
    names: Vec<Name>,
}

#[derive(Debug)]
struct Name {
    entity: String,
    value: String,
    written: String,
}

impl ListFinder {
    pub(crate) fn new(entities: &[ListEntity]) -> Result<Self, EntityConfigError> {
        let mut names = Vec::new();
        for entity in entities {
            for value in &entity.values {
                let all = std::iter::once(&value.value).chain(&value.synonyms);
                names.extend(all.filter(|name| !name.trim().is_empty()).map(|name| Name {
                    entity: entity.name.clone(),
                    value: value.value.clone(),
                    written: Normalised::new(name).text().to_lowercase(),
                }));
            }
        }
        if names.is_empty() {
            return Ok(Self { automaton: None, spellings: Spellings::default(), names });
        }
        let patterns = names.iter().map(|name| name.written.as_str());
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(patterns)
            .map_err(|error| {
                let name = entities.first().map_or_else(String::new, |entity| entity.name.clone());
                EntityConfigError::List { name, reason: error.to_string() }
            })?;
        let spellings = Spellings::new(names.iter().map(|name| name.written.as_str()));
        Ok(Self { automaton: Some(automaton), spellings, names })
    }

    pub(crate) fn find(&self, text: &Text) -> Vec<Found> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let exact = automaton.find_iter(&text.lower);
        let mut found: Vec<Found> = exact
            .filter(|place| stands_alone(text, place.start(), place.end()))
            .map(|place| {
                let end = absorbed(text, with_plural(text, place.end()));
                self.names[place.pattern()].found(place.start(), end)
            })
            .collect();
        let free =
            |start: usize, end: usize| found.iter().all(|other| end <= other.start || start >= other.end);
        let guesses = self.spellings.find(text).into_iter().filter(|guess| free(guess.start, guess.end));
        let guesses: Vec<Found> =
            guesses.map(|guess| self.names[guess.name].found(guess.start, guess.end)).collect();
        found.extend(guesses);
        found
    }
}

impl Name {
    fn found(&self, start: usize, end: usize) -> Found {
        let value = self.value.clone().into();
        Found { kind: self.entity.clone(), start, end, value, rank: Rank::Own }
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
