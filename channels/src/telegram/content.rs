//! What a Telegram message means in our words.

use serde_json::{Map, Value};

use super::notice;
use super::parts::{Contact as SharedContact, File, PaidMedia, Parts, Place, Poll, Sticker, Venue};
use super::receive::Ours;
use super::rich::rich_text;
use super::shared::{form, shared, story_of};
use super::update::{Field, Message, integer, read};
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

/// The content of a message; `raw` is the same message as it came.
pub(super) fn content_of(message: &Message, raw: &Value, ours: &Ours<'_>) -> Content {
    if let Some(text) = &message.text.0 {
        return started(text, ours).unwrap_or_else(|| match &message.reply_to_story.0 {
            Some(story) => Content::StoryReply { text: text.clone(), story: story_of(story) },
            None => Content::Text { text: text.clone() },
        });
    }
    let parts: Parts = read(raw).unwrap_or_default();
    media(message, &parts)
        .or_else(|| sticker(parts.sticker.0.as_ref()?))
        .or_else(|| location(&parts))
        .or_else(|| Some(Content::Contact { contacts: vec![contact(parts.contact.0.as_ref()?)?] }))
        .or_else(|| poll(parts.poll.0.as_ref()?))
        .or_else(|| shared(&parts))
        .or_else(|| form(&parts, raw))
        .or_else(|| Some(Content::Text { text: rich_text(raw.get("rich_message")?)? }))
        .or_else(|| notice::of_message(raw))
        .unwrap_or_else(|| Content::Unknown { kind: unknown_kind(raw) })
}

/// The phone number of a person who shared their own card, as E.164.
pub(super) fn own_phone(raw: &Value) -> Option<String> {
    let contact = raw.get("contact")?;
    let own = contact.get("user_id").and_then(integer)?;
    let is_own = raw.pointer("/from/id").and_then(integer) == Some(own);
    let number = contact.get("phone_number")?.as_str().filter(|_| is_own)?;
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    (7..=15).contains(&digits.len()).then(|| format!("+{digits}"))
}

/// `/start`, `/start payload` and, in groups, `/start@OurBot payload`.
fn started(text: &str, ours: &Ours<'_>) -> Option<Content> {
    let (command, payload) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let (name, to) = command.split_once('@').unwrap_or((command, ""));
    let payload = payload.trim();
    let payload = (!payload.is_empty()).then(|| payload.to_owned());
    (name == "/start" && ours.may_be_called(to)).then_some(Content::Started { payload })
}

/// An animation carries a document of the same file, so it comes first. What is paid for is shown by its first file.
fn media(message: &Message, parts: &Parts) -> Option<Content> {
    let files = [
        (MediaKind::Animation, &parts.animation),
        (MediaKind::Audio, &parts.audio),
        (MediaKind::Video, &parts.video),
        (MediaKind::Video, &parts.video_note),
        (MediaKind::Voice, &parts.voice),
        (MediaKind::Video, &parts.live_photo),
        (MediaKind::File, &parts.document),
    ];
    let photo = largest(&parts.photo).map(|photo| (MediaKind::Image, photo));
    let paid = || parts.paid_media.0.as_ref().and_then(paid_file);
    let given =
        photo.into_iter().chain(files.into_iter().filter_map(|(kind, file)| Some((kind, file.0.as_ref()?))));
    let found = given.chain(paid()).find_map(|(kind, file)| media_of(kind, file)).map(|media| Media {
        caption: message.caption.0.clone(),
        album: message.media_group_id.0.clone(),
        ..media
    });
    match found {
        Some(media) => Some(Content::Media { media }),
        None if parts.paid_media.0.is_some() => {
            Some(Content::Unsupported { kind: Some("paid_media".into()) })
        }
        None => None,
    }
}

fn paid_file(paid: &PaidMedia) -> Option<(MediaKind, &File)> {
    paid.paid_media.0.iter().flatten().filter_map(|file| file.0.as_ref()).find_map(|file| {
        let photo = largest(&file.photo).map(|photo| (MediaKind::Image, photo));
        let video = file.video.0.as_ref().or(file.live_photo.0.as_ref());
        photo.or_else(|| Some((MediaKind::Video, video?)))
    })
}

