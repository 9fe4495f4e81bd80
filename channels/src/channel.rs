//! The contract of an adapter. Everything here is values in, values out.

use serde::{Deserialize, Serialize};

use crate::{
    AccountCheck, AccountConfig, Acts, Advice, Capabilities, Choice, Degraded, Finding, Heard, Lost,
    MediaSource, PlatformRequest, Receipt, Reply, Rules, SendError, SetupField, Shown, TemplatePage, degrade,
};

/// The platforms Sala speaks. The names are stable: they are stored and printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelName {
    Web,
    Messenger,
    Instagram,
    Whatsapp,
    Line,
    Telegram,
    Webhook,
}

impl ChannelName {
    pub const ALL: [Self; 7] = [
        Self::Web,
        Self::Messenger,
        Self::Instagram,
        Self::Whatsapp,
        Self::Line,
        Self::Telegram,
        Self::Webhook,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Messenger => "messenger",
            Self::Instagram => "instagram",
            Self::Whatsapp => "whatsapp",
            Self::Line => "line",
            Self::Telegram => "telegram",
            Self::Webhook => "webhook",
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
        ChannelName::Messenger => &crate::messenger::Messenger,
        ChannelName::Instagram => &crate::instagram::Instagram,
        ChannelName::Whatsapp => &crate::whatsapp::Whatsapp,
        ChannelName::Line => &crate::line::Line,
        ChannelName::Telegram => &crate::telegram::Telegram,
        ChannelName::Webhook => &crate::webhook::Webhook,
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
    pub events: Vec<Heard>,
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Destination {
    /// The thread on the platform.
    pub thread: String,
    /// What helps to answer (see [`crate::InboundMessage::hints`]).
    pub hints: Vec<(String, String)>,
    /// A person wrote the reply: Meta lets people answer for seven days, programs for one.
    pub human: bool,
    /// Our id of this send, a UUID: platforms that take one hand it back in echoes and receipts, LINE takes it as the key
    /// by which a repeated send is known.
    pub correlation: Option<String>,
    /// When the reply is sent, microseconds UTC: LINE's reply tokens live a minute. 0 where nobody says.
    pub now: i64,
}

/// The hints that serve one reply alone: LINE's reply token and its age. Whoever keeps hints gives them to one reply and
/// forgets them.
pub const HINTS_FOR_ONE_REPLY: [&str; 2] = ["reply_token", "reply_token_at"];

impl Destination {
    /// Some person's thread on any platform, for who only looks how a reply would be shown.
    pub fn anybody() -> Self {
        Self::thread("1000001")
    }

    /// The thread alone.
    pub fn thread(thread: impl Into<String>) -> Self {
        Self { thread: thread.into(), ..Self::default() }
    }

    /// The newest hint of this name.
    pub fn hint(&self, name: &str) -> Option<&str> {
        self.hints.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Something done in a thread beside saying: most platforms have some of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Shows for some seconds that we are typing.
    Typing,
    /// Marks the person's message (the newest, where the platform asks for none) as read.
    Seen {
        external_id: Option<String>,
    },
    /// Reacts to a message; `None` takes the reaction back.
    React {
        external_id: String,
        emoji: Option<String>,
    },
    /// Changes the text of a message of ours.
    Edit {
        external_id: String,
        text: String,
    },
    /// Takes a message of ours back.
    Delete {
        external_id: String,
    },
    /// Hides what a person wrote below a post of ours from everybody else, or shows it again.
    Hide {
        external_id: String,
        hidden: bool,
    },
    /// Gives the thread to the platform's own inbox, or takes it back.
    PassControl {
        metadata: String,
    },
    TakeControl {
        metadata: String,
    },
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

/// What a platform tells of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub name: Option<String>,
    pub username: Option<String>,
    /// On one of the platform's own hosts.
    pub picture: Option<MediaSource>,
    /// BCP 47.
    pub language: Option<String>,
}

/// What a poll brought, and the cursor of the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Polled {
    pub events: Vec<Heard>,
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

    /// The rules of the platform in time and money.
    fn rules(&self) -> &'static Rules {
        &Rules::FREE
    }

    /// True when the call comes from the platform: over the raw bytes, in constant time, with either secret while one is
    /// changed. A handshake (GET) is verified by its own token.
    fn verify(&self, account: &AccountConfig, call: &HttpCall<'_>) -> bool;

    /// Decodes a call without verifying it. Unknown kinds become [`crate::Content::Unknown`].
    fn decode(&self, account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal>;

    /// Verifies first, then decodes.
    fn receive(&self, account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal> {
        if self.verify(account, call) { self.decode(account, call) } else { Err(Refusal::Unverified) }
    }

    /// The reply as it is shown in this thread, message by message, and what is lost. This is decided here alone: what is
    /// sent, previewed and answered by number all rest on it.
    fn fit(&self, _account: &AccountConfig, _to: &Destination, reply: &Reply) -> Degraded {
        degrade(reply, self.capabilities())
    }

    /// The requests that show just these messages, which [`Channel::fit`] made.
    fn requests(&self, account: &AccountConfig, to: &Destination, shown: &[Shown]) -> Vec<PlatformRequest>;

    /// Turns a reply into the requests that show it, within the platform's limits.
    fn plan(&self, account: &AccountConfig, to: &Destination, reply: &Reply) -> Plan {
        let Degraded { shown, lost, numbered } = self.fit(account, to, reply);
        Plan { requests: self.requests(account, to, &shown), lost, numbered }
    }

    /// Reads the platform's answer to one request of [`Channel::plan`].
    fn outcome(&self, request: &PlatformRequest, response: &HttpResponse<'_>) -> Result<Receipt, SendError>;

    /// Another request that says the same, for one that was refused: LINE's push in the place of a reply whose token is no
    /// longer good. To be sent at most once, and never where an earlier try of the request got no answer: that one may
    /// have arrived, and did if [`Channel::plan`] would still make the same request.
    fn fallback(
        &self,
        _account: &AccountConfig,
        _to: &Destination,
        _request: &PlatformRequest,
    ) -> Option<PlatformRequest> {
        None
    }

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

    /// The request that does something beside saying; none where the platform has no such thing.
    fn act(&self, _account: &AccountConfig, _to: &Destination, _action: &Action) -> Option<PlatformRequest> {
        None
    }

    /// What can be done in this thread beside saying.
    fn acts(&self, _account: &AccountConfig, _thread: &str) -> &'static Acts {
        &Acts::NOTHING
    }

    /// The request for the name and picture of a person; none where the platform has no such call.
    fn profile_request(&self, _account: &AccountConfig, _person: &str) -> Option<PlatformRequest> {
        None
    }

    /// Reads the answer to [`Channel::profile_request`]; none where the platform may not tell.
    fn profile(&self, _response: &HttpResponse<'_>) -> Option<Profile> {
        None
    }

    /// The requests by which a person can see whether the account works, each with what it checks. They change nothing.
    fn checks(&self, _account: &AccountConfig) -> Vec<(AccountCheck, PlatformRequest)> {
        Vec::new()
    }

    /// Reads the answer to one of [`Channel::checks`].
    fn finding(
        &self,
        _account: &AccountConfig,
        _check: AccountCheck,
        response: &HttpResponse<'_>,
    ) -> Finding {
        Finding::of_status(response)
    }

    /// What a person must enter to set an account up, in the order in which it is asked.
    fn setup(&self) -> &'static [SetupField] {
        &[]
    }

    /// Where the platform's API answers, unless the account says otherwise.
    fn default_api_base(&self) -> &'static str {
        ""
    }

    /// The requests that ask for the month's quota of messages, in order; empty where the platform has none.
    fn quota(&self, _account: &AccountConfig) -> Vec<PlatformRequest> {
        Vec::new()
    }

    /// Reads the answers to [`Channel::quota`]: how many messages there are (none where there is no limit) and how many are
    /// used.
    fn quota_told(&self, _answers: &[HttpResponse<'_>]) -> Option<(Option<i64>, i64)> {
        None
    }

    /// The request for the page of message templates behind this cursor; none where the platform has no templates.
    fn templates(&self, _account: &AccountConfig, _after: Option<&str>) -> Option<PlatformRequest> {
        None
    }

    /// Reads the answer to [`Channel::templates`].
    fn templates_told(&self, _response: &HttpResponse<'_>) -> Result<TemplatePage, SendError> {
        Err(unsupported("this channel has no templates"))
    }

    /// The address at which somebody opens a chat with the account and brings something: `payload` where the platform hands
    /// one over (letters, digits, `-` and `_`, at most 64), else `text` ready to be sent. None where the settings do not
    /// say under which name people find the account.
    fn invitation(&self, _account: &AccountConfig, _payload: &str, _text: &str) -> Option<String> {
        None
    }

    /// How to fetch the media with this [`crate::MediaSource::Platform`] id; none where media come by address.
    fn media_request(&self, _account: &AccountConfig, _id: &str) -> Option<MediaFetch> {
        None
    }

    /// The hosts, with all below them, from which media that come by address are fetched; nothing is fetched elsewhere.
    fn media_hosts(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether the answer to a [`MediaFetch::Download`] holds the bytes: a platform may still be preparing them.
    fn media_ready(&self, response: &HttpResponse<'_>) -> Result<(), SendError> {
        if (200..300).contains(&response.status) {
            return Ok(());
        }
        let reason = format!("HTTP {}", response.status);
        if matches!(response.status, 408 | 425 | 429 | 500..) {
            return Err(SendError::Retry { after_ms: None, reason });
        }
        Err(SendError::Refused { code: "media".into(), reason, advice: Advice::CheckFile.as_str().into() })
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

    #[test]
    fn a_repeated_header_is_no_header() {
        let header = |value: &str| ("x-secret".to_owned(), value.to_owned());
        let call = |headers| HttpCall { method: HttpMethod::Post, query: vec![], headers, body: b"", now: 0 };
        assert_eq!(call(vec![header("a")]).header("x-secret"), Some("a"));
        assert_eq!(call(vec![header("a"), header("a")]).header("x-secret"), None);
        assert_eq!(call(vec![]).header("x-secret"), None);
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
