//! Committing a turn: state, record, replies, handoff, events and the end of the lease, all or nothing.

use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::claim::Lease;
use super::lock_order::Touched;
use super::messages::{self, Author, Message, MessageBody, MessageState};
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{MessageId, RowId, TenantId};

/// A reply of the bot in this turn.
#[derive(Clone, Debug)]
pub struct NewReply {
    pub author: Author,
    pub author_name: Option<String>,
    pub body: MessageBody,
    /// True where the channel delivers by the event log and needs no outbox.
    pub live: bool,
}

/// A customer who asks for a person, or whom the bot cannot help.
#[derive(Clone, Debug)]
pub struct HandoffRequest {
    pub reason: String,
}

/// Everything one turn changes.
#[derive(Clone, Debug)]
pub struct TurnCommit {
    pub lease: Lease,
    pub inbound: RowId,
    pub message: MessageId,
    /// The number of this turn; it must follow the last one done.
    pub turn: i64,
    /// The dialogue's state as JSON.
    pub state: String,
    pub language: Option<String>,
    pub intent: Option<String>,
    pub sentiment: Option<String>,
    pub decision: String,
    /// Everything the decision saw, frozen for training, as JSON.
    pub record: String,
    /// What the console shows of the turn, as JSON.
    pub view: String,
    pub replies: Vec<NewReply>,
    pub handoff: Option<HandoffRequest>,
    /// Facts of the person to remember, as a JSON record.
    pub remember: Option<String>,
    /// Set when the message is parked instead of heard: the reason.
    pub parked: Option<String>,
    /// True when nothing else is known to wait, so the lease ends here too.
    pub last: bool,
}

impl Store {
    /// Commits a turn and returns the replies as stored. [`StoreError::Fenced`] means that another worker owns the
    /// conversation: the result must be dropped.
    pub async fn commit_turn(&self, commit: TurnCommit) -> Result<Vec<Message>, StoreError> {
        self.write(commit).await
    }
}

struct Locked {
    account: String,
    thread: String,
    hints: String,
    last_message: i64,
    control: String,
}

impl WriteOp for TurnCommit {
    type Output = Vec<Message>;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.lease.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        vec![Touched::Conversation {
            tenant: self.lease.tenant.clone(),
            conversation: self.lease.conversation.clone(),
        }]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Vec<Message>, StoreError> {
        let locked = self.advance_conversation(batch).await?;
        self.finish_inbound(batch).await?;
        let turn_id: RowId = batch.new_id();
        let now = batch.now();
        batch.turns.push(vec![
            (&self.lease.tenant).into(),
            (&turn_id).into(),
            (&self.lease.conversation).into(),
            self.turn.into(),
            (&self.message).into(),
            self.decision.clone().into(),
            self.record.clone().into(),
            now.into(),
        ]);
        batch.log(super::events::NewEvent {
            tenant: self.lease.tenant.clone(),
            kind: "turn.recorded",
            conversation: Some(self.lease.conversation.clone()),
            data: format!("{{\"turn\":{}}}", self.view),
        });
        let replies = self.push_replies(batch, &locked, turn_id.as_str())?;
        self.change_owner(batch, &locked).await?;
        if self.last {
            super::claim::release(batch, &self.lease).await?;
        }
        super::conversations::log_update(batch, &self.lease.tenant, &self.lease.conversation).await?;
        Ok(replies)
    }
}

