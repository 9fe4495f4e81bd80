//! Messages to many: what is sent to whom, and how far each call came. Rows are there before anything is sent.

mod chunks;
mod confirm;
mod standstill;

use channels::Reply;
use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::batch::{Batch, WriteOp};
use super::messages::BroadcastMark;
use super::people_choice::PeopleChoice;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{AgentId, ChannelAccountId, RowId, TenantId};
use crate::store::columns::Columns as _;

pub use chunks::{Chunk, ChunkEnd};
pub use confirm::{Confirm, Confirmed};
pub use standstill::BroadcastRefusal;

/// People in one call, LINE's limit.
pub const PEOPLE_A_CALL: usize = 500;

/// To whom a message goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(tag = "way", rename_all = "snake_case", deny_unknown_fields)]
pub enum BroadcastTo {
    /// People whom we know.
    People {
        #[serde(default)]
        choice: PeopleChoice,
    },
    /// A group of people that LINE keeps.
    Audience { group_id: i64, name: String },
    /// Every friend of the account, also those who never wrote.
    Everybody,
}

impl BroadcastTo {
    pub fn way(&self) -> &'static str {
        match self {
            Self::People { .. } => "people",
            Self::Audience { .. } => "audience",
            Self::Everybody => "everybody",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Broadcast {
    #[serde(skip)]
    pub tenant: TenantId,
    pub id: RowId,
    #[serde(skip)]
    pub account: ChannelAccountId,
    /// As people call it, else its first words.
    pub name: String,
    pub to: BroadcastTo,
    pub reply: Reply,
    /// How many it goes to, as it was counted last.
    pub people: i64,
    /// `draft`, `sending`, `stopped` or `done`.
    pub state: String,
    /// Why it stopped.
    pub reason: Option<String>,
    pub created_by: String,
    pub confirmed_by: Option<String>,
    #[serde(serialize_with = "Micros::in_millis")]
    pub created_at: Micros,
    #[serde(serialize_with = "Micros::in_millis_if_any")]
    pub confirmed_at: Option<Micros>,
    #[serde(serialize_with = "Micros::in_millis_if_any")]
    pub done_at: Option<Micros>,
}

impl Broadcast {
    /// By what it is known in the conversations of those who got it.
    pub(super) fn mark(&self) -> BroadcastMark {
        let name = match &self.to {
            BroadcastTo::Audience { name, .. } => Some(name.clone()),
            BroadcastTo::People { .. } | BroadcastTo::Everybody => None,
        };
        BroadcastMark { id: self.id.to_string(), way: self.to.way().to_owned(), name }
    }
}

#[derive(Clone, Debug)]
pub struct NewBroadcast {
    pub tenant: TenantId,
    pub account: ChannelAccountId,
    /// Empty where its first words are name enough.
    pub name: String,
    pub to: BroadcastTo,
    pub reply: Reply,
    pub people: i64,
    pub agent: AgentId,
}

const COLUMNS: &str = "id, channel_account_id, choice, reply, people, state, reason, created_by, confirmed_by, created_at, \
                       confirmed_at, done_at, name";
/// The longest name that first words make, characters.
const FIRST_WORDS: usize = 40;

/// What a message to many is called that nobody gave a name: its first words, to the end of one.
fn first_words(reply: &Reply) -> String {
    let words =
        reply.parts.iter().flat_map(channels::Part::words).map(str::trim).find(|words| !words.is_empty());
    let line = words.and_then(|words| words.lines().next()).unwrap_or_default();
    if line.chars().count() <= FIRST_WORDS {
        return line.to_owned();
    }
    let cut: String = line.chars().take(FIRST_WORDS).collect();
    let end = cut.rfind(' ').filter(|end| *end > 0).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end())
}

fn read(row: &AnyRow, tenant: &TenantId) -> Result<Broadcast, StoreError> {
    let reply: Reply = row.json(3, "reply")?;
    let name: String = row.try_get(12)?;
    Ok(Broadcast {
        tenant: tenant.clone(),
        id: row.id(0)?,
        account: row.id(1)?,
        name: if name.is_empty() { first_words(&reply) } else { name },
        to: row.json(2, "choice")?,
        reply,
        people: row.try_get(4)?,
        state: row.try_get(5)?,
        reason: row.try_get(6)?,
        created_by: row.try_get(7)?,
        confirmed_by: row.try_get(8)?,
        created_at: row.time(9)?,
        confirmed_at: row.maybe_time(10)?,
        done_at: row.maybe_time(11)?,
    })
}

impl Store {
    pub async fn draft_broadcast(&self, new: NewBroadcast) -> Result<RowId, StoreError> {
        self.write(new).await
    }

