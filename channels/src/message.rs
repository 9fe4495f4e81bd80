//! What an adapter makes of one webhook.

use serde::{Deserialize, Serialize};

use crate::{Content, Receipt};

/// Who wrote, as the platform names them. One sender is one Address of a Person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// The platform's id of the person on this channel account.
    pub external_id: String,
    #[serde(default)]
    pub display_name: Option<String>,
    /// BCP 47, where the platform tells.
    #[serde(default)]
    pub language: Option<String>,
}

/// One message heard, not yet stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InboundMessage {
    /// The platform's id of this event: the key by which a redelivery is known.
    pub event_id: String,
    /// The platform's id of the message itself, which reactions, edits and quotes name.
    pub external_id: String,
    /// The thread on the platform: the person's id in a private chat, the group's id in a group. Empty only for
    /// an unknown kind that names neither chat nor person (a poll's count): it is kept, but opens no conversation.
    pub thread: String,
    /// True where several people share the thread.
    #[serde(default)]
    pub group: bool,
    pub sender: Sender,
    /// When the platform says it was sent, microseconds UTC.
    pub sent_at: i64,
    pub content: Content,
    /// The platform's id of the message this one answers, where it quotes one.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// Short-lived things that help to answer (a LINE reply token, a Telegram callback id), by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<(String, String)>,
}

/// Everything one webhook may carry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    Message(Box<InboundMessage>),
    /// News of a message of ours: sent, delivered, read, failed.
    Receipt(Receipt),
    /// Somebody is typing. Never stored.
    Typing {
        thread: String,
    },
}
