//! The event log: what every live view follows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::batch::Batch;
use super::json_rows::{Column, JsonRows};
use super::rows::Rows;
use super::{Store, StoreError};
use crate::ids::{ConversationId, TenantId};

const COLUMNS: &str = "tenant_id, n, kind, conversation_id, data, created_at";

/// An event that has no number yet.
pub(crate) struct NewEvent {
    pub(crate) tenant: TenantId,
    pub(crate) kind: &'static str,
    pub(crate) conversation: Option<ConversationId>,
    /// JSON.
    pub(crate) data: String,
}

/// One row of the log. `n` rises by one per tenant, in the order of commits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoggedEvent {
    pub tenant: TenantId,
    pub n: i64,
    pub kind: String,
    pub conversation: Option<ConversationId>,
    pub data: Box<RawValue>,
}

/// Numbers and writes events. The tenant's row is locked from here to the commit, so numbers follow commits.
pub(super) async fn append(
    batch: &mut Batch<'_>,
    events: Vec<NewEvent>,
) -> Result<Vec<LoggedEvent>, StoreError> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let now = batch.now();
    let mut next = last_numbers(batch, &events).await?;
    let mut rows = Rows::new(batch.dialect, "event_log", COLUMNS);
    let mut logged = Vec::with_capacity(events.len());
    for event in events {
        let Some(n) = next.get_mut(&event.tenant) else { continue };
        *n += 1;
        rows.push(vec![
            (&event.tenant).into(),
            (*n).into(),
            event.kind.into(),
            event.conversation.as_ref().into(),
            event.data.clone().into(),
            now.into(),
        ]);
        logged.push(LoggedEvent {
            tenant: event.tenant,
            n: *n,
            kind: event.kind.to_owned(),
            conversation: event.conversation,
            data: RawValue::from_string(event.data).map_err(StoreError::corrupt("event"))?,
        });
    }
    batch.write(&mut rows).await?;
    Ok(logged)
}

/// Counts the events of each tenant; returns each tenant's last number before them.
async fn last_numbers(
    batch: &mut Batch<'_>,
    events: &[NewEvent],
) -> Result<BTreeMap<TenantId, i64>, StoreError> {
    const COUNTS: &[Column] = &[("n", "TEXT"), ("c", "BIGINT")];
    let mut counts: BTreeMap<&TenantId, i64> = BTreeMap::new();
    for event in events {
        *counts.entry(&event.tenant).or_default() += 1;
    }
    let mut rows = JsonRows::new(COUNTS);
    for (tenant, count) in counts {
        rows.push([json!(tenant), json!(count)]);
    }
    let (table, rows) = (JsonRows::table(COUNTS, batch.dialect, 1), rows.json());
    let sql = format!(
        "UPDATE tenants SET last_event = last_event + k.c FROM {table} WHERE tenants.tenant_id = k.n"
    );
    batch.later(sql, vec![rows.clone().into()]).await?;
    let rest = format!("FROM {table} JOIN tenants t ON t.tenant_id = k.n");
    let numbers: Vec<(TenantId, i64)> =
        batch.gather(&["t.tenant_id", "t.last_event - k.c"], &rest, vec![rows.into()]).await?;
    Ok(numbers.into_iter().collect())
}

impl Store {
    /// The number of the tenant's newest event.
    pub async fn last_event(&self, tenant: &TenantId) -> Result<i64, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query("SELECT last_event FROM tenants WHERE tenant_id = $1")
            .bind(tenant.as_str().to_owned())
            .fetch_optional(&mut *connection)
            .await?;
        Ok(row.map_or(Ok(0), |row| row.try_get(0))?)
    }

    /// At most `limit` events after the cursor, oldest first.
    pub async fn events_after(
        &self,
        tenant: &TenantId,
        cursor: i64,
        limit: i64,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT n, kind, conversation_id, data FROM event_log WHERE tenant_id = $1 AND n > $2 ORDER BY n LIMIT $3",
        )
        .bind(tenant.as_str().to_owned())
        .bind(cursor)
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?;
        rows.iter().map(|row| read(tenant, row)).collect()
    }

    /// At most `limit` events after the cursor that brought a message into the conversation or ended a turn of it,
    /// oldest first. Only these have an index by conversation: who owns it is read from the conversation itself.
    pub async fn conversation_events_after(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
        cursor: i64,
        limit: i64,
    ) -> Result<Vec<LoggedEvent>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT n, kind, conversation_id, data FROM event_log \
             WHERE tenant_id = $1 AND conversation_id = $2 AND kind IN ('message.created', 'turn.recorded') AND n > $3 \
             ORDER BY n LIMIT $4",
        )
        .bind(tenant.as_str().to_owned())
        .bind(conversation.as_str().to_owned())
        .bind(cursor)
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?;
        rows.iter().map(|row| read(tenant, row)).collect()
    }
}

fn read(tenant: &TenantId, row: &AnyRow) -> Result<LoggedEvent, StoreError> {
    Ok(LoggedEvent {
        tenant: tenant.clone(),
        n: row.try_get(0)?,
        kind: row.try_get(1)?,
        conversation: row.try_get::<Option<String>, _>(2)?.map(ConversationId::from_text),
        data: RawValue::from_string(row.try_get(3)?).map_err(StoreError::corrupt("event"))?,
    })
}
