//! Channel accounts: one LINE OA, one bot, one widget. Secrets come and go encrypted; see `secrets.rs`.

use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::{Store, StoreError};
use crate::ids::{ChannelAccountId, TenantId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelAccount {
    pub tenant: TenantId,
    pub id: ChannelAccountId,
    pub channel: String,
    pub external_id: String,
    /// The second id by which the platform names it: the same one where it has no other. Empty while nobody knows.
    pub other_external_id: String,
    pub name: String,
    /// The bot that answers here.
    pub bot: String,
    pub api_base: String,
    pub settings: BTreeMap<String, String>,
    /// Each secret encrypted for exactly this row.
    pub sealed_secrets: BTreeMap<String, String>,
}

pub type NewChannelAccount = ChannelAccount;

const SELECT: &str = "SELECT tenant_id, id, channel, external_id, name, bot, api_base, settings, secrets, other_external_id \
                      FROM channel_accounts WHERE tenant_id = $1 AND removed_at IS NULL";

impl Store {
    /// Adds or replaces a channel account.
    pub async fn save_channel_account(&self, account: NewChannelAccount) -> Result<(), StoreError> {
        self.write(SaveChannelAccount(account)).await
    }

    /// The tenant that owns a channel account: the first thing a webhook needs to know.
    pub async fn tenant_of_account(
        &self,
        account: &ChannelAccountId,
    ) -> Result<Option<TenantId>, StoreError> {
        let mut transaction = self.claim_reader().await?;
        let row = sqlx::query("SELECT tenant_id FROM channel_accounts WHERE id = $1 AND removed_at IS NULL")
            .bind(account.as_str().to_owned())
            .fetch_optional(&mut *transaction)
            .await?;
        row.map(|row| Ok(TenantId::from_text(row.try_get::<String, _>(0)?))).transpose()
    }

    /// The accounts of all tenants that a platform calls by this id.
    pub async fn accounts_of_platform(
        &self,
        channel: &str,
        external_id: &str,
    ) -> Result<Vec<ChannelAccountId>, StoreError> {
        let mut transaction = self.claim_reader().await?;
        let rows = sqlx::query(
            "SELECT id FROM channel_accounts WHERE channel = $1 AND (external_id = $2 OR other_external_id = $2) \
             AND removed_at IS NULL \
             ORDER BY id",
        )
        .bind(channel.to_owned())
        .bind(external_id.to_owned())
        .fetch_all(&mut *transaction)
        .await?;
        rows.iter().map(|row| Ok(ChannelAccountId::from_text(row.try_get::<String, _>(0)?))).collect()
    }

    /// The accounts of all tenants on a channel.
    pub async fn accounts_of_channel(&self, channel: &str) -> Result<Vec<ChannelAccountId>, StoreError> {
        let mut transaction = self.claim_reader().await?;
        let rows = sqlx::query(
            "SELECT id FROM channel_accounts WHERE channel = $1 AND removed_at IS NULL ORDER BY id",
        )
        .bind(channel.to_owned())
        .fetch_all(&mut *transaction)
        .await?;
        rows.iter().map(|row| Ok(ChannelAccountId::from_text(row.try_get::<String, _>(0)?))).collect()
    }

    pub async fn channel_accounts(&self, tenant: &TenantId) -> Result<Vec<ChannelAccount>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(SELECT).bind(tenant.as_str().to_owned()).fetch_all(&mut *connection).await?;
        rows.iter().map(read).collect()
    }

    /// Which bot answers on each account, or answered on one that is removed: its conversations are still read.
    pub async fn bots_of_accounts(&self, tenant: &TenantId) -> Result<BTreeMap<String, String>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query("SELECT id, bot FROM channel_accounts WHERE tenant_id = $1")
            .bind(tenant.as_str().to_owned())
            .fetch_all(&mut *connection)
            .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}

fn read(row: &AnyRow) -> Result<ChannelAccount, StoreError> {
    Ok(ChannelAccount {
        tenant: row.id(0)?,
        id: row.id(1)?,
        channel: row.try_get(2)?,
        external_id: row.try_get(3)?,
        other_external_id: row.try_get(9)?,
        name: row.try_get(4)?,
        bot: row.try_get(5)?,
        api_base: row.try_get(6)?,
        settings: row.json(7, "setting")?,
        sealed_secrets: row.json(8, "secret")?,
    })
}

struct SaveChannelAccount(NewChannelAccount);

impl WriteOp for SaveChannelAccount {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.0.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let account = &self.0;
        let now = batch.now();
        sqlx::query(
            "INSERT INTO channel_accounts (tenant_id, id, channel, external_id, name, bot, api_base, settings, secrets, \
             enabled, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10) \
             ON CONFLICT (tenant_id, id) DO UPDATE SET external_id = excluded.external_id, name = excluded.name, \
             bot = excluded.bot, api_base = excluded.api_base, settings = excluded.settings, secrets = excluded.secrets, \
             version = channel_accounts.version + 1",
        )
        .bind(account.tenant.as_str().to_owned())
        .bind(account.id.as_str().to_owned())
        .bind(account.channel.clone())
        .bind(account.external_id.clone())
        .bind(account.name.clone())
        .bind(account.bot.clone())
        .bind(account.api_base.clone())
        .bind(to_json(&account.settings)?)
        .bind(to_json(&account.sealed_secrets)?)
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}

fn to_json(map: &BTreeMap<String, String>) -> Result<String, StoreError> {
    serde_json::to_string(map).map_err(StoreError::corrupt("setting"))
}
