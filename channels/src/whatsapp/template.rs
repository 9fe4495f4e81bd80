//! Templates that Meta has approved, with their blanks filled in.

use serde_json::{Value, json};

use super::plan::{file_name, link, media_field};
use crate::{Template, TemplatePart};

/// What stands in a blank of which nothing is known: WhatsApp refuses empty ones.
const NOTHING: &str = "-";
const NO_COUPON: &str = "0";
const LONGEST_COUPON: usize = 15;
const LONGEST_PLACE: usize = 1_000;

pub(super) fn template(template: &Template) -> Value {
    let mut header = Vec::new();
    let mut body = Vec::new();
    let mut buttons = Vec::new();
    for field in &template.fields {
        match field {
            TemplatePart::HeaderText { name, text } => header.push(filled(name.as_deref(), text)),
            TemplatePart::HeaderMedia { kind, url } => {
                let kind = media_field(*kind);
                let mut file = json!({"link": link(url)});
                if kind == "document" {
                    file["filename"] = file_name(url).into();
                }
                header.push(json!({"type": kind, kind: file}));
            }
            TemplatePart::Body { name, text } => {
                body.push(filled(name.as_deref(), text));
            }
            TemplatePart::Payload { index, payload } => {
                let payload = json!({"type": "payload", "payload": payload});
                buttons.push(button("quick_reply", *index, &payload));
            }
            TemplatePart::UrlEnding { index, text } => {
                buttons.push(button("url", *index, &json!({"type": "text", "text": blank(text)})));
            }
            TemplatePart::HeaderLocation { latitude, longitude, name, address } => {
                let (name, address) = (place_words(name), place_words(address));
                let place =
                    json!({"latitude": latitude, "longitude": longitude, "name": name, "address": address});
                header.push(json!({"type": "location", "location": place}));
            }
            TemplatePart::CouponCode { index, code } => {
                buttons.push(coupon(*index, code));
            }
        }
    }
    let mut components = Vec::new();
    if !header.is_empty() {
        components.push(json!({"type": "header", "parameters": header}));
    }
    if !body.is_empty() {
        components.push(json!({"type": "body", "parameters": body}));
    }
    components.extend(buttons);
    let mut shown = json!({
        "name": template.name,
        "language": {"policy": "deterministic", "code": template.language},
    });
    if !components.is_empty() {
        shown["components"] = components.into();
    }
    shown
}

fn filled(name: Option<&str>, text: &str) -> Value {
    let mut filled = json!({"type": "text", "text": blank(text)});
    if let Some(name) = name {
        filled["parameter_name"] = name.into();
    }
    filled
}

/// Meta's coupon code templates: the kind in capitals, the index a number, the code letters and digits alone.
fn coupon(index: u8, code: &str) -> Value {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).take(LONGEST_COUPON).collect();
    let code = if code.is_empty() { NO_COUPON.to_owned() } else { code };
    let parameters = json!([{"type": "coupon_code", "coupon_code": code}]);
    json!({"type": "button", "sub_type": "COPY_CODE", "index": index, "parameters": parameters})
}

/// The name or address of a place, as long as WhatsApp takes it in a message.
fn place_words(text: &str) -> String {
    blank(&text.chars().take(LONGEST_PLACE).collect::<String>())
}

/// The index is a text in Meta's schema.
fn button(kind: &str, index: u8, parameter: &Value) -> Value {
    json!({"type": "button", "sub_type": kind, "index": index.to_string(), "parameters": [parameter]})
}

/// A blank takes neither line breaks nor tabs nor more than four spaces in a row (error 132018), and is never empty.
fn blank(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() { NOTHING.to_owned() } else { words.join(" ") }
}
