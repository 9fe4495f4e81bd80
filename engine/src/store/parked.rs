//! What was set aside: messages that could not be heard, replies that could not be sent. Nothing is deleted.

use serde::Serialize;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::messages;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{MessageId, TenantId};

#[derive(Clone, Debug, Serialize)]
pub struct ParkedInbound {
    pub id: String,
    pub conversation_id: String,
    pub message_id: String,
    pub attempts: i64,
    pub reason: Option<String>,
    #[serde(serialize_with = "Micros::in_millis")]
    pub accepted_at: Micros,
}

#[derive(Clone, Debug, Serialize)]
pub struct ParkedOutbound {
    pub id: String,
    pub conversation_id: String,
    pub message_id: String,
    pub attempts: i64,
    pub reason: Option<String>,
    #[serde(serialize_with = "Micros::in_millis")]
    pub created_at: Micros,
}

impl Store {
    pub async fn parked_inbound(&self, tenant: &TenantId) -> Result<Vec<ParkedInbound>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT id, conversation_id, message_id, attempts, park_reason, accepted_at FROM inbound \
             WHERE tenant_id = $1 AND state = 'parked' ORDER BY accepted_at DESC LIMIT 500",
        )
        .bind(tenant.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ParkedInbound {
                    id: row.try_get(0)?,
                    conversation_id: row.try_get(1)?,
                    message_id: row.try_get(2)?,
                    attempts: row.try_get(3)?,
                    reason: row.try_get(4)?,
                    accepted_at: row.time(5)?,
                })
            })
            .collect()
    }

    pub async fn parked_outbound(&self, tenant: &TenantId) -> Result<Vec<ParkedOutbound>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT id, conversation_id, message_id, attempts, last_error, created_at FROM outbox \
             WHERE tenant_id = $1 AND state = 'parked' ORDER BY created_at DESC LIMIT 500",
        )
        .bind(tenant.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ParkedOutbound {
                    id: row.try_get(0)?,
                    conversation_id: row.try_get(1)?,
                    message_id: row.try_get(2)?,
                    attempts: row.try_get(3)?,
                    reason: row.try_get(4)?,
                    created_at: row.time(5)?,
                })
            })
            .collect()
    }

    /// Hears a parked message again, as the newest turn of its conversation.
    pub async fn retry_inbound(&self, tenant: &TenantId, id: &str) -> Result<(), StoreError> {
        self.write(RetryInbound { tenant: tenant.clone(), id: id.to_owned() }).await
    }

    /// Sends a parked reply again.
    pub async fn retry_outbound(&self, tenant: &TenantId, id: &str) -> Result<(), StoreError> {
        self.write(RetryOutbound { tenant: tenant.clone(), id: id.to_owned() }).await
    }
}

struct RetryInbound {
    tenant: TenantId,
    id: String,
}

impl WriteOp for RetryInbound {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let row = sqlx::query(
            "UPDATE conversations SET last_turn = last_turn + 1 WHERE tenant_id = $1 AND id = \
             (SELECT conversation_id FROM inbound WHERE tenant_id = $1 AND id = $2 AND state = 'parked') \
             RETURNING id, last_turn",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.clone())
        .fetch_optional(batch.connection().await?)
        .await?
        .ok_or(StoreError::NotFound("parked message"))?;
        let conversation = crate::ids::ConversationId::from_text(row.try_get::<String, _>(0)?);
        sqlx::query(
            "UPDATE inbound SET state = 'pending', attempts = 0, park_reason = NULL, turn = $1 WHERE tenant_id = $2 AND id = $3",
        )
        .bind(row.try_get::<i64, _>(1)?)
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.clone())
        .execute(batch.connection().await?)
        .await?;
        super::ingest::wake(batch, vec![(&self.tenant, &conversation)]).await
    }
}

struct RetryOutbound {
    tenant: TenantId,
    id: String,
}

impl WriteOp for RetryOutbound {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        let row = sqlx::query(
            "UPDATE outbox SET state = 'pending', attempts = 0, deferred = 0, next_attempt_at = $1, planned_at = $1, lease_until = 0 \
             WHERE tenant_id = $2 AND id = $3 AND state = 'parked' RETURNING message_id",
        )
        .bind(now.0)
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.clone())
        .fetch_optional(batch.connection().await?)
        .await?;
        let row = row.ok_or(StoreError::NotFound("parked reply"))?;
        self.under_way(batch, &MessageId::from_text(row.try_get::<String, _>(0)?)).await
    }
}

impl RetryOutbound {
    /// The message is no failure any more: what comes of it now counts.
    async fn under_way(&self, batch: &mut Batch<'_>, message: &MessageId) -> Result<(), StoreError> {
        sqlx::query("UPDATE messages SET state = 'queued', failure = NULL WHERE tenant_id = $1 AND id = $2")
            .bind(self.tenant.as_str().to_owned())
            .bind(message.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        match messages::find(batch.connection().await?, &self.tenant, message).await? {
            Some(message) => messages::log(batch, &self.tenant, "message.updated", &message),
            None => Ok(()),
        }
    }
}
