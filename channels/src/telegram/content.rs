//! What a Telegram message means in our words.

use serde_json::{Map, Value};
use teloxide::types;

use super::update::{Field, File, Message, Sticker};
use crate::{Contact, Content, Location, Media, MediaKind, MediaSource};

/// Fields of a message that say who, where and how, not what.
const ENVELOPE: &[&str] = &[
    "author_signature",
    "business_connection_id",
    "caption",
    "caption_entities",
    "chat",
    "date",
    "direct_messages_topic",
    "edit_date",
    "effect_id",
    "entities",
    "ephemeral_message_id",
    "external_reply",
    "forward_date",
    "forward_from",
    "forward_from_chat",
    "forward_from_message_id",
    "forward_origin",
    "forward_sender_name",
    "forward_signature",
    "from",
    "guest_bot_caller_chat",
    "guest_bot_caller_user",
    "guest_query_id",
    "has_media_spoiler",
    "has_protected_content",
    "is_automatic_forward",
    "is_from_offline",
    "is_paid_post",
    "is_topic_message",
    "link_preview_options",
    "media_group_id",
    "message_id",
    "message_thread_id",
    "paid_star_count",
    "quote",
    "receiver_user",
    "reply_markup",
    "reply_to_checklist_task_id",
    "reply_to_message",
    "reply_to_poll_option_id",
    "reply_to_story",
    "sender_boost_count",
    "sender_business_bot",
    "sender_chat",
    "sender_tag",
    "show_caption_above_media",
    "suggested_post_info",
    "via_bot",
];

/// The content of a message; `raw` is the same message as it came, for the name of a kind that is not known.
pub(super) fn content_of(message: &Message, raw: &Value) -> Content {
    if let Some(text) = &message.text.0 {
        return started(text).unwrap_or_else(|| Content::Text { text: text.clone() });
    }
    let known = media(message)
        .or_else(|| sticker(message.sticker.0.as_ref()?))
        .or_else(|| place(message))
        .or_else(|| Some(Content::Contact { contact: contact(message.contact.0.as_ref()?) }))
        .or_else(|| Some(Content::Text { text: message.dice.0.as_ref()?.emoji.0.clone()? }));
    known.unwrap_or_else(|| Content::Unknown { kind: unknown_kind(raw) })
}

/// `/start`, `/start payload` and, in groups, `/start@OurBot payload`.
fn started(text: &str) -> Option<Content> {
    let (command, payload) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let (name, _) = command.split_once('@').unwrap_or((command, ""));
    let payload = payload.trim();
    let payload = (!payload.is_empty()).then(|| payload.to_owned());
    (name == "/start").then_some(Content::Started { payload })
}

/// An animation carries a document of the same file, so it comes first.
fn media(message: &Message) -> Option<Content> {
    let files = [
        (MediaKind::Animation, &message.animation),
        (MediaKind::Audio, &message.audio),
        (MediaKind::Video, &message.video),
        (MediaKind::Video, &message.video_note),
        (MediaKind::Voice, &message.voice),
        (MediaKind::Video, &message.live_photo),
        (MediaKind::File, &message.document),
    ];
    let largest =
        message.photo.0.as_ref().and_then(|sizes| largest(sizes)).map(|photo| (MediaKind::Image, photo));
    let caption = message.caption.0.clone();
    largest
        .into_iter()
        .chain(files.into_iter().filter_map(|(kind, file)| Some((kind, file.0.as_ref()?))))
        .find_map(|(kind, file)| media_of(kind, file, caption.clone()))
}

fn media_of(kind: MediaKind, file: &File, caption: Option<String>) -> Option<Content> {
    let id = file.file_id.0.clone().filter(|id| !id.is_empty())?;
    Some(Content::Media {
        media: Media {
            kind,
            source: MediaSource::Platform { id },
            mime: file.mime_type.0.clone(),
            name: file.file_name.0.clone(),
            size: file.file_size.0,
            caption,
        },
    })
}

fn largest(sizes: &[Field<File>]) -> Option<&File> {
    let pixels = |file: &&File| {
        let side = |length: &Field<u32>| u64::from(length.0.unwrap_or_default());
        side(&file.width) * side(&file.height)
    };
    sizes.iter().filter_map(|size| size.0.as_ref()).max_by_key(pixels)
}

fn sticker(sticker: &Sticker) -> Option<Content> {
    let emoji = sticker.emoji.0.clone();
    let id = sticker.file_id.0.clone().filter(|id| !id.is_empty())?;
    Some(Content::Sticker { id, keywords: emoji.iter().cloned().collect(), emoji })
}

/// A venue carries a location of the same place, so it comes first.
fn place(message: &Message) -> Option<Content> {
    let location = match (&message.venue.0, &message.location.0) {
        (Some(venue), _) => Location {
            latitude: venue.location.latitude,
            longitude: venue.location.longitude,
            title: Some(venue.title.clone()),
            address: Some(venue.address.clone()),
        },
        (None, Some(location)) => Location {
            latitude: location.latitude,
            longitude: location.longitude,
            title: None,
            address: None,
        },
        (None, None) => return None,
    };
    Some(Content::Location { location })
}

fn contact(contact: &types::Contact) -> Contact {
    let last_name = contact.last_name.as_deref().unwrap_or_default();
    let vcard = contact.vcard.as_deref().unwrap_or_default();
    let emails = vcard.lines().filter(|line| line.to_ascii_uppercase().starts_with("EMAIL"));
    Contact {
        name: format!("{} {last_name}", contact.first_name).trim().to_owned(),
        phones: vec![contact.phone_number.clone()],
        emails: emails.filter_map(|line| Some(line.split_once(':')?.1.trim().to_owned())).collect(),
    }
}

/// The name of the field that makes the message what it is; the first in the alphabet, so that it is always the same.
fn unknown_kind(raw: &Value) -> String {
    let fields = raw.as_object().into_iter().flat_map(Map::keys);
    short(fields.filter(|name| !ENVELOPE.contains(&name.as_str())).min().map_or("message", String::as_str))
}

/// A name that a stranger chose, at a length that can be stored.
pub(super) fn short(name: &str) -> String {
    name.chars().take(64).collect()
}
