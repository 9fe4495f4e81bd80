//! Tenants: the companies that use this installation.

use serde::Serialize;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::{Store, StoreError};
use crate::ids::TenantId;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tenant {
    pub id: TenantId,
    pub name: String,
    /// BCP 47.
    pub language: String,
    /// IANA time zone name.
    pub time_zone: String,
}

impl Store {
    /// Adds a tenant. One that exists already is left as it is.
    pub async fn add_tenant(&self, tenant: Tenant) -> Result<(), StoreError> {
        self.write(AddTenant(tenant)).await
    }

    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        let mut transaction = self.claim_reader().await?;
        let rows = sqlx::query("SELECT tenant_id, name, language, time_zone FROM tenants ORDER BY tenant_id")
            .fetch_all(&mut *transaction)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Tenant {
                    id: row.id(0)?,
                    name: row.try_get(1)?,
                    language: row.try_get(2)?,
                    time_zone: row.try_get(3)?,
                })
            })
            .collect()
    }
}

struct AddTenant(Tenant);

impl WriteOp for AddTenant {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.0.id.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        sqlx::query(
            "INSERT INTO tenants (tenant_id, name, language, time_zone, last_event, created_at) \
             VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT (tenant_id) DO NOTHING",
        )
        .bind(self.0.id.as_str().to_owned())
        .bind(self.0.name.clone())
        .bind(self.0.language.clone())
        .bind(self.0.time_zone.clone())
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}
