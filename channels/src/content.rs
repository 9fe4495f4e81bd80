//! What we hear: one common vocabulary for every platform.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a person sent, or what happened around them, whatever the platform calls it.
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
        /// The platform's id: LINE's is `<package>/<sticker>`.
        id: String,
        #[serde(default)]
        keywords: Vec<String>,
        #[serde(default)]
        emoji: Option<String>,
        /// Its picture, where the platform hands it over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        media: Option<Media>,
    },
    Location {
        location: Location,
    },
    /// Shared contact cards; at least one.
    Contact {
        contacts: Vec<Contact>,
    },
    /// A press on something we offered: a quick reply, a button, a list row. `payload` is what we put behind it.
    Choice {
        payload: String,
        #[serde(default)]
        title: Option<String>,
        /// What the platform added: a picked date, the menu that was switched to.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        values: BTreeMap<String, String>,
    },
    /// A form the platform showed for us and the person filled in (a WhatsApp flow).
    Form {
        name: String,
        /// What was filled in, as the platform gives it.
        values: serde_json::Map<String, Value>,
    },
    /// Goods that the person ordered from the platform's catalogue.
    Order {
        order: Order,
    },
    /// A question with options that somebody put to the chat.
    Poll {
        question: String,
        options: Vec<String>,
    },
    /// Something of the platform that was passed on: a post, a reel, a link, a product.
    Shared {
        shared: Shared,
    },
    /// An answer to a story of ours. `text` is empty where the answer is a picture or an emoji alone.
    StoryReply {
        text: String,
        story: Story,
    },
    /// The person named us in a story of theirs. Its media must not be stored (Meta's terms).
    StoryMention {
        story: Story,
    },
    /// A comment below a post of ours: new, changed or taken away.
    Comment {
        comment: Comment,
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
    /// Something else that happened and needs no words from us: it is kept and shown as a line.
    Notice {
        notice: Notice,
    },
    /// The person sent something that the platform does not hand over to programs.
    Unsupported {
        /// The platform's name of it, where it gives one.
        #[serde(default)]
        kind: Option<String>,
    },
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
    /// How long it plays, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// The platform's id of the album it came in with others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
}

impl Media {
    /// A file of this kind at this place; everything else is left to be told.
    pub fn new(kind: MediaKind, source: MediaSource) -> Self {
        Self {
            kind,
            source,
            mime: None,
            name: None,
            size: None,
            caption: None,
            duration_ms: None,
            album: None,
        }
    }
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Referral {
    /// The platform's word for the way: `ADS`, `SHORTLINK`, `ad`, `post`, `deep_link`.
    pub source: String,
    /// What we put into the link or advertisement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The platform's id of the advertisement, or of what else was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
}

/// Goods ordered from a catalogue of the platform.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Order {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog: Option<String>,
    pub items: Vec<OrderItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// One line of an order. `price` is for one piece, in units of `currency` (ISO 4217).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrderItem {
    /// Our own id of the product, as the catalogue holds it.
    pub product: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub quantity: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// Something of the platform that was passed on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shared {
    /// The platform's word for it: `reel`, `ig_post`, `link`, `product`, `template`.
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A story: gone after a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Story {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A comment below a post.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Comment {
    pub id: String,
    pub change: CommentChange,
    /// None where it was taken away, or is a picture alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The post (or reel, or live video) below which it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
    /// The comment that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
}

/// What happened to a comment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommentChange {
    #[default]
    Added,
    Edited,
    Removed,
    /// Hidden from everybody but its author and us, and shown again.
    Hidden,
    Shown,
}

/// Something that happened around a conversation or an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub kind: NoticeKind,
    /// The platform's own name of the event (`pass_thread_control`, `message_template_status_update`).
    pub name: String,
    /// What a person should read of it: a title, a reason, names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The fields that matter, as the platform gives them.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub details: Value,
}

