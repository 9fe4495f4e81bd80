//! People: who writes to us, whatever address they use.

use serde::Serialize;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::batch::Batch;
use super::columns::Columns as _;
use super::{Dialect, Store, StoreError};
use crate::ids::{ChannelAccountId, ConversationId, PersonId, RowId, TenantId};

/// A person with their addresses.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PersonRecord {
    pub id: PersonId,
    pub name: Option<String>,
    pub language: Option<String>,
    /// What flows asked to remember, as a JSON record.
    pub facts: serde_json::Value,
    pub addresses: Vec<AddressRecord>,
    pub conversations: i64,
}

/// Somebody as one channel account knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddressRecord {
    pub id: RowId,
    pub account: String,
    pub channel: String,
    pub external_id: String,
    pub name: Option<String>,
    pub username: Option<String>,
    pub phone: Option<String>,
    /// The person to whom it belongs by itself: another one where it came with a merge.
    pub home: PersonId,
}

/// A person that a search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonFound {
    pub id: PersonId,
    pub name: Option<String>,
    pub addresses: Vec<AddressRecord>,
}

/// A person's own name, else the oldest one that a platform told.
const NAME: &str = "COALESCE(p.display_name, (SELECT MIN(a.display_name) FROM addresses a WHERE a.tenant_id = p.tenant_id \
                    AND a.person_id = p.id))";

impl Store {
    pub async fn person(&self, tenant: &TenantId, id: &PersonId) -> Result<Option<PersonRecord>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let sql = format!(
            "SELECT {NAME}, language, facts, \
             (SELECT COUNT(*) FROM conversations c WHERE c.tenant_id = p.tenant_id AND c.person_id = p.id) \
             FROM people p WHERE p.tenant_id = $1 AND p.id = $2"
        );
        let person = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.as_str().to_owned())
            .bind(id.as_str().to_owned())
            .fetch_optional(&mut *connection)
            .await?;
        let Some(person) = person else { return Ok(None) };
        let addresses = addresses(&mut connection, tenant, id).await?;
        Ok(Some(PersonRecord {
            id: id.clone(),
            name: person.try_get(0)?,
            language: person.try_get(1)?,
            facts: serde_json::from_str(&person.try_get::<String, _>(2)?)
                .map_err(StoreError::corrupt("fact"))?,
            conversations: person.try_get(3)?,
            addresses,
        }))
    }

    /// People whose name, user name or number holds the words, or whose id at a platform they are; who was merged into
    /// somebody is found as that person. Newest first.
    pub async fn find_people(
        &self,
        tenant: &TenantId,
        words: &str,
        limit: i64,
    ) -> Result<Vec<PersonFound>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let sql = format!(
            "SELECT p.id, {NAME} FROM people p WHERE p.tenant_id = $1 AND EXISTS (SELECT 1 FROM addresses a \
             WHERE a.tenant_id = p.tenant_id AND a.person_id = p.id AND (a.external_id = $3 \
             OR LOWER(COALESCE(p.display_name, '')) LIKE $2 ESCAPE '!' \
             OR LOWER(COALESCE(a.display_name, '')) LIKE $2 ESCAPE '!' \
             OR LOWER(COALESCE(a.username, '')) LIKE $2 ESCAPE '!' \
             OR COALESCE(a.phone, '') LIKE $5 ESCAPE '!')) ORDER BY p.created_at DESC, p.id DESC LIMIT $4"
        );
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.as_str().to_owned())
            .bind(format!("%{}%", escaped(&words.to_lowercase())))
            .bind(words.to_owned())
            .bind(limit)
            .bind(format!("%{}%", escaped(&of_number(words))))
            .fetch_all(&mut *connection)
            .await?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let id = PersonId::from_text(row.try_get::<String, _>(0)?);
            let addresses = addresses(&mut connection, tenant, &id).await?;
            found.push(PersonFound { id, name: row.try_get(1)?, addresses });
        }
        Ok(found)
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

