//! The calls of a message to many: each is begun in the rows before it is made, and settled with what its people see.

use channels::Reply;
use serde::Serialize;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Broadcast;
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, RowId, TenantId};
use crate::store::batch::{Batch, WriteOp};
use crate::store::columns::Columns as _;
use crate::store::lock_order::Touched;
use crate::store::messages::{self, Author, BroadcastMark, Message, MessageBody, MessageState};
use crate::store::{Store, StoreError};

/// One call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chunk {
    pub chunk: i64,
    /// `multicast`, `narrowcast`, `broadcast`, or `tell` for one without a call.
    pub way: String,
    #[serde(skip)]
    pub retry_key: String,
    #[serde(skip)]
    pub people: Vec<String>,
    pub count: i64,
    /// `waiting`, `accepted` (LINE carries it out), `sent`, `refused` or `unknown`.
    pub state: String,
    #[serde(skip)]
    pub request_id: Option<String>,
    pub reason: Option<String>,
    #[serde(skip)]
    pub first_tried_at: Option<Micros>,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChunkEnd {
    /// LINE took it; it reached so many where LINE tells.
    Sent {
        request_id: Option<String>,
        count: Option<i64>,
    },
    /// LINE will carry it out and can be asked how far it is.
    Accepted {
        request_id: String,
    },
    Refused {
        reason: String,
    },
    /// Nobody knows whether it was carried out, and it cannot be repeated without harm any more.
    Unknown,
}

const COLUMNS: &str = "chunk, way, retry_key, people, count, state, request_id, reason, first_tried_at";

fn read(row: &AnyRow) -> Result<Chunk, StoreError> {
    Ok(Chunk {
        chunk: row.try_get(0)?,
        way: row.try_get(1)?,
        retry_key: row.try_get(2)?,
        people: row.json(3, "people")?,
        count: row.try_get(4)?,
        state: row.try_get(5)?,
        request_id: row.try_get(6)?,
        reason: row.try_get(7)?,
        first_tried_at: row.maybe_time(8)?,
    })
}

impl Store {
    /// The calls of a message to many, in order.
    pub async fn broadcast_chunks(&self, broadcast: &Broadcast) -> Result<Vec<Chunk>, StoreError> {
        let mut connection = self.reader(&broadcast.tenant).await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM broadcast_chunks WHERE tenant_id = $1 AND broadcast_id = $2 ORDER BY chunk"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(broadcast.tenant.as_str().to_owned())
            .bind(broadcast.id.as_str().to_owned())
            .fetch_all(&mut *connection)
            .await?;
        rows.iter().map(read).collect()
    }

    /// The next call to be made or asked about; that it is tried is stored before. None once all have ended, or the
    /// message was stopped.
    pub async fn begin_chunk(&self, broadcast: &Broadcast) -> Result<Option<Chunk>, StoreError> {
        self.write(Begin { tenant: broadcast.tenant.clone(), id: broadcast.id.clone() }).await
    }

    /// Settles a call. What it said appears in the conversations of its people in the same commit.
    pub async fn end_chunk(
        &self,
        broadcast: &Broadcast,
        chunk: &Chunk,
        end: ChunkEnd,
        author: Option<String>,
    ) -> Result<(), StoreError> {
        let tell = matches!(end, ChunkEnd::Sent { .. });
        self.write(End {
            tenant: broadcast.tenant.clone(),
            id: broadcast.id.clone(),
            account: broadcast.account.clone(),
            reply: broadcast.reply.clone(),
            mark: broadcast.mark(),
            people: if tell { chunk.people.clone() } else { Vec::new() },
            chunk: chunk.chunk,
            how: end,
            author,
        })
        .await
    }
}

struct Begin {
    tenant: TenantId,
    id: RowId,
}

