//! What a bot's own examples tell of its understanding, night by night.

use serde::Serialize;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::TenantId;

/// Tests that are kept of a bot.
const KEPT: i64 = 400;

/// One night's test. Shares are 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SelfTest {
    #[serde(serialize_with = "Micros::in_millis")]
    pub at: Micros,
    /// The model in service meanwhile.
    pub version: String,
    /// Examples that were asked.
    pub examples: usize,
    pub accuracy: f32,
    pub macro_f1: f32,
}

impl Store {
    /// The latest tests of a bot, oldest first.
    pub async fn self_tests(
        &self,
        tenant: &TenantId,
        bot: &str,
        most: i64,
    ) -> Result<Vec<SelfTest>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT at, version, examples, accuracy, macro_f1 FROM self_tests \
             WHERE tenant_id = $1 AND bot = $2 ORDER BY at DESC LIMIT $3",
        )
        .bind(tenant.as_str().to_owned())
        .bind(bot.to_owned())
        .bind(most)
        .fetch_all(&mut *connection)
        .await?;
        let share = |parts: i64| parts as f32 / PARTS;
        rows.iter()
            .rev()
            .map(|row| {
                Ok(SelfTest {
                    at: row.time(0)?,
                    version: row.try_get(1)?,
                    examples: usize::try_from(row.try_get::<i64, _>(2)?).unwrap_or_default(),
                    accuracy: share(row.try_get(3)?),
                    macro_f1: share(row.try_get(4)?),
                })
            })
            .collect()
    }

    pub async fn keep_self_test(
        &self,
        tenant: &TenantId,
        bot: &str,
        test: SelfTest,
    ) -> Result<(), StoreError> {
        self.write(Keep { tenant: tenant.clone(), bot: bot.to_owned(), test }).await
    }
}

/// Shares are stored in ten-thousandths.
const PARTS: f32 = 10_000.0;

struct Keep {
    tenant: TenantId,
    bot: String,
    test: SelfTest,
}

impl WriteOp for Keep {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let parts = |share: f32| (share * PARTS).round() as i64;
        sqlx::query(
            "INSERT INTO self_tests (tenant_id, bot, at, version, examples, accuracy, macro_f1) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, bot, at) DO NOTHING",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.bot.clone())
        .bind(self.test.at.0)
        .bind(self.test.version.clone())
        .bind(self.test.examples as i64)
        .bind(parts(self.test.accuracy))
        .bind(parts(self.test.macro_f1))
        .execute(batch.connection().await?)
        .await?;
        sqlx::query(
            "DELETE FROM self_tests WHERE tenant_id = $1 AND bot = $2 AND at NOT IN \
             (SELECT at FROM self_tests WHERE tenant_id = $1 AND bot = $2 ORDER BY at DESC LIMIT $3)",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.bot.clone())
        .bind(KEPT)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}
