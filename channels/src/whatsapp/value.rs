//! Reading JSON that forgives: what is missing or of another type is none, never an error.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The text at `path`; ids and times may come as numbers. None where it is missing, empty or something else.
pub(super) fn word(value: &Value, path: &str) -> Option<String> {
    match value.pointer(path)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The whole number at `path`, which may come as a text.
pub(super) fn whole(value: &Value, path: &str) -> Option<i64> {
    let found = value.pointer(path)?;
    found.as_i64().or_else(|| found.as_str()?.trim().parse().ok())
}

/// The number at `path`, which may come as a text; never one that JSON could not hold.
pub(super) fn decimal(value: &Value, path: &str) -> Option<f64> {
    let found = value.pointer(path)?;
    found.as_f64().or_else(|| found.as_str()?.trim().parse().ok()).filter(|number: &f64| number.is_finite())
}

/// True where `path` holds exactly `true`.
pub(super) fn is_set(value: &Value, path: &str) -> bool {
    value.pointer(path) == Some(&Value::Bool(true))
}

/// The items of the list at `path`; none where it is no list.
pub(super) fn items<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    value.pointer(path).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The time at `path` in microseconds. WhatsApp counts seconds, in some events milliseconds.
pub(super) fn time(value: &Value, path: &str) -> Option<i64> {
    const FIRST_MILLISECONDS: i64 = 100_000_000_000;
    let time = whole(value, path).filter(|time| *time > 0)?;
    time.checked_mul(if time < FIRST_MILLISECONDS { 1_000_000 } else { 1_000 })
}

/// A name that a stranger chose, at a length that can be stored.
pub(super) fn short(name: &str) -> String {
    name.chars().take(64).collect()
}

/// The same for the same bytes: the id of an event to which the platform gives none.
pub(super) fn digest(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_and_texts_are_one() {
        let value = json!({"a": 7, "b": "7", "c": "", "d": [], "e": "1e400", "f": " 7.5 ", "g": true});
        assert_eq!((word(&value, "/a"), word(&value, "/b")), (Some("7".into()), Some("7".into())));
        assert_eq!((word(&value, "/c"), word(&value, "/d"), word(&value, "/z")), (None, None, None));
        assert_eq!((whole(&value, "/a"), whole(&value, "/b"), whole(&value, "/f")), (Some(7), Some(7), None));
        assert_eq!((decimal(&value, "/e"), decimal(&value, "/f")), (None, Some(7.5)));
        assert!(is_set(&value, "/g") && !is_set(&value, "/a") && items(&value, "/a").is_empty());
    }

    #[test]
    fn times_are_seconds_or_milliseconds() {
        let at = |time: Value| super::time(&json!({"t": time}), "/t");
        assert_eq!(at(json!("1749416383")), Some(1_749_416_383_000_000));
        assert_eq!(at(json!(1_749_416_383)), Some(1_749_416_383_000_000));
        assert_eq!(at(json!(1_749_416_383_500_i64)), Some(1_749_416_383_500_000));
        for none in [json!("TIMESTAMP"), json!(0), json!(-5), json!(i64::MAX), json!(null), json!([])] {
            assert_eq!(at(none), None);
        }
    }
}
