//! Claiming ready conversations under a lease with a fencing token.

use std::collections::HashMap;

use channels::InboundMessage;
use serde::Deserialize;
use serde_json::json;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::conversations::Control;
use super::json_rows::{Column, JsonRows};
use super::lock_order::Touched;
use super::rows::Value;
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
    /// How long it lasts from the claim, and again from each turn committed under it.
    pub millis: u64,
}

/// A message that waits to be heard.
#[derive(Clone, Debug)]
pub struct PendingMessage {
    pub inbound: RowId,
    pub turn: i64,
    pub message: MessageId,
    /// None where another version stored it in a form that this one cannot read.
    pub inbound_message: Option<InboundMessage>,
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
    /// What is remembered of the person, whichever conversation it was said in, as JSON.
    pub facts: String,
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
        self.write(RetryLater { lease, millis, untried: None }).await
    }

    /// The same where nothing was tried: the claim does not count as an attempt at this message.
    pub async fn put_back(&self, lease: Lease, millis: u64, inbound: &RowId) -> Result<(), StoreError> {
        self.write(RetryLater { lease, millis, untried: Some(inbound.clone()) }).await
    }

    /// Ends the leases of whoever held them before, so that no conversation, reply or job waits for a process that was
    /// killed. Only for the one process that serves a SQLite file: elsewhere another node may hold them still, and nothing
    /// happens.
    pub async fn end_leases(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) | Self::Memory(_) => self.write(EndLeases).await,
            Self::Postgres(_) => Ok(()),
        }
    }

    /// Wakes conversations with a message older than `age_millis` that nobody was told of. It should find none; each
    /// one found is a bug that is counted.
    pub async fn sweep(&self, age_millis: i64) -> Result<u64, StoreError> {
        let found = self.write(Sweep { age_millis }).await?;
        metrics::counter!("sala_sweeper_rescued_total").increment(found);
        Ok(found)
    }
}

pub(super) struct Claim {
    pub(super) node: String,
    pub(super) limit: i64,
    pub(super) lease_millis: u64,
}

impl WriteOp for Claim {
    type Output = Vec<Claimed>;

