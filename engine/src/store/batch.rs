//! A group commit in the making.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use sqlx::AnyConnection;

use super::events::{LoggedEvent, NewEvent};
use super::lock_order::Touched;
use super::rows::Rows;
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
    pub(crate) connection: &'c mut AnyConnection,
    pub(crate) dialect: Dialect,
    clock: &'c Clock,
    ids: &'c Arc<Ids>,
    pub(crate) messages: Rows,
    pub(crate) inbound: Rows,
    pub(crate) turns: Rows,
    pub(crate) outbox: Rows,
    events: Vec<NewEvent>,
    admitted: BTreeSet<TenantId>,
    pub(crate) made_ready: bool,
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
            messages: Rows::new(dialect, "messages", super::messages::COLUMNS),
            inbound: Rows::new(dialect, "inbound", super::ingest::COLUMNS),
            turns: Rows::new(dialect, "turns", super::turns::COLUMNS),
            outbox: Rows::new(dialect, "outbox", super::outbox::COLUMNS),
            events: Vec::new(),
            admitted: BTreeSet::new(),
            made_ready: false,
        }
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
            sqlx::query("SELECT set_config('sala.tenants', $1, true)")
                .bind(list.join(","))
                .execute(&mut *self.connection)
                .await?;
        }
        Ok(())
    }

    /// Logs an event for the live views. It gets its number at the end of the batch.
    pub(crate) fn log(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Writes the collected rows, then numbers and writes the events; returns the events as logged.
    pub(super) async fn finish(&mut self) -> Result<Finished, StoreError> {
        let made_outbox = !self.outbox.is_empty();
        self.inbound.flush(self.connection).await?;
        self.messages.flush(self.connection).await?;
        self.turns.flush(self.connection).await?;
        self.outbox.flush(self.connection).await?;
        let events = std::mem::take(&mut self.events);
        let now = self.now();
        let events = super::events::append(self.connection, self.dialect, events, now).await?;
        Ok(Finished { events, made_ready: self.made_ready, made_outbox })
    }
}

/// What a finished batch brings to the rest of the process once it is committed.
pub(super) struct Finished {
    pub(super) events: Vec<LoggedEvent>,
    pub(super) made_ready: bool,
    pub(super) made_outbox: bool,
}
