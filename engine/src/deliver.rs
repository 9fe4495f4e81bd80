//! Delivering replies: plan within the platform's limits, send, and settle what came of it.

use std::sync::Arc;
use std::time::Duration;

use channels::{
    Advice, Content, Cost, Destination, HttpResponse, InboundMessage, Part, PlatformRequest, Receipt,
    SendError, Transport,
};
use futures_util::future::join_all;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::approved::Resolved;
use crate::platform::{CallLimits, call};
use crate::signs::QUIET;
use crate::store::{OutboxAttempt, OutboxOutcome, OutboxRow, StoreError};
use crate::window::Standing;

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

/// Delivers what is due now, to the last that becomes due meanwhile; returns how many attempts that took. For those who
/// move the clock themselves: what is put off stays until they have moved it.
pub async fn deliver_due(app: &App) -> Result<usize, StoreError> {
    let most = i64::try_from(app.config.outbox.senders).unwrap_or(i64::MAX);
    let mut attempts = 0;
    loop {
        let rows = app.store.claim_outbox(most, LEASE_MILLIS).await?;
        if rows.is_empty() {
            return Ok(attempts);
        }
        attempts += rows.len();
        join_all(rows.into_iter().map(|row| deliver(app, row))).await;
    }
}

async fn deliver(app: &App, mut row: OutboxRow) {
    if let Err(error) = crate::links::veiled::open_row(app, &mut row).await {
        tracing::warn!(%error, "a reply cannot be read; its lease will end");
        return;
    }
    let mut taken = Taken::default();
    let outcome = match app.accounts.find(&row.account).await {
        Some(account) if !account.enabled => put_off(app, row.progress, OFF),
        Some(account) => {
            if let Some(refusal) = approve(app, &account, &mut row).await {
                refusal
            } else {
                row.reply = crate::pictures::hung(app, &account, &row.reply);
                send(app, &account, &row, &mut taken).await
            }
        }
        None => set_aside(&row, row.progress, "the channel account is gone".to_owned()),
    };
    let name = match &outcome {
        OutboxOutcome::Sent => "sent",
        OutboxOutcome::Again { .. } => "again",
        OutboxOutcome::PutOff { holds: true, .. } => "held",
        OutboxOutcome::PutOff { .. } => "put_off",
        OutboxOutcome::Uncertain { .. } => "uncertain",
        OutboxOutcome::Parked { .. } => "parked",
    };
    let pushes = taken.costs.iter().any(|(_, cost)| cost.billable);
    metrics::counter!("sala_outbound_attempts_total", "outcome" => name).increment(1);
    fail::fail_point!("outbox.before_mark_sent");
    let attempt = OutboxAttempt { outcome, ids: taken.ids, repeated: taken.repeated };
    if let Err(error) = app.store.settle_outbox_at_cost(&row, attempt, taken.costs).await {
        tracing::warn!(%error, "a reply's outcome cannot be stored; its lease will end");
    }
    if pushes {
        crate::quota::pushed(app, &row.tenant, &row.account).await;
    }
}

/// Not to be tried again by itself. What an earlier try may have brought to its person is no plain failure.
fn set_aside(row: &OutboxRow, progress: i64, error: String) -> OutboxOutcome {
    if row.ambiguous > 0 && progress == row.progress {
        OutboxOutcome::Uncertain { progress, error }
    } else {
        OutboxOutcome::Parked { progress, error }
    }
}

/// A refusal. What it finds wrong with the thread or the message itself was wrong at every earlier try, too: nothing can
/// have arrived. Otherwise the earlier try may have, and the reason says so.
fn refused(row: &OutboxRow, progress: i64, reason: &str, advice: &str) -> OutboxOutcome {
    const ALWAYS: [Advice; 5] = [
        Advice::CheckAddress,
        Advice::ChangeText,
        Advice::CheckFile,
        Advice::ChangeButtons,
        Advice::CheckTemplate,
    ];
    let error = format!("{reason} ({advice})");
    if ALWAYS.iter().any(|always| always.as_str() == advice) {
        return OutboxOutcome::Parked { progress, error };
    }
    match set_aside(row, progress, error) {
        OutboxOutcome::Uncertain { error, .. } if advice != Advice::SendNew.as_str() => {
            let error = format!("an earlier try may have arrived; this one was refused: {error}");
            OutboxOutcome::Uncertain { progress, error }
        }
        other => other,
    }
}

