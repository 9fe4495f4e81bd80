//! What a message of Messenger or Instagram means in our words.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value};

use super::fields::{first_id, first_text, flag, id, list, number, short, text};
use crate::{Content, Location, Media, MediaKind, MediaSource, Shared, Story};

/// Fields of a message that say how, not what.
const ENVELOPE: &[&str] = &[
    "app_id",
    "commands",
    "is_echo",
    "is_forwarded",
    "is_self",
    "metadata",
    "mid",
    "nlp",
    "prior_message",
    "referral",
    "reply_to",
    "seq",
    "tags",
    "traits",
    "detected_locales",
];

/// Everything a message says, at least one thing: its attachments, then its text. A text beside files is the caption of the
/// first.
pub(super) fn contents(message: &Value) -> Vec<Content> {
    let words = text(message, "/text");
    if let Some(press) = press(message, words.as_deref()) {
        return vec![press];
    }
    let story = message.pointer("/reply_to/story").filter(|story| story.is_object()).map(story_of);
    let mut said: Vec<Content> = attached(message, words.as_deref());
    mark_album(&mut said, id(message, "/mid").as_ref());
    if let Some(story) = story {
        said.insert(0, Content::StoryReply { text: words.unwrap_or_default(), story });
        return said;
    }
    if let Some(words) = words {
        match said.iter_mut().find_map(|content| match content {
            Content::Media { media } => Some(media),
            _ => None,
        }) {
            Some(media) => media.caption = Some(words),
            None => said.push(Content::Text { text: words }),
        }
    }
    if said.is_empty() {
        said.push(without_words(message));
    }
    said
}

/// Files that came in one message belong together.
fn mark_album(said: &mut [Content], mid: Option<&String>) {
    let mut files: Vec<&mut Media> = said
        .iter_mut()
        .filter_map(|content| match content {
            Content::Media { media } => Some(media),
            _ => None,
        })
        .collect();
    if files.len() > 1 {
        for file in &mut files {
            file.album = mid.cloned();
        }
    }
}

/// A pressed quick reply. Those that share a phone number or an address say it as text: nobody put anything behind them.
fn press(message: &Value, words: Option<&str>) -> Option<Content> {
    let payload = text(message, "/quick_reply/payload")?;
    let is_shared = words == Some(payload.as_str())
        && (payload.contains('@') || payload.trim_start_matches('+').chars().all(|c| c.is_ascii_digit()));
    if is_shared {
        return Some(Content::Text { text: payload });
    }
    Some(Content::Choice { payload, title: words.map(str::to_owned), values: BTreeMap::new() })
}

fn attached(message: &Value, words: Option<&str>) -> Vec<Content> {
    let attachments = list(message, "/attachments");
    let stickers: HashSet<String> = attachments
        .iter()
        .filter(|one| text(one, "/type").as_deref() == Some("sticker"))
        .flat_map(|one| ["/payload/sticker_id", "/payload/url"].map(|path| text(one, path)))
        .flatten()
        .collect();
    let mut said = Vec::new();
    for attachment in attachments {
        let kind = text(attachment, "/type").unwrap_or_default();
        // Some versions send one sticker as a picture, too.
        let marks = ["/payload/sticker_id", "/payload/url"].map(|path| text(attachment, path));
        let is_twin = kind == "image" && marks.iter().flatten().any(|mark| stickers.contains(mark));
        if !is_twin && !is_preview(attachment, &kind, words) {
            said.extend(attachment_contents(attachment, &kind));
        }
    }
    if said.is_empty()
        && let Some(id) = id(message, "/sticker_id")
    {
        said.push(Content::Sticker { id, keywords: Vec::new(), emoji: None, media: None });
    }
    said
}

/// The preview that the app makes of a link in the text says nothing that the text does not.
fn is_preview(attachment: &Value, kind: &str, words: Option<&str>) -> bool {
    let Some(words) = words.filter(|_| kind == "fallback") else { return false };
    let title = first_text(attachment, &["/payload/title", "/title"]);
    words.contains("http://")
        || words.contains("https://")
        || words.contains("www.")
        || title.is_some_and(|title| words.contains(&title))
}

fn attachment_contents(attachment: &Value, kind: &str) -> Vec<Content> {
    let file = |media| vec![file(media, attachment, kind)];
    match kind {
        "image" | "sticker" if text(attachment, "/payload/sticker_id").is_some() => vec![sticker(attachment)],
        "sticker" => vec![sticker(attachment)],
        HEART => vec![heart()],
        "image" => file(MediaKind::Image),
        "animated_image" | "gif" | "animated_image_share" => file(MediaKind::Animation),
        "video" => file(MediaKind::Video),
        "audio" => file(MediaKind::Audio),
        "file" => file(MediaKind::File),
        "location" => vec![place(attachment)],
        "template" => template(attachment),
        "story_mention" => vec![Content::StoryMention { story: story_of(&attachment["payload"]) }],
        "unsupported_type" => vec![Content::Unsupported { kind: Some(kind.to_owned()) }],
        "fallback"
        | "share"
        | "media"
        | "post"
        | "ig_post"
        | "reel"
        | "ig_reel"
        | "story"
        | "ig_story"
        | "product"
        | "appointment_booking"
        | "xma" => vec![shared(attachment, kind)],
        "" => vec![Content::Unknown { kind: "attachment".into() }],
        other => vec![Content::Unknown { kind: short(other) }],
    }
}

