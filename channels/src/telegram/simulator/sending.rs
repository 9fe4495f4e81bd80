//! The send methods: what each makes of its parameters, and the limits it holds them to.

use serde_json::{Value, json};
use url::Url;

use super::Room;
use super::fields::Fields;
use super::methods::Failure;

/// The content of the message that a method sends.
pub(super) fn content(method: &str, fields: &Fields) -> Result<Value, Failure> {
    let photo = |file: Value| json!([file]);
    match method {
        "sendmessage" => Ok(json!({"text": checked_text(fields.text("text").unwrap_or_default())?})),
        "sendphoto" => with_file("photo", fields, photo),
        "sendvideo" => with_file("video", fields, timed),
        "sendanimation" => with_file("animation", fields, timed),
        "sendaudio" => with_file("audio", fields, timed),
        "sendvoice" => with_file("voice", fields, timed),
        "senddocument" => with_file("document", fields, |file| file),
        "sendsticker" => with_file("sticker", fields, |mut file| {
            for (name, value) in
                [("type", json!("regular")), ("is_animated", json!(false)), ("is_video", json!(false))]
            {
                file[name] = value;
            }
            file
        }),
        "sendcontact" => contact(fields),
        "sendlocation" => Ok(json!({"location": point(fields)?})),
        "sendvenue" => {
            let word = |name| fields.text(name).filter(|word| !word.trim().is_empty());
            let (title, address) = (word("title"), word("address"));
            let (Some(title), Some(address)) = (title, address) else {
                return Err(Failure::bad("venue title and address must be non-empty"));
            };
            let point = point(fields)?;
            Ok(json!({"location": point, "venue": {"location": point, "title": title, "address": address}}))
        }
        _ => Err(Failure::new(404, "Not Found")),
    }
}

/// The message with its keyboard and its quote, as this chat allows them.
pub(super) fn addressed(mut message: Value, fields: &Fields, room: &Room) -> Result<Value, Failure> {
    // Only keys under the message come back with it; a keyboard in the place of the customer's own does not.
    let markup = checked_markup(fields)?.filter(|markup| markup.get("inline_keyboard").is_some());
    if let Some(markup) = markup {
        message["reply_markup"] = markup;
    }
    if let Some(topic) = fields.integer("message_thread_id") {
        message["message_thread_id"] = topic.into();
    }
    if let Some(quote) = fields.json("reply_parameters") {
        let quoted = quote["message_id"].as_i64().and_then(|id| room.messages.get(&id));
        match quoted {
            Some(quoted) => message["reply_to_message"] = quoted.clone(),
            None if quote["allow_sending_without_reply"] == true => {}
            None => return Err(Failure::bad("message to be replied not found")),
        }
    }
    Ok(message)
}

pub(super) fn checked_text(text: &str) -> Result<&str, Failure> {
    match text.trim() {
        "" => Err(Failure::bad("message text is empty")),
        text if text.encode_utf16().count() > 4096 => Err(Failure::bad("message is too long")),
        text => Ok(text),
    }
}

pub(super) fn checked_caption(caption: &str) -> Result<&str, Failure> {
    if caption.encode_utf16().count() > 1024 {
        return Err(Failure::bad("message caption is too long"));
    }
    Ok(caption.trim())
}

pub(super) fn checked_markup(fields: &Fields) -> Result<Option<Value>, Failure> {
    let Some(markup) = fields.json("reply_markup") else { return Ok(None) };
    let Some(rows) = markup.get("inline_keyboard").and_then(Value::as_array) else { return Ok(Some(markup)) };
    let keys: Vec<&Value> = rows.iter().filter_map(Value::as_array).flatten().collect();
    if keys.len() > 100 {
        return Err(Failure::bad("reply markup is too long"));
    }
    keys.into_iter().try_for_each(check_key)?;
    Ok(Some(markup))
}

fn check_key(key: &Value) -> Result<(), Failure> {
    let word = |field: &str| key.get(field).and_then(Value::as_str);
    if word("text").is_none_or(|text| text.trim().is_empty()) {
        return Err(Failure::bad("inline keyboard button text must be non-empty"));
    }
    match (word("callback_data"), word("url")) {
        (Some(data), _) if (1..=64).contains(&data.len()) => Ok(()),
        (Some(_), _) => Err(Failure::bad("BUTTON_DATA_INVALID")),
        (None, Some(url)) if is_address(url) => Ok(()),
        (None, Some(url)) => {
            Err(Failure::bad(&format!("inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")))
        }
        (None, None) => Err(Failure::bad("Text buttons are unallowed in the inline keyboard")),
    }
}

fn is_address(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "tg"))
}

/// A file is sent by address or by the id of one that Telegram has; what is uploaded counts by its name.
fn with_file(kind: &str, fields: &Fields, shape: impl Fn(Value) -> Value) -> Result<Value, Failure> {
    let file = fields.text(kind).unwrap_or_default();
    if file.is_empty() || (file.contains("://") && !is_address(file)) {
        return Err(Failure::bad("wrong file identifier/HTTP URL specified"));
    }
    let mut shown = json!({"file_id": file, "file_unique_id": file, "file_size": 1});
    if matches!(kind, "photo" | "video" | "animation" | "sticker") {
        (shown["width"], shown["height"]) = (640.into(), 480.into());
    }
    let mut message = json!({kind: shape(shown)});
    let caption = checked_caption(fields.text("caption").unwrap_or_default())?;
    if !caption.is_empty() {
        message["caption"] = caption.into();
    }
    Ok(message)
}

/// The longest vCard is 2048 bytes (Bot API, `sendContact`).
fn contact(fields: &Fields) -> Result<Value, Failure> {
    let word = |name| fields.text(name).filter(|word| !word.trim().is_empty());
    let (Some(phone), Some(name)) = (word("phone_number"), word("first_name")) else {
        return Err(Failure::bad("contact phone number and first name must be non-empty"));
    };
    let mut contact = json!({"phone_number": phone, "first_name": name});
    if let Some(vcard) = fields.text("vcard") {
        if vcard.len() > 2048 {
            return Err(Failure::bad("contact vCard is too long"));
        }
        contact["vcard"] = vcard.into();
    }
    Ok(json!({"contact": contact}))
}

fn timed(mut file: Value) -> Value {
    file["duration"] = 1.into();
    file
}

fn point(fields: &Fields) -> Result<Value, Failure> {
    let degrees = |name, most: f64| fields.number(name).filter(|degrees| degrees.abs() <= most);
    match (degrees("latitude", 90.0), degrees("longitude", 180.0)) {
        (Some(latitude), Some(longitude)) => Ok(json!({"latitude": latitude, "longitude": longitude})),
        _ => Err(Failure::bad("wrong latitude or longitude specified")),
    }
}
