//! Takes replies that are due, each under a lease: a reply waits for the one before it in its conversation.

use sqlx::Row;

use super::super::StoreError;
use super::super::batch::{Batch, WriteOp};
use super::{OutboxRow, ROW, read};
use crate::clock::Micros;
use crate::ids::TenantId;

pub(super) struct ClaimOutbox {
    pub(super) limit: i64,
    pub(super) lease_millis: u64,
}

impl WriteOp for ClaimOutbox {
    type Output = Vec<OutboxRow>;

    fn tenants(&self) -> Vec<TenantId> {
        Vec::new()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Vec<OutboxRow>, StoreError> {
        let now = batch.now();
        super::super::claim::as_claimer(batch, true).await?;
        let sql = format!(
            "SELECT o.tenant_id, o.id, o.lease_until FROM outbox o WHERE o.state = 'pending' AND o.next_attempt_at <= $1 \
             AND o.lease_until < $1 AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.tenant_id = o.tenant_id \
             AND e.conversation_id = o.conversation_id AND e.state = 'pending' AND e.position < o.position) \
             AND NOT EXISTS (SELECT 1 FROM channel_accounts a WHERE a.tenant_id = o.tenant_id AND a.id = o.channel_account_id \
             AND a.removed_at IS NULL AND (a.enabled = 0 OR a.held_at IS NOT NULL)) \
             ORDER BY o.next_attempt_at LIMIT $2{}",
            super::super::lock_order::skip_locked(batch.dialect)
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(now.0)
            .bind(self.limit)
            .fetch_all(batch.connection().await?)
            .await?;
        super::super::claim::as_claimer(batch, false).await?;
        let mut claimed = Vec::with_capacity(rows.len());
        for row in &rows {
            let tenant = TenantId::from_text(row.try_get::<String, _>(0)?);
            let id: String = row.try_get(1)?;
            batch.admit([tenant.clone()]).await?;
            if row.try_get::<i64, _>(2)? > 0 {
                metrics::counter!("sala_outbound_ambiguous_total").increment(1);
            }
            claimed.extend(take(batch, &tenant, id, now.plus_millis(self.lease_millis)).await?);
        }
        Ok(claimed)
    }
}

/// A lease that nobody ended is an attempt that broke off: what it sent may have arrived.
async fn take(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    id: String,
    lease_until: Micros,
) -> Result<Option<OutboxRow>, StoreError> {
    let now = batch.now();
    let sql = format!(
        "UPDATE outbox SET lease_until = $1, attempts = attempts + 1, \
         ambiguous = ambiguous + CASE WHEN lease_until > 0 THEN 1 ELSE 0 END, \
         planned_at = CASE WHEN ambiguous = 0 AND lease_until = 0 THEN $4 WHEN planned_at = 0 THEN created_at ELSE planned_at END \
         WHERE tenant_id = $2 AND id = $3 AND state = 'pending' AND lease_until < $4 \
         RETURNING {ROW}"
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(lease_until.0)
        .bind(tenant.as_str().to_owned())
        .bind(id.clone())
        .bind(now.0)
        .fetch_optional(batch.connection().await?)
        .await?;
    row.map(|row| read(&row, tenant)).transpose()
}