    /// The newest messages to many of an account.
    pub async fn broadcasts(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        limit: i64,
    ) -> Result<Vec<Broadcast>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM broadcasts WHERE tenant_id = $1 AND channel_account_id = $2 ORDER BY created_at DESC, id DESC LIMIT $3"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.as_str().to_owned())
            .bind(account.as_str().to_owned())
            .bind(limit)
            .fetch_all(&mut *connection)
            .await?;
        rows.iter().map(|row| read(row, tenant)).collect()
    }

    pub async fn broadcast(&self, tenant: &TenantId, id: &RowId) -> Result<Option<Broadcast>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        find(&mut connection, tenant, id).await
    }

    /// Shows in its state and reason how a message to many stands: stopped, or done, once no call is left.
    pub async fn set_broadcast_state(
        &self,
        broadcast: &Broadcast,
        state: &'static str,
        reason: Option<String>,
    ) -> Result<(), StoreError> {
        self.write(SetState { tenant: broadcast.tenant.clone(), id: broadcast.id.clone(), state, reason })
            .await
    }
}

async fn find(
    connection: &mut sqlx::AnyConnection,
    tenant: &TenantId,
    id: &RowId,
) -> Result<Option<Broadcast>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM broadcasts WHERE tenant_id = $1 AND id = $2");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.as_str().to_owned())
        .bind(id.as_str().to_owned())
        .fetch_optional(connection)
        .await?;
    row.map(|row| read(&row, tenant)).transpose()
}

impl WriteOp for NewBroadcast {
    type Output = RowId;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<RowId, StoreError> {
        let (id, now): (RowId, Micros) = (batch.new_id(), batch.now());
        sqlx::query(
            "INSERT INTO broadcasts (tenant_id, id, channel_account_id, way, choice, reply, people, state, created_by, \
             created_at, name) VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, $9, $10)",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(id.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.to.way())
        .bind(serde_json::to_string(&self.to).map_err(StoreError::corrupt("choice"))?)
        .bind(serde_json::to_string(&self.reply).map_err(StoreError::corrupt("reply"))?)
        .bind(self.people)
        .bind(self.agent.as_str().to_owned())
        .bind(now.0)
        .bind(self.name.trim().to_owned())
        .execute(batch.connection().await?)
        .await?;
        Ok(id)
    }
}

struct SetState {
    tenant: TenantId,
    id: RowId,
    state: &'static str,
    reason: Option<String>,
}

impl WriteOp for SetState {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let done_at = (self.state == "done").then_some(batch.now().0);
        sqlx::query(
            "UPDATE broadcasts SET state = $1, reason = $2, done_at = $3 WHERE tenant_id = $4 AND id = $5 \
             AND state IN ('sending', 'stopped') AND ($1 <> 'done' OR NOT EXISTS (SELECT 1 FROM broadcast_chunks k \
             WHERE k.tenant_id = broadcasts.tenant_id AND k.broadcast_id = broadcasts.id AND k.state IN ('waiting', 'accepted')))",
        )
        .bind(self.state)
        .bind(self.reason.clone())
        .bind(done_at)
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.as_str().to_owned())
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_without_a_name_is_called_by_its_first_words() {
        let check = |text: &str, expected: &str| assert_eq!(first_words(&Reply::text(text)), expected);
        check("", "");
        check("โปรวันนี้", "โปรวันนี้");
        check("New beans\nfrom Doi Chang", "New beans");
        check("Our new beans from Doi Chang are here and waiting", "Our new beans from Doi Chang are here…");
        check(&"ก".repeat(50), &format!("{}…", "ก".repeat(40)));
    }
}
