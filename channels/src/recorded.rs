//! Payloads as people keep them for debugging: several in a file, with a byte order mark, cut out of their envelope, or
//! inside what another tool recorded around them. A webhook over the network is never read this way.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::ChannelName;
use crate::json::read_mended_json;

/// One payload of a recording, as the platform would send it, or why there is none.
pub type Recorded<'a> = Result<Cow<'a, [u8]>, String>;

/// The payloads in a recording, in order: JSON values one after another (or one a line), of which arrays are taken member by
/// member. What cannot be read is said with its line, and the rest is read all the same.
pub fn recorded(channel: ChannelName, bytes: &[u8]) -> Vec<Recorded<'_>> {
    if let Some(text) = utf16(bytes) {
        let payloads = recorded(channel, text.as_bytes());
        return payloads.into_iter().map(|payload| Ok(Cow::Owned(payload?.into_owned()))).collect();
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut payloads = Vec::new();
    let mut line = 1;
    let mut patience = 4 * bytes.len() + 1_000_000;
    let mut rest = bytes.trim_ascii_start();
    let mut counted = bytes.len() - rest.len();
    line += lines(&bytes[..counted]);
    while !rest.is_empty() {
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        let taken = match values.next() {
            Some(Ok(_)) => {
                let taken = values.byte_offset();
                members(channel, &rest[..taken], line, &mut payloads);
                taken
            }
            Some(Err(error)) => {
                payloads.push(Err(format!(
                    "line {} is not JSON: {}",
                    line + error.line() - 1,
                    plain(&error)
                )));
                patience = patience.saturating_sub(read_until(rest, &error));
                if patience == 0 { rest.len() } else { next_value(rest) }
            }
            None => rest.len(),
        };
        line += lines(&rest[..taken]);
        let left = rest[taken..].trim_ascii_start();
        counted += taken;
        line += lines(&bytes[counted..bytes.len() - left.len()]);
        counted = bytes.len() - left.len();
        rest = left;
    }
    if payloads.is_empty() && bytes.trim_ascii().is_empty() {
        payloads.push(Err("there is no payload in it".into()));
    }
    payloads
}

/// The text of a file that some shells write in UTF-16, which begins with a byte order mark.
fn utf16(bytes: &[u8]) -> Option<String> {
    let read: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
    String::from_utf16(&units).ok()
}

fn lines(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}

/// The parser's reason without the place, which counts from where it began.
fn plain(error: &serde_json::Error) -> String {
    let reason = error.to_string();
    reason.split(" at line ").next().unwrap_or_default().to_owned()
}

/// How many bytes were read before the mistake. A file may make us begin at each of its lines and read to its end every
/// time: that is given up before it takes long.
fn read_until(bytes: &[u8], error: &serde_json::Error) -> usize {
    let before = bytes.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
    before.map(<[u8]>::len).sum::<usize>() + error.column()
}

/// Where reading goes on after a mistake: the next line that begins with a value.
fn next_value(bytes: &[u8]) -> usize {
    let starts = bytes.windows(2).position(|pair| pair[0] == b'\n' && matches!(pair[1], b'{' | b'['));
    starts.map_or(bytes.len(), |at| at + 1)
}

fn members<'a>(channel: ChannelName, bytes: &'a [u8], line: usize, payloads: &mut Vec<Recorded<'a>>) {
    let is_list = bytes.starts_with(b"[");
    match serde_json::from_slice::<Vec<&RawValue>>(bytes) {
        Ok(members) if is_list => {
            payloads
                .extend(members.into_iter().map(|member| payload(channel, member.get().as_bytes(), line)));
        }
        _ => payloads.push(payload(channel, bytes, line)),
    }
}

