//! People: who writes to us, whatever address they use.

use serde::Serialize;
use sqlx::Row;

use super::batch::Batch;
use super::{Store, StoreError};
use crate::ids::{ChannelAccountId, PersonId, RowId, TenantId};

/// A person with their addresses.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PersonRecord {
    pub id: PersonId,
    pub name: Option<String>,
    pub language: Option<String>,
    /// What flows asked to remember, as a JSON record.
    pub facts: serde_json::Value,
    /// (channel account, the platform's id) pairs.
    pub addresses: Vec<(String, String)>,
    pub conversations: i64,
}

impl Store {
    pub async fn person(&self, tenant: &TenantId, id: &PersonId) -> Result<Option<PersonRecord>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let person = sqlx::query(
            "SELECT display_name, language, facts, \
             (SELECT COUNT(*) FROM conversations c WHERE c.tenant_id = p.tenant_id AND c.person_id = p.id) \
             FROM people p WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.as_str().to_owned())
        .bind(id.as_str().to_owned())
        .fetch_optional(&mut *connection)
        .await?;
        let Some(person) = person else { return Ok(None) };
        let addresses = sqlx::query(
            "SELECT channel_account_id, external_id FROM addresses WHERE tenant_id = $1 AND person_id = $2 ORDER BY created_at",
        )
        .bind(tenant.as_str().to_owned())
        .bind(id.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        Ok(Some(PersonRecord {
            id: id.clone(),
            name: person.try_get(0)?,
            language: person.try_get(1)?,
            facts: serde_json::from_str(&person.try_get::<String, _>(2)?)
                .map_err(StoreError::corrupt("fact"))?,
            conversations: person.try_get(3)?,
            addresses: addresses
                .iter()
                .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
                .collect::<Result<_, StoreError>>()?,
        }))
    }

    /// What flows remembered of a person, as JSON.
    pub async fn person_facts(&self, tenant: &TenantId, id: &PersonId) -> Result<String, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let row = sqlx::query("SELECT facts FROM people WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.as_str().to_owned())
            .bind(id.as_str().to_owned())
            .fetch_optional(&mut *connection)
            .await?;
        Ok(row.map_or_else(|| Ok("{}".to_owned()), |row| row.try_get(0))?)
    }
}

/// Somebody as a channel account knows them.
pub(super) struct NewAddress<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) account: &'a ChannelAccountId,
    pub(super) external_id: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) language: Option<&'a str>,
}

impl NewAddress<'_> {
    /// The person behind the address; both are made on first sight.
    pub(super) async fn person(&self, batch: &mut Batch<'_>) -> Result<PersonId, StoreError> {
        let known = sqlx::query(
            "SELECT person_id FROM addresses WHERE tenant_id = $1 AND channel_account_id = $2 AND external_id = $3",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.external_id.to_owned())
        .fetch_optional(batch.connection().await?)
        .await?;
        match known {
            Some(row) => Ok(PersonId::from_text(row.try_get::<String, _>(0)?)),
            None => self.add(batch).await,
        }
    }

    async fn add(&self, batch: &mut Batch<'_>) -> Result<PersonId, StoreError> {
        let person: PersonId = batch.new_id();
        let address: RowId = batch.new_id();
        let now = batch.now();
        sqlx::query(
            "INSERT INTO people (tenant_id, id, display_name, language, facts, created_at) VALUES ($1, $2, $3, $4, '{}', $5)",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(person.as_str().to_owned())
        .bind(self.name.map(str::to_owned))
        .bind(self.language.map(str::to_owned))
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        sqlx::query(
            "INSERT INTO addresses (tenant_id, id, person_id, channel_account_id, external_id, display_name, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(address.as_str().to_owned())
        .bind(person.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.external_id.to_owned())
        .bind(self.name.map(str::to_owned))
        .bind(now.0)
        .execute(batch.connection().await?)
        .await?;
        Ok(person)
    }
}
