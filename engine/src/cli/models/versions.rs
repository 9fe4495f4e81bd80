//! The intent models of the bots, as rows: a running program follows within seconds.

use std::process::ExitCode;

use clap::Subcommand;

use crate::app::{App, Extras};
use crate::cli::{doctor, print};
use crate::config::Config;
use crate::released;
use crate::store::ModelRelease;

/// What is to become of them before they are listed.
#[derive(Subcommand)]
pub(super) enum Change {
    /// List the intent models of the bots: which ones answer, and which did before
    Versions,
    /// Put a version of a bot's intent model in service and keep it there, whatever is trained later
    Promote {
        /// The bot's name
        bot: String,
        /// The version, or its beginning
        #[arg(id = "model_version", value_name = "VERSION")]
        version: String,
    },
    /// Put the version in service that answered before
    RollBack {
        /// The bot's name
        bot: String,
    },
    /// Let the newest model of a bot's own examples answer again
    Follow {
        /// The bot's name
        bot: String,
    },
}

/// Who changed them, in the audit.
const BY: &str = "command line";

pub(super) async fn run(config: Config, change: Change) -> anyhow::Result<ExitCode> {
    if let Some(missing) = doctor::missing(&config) {
        anyhow::bail!(missing.detail);
    }
    let app = App::assemble(config, Extras { no_models: true, ..Extras::default() }).await?;
    let Some(owner) = released::owner(&app).await? else {
        anyhow::bail!("there is no company yet: `sala user add` makes one, `sala serve` trains its bots")
    };
    let releases = app.store.model_releases(&owner).await?;
    match change {
        Change::Versions => {}
        Change::Promote { bot, version } => {
            let version = &one(&releases, &bot, &version)?.version;
            require(&app, &bot, version).await?;
            app.store.promote_model(&owner, (&bot, version), BY).await?;
        }
        Change::RollBack { bot } => {
            // The first one is in service.
            let before = of_bot(&releases, &bot)?.into_iter().nth(1);
            let Some(before) = before else {
                anyhow::bail!("{bot} has one version only: there is nothing to roll back to")
            };
            require(&app, &bot, &before.version).await?;
            app.store.promote_model(&owner, (&bot, &before.version), BY).await?;
        }
        Change::Follow { bot } => {
            of_bot(&releases, &bot)?;
            app.store.follow_model(&owner, &bot, BY).await?;
        }
    }
    let releases = app.store.model_releases(&owner).await?;
    for (place, release) in releases.iter().enumerate() {
        let first = place == 0 || releases[place - 1].bot != release.bot;
        if first {
            print(&release.bot);
        }
        print(&line(release, first, released::is_here(&app, &release.version).await));
    }
    if releases.is_empty() {
        print("No model has been trained yet: `sala serve` trains the bots.");
    }
    Ok(ExitCode::SUCCESS)
}

/// Nothing is put in service that this node could not follow.
async fn require(app: &App, bot: &str, version: &str) -> anyhow::Result<()> {
    let reason = || format!("nothing is changed, since {}", released::absent(app, bot, version));
    anyhow::ensure!(released::is_here(app, version).await, reason());
    Ok(())
}

/// `first`: the one that is wanted; it is in service where its file is here.
fn line(release: &ModelRelease, first: bool, here: bool) -> String {
    let standing = match (first, release.held, here) {
        (_, true, true) => "in service, held",
        (_, true, false) => "held, but not in the cache of this node, where another one answers",
        (true, false, true) => "in service",
        (false, false, true) => "before",
        (_, false, false) => "not in the cache of this node",
    };
    let made = jiff::Timestamp::from_microsecond(release.made_at.0).unwrap_or_default();
    let card: toml::Table = release.card.parse().unwrap_or_default();
    let examples = card.get("examples").map_or_else(String::new, |count| format!(", {count} examples"));
    let accuracy = card.get("blind").and_then(|blind| blind.get("accuracy")?.as_float());
    let accuracy =
        accuracy.map_or_else(String::new, |share| format!(", {:.1} % of the blind fifth", share * 100.0));
    format!("  {:.12}  {standing}, made {made:.0}{examples}{accuracy}", release.version)
}

fn of_bot<'r>(releases: &'r [ModelRelease], bot: &str) -> anyhow::Result<Vec<&'r ModelRelease>> {
    let found: Vec<&ModelRelease> = releases.iter().filter(|release| release.bot == bot).collect();
    anyhow::ensure!(!found.is_empty(), "no model of a bot {bot} is known: `sala models versions` lists them");
    Ok(found)
}

fn one<'r>(releases: &'r [ModelRelease], bot: &str, version: &str) -> anyhow::Result<&'r ModelRelease> {
    let of_bot = of_bot(releases, bot)?;
    anyhow::ensure!(!version.is_empty(), "no version is named: `sala models versions` lists those of {bot}");
    let mut fitting = of_bot.into_iter().filter(|release| release.version.starts_with(version));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => {
            anyhow::bail!("several versions of {bot} begin with {version}: give more of it")
        }
        _ => anyhow::bail!("{bot} has no version {version}: `sala models versions` lists them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Micros;

    fn release(version: &str, held: bool) -> ModelRelease {
        ModelRelease {
            bot: "shop".to_owned(),
            version: version.to_owned(),
            made_at: Micros(1_780_000_000_000_000),
            card: "examples = 12\n[blind]\naccuracy = 0.915\n".to_owned(),
            promoted_at: Micros(0),
            promoted_by: None,
            held,
        }
    }

    #[test]
    fn a_version_is_named_by_its_beginning() {
        let releases = [release("abc1", false), release("abd2", false)];
        let check = |bot: &str, version: &str, expected: &str| {
            let found = one(&releases, bot, version);
            let told = found.map_or_else(|error| error.to_string(), |release| release.version.clone());
            assert!(told.contains(expected), "{bot} {version}: {told}");
        };
        check("shop", "abc", "abc1");
        check("shop", "ab", "several versions");
        check("shop", "x", "no version x");
        check("shop", "", "no version is named");
        check("other", "ab", "no model of a bot other");
    }

    #[test]
    fn a_line_tells_standing_age_and_score() {
        let told = line(&release("0123456789abcdef", true), true, true);
        assert_eq!(
            told,
            "  0123456789ab  in service, held, made 2026-05-28T20:26:40Z, 12 examples, 91.5 % of the blind fifth"
        );
        assert!(line(&release("0", false), false, true).contains("  before, made"));
        assert!(line(&release("0", true), true, false).contains("  held, but not in the cache of this node"));
    }
}
