//! Channel accounts for those who set them up, and how a reply looks on every channel.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use channels::{AccountConfig, ChannelName, Destination, Reply, SendError};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::caller::Caller;
use super::channel_care::refused;
use super::json::JsonBody;
use super::problem::Problem;
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::channel_setup::{self, NewAccount};
use crate::ids::ChannelAccountId;
use crate::store::SessionAgent;

/// The company's channel accounts, without their secrets, and what each kind of channel needs to be set up.
#[utoipa::path(get, path = "/api/v1/channels", responses((status = 200, body = Object), (status = 401), (status = 403)))]
pub(super) async fn list(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
) -> Result<Json<Value>, Problem> {
    let accounts = app.store.channel_accounts(&caller.tenant.id).await?;
    let standings = app.store.account_standings(&caller.tenant.id).await?;
    let mut rotations = BTreeMap::new();
    for account in &accounts {
        if account.sealed_secrets.keys().any(|name| name.ends_with(".previous")) {
            let Some(open) = app.accounts.find(&account.id).await else { continue };
            rotations.insert(account.id.clone(), crate::rotation::rotations(&app, &open).await?);
        }
    }
    let accounts: Vec<Value> = accounts
        .iter()
        .map(|account| {
            let standing = standings.iter().find(|standing| standing.id == account.id);
            let health = standing.and_then(|standing| standing.health.as_ref());
            let findings = health.and_then(|health| serde_json::from_str::<Value>(&health.findings).ok());
            json!({
                "enabled": standing.is_none_or(|standing| standing.enabled),
                "held": standing.is_some_and(|standing| standing.held_at.is_some()),
                "waiting": standing.map_or(0, |standing| standing.waiting),
                "health": health.map(|health| json!({
                    "state": health.state,
                    "checks": findings,
                    "token_expires_at": health.token_expires_at.map(crate::clock::Micros::millis),
                    "checked_at": health.checked_at.millis(),
                })),
                "id": account.id,
                "channel": account.channel,
                "name": account.name,
                "bot": account.bot,
                "external_id": account.external_id,
                "settings": account.settings,
                "secrets": account.sealed_secrets.keys().collect::<Vec<_>>(),
                "rotations": rotations.get(&account.id).map_or(&[][..], Vec::as_slice),
                "webhook": channel_setup::webhook_of(&app, &account.id),
                "pretended": super::pretended::faults_of(&app, &account.channel, &account.api_base).is_some(),
            })
        })
        .collect();
    let forms: serde_json::Map<String, Value> = ChannelName::ALL
        .into_iter()
        .map(|name| (name.as_str().to_owned(), json!(channels::channel(name).setup())))
        .collect();
    let mut bots: Vec<String> = app.bots.all().iter().map(|bot| bot.name.clone()).collect();
    bots.sort();
    Ok(Json(json!({ "channels": accounts, "forms": forms, "bots": bots })))
}

/// Add a channel account: it is stored, tried, and our webhook registered where the platform takes it by a call.
#[utoipa::path(post, path = "/api/v1/channels", request_body = Object,
    responses((status = 201, body = Object), (status = 401), (status = 403), (status = 409), (status = 422)))]
pub(super) async fn add(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    JsonBody(new): JsonBody<NewAccount>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    if !new.api_base.is_empty() {
        return Err(Problem::invalid("api_base is for the command line only: leave it out"));
    }
    let added = channel_setup::add(&app, &caller.tenant.id, new).await.map_err(refused)?;
    audit(&app, &caller, "channel.added", &added.id).await?;
    Ok((StatusCode::CREATED, Json(json!({ "channel": added }))))
}

/// Ask the platform whether the account works.
#[utoipa::path(post, path = "/api/v1/channels/{id}/check", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn check(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &caller, &id).await?;
    let looked = crate::account_care::look(&app, &account).await.map_err(|error| {
        tracing::error!(%error, "what a look at a channel account found cannot be kept");
        Problem::unavailable()
    })?;
    Ok(Json(json!(looked)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Trial {
    /// The platform's id of the person.
    to: String,
    text: String,
}

/// Send a message for a trial.
#[utoipa::path(post, path = "/api/v1/channels/{id}/test", params(("id" = String, Path)), request_body = Trial,
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn test(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
    JsonBody(trial): JsonBody<Trial>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &caller, &id).await?;
    if !account.enabled {
        return Err(Problem::switched_off());
    }
    if trial.to.trim().is_empty() || trial.text.trim().is_empty() {
        return Err(Problem::invalid("to and text must say something"));
    }
    audit(&app, &caller, "channel.tried", &id).await?;
    let outcome = channel_setup::send_test(&app, &account, trial.to.trim(), &trial.text).await;
    Ok(Json(match outcome {
        Ok(()) => json!({ "sent": true }),
        Err(error) => {
            let advice = match &error {
                SendError::Refused { advice, .. } => {
                    Some(advice.as_str()).filter(|advice| !advice.is_empty())
                }
                SendError::Retry { .. } | SendError::Ambiguous { .. } => None,
            };
            json!({ "sent": false, "reason": channel_setup::reason_of(&error), "advice": advice })
        }
    }))
}

/// A reply as every channel can show it, and what is lost there.
#[utoipa::path(post, path = "/api/v1/preview", request_body = Object,
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 422)))]
pub(super) async fn preview(JsonBody(mut reply): JsonBody<Reply>) -> Result<Json<Value>, Problem> {
    crate::pictures::as_if_hung(&mut reply);
    let (account, to) = (AccountConfig::default(), Destination::anybody());
    let shown: serde_json::Map<String, Value> = ChannelName::ALL
        .into_iter()
        .map(|name| {
            let fitted = channels::channel(name).fit(&account, &to, &reply);
            (name.as_str().to_owned(), json!({ "shown": fitted.shown, "lost": fitted.lost }))
        })
        .collect();
    Ok(Json(json!({ "preview": shown })))
}

pub(super) async fn find(
    app: &App,
    caller: &SessionAgent,
    id: &ChannelAccountId,
) -> Result<std::sync::Arc<OpenAccount>, Problem> {
    let account = app.accounts.try_find(id).await.map_err(|error| {
        tracing::error!(%error, "a channel account cannot be opened");
        Problem::unavailable()
    })?;
    account
        .filter(|account| account.tenant == caller.tenant.id)
        .ok_or_else(|| Problem::not_found("channel account"))
}

async fn audit(app: &App, caller: &SessionAgent, action: &str, id: &ChannelAccountId) -> Result<(), Problem> {
    Ok(app.store.audit(&caller.tenant.id, caller.agent.id.as_str(), action, id.as_str()).await?)
}
