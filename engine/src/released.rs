//! Which intent model of a bot answers: the one that a person holds, else the one of the bot's files as they are. A row says
//! which; every node looks at it and follows.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use crate::app::{App, Check};
use crate::bots::LiveBot;
use crate::ids::TenantId;
use crate::learn::Learner;
use crate::store::ModelRelease;

const LOOK: Duration = Duration::from_secs(5);

/// Follows the rows until the app is closing.
pub async fn run(app: App) {
    let mut missing = HashSet::new();
    while !app.is_closing() {
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = app.closing() => return,
        }
        if let Err(error) = settle_all(&app, &mut missing).await {
            tracing::warn!(%error, "which models are in service cannot be looked up; trying again");
        }
    }
}

/// Whose rows say which model of a bot is in service: bots belong to the installation, and so to its first company.
pub async fn owner(app: &App) -> anyhow::Result<Option<TenantId>> {
    Ok(app.store.tenants().await?.first().map(|tenant| tenant.id.clone()))
}

/// Notes the model that a bot has learned from its files, and puts the wanted one in service.
pub async fn note(app: &App, bot: &LiveBot) -> anyhow::Result<()> {
    let (Some(owner), false) = (owner(app).await?, bot.trained.is_empty()) else { return Ok(()) };
    let card = with_learner(app, |learner| learner.card(&bot.trained)).unwrap_or_default();
    app.store.release_model(&owner, &bot.name, (&bot.trained, &card)).await?;
    settle(app).await
}

/// Puts the wanted models in service now.
pub async fn settle(app: &App) -> anyhow::Result<()> {
    settle_all(app, &mut HashSet::new()).await
}

/// `missing`: versions whose files are not here, which has been told.
async fn settle_all(app: &App, missing: &mut HashSet<String>) -> anyhow::Result<()> {
    let Some(owner) = owner(app).await? else { return Ok(()) };
    let releases = app.store.model_releases(&owner).await?;
    for bot in app.bots.all() {
        let wanted = wanted(&bot, &releases).to_owned();
        if wanted.is_empty() || in_service(&bot) == wanted {
            continue;
        }
        let (worker, old, version) = (app.clone(), Arc::clone(&bot), wanted.clone());
        let changed = tokio::task::spawn_blocking(move || {
            with_learner(&worker, |learner| learner.with_version(&old, &version))
        });
        match changed.await? {
            // Its files have changed meanwhile: the next look sees to it.
            Some(_) if app.bots.get(&bot.name).is_none_or(|now| now.hash != bot.hash) => {}
            Some(changed) => {
                tracing::info!(bot = %bot.name, version = %wanted, "another model is in service");
                app.bots.put(changed);
                missing.remove(&wanted);
            }
            None if missing.insert(wanted.clone()) => {
                let told = absent(app, &bot.name, &wanted);
                tracing::error!(bot = %bot.name, version = %wanted, "{told}; until then the bot goes on with the one that it has");
            }
            None => {}
        }
    }
    Ok(())
}

/// Whether a version's file is in the cache of this node, and whole.
pub async fn is_here(app: &App, version: &str) -> bool {
    let (app, version) = (app.clone(), version.to_owned());
    let look = move || with_learner(&app, |learner| learner.has_version(&version));
    tokio::task::spawn_blocking(look).await.unwrap_or_default()
}

/// Those of the versions of which this node has no file at all; quicker than reading each.
pub async fn without_file(app: &App, versions: Vec<String>) -> Vec<String> {
    let app = app.clone();
    let look = move || {
        let is_gone = |version: &String| {
            with_learner(&app, |learner| learner.version_file(version)).try_exists().is_ok_and(|there| !there)
        };
        versions.into_iter().filter(is_gone).collect()
    };
    tokio::task::spawn_blocking(look).await.unwrap_or_default()
}

/// That a version is not here, and what to do about it.
pub fn absent(app: &App, bot: &str, version: &str) -> String {
    let file = with_learner(app, |learner| learner.version_file(version));
    format!(
        "version {version:.12} of {bot} is not in the cache of this node: put {} there from a node or a backup that \
         has it, or choose another version (`sala models versions`)",
        file.display()
    )
}

/// The bots for which another model is wanted than this node has.
pub async fn checks(app: &App) -> Vec<Check> {
    let Ok(Some(owner)) = owner(app).await else { return Vec::new() };
    let Ok(releases) = app.store.model_releases(&owner).await else { return Vec::new() };
    let mut checks = Vec::new();
    for bot in app.bots.all() {
        let (wanted, answers) = (wanted(&bot, &releases), in_service(&bot));
        if !wanted.is_empty() && answers != wanted && !is_here(app, wanted).await {
            let told = absent(app, &bot.name, wanted);
            checks.push(Check::bad(
                format!("intent model of {}", bot.name),
                format!("{told}; {answers:.12} answers until then"),
            ));
        }
    }
    checks
}

/// The version that should answer.
fn wanted<'r>(bot: &'r LiveBot, releases: &'r [ModelRelease]) -> &'r str {
    let held = releases.iter().find(|release| release.bot == bot.name && release.held);
    held.map_or(bot.trained.as_str(), |release| release.version.as_str())
}

/// The version that answers; empty where none is trained.
pub fn in_service(bot: &LiveBot) -> &str {
    bot.interpreter.model().map_or("", |model| model.content())
}

fn with_learner<Out>(app: &App, ask: impl FnOnce(&Learner<'_>) -> Out) -> Out {
    let cache = app.config.data.folder.join("cache");
    ask(&Learner { encoders: app.encoders.all(), cache: &cache, shipped: app.encoders.vectors() })
}
