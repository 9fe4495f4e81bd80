//! Two people who are one: merging them with the evidence kept, and taking it back.
//!
//! Standing merges are a forest: a person who was merged points to the one who was kept. An address and a conversation
//! remember whose they are by themselves (their home) and are shown with the root of that person. Undoing cuts one
//! edge, so every merge can be undone in any order, and what was merged on top of it stays.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::batch::{Batch, WriteOp};
use super::columns::Columns as _;
use super::lock_order::Touched;
use super::unmerge::UndoMerge;
use super::{Dialect, Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ConversationId, PersonId, RowId, TenantId};

/// What proves that two people are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    OneTimeCode,
    SignedLink,
    LineLogin,
    /// The person linked their LINE account on LINE's page for that.
    AccountLink,
    /// A colleague looked at both and said so.
    Agent,
}

impl Evidence {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneTimeCode => "one_time_code",
            Self::SignedLink => "signed_link",
            Self::LineLogin => "line_login",
            Self::AccountLink => "account_link",
            Self::Agent => "agent",
        }
    }

    pub(super) fn parse(text: &str) -> Self {
        match text {
            "one_time_code" => Self::OneTimeCode,
            "signed_link" => Self::SignedLink,
            "line_login" => Self::LineLogin,
            "account_link" => Self::AccountLink,
            _ => Self::Agent,
        }
    }
}

/// A merge to be made.
#[derive(Clone, Debug)]
pub struct NewMerge {
    pub tenant: TenantId,
    pub kept: PersonId,
    pub merged: PersonId,
    pub evidence: Evidence,
    /// What is known of the evidence: never a secret.
    pub detail: Value,
    /// An agent's id, or who else: `customer`.
    pub by: String,
}

/// A merge as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Merge {
    pub id: RowId,
    pub kept: PersonId,
    pub merged: PersonId,
    /// What the person who was merged is called.
    pub merged_name: Option<String>,
    pub evidence: Evidence,
    pub detail: Value,
    pub by: String,
    /// The agent's name, where one did it.
    pub by_name: Option<String>,
    /// The ids of the addresses that moved.
    pub addresses: Vec<String>,
    /// What the kept person did not know before.
    pub facts: BTreeMap<String, Value>,
    /// Milliseconds UTC.
    pub at: i64,
    pub undone_at: Option<i64>,
    pub undone_by: Option<String>,
}

const SELECT: &str = "SELECT m.id, m.kept_person_id, m.merged_person_id, m.evidence, m.detail, m.merged_by, m.addresses, \
     m.facts, m.merged_at, m.undone_at, m.undone_by, \
     COALESCE((SELECT p.display_name FROM people p WHERE p.tenant_id = m.tenant_id AND p.id = m.merged_person_id), \
      (SELECT MAX(a.display_name) FROM addresses a WHERE a.tenant_id = m.tenant_id AND a.home_person_id = m.merged_person_id)), \
     (SELECT g.name FROM agents g WHERE g.tenant_id = m.tenant_id AND g.id = m.merged_by) FROM merges m";

/// The person and everybody who was merged into them, as the table `s`.
const SUBTREE: &str = "WITH RECURSIVE s (id) AS (SELECT CAST($2 AS TEXT) UNION SELECT m.merged_person_id FROM merges m \
     JOIN s ON m.kept_person_id = s.id WHERE m.tenant_id = $1 AND m.undone_at IS NULL) ";

fn read(row: &AnyRow) -> Result<Merge, StoreError> {
    let json = |column: usize| -> Result<String, StoreError> { Ok(row.try_get(column)?) };
    Ok(Merge {
        id: RowId::from_text(json(0)?),
        kept: PersonId::from_text(json(1)?),
        merged: PersonId::from_text(json(2)?),
        evidence: Evidence::parse(&json(3)?),
        detail: serde_json::from_str(&json(4)?).map_err(StoreError::corrupt("merge"))?,
        by: json(5)?,
        addresses: serde_json::from_str(&json(6)?).map_err(StoreError::corrupt("merge"))?,
        facts: serde_json::from_str(&json(7)?).map_err(StoreError::corrupt("merge"))?,
        at: row.time(8)?.millis(),
        undone_at: row.try_get::<Option<i64>, _>(9)?.map(|at| Micros(at).millis()),
        undone_by: row.try_get(10)?,
        merged_name: row.try_get(11)?,
        by_name: row.try_get(12)?,
    })
}

impl Store {
    /// Makes two people one. Refused for a person who is not there, who is the same, or who was merged already.
    pub async fn merge(&self, new: NewMerge) -> Result<Merge, StoreError> {
        let mut conversations = self.conversations_of(&new.tenant, &new.merged).await?;
        conversations.extend(self.conversations_of(&new.tenant, &new.kept).await?);
        self.write(MakeMerge { new, conversations }).await
    }

