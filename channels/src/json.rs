//! Reading what platforms send.

use serde_json::Value;

/// The JSON in `body`; none where it is not exactly one value that can be read. NUL characters, which text columns of
/// databases cannot hold, become U+FFFD, in names and in texts.
pub(crate) fn read_json(body: &[u8]) -> Option<Value> {
    let value = serde_json::from_slice(body).ok()?;
    // A NUL can only come escaped; without the escape there is nothing to look for.
    let has_nul = body.windows(6).any(|window| window == b"\\u0000");
    Some(if has_nul { without_nul(value) } else { value })
}

fn without_nul(value: Value) -> Value {
    let clean = |text: String| text.replace('\0', "\u{fffd}");
    match value {
        Value::String(text) => Value::String(clean(text)),
        Value::Array(items) => items.into_iter().map(without_nul).collect(),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, field)| (clean(name), without_nul(field))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nul_is_replaced_everywhere() {
        let body = br#"{"a\u0000": ["\u0000b", {"c": "ok \\u0000"}]}"#;
        let expected = json!({"a\u{fffd}": ["\u{fffd}b", {"c": "ok \\u0000"}]});
        assert_eq!(read_json(body), Some(expected));
        assert_eq!(read_json(b"{} {}"), None);
        assert_eq!(read_json(b"{\"a\":\"\0\"}"), None);
    }
}
