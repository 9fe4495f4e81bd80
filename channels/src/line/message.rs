//! The message objects that show one part.

use serde_json::{Value, json};

use super::fit::{length, media_link, sticker};
use super::{flex, imagemap};
use crate::{AccountConfig, Button, Choice, Location, MediaKind, Part, Shown};

/// Of the reference: what a buttons template holds where it has neither picture nor title.
const TEMPLATE_ACTIONS: usize = 4;
const TEMPLATE_TEXT: usize = 160;

/// LINE wants to know how long a recording plays, ms, and we are not told: the app shows this until it plays.
const UNKNOWN_DURATION_MS: u32 = 60_000;

/// The messages of a part, with the choices under the last.
pub(super) fn messages(account: &AccountConfig, shown: &Shown) -> Vec<Value> {
    let mut messages = match &shown.part {
        Part::Text { text } => vec![text_message(text)],
        Part::Media { kind, url, .. } => vec![media(account, *kind, url)],
        Part::Buttons { text, buttons } => vec![buttons_message(text, buttons)],
        Part::Cards { cards } => vec![flex::carousel(cards)],
        Part::Location { location } => vec![place(location)],
        Part::List { text, button, sections } => flex::list(text, button, sections),
        Part::Sticker { id, alt } => {
            vec![sticker(id).map_or_else(
                || text_message(alt),
                |(package, sticker)| json!({"type": "sticker", "packageId": package, "stickerId": sticker}),
            )]
        }
        Part::Flex { alt, contents } => vec![flex::message(alt, contents)],
        Part::Imagemap { imagemap } => imagemap::of(imagemap).into_iter().collect(),
        // The planner says these in words: LINE lacks them.
        Part::Contacts { .. } | Part::Template { .. } => Vec::new(),
    };
    if let Some(last) = messages.last_mut().filter(|_| !shown.choices.is_empty()) {
        last["quickReply"] = quick_reply(&shown.choices);
    }
    messages
}

fn text_message(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

/// A video needs a picture to stand for it: the setting `video_preview`, an address; without it LINE shows an empty
/// frame that plays all the same.
fn media(account: &AccountConfig, kind: MediaKind, url: &str) -> Value {
    // Addresses that LINE refuses were written as text before.
    let Some(address) = media_link(url) else { return text_message(url) };
    match kind {
        MediaKind::Image => {
            json!({"type": "image", "originalContentUrl": address, "previewImageUrl": address})
        }
        MediaKind::Video => {
            let preview = account.settings.get("video_preview").and_then(|url| media_link(url));
            let preview = preview.unwrap_or_else(|| address.clone());
            json!({"type": "video", "originalContentUrl": address, "previewImageUrl": preview})
        }
        MediaKind::Audio | MediaKind::Voice => {
            json!({"type": "audio", "originalContentUrl": address, "duration": UNKNOWN_DURATION_MS})
        }
        MediaKind::File | MediaKind::Animation => text_message(url),
    }
}

/// A template where one holds them, which every app shows alike; else a Flex message.
fn buttons_message(text: &str, buttons: &[Button]) -> Value {
    let holds = buttons.len() <= TEMPLATE_ACTIONS
        && length(text) <= TEMPLATE_TEXT
        && buttons.iter().all(|button| length(&button.title) <= flex::LABEL_LIMIT);
    if !holds {
        return flex::buttons(text, buttons);
    }
    let actions: Vec<Value> = buttons.iter().map(flex::action).collect();
    json!({
        "type": "template",
        "altText": flex::alt_text(text, &Value::Null),
        "template": {"type": "buttons", "text": text, "actions": actions},
    })
}

/// LINE wants both words of a place: the coordinates stand in for those that are missing.
fn place(location: &Location) -> Value {
    let Location { latitude, longitude, title, address } = location;
    let word = |word: &Option<String>| word.clone().filter(|word| !word.trim().is_empty());
    let point = format!("{latitude:.6}, {longitude:.6}");
    let (title, address) = match (word(title), word(address)) {
        (Some(title), Some(address)) => (title, address),
        (Some(only), None) | (None, Some(only)) => (only, point),
        (None, None) => ("📍".to_owned(), point),
    };
    json!({
        "type": "location", "title": title, "address": address, "latitude": latitude, "longitude": longitude,
    })
}

fn quick_reply(choices: &[Choice]) -> Value {
    let item = |choice: &Choice| {
        let Choice { title, payload } = choice;
        let action = json!({"type": "postback", "label": title, "data": payload, "displayText": title});
        json!({"type": "action", "action": action})
    };
    let items: Vec<Value> = choices.iter().map(item).collect();
    json!({"items": items})
}
