//! For operators: what was parked, and how the parts are.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::caller::Caller;
use super::problem::Problem;
use crate::app::App;

/// Messages that could not be heard and replies that could not be sent.
#[utoipa::path(get, path = "/api/v1/parked", responses((status = 200, body = Object), (status = 401), (status = 403)))]
pub(super) async fn parked(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
) -> Result<Json<Value>, Problem> {
    let inbound = app.store.parked_inbound(&caller.tenant.id).await?;
    let outbox = app.store.parked_outbound(&caller.tenant.id).await?;
    Ok(Json(json!({ "inbound": inbound, "outbox": outbox })))
}

/// Try a parked message or reply again. `kind` is inbound or outbox.
#[utoipa::path(post, path = "/api/v1/parked/{kind}/{id}/retry", params(("kind" = String, Path), ("id" = String, Path)),
    responses((status = 202), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn retry(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((kind, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    match kind.as_str() {
        "inbound" => app.store.retry_inbound(&caller.tenant.id, &id).await?,
        "outbox" => app.store.retry_outbound(&caller.tenant.id, &id).await?,
        _ => return Err(Problem::not_found("kind of parked thing")),
    }
    app.store.audit(&caller.tenant.id, caller.agent.id.as_str(), "parked.retried", &id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The running and finished jobs of the company.
#[utoipa::path(get, path = "/api/v1/jobs", responses((status = 200, body = Object), (status = 401), (status = 403)))]
pub(super) async fn jobs(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
) -> Result<Json<Value>, Problem> {
    let jobs = app.store.jobs(&caller.tenant.id, 50).await?;
    Ok(Json(json!({ "jobs": jobs })))
}

/// The checks behind /readyz, in words.
#[utoipa::path(get, path = "/api/v1/health", responses((status = 200, body = Object), (status = 401), (status = 403)))]
pub(super) async fn health(State(app): State<App>) -> Json<Value> {
    Json(json!(app.health().await))
}

/// Alive: the event loop turns.
pub(super) async fn livez() -> &'static str {
    "ok"
}

/// Ready: the database takes writes and a bot can answer. `without` names the parts that are not as they should be, such as
/// an encoder: the bots answer with what is left.
pub(super) async fn readyz(State(app): State<App>) -> Response {
    let health = app.health().await;
    let status = if health.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    // Their names only: the details tell paths, and anybody may ask here.
    let without: Vec<&str> =
        health.checks.iter().filter(|check| !check.good).map(|check| check.name.as_str()).collect();
    let told = json!({ "ready": health.ready, "degraded": health.degraded, "without": without });
    (status, Json(told)).into_response()
}

/// Prometheus text, for callers on this machine or in a trusted network. A proxy on this machine that nobody named speaks
/// for strangers: what it forwards is refused.
pub(super) async fn metrics(
    State(app): State<App>,
    super::client_ip::ClientIp(ip): super::client_ip::ClientIp,
    headers: HeaderMap,
) -> Response {
    let proxies = &app.config.server.trusted_proxies;
    let trusted = proxies.iter().any(|network| network.contains(&ip));
    let is_forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
    if trusted || (ip.is_loopback() && !is_forwarded) {
        app.metrics.render().into_response()
    } else {
        Problem::not_found("page").into_response()
    }
}
