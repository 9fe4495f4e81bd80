//! What was set aside: messages that could not be heard, replies that could not be sent. Nothing is deleted.

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::conversation_row::PERSON_NAME;
use super::messages::{self, MessageBody};
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
    #[serde(flatten)]
    pub whose: Whose,
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
    #[serde(flatten)]
    pub whose: Whose,
}

/// Who is waiting for it, and what it says.
#[derive(Clone, Debug, Serialize)]
pub struct Whose {
    pub channel: String,
    pub person: Value,
    /// The message's first words.
    pub text: String,
}

impl Whose {
    fn read(row: &AnyRow) -> Result<Self, StoreError> {
        let body: Option<String> = row.try_get(8)?;
        let body: MessageBody = body
            .map_or_else(|| Ok(MessageBody::default()), |body| serde_json::from_str(&body))
            .map_err(StoreError::corrupt("message"))?;
        let person =
            json!({ "id": row.try_get::<String, _>(9)?, "name": row.try_get::<Option<String>, _>(7)? });
        Ok(Self { channel: row.try_get(6)?, person, text: body.summary() })
    }
}

impl Store {
    pub async fn parked_inbound(&self, tenant: &TenantId) -> Result<Vec<ParkedInbound>, StoreError> {
        let read = |row: &AnyRow| {
            Ok(ParkedInbound {
                id: row.try_get(0)?,
                conversation_id: row.try_get(1)?,
                message_id: row.try_get(2)?,
                attempts: row.try_get(3)?,
                reason: row.try_get(4)?,
                accepted_at: row.time(5)?,
                whose: Whose::read(row)?,
            })
        };
        self.parked(tenant, ("inbound", "park_reason", "accepted_at")).await?.iter().map(read).collect()
    }

    pub async fn parked_outbound(&self, tenant: &TenantId) -> Result<Vec<ParkedOutbound>, StoreError> {
        let read = |row: &AnyRow| {
            Ok(ParkedOutbound {
                id: row.try_get(0)?,
                conversation_id: row.try_get(1)?,
                message_id: row.try_get(2)?,
                attempts: row.try_get(3)?,
                reason: row.try_get(4)?,
                created_at: row.time(5)?,
                whose: Whose::read(row)?,
            })
        };
        self.parked(tenant, ("outbox", "last_error", "created_at")).await?.iter().map(read).collect()
    }

    /// The newest parked rows of a table: its own columns, then those of [`Whose`].
    async fn parked(
        &self,
        tenant: &TenantId,
        (table, reason, time): (&str, &str, &str),
    ) -> Result<Vec<AnyRow>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let sql = format!(
            "SELECT p.id, p.conversation_id, p.message_id, p.attempts, p.{reason}, p.{time}, c.channel, {PERSON_NAME}, m.body, c.person_id \
             FROM {table} p JOIN conversations c ON c.tenant_id = p.tenant_id AND c.id = p.conversation_id \
             LEFT JOIN messages m ON m.tenant_id = p.tenant_id AND m.id = p.message_id \
             WHERE p.tenant_id = $1 AND p.state = 'parked' ORDER BY p.{time} DESC LIMIT 500"
        );
        Ok(sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.as_str().to_owned())
            .fetch_all(&mut *connection)
            .await?)
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
        // The conversation's row first, as everybody takes it.
        sqlx::query(
            "UPDATE conversations SET last_message = last_message WHERE tenant_id = $1 AND id = \
             (SELECT conversation_id FROM outbox WHERE tenant_id = $1 AND id = $2 AND state = 'parked')",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.clone())
        .execute(batch.connection().await?)
        .await?;
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
            Some(message) => messages::log(batch, &self.tenant, "message.updated", &message)?,
            None => return Ok(()),
        }
        super::undelivered::tell(batch, &self.tenant, message).await
    }
}
