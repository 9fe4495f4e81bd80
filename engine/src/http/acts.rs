//! What agents do to messages and threads beside saying.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::caller::Caller;
use super::json::JsonBody;
use super::problem::Problem;
use crate::acts::{self, ActError, ThreadOwner};
use crate::app::App;
use crate::ids::{ConversationId, MessageId};
use crate::store::{Message, SessionAgent};
use crate::views::{ConversationView, MessageView};

const LONGEST_TEXT: usize = 10_000;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewReaction {
    /// One of those that the conversation's `acts` name; null takes it back.
    emoji: Option<String>,
}

/// React to a customer's message. The platform is asked first.
#[utoipa::path(put, path = "/api/v1/messages/{id}/reaction", params(("id" = String, Path)), request_body = NewReaction,
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422), (status = 502)))]
pub(super) async fn react(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<MessageId>,
    JsonBody(new): JsonBody<NewReaction>,
) -> Result<Json<Value>, Problem> {
    let action = if new.emoji.is_some() { "message.reacted" } else { "message.reaction_removed" };
    let done = acts::react(&app, &caller.tenant.id, &id, new.emoji).await;
    kept(&app, &caller, action, done).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewWords {
    text: String,
}

/// Change the words of a message of ours, where the platform lets us.
#[utoipa::path(put, path = "/api/v1/messages/{id}/text", params(("id" = String, Path)), request_body = NewWords,
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422), (status = 502)))]
pub(super) async fn edit(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<MessageId>,
    JsonBody(new): JsonBody<NewWords>,
) -> Result<Json<Value>, Problem> {
    let text = new.text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_TEXT {
        return Err(Problem::invalid("text has 1 to 10,000 characters"));
    }
    super::messages::check_marks(text)?;
    let done = acts::edit(&app, &caller.tenant.id, &id, text.to_owned()).await;
    kept(&app, &caller, "message.edited", done).await
}

/// Take a message of ours back, where the platform lets us.
#[utoipa::path(delete, path = "/api/v1/messages/{id}", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422), (status = 502)))]
pub(super) async fn delete(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<MessageId>,
) -> Result<Json<Value>, Problem> {
    let done = acts::delete(&app, &caller.tenant.id, &id).await;
    kept(&app, &caller, "message.deleted", done).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Visibility {
    hidden: bool,
}

/// Hide a comment from everybody but its author and us, or show it again.
#[utoipa::path(put, path = "/api/v1/messages/{id}/visibility", params(("id" = String, Path)), request_body = Visibility,
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422), (status = 502)))]
pub(super) async fn hide(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<MessageId>,
    JsonBody(new): JsonBody<Visibility>,
) -> Result<Json<Value>, Problem> {
    let action = if new.hidden { "comment.hidden" } else { "comment.shown" };
    let done = acts::hide(&app, &caller.tenant.id, &id, new.hidden).await;
    kept(&app, &caller, action, done).await
}

async fn kept(
    app: &App,
    caller: &SessionAgent,
    action: &str,
    done: Result<Message, ActError>,
) -> Result<Json<Value>, Problem> {
    let message = done?;
    app.store.audit(&caller.tenant.id, caller.agent.id.as_str(), action, message.id.as_str()).await?;
    Ok(Json(json!({ "message": MessageView::of(&message) })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOwner {
    /// `inbox` or `us`.
    owner: String,
}

/// Pass the thread to the platform's own inbox, or take it back.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/thread-control", params(("id" = String, Path)), request_body = NewOwner,
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422), (status = 502)))]
pub(super) async fn hand_over(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ConversationId>,
    JsonBody(new): JsonBody<NewOwner>,
) -> Result<Json<Value>, Problem> {
    let (owner, action) = match new.owner.as_str() {
        "inbox" => (ThreadOwner::Inbox, "conversation.passed_to_inbox"),
        "us" => (ThreadOwner::Us(caller.agent.id.clone()), "conversation.taken_from_inbox"),
        _ => return Err(Problem::invalid("owner is inbox or us")),
    };
    let conversation = acts::hand_over(&app, &caller.tenant.id, &id, owner).await?;
    app.store.audit(&caller.tenant.id, caller.agent.id.as_str(), action, id.as_str()).await?;
    Ok(Json(json!({ "conversation": ConversationView::of(&conversation) })))
}

impl From<ActError> for Problem {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Store(error) => error.into(),
            ActError::Impossible(why) => Self::impossible(why),
            ActError::Off => Self::switched_off(),
            ActError::Refused(reason) => Self::platform(reason),
            ActError::Unknown(reason) => {
                Self::platform(format!("{reason}. Nobody knows whether it was done: try again."))
            }
        }
    }
}
