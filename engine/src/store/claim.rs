//! Claiming ready conversations under a lease with a fencing token.

use channels::InboundMessage;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::conversations::Control;
use super::lock_order::Touched;
use super::{Dialect, Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ConversationId, MessageId, PersonId, RowId, TenantId};

/// The right to take turns in one conversation until `until`. `token` fences off whoever held it before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub tenant: TenantId,
    pub conversation: ConversationId,
    pub token: i64,
    /// The wake-up seen at the claim: a newer one keeps the conversation ready.
    pub gen_seen: i64,
}

/// A message that waits to be heard.
#[derive(Clone, Debug)]
pub struct PendingMessage {
    pub inbound: RowId,
    pub turn: i64,
    pub message: MessageId,
    pub inbound_message: InboundMessage,
    pub attempts: i64,
    pub accepted_at: Micros,
}

/// A claimed conversation with everything a turn needs.
#[derive(Clone, Debug)]
pub struct Claimed {
    pub lease: Lease,
    pub channel_account: String,
    pub channel: String,
    pub thread: String,
    pub person: PersonId,
    pub control: Control,
    pub language: Option<String>,
    /// The dialogue's state as JSON; empty at first.
    pub state: String,
    pub done_turn: i64,
    pub pending: Vec<PendingMessage>,
}

impl Store {
    /// Takes up to `limit` ready conversations that nobody holds.
    pub async fn claim(&self, node: &str, limit: i64, lease_millis: u64) -> Result<Vec<Claimed>, StoreError> {
        self.write(Claim { node: node.to_owned(), limit, lease_millis }).await
    }

    /// Gives a conversation back. It stays ready when something came after the claim or is still pending.
    pub async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        self.write(Release(lease)).await
    }

    /// Gives a conversation back unfinished: it is claimed again after `millis`.
    pub async fn retry_later(&self, lease: Lease, millis: u64) -> Result<(), StoreError> {
        self.write(RetryLater { lease, millis }).await
    }

    /// Wakes conversations with a message older than `age_millis` that nobody was told of. It should find none; each
    /// one found is a bug that is counted.
    pub async fn sweep(&self, age_millis: i64) -> Result<u64, StoreError> {
        let found = self.write(Sweep { age_millis }).await?;
        metrics::counter!("sala_sweeper_rescued_total").increment(found);
        Ok(found)
    }
}

struct Claim {
    node: String,
    limit: i64,
    lease_millis: u64,
}

impl WriteOp for Claim {
    type Output = Vec<Claimed>;

    fn tenants(&self) -> Vec<TenantId> {
        Vec::new()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Vec<Claimed>, StoreError> {
        // Messages taken in by this very batch are claimable, so they must be there to be read.
        batch.inbound.flush(batch.connection).await?;
        let candidates = self.candidates(batch).await?;
        batch.admit(candidates.iter().map(|(tenant, _, _)| tenant.clone())).await?;
        let mut claimed = Vec::with_capacity(candidates.len());
        for (tenant, conversation, gen_seen) in candidates {
            if let Some(mut one) = self.take(batch, &tenant, &conversation, gen_seen).await? {
                one.pending = pending(batch, &tenant, &conversation, one.done_turn).await?;
                claimed.push(one);
            }
        }
        Ok(claimed)
    }
}

impl Claim {
    /// Ids only, of conversations that nobody else is changing: a claim never waits. What they are about is read by later statements, which see what other workers have committed since.
    async fn candidates(
        &self,
        batch: &mut Batch<'_>,
    ) -> Result<Vec<(TenantId, ConversationId, i64)>, StoreError> {
        let sql = match batch.dialect {
            Dialect::Sqlite => {
                "SELECT r.tenant_id, r.conversation_id, r.gen FROM ready r JOIN conversations c \
                 ON c.tenant_id = r.tenant_id AND c.id = r.conversation_id \
                 WHERE c.lease_until < $1 ORDER BY r.ready_at LIMIT $2"
            }
            Dialect::Postgres => {
                "SELECT r.tenant_id, r.conversation_id, r.gen FROM ready r JOIN conversations c \
                 ON c.tenant_id = r.tenant_id AND c.id = r.conversation_id \
                 WHERE c.lease_until < $1 ORDER BY r.ready_at LIMIT $2 FOR NO KEY UPDATE OF c SKIP LOCKED"
            }
        };
        as_claimer(batch, true).await?;
        let rows =
            sqlx::query(sql).bind(batch.now().0).bind(self.limit).fetch_all(&mut *batch.connection).await?;
        as_claimer(batch, false).await?;
        rows.iter()
            .map(|row| {
                Ok((
                    TenantId::from_text(row.try_get::<String, _>(0)?),
                    ConversationId::from_text(row.try_get::<String, _>(1)?),
                    row.try_get(2)?,
                ))
            })
            .collect()
    }

