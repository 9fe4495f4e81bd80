//! What LINE's addresses, stickers and Flex messages must be, before the planner looks at lengths.
//!
//! A part that LINE would refuse is said in words instead, in its own place, so that the planner can cut it.

use serde_json::Value;
use url::Url;

use super::request::escape;
use super::{flex, imagemap};
use crate::degrade::web_address;
use crate::{Button, ButtonAction, Card, Loss, Lost, MediaKind, Part, Reply};

/// The longest address behind a button, and of a picture or file (both: the reference of the Messaging API).
const LINK_LIMIT: usize = 1_000;
const MEDIA_LIMIT: usize = 2_000;

/// The reply with every part LINE would refuse in words, and what that lost.
pub(super) fn takeable(reply: &Reply) -> (Reply, Vec<Lost>) {
    let mut lost = Vec::new();
    let parts = reply.parts.iter().enumerate().map(|(index, part)| {
        let (part, losses) = fit_part(part);
        lost.extend(losses.into_iter().map(|what| Lost { part: Some(index), what }));
        part
    });
    let parts = parts.collect();
    (Reply { parts, ..reply.clone() }, lost)
}

fn fit_part(part: &Part) -> (Part, Vec<Loss>) {
    let said = |text: String, loss: Loss| (Part::Text { text }, vec![loss]);
    match part {
        Part::Media { kind, url, alt } if !is_media(*kind, url) => {
            said(lines(&[alt.as_deref().unwrap_or_default(), url]), Loss::MediaLinked)
        }
        Part::Sticker { id, alt } if sticker(id).is_none() => said(alt.clone(), Loss::StickerWritten),
        Part::Flex { alt, contents } if !flex::is_container(contents) => said(alt.clone(), Loss::FlexWritten),
        Part::Imagemap { imagemap } if imagemap::of(imagemap).is_none() => imagemap::unpacked(imagemap),
        Part::Buttons { text, buttons } => {
            let (text, buttons, written) = fit_buttons(text, buttons);
            (Part::Buttons { text, buttons }, written.then_some(Loss::LinksWritten).into_iter().collect())
        }
        Part::Cards { cards } => {
            let mut losses = Vec::new();
            let cards = cards.iter().map(|card| fit_card(card, &mut losses)).collect();
            (Part::Cards { cards }, losses)
        }
        other => (other.clone(), Vec::new()),
    }
}

fn fit_card(card: &Card, losses: &mut Vec<Loss>) -> Card {
    let mut fitted = card.clone();
    let (text, buttons, written) = fit_buttons(card.text.as_deref().unwrap_or_default(), &card.buttons);
    if written {
        losses.push(Loss::LinksWritten);
    }
    fitted.buttons = buttons;
    let image = fitted.image_url.take();
    let (shown, linked): (Option<String>, Option<String>) = match image {
        Some(url) if is_media(MediaKind::Image, &url) => (Some(url), None),
        other => (None, other),
    };
    fitted.image_url = shown;
    fitted.text = Some(match linked {
        Some(url) => {
            losses.push(Loss::MediaLinked);
            lines(&[&text, &url])
        }
        None => text,
    });
    fitted
}

/// The text with the addresses that no button may open below it, and the buttons that are left.
pub(super) fn fit_buttons(text: &str, buttons: &[Button]) -> (String, Vec<Button>, bool) {
    let fits = |button: &Button| match &button.action {
        ButtonAction::Open { url } => link(url).is_some(),
        ButtonAction::Choose { .. } => true,
    };
    let mut said = text.to_owned();
    for button in buttons.iter().filter(|button| !fits(button)) {
        if let ButtonAction::Open { url } = &button.action {
            let title = if button.title == *url { "" } else { button.title.as_str() };
            said = lines(&[&said, title, url]);
        }
    }
    let left: Vec<Button> = buttons.iter().filter(|button| fits(button)).cloned().collect();
    let written = left.len() < buttons.len();
    (said, left, written)
}

/// The package and the sticker in an id of LINE's: `446/1988`.
pub(super) fn sticker(id: &str) -> Option<(&str, &str)> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    id.split_once('/').filter(|(package, sticker)| is_number(package) && is_number(sticker))
}

/// The address behind a button as LINE takes it.
pub(super) fn link(url: &str) -> Option<String> {
    web_address(url).map(|url| encoded(&url)).filter(|url| url.len() <= LINK_LIMIT)
}

/// The address of a picture or file as LINE takes it: https alone.
pub(super) fn media_link(url: &str) -> Option<String> {
    let url = web_address(url).filter(|url| url.scheme() == "https")?;
    Some(encoded(&url)).filter(|url| url.len() <= MEDIA_LIMIT)
}

/// LINE shows JPEG and PNG, and plays MP4, M4A and MP3. What an address does not end in is taken for right.
pub(super) fn is_media(kind: MediaKind, url: &str) -> bool {
    let strange: &[&str] = match kind {
        MediaKind::Image => &["gif", "webp", "svg", "bmp", "tif", "tiff", "heic", "avif"],
        MediaKind::Video => &["webm", "mov", "avi", "mkv", "wmv"],
        MediaKind::Audio | MediaKind::Voice => &["ogg", "oga", "opus", "wav", "aac", "amr", "flac", "wma"],
        // The planner links these.
        MediaKind::File | MediaKind::Animation => return true,
    };
    let ending = web_address(url).and_then(|url| {
        let name = url.path().rsplit('/').next()?.to_ascii_lowercase();
        Some(name.rsplit_once('.')?.1.to_owned())
    });
    media_link(url).is_some() && ending.is_none_or(|ending| !strange.contains(&ending.as_str()))
}

/// The address with every character escaped that an address may not hold (RFC 3986), which [`Url`] lets pass.
fn encoded(url: &Url) -> String {
    let (start, rest) = url.as_str().split_at(url[..url::Position::BeforePath].len());
    let mut text = start.to_owned();
    let mut fragment = false;
    for (at, character) in rest.char_indices() {
        let is_escape = || {
            let digits = rest.as_bytes().get(at + 1..at + 3);
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        let plain = match character {
            '#' => !std::mem::replace(&mut fragment, true),
            '%' => is_escape(),
            _ => character.is_ascii_alphanumeric() || "-._~:/?@!$&'()*+,;=".contains(character),
        };
        if plain {
            text.push(character);
        } else {
            let mut bytes = [0; 4];
            let bytes = character.encode_utf8(&mut bytes).bytes();
            bytes.for_each(|byte| escape(byte, &mut text));
        }
    }
    text
}

/// The texts that are not blank, a line each.
pub(super) fn lines(texts: &[&str]) -> String {
    let texts: Vec<&str> = texts.iter().copied().filter(|text| !text.trim().is_empty()).collect();
    texts.join("\n")
}

/// What is left of a text in so many UTF-16 units.
pub(super) fn cut(text: &str, limit: usize) -> String {
    let mut length = 0;
    let fits = |character: &char| {
        length += character.len_utf16();
        length <= limit
    };
    text.chars().take_while(fits).collect()
}

/// How long LINE counts a text: in UTF-16 units (its labels count by what a reader takes for one character, which is
/// never more).
pub(super) fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The first words within a Flex message, where its author gave none beside it.
pub(super) fn first_words(contents: &Value) -> Option<String> {
    match contents {
        Value::Object(fields) => {
            let own = fields.get("text").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
            own.map(str::to_owned).or_else(|| fields.values().find_map(first_words))
        }
        Value::Array(items) => items.iter().find_map(first_words),
        _ => None,
    }
}
