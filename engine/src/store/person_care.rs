//! What agents look up and mend of one person: where else they talk with us, and which language they are spoken to in.

use sqlx::{AssertSqlSafe, Row};

use super::batch::{Batch, WriteOp};
use super::conversation_row::{COLUMNS, ConversationRow};
use super::conversations::{self, Conversation};
use super::json_rows::{fetch_gathered, gathered};
use super::{Store, StoreError};
use crate::ids::{ConversationId, PersonId, TenantId};

impl Store {
    /// The conversations of a person on every channel, newest first.
    pub async fn conversations_of_person(
        &self,
        tenant: &TenantId,
        person: &PersonId,
        limit: i64,
    ) -> Result<Vec<Conversation>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rest = "FROM conversations c WHERE c.tenant_id = $1 AND c.person_id = $2 \
                    ORDER BY c.last_at DESC, c.id DESC LIMIT $3";
        let query = sqlx::query(AssertSqlSafe(gathered(self.database().dialect, COLUMNS, rest)))
            .bind(tenant.as_str().to_owned())
            .bind(person.as_str().to_owned())
            .bind(limit);
        let rows: Vec<ConversationRow> = fetch_gathered(query, &mut connection).await?;
        let mut found: Vec<Conversation> = rows.into_iter().map(Conversation::from).collect();
        found.sort_by_key(|conversation| std::cmp::Reverse((conversation.last_at, conversation.id.clone())));
        Ok(found)
    }

    /// The language that a person is spoken to in from now on, in every conversation of theirs. None where there is no such
    /// person.
    pub async fn set_person_language(
        &self,
        tenant: &TenantId,
        person: &PersonId,
        language: &str,
        by: &str,
    ) -> Result<(), StoreError> {
        self.write(SetLanguage {
            tenant: tenant.clone(),
            person: person.clone(),
            language: language.to_owned(),
            by: by.to_owned(),
        })
        .await
    }
}

struct SetLanguage {
    tenant: TenantId,
    person: PersonId,
    language: String,
    by: String,
}

impl WriteOp for SetLanguage {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let changed = sqlx::query("UPDATE people SET language = $1 WHERE tenant_id = $2 AND id = $3")
            .bind(self.language.clone())
            .bind(self.tenant.as_str().to_owned())
            .bind(self.person.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::NotFound("person"));
        }
        let rows = sqlx::query(
            "UPDATE conversations SET language = $1 WHERE tenant_id = $2 AND person_id = $3 RETURNING id",
        )
        .bind(self.language.clone())
        .bind(self.tenant.as_str().to_owned())
        .bind(self.person.as_str().to_owned())
        .fetch_all(batch.connection().await?)
        .await?;
        for row in rows {
            let id = ConversationId::from_text(row.try_get::<String, _>(0)?);
            conversations::log_update(batch, &self.tenant, &id).await?;
        }
        super::audit::append(batch, &self.tenant, &self.by, "person.language_set", self.person.as_str()).await
    }
}
