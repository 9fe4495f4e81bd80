//! Message templates: what a platform tells of those it approved, what is to be filled in, and how a filled one reads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json::read_json;
use crate::{HttpResponse, MediaKind, Template, TemplatePart};

/// A template as a platform tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToldTemplate {
    pub name: String,
    pub language: String,
    pub category: String,
    pub status: String,
    pub components: Value,
    pub quality: Option<String>,
    pub reason: Option<String>,
}

/// One page of an account's templates, and the cursor of the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TemplatePage {
    pub templates: Vec<ToldTemplate>,
    pub next: Option<String>,
}

/// What of a template is asked for.
pub(crate) const FIELDS: &str =
    "fields=name,language,status,category,components,quality_score,rejected_reason&limit=100";

/// Reads Meta's answer: the same for WhatsApp's templates and Messenger's.
pub(crate) fn told(response: &HttpResponse<'_>) -> TemplatePage {
    let body = read_json(response.body).unwrap_or_default();
    let data = body.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let next = body.pointer("/paging/next").and_then(Value::as_str).is_some();
    let after = body.pointer("/paging/cursors/after").and_then(Value::as_str).map(str::to_owned);
    TemplatePage { templates: data.iter().filter_map(one).collect(), next: after.filter(|_| next) }
}

fn one(told: &Value) -> Option<ToldTemplate> {
    let word = |path: &str| {
        told.pointer(path).and_then(Value::as_str).filter(|word| !word.is_empty()).map(str::to_owned)
    };
    Some(ToldTemplate {
        name: word("/name")?,
        language: word("/language")?,
        category: word("/category").unwrap_or_default(),
        status: word("/status").unwrap_or_default(),
        components: told.get("components").cloned().unwrap_or_else(|| Value::Array(Vec::new())),
        quality: word("/quality_score/score").filter(|score| score != "UNKNOWN"),
        reason: word("/rejected_reason").filter(|reason| reason != "NONE"),
    })
}

/// What stands in a blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlankKind {
    Text,
    /// The address of a file.
    Image,
    Video,
    Document,
    /// Of the place in a header: degrees, its name and its address.
    Latitude,
    Longitude,
    Place,
    Address,
    /// What a button copies.
    Coupon,
    /// A one-time password, which the button below copies, too.
    Code,
}

/// Something to be filled in. `key` names it: `header`, `header.latitude`, `body.1`, `body.name`, `button.0`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blank {
    pub key: String,
    pub kind: BlankKind,
    /// The platform's example, where the template has one.
    pub example: Option<String>,
}

/// Why a template cannot be sent so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FillError {
    #[error("{0} is not filled in")]
    Missing(String),
    #[error("the template has no blank called {0}")]
    Unknown(String),
    #[error("{0} must be an https address of a file")]
    NoAddress(String),
    #[error("{0} must be degrees such as 13.7563")]
    NoDegrees(String),
    /// Meta's 132018: a value is one line without tabs, and never has more than four spaces together.
    #[error("{0} must be one line, without tabs or more than four spaces together")]
    NotOneLine(String),
    #[error("{0} is longer than 1024 characters")]
    TooLong(String),
    /// Meta, coupon code templates and authentication templates.
    #[error("{0} must be a code of at most 15 characters")]
    NoCode(String),
    #[error("this template has a part that cannot be filled in here: {0}")]
    Unsupported(String),
}

/// A body has no more, so no value can be longer (WhatsApp, message templates).
const LONGEST_VALUE: usize = 1024;
const LONGEST_CODE: usize = 15;

/// The blanks of a template, in the order in which it reads.
pub fn blanks(components: &Value) -> Result<Vec<Blank>, FillError> {
    let mut found = Vec::new();
    let has_password = !passwords(components).is_empty();
    for component in list(components) {
        match kind(component).as_str() {
            "HEADER" => found.extend(header(component)?),
            // Whose wording Meta keeps to itself: the password is its one blank.
            "BODY" if has_password => {
                found.push(Blank { key: PASSWORD.to_owned(), kind: BlankKind::Code, example: None });
            }
            "BODY" => found.extend(body(component)),
            "BUTTONS" => found.extend(buttons(component)?),
            "FOOTER" => {}
            other => return Err(FillError::Unsupported(other.to_lowercase())),
        }
    }
    Ok(found)
}