/// What the platform accepted in one attempt: what it calls the messages, and what they cost where its answer tells.
#[derive(Default)]
struct Taken {
    ids: Vec<String>,
    costs: Vec<(String, Cost)>,
    /// It accepted again what it may have accepted before.
    repeated: bool,
}

impl Taken {
    fn take(&mut self, receipt: Receipt) {
        let id = Some(receipt.external_id).filter(|id| !id.is_empty());
        self.costs.extend(id.clone().zip(receipt.cost));
        self.ids.extend(id.into_iter().chain(receipt.more));
    }
}

/// How long a reply is left alone that met a pace or an account that is switched off meanwhile; the claim leaves it alone
/// longer where it must.
const OFF: Duration = Duration::from_secs(1);

fn put_off(app: &App, progress: i64, wait: Duration) -> OutboxOutcome {
    let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
    let at = app.store.clock().now().plus_millis(millis.min(LONGEST_WAIT_MILLIS));
    OutboxOutcome::PutOff { at, progress, error: None, holds: false }
}

/// Puts the template that a reply names in its place where the window asks for it. What the window does not let through is
/// refused.
async fn approve(app: &App, account: &OpenAccount, row: &mut OutboxRow) -> Option<OutboxOutcome> {
    match crate::approved::resolve(app, account, row).await {
        Ok(Resolved::Words) => {}
        Ok(Resolved::Template(reply)) => row.reply = *reply,
        Ok(Resolved::Refused(reason)) => {
            metrics::counter!("sala_parked_total", "kind" => "outbox").increment(1);
            let error = format!("{reason} ({})", Advice::WaitForPerson.as_str());
            return Some(set_aside(row, row.progress, error));
        }
        Err(error) => {
            tracing::warn!(%error, "a reply's template cannot be looked up; trying again");
            return Some(put_off(app, row.progress, OFF));
        }
    }
    shut_window(app, account, row)
}

/// Not even tried when the platform's window is shut: it would be refused, and too many refusals count against us. What
/// everybody may read has no window.
fn shut_window(app: &App, account: &OpenAccount, row: &OutboxRow) -> Option<OutboxOutcome> {
    let now = app.store.clock().now();
    let is_template = row.reply.parts.iter().all(|part| matches!(part, Part::Template { .. }));
    let open = crate::window::standing(account.adapter.rules().window, row.heard_at, now);
    let (answer, public) = channels::PUBLIC_ANSWER;
    let is_public = row.destination.hint(answer) == Some(public);
    if is_public || open.lets_through(row.destination.human, is_template) {
        return None;
    }
    metrics::counter!("sala_parked_total", "kind" => "outbox").increment(1);
    let error = format!("the platform's window for answers has shut ({})", Advice::WaitForPerson.as_str());
    Some(set_aside(row, row.progress, error))
}

