//! Webhooks: verify, store in one commit, answer. Never a 200 before the commit.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use channels::{
    ChannelName, Content, Event, Heard, HttpCall, HttpMethod, InboundMessage, NoticeKind, Received, Refusal,
};

use super::client_ip::ClientIp;
use super::problem::Problem;
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::ids::ChannelAccountId;
use crate::store::{
    ChangeJudged, ControlChange, Echoed, FOR_ACCOUNT_HINT, GroupMember, Ingest, MessageChange,
};

/// Takes a platform's call for the channel account in the path.
pub(super) async fn receive(
    State(app): State<App>,
    Path(account): Path<ChannelAccountId>,
    (ClientIp(ip), method, uri, headers): (ClientIp, Method, Uri, HeaderMap),
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let started = tokio::time::Instant::now();
    let body = match body {
        Ok(body) => body,
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Problem::too_large().into_response();
        }
        Err(_) => return Problem::malformed().into_response(),
    };
    let account = match app.accounts.try_find(&account).await {
        Ok(Some(account)) => account,
        Ok(None) => return Problem::not_found("channel account").into_response(),
        Err(error) => {
            // The platform must come again: what we cannot read now is not gone.
            tracing::error!(%error, "a channel account cannot be opened");
            return Problem::unavailable().into_response();
        }
    };
    let Some(call) = call(&app, &method, &uri, (&headers, &body)) else {
        return Problem::wrong_method().into_response();
    };
    // Only who proves to be the platform uses up the account's share; everybody else their own.
    let verified = account.adapter.verify(&account.config, &call);
    let limit = if verified { app.limits.webhook(account.id.as_str()) } else { app.limits.ip(ip) };
    if let Err(retry) = limit {
        return Problem::too_many(retry).into_response();
    }
    if verified {
        crate::rotation::note(&app, &account, &call).await;
    }
    let decoded =
        if verified { account.adapter.decode(&account.config, &call) } else { Err(Refusal::Unverified) };
    let response = match decoded {
        Ok(received) => store(&app, &account, &call, received).await,
        Err(refusal) => refuse(&account, call.method, refusal),
    };
    metrics::histogram!("sala_webhook_ack_seconds").record(started.elapsed().as_secs_f64());
    response
}

/// The call as adapters know it; none for a method by which no platform calls.
fn call<'a>(
    app: &App,
    method: &Method,
    uri: &Uri,
    (headers, body): (&HeaderMap, &'a Bytes),
) -> Option<HttpCall<'a>> {
    Some(HttpCall {
        method: match *method {
            Method::GET | Method::HEAD => HttpMethod::Get,
            Method::POST => HttpMethod::Post,
            _ => return None,
        },
        query: url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        headers: headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect(),
        body,
        now: app.store.clock().now().0,
    })
}

async fn store(app: &App, account: &Arc<OpenAccount>, call: &HttpCall<'_>, received: Received) -> Response {
    fail::fail_point!("webhook.after_verify");
    for heard in received.events {
        let owner = match owner_of(app, account, call, &heard).await {
            Ok(owner) => owner,
            Err(problem) => return problem.into_response(),
        };
        if !owner.enabled {
            count(&owner, "off");
            continue;
        }
        let mut event = heard.event;
        let is_anothers = is_anothers(&owner, &heard.account);
        if let Event::Message(message) = &mut event {
            if is_anothers {
                message.hints.push((FOR_ACCOUNT_HINT.to_owned(), heard.account.clone()));
            }
            // What a page writes to itself is no question of a customer.
            message.standby |= is_anothers || owner.config.is_called(&message.sender.external_id);
        }
        if let Err(problem) = take_in(app, &owner, event).await {
            count(account, "unavailable");
            return problem.into_response();
        }
        if is_anothers
            && let Err(error) = app.store.count_stray(&owner.tenant, &owner.id, &heard.account).await
        {
            tracing::warn!(%error, "what is for another account cannot be counted");
        }
    }
    count(account, "accepted");
    received.answer.into_response()
}

