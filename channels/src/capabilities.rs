//! What a platform can show.

use serde::Serialize;

use crate::MediaKind;

/// The unit in which a platform counts the length of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LengthUnit {
    /// Unicode scalar values.
    Characters,
    Utf16,
    Bytes,
}

impl LengthUnit {
    /// The length of `text` in this unit.
    pub fn measure(self, text: &str) -> usize {
        match self {
            Self::Characters => text.chars().count(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::Bytes => text.len(),
        }
    }
}

/// Something a platform has or lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    Choices,
    /// Choices may hang under a part that is not text, too.
    ChoicesUnderAnything,
    Buttons,
    /// Several cards side by side.
    Cards,
    Media,
    Location,
    ReplyTo,
    Typing,
    Reactions,
}

/// The limits of one platform. A zero means that the platform does not have the thing. Lengths are in `text_unit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    pub text_unit: LengthUnit,
    /// At least 4, so that every character fits.
    pub text_limit: usize,
    /// The words under one media message.
    pub caption_limit: usize,
    pub choices: usize,
    pub choice_title_limit: usize,
    pub buttons: usize,
    pub button_title_limit: usize,
    /// What may lie behind a choice or button, in bytes of UTF-8.
    pub payload_limit: usize,
    /// How many cards one message holds; 1 means one after the other.
    pub cards: usize,
    pub card_title_limit: usize,
    pub card_text_limit: usize,
    pub card_buttons: usize,
    /// A location's title, and its address.
    pub place_limit: usize,
    /// Kinds that go as a link although the platform has [`Feature::Media`].
    pub linked_media: Vec<MediaKind>,
    pub features: Vec<Feature>,
}

impl Capabilities {
    pub fn has(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }
}
