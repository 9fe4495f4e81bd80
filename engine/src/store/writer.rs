//! The one writer: collects waiting changes into group commits.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use sqlx::{AnyConnection, AnyPool};
use tokio::sync::{Notify, broadcast, mpsc, oneshot};

use super::batch::{Batch, Finished, WriteOp};
use super::lock_order::{self, Touched};
use super::{Dialect, LoggedEvent, StoreError};
use crate::clock::Clock;
use crate::ids::{Ids, TenantId};

/// Changes that share one commit at most.
const GROUP: usize = 64;
/// Changes that may wait; one more is refused as overload.
const QUEUE: usize = 1024;
/// How often a change that lost a race against another node is tried again.
const RACES: usize = 3;

/// Sends changes to the writer's task. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Box<dyn Queued>>,
}

pub(super) struct Signals {
    pub(super) ready: Arc<Notify>,
    pub(super) outbox: Arc<Notify>,
    pub(super) committed: broadcast::Sender<Arc<[LoggedEvent]>>,
}

impl Writer {
    pub(super) fn start(
        dialect: Dialect,
        pool: AnyPool,
        clock: Clock,
        ids: Arc<Ids>,
        signals: Signals,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let task = WriterTask { dialect, pool, clock, ids, signals };
        tokio::spawn(task.run(waiting));
        Self { queue }
    }

    /// Hands a change over and waits for its commit.
    pub(super) async fn submit<Op: WriteOp>(&self, op: Op) -> Result<Op::Output, StoreError> {
        let (reply, answer) = oneshot::channel();
        let queued = Box::new(Waiting { op, output: None, reply });
        self.queue.try_send(queued).map_err(|_| StoreError::Overloaded)?;
        answer.await.map_err(|_| StoreError::Unusable("the writer has stopped".into()))?
    }
}

/// A change with its type forgotten.
trait Queued: Send {
    fn tenants(&self) -> Vec<TenantId>;
    fn touches(&self) -> Vec<Touched>;
    fn run<'a>(
        &'a mut self,
        batch: &'a mut Batch<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;
    fn committed(self: Box<Self>);
    fn failed(self: Box<Self>, error: StoreError);
}

struct Waiting<Op: WriteOp> {
    op: Op,
    output: Option<Op::Output>,
    reply: oneshot::Sender<Result<Op::Output, StoreError>>,
}

impl<Op: WriteOp> Queued for Waiting<Op> {
    fn tenants(&self) -> Vec<TenantId> {
        self.op.tenants()
    }

    fn touches(&self) -> Vec<Touched> {
        self.op.touches()
    }

    fn run<'a>(
        &'a mut self,
        batch: &'a mut Batch<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>> {
        Box::pin(async move {
            self.output = Some(self.op.run(batch).await?);
            Ok(())
        })
    }

    fn committed(self: Box<Self>) {
        if let Some(output) = self.output {
            // A caller that went away does not need its answer.
            drop(self.reply.send(Ok(output)));
        }
    }

    fn failed(self: Box<Self>, error: StoreError) {
        drop(self.reply.send(Err(error)));
    }
}

struct WriterTask {
    dialect: Dialect,
    pool: AnyPool,
    clock: Clock,
    ids: Arc<Ids>,
    signals: Signals,
}

impl WriterTask {
    async fn run(self, mut waiting: mpsc::Receiver<Box<dyn Queued>>) {
        while let Some(first) = waiting.recv().await {
            // While one commit reaches the disk the next group gathers by itself: no timer is needed.
            let mut group = vec![first];
            while group.len() < GROUP {
                let Ok(next) = waiting.try_recv() else { break };
                group.push(next);
            }
            metrics::histogram!("sala_db_batch_rows").record(group.len() as f64);
            self.commit_group(group).await;
        }
    }