impl WriteOp for Begin {
    type Output = Option<Chunk>;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Option<Chunk>, StoreError> {
        let now = batch.now();
        let sql = format!(
            "SELECT {COLUMNS} FROM broadcast_chunks WHERE tenant_id = $1 AND broadcast_id = $2 \
             AND state IN ('waiting', 'accepted') AND EXISTS (SELECT 1 FROM broadcasts b WHERE b.tenant_id = $1 AND b.id = $2 \
             AND b.state = 'sending') ORDER BY chunk LIMIT 1"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(self.tenant.as_str().to_owned())
            .bind(self.id.as_str().to_owned())
            .fetch_optional(batch.connection().await?)
            .await?;
        let Some(chunk) = row.as_ref().map(read).transpose()? else { return Ok(None) };
        sqlx::query(
            "UPDATE broadcast_chunks SET first_tried_at = COALESCE(first_tried_at, $1) \
             WHERE tenant_id = $2 AND broadcast_id = $3 AND chunk = $4",
        )
        .bind(now.0)
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.as_str().to_owned())
        .bind(chunk.chunk)
        .execute(batch.connection().await?)
        .await?;
        Ok(Some(chunk))
    }
}

struct End {
    tenant: TenantId,
    id: RowId,
    account: ChannelAccountId,
    reply: Reply,
    mark: BroadcastMark,
    people: Vec<String>,
    chunk: i64,
    how: ChunkEnd,
    author: Option<String>,
}

impl WriteOp for End {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        let thread = |person: &String| Touched::Thread {
            tenant: self.tenant.clone(),
            account: self.account.clone(),
            thread: person.clone(),
        };
        self.people.iter().map(thread).collect()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        let (state, request_id, reason, count) = match &self.how {
            ChunkEnd::Sent { request_id, count } => ("sent", request_id.clone(), None, *count),
            ChunkEnd::Accepted { request_id } => ("accepted", Some(request_id.clone()), None, None),
            ChunkEnd::Refused { reason } => ("refused", None, Some(reason.clone()), None),
            ChunkEnd::Unknown => ("unknown", None, None, None),
        };
        let changed = sqlx::query(
            "UPDATE broadcast_chunks SET state = $1, request_id = COALESCE($2, request_id), reason = $3, \
             count = COALESCE($4, count), done_at = $5 WHERE tenant_id = $6 AND broadcast_id = $7 AND chunk = $8 \
             AND state IN ('waiting', 'accepted')",
        )
        .bind(state)
        .bind(request_id)
        .bind(reason)
        .bind(count)
        .bind(now.0)
        .bind(self.tenant.as_str().to_owned())
        .bind(self.id.as_str().to_owned())
        .bind(self.chunk)
        .execute(batch.connection().await?)
        .await?
        .rows_affected();
        if changed == 1 && state == "sent" {
            for person in &self.people {
                self.tell(batch, person).await?;
            }
        }
        Ok(())
    }
}

impl End {
    /// Lists of conversations stay as they are: who wrote last is what people look for there.
    async fn tell(&self, batch: &mut Batch<'_>, person: &str) -> Result<(), StoreError> {
        let row = sqlx::query(
            "UPDATE conversations SET last_message = last_message + 1 \
             WHERE tenant_id = $1 AND channel_account_id = $2 AND thread = $3 AND is_current = 1 RETURNING id, last_message",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(person.to_owned())
        .fetch_optional(batch.connection().await?)
        .await?;
        let Some(row) = row else { return Ok(()) };
        let message = Message {
            id: batch.new_id(),
            conversation: row.id(0)?,
            seq: row.try_get(1)?,
            author: Author::Agent,
            author_name: self.author.clone(),
            body: MessageBody {
                parts: self.reply.parts.clone(),
                choices: self.reply.choices.clone(),
                broadcast: Some(self.mark.clone()),
                ..MessageBody::default()
            },
            external_id: None,
            client_id: Some(format!("broadcast/{}", self.id)),
            state: MessageState::Sent,
            failure: None,
            at: batch.now(),
            thumb: None,
        };
        // Without an agent's id it is nobody's answer, which colleagues would collide with.
        messages::push(batch, &self.tenant, &message, None, None)
    }
}
