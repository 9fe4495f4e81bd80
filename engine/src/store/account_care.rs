//! How channel accounts are: what the last look found, whether the platform refuses them, and what is switched off.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::events::NewEvent;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, TenantId};

/// How an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    Ok,
    /// It works, and somebody should look.
    Warning,
    /// It does not work until somebody mends it.
    Failing,
}

impl HealthState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failing => "failing",
        }
    }

    fn parse(name: &str) -> Self {
        match name {
            "ok" => Self::Ok,
            "warning" => Self::Warning,
            _ => Self::Failing,
        }
    }
}

/// What a look at an account found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountHealth {
    pub state: HealthState,
    /// JSON: the report's lines.
    pub findings: String,
    pub token_expires_at: Option<Micros>,
    pub checked_at: Micros,
}

/// What the rest of the program needs to know of an account beside its settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountStanding {
    pub id: ChannelAccountId,
    pub version: i64,
    pub enabled: bool,
    /// Since when the platform refuses the account itself.
    pub held_at: Option<Micros>,
    /// Replies that wait until the account is switched on or mended.
    pub waiting: i64,
    pub health: Option<AccountHealth>,
}

impl Store {
    /// How a tenant's accounts stand.
    pub async fn account_standings(&self, tenant: &TenantId) -> Result<Vec<AccountStanding>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT a.id, a.version, a.enabled, a.held_at, (SELECT COUNT(*) FROM outbox o WHERE o.tenant_id = a.tenant_id \
             AND o.channel_account_id = a.id AND o.state = 'pending'), h.state, h.findings, h.token_expires_at, \
             h.checked_at FROM channel_accounts a LEFT JOIN account_health h ON h.tenant_id = a.tenant_id \
             AND h.channel_account_id = a.id WHERE a.tenant_id = $1 AND a.removed_at IS NULL ORDER BY a.id",
        )
        .bind(tenant.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                let health = match row.try_get::<Option<String>, _>(5)? {
                    Some(state) => Some(AccountHealth {
                        state: HealthState::parse(&state),
                        findings: row.try_get(6)?,
                        token_expires_at: row.maybe_time(7)?,
                        checked_at: row.time(8)?,
                    }),
                    None => None,
                };
                Ok(AccountStanding {
                    id: row.id(0)?,
                    version: row.try_get(1)?,
                    enabled: row.flag(2)?,
                    held_at: row.maybe_time(3)?,
                    waiting: row.try_get(4)?,
                    health,
                })
            })
            .collect()
    }

    /// Keeps what a look at an account found. Where the platform takes the account again (`mended`), what waits goes out.
    pub async fn keep_health(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        health: AccountHealth,
        mended: bool,
    ) -> Result<(), StoreError> {
        self.write(Keep { tenant: tenant.clone(), account: account.clone(), health, mended }).await?;
        self.outbox_signal().notify_one();
        Ok(())
    }
}

/// The platform refuses the account itself: nothing more is sent there until it is mended.
pub(super) async fn hold(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    account: &ChannelAccountId,
    why: &str,
) -> Result<(), StoreError> {
    let now = batch.now();
    let changed = sqlx::query(
        "UPDATE channel_accounts SET held_at = $1 WHERE tenant_id = $2 AND id = $3 AND held_at IS NULL",
    )
    .bind(now.0)
    .bind(tenant.as_str().to_owned())
    .bind(account.as_str().to_owned())
    .execute(batch.connection().await?)
    .await?
    .rows_affected();
    if changed == 0 {
        return Ok(());
    }
    let finding = json!([{
        "check": "token", "good": false, "warning": false, "says": why, "advice": "check-token",
        "finding": "token-refused", "arguments": {},
    }]);
    let health = AccountHealth {
        state: HealthState::Failing,
        findings: finding.to_string(),
        token_expires_at: None,
        checked_at: now,
    };
    save(batch, tenant, account, &health).await?;
    tell(batch, tenant, account).await
}

async fn save(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    account: &ChannelAccountId,
    health: &AccountHealth,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO account_health (tenant_id, channel_account_id, state, findings, token_expires_at, checked_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, channel_account_id) DO UPDATE SET \
         state = excluded.state, findings = excluded.findings, token_expires_at = excluded.token_expires_at, \
         checked_at = excluded.checked_at",
    )
    .bind(tenant.as_str().to_owned())
    .bind(account.as_str().to_owned())
    .bind(health.state.as_str())
    .bind(health.findings.clone())
    .bind(health.token_expires_at.map(|at| at.0))
    .bind(health.checked_at.0)
    .execute(batch.connection().await?)
    .await?;
    Ok(())
}

/// Tells live views how an account stands now.
pub(super) async fn tell(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    account: &ChannelAccountId,
) -> Result<(), StoreError> {
    let row = sqlx::query(
        "SELECT a.name, a.channel, a.enabled, a.held_at, a.removed_at, h.state FROM channel_accounts a \
         LEFT JOIN account_health h ON h.tenant_id = a.tenant_id AND h.channel_account_id = a.id \
         WHERE a.tenant_id = $1 AND a.id = $2",
    )
    .bind(tenant.as_str().to_owned())
    .bind(account.as_str().to_owned())
    .fetch_optional(batch.connection().await?)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let data = json!({ "channel": {
        "id": account,
        "name": row.try_get::<String, _>(0)?,
        "channel": row.try_get::<String, _>(1)?,
        "enabled": row.flag(2)?,
        "held": row.try_get::<Option<i64>, _>(3)?.is_some(),
        "removed": row.try_get::<Option<i64>, _>(4)?.is_some(),
        "state": row.try_get::<Option<String>, _>(5)?,
    }});
    batch.log(NewEvent {
        tenant: tenant.clone(),
        kind: "channel.updated",
        conversation: None,
        data: data.to_string(),
    });
    Ok(())
}

struct Keep {
    tenant: TenantId,
    account: ChannelAccountId,
    health: AccountHealth,
    mended: bool,
}

impl WriteOp for Keep {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        if self.mended {
            let sql = "UPDATE channel_accounts SET held_at = NULL WHERE tenant_id = $1 AND id = $2";
            batch.later(sql, vec![(&self.tenant).into(), self.account.as_str().into()]).await?;
        }
        save(batch, &self.tenant, &self.account, &self.health).await?;
        tell(batch, &self.tenant, &self.account).await
    }
}
