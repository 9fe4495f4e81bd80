//! The parameters of a call: JSON, a form, or parts of a multipart body, and the query.

use serde_json::Value;
use url::form_urlencoded;

use crate::HttpCall;

/// Parameters by name. In forms every value is text, and lists and objects are JSON within that text.
pub(super) struct Fields {
    values: Vec<(String, Value)>,
    /// The bytes of the parts that are files, by the names of the parts.
    files: Vec<(String, Vec<u8>)>,
}

impl Fields {
    pub(super) fn of(call: &HttpCall<'_>) -> Self {
        let kind = call.header("content-type").unwrap_or("application/json");
        let mut files = Vec::new();
        let body = if kind.starts_with("multipart/form-data") {
            multipart(kind, call.body, &mut files)
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            texts(form_urlencoded::parse(call.body).into_owned())
        } else {
            json(call.body)
        };
        Self { values: texts(call.query.iter().cloned()).into_iter().chain(body).collect(), files }
    }

    /// The name and the bytes of an uploaded file: the part of that name, or the one that it names as `attach://…`.
    pub(super) fn upload(&self, name: &str) -> Option<(&str, &[u8])> {
        let value = self.text(name)?;
        let part = value.strip_prefix("attach://").unwrap_or(name);
        let (_, bytes) = self.files.iter().find(|(file, _)| file == part)?;
        Some((self.text(part)?, bytes))
    }

    /// The same call with these parameters in the place of its own.
    pub(super) fn with(&self, values: &[(&str, Value)]) -> Self {
        let given = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        Self { values: given.chain(self.values.iter().cloned()).collect(), files: self.files.clone() }
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        let value = self.get(name)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        let value = self.get(name)?;
        value.as_f64().or_else(|| value.as_str()?.parse().ok())
    }

    /// A list or object.
    pub(super) fn json(&self, name: &str) -> Option<Value> {
        match self.get(name)? {
            Value::Null => None,
            Value::String(text) => serde_json::from_str(text).ok(),
            value => Some(value.clone()),
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

fn texts(pairs: impl Iterator<Item = (String, String)>) -> Vec<(String, Value)> {
    pairs.map(|(name, value)| (name, Value::String(value))).collect()
}

fn json(body: &[u8]) -> Vec<(String, Value)> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => fields.into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The parts of a multipart body; one with a file name is taken by that name, and its bytes go into `files`.
fn multipart(kind: &str, body: &[u8], files: &mut Vec<(String, Vec<u8>)>) -> Vec<(String, Value)> {
    let Some((_, boundary)) = kind.split_once("boundary=") else { return Vec::new() };
    let separator = format!("\r\n--{}", boundary.trim_matches('"'));
    let first = separator.trim_start();
    let mut rest = body.strip_prefix(first.as_bytes()).unwrap_or_default();
    let mut values = Vec::new();
    while let Some(end) = find(rest, separator.as_bytes()) {
        let head = find(&rest[..end], b"\r\n\r\n");
        if let Some((name, value)) = head.and_then(|head| part(&rest[..head], &rest[head + 4..end], files)) {
            values.push((name, Value::String(value)));
        }
        rest = &rest[end + separator.len()..];
    }
    values
}

fn part(head: &[u8], content: &[u8], files: &mut Vec<(String, Vec<u8>)>) -> Option<(String, String)> {
    let head = String::from_utf8_lossy(head);
    let named = |key: &str| Some(head.split_once(&format!("{key}=\""))?.1.split_once('"')?.0.to_owned());
    let name = named("; name")?;
    let Some(file) = named("; filename") else {
        return Some((name, String::from_utf8_lossy(content).into_owned()));
    };
    files.push((name.clone(), content.to_vec()));
    Some((name, file))
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HttpMethod;

    fn check(kind: &str, body: &str) {
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        let query = vec![("limit".to_owned(), "5".to_owned())];
        let call = HttpCall { method: HttpMethod::Post, query, headers, body: body.as_bytes(), now: 0 };
        let fields = Fields::of(&call);
        assert_eq!(fields.integer("chat_id"), Some(-100_123));
        assert_eq!(fields.integer("limit"), Some(5));
        assert_eq!(fields.text("text"), Some("สวัสดี & 你好"));
        assert_eq!(fields.json("reply_markup").unwrap()["inline_keyboard"], serde_json::json!([]));
        assert_eq!(fields.number("latitude"), Some(1.5));
        assert_eq!(fields.text("missing"), None);
    }

    #[test]
    fn the_three_shapes_say_the_same() {
        check(
            "application/json",
            r#"{"chat_id":-100123,"text":"สวัสดี & 你好","reply_markup":{"inline_keyboard":[]},"latitude":1.5}"#,
        );
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("chat_id", "-100123")
            .append_pair("text", "สวัสดี & 你好")
            .append_pair("reply_markup", r#"{"inline_keyboard":[]}"#)
            .append_pair("latitude", "1.5")
            .finish();
        check("application/x-www-form-urlencoded", &form);
        let parts = [
            ("chat_id", "-100123"),
            ("text", "สวัสดี & 你好"),
            ("reply_markup", r#"{"inline_keyboard":[]}"#),
            ("latitude", "1.5"),
        ];
        let parts = parts.map(|(name, value)| {
            format!("--x1\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        });
        check("multipart/form-data; boundary=x1", &format!("{}--x1--\r\n", parts.concat()));
    }

    #[test]
    fn a_file_keeps_its_bytes_and_its_name() {
        let file = b"\x89PNG\r\n\x1a\n\0\xff--x\r\n".as_slice();
        for (part, value) in [("photo", None), ("attached0", Some("attach://attached0"))] {
            let mut body = Vec::new();
            if let Some(value) = value {
                body.extend(b"--x1\r\nContent-Disposition: form-data; name=\"photo\"\r\n\r\n");
                body.extend(format!("{value}\r\n").bytes());
            }
            let head = format!(
                "--x1\r\nContent-Disposition: form-data; name=\"{part}\"; filename=\"a.png\"\r\n\r\n"
            );
            body.extend(head.bytes().chain(file.iter().copied()).chain(*b"\r\n--x1--\r\n"));
            let headers = vec![("content-type".to_owned(), "multipart/form-data; boundary=x1".to_owned())];
            let call = HttpCall { method: HttpMethod::Post, query: Vec::new(), headers, body: &body, now: 0 };
            assert_eq!(Fields::of(&call).upload("photo"), Some(("a.png", file)));
        }
    }
}
