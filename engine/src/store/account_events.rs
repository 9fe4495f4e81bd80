//! What a platform says of a channel account rather than of a conversation: kept, so that nothing is lost in silence.

use channels::{Content, InboundMessage};
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, RowId, TenantId};

/// An event without a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountEvent {
    pub event_id: String,
    /// The platform's own name of it, or the kind of content it was read as.
    pub kind: String,
    /// The platform's own name of it, where it has one: `message_template_status_update`.
    pub name: Option<String>,
    /// What it says, in the platform's words.
    pub text: Option<String>,
    pub received_at: Micros,
}

impl Store {
    /// Keeps an event of a channel account; the same event again changes nothing.
    pub async fn keep_account_event(
        &self,
        tenant: TenantId,
        account: ChannelAccountId,
        message: InboundMessage,
    ) -> Result<(), StoreError> {
        self.write(Keep { tenant, account, message }).await
    }

    /// The newest events of a channel account, newest first.
    pub async fn account_events(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        limit: i64,
    ) -> Result<Vec<AccountEvent>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT event_id, kind, received_at, payload FROM account_events \
             WHERE tenant_id = $1 AND channel_account_id = $2 ORDER BY id DESC LIMIT $3",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .bind(limit)
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                let (name, text) = said_in(&row.try_get::<String, _>(3)?);
                Ok(AccountEvent {
                    event_id: row.try_get(0)?,
                    kind: row.try_get(1)?,
                    name,
                    text,
                    received_at: row.time(2)?,
                })
            })
            .collect()
    }
}

/// The name and the words of a kept event; nothing of one that another version wrote.
fn said_in(payload: &str) -> (Option<String>, Option<String>) {
    match serde_json::from_str::<InboundMessage>(payload).map(|message| message.content) {
        Ok(Content::Notice { notice }) => (Some(notice.name), notice.text),
        Ok(content) => (None, content.text().map(str::to_owned)),
        Err(_) => (None, None),
    }
}

struct Keep {
    tenant: TenantId,
    account: ChannelAccountId,
    message: InboundMessage,
}

impl WriteOp for Keep {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let id: RowId = batch.new_id();
        let kind = match &self.message.content {
            Content::Unknown { kind } => kind.clone(),
            known => known.kind().to_owned(),
        };
        let payload = serde_json::to_string(&self.message).map_err(StoreError::corrupt("account event"))?;
        let now = batch.now();
        sqlx::query(
            "INSERT INTO account_events (tenant_id, id, channel_account_id, event_id, kind, payload, received_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, channel_account_id, event_id) DO NOTHING",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(id.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.message.event_id.clone())
        .bind(kind)
        .bind(payload)
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}
