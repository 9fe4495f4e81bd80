//! Workers: claim ready conversations, take their turns in order, commit each once.

mod committing;
mod hearing;
mod parking;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::app::App;
use crate::ids::ChannelAccountId;
use crate::links::turn::Place;
use crate::store::{Claimed, Lease, PendingMessage, StandingClaim, StoreError, free_workers};
use crate::turn::think;
use committing::commit;
use hearing::{hearing, show_signs};
use parking::{nobody_answers, park, park_all};

pub use hearing::pressed_by_number;

/// How often the database is asked even when nobody calls: other nodes' messages, ended leases.
const POLL: Duration = Duration::from_millis(250);
/// How often stranded messages are looked for, and how old they must be.
const SWEEP: Duration = Duration::from_secs(5);
const STRANDED_MILLIS: i64 = 5_000;

/// Runs until the app is closing, then finishes the turns under way.
pub async fn run(app: App) {
    let workers = app.config.turns.workers.max(1);
    let free = Arc::new(Semaphore::new(workers));
    let backlog = Arc::new(AtomicBool::new(false));
    let (sender, mut standing) = mpsc::channel(workers);
    app.store.stand_by(StandingClaim {
        node: app.node.clone(),
        lease_millis: app.config.turns.lease_ms,
        free: Arc::clone(&free),
        backlog: Arc::clone(&backlog),
        claimed: sender,
    });
    let mut crew = Crew { app: app.clone(), free: Arc::clone(&free), backlog, tasks: JoinSet::new() };
    let ready = app.store.ready_signal();
    let mut swept = Instant::now();
    while !app.is_closing() {
        while crew.tasks.try_join_next().is_some() {}
        if swept.elapsed() > SWEEP {
            swept = Instant::now();
            sweep(&app).await;
        }
        tokio::select! {
            Some((conversation, worker)) = standing.recv() => crew.take(conversation, worker),
            () = ready.notified() => crew.look().await,
            () = tokio::time::sleep(POLL) => crew.look().await,
            () = app.closing() => {}
        }
    }
    free.close();
    // What was claimed for us until now is still ours.
    while let Ok((conversation, worker)) = standing.try_recv() {
        crew.take(conversation, worker);
    }
    while crew.tasks.join_next().await.is_some() {}
}

/// The workers.
struct Crew {
    app: App,
    free: Arc<Semaphore>,
    backlog: Arc<AtomicBool>,
    tasks: JoinSet<()>,
}

impl Crew {
    /// Claims what no commit of ours has told of: what had to wait for a worker, other nodes' messages, ended leases.
    async fn look(&mut self) {
        let workers = free_workers(&self.free, 64);
        if workers.is_empty() {
            return;
        }
        let claimed = claim(&self.app, workers.len()).await;
        self.backlog.store(claimed.len() == workers.len(), Ordering::Relaxed);
        for (conversation, worker) in claimed.into_iter().zip(workers) {
            self.take(conversation, worker);
        }
    }

    fn take(&mut self, conversation: Claimed, worker: OwnedSemaphorePermit) {
        let (app, backlog) = (self.app.clone(), Arc::clone(&self.backlog));
        self.tasks.spawn(async move {
            converse(&app, conversation).await;
            drop(worker);
            if backlog.load(Ordering::Relaxed) {
                app.store.ready_signal().notify_one();
            }
        });
    }
}

async fn claim(app: &App, free: usize) -> Vec<Claimed> {
    let limit = i64::try_from(free).unwrap_or(i64::MAX);
    match app.store.claim(&app.node, limit, app.config.turns.lease_ms).await {
        Ok(claimed) => claimed,
        Err(error) => {
            tracing::warn!(%error, "conversations cannot be claimed; trying again");
            Vec::new()
        }
    }
}

async fn sweep(app: &App) {
    match app.store.sweep(STRANDED_MILLIS).await {
        Ok(0) => {}
        Ok(found) => {
            tracing::error!(found, "messages were stranded and have been woken: this is a fault of ours");
        }
        Err(error) => tracing::warn!(%error, "stranded messages cannot be looked for"),
    }
}

