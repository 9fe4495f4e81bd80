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
    /// A button that opens a list of rows.
    Lists,
    Contacts,
    Stickers,
    Templates,
    Flex,
    /// A picture with areas to press.
    Imagemap,
    ReplyTo,
    Typing,
    Reactions,
}

/// The limits of one platform. A zero means that the platform does not have the thing. Lengths are in `text_unit`, those
/// of titles and of the texts of cards and rows in `title_unit`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Capabilities {
    pub text_unit: LengthUnit,
    /// None: as `text_unit`.
    pub title_unit: Option<LengthUnit>,
    /// At least 4, so that every character fits.
    pub text_limit: usize,
    /// The words under one media message.
    pub caption_limit: usize,
    pub choices: usize,
    pub choice_title_limit: usize,
    /// Buttons under one text, of both kinds together.
    pub buttons: usize,
    /// How many of them may open an address.
    pub link_buttons: usize,
    /// Buttons that choose and buttons that open may stand under one text.
    pub mixed_buttons: bool,
    /// No two choices, buttons or rows under one text may have the same title.
    pub unique_titles: bool,
    pub button_title_limit: usize,
    /// What may lie behind a choice or button, in bytes of UTF-8.
    pub payload_limit: usize,
    /// How many cards one message holds; 1 means one after the other.
    pub cards: usize,
    pub card_title_limit: usize,
    pub card_text_limit: usize,
    pub card_buttons: usize,
    /// Rows of a list in all its sections.
    pub rows: usize,
    pub row_title_limit: usize,
    pub row_text_limit: usize,
    /// The words on the button that opens a list.
    pub list_button_limit: usize,
    /// The text above buttons.
    pub button_text_limit: usize,
    /// The text above choices.
    pub choice_text_limit: usize,
    /// The text above a list.
    pub list_text_limit: usize,
    /// A location's title, and its address.
    pub place_limit: usize,
    /// Kinds under which no words can stand.
    pub bare_media: Vec<MediaKind>,
    /// How many contact cards one message holds.
    pub contacts: usize,
    /// A card may be nothing but its title.
    pub bare_cards: bool,
    /// Kinds that go as a link although the platform has [`Feature::Media`].
    pub linked_media: Vec<MediaKind>,
    pub features: Vec<Feature>,
}

impl Capabilities {
    /// A platform without anything, from which others are told apart: `Capabilities { text_limit: 640, ..NOTHING }`.
    pub const NOTHING: Self = Self {
        text_unit: LengthUnit::Characters,
        title_unit: None,
        text_limit: 4,
        caption_limit: 0,
        choices: 0,
        choice_title_limit: 0,
        buttons: 0,
        link_buttons: 0,
        mixed_buttons: true,
        unique_titles: false,
        button_title_limit: 0,
        payload_limit: 0,
        cards: 0,
        card_title_limit: 0,
        card_text_limit: 0,
        card_buttons: 0,
        rows: 0,
        row_title_limit: 0,
        row_text_limit: 0,
        list_button_limit: 0,
        button_text_limit: usize::MAX,
        choice_text_limit: usize::MAX,
        list_text_limit: usize::MAX,
        place_limit: 0,
        bare_media: Vec::new(),
        contacts: usize::MAX,
        bare_cards: true,
        linked_media: Vec::new(),
        features: Vec::new(),
    };

    pub fn has(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }
}
