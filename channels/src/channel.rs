//! The contract of an adapter. Everything here is values in, values out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Advice, Capabilities, Choice, Event, Lost, Reply};

/// The platforms Sala speaks. The names are stable: they are stored and printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelName {
    Web,
    Telegram,
}

impl ChannelName {
    pub const ALL: [Self; 2] = [Self::Web, Self::Telegram];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Telegram => "telegram",
        }
    }

    /// The channel of this name, if there is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == name)
    }
}

/// The adapter of a channel.
pub fn channel(name: ChannelName) -> &'static dyn Channel {
    match name {
        ChannelName::Web => &crate::web::Web,
        ChannelName::Telegram => &crate::telegram::Telegram,
    }
}

/// What an adapter needs to know of one channel account. Secrets are plain here and live only as long as the call.
#[derive(Clone, Default)]
pub struct AccountConfig {
    /// Our id of the channel account, as it stands in webhook addresses.
    pub id: String,
    /// The platform's id of the account (a bot id, a page id), where it has one.
    pub external_id: String,
    /// Where the platform's API answers; the simulators put theirs here.
    pub api_base: String,
    /// Ordinary settings of the adapter.
    pub settings: BTreeMap<String, String>,
    /// Secrets by name. Two names may hold one secret while it is rotated: see [`AccountConfig::secrets_of`].
    pub secrets: BTreeMap<String, String>,
}

impl AccountConfig {
    /// The secret `name` and, during rotation, `name.previous`.
    pub fn secrets_of<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let previous = format!("{name}.previous");
        self.secrets.get(name).into_iter().chain(self.secrets.get(&previous)).map(String::as_str)
    }

    /// `template` with every `{name}` of a known secret replaced by that secret, in one pass: what a secret itself
    /// holds is never expanded. Requests are stored and logged with the names; the engine fills a request's address
    /// and header values (never its body, which may hold a customer's words) in the moment it sends it.
    pub fn fill_secrets(&self, template: &str) -> String {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            filled.push_str(&rest[..open]);
            rest = &rest[open..];
            let named = rest.find('}').and_then(|close| Some((close, self.secrets.get(&rest[1..close])?)));
            if let Some((close, secret)) = named {
                filled.push_str(secret);
                rest = &rest[close + 1..];
            } else {
                filled.push('{');
                rest = &rest[1..];
            }
        }
        filled.push_str(rest);
        filled
    }
}

impl std::fmt::Debug for AccountConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccountConfig").field("id", &self.id).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethod {
    Get,
    Post,
    Put,
    Delete,
}

/// An incoming webhook call, exactly as it came.
#[derive(Clone, Debug)]
pub struct HttpCall<'a> {
    pub method: HttpMethod,
    /// Decoded query pairs.
    pub query: Vec<(String, String)>,
    /// Lower-case header names.
    pub headers: Vec<(String, String)>,
    /// The raw body: signatures are over these bytes.
    pub body: &'a [u8],
    /// Microseconds UTC, for platforms that do not date their events.
    pub now: i64,
}

impl HttpCall<'_> {
    /// The one header of this name; none when it is missing or repeated.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }
}

/// What a verified webhook holds, and what to answer once it is stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received {
    pub events: Vec<Event>,
    /// The body of the 200 answer; empty for most.
    pub answer: String,
}

/// Why a webhook is not accepted. Nothing is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// 401: not from the platform.
    #[error("the signature or secret is missing or wrong")]
    Unverified,
    /// 400: verified, but not something we can read.
    #[error("the body is not what this platform sends")]
    Malformed,
    /// 413: readable, but more than we take at once.
    #[error("the text is longer than this channel takes")]
    TooLong,
}

/// To whom a reply goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The thread on the platform.
    pub thread: String,
    /// What helps to answer (see [`crate::InboundMessage::hints`]).
    #[serde(default)]
    pub hints: Vec<(String, String)>,
}

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
}

/// A reply as a platform can show it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub requests: Vec<PlatformRequest>,
    /// What the platform cannot show, said honestly.
    pub lost: Vec<Lost>,
    /// What a person means who answers with the number `n`: the entry `n - 1`. Empty where nothing was numbered.
    pub numbered: Vec<Choice>,
}

/// A platform's answer to one request.
#[derive(Clone, Debug)]
pub struct HttpResponse<'a> {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: &'a [u8],
}

/// How far a message of ours has come. Later states win; `Failed` is terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    Sent,
    Delivered,
    Read,
    Failed,
}

/// The platform's word on a message of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The platform's id of the message; empty for a request that makes none (an acknowledged press).
    pub external_id: String,
    pub state: ReceiptState,
    /// The platform's reason, for a failure.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Why a request did not succeed, by what the caller must do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Try again, not before `after_ms` where the platform says so.
    #[error("the platform asks to try again: {reason}")]
    Retry { after_ms: Option<u64>, reason: String },
    /// It may have been accepted: count it, reconcile it, then try again.
    #[error("the platform may or may not have accepted the message: {reason}")]
    Ambiguous { reason: String },
    /// It will never succeed: park it and show `reason` (the platform's words) and what to do. `advice` is the name
    /// of an [`Advice`], which the engine words.
    #[error("the platform refused the message: {reason}")]
    Refused { code: String, reason: String, advice: String },
}

