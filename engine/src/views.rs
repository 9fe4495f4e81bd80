//! How stored things look to browsers: the JSON of docs/live-protocol.md, used by the API and the live events alike.

use channels::{Choice, Content};
use serde::Serialize;
use serde_json::{Value, json};

use crate::store::{Author, Control, Conversation, Message, MessageState};

/// A message in the API and on the sockets.
#[derive(Clone, Debug, Serialize)]
pub struct MessageView<'a> {
    pub id: &'a str,
    pub seq: i64,
    pub author: Author,
    pub name: Option<&'a str>,
    /// Milliseconds UTC.
    pub at: i64,
    pub parts: Vec<Value>,
    pub choices: &'a [Choice],
    pub citations: Vec<Value>,
    pub state: MessageState,
    pub failure: Option<&'a str>,
    pub client_id: Option<&'a str>,
    pub thumb: Option<i64>,
}

impl<'a> MessageView<'a> {
    pub fn of(message: &'a Message) -> Self {
        let body = &message.body;
        let parts = match &body.heard {
            Some(content) => vec![heard_part(content)],
            None => body.parts.iter().map(|part| json!(part)).collect(),
        };
        Self {
            id: message.id.as_str(),
            seq: message.seq,
            author: message.author,
            name: message.author_name.as_deref(),
            at: message.at.millis(),
            parts,
            choices: &body.choices,
            citations: body.citations.iter().map(|citation| json!(citation)).collect(),
            state: message.state,
            failure: message.failure.as_deref(),
            client_id: message.client_id.as_deref(),
            thumb: message.thumb,
        }
    }
}

/// What was heard, as one part: its own fields, and a readable `text`.
fn heard_part(content: &Content) -> Value {
    let mut part = json!(content);
    if let Some(fields) = part.as_object_mut() {
        fields.insert("type".into(), content.kind().into());
        fields.insert("text".into(), content.text().unwrap_or_default().into());
    }
    part
}

/// A conversation in lists and headers.
#[derive(Clone, Debug, Serialize)]
pub struct ConversationView<'a> {
    pub id: &'a str,
    pub person: Value,
    pub channel: &'a str,
    pub account: &'a str,
    pub status: &'a str,
    pub control: &'static str,
    pub agent: Option<Value>,
    pub language: Option<&'a str>,
    pub last_text: Option<&'a str>,
    pub last_author: Option<&'a str>,
    pub last_at: i64,
    pub seq: i64,
    pub waiting_since: Option<i64>,
    pub handoff_reason: Option<&'a str>,
    pub intent: Option<&'a str>,
    pub sentiment: Option<&'a str>,
    pub unanswered: i64,
}

impl<'a> ConversationView<'a> {
    pub fn of(conversation: &'a Conversation) -> Self {
        let agent = match &conversation.control {
            Control::Agent { id, name } => Some(json!({ "id": id, "name": name })),
            Control::Bot | Control::Waiting => None,
        };
        Self {
            id: conversation.id.as_str(),
            person: json!({ "id": conversation.person, "name": conversation.person_name }),
            channel: &conversation.channel,
            account: &conversation.channel_account,
            status: &conversation.status,
            control: conversation.control.as_str(),
            agent,
            language: conversation.language.as_deref(),
            last_text: conversation.last_text.as_deref(),
            last_author: conversation.last_author.as_deref(),
            last_at: conversation.last_at.millis(),
            seq: conversation.last_seq,
            waiting_since: conversation.waiting_since.map(crate::clock::Micros::millis),
            handoff_reason: conversation.handoff_reason.as_deref(),
            intent: conversation.intent.as_deref(),
            sentiment: conversation.sentiment.as_deref(),
            unanswered: conversation.unanswered,
        }
    }
}
