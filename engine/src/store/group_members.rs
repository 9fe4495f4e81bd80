//! Those who speak in a group: the platform tells their names for that group alone.

use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::messages;
use super::{Store, StoreError};
use crate::ids::{ChannelAccountId, ConversationId, MessageId, TenantId};

/// Somebody in a group, by the platform's ids; without an id of their own the group itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    pub thread: String,
    pub external_id: String,
}

impl GroupMember {
    /// The group, whose name is kept as a member's is.
    pub fn itself(thread: &str) -> Self {
        Self { thread: thread.to_owned(), external_id: String::new() }
    }
}

impl Store {
    /// What the platform said somebody is called; none where it was not asked yet.
    pub async fn group_member(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        member: &GroupMember,
    ) -> Result<Option<Option<String>>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query(
            "SELECT name FROM group_members WHERE tenant_id = $1 AND channel_account_id = $2 AND thread = $3 AND external_id = $4",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .bind(member.thread.clone())
        .bind(member.external_id.clone())
        .fetch_optional(&mut *connection)
        .await?;
        row.map(|row| Ok(row.try_get(0)?)).transpose()
    }

    /// Notes the name, or that the platform tells none, and puts it on what was said before it was known.
    pub async fn put_group_member(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        member: &GroupMember,
        name: Option<String>,
    ) -> Result<(), StoreError> {
        let (tenant, account, member) = (tenant.clone(), account.clone(), member.clone());
        self.write(PutGroupMember { tenant, account, member, name: name.as_deref().map(channels::kept_name) })
            .await
    }
}

struct PutGroupMember {
    tenant: TenantId,
    account: ChannelAccountId,
    member: GroupMember,
    name: Option<String>,
}

impl WriteOp for PutGroupMember {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        sqlx::query(
            "INSERT INTO group_members (tenant_id, channel_account_id, thread, external_id, name, asked_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, channel_account_id, thread, external_id) \
             DO UPDATE SET name = COALESCE(excluded.name, group_members.name), asked_at = excluded.asked_at",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.member.thread.clone())
        .bind(self.member.external_id.clone())
        .bind(self.name.clone())
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        let Some(name) = &self.name else { return Ok(()) };
        if self.member.external_id.is_empty() {
            return self.tell_lists(batch).await;
        }
        let named = sqlx::query(
            "UPDATE messages SET author_name = $1 WHERE tenant_id = $2 AND author = 'customer' AND author_ref = $3 \
             AND author_name IS NULL AND conversation_id IN (SELECT c.id FROM conversations c WHERE c.tenant_id = $2 \
             AND c.channel_account_id = $4 AND c.thread = $5) RETURNING id",
        )
        .bind(name.clone())
        .bind(self.tenant.as_str().to_owned())
        .bind(self.member.external_id.clone())
        .bind(self.account.as_str().to_owned())
        .bind(self.member.thread.clone())
        .fetch_all(batch.connection().await?)
        .await?;
        for row in &named {
            let id = MessageId::from_text(row.try_get::<String, _>(0)?);
            if let Some(message) = messages::find(batch.connection().await?, &self.tenant, &id).await? {
                messages::log(batch, &self.tenant, "message.updated", &message)?;
            }
        }
        Ok(())
    }
}

impl PutGroupMember {
    /// The group has a name now.
    async fn tell_lists(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM conversations WHERE tenant_id = $1 AND channel_account_id = $2 AND thread = $3",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.member.thread.clone())
        .fetch_all(batch.connection().await?)
        .await?;
        for row in &rows {
            let id = ConversationId::from_text(row.try_get::<String, _>(0)?);
            super::conversations::log_update(batch, &self.tenant, &id).await?;
        }
        Ok(())
    }
}
