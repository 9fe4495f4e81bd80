//! The Cloud API's limits, and what a customer sees of a message that is within them.

use std::collections::HashSet;

use serde_json::{Value, json};
use url::Url;

use super::Press;
use crate::MediaKind;
use crate::simulator::{Line, LineButton, Speaker};

/// A refusal in the Graph's own words.
#[derive(Debug, PartialEq)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) code: i64,
    pub(super) message: String,
    pub(super) details: Option<String>,
}

impl Failure {
    pub(super) fn new(status: u16, code: i64, message: &str) -> Self {
        Self { status, code, message: message.into(), details: None }
    }

    /// A parameter that is missing.
    pub(super) fn lacks(what: &str) -> Self {
        let details = Some(format!("The parameter {what} is required."));
        Self { details, ..Self::new(400, 131_008, "(#131008) Required parameter is missing") }
    }

    /// A parameter with a wrong value.
    pub(super) fn wrong(details: impl Into<String>) -> Self {
        let details = Some(details.into());
        Self { details, ..Self::new(400, 131_009, "(#131009) Parameter value is not valid") }
    }

    pub(super) fn body(&self) -> Value {
        let kind = if self.code == 190 { "OAuthException" } else { "GraphMethodException" };
        let mut error = json!({
            "message": self.message,
            "type": kind,
            "code": self.code,
            "fbtrace_id": "A_sImUlAtOr_0",
        });
        if let Some(details) = &self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        json!({"error": error})
    }
}

/// A message as its reader sees it, and how a press on its buttons comes back.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) line: Line,
    pub(super) press: Press,
}

const ENVELOPE: &[&str] = &[
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "context",
    "biz_opaque_callback_data",
    "message_activity_sharing",
    "ttl",
    "category",
];

/// Reads a message of any type but a reaction.
pub(super) fn seen(body: &Value, id: &str, now: i64) -> Result<Seen, Failure> {
    let kind = body.get("type").and_then(Value::as_str).unwrap_or("text");
    let fields = body.as_object().into_iter().flat_map(|fields| fields.keys());
    if let Some(other) = fields.into_iter().find(|name| *name != kind && !ENVELOPE.contains(&name.as_str())) {
        return Err(Failure::new(400, 100, &format!("(#100) Unexpected key \"{other}\" on param.")));
    }
    let data = body.get("biz_opaque_callback_data").map(|data| data.as_str().map(str::len));
    if data.is_some_and(|length| length.is_none_or(|length| length > 512)) {
        return Err(Failure::wrong("biz_opaque_callback_data must be a text of at most 512 characters"));
    }
    if body.get("context").is_some_and(|context| text_at(context, "/message_id").is_none()) {
        return Err(Failure::lacks("context.message_id"));
    }
    let content = body.get(kind).filter(|content| !content.is_null()).ok_or_else(|| Failure::lacks(kind))?;
    let mut seen = Seen { line: Line::new(Speaker::Us, id, now, String::new()), press: Press::default() };
    match kind {
        "text" => limited(content, "/body", 1, 4096)?.clone_into(&mut seen.line.text),
        "image" | "sticker" => file(MediaKind::Image, content, &mut seen.line)?,
        "video" => file(MediaKind::Video, content, &mut seen.line)?,
        "audio" => file(MediaKind::Audio, content, &mut seen.line)?,
        "document" => file(MediaKind::File, content, &mut seen.line)?,
        "location" => seen.line.text = place(content)?,
        "contacts" => seen.line.text = cards(content)?,
        "interactive" => interactive(content, &mut seen)?,
        "template" => template(content, &mut seen)?,
        other => {
            let words = format!("(#131051) Unsupported message type {other}");
            return Err(Failure::new(400, 131_051, &words));
        }
    }
    Ok(seen)
}

pub(super) fn text_at<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    value.pointer(path)?.as_str().filter(|text| !text.trim().is_empty())
}

/// The text at `path` within its limits, in characters.
fn limited<'a>(value: &'a Value, path: &str, least: usize, most: usize) -> Result<&'a str, Failure> {
    let name = path.trim_start_matches('/').replace('/', ".");
    let text = match value.pointer(path) {
        None if least == 0 => return Ok(""),
        found => found.and_then(Value::as_str).ok_or_else(|| Failure::lacks(&name))?,
    };
    let length = if text.trim().is_empty() { 0 } else { text.chars().count() };
    if (least..=most).contains(&length) {
        return Ok(text);
    }
    Err(Failure::wrong(format!("Param {name} length invalid. Min length: {least}, max length: {most}")))
}

fn list<'a>(value: &'a Value, path: &str, most: usize) -> Result<&'a [Value], Failure> {
    let name = path.trim_start_matches('/').replace('/', ".");
    let items = value.pointer(path).and_then(Value::as_array).ok_or_else(|| Failure::lacks(&name))?;
    if (1..=most).contains(&items.len()) {
        return Ok(items);
    }
    Err(Failure::wrong(format!("Param {name} count invalid. Min: 1, max: {most}")))
}

