//! Verifying visitors and decoding their frames.

use serde::Deserialize;

use super::token::{is_safe_id, verify_token};
use crate::{AccountConfig, Content, Event, HttpCall, InboundMessage, Received, Refusal, Sender};

/// The longest frame, bytes.
pub const FRAME_LIMIT: usize = 64 * 1024;

/// The longest text of a visitor, characters.
pub const TEXT_LIMIT: usize = 4_000;

/// The longest title of a choice, characters.
pub(super) const TITLE_LIMIT: usize = 256;

/// The longest payload of a choice, bytes.
pub(super) const PAYLOAD_LIMIT: usize = 1_024;

/// What a visitor can send. `client_id` is made by the widget, so that a frame sent twice is one message.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Frame {
    Message { client_id: String, text: String },
    Choice { client_id: String, payload: String, title: Option<String> },
}

pub(super) fn receive(account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal> {
    let token = call.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let visitor = token.and_then(|token| verify_token(account, token)).ok_or(Refusal::Unverified)?;
    if call.body.len() > FRAME_LIMIT {
        return Err(Refusal::Malformed);
    }
    let frame: Frame = serde_json::from_slice(call.body).map_err(|_| Refusal::Malformed)?;
    let (client_id, content) = checked(frame).ok_or(Refusal::Malformed)?;
    let id = format!("{visitor}:{client_id}");
    let message = InboundMessage {
        event_id: id.clone(),
        external_id: id,
        thread: visitor.clone(),
        group: false,
        sender: Sender { external_id: visitor, display_name: None, language: None },
        sent_at: call.now,
        content,
        reply_to: None,
        hints: Vec::new(),
    };
    Ok(Received { events: vec![Event::Message(Box::new(message))], answer: String::new() })
}

fn checked(frame: Frame) -> Option<(String, Content)> {
    let (client_id, content) = match frame {
        Frame::Message { client_id, text } => {
            let is_said = !text.trim().is_empty() && is_plain(&text, TEXT_LIMIT);
            (client_id, is_said.then_some(Content::Text { text })?)
        }
        Frame::Choice { client_id, payload, title } => {
            let is_made =
                !payload.is_empty() && payload.len() <= PAYLOAD_LIMIT && is_plain(&payload, PAYLOAD_LIMIT);
            let is_titled = title.as_deref().is_none_or(|title| is_plain(title, TITLE_LIMIT));
            (client_id, (is_made && is_titled).then_some(Content::Choice { payload, title })?)
        }
    };
    is_safe_id(&client_id).then_some((client_id, content))
}

/// At most `limit` characters, none of them a control character but line breaks and tabs.
fn is_plain(text: &str, limit: usize) -> bool {
    text.chars().count() <= limit && text.chars().all(|c| !c.is_control() || c == '\n' || c == '\t')
}
