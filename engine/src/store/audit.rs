//! The audit trail: append only, each row bound to the one before it by a hash.

use sha2::{Digest, Sha256};
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::{Store, StoreError};
use crate::ids::TenantId;

/// Appends a row. `hash` is SHA-256 over the previous hash and this row's fields, each after its length in bytes
/// (64 bits, big-endian).
pub(super) async fn append(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    actor: &str,
    action: &str,
    target: &str,
) -> Result<(), StoreError> {
    let data = "{}";
    // The tenant's row is what two nodes queue for, so that they cannot take the same number.
    sqlx::query("UPDATE tenants SET last_event = last_event WHERE tenant_id = $1")
        .bind(tenant.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
    let last = sqlx::query("SELECT n, hash FROM audit WHERE tenant_id = $1 ORDER BY n DESC LIMIT 1")
        .bind(tenant.as_str().to_owned())
        .fetch_optional(batch.connection().await?)
        .await?;
    let (n, previous): (i64, String) = match last {
        Some(row) => (row.try_get::<i64, _>(0)? + 1, row.try_get(1)?),
        None => (1, String::new()),
    };
    let now = batch.now();
    let hash = chain(&previous, &[&n.to_string(), actor, action, target, data, &now.0.to_string()]);
    sqlx::query(
        "INSERT INTO audit (tenant_id, n, actor, action, target, data, created_at, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tenant.as_str().to_owned())
    .bind(n)
    .bind(actor.to_owned())
    .bind(action.to_owned())
    .bind(target.to_owned())
    .bind(data.to_owned())
    .bind(now.0)
    .bind(hash)
    .execute(batch.connection().await?)
    .await?;
    Ok(())
}

fn chain(previous: &str, fields: &[&str]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(previous.as_bytes());
    for field in fields {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    crate::secrets::hex(&hasher.finalize())
}

impl Store {
    /// Records who did what.
    pub async fn audit(
        &self,
        tenant: &TenantId,
        actor: &str,
        action: &str,
        target: &str,
    ) -> Result<(), StoreError> {
        self.write(Append {
            tenant: tenant.clone(),
            actor: actor.to_owned(),
            action: action.to_owned(),
            target: target.to_owned(),
        })
        .await
    }

    /// The number of the first audit row that does not fit its predecessor; none when the trail is whole.
    pub async fn broken_audit_row(&self, tenant: &TenantId) -> Result<Option<i64>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT n, actor, action, target, data, created_at, hash FROM audit WHERE tenant_id = $1 ORDER BY n",
        )
        .bind(tenant.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        let mut previous = String::new();
        for (expected, row) in (1i64..).zip(&rows) {
            let n: i64 = row.try_get(0)?;
            let fields: Vec<String> =
                (1..5).map(|column| row.try_get::<String, _>(column)).collect::<Result<_, sqlx::Error>>()?;
            let at = row.try_get::<i64, _>(5)?.to_string();
            let number = n.to_string();
            let mut all = vec![number.as_str()];
            all.extend(fields.iter().map(String::as_str));
            all.push(&at);
            let hash: String = row.try_get(6)?;
            if n != expected || chain(&previous, &all) != hash {
                return Ok(Some(n));
            }
            previous = hash;
        }
        Ok(None)
    }
}

struct Append {
    tenant: TenantId,
    actor: String,
    action: String,
    target: String,
}

impl WriteOp for Append {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        append(batch, &self.tenant, &self.actor, &self.action, &self.target).await
    }
}