/// The kinds of notices: a closed list, so that every one has words in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// We were added to a group.
    Joined,
    /// We were put out of a group.
    Left,
    /// People came into a group.
    MembersJoined,
    /// People left a group, or their standing in it changed.
    MembersLeft,
    /// Another program or the platform's own inbox took the thread, gave it to us or asks for it.
    Handover,
    /// The person allowed messages of a kind.
    OptIn,
    /// The person forbade messages of a kind.
    OptOut,
    /// The person linked their account with us, or ended that.
    AccountLinked,
    /// Somebody named us in a post or a comment of theirs.
    Mention,
    /// News of a post: published, changed, liked, shared.
    Post,
    /// Money: a payment, a pre-check-out, a shipping question, a gift.
    Payment,
    /// A call, or the leave to call.
    Call,
    /// The person has another number, id or name now.
    Identity,
    /// A judgement of one of our messages through the platform's own means.
    Feedback,
    /// A search typed into the platform's own search line for us.
    Query,
    /// The chat itself changed: its title, picture, pinned message, timer, topic.
    Service,
    /// The person passed a beacon.
    Beacon,
    /// A video was watched to its end.
    VideoWatched,
    /// A paid membership began, ended or was renewed.
    Membership,
    /// A game, a die, a contest.
    Game,
    /// News of our own account: a template's state, quality, limits, policy, our standing with the platform.
    Account,
}

impl NoticeKind {
    pub const ALL: [Self; 21] = [
        Self::Joined,
        Self::Left,
        Self::MembersJoined,
        Self::MembersLeft,
        Self::Handover,
        Self::OptIn,
        Self::OptOut,
        Self::AccountLinked,
        Self::Mention,
        Self::Post,
        Self::Payment,
        Self::Call,
        Self::Identity,
        Self::Feedback,
        Self::Query,
        Self::Service,
        Self::Beacon,
        Self::VideoWatched,
        Self::Membership,
        Self::Game,
        Self::Account,
    ];

    /// The stable name, as it is stored and printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Joined => "joined",
            Self::Left => "left",
            Self::MembersJoined => "members_joined",
            Self::MembersLeft => "members_left",
            Self::Handover => "handover",
            Self::OptIn => "opt_in",
            Self::OptOut => "opt_out",
            Self::AccountLinked => "account_linked",
            Self::Mention => "mention",
            Self::Post => "post",
            Self::Payment => "payment",
            Self::Call => "call",
            Self::Identity => "identity",
            Self::Feedback => "feedback",
            Self::Query => "query",
            Self::Service => "service",
            Self::Beacon => "beacon",
            Self::VideoWatched => "video_watched",
            Self::Membership => "membership",
            Self::Game => "game",
            Self::Account => "account",
        }
    }
}

impl Content {
    /// The words of this content, where it has any a bot can read.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text { text } => Some(text),
            Self::Choice { title, .. } => title.as_deref(),
            Self::Media { media } => media.caption.as_deref(),
            Self::Edited { text, .. } => text.as_deref(),
            Self::StoryReply { text, .. } => Some(text).filter(|text| !text.is_empty()).map(String::as_str),
            Self::Comment { comment } => comment.text.as_deref(),
            Self::Order { order } => order.note.as_deref(),
            _ => None,
        }
    }

    /// False for what happened around a conversation: nobody waits for an answer to it.
    pub fn wants_answer(&self) -> bool {
        use Content::{Deleted, Edited, Notice, Reaction, Referral, Stopped};
        match self {
            Reaction { .. } | Edited { .. } | Deleted { .. } | Referral { .. } | Stopped | Notice { .. } => {
                false
            }
            Self::Comment { comment } => comment.change == CommentChange::Added,
            _ => true,
        }
    }

    /// Something that happened, of the platform's own name `name`.
    pub fn notice(kind: NoticeKind, name: &str) -> Self {
        Self::Notice { notice: Notice { kind, name: name.to_owned(), text: None, details: Value::Null } }
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
            Self::Form { .. } => "form",
            Self::Order { .. } => "order",
            Self::Poll { .. } => "poll",
            Self::Shared { .. } => "shared",
            Self::StoryReply { .. } => "story_reply",
            Self::StoryMention { .. } => "story_mention",
            Self::Comment { .. } => "comment",
            Self::Reaction { .. } => "reaction",
            Self::Edited { .. } => "edited",
            Self::Deleted { .. } => "deleted",
            Self::Referral { .. } => "referral",
            Self::Started { .. } => "started",
            Self::Stopped => "stopped",
            Self::Notice { notice } => notice.kind.as_str(),
            Self::Unsupported { .. } => "unsupported",
            Self::Unknown { .. } => "unknown",
        }
    }
}
