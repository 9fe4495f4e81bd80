//! What the simulators of all platforms share: the shapes in which they are called, answer and remember.
//!
//! A simulator is a value: `handle(path, call)` takes a call that our side made, changes the simulator and returns the
//! platform's answer with the webhooks it now sends us. The time is the call's own. Who holds the simulator carries the
//! webhooks over (real platforms send one again until it is answered 2xx) and serves its transcript to people.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::instagram::simulator::InstagramSimulator;
use crate::line::simulator::LineSimulator;
use crate::messenger::simulator::MessengerSimulator;
use crate::telegram::simulator::TelegramSimulator;
use crate::webhook::simulator::WebhookSimulator;
use crate::whatsapp::simulator::WhatsappSimulator;
use crate::{
    AccountConfig, ChannelName, Contact, HttpCall, HttpMethod, HttpResponse, Location, MediaKind, Order,
    PlatformRequest, Referral,
};

/// The picture of every sticker that people send.
pub(crate) const STICKER: &[u8] = include_bytes!("simulator/sticker.webp");

/// A pretended platform with one account of ours.
pub trait Simulator: Send {
    fn channel(&self) -> ChannelName;

    /// Answers a call that our side (or anybody's client library) made to the platform's API, and returns the webhooks
    /// that follow from it. `path` begins behind the address that stands in [`AccountConfig::api_base`] for the simulator.
    fn handle(&mut self, path: &str, call: &HttpCall<'_>) -> (Answer, Vec<Webhook>);

    /// A customer does something; none where people cannot do that on this platform. `customer` is the platform's id of
    /// the person, who is made on the first word.
    fn customer(&mut self, customer: &str, act: &CustomerAct, now: i64) -> Option<Vec<Webhook>>;

    /// What a customer sees, oldest first.
    fn transcript(&self, customer: &str) -> Vec<Line>;

    /// Everybody who did anything, in the order of their ids.
    fn customers(&self) -> Vec<String>;

    /// The next calls that send something meet these failures, one each.
    fn fail_next(&mut self, faults: &[Fault]);

    /// How many of them no call has met yet.
    fn faults_left(&self) -> usize;

    /// Several webhooks as one call, as the platform sends them when much happens at once; unchanged where it never does.
    fn batch(&self, webhooks: Vec<Webhook>) -> Vec<Webhook> {
        webhooks
    }

    /// The webhooks that were made last, once more, as the platform repeats them when it does not know that they came.
    fn again(&mut self, webhooks: &[Webhook], _now: i64) -> Vec<Webhook> {
        webhooks.to_vec()
    }
}

/// How the webhooks of several acts come to us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    #[default]
    InOrder,
    /// In as few calls as the platform makes of them.
    Batched,
    /// The last first.
    Reversed,
    /// All of them, then all of them again.
    Twice,
}

impl Delivery {
    /// The calls that carry `webhooks`, which the platform made last.
    pub fn arrange(self, platform: &mut dyn Simulator, mut webhooks: Vec<Webhook>, now: i64) -> Vec<Webhook> {
        match self {
            Self::InOrder => webhooks,
            Self::Batched => platform.batch(webhooks),
            Self::Reversed => {
                webhooks.reverse();
                webhooks
            }
            Self::Twice => {
                let again = platform.again(&webhooks, now);
                webhooks.extend(again);
                webhooks
            }
        }
    }
}

/// What people do on platforms. A `line` is the id of a [`Line`] in the transcript.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum CustomerAct {
    Says {
        text: String,
        /// The line it quotes.
        #[serde(default)]
        quotes: Option<String>,
    },
    /// Presses the newest button, choice or row of this title; none where there is no such button.
    Presses {
        title: String,
    },
    Sends {
        kind: MediaKind,
        name: String,
        mime: String,
        /// What the platform's media address serves.
        bytes: Vec<u8>,
        #[serde(default)]
        caption: Option<String>,
    },
    SendsSticker {
        id: String,
    },
    SendsLocation {
        location: Location,
    },
    SendsContact {
        contact: Contact,
    },
    /// `None` takes the reaction back.
    Reacts {
        line: String,
        emoji: Option<String>,
    },
    Edits {
        line: String,
        text: String,
    },
    Deletes {
        line: String,
    },
    /// Opens the chat for the first time, follows, or unblocks.
    Starts {
        #[serde(default)]
        payload: Option<String>,
    },
    /// Blocks or unfollows.
    Leaves,
    /// Looks at what we sent.
    Reads,
    /// Comes by an advertisement or a link, with a text where the platform sends both in one.
    Arrives {
        referral: Referral,
        #[serde(default)]
        text: Option<String>,
    },
    Orders {
        order: Order,
    },
    RepliesToStory {
        text: String,
    },
    MentionsInStory,
    Comments {
        text: String,
    },
    /// A colleague of ours answers in the platform's own inbox.
    ColleagueSays {
        text: String,
    },
}