/// What a poll brought, and the cursor of the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Polled {
    pub events: Vec<Event>,
    /// Pass it to the next [`Channel::poll`], once the events are stored; empty when there was nothing new.
    pub cursor: String,
}

/// How the bytes of a media message are fetched.
#[derive(Clone, Debug, PartialEq)]
pub enum MediaFetch {
    /// The answer to this request is the bytes.
    Download(PlatformRequest),
    /// The answer to this request says where the bytes are: see [`Channel::media_located`].
    Locate(PlatformRequest),
}

/// An adapter: pure, so that it can be tested by value and simulated.
pub trait Channel: Send + Sync {
    fn name(&self) -> ChannelName;

    fn capabilities(&self) -> &'static Capabilities;

    /// Verifies first (over the raw bytes, in constant time), then decodes. Unknown kinds become
    /// [`crate::Content::Unknown`].
    fn receive(&self, account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal>;

    /// Turns a reply into the requests that show it, within the platform's limits.
    fn plan(&self, account: &AccountConfig, to: &Destination, reply: &Reply) -> Plan;

    /// Reads the platform's answer to one request of [`Channel::plan`].
    fn outcome(&self, request: &PlatformRequest, response: &HttpResponse<'_>) -> Result<Receipt, SendError>;

    /// The requests that register our webhook at `public_url`; empty where a person must do it.
    fn register(&self, _account: &AccountConfig, _public_url: &str) -> Vec<PlatformRequest> {
        Vec::new()
    }

    /// The request that asks for news after `cursor`; none where the platform only pushes.
    fn poll(&self, _account: &AccountConfig, _cursor: &str) -> Option<PlatformRequest> {
        None
    }

    /// Reads the answer to [`Channel::poll`].
    fn polled(
        &self,
        _account: &AccountConfig,
        _response: &HttpResponse<'_>,
        _now: i64,
    ) -> Result<Polled, SendError> {
        Err(unsupported("this channel is not polled"))
    }

    /// The request that shows for a few seconds that we are typing; none where the platform has no such thing.
    fn typing(&self, _account: &AccountConfig, _to: &Destination) -> Option<PlatformRequest> {
        None
    }

    /// How to fetch the media with this [`crate::MediaSource::Platform`] id; none where media come by address.
    fn media_request(&self, _account: &AccountConfig, _id: &str) -> Option<MediaFetch> {
        None
    }

    /// The download that the answer to a [`MediaFetch::Locate`] names.
    fn media_located(
        &self,
        _account: &AccountConfig,
        _response: &HttpResponse<'_>,
    ) -> Result<PlatformRequest, SendError> {
        Err(unsupported("this channel does not keep media"))
    }
}

fn unsupported(reason: &str) -> SendError {
    SendError::Refused {
        code: "unsupported".into(),
        reason: reason.into(),
        advice: Advice::UseWebhook.as_str().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_filled(template: &str, filled: &str) {
        let secrets = [("bot_token", "1:a{other}"), ("other", "never")];
        let account = AccountConfig {
            secrets: secrets.into_iter().map(|(name, secret)| (name.into(), secret.into())).collect(),
            ..AccountConfig::default()
        };
        assert_eq!(account.fill_secrets(template), filled);
    }

    #[test]
    fn secrets_are_filled_once_and_only_by_known_names() {
        check_filled("https://x/bot{bot_token}/getMe", "https://x/bot1:a{other}/getMe");
        check_filled("{bot_token}{bot_token}", "1:a{other}1:a{other}");
        check_filled("{unknown} {{bot_token} {", "{unknown} {1:a{other} {");
        check_filled("ไทย{bot_token", "ไทย{bot_token");
        check_filled("", "");
    }

    #[test]
    fn a_repeated_header_is_no_header() {
        let header = |value: &str| ("x-secret".to_owned(), value.to_owned());
        let call = |headers| HttpCall { method: HttpMethod::Post, query: vec![], headers, body: b"", now: 0 };
        assert_eq!(call(vec![header("a")]).header("x-secret"), Some("a"));
        assert_eq!(call(vec![header("a"), header("a")]).header("x-secret"), None);
        assert_eq!(call(vec![]).header("x-secret"), None);
    }

    #[test]
    fn a_config_never_prints_its_secrets() {
        let secrets = BTreeMap::from([("bot_token".to_owned(), "hush".to_owned())]);
        let account = AccountConfig { id: "shop".into(), secrets, ..AccountConfig::default() };
        assert!(!format!("{account:?}").contains("hush"));
    }

    #[test]
    fn names_and_adapters_agree() {
        for name in ChannelName::ALL {
            assert_eq!(channel(name).name(), name);
            assert_eq!(ChannelName::parse(name.as_str()), Some(name));
        }
        assert_eq!(ChannelName::parse("fax"), None);
    }
}
