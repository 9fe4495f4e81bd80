//! The visitor's frames: what is sent, and what is read of an event to be shown.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::ids::MessageId;
use crate::store::{Author, Control, Conversation, LoggedEvent};

/// What a visitor may send besides what the channel itself decodes.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Sent {
    Hello { token: Option<String>, cursor: Option<i64>, lang: Option<String>, identity: Option<String> },
    Message { client_id: String },
    Choice { client_id: String },
    Thumb { message_id: MessageId, value: i64 },
    Typing,
    Ping,
}

pub(super) fn is_public(author: Author) -> bool {
    author != Author::Note
}

/// The client's own id in a frame that cannot be used otherwise.
pub(super) fn client_id(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text).ok()?;
    value["client_id"].as_str().filter(|id| id.len() <= 64).map(str::to_owned)
}

/// Who answers, and the agent's name where that is one.
pub(super) fn control_of(conversation: Option<&Conversation>) -> (&'static str, Value) {
    match conversation.map(|conversation| &conversation.control) {
        None => ("bot", Value::Null),
        Some(control @ Control::Agent { name, .. }) => (control.as_str(), json!(name)),
        Some(control) => (control.as_str(), Value::Null),
    }
}

/// The next event, or never when nothing is followed yet. None means that the subscription was cut off.
pub(super) async fn next(events: &mut Option<mpsc::Receiver<Arc<LoggedEvent>>>) -> Option<Arc<LoggedEvent>> {
    match events {
        Some(events) => events.recv().await,
        None => std::future::pending().await,
    }
}
