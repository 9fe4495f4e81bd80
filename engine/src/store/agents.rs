//! Agents and their roles.

use serde::Serialize;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::{Store, StoreError};
use crate::ids::{AgentId, TenantId};

/// A named set of permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub tenant: TenantId,
    pub name: String,
    pub permissions: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Agent {
    pub id: AgentId,
    pub email: String,
    pub name: String,
    pub language: String,
    pub roles: Vec<String>,
    pub permissions: Vec<String>,
}

/// An agent to be added; the password comes hashed.
#[derive(Clone, Debug)]
pub struct NewAgent {
    pub tenant: TenantId,
    pub id: AgentId,
    pub email: String,
    pub name: String,
    pub language: String,
    pub password_hash: String,
    pub roles: Vec<String>,
}

impl Store {
    /// Adds or replaces a role.
    pub async fn save_role(&self, role: Role) -> Result<(), StoreError> {
        self.write(role).await
    }

    pub async fn add_agent(&self, agent: NewAgent) -> Result<(), StoreError> {
        self.write(agent).await
    }

    /// The tenant, id and password hash behind an e-mail address that may sign in. An address in several tenants signs
    /// in to the first.
    pub async fn credentials(&self, email: &str) -> Result<Option<(TenantId, AgentId, String)>, StoreError> {
        let tenants: Vec<TenantId> = {
            let mut transaction = self.claim_reader().await?;
            let rows = sqlx::query("SELECT tenant_id FROM agents WHERE email = $1 ORDER BY tenant_id")
                .bind(email.to_owned())
                .fetch_all(&mut *transaction)
                .await?;
            rows.iter()
                .map(|row| Ok(TenantId::from_text(row.try_get::<String, _>(0)?)))
                .collect::<Result<_, StoreError>>()?
        };
        // The first company in which the agent has not been disabled.
        for tenant in tenants {
            let mut connection = self.reader(&tenant).await?;
            let row = sqlx::query(
                "SELECT id, password_hash FROM agents WHERE tenant_id = $1 AND email = $2 AND disabled = 0",
            )
            .bind(tenant.as_str().to_owned())
            .bind(email.to_owned())
            .fetch_optional(&mut *connection)
            .await?;
            if let Some(row) = row {
                let agent = AgentId::from_text(row.try_get::<String, _>(0)?);
                return Ok(Some((tenant, agent, row.try_get(1)?)));
            }
        }
        Ok(None)
    }

    /// Replaces a password hash and ends every session of the agent.
    pub async fn set_password_hash(
        &self,
        tenant: &TenantId,
        agent: &AgentId,
        hash: String,
    ) -> Result<(), StoreError> {
        self.write(SetPassword { tenant: tenant.clone(), agent: agent.clone(), hash }).await
    }

    pub async fn agents(&self, tenant: &TenantId) -> Result<Vec<Agent>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query("SELECT id FROM agents WHERE tenant_id = $1 AND disabled = 0 ORDER BY name")
            .bind(tenant.as_str().to_owned())
            .fetch_all(&mut *connection)
            .await?;
        let mut agents = Vec::with_capacity(rows.len());
        for row in rows {
            let id = AgentId::from_text(row.try_get::<String, _>(0)?);
            agents.extend(find(&mut connection, tenant, &id).await?);
        }
        Ok(agents)
    }
}

/// An enabled agent with what the roles allow.
pub(super) async fn find(
    connection: &mut sqlx::AnyConnection,
    tenant: &TenantId,
    id: &AgentId,
) -> Result<Option<Agent>, StoreError> {
    let row = sqlx::query(
        "SELECT email, name, language FROM agents WHERE tenant_id = $1 AND id = $2 AND disabled = 0",
    )
    .bind(tenant.as_str().to_owned())
    .bind(id.as_str().to_owned())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let roles = sqlx::query(
        "SELECT r.name, r.permissions FROM agent_roles g JOIN roles r ON r.tenant_id = g.tenant_id AND r.name = g.role \
         WHERE g.tenant_id = $1 AND g.agent_id = $2 ORDER BY r.name",
    )
    .bind(tenant.as_str().to_owned())
    .bind(id.as_str().to_owned())
    .fetch_all(&mut *connection)
    .await?;
    let mut agent = Agent {
        id: id.clone(),
        email: row.try_get(0)?,
        name: row.try_get(1)?,
        language: row.try_get(2)?,
        roles: Vec::new(),
        permissions: Vec::new(),
    };
    for role in roles {
        agent.roles.push(role.try_get(0)?);
        let permissions: Vec<String> =
            serde_json::from_str(&role.try_get::<String, _>(1)?).map_err(StoreError::corrupt("role"))?;
        agent.permissions.extend(permissions);
    }
    agent.permissions.sort();
    agent.permissions.dedup();
    Ok(Some(agent))
}

impl WriteOp for Role {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO roles (tenant_id, name, permissions) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant_id, name) DO UPDATE SET permissions = excluded.permissions",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.name.clone())
        .bind(serde_json::to_string(&self.permissions).map_err(StoreError::corrupt("role"))?)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}

impl WriteOp for NewAgent {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        let added = sqlx::query(
            "INSERT INTO agents (tenant_id, id, email, name, language, password_hash, disabled, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, $7) ON CONFLICT DO NOTHING",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.as_str().to_owned())
        .bind(self.email.clone())
        .bind(self.name.clone())
        .bind(self.language.clone())
        .bind(self.password_hash.clone())
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?
        .rows_affected();
        if added == 0 {
            return Err(StoreError::Conflict("an agent with this e-mail address exists already"));
        }
        for role in &self.roles {
            sqlx::query("INSERT INTO agent_roles (tenant_id, agent_id, role) VALUES ($1, $2, $3)")
                .bind(self.tenant.as_str().to_owned())
                .bind(self.id.as_str().to_owned())
                .bind(role.clone())
                .execute(batch.connection().await?)
                .await?;
        }
        super::audit::append(batch, &self.tenant, "system", "agent.added", self.id.as_str()).await
    }
}

struct SetPassword {
    tenant: TenantId,
    agent: AgentId,
    hash: String,
}

impl WriteOp for SetPassword {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        sqlx::query("UPDATE agents SET password_hash = $1 WHERE tenant_id = $2 AND id = $3")
            .bind(self.hash.clone())
            .bind(self.tenant.as_str().to_owned())
            .bind(self.agent.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        sqlx::query("DELETE FROM sessions WHERE tenant_id = $1 AND agent_id = $2")
            .bind(self.tenant.as_str().to_owned())
            .bind(self.agent.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        super::audit::append(batch, &self.tenant, "system", "agent.password_changed", self.agent.as_str())
            .await
    }
}
