//! Blobs: what is known of each stored file. The bytes lie in a folder; see `blobs.rs` of the engine.

use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{RowId, TenantId};

/// A stored file of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobRow {
    pub tenant: TenantId,
    /// 32 random hex digits.
    pub id: RowId,
    /// Of the bytes, in lower-case hex.
    pub sha256: String,
    /// In bytes.
    pub size: i64,
    pub mime: String,
    /// Until when a message must name it, or it is let go; none for what stays.
    pub awaited_until: Option<Micros>,
}

impl Store {
    pub async fn add_blob(&self, blob: BlobRow) -> Result<(), StoreError> {
        self.write(AddBlob(blob)).await
    }

    /// Keeps blobs that a message names; false where one of them is there no more.
    pub async fn claim_blobs(&self, tenant: &TenantId, ids: &[RowId]) -> Result<bool, StoreError> {
        if ids.is_empty() {
            return Ok(true);
        }
        self.write(ClaimBlobs { tenant: tenant.clone(), ids: ids.to_vec() }).await
    }

    /// Forgets blobs that no message has named in time; returns them, so that their files can go.
    pub async fn drop_unclaimed_blobs(&self, tenant: &TenantId) -> Result<Vec<RowId>, StoreError> {
        self.write(DropUnclaimed(tenant.clone())).await
    }

    /// A blob of this tenant; another tenant's is none.
    pub async fn blob(&self, tenant: &TenantId, id: &RowId) -> Result<Option<BlobRow>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query(
            "SELECT sha256, size, mime, awaited_until FROM blobs WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.as_str().to_owned())
        .bind(id.as_str().to_owned())
        .fetch_optional(&mut *connection)
        .await?;
        row.map(|row| {
            Ok(BlobRow {
                tenant: tenant.clone(),
                id: id.clone(),
                sha256: row.try_get(0)?,
                size: row.try_get(1)?,
                mime: row.try_get(2)?,
                awaited_until: row.try_get::<Option<i64>, _>(3)?.map(Micros),
            })
        })
        .transpose()
    }
}

struct AddBlob(BlobRow);

impl WriteOp for AddBlob {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.0.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        sqlx::query(
            "INSERT INTO blobs (tenant_id, id, sha256, size, mime, created_at, awaited_until) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.0.tenant.as_str().to_owned())
        .bind(self.0.id.as_str().to_owned())
        .bind(self.0.sha256.clone())
        .bind(self.0.size)
        .bind(self.0.mime.clone())
        .bind(now.0)
        .bind(self.0.awaited_until.map(|until| until.0))
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}

struct ClaimBlobs {
    tenant: TenantId,
    ids: Vec<RowId>,
}

impl WriteOp for ClaimBlobs {
    type Output = bool;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<bool, StoreError> {
        let mut all = true;
        for id in &self.ids {
            let claimed =
                sqlx::query("UPDATE blobs SET awaited_until = NULL WHERE tenant_id = $1 AND id = $2")
                    .bind(self.tenant.as_str().to_owned())
                    .bind(id.as_str().to_owned())
                    .execute(batch.connection().await?)
                    .await?;
            all &= claimed.rows_affected() == 1;
        }
        Ok(all)
    }
}

struct DropUnclaimed(TenantId);

impl WriteOp for DropUnclaimed {
    type Output = Vec<RowId>;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.0.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Vec<RowId>, StoreError> {
        let now = batch.now();
        let rows = sqlx::query("DELETE FROM blobs WHERE tenant_id = $1 AND awaited_until < $2 RETURNING id")
            .bind(self.0.as_str().to_owned())
            .bind(now.0)
            .fetch_all(batch.connection().await?)
            .await?;
        rows.iter().map(|row| Ok(RowId::from_text(row.try_get::<String, _>(0)?))).collect()
    }
}
