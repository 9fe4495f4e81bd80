//! The limits that Meta holds messages to (Send API, templates, quick replies; Instagram: send a message).

use std::path::Path;

use serde_json::Value;

use super::graph::Failure;
use crate::meta::Product;
use crate::meta::fields::{list, text};

type Checked = Result<(), Failure>;

/// The fields of a send; anything else is refused, or mistakes would go unseen.
const BODY: &[&str] = &[
    "access_token",
    "appsecret_proof",
    "message",
    "messaging_type",
    "notification_type",
    "payload",
    "persona_id",
    "recipient",
    "reply_to",
    "sender_action",
    "tag",
    "thread_control",
];

const MESSAGE: &[&str] = &["attachment", "attachments", "metadata", "quick_replies", "template", "text"];

fn known(value: &Value, names: &[&str]) -> Checked {
    let mut fields = value.as_object().into_iter().flat_map(|fields| fields.keys());
    match fields.find(|name| !names.contains(&name.as_str())) {
        Some(name) => Err(Failure::param(&format!("Invalid keys \"{name}\" were found in param"))),
        None => Ok(()),
    }
}

fn within(name: &str, found: Option<&str>, most: usize) -> Checked {
    match found.map(|found| found.chars().count()) {
        None | Some(0) => Err(Failure::param(&format!("The parameter {name} is required"))),
        Some(length) if length > most => Err(too_long(name, most)),
        Some(_) => Ok(()),
    }
}

fn too_long(name: &str, most: usize) -> Failure {
    Failure::param(&format!("Length of param {name} must be less than or equal to {most}"))
}

fn is_address(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn file_failure() -> Failure {
    Failure::new(100, Some(2_018_008), "(#100) Failed to fetch the file from the url")
}

/// The envelope of a send.
pub(super) fn check_body(body: &Value) -> Checked {
    known(body, BODY)?;
    let kind = text(body, "/messaging_type");
    let tag = text(body, "/tag");
    if !matches!(kind.as_deref(), None | Some("RESPONSE" | "UPDATE" | "MESSAGE_TAG" | "UTILITY")) {
        return Err(Failure::param(
            "Param messaging_type must be one of {RESPONSE, UPDATE, MESSAGE_TAG, UTILITY}",
        ));
    }
    match (kind.as_deref(), tag.as_deref()) {
        (Some("MESSAGE_TAG"), None) => Err(Failure::param("Param tag is required")),
        (_, Some(tag)) if tag != "HUMAN_AGENT" => {
            Err(Failure::param("The message tag is deprecated or not one of the allowed tags"))
        }
        _ if body.get("reply_to").is_some() && text(body, "/reply_to/mid").is_none() => {
            Err(Failure::param("Param reply_to[mid] is required"))
        }
        _ => Ok(()),
    }
}

/// One message, of either product.
pub(super) fn check_message(message: &Value, product: Product, uploads: &dyn Fn(&str) -> bool) -> Checked {
    known(message, MESSAGE)?;
    let has = |name: &str| message.get(name).is_some();
    let contents = ["text", "attachment", "attachments", "template"].iter().filter(|name| has(name)).count();
    if contents != 1 {
        return Err(Failure::param("Message cannot be empty, must provide valid attachment or text"));
    }
    if has("metadata") && product == Product::Instagram {
        return Err(Failure::param("Invalid keys \"metadata\" were found in param \"message\""));
    }
    if text(message, "/metadata").is_some_and(|metadata| metadata.chars().count() > 1000) {
        return Err(too_long("message[metadata]", 1000));
    }
    if has("text") {
        check_text(&text(message, "/text").unwrap_or_default(), product)?;
    }
    if let Some(template) = message.get("template") {
        check_utility(template, product)?;
    }
    for attachment in list(message, "/attachment").iter().chain(list(message, "/attachments")) {
        check_attachment(attachment, product, uploads)?;
    }
    check_quick_replies(message, product)
}

fn check_text(words: &str, product: Product) -> Checked {
    if words.trim().is_empty() {
        return Err(Failure::param("Param message[text] must be a non-empty UTF-8 encoded string"));
    }
    match product {
        Product::Messenger if words.chars().count() > 2000 => Err(too_long("message[text]", 2000)),
        Product::Instagram if words.len() > 1000 => Err(too_long("message[text]", 1000)),
        _ => Ok(()),
    }
}

fn check_utility(template: &Value, product: Product) -> Checked {
    if product == Product::Instagram {
        return Err(Failure::param("Invalid keys \"template\" were found in param \"message\""));
    }
    known(template, &["name", "language", "components"])?;
    within("template[name]", text(template, "/name").as_deref(), 512)?;
    within("template[language][code]", text(template, "/language/code").as_deref(), 16)?;
    for component in list(template, "/components") {
        let kind = text(component, "/type").unwrap_or_default();
        if !matches!(kind.as_str(), "header" | "body" | "button") || list(component, "/parameters").is_empty()
        {
            return Err(Failure::param("Invalid template component"));
        }
    }
    Ok(())
}

fn check_quick_replies(message: &Value, product: Product) -> Checked {
    let replies = list(message, "/quick_replies");
    let named = message.get("quick_replies").is_some();
    if named && (replies.is_empty() || replies.len() > 13) {
        return Err(Failure::param("Param message[quick_replies] must have between 1 and 13 elements"));
    }
    if named && product == Product::Instagram && message.get("text").is_none() {
        return Err(Failure::param("Param message[quick_replies] goes with text only"));
    }
    for reply in replies {
        known(reply, &["content_type", "title", "payload", "image_url"])?;
        match text(reply, "/content_type").as_deref() {
            Some("text") => {
                within("quick_replies[title]", text(reply, "/title").as_deref(), 20)?;
                within("quick_replies[payload]", text(reply, "/payload").as_deref(), 1000)?;
            }
            Some("user_phone_number" | "user_email") => {}
            _ => return Err(Failure::param("Param quick_replies[content_type] is invalid")),
        }
    }
    Ok(())
}

fn check_attachment(attachment: &Value, product: Product, uploads: &dyn Fn(&str) -> bool) -> Checked {
    let kind = text(attachment, "/type").unwrap_or_default();
    let is_instagram = product == Product::Instagram;
    match kind.as_str() {
        "template" => return check_template(&attachment["payload"], product, uploads),
        "like_heart" if is_instagram => return Ok(()),
        "MEDIA_SHARE" if is_instagram => {
            return within("attachment[payload][id]", text(attachment, "/payload/id").as_deref(), 100);
        }
        "image" | "video" | "audio" | "file" => {}
        _ => return Err(Failure::param("Param message[attachment][type] is invalid")),
    }
    if let Some(id) = text(attachment, "/payload/attachment_id") {
        let missing = || Failure::new(100, Some(2_018_074), "(#100) Attachment id is invalid");
        return if uploads(&id) { Ok(()) } else { Err(missing()) };
    }
    let url = text(attachment, "/payload/url").filter(|url| is_address(url)).ok_or_else(file_failure)?;
    let path = Path::new(url.split(['?', '#']).next().unwrap_or_default());
    let is_pdf = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("pdf"));
    if is_instagram && kind == "file" && !is_pdf {
        return Err(Failure::new(100, Some(2_018_047), "(#100) The file type is not supported"));
    }
    Ok(())
}