/// One payload in the envelope that the platform puts around it. What cannot be told is left to the adapter.
fn payload(channel: ChannelName, bytes: &[u8], line: usize) -> Recorded<'_> {
    let Some(value) = read_mended_json(bytes) else { return Ok(Cow::Borrowed(bytes)) };
    if !value.is_object() {
        return Err(format!("line {line} holds no JSON object"));
    }
    if is_whole(channel, &value) {
        return Ok(Cow::Borrowed(bytes));
    }
    if let Some(whole) = in_envelope(channel, &value) {
        return Ok(Cow::Owned(whole.to_string().into_bytes()));
    }
    let fields = value.as_object().into_iter().flatten();
    for (name, inner) in fields {
        let text = inner.as_str().and_then(|text| serde_json::from_str(text).ok());
        let inner = text.as_ref().unwrap_or(inner);
        if is_whole(channel, inner) {
            return Err(format!(
                "line {line} is not what {} sends: that stands in its field `{name}`",
                channel.as_str()
            ));
        }
    }
    let others = ChannelName::ALL.into_iter().filter(|other| *other != channel);
    if let Some(other) = others.into_iter().find(|other| names(*other, &value)) {
        return Err(format!("line {line} is not what {} sends, but {}", channel.as_str(), other.as_str()));
    }
    Ok(Cow::Borrowed(bytes))
}

/// True for what only a whole call of this channel looks like.
fn is_whole(channel: ChannelName, value: &Value) -> bool {
    let has = |name: &str| value.get(name).is_some();
    let object = value.get("object").and_then(Value::as_str);
    match channel {
        ChannelName::Whatsapp => has("entry") && object == Some("whatsapp_business_account"),
        ChannelName::Messenger | ChannelName::Instagram => {
            has("entry") && object.is_some_and(|object| object != "whatsapp_business_account")
        }
        ChannelName::Line => value.get("events").is_some_and(Value::is_array),
        ChannelName::Telegram => has("update_id"),
        ChannelName::Web | ChannelName::Webhook => false,
    }
}

/// True for what says itself that it is of this channel. An object of Meta's that nobody knows yet may be of any of its
/// products.
fn names(channel: ChannelName, value: &Value) -> bool {
    let is_object = |object: &str| value.get("object").is_some_and(|named| named == object);
    is_whole(channel, value)
        && match channel {
            ChannelName::Messenger => is_object("page"),
            ChannelName::Instagram => is_object("instagram"),
            _ => true,
        }
}

/// A part of a call, as dashboards show it and programs log it, with what stands around it.
fn in_envelope(channel: ChannelName, value: &Value) -> Option<Value> {
    let has = |name: &str| value.get(name).is_some();
    let is_object = |name: &str| value.get(name).is_some_and(Value::is_object);
    let is_list = |name: &str| value.get(name).is_some_and(Value::is_array);
    match channel {
        ChannelName::Messenger | ChannelName::Instagram => {
            if is_list("messaging") || is_list("standby") || is_list("changes") {
                return Some(json!({"entry": [value]}));
            }
            let is_echo = value.pointer("/message/is_echo") == Some(&Value::Bool(true));
            let ours = if is_echo { "/sender/id" } else { "/recipient/id" };
            let id = value.pointer(ours).cloned().unwrap_or_default();
            let is_event = is_object("sender") && is_object("recipient");
            is_event.then(|| json!({"entry": [{"id": id, "messaging": [value]}]}))
        }
        ChannelName::Whatsapp => {
            let entry = if is_list("changes") {
                value.clone()
            } else if has("field") && is_object("value") {
                json!({"changes": [value]})
            } else if is_object("metadata") {
                json!({"changes": [{"field": "messages", "value": value}]})
            } else {
                let list = if has("recipient_id") && has("status") { "statuses" } else { "messages" };
                let is_message = has("id") && has("timestamp") && (has("from") || list == "statuses");
                is_message.then(|| json!({"changes": [{"field": "messages", "value": {list: [value]}}]}))?
            };
            Some(json!({"object": "whatsapp_business_account", "entry": [entry]}))
        }
        ChannelName::Line => {
            let is_event = value.get("type").is_some_and(Value::is_string);
            (is_event && is_object("source")).then(|| json!({"events": [value]}))
        }
        ChannelName::Telegram => {
            let is_press = is_object("from") && has("id") && has("chat_instance");
            is_press.then(|| json!({"callback_query": value}))
        }
        ChannelName::Web | ChannelName::Webhook => None,
    }
}

#[cfg(test)]
mod tests;
