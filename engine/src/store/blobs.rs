//! Blobs: what is known of each stored file. The bytes lie in a folder; see `blobs.rs` of the engine.

use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::{Store, StoreError};
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
}

impl Store {
    pub async fn add_blob(&self, blob: BlobRow) -> Result<(), StoreError> {
        self.write(AddBlob(blob)).await
    }

    /// A blob of this tenant; another tenant's is none.
    pub async fn blob(&self, tenant: &TenantId, id: &RowId) -> Result<Option<BlobRow>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query("SELECT sha256, size, mime FROM blobs WHERE tenant_id = $1 AND id = $2")
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
            "INSERT INTO blobs (tenant_id, id, sha256, size, mime, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.0.tenant.as_str().to_owned())
        .bind(self.0.id.as_str().to_owned())
        .bind(self.0.sha256.clone())
        .bind(self.0.size)
        .bind(self.0.mime.clone())
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}