    /// The guard: the lease is checked again here, whatever the candidates' snapshot said.
    async fn take(
        &self,
        batch: &mut Batch<'_>,
        tenant: &TenantId,
        conversation: &ConversationId,
        gen_seen: i64,
    ) -> Result<Option<Claimed>, StoreError> {
        let now = batch.now();
        let row = sqlx::query(
            "UPDATE conversations SET lease_node = $1, lease_token = lease_token + 1, lease_until = $2 \
             WHERE tenant_id = $3 AND id = $4 AND lease_until < $5 \
             RETURNING lease_token, channel_account_id, channel, thread, person_id, control, control_ref, language, state, \
             done_turn",
        )
        .bind(self.node.clone())
        .bind(now.plus_millis(self.lease_millis).0)
        .bind(tenant.as_str().to_owned())
        .bind(conversation.as_str().to_owned())
        .bind(now.0)
        .fetch_optional(&mut *batch.connection)
        .await?;
        row.map(|row| {
            let lease = Lease {
                tenant: tenant.clone(),
                conversation: conversation.clone(),
                token: row.try_get(0)?,
                gen_seen,
            };
            Ok(Claimed {
                lease,
                channel_account: row.try_get(1)?,
                channel: row.try_get(2)?,
                thread: row.try_get(3)?,
                person: PersonId::from_text(row.try_get::<String, _>(4)?),
                control: Control::parse(&row.try_get::<String, _>(5)?, row.try_get(6)?, None),
                language: row.try_get(7)?,
                state: row.try_get(8)?,
                done_turn: row.try_get(9)?,
                pending: Vec::new(),
            })
        })
        .transpose()
    }
}

/// Works as the role that sees every tenant's ids, or as the application again.
pub(super) async fn as_claimer(batch: &mut Batch<'_>, claimer: bool) -> Result<(), StoreError> {
    if batch.dialect == Dialect::Postgres {
        let sql = if claimer { "SET LOCAL ROLE sala_claim" } else { "SET LOCAL ROLE sala_app" };
        sqlx::query(sql).execute(&mut *batch.connection).await?;
    }
    Ok(())
}

/// A few messages at a time: a conversation with thousands waiting does not keep a worker for long.
const PENDING: i64 = 20;

/// The attempt at the first message is counted here, before it is tried, so that one that kills the process is noticed.
async fn pending(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    conversation: &ConversationId,
    done_turn: i64,
) -> Result<Vec<PendingMessage>, StoreError> {
    sqlx::query(
        "UPDATE inbound SET attempts = attempts + 1 \
         WHERE tenant_id = $1 AND conversation_id = $2 AND turn = $3 AND state = 'pending'",
    )
    .bind(tenant.as_str().to_owned())
    .bind(conversation.as_str().to_owned())
    .bind(done_turn + 1)
    .execute(&mut *batch.connection)
    .await?;
    let rows = sqlx::query(
        "SELECT id, turn, message_id, payload, attempts, accepted_at FROM inbound \
         WHERE tenant_id = $1 AND conversation_id = $2 AND state = 'pending' ORDER BY turn LIMIT $3",
    )
    .bind(tenant.as_str().to_owned())
    .bind(conversation.as_str().to_owned())
    .bind(PENDING)
    .fetch_all(&mut *batch.connection)
    .await?;
    rows.iter()
        .map(|row| {
            let payload: String = row.try_get(3)?;
            Ok(PendingMessage {
                inbound: RowId::from_text(row.try_get::<String, _>(0)?),
                turn: row.try_get(1)?,
                message: MessageId::from_text(row.try_get::<String, _>(2)?),
                inbound_message: serde_json::from_str(&payload)
                    .map_err(StoreError::corrupt("inbound message"))?,
                attempts: row.try_get(4)?,
                accepted_at: Micros(row.try_get(5)?),
            })
        })
        .collect()
}

struct Release(Lease);

impl WriteOp for Release {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.0.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        vec![Touched::Conversation {
            tenant: self.0.tenant.clone(),
            conversation: self.0.conversation.clone(),
        }]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        release(batch, &self.0).await
    }
}

