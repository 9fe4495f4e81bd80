//! What our side does to messages beside saying: where it is done, and what is kept of it.

use channels::Destination;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::message_changes::{ChangeKind, change};
use super::messages::{self, Message};
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, ConversationId, MessageId, TenantId};

/// Who reacts when our side does: one for all of us, as on the platforms.
pub const OURS: &str = "@us";

/// Where something is done.
#[derive(Clone, Debug)]
pub struct ActTarget {
    pub account: ChannelAccountId,
    pub destination: Destination,
    /// What the platform calls the newest message of the person that still stands.
    pub newest: Option<String>,
    /// When the person last wrote; zero where that is not known.
    pub heard_at: Micros,
}

impl Store {
    /// Where things are done in a conversation.
    pub async fn act_target(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
    ) -> Result<Option<ActTarget>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query(
            "SELECT c.channel_account_id, c.thread, c.hints, c.heard_at, (SELECT m.external_id FROM messages m \
             WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.author = 'customer' \
             AND m.external_id IS NOT NULL ORDER BY m.seq DESC LIMIT 1) \
             FROM conversations c WHERE c.tenant_id = $1 AND c.id = $2",
        )
        .bind(tenant.as_str().to_owned())
        .bind(conversation.as_str().to_owned())
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (thread, hints): (String, String) = (row.try_get(1)?, row.try_get(2)?);
        Ok(Some(ActTarget {
            account: row.id(0)?,
            destination: super::outbox::destination(&thread, &hints),
            newest: row.try_get(4)?,
            heard_at: row.time(3)?,
        }))
    }

    /// Everything that the platform calls this message, in the order in which it took the parts.
    pub async fn platform_ids(
        &self,
        tenant: &TenantId,
        message: &Message,
    ) -> Result<Vec<String>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT external_id FROM platform_messages WHERE tenant_id = $1 AND message_id = $2 \
             ORDER BY created_at, external_id",
        )
        .bind(tenant.as_str().to_owned())
        .bind(message.id.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        let mut ids = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
        if ids.is_empty() {
            ids.extend(message.external_id.clone());
        }
        Ok(ids)
    }

    /// Keeps what our side did to a message, once the platform has taken it.
    pub async fn keep_act(
        &self,
        tenant: &TenantId,
        message: &MessageId,
        what: ChangeKind,
    ) -> Result<Message, StoreError> {
        self.write(KeepAct { tenant: tenant.clone(), message: message.clone(), what }).await
    }
}

struct KeepAct {
    tenant: TenantId,
    message: MessageId,
    what: ChangeKind,
}

impl WriteOp for KeepAct {
    type Output = Message;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Message, StoreError> {
        let found = messages::find(batch.connection().await?, &self.tenant, &self.message).await?;
        let message = found.ok_or(StoreError::NotFound("message"))?;
        let now = batch.now().0;
        change(batch, &self.tenant, message, (&self.what, now)).await
    }
}
