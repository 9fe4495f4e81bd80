//! What an attempt to send makes of its row, and of the message that people see.

use channels::Cost;

use super::super::StoreError;
use super::super::batch::{Batch, WriteOp};
use super::super::lock_order::Touched;
use super::super::messages::{self, MessageState};
use super::OutboxOutcome;
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, ConversationId, MessageId, RowId, TenantId};

pub(super) struct Settle {
    pub(super) tenant: TenantId,
    pub(super) id: RowId,
    pub(super) account: ChannelAccountId,
    pub(super) conversation: ConversationId,
    pub(super) message: MessageId,
    /// The attempt that this is the outcome of.
    pub(super) attempts: i64,
    pub(super) outcome: OutboxOutcome,
    pub(super) ids: Vec<String>,
    /// The platform accepted again what it may have accepted before.
    pub(super) repeated: bool,
    pub(super) costs: Vec<(String, Cost)>,
}

impl WriteOp for Settle {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        let (tenant, conversation) = (self.tenant.clone(), self.conversation.clone());
        let is_told = matches!(self.outcome, OutboxOutcome::Parked { .. } | OutboxOutcome::Uncertain { .. });
        is_told.then_some(Touched::Conversation { tenant, conversation }).into_iter().collect()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        for external_id in &self.ids {
            super::super::echoes::named(batch, &self.tenant, &self.account, (self.id.as_str(), external_id))
                .await?;
        }
        for (external_id, cost) in &self.costs {
            super::super::account_money::cost(batch, (&self.tenant, &self.account), external_id, (cost, 1))
                .await?;
        }
        if self.repeated {
            super::super::message_changes::mark_repeated(batch, &self.tenant, &self.message).await?;
        }
        match &self.outcome {
            OutboxOutcome::Sent => {
                let change =
                    Change { state: "sent", progress: 0, next: now, error: None, sent_at: Some(now) };
                if self.update(batch, change).await? {
                    self.show(batch, MessageState::Sent, self.ids.first().map(String::as_str), None).await?;
                }
            }
            OutboxOutcome::Again { at, progress, ambiguous, error } => {
                if *ambiguous {
                    metrics::counter!("sala_outbound_ambiguous_total").increment(1);
                }
                let (progress, next, error) = (*progress, *at, Some(error));
                self.update(batch, Change { state: "pending", progress, next, error, sent_at: None }).await?;
            }
            OutboxOutcome::PutOff { at, progress, error, holds } => {
                self.put_off(batch, (*at, *progress), error.as_deref()).await?;
                if *holds {
                    let why = error.as_deref().unwrap_or_default();
                    super::super::account_care::hold(batch, &self.tenant, &self.account, why).await?;
                }
            }
            OutboxOutcome::Uncertain { progress, error } => {
                self.set_aside(batch, *progress, (MessageState::Uncertain, error)).await?;
            }
            OutboxOutcome::Parked { progress, error } => {
                self.set_aside(batch, *progress, (MessageState::Failed, error)).await?;
            }
        }
        Ok(())
    }
}

/// What an attempt makes of its row.
struct Change<'c> {
    state: &'c str,
    progress: i64,
    next: Micros,
    error: Option<&'c String>,
    sent_at: Option<Micros>,
}

impl Settle {
    /// False when nothing changed: another sender has claimed the reply since. That it was sent is true all the same. What
    /// echoes have told meanwhile stays told.
    async fn update(&self, batch: &mut Batch<'_>, change: Change<'_>) -> Result<bool, StoreError> {
        let Change { state, progress, next, error, sent_at } = change;
        let ambiguous = i64::from(matches!(self.outcome, OutboxOutcome::Again { ambiguous: true, .. }));
        let changed = sqlx::query(
            "UPDATE outbox SET state = $1, progress = CASE WHEN progress > $2 THEN progress ELSE $2 END, next_attempt_at = $3, last_error = $4, sent_at = $5, \
             lease_until = 0, ambiguous = ambiguous + $6 WHERE tenant_id = $7 AND id = $8 AND state = 'pending' \
             AND ($1 = 'sent' OR attempts = $9)",
        )
        .bind(state.to_owned())
        .bind(progress)
        .bind(next.0)
        .bind(error.cloned())
        .bind(sent_at.map(|at| at.0))
        .bind(ambiguous)
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.as_str().to_owned())
        .bind(self.attempts)
        .execute(batch.connection().await?)
        .await?
        .rows_affected();
        Ok(changed == 1)
    }

    async fn set_aside(
        &self,
        batch: &mut Batch<'_>,
        progress: i64,
        (state, error): (MessageState, &String),
    ) -> Result<(), StoreError> {
        let next = batch.now();
        let change = Change { state: "parked", progress, next, error: Some(error), sent_at: None };
        if self.update(batch, change).await? {
            self.show(batch, state, None, Some(error)).await?;
            super::super::undelivered::tell(batch, &self.tenant, &self.message).await?;
        }
        Ok(())
    }

    /// The attempt goes on counting as the fence against older senders, and not against the reply.
    async fn put_off(
        &self,
        batch: &mut Batch<'_>,
        (at, progress): (Micros, i64),
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET progress = CASE WHEN progress > $1 THEN progress ELSE $1 END, next_attempt_at = $2, \
             last_error = COALESCE($3, last_error), lease_until = 0, deferred = deferred + 1 \
             WHERE tenant_id = $4 AND id = $5 AND state = 'pending' AND attempts = $6",
        )
        .bind(progress)
        .bind(at.0)
        .bind(error.map(str::to_owned))
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.as_str().to_owned())
        .bind(self.attempts)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }

    /// Shows the message's new state to live views. What a receipt said before the send's own answer was settled stays: it
    /// knows more than that the platform took the call.
    async fn show(
        &self,
        batch: &mut Batch<'_>,
        state: MessageState,
        external_id: Option<&str>,
        failure: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE messages SET external_id = COALESCE($2, external_id), \
             state = CASE WHEN $1 = 'sent' AND state IN ('delivered', 'read', 'failed') THEN state ELSE $1 END, \
             failure = CASE WHEN $1 = 'sent' AND state = 'failed' THEN failure ELSE $3 END \
             WHERE tenant_id = $4 AND id = $5",
        )
        .bind(state.as_str())
        .bind(external_id.map(str::to_owned))
        .bind(failure.map(str::to_owned))
        .bind(self.tenant.as_str().to_owned())
        .bind(self.message.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
        if let Some(message) = messages::find(batch.connection().await?, &self.tenant, &self.message).await? {
            messages::log(batch, &self.tenant, "message.updated", &message)?;
        }
        Ok(())
    }
}
