//! Reading fields that may be missing, wrong or of another type: every one of them is then none, never an error.

use serde_json::Value;

/// The text at `pointer`, which may be empty.
pub(super) fn text(value: &Value, pointer: &str) -> Option<String> {
    value.pointer(pointer)?.as_str().map(str::to_owned)
}

/// The id or token at `pointer`: a text that is not empty, or a whole number as text.
pub(super) fn id(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

/// The whole number at `pointer`, which may be written as text or with a fraction of zero.
pub(super) fn integer(value: &Value, pointer: &str) -> Option<i64> {
    let value = value.pointer(pointer)?;
    let whole = |number: &f64| number.fract() == 0.0 && number.abs() < 9e15;
    value
        .as_i64()
        .or_else(|| value.as_f64().filter(whole).map(|number| number as i64))
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// The number at `pointer`, which may be written as text.
pub(super) fn number(value: &Value, pointer: &str) -> Option<f64> {
    let value = value.pointer(pointer)?;
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    number.filter(|number| number.is_finite())
}

/// True where `pointer` says true.
pub(super) fn flag(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).and_then(Value::as_bool) == Some(true)
}

/// The list at `pointer`; empty where there is none.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A name that a stranger chose, at a length that can be stored.
pub(super) fn short(name: &str) -> String {
    name.chars().take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_may_be_texts_and_ids_may_be_numbers() {
        let value = json!({"a": "12", "b": 12, "c": 12.0, "d": 1.5, "e": "x", "f": [], "g": "", "h": 1e300});
        let integers = |names: &[&str]| -> Vec<Option<i64>> {
            names.iter().map(|name| integer(&value, &format!("/{name}"))).collect()
        };
        assert_eq!(integers(&["a", "b", "c"]), [Some(12); 3]);
        assert_eq!(integers(&["d", "e", "f", "h", "z"]), [None; 5]);
        assert_eq!(number(&value, "/d"), Some(1.5));
        assert_eq!((id(&value, "/a"), id(&value, "/b")), (Some("12".into()), Some("12".into())));
        assert_eq!((id(&value, "/d"), id(&value, "/g")), (None, None));
        assert_eq!(text(&value, "/g"), Some(String::new()));
    }
}
