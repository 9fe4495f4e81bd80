//! What the simulators of all platforms share: the shapes in which they are called, answer and remember.
//!
//! A simulator is a value: `handle(path, call)` takes a call that our side made, changes the simulator and returns the
//! platform's answer with the webhooks it now sends us. The time is the call's own. Who holds the simulator carries the
//! webhooks over (real platforms send one again until it is answered 2xx) and serves its transcript to people.

use serde::Serialize;
use url::Url;

use crate::{AccountConfig, HttpCall, HttpMethod, HttpResponse, MediaKind, PlatformRequest, Transport};

/// What the pretended platform answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer as an adapter's `outcome` reads it.
    pub fn as_response(&self) -> HttpResponse<'_> {
        HttpResponse { status: self.status, headers: self.headers.clone(), body: &self.body }
    }
}

/// A webhook that the pretended platform posts to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Webhook {
    /// The webhook as an adapter's `receive` gets it at `now`.
    pub fn as_call(&self, now: i64) -> HttpCall<'_> {
        HttpCall {
            method: HttpMethod::Post,
            query: Vec::new(),
            headers: self.headers.clone(),
            body: &self.body,
            now,
        }
    }
}

/// One message of a pretended chat, as its customer sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    pub from: Speaker,
    /// The platform's id of the message within its chat.
    pub id: String,
    /// Microseconds UTC.
    pub at: i64,
    pub text: String,
    pub media: Option<MediaKind>,
    pub media_url: Option<String>,
    pub buttons: Vec<LineButton>,
    /// The reaction of the other side.
    pub reaction: Option<String>,
    pub edited: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    Customer,
    Us,
}

/// A button or choice under a message: it carries a payload back to us, or opens an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineButton {
    pub title: String,
    pub payload: Option<String>,
    pub url: Option<String>,
}

/// Carries one planned request to a simulator as the engine would: secrets filled in, body as JSON, the address split
/// into path and query. None for requests that do not leave by HTTP.
pub fn deliver<T>(
    request: &PlatformRequest,
    account: &AccountConfig,
    now: i64,
    handle: impl FnOnce(&str, &HttpCall<'_>) -> T,
) -> Option<T> {
    let Transport::Http { method, url, headers } = &request.transport else { return None };
    let url = Url::parse(&account.fill_secrets(url)).ok()?;
    let mut headers: Vec<(String, String)> =
        headers.iter().map(|(name, value)| (name.to_lowercase(), account.fill_secrets(value))).collect();
    let mut body = Vec::new();
    if !request.body.is_null() {
        headers.push(("content-type".into(), "application/json".into()));
        body = request.body.to_string().into_bytes();
    }
    let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    Some(handle(url.path(), &HttpCall { method: *method, query, headers, body: &body, now }))
}
