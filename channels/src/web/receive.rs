//! Verifying visitors and decoding their frames.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::file::{VisitorFile, read_file, verify_file};
use super::token::{is_safe_id, verify_token};
use crate::{AccountConfig, Content, Event, Heard, HttpCall, InboundMessage, Received, Refusal, Sender};

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
    Message {
        client_id: String,
        #[serde(default)]
        text: String,
        /// What the upload of a file gave back; the text is then the words below it.
        #[serde(default)]
        file: Option<String>,
    },
    Choice {
        client_id: String,
        payload: String,
        title: Option<String>,
    },
}

/// The visitor whose token the call carries.
pub(super) fn visitor(account: &AccountConfig, call: &HttpCall<'_>) -> Option<String> {
    let token = call.header("authorization").and_then(|value| value.strip_prefix("Bearer "))?;
    verify_token(account, token, call.now)
}

pub(super) fn decode(account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal> {
    // Who looks at a recorded frame has no token: the visitor is then nobody.
    let known = visitor(account, call);
    let file = |ticket: &str| match &known {
        Some(visitor) => verify_file(account, visitor, ticket),
        None => read_file(ticket),
    };
    if call.body.len() > FRAME_LIMIT {
        return Err(Refusal::TooLong);
    }
    let frame: Frame = serde_json::from_slice(call.body).map_err(|_| Refusal::Malformed)?;
    let (client_id, content) = checked(frame, file)?;
    let visitor = known.unwrap_or_else(|| "visitor".to_owned());
    let id = format!("{visitor}:{client_id}");
    let message = InboundMessage::new(id, Sender::new(visitor), call.now, content);
    let event = Event::Message(Box::new(message));
    Ok(Received { events: vec![Heard { account: account.id.clone(), event }], answer: String::new() })
}

fn checked(frame: Frame, file: impl Fn(&str) -> Option<VisitorFile>) -> Result<(String, Content), Refusal> {
    let (client_id, content) = match frame {
        Frame::Message { client_id, text, file: Some(ticket) } => {
            check(&text, text.chars().count() <= TEXT_LIMIT)?;
            let caption = (!text.trim().is_empty()).then_some(text);
            (client_id, file(&ticket).map(|file| Content::Media { media: file.media(caption) }))
        }
        Frame::Message { client_id, text, file: None } => {
            check(&text, text.chars().count() <= TEXT_LIMIT)?;
            (client_id, (!text.trim().is_empty()).then_some(Content::Text { text }))
        }
        Frame::Choice { client_id, payload, title } => {
            check(&payload, payload.len() <= PAYLOAD_LIMIT)?;
            if let Some(title) = &title {
                check(title, title.chars().count() <= TITLE_LIMIT)?;
            }
            (
                client_id,
                (!payload.is_empty()).then_some(Content::Choice { payload, title, values: BTreeMap::new() }),
            )
        }
    };
    let content = content.filter(|_| is_safe_id(&client_id)).ok_or(Refusal::Malformed)?;
    Ok((client_id, content))
}

/// No control character but line breaks and tabs, and short enough.
fn check(text: &str, is_short: bool) -> Result<(), Refusal> {
    match text.chars().all(|c| !c.is_control() || c == '\n' || c == '\t') {
        false => Err(Refusal::Malformed),
        true if !is_short => Err(Refusal::TooLong),
        true => Ok(()),
    }
}
