//! When secrets of an account last verified a call. They are known by keyed marks, from which nobody can tell a secret.

use std::collections::BTreeMap;

use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, TenantId};

impl Store {
    /// Notes that the secret of this mark has verified a call now.
    pub async fn note_proof(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        mark: &str,
    ) -> Result<(), StoreError> {
        let (tenant, account) = (tenant.clone(), account.clone());
        self.write(Note { tenant, account, mark: mark.to_owned() }).await
    }

    /// When the secrets of an account last verified a call, by their marks.
    pub async fn proofs(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
    ) -> Result<BTreeMap<String, Micros>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT mark, proved_at FROM secret_proofs WHERE tenant_id = $1 AND channel_account_id = $2",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.time(1)?))).collect()
    }
}

/// Forgets the proofs of an account that is gone.
pub(super) async fn forget(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    account: &ChannelAccountId,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM secret_proofs WHERE tenant_id = $1 AND channel_account_id = $2";
    batch.later(sql, vec![tenant.into(), account.as_str().into()]).await
}

struct Note {
    tenant: TenantId,
    account: ChannelAccountId,
    mark: String,
}

impl WriteOp for Note {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        sqlx::query(
            "INSERT INTO secret_proofs (tenant_id, channel_account_id, mark, proved_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant_id, channel_account_id, mark) DO UPDATE SET proved_at = excluded.proved_at",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.mark.clone())
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}
