//! What a LINE message means in our words.

use serde_json::Value;

use super::fields::{id, integer, list, number, short, text};
use crate::{Content, Location, Media, MediaKind, MediaSource};

/// The content of the `message` of an event.
pub(super) fn content_of(message: &Value) -> Content {
    let kind = text(message, "/type").unwrap_or_default();
    let known = match kind.as_str() {
        "text" => text(message, "/text").map(|text| Content::Text { text }),
        "image" => media(MediaKind::Image, message),
        "video" => media(MediaKind::Video, message),
        "audio" => media(MediaKind::Audio, message),
        "file" => media(MediaKind::File, message),
        "location" => location(message),
        "sticker" => sticker(message),
        _ => None,
    };
    known.unwrap_or_else(|| Content::Unknown { kind: short(if kind.is_empty() { "message" } else { &kind }) })
}

/// LINE keeps the bytes under the message's id for a while; what a web page inside LINE sent stays at its own address.
fn media(kind: MediaKind, message: &Value) -> Option<Content> {
    let external = text(message, "/contentProvider/type").as_deref() == Some("external");
    let url = id(message, "/contentProvider/originalContentUrl").filter(|_| external);
    let source = match url {
        Some(url) => MediaSource::Url { url },
        None => MediaSource::Platform { id: id(message, "/id")? },
    };
    let unsigned = |pointer| integer(message, pointer).and_then(|number| u64::try_from(number).ok());
    Some(Content::Media {
        media: Media {
            name: text(message, "/fileName"),
            size: unsigned("/fileSize"),
            duration_ms: unsigned("/duration"),
            album: id(message, "/imageSet/id"),
            ..Media::new(kind, source)
        },
    })
}

fn location(message: &Value) -> Option<Content> {
    let location = Location {
        latitude: number(message, "/latitude")?,
        longitude: number(message, "/longitude")?,
        title: text(message, "/title"),
        address: text(message, "/address"),
    };
    Some(Content::Location { location })
}

/// What a person wrote on a message sticker is its first keyword: it says more than LINE's own words for the picture.
fn sticker(message: &Value) -> Option<Content> {
    let id = format!("{}/{}", id(message, "/packageId")?, id(message, "/stickerId")?);
    let typed = text(message, "/text").filter(|text| !text.trim().is_empty());
    let words = list(message, "/keywords").iter().filter_map(Value::as_str).map(str::to_owned);
    let keywords = typed.into_iter().chain(words).collect();
    Some(Content::Sticker { id, keywords, emoji: None, media: None })
}
