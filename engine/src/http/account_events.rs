//! What a platform told of a channel account itself: its standing, its limits, its templates.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::caller::Caller;
use super::channels::find;
use super::problem::Problem;
use crate::app::App;
use crate::ids::ChannelAccountId;

/// How many are shown.
const NEWEST: i64 = 50;

/// The newest of what the platform told of an account, newest first.
#[utoipa::path(get, path = "/api/v1/channels/{id}/events", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn events(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &caller, &id).await?;
    let events = app.store.account_events(&account.tenant, &account.id, NEWEST).await?;
    let shown = events.into_iter().map(|event| {
        json!({"id": event.event_id, "kind": event.kind, "name": event.name, "text": event.text, "at": event.received_at.millis()})
    });
    let strays = app.store.strays(&account.tenant, &account.id).await?;
    let strays = strays.into_iter().map(|stray| {
        json!({"external_id": stray.external_id, "events": stray.events, "last_at": stray.last_at.millis()})
    });
    Ok(Json(json!({ "events": shown.collect::<Vec<_>>(), "strays": strays.collect::<Vec<_>>() })))
}
