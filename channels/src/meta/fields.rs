//! Reading JSON that may hold anything: what is missing or of another type is none, never an error. Paths are JSON
//! pointers.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Ids beyond this length are kept by their fingerprint: a database indexes them.
const LONGEST_ID: usize = 512;

/// Timestamps from here are seconds (2001 to 5138): as milliseconds they would lie in the first months of 1970 to 1973.
const SECONDS: std::ops::Range<i64> = 1_000_000_000..100_000_000_000;

/// A text that is not empty; numbers count as texts, because old payloads write ids as numbers.
pub(crate) fn text(value: &Value, path: &str) -> Option<String> {
    let found = match value.pointer(path)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!found.is_empty()).then_some(found)
}

/// An id as text, at a length that can be stored.
pub(crate) fn id(value: &Value, path: &str) -> Option<String> {
    let found = text(value, path)?;
    Some(if found.len() > LONGEST_ID { fingerprint(found.as_bytes()) } else { found })
}

/// The first of several ids that is there.
pub(crate) fn first_id(value: &Value, paths: &[&str]) -> Option<String> {
    paths.iter().find_map(|path| id(value, path))
}

/// The first of several texts that is there.
pub(crate) fn first_text(value: &Value, paths: &[&str]) -> Option<String> {
    paths.iter().find_map(|path| text(value, path))
}

pub(crate) fn flag(value: &Value, path: &str) -> bool {
    match value.pointer(path) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(word)) => word == "true",
        _ => false,
    }
}

pub(crate) fn number(value: &Value, path: &str) -> Option<f64> {
    let found = value.pointer(path)?;
    let number = found.as_f64().or_else(|| found.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

/// The entries of a list; a single object counts as a list of one.
pub(crate) fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    match value.pointer(path) {
        Some(Value::Array(items)) => items,
        Some(item @ Value::Object(_)) => std::slice::from_ref(item),
        _ => &[],
    }
}

/// A time in microseconds UTC, from milliseconds or seconds, as number or text.
pub(crate) fn time(value: &Value, path: &str) -> Option<i64> {
    let found = value.pointer(path)?;
    let time = found.as_i64().or_else(|| found.as_str()?.trim().parse().ok()).filter(|time| *time > 0)?;
    time.checked_mul(if SECONDS.contains(&time) { 1_000_000 } else { 1_000 })
}

/// What is the same for the same bytes, and nothing else.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..16])
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A name that a stranger chose, at a length that can be stored.
pub(crate) fn short(name: &str) -> String {
    name.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_read_in_every_shape() {
        let check = |given: Value, expected| assert_eq!(time(&given, ""), expected, "{given}");
        check(json!(1_458_692_752_478_i64), Some(1_458_692_752_478_000));
        check(json!("1458692752478"), Some(1_458_692_752_478_000));
        check(json!(1_449_135_003), Some(1_449_135_003_000_000));
        check(json!("1527459824"), Some(1_527_459_824_000_000));
        check(json!(3_000), Some(3_000_000));
        for wrong in
            [json!(0), json!(-5), json!(i64::MAX), json!(1.5), json!("2021-06-15"), json!(null), json!([])]
        {
            check(wrong, None);
        }
    }

    #[test]
    fn ids_are_texts_of_a_length_that_can_be_stored() {
        assert_eq!(id(&json!(987_654_321_432_u64), ""), Some("987654321432".into()));
        assert_eq!(id(&json!("m_1"), ""), Some("m_1".into()));
        assert_eq!(id(&json!("x".repeat(513)), "").map(|id| id.len()), Some(32));
        for wrong in [json!(""), json!(null), json!({}), json!(true)] {
            assert_eq!(id(&wrong, ""), None);
        }
    }
}
