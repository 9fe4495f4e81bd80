//! The one writer: collects waiting changes into group commits.

use std::any::{Any, TypeId};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt;
use sqlx::AnyPool;
use tokio::sync::{Notify, OwnedSemaphorePermit, broadcast, mpsc, oneshot};
use tokio::time::Instant;

use super::batch::{Batch, Finished, WriteOp};
use super::claim::Claim;
use super::lock_order::{self, Touched};
use super::{Claimed, Committed, Dialect, StandingClaim, StoreError, free_workers};
use crate::clock::Clock;
use crate::ids::{Ids, TenantId};

/// Changes that share one commit at most.
const GROUP: usize = 64;
/// Changes that may wait; one more is refused as overload.
const QUEUE: usize = 1024;
/// How long after a commit the next group gathers, unless it is worth a commit before.
const GATHER: Duration = Duration::from_millis(4);
const WORTH_A_COMMIT: usize = 8;
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
    pub(super) committed: broadcast::Sender<Committed>,
    pub(super) standing: Arc<OnceLock<StandingClaim>>,
}

/// What a filled batch brings once it is committed.
struct Filled {
    finished: Finished,
    claimed: Vec<(Claimed, OwnedSemaphorePermit)>,
}

impl Writer {
    /// Starts the writer on a thread of its own: a commit is some twenty statements, and after each of them a task among
    /// others would wait for its turn again.
    pub(super) fn start(
        dialect: Dialect,
        pool: AnyPool,
        clock: Clock,
        ids: Arc<Ids>,
        signals: Signals,
    ) -> Result<Self, StoreError> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let task = WriterTask { dialect, pool, clock, ids, signals };
        let started =
            |error: std::io::Error| StoreError::Unusable(format!("the writer cannot start: {error}"));
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        match dialect {
            // It is woken by the connection's thread, for which it waits more cheaply than for a socket.
            Dialect::Sqlite => runtime.enable_time(),
            Dialect::Postgres => runtime.enable_all(),
        };
        let runtime = runtime.build().map_err(started)?;
        std::thread::Builder::new()
            .name("store writer".to_owned())
            .spawn(move || runtime.block_on(task.run(waiting)))
            .map_err(started)?;
        Ok(Self { queue })
    }

    /// Hands a change over and waits for its commit.
    pub(super) async fn submit<Op: WriteOp>(&self, op: Op) -> Result<Op::Output, StoreError> {
        let (reply, answer) = oneshot::channel();
        let queued = Box::new(Waiting { op, outcome: None, reply });
        self.queue.try_send(queued).map_err(|_| StoreError::Overloaded)?;
        answer.await.map_err(|_| StoreError::Unusable("the writer has stopped".into()))?
    }
}

/// A change with its type forgotten.
trait Queued: Send {
    fn tenants(&self) -> Vec<TenantId>;
    fn touches(&self) -> Vec<Touched>;
    fn as_any(&mut self) -> &mut (dyn Any + Send);
    /// Runs this change and the others, which are of its kind.
    fn run_with<'a>(
        &'a mut self,
        others: Vec<&'a mut (dyn Any + Send)>,
        batch: &'a mut Batch<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>>;
    fn committed(self: Box<Self>);
    fn failed(self: Box<Self>, error: StoreError);
}

struct Waiting<Op: WriteOp> {
    op: Op,
    outcome: Option<Result<Op::Output, StoreError>>,
    reply: oneshot::Sender<Result<Op::Output, StoreError>>,
}

impl<Op: WriteOp> Queued for Waiting<Op> {
    fn tenants(&self) -> Vec<TenantId> {
        self.op.tenants()
    }

    fn touches(&self) -> Vec<Touched> {
        self.op.touches()
    }

    fn as_any(&mut self) -> &mut (dyn Any + Send) {
        self
    }

