//! What an adapter makes of one webhook.

use serde::{Deserialize, Serialize};

use crate::{Content, Receipt, Referral};

/// Who wrote, as the platform names them. One sender is one Address of a Person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sender {
    /// The platform's id of the person on this channel account.
    pub external_id: String,
    pub display_name: Option<String>,
    /// BCP 47, where the platform tells.
    pub language: Option<String>,
    /// Without the `@`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// E.164, where the platform tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Other ids by which the platform names the same person on this account (WhatsApp's number beside the
    /// business-scoped id).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

impl Sender {
    /// A sender of whom only the id is known.
    pub fn new(external_id: impl Into<String>) -> Self {
        Self { external_id: external_id.into(), ..Self::default() }
    }
}

/// The hint that holds what a group is called, where the platform tells it with each message.
pub const GROUP_TITLE: &str = "group_title";

/// The hint that holds the words by which a message in a group calls us, as they stand in it: `@baan_kafe_bot`.
pub const CALLED: &str = "called";

/// One message heard, not yet stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says another thing that a platform tells of a message"
)]
pub struct InboundMessage {
    /// The platform's id of this event: the key by which a redelivery is known.
    pub event_id: String,
    /// The platform's id of the message itself, which reactions, edits and quotes name.
    pub external_id: String,
    /// The thread on the platform: the person's id in a private chat, the group's id in a group. Empty only for what
    /// names neither chat nor person (a poll's count, news of our account): it is kept, but opens no conversation.
    pub thread: String,
    /// True where several people share the thread.
    #[serde(default)]
    pub group: bool,
    /// False for what is said in a group and not to us: it is kept, and nobody answers.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub addressed: bool,
    /// True while another program owns the thread: we listen and must not answer.
    #[serde(default, skip_serializing_if = "is_no")]
    pub standby: bool,
    pub sender: Sender,
    /// When the platform says it was sent, microseconds UTC.
    pub sent_at: i64,
    pub content: Content,
    /// The platform's id of the message this one answers, where it quotes one.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// The advertisement or link that brought this message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// True where it was passed on from another chat.
    #[serde(default, skip_serializing_if = "is_no")]
    pub forwarded: bool,
    /// Short-lived things that help to answer (a LINE reply token, a Telegram callback id), by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<(String, String)>,
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_yes(flag: &bool) -> bool {
    *flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_no(flag: &bool) -> bool {
    !flag
}

impl InboundMessage {
    /// A message in a private chat with `sender`; the event has the id of the message. Change what differs.
    pub fn new(id: impl Into<String>, sender: Sender, sent_at: i64, content: Content) -> Self {
        let id = id.into();
        Self {
            event_id: id.clone(),
            external_id: id,
            thread: sender.external_id.clone(),
            group: false,
            addressed: true,
            standby: false,
            sender,
            sent_at,
            content,
            reply_to: None,
            referral: None,
            forwarded: false,
            hints: Vec::new(),
        }
    }
}

/// A message from our own side that did not go through Sala, or one of Sala's that comes back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Echo {
    /// `thread` is the customer's, `sender` is us.
    pub message: InboundMessage,
    /// True where we sent it ourselves: it settles a send whose outcome was not known. False where a person wrote in the
    /// platform's own inbox: that person owns the next word.
    pub ours: bool,
    /// The mark of the request: what [`crate::Destination::correlation`] said when we sent it (see [`crate::read_mark`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
}

/// Everything one webhook may carry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "receipts are most of what comes, and none is kept")]
pub enum Event {
    Message(Box<InboundMessage>),
    /// Somebody on our side wrote.
    Echo(Box<Echo>),
    /// News of a message of ours: sent, delivered, read, failed.
    Receipt(Receipt),
    /// Somebody is typing. Never stored.
    Typing {
        thread: String,
    },
}

impl Event {
    /// The closed name of this kind, as `sala receive` prints it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Message(message) => message.content.kind(),
            Self::Echo(_) => "echo",
            Self::Receipt(receipt) => receipt.state.as_str(),
            Self::Typing { .. } => "typing",
        }
    }
}

/// One event, and whose it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// The platform's id of the account it was sent to (a page, a phone number, LINE's `destination`); empty where the
    /// platform names none and the webhook's address says it.
    pub account: String,
    #[serde(flatten)]
    pub event: Event,
}
