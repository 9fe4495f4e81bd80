//! Which intent models answer, which did before, and what the nights' tests say.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::caller::Caller;
use super::problem::Problem;
use crate::app::App;
use crate::released;

/// Nights that are shown.
const NIGHTS: i64 = 30;

/// The bots with their models: the one in service, those before, which of them have no file on this node, and the tests of
/// the last nights.
#[utoipa::path(get, path = "/api/v1/models", responses((status = 200, body = Object), (status = 401), (status = 403)))]
pub(super) async fn list(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
) -> Result<Json<Value>, Problem> {
    let releases = app.store.model_releases(&caller.tenant.id).await?;
    let mut bots = Vec::new();
    for bot in app.bots.all() {
        let versions: Vec<_> = releases.iter().filter(|release| release.bot == bot.name).collect();
        if versions.is_empty() {
            continue;
        }
        let missing =
            released::without_file(&app, versions.iter().map(|each| each.version.clone()).collect()).await;
        let tests = app.store.self_tests(&caller.tenant.id, &bot.name, NIGHTS).await?;
        let service = released::in_service(&bot);
        bots.push(json!({
            "bot": bot.name, "in_service": service, "newest": bot.trained, "versions": versions, "missing": missing,
            "tests": tests,
        }));
    }
    Ok(Json(json!({ "bots": bots })))
}

/// Put a version in service and keep it there, whatever is trained later. Refused where this node does not have its file.
#[utoipa::path(post, path = "/api/v1/models/{bot}/{version}/promote", params(("bot" = String, Path), ("version" = String, Path)),
    responses((status = 202), (status = 401), (status = 403), (status = 404), (status = 409)))]
pub(super) async fn promote(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((bot, version)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let releases = app.store.model_releases(&caller.tenant.id).await?;
    let is_known = releases.iter().any(|release| (&release.bot, &release.version) == (&bot, &version));
    if is_known && !released::is_here(&app, &version).await {
        return Err(Problem::model_not_here(released::absent(&app, &bot, &version)));
    }
    app.store.promote_model(&caller.tenant.id, (&bot, &version), caller.agent.id.as_str()).await?;
    settle(&app).await;
    Ok(StatusCode::ACCEPTED)
}

/// Let the newest model of the bot's own examples answer again.
#[utoipa::path(post, path = "/api/v1/models/{bot}/follow", params(("bot" = String, Path)),
    responses((status = 202), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn follow(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(bot): Path<String>,
) -> Result<StatusCode, Problem> {
    app.store.follow_model(&caller.tenant.id, &bot, caller.agent.id.as_str()).await?;
    settle(&app).await;
    Ok(StatusCode::ACCEPTED)
}

/// Here at once; other nodes follow by themselves, and so does this one if it fails now.
async fn settle(app: &App) {
    if let Err(error) = released::settle(app).await {
        tracing::warn!(%error, "the model in service follows a little later");
    }
}
