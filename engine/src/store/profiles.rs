//! Who people are, as the platform tells: asked once for each address that came without a name.

use channels::Profile;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::{Store, StoreError};
use crate::ids::{ChannelAccountId, ConversationId, TenantId};

impl Store {
    /// True for an address that has no name and about which the platform was not asked yet.
    pub async fn is_unknown(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        external_id: &str,
    ) -> Result<bool, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query(
            "SELECT 1 FROM addresses WHERE tenant_id = $1 AND channel_account_id = $2 AND external_id = $3 \
             AND display_name IS NULL AND profile_at IS NULL",
        )
        .bind(tenant.as_str().to_owned())
        .bind(account.as_str().to_owned())
        .bind(external_id.to_owned())
        .fetch_optional(&mut *connection)
        .await?;
        Ok(row.is_some())
    }

    /// Notes what the platform said of a person, or that it said nothing. A name that is known already stays.
    pub async fn put_profile(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        external_id: &str,
        profile: Profile,
    ) -> Result<(), StoreError> {
        let (tenant, account) = (tenant.clone(), account.clone());
        self.write(PutProfile { tenant, account, external_id: external_id.to_owned(), profile }).await
    }
}

struct PutProfile {
    tenant: TenantId,
    account: ChannelAccountId,
    external_id: String,
    profile: Profile,
}

impl WriteOp for PutProfile {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        let name = self.profile.name.as_deref().or(self.profile.username.as_deref()).map(channels::kept_name);
        let name = name.filter(|name| !name.is_empty());
        let known = sqlx::query(
            "UPDATE addresses SET profile_at = $1, display_name = COALESCE(display_name, $2), \
             username = COALESCE($3, username) \
             WHERE tenant_id = $4 AND channel_account_id = $5 AND external_id = $6 RETURNING person_id",
        )
        .bind(now.0)
        .bind(name.clone())
        .bind(self.profile.username.clone())
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.external_id.clone())
        .fetch_optional(batch.connection().await?)
        .await?;
        let Some(known) = known else { return Ok(()) };
        let person: String = known.try_get(0)?;
        sqlx::query(
            "UPDATE people SET display_name = COALESCE(display_name, $1), language = COALESCE(language, $2) \
             WHERE tenant_id = $3 AND id = $4",
        )
        .bind(name.clone())
        .bind(self.profile.language.clone())
        .bind(self.tenant.as_str().to_owned())
        .bind(person.clone())
        .execute(batch.connection().await?)
        .await?;
        let named = sqlx::query(
            "UPDATE conversations SET person_name = $1 WHERE tenant_id = $2 AND person_id = $3 \
             AND person_name IS NULL AND $1 IS NOT NULL RETURNING id",
        )
        .bind(name)
        .bind(self.tenant.as_str().to_owned())
        .bind(person)
        .fetch_all(batch.connection().await?)
        .await?;
        for row in &named {
            let id = ConversationId::from_text(row.try_get::<String, _>(0)?);
            super::conversations::log_update(batch, &self.tenant, &id).await?;
        }
        Ok(())
    }
}
