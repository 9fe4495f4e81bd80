//! Tags: words that people put on a conversation, to find its person again.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::caller::Caller;
use super::json::JsonBody;
use super::problem::Problem;
use crate::app::App;
use crate::ids::ConversationId;

/// Tags on one conversation, and characters in each.
const MOST: usize = 20;
const LETTERS: usize = 40;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Tags {
    tags: Vec<String>,
}

/// Give a conversation these tags and no others.
#[utoipa::path(put, path = "/api/v1/conversations/{id}/tags", params(("id" = String, Path)), request_body = Tags,
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(super) async fn put(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ConversationId>,
    JsonBody(given): JsonBody<Tags>,
) -> Result<Json<Value>, Problem> {
    let mut tags: Vec<String> = given.tags.iter().map(|tag| tag.trim().replace('\0', "")).collect();
    tags.retain(|tag| !tag.is_empty());
    tags.sort();
    tags.dedup();
    if tags.len() > MOST || tags.iter().any(|tag| tag.chars().count() > LETTERS) {
        return Err(Problem::invalid(format!("up to {MOST} tags of up to {LETTERS} characters")));
    }
    app.store.put_tags(&caller.tenant.id, &id, tags.clone()).await?;
    app.store.audit(&caller.tenant.id, caller.agent.id.as_str(), "conversation.tagged", id.as_str()).await?;
    Ok(Json(json!({ "tags": tags })))
}
