//! The outbox: replies that wait for a platform to take them.

mod claiming;
mod settling;

use channels::{Cost, Destination, HINTS_FOR_ONE_REPLY, Reply};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::batch::Batch;
use super::columns::Columns as _;
use super::messages::{self, Message};
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, ConversationId, MessageId, RowId, TenantId};
use claiming::ClaimOutbox;
use settling::Settle;

pub(super) const COLUMNS: &str = "tenant_id, id, conversation_id, channel_account_id, message_id, position, destination, \
                                  reply, progress, state, attempts, ambiguous, next_attempt_at, lease_until, created_at";

/// A reply to be delivered.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    pub tenant: TenantId,
    pub id: RowId,
    pub conversation: ConversationId,
    pub account: ChannelAccountId,
    pub message: MessageId,
    pub destination: Destination,
    pub reply: Reply,
    /// How many of the plan's requests the platform has already accepted.
    pub progress: i64,
    pub attempts: i64,
    pub created_at: Micros,
    /// Attempts whose outcome is not known.
    pub ambiguous: i64,
    /// The time for which the reply is planned: when this attempt began or, where an earlier one may have arrived, that one.
    pub planned_at: Micros,
    /// When the person last wrote; zero where that is not known.
    pub heard_at: Micros,
    /// Attempts of these that were put off without a try.
    pub deferred: i64,
}

/// What became of one attempt.
#[derive(Clone, Debug)]
pub enum OutboxOutcome {
    Sent,
    /// Try again at this time, from this request on. `ambiguous` when the platform may have accepted it.
    Again {
        at: Micros,
        progress: i64,
        ambiguous: bool,
        error: String,
    },
    /// Nothing was tried: later from this request on. `holds`: the platform refuses the account itself, so everything of
    /// it waits until the account is mended.
    PutOff {
        at: Micros,
        progress: i64,
        error: Option<String>,
        holds: bool,
    },
    /// It may have arrived, and it is not tried again: shown to people as such, who decide. What the platform tells later
    /// settles it.
    Uncertain {
        progress: i64,
        error: String,
    },
    /// It will not succeed: shown to people with the platform's reason.
    Parked {
        progress: i64,
        error: String,
    },
}

/// One attempt, and what the platform calls the messages that it accepted in it, in order.
#[derive(Clone, Debug)]
pub struct OutboxAttempt {
    pub outcome: OutboxOutcome,
    pub ids: Vec<String>,
    /// The platform accepted again what it may have accepted before: its person may read it twice.
    pub repeated: bool,
}

impl OutboxAttempt {
    /// Everything was accepted, under these ids.
    pub fn sent(ids: Vec<String>) -> Self {
        Self { outcome: OutboxOutcome::Sent, ids, repeated: false }
    }
}

impl From<OutboxOutcome> for OutboxAttempt {
    /// Nothing was accepted, or the platform gave it no id.
    fn from(outcome: OutboxOutcome) -> Self {
        Self { outcome, ids: Vec::new(), repeated: false }
    }
}

/// The destination of a reply from the conversation's thread and stored hints.
pub(super) fn destination(thread: &str, hints: &str) -> Destination {
    Destination { hints: serde_json::from_str(hints).unwrap_or_default(), ..Destination::thread(thread) }
}

/// Takes from a conversation the hints that the reply just pushed has for itself alone. Newer ones stay.
pub(super) async fn spend_hints(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    conversation: &ConversationId,
    hints: &str,
) -> Result<(), StoreError> {
    let held = destination("", hints);
    let kept = without_spent(&held);
    if kept.hints.len() == held.hints.len() {
        return Ok(());
    }
    let kept = serde_json::to_string(&kept.hints).map_err(StoreError::corrupt("hint"))?;
    let sql = "UPDATE conversations SET hints = $1 WHERE tenant_id = $2 AND id = $3 AND hints = $4";
    batch.later(sql, vec![kept.into(), tenant.into(), conversation.into(), hints.into()]).await
}

/// The destination for a further reply.
pub(super) fn without_spent(destination: &Destination) -> Destination {
    let mut left = destination.clone();
    left.hints.retain(|(name, _)| !HINTS_FOR_ONE_REPLY.contains(&name.as_str()));
    left
}

pub(super) fn push(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    message: &Message,
    account: &str,
    destination: &Destination,
) -> Result<(), StoreError> {
    let id: RowId = batch.new_id();
    let mut destination =
        Destination { human: message.author == messages::Author::Agent, ..destination.clone() };
    if message.body.answer == Some(messages::CommentAnswer::Public) {
        let (name, value) = channels::PUBLIC_ANSWER;
        destination.hints.push((name.to_owned(), value.to_owned()));
    }
    let reply = Reply {
        parts: message.body.parts.clone(),
        choices: message.body.choices.clone(),
        reply_to: message.body.quotes.as_ref().map(|quote| quote.external_id.clone()),
        template: message.body.template.clone(),
    };
    batch.outbox.push(vec![
        tenant.into(),
        (&id).into(),
        (&message.conversation).into(),
        account.into(),
        (&message.id).into(),
        message.seq.into(),
        serde_json::to_string(&destination).map_err(StoreError::corrupt("destination"))?.into(),
        serde_json::to_string(&reply).map_err(StoreError::corrupt("reply"))?.into(),
        0.into(),
        "pending".into(),
        0.into(),
        0.into(),
        message.at.into(),
        0.into(),
        message.at.into(),
    ]);
    Ok(())
}

