//! A planned request, and how it leaves us: secrets filled in, body as bytes, signed where the receiver wants that.

use base64::Engine;
use base64::prelude::BASE64_STANDARD as STANDARD;
use serde::{Deserialize, Serialize};

use crate::{AccountConfig, HttpMethod, signature};

/// The content type of forms.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// How a request leaves us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Transport {
    /// An HTTP call to the platform; a body that is not null goes as JSON. Secrets stand in `url` and `headers` by
    /// name: see [`AccountConfig::fill_secrets`].
    Http { method: HttpMethod, url: String, headers: Vec<(String, String)> },
    /// A live event to the web chat's sockets of this thread.
    Live { thread: String },
}

/// One thing to send. A reply may need several, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlatformRequest {
    pub transport: Transport,
    pub body: serde_json::Value,
    /// The signature that the engine adds in the moment it sends: see [`PlatformRequest::outgoing`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign: Option<Signing>,
}

impl PlatformRequest {
    /// The bytes to send and their content type; none where the body is null. A body goes as JSON, unless a
    /// `content-type` header says otherwise: then it is a text, which goes as it is for a form and for `text/…`, and as
    /// the bytes that it says in base64 for everything else (a picture).
    pub fn payload(&self) -> Option<(String, Vec<u8>)> {
        const JSON: &str = "application/json";
        if self.body.is_null() {
            return None;
        }
        let kind = match &self.transport {
            Transport::Http { headers, .. } => {
                headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            }
            Transport::Live { .. } => None,
        };
        let kind = kind.map_or(JSON, |(_, kind)| kind.as_str());
        let bytes = match &self.body {
            serde_json::Value::String(text) if kind == FORM || kind.starts_with("text/") => {
                text.clone().into_bytes()
            }
            serde_json::Value::String(text) if kind != JSON => STANDARD.decode(text).unwrap_or_default(),
            body => body.to_string().into_bytes(),
        };
        Some((kind.to_owned(), bytes))
    }
}

/// Asks for a signature over the body, made in the moment of sending because the secret is known only then. Its scheme is
/// that of `docs/webhook-channel.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signing {
    /// The header that carries the signature.
    pub header: String,
    /// The name of the secret. While it is changed, the signature is made with the former one, too.
    pub secret: String,
}

/// An HTTP call, complete. It holds secrets: send it, and neither store nor log it.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub method: HttpMethod,
    pub url: String,
    pub headers: Vec<(String, String)>,
    /// Empty where the request has no body.
    pub body: Vec<u8>,
}

impl PlatformRequest {
    /// A request that is not signed.
    pub fn new(transport: Transport, body: serde_json::Value) -> Self {
        Self { transport, body, sign: None }
    }

    /// The call as it leaves at `now`, microseconds UTC. None for what does not leave by HTTP. Where the secret that is to
    /// sign is missing there is no signature, which the receiver refuses in words that a person can read.
    pub fn outgoing(&self, account: &AccountConfig, now: i64) -> Option<Outgoing> {
        let Transport::Http { method, url, headers } = &self.transport else { return None };
        let filled = |(name, value): &(String, String)| (name.to_lowercase(), account.fill_secrets(value));
        let mut headers: Vec<(String, String)> = headers.iter().map(filled).collect();
        let mut body = Vec::new();
        if let Some((kind, bytes)) = self.payload() {
            headers.retain(|(name, _): &(String, String)| name != "content-type");
            headers.push(("content-type".into(), kind));
            body = bytes;
        }
        if let Some(signing) = &self.sign {
            let signature = signature::sign(account.secrets_of(&signing.secret), &body, now);
            headers.extend(signature.map(|signature| (signing.header.to_lowercase(), signature)));
        }
        Some(Outgoing { method: *method, url: account.fill_secrets(url), headers, body })
    }
}