    fn tenants(&self) -> Vec<TenantId> {
        Vec::new()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Vec<Claimed>, StoreError> {
        // Messages taken in by this very batch are claimable, so they must be there to be read.
        batch.write_inbound().await?;
        let candidates = self.candidates(batch).await?;
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        batch.admit(candidates.iter().map(|(tenant, _, _)| tenant.clone())).await?;
        let mut claimed = self.take(batch, &candidates).await?;
        let mut turns = JsonRows::new(TURNS);
        for Claimed { lease, done_turn, .. } in &claimed {
            let (next, last) = (done_turn + 1, done_turn + PENDING);
            turns.push([json!(lease.tenant), json!(lease.conversation), json!(next), json!(last)]);
        }
        let mut pending = pending(batch, turns).await?;
        for one in &mut claimed {
            one.pending = pending.remove(&one.lease.conversation).unwrap_or_default();
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
        let order = match batch.dialect {
            Dialect::Sqlite => "ORDER BY r.ready_at LIMIT $2",
            Dialect::Postgres => "ORDER BY r.ready_at LIMIT $2 FOR NO KEY UPDATE OF c SKIP LOCKED",
        };
        let rest = format!(
            "FROM ready r JOIN conversations c ON c.tenant_id = r.tenant_id AND c.id = r.conversation_id \
             WHERE c.lease_until < $1 {order}"
        );
        let columns = ["r.tenant_id", "r.conversation_id", "r.gen", "r.ready_at"];
        let values = vec![batch.now().into(), self.limit.into()];
        as_claimer(batch, true).await?;
        let mut found: Vec<(TenantId, ConversationId, i64, i64)> =
            batch.gather(&columns, &rest, values).await?;
        as_claimer(batch, false).await?;
        // The longest waiting first.
        found.sort_by_key(|(_, _, _, ready_at)| *ready_at);
        Ok(found.into_iter().map(|(tenant, conversation, seen, _)| (tenant, conversation, seen)).collect())
    }

    /// The guard: the lease is checked again here, whatever the candidates' snapshot said.
    async fn take(
        &self,
        batch: &mut Batch<'_>,
        candidates: &[(TenantId, ConversationId, i64)],
    ) -> Result<Vec<Claimed>, StoreError> {
        let now = batch.now();
        let until = now.plus_millis(self.lease_millis);
        let keys = keys(candidates.iter().map(|(tenant, conversation, _)| (tenant, conversation))).json();
        let sql = format!(
            "UPDATE conversations SET lease_node = $1, lease_token = lease_token + 1, lease_until = $2 \
             WHERE (tenant_id, id) IN (SELECT k.n, k.c FROM {}) AND lease_until < $3",
            JsonRows::table(KEYS, batch.dialect, 4)
        );
        let (node, keys) = (Value::from(self.node.as_str()), Value::from(keys));
        batch.later(sql, vec![node.clone(), until.into(), now.into(), keys.clone()]).await?;
        // A candidate had no lease, so one that now has ours got it here.
        let rest = format!(
            "FROM {} JOIN conversations c ON c.tenant_id = k.n AND c.id = k.c \
             WHERE c.lease_node = $2 AND c.lease_until = $3",
            JsonRows::table(KEYS, batch.dialect, 1)
        );
        let rows: Vec<ClaimedRow> = batch.gather(CLAIMED, &rest, vec![keys, node, until.into()]).await?;
        // The longest waiting first, as the candidates are.
        let places: HashMap<&ConversationId, (usize, i64)> = candidates
            .iter()
            .enumerate()
            .map(|(place, (_, conversation, gen_seen))| (conversation, (place, *gen_seen)))
            .collect();
        let place = |one: &ClaimedRow| places.get(&one.conversation).copied().unwrap_or_default();
        let mut rows: Vec<_> = rows.into_iter().map(|one| (place(&one), one)).collect();
        rows.sort_by_key(|((place, _), _)| *place);
        Ok(rows.into_iter().map(|((_, gen_seen), one)| one.claimed(gen_seen, self.lease_millis)).collect())
    }
}

/// The columns of a [`ClaimedRow`].
const CLAIMED: &[&str] = &[
    "c.tenant_id",
    "c.id",
    "c.lease_token",
    "c.channel_account_id",
    "c.channel",
    "c.thread",
    "c.person_id",
    "c.control",
    "c.control_ref",
    "c.language",
    "c.state",
    "c.done_turn",
    "COALESCE((SELECT p.facts FROM people p WHERE p.tenant_id = c.tenant_id AND p.id = c.person_id), '{}')",
];

#[derive(Deserialize)]
struct ClaimedRow {
    tenant: TenantId,
    conversation: ConversationId,
    token: i64,
    channel_account: String,
    channel: String,
    thread: String,
    person: PersonId,
    control: String,
    control_ref: Option<String>,
    language: Option<String>,
    state: String,
    done_turn: i64,
    facts: String,
}

impl ClaimedRow {
    fn claimed(self, gen_seen: i64, millis: u64) -> Claimed {
        let Self { tenant, conversation, token, .. } = self;
        Claimed {
            lease: Lease { tenant, conversation, token, gen_seen, millis },
            channel_account: self.channel_account,
            channel: self.channel,
            thread: self.thread,
            person: self.person,
            control: Control::parse(&self.control, self.control_ref, None),
            language: self.language,
            state: self.state,
            done_turn: self.done_turn,
            facts: self.facts,
            pending: Vec::new(),
        }
    }
}

/// Works as the role that sees every tenant's ids, or as the application again.
pub(super) async fn as_claimer(batch: &mut Batch<'_>, claimer: bool) -> Result<(), StoreError> {
    if batch.dialect == Dialect::Postgres {
        let sql = if claimer { "SET LOCAL ROLE sala_claim" } else { "SET LOCAL ROLE sala_app" };
        batch.later(sql, vec![]).await?;
    }
    Ok(())
}

/// A few messages at a time: a conversation with thousands waiting does not keep a worker for long.
const PENDING: i64 = 20;

/// The attempt at the first message is counted here, before it is tried, so that one that kills the process is noticed.
async fn pending(
    batch: &mut Batch<'_>,
    turns: JsonRows,
) -> Result<HashMap<ConversationId, Vec<PendingMessage>>, StoreError> {
    let table = JsonRows::table(TURNS, batch.dialect, 1);
    let turns = Value::from(turns.json());
    let counted = format!(
        "UPDATE inbound SET attempts = attempts + 1 FROM {table} \
         WHERE inbound.tenant_id = k.n AND inbound.conversation_id = k.c AND inbound.turn = k.t \
         AND inbound.state = 'pending'"
    );
    batch.later(counted, vec![turns.clone()]).await?;
    let columns =
        ["i.turn", "i.conversation_id", "i.id", "i.message_id", "i.payload", "i.attempts", "i.accepted_at"];
    let rest = format!(
        "FROM {table} JOIN inbound i ON i.tenant_id = k.n AND i.conversation_id = k.c \
         AND i.turn BETWEEN k.t AND k.u AND i.state = 'pending'"
    );
    let mut rows: Vec<(i64, ConversationId, RowId, MessageId, String, i64, Micros)> =
        batch.gather(&columns, &rest, vec![turns]).await?;
    rows.sort_by_key(|row| row.0);
    let mut pending: HashMap<ConversationId, Vec<PendingMessage>> = HashMap::new();
    for (turn, conversation, inbound, message, payload, attempts, accepted_at) in rows {
        let inbound_message = serde_json::from_str(&payload).ok();
        let one = PendingMessage { inbound, turn, message, inbound_message, attempts, accepted_at };
        pending.entry(conversation).or_default().push(one);
    }
    Ok(pending)
}

/// Conversations and the turns that may be heard in them. Row-level security lets only comparisons of columns with
/// given values reach an index, so the numbers are given.
const TURNS: &[Column] = &[("n", "TEXT"), ("c", "TEXT"), ("t", "BIGINT"), ("u", "BIGINT")];

/// Conversations by their keys.
const KEYS: &[Column] = &[("n", "TEXT"), ("c", "TEXT")];

fn keys<'a>(keys: impl Iterator<Item = (&'a TenantId, &'a ConversationId)>) -> JsonRows {
    let mut rows = JsonRows::new(KEYS);
    keys.for_each(|(tenant, conversation)| rows.push([json!(tenant), json!(conversation)]));
    rows
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

async fn release(batch: &mut Batch<'_>, lease: &Lease) -> Result<(), StoreError> {
    let held = sqlx::query(
        "UPDATE conversations SET lease_until = 0 WHERE tenant_id = $1 AND id = $2 AND lease_token = $3",
    )
    .bind(lease.tenant.as_str().to_owned())
    .bind(lease.conversation.as_str().to_owned())
    .bind(lease.token)
    .execute(batch.connection().await?)
    .await?
    .rows_affected();
    if held == 0 {
        return Err(StoreError::Fenced);
    }
    let mut ended = JsonRows::new(DONE);
    ended.push([json!(lease.tenant), json!(lease.conversation), json!(lease.gen_seen)]);
    forget(batch, ended).await
}

/// Conversations and the wake-up that was seen at their claim.
pub(super) const DONE: &[Column] = &[("n", "TEXT"), ("c", "TEXT"), ("g", "BIGINT")];

/// Takes conversations off the list of those to be heard, unless something came after the claim or is still pending.
/// The caller held the leases and has ended them.
pub(super) async fn forget(batch: &mut Batch<'_>, ended: JsonRows) -> Result<(), StoreError> {
    if ended.is_empty() {
        return Ok(());
    }
    let expected = ended.len() as u64;
    let sql = format!(
        "DELETE FROM ready WHERE (tenant_id, conversation_id, gen) IN (SELECT k.n, k.c, k.g FROM {}) AND NOT EXISTS \
         (SELECT 1 FROM conversations c WHERE c.tenant_id = ready.tenant_id AND c.id = ready.conversation_id \
          AND c.last_turn > c.done_turn)",
        JsonRows::table(DONE, batch.dialect, 1)
    );
    let forgotten = batch.count(sql, vec![ended.json().into()]).await?;
    // Something came meanwhile: whoever claims next should look at once.
    batch.made_ready |= forgotten < expected;
    Ok(())
}

struct RetryLater {
    lease: Lease,
    millis: u64,
    untried: Option<RowId>,
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
        let held = sqlx::query(
            "UPDATE conversations SET lease_until = $1 WHERE tenant_id = $2 AND id = $3 AND lease_token = $4",
        )
        .bind(until.0)
        .bind(self.lease.tenant.as_str().to_owned())
        .bind(self.lease.conversation.as_str().to_owned())
        .bind(self.lease.token)
        .execute(batch.connection().await?)
        .await?
        .rows_affected();
        let Some(inbound) = self.untried.as_ref().filter(|_| held == 1) else { return Ok(()) };
        sqlx::query(
            "UPDATE inbound SET attempts = attempts - 1 WHERE tenant_id = $1 AND id = $2 AND attempts > 0 AND state = 'pending'",
        )
        .bind(self.lease.tenant.as_str().to_owned())
        .bind(inbound.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}

struct EndLeases;

impl WriteOp for EndLeases {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        Vec::new()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let sql = "UPDATE conversations SET lease_until = 0 \
                   WHERE (tenant_id, id) IN (SELECT tenant_id, conversation_id FROM ready)";
        batch.later(sql, vec![]).await?;
        // A reply that was under way may have arrived: a lease that has ended without its outcome says so.
        let replies = "UPDATE outbox SET lease_until = 1 WHERE state = 'pending' AND lease_until > 1";
        batch.later(replies, vec![]).await?;
        let jobs = "UPDATE jobs SET lease_until = 0 WHERE state = 'waiting' AND lease_until > 0";
        batch.later(jobs, vec![]).await?;
        batch.made_ready = true;
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
        .fetch_all(batch.connection().await?)
        .await?;
        as_claimer(batch, false).await?;
        for row in &rows {
            let tenant = TenantId::from_text(row.try_get::<String, _>(0)?);
            let conversation = ConversationId::from_text(row.try_get::<String, _>(1)?);
            batch.admit([tenant.clone()]).await?;
            super::ingest::wake(batch, vec![(&tenant, &conversation)]).await?;
        }
        Ok(rows.len() as u64)
    }
}
