//! Entities: things in a message that have a value, built in or named by the bot.

mod clock;
mod contact;
mod date;
mod list;
mod money;
mod months;
mod number;
mod number_words;
mod pattern;
mod period;
mod relative;
mod text;
mod weekday;

use serde::{Deserialize, Serialize};

pub use crate::entities::list::{ListEntity, ListValue};
pub use crate::entities::pattern::PatternEntity;
pub use crate::entities::relative::EntityMoment;

use crate::entities::list::ListFinder;
use crate::entities::number::Number;
use crate::entities::pattern::PatternFinder;
use crate::entities::text::{Found, Text};
use crate::normalise::Normalised;
use crate::understanding::Entity;
use crate::words::Words;

/// The entities of one bot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EntityConfig {
    pub builtins: Vec<Builtin>,
    pub patterns: Vec<PatternEntity>,
    pub lists: Vec<ListEntity>,
}

impl Default for EntityConfig {
    /// Every built-in entity and none of the bot's own.
    fn default() -> Self {
        Self { builtins: Builtin::ALL.to_vec(), patterns: Vec::new(), lists: Vec::new() }
    }
}

impl EntityConfig {
    /// Every listed value with its synonyms: the names that [`Words`] should keep whole.
    pub fn names(&self) -> Vec<String> {
        let values = self.lists.iter().flat_map(|list| &list.values);
        values.flat_map(|value| std::iter::once(&value.value).chain(&value.synonyms)).cloned().collect()
    }
}

/// Entities that need no configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Builtin {
    /// A number in digits or words; the value is a number.
    Number,
    /// An amount with its currency; the value is `{amount, currency}`, the currency in ISO 4217.
    Money,
    /// A telephone number; the value is in E.164 (`+66812345678`).
    Phone,
    Email,
    Url,
    /// Thirteen digits; the value is the digits. The check digit is not verified.
    TaxId,
    /// A day; the value is an ISO 8601 date.
    Date,
    /// A time of day; the value is `HH:MM`.
    Time,
    /// Whole weeks, months, quarters, years or a number of days; the value is `{from, to}`, ISO dates, both included.
    Period,
}

impl Builtin {
    pub const ALL: [Self; 9] = [
        Self::Number,
        Self::Money,
        Self::Phone,
        Self::Email,
        Self::Url,
        Self::TaxId,
        Self::Date,
        Self::Time,
        Self::Period,
    ];

    /// The entity type in an understanding.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Money => "money",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Url => "url",
            Self::TaxId => "tax_id",
            Self::Date => "date",
            Self::Time => "time",
            Self::Period => "period",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|builtin| builtin.name() == name)
    }
}

/// The configuration must be changed; the message names the entity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntityConfigError {
    #[error("entity {name}: pattern {pattern} is not usable: {reason}")]
    Pattern { name: String, pattern: String, reason: String },
    #[error("entity {name}: list is not usable: {reason}")]
    List { name: String, reason: String },
}

/// Finds the entities of one bot; made once and shared.
#[derive(Debug)]
pub struct EntityFinder {
    builtins: Vec<Builtin>,
    patterns: PatternFinder,
    lists: ListFinder,
    words: Words,
}

/// Entities are looked for in this many characters of a message.
const LONGEST: usize = 10_000;

impl EntityFinder {
    /// `words` cut Thai, so that number words are not found inside other words.
    pub fn new(config: &EntityConfig, words: &Words) -> Result<Self, EntityConfigError> {
        Ok(Self {
            builtins: config.builtins.clone(),
            patterns: PatternFinder::new(&config.patterns)?,
            lists: ListFinder::new(&config.lists)?,
            words: words.clone(),
        })
    }

    /// The entities in order of their place, without overlaps: the expected type wins, then the longer, then the more
    /// special.
    pub fn find(
        &self,
        original: &str,
        normalised: &Normalised,
        moment: EntityMoment,
        expecting: Option<&str>,
    ) -> Vec<Entity> {
        let shortened: String = normalised.text().chars().take(LONGEST).collect();
        let text = Text::new(&shortened, &self.words);
        let mut found = self.builtin(&text, moment, expecting);
        found.extend(self.patterns.find(&text));
        found.extend(self.lists.find(&text));
        found.sort_by_key(|found| {
            let length = found.end - found.start;
            (expecting != Some(&found.kind), std::cmp::Reverse(length), found.rank, found.start)
        });
        let mut kept: Vec<Found> = Vec::new();
        for candidate in found {
            if kept.iter().all(|other| candidate.end <= other.start || candidate.start >= other.end) {
                kept.push(candidate);
            }
        }
        kept.sort_by_key(|found| found.start);
        place(original, normalised, &shortened, kept)
    }

    fn builtin(&self, text: &Text, moment: EntityMoment, expecting: Option<&str>) -> Vec<Found> {
        let has = |builtin| self.builtins.contains(&builtin);
        let expects = |builtin: Builtin| expecting == Some(builtin.name());
        let numbers = number::find(text, expects(Builtin::Number));
        let mut found = contact::find(text);
        let weekdays = weekday::find(text, moment);
        let dates = date::find(text, &numbers, moment, expects(Builtin::Date));
        found.extend(dates.found.into_iter().map(|date| with_weekday(text, date, &weekdays)));
        found.extend(weekdays);
        found.extend(relative::find(text, &numbers, moment));
        found.extend(period::find(text, &numbers, moment));
        let possible = |found: &Found| {
            dates.impossible.iter().all(|place| found.end <= place.start || found.start >= place.end)
        };
        found.retain(possible);
        found.extend(clock::find(text, &numbers));
        found.extend(money::find(text, &numbers));
        found.extend(numbers.iter().filter_map(Number::found));
        found.retain(|found| Builtin::from_name(&found.kind).is_some_and(has));
        found
    }
}

/// A weekday before a date only names it again: "Saturday 28 November" is one date, and the date decides which.
fn with_weekday(text: &Text, mut date: Found, weekdays: &[Found]) -> Found {
    let joins = |between: &str| {
        let joint = between.trim_matches([' ', ',', '.']);
        joint.is_empty() || matches!(joint, "ที่" | "the" | "的")
    };
    let named = weekdays
        .iter()
        .find(|day| day.end <= date.start && text.lower.get(day.end..date.start).is_some_and(joins));
    if let Some(day) = named {
        date.start = day.start;
    }
    date
}

/// From bytes of the normalised text to scalar values of the original.
fn place(original: &str, normalised: &Normalised, shortened: &str, found: Vec<Found>) -> Vec<Entity> {
    let mut characters = shortened.char_indices().map(|(byte, _)| byte).enumerate().peekable();
    let mut index_of = |byte: usize| {
        while characters.next_if(|(_, start)| *start < byte).is_some() {}
        characters.peek().map_or(normalised.len().min(shortened.chars().count()), |(index, _)| *index)
    };
    let mut entities = Vec::with_capacity(found.len());
    for found in found {
        let (start, end) = (index_of(found.start), index_of(found.end));
        let (start, end) = normalised.original_span(start, end);
        let text = original.chars().skip(start).take(end - start).collect();
        entities.push(Entity { kind: found.kind, text, start, end, value: found.value });
    }
    entities
}

#[cfg(test)]
mod tests;
