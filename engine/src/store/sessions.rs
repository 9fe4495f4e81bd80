//! Sessions of signed-in agents, kept on the server. A session's id is the hash of its cookie's token.

use sqlx::Row;

use super::agents::{self, Agent};
use super::batch::{Batch, WriteOp};
use super::{Store, StoreError, Tenant};
use crate::clock::Micros;
use crate::ids::{AgentId, TenantId};

/// Quiet for so long, a session ends.
const IDLE: i64 = 12 * 3600 * Micros::SECOND;
/// After so long, it ends whatever happens.
const ABSOLUTE: i64 = 14 * Micros::DAY;
/// How stale the last-seen time may get before it is written again.
const TOUCH: i64 = 300 * Micros::SECOND;

#[derive(Clone, Debug)]
pub struct Session {
    pub tenant: TenantId,
    /// SHA-256 of the token, in hex.
    pub id: String,
    pub agent: AgentId,
    pub csrf: String,
}

/// A session that is good now, with its agent.
#[derive(Clone, Debug)]
pub struct SessionAgent {
    pub tenant: Tenant,
    pub session: String,
    pub csrf: String,
    pub agent: Agent,
}

impl Store {
    pub async fn open_session(&self, session: Session) -> Result<(), StoreError> {
        self.write(session).await
    }

    /// The agent of a session that is neither too old nor too quiet, and whose agent is not disabled.
    pub async fn session(&self, id: &str) -> Result<Option<SessionAgent>, StoreError> {
        let tenant = {
            let mut transaction = self.claim_reader().await?;
            let row = sqlx::query("SELECT tenant_id FROM sessions WHERE id = $1")
                .bind(id.to_owned())
                .fetch_optional(&mut *transaction)
                .await?;
            let Some(row) = row else { return Ok(None) };
            TenantId::from_text(row.try_get::<String, _>(0)?)
        };
        let now = self.clock().now();
        let mut connection = self.reader(&tenant).await?;
        let row = sqlx::query(
            "SELECT s.agent_id, s.csrf, s.last_seen_at, t.name, t.language, t.time_zone FROM sessions s \
             JOIN tenants t ON t.tenant_id = s.tenant_id \
             WHERE s.tenant_id = $1 AND s.id = $2 AND s.created_at > $3 AND s.last_seen_at > $4",
        )
        .bind(tenant.as_str().to_owned())
        .bind(id.to_owned())
        .bind(now.0 - ABSOLUTE)
        .bind(now.0 - IDLE)
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let agent = AgentId::from_text(row.try_get::<String, _>(0)?);
        let Some(agent) = agents::find(&mut connection, &tenant, &agent).await? else { return Ok(None) };
        let last_seen: i64 = row.try_get(2)?;
        let tenant = Tenant {
            id: tenant,
            name: row.try_get(3)?,
            language: row.try_get(4)?,
            time_zone: row.try_get(5)?,
        };
        drop(connection);
        if last_seen < now.0 - TOUCH {
            self.write(Touch { tenant: tenant.id.clone(), id: id.to_owned() }).await?;
        }
        Ok(Some(SessionAgent { tenant, session: id.to_owned(), csrf: row.try_get(1)?, agent }))
    }

    pub async fn close_session(&self, tenant: &TenantId, id: &str) -> Result<(), StoreError> {
        self.write(Close { tenant: tenant.clone(), id: id.to_owned() }).await
    }
}

impl WriteOp for Session {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        sqlx::query("DELETE FROM sessions WHERE tenant_id = $1 AND (created_at < $2 OR last_seen_at < $3)")
            .bind(self.tenant.as_str().to_owned())
            .bind(now.0 - ABSOLUTE)
            .bind(now.0 - IDLE)
            .execute(batch.connection().await?)
            .await?;
        sqlx::query(
            "INSERT INTO sessions (tenant_id, id, agent_id, csrf, created_at, last_seen_at) VALUES ($1, $2, $3, $4, $5, $5)",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.clone())
        .bind(self.agent.as_str().to_owned())
        .bind(self.csrf.clone())
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        super::audit::append(batch, &self.tenant, self.agent.as_str(), "session.opened", self.agent.as_str())
            .await
    }
}

struct Touch {
    tenant: TenantId,
    id: String,
}

impl WriteOp for Touch {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        sqlx::query("UPDATE sessions SET last_seen_at = $1 WHERE tenant_id = $2 AND id = $3")
            .bind(now.0)
            .bind(self.tenant.as_str().to_owned())
            .bind(self.id.clone())
            .execute(batch.connection().await?)
            .await?;
        Ok(())
    }
}

struct Close {
    tenant: TenantId,
    id: String,
}

impl WriteOp for Close {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE tenant_id = $1 AND id = $2")
            .bind(self.tenant.as_str().to_owned())
            .bind(self.id.clone())
            .execute(batch.connection().await?)
            .await?;
        Ok(())
    }
}