/// Sends what the platform has not accepted yet, in order. `taken` is what it accepts.
async fn send(app: &App, account: &Arc<OpenAccount>, row: &OutboxRow, taken: &mut Taken) -> OutboxOutcome {
    let to = destination(app, account, row);
    let plan = account.adapter.plan(&account.config, &to, &row.reply);
    let mut progress = row.progress;
    let done = usize::try_from(progress).unwrap_or_default();
    for (index, request) in plan.requests.iter().enumerate().skip(done) {
        if let Err(wait) = app.pace.admit(account, &to).await {
            show_typing(app, account, (&to, row), wait);
            return put_off(app, progress, wait);
        }
        fail::fail_point!("outbox.before_send");
        let outcome = match attempt(app, account, request).await {
            Err(error) => instead(app, account, (&to, row, index), request, error).await,
            sent => sent,
        };
        match outcome {
            Ok(receipt) => {
                taken.take(receipt);
                // The first request of a later try is the one of which nobody knew.
                taken.repeated |=
                    row.ambiguous > 0 && index == done && !account.adapter.rules().knows_repeats;
                progress += 1;
            }
            Err(error) => {
                let outcome = failed(app, row, progress, error);
                if matches!(outcome, OutboxOutcome::PutOff { holds: true, .. }) {
                    metrics::counter!("sala_channel_held_total", "channel" => account.name.as_str())
                        .increment(1);
                }
                return outcome;
            }
        }
        fail::fail_point!("outbox.after_send");
    }
    let latency = app.store.clock().now().0 - row.created_at.0;
    metrics::histogram!("sala_outbound_latency_seconds").record(latency as f64 / 1e6);
    OutboxOutcome::Sent
}

/// A wait that is worth a sign is shown as typing, but not below a post, where everybody reads.
fn show_typing(app: &App, account: &Arc<OpenAccount>, (to, row): (&Destination, &OutboxRow), wait: Duration) {
    let (answer, public) = channels::PUBLIC_ANSWER;
    if wait >= QUIET && row.destination.hint(answer) != Some(public) {
        crate::signs::typing(app, account, to);
    }
}

/// Where and for when a reply is planned. One that may have arrived is planned as it was: said in another way it could be
/// said twice.
fn destination(app: &App, account: &OpenAccount, row: &OutboxRow) -> Destination {
    let mut to = row.destination.clone();
    to.correlation = Some(row.id.as_str().to_owned());
    to.now = row.planned_at.0;
    let window =
        crate::window::standing(account.adapter.rules().window, row.heard_at, app.store.clock().now());
    if matches!(window, Standing::Open { .. }) {
        to.hints.push(("window".to_owned(), "open".to_owned()));
    }
    to
}

/// The other way of saying the same that a platform has for a refused request (LINE's push for a reply). After an attempt
/// of unknown outcome the refusal means that the first one arrived, as long as its token would be good but for that.
/// Later nobody can tell.
async fn instead(
    app: &App,
    account: &OpenAccount,
    (to, row, index): (&Destination, &OutboxRow, usize),
    request: &PlatformRequest,
    error: SendError,
) -> Result<Receipt, SendError> {
    let is_refused = matches!(&error, SendError::Refused { code, .. } if code == "reply_token");
    let other = account.adapter.fallback(&account.config, to, request).filter(|_| is_refused);
    let Some(other) = other else { return Err(error) };
    if row.ambiguous == 0 {
        metrics::counter!("sala_outbound_fallback_total", "channel" => account.name.as_str()).increment(1);
        return attempt(app, account, &other).await;
    }
    let today = Destination { now: app.store.clock().now().0, ..to.clone() };
    let planned = account.adapter.plan(&account.config, &today, &row.reply);
    if planned.requests.get(index) == Some(request) {
        return Ok(Receipt::sent(""));
    }
    Err(SendError::Refused {
        code: "unknown".to_owned(),
        reason: "nobody knows whether an earlier try of this message arrived".to_owned(),
        advice: Advice::SendNew.as_str().to_owned(),
    })
}

async fn attempt(app: &App, account: &OpenAccount, request: &PlatformRequest) -> Result<Receipt, SendError> {
    if matches!(request.transport, Transport::Live { .. }) {
        // The event log is the delivery of live channels; such a reply has no outbox row.
        return Ok(Receipt::sent(""));
    }
    let response = call(app, account, request, CallLimits::default()).await?;
    let answer = HttpResponse { status: response.status, headers: response.headers, body: &response.body };
    account.adapter.outcome(request, &answer)
}

