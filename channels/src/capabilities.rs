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

/// What a platform takes as a file of a kind, fetched from an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct MediaRule {
    pub kind: MediaKind,
    /// Bytes.
    pub most: u64,
    /// Empty for every kind of file.
    pub mimes: &'static [&'static str],
}

impl MediaRule {
    /// In megabytes of 1,000,000 bytes: platforms that mean the larger ones take these, too.
    pub const fn new(kind: MediaKind, megabytes: u64, mimes: &'static [&'static str]) -> Self {
        Self { kind, most: megabytes * 1_000_000, mimes }
    }
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
    /// What a file of a kind may be; a kind that is not named takes everything.
    pub media: &'static [MediaRule],
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
        media: &[],
        features: Vec::new(),
    };

    /// As what a file goes: as its own kind, as a document, or (none) as a link alone.
    pub fn media_as(&self, kind: MediaKind, mime: &str, bytes: u64) -> Option<MediaKind> {
        let takes = |kind: &MediaKind| {
            let rule = self.media.iter().find(|rule| rule.kind == *kind);
            let is_within = |rule: &MediaRule| {
                bytes <= rule.most && (rule.mimes.is_empty() || rule.mimes.contains(&mime))
            };
            self.has(Feature::Media) && !self.linked_media.contains(kind) && rule.is_none_or(is_within)
        };
        [kind, MediaKind::File].into_iter().find(takes)
    }

    pub fn has(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }
}

#[cfg(test)]
mod tests {
    use crate::ChannelName::{Instagram, Line, Messenger, Telegram, Web, Webhook, Whatsapp};
    use crate::MediaKind::{Audio, File, Image, Video};
    use crate::{ChannelName, MediaKind, channel};

    #[test]
    fn a_file_goes_as_what_the_platform_takes() {
        let check = |name: ChannelName, (kind, mime, megabytes): (MediaKind, &str, u64), expected| {
            let found = channel(name).capabilities().media_as(kind, mime, megabytes * 1_000_000);
            assert_eq!(found, expected, "{name:?} {kind:?} {mime} {megabytes} MB");
        };
        for name in [Web, Webhook] {
            check(name, (Image, "image/webp", 9), Some(Image));
            check(name, (File, "text/csv", 9), Some(File));
        }
        for name in [Messenger, Instagram] {
            check(name, (Image, "image/png", 8), Some(Image));
            check(name, (Video, "video/mp4", 25), Some(Video));
            check(name, (Video, "video/mp4", 26), None);
        }
        check(Messenger, (Image, "image/png", 9), Some(File));
        check(Messenger, (File, "application/pdf", 25), Some(File));
        check(Instagram, (File, "application/pdf", 25), Some(File));
        check(Instagram, (File, "text/csv", 1), None);
        check(Instagram, (Image, "image/webp", 1), None);
        check(Whatsapp, (Image, "image/jpeg", 5), Some(Image));
        check(Whatsapp, (Image, "image/jpeg", 6), Some(File));
        check(Whatsapp, (Image, "image/webp", 1), Some(File));
        check(Whatsapp, (Video, "video/mp4", 17), Some(File));
        check(Whatsapp, (File, "text/csv", 101), None);
        check(Line, (Image, "image/png", 10), Some(Image));
        check(Line, (Image, "image/gif", 1), None);
        check(Line, (File, "application/pdf", 1), None);
        check(Line, (Video, "video/mp4", 200), Some(Video));
        check(Line, (Audio, "audio/ogg", 1), None);
        check(Telegram, (Image, "image/png", 5), Some(Image));
        check(Telegram, (Image, "image/png", 6), None);
        check(Telegram, (File, "application/pdf", 20), Some(File));
        check(Telegram, (File, "text/csv", 1), None);
    }
}
