//! Audiences that LINE keeps.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::caller::Caller;
use super::super::json::JsonBody;
use super::super::problem::Problem;
use super::{audit, broken, find, refused};
use crate::app::App;
use crate::ids::{ChannelAccountId, RowId};
use crate::line::audiences;
use crate::store::PeopleChoice;

/// The audiences that were made here, newest first.
#[utoipa::path(get, path = "/api/v1/channels/{id}/line/audiences", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(in crate::http) async fn list(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
) -> Result<Json<Value>, Problem> {
    find(&app, &caller, &id).await?;
    Ok(Json(json!({ "audiences": app.store.line_audiences(&caller.tenant.id, &id).await? })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct NewAudience {
    name: String,
    #[serde(default)]
    #[schema(value_type = Object)]
    choice: PeopleChoice,
}

/// Make an audience of those who are so: a job brings it to LINE.
#[utoipa::path(post, path = "/api/v1/channels/{id}/line/audiences", params(("id" = String, Path)), request_body = NewAudience,
    responses((status = 202, body = Object), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(in crate::http) async fn make(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
    JsonBody(new): JsonBody<NewAudience>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let account = find(&app, &caller, &id).await?;
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Problem::invalid("the name is empty or longer than 100 characters"));
    }
    let made = audiences::ask_for(&app, &account, name, new.choice).await.map_err(broken)?;
    audit(&app, &caller, "audience.made", made.as_str()).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "id": made }))))
}

/// Remove an audience here and at LINE.
#[utoipa::path(delete, path = "/api/v1/channels/{id}/line/audiences/{audience}",
    params(("id" = String, Path), ("audience" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(in crate::http) async fn remove(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((id, audience)): Path<(ChannelAccountId, RowId)>,
) -> Result<StatusCode, Problem> {
    let account = find(&app, &caller, &id).await?;
    let known = app.store.line_audiences(&caller.tenant.id, &id).await?;
    let audience =
        known.into_iter().find(|known| known.id == audience).ok_or_else(|| Problem::not_found("audience"))?;
    if let Some(group) = audience.group_id {
        audiences::remove(&app, &account, group).await.map_err(refused)?;
    }
    app.store.remove_line_audience(&audience).await?;
    audit(&app, &caller, "audience.removed", audience.id.as_str()).await?;
    Ok(StatusCode::NO_CONTENT)
}
