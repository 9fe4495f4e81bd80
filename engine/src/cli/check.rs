//! `sala check`: every mistake of a bot's files, with file, line and key.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use dialogues::{Problem, Severity};

use super::{Common, counted, print, workbench};
use crate::app::{App, Extras};
use crate::bots::{BotError, LiveBot, examples};
use crate::config::{Config, ConfigError};

#[derive(Args)]
pub(super) struct Check {
    /// The bot's folder; the demo's bot when none is given
    #[arg(value_name = "DIR")]
    bot: Option<PathBuf>,
    /// A settings file to check as well
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Compare the templates that it names with those that the platforms have approved for our accounts
    #[arg(long)]
    templates: bool,
}

impl Check {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let settings = self.settings.as_deref().map_or(Ok(true), check_settings)?;
        let bot = check_bot(self.bot.as_deref())?;
        let mut compared = true;
        if bot && self.templates {
            compared = check_templates(common, self.bot.as_deref()).await?;
        }
        Ok(if settings && bot && compared { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

/// Says what is wrong with a settings file; true when nothing is.
fn check_settings(file: &Path) -> anyhow::Result<bool> {
    match Config::read(Some(file), std::iter::empty()) {
        Ok(_) => {
            print(&format!("{}: no mistakes", file.display()));
            Ok(true)
        }
        Err(ConfigError::Wrong(mistakes)) => {
            for mistake in &mistakes {
                print(mistake);
            }
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Says what is wrong with a bot; true when it can be put into service.
fn check_bot(folder: Option<&Path>) -> anyhow::Result<bool> {
    let files = workbench::bot_files(folder)?;
    match LiveBot::read(&files).and_then(|bot| Ok((bot, examples(&files)?.len()))) {
        Ok((bot, examples)) => {
            bot.dialogue.warnings.iter().for_each(show);
            print(&format!(
                "{}: {}, {}, {}, {}: no mistakes",
                bot.name,
                counted(bot.dialogue.flows.len(), "flow"),
                counted(examples, "example"),
                counted(bot.index.articles().len(), "article"),
                counted(bot.dialogue.scenarios.len(), "scenario")
            ));
            Ok(true)
        }
        Err(BotError::Mistakes(problems)) => {
            problems.iter().for_each(show);
            let is_mistake = |problem: &&Problem| problem.severity == Severity::Error;
            print(&counted(problems.iter().filter(is_mistake).count(), "mistake"));
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}

/// Warns of templates that no platform would take as the bot names them. False where there was nothing to compare with.
async fn check_templates(common: &Common, folder: Option<&Path>) -> anyhow::Result<bool> {
    let bot = LiveBot::read(&workbench::bot_files(folder)?)?;
    let config = common.config()?;
    let nothing = format!("no account answers by this bot ({}): nothing was compared", bot.own_name());
    // Looking must not make a database or a key.
    if config.sqlite_file().is_some_and(|file| !file.exists()) {
        print(&nothing);
        return Ok(false);
    }
    let app = App::assemble(config, Extras { no_models: true, ..Extras::default() }).await?;
    let compared = crate::approved::compared(&app, &bot).await?;
    if compared.accounts == 0 {
        print(&nothing);
        return Ok(false);
    }
    compared.problems.iter().for_each(show);
    for name in &compared.unfetched {
        print(&format!(
            "warning: the templates of {name} were never fetched, so nothing was compared with them"
        ));
    }
    if compared.problems.is_empty() && compared.unfetched.is_empty() {
        print("its templates are approved as it names them");
    }
    Ok(true)
}

fn show(problem: &Problem) {
    match problem.severity {
        Severity::Error => print(&problem.to_string()),
        Severity::Warning => print(&format!("warning: {problem}")),
    }
}
