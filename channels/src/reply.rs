//! What we say: one authored reply, before a platform's limits are applied.

use serde::{Deserialize, Serialize};

use crate::{Location, MediaKind};

/// One reply: its parts in the order in which they are shown, then the choices offered below the last one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    pub parts: Vec<Part>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// The platform's id of the message this reply quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
}

/// One visible part of a reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Plain text. Customer and article text is data: no markup is read out of it.
    Text {
        text: String,
    },
    Media {
        kind: MediaKind,
        url: String,
        #[serde(default)]
        alt: Option<String>,
    },
    /// Text with buttons under it.
    Buttons {
        text: String,
        buttons: Vec<Button>,
    },
    /// Cards side by side.
    Cards {
        cards: Vec<Card>,
    },
    Location {
        location: Location,
    },
}

/// A quick reply: pressing it says `title` and carries `payload` back to us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub title: String,
    pub payload: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    pub title: String,
    pub action: ButtonAction,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum ButtonAction {
    /// Sends `payload` back to us.
    Choose { payload: String },
    /// Opens an address.
    Open { url: String },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub title: String,
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub image_url: Option<String>,
    #[serde(default)]
    pub buttons: Vec<Button>,
}

impl Reply {
    /// A reply of one text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { parts: vec![Part::Text { text: text.into() }], ..Self::default() }
    }
}