/// The template with everything filled in. Every blank must be named, and nothing else.
pub fn fill(
    (name, language): (&str, &str),
    components: &Value,
    values: &BTreeMap<String, String>,
) -> Result<Template, FillError> {
    let blanks = blanks(components)?;
    if let Some(key) = values.keys().find(|key| !blanks.iter().any(|blank| blank.key == **key)) {
        return Err(FillError::Unknown(key.clone()));
    }
    let mut fields = Vec::new();
    for blank in &blanks {
        let text = values.get(&blank.key).map(|text| text.trim()).filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| FillError::Missing(blank.key.clone()))?.to_owned();
        if text.contains(['\n', '\r', '\t']) || text.contains("     ") {
            return Err(FillError::NotOneLine(blank.key.clone()));
        }
        if text.chars().count() > LONGEST_VALUE {
            return Err(FillError::TooLong(blank.key.clone()));
        }
        add(&mut fields, blank, text)?;
    }
    // The password is said twice: where it is read and where it is copied.
    for index in passwords(components) {
        let text = values.get(PASSWORD).map(|text| text.trim().to_owned()).unwrap_or_default();
        fields.push(TemplatePart::UrlEnding { index, text });
    }
    for (index, title) in quick_replies(components) {
        fields.push(TemplatePart::Payload { index, payload: title });
    }
    let text = words(components, values);
    Ok(Template { name: name.to_owned(), language: language.to_owned(), fields, text })
}

/// Adds what stands in a blank. The blanks of a place come one after the other and are one field.
fn add(fields: &mut Vec<TemplatePart>, blank: &Blank, text: String) -> Result<(), FillError> {
    let is_degrees = |most: f64| text.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= most);
    let no_degrees = || Err(FillError::NoDegrees(blank.key.clone()));
    let is_code = |text: &str| text.chars().count() <= LONGEST_CODE;
    match (blank.kind, fields.last_mut()) {
        (BlankKind::Coupon, _)
            if !(is_code(&text) && text.chars().all(|one| one.is_ascii_alphanumeric())) =>
        {
            return Err(FillError::NoCode(blank.key.clone()));
        }
        (BlankKind::Code, _) if !is_code(&text) => return Err(FillError::NoCode(blank.key.clone())),
        (BlankKind::Latitude, _) if !is_degrees(90.0) => return no_degrees(),
        (BlankKind::Longitude, _) if !is_degrees(180.0) => return no_degrees(),
        (BlankKind::Latitude, _) => fields.push(TemplatePart::HeaderLocation {
            latitude: text,
            longitude: String::new(),
            name: String::new(),
            address: String::new(),
        }),
        (BlankKind::Longitude, Some(TemplatePart::HeaderLocation { longitude, .. })) => *longitude = text,
        (BlankKind::Place, Some(TemplatePart::HeaderLocation { name, .. })) => *name = text,
        (BlankKind::Address, Some(TemplatePart::HeaderLocation { address, .. })) => *address = text,
        _ => fields.push(field(blank, text)?),
    }
    Ok(())
}

