//! Entities: things in a message that have a value, built in or named by the bot.

mod address;
mod builtin;
mod calendar;
mod clock;
mod contact;
mod date;
mod day_within;
mod duration;
mod english_clock;
mod english_day;
mod feast;
mod identity;
mod list;
mod money;
mod month;
mod months;
mod number;
mod number_words;
mod pattern;
mod percent;
mod period;
mod postcode;
mod province;
mod range;
mod relative;
mod slip;
mod spelling;
mod text;
mod told_clock;
mod told_past;
mod weekday;

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use crate::entities::builtin::Builtin;
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
        let listed = named_twice(&text, self.lists.find(&text));
        let mut found = self.builtin(&text, moment, expecting, &listed);
        found.extend(self.patterns.find(&text));
        found.extend(listed);
        found.sort_by_key(|found| {
            let length = found.end - found.start;
            (expecting != Some(&found.kind), std::cmp::Reverse(length), found.rank, found.start)
        });
        let mut kept = without_overlaps(found, shortened.len());
        kept.sort_by_key(|found| found.start);
        place(original, normalised, &shortened, kept)
    }

    /// `listed` are the bot's own listed values.
    fn builtin(
        &self,
        text: &Text,
        moment: EntityMoment,
        expecting: Option<&str>,
        listed: &[Found],
    ) -> Vec<Found> {
        let expects = |builtin: Builtin| expecting == Some(builtin.name());
        let mut numbers = number::find(text, expects(Builtin::Number));
        number::counting_listed(text, &mut numbers, listed);
        let provinces = province::find(text, expects(Builtin::Province));
        let mut found = contact::find(text);
        found.extend(identity::find(text, expecting));
        found.extend(slip::find(text, expects(Builtin::SlipReference)));
        found.extend(province::entities(&provinces));
        found.extend(postcode::find(text, &provinces, expects(Builtin::Postcode)));
        found.extend(address::find(text, &provinces));
        found.extend(days(text, &mut numbers, moment, expects(Builtin::Date)));
        found.extend(told_clock::find(text, &numbers));
        found.extend(duration::find(text, &numbers));
        found.extend(percent::find(text, &numbers));
        found.extend(money::find(text, &numbers));
        found.extend(numbers.iter().filter_map(Number::found));
        let wanted = |found: &Found| {
            Builtin::from_name(&found.kind).is_some_and(|builtin| self.builtins.contains(&builtin))
        };
        found.retain(wanted);
        found
    }
}

/// Dates, periods and times in figures, which lean on dates.
fn days(text: &Text, numbers: &mut [Number], moment: EntityMoment, expected: bool) -> Vec<Found> {
    let weekdays = weekday::find(text, moment);
    let dates = date::find(text, numbers, moment, expected);
    let mut found: Vec<Found> =
        dates.found.into_iter().map(|date| with_weekday(text, date, &weekdays)).collect();
    found.extend(weekdays);
    found.extend(english_day::find(text, moment));
    found.extend(day_within::find(text, moment));
    found.extend(feast::find(text, moment));
    found.extend(relative::find(text, numbers, moment));
    found.extend(english_day::of_days(text, &found));
    found.extend(range::find(text, &found, moment));
    found.extend(period::of_days(text, &found));
    found.extend(period::find(text, numbers, moment));
    let apart = |start: usize, end: usize, other: &Range<usize>| end <= other.start || start >= other.end;
    found.retain(|found| dates.impossible.iter().all(|day| apart(found.start, found.end, &day.bytes)));
    // A dialogue that asked for a date may say what is wrong with its number.
    let named = dates.impossible.iter().filter(|day| day.named && !expected);
    for day in named {
        let inside = numbers.iter_mut().filter(|number| !apart(number.start, number.end, &day.bytes));
        inside.for_each(|number| number.sure = false);
    }
    let date_ends = found.iter().filter(|found| found.kind == "date").map(|date| date.end).collect();
    found.extend(clock::find(text, numbers, &date_ends));
    found
}

/// The candidates in the order of preference, each only where no earlier one is. `length` is that of the text in bytes.
fn without_overlaps(candidates: Vec<Found>, length: usize) -> Vec<Found> {
    let mut taken = vec![false; length];
    let mut kept = Vec::new();
    for candidate in candidates {
        let place = taken.get_mut(candidate.start..candidate.end);
        if let Some(place) = place.filter(|place| !place.contains(&true)) {
            place.fill(true);
            kept.push(candidate);
        }
    }
    kept
}

/// "baratza encore" names one thing by two of its names.
fn named_twice(text: &Text, mut listed: Vec<Found>) -> Vec<Found> {
    listed.sort_by_key(|found| found.start);
    let mut kept: Vec<Found> = Vec::new();
    for found in listed {
        let again = |last: &Found| {
            let beside = text.lower.get(last.end..found.start) == Some(" ");
            let other = text.lower.get(last.start..last.end) != text.lower.get(found.start..found.end);
            beside && other && last.kind == found.kind && last.value == found.value
        };
        match kept.last_mut() {
            Some(last) if again(last) => last.end = found.end,
            _ => kept.push(found),
        }
    }
    kept
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
