//! Choosing people of one account: by language, by when they last wrote, by tag. Who blocked us is never among them.

use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, ConversationId, TenantId};

/// What people must be like; what is left out does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PeopleChoice {
    /// BCP 47, the first part: `th`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// They wrote within so many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_days: Option<u32>,
    /// One of their conversations has this tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// The people of an account by what they can be chosen by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PeopleKinds {
    pub people: i64,
    pub languages: Vec<(String, i64)>,
    pub tags: Vec<(String, i64)>,
}

/// Those with a private chat of this account who have not left. `$1` tenant, `$2` account.
const REACHED: &str = "FROM addresses a JOIN conversations c ON c.tenant_id = a.tenant_id \
     AND c.channel_account_id = a.channel_account_id AND c.thread = a.external_id AND c.is_current = 1 \
     JOIN people p ON p.tenant_id = a.tenant_id AND p.id = a.person_id \
     WHERE a.tenant_id = $1 AND a.channel_account_id = $2 AND NOT EXISTS (SELECT 1 FROM stopped_addresses s \
     WHERE s.tenant_id = a.tenant_id AND s.channel_account_id = a.channel_account_id AND s.external_id = a.external_id)";
/// `$3` language, `$4` since when, `$5` tag; empty or 0 where it does not matter.
const CHOSEN: &str = "AND ($3 = '' OR COALESCE(c.language, p.language, '') = $3 OR COALESCE(c.language, p.language, '') LIKE $3 || '-%') \
     AND c.heard_at >= $4 AND ($5 = '' OR EXISTS (SELECT 1 FROM conversation_tags t JOIN conversations o \
     ON o.tenant_id = t.tenant_id AND o.id = t.conversation_id \
     WHERE t.tenant_id = a.tenant_id AND o.person_id = a.person_id AND t.tag = $5))";

impl PeopleChoice {
    fn since(&self, now: Micros) -> i64 {
        self.within_days.map_or(i64::MIN, |days| now.0 - i64::from(days) * Micros::DAY)
    }

    /// The platform's ids of the chosen, in their order.
    pub(super) async fn ids(
        &self,
        connection: &mut sqlx::AnyConnection,
        (tenant, account): (&TenantId, &ChannelAccountId),
        now: Micros,
    ) -> Result<Vec<String>, StoreError> {
        let sql = format!("SELECT a.external_id {REACHED} {CHOSEN} ORDER BY a.external_id");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.as_str().to_owned())
            .bind(account.as_str().to_owned())
            .bind(self.language.clone().unwrap_or_default())
            .bind(self.since(now))
            .bind(self.tag.clone().unwrap_or_default())
            .fetch_all(connection)
            .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

impl Store {
    /// The platform's ids of the people of an account who are so.
    pub async fn chosen_people(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        choice: &PeopleChoice,
    ) -> Result<Vec<String>, StoreError> {
        let now = self.clock().now();
        let mut connection = self.reader(tenant).await?;
        choice.ids(&mut connection, (tenant, account), now).await
    }

    /// What the people of an account can be chosen by, the most first.
    pub async fn people_kinds(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
    ) -> Result<PeopleKinds, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let mut counted = async |sql: String| -> Result<Vec<(String, i64)>, StoreError> {
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(tenant.as_str().to_owned())
                .bind(account.as_str().to_owned())
                .fetch_all(&mut *connection)
                .await?;
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
        };
        let all = counted(format!("SELECT '', COUNT(*) {REACHED}")).await?;
        let languages = counted(format!(
            "SELECT COALESCE(c.language, p.language), COUNT(*) {REACHED} AND COALESCE(c.language, p.language) IS NOT NULL \
             GROUP BY COALESCE(c.language, p.language) ORDER BY 2 DESC, 1 LIMIT 50"
        ));
        let languages = languages.await?;
        let tags = counted(format!(
            "SELECT t.tag, COUNT(DISTINCT q.person_id) FROM (SELECT a.person_id {REACHED}) q \
             JOIN conversations o ON o.tenant_id = $1 AND o.person_id = q.person_id \
             JOIN conversation_tags t ON t.tenant_id = o.tenant_id AND t.conversation_id = o.id \
             GROUP BY t.tag ORDER BY 2 DESC, 1 LIMIT 100"
        ))
        .await?;
        Ok(PeopleKinds { people: all.first().map_or(0, |(_, count)| *count), languages, tags })
    }

    /// Notes that somebody blocked us, or came back.
    pub async fn note_stopped(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        external_id: &str,
        stopped: bool,
    ) -> Result<(), StoreError> {
        let (tenant, account) = (tenant.clone(), account.clone());
        self.write(NoteStopped { tenant, account, external_id: external_id.to_owned(), stopped }).await
    }

    /// The tags of a conversation.
    pub async fn tags(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
    ) -> Result<Vec<String>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query(
            "SELECT tag FROM conversation_tags WHERE tenant_id = $1 AND conversation_id = $2 ORDER BY tag",
        )
        .bind(tenant.as_str().to_owned())
        .bind(conversation.as_str().to_owned())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// Gives a conversation these tags and no others.
    pub async fn put_tags(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
        tags: Vec<String>,
    ) -> Result<(), StoreError> {
        self.write(PutTags { tenant: tenant.clone(), conversation: conversation.clone(), tags }).await
    }
}

struct NoteStopped {
    tenant: TenantId,
    account: ChannelAccountId,
    external_id: String,
    stopped: bool,
}

impl WriteOp for NoteStopped {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        let sql = if self.stopped {
            "INSERT INTO stopped_addresses (tenant_id, channel_account_id, external_id, stopped_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant_id, channel_account_id, external_id) DO NOTHING"
        } else {
            "DELETE FROM stopped_addresses WHERE tenant_id = $1 AND channel_account_id = $2 AND external_id = $3 \
             AND stopped_at <= $4"
        };
        sqlx::query(sql)
            .bind(self.tenant.as_str().to_owned())
            .bind(self.account.as_str().to_owned())
            .bind(self.external_id.clone())
            .bind(now.0)
            .execute(batch.connection().await?)
            .await?;
        Ok(())
    }
}

struct PutTags {
    tenant: TenantId,
    conversation: ConversationId,
    tags: Vec<String>,
}

impl WriteOp for PutTags {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let known = sqlx::query("SELECT 1 FROM conversations WHERE tenant_id = $1 AND id = $2")
            .bind(self.tenant.as_str().to_owned())
            .bind(self.conversation.as_str().to_owned())
            .fetch_optional(batch.connection().await?)
            .await?;
        if known.is_none() {
            return Err(StoreError::NotFound("conversation"));
        }
        sqlx::query("DELETE FROM conversation_tags WHERE tenant_id = $1 AND conversation_id = $2")
            .bind(self.tenant.as_str().to_owned())
            .bind(self.conversation.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        let now = batch.now();
        for tag in &self.tags {
            sqlx::query(
                "INSERT INTO conversation_tags (tenant_id, tag, conversation_id, created_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (tenant_id, conversation_id, tag) DO NOTHING",
            )
            .bind(self.tenant.as_str().to_owned())
            .bind(tag.clone())
            .bind(self.conversation.as_str().to_owned())
            .bind(now.0)
            .execute(batch.connection().await?)
            .await?;
        }
        Ok(())
    }
}