pub(super) fn check_upload(params: &Value, product: Product) -> Checked {
    if params.get("filedata").is_some() {
        return Ok(());
    }
    check_attachment(&params["message"]["attachment"], product, &|_| false)
}

fn check_template(payload: &Value, product: Product, uploads: &dyn Fn(&str) -> bool) -> Checked {
    match text(payload, "/template_type").as_deref() {
        Some("button") => {
            known(payload, &["template_type", "text", "buttons", "sharable"])?;
            within(
                "payload[text]",
                text(payload, "/text").filter(|text| !text.trim().is_empty()).as_deref(),
                640,
            )?;
            check_buttons(payload, 1)
        }
        Some("generic") => {
            known(payload, &["template_type", "elements", "image_aspect_ratio", "sharable"])?;
            let elements = list(payload, "/elements");
            if elements.is_empty() || elements.len() > 10 {
                return Err(Failure::param("Param payload[elements] must have between 1 and 10 elements"));
            }
            elements.iter().try_for_each(check_element)
        }
        Some("media") if product == Product::Messenger => {
            let element = payload.pointer("/elements/0").unwrap_or(&Value::Null);
            let is_held = text(element, "/attachment_id").is_some_and(|id| uploads(&id));
            let has_url = text(element, "/url").is_some_and(|url| is_address(&url));
            if is_held || has_url { check_buttons(element, 0) } else { Err(file_failure()) }
        }
        _ => Err(Failure::param("Param payload[template_type] is invalid")),
    }
}

fn check_element(element: &Value) -> Checked {
    known(element, &["title", "subtitle", "image_url", "default_action", "buttons"])?;
    let title = text(element, "/title").filter(|title| !title.trim().is_empty());
    within("elements[title]", title.as_deref(), 80)?;
    if element.as_object().is_none_or(|fields| fields.len() < 2) {
        return Err(Failure::param("An element needs at least one property beside its title"));
    }
    if element.get("subtitle").is_some() {
        within("elements[subtitle]", text(element, "/subtitle").as_deref(), 80)?;
    }
    for url in ["/image_url", "/default_action/url"] {
        if text(element, url).is_some_and(|url| !is_address(&url)) {
            return Err(Failure::param("Param elements[url] is not a valid URI"));
        }
    }
    check_buttons(element, 0)
}

fn check_buttons(holder: &Value, least: usize) -> Checked {
    let buttons = list(holder, "/buttons");
    if buttons.len() < least || buttons.len() > 3 || (holder.get("buttons").is_some() && buttons.is_empty()) {
        return Err(Failure::param("Param buttons must have between 1 and 3 elements"));
    }
    buttons.iter().try_for_each(|button| {
        within(
            "buttons[title]",
            text(button, "/title").filter(|title| !title.trim().is_empty()).as_deref(),
            20,
        )?;
        match text(button, "/type").as_deref() {
            Some("postback") => within("buttons[payload]", text(button, "/payload").as_deref(), 1000),
            Some("phone_number") => within("buttons[payload]", text(button, "/payload").as_deref(), 20),
            Some("web_url") if text(button, "/url").is_some_and(|url| is_address(&url)) => Ok(()),
            Some("web_url") => Err(Failure::param("Param buttons[url] is not a valid URI")),
            _ => Err(Failure::param("Param buttons[type] is invalid")),
        }
    })
}
