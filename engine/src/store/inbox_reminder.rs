//! Conversations that the platform's own inbox has and in which a customer waits: after a while they come into our queue.

use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::echoes::PLATFORM_INBOX;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, ConversationId, TenantId};

/// Why such a conversation waits.
pub(super) const REASON: &str = "platform_inbox_silent";

/// Since when the customer waits: the first message of theirs after the last of ours.
const WAITS_SINCE: &str = "(SELECT MIN(m.created_at) FROM messages m WHERE m.tenant_id = c.tenant_id \
    AND m.conversation_id = c.id AND m.author = 'customer' AND m.seq > COALESCE((SELECT MAX(o.seq) FROM messages o \
    WHERE o.tenant_id = c.tenant_id AND o.conversation_id = c.id AND o.author IN ('agent', 'bot')), 0))";

impl Store {
    /// Puts those into the queue in which nobody has answered since `before`; returns how many.
    pub async fn remind_of_inbox(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        before: Micros,
    ) -> Result<usize, StoreError> {
        let late = {
            let mut connection = self.reader(tenant).await?;
            let sql = format!(
                "SELECT c.id, {WAITS_SINCE} FROM conversations c WHERE c.tenant_id = $1 \
                 AND c.channel_account_id = $2 AND c.status = 'open' AND c.control = 'agent' AND c.control_ref = $3 \
                 AND c.unanswered > 0 AND c.is_current = 1 AND {WAITS_SINCE} <= $4"
            );
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(tenant.as_str().to_owned())
                .bind(account.as_str().to_owned())
                .bind(PLATFORM_INBOX)
                .bind(before.0)
                .fetch_all(&mut *connection)
                .await?
        };
        let mut reminded = 0;
        for row in late {
            let conversation = ConversationId::from_text(row.try_get::<String, _>(0)?);
            let since = Micros(row.try_get(1)?);
            reminded +=
                usize::from(self.write(Remind { tenant: tenant.clone(), conversation, since }).await?);
        }
        Ok(reminded)
    }
}

struct Remind {
    tenant: TenantId,
    conversation: ConversationId,
    since: Micros,
}

impl WriteOp for Remind {
    type Output = bool;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE conversations SET control = 'waiting', control_ref = NULL, waiting_since = $1, handoff_reason = $2 \
             WHERE tenant_id = $3 AND id = $4 AND control = 'agent' AND control_ref = $5 AND unanswered > 0 \
             AND status = 'open'",
        )
        .bind(self.since.0)
        .bind(REASON)
        .bind(self.tenant.as_str().to_owned())
        .bind(self.conversation.as_str().to_owned())
        .bind(PLATFORM_INBOX)
        .execute(batch.connection().await?)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        // What the inbox had taken is over; this is another wait.
        super::handoffs::follow(batch, &self.tenant, &self.conversation, None, batch.now()).await?;
        super::handoffs::open(batch, &self.tenant, &self.conversation, REASON).await?;
        super::conversations::log_update(batch, &self.tenant, &self.conversation).await?;
        Ok(true)
    }
}
