//! Changing channel accounts, their health, what they use and their message templates.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use channels::Part;
use channels::templates::{FillError, blanks, fill};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::caller::Caller;
use super::channels::find;
use super::json::{JsonBody, QueryOf};
use super::messages::SaidInParts;
use super::problem::Problem;
use crate::account_change::{self, Wanted};
use crate::app::App;
use crate::channel_setup::SetupError;
use crate::ids::{ChannelAccountId, ConversationId};
use crate::quota::{Month, usage as usage_of};
use crate::store::{HealthState, MessageTemplate, Rate};

/// How many rates an account may have.
const MOST_RATES: usize = 500;

pub(super) fn refused(error: SetupError) -> Problem {
    match error {
        SetupError::Store(error) => error.into(),
        SetupError::Other(error) => unavailable(&error),
        SetupError::Unproved(name) => Problem::unproved(&name),
        SetupError::TokenRefused { name, says } => Problem::token_refused(name, &says),
        SetupError::InUse(holder) => Problem::in_use(&holder),
        wrong => Problem::invalid(wrong.to_string()),
    }
}

fn unavailable(error: &anyhow::Error) -> Problem {
    tracing::error!(%error, "a channel account cannot be served");
    Problem::unavailable()
}

/// The accounts that need somebody, for every agent: what fails, what should be looked at, what is switched off.
#[utoipa::path(get, path = "/api/v1/channels/health", responses((status = 200, body = Object), (status = 401), (status = 403)))]
pub(super) async fn health(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
) -> Result<Json<Value>, Problem> {
    let accounts = app.store.channel_accounts(&caller.tenant.id).await?;
    let standings = app.store.account_standings(&caller.tenant.id).await?;
    let shown: Vec<Value> = standings
        .iter()
        .filter_map(|standing| {
            let account = accounts.iter().find(|account| account.id == standing.id)?;
            let state = standing.health.as_ref().map(|health| health.state);
            let finding = standing.health.as_ref().and_then(|health| first_wrong(&health.findings));
            let is_well = standing.enabled && standing.held_at.is_none();
            (!is_well || matches!(state, Some(HealthState::Warning | HealthState::Failing))).then(|| {
                json!({
                    "id": account.id, "name": account.name, "channel": account.channel, "state": state,
                    "enabled": standing.enabled, "held": standing.held_at.is_some(), "waiting": standing.waiting,
                    "finding": finding,
                })
            })
        })
        .collect();
    Ok(Json(json!({ "channels": shown })))
}

/// The first thing that is wrong, of what a look found.
fn first_wrong(findings: &str) -> Option<Value> {
    let checks: Vec<Value> = serde_json::from_str(findings).ok()?;
    checks.into_iter().find(|check| check["good"] == false)
}

/// Rename an account, give it another bot or other settings, switch it off or on.
#[utoipa::path(patch, path = "/api/v1/channels/{id}", params(("id" = String, Path)), request_body = Object,
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn change(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
    JsonBody(wanted): JsonBody<Wanted>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &caller, &id).await?;
    account_change::change(&app, &account, wanted, caller.agent.id.as_str()).await.map_err(refused)?;
    Ok(Json(json!({})))
}

