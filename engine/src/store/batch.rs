//! A group commit in the making.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Row};

use super::events::{LoggedEvent, NewEvent};
use super::json_rows::gathered;
use super::lock_order::Touched;
use super::rows::{Rows, Value};
use super::{Dialect, StoreError};
use crate::clock::{Clock, Micros};
use crate::ids::{Id, Ids, TenantId};

/// One change that either happens whole or not at all. It may run twice when its first group commit fails, so it keeps
/// its input and writes only through the batch.
pub(crate) trait WriteOp: Send + Sync + 'static {
    type Output: Send + 'static;

    /// The tenants whose rows it touches.
    fn tenants(&self) -> Vec<TenantId>;

    /// The conversations whose rows it changes.
    fn touches(&self) -> Vec<Touched> {
        Vec::new()
    }

    fn run<'a>(
        &'a self,
        batch: &'a mut Batch<'_>,
    ) -> impl Future<Output = Result<Self::Output, StoreError>> + Send + 'a;

    /// Runs all changes of this kind in a batch, in order. A kind that comes often does it with few statements for all.
    /// An error of one that wrote nothing stands in its place; any other is the batch's, which is then tried one by one.
    fn run_all<'a>(
        changes: &'a [&'a Self],
        batch: &'a mut Batch<'_>,
    ) -> impl Future<Output = Result<Outcomes<Self::Output>, StoreError>> + Send + 'a {
        async move {
            let mut outcomes = Vec::with_capacity(changes.len());
            for change in changes {
                outcomes.push(Ok(change.run(batch).await?));
            }
            Ok(outcomes)
        }
    }
}

/// What became of each of several changes.
pub(crate) type Outcomes<Output> = Vec<Result<Output, StoreError>>;

/// The open transaction, and the rows and events that are written at its end.
pub(crate) struct Batch<'c> {
    connection: &'c mut AnyConnection,
    pub(crate) dialect: Dialect,
    clock: &'c Clock,
    ids: &'c Arc<Ids>,
    later: Later,
    begun: bool,
    pub(crate) messages: Rows,
    pub(crate) inbound: Rows,
    pub(crate) turns: Rows,
    pub(crate) outbox: Rows,
    events: Vec<NewEvent>,
    admitted: BTreeSet<TenantId>,
    pub(crate) made_ready: bool,
}

/// Statements for SQLite whose outcome nobody asks for yet. Each call goes to the connection's thread and back, and on a
/// busy machine waits for its turn both ways; so these travel with the next one whose outcome is wanted.
#[derive(Default)]
struct Later {
    sql: String,
    values: Vec<Value>,
}

impl Later {
    /// Appends a statement. Numbered parameters become positions, which go on counting from statement to statement.
    fn push(&mut self, sql: &str, values: &[Value]) {
        // A failed batch is rolled back whole, so SQLite need not keep a second journal to undo this statement alone.
        let mut sql = sql;
        for verb in ["UPDATE ", "INSERT "] {
            if let Some(rest) = sql.strip_prefix(verb) {
                self.sql.push_str(verb);
                self.sql.push_str("OR FAIL ");
                sql = rest;
            }
        }
        if sql.contains("$1") {
            let mut pieces = sql.split('$');
            self.sql.push_str(pieces.next().unwrap_or_default());
            for piece in pieces {
                let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
                match piece[..digits].parse::<usize>() {
                    Ok(number) => {
                        self.sql.push('?');
                        self.values.push(values[number - 1].clone());
                    }
                    // Part of a path into JSON.
                    Err(_) => self.sql.push('$'),
                }
                self.sql.push_str(&piece[digits..]);
            }
        } else {
            self.sql.push_str(sql);
            self.values.extend_from_slice(values);
        }
        self.sql.push_str("; ");
    }
}

impl<'c> Batch<'c> {
    pub(super) fn new(
        connection: &'c mut AnyConnection,
        dialect: Dialect,
        clock: &'c Clock,
        ids: &'c Arc<Ids>,
    ) -> Self {
        Self {
            connection,
            dialect,
            clock,
            ids,
            later: Later::default(),
            begun: false,
            messages: Rows::new(dialect, "messages", super::messages::COLUMNS),
            inbound: Rows::new(dialect, "inbound", super::ingest::COLUMNS),
            turns: Rows::new(dialect, "turns", super::turns::COLUMNS),
            outbox: Rows::new(dialect, "outbox", super::outbox::COLUMNS),
            events: Vec::new(),
            admitted: BTreeSet::new(),
            made_ready: false,
        }
    }

    /// Opens the transaction; on SQLite with its first statement.
    pub(super) async fn begin(&mut self) -> Result<(), StoreError> {
        match self.dialect {
            Dialect::Sqlite => self.later.push("BEGIN IMMEDIATE", &[]),
            Dialect::Postgres => {
                self.begun = true;
                sqlx::query("BEGIN").execute(&mut *self.connection).await?;
            }
        }
        Ok(())
    }

    /// Writes what is left and commits.
    pub(super) async fn commit(&mut self) -> Result<(), StoreError> {
        self.later("COMMIT", vec![]).await?;
        self.settle().await
    }

    /// Takes everything back. False when the connection is of no use any more.
    pub(super) async fn roll_back(&mut self) -> bool {
        self.later = Later::default();
        !self.begun || sqlx::query("ROLLBACK").execute(&mut *self.connection).await.is_ok()
    }

    /// The connection, after everything that was put off.
    pub(crate) async fn connection(&mut self) -> Result<&mut AnyConnection, StoreError> {
        self.settle().await?;
        Ok(self.connection)
    }

