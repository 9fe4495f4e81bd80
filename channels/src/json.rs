//! Reading what platforms send.

use serde::de::IgnoredAny;
use serde_json::Value;

/// The JSON in `body`; none where it is not exactly one value that can be read. NUL characters, which text columns of
/// databases cannot hold, become U+FFFD, in names and in texts.
pub(crate) fn read_json(body: &[u8]) -> Option<Value> {
    let value = serde_json::from_slice(body).ok()?;
    // A NUL can only come escaped; without the escape there is nothing to look for.
    let has_nul = body.windows(6).any(|window| window == b"\\u0000");
    Some(if has_nul { without_nul(value) } else { value })
}

/// The JSON in `body`, also where a tool put a byte order mark before it (which RFC 8259 lets a reader ignore) or a platform
/// cut a text between the halves of an emoji.
pub(crate) fn read_mended_json(body: &[u8]) -> Option<Value> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    read_json(body).or_else(|| read_json(&mended(body)?))
}

/// The body of a webhook. None where it is no JSON object; null where it is one that is too deep, or holds numbers too large,
/// to be read: it must not be lost, and the platform would only send it again.
pub(crate) fn read_call(body: &[u8]) -> Option<Value> {
    match read_mended_json(body) {
        Some(value) => Some(value).filter(Value::is_object),
        None => is_object(body).then_some(Value::Null),
    }
}

fn is_object(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    body.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

/// The body with every escaped half of a surrogate pair that stands alone replaced by U+FFFD. None where there is nothing to mend.
fn mended(body: &[u8]) -> Option<Vec<u8>> {
    let unit = |at: usize| {
        let digits = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let is_high = |unit: Option<u16>| unit.is_some_and(|unit| (0xd800..0xdc00).contains(&unit));
    let is_low = |unit: Option<u16>| unit.is_some_and(|unit| (0xdc00..0xe000).contains(&unit));
    let mut mended = Vec::with_capacity(body.len());
    let (mut at, mut changed) = (0, false);
    while at < body.len() {
        let found = unit(at);
        let (taken, whole) = match (is_high(found), is_low(found)) {
            (true, _) if is_low(unit(at + 6)) => (12, true),
            (false, false) if body[at] == b'\\' => (2, true),
            (false, false) => (1, true),
            _ => (6, false),
        };
        let end = (at + taken).min(body.len());
        mended.extend_from_slice(if whole { &body[at..end] } else { b"\\ufffd" });
        changed |= !whole;
        at = end;
    }
    changed.then_some(mended)
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
    fn halves_of_an_emoji_are_replaced() {
        let check = |body: &str, expected: &str| {
            assert_eq!(read_mended_json(body.as_bytes()), Some(json!([expected])), "{body}");
        };
        check(r#"["\ud83d\ude00"]"#, "😀");
        check(r#"["a\ud83d"]"#, "a\u{fffd}");
        check(r#"["\ude00b"]"#, "\u{fffd}b");
        check(r#"["\ud83d\ud83d\ude00"]"#, "\u{fffd}😀");
        check(r#"["\\ud83d\ud83d"]"#, "\\ud83d\u{fffd}");
        assert_eq!(read_mended_json(br#"["\ud8"]"#), None);
        assert_eq!(read_mended_json(b"\xef\xbb\xbf[\"x\"]"), Some(json!(["x"])));
    }

    #[test]
    fn what_is_too_deep_is_an_object_all_the_same() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(500), "]".repeat(500));
        assert_eq!(read_call(deep.as_bytes()), Some(Value::Null));
        assert_eq!(read_call(b"{\"a\":1e999}"), Some(Value::Null));
        assert_eq!(read_call(b"\xef\xbb\xbf{\"a\":\"\\ud83d\"}"), Some(json!({"a": "\u{fffd}"})));
        for refused in ["[]", "7", "", "{", "{\"a\":1e}", "{} {}"] {
            assert_eq!(read_call(refused.as_bytes()), None, "{refused}");
        }
    }

    #[test]
    fn nul_is_replaced_everywhere() {
        let body = br#"{"a\u0000": ["\u0000b", {"c": "ok \\u0000"}]}"#;
        let expected = json!({"a\u{fffd}": ["\u{fffd}b", {"c": "ok \\u0000"}]});
        assert_eq!(read_json(body), Some(expected));
        assert_eq!(read_json(b"{} {}"), None);
        assert_eq!(read_json(b"{\"a\":\"\0\"}"), None);
    }
}
