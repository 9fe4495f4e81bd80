//! Delivering replies: plan within the platform's limits, send, and settle what came of it.

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use channels::{HttpMethod, HttpResponse, PlatformRequest, Receipt, SendError, Transport};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::safe_http::{OutgoingError, OutgoingRequest};
use crate::store::{OutboxOutcome, OutboxRow};

const POLL: Duration = Duration::from_millis(500);
const LEASE_MILLIS: u64 = 60_000;
/// The first wait after a failure; each further one is twice as long, up to the longest.
const FIRST_WAIT_MILLIS: u64 = 500;
const LONGEST_WAIT_MILLIS: u64 = 600_000;

/// Runs until the app is closing, then finishes what is under way.
pub async fn run(app: App) {
    let senders = Arc::new(Semaphore::new(app.config.outbox.senders));
    let waiting = app.store.outbox_signal();
    let mut tasks = JoinSet::new();
    while !app.is_closing() {
        while tasks.try_join_next().is_some() {}
        let free = i64::try_from(senders.available_permits()).unwrap_or_default();
        let rows = if free == 0 { Ok(Vec::new()) } else { app.store.claim_outbox(free, LEASE_MILLIS).await };
        let rows = rows.unwrap_or_else(|error| {
            tracing::warn!(%error, "replies cannot be claimed; trying again");
            Vec::new()
        });
        if rows.is_empty() {
            tokio::select! {
                () = waiting.notified() => {}
                () = tokio::time::sleep(POLL) => {}
                () = app.closing() => {}
            }
            continue;
        }
        for row in rows {
            let Ok(permit) = Arc::clone(&senders).acquire_owned().await else { return };
            let app = app.clone();
            tasks.spawn(async move {
                deliver(&app, row).await;
                drop(permit);
                // The next reply of the conversation may go now.
                app.store.outbox_signal().notify_one();
            });
        }
    }
    while tasks.join_next().await.is_some() {}
}

async fn deliver(app: &App, row: OutboxRow) {
    let outcome = match app.accounts.find(&row.account).await {
        Some(account) => send(app, &account, &row).await,
        None => {
            OutboxOutcome::Parked { progress: row.progress, error: "the channel account is gone".to_owned() }
        }
    };
    let name = match &outcome {
        OutboxOutcome::Sent { .. } => "sent",
        OutboxOutcome::Again { .. } => "again",
        OutboxOutcome::Parked { .. } => "parked",
    };
    metrics::counter!("sala_outbound_attempts_total", "outcome" => name).increment(1);
    fail::fail_point!("outbox.before_mark_sent");
    if let Err(error) = app.store.settle_outbox(&row, outcome).await {
        tracing::warn!(%error, "a reply's outcome cannot be stored; its lease will end");
    }
}

/// Sends what the platform has not accepted yet, in order.
async fn send(app: &App, account: &OpenAccount, row: &OutboxRow) -> OutboxOutcome {
    let plan = account.adapter.plan(&account.config, &row.destination, &row.reply);
    let mut progress = row.progress;
    let mut external_id = None;
    for request in plan.requests.iter().skip(usize::try_from(progress).unwrap_or_default()) {
        fail::fail_point!("outbox.before_send");
        match attempt(app, account, request).await {
            Ok(receipt) => {
                external_id.get_or_insert(receipt.external_id);
                progress += 1;
            }
            Err(error) => return failed(app, row, progress, error),
        }
        fail::fail_point!("outbox.after_send");
    }
    let latency = app.store.clock().now().0 - row.created_at.0;
    metrics::histogram!("sala_outbound_latency_seconds").record(latency as f64 / 1e6);
    OutboxOutcome::Sent { external_id: external_id.filter(|id| !id.is_empty()) }
}

async fn attempt(app: &App, account: &OpenAccount, request: &PlatformRequest) -> Result<Receipt, SendError> {
    let Transport::Http { method, url, headers } = &request.transport else {
        // The event log is the delivery of live channels; such a reply has no outbox row.
        return Ok(Receipt { external_id: String::new(), state: channels::ReceiptState::Sent, reason: None });
    };
    let mut all = vec![("content-type".to_owned(), "application/json".to_owned())];
    all.extend(headers.iter().map(|(name, value)| (name.clone(), account.config.fill_secrets(value))));
    let outgoing = OutgoingRequest {
        method: match method {
            HttpMethod::Get => Method::GET,
            HttpMethod::Post => Method::POST,
            HttpMethod::Put => Method::PUT,
            HttpMethod::Delete => Method::DELETE,
        },
        url: account.config.fill_secrets(url),
        headers: all,
        body: request.body.to_string().into_bytes(),
        timeout: None,
        max_body: None,
    };
    let response = app.http.send(outgoing).await.map_err(|error| {
        let reason = error.to_string();
        match error {
            OutgoingError::Blocked { .. } => SendError::Refused {
                code: "blocked".to_owned(),
                reason,
                advice: "check the channel account's address and the outgoing networks in the settings"
                    .to_owned(),
            },
            error if error.may_have_been_received() => SendError::Ambiguous { reason },
            _ => SendError::Retry { after_ms: None, reason },
        }
    })?;
    let answer = HttpResponse { status: response.status, headers: response.headers, body: &response.body };
    account.adapter.outcome(request, &answer)
}

fn failed(app: &App, row: &OutboxRow, progress: i64, error: SendError) -> OutboxOutcome {
    let now = app.store.clock().now();
    let spent = row.attempts >= app.config.outbox.attempts;
    let wait = wait_millis(row.attempts);
    match error {
        SendError::Refused { reason, advice, .. } => {
            metrics::counter!("sala_parked_total", "kind" => "outbox").increment(1);
            OutboxOutcome::Parked { progress, error: format!("{reason} ({advice})") }
        }
        SendError::Retry { reason, .. } | SendError::Ambiguous { reason } if spent => {
            metrics::counter!("sala_parked_total", "kind" => "outbox").increment(1);
            OutboxOutcome::Parked { progress, error: reason }
        }
        SendError::Retry { after_ms, reason } => OutboxOutcome::Again {
            at: now.plus_millis(after_ms.unwrap_or(wait).min(LONGEST_WAIT_MILLIS)),
            progress,
            ambiguous: false,
            error: reason,
        },
        SendError::Ambiguous { reason } => {
            OutboxOutcome::Again { at: now.plus_millis(wait), progress, ambiguous: true, error: reason }
        }
    }
}

fn wait_millis(attempts: i64) -> u64 {
    let doublings = u32::try_from(attempts.clamp(1, 16) - 1).unwrap_or_default();
    (FIRST_WAIT_MILLIS << doublings).min(LONGEST_WAIT_MILLIS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_ten_minutes() {
        for (attempts, millis) in
            [(1, 500), (2, 1000), (4, 4000), (11, 512_000), (12, 600_000), (500, 600_000)]
        {
            assert_eq!(wait_millis(attempts), millis);
        }
    }
}