/// The mark of the request of ours that an echo without a mark shows again: platforms that carry no mark (Instagram) let us
/// know our own words only by what they say. None where nothing of ours says it.
pub async fn mark_of(
    app: &App,
    account: &OpenAccount,
    echo: &InboundMessage,
) -> Result<Option<String>, StoreError> {
    let words = match &echo.content {
        Content::Text { text } => Some(text.as_str()),
        _ => None,
    };
    let about = (echo.thread.as_str(), echo.external_id.as_str());
    for mut row in app.store.uncertain_sends(&account.tenant, &account.id, about).await? {
        crate::links::veiled::open_row(app, &mut row).await?;
        row.reply = crate::pictures::hung(app, account, &row.reply);
        let plan = account.adapter.plan(&account.config, &destination(app, account, &row), &row.reply);
        let says = |request: &PlatformRequest| {
            let said = request.body.pointer("/message/text").and_then(serde_json::Value::as_str);
            said == words && request.body.get("message").is_some()
        };
        if let Some(index) = plan.requests.iter().position(says) {
            return Ok(Some(channels::mark(row.id.as_str(), index)));
        }
    }
    Ok(None)
}

fn failed(app: &App, row: &OutboxRow, progress: i64, error: SendError) -> OutboxOutcome {
    let now = app.store.clock().now();
    let tries = row.attempts - row.deferred;
    let spent = tries >= app.config.outbox.attempts;
    let wait = wait_millis(tries);
    let ambiguous = matches!(error, SendError::Ambiguous { .. });
    match error {
        // The account itself is refused, not the message: every other one would be, too.
        SendError::Refused { reason, advice, .. } if advice == Advice::CheckToken.as_str() => {
            OutboxOutcome::PutOff { at: now, progress, error: Some(reason), holds: true }
        }
        SendError::Refused { reason, advice, .. } => {
            metrics::counter!("sala_parked_total", "kind" => "outbox").increment(1);
            refused(row, progress, &reason, &advice)
        }
        SendError::Retry { reason, .. } | SendError::Ambiguous { reason } if spent => {
            if ambiguous {
                metrics::counter!("sala_outbound_ambiguous_total").increment(1);
            }
            metrics::counter!("sala_parked_total", "kind" => "outbox").increment(1);
            if ambiguous {
                return OutboxOutcome::Uncertain { progress, error: reason };
            }
            set_aside(row, progress, reason)
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
    use crate::clock::Micros;
    use crate::ids::{ChannelAccountId, ConversationId, MessageId, RowId, TenantId};

    fn row(ambiguous: i64) -> OutboxRow {
        OutboxRow {
            tenant: TenantId::from_text("t"),
            id: RowId::from_text("o"),
            conversation: ConversationId::from_text("c"),
            message: MessageId::from_text("m"),
            account: ChannelAccountId::from_text("a"),
            destination: Destination::default(),
            reply: channels::Reply::default(),
            progress: 0,
            attempts: 1,
            created_at: Micros(0),
            ambiguous,
            planned_at: Micros(0),
            heard_at: Micros(0),
            deferred: 0,
        }
    }

    #[test]
    fn a_refusal_for_good_has_failed_whatever_an_earlier_try_met() {
        let check = |ambiguous: i64, advice: Advice, expected: Option<&str>| {
            let advice = advice.as_str();
            let told = match refused(&row(ambiguous), 0, "no", advice) {
                OutboxOutcome::Uncertain { error, .. } => Some(error),
                OutboxOutcome::Parked { error, .. } => {
                    assert_eq!(error, format!("no ({advice})"));
                    None
                }
                other => panic!("{other:?}"),
            };
            assert_eq!(told.as_deref(), expected, "{advice}");
        };
        check(1, Advice::CheckAddress, None);
        check(1, Advice::ChangeText, None);
        check(0, Advice::WaitForPerson, None);
        let both = "an earlier try may have arrived; this one was refused: no (wait-for-person)";
        check(1, Advice::WaitForPerson, Some(both));
        check(1, Advice::SendNew, Some("no (send-new)"));
    }

    #[test]
    fn waits_double_up_to_ten_minutes() {
        for (attempts, millis) in
            [(1, 500), (2, 1000), (4, 4000), (11, 512_000), (12, 600_000), (500, 600_000)]
        {
            assert_eq!(wait_millis(attempts), millis);
        }
    }
}