pub(super) async fn release(batch: &mut Batch<'_>, lease: &Lease) -> Result<(), StoreError> {
    let held = sqlx::query(
        "UPDATE conversations SET lease_until = 0 WHERE tenant_id = $1 AND id = $2 AND lease_token = $3",
    )
    .bind(lease.tenant.as_str().to_owned())
    .bind(lease.conversation.as_str().to_owned())
    .bind(lease.token)
    .execute(&mut *batch.connection)
    .await?
    .rows_affected();
    if held == 0 {
        return Err(StoreError::Fenced);
    }
    let forgotten = sqlx::query(
        "DELETE FROM ready WHERE tenant_id = $1 AND conversation_id = $2 AND gen = $3 AND NOT EXISTS \
         (SELECT 1 FROM inbound i WHERE i.tenant_id = $1 AND i.conversation_id = $2 AND i.state = 'pending')",
    )
    .bind(lease.tenant.as_str().to_owned())
    .bind(lease.conversation.as_str().to_owned())
    .bind(lease.gen_seen)
    .execute(&mut *batch.connection)
    .await?
    .rows_affected();
    // Something came meanwhile: whoever claims next should look at once.
    batch.made_ready |= forgotten == 0;
    Ok(())
}

struct RetryLater {
    lease: Lease,
    millis: u64,
}

impl WriteOp for RetryLater {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.lease.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        vec![Touched::Conversation {
            tenant: self.lease.tenant.clone(),
            conversation: self.lease.conversation.clone(),
        }]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let until = batch.now().plus_millis(self.millis);
        sqlx::query(
            "UPDATE conversations SET lease_until = $1 WHERE tenant_id = $2 AND id = $3 AND lease_token = $4",
        )
        .bind(until.0)
        .bind(self.lease.tenant.as_str().to_owned())
        .bind(self.lease.conversation.as_str().to_owned())
        .bind(self.lease.token)
        .execute(&mut *batch.connection)
        .await?;
        Ok(())
    }
}

struct Sweep {
    age_millis: i64,
}

impl WriteOp for Sweep {
    type Output = u64;

    fn tenants(&self) -> Vec<TenantId> {
        Vec::new()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<u64, StoreError> {
        let before = batch.now().0 - self.age_millis * 1000;
        as_claimer(batch, true).await?;
        let rows = sqlx::query(
            "SELECT DISTINCT i.tenant_id, i.conversation_id FROM inbound i WHERE i.state = 'pending' AND i.accepted_at < $1 \
             AND NOT EXISTS (SELECT 1 FROM ready r WHERE r.tenant_id = i.tenant_id AND r.conversation_id = i.conversation_id) \
             LIMIT 100",
        )
        .bind(before)
        .fetch_all(&mut *batch.connection)
        .await?;
        as_claimer(batch, false).await?;
        let now = batch.now();
        for row in &rows {
            let tenant = TenantId::from_text(row.try_get::<String, _>(0)?);
            let conversation = ConversationId::from_text(row.try_get::<String, _>(1)?);
            batch.admit([tenant.clone()]).await?;
            super::ingest::wake(batch, &tenant, &conversation, now).await?;
        }
        Ok(rows.len() as u64)
    }
}