/// What a number holds however it is written: of `081-234 5678` the number of Thailand `+66812345678` has all but the zero.
pub(super) fn of_number(words: &str) -> String {
    let is_sign = |sign: char| sign.is_ascii_digit() || matches!(sign, '+' | '-' | ' ' | '(' | ')');
    let digits: String = words.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 7 || !words.chars().all(is_sign) {
        return words.to_owned();
    }
    digits.trim_start_matches('0').to_owned()
}

/// Changes what is remembered of the conversation's person, fact by fact: another conversation of theirs may have
/// learned something meanwhile. Null forgets.
pub(super) async fn remember(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    conversation: &ConversationId,
    changes: &str,
) -> Result<(), StoreError> {
    let lock = if batch.dialect == Dialect::Postgres { " FOR UPDATE" } else { "" };
    let sql = format!(
        "SELECT id, facts FROM people WHERE tenant_id = $1 AND id = \
         (SELECT person_id FROM conversations WHERE tenant_id = $1 AND id = $2){lock}"
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant.as_str().to_owned())
        .bind(conversation.as_str().to_owned())
        .fetch_optional(batch.connection().await?)
        .await?;
    let Some(row) = row else { return Ok(()) };
    let (person, known): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let sql = "UPDATE people SET facts = $1 WHERE tenant_id = $2 AND id = $3";
    let facts = with_changes(&known, changes)?;
    batch.later(sql, vec![facts.into(), tenant.into(), person.into()]).await
}

/// A JSON record with some fields changed; null takes one away.
pub fn with_changes(known: &str, changes: &str) -> Result<String, StoreError> {
    let read = |text: &str| {
        serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text)
            .map_err(StoreError::corrupt("fact"))
    };
    let mut facts = read(known)?;
    facts.extend(read(changes)?);
    facts.retain(|_, value| !value.is_null());
    serde_json::to_string(&facts).map_err(StoreError::corrupt("fact"))
}

/// Words as LIKE takes them as they stand.
fn escaped(words: &str) -> String {
    words.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

async fn addresses(
    connection: &mut AnyConnection,
    tenant: &TenantId,
    person: &PersonId,
) -> Result<Vec<AddressRecord>, StoreError> {
    let rows = sqlx::query(
        "SELECT a.id, a.channel_account_id, COALESCE(c.channel, ''), a.external_id, a.display_name, a.username, a.phone, \
         COALESCE(a.home_person_id, a.person_id) FROM addresses a \
         LEFT JOIN channel_accounts c ON c.tenant_id = a.tenant_id AND c.id = a.channel_account_id \
         WHERE a.tenant_id = $1 AND a.person_id = $2 ORDER BY a.created_at, a.id",
    )
    .bind(tenant.as_str().to_owned())
    .bind(person.as_str().to_owned())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(AddressRecord {
                id: row.id(0)?,
                account: row.try_get(1)?,
                channel: row.try_get(2)?,
                external_id: row.try_get(3)?,
                name: row.try_get(4)?,
                username: row.try_get(5)?,
                phone: row.try_get(6)?,
                home: row.id(7)?,
            })
        })
        .collect()
}

/// Somebody as a channel account knows them.
pub(super) struct NewAddress<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) account: &'a ChannelAccountId,
    pub(super) external_id: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) language: Option<&'a str>,
    /// Without the `@`.
    pub(super) username: Option<&'a str>,
    /// E.164.
    pub(super) phone: Option<&'a str>,
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
            "INSERT INTO addresses (tenant_id, id, person_id, channel_account_id, external_id, display_name, created_at, \
             username, phone) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(address.as_str().to_owned())
        .bind(person.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.external_id.to_owned())
        .bind(self.name.map(str::to_owned))
        .bind(now.0)
        .bind(self.username.map(str::to_owned))
        .bind(self.phone.map(str::to_owned))
        .execute(batch.connection().await?)
        .await?;
        Ok(person)
    }
}
