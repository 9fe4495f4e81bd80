//! Serving: bots into service, the background parts started, the door opened, and everything closed in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::app::App;
use crate::bot_files::BotSource;
use crate::learn::{Learner, Learning};
use crate::store::JobLane;

const RELOAD: Duration = Duration::from_secs(2);
const FOLD: Duration = Duration::from_secs(5);
/// How long turns under way may take once the program is told to stop.
const FAREWELL: Duration = Duration::from_secs(25);

/// Hears how far a learning is, from whatever thread it runs on.
pub type Teller = Arc<dyn Fn(Learning) + Send + Sync>;

/// A teller from a closure.
pub fn teller(tell: impl Fn(Learning) + Send + Sync + 'static) -> Teller {
    Arc::new(tell)
}

/// Puts every bot into service with what can be had at once, and asks for the rest as jobs.
pub async fn load_bots(app: &App, tell: Teller) -> anyhow::Result<()> {
    for name in app.source.bots() {
        load_bot(app, &name, Arc::clone(&tell)).await?;
    }
    Ok(())
}

async fn load_bot(app: &App, name: &str, tell: Teller) -> anyhow::Result<()> {
    let (worker, bot_name) = (app.clone(), name.to_owned());
    let (complete, bot) = tokio::task::spawn_blocking(move || {
        let files = worker.source.read(&bot_name)?;
        let cache = worker.config.data.folder.join("cache");
        let learner =
            Learner { encoders: worker.encoders.all(), cache: &cache, shipped: worker.encoders.vectors() };
        let before = worker.bots.get(&bot_name);
        let bot = learner.quick(&files, before.as_deref(), &|learning| tell(learning))?;
        let complete = learner.is_complete(&files, &bot)?;
        anyhow::Ok((complete, worker.bots.put(bot)))
    })
    .await??;
    crate::approved::warn(app, &bot).await;
    let Some(tenant) = crate::released::owner(app).await? else { return Ok(()) };
    if complete {
        crate::released::note(app, &bot).await?;
    } else {
        crate::jobs::ask_to_learn(app, &tenant, name).await?;
    }
    crate::self_test::ask(app, &tenant, name).await?;
    Ok(())
}

/// Serves until the app is told to close, then finishes what is under way.
pub async fn serve(app: App, listener: TcpListener) -> anyhow::Result<()> {
    let mut parts = JoinSet::new();
    parts.spawn(crate::workers::run(app.clone()));
    parts.spawn(crate::deliver::run(app.clone()));
    for lane in JobLane::ALL {
        parts.spawn(crate::job_lanes::run(app.clone(), lane));
    }
    parts.spawn(crate::polling::run(app.clone()));
    parts.spawn(crate::account_care::run(app.clone()));
    parts.spawn(reload(app.clone()));
    parts.spawn(crate::released::run(app.clone()));
    parts.spawn(fold_metrics(app.clone()));
    let service = crate::http::router(&app).into_make_service_with_connect_info::<SocketAddr>();
    let closing = app.clone();
    // Small frames leave at once instead of waiting for the peer's acknowledgement.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps gathering small packets");
        }
    });
    let server =
        axum::serve(listener, service).with_graceful_shutdown(async move { closing.closing().await });
    // Open sockets would keep the server waiting for ever: it gets as long as the turns.
    tokio::select! {
        outcome = server => outcome?,
        () = async { app.closing().await; tokio::time::sleep(Duration::from_secs(1)).await } => {}
    }
    fail::fail_point!("serve.mid_drain");
    let finished = tokio::time::timeout(FAREWELL, async { while parts.join_next().await.is_some() {} }).await;
    if finished.is_err() {
        tracing::warn!("some turns were not finished in time; they will be taken again");
    }
    let encoders = app.clone();
    tokio::task::spawn_blocking(move || encoders.encoders.stop()).await?;
    app.store.fold_log().await;
    Ok(())
}

/// Recorded times take memory until they are folded into their histograms.
async fn fold_metrics(app: App) {
    while !app.is_closing() {
        tokio::select! {
            () = tokio::time::sleep(FOLD) => app.metrics.fold(),
            () = app.closing() => {}
        }
    }
}

/// Tells the app to close at Ctrl-C or SIGTERM.
pub async fn close_on_signal(app: App) {
    let terminate = async {
        #[cfg(unix)]
        if let Ok(mut signal) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            signal.recv().await;
            return;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
    app.close();
}

/// Takes changed bot files into service; files with mistakes leave the bot as it is and say why.
async fn reload(app: App) {
    if !app.config.bots.reload || app.source == BotSource::Embedded {
        return;
    }
    while !app.is_closing() {
        tokio::select! {
            () = tokio::time::sleep(RELOAD) => {}
            () = app.closing() => return,
        }
        for bot in app.bots.all() {
            let (source, name) = (app.source.clone(), bot.name.clone());
            let files = tokio::task::spawn_blocking(move || source.read(&name)).await;
            let Ok(Ok(files)) = files else { continue };
            if files.hash() == bot.hash {
                continue;
            }
            match load_bot(&app, &bot.name, teller(|_| {})).await {
                Ok(()) => tracing::info!(bot = %bot.name, "the bot's files have changed and are in service"),
                Err(error) => {
                    tracing::error!(bot = %bot.name, "the changed bot stays out of service: {error}");
                }
            }
        }
    }
}