    /// Takes a merge back: the merged person has their own addresses, conversations and everybody who was merged into
    /// them again. What was merged on top of it stays.
    pub async fn undo_merge(&self, tenant: &TenantId, id: &RowId, by: &str) -> Result<Merge, StoreError> {
        let found = self.merge_by_id(tenant, id).await?.ok_or(StoreError::NotFound("merge"))?;
        let root = self.root_person(tenant, &found.kept).await?;
        let conversations = self.conversations_of(tenant, &root).await?;
        let (tenant, id) = (tenant.clone(), id.clone());
        self.write(UndoMerge { tenant, id, by: by.to_owned(), conversations }).await
    }

    pub async fn merge_by_id(&self, tenant: &TenantId, id: &RowId) -> Result<Option<Merge>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        find(&mut connection, tenant, id).await
    }

    /// Every merge of which the person is a part, standing or undone, newest first.
    pub async fn merges_of(&self, tenant: &TenantId, person: &PersonId) -> Result<Vec<Merge>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let sql = format!(
            "{SUBTREE} {SELECT} WHERE m.tenant_id = $1 AND (m.kept_person_id IN (SELECT id FROM s) \
             OR m.merged_person_id = $2) ORDER BY m.merged_at DESC, m.id DESC LIMIT 100"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.as_str().to_owned())
            .bind(person.as_str().to_owned())
            .fetch_all(&mut *connection)
            .await?;
        rows.iter().map(read).collect()
    }

    /// The person as whom this one is shown now.
    pub async fn root_person(&self, tenant: &TenantId, person: &PersonId) -> Result<PersonId, StoreError> {
        let mut connection = self.reader(tenant).await?;
        root(&mut connection, tenant, person).await
    }

    pub(super) async fn conversations_of(
        &self,
        tenant: &TenantId,
        person: &PersonId,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rows = sqlx::query("SELECT id FROM conversations WHERE tenant_id = $1 AND person_id = $2")
            .bind(tenant.as_str().to_owned())
            .bind(person.as_str().to_owned())
            .fetch_all(&mut *connection)
            .await?;
        rows.iter().map(|row| Ok(ConversationId::from_text(row.try_get::<String, _>(0)?))).collect()
    }
}

pub(super) async fn find(
    connection: &mut sqlx::AnyConnection,
    tenant: &TenantId,
    id: &RowId,
) -> Result<Option<Merge>, StoreError> {
    let sql = format!("{SELECT} WHERE m.tenant_id = $1 AND m.id = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.as_str().to_owned())
        .bind(id.as_str().to_owned())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Where the person was merged into, and the standing merge.
pub(super) async fn edge(
    connection: &mut sqlx::AnyConnection,
    tenant: &TenantId,
    person: &PersonId,
) -> Result<Option<Merge>, StoreError> {
    let sql = format!("{SELECT} WHERE m.tenant_id = $1 AND m.merged_person_id = $2 AND m.undone_at IS NULL");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.as_str().to_owned())
        .bind(person.as_str().to_owned())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The last of the people into whom this one was merged.
pub(super) async fn root(
    connection: &mut sqlx::AnyConnection,
    tenant: &TenantId,
    person: &PersonId,
) -> Result<PersonId, StoreError> {
    let mut at = person.clone();
    while let Some(edge) = edge(&mut *connection, tenant, &at).await? {
        at = edge.kept;
    }
    Ok(at)
}

/// One merge or undoing of a tenant at a time, on whatever node: the forest is read before it is changed.
pub(super) async fn queue(batch: &mut Batch<'_>, tenant: &TenantId) -> Result<(), StoreError> {
    if batch.dialect == Dialect::Postgres {
        sqlx::query("SELECT pg_advisory_xact_lock(7274497, hashtext($1))")
            .bind(tenant.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
    }
    Ok(())
}

struct MakeMerge {
    new: NewMerge,
    conversations: Vec<ConversationId>,
}

impl WriteOp for MakeMerge {
    type Output = Merge;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.new.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        touched(&self.new.tenant, &self.conversations)
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Merge, StoreError> {
        queue(batch, &self.new.tenant).await?;
        make(batch, &self.new).await
    }

    async fn run_all<'a>(
        changes: &'a [&'a Self],
        batch: &'a mut Batch<'_>,
    ) -> Result<super::batch::Outcomes<Merge>, StoreError> {
        let mut outcomes = Vec::with_capacity(changes.len());
        for change in changes {
            queue(batch, &change.new.tenant).await?;
            // A refusal has written nothing.
            outcomes.push(refusal_apart(make(batch, &change.new).await)?);
        }
        Ok(outcomes)
    }
}

/// A refusal stands for its own change; any other error is the batch's.
pub(super) fn refusal_apart<Output>(
    outcome: Result<Output, StoreError>,
) -> Result<Result<Output, StoreError>, StoreError> {
    match outcome {
        Err(error @ (StoreError::Conflict(_) | StoreError::NotFound(_))) => Ok(Err(error)),
        Err(error) => Err(error),
        Ok(output) => Ok(Ok(output)),
    }
}

pub(super) fn touched(tenant: &TenantId, conversations: &[ConversationId]) -> Vec<Touched> {
    let touched = |conversation: &ConversationId| Touched::Conversation {
        tenant: tenant.clone(),
        conversation: conversation.clone(),
    };
    conversations.iter().map(touched).collect()
}

/// Makes the merge inside a batch that has [`queue`]d.
pub(super) async fn make(batch: &mut Batch<'_>, new: &NewMerge) -> Result<Merge, StoreError> {
    let tenant = &new.tenant;
    if new.kept == new.merged {
        return Err(StoreError::Conflict("this is the same person already"));
    }
    let kept = facts(batch, tenant, &new.kept).await?;
    let merged = facts(batch, tenant, &new.merged).await?;
    for person in [&new.kept, &new.merged] {
        if edge(batch.connection().await?, tenant, person).await?.is_some() {
            return Err(StoreError::Conflict("one of the two was merged with somebody else already"));
        }
    }
    let taken: BTreeMap<String, Value> =
        merged.into_iter().filter(|(name, _)| !kept.contains_key(name)).collect();
    let mut known = kept;
    known.extend(taken.clone());
    let addresses = addresses_of(batch, tenant, &new.merged).await?;
    let id: RowId = batch.new_id();
    insert(batch, new, (&id, &addresses, &taken)).await?;
    put_facts(batch, tenant, &new.kept, &known).await?;
    let whose = "person_id = $3";
    belong(batch, tenant, (&new.kept, &new.merged), whose).await?;
    super::audit::append(batch, tenant, &new.by, "person.merged", id.as_str()).await?;
    find(batch.connection().await?, tenant, &id).await?.ok_or(StoreError::NotFound("merge"))
}

async fn insert(
    batch: &mut Batch<'_>,
    new: &NewMerge,
    (id, addresses, taken): (&RowId, &[String], &BTreeMap<String, Value>),
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO merges (tenant_id, id, kept_person_id, merged_person_id, evidence, detail, merged_by, addresses, \
         facts, merged_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(new.tenant.as_str().to_owned())
    .bind(id.as_str().to_owned())
    .bind(new.kept.as_str().to_owned())
    .bind(new.merged.as_str().to_owned())
    .bind(new.evidence.as_str())
    .bind(new.detail.to_string())
    .bind(new.by.clone())
    .bind(text_of(addresses)?)
    .bind(text_of(taken)?)
    .bind(batch.now().0)
    .execute(batch.connection().await?)
    .await?;
    Ok(())
}

pub(super) fn text_of(value: &(impl Serialize + ?Sized)) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::corrupt("merge"))
}

