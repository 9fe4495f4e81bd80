//! How stored things look to browsers: the JSON of docs/live-protocol.md, used by the API and the live events alike.

use channels::{ChannelName, Choice, Content, Outside, Referral, Window};
use serde::Serialize;
use serde_json::{Value, json};

use crate::moods::Trend;
use crate::store::{
    Author, BroadcastMark, CommentAnswer, Control, Conversation, Message, MessageState, Passage, ReactionMark,
};

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
    /// The reactions that stand on it.
    #[serde(skip_serializing_if = "<[ReactionMark]>::is_empty")]
    pub reactions: &'a [ReactionMark],
    /// Its earlier words, where it was changed.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub earlier: &'a [String],
    /// Who wrote it has taken it back.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// It may have arrived twice.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    /// The id of the earlier message that it quotes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quotes: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<CommentAnswer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral: Option<&'a Referral>,
    /// The platform's id of the account that it was for, where that is none of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_account: Option<&'a str>,
    /// The message to many that it is one of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broadcast: Option<&'a BroadcastMark>,
    /// What a note says of another conversation of the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passage: Option<&'a Passage>,
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
            reactions: &body.reactions,
            earlier: &body.earlier,
            deleted: body.deleted,
            hidden: body.hidden,
            repeated: body.repeated,
            quotes: body.quotes.as_ref().map(|quote| quote.message.as_str()),
            answer: body.answer,
            referral: body.referral.as_ref(),
            for_account: body.for_account.as_deref(),
            broadcast: body.broadcast.as_ref(),
            passage: body.passage.as_ref(),
        }
    }
}

/// What was heard, as one part: its own fields, and a readable `text`.
fn heard_part(content: &Content) -> Value {
    let mut part = json!(content);
    if let Some(fields) = part.as_object_mut() {
        fields.insert("type".into(), content.kind().into());
        fields.insert("text".into(), content.text().unwrap_or_default().into());
        // A fetched file is shown from here; one that is still with the platform has no address that people may open.
        let source =
            fields.get("media").and_then(|media| media.pointer("/source/id")).and_then(Value::as_str);
        let is_here =
            fields.get("media").and_then(|media| media.pointer("/source/at")) == Some(&json!("blob"));
        if let Some(id) = source.filter(|_| is_here) {
            let address = format!("/api/v1/media/{id}");
            fields.insert("url".into(), address.into());
        }
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
    /// How far it came, where it is ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_state: Option<&'a str>,
    pub last_at: i64,
    pub seq: i64,
    pub waiting_since: Option<i64>,
    pub handoff_reason: Option<&'a str>,
    pub intent: Option<&'a str>,
    pub sentiment: Option<&'a str>,
    /// Where the sentiment of the last messages goes: `better` or `worse`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentiment_trend: Option<Trend>,
    /// Something heard since one of ours last wrote cannot wait, or abuses people.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub toxic: bool,
    pub unanswered: i64,
    pub window: Option<WindowView>,
    /// It is below a post.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub comment: bool,
    /// The name of the colleague whose own address it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colleague: Option<&'a str>,
}

/// Until when the platform lets us answer. Milliseconds UTC.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct WindowView {
    pub open_until: i64,
    /// Until when a person of ours may still answer: the same, or later.
    pub human_until: i64,
    /// True where an approved template may be sent afterwards.
    pub then_templates: bool,
}

impl WindowView {
    /// None where there is no such rule, or nobody knows when the person last wrote.
    fn of(conversation: &Conversation) -> Option<Self> {
        let channel = ChannelName::parse(&conversation.channel)?;
        let Window::Since { hours, human_hours, after } = channels::channel(channel).rules().window else {
            return None;
        };
        let until = |hours: u32| conversation.heard_at.millis() + i64::from(hours) * 3_600_000;
        (conversation.heard_at.0 > 0).then(|| Self {
            open_until: until(hours),
            human_until: until(human_hours),
            then_templates: after == Outside::Templates,
        })
    }
}

impl<'a> ConversationView<'a> {
    pub fn of(conversation: &'a Conversation) -> Self {
        let agent = match &conversation.control {
            Control::Agent { id, name } => Some(json!({ "id": id, "name": name })),
            Control::Bot | Control::Waiting => None,
        };
        // A group is called by its own name, not by whoever wrote last.
        let person = match conversation.group.as_deref() {
            Some(name) => {
                let name = Some(name).filter(|name| !name.is_empty());
                json!({ "id": conversation.person, "name": name, "group": true })
            }
            None => json!({ "id": conversation.person, "name": conversation.person_name }),
        };
        Self {
            id: conversation.id.as_str(),
            person,
            channel: &conversation.channel,
            account: &conversation.channel_account,
            status: &conversation.status,
            control: conversation.control.as_str(),
            agent,
            language: conversation.language.as_deref(),
            last_text: conversation.last_text.as_deref(),
            last_author: conversation.last_author.as_deref(),
            last_state: conversation.last_state.as_deref(),
            last_at: conversation.last_at.millis(),
            seq: conversation.last_seq,
            waiting_since: conversation.waiting_since.map(crate::clock::Micros::millis),
            handoff_reason: conversation.handoff_reason.as_deref(),
            intent: conversation.intent.as_deref(),
            sentiment: conversation.sentiment.as_deref(),
            sentiment_trend: crate::moods::trend(&conversation.moods),
            urgent: conversation.urgent,
            toxic: conversation.toxic,
            unanswered: conversation.unanswered,
            window: WindowView::of(conversation),
            comment: conversation.is_comment(),
            colleague: conversation.colleague.as_deref(),
        }
    }
}