/// A failure asked for in advance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// The platform's own refusal of too many calls, naming so many seconds where it names any.
    TooManyRequests { seconds: u64 },
    /// A 5xx; nothing is done.
    ServerError,
    /// The call is carried out and its answer never comes: who holds the simulator closes the connection.
    AcceptThenSilence,
    /// Nothing is done and the connection breaks: who holds the simulator closes it.
    Reset,
    /// Nothing goes wrong: the call only takes its turn, so that failures can be asked for further on.
    None,
    /// The access token is no longer good.
    TokenExpired,
}

/// The status by which a simulator says "no answer": the connection is to be closed without one.
pub const NO_ANSWER: u16 = 0;

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
    /// Taken back by who wrote it.
    pub deleted: bool,
}

impl Line {
    /// A line of text alone.
    pub fn new(from: Speaker, id: impl Into<String>, at: i64, text: impl Into<String>) -> Self {
        Self {
            from,
            id: id.into(),
            at,
            text: text.into(),
            media: None,
            media_url: None,
            buttons: Vec::new(),
            reaction: None,
            edited: false,
            deleted: false,
        }
    }
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
    let call = request.outgoing(account, now)?;
    let url = Url::parse(&call.url).ok()?;
    let query = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    Some(handle(
        url.path(),
        &HttpCall { method: call.method, query, headers: call.headers, body: &call.body, now },
    ))
}

/// The setting of an account by which a pretended LINE sets no limit to the month's pushes: `yes`.
pub const UNLIMITED: &str = "simulated_without_quota";

/// The pretended platform of an account: it answers below the account's `api_base` (where that names its own address) and
/// posts its webhooks to `webhook`, where it needs no call to learn of it. Numbers and ids begin at `from`, so that a
/// platform that starts anew does not repeat those of its last run. None for channels without a platform.
pub fn pretended(
    channel: ChannelName,
    account: &AccountConfig,
    webhook: &str,
    from: u64,
) -> Option<Box<dyn Simulator>> {
    let secret = |name: &str| account.secrets_of(name).next().unwrap_or_default();
    let setting = |name: &str| account.settings.get(name).map_or("", String::as_str);
    let number = i64::try_from(from).unwrap_or_default();
    let media = format!("{}/media", account.api_base.trim_end_matches('/'));
    let (id, token, app_secret) = (&account.external_id, secret("access_token"), secret("app_secret"));
    Some(match channel {
        ChannelName::Web => return None,
        ChannelName::Messenger => Box::new(
            MessengerSimulator::new(id, token, setting("app_id"), app_secret)
                .with_samples()
                .with_webhook(webhook)
                .with_media_at(&media)
                .numbering_from(from),
        ),
        ChannelName::Instagram => Box::new(
            InstagramSimulator::new(id, token, setting("app_id"), app_secret)
                .with_webhook(webhook)
                .with_media_at(&media)
                .numbering_from(from),
        ),
        ChannelName::Whatsapp => {
            Box::new(WhatsappSimulator::new(account).with_samples().posting_to(webhook).numbering_from(from))
        }
        ChannelName::Line => {
            let line = LineSimulator::new(secret("channel_secret"), token).with_webhook(webhook);
            let line = line.numbering_from(number);
            let line = line.with_login(setting("login_channel_id"), secret("login_channel_secret"));
            Box::new(if setting(UNLIMITED) == "yes" { line.with_quota(None) } else { line })
        }
        ChannelName::Telegram => {
            Box::new(TelegramSimulator::new(secret("bot_token"), setting("username")).numbering_from(number))
        }
        ChannelName::Webhook => {
            Box::new(WebhookSimulator::new(secret("signing_secret"), webhook, &account.api_base))
        }
    })
}
