//! Handoffs: customers who wait for a person, and what became of it.

use serde::Serialize;
use sqlx::{AssertSqlSafe, Row};

use super::batch::Batch;
use super::columns::Columns as _;
use super::conversations::OF_COLLEAGUES;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ConversationId, TenantId};

/// A customer in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Handoff {
    pub conversation: ConversationId,
    pub reason: String,
    #[serde(serialize_with = "Micros::in_millis")]
    pub requested_at: Micros,
}

impl Store {
    /// Every customer who waits now, longest first; a colleague who tries the bot keeps nobody waiting.
    pub async fn waiting(&self, tenant: &TenantId) -> Result<Vec<Handoff>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(AssertSqlSafe(format!(
            "SELECT h.conversation_id, h.reason, h.requested_at FROM handoffs h \
             JOIN conversations c ON c.tenant_id = h.tenant_id AND c.id = h.conversation_id \
             WHERE h.tenant_id = $1 AND h.closed_at IS NULL AND h.taken_at IS NULL AND NOT {OF_COLLEAGUES} \
             ORDER BY h.requested_at LIMIT 500"
        )))
        .bind(tenant.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Handoff { conversation: row.id(0)?, reason: row.try_get(1)?, requested_at: row.time(2)? })
            })
            .collect()
    }

    /// How long the last taken handoffs waited, in microseconds, newest first: what an honest promise is made from.
    pub async fn recent_waits(&self, tenant: &TenantId, limit: i64) -> Result<Vec<i64>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT taken_at - requested_at FROM handoffs WHERE tenant_id = $1 AND taken_at IS NOT NULL \
             ORDER BY requested_at DESC LIMIT $2",
        )
        .bind(tenant.as_str().to_owned())
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

/// Opens a handoff unless one is open for the conversation.
pub(super) async fn open(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    conversation: &ConversationId,
    reason: &str,
) -> Result<(), StoreError> {
    let id: crate::ids::RowId = batch.new_id();
    let now = batch.now();
    sqlx::query(
        "INSERT INTO handoffs (tenant_id, id, conversation_id, reason, requested_at) SELECT $1, $2, $3, $4, $5 \
         WHERE NOT EXISTS (SELECT 1 FROM handoffs WHERE tenant_id = $1 AND conversation_id = $3 AND closed_at IS NULL)",
    )
    .bind(tenant.as_str().to_owned())
    .bind(id.as_str().to_owned())
    .bind(conversation.as_str().to_owned())
    .bind(reason.to_owned())
    .bind(now.0)
    .execute(batch.connection().await?)
    .await?;
    Ok(())
}

/// Gives the open handoff of one conversation to another, with the time since when its customer waits.
pub(super) async fn pass(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    (from, to): (&ConversationId, &ConversationId),
    (reason, since): (&str, Micros),
) -> Result<(), StoreError> {
    let sql = "UPDATE handoffs SET conversation_id = $1 WHERE tenant_id = $2 AND conversation_id = $3 AND closed_at IS NULL \
               AND NOT EXISTS (SELECT 1 FROM handoffs h WHERE h.tenant_id = $2 AND h.conversation_id = $1 AND h.closed_at IS NULL)";
    batch.later(sql, vec![to.into(), tenant.into(), from.into()]).await?;
    open(batch, tenant, to, reason).await?;
    let sql = "UPDATE handoffs SET requested_at = $1 WHERE tenant_id = $2 AND conversation_id = $3 AND closed_at IS NULL \
               AND requested_at > $1";
    batch.later(sql, vec![since.into(), tenant.into(), to.into()]).await
}

/// Follows a change of control: an agent takes the open handoff, or it is closed.
pub(super) async fn follow(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    conversation: &ConversationId,
    agent: Option<&str>,
    now: Micros,
) -> Result<(), StoreError> {
    let sql = if agent.is_some() {
        "UPDATE handoffs SET agent_id = $1, taken_at = COALESCE(taken_at, $2) \
         WHERE tenant_id = $3 AND conversation_id = $4 AND closed_at IS NULL"
    } else {
        "UPDATE handoffs SET agent_id = COALESCE(agent_id, $1), closed_at = $2 \
         WHERE tenant_id = $3 AND conversation_id = $4 AND closed_at IS NULL"
    };
    sqlx::query(sql)
        .bind(agent.map(str::to_owned))
        .bind(now.0)
        .bind(tenant.as_str().to_owned())
        .bind(conversation.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
    Ok(())
}
