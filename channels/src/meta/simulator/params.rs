//! The parameters of a call: its query and its body, which is JSON, a form or the parts of an upload.

use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::HttpCall;

pub(super) fn params(call: &HttpCall<'_>) -> Value {
    let kind = call.header("content-type").unwrap_or("application/json");
    let mut found: Map<String, Value> = Map::new();
    let mut texts: Vec<(String, String)> = call.query.clone();
    if kind.starts_with("multipart/form-data") {
        texts.extend(multipart(kind, call.body));
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        texts.extend(form_urlencoded::parse(call.body).into_owned());
    } else if let Ok(Value::Object(body)) = serde_json::from_slice(call.body) {
        found = body;
    }
    for (name, text) in texts {
        // In forms, lists and objects are JSON within the text.
        let value =
            serde_json::from_str(&text).ok().filter(|value: &Value| value.is_object() || value.is_array());
        found.insert(name, value.unwrap_or(Value::String(text)));
    }
    Value::Object(found)
}

/// The parts of an upload; one with a file name is taken by that name.
fn multipart(kind: &str, body: &[u8]) -> Vec<(String, String)> {
    let Some((_, boundary)) = kind.split_once("boundary=") else { return Vec::new() };
    let body = String::from_utf8_lossy(body);
    let separator = format!("--{}", boundary.trim_matches('"'));
    body.split(separator.as_str()).filter_map(part).collect()
}

fn part(part: &str) -> Option<(String, String)> {
    let (head, content) = part.split_once("\r\n\r\n")?;
    let named = |key: &str| Some(head.split_once(&format!("{key}=\""))?.1.split_once('"')?.0.to_owned());
    let content = content.strip_suffix("\r\n").unwrap_or(content);
    Some((named("; name")?, named("; filename").unwrap_or_else(|| content.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HttpMethod;
    use serde_json::json;

    fn check(kind: &str, body: &str) {
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        let query = vec![("access_token".to_owned(), "T".to_owned())];
        let call = HttpCall { method: HttpMethod::Post, query, headers, body: body.as_bytes(), now: 0 };
        let expected = json!({"recipient": {"id": "7"}, "note": "สวัสดี & 你好", "access_token": "T"});
        assert_eq!(params(&call), expected, "{kind}");
    }

    #[test]
    fn the_three_shapes_say_the_same() {
        check("application/json", r#"{"recipient":{"id":"7"},"note":"สวัสดี & 你好"}"#);
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("recipient", r#"{"id":"7"}"#)
            .append_pair("note", "สวัสดี & 你好")
            .finish();
        check("application/x-www-form-urlencoded", &form);
        let parts = [("recipient", r#"{"id":"7"}"#), ("note", "สวัสดี & 你好")].map(|(name, value)| {
            format!("--x1\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        });
        check("multipart/form-data; boundary=x1", &format!("{}--x1--\r\n", parts.concat()));
    }
}