/// The account that an event is for: one app of a platform may carry the events of many, also of other companies. An
/// account of another address must prove the call with its own secrets; what belongs to nobody here stays with the
/// account of this address, where people can see it.
async fn owner_of(
    app: &App,
    account: &Arc<OpenAccount>,
    call: &HttpCall<'_>,
    heard: &Heard,
) -> Result<Arc<OpenAccount>, Problem> {
    let is_own = heard.account.is_empty() || account.config.is_called(&heard.account);
    if is_own || account.config.external_id.is_empty() {
        return Ok(Arc::clone(account));
    }
    let others = app.accounts.of_platform(account.name, &heard.account).await.map_err(|error| {
        tracing::error!(%error, "channel accounts cannot be read");
        Problem::unavailable()
    })?;
    let other = others.into_iter().find(|other| other.adapter.verify(&other.config, call));
    let Some(other) = other else { return Ok(Arc::clone(account)) };
    if other.id != account.id {
        crate::rotation::note(app, &other, call).await;
    }
    Ok(other)
}

/// True for what was sent to a number or page that is no account of ours: it is kept where people can see it, and nobody
/// answers it from another number. Instagram has two ids for one account: while the second one is not known, it may well be
/// ours.
fn is_anothers(owner: &OpenAccount, named: &str) -> bool {
    let config = &owner.config;
    let knows_all = match owner.name {
        ChannelName::Whatsapp | ChannelName::Messenger => true,
        ChannelName::Instagram => !config.other_external_id.is_empty(),
        _ => false,
    };
    knows_all && !named.is_empty() && !config.external_id.is_empty() && !config.is_called(named)
}

/// Stores one event. Platforms deliver again what we could not store, and what we have already is recognised.
pub async fn take_in(app: &App, account: &OpenAccount, event: Event) -> Result<(), Problem> {
    match event {
        Event::Message(message) if message.thread.is_empty() => {
            crate::account_news::heard(app, account, &message).await.map_err(|error| {
                tracing::error!(%error, "news of a channel account cannot be acted on");
                Problem::unavailable()
            })?;
            app.store.keep_account_event(account.tenant.clone(), account.id.clone(), *message).await?;
        }
        Event::Message(message) => take_message(app, account, *message).await?,
        Event::Echo(mut echo) => {
            if !echo.ours
                && let Some(mark) = crate::deliver::mark_of(app, account, &echo.message).await?
            {
                (echo.ours, echo.correlation) = (true, Some(mark));
            }
            let (tenant, id) = (account.tenant.clone(), account.id.clone());
            if !echo.ours
                && let Some(change) = MessageChange::of_colleague(&echo.message)
            {
                app.store.change_message(tenant.clone(), id.clone(), change).await?;
            }
            if app.store.record_echo(tenant, id, (*echo).clone(), false).await? == Echoed::TooEarly {
                crate::jobs::ask_echo(app, account, *echo).await.map_err(|error| {
                    tracing::error!(%error, "an echo cannot be put off");
                    Problem::unavailable()
                })?;
            }
        }
        Event::Receipt(receipt) => app.store.record_receipt(&account.tenant, &account.id, receipt).await?,
        Event::Typing { thread } => {
            if let Some(conversation) =
                app.store.conversation_of_thread(&account.tenant, &account.id, &thread).await?
            {
                app.live.glimpse(crate::live::Glimpse::CustomerTyping {
                    tenant: account.tenant.clone(),
                    conversation: conversation.id,
                });
            }
        }
    }
    Ok(())
}

/// A reaction, an edit or an unsend changes the message that it names, too. It is done again when the platform delivers
/// it again, so a crash between the two commits is mended by the redelivery.
async fn take_message(app: &App, account: &OpenAccount, mut message: InboundMessage) -> Result<(), Problem> {
    know_sender(app, account, &mut message).await?;
    crate::links::veil(app, account, &mut message).await?;
    // LINE says with each event whether people answer in its own manager. Ours again, the bot hears this message already.
    let standby = (account.name == ChannelName::Line).then_some(message.standby);
    if standby == Some(false) {
        app.store.note_standby(&account.tenant, (&account.id, &message.thread), false).await?;
    }
    let Some(change) = judged(app, account, &mut message).await? else { return Ok(()) };
    let stopped = match &message.content {
        Content::Stopped => Some(true),
        Content::Started { .. } => Some(false),
        _ => None,
    };
    let stopped = stopped.map(|stopped| (message.sender.external_id.clone(), stopped));
    let left = matches!(&message.content, Content::Notice { notice } if notice.kind == NoticeKind::Left);
    let thread = message.thread.clone();
    let nameless = message.sender.display_name.is_none() && !message.group && !message.thread.is_empty();
    let nameless = nameless.then(|| message.sender.external_id.clone());
    let file = crate::media::elsewhere(&message.content).map(|_| message.external_id.clone());
    let (tenant, id) = (account.tenant.clone(), account.id.clone());
    let ingest =
        Ingest { tenant: tenant.clone(), account: id.clone(), channel: account.name.as_str(), message };
    app.store.ingest(ingest).await?;
    if standby == Some(true) {
        app.store.note_standby(&account.tenant, (&account.id, &thread), true).await?;
    }
    if let Some(change) = change {
        app.store.change_message(tenant, id, change).await?;
    }
    if let Some((person, stopped)) = stopped {
        app.store.note_stopped(&account.tenant, &account.id, &person, stopped).await?;
    }
    if left {
        close(app, account, &thread).await?;
    }
    if let Some(person) = nameless
        && let Err(error) = crate::profiles::ask(app, account, &person).await
    {
        // A name is a comfort: the message counts without it.
        tracing::warn!(%error, "a name cannot be asked for");
    }
    if let Some(external_id) = file {
        crate::media::ask(app, account, &external_id).await.map_err(|error| {
            tracing::error!(%error, "a file cannot be asked for");
            Problem::unavailable()
        })?;
    }
    Ok(())
}

