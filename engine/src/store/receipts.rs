//! Receipts: how far messages of ours came. A later state wins, whatever the order of arrival; a failure is final.

use channels::{Receipt, ReceiptState};

use super::batch::{Batch, WriteOp};
use super::messages::{self, MessageState};
use super::{Store, StoreError};
use crate::ids::TenantId;

impl Store {
    /// Records a receipt; one of a message we do not know changes nothing.
    pub async fn record_receipt(&self, tenant: &TenantId, receipt: Receipt) -> Result<(), StoreError> {
        self.write(RecordReceipt { tenant: tenant.clone(), receipt }).await
    }
}

struct RecordReceipt {
    tenant: TenantId,
    receipt: Receipt,
}

fn rank(state: MessageState) -> u8 {
    match state {
        MessageState::Queued => 0,
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

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let found = super::ingest::message_by_external_id(
            batch.connection().await?,
            &self.tenant,
            &self.receipt.external_id,
        )
        .await?;
        let Some(id) = found else { return Ok(()) };
        let Some(mut message) = messages::find(batch.connection().await?, &self.tenant, &id).await? else {
            return Ok(());
        };
        let state = match self.receipt.state {
            ReceiptState::Sent => MessageState::Sent,
            ReceiptState::Delivered => MessageState::Delivered,
            ReceiptState::Read => MessageState::Read,
            ReceiptState::Failed => MessageState::Failed,
        };
        if message.author == messages::Author::Customer || rank(state) <= rank(message.state) {
            return Ok(());
        }
        sqlx::query("UPDATE messages SET state = $1, failure = $2 WHERE tenant_id = $3 AND id = $4")
            .bind(state.as_str())
            .bind(self.receipt.reason.clone())
            .bind(self.tenant.as_str().to_owned())
            .bind(id.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        message.state = state;
        message.failure.clone_from(&self.receipt.reason);
        messages::log(batch, &self.tenant, "message.updated", &message)
    }
}
