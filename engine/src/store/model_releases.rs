//! Which intent model of a bot is in service, and which ones were before. Bots belong to the installation: their rows stand
//! with the tenant that their jobs run for.

use serde::Serialize;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::{Store, StoreError, audit};
use crate::clock::Micros;
use crate::ids::TenantId;

/// Versions that are kept of a bot; the oldest of more are forgotten.
pub const KEPT_RELEASES: i64 = 20;

/// One version of a bot's intent model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelRelease {
    pub bot: String,
    /// The hash of what it was made from.
    pub version: String,
    #[serde(serialize_with = "Micros::in_millis")]
    pub made_at: Micros,
    /// What it was made from and how good it is, as TOML.
    pub card: String,
    #[serde(serialize_with = "Micros::in_millis")]
    pub promoted_at: Micros,
    /// Who put it in service; none where it followed the bot's files.
    pub promoted_by: Option<String>,
    /// A person wants this one: what is trained later does not take its place.
    pub held: bool,
}

impl Store {
    /// The versions of every bot, the one in service first, then the newest.
    pub async fn model_releases(&self, tenant: &TenantId) -> Result<Vec<ModelRelease>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT bot, version, made_at, card, promoted_at, promoted_by, held FROM model_releases \
             WHERE tenant_id = $1 ORDER BY bot, held DESC, promoted_at DESC, version",
        )
        .bind(tenant.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ModelRelease {
                    bot: row.try_get(0)?,
                    version: row.try_get(1)?,
                    made_at: row.time(2)?,
                    card: row.try_get(3)?,
                    promoted_at: row.time(4)?,
                    promoted_by: row.try_get(5)?,
                    held: row.try_get::<i64, _>(6)? != 0,
                })
            })
            .collect()
    }

    /// Notes what was trained from the bot's files as they are now: it is in service unless a person holds another.
    pub async fn release_model(
        &self,
        tenant: &TenantId,
        bot: &str,
        (version, card): (&str, &str),
    ) -> Result<(), StoreError> {
        let (tenant, bot) = (tenant.clone(), bot.to_owned());
        let change = Change::Trained { version: version.to_owned(), card: card.to_owned() };
        self.write(Release { tenant, bot, by: None, change }).await
    }

    /// Puts a version in service and holds it there, whatever is trained later.
    pub async fn promote_model(
        &self,
        tenant: &TenantId,
        (bot, version): (&str, &str),
        by: &str,
    ) -> Result<(), StoreError> {
        let (tenant, bot) = (tenant.clone(), bot.to_owned());
        let change = Change::Held { version: version.to_owned() };
        self.write(Release { tenant, bot, by: Some(by.to_owned()), change }).await
    }

    /// Holds no version of a bot any longer: its newest model is in service again.
    pub async fn follow_model(&self, tenant: &TenantId, bot: &str, by: &str) -> Result<(), StoreError> {
        let (tenant, bot) = (tenant.clone(), bot.to_owned());
        self.write(Release { tenant, bot, by: Some(by.to_owned()), change: Change::Followed }).await
    }
}

enum Change {
    Trained { version: String, card: String },
    Held { version: String },
    Followed,
}

struct Release {
    tenant: TenantId,
    bot: String,
    by: Option<String>,
    change: Change,
}

impl WriteOp for Release {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        match &self.change {
            Change::Trained { version, card } => self.trained(batch, (version, card)).await,
            Change::Held { version } => {
                self.release_all(batch).await?;
                self.hold(batch, version).await?;
                self.note(batch, "model.promoted", version).await
            }
            Change::Followed => {
                self.release_all(batch).await?;
                self.note(batch, "model.followed", "").await
            }
        }
    }
}

impl Release {
    async fn trained(&self, batch: &mut Batch<'_>, (version, card): (&str, &str)) -> Result<(), StoreError> {
        let now = batch.now();
        sqlx::query(
            "INSERT INTO model_releases (tenant_id, bot, version, made_at, card, promoted_at) \
             VALUES ($1, $2, $3, $4, $5, $4) ON CONFLICT (tenant_id, bot, version) DO UPDATE SET promoted_at = $4, \
             promoted_by = NULL WHERE model_releases.held = 0",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.bot.clone())
        .bind(version.to_owned())
        .bind(now.0)
        .bind(card.to_owned())
        .execute(batch.connection().await?)
        .await?;
        sqlx::query(
            "DELETE FROM model_releases WHERE tenant_id = $1 AND bot = $2 AND held = 0 AND version NOT IN \
             (SELECT version FROM model_releases WHERE tenant_id = $1 AND bot = $2 \
             ORDER BY promoted_at DESC, version LIMIT $3)",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.bot.clone())
        .bind(KEPT_RELEASES)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }

    async fn release_all(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let known = sqlx::query("UPDATE model_releases SET held = 0 WHERE tenant_id = $1 AND bot = $2")
            .bind(self.tenant.as_str().to_owned())
            .bind(self.bot.clone())
            .execute(batch.connection().await?)
            .await?
            .rows_affected();
        if known == 0 { Err(StoreError::NotFound("model of that bot")) } else { Ok(()) }
    }

    async fn hold(&self, batch: &mut Batch<'_>, version: &str) -> Result<(), StoreError> {
        let now = batch.now();
        let held = sqlx::query(
            "UPDATE model_releases SET held = 1, promoted_at = $1, promoted_by = $2 \
             WHERE tenant_id = $3 AND bot = $4 AND version = $5",
        )
        .bind(now.0)
        .bind(self.by.clone())
        .bind(self.tenant.as_str().to_owned())
        .bind(self.bot.clone())
        .bind(version.to_owned())
        .execute(batch.connection().await?)
        .await?
        .rows_affected();
        if held == 0 { Err(StoreError::NotFound("version of the model")) } else { Ok(()) }
    }

    async fn note(&self, batch: &mut Batch<'_>, action: &str, version: &str) -> Result<(), StoreError> {
        let target = format!("{} {version}", self.bot);
        let by = self.by.as_deref().unwrap_or("system");
        audit::append(batch, &self.tenant, by, action, target.trim_end()).await
    }
}