/// Remove an account with its secrets; its conversations stay.
#[utoipa::path(delete, path = "/api/v1/channels/{id}", params(("id" = String, Path)),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 409)))]
pub(super) async fn remove(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
) -> Result<StatusCode, Problem> {
    let account = find(&app, &caller, &id).await?;
    account_change::remove(&app, &account, caller.agent.id.as_str()).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSecret {
    /// Empty to have one made up, where the secret is ours.
    #[serde(default)]
    secret: String,
    /// Keep a token that the platform does not take.
    #[serde(default)]
    force: bool,
}

/// Replace one secret.
#[utoipa::path(put, path = "/api/v1/channels/{id}/secrets/{name}",
    params(("id" = String, Path), ("name" = String, Path)), request_body = NewSecret,
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn replace_secret(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((id, name)): Path<(ChannelAccountId, String)>,
    JsonBody(new): JsonBody<NewSecret>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &caller, &id).await?;
    let actor = caller.agent.id.as_str();
    let new = account_change::NewSecret { name: &name, value: &new.secret, insists: new.force };
    let replaced = account_change::replace_secret(&app, &account, new, actor).await;
    Ok(Json(json!(replaced.map_err(refused)?)))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Insisting {
    /// Even where only the former secret has verified calls.
    #[serde(default)]
    force: bool,
}

/// End the rotation of a secret: the former one is no longer good.
#[utoipa::path(delete, path = "/api/v1/channels/{id}/secrets/{name}",
    params(("id" = String, Path), ("name" = String, Path), Insisting),
    responses((status = 204), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn end_rotation(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((id, name)): Path<(ChannelAccountId, String)>,
    QueryOf(Insisting { force }): QueryOf<Insisting>,
) -> Result<StatusCode, Problem> {
    let account = find(&app, &caller, &id).await?;
    let actor = caller.agent.id.as_str();
    account_change::end_rotation(&app, &account, (&name, force), actor).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct UsageQuery {
    /// `2026-11`; the present month when it is left out.
    month: Option<String>,
}

/// What an account used in a month: the platform's quota, the messages by category, and what they cost.
#[utoipa::path(get, path = "/api/v1/channels/{id}/usage", params(("id" = String, Path), UsageQuery),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(super) async fn usage(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
    QueryOf(query): QueryOf<UsageQuery>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &caller, &id).await?;
    let zone = app.time_zone(&account.tenant);
    let month = match query.month {
        Some(name) => Month::named(&zone, &name)
            .ok_or_else(|| Problem::invalid("month is a year and a month such as 2026-11"))?,
        None => Month::of(&zone, app.store.clock().now()),
    };
    let usage = usage_of(&app, &account, month).await.map_err(|error| unavailable(&error))?;
    Ok(Json(json!({ "usage": usage })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRates {
    #[schema(value_type = Vec<Object>)]
    rates: Vec<Rate>,
}

/// Enter what messages cost the company; these rates take the place of all that were there.
#[utoipa::path(put, path = "/api/v1/channels/{id}/rates", params(("id" = String, Path)), request_body = NewRates,
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(super) async fn set_rates(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
    JsonBody(new): JsonBody<NewRates>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &caller, &id).await?;
    if new.rates.len() > MOST_RATES || !new.rates.iter().all(is_rate) {
        return Err(Problem::invalid(
            "a rate has a category, a prefix of digits or two letters, a currency of three letters and a price of at least 0",
        ));
    }
    app.store.set_rates(&account.tenant, &id, new.rates, caller.agent.id.as_str()).await?;
    Ok(Json(json!({ "rates": app.store.rates(&account.tenant, &id).await? })))
}

fn is_rate(rate: &Rate) -> bool {
    let short = |text: &str, most: usize| !text.is_empty() && text.len() <= most;
    let digits = rate.prefix.len() <= 15 && rate.prefix.bytes().all(|byte| byte.is_ascii_digit());
    let country = rate.prefix.len() == 2 && rate.prefix.bytes().all(|byte| byte.is_ascii_alphabetic());
    let currency = rate.currency.len() == 3 && rate.currency.bytes().all(|byte| byte.is_ascii_uppercase());
    short(&rate.category, 40) && (digits || country) && currency && rate.price >= 0 && rate.included >= 0
}

/// The message templates of an account, with what is to be filled in.
#[utoipa::path(get, path = "/api/v1/channels/{id}/templates", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn templates(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &caller, &id).await?;
    let templates = app.store.message_templates(&account.tenant, &id).await?;
    let templates: Vec<Value> = templates.iter().map(shown).collect();
    Ok(Json(json!({ "templates": templates })))
}

fn shown(template: &MessageTemplate) -> Value {
    let mut view = json!(template);
    let found = blanks(&template.components);
    view["sendable"] = (template.status == "APPROVED" && found.is_ok()).into();
    view["unsupported"] = match &found {
        Err(FillError::Unsupported(part)) => part.as_str().into(),
        _ => Value::Null,
    };
    view["blanks"] = json!(found.unwrap_or_default());
    view
}

/// Fetch the templates from the platform now.
#[utoipa::path(post, path = "/api/v1/channels/{id}/templates", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(super) async fn fetch_templates(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
) -> Result<Json<Value>, Problem> {
    let account = find(&app, &caller, &id).await?;
    Ok(Json(match crate::templates::fetch(&app, &account).await {
        Ok(count) => json!({ "fetched": count }),
        Err(error) => json!({ "fetched": null, "reason": error.to_string() }),
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTemplateMessage {
    client_id: String,
    name: String,
    language: String,
    /// What stands in the blanks, by their keys.
    #[serde(default)]
    values: BTreeMap<String, String>,
    /// The newest message the agent has seen.
    seen_seq: i64,
}

/// Send an approved template: the one thing that reaches a person whose window is shut.
#[utoipa::path(post, path = "/api/v1/conversations/{id}/template", params(("id" = String, Path)), request_body = NewTemplateMessage,
    responses((status = 201, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(super) async fn send_template(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ConversationId>,
    JsonBody(new): JsonBody<NewTemplateMessage>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    super::messages::check_client_id(&new.client_id)?;
    new.values.values().try_for_each(|value| super::messages::check_marks(value))?;
    let conversation = super::conversations::find(&app, &caller, &id).await?;
    let account = ChannelAccountId::from_text(conversation.channel_account.as_str());
    let known = app.store.message_templates(&caller.tenant.id, &account).await?;
    let template = known
        .into_iter()
        .find(|known| known.name == new.name && known.language == new.language)
        .ok_or_else(|| Problem::not_found("message template"))?;
    if template.status != "APPROVED" {
        return Err(Problem::invalid(format!("the platform has this template as {}", template.status)));
    }
    let filled = fill((&new.name, &new.language), &template.components, &new.values);
    let filled = filled.map_err(|error| Problem::invalid(error.to_string()))?;
    let said = SaidInParts {
        conversation: id,
        client_id: new.client_id,
        seen_seq: new.seen_seq,
        text: filled.text.clone(),
        parts: vec![Part::Template { template: filled }],
    };
    super::messages::say_in_parts(&app, &caller, said).await
}
