//! Messages that nobody can answer: put back for a while, then set aside with the reason, to be seen.

use crate::app::App;
use crate::clock::Micros;
use crate::store::{Claimed, PendingMessage, StoreError, TurnCommit};

/// How often it is looked whether somebody answers again, and how old a message becomes until it is set aside.
const NOBODY_MILLIS: u64 = 5_000;
const NOBODY_MICROS: i64 = 60 * Micros::SECOND;

/// Nobody can answer now. That may pass; what has waited for a minute is set aside with the reason, to be seen and heard
/// again once it is mended.
pub(super) async fn nobody_answers(
    app: &App,
    claimed: Claimed,
    pending: Vec<PendingMessage>,
    reason: &str,
) -> Result<(), StoreError> {
    tracing::error!(account = %claimed.channel_account, reason, "nobody answers on this channel account");
    let Some(first) = pending.first() else { return Ok(()) };
    if app.store.clock().now().0 - first.accepted_at.0 >= NOBODY_MICROS {
        return park_all(app, claimed, pending, reason).await;
    }
    app.store.put_back(claimed.lease, NOBODY_MILLIS, &first.inbound).await
}

/// Sets aside what waits in a conversation in which nobody will answer, to be seen.
pub(super) async fn park_all(
    app: &App,
    mut claimed: Claimed,
    pending: Vec<PendingMessage>,
    reason: &str,
) -> Result<(), StoreError> {
    let count = pending.len();
    for (index, message) in pending.into_iter().enumerate() {
        park(app, &mut claimed, &message, reason, index + 1 == count).await?;
    }
    Ok(())
}

/// Sets a message aside with its reason; the conversation goes on with the next one.
pub(super) async fn park(
    app: &App,
    claimed: &mut Claimed,
    message: &PendingMessage,
    reason: &str,
    last: bool,
) -> Result<bool, StoreError> {
    tracing::error!(conversation.id = %claimed.lease.conversation, reason, "a message was parked");
    metrics::counter!("sala_parked_total", "kind" => "inbound").increment(1);
    let view = crate::turn_record::parked(message.turn, &message.message, app.store.clock().now(), reason);
    let commit = TurnCommit {
        lease: claimed.lease.clone(),
        inbound: message.inbound.clone(),
        message: message.message.clone(),
        turn: message.turn,
        state: claimed.state.clone(),
        language: None,
        intent: None,
        sentiment: None,
        urgent: false,
        toxic: false,
        decision: "parked".to_owned(),
        record: view.to_string(),
        view: view.to_string(),
        replies: Vec::new(),
        handoff: None,
        remember: None,
        jobs: Vec::new(),
        moved: None,
        came: None,
        parked: Some(reason.to_owned()),
        last,
    };
    app.store.commit_turn(commit).await?;
    claimed.done_turn = message.turn;
    Ok(true)
}
