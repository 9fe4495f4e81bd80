//! Messages to many: drafted and counted, confirmed with the number, watched, stopped.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use channels::Reply;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::super::caller::Caller;
use super::super::json::JsonBody;
use super::super::problem::Problem;
use super::{audit, broken, find, refused};
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::ids::{ChannelAccountId, RowId};
use crate::line::broadcasts;
use crate::store::{Broadcast, BroadcastTo, Confirm, Confirmed, NewBroadcast, SessionAgent};

/// How many are listed.
const SHOWN: i64 = 20;
const LONGEST_NAME: usize = 80;

async fn view(app: &App, broadcast: &Broadcast) -> Result<Value, Problem> {
    let chunks = app.store.broadcast_chunks(broadcast).await?;
    let count = |state: &str| {
        chunks.iter().filter(|chunk| chunk.state == state).map(|chunk| chunk.count).sum::<i64>()
    };
    let mut shown = serde_json::to_value(broadcast).map_err(broken)?;
    shown["sent"] = json!(count("sent"));
    shown["refused"] = json!(count("refused") + count("unknown"));
    shown["chunks"] = json!(chunks);
    Ok(shown)
}

/// The newest messages to many.
#[utoipa::path(get, path = "/api/v1/channels/{id}/line/broadcasts", params(("id" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(in crate::http) async fn list(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
) -> Result<Json<Value>, Problem> {
    find(&app, &caller, &id).await?;
    let mut shown = Vec::new();
    for broadcast in app.store.broadcasts(&caller.tenant.id, &id, SHOWN).await? {
        shown.push(view(&app, &broadcast).await?);
    }
    Ok(Json(json!({ "broadcasts": shown })))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Draft {
    /// What it is called in lists, up to 80 characters; its first words where it is left out.
    #[serde(default)]
    name: String,
    #[schema(value_type = Object)]
    to: BroadcastTo,
    #[schema(value_type = Object)]
    reply: Reply,
}

/// Draft a message to many: it is counted and shown as LINE will show it; nothing is sent.
#[utoipa::path(post, path = "/api/v1/channels/{id}/line/broadcasts", params(("id" = String, Path)), request_body = Draft,
    responses((status = 201, body = Object), (status = 401), (status = 403), (status = 404), (status = 422)))]
pub(in crate::http) async fn draft(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Path<ChannelAccountId>,
    JsonBody(draft): JsonBody<Draft>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let account = find(&app, &caller, &id).await?;
    if draft.name.chars().count() > LONGEST_NAME || draft.name.chars().any(char::is_control) {
        return Err(Problem::invalid("name must be one line of up to 80 characters"));
    }
    let (messages, fitted) =
        broadcasts::messages_of(&account, &crate::pictures::hung(&app, &account, &draft.reply));
    let Some(messages) = messages else {
        return Err(Problem::invalid(
            "the message is empty, or more than five bubbles, which is one call of LINE's",
        ));
    };
    broadcasts::validate(&app, &account, &draft.to, &messages).await.map_err(refused)?;
    let people = broadcasts::count(&app, &account, &draft.to)
        .await
        .map_err(|error| Problem::invalid(error.to_string()))?;
    let quota = broadcasts::quota_of(&app, &account).await.map_err(refused)?;
    let new = NewBroadcast {
        tenant: caller.tenant.id.clone(),
        account: id,
        name: draft.name,
        to: draft.to,
        reply: draft.reply,
        people,
        agent: caller.agent.id.clone(),
    };
    let drafted = app.store.draft_broadcast(new).await?;
    let drafted = broadcast_of(&app, &caller, &account.id, &drafted).await?;
    let preview = json!({ "shown": fitted.shown, "lost": fitted.lost });
    let body = json!({ "broadcast": view(&app, &drafted).await?, "quota": quota, "preview": preview });
    Ok((StatusCode::CREATED, Json(body)))
}