/// A file without an address is one that the platform keeps to itself.
fn file(kind: MediaKind, attachment: &Value, name: &str) -> Content {
    let Some(url) = first_text(attachment, &["/payload/url", "/url"]) else {
        return Content::Unsupported { kind: Some(name.to_owned()) };
    };
    Content::Media {
        media: Media {
            name: first_text(attachment, &["/payload/name", "/name"])
                .or_else(|| file_name(&url).filter(|_| kind == MediaKind::File)),
            ..Media::new(kind, MediaSource::Url { url })
        },
    }
}

/// A document's address ends in its name.
fn file_name(url: &str) -> Option<String> {
    let path = url.split(['?', '#']).next()?;
    let (_, name) = path.rsplit_once('/')?;
    name.contains('.').then(|| name.chars().take(200).collect())
}

/// The thumb that Messenger puts beside the text line, in its three sizes.
const THUMBS: [&str; 3] = ["369239263222822", "369239343222814", "369239383222810"];

fn sticker(attachment: &Value) -> Content {
    let picture =
        text(attachment, "/payload/url").map(|url| Media::new(MediaKind::Image, MediaSource::Url { url }));
    let id = id(attachment, "/payload/sticker_id").unwrap_or_default();
    let emoji = THUMBS.contains(&id.as_str()).then(|| "👍".to_owned());
    Content::Sticker { id, keywords: Vec::new(), emoji, media: picture }
}

/// The heart beside Instagram's text line, its only sticker.
pub(super) const HEART: &str = "like_heart";

fn heart() -> Content {
    Content::Sticker { id: HEART.into(), keywords: Vec::new(), emoji: Some("❤️".into()), media: None }
}

fn place(attachment: &Value) -> Content {
    let degrees = |names: [&str; 2]| names.iter().find_map(|name| number(attachment, name));
    let latitude = degrees(["/payload/coordinates/lat", "/payload/lat"]);
    let longitude = degrees(["/payload/coordinates/long", "/payload/long"]);
    match (latitude, longitude) {
        (Some(latitude), Some(longitude)) => Content::Location {
            location: Location { latitude, longitude, title: text(attachment, "/title"), address: None },
        },
        _ => Content::Unknown { kind: "location".into() },
    }
}

/// Products that the person asks about, or a card or list that somebody passed on.
fn template(attachment: &Value) -> Vec<Content> {
    let mut products = list(attachment, "/payload/product/elements");
    if products.is_empty() {
        products = list(attachment, "/payload/product/elements/data");
    }
    let product = |element: &Value| Content::Shared {
        shared: Shared {
            kind: "product".into(),
            id: first_text(element, &["/retailer_id", "/id"]),
            title: first_text(element, &["/title", "/name"]),
            text: first_text(element, &["/subtitle", "/price"]),
            url: text(element, "/image_url"),
        },
    };
    // A list that is itself wrapped in an object is no product.
    let products: Vec<Content> =
        products.iter().filter(|element| element.get("data").is_none()).map(product).collect();
    if !products.is_empty() {
        return products;
    }
    let first = "/payload/elements/0";
    let titles = ["/payload/title", "/payload/text", "/payload/intro_message", "/title"];
    vec![Content::Shared {
        shared: Shared {
            kind: "template".into(),
            id: None,
            title: first_text(attachment, &titles).or_else(|| text(attachment, &format!("{first}/title"))),
            text: text(attachment, &format!("{first}/subtitle")),
            url: first_text(
                attachment,
                &[
                    "/payload/buttons/0/url",
                    &format!("{first}/buttons/0/url"),
                    &format!("{first}/default_action/url"),
                    &format!("{first}/url"),
                    "/url",
                ],
            ),
        },
    }]
}

fn shared(attachment: &Value, kind: &str) -> Content {
    let ids = ["/payload/reel_video_id", "/payload/ig_post_media_id", "/payload/post_id", "/payload/id"];
    Content::Shared {
        shared: Shared {
            kind: if kind == "fallback" { "link" } else { kind }.to_owned(),
            id: first_id(attachment, &ids),
            title: first_text(attachment, &["/payload/title", "/title"]),
            text: first_text(attachment, &["/payload/subtitle", "/payload/description"]),
            url: first_text(attachment, &["/payload/url", "/payload/link", "/url"]),
        },
    }
}

fn story_of(story: &Value) -> Story {
    Story { id: first_id(story, &["/id", "/story_id"]), url: first_text(story, &["/url", "/link"]) }
}

/// What a message without words and files is: the platform says that it cannot hand it over, or sends nothing of it.
fn without_words(message: &Value) -> Content {
    let fields = message.as_object().into_iter().flat_map(Map::iter);
    let named = fields.filter(|(name, held)| {
        !ENVELOPE.contains(&name.as_str()) && !held.is_null() && name.as_str() != "is_unsupported"
    });
    let other = named.map(|(name, _)| name.as_str()).min();
    match other {
        Some(name) if !flag(message, "/is_unsupported") => Content::Unknown { kind: short(name) },
        _ if !message.is_object() => Content::Unknown { kind: "message".into() },
        _ => Content::Unsupported { kind: None },
    }
}