    /// Runs a statement whose outcome is not asked for: at once, or together with the next one whose outcome is.
    pub(crate) async fn later(&mut self, sql: impl AsRef<str>, values: Vec<Value>) -> Result<(), StoreError> {
        match self.dialect {
            Dialect::Sqlite => self.later.push(sql.as_ref(), &values),
            Dialect::Postgres => {
                bound(sql.as_ref().to_owned(), values).execute(&mut *self.connection).await?;
            }
        }
        Ok(())
    }

    /// Runs a statement; returns how many rows it changed.
    pub(crate) async fn count(
        &mut self,
        sql: impl AsRef<str>,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        match self.dialect {
            Dialect::Sqlite => {
                self.later.push(sql.as_ref(), &values);
                let changed: Vec<(u64,)> = self.gather(&["changes()"], "", vec![]).await?;
                Ok(changed.first().map_or(0, |(count,)| *count))
            }
            Dialect::Postgres => {
                let done = bound(sql.as_ref().to_owned(), values).execute(&mut *self.connection).await?;
                Ok(done.rows_affected())
            }
        }
    }

    /// Reads the rows of `SELECT columns rest`, in any order: each becomes a tuple, or a structure's fields in order.
    pub(crate) async fn gather<One: DeserializeOwned>(
        &mut self,
        columns: &[&str],
        rest: &str,
        values: Vec<Value>,
    ) -> Result<Vec<One>, StoreError> {
        let sql = gathered(self.dialect, columns, rest);
        let query = match self.dialect {
            Dialect::Sqlite => {
                self.later.push(&sql, &values);
                self.put_off()
            }
            Dialect::Postgres => bound(sql, values),
        };
        // The one statement that returns a row is the last.
        let rows = query.fetch_all(&mut *self.connection).await?;
        let row = rows.last().ok_or(sqlx::Error::RowNotFound)?;
        serde_json::from_str(&row.try_get::<String, _>(0)?).map_err(StoreError::corrupt("row"))
    }

    /// Runs what was put off.
    async fn settle(&mut self) -> Result<(), StoreError> {
        if !self.later.sql.is_empty() {
            self.put_off().execute(&mut *self.connection).await?;
        }
        Ok(())
    }

    fn put_off(&mut self) -> Query<'static, Any, AnyArguments> {
        // The first of them opens the transaction.
        self.begun = true;
        let Later { sql, values } = std::mem::take(&mut self.later);
        bound(sql, values)
    }

    pub(crate) fn now(&self) -> Micros {
        self.clock.now()
    }

    pub(crate) fn new_id<Kind>(&self) -> Id<Kind> {
        self.ids.next(self.clock)
    }

    /// Lets the rest of the transaction see these tenants' rows besides those already admitted.
    pub(crate) async fn admit(
        &mut self,
        tenants: impl IntoIterator<Item = TenantId>,
    ) -> Result<(), StoreError> {
        let before = self.admitted.len();
        self.admitted.extend(tenants);
        if self.dialect == Dialect::Postgres && self.admitted.len() > before {
            let list: Vec<&str> = self.admitted.iter().map(TenantId::as_str).collect();
            self.later("SELECT set_config('sala.tenants', $1, true)", vec![list.join(",").into()]).await?;
        }
        Ok(())
    }

    /// Logs an event for the live views. It gets its number at the end of the batch.
    pub(crate) fn log(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// The events that were logged and have no number yet, to take words out of them.
    pub(super) fn logged(&mut self) -> impl Iterator<Item = &mut NewEvent> {
        self.events.iter_mut()
    }

    /// Writes the collected rows, then numbers and writes the events; returns the events as logged.
    pub(super) async fn finish(&mut self) -> Result<Finished, StoreError> {
        let made_outbox = !self.outbox.is_empty();
        self.write_inbound().await?;
        self.write_messages().await?;
        let (mut turns, mut outbox) = (self.turns.take(), self.outbox.take());
        self.write(&mut turns).await?;
        self.write(&mut outbox).await?;
        let events = std::mem::take(&mut self.events);
        let events = super::events::append(self, events).await?;
        Ok(Finished { events, made_ready: self.made_ready, made_outbox })
    }

    /// Writes the messages that were taken in by now, for a statement that looks for them.
    pub(super) async fn write_inbound(&mut self) -> Result<(), StoreError> {
        let mut rows = self.inbound.take();
        self.write(&mut rows).await
    }

    /// Writes the messages that were collected by now, for a statement that looks for them.
    pub(super) async fn write_messages(&mut self) -> Result<(), StoreError> {
        let mut rows = self.messages.take();
        self.write(&mut rows).await
    }

    /// Writes rows. Those of another table go with another call: their numbers vary, and every combination would be a text
    /// of its own to prepare.
    pub(super) async fn write(&mut self, rows: &mut Rows) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.settle().await?;
        while let Some((sql, values)) = rows.next_insert() {
            self.later(sql, values).await?;
        }
        Ok(())
    }
}

/// A statement made of constants and numbers, with its values.
fn bound(sql: String, values: Vec<Value>) -> Query<'static, Any, AnyArguments> {
    values.into_iter().fold(sqlx::query(AssertSqlSafe(sql)), |query, value| match value {
        Value::Text(text) => query.bind(text),
        Value::Int(number) => query.bind(number),
        Value::NoText => query.bind(Option::<String>::None),
        Value::NoInt => query.bind(Option::<i64>::None),
    })
}

/// What a finished batch brings to the rest of the process once it is committed.
pub(super) struct Finished {
    pub(super) events: Vec<LoggedEvent>,
    pub(super) made_ready: bool,
    pub(super) made_outbox: bool,
}
