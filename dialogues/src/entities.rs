//! The entities a bot adds to the built-in ones, as `entities.yaml` declares them.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::expression::Kind;
use crate::problem::Mark;
use crate::reading::{Node, Reading};

/// Entity types that are found without the bot's help: nlu finds the first in a text, the rest are what else people send.
pub const BUILT_IN: [(&str, Kind); 19] = [
    ("phone", Kind::Text),
    ("email", Kind::Text),
    ("number", Kind::Number),
    ("date", Kind::Date),
    ("money", Kind::Money),
    ("tax_id", Kind::Text),
    ("percent", Kind::Number),
    ("duration", Kind::Text),
    ("national_id", Kind::Text),
    ("slip_reference", Kind::Text),
    ("postcode", Kind::Text),
    ("province", Kind::Text),
    ("image", Kind::Text),
    ("video", Kind::Text),
    ("audio", Kind::Text),
    ("voice", Kind::Text),
    ("file", Kind::Text),
    ("location", Kind::Text),
    ("contact", Kind::Text),
];

/// Every type that nlu finds without the bot's help: those above, and those that fill no slot.
pub const FOUND_BY_NLU: [&str; 16] = [
    "phone",
    "email",
    "number",
    "date",
    "money",
    "tax_id",
    "percent",
    "duration",
    "national_id",
    "slip_reference",
    "postcode",
    "province",
    "address",
    "time",
    "period",
    "url",
];

/// An entity of the bot; its values are texts.
#[derive(Debug, Clone)]
pub struct Entity {
    pub name: String,
    pub shape: Shape,
    pub mark: Mark,
}

/// How an entity is found in a text.
#[derive(Debug, Clone)]
pub enum Shape {
    /// By a regular expression, which is not anchored.
    Pattern { pattern: Regex, letters: Letters },
    /// By one of its values' names.
    List(BTreeMap<String, ListValue>),
    /// As the bot's examples mark it: what its surroundings tell, not what it is.
    Learned,
}

/// What becomes of the letters that a pattern found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letters {
    AsWritten,
    Upper,
    Lower,
}

/// A value of a list entity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListValue {
    /// Its name by language.
    pub name: BTreeMap<String, String>,
    /// Other ways to write it, by language.
    pub synonyms: BTreeMap<String, Vec<String>>,
}

impl Entity {
    /// The normalised text of the first place in `text` that the pattern fits; none for list entities.
    pub fn find_pattern(&self, text: &str) -> Option<String> {
        let Shape::Pattern { pattern, letters } = &self.shape else { return None };
        let found = pattern.find(text)?.as_str();
        Some(match letters {
            Letters::AsWritten => found.to_owned(),
            Letters::Upper => found.to_uppercase(),
            Letters::Lower => found.to_lowercase(),
        })
    }

    /// Whether the entity is a list with this value.
    pub(crate) fn has_value(&self, value: &str) -> bool {
        matches!(&self.shape, Shape::List(values) if values.contains_key(value))
    }

    /// The name of a list value, in the language or the fallback.
    pub fn name_of(&self, value: &str, language: &str, fallback: &str) -> Option<&str> {
        let Shape::List(values) = &self.shape else { return None };
        let name = &values.get(value)?.name;
        name.get(language).or_else(|| name.get(fallback)).map(String::as_str)
    }
}

/// The entities of `entities.yaml`, by name.
pub(crate) fn read(node: &Node, reading: &mut Reading<'_>) -> BTreeMap<String, Entity> {
    let mut entities = BTreeMap::new();
    let Some(fields) = reading.any_fields(node, "entities") else { return entities };
    for (name, mark, node) in fields.iter() {
        if BUILT_IN.iter().any(|(built_in, _)| *built_in == name) {
            reading.error(mark, name, "this entity is built in", "choose another name");
        } else if let Some(shape) = read_shape(name, node, reading) {
            entities.insert(name.to_owned(), Entity { name: name.to_owned(), shape, mark });
        }
    }
    entities
}

const KEYS: [&str; 5] = ["pattern", "ignore_case", "letters", "values", "learned"];

fn read_shape(name: &str, node: &Node, reading: &mut Reading<'_>) -> Option<Shape> {
    let fields = reading.fields(node, name, &KEYS)?;
    if let Some(values) = fields.get("values") {
        return read_values(values, reading);
    }
    if let Some(learned) = fields.get("learned") {
        let is_learned = reading.boolean(learned, "learned")?;
        if !is_learned || fields.get("pattern").is_some() {
            reading.error(
                learned.mark,
                "learned",
                "is `true` alone or not there",
                "a pattern finds it already",
            );
            return None;
        }
        return Some(Shape::Learned);
    }
    let Some(pattern) = fields.get("pattern") else {
        let advice = "write `learned: true` for one that is learned from marks in the examples";
        reading.error(fields.mark, name, "has neither pattern nor values", advice);
        return None;
    };
    let ignore_case = fields.get("ignore_case").and_then(|node| reading.boolean(node, "ignore_case"));
    let letters =
        fields.get("letters").map_or(Some(Letters::AsWritten), |node| read_letters(node, reading))?;
    let pattern = read_pattern(pattern, ignore_case == Some(true), reading)?;
    Some(Shape::Pattern { pattern, letters })
}

fn read_letters(node: &Node, reading: &mut Reading<'_>) -> Option<Letters> {
    match reading.text(node, "letters")?.as_str() {
        "upper" => Some(Letters::Upper),
        "lower" => Some(Letters::Lower),
        other => {
            reading.error(node.mark, "letters", format!("there is no `{other}`"), "known: upper, lower");
            None
        }
    }
}

/// A regular expression of bounded size, or a problem that shows where it is wrong.
pub(crate) fn read_pattern(node: &Node, ignore_case: bool, reading: &mut Reading<'_>) -> Option<Regex> {
    let source = reading.text(node, "pattern")?;
    match RegexBuilder::new(&source).case_insensitive(ignore_case).size_limit(1 << 20).build() {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let text = error.to_string();
            let reason = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            reading.error(node.mark, "pattern", format!("not a regular expression: {reason}"), "");
            None
        }
    }
}

fn read_values(node: &Node, reading: &mut Reading<'_>) -> Option<Shape> {
    let fields = reading.any_fields(node, "values")?;
    let mut values = BTreeMap::new();
    for (id, _, node) in fields.iter() {
        let Some(fields) = reading.fields(node, id, &["name", "synonyms"]) else { continue };
        let name = fields.need("name", reading).map(|node| reading.by_language(node, "name"));
        let synonyms = fields.get("synonyms").map(|node| read_synonyms(node, reading));
        let value = ListValue { name: name.unwrap_or_default(), synonyms: synonyms.unwrap_or_default() };
        values.insert(id.to_owned(), value);
    }
    Some(Shape::List(values))
}

fn read_synonyms(node: &Node, reading: &mut Reading<'_>) -> BTreeMap<String, Vec<String>> {
    let Some(fields) = reading.any_fields(node, "synonyms") else { return BTreeMap::new() };
    let mut synonyms = BTreeMap::new();
    for (language, _, node) in fields.iter() {
        let names = reading.names(node, "synonyms");
        synonyms.insert(language.to_owned(), names.into_iter().map(|named| named.id).collect());
    }
    synonyms
}
