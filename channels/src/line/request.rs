//! Calls of the Messaging API. The access token stands in the header by name, so that a call can be stored and logged.

use serde_json::Value;
use url::form_urlencoded::Serializer;

use crate::{AccountConfig, HttpMethod, PlatformRequest, Transport};

/// Where the API answers, and where media are.
const API: &str = "https://api.line.me";
const DATA: &str = "https://api-data.line.me";

pub(super) fn get(account: &AccountConfig, path: &str) -> PlatformRequest {
    request(HttpMethod::Get, &format!("{}{path}", base(account)), Value::Null)
}

pub(super) fn post(account: &AccountConfig, path: &str, body: Value) -> PlatformRequest {
    request(HttpMethod::Post, &format!("{}{path}", base(account)), body)
}

pub(super) fn put(account: &AccountConfig, path: &str, body: Value) -> PlatformRequest {
    request(HttpMethod::Put, &format!("{}{path}", base(account)), body)
}

pub(super) fn delete(account: &AccountConfig, path: &str) -> PlatformRequest {
    request(HttpMethod::Delete, &format!("{}{path}", base(account)), Value::Null)
}

/// A call to the host that keeps media.
pub(super) fn data(account: &AccountConfig, method: HttpMethod, path: &str) -> PlatformRequest {
    request(method, &format!("{}{path}", data_base(account)), Value::Null)
}

/// The same call with another header.
pub(super) fn with_header(mut request: PlatformRequest, name: &str, value: &str) -> PlatformRequest {
    if let Transport::Http { headers, .. } = &mut request.transport {
        headers.push((name.to_owned(), value.to_owned()));
    }
    request
}

pub(super) fn base(account: &AccountConfig) -> &str {
    let base = account.api_base.trim_end_matches('/');
    if base.is_empty() { API } else { base }
}

/// The setting `data_base`, else the sibling of LINE's API, else where a simulator answers to everything.
fn data_base(account: &AccountConfig) -> &str {
    let set = account.settings.get("data_base").map(|base| base.trim_end_matches('/'));
    set.filter(|base| !base.is_empty()).unwrap_or(if base(account) == API { DATA } else { base(account) })
}

fn request(method: HttpMethod, url: &str, body: Value) -> PlatformRequest {
    let headers = vec![("Authorization".to_owned(), "Bearer {access_token}".to_owned())];
    PlatformRequest::new(Transport::Http { method, url: url.to_owned(), headers }, body)
}

/// An id as one segment of a path: whatever it holds, it stays one, and never names a secret.
pub(super) fn segment(id: &str) -> String {
    let mut encoded = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            escape(byte, &mut encoded);
        }
    }
    encoded
}

/// Adds a byte as `%41`.
pub(super) fn escape(byte: u8, to: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    to.push('%');
    to.push(char::from(DIGITS[usize::from(byte >> 4)]));
    to.push(char::from(DIGITS[usize::from(byte & 15)]));
}

/// A path with those of the pairs that have a value as its query.
pub(super) fn with_query(path: &str, pairs: &[(&str, Option<&str>)]) -> String {
    let mut query = Serializer::new(String::new());
    for (name, value) in pairs {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The path of a call's address, for those who read the answer.
pub(super) fn path_of(request: &PlatformRequest) -> &str {
    let Transport::Http { url, .. } = &request.transport else { return "" };
    let behind_scheme = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let path = behind_scheme.find('/').map_or("", |at| &behind_scheme[at..]);
    path.split(['?', '#']).next().unwrap_or_default()
}
