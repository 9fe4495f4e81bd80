//! What a customer sees of a message of ours.

use serde_json::Value;

use super::Chat;
use crate::MediaKind;
use crate::line::fields::list;
use crate::simulator::{LineButton, Speaker};

/// Adds a message of ours to a chat, and what can be tapped in it.
pub(super) fn show(chat: &mut Chat, id: &str, message: &Value, now: i64) {
    let mut actions = Vec::new();
    let mut texts = Vec::new();
    gather(message, &mut texts, &mut actions);
    if word(message, "type") == "imagemap" {
        name_areas(&mut actions);
    }
    let media = match word(message, "type") {
        "image" | "imagemap" => Some(MediaKind::Image),
        "video" => Some(MediaKind::Video),
        "audio" => Some(MediaKind::Audio),
        _ => None,
    };
    let text = match word(message, "type") {
        "sticker" => format!("{}/{}", word(message, "packageId"), word(message, "stickerId")),
        "location" => format!("{}\n{}", word(message, "title"), word(message, "address")),
        "imagemap" => word(message, "altText").to_owned(),
        _ => texts.join("\n"),
    };
    let line = chat.add(Speaker::Us, id, now, &text);
    line.media = media;
    let largest = message.get("baseUrl").and_then(Value::as_str).map(|base| format!("{base}/1040"));
    line.media_url = message.get("originalContentUrl").and_then(Value::as_str).map(str::to_owned).or(largest);
    line.buttons = actions.iter().map(|(title, action)| button(title, action)).collect();
    chat.actions.extend(actions);
}

fn button(title: &str, action: &Value) -> LineButton {
    let text = |name: &str| action.get(name).and_then(Value::as_str).map(str::to_owned);
    LineButton { title: title.to_owned(), payload: text("data"), url: text("uri").or(text("linkUri")) }
}

/// An area without a label is called by what it says, opens or copies.
fn name_areas(actions: &mut [(String, Value)]) {
    for (title, action) in actions.iter_mut().filter(|(title, _)| title.is_empty()) {
        let names = ["text", "linkUri", "clipboardText"].into_iter().map(|name| word(action, name));
        names.into_iter().find(|name| !name.is_empty()).unwrap_or_default().clone_into(title);
    }
}

/// The words of a message and its actions with the words on them, in the order in which they are shown.
fn gather(value: &Value, texts: &mut Vec<String>, actions: &mut Vec<(String, Value)>) {
    for name in ["title", "text"] {
        if let Some(text) = value.get(name).and_then(Value::as_str) {
            texts.push(text.to_owned());
        }
    }
    for name in ["template", "columns", "header", "body", "contents", "footer"] {
        match value.get(name) {
            Some(Value::Array(items)) => items.iter().for_each(|item| gather(item, texts, actions)),
            Some(inner @ Value::Object(_)) => gather(inner, texts, actions),
            _ => {}
        }
    }
    let own = value.get("action").into_iter().chain(list(value, "/actions"));
    for action in own {
        actions.push((label(action, value), action.clone()));
    }
    for item in list(value, "/quickReply/items") {
        actions.push((label(&item["action"], item), item["action"].clone()));
    }
}

/// The label of an action; a box that can be tapped has its own words instead.
fn label(action: &Value, holder: &Value) -> String {
    let own = ["label", "displayText"].into_iter().map(|name| word(action, name)).find(|own| !own.is_empty());
    let inside = || list(holder, "/contents").first().map_or("", |first| word(first, "text"));
    own.unwrap_or_else(inside).to_owned()
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
