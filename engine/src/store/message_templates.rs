//! Message templates: what a platform has approved for an account, as it told us last.

use serde::Serialize;
use serde_json::Value;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, TenantId};

/// One template in one language.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MessageTemplate {
    pub name: String,
    pub language: String,
    /// The platform's word: `UTILITY`, `MARKETING`, `AUTHENTICATION`.
    pub category: String,
    /// The platform's word: `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED`, …
    pub status: String,
    /// As the platform tells them.
    pub components: Value,
    pub quality: Option<String>,
    /// Why it was refused or paused.
    pub reason: Option<String>,
}

impl Store {
    /// The templates of an account, by name and language.
    pub async fn message_templates(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
    ) -> Result<Vec<MessageTemplate>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT name, language, category, status, components, quality, reason FROM message_templates \
             WHERE tenant_id = $1 AND channel_account_id = $2 ORDER BY name, language",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                let components = row.try_get::<String, _>(4)?;
                Ok(MessageTemplate {
                    name: row.try_get(0)?,
                    language: row.try_get(1)?,
                    category: row.try_get(2)?,
                    status: row.try_get(3)?,
                    components: serde_json::from_str(&components).map_err(StoreError::corrupt("template"))?,
                    quality: row.try_get(5)?,
                    reason: row.try_get(6)?,
                })
            })
            .collect()
    }

    /// When the templates were last fetched; none before the first time.
    pub async fn templates_fetched_at(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
    ) -> Result<Option<Micros>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query("SELECT templates_at FROM channel_accounts WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.as_str().to_owned())
            .bind(account.as_str().to_owned())
            .fetch_optional(&mut *connection)
            .await?;
        let at = row.map(|row| row.try_get::<Option<i64>, _>(0)).transpose()?;
        Ok(at.flatten().map(Micros))
    }

    /// Puts what the platform told of all its templates in the place of what was known; those that it no longer names are
    /// gone.
    pub async fn keep_templates(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        templates: Vec<MessageTemplate>,
    ) -> Result<(), StoreError> {
        self.write(KeepAll { whose: (tenant.clone(), account.clone()), templates }).await
    }

    /// Keeps a template's new state at once; one that is not known waits for the next fetch.
    pub async fn template_changed(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        (name, language): (&str, &str),
        news: TemplateNews,
    ) -> Result<(), StoreError> {
        let which = (name.to_owned(), language.to_owned());
        self.write(Changed { whose: (tenant.clone(), account.clone()), which, news }).await
    }
}

/// What a platform tells of a template; what is none stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateNews {
    pub status: Option<String>,
    pub category: Option<String>,
    pub quality: Option<String>,
    pub reason: Option<String>,
}

struct KeepAll {
    whose: (TenantId, ChannelAccountId),
    templates: Vec<MessageTemplate>,
}

impl WriteOp for KeepAll {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.whose.0.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let (tenant, account) = &self.whose;
        let now = batch.now();
        sqlx::query("DELETE FROM message_templates WHERE tenant_id = $1 AND channel_account_id = $2")
            .bind(tenant.as_str().to_owned())
            .bind(account.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        let sql = "UPDATE channel_accounts SET templates_at = $1 WHERE tenant_id = $2 AND id = $3";
        batch.later(sql, vec![now.into(), tenant.into(), account.as_str().into()]).await?;
        for template in &self.templates {
            sqlx::query(
                "INSERT INTO message_templates (tenant_id, channel_account_id, name, language, category, status, \
                 components, quality, reason, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
                 ON CONFLICT (tenant_id, channel_account_id, name, language) DO NOTHING",
            )
            .bind(tenant.as_str().to_owned())
            .bind(account.as_str().to_owned())
            .bind(template.name.clone())
            .bind(template.language.clone())
            .bind(template.category.clone())
            .bind(template.status.clone())
            .bind(template.components.to_string())
            .bind(template.quality.clone())
            .bind(template.reason.clone())
            .bind(now.0)
            .execute(batch.connection().await?)
            .await?;
        }
        Ok(())
    }
}

struct Changed {
    whose: (TenantId, ChannelAccountId),
    which: (String, String),
    news: TemplateNews,
}

impl WriteOp for Changed {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.whose.0.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let news = &self.news;
        sqlx::query(
            "UPDATE message_templates SET status = COALESCE($1, status), category = COALESCE($2, category), \
             quality = COALESCE($3, quality), reason = CASE WHEN $1 IS NULL THEN reason ELSE $4 END \
             WHERE tenant_id = $5 AND channel_account_id = $6 AND name = $7 AND language = $8",
        )
        .bind(news.status.clone())
        .bind(news.category.clone())
        .bind(news.quality.clone())
        .bind(news.reason.clone())
        .bind(self.whose.0.as_str().to_owned())
        .bind(self.whose.1.as_str().to_owned())
        .bind(self.which.0.clone())
        .bind(self.which.1.clone())
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}