/// Takes the turns of one claimed conversation.
async fn converse(app: &App, claimed: Claimed) {
    let lease = claimed.lease.clone();
    match turns(app, claimed).await {
        Ok(()) => {}
        Err(StoreError::Fenced) => {
            metrics::counter!("sala_lease_lost_total").increment(1);
        }
        Err(error) => {
            tracing::warn!(%error, conversation.id = %lease.conversation, "a turn could not be committed");
            retry_later(app, lease, 500).await;
        }
    }
}

async fn turns(app: &App, mut claimed: Claimed) -> Result<(), StoreError> {
    let pending = std::mem::take(&mut claimed.pending);
    if pending.is_empty() {
        return app.store.release(claimed.lease).await;
    }
    let id = ChannelAccountId::from_text(claimed.channel_account.as_str());
    let account = match app.accounts.try_find(&id).await {
        Ok(Some(account)) => account,
        Ok(None) => return park_all(app, claimed, pending, "its channel account was removed").await,
        Err(error) => {
            let reason = format!("its channel account cannot be opened: {error:#}");
            return nobody_answers(app, claimed, pending, &reason).await;
        }
    };
    let Some(bot) = app.bots.get(&account.bot) else {
        let bot = &account.bot;
        let reason = format!(
            "no bot called {bot} is in service: give its channel account another one, then hear it again"
        );
        return nobody_answers(app, claimed, pending, &reason).await;
    };
    let count = pending.len();
    let place = Place { app, account: &account, bot: &bot };
    for (index, message) in pending.into_iter().enumerate() {
        let last = index + 1 == count;
        let went_on = turn(&place, &mut claimed, message, last).await?;
        if !went_on {
            return Ok(());
        }
    }
    Ok(())
}

/// One turn. False when it must be tried again and the rest has to wait for it.
async fn turn(
    place: &Place<'_>,
    claimed: &mut Claimed,
    message: PendingMessage,
    last: bool,
) -> Result<bool, StoreError> {
    let Place { app, bot, .. } = *place;
    let started = Instant::now();
    let attempts = app.config.turns.attempts;
    if message.attempts > attempts {
        return park(app, claimed, &message, "it stopped the program several times", last).await;
    }
    let Some(heard) = &message.inbound_message else {
        return park(app, claimed, &message, "its stored form cannot be read by this version", last).await;
    };
    if crate::links::turn::take(place, claimed, (&message, heard, last)).await? {
        return Ok(true);
    }
    let (hearing, along) = hearing(place, claimed, (&message, heard)).await?;
    claimed.control = hearing.control.clone();
    let thinking_shown = show_signs(place, claimed, heard);
    // Waiting for its turn to think is not part of the time that a turn may take.
    let permit = Arc::clone(&app.thinkers).acquire_owned().await;
    let permit = permit.map_err(|_| StoreError::Unusable("the program ends".into()))?;
    let deadline = Duration::from_millis(app.config.turns.deadline_ms);
    let thinking = tokio::spawn({
        let (app, bot) = (App::clone(app), Arc::clone(bot));
        async move { think(&bot, &app.actions, hearing, permit).await }
    });
    let abort = thinking.abort_handle();
    fail::fail_point!("turn.after_model");
    let failure = match tokio::time::timeout(deadline, thinking).await {
        Ok(Ok(Ok(thought))) => {
            drop(thinking_shown);
            commit(place, claimed, (&message, thought, along, last), started).await?;
            return Ok(true);
        }
        Ok(Ok(Err(error))) => error.to_string(),
        Ok(Err(join)) if join.is_panic() => "a panic".to_owned(),
        Ok(Err(_)) => "it was given up".to_owned(),
        Err(_) => {
            abort.abort();
            format!("it took longer than {} ms", deadline.as_millis())
        }
    };
    metrics::counter!("sala_turn_total", "outcome" => "failed").increment(1);
    tracing::warn!(
        conversation.id = %claimed.lease.conversation, attempt = message.attempts, reason = %failure, "a turn failed"
    );
    if message.attempts >= attempts {
        return park(app, claimed, &message, &failure, last).await;
    }
    retry_later(app, claimed.lease.clone(), 250 * u64::try_from(message.attempts).unwrap_or(1)).await;
    Ok(false)
}

async fn retry_later(app: &App, lease: Lease, millis: u64) {
    if let Err(error) = app.store.retry_later(lease, millis).await {
        // The lease ends by itself.
        tracing::debug!(%error, "a lease could not be given back early");
    }
}
