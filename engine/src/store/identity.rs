//! One person under several of a platform's ids on one account: WhatsApp names people by number and by a
//! business-scoped id, and either may be missing or change.

use channels::InboundMessage;
use sqlx::{AnyConnection, Row};

use super::batch::{Batch, WriteOp};
use super::lock_order::Touched;
use super::{Store, StoreError};
use crate::ids::{ChannelAccountId, TenantId};

impl Store {
    /// The id under which the account knows the sender. What is new is learned: an address known by another of the
    /// sender's ids moves to the id of this message, and its conversation goes on under it.
    pub async fn settle_identity(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        message: &InboundMessage,
    ) -> Result<String, StoreError> {
        let sender = &message.sender;
        let settle = SettleIdentity {
            tenant: tenant.clone(),
            account: account.clone(),
            id: sender.external_id.clone(),
            username: sender.username.clone(),
            phone: sender.phone.clone(),
            also: sender.also.iter().filter(|other| **other != sender.external_id).cloned().collect(),
        };
        // Nearly every message names who is known already: that is no reason for a commit before its own.
        match settle.known(self).await? {
            Some(id) => Ok(id),
            None => self.write(settle).await,
        }
    }
}

const KNOWN_AS: &str =
    "SELECT external_id FROM address_aliases WHERE tenant_id = $1 AND channel_account_id = $2 AND alias = $3";

struct SettleIdentity {
    tenant: TenantId,
    account: ChannelAccountId,
    id: String,
    also: Vec<String>,
    username: Option<String>,
    phone: Option<String>,
}

impl WriteOp for SettleIdentity {
    type Output = String;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        let threads = std::iter::once(&self.id).chain(&self.also);
        let thread = |thread: &String| Touched::Thread {
            tenant: self.tenant.clone(),
            account: self.account.clone(),
            thread: thread.clone(),
        };
        threads.map(thread).collect()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<String, StoreError> {
        if self.also.is_empty() {
            let id = self.known_as(batch, &self.id).await?.unwrap_or_else(|| self.id.clone());
            self.describe(batch, &id).await?;
            return Ok(id);
        }
        for other in &self.also {
            // What the other name was short for may itself be an older id of the person.
            let older = self.known_as(batch, other).await?.unwrap_or_else(|| other.clone());
            if older != self.id {
                self.move_address(batch, &older).await?;
            }
            self.note(batch, other).await?;
        }
        self.describe(batch, &self.id).await?;
        Ok(self.id.clone())
    }
}

impl SettleIdentity {
    /// The id under which the sender is known, where there is nothing to learn.
    async fn known(&self, store: &Store) -> Result<Option<String>, StoreError> {
        let mut connection = store.reader(&self.tenant).await?;
        let Some(id) = self.named(&mut connection).await? else { return Ok(None) };
        let is_told = match (&self.username, &self.phone) {
            (None, None) => false,
            _ => self.tells_news(&mut connection, &id).await?,
        };
        Ok(Some(id).filter(|_| !is_told))
    }

    /// True where the address is known by another user name or number than the message tells.
    async fn tells_news(&self, connection: &mut AnyConnection, id: &str) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT 1 FROM addresses WHERE tenant_id = $1 AND channel_account_id = $2 AND external_id = $3 \
             AND (($4 <> '' AND COALESCE(username, '') <> $4) OR ($5 <> '' AND COALESCE(phone, '') <> $5))",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(id.to_owned())
        .bind(self.username.clone().unwrap_or_default())
        .bind(self.phone.clone().unwrap_or_default())
        .fetch_optional(connection)
        .await?;
        Ok(row.is_some())
    }

    /// Notes the user name and the number that the message tells.
    async fn describe(&self, batch: &mut Batch<'_>, id: &str) -> Result<(), StoreError> {
        let sql = "UPDATE addresses SET username = COALESCE($1, username), phone = COALESCE($2, phone) \
                   WHERE tenant_id = $3 AND channel_account_id = $4 AND external_id = $5";
        sqlx::query(sql)
            .bind(self.username.clone())
            .bind(self.phone.clone())
            .bind(self.tenant.as_str().to_owned())
            .bind(self.account.as_str().to_owned())
            .bind(id.to_owned())
            .execute(batch.connection().await?)
            .await?;
        Ok(())
    }

    async fn named(&self, connection: &mut AnyConnection) -> Result<Option<String>, StoreError> {
        let names = if self.also.is_empty() { std::slice::from_ref(&self.id) } else { &self.also };
        for name in names {
            let row = sqlx::query(KNOWN_AS)
                .bind(self.tenant.as_str().to_owned())
                .bind(self.account.as_str().to_owned())
                .bind(name.clone())
                .fetch_optional(&mut *connection)
                .await?;
            let known: Option<String> = row.map(|row| row.try_get(0)).transpose()?;
            if self.also.is_empty() {
                return Ok(Some(known.unwrap_or_else(|| self.id.clone())));
            }
            if known.as_ref() != Some(&self.id) {
                return Ok(None);
            }
        }
        Ok(Some(self.id.clone()))
    }

    /// The id that an alias stands for.
    async fn known_as(&self, batch: &mut Batch<'_>, alias: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(KNOWN_AS)
            .bind(self.tenant.as_str().to_owned())
            .bind(self.account.as_str().to_owned())
            .bind(alias.to_owned())
            .fetch_optional(batch.connection().await?)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Moves address and conversation from an older id, unless the newer one has its own already.
    async fn move_address(&self, batch: &mut Batch<'_>, older: &str) -> Result<(), StoreError> {
        let moved = [
            "UPDATE addresses SET external_id = $1 WHERE tenant_id = $2 AND channel_account_id = $3 AND external_id = $4 \
             AND NOT EXISTS (SELECT 1 FROM addresses n WHERE n.tenant_id = $2 AND n.channel_account_id = $3 \
             AND n.external_id = $1)",
            "UPDATE conversations SET thread = $1 WHERE tenant_id = $2 AND channel_account_id = $3 AND thread = $4 \
             AND NOT EXISTS (SELECT 1 FROM conversations n WHERE n.tenant_id = $2 AND n.channel_account_id = $3 \
             AND n.thread = $1 AND n.is_current = 1)",
            "UPDATE address_aliases SET external_id = $1 WHERE tenant_id = $2 AND channel_account_id = $3 \
             AND external_id = $4",
        ];
        for sql in moved {
            sqlx::query(sql)
                .bind(self.id.clone())
                .bind(self.tenant.as_str().to_owned())
                .bind(self.account.as_str().to_owned())
                .bind(older.to_owned())
                .execute(batch.connection().await?)
                .await?;
        }
        self.note(batch, older).await
    }

    async fn note(&self, batch: &mut Batch<'_>, alias: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO address_aliases (tenant_id, channel_account_id, alias, external_id, created_at) \
             VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (tenant_id, channel_account_id, alias) DO UPDATE SET external_id = excluded.external_id",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(alias.to_owned())
        .bind(self.id.clone())
        .bind(batch.now().0)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}