fn field(blank: &Blank, text: String) -> Result<TemplatePart, FillError> {
    let media = match blank.kind {
        BlankKind::Image => Some(MediaKind::Image),
        BlankKind::Video => Some(MediaKind::Video),
        BlankKind::Document => Some(MediaKind::File),
        _ => None,
    };
    if let Some(kind) = media {
        let is_address = url::Url::parse(&text).is_ok_and(|url| url.scheme() == "https");
        let no_address = || FillError::NoAddress(blank.key.clone());
        return is_address.then_some(TemplatePart::HeaderMedia { kind, url: text }).ok_or_else(no_address);
    }
    Ok(match blank.key.split_once('.') {
        Some((_, index)) if blank.kind == BlankKind::Coupon => {
            TemplatePart::CouponCode { index: index.parse().unwrap_or_default(), code: text }
        }
        Some(("body", name)) => {
            let name = Some(name).filter(|name| name.parse::<u32>().is_err()).map(str::to_owned);
            TemplatePart::Body { name, text }
        }
        Some(("header", name)) => TemplatePart::HeaderText { name: Some(name.to_owned()), text },
        Some((_, index)) => TemplatePart::UrlEnding { index: index.parse().unwrap_or_default(), text },
        None => TemplatePart::HeaderText { name: None, text },
    })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn upper(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_uppercase()
}

fn kind(component: &Value) -> String {
    upper(component, "type")
}

fn text(component: &Value) -> &str {
    component.get("text").and_then(Value::as_str).unwrap_or_default()
}

fn header(component: &Value) -> Result<Vec<Blank>, FillError> {
    let example = |path: &str| component.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let format = upper(component, "format");
    let kind = match format.as_str() {
        "IMAGE" => BlankKind::Image,
        "VIDEO" => BlankKind::Video,
        "DOCUMENT" => BlankKind::Document,
        "LOCATION" => return Ok(place()),
        "TEXT" | "" if names(text(component)).is_empty() => return Ok(Vec::new()),
        "TEXT" | "" => BlankKind::Text,
        _ => return Err(FillError::Unsupported(format!("header {}", format.to_lowercase()))),
    };
    let name =
        names(text(component)).pop().filter(|name| kind == BlankKind::Text && name.parse::<u32>().is_err());
    let example = match (kind, &name) {
        (BlankKind::Text, None) => example("/example/header_text/0"),
        (BlankKind::Text, Some(_)) => example("/example/header_text_named_params/0/example"),
        _ => None,
    };
    let key = name.map_or_else(|| "header".to_owned(), |name| format!("header.{name}"));
    Ok(vec![Blank { key, kind, example }])
}

fn place() -> Vec<Blank> {
    let blank = |(name, kind)| Blank { key: format!("header.{name}"), kind, example: None };
    [
        ("latitude", BlankKind::Latitude),
        ("longitude", BlankKind::Longitude),
        ("name", BlankKind::Place),
        ("address", BlankKind::Address),
    ]
    .map(blank)
    .into()
}

fn body(component: &Value) -> Vec<Blank> {
    let example = |place: usize, name: &str| {
        let named = list(component.pointer("/example/body_text_named_params").unwrap_or(&Value::Null));
        let named =
            named.iter().find(|one| one["param_name"] == name).and_then(|one| one["example"].as_str());
        let placed = component.pointer(&format!("/example/body_text/0/{place}")).and_then(Value::as_str);
        named.or(placed).map(str::to_owned)
    };
    let blank = |(place, name): (usize, String)| Blank {
        key: format!("body.{name}"),
        kind: BlankKind::Text,
        example: example(place, &name),
    };
    names(text(component)).into_iter().enumerate().map(blank).collect()
}

fn buttons(component: &Value) -> Result<Vec<Blank>, FillError> {
    let example = |button: &Value| {
        let example = button.pointer("/example/0").or_else(|| button.get("example"));
        example.and_then(Value::as_str).map(str::to_owned)
    };
    let mut found = Vec::new();
    for (index, button) in list(&component["buttons"]).iter().enumerate() {
        match kind(button).as_str() {
            _ if copies_password(button) => {}
            "URL" => {
                let url = button.get("url").and_then(Value::as_str).unwrap_or_default();
                if !names(url).is_empty() {
                    let (key, kind) = (format!("button.{index}"), BlankKind::Text);
                    found.push(Blank { key, kind, example: example(button) });
                }
            }
            "COPY_CODE" => {
                let (key, kind) = (format!("button.{index}"), BlankKind::Coupon);
                found.push(Blank { key, kind, example: example(button) });
            }
            "QUICK_REPLY" | "PHONE_NUMBER" | "POSTBACK" => {}
            other => return Err(FillError::Unsupported(format!("button {}", other.to_lowercase()))),
        }
    }
    Ok(found)
}

/// The blank of a template for one-time passwords.
const PASSWORD: &str = "body.1";

/// Meta makes a button of the kind `OTP` one that opens this address once the template is approved.
fn copies_password(button: &Value) -> bool {
    let url = button.get("url").and_then(Value::as_str).unwrap_or_default();
    kind(button) == "OTP" || (kind(button) == "URL" && url.starts_with("https://www.whatsapp.com/otp/"))
}

/// The places of the buttons that copy a one-time password.
fn passwords(components: &Value) -> Vec<u8> {
    let rows = list(components).iter().filter(|component| kind(component) == "BUTTONS");
    rows.flat_map(|component| list(&component["buttons"]).iter().enumerate())
        .filter(|(_, button)| copies_password(button))
        .filter_map(|(index, _)| u8::try_from(index).ok())
        .collect()
}

/// The quick replies of a template with their places: what comes back of a press is their title.
fn quick_replies(components: &Value) -> Vec<(u8, String)> {
    let rows = list(components).iter().filter(|component| kind(component) == "BUTTONS");
    rows.flat_map(|component| list(&component["buttons"]).iter().enumerate())
        .filter(|(_, button)| kind(button) == "QUICK_REPLY")
        .filter_map(|(index, button)| Some((u8::try_from(index).ok()?, text(button).to_owned())))
        .collect()
}

/// The names of the blanks in a text, each once, in order.
fn names(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for piece in text.split("{{").skip(1) {
        if let Some((name, _)) = piece.split_once("}}") {
            let name = name.trim().to_owned();
            if !name.is_empty() && !found.contains(&name) {
                found.push(name);
            }
        }
    }
    found
}

/// What a person reads of the filled template.
fn words(components: &Value, values: &BTreeMap<String, String>) -> String {
    let mut lines = Vec::new();
    for component in list(components) {
        let of = |key: &str| values.get(key).map(|text| text.trim());
        let line = match kind(component).as_str() {
            "HEADER" => {
                filled(text(component), |name| of("header").or_else(|| of(&format!("header.{name}"))))
            }
            // A password whose surrounding words are not told is better than nothing.
            "BODY" if text(component).is_empty() => of(PASSWORD).unwrap_or_default().to_owned(),
            "BODY" => filled(text(component), |name| of(&format!("body.{name}"))),
            "FOOTER" => text(component).to_owned(),
            _ => String::new(),
        };
        lines.extend(Some(line).filter(|line| !line.is_empty()));
    }
    lines.join("\n")
}

/// One pass: what stands in a blank is never filled itself.
fn filled<'v>(text: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut pieces = text.split("{{");
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        if let Some((name, rest)) = piece.split_once("}}") {
            whole.push_str(value(name.trim()).unwrap_or_default());
            whole.push_str(rest);
        } else {
            whole.push_str("{{");
            whole.push_str(piece);
        }
    }
    whole
}

#[cfg(test)]
mod tests;
