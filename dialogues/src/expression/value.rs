//! The values that expressions, slots and the arguments of wording have.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value as Json;

use super::date::Date;

/// Values by name.
pub type Record = BTreeMap<String, Value>;

/// A value. Money is a number of satang.
///
/// Written as plain JSON, except that a date is `{"$date": "2026-11-21"}`, so that state read back is
/// the state that was written.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    #[default]
    None,
    Boolean(bool),
    /// Always finite.
    Number(f64),
    Text(String),
    Date(Date),
    List(Vec<Value>),
    Record(Record),
}

impl Value {
    pub fn text(text: impl Into<String>) -> Self {
        Value::Text(text.into())
    }

    /// A number, or none where the arithmetic had no finite result.
    pub fn number(number: f64) -> Self {
        if number.is_finite() { Value::Number(number) } else { Value::None }
    }

    pub fn is_none(&self) -> bool {
        matches!(self, Value::None)
    }

    /// Only `true` counts as true.
    pub fn is_true(&self) -> bool {
        matches!(self, Value::Boolean(true))
    }

    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = self { Some(text) } else { None }
    }

    pub fn as_number(&self) -> Option<f64> {
        if let Value::Number(number) = self { Some(*number) } else { None }
    }

    /// The field of a record; none for everything else.
    #[must_use]
    pub fn member(&self, name: &str) -> Value {
        match self {
            Value::Record(record) => record.get(name).cloned().unwrap_or_default(),
            _ => Value::None,
        }
    }

    /// The value as an outside service takes it: a date is the text `2026-11-21`.
    pub fn to_plain_json(&self) -> Json {
        match self {
            Value::None => Json::Null,
            Value::Boolean(boolean) => Json::Bool(*boolean),
            Value::Number(number) => json_number(*number),
            Value::Text(text) => Json::String(text.clone()),
            Value::Date(date) => Json::String(date.to_string()),
            Value::List(items) => Json::Array(items.iter().map(Value::to_plain_json).collect()),
            Value::Record(record) => Json::Object(
                record.iter().map(|(name, value)| (name.clone(), value.to_plain_json())).collect(),
            ),
        }
    }

    /// The value of plain JSON; `{"$date": …}` with a real day is a date.
    pub fn from_json(json: &Json) -> Value {
        match json {
            Json::Null => Value::None,
            Json::Bool(boolean) => Value::Boolean(*boolean),
            Json::Number(number) => number.as_f64().map_or(Value::None, Value::number),
            Json::String(text) => Value::Text(text.clone()),
            Json::Array(items) => Value::List(items.iter().map(Value::from_json).collect()),
            Json::Object(fields) => match tagged_date(fields) {
                Some(date) => Value::Date(date),
                None => Value::Record(
                    fields.iter().map(|(name, value)| (name.clone(), Value::from_json(value))).collect(),
                ),
            },
        }
    }
}

fn tagged_date(fields: &serde_json::Map<String, Json>) -> Option<Date> {
    if fields.len() != 1 {
        return None;
    }
    fields.get("$date")?.as_str()?.parse().ok()
}

/// Whole numbers are written without a fraction, so that services which want an integer get one.
fn json_number(number: f64) -> Json {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Json::from(number as i64);
    }
    serde_json::Number::from_f64(number).map_or(Json::Null, Json::Number)
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Date(date) => serializer.collect_map([("$date", date.to_string())]),
            Value::List(items) => serializer.collect_seq(items),
            Value::Record(record) => serializer.collect_map(record),
            plain => plain.to_plain_json().serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Value::from_json(&Json::deserialize(deserializer)?))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Value::Boolean(boolean)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Value::number(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Value::Number(f64::from(number))
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Value::Date(date)
    }
}

impl From<Record> for Value {
    fn from(record: Record) -> Self {
        Value::Record(record)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Value::List(items)
    }
}