fn media_of(kind: MediaKind, file: &File) -> Option<Media> {
    let id = file.file_id.0.clone().filter(|id| !id.is_empty())?;
    Some(Media {
        mime: file.mime_type.0.clone(),
        name: file.file_name.0.clone(),
        size: file.file_size.0,
        duration_ms: file.duration.0.map(|seconds| seconds.saturating_mul(1000)),
        ..Media::new(kind, MediaSource::Platform { id })
    })
}

fn largest(sizes: &Field<Vec<Field<File>>>) -> Option<&File> {
    let pixels = |file: &&File| {
        let side = |length: &Field<u32>| u64::from(length.0.unwrap_or_default());
        side(&file.width) * side(&file.height)
    };
    sizes.0.iter().flatten().filter_map(|size| size.0.as_ref()).max_by_key(pixels)
}

/// A sticker is a picture (WebP), a moving drawing (gzipped Lottie) or a video (WebM).
fn sticker(sticker: &Sticker) -> Option<Content> {
    let emoji = sticker.emoji.0.clone();
    let id = sticker.file_id.0.clone().filter(|id| !id.is_empty())?;
    let (kind, mime) = match (sticker.is_animated.0, sticker.is_video.0) {
        (Some(true), _) => (MediaKind::Animation, "application/x-tgsticker"),
        (_, Some(true)) => (MediaKind::Animation, "video/webm"),
        _ => (MediaKind::Image, "image/webp"),
    };
    let media = Media {
        mime: Some(mime.into()),
        size: sticker.file_size.0,
        ..Media::new(kind, MediaSource::Platform { id: id.clone() })
    };
    Some(Content::Sticker { id, keywords: emoji.iter().cloned().collect(), emoji, media: Some(media) })
}

/// A venue carries a location of the same place, so it comes first.
fn location(parts: &Parts) -> Option<Content> {
    let point = |place: &Place| {
        Some(Location {
            latitude: place.latitude.0?,
            longitude: place.longitude.0?,
            title: None,
            address: None,
        })
    };
    let venue = |venue: &Venue| {
        let point = point(venue.location.0.as_ref()?)?;
        Some(Location { title: venue.title.0.clone(), address: venue.address.0.clone(), ..point })
    };
    let found = parts.venue.0.as_ref().and_then(venue);
    found.or_else(|| point(parts.location.0.as_ref()?)).map(|location| Content::Location { location })
}

/// None where there is neither a name nor a number.
fn contact(contact: &SharedContact) -> Option<Contact> {
    let vcard = contact.vcard.0.as_deref().unwrap_or_default();
    let line = |name: &str| -> Vec<String> {
        let of_name = |line: &&str| line.to_ascii_uppercase().starts_with(name);
        let values = vcard.lines().filter(of_name).filter_map(|line| Some(line.split_once(':')?.1.trim()));
        values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
    };
    let mut phones: Vec<String> = contact.phone_number.0.iter().cloned().collect();
    let digits = |number: &str| number.chars().filter(char::is_ascii_digit).collect::<String>();
    for phone in line("TEL") {
        if !phones.iter().any(|known| digits(known) == digits(&phone)) {
            phones.push(phone);
        }
    }
    let name = full_name(&contact.first_name, &contact.last_name).unwrap_or_default();
    let known = Contact { name, phones, emails: line("EMAIL") };
    (!known.name.is_empty() || !known.phones.is_empty()).then_some(known)
}

fn poll(poll: &Poll) -> Option<Content> {
    let options = poll.options.0.iter().flatten().filter_map(|option| option.0.as_ref()?.text.0.clone());
    Some(Content::Poll { question: poll.question.0.clone()?, options: options.collect() })
}

/// First and last name; none where both are missing.
pub(super) fn full_name(first: &Field<String>, last: &Field<String>) -> Option<String> {
    let part = |field: &Field<String>| field.0.clone().unwrap_or_default();
    Some(format!("{} {}", part(first), part(last)).trim().to_owned()).filter(|name| !name.is_empty())
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