/// Gives the rows that `whose` finds for the second person to the first, and tells the live views.
pub(super) async fn belong(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    (to, from): (&PersonId, &PersonId),
    whose: &str,
) -> Result<(), StoreError> {
    for table in ["addresses", "conversations"] {
        let sql = format!(
            "UPDATE {table} SET home_person_id = COALESCE(home_person_id, person_id), person_id = $2 \
             WHERE tenant_id = $1 AND {whose} RETURNING id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.as_str().to_owned())
            .bind(to.as_str().to_owned())
            .bind(from.as_str().to_owned())
            .fetch_all(batch.connection().await?)
            .await?;
        for row in rows.iter().filter(|_| table == "conversations") {
            let id = ConversationId::from_text(row.try_get::<String, _>(0)?);
            super::conversations::log_update(batch, tenant, &id).await?;
        }
    }
    Ok(())
}

async fn addresses_of(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    person: &PersonId,
) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(
        "SELECT id FROM addresses WHERE tenant_id = $1 AND person_id = $2 ORDER BY created_at, id",
    )
    .bind(tenant.as_str().to_owned())
    .bind(person.as_str().to_owned())
    .fetch_all(batch.connection().await?)
    .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

/// What is remembered of a person, who must be there.
pub(super) async fn facts(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    person: &PersonId,
) -> Result<BTreeMap<String, Value>, StoreError> {
    let lock = if batch.dialect == Dialect::Postgres { " FOR UPDATE" } else { "" };
    let sql = format!("SELECT facts FROM people WHERE tenant_id = $1 AND id = $2{lock}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.as_str().to_owned())
        .bind(person.as_str().to_owned())
        .fetch_optional(batch.connection().await?)
        .await?;
    let row = row.ok_or(StoreError::NotFound("person"))?;
    serde_json::from_str(&row.try_get::<String, _>(0)?).map_err(StoreError::corrupt("fact"))
}

pub(super) async fn put_facts(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    person: &PersonId,
    facts: &BTreeMap<String, Value>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE people SET facts = $1 WHERE tenant_id = $2 AND id = $3")
        .bind(text_of(facts)?)
        .bind(tenant.as_str().to_owned())
        .bind(person.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
    Ok(())
}

pub(super) async fn subtree(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    person: &PersonId,
) -> Result<Vec<PersonId>, StoreError> {
    let sql = format!("{SUBTREE} SELECT id FROM s");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.as_str().to_owned())
        .bind(person.as_str().to_owned())
        .fetch_all(batch.connection().await?)
        .await?;
    rows.iter().map(|row| Ok(PersonId::from_text(row.try_get::<String, _>(0)?))).collect()
}
