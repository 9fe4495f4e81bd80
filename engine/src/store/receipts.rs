//! Receipts: how far messages of ours came. A later state wins, whatever the order of arrival; a failure is final.

use channels::{Cost, Receipt, ReceiptState};
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::lock_order::Touched;
use super::messages::{self, MessageState};
use super::{Store, StoreError};
use crate::ids::{ChannelAccountId, MessageId, TenantId};

impl Store {
    /// Records a receipt; one of a message we do not know changes nothing.
    pub async fn record_receipt(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        receipt: Receipt,
    ) -> Result<(), StoreError> {
        self.write(RecordReceipt { tenant: tenant.clone(), account: account.clone(), receipt }).await
    }
}

struct RecordReceipt {
    tenant: TenantId,
    account: ChannelAccountId,
    receipt: Receipt,
}

fn rank(state: MessageState) -> u8 {
    match state {
        MessageState::Queued | MessageState::Uncertain => 0,
        MessageState::Sent => 1,
        MessageState::Delivered => 2,
        MessageState::Read => 3,
        MessageState::Failed => 4,
    }
}

impl WriteOp for RecordReceipt {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        let thread = Touched::Thread {
            tenant: self.tenant.clone(),
            account: self.account.clone(),
            thread: self.receipt.thread.clone(),
        };
        (self.receipt.state == ReceiptState::Failed).then_some(thread).into_iter().collect()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        if let Some(correlation) = &self.receipt.correlation {
            super::echoes::accepted(
                batch,
                &self.tenant,
                &self.account,
                (correlation, &self.receipt.external_id),
            )
            .await?;
        }
        let state = match self.receipt.state {
            ReceiptState::Sent => MessageState::Sent,
            ReceiptState::Delivered => MessageState::Delivered,
            ReceiptState::Read | ReceiptState::Played => MessageState::Read,
            ReceiptState::Failed => MessageState::Failed,
        };
        for id in self.meant(batch).await? {
            self.advance(batch, &id, state).await?;
        }
        let told = self.receipt.cost.as_ref();
        // What never arrived costs nothing, whatever an earlier receipt told.
        let free = (state == MessageState::Failed)
            .then(|| Cost { billable: false, ..told.cloned().unwrap_or_default() });
        if let Some(cost) = free.as_ref().or(told) {
            let whose = (&self.tenant, &self.account);
            let rank = i64::from(rank(state));
            super::account_money::cost(batch, whose, &self.receipt.external_id, (cost, rank)).await?;
        }
        Ok(())
    }
}

impl RecordReceipt {
    /// The messages of ours that the receipt is about.
    async fn meant(&self, batch: &mut Batch<'_>) -> Result<Vec<MessageId>, StoreError> {
        let receipt = &self.receipt;
        let rows = match receipt.up_to {
            Some(until) if receipt.external_id.is_empty() => {
                // Only the newest thousand: older ones were read by earlier receipts.
                sqlx::query(
                    "SELECT m.id FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id \
                     AND c.id = m.conversation_id WHERE c.tenant_id = $1 AND c.channel_account_id = $2 \
                     AND c.thread = $3 AND m.author IN ('bot', 'agent') AND m.state IN ('sent', 'delivered') \
                     AND m.created_at <= $4 ORDER BY m.seq DESC LIMIT 1000",
                )
                .bind(self.tenant.as_str().to_owned())
                .bind(self.account.as_str().to_owned())
                .bind(receipt.thread.clone())
                .bind(until)
                .fetch_all(batch.connection().await?)
                .await?
            }
            _ => {
                sqlx::query(
                    "SELECT p.message_id FROM platform_messages p WHERE p.tenant_id = $1 \
                     AND p.channel_account_id = $2 AND p.external_id = $3 UNION \
                     SELECT m.id FROM messages m WHERE m.tenant_id = $1 AND m.external_id = $3",
                )
                .bind(self.tenant.as_str().to_owned())
                .bind(self.account.as_str().to_owned())
                .bind(receipt.external_id.clone())
                .fetch_all(batch.connection().await?)
                .await?
            }
        };
        rows.iter().map(|row| Ok(MessageId::from_text(row.try_get::<String, _>(0)?))).collect()
    }

    async fn advance(
        &self,
        batch: &mut Batch<'_>,
        id: &MessageId,
        state: MessageState,
    ) -> Result<(), StoreError> {
        let Some(mut message) = messages::find(batch.connection().await?, &self.tenant, id).await? else {
            return Ok(());
        };
        if message.author == messages::Author::Customer || rank(state) <= rank(message.state) {
            return Ok(());
        }
        let failure = match (&self.receipt.reason, &self.receipt.advice) {
            (Some(reason), Some(advice)) => Some(format!("{reason} ({advice})")),
            (reason, _) => reason.clone(),
        };
        sqlx::query("UPDATE messages SET state = $1, failure = $2 WHERE tenant_id = $3 AND id = $4")
            .bind(state.as_str())
            .bind(failure.clone())
            .bind(self.tenant.as_str().to_owned())
            .bind(id.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        message.state = state;
        message.failure = failure;
        messages::log(batch, &self.tenant, "message.updated", &message)?;
        match state {
            MessageState::Failed => super::undelivered::tell(batch, &self.tenant, id).await,
            _ => Ok(()),
        }
    }
}