fn distinct<'a>(what: &str, values: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let mut known = HashSet::new();
    for value in values {
        if !known.insert(value) {
            return Err(Failure::wrong(format!("Duplicated {what}: {value}")));
        }
    }
    Ok(())
}

/// A file is sent by address or by the id of one that was uploaded, never both.
fn file(kind: MediaKind, content: &Value, shown: &mut Line) -> Result<(), Failure> {
    let (id, link) = (text_at(content, "/id"), text_at(content, "/link"));
    let place = match (id, link) {
        (Some(place), None) => place,
        (None, Some(link)) if is_address(link) => link,
        (None, Some(link)) => return Err(Failure::wrong(format!("Param link is not a valid URI: {link}"))),
        _ => return Err(Failure::lacks("id or link")),
    };
    if kind == MediaKind::Audio && content.get("caption").is_some() {
        return Err(Failure::new(400, 100, "(#100) Unexpected key \"caption\" on param \"audio\"."));
    }
    limited(content, "/filename", 0, 240)?;
    limited(content, "/caption", 0, 1024)?.clone_into(&mut shown.text);
    (shown.media, shown.media_url) = (Some(kind), Some(place.to_owned()));
    Ok(())
}

fn is_address(link: &str) -> bool {
    Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn place(content: &Value) -> Result<String, Failure> {
    let degrees = |path: &str, most: f64| {
        let found = content.pointer(path)?;
        let degrees: f64 = found.as_f64().or_else(|| found.as_str()?.parse().ok())?;
        (degrees.abs() <= most).then_some(degrees)
    };
    match (degrees("/latitude", 90.0), degrees("/longitude", 180.0)) {
        (Some(latitude), Some(longitude)) => {
            let named = [limited(content, "/name", 0, 1000)?, limited(content, "/address", 0, 1000)?];
            let named: Vec<&str> = named.into_iter().filter(|word| !word.is_empty()).collect();
            let point = format!("{latitude}, {longitude}");
            Ok(if named.is_empty() { point } else { named.join("\n") })
        }
        _ => Err(Failure::wrong("Param location must have a latitude and a longitude")),
    }
}

fn cards(content: &Value) -> Result<String, Failure> {
    let mut names = Vec::new();
    for card in list(content, "", 257)? {
        let parts = ["first_name", "last_name", "middle_name", "suffix", "prefix"];
        let has_part = parts.iter().any(|part| text_at(card, &format!("/name/{part}")).is_some());
        if !has_part {
            return Err(Failure::lacks("contacts.name.first_name"));
        }
        names.push(limited(card, "/name/formatted_name", 1, 4096)?);
        for phone in card.get("phones").and_then(Value::as_array).into_iter().flatten() {
            limited(phone, "/phone", 1, 100)?;
        }
        for email in card.get("emails").and_then(Value::as_array).into_iter().flatten() {
            limited(email, "/email", 1, 320)?;
        }
    }
    Ok(names.join("\n"))
}

fn interactive(content: &Value, seen: &mut Seen) -> Result<(), Failure> {
    let kind = text_at(content, "/type").ok_or_else(|| Failure::lacks("interactive.type"))?;
    let body_limit = if kind == "list" { 4096 } else { 1024 };
    let text = limited(content, "/body/text", 1, body_limit)?;
    limited(content, "/footer/text", 0, 60)?;
    if let Some(header) = content.get("header") {
        match header.get("type").and_then(Value::as_str) {
            Some("text") => drop(limited(header, "/text", 1, 60)?),
            Some("image") if kind != "list" => file(MediaKind::Image, &header["image"], &mut seen.line)?,
            Some("video") if kind != "list" => file(MediaKind::Video, &header["video"], &mut seen.line)?,
            Some("document") if kind != "list" => file(MediaKind::File, &header["document"], &mut seen.line)?,
            _ => return Err(Failure::wrong("Header type is not valid")),
        }
    }
    text.clone_into(&mut seen.line.text);
    let action = content.get("action").ok_or_else(|| Failure::lacks("interactive.action"))?;
    match kind {
        "button" => reply_buttons(action, seen),
        "list" => rows(action, seen),
        "cta_url" => {
            let title = limited(action, "/parameters/display_text", 1, 20)?;
            let url = limited(action, "/parameters/url", 1, 2000)?;
            if !is_address(url) {
                return Err(Failure::wrong("Param url is not a valid URI"));
            }
            seen.line.buttons.push(button(title, None, Some(url)));
            Ok(())
        }
        "flow"
        | "location_request_message"
        | "product"
        | "product_list"
        | "catalog_message"
        | "call_permission_request"
        | "address_message"
        | "request_contact_info" => Ok(()),
        other => Err(Failure::wrong(format!("Interactive type {other} is not valid"))),
    }
}

fn reply_buttons(action: &Value, seen: &mut Seen) -> Result<(), Failure> {
    let keys = list(action, "/buttons", 3)?;
    for key in keys {
        if key.get("type").and_then(Value::as_str) != Some("reply") {
            return Err(Failure::wrong("Buttons of a message must all be reply buttons"));
        }
        let (title, id) = (limited(key, "/reply/title", 1, 20)?, limited(key, "/reply/id", 1, 256)?);
        seen.line.buttons.push(button(title, Some(id), None));
    }
    check_distinct(&seen.line.buttons)
}

fn rows(action: &Value, seen: &mut Seen) -> Result<(), Failure> {
    limited(action, "/button", 1, 20)?;
    let sections = list(action, "/sections", 10)?;
    for section in sections {
        limited(section, "/title", usize::from(sections.len() > 1), 24)?;
        for row in list(section, "/rows", 10)? {
            let (title, id) = (limited(row, "/title", 1, 24)?, limited(row, "/id", 1, 200)?);
            let description = limited(row, "/description", 0, 72)?;
            if !description.is_empty() {
                seen.press.descriptions.insert(title.to_owned(), description.to_owned());
            }
            seen.line.buttons.push(button(title, Some(id), None));
        }
    }
    if seen.line.buttons.len() > 10 {
        return Err(Failure::wrong("Total row count exceed max allowed count: 10"));
    }
    seen.press.kind = "list_reply";
    check_distinct(&seen.line.buttons)
}

fn check_distinct(buttons: &[LineButton]) -> Result<(), Failure> {
    distinct("button title", buttons.iter().map(|button| button.title.as_str()))?;
    distinct("button id", buttons.iter().filter_map(|button| button.payload.as_deref()))
}

fn button(title: &str, payload: Option<&str>, url: Option<&str>) -> LineButton {
    LineButton { title: title.into(), payload: payload.map(str::to_owned), url: url.map(str::to_owned) }
}

/// What a template says is known to its author alone: here it shows its name and what was filled in.
fn template(content: &Value, seen: &mut Seen) -> Result<(), Failure> {
    let mut words = vec![limited(content, "/name", 1, 512)?.to_owned()];
    limited(content, "/language/code", 2, 15)?;
    for component in content.get("components").and_then(Value::as_array).into_iter().flatten() {
        // The Graph takes the kinds of components and parameters in any case.
        let kind = text_at(component, "/type").unwrap_or_default().to_lowercase();
        if !matches!(kind.as_str(), "header" | "body" | "button" | "carousel" | "limited_time_offer") {
            return Err(Failure::wrong(format!("Component type {kind} is not valid")));
        }
        for parameter in component.get("parameters").and_then(Value::as_array).into_iter().flatten() {
            parameter_of(component, parameter, seen, &mut words)?;
        }
    }
    seen.line.text = words.join("\n");
    seen.press.kind = "button";
    Ok(())
}

fn parameter_of(
    component: &Value,
    parameter: &Value,
    seen: &mut Seen,
    words: &mut Vec<String>,
) -> Result<(), Failure> {
    match text_at(parameter, "/type").unwrap_or_default().to_lowercase().as_str() {
        "text" => {
            let text = limited(parameter, "/text", 1, 32_768)?;
            if text.contains(['\n', '\t']) || text.contains("     ") {
                let words = "(#132018) Param text cannot have new-line/tab characters or more than 4 consecutive spaces";
                return Err(Failure::new(400, 132_018, words));
            }
            words.push(text.to_owned());
        }
        "payload" => {
            let payload = limited(parameter, "/payload", 1, 256)?;
            let title = format!("Button {}", component.get("index").and_then(Value::as_str).unwrap_or("?"));
            seen.line.buttons.push(button(&title, Some(payload), None));
        }
        kind @ ("image" | "video" | "document") => {
            let media = match kind {
                "image" => MediaKind::Image,
                "video" => MediaKind::Video,
                _ => MediaKind::File,
            };
            file(media, &parameter[kind], &mut seen.line)?;
        }
        "location" => {
            for degrees in ["/location/latitude", "/location/longitude"] {
                limited(parameter, degrees, 1, 32)?;
            }
            words.push(limited(parameter, "/location/name", 1, 1_000)?.to_owned());
            words.push(limited(parameter, "/location/address", 1, 1_000)?.to_owned());
        }
        "coupon_code" => words.push(limited(parameter, "/coupon_code", 1, 15)?.to_owned()),
        "currency" | "date_time" | "action" => {}
        other => return Err(Failure::wrong(format!("Parameter type {other} is not valid"))),
    }
    Ok(())
}
