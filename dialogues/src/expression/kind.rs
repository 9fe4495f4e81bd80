//! The kinds of values, for action schemas and for finding comparisons that can never hold.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Record, Value};

/// What a value can be. Every value may also be none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nothing is known about it.
    Unknown,
    Text,
    Number,
    /// A number of satang.
    Money,
    Boolean,
    Date,
    /// One of these texts.
    OneOf(Vec<String>),
    List(Box<Kind>),
    Record(BTreeMap<String, Field>),
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub kind: Kind,
    /// Whether a service may leave it out.
    pub optional: bool,
}

/// Where a service's answer is not of its declared kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: expected {wanted}, found {found}")]
pub struct Mismatch {
    /// Such as `items[2].quantity`; empty for the whole answer.
    pub path: String,
    pub wanted: String,
    pub found: String,
}

impl Kind {
    /// The value of a service's JSON answer if it is of this kind; fields that are not declared are
    /// left out, so that a service may add some.
    pub fn read(&self, json: &Json) -> Result<Value, Mismatch> {
        self.read_at(json, "")
    }

    fn read_at(&self, json: &Json, path: &str) -> Result<Value, Mismatch> {
        let read = match (self, json) {
            (Kind::Unknown, json) => Some(Value::from_json(json)),
            (_, Json::Null) => Some(Value::None),
            (Kind::Text, Json::String(text)) => Some(Value::text(text)),
            (Kind::OneOf(texts), Json::String(text)) => texts.contains(text).then(|| Value::text(text)),
            (Kind::Number | Kind::Money, Json::Number(number)) => number.as_f64().map(Value::number),
            (Kind::Boolean, Json::Bool(boolean)) => Some(Value::Boolean(*boolean)),
            (Kind::Date, Json::String(text)) => text.parse().ok().map(Value::Date),
            (Kind::List(item), Json::Array(items)) => {
                let read = items.iter().enumerate();
                let read = read.map(|(index, json)| item.read_at(json, &format!("{path}[{index}]")));
                Some(Value::List(read.collect::<Result<_, _>>()?))
            }
            (Kind::Record(fields), Json::Object(object)) => Some(read_record(fields, object, path)?),
            _ => None,
        };
        read.ok_or_else(|| self.mismatch(json, path))
    }

    fn mismatch(&self, json: &Json, path: &str) -> Mismatch {
        let mut found = json.to_string();
        if let Some((end, _)) = found.char_indices().nth(60) {
            found.truncate(end);
        }
        Mismatch { path: path.to_owned(), wanted: self.to_string(), found }
    }

    /// Whether values of the two kinds can ever be equal.
    pub(crate) fn meets(&self, other: &Kind) -> bool {
        match (self, other) {
            (Kind::Unknown, _)
            | (_, Kind::Unknown)
            | (Kind::Text | Kind::OneOf(_), Kind::Text)
            | (Kind::Text, Kind::OneOf(_))
            | (Kind::Number | Kind::Money, Kind::Number | Kind::Money)
            | (Kind::Boolean, Kind::Boolean)
            | (Kind::Date, Kind::Date)
            | (Kind::Record(_), Kind::Record(_)) => true,
            (Kind::OneOf(left), Kind::OneOf(right)) => left.iter().any(|text| right.contains(text)),
            (Kind::List(left), Kind::List(right)) => left.meets(right),
            _ => false,
        }
    }

    /// Whether values of the kind have an order.
    pub(crate) fn is_ordered(&self) -> bool {
        !matches!(self, Kind::Boolean | Kind::List(_) | Kind::Record(_))
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self, Kind::Text | Kind::OneOf(_) | Kind::Unknown)
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Kind::Number | Kind::Money | Kind::Unknown)
    }
}

fn read_record(
    fields: &BTreeMap<String, Field>,
    object: &serde_json::Map<String, Json>,
    path: &str,
) -> Result<Value, Mismatch> {
    let mut record = Record::new();
    for (name, field) in fields {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match object.get(name) {
            Some(Json::Null) | None if field.optional => {}
            Some(Json::Null) | None => return Err(field.kind.mismatch(&Json::Null, &path)),
            Some(json) => {
                record.insert(name.clone(), field.kind.read_at(json, &path)?);
            }
        }
    }
    Ok(Value::Record(record))
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Unknown => f.write_str("anything"),
            Kind::Text => f.write_str("a text"),
            Kind::Number => f.write_str("a number"),
            Kind::Money => f.write_str("an amount of money"),
            Kind::Boolean => f.write_str("true or false"),
            Kind::Date => f.write_str("a date"),
            Kind::OneOf(texts) => write!(f, "one of {}", texts.join(", ")),
            Kind::List(_) => f.write_str("a list"),
            Kind::Record(_) => f.write_str("a record"),
        }
    }
}
