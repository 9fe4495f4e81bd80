//! What we hear: one common vocabulary for every platform.

use serde::{Deserialize, Serialize};

/// What a person sent, whatever the platform calls it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Plain text as the person typed it.
    Text {
        text: String,
    },
    /// An image, video, voice note, audio or file.
    Media {
        media: Media,
    },
    /// A sticker, with the platform's words for what it shows where it gives them.
    Sticker {
        id: String,
        #[serde(default)]
        keywords: Vec<String>,
        #[serde(default)]
        emoji: Option<String>,
    },
    Location {
        location: Location,
    },
    Contact {
        contact: Contact,
    },
    /// A press on something we offered: a quick reply, a button, a list row. `payload` is what we put behind it.
    Choice {
        payload: String,
        #[serde(default)]
        title: Option<String>,
    },
    /// A reaction to an earlier message, or its removal when `emoji` is none.
    Reaction {
        reaction: Reaction,
    },
    /// The person changed an earlier message.
    Edited {
        external_id: String,
        text: Option<String>,
    },
    /// The person took an earlier message back.
    Deleted {
        external_id: String,
    },
    /// The person came by an advertisement, a deep link or a scanned code.
    Referral {
        referral: Referral,
    },
    /// The person began (or came back to) a chat: Telegram `/start`, LINE follow, a first opened widget.
    Started {
        #[serde(default)]
        payload: Option<String>,
    },
    /// The person left or blocked us.
    Stopped,
    /// Something this version does not know. It is kept and shown as such, never refused.
    Unknown {
        kind: String,
    },
}

/// The kinds of media a person can send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    Image,
    Video,
    Audio,
    Voice,
    File,
    Animation,
}

/// Where the bytes of a media message are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum MediaSource {
    /// A platform file id; the adapter's `media_request` tells how to fetch it.
    Platform { id: String },
    /// An address on one of the platform's own hosts.
    Url { url: String },
    /// Already in our blob store.
    Blob { id: String },
}

/// A media message. `size` is in bytes as the platform claims it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    pub kind: MediaKind,
    pub source: MediaSource,
    #[serde(default)]
    pub mime: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub size: Option<u64>,
    #[serde(default)]
    pub caption: Option<String>,
}

/// A place: degrees WGS84.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    pub latitude: f64,
    pub longitude: f64,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub address: Option<String>,
}

/// A shared contact card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub name: String,
    #[serde(default)]
    pub phones: Vec<String>,
    #[serde(default)]
    pub emails: Vec<String>,
}

/// A reaction on the message with `external_id`; `emoji: None` takes it away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    pub external_id: String,
    pub emoji: Option<String>,
}

/// Where a person came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referral {
    pub source: String,
    #[serde(default)]
    pub payload: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
}

impl Content {
    /// The words of this content, where it has any a bot can read.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text { text } => Some(text),
            Self::Choice { title, .. } => title.as_deref(),
            Self::Media { media } => media.caption.as_deref(),
            Self::Edited { text, .. } => text.as_deref(),
            _ => None,
        }
    }

    /// The closed name of this kind, as the command line and the API print it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Media { media } => match media.kind {
                MediaKind::Image => "image",
                MediaKind::Video => "video",
                MediaKind::Audio => "audio",
                MediaKind::Voice => "voice",
                MediaKind::File => "file",
                MediaKind::Animation => "animation",
            },
            Self::Sticker { .. } => "sticker",
            Self::Location { .. } => "location",
            Self::Contact { .. } => "contact",
            Self::Choice { .. } => "choice",
            Self::Reaction { .. } => "reaction",
            Self::Edited { .. } => "edited",
            Self::Deleted { .. } => "deleted",
            Self::Referral { .. } => "referral",
            Self::Started { .. } => "started",
            Self::Stopped => "stopped",
            Self::Unknown { .. } => "unknown",
        }
    }
}
