//! Webhooks: verify, store in one commit, answer. Never a 200 before the commit.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use channels::{Event, HttpCall, HttpMethod, Received, Refusal};

use super::problem::Problem;
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::ids::ChannelAccountId;

/// Takes a platform's call for the channel account in the path.
pub(super) async fn receive(
    State(app): State<App>,
    Path(account): Path<ChannelAccountId>,
    (method, uri, headers): (Method, Uri, HeaderMap),
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
    if let Err(retry) = app.limits.webhook(account.id.as_str()) {
        return Problem::too_many(retry).into_response();
    }
    let response = match verify(&app, &account, &method, &uri, (&headers, &body)) {
        Ok(received) => store(&app, &account, received).await,
        Err(refusal) => refuse(&account, refusal),
    };
    metrics::histogram!("sala_webhook_ack_seconds").record(started.elapsed().as_secs_f64());
    response
}

fn verify(
    app: &App,
    account: &OpenAccount,
    method: &Method,
    uri: &Uri,
    (headers, body): (&HeaderMap, &Bytes),
) -> Result<Received, Refusal> {
    let call = HttpCall {
        method: if *method == Method::GET { HttpMethod::Get } else { HttpMethod::Post },
        query: url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        headers: headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect(),
        body,
        now: app.store.clock().now().0,
    };
    account.adapter.receive(&account.config, &call)
}

async fn store(app: &App, account: &OpenAccount, received: Received) -> Response {
    fail::fail_point!("webhook.after_verify");
    for event in received.events {
        if let Err(problem) = take_in(app, account, event).await {
            count(account, "unavailable");
            return problem.into_response();
        }
    }
    count(account, "accepted");
    received.answer.into_response()
}

/// Stores one event. Platforms deliver again what we could not store, and what we have already is recognised.
pub async fn take_in(app: &App, account: &OpenAccount, event: Event) -> Result<(), Problem> {
    match event {
        Event::Message(message) if message.thread.is_empty() => {
            app.store.keep_account_event(account.tenant.clone(), account.id.clone(), *message).await?;
        }
        Event::Message(message) => {
            app.store
                .ingest(crate::store::Ingest {
                    tenant: account.tenant.clone(),
                    account: account.id.clone(),
                    channel: account.name.as_str(),
                    message: *message,
                })
                .await?;
        }
        Event::Receipt(receipt) => app.store.record_receipt(&account.tenant, receipt).await?,
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

fn refuse(account: &OpenAccount, refusal: Refusal) -> Response {
    match refusal {
        Refusal::Unverified => {
            count(account, "unverified");
            metrics::counter!("sala_signature_invalid_total", "channel" => account.name.as_str())
                .increment(1);
            (StatusCode::UNAUTHORIZED, "").into_response()
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
