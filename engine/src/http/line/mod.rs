//! LINE's own page: rich menus, messages to many, audiences, figures.

pub(super) mod audiences;
pub(super) mod broadcasts;
pub(super) mod menus;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use channels::{ChannelName, SendError};
use serde_json::{Value, json};

use super::caller::Caller;
use super::problem::Problem;
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::ids::ChannelAccountId;
use crate::line::broadcasts::quota_of;
use crate::store::SessionAgent;

/// The caller's LINE account of this id.
async fn find(app: &App, caller: &SessionAgent, id: &ChannelAccountId) -> Result<Arc<OpenAccount>, Problem> {
    let account = app.accounts.try_find(id).await.map_err(|error| {
        tracing::error!(%error, "a channel account cannot be opened");
        Problem::unavailable()
    })?;
    account
        .filter(|account| account.tenant == caller.tenant.id && account.name == ChannelName::Line)
        .ok_or_else(|| Problem::not_found("LINE account"))
}

async fn audit(app: &App, caller: &SessionAgent, action: &str, target: &str) -> Result<(), Problem> {
    Ok(app.store.audit(&caller.tenant.id, caller.agent.id.as_str(), action, target).await?)
}

/// What LINE refused, in its own words; or that it does not answer.
fn refused(error: SendError) -> Problem {
    match error {
        SendError::Refused { reason, .. } => Problem::invalid(reason),
        error => {
            tracing::warn!(%error, "LINE does not answer");
            Problem::unavailable()
        }
    }
}

fn broken(error: impl std::fmt::Display) -> Problem {
    tracing::error!(%error, "LINE's page cannot be served");
    Problem::unavailable()
}

/// A LINE account: who can be written to, by what they can be chosen, and the flows that a menu can begin.
#[utoipa::path(get, path = "/api/v1/channels/{id}/line", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn show(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &caller, &id).await?;
    let all = app.store.channel_accounts(&caller.tenant.id).await?;
    let name = all.into_iter().find(|one| one.id == id).map(|one| one.name).unwrap_or_default();
    let kinds = app.store.people_kinds(&caller.tenant.id, &id).await?;
    let flows: Vec<String> = app
        .bots
        .get(&account.bot)
        .map(|bot| bot.dialogue.flows.keys().cloned().collect())
        .unwrap_or_default();
    Ok(Json(json!({ "name": name, "bot": account.bot, "kinds": kinds, "flows": flows })))
}

/// How much of the month's messages is used.
#[utoipa::path(get, path = "/api/v1/channels/{id}/line/quota", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(super) async fn quota(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &caller, &id).await?;
    Ok(Json(json!({ "quota": quota_of(&app, &account).await.map_err(refused)? })))
}

/// LINE's figures of the last week.
#[utoipa::path(get, path = "/api/v1/channels/{id}/line/figures", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn figures(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &caller, &id).await?;
    Ok(Json(json!({ "figures": crate::line::figures::figures(&app, &account).await })))
}
