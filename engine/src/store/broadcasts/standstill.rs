//! A message to many that comes to a stand, and goes on.

use super::{Broadcast, find};
use crate::ids::{ChannelAccountId, RowId, TenantId};
use crate::store::batch::{Batch, WriteOp};
use crate::store::{NewJob, Store, StoreError, account_care, jobs};

/// LINE refused a call for a reason that holds for all that follow.
#[derive(Clone, Debug)]
pub struct BroadcastRefusal {
    pub reason: String,
    /// The call that was refused, where it had not been tried before: then it was surely not carried out.
    pub untried: Option<i64>,
    /// The account itself is refused: nothing more is sent on it until it is mended.
    pub holds: bool,
}

impl Store {
    /// Stops a message to many at a refusal. Its calls that were not made stay as they are.
    pub async fn stop_broadcast(
        &self,
        broadcast: &Broadcast,
        refusal: BroadcastRefusal,
    ) -> Result<(), StoreError> {
        self.write(Stop {
            tenant: broadcast.tenant.clone(),
            id: broadcast.id.clone(),
            account: broadcast.account.clone(),
            refusal,
        })
        .await
    }

    /// Lets a stopped message to many go on with the calls that were not made, under their keys, by a job of this kind.
    /// False when it was not stopped: then nothing changes.
    pub async fn resume_broadcast(
        &self,
        tenant: &TenantId,
        id: &RowId,
        job: &'static str,
    ) -> Result<bool, StoreError> {
        self.write(Resume { tenant: tenant.clone(), id: id.clone(), job }).await
    }
}

struct Stop {
    tenant: TenantId,
    id: RowId,
    account: ChannelAccountId,
    refusal: BroadcastRefusal,
}

impl WriteOp for Stop {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE broadcasts SET state = 'stopped', reason = $1 WHERE tenant_id = $2 AND id = $3 AND state = 'sending'",
        )
        .bind(self.refusal.reason.clone())
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
        if let Some(chunk) = self.refusal.untried {
            sqlx::query(
                "UPDATE broadcast_chunks SET first_tried_at = NULL \
                 WHERE tenant_id = $1 AND broadcast_id = $2 AND chunk = $3 AND state = 'waiting'",
            )
            .bind(self.tenant.as_str().to_owned())
            .bind(self.id.as_str().to_owned())
            .bind(chunk)
            .execute(batch.connection().await?)
            .await?;
        }
        if self.refusal.holds {
            account_care::hold(batch, &self.tenant, &self.account, &self.refusal.reason).await?;
        }
        Ok(())
    }
}

struct Resume {
    tenant: TenantId,
    id: RowId,
    job: &'static str,
}

impl WriteOp for Resume {
    type Output = bool;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE broadcasts SET state = 'sending', reason = NULL WHERE tenant_id = $1 AND id = $2 AND state = 'stopped'",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?
        .rows_affected();
        if changed == 0 {
            let found = find(batch.connection().await?, &self.tenant, &self.id).await?;
            return found.map(|_| false).ok_or(StoreError::NotFound("broadcast"));
        }
        let job = NewJob {
            tenant: self.tenant.clone(),
            kind: self.job,
            dedupe: self.id.as_str().to_owned(),
            payload: serde_json::json!({ "broadcast": self.id }).to_string(),
            run_at: batch.now(),
        };
        // A job that was told to stop and has not ended yet must not end this one.
        jobs::put(batch, &job).await?;
        Ok(true)
    }
}