/// Learns who writes: under which of their ids they are known, their number and user name, the names of a group and of
/// who speaks in it.
async fn know_sender(app: &App, account: &OpenAccount, message: &mut InboundMessage) -> Result<(), Problem> {
    let sender = &message.sender;
    let has_aliases = account.name == ChannelName::Whatsapp || !sender.also.is_empty();
    let tells_more = sender.username.is_some() || sender.phone.is_some();
    if (has_aliases || tells_more) && !message.group {
        let known = app.store.settle_identity(&account.tenant, &account.id, message).await?;
        if has_aliases {
            message.thread.clone_from(&known);
            message.sender.external_id = known;
        }
    }
    if message.group && message.sender.display_name.is_none() {
        let (thread, external_id) = (message.thread.clone(), message.sender.external_id.clone());
        let known = crate::profiles::in_group(app, account, &GroupMember { thread, external_id }).await;
        // A name is a comfort: the message counts without it.
        message.sender.display_name = known.unwrap_or_default();
    }
    if message.group
        && let Err(error) = crate::profiles::of_group(app, account, &message.thread).await
    {
        tracing::warn!(%error, "a group's name cannot be asked for");
    }
    Ok(())
}

/// The change that a message is, if it may be made. One that names what somebody else wrote, or wrote elsewhere, is kept
/// as an unknown one and changes nothing. None where it was told before.
async fn judged(
    app: &App,
    account: &OpenAccount,
    message: &mut InboundMessage,
) -> Result<Option<Option<MessageChange>>, Problem> {
    let Some(change) = MessageChange::of(message) else { return Ok(Some(None)) };
    match app.store.judge_change(&account.tenant, &account.id, &change).await? {
        ChangeJudged::Open => Ok(Some(Some(change))),
        ChangeJudged::Told => Ok(None),
        ChangeJudged::Foreign => {
            metrics::counter!("sala_changes_refused_total", "channel" => account.name.as_str()).increment(1);
            message.content = Content::Unknown { kind: "change".to_owned() };
            Ok(Some(None))
        }
    }
}

/// Nobody can be answered in a group that put us out.
async fn close(app: &App, account: &OpenAccount, thread: &str) -> Result<(), Problem> {
    let found = app.store.conversation_of_thread(&account.tenant, &account.id, thread).await?;
    if let Some(conversation) = found {
        app.store.change_control(&account.tenant, &conversation.id, ControlChange::Resolve).await?;
    }
    Ok(())
}

/// A handshake asks whether it may: it is forbidden. A call that proves nothing is unauthorised.
fn refuse(account: &OpenAccount, method: HttpMethod, refusal: Refusal) -> Response {
    match refusal {
        Refusal::Unverified => {
            count(account, "unverified");
            metrics::counter!("sala_signature_invalid_total", "channel" => account.name.as_str())
                .increment(1);
            let is_handshake = method == HttpMethod::Get;
            let status = if is_handshake { StatusCode::FORBIDDEN } else { StatusCode::UNAUTHORIZED };
            (status, "").into_response()
        }
        Refusal::Malformed => {
            count(account, "malformed");
            Problem::malformed().into_response()
        }
        Refusal::TooLong => {
            count(account, "too_long");
            Problem::too_large().into_response()
        }
    }
}

fn count(account: &OpenAccount, outcome: &'static str) {
    metrics::counter!("sala_webhook_received_total", "channel" => account.name.as_str(), "outcome" => outcome)
        .increment(1);
}
