//! Who has a chat where the platform says so with each event: LINE's `standby` means that people answer in its own manager,
//! `active` that we do.

use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::echoes::PLATFORM_INBOX;
use super::{Store, StoreError};
use crate::ids::{ChannelAccountId, ConversationId, TenantId};

impl Store {
    /// Notes who has a thread. An agent of ours keeps it; what is so already is not written again.
    pub async fn note_standby(
        &self,
        tenant: &TenantId,
        (account, thread): (&ChannelAccountId, &str),
        standby: bool,
    ) -> Result<(), StoreError> {
        let note = NoteStandby {
            tenant: tenant.clone(),
            account: account.clone(),
            thread: thread.to_owned(),
            standby,
        };
        if note.changes(self).await? { self.write(note).await } else { Ok(()) }
    }
}

struct NoteStandby {
    tenant: TenantId,
    account: ChannelAccountId,
    thread: String,
    standby: bool,
}

impl NoteStandby {
    fn condition(&self) -> &'static str {
        if self.standby {
            "tenant_id = $1 AND channel_account_id = $2 AND thread = $3 AND is_current = 1 AND status = 'open' \
             AND control <> 'agent' AND NOT (control = 'waiting' AND handoff_reason = 'platform_inbox_silent') AND $4 = $4"
        } else {
            "tenant_id = $1 AND channel_account_id = $2 AND thread = $3 AND is_current = 1 \
             AND control = 'agent' AND control_ref = $4"
        }
    }

    async fn changes(&self, store: &Store) -> Result<bool, StoreError> {
        let mut connection = store.reader(&self.tenant).await?;
        let sql = format!("SELECT 1 FROM conversations WHERE {}", self.condition());
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.tenant.as_str().to_owned())
            .bind(self.account.as_str().to_owned())
            .bind(self.thread.clone())
            .bind(PLATFORM_INBOX)
            .fetch_optional(&mut *connection)
            .await?;
        Ok(row.is_some())
    }
}

impl WriteOp for NoteStandby {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        let change = if self.standby {
            "control = 'agent', control_ref = $4, waiting_since = NULL, lease_token = lease_token + 1, lease_until = 0"
        } else {
            "control = 'bot', control_ref = NULL, waiting_since = NULL"
        };
        let sql = format!("UPDATE conversations SET {change} WHERE {} RETURNING id", self.condition());
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.tenant.as_str().to_owned())
            .bind(self.account.as_str().to_owned())
            .bind(self.thread.clone())
            .bind(PLATFORM_INBOX)
            .fetch_optional(batch.connection().await?)
            .await?;
        let Some(row) = row else { return Ok(()) };
        let conversation = ConversationId::from_text(row.try_get::<String, _>(0)?);
        // The message of a turn that was fenced off is to be heard at once: in silence.
        batch.made_ready |= self.standby;
        let owner = self.standby.then_some(PLATFORM_INBOX);
        super::handoffs::follow(batch, &self.tenant, &conversation, owner, now).await?;
        super::conversations::log_update(batch, &self.tenant, &conversation).await.map(drop)
    }
}
