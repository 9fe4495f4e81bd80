//! The files that people sent, for agents. They are strangers' bytes: never run, never framed, only shown where browsers
//! show them safely.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, http::StatusCode};

use super::caller::Caller;
use super::problem::Problem;
use crate::app::App;
use crate::blobs::BlobError;
use crate::ids::{RowId, TenantId};

/// Kinds that browsers show without running anything.
const SHOWN: [&str; 12] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "audio/mpeg",
    "audio/mp4",
    "audio/aac",
    "audio/ogg",
    "audio/wav",
    "video/mp4",
    "video/webm",
    "video/3gpp",
];

/// A file of a message.
#[utoipa::path(get, path = "/api/v1/media/{id}", params(("id" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn show(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<RowId>,
) -> Result<Response, Problem> {
    served(&app, &caller.tenant.id, &id).await
}

/// The file as it may be served: inline where browsers show its kind safely, else to be saved.
pub(super) async fn served(app: &App, tenant: &TenantId, id: &RowId) -> Result<Response, Problem> {
    let blob = match app.blobs.get(tenant, id).await {
        Ok(Some(blob)) => blob,
        Ok(None) => return Err(Problem::not_found("file")),
        Err(BlobError::Store(error)) => return Err(error.into()),
        Err(error) => {
            tracing::error!(%error, "a file cannot be read");
            return Err(Problem::unavailable());
        }
    };
    let kind = blob.mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let shown = SHOWN.into_iter().find(|known| *known == kind);
    let disposition = if shown.is_some() { "inline" } else { "attachment" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(shown.unwrap_or("application/octet-stream"))),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition)),
    ];
    Ok((StatusCode::OK, headers, blob.bytes).into_response())
}
