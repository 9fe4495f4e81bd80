//! The story that a message is about, passed through while it lasts.

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::caller::Caller;
use super::problem::Problem;
use crate::app::App;
use crate::ids::MessageId;
use crate::{media, stories};

/// The picture or film of a story; 404 once it has ended. Nobody may keep it.
#[utoipa::path(get, path = "/api/v1/messages/{id}/story", params(("id" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 401), (status = 403), (status = 404), (status = 502)))]
pub(super) async fn show(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<MessageId>,
) -> Result<Response, Problem> {
    let bytes = stories::look(&app, &caller.tenant.id, &id).await?;
    let bytes = bytes.ok_or_else(|| Problem::not_found("story"))?;
    let Some(kind) = media::shown_kind(&bytes) else { return Err(Problem::not_found("story")) };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::OK, headers, bytes).into_response())
}
