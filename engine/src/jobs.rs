//! Jobs: long work beside the turns, claimed from the store, with progress anyone can read.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use channels::Echo;
use serde::{Deserialize, Serialize};

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::ids::{ChannelAccountId, TenantId};
use crate::learn::{Learner, Learning};
use crate::media::FETCH_MEDIA;
use crate::profiles::FETCH_PROFILE;
use crate::store::{Echoed, Job, JobState, NewJob};

/// How long a job is leased from its claim, and again from each report.
pub(crate) const LEASE_MILLIS: u64 = 120_000;
const REPORT: Duration = Duration::from_secs(1);
/// How long a failed job waits before it is tried again.
const AGAIN_MILLIS: u64 = 60_000;
/// The same for a file: its address may end within minutes.
const FETCH_AGAIN_MILLIS: u64 = 10_000;
/// The same for what goes to LINE in several calls, each of which may be repeated.
const LINE_MILLIS: u64 = 3_000;
/// A file that could not be fetched so often stays with the platform.
const MOST_FETCHES: i64 = 12;

/// The kind of the job that trains a bot with every encoder and encodes its articles.
pub const LEARN: &str = "learn";

#[derive(Serialize, Deserialize)]
struct Learn {
    bot: String,
}

/// Asks for a bot to learn thoroughly. Asking again while it is under way changes nothing.
pub async fn ask_to_learn(app: &App, tenant: &TenantId, bot: &str) -> anyhow::Result<()> {
    let payload = serde_json::to_string(&Learn { bot: bot.to_owned() })?;
    let job = NewJob {
        tenant: tenant.clone(),
        kind: LEARN,
        dedupe: bot.to_owned(),
        payload,
        run_at: app.store.clock().now(),
    };
    Ok(app.store.add_job(job).await?)
}

/// The kind of the job that asks again whose message an echo is.
const ECHO: &str = "echo";
/// How long a send of ours may take until its echo is asked for again.
const ECHO_MILLIS: u64 = 2_000;
/// After so many waits a colleague wrote it: the send that hangs is another one.
const MOST_ECHO_WAITS: i64 = 15;

#[derive(Serialize, Deserialize)]
struct PutOffEcho {
    account: ChannelAccountId,
    echo: Echo,
}

/// Asks again later whose message an echo is.
pub async fn ask_echo(app: &App, account: &OpenAccount, echo: Echo) -> anyhow::Result<()> {
    let dedupe = format!("{}/{}", account.id, echo.message.external_id);
    let payload = serde_json::to_string(&PutOffEcho { account: account.id.clone(), echo })?;
    let run_at = app.store.clock().now().plus_millis(ECHO_MILLIS);
    Ok(app
        .store
        .add_job(NewJob { tenant: account.tenant.clone(), kind: ECHO, dedupe, payload, run_at })
        .await?)
}

async fn echo(app: &App, job: &Job) -> anyhow::Result<()> {
    let PutOffEcho { account, echo } = serde_json::from_str(&job.payload)?;
    let outcome =
        app.store.record_echo(job.tenant.clone(), account, echo, job.attempts > MOST_ECHO_WAITS).await?;
    anyhow::ensure!(outcome == Echoed::Recorded, "a message of ours to the same thread is still on its way");
    Ok(())
}

pub(crate) async fn perform(app: &App, job: Job) {
    let outcome = tokio::select! {
        outcome = work(app, &job) => outcome,
        () = app.closing() => Err(anyhow::anyhow!("the program was closed meanwhile")),
    };
    let state = match outcome {
        Ok(()) => JobState::Done,
        Err(error) if app.is_closing() => {
            tracing::info!(job = %job.kind, "a job is put off to the next start");
            JobState::Again { at: app.store.clock().now(), error: error.to_string() }
        }
        Err(error) => {
            if job.kind == ECHO {
                tracing::debug!(%error, "an echo is put off again");
            } else {
                tracing::error!(job = %job.kind, %error, "a job failed");
            }
            let wait = match job.kind.as_str() {
                FETCH_MEDIA | FETCH_PROFILE => FETCH_AGAIN_MILLIS,
                ECHO => ECHO_MILLIS,
                kind if kind.starts_with(crate::line::KINDS) => LINE_MILLIS,
                _ => AGAIN_MILLIS,
            };
            JobState::Again { at: app.store.clock().now().plus_millis(wait), error: error.to_string() }
        }
    };
    if let Err(error) = app.store.finish_job(&job, state).await {
        tracing::warn!(%error, "a job's end cannot be stored; it will run again");
    }
}

async fn work(app: &App, job: &Job) -> anyhow::Result<()> {
    match job.kind.as_str() {
        LEARN => learn(app, job).await,
        crate::self_test::SELF_TEST => crate::self_test::perform(app, job).await,
        ECHO => echo(app, job).await,
        FETCH_MEDIA | FETCH_PROFILE if job.attempts > MOST_FETCHES => Ok(()),
        FETCH_PROFILE => crate::profiles::fetch(app, job).await,
        FETCH_MEDIA => crate::media::fetch(app, job).await,
        kind if crate::account_care::is_care(kind) => crate::account_care::perform(app, job).await,
        kind if kind.starts_with(crate::line::KINDS) => crate::line::work(app, job).await,
        other => Err(anyhow::anyhow!("this program does not know jobs of the kind {other}")),
    }
}

/// Where a job is, written by its thread and read by the reporter.
#[derive(Default)]
pub(crate) struct Place {
    done: AtomicI64,
    total: AtomicI64,
}

impl Place {
    pub(crate) fn tell(&self, learning: &Learning) {
        self.done.store(i64::try_from(learning.done).unwrap_or_default(), Ordering::Relaxed);
        self.total.store(i64::try_from(learning.total).unwrap_or_default(), Ordering::Relaxed);
    }
}

/// Does work that blocks on a thread of its own and reports how far it is, which keeps the lease.
pub(crate) async fn beside<Out: Send + 'static>(
    app: &App,
    job: &Job,
    work: impl FnOnce(&Place) -> anyhow::Result<Out> + Send + 'static,
) -> anyhow::Result<Out> {
    let place = Arc::new(Place::default());
    let of_thread = Arc::clone(&place);
    let mut work = tokio::task::spawn_blocking(move || work(&of_thread));
    loop {
        tokio::select! {
            out = &mut work => return out?,
            () = tokio::time::sleep(REPORT) => {
                let (done, total) = (place.done.load(Ordering::Relaxed), place.total.load(Ordering::Relaxed));
                app.store.report_job(job, done, total, LEASE_MILLIS).await?;
            }
        }
    }
}

async fn learn(app: &App, job: &Job) -> anyhow::Result<()> {
    let Learn { bot } = serde_json::from_str(&job.payload)?;
    let worker = app.clone();
    let learned = beside(app, job, move |place| {
        let files = worker.source.read(&bot)?;
        let cache = worker.config.data.folder.join("cache");
        let learner =
            Learner { encoders: worker.encoders.all(), cache: &cache, shipped: worker.encoders.vectors() };
        Ok(learner.thorough(&files, &|learning| place.tell(&learning))?.0)
    });
    let bot = learned.await?;
    metrics::counter!("sala_learned_total").increment(1);
    tracing::info!(bot = %bot.name, "the bot has learned and is in service");
    let bot = app.bots.put(bot);
    crate::approved::warn(app, &bot).await;
    crate::released::note(app, &bot).await
}
