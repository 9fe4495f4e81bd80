//! The messages of a conversation: reading, replying, judging.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::caller::Caller;
use super::files::Attached;
use super::json::{JsonBody, QueryOf, page_size};
use super::problem::Problem;
use crate::app::App;
use crate::ids::{ChannelAccountId, ConversationId, MessageId};
use crate::store::{CommentAnswer, Message, NewAgentMessage, NewFeedback, Posted, SessionAgent};
use crate::views::MessageView;

const PAGE: i64 = 50;
const LONGEST_TEXT: usize = 10_000;
const MOST_FILES: usize = 10;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct PageQuery {
    /// Only messages with a smaller `seq`.
    before: Option<i64>,
    /// 1 to 100; 50 when it is left out.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// A page of messages, oldest first, with the turns that heard them and the caller's own thumbs.
#[utoipa::path(get, path = "/api/v1/conversations/{id}/messages", params(("id" = String, Path), PageQuery),
    responses((status = 200, body = Object), (status = 400), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn list(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ConversationId>,
    QueryOf(query): QueryOf<PageQuery>,
) -> Result<Json<Value>, Problem> {
    super::conversations::find(&app, &caller, &id).await?;
    let limit = page_size(query.limit, PAGE)?;
    let messages = app.store.messages(&caller.tenant.id, &id, query.before, limit).await?;
    let more = messages.first().is_some_and(|first| first.seq > 1);
    let tenant = &caller.tenant.id;
    let numbers = messages.first().zip(messages.last()).map_or((0, 0), |(first, last)| (first.seq, last.seq));
    let turns = app.store.turns_of_messages(tenant, &id, numbers).await?;
    let turns: Vec<Value> = turns.iter().filter_map(crate::turn_record::view_of_stored).collect();
    let thumbs = app.store.own_thumbs(tenant, &id, &caller.agent.id).await?;
    let thumbs: serde_json::Map<_, _> =
        thumbs.into_iter().map(|(message, value)| (message.as_str().to_owned(), value.into())).collect();
    Ok(Json(json!({ "messages": views(&messages), "more": more, "turns": turns, "own_thumbs": thumbs })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMessage {
    /// Made by the client; sending it again gives the same message.
    client_id: String,
    text: String,
    /// True for a private note, which the customer never sees.
    #[serde(default)]
    pub(super) note: bool,
    /// The newest message the agent has seen.
    seen_seq: i64,
    /// The id of the message that it quotes.
    #[schema(value_type = Option<String>)]
    pub(super) quotes: Option<MessageId>,
    /// For an answer to a comment: `public` below it, or `private` to its author.
    #[schema(value_type = Option<String>)]
    pub(super) answer: Option<CommentAnswer>,
    /// Files that were kept for this conversation, up to ten; the text stands below the first.
    #[serde(default)]
    pub(super) files: Vec<Attached>,
}

/// Reply to the customer, or leave a private note.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/messages", params(("id" = String, Path)), request_body = NewMessage,
    responses((status = 201, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn post(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ConversationId>,
    JsonBody(new): JsonBody<NewMessage>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    check(&new)?;
    let conversation = super::conversations::find(&app, &caller, &id).await?;
    if !new.note {
        super::replying::must_be_open(&app, (&caller.tenant.id, &conversation)).await?;
    }
    let quotes = super::replying::quote(&app, (&caller.tenant.id, &conversation), &new).await?;
    let answer = super::replying::answer(&app, (&caller.tenant.id, &conversation), &new).await?;
    let account = ChannelAccountId::from_text(conversation.channel_account.clone());
    let parts = super::files::parts(&app, &account, &new.text, &new.files)?;
    super::files::claim(&app, &caller.tenant.id, &account, &new.files).await?;
    // What lists show of files without words, as of those that people send.
    let text = match new.files.first() {
        Some(first) if new.text.trim().is_empty() => format!("[{}]", first.kind_name()),
        _ => new.text,
    };
    let message = NewAgentMessage {
        tenant: caller.tenant.id.clone(),
        conversation: id,
        agent: caller.agent.id.clone(),
        agent_name: caller.agent.name.clone(),
        client_id: new.client_id,
        text,
        note: new.note,
        seen_seq: new.seen_seq,
        live: crate::accounts::delivers_live(&conversation.channel),
        quotes,
        answer,
    };
    let posted = if parts.is_empty() {
        app.store.post_agent_message(message).await?
    } else {
        app.store.post_agent_parts(message, parts).await?
    };
    match posted {
        Posted::Message(message) => {
            Ok((StatusCode::CREATED, Json(json!({ "message": MessageView::of(&message) }))))
        }
        Posted::Collision(messages) => Err(collision(&messages)),
    }
}

/// A colleague was faster.
pub(super) fn collision(messages: &[Message]) -> Problem {
    Problem::conflict(
        "A colleague has answered meanwhile. Your text was not sent: read the answer, then send or change yours.",
        Some(("messages", json!(views(messages)))),
    )
}

fn check(new: &NewMessage) -> Result<(), Problem> {
    if new.files.len() > MOST_FILES || new.note && !new.files.is_empty() {
        return Err(Problem::invalid("files: up to 10, and none in a note"));
    }
    if new.text.trim().is_empty() && new.files.is_empty() {
        return Err(Problem::invalid("text is empty: write something"));
    }
    if new.text.chars().count() > LONGEST_TEXT {
        return Err(Problem::invalid("text is longer than 10,000 characters: shorten or split it"));
    }
    check_marks(&new.text)?;
    check_client_id(&new.client_id)
}

/// Refuses a text that reads otherwise than it is, or that platforms would refuse.
pub(super) fn check_marks(text: &str) -> Result<(), Problem> {
    if text.contains(channels::is_hidden_mark) { Err(Problem::hidden_marks()) } else { Ok(()) }
}

/// What an agent says that is more than words.
pub(super) struct SaidInParts {
    pub conversation: ConversationId,
    pub client_id: String,
    pub seen_seq: i64,
    /// What lists and searches show of it.
    pub text: String,
    pub parts: Vec<channels::Part>,
}

/// Sends it through the outbox; 409 where a colleague answered meanwhile.
pub(super) async fn say_in_parts(
    app: &App,
    caller: &SessionAgent,
    said: SaidInParts,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let message = NewAgentMessage {
        tenant: caller.tenant.id.clone(),
        conversation: said.conversation,
        agent: caller.agent.id.clone(),
        agent_name: caller.agent.name.clone(),
        client_id: said.client_id,
        text: said.text,
        note: false,
        seen_seq: said.seen_seq,
        live: false,
        quotes: None,
        answer: None,
    };
    match app.store.post_agent_parts(message, said.parts).await? {
        Posted::Message(message) => {
            Ok((StatusCode::CREATED, Json(json!({ "message": MessageView::of(&message) }))))
        }
        Posted::Collision(messages) => Err(collision(&messages)),
    }
}

pub(super) fn check_client_id(client_id: &str) -> Result<(), Problem> {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if client_id.is_empty() || client_id.len() > 64 || !client_id.chars().all(safe) {
        return Err(Problem::invalid("client_id must be 1 to 64 letters, digits, '-', '_' or '.'"));
    }
    Ok(())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Thumb {
    /// 1, -1, or 0 to take it back.
    value: i64,
    note: Option<String>,
}

/// Judge a message of ours.
#[utoipa::path(put, path = "/api/v1/messages/{id}/feedback", params(("id" = String, Path)), request_body = Thumb,
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(super) async fn feedback(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<MessageId>,
    JsonBody(thumb): JsonBody<Thumb>,
) -> Result<Json<Value>, Problem> {
    if !(-1..=1).contains(&thumb.value) {
        return Err(Problem::invalid("value is 1, -1 or 0"));
    }
    app.store
        .give_feedback(NewFeedback {
            tenant: caller.tenant.id.clone(),
            message: id.clone(),
            source: "agent",
            actor: caller.agent.id.as_str().to_owned(),
            value: thumb.value,
            note: thumb.note.map(|note| note.chars().take(2000).collect()),
        })
        .await?;
    Ok(Json(json!({ "feedback": { "message_id": id, "value": thumb.value } })))
}

fn views(messages: &[Message]) -> Vec<MessageView<'_>> {
    messages.iter().map(MessageView::of).collect()
}
