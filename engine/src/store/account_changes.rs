//! Changing a channel account. Every change raises the account's version, by which other nodes learn of it, and is told
//! to the live views and the audit trail in the same commit.

use std::collections::BTreeMap;

use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::{Store, StoreError};
use crate::ids::{ChannelAccountId, TenantId};

/// A change; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    pub name: Option<String>,
    pub bot: Option<String>,
    pub enabled: Option<bool>,
    pub settings: Option<BTreeMap<String, String>>,
    /// All secrets of the account, each encrypted for its row. What was refused for a bad one may go out again.
    pub sealed_secrets: Option<BTreeMap<String, String>>,
    /// Gone for good, with its secrets; its conversations stay.
    pub remove: bool,
}

impl Store {
    /// Changes an account that still has the version `known`; returns its new one. [`StoreError::Conflict`] where somebody
    /// else was faster, [`StoreError::NotFound`] where there is no such account of the tenant.
    pub async fn change_account(
        &self,
        (tenant, account): (&TenantId, &ChannelAccountId),
        known: i64,
        change: AccountChange,
        (actor, action): (&str, &'static str),
    ) -> Result<i64, StoreError> {
        let changed = Change {
            tenant: tenant.clone(),
            account: account.clone(),
            known,
            wanted: change,
            actor: actor.to_owned(),
            action,
        };
        let version = self.write(changed).await?;
        self.outbox_signal().notify_one();
        Ok(version)
    }

    /// The version of an account of whatever tenant, and whether it is switched on; none where it is gone.
    pub async fn account_version(
        &self,
        account: &ChannelAccountId,
    ) -> Result<Option<(i64, bool)>, StoreError> {
        let mut transaction = self.claim_reader().await?;
        let row =
            sqlx::query("SELECT version, enabled FROM channel_accounts WHERE id = $1 AND removed_at IS NULL")
                .bind(account.as_str().to_owned())
                .fetch_optional(&mut *transaction)
                .await?;
        row.map(|row| Ok((row.try_get(0)?, row.flag(1)?))).transpose()
    }
}

struct Change {
    tenant: TenantId,
    account: ChannelAccountId,
    known: i64,
    wanted: AccountChange,
    actor: String,
    action: &'static str,
}

impl WriteOp for Change {
    type Output = i64;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<i64, StoreError> {
        let now = batch.now();
        let change = &self.wanted;
        let json = |map: &Option<BTreeMap<String, String>>| {
            map.as_ref().map(serde_json::to_string).transpose().map_err(StoreError::corrupt("setting"))
        };
        let (settings, mut secrets) = (json(&change.settings)?, json(&change.sealed_secrets)?);
        if change.remove {
            secrets = Some("{}".to_owned());
        }
        let row = sqlx::query(
            "UPDATE channel_accounts SET version = version + 1, name = COALESCE($1, name), bot = COALESCE($2, bot), \
             enabled = COALESCE($3, enabled), settings = COALESCE($4, settings), secrets = COALESCE($5, secrets), \
             held_at = CASE WHEN $5 IS NULL THEN held_at ELSE NULL END, removed_at = $6 \
             WHERE tenant_id = $7 AND id = $8 AND version = $9 AND removed_at IS NULL RETURNING version",
        )
        .bind(change.name.clone())
        .bind(change.bot.clone())
        .bind(change.enabled.map(i64::from))
        .bind(settings)
        .bind(secrets)
        .bind(change.remove.then_some(now.0))
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.known)
        .fetch_optional(batch.connection().await?)
        .await?;
        let Some(row) = row else { return Err(self.refusal(batch).await?) };
        super::audit::append(batch, &self.tenant, &self.actor, self.action, self.account.as_str()).await?;
        if change.remove {
            super::secret_proofs::forget(batch, &self.tenant, &self.account).await?;
            self.settle_waiting(batch).await?;
        }
        super::account_care::tell(batch, &self.tenant, &self.account).await?;
        Ok(row.try_get(0)?)
    }

    /// One by one: a refusal must not take the others of its batch with it.
    async fn run_all<'a>(
        changes: &'a [&'a Self],
        batch: &'a mut Batch<'_>,
    ) -> Result<super::batch::Outcomes<i64>, StoreError> {
        let mut outcomes = Vec::with_capacity(changes.len());
        for change in changes {
            outcomes.push(match change.run(batch).await {
                Err(refused @ (StoreError::Conflict(_) | StoreError::NotFound(_))) => Err(refused),
                other => Ok(other?),
            });
        }
        Ok(outcomes)
    }
}

impl Change {
    /// What waits for the removed account is due at once: it is set aside with its reason, and nobody waits in vain.
    async fn settle_waiting(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE outbox SET next_attempt_at = $1 WHERE tenant_id = $2 AND channel_account_id = $3 AND state = 'pending' \
             AND next_attempt_at > $1",
        )
        .bind(batch.now().0)
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }

    /// Why nothing was changed.
    async fn refusal(&self, batch: &mut Batch<'_>) -> Result<StoreError, StoreError> {
        let row = sqlx::query(
            "SELECT 1 FROM channel_accounts WHERE tenant_id = $1 AND id = $2 AND removed_at IS NULL",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .fetch_optional(batch.connection().await?)
        .await?;
        Ok(match row {
            Some(_) => StoreError::Conflict("somebody else has changed this channel account meanwhile"),
            None => StoreError::NotFound("channel account"),
        })
    }
}
