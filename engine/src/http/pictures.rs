//! The pictures that platforms fetch from us; see [`crate::pictures`].

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use crate::app::App;
use crate::ids::ChannelAccountId;
use crate::pictures::{self, PictureError};

/// A picture in one of LINE's widths, by its signed name.
pub(super) async fn show(
    State(app): State<App>,
    Path((id, name, width)): Path<(ChannelAccountId, String, u32)>,
) -> Result<Response, Problem> {
    let account = app.accounts.find(&id).await.ok_or_else(|| Problem::not_found("picture"))?;
    let shown = match pictures::show(&app, &account, &name, width).await {
        Ok(shown) => shown,
        Err(PictureError::Missing) => return Err(Problem::not_found("picture")),
        Err(error) => {
            tracing::warn!(%error, "a picture cannot be shown");
            return Err(Problem::unavailable());
        }
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(shown.mime)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400")),
    ];
    Ok((headers, shown.bytes.clone()).into_response())
}
