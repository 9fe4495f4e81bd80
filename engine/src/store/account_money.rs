//! What messages cost: the platforms' own categories, counted; the company's rates; and the monthly quotas.

use channels::Cost;
use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, ConversationId, TenantId};

/// Keeps what a message costs. `rank`: how far the receipt came that tells it; one that came less far changes nothing, so
/// that repeated and reordered receipts end in the same.
pub(super) async fn cost(
    batch: &mut Batch<'_>,
    (tenant, account): (&TenantId, &ChannelAccountId),
    external_id: &str,
    (cost, rank): (&Cost, i64),
) -> Result<(), StoreError> {
    let cost = serde_json::to_string(cost).map_err(StoreError::corrupt("cost"))?;
    let sql = "UPDATE platform_messages SET cost = $1, cost_rank = $2 WHERE tenant_id = $3 \
               AND channel_account_id = $4 AND external_id = $5 AND cost_rank <= $2";
    let values = vec![cost.into(), rank.into(), tenant.into(), account.as_str().into(), external_id.into()];
    batch.later(sql, values).await
}

/// Messages of one kind to one person, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedMessages {
    pub cost: Cost,
    /// The person's number, else the platform's id of the thread: rates differ by country.
    pub to: String,
    pub count: i64,
}

/// What one message of a category costs the company. Nothing here is known to the program unless somebody entered it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The platform's own name of the category; `push` on LINE.
    pub category: String,
    /// How numbers begin to which it applies, without `+`, or a country's two letters; empty for all others.
    #[serde(default)]
    pub prefix: String,
    /// ISO 4217.
    pub currency: String,
    /// Millionths of the currency.
    pub price: i64,
    /// So many of a month cost nothing more: they are in the plan.
    #[serde(default)]
    pub included: i64,
}

/// The platform's word on a month's quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountQuota {
    /// `2026-11`.
    pub month: String,
    /// None where the plan has no limit.
    pub most: Option<i64>,
    /// What the platform counted when it was asked.
    pub used: i64,
    pub asked_at: Micros,
    /// Billable pushes of ours since then.
    pub since: i64,
}

impl Store {
    /// The messages of an account since a time and until another (exclusive) whose cost the platform told, by kind and
    /// person; of one conversation alone where it is named.
    pub async fn counted_messages(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        (from, until): (Micros, Micros),
        conversation: Option<&ConversationId>,
    ) -> Result<Vec<CountedMessages>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT p.cost, COALESCE((SELECT MAX(a.phone) FROM addresses a WHERE a.tenant_id = c.tenant_id \
             AND a.channel_account_id = c.channel_account_id AND a.external_id = c.thread), c.thread), COUNT(*) \
             FROM platform_messages p JOIN messages m ON m.tenant_id = p.tenant_id AND m.id = p.message_id \
             JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id \
             WHERE p.tenant_id = $1 AND p.channel_account_id = $2 AND p.created_at >= $3 AND p.created_at < $4 \
             AND p.cost IS NOT NULL AND ($5 = '' OR c.id = $5) \
             GROUP BY p.cost, c.tenant_id, c.channel_account_id, c.thread ORDER BY 1, 2",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .bind(from.0)
        .bind(until.0)
        .bind(conversation.map_or("", ConversationId::as_str).to_owned())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                let cost = row.try_get::<String, _>(0)?;
                let cost = serde_json::from_str(&cost).map_err(StoreError::corrupt("cost"))?;
                Ok(CountedMessages { cost, to: row.try_get(1)?, count: row.try_get(2)? })
            })
            .collect()
    }

    /// What the company pays on an account, as it entered it.
    pub async fn rates(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
    ) -> Result<Vec<Rate>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT category, prefix, currency, price, included FROM account_rates \
             WHERE tenant_id = $1 AND channel_account_id = $2 ORDER BY category, prefix",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Rate {
                    category: row.try_get(0)?,
                    prefix: row.try_get(1)?,
                    currency: row.try_get(2)?,
                    price: row.try_get(3)?,
                    included: row.try_get(4)?,
                })
            })
            .collect()
    }

    /// Puts these rates in the place of all that the account had.
    pub async fn set_rates(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        rates: Vec<Rate>,
        actor: &str,
    ) -> Result<(), StoreError> {
        let whose = (tenant.clone(), account.clone());
        self.write(SetRates { whose, rates, actor: actor.to_owned() }).await
    }

    /// Keeps the platform's answer about a month's quota.
    pub async fn keep_quota(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        month: &str,
        (most, used): (Option<i64>, i64),
    ) -> Result<(), StoreError> {
        let whose = (tenant.clone(), account.clone());
        self.write(KeepQuota { whose, month: month.to_owned(), most, used }).await
    }

    /// The quota of a month, if the platform was ever asked for it in that month.
    pub async fn quota(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        month: &str,
    ) -> Result<Option<AccountQuota>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query(
            "SELECT q.most, q.used, q.asked_at, (SELECT COUNT(*) FROM platform_messages p \
             WHERE p.tenant_id = q.tenant_id AND p.channel_account_id = q.channel_account_id \
             AND p.created_at > q.asked_at AND p.cost LIKE '%\"category\":\"push\"%') FROM account_quotas q \
             WHERE q.tenant_id = $1 AND q.channel_account_id = $2 AND q.month = $3",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .bind(month.to_owned())
        .fetch_optional(&mut *connection)
        .await?;
        row.map(|row| {
            Ok(AccountQuota {
                month: month.to_owned(),
                most: row.try_get(0)?,
                used: row.try_get(1)?,
                asked_at: row.time(2)?,
                since: row.try_get(3)?,
            })
        })
        .transpose()
    }
}

struct KeepQuota {
    whose: (TenantId, ChannelAccountId),
    month: String,
    most: Option<i64>,
    used: i64,
}

impl WriteOp for KeepQuota {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.whose.0.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        sqlx::query(
            "INSERT INTO account_quotas (tenant_id, channel_account_id, month, most, used, asked_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, channel_account_id, month) \
             DO UPDATE SET most = excluded.most, used = excluded.used, asked_at = excluded.asked_at",
        )
        .bind(self.whose.0.as_str().to_owned())
        .bind(self.whose.1.as_str().to_owned())
        .bind(self.month.clone())
        .bind(self.most)
        .bind(self.used)
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}

struct SetRates {
    whose: (TenantId, ChannelAccountId),
    rates: Vec<Rate>,
    actor: String,
}

impl WriteOp for SetRates {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.whose.0.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let (tenant, account) = &self.whose;
        sqlx::query("DELETE FROM account_rates WHERE tenant_id = $1 AND channel_account_id = $2")
            .bind(tenant.as_str().to_owned())
            .bind(account.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        for rate in &self.rates {
            sqlx::query(
                "INSERT INTO account_rates (tenant_id, channel_account_id, category, prefix, currency, price, included) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, channel_account_id, category, prefix) \
                 DO UPDATE SET currency = excluded.currency, price = excluded.price, included = excluded.included",
            )
            .bind(tenant.as_str().to_owned())
            .bind(account.as_str().to_owned())
            .bind(rate.category.clone())
            .bind(rate.prefix.clone())
            .bind(rate.currency.clone())
            .bind(rate.price)
            .bind(rate.included)
            .execute(batch.connection().await?)
            .await?;
        }
        super::audit::append(batch, tenant, &self.actor, "channel.rates_set", account.as_str()).await
    }
}
