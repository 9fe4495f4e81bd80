//! Feedback: every human signal on a message of ours.

use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::events::NewEvent;
use super::{Store, StoreError};
use crate::ids::{AgentId, ConversationId, MessageId, TenantId};

/// A thumb of a customer or an agent. Zero takes it back.
#[derive(Clone, Debug)]
pub struct NewFeedback {
    pub tenant: TenantId,
    pub message: MessageId,
    /// `customer` or `agent`.
    pub source: &'static str,
    /// Whose: the thread of the customer, the id of the agent.
    pub actor: String,
    pub value: i64,
    pub note: Option<String>,
}

impl Store {
    /// Records a thumb; the same person's later thumb on the same message replaces it. A customer can judge messages of
    /// their own thread only.
    pub async fn give_feedback(&self, feedback: NewFeedback) -> Result<(), StoreError> {
        self.write(feedback).await
    }

    /// An agent's own thumbs in a conversation, except those taken back.
    pub async fn own_thumbs(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
        agent: &AgentId,
    ) -> Result<Vec<(MessageId, i64)>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT message_id, value FROM feedback \
             WHERE tenant_id = $1 AND conversation_id = $2 AND source = 'agent' AND actor = $3 AND value <> 0",
        )
        .bind(tenant.as_str().to_owned())
        .bind(conversation.as_str().to_owned())
        .bind(agent.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| Ok((MessageId::from_text(row.try_get::<String, _>(0)?), row.try_get(1)?)))
            .collect()
    }
}

impl WriteOp for NewFeedback {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        let stored = sqlx::query(
            "INSERT INTO feedback (tenant_id, message_id, source, actor, conversation_id, turn_id, value, note, created_at) \
             SELECT m.tenant_id, m.id, $1, $2, m.conversation_id, m.turn_id, $3, $4, $5 FROM messages m \
             JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id \
             WHERE m.tenant_id = $6 AND m.id = $7 AND m.author IN ('bot', 'agent') AND ($1 <> 'customer' OR c.thread = $2) \
             ON CONFLICT (tenant_id, message_id, source, actor) DO UPDATE SET value = excluded.value, note = excluded.note, \
             created_at = excluded.created_at",
        )
        .bind(self.source)
        .bind(self.actor.clone())
        .bind(self.value.signum())
        .bind(self.note.clone())
        .bind(now.0)
        .bind(self.tenant.as_str().to_owned())
        .bind(self.message.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?
        .rows_affected();
        if stored == 0 {
            return Err(StoreError::NotFound("message"));
        }
        let message = super::messages::find(batch.connection().await?, &self.tenant, &self.message).await?;
        let data = serde_json::json!({ "message_id": self.message, "source": self.source, "value": self.value.signum() });
        batch.log(NewEvent {
            tenant: self.tenant.clone(),
            kind: "feedback.recorded",
            conversation: message.map(|message| message.conversation),
            data: data.to_string(),
        });
        Ok(())
    }
}
