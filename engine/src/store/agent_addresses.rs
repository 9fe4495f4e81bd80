//! Addresses that colleagues proved to be their own. Nothing is cached: one that is unlinked counts no more anywhere.

use serde::Serialize;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::links::Redeemed;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{AgentId, ChannelAccountId, RowId, TenantId};

/// An address of a colleague.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AgentAddress {
    pub id: RowId,
    pub account: ChannelAccountId,
    pub channel: String,
    /// What our channel account is called.
    pub account_name: String,
    pub external_id: String,
    pub name: Option<String>,
    /// Milliseconds UTC.
    pub linked_at: i64,
}

impl Store {
    /// The colleague whose address this is.
    pub async fn agent_of_address(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        external_id: &str,
    ) -> Result<Option<(AgentId, String)>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query(
            "SELECT g.id, g.name FROM agent_addresses l \
             JOIN addresses a ON a.tenant_id = l.tenant_id AND a.id = l.address_id \
             JOIN agents g ON g.tenant_id = l.tenant_id AND g.id = l.agent_id \
             WHERE l.tenant_id = $1 AND l.unlinked_at IS NULL AND g.disabled = 0 \
             AND a.channel_account_id = $2 AND a.external_id = $3",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .bind(external_id.to_owned())
        .fetch_optional(&mut *connection)
        .await?;
        row.map(|row| Ok((AgentId::from_text(row.try_get::<String, _>(0)?), row.try_get(1)?))).transpose()
    }

    /// The addresses that are linked with an agent now, the newest first.
    pub async fn agent_addresses(
        &self,
        tenant: &TenantId,
        agent: &AgentId,
    ) -> Result<Vec<AgentAddress>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT l.id, a.channel_account_id, c.channel, c.name, a.external_id, a.display_name, l.linked_at \
             FROM agent_addresses l \
             JOIN addresses a ON a.tenant_id = l.tenant_id AND a.id = l.address_id \
             JOIN channel_accounts c ON c.tenant_id = l.tenant_id AND c.id = a.channel_account_id \
             WHERE l.tenant_id = $1 AND l.agent_id = $2 AND l.unlinked_at IS NULL ORDER BY l.linked_at DESC",
        )
        .bind(tenant.as_str().to_owned())
        .bind(agent.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(AgentAddress {
                    id: row.id(0)?,
                    account: row.id(1)?,
                    channel: row.try_get(2)?,
                    account_name: row.try_get(3)?,
                    external_id: row.try_get(4)?,
                    name: row.try_get(5)?,
                    linked_at: row.time(6)?.millis(),
                })
            })
            .collect()
    }

    /// Unlinks an address of the agent's own.
    pub async fn unlink_agent_address(
        &self,
        tenant: &TenantId,
        agent: &AgentId,
        id: &RowId,
    ) -> Result<(), StoreError> {
        self.write(Unlink { tenant: tenant.clone(), agent: agent.clone(), id: id.clone() }).await
    }
}

/// Links an address with an agent; it leaves whoever had it before.
pub(super) async fn link(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    agent: &AgentId,
    address: &RowId,
) -> Result<Redeemed, StoreError> {
    let row = sqlx::query("SELECT name FROM agents WHERE tenant_id = $1 AND id = $2 AND disabled = 0")
        .bind(tenant.as_str().to_owned())
        .bind(agent.as_str().to_owned())
        .fetch_optional(batch.connection().await?)
        .await?;
    let Some(row) = row else { return Ok(Redeemed::Unknown) };
    let (id, now): (RowId, Micros) = (batch.new_id(), batch.now());
    batch
        .later(
            "UPDATE agent_addresses SET unlinked_at = $1 WHERE tenant_id = $2 AND address_id = $3 AND unlinked_at IS NULL",
            vec![now.into(), tenant.into(), address.into()],
        )
        .await?;
    batch
        .later(
            "INSERT INTO agent_addresses (tenant_id, id, agent_id, address_id, linked_at) VALUES ($1, $2, $3, $4, $5)",
            vec![tenant.into(), (&id).into(), agent.into(), address.into(), now.into()],
        )
        .await?;
    super::audit::append(batch, tenant, agent.as_str(), "agent.address_linked", id.as_str()).await?;
    Ok(Redeemed::Colleague { agent: agent.clone(), name: row.try_get(0)? })
}

struct Unlink {
    tenant: TenantId,
    agent: AgentId,
    id: RowId,
}

impl WriteOp for Unlink {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let unlinked = sqlx::query(
            "UPDATE agent_addresses SET unlinked_at = $1 WHERE tenant_id = $2 AND agent_id = $3 AND id = $4 \
             AND unlinked_at IS NULL",
        )
        .bind(batch.now().0)
        .bind(self.tenant.as_str().to_owned())
        .bind(self.agent.as_str().to_owned())
        .bind(self.id.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?
        .rows_affected();
        if unlinked == 0 {
            return Err(StoreError::NotFound("address"));
        }
        self.show_in_lists(batch).await?;
        super::audit::append(
            batch,
            &self.tenant,
            self.agent.as_str(),
            "agent.address_unlinked",
            self.id.as_str(),
        )
        .await
    }
}

impl Unlink {
    /// Whose address it was is a customer again.
    async fn show_in_lists(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "SELECT c.id FROM agent_addresses l JOIN addresses a ON a.tenant_id = l.tenant_id AND a.id = l.address_id \
             JOIN conversations c ON c.tenant_id = a.tenant_id AND c.channel_account_id = a.channel_account_id \
             AND c.thread = a.external_id AND c.is_current = 1 WHERE l.tenant_id = $1 AND l.id = $2",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.as_str().to_owned())
        .fetch_all(batch.connection().await?)
        .await?;
        for row in rows {
            let id = crate::ids::ConversationId::from_text(row.try_get::<String, _>(0)?);
            super::conversations::log_update(batch, &self.tenant, &id).await?;
        }
        Ok(())
    }
}