async fn broadcast_of(
    app: &App,
    caller: &SessionAgent,
    account: &ChannelAccountId,
    id: &RowId,
) -> Result<Broadcast, Problem> {
    let found = app.store.broadcast(&caller.tenant.id, id).await?;
    found.filter(|found| found.account == *account).ok_or_else(|| Problem::not_found("broadcast"))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Sure {
    /// The number that was shown and confirmed.
    people: i64,
}

type Place = Path<(ChannelAccountId, RowId)>;

/// Send it to so many. 409 with the new number where they are not so many any more: nothing is sent then.
#[utoipa::path(post, path = "/api/v1/channels/{id}/line/broadcasts/{broadcast}/send",
    params(("id" = String, Path), ("broadcast" = String, Path)), request_body = Sure,
    responses((status = 202, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(in crate::http) async fn send(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((account, id)): Place,
    JsonBody(sure): JsonBody<Sure>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let open = find(&app, &caller, &account).await?;
    if !open.enabled {
        return Err(Problem::conflict("The account is switched off: switch it on, then send.", None));
    }
    broadcast_of(&app, &caller, &account, &id).await?;
    let quota = broadcasts::quota_of(&app, &open).await.map_err(refused)?;
    if let Some(left) = quota.left.filter(|left| *left < sure.people) {
        return Err(Problem::invalid(format!("only {left} messages are left this month")));
    }
    let confirm = Confirm {
        tenant: caller.tenant.id.clone(),
        id: id.clone(),
        people: sure.people,
        agent: caller.agent.id.clone(),
        job: broadcasts::SEND,
    };
    match app.store.confirm_broadcast(confirm).await? {
        Confirmed::Counted(people) => {
            let detail = format!("They are {people} now: look again and confirm that number.");
            return Err(Problem::conflict(detail, Some(("people", json!(people)))));
        }
        Confirmed::Sending => audit(&app, &caller, "broadcast.sent", id.as_str()).await?,
        Confirmed::Already => {}
    }
    let broadcast = broadcast_of(&app, &caller, &account, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "broadcast": view(&app, &broadcast).await? }))))
}

/// Stop it: calls that have not been made are not made.
#[utoipa::path(post, path = "/api/v1/channels/{id}/line/broadcasts/{broadcast}/stop",
    params(("id" = String, Path), ("broadcast" = String, Path)),
    responses((status = 200, body = Object), (status = 401), (status = 403), (status = 404)))]
pub(in crate::http) async fn stop(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((account, id)): Place,
) -> Result<Json<Value>, Problem> {
    find(&app, &caller, &account).await?;
    let broadcast = broadcast_of(&app, &caller, &account, &id).await?;
    if broadcast.state == "sending" {
        app.store.set_broadcast_state(&broadcast, "stopped", None).await?;
        audit(&app, &caller, "broadcast.stopped", id.as_str()).await?;
    }
    let broadcast = broadcast_of(&app, &caller, &account, &id).await?;
    Ok(Json(json!({ "broadcast": view(&app, &broadcast).await? })))
}

/// Let a stopped one go on: only the calls that were not made are made. 409 where it was not stopped, or where the account
/// cannot send now.
#[utoipa::path(post, path = "/api/v1/channels/{id}/line/broadcasts/{broadcast}/resume",
    params(("id" = String, Path), ("broadcast" = String, Path)),
    responses((status = 202, body = Object), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)))]
pub(in crate::http) async fn resume(
    State(app): State<App>,
    Extension(Caller(caller)): Extension<Caller>,
    Path((account, id)): Place,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let open = find(&app, &caller, &account).await?;
    let broadcast = broadcast_of(&app, &caller, &account, &id).await?;
    if let Some(words) = standing_in_the_way(&app, &open, &broadcast).await? {
        return Err(Problem::conflict(words, None));
    }
    let chunks = app.store.broadcast_chunks(&broadcast).await?;
    let unmade: i64 = chunks.iter().filter(|chunk| chunk.state == "waiting").map(|chunk| chunk.count).sum();
    let quota = broadcasts::quota_of(&app, &open).await.map_err(refused)?;
    if let Some(left) = quota.left.filter(|left| *left < unmade) {
        return Err(Problem::invalid(format!(
            "{unmade} are to be written to, and only {left} messages are left this month"
        )));
    }
    if !app.store.resume_broadcast(&caller.tenant.id, &id, broadcasts::SEND).await? {
        return Err(Problem::conflict("Somebody else was faster: it is not stopped any more.", None));
    }
    audit(&app, &caller, "broadcast.resumed", id.as_str()).await?;
    let broadcast = broadcast_of(&app, &caller, &account, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "broadcast": view(&app, &broadcast).await? }))))
}

/// Why a message to many cannot go on now, in words.
async fn standing_in_the_way(
    app: &App,
    account: &OpenAccount,
    broadcast: &Broadcast,
) -> Result<Option<&'static str>, Problem> {
    Ok(match broadcast.state.as_str() {
        "draft" => Some("It was never sent: count it and confirm the number."),
        "sending" => Some("It is being sent: there is nothing to resume."),
        "done" => Some("It was sent to the end: there is nothing to resume."),
        _ if !account.enabled => Some("The account is switched off: switch it on, then resume."),
        _ => {
            let standings = app.store.account_standings(&account.tenant).await?;
            let held = standings.iter().any(|one| one.id == account.id && one.held_at.is_some());
            held.then_some("LINE refuses the account: give it a good token, then resume.")
        }
    })
}
