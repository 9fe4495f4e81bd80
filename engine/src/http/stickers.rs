//! LINE's stickers, as agents send them.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use channels::Part;
use channels::line::stickers::{SETS, set_of};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::caller::Caller;
use super::json::JsonBody;
use super::messages::SaidInParts;
use super::problem::Problem;
use crate::app::App;
use crate::ids::ConversationId;

/// The sets of stickers that every LINE account may send.
#[utoipa::path(get, path = "/api/v1/stickers", responses((status = 200, body = Object), (status = 401), (status = 403)))]
pub(super) async fn list() -> Json<Value> {
    Json(json!({ "sets": SETS }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSticker {
    /// Made by the client; sending it again gives the same message.
    client_id: String,
    /// `446/1988`: the set and the number.
    sticker: String,
    /// The newest message the agent has seen.
    seen_seq: i64,
}

/// Send a sticker of LINE's.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/sticker", params(("id" = String, Path)), request_body = NewSticker,
    responses((status = 201, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn send(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ConversationId>,
    JsonBody(new): JsonBody<NewSticker>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    super::messages::check_client_id(&new.client_id)?;
    let conversation = super::conversations::find(&app, &caller, &id).await?;
    if conversation.channel != "line" {
        return Err(Problem::invalid("stickers are sent in conversations of LINE only"));
    }
    let set = set_of(&new.sticker)
        .ok_or_else(|| Problem::invalid("LINE lets accounts send the stickers of /api/v1/stickers only"))?;
    let number = new.sticker.rsplit('/').next().unwrap_or_default();
    let alt = format!("{} {number}", set.title);
    let said = SaidInParts {
        conversation: id,
        client_id: new.client_id,
        seen_seq: new.seen_seq,
        text: alt.clone(),
        parts: vec![Part::Sticker { id: new.sticker, alt }],
    };
    super::messages::say_in_parts(&app, &caller, said).await
}
