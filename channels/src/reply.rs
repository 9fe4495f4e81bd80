//! What we say: one authored reply, before a platform's limits are applied.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Contact, Imagemap, Location, MediaKind};

/// One reply: its parts in the order in which they are shown, then the choices offered below the last one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    pub parts: Vec<Part>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// The platform's id of the message this reply quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// The template that says the same where a platform takes nothing else. Whoever knows which ones the platform has
    /// approved fills it in and says it instead of the rest; the planner leaves it alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateUse>,
}

/// A template named by an author, with what stands in its blanks (see [`crate::templates::blanks`]).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateUse {
    pub name: String,
    /// As the platform writes it: `th`, `en_US`.
    pub language: String,
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// Said in the open window, too, where the platform has it.
    #[serde(default)]
    pub always: bool,
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
    /// Text with a button that opens a list of rows; pressing a row carries its payload back to us.
    List {
        text: String,
        /// The words on the button that opens the list.
        button: String,
        sections: Vec<ListSection>,
    },
    /// Contact cards.
    Contacts {
        contacts: Vec<Contact>,
    },
    /// A sticker of LINE (`446/1988`), or of another platform by the id that it gave us. `alt` says it where it cannot be
    /// shown.
    Sticker {
        id: String,
        alt: String,
    },
    /// A template that the platform has approved: the only thing to say when the window is shut.
    Template {
        template: Template,
    },
    /// A LINE Flex message as its designer makes it. Everywhere else `alt` is said.
    Flex {
        alt: String,
        contents: serde_json::Value,
    },
    /// A picture with areas to press. LINE shows it so; elsewhere it is the picture with buttons below.
    Imagemap {
        imagemap: Imagemap,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSection {
    #[serde(default)]
    pub title: String,
    pub rows: Vec<ListRow>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRow {
    pub title: String,
    #[serde(default)]
    pub text: Option<String>,
    pub payload: String,
}

/// An approved template with its blanks filled in. `text` is what the person will read: other platforms say that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    pub name: String,
    /// As the platform writes it: `th`, `en_US`.
    pub language: String,
    #[serde(default)]
    pub fields: Vec<TemplatePart>,
    pub text: String,
}

/// One blank of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum TemplatePart {
    /// A text in the header; named where the template names its blanks.
    HeaderText {
        #[serde(default)]
        name: Option<String>,
        text: String,
    },
    /// A picture, video or document in the header.
    HeaderMedia { kind: MediaKind, url: String },
    /// A text in the body; named where the template names its blanks.
    Body {
        #[serde(default)]
        name: Option<String>,
        text: String,
    },
    /// What lies behind the quick reply at this place, counted from 0.
    Payload { index: u8, payload: String },
    /// What is put at the end of the address of the button at this place.
    UrlEnding { index: u8, text: String },
    /// A place in the header; degrees as decimal numbers.
    HeaderLocation { latitude: String, longitude: String, name: String, address: String },
    /// The code that the button at this place copies.
    CouponCode { index: u8, code: String },
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

impl ListSection {
    fn words(&self) -> Vec<&str> {
        let mut words = vec![self.title.as_str()];
        for row in &self.rows {
            words.push(&row.title);
            words.extend(row.text.as_deref());
        }
        words
    }
}

impl Part {
    /// Everything of it that a person reads, in order.
    pub fn words(&self) -> Vec<&str> {
        match self {
            Self::Text { text } => vec![text],
            Self::Buttons { text, buttons } => std::iter::once(text.as_str())
                .chain(buttons.iter().map(|button| button.title.as_str()))
                .collect(),
            Self::Cards { cards } => cards
                .iter()
                .flat_map(|card| [Some(card.title.as_str()), card.text.as_deref()])
                .flatten()
                .collect(),
            Self::Media { alt, .. } => alt.iter().map(String::as_str).collect(),
            Self::Location { location } => {
                [&location.title, &location.address].into_iter().flatten().map(String::as_str).collect()
            }
            Self::List { text, sections, .. } => {
                let rows = sections.iter().flat_map(ListSection::words);
                std::iter::once(text.as_str()).chain(rows).collect()
            }
            Self::Contacts { contacts } => contacts.iter().map(|contact| contact.name.as_str()).collect(),
            Self::Sticker { alt, .. } | Self::Flex { alt, .. } => vec![alt],
            Self::Template { template } => vec![&template.text],
            Self::Imagemap { imagemap } => imagemap.words(),
        }
    }
}

impl Reply {
    /// A reply of one text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { parts: vec![Part::Text { text: text.into() }], ..Self::default() }
    }
}