impl TurnCommit {
    /// The fence: nothing matches when the lease has gone to somebody else or the turn is already done.
    async fn advance_conversation(&self, batch: &mut Batch<'_>) -> Result<Locked, StoreError> {
        let now = batch.now();
        // A message or answer that arrives while an agent owns the conversation leaves the list's wording to the agent.
        let last = self.replies.last();
        let row = sqlx::query(
            "UPDATE conversations SET done_turn = $1, state = $2, language = COALESCE($3, language), \
             intent = COALESCE($4, intent), sentiment = COALESCE($5, sentiment), last_message = last_message + $6, \
             last_text = COALESCE($7, last_text), last_author = COALESCE($8, last_author), \
             last_at = CASE WHEN $6 > 0 THEN $9 ELSE last_at END, \
             unanswered = CASE WHEN $6 > 0 THEN 0 ELSE unanswered END \
             WHERE tenant_id = $10 AND id = $11 AND lease_token = $12 AND done_turn = $13 \
             RETURNING channel_account_id, thread, hints, last_message, control",
        )
        .bind(self.turn)
        .bind(self.state.clone())
        .bind(self.language.clone())
        .bind(self.intent.clone())
        .bind(self.sentiment.clone())
        .bind(self.replies.len() as i64)
        .bind(last.map(|reply| reply.body.summary()))
        .bind(last.map(|reply| reply.author.as_str().to_owned()))
        .bind(now.0)
        .bind(self.lease.tenant.as_str().to_owned())
        .bind(self.lease.conversation.as_str().to_owned())
        .bind(self.lease.token)
        .bind(self.turn - 1)
        .fetch_optional(&mut *batch.connection)
        .await?
        .ok_or(StoreError::Fenced)?;
        Ok(Locked {
            account: row.try_get(0)?,
            thread: row.try_get(1)?,
            hints: row.try_get(2)?,
            last_message: row.try_get(3)?,
            control: row.try_get(4)?,
        })
    }

    async fn finish_inbound(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        let state = if self.parked.is_some() { "parked" } else { "done" };
        let changed = sqlx::query(
            "UPDATE inbound SET state = $1, park_reason = $2, done_at = $3 \
             WHERE tenant_id = $4 AND id = $5 AND state = 'pending'",
        )
        .bind(state)
        .bind(self.parked.clone())
        .bind(now.0)
        .bind(self.lease.tenant.as_str().to_owned())
        .bind(self.inbound.as_str().to_owned())
        .execute(&mut *batch.connection)
        .await?
        .rows_affected();
        if changed == 1 { Ok(()) } else { Err(StoreError::Fenced) }
    }

    fn push_replies(
        &self,
        batch: &mut Batch<'_>,
        locked: &Locked,
        turn: &str,
    ) -> Result<Vec<Message>, StoreError> {
        let first = locked.last_message - self.replies.len() as i64 + 1;
        let mut stored = Vec::with_capacity(self.replies.len());
        for (seq, reply) in (first..).zip(&self.replies) {
            let message = Message {
                id: batch.new_id(),
                conversation: self.lease.conversation.clone(),
                seq,
                author: reply.author,
                author_name: reply.author_name.clone(),
                body: reply.body.clone(),
                external_id: None,
                client_id: None,
                state: if reply.live { MessageState::Sent } else { MessageState::Queued },
                failure: None,
                at: batch.now(),
                thumb: None,
            };
            messages::push(batch, &self.lease.tenant, &message, None, Some(turn))?;
            if !reply.live {
                let destination = super::outbox::destination(&locked.thread, &locked.hints);
                super::outbox::push(batch, &self.lease.tenant, &message, &locked.account, &destination)?;
            }
            stored.push(message);
        }
        Ok(stored)
    }

    async fn change_owner(&self, batch: &mut Batch<'_>, locked: &Locked) -> Result<(), StoreError> {
        let now = batch.now();
        if let Some(facts) = &self.remember {
            sqlx::query(
                "UPDATE people SET facts = $1 WHERE tenant_id = $2 AND id = \
                 (SELECT person_id FROM conversations WHERE tenant_id = $2 AND id = $3)",
            )
            .bind(facts.clone())
            .bind(self.lease.tenant.as_str().to_owned())
            .bind(self.lease.conversation.as_str().to_owned())
            .execute(&mut *batch.connection)
            .await?;
        }
        // An agent who took over while the bot was thinking keeps the conversation.
        let Some(handoff) = self.handoff.as_ref().filter(|_| locked.control == "bot") else { return Ok(()) };
        wait_for_agent(batch, &self.lease, &handoff.reason, now).await
    }
}

async fn wait_for_agent(
    batch: &mut Batch<'_>,
    lease: &Lease,
    reason: &str,
    now: Micros,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE conversations SET control = 'waiting', waiting_since = $1, handoff_reason = $2 \
         WHERE tenant_id = $3 AND id = $4",
    )
    .bind(now.0)
    .bind(reason.to_owned())
    .bind(lease.tenant.as_str().to_owned())
    .bind(lease.conversation.as_str().to_owned())
    .execute(&mut *batch.connection)
    .await?;
    super::handoffs::open(batch, &lease.tenant, &lease.conversation, reason).await
}
