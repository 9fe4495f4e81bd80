//! The bodies of the Send API: what a message of each kind looks like.

use serde_json::{Map, Value, json};

use crate::degrade::web_address;
use crate::{Button, ButtonAction, Card, Choice, MediaKind, Part, Shown, Template, TemplatePart};

/// One message of the Send API.
pub(super) struct Message {
    pub(super) message: Value,
    /// Set for an approved template, which goes outside the window, too.
    pub(super) is_utility: bool,
}

impl Message {
    fn of(message: Value) -> Self {
        Self { message, is_utility: false }
    }
}

/// The message that shows one part, with its choices.
pub(super) fn message(shown: &Shown) -> Option<Message> {
    let mut message = match &shown.part {
        Part::Text { text } => text_message(text),
        Part::Media { kind, url, .. } => media(*kind, url),
        Part::Buttons { text, buttons } => {
            let buttons: Vec<Value> = buttons.iter().map(button).collect();
            template(&json!({"template_type": "button", "text": text, "buttons": buttons}))
        }
        Part::Cards { cards } => {
            let elements: Vec<Value> = cards.iter().map(element).collect();
            template(&json!({"template_type": "generic", "elements": elements}))
        }
        Part::Sticker { id, .. } => Message::of(json!({"attachment": {"type": id}})),
        Part::Template { template } => Message { message: utility(template), is_utility: true },
        // The planner says these in words: neither product has them.
        Part::Location { .. }
        | Part::List { .. }
        | Part::Contacts { .. }
        | Part::Flex { .. }
        | Part::Imagemap { .. } => return None,
    };
    if !shown.choices.is_empty() {
        message.message["quick_replies"] = shown.choices.iter().map(quick_reply).collect();
    }
    Some(message)
}

fn text_message(text: &str) -> Message {
    Message::of(json!({"text": text}))
}

/// Pictures and moving pictures are one type, voices and sounds another.
fn media(kind: MediaKind, url: &str) -> Message {
    let name = match kind {
        MediaKind::Image | MediaKind::Animation => "image",
        MediaKind::Video => "video",
        MediaKind::Audio | MediaKind::Voice => "audio",
        MediaKind::File => "file",
    };
    Message::of(json!({"attachment": {"type": name, "payload": {"url": address(url)}}}))
}

fn template(payload: &Value) -> Message {
    Message::of(json!({"attachment": {"type": "template", "payload": payload}}))
}

fn words(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

fn element(card: &Card) -> Value {
    let mut element = json!({"title": card.title});
    if let Some(text) = words(card.text.as_deref()) {
        element["subtitle"] = text.into();
    }
    if let Some(image) = &card.image_url {
        element["image_url"] = address(image).into();
    }
    if !card.buttons.is_empty() {
        element["buttons"] = card.buttons.iter().map(button).collect();
    }
    element
}

fn button(button: &Button) -> Value {
    match &button.action {
        ButtonAction::Choose { payload } => {
            json!({"type": "postback", "title": button.title, "payload": payload})
        }
        ButtonAction::Open { url } => {
            json!({"type": "web_url", "title": button.title, "url": address(url)})
        }
    }
}

fn quick_reply(choice: &Choice) -> Value {
    json!({"content_type": "text", "title": choice.title, "payload": choice.payload})
}

/// An address as it was authored, or with its other letters encoded. The planner lets only web addresses pass.
fn address(url: &str) -> String {
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic());
    web_address(url).filter(|_| !is_plain).map_or_else(|| url.to_owned(), String::from)
}

/// An approved template with its blanks filled in, each component once.
fn utility(template: &Template) -> Value {
    let mut components: Vec<Value> = Vec::new();
    let mut fill = |component: Value, parameter: Value| {
        let named = |one: &&mut Value| {
            ["type", "sub_type", "index"].iter().all(|name| one.get(name) == component.get(name))
        };
        if let Some(parameters) =
            components.iter_mut().find(named).and_then(|one| one["parameters"].as_array_mut())
        {
            parameters.push(parameter);
        } else {
            let mut component = component;
            component["parameters"] = json!([parameter]);
            components.push(component);
        }
    };
    let button =
        |kind: &str, index: u8| json!({"type": "button", "sub_type": kind, "index": index.to_string()});
    for field in &template.fields {
        match field {
            TemplatePart::HeaderText { name, text } => {
                fill(json!({"type": "header"}), text_parameter(name.as_deref(), text));
            }
            TemplatePart::HeaderMedia { kind, url } => {
                let name = match kind {
                    MediaKind::Image | MediaKind::Animation => "image",
                    MediaKind::Video => "video",
                    MediaKind::Audio | MediaKind::Voice | MediaKind::File => "document",
                };
                fill(json!({"type": "header"}), json!({"type": name, name: {"link": address(url)}}));
            }
            TemplatePart::Body { name, text } => {
                fill(json!({"type": "body"}), text_parameter(name.as_deref(), text));
            }
            TemplatePart::Payload { index, payload } => {
                fill(button("quick_reply", *index), json!({"type": "payload", "payload": payload}));
            }
            TemplatePart::UrlEnding { index, text } => {
                fill(button("url", *index), text_parameter(None, text));
            }
            TemplatePart::HeaderLocation { latitude, longitude, name, address } => {
                let place =
                    json!({"latitude": latitude, "longitude": longitude, "name": name, "address": address});
                fill(json!({"type": "header"}), json!({"type": "location", "location": place}));
            }
            TemplatePart::CouponCode { index, code } => {
                fill(button("copy_code", *index), json!({"type": "coupon_code", "coupon_code": code}));
            }
        }
    }
    let mut body = json!({"name": template.name, "language": {"code": template.language}});
    if !components.is_empty() {
        body["components"] = components.into();
    }
    json!({"template": body})
}

fn text_parameter(name: Option<&str>, text: &str) -> Value {
    let mut parameter =
        Map::from_iter([("type".to_owned(), json!("text")), ("text".to_owned(), json!(text))]);
    if let Some(name) = name {
        parameter.insert("parameter_name".into(), name.into());
    }
    parameter.into()
}