    fn run_with<'a>(
        &'a mut self,
        others: Vec<&'a mut (dyn Any + Send)>,
        batch: &'a mut Batch<'_>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'a>> {
        Box::pin(async move {
            let others = others.into_iter().filter_map(|other| other.downcast_mut::<Self>());
            let mut all: Vec<&mut Self> = std::iter::once(self).chain(others).collect();
            let changes: Vec<&Op> = all.iter().map(|one| &one.op).collect();
            let outcomes = Op::run_all(&changes, batch).await?;
            for (one, outcome) in all.iter_mut().zip(outcomes) {
                one.outcome = Some(outcome);
            }
            Ok(())
        })
    }

    fn committed(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // A caller that went away does not need its answer.
            drop(self.reply.send(outcome));
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
        let mut last = Instant::now();
        while let Some(first) = waiting.recv().await {
            let mut group = vec![first];
            // Under load the next group gathers by itself while one commit reaches the disk. In between, a moment is
            // waited for more; after a quiet moment nothing is waited for.
            gather(&mut group, &mut waiting, last + GATHER).await;
            metrics::histogram!("sala_db_batch_rows").record(group.len() as f64);
            self.commit_group(group).await;
            last = Instant::now();
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
        let mut batch = Batch::new(&mut connection, self.dialect, &self.clock, &self.ids);
        // A panic in one change must neither stop the writer nor leave its transaction open.
        let filled = AssertUnwindSafe(self.fill(&mut batch, group)).catch_unwind().await;
        let mut outcome = filled.unwrap_or_else(|_| Err(StoreError::Unusable("a change panicked".into())));
        if outcome.is_ok()
            && let Err(error) = batch.commit().await
        {
            outcome = Err(error);
        }
        let filled = match outcome {
            Ok(filled) => filled,
            Err(error) => {
                if !batch.roll_back().await {
                    drop(connection.close().await);
                }
                return Err(error);
            }
        };
        fail::fail_point!("store.after_commit");
        metrics::histogram!("sala_db_commit_seconds").record(started.elapsed().as_secs_f64());
        self.announce(filled);
        Ok(())
    }

    async fn fill(&self, batch: &mut Batch<'_>, group: &mut [Box<dyn Queued>]) -> Result<Filled, StoreError> {
        batch.begin().await?;
        let tenants: Vec<TenantId> = group.iter().flat_map(|one| one.tenants()).collect();
        batch.admit(tenants).await?;
        if self.dialect == Dialect::Postgres {
            // Stable, so the messages of a thread keep their order.
            group.sort_by_cached_key(|one| one.touches().first().and_then(Touched::thread));
            let touched: Vec<Touched> = group.iter().flat_map(|one| one.touches()).collect();
            lock_order::take_in_order(batch.connection().await?, &touched).await?;
        }
        for kind in by_kind(group) {
            let mut kind = kind.into_iter();
            if let Some(first) = kind.next() {
                let others = kind.map(|other| other.as_any()).collect();
                first.run_with(others, batch).await?;
            }
        }
        let claimed = self.claim(batch).await?;
        let finished = batch.finish().await?;
        fail::fail_point!("store.before_commit", |_| Err(StoreError::Overloaded));
        Ok(Filled { finished, claimed })
    }

    /// Claims what this batch made ready for the workers that stand by.
    async fn claim(&self, batch: &mut Batch<'_>) -> Result<Vec<(Claimed, OwnedSemaphorePermit)>, StoreError> {
        let Some(standing) = self.signals.standing.get() else { return Ok(Vec::new()) };
        if !batch.made_ready && !standing.backlog.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let workers = free_workers(&standing.free, GROUP);
        if workers.is_empty() {
            standing.backlog.store(true, Ordering::Relaxed);
            return Ok(Vec::new());
        }
        let claim = Claim {
            node: standing.node.clone(),
            limit: i64::try_from(workers.len()).unwrap_or(i64::MAX),
            lease_millis: standing.lease_millis,
        };
        let claimed = claim.run(batch).await?;
        // With a worker to spare everything that was ready has been taken.
        batch.made_ready = claimed.len() == workers.len();
        standing.backlog.store(batch.made_ready, Ordering::Relaxed);
        Ok(claimed.into_iter().zip(workers).collect())
    }

    fn announce(&self, Filled { finished, claimed }: Filled) {
        if let Some(standing) = self.signals.standing.get() {
            for one in claimed {
                // There is room for every worker; should the workers have gone, the lease ends by itself.
                drop(standing.claimed.try_send(one));
            }
        }
        if !finished.events.is_empty() {
            // Nobody listening is fine: the log has it.
            drop(self.signals.committed.send(finished.events.into_iter().map(Arc::new).collect()));
        }
        if finished.made_ready {
            self.signals.ready.notify_one();
        }
        if finished.made_outbox {
            self.signals.outbox.notify_one();
        }
    }
}

/// Takes what waits, and what comes until the moment given while that is not yet much.
async fn gather(
    group: &mut Vec<Box<dyn Queued>>,
    waiting: &mut mpsc::Receiver<Box<dyn Queued>>,
    until: Instant,
) {
    while group.len() < GROUP {
        if let Ok(next) = waiting.try_recv() {
            group.push(next);
            continue;
        }
        if group.len() >= WORTH_A_COMMIT {
            return;
        }
        match tokio::time::timeout_at(until, waiting.recv()).await {
            Ok(Some(next)) => group.push(next),
            Ok(None) | Err(_) => return,
        }
    }
}

/// The changes of each kind together, in the order in which they came: the caller of one waits for its commit, so no
/// change depends on another of its group.
fn by_kind(group: &mut [Box<dyn Queued>]) -> Vec<Vec<&mut Box<dyn Queued>>> {
    let mut kinds: Vec<(TypeId, Vec<&mut Box<dyn Queued>>)> = Vec::new();
    for one in group {
        let kind = (*one.as_any()).type_id();
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, members)) => members.push(one),
            None => kinds.push((kind, vec![one])),
        }
    }
    kinds.into_iter().map(|(_, members)| members).collect()
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

/// Asks only whether a commit goes through.
pub(super) struct Probe;

impl WriteOp for Probe {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        Vec::new()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        sqlx::query("UPDATE tenants SET name = name WHERE tenant_id = ''")
            .execute(batch.connection().await?)
            .await?;
        Ok(())
    }
}