impl Store {
    /// Takes replies that are due, in the order of their conversation: a reply waits for the one before it.
    pub async fn claim_outbox(&self, limit: i64, lease_millis: u64) -> Result<Vec<OutboxRow>, StoreError> {
        self.write(ClaimOutbox { limit, lease_millis }).await
    }

    pub async fn settle_outbox(
        &self,
        row: &OutboxRow,
        attempt: impl Into<OutboxAttempt>,
    ) -> Result<(), StoreError> {
        self.settle_outbox_at_cost(row, attempt, Vec::new()).await
    }

    /// The same where the platform's answer tells what its messages cost, by its ids of them.
    pub async fn settle_outbox_at_cost(
        &self,
        row: &OutboxRow,
        attempt: impl Into<OutboxAttempt>,
        costs: Vec<(String, Cost)>,
    ) -> Result<(), StoreError> {
        let OutboxAttempt { outcome, ids, repeated } = attempt.into();
        let settle = Settle {
            tenant: row.tenant.clone(),
            id: row.id.clone(),
            account: row.account.clone(),
            message: row.message.clone(),
            attempts: row.attempts,
            conversation: row.conversation.clone(),
            outcome,
            ids,
            repeated,
            costs,
        };
        self.write(settle).await
    }

    /// The replies to a thread of which an unknown message of our side may be a part, in order: those under way, those that
    /// may have arrived without our knowing, and those that went out within the last hour. None where the message is known.
    pub async fn uncertain_sends(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        (thread, external_id): (&str, &str),
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let of_thread = format!(
            "SELECT {ROW}, position FROM outbox WHERE tenant_id = $1 AND conversation_id IN (SELECT c.id \
             FROM conversations c WHERE c.tenant_id = $1 AND c.channel_account_id = $2 AND c.thread = $3) \
             AND NOT EXISTS (SELECT 1 FROM platform_messages p WHERE p.tenant_id = $1 \
             AND p.channel_account_id = $2 AND p.external_id = $4)"
        );
        let sql = format!(
            "{of_thread} AND state = 'pending' AND (ambiguous > 0 OR lease_until > 0) \
             UNION ALL {of_thread} AND state = 'sent' AND sent_at > $5 ORDER BY position"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.as_str().to_owned())
            .bind(account.as_str().to_owned())
            .bind(thread.to_owned())
            .bind(external_id.to_owned())
            .bind(self.clock().now().minus_micros(3_600 * Micros::SECOND).0)
            .fetch_all(&mut *connection)
            .await?;
        rows.iter().map(|row| read(row, tenant)).collect()
    }

    /// When the next reply can be claimed, if any waits: one that is due, leased to nobody and behind no other.
    pub async fn next_outbox_time(&self) -> Result<Option<Micros>, StoreError> {
        let mut transaction = self.claim_reader().await?;
        let row = sqlx::query(
            "SELECT MIN(CASE WHEN o.lease_until < o.next_attempt_at THEN o.next_attempt_at ELSE o.lease_until + 1 END) \
             FROM outbox o WHERE o.state = 'pending' AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.tenant_id = o.tenant_id \
             AND e.conversation_id = o.conversation_id AND e.state = 'pending' AND e.position < o.position) \
             AND NOT EXISTS (SELECT 1 FROM channel_accounts a WHERE a.tenant_id = o.tenant_id AND a.id = o.channel_account_id \
             AND a.removed_at IS NULL AND (a.enabled = 0 OR a.held_at IS NOT NULL))",
        )
        .fetch_one(&mut *transaction)
        .await?;
        row.maybe_time(0)
    }
}

/// What [`read`] reads.
const ROW: &str = "id, conversation_id, channel_account_id, message_id, destination, reply, progress, attempts, created_at, \
     (SELECT c.heard_at FROM conversations c WHERE c.tenant_id = outbox.tenant_id AND c.id = outbox.conversation_id), \
     ambiguous, planned_at, deferred";

fn read(row: &AnyRow, tenant: &TenantId) -> Result<OutboxRow, StoreError> {
    Ok(OutboxRow {
        tenant: tenant.clone(),
        id: row.id(0)?,
        conversation: row.id(1)?,
        account: row.id(2)?,
        message: row.id(3)?,
        destination: row.json(4, "destination")?,
        reply: row.json(5, "reply")?,
        progress: row.try_get(6)?,
        attempts: row.try_get(7)?,
        created_at: row.time(8)?,
        heard_at: Micros(row.try_get::<Option<i64>, _>(9)?.unwrap_or_default()),
        ambiguous: row.try_get(10)?,
        planned_at: row.time(11)?,
        deferred: row.try_get(12)?,
    })
}
