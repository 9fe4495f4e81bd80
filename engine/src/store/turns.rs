//! Turn records: what was understood and decided, with everything the decision saw.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::columns::Columns as _;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ConversationId, MessageId, TenantId};

pub(super) const COLUMNS: &str =
    "tenant_id, id, conversation_id, turn, message_id, decision, record, created_at";

/// A stored turn; `record` is the JSON that was frozen for training.
#[derive(Clone, Debug)]
pub struct TurnRow {
    pub id: String,
    pub turn: i64,
    pub message: MessageId,
    pub decision: String,
    pub record: String,
    pub at: Micros,
}

impl Store {
    /// The newest turns of a conversation, newest first.
    pub async fn turns(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
        limit: i64,
    ) -> Result<Vec<TurnRow>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT id, turn, message_id, decision, record, created_at FROM turns \
             WHERE tenant_id = $1 AND conversation_id = $2 ORDER BY turn DESC LIMIT $3",
        )
        .bind(tenant.as_str().to_owned())
        .bind(conversation.as_str().to_owned())
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?;
        rows.iter().map(read).collect()
    }

    /// The turns that heard the messages numbered `first` to `last`, oldest first.
    pub async fn turns_of_messages(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
        (first, last): (i64, i64),
    ) -> Result<Vec<TurnRow>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT t.id, t.turn, t.message_id, t.decision, t.record, t.created_at FROM turns t \
             JOIN messages m ON m.tenant_id = t.tenant_id AND m.id = t.message_id \
             WHERE t.tenant_id = $1 AND t.conversation_id = $2 AND m.seq BETWEEN $3 AND $4 ORDER BY t.turn",
        )
        .bind(tenant.as_str().to_owned())
        .bind(conversation.as_str().to_owned())
        .bind(first)
        .bind(last)
        .fetch_all(&mut *connection)
        .await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &AnyRow) -> Result<TurnRow, StoreError> {
    Ok(TurnRow {
        id: row.try_get(0)?,
        turn: row.try_get(1)?,
        message: row.id(2)?,
        decision: row.try_get(3)?,
        record: row.try_get(4)?,
        at: row.time(5)?,
    })
}
