//! What came to an account of ours and was for an account that is not here, counted by day. And Instagram's second id of an
//! account.

use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, TenantId};

/// So long it is counted: what is older is forgotten.
const LATELY: i64 = 30;

/// What came for one id that is nobody's here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    pub external_id: String,
    pub events: i64,
    pub last_at: Micros,
}

impl Store {
    /// Counts an event that came to an account and was for the one of this id.
    pub async fn count_stray(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        external_id: &str,
    ) -> Result<(), StoreError> {
        let (tenant, account) = (tenant.clone(), account.clone());
        self.write(Count { tenant, account, external_id: external_id.to_owned() }).await
    }

    /// What came lately for others, most first.
    pub async fn strays(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
    ) -> Result<Vec<Stray>, StoreError> {
        let since = self.clock().now().0 / Micros::DAY - LATELY;
        let mut connection = self.reader(tenant).await?;
        // PostgreSQL adds whole numbers up to one that sqlx's common types lack.
        let rows = sqlx::query(
            "SELECT external_id, CAST(SUM(events) AS BIGINT), MAX(last_at) FROM account_strays \
             WHERE tenant_id = $1 AND channel_account_id = $2 AND day > $3 GROUP BY external_id ORDER BY 2 DESC, 1 LIMIT 50",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .bind(since)
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Stray { external_id: row.try_get(0)?, events: row.try_get(1)?, last_at: row.time(2)? })
            })
            .collect()
    }

    /// Keeps the second id by which a platform names an account, where it is another than the one that is known.
    pub async fn learn_other_id(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        other: &str,
    ) -> Result<(), StoreError> {
        let (tenant, account) = (tenant.clone(), account.clone());
        self.write(Learn { tenant, account, other: other.to_owned() }).await
    }
}

struct Count {
    tenant: TenantId,
    account: ChannelAccountId,
    external_id: String,
}

impl WriteOp for Count {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        let today = now.0 / Micros::DAY;
        let old = "DELETE FROM account_strays WHERE tenant_id = $1 AND channel_account_id = $2 AND day <= $3";
        let whose = vec![(&self.tenant).into(), self.account.as_str().into(), (today - LATELY).into()];
        batch.later(old, whose).await?;
        sqlx::query(
            "INSERT INTO account_strays (tenant_id, channel_account_id, external_id, day, events, last_at) \
             VALUES ($1, $2, $3, $4, 1, $5) ON CONFLICT (tenant_id, channel_account_id, external_id, day) \
             DO UPDATE SET events = account_strays.events + 1, last_at = excluded.last_at",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.external_id.clone())
        .bind(today)
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}

struct Learn {
    tenant: TenantId,
    account: ChannelAccountId,
    other: String,
}

impl WriteOp for Learn {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE channel_accounts SET other_external_id = $1, version = version + 1 \
             WHERE tenant_id = $2 AND id = $3 AND other_external_id <> $1",
        )
        .bind(self.other.clone())
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}