    async fn commit_group(&self, mut group: Vec<Box<dyn Queued>>) {
        let outcome = self.commit(&mut group).await;
        if outcome.is_ok() || (group.len() == 1 && !lost_race(&outcome)) {
            answer(group, outcome);
            return;
        }
        // One of them is at fault: each gets a transaction of its own.
        for one in group {
            let mut alone = vec![one];
            let mut outcome = self.commit(&mut alone).await;
            for _ in 0..RACES {
                if !lost_race(&outcome) {
                    break;
                }
                outcome = self.commit(&mut alone).await;
            }
            answer(alone, outcome);
        }
    }

    async fn commit(&self, group: &mut [Box<dyn Queued>]) -> Result<(), StoreError> {
        let started = tokio::time::Instant::now();
        let mut connection = self.pool.acquire().await?;
        begin(&mut connection, self.dialect).await?;
        let outcome = self.fill(&mut connection, group).await;
        let finished = match outcome {
            Ok(finished) => finished,
            Err(error) => {
                if sqlx::query("ROLLBACK").execute(&mut *connection).await.is_err() {
                    // A connection that cannot roll back is of no use any more.
                    drop(connection.close().await);
                }
                return Err(error);
            }
        };
        if let Err(error) = sqlx::query("COMMIT").execute(&mut *connection).await {
            drop(connection.close().await);
            return Err(error.into());
        }
        fail::fail_point!("store.after_commit");
        metrics::histogram!("sala_db_commit_seconds").record(started.elapsed().as_secs_f64());
        self.announce(finished);
        Ok(())
    }

    async fn fill(
        &self,
        connection: &mut AnyConnection,
        group: &mut [Box<dyn Queued>],
    ) -> Result<Finished, StoreError> {
        let mut batch = Batch::new(connection, self.dialect, &self.clock, &self.ids);
        let tenants: Vec<TenantId> = group.iter().flat_map(|one| one.tenants()).collect();
        batch.admit(tenants).await?;
        if self.dialect == Dialect::Postgres && group.len() > 1 {
            // Stable, so the messages of a thread keep their order.
            group.sort_by_cached_key(|one| one.touches().first().and_then(Touched::thread));
            let touched: Vec<Touched> = group.iter().flat_map(|one| one.touches()).collect();
            lock_order::take_in_order(batch.connection, &touched).await?;
        }
        for one in group {
            one.run(&mut batch).await?;
        }
        let finished = batch.finish().await?;
        fail::fail_point!("store.before_commit", |_| Err(StoreError::Overloaded));
        Ok(finished)
    }

    fn announce(&self, finished: Finished) {
        if !finished.events.is_empty() {
            // Nobody listening is fine: the log has it.
            drop(self.signals.committed.send(finished.events.into()));
        }
        if finished.made_ready {
            self.signals.ready.notify_one();
        }
        if finished.made_outbox {
            self.signals.outbox.notify_one();
        }
    }
}

/// True when another node was faster: what it committed is seen by the next attempt.
fn lost_race(outcome: &Result<(), StoreError>) -> bool {
    // PostgreSQL's unique_violation, serialization_failure and deadlock_detected.
    let races = ["23505", "40001", "40P01"];
    match outcome {
        Err(StoreError::Database(sqlx::Error::Database(error))) => {
            error.code().is_some_and(|code| races.contains(&&*code))
        }
        _ => false,
    }
}

/// Tells the callers. An error goes to the one caller there is.
fn answer(group: Vec<Box<dyn Queued>>, outcome: Result<(), StoreError>) {
    match outcome {
        Ok(()) => group.into_iter().for_each(Queued::committed),
        Err(error) => {
            if let Some(one) = group.into_iter().next() {
                one.failed(error);
            }
        }
    }
}

async fn begin(connection: &mut AnyConnection, dialect: Dialect) -> Result<(), StoreError> {
    let statement = match dialect {
        Dialect::Sqlite => "BEGIN IMMEDIATE",
        Dialect::Postgres => "BEGIN",
    };
    sqlx::query(statement).execute(connection).await?;
    Ok(())
}

/// Asks only whether a commit goes through.
pub(super) struct Probe;

impl WriteOp for Probe {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        Vec::new()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        sqlx::query("UPDATE tenants SET name = name WHERE tenant_id = ''")
            .execute(&mut *batch.connection)
            .await?;
        Ok(())
    }
}
