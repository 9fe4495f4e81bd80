//! `sala check`: every mistake of a bot's files, with file, line and key.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dialogues::{Problem, Severity};

use super::{print, workbench};
use crate::bots::{BotError, LiveBot, examples};
use crate::config::Config;

#[derive(Args)]
pub(super) struct Check {
    /// The bot's folder; the demo's bot when none is given
    #[arg(value_name = "DIR")]
    bot: Option<PathBuf>,
    /// A settings file to check as well
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        if self.settings.is_some() {
            Config::read(self.settings.as_deref(), std::iter::empty())?;
        }
        let files = workbench::bot_files(self.bot.as_deref())?;
        match LiveBot::read(&files).and_then(|bot| Ok((bot, examples(&files)?.len()))) {
            Ok((bot, examples)) => {
                bot.dialogue.warnings.iter().for_each(show);
                print(&format!(
                    "{}: {} flows, {examples} examples, {} articles, {} scenarios: no mistakes",
                    bot.name,
                    bot.dialogue.flows.len(),
                    bot.index.articles().len(),
                    bot.dialogue.scenarios.len()
                ));
                Ok(ExitCode::SUCCESS)
            }
            Err(BotError::Mistakes(problems)) => {
                problems.iter().for_each(show);
                let is_mistake = |problem: &&Problem| problem.severity == Severity::Error;
                print(&format!("{} mistakes", problems.iter().filter(is_mistake).count()));
                Ok(ExitCode::from(1))
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn show(problem: &Problem) {
    match problem.severity {
        Severity::Error => print(&problem.to_string()),
        Severity::Warning => print(&format!("warning: {problem}")),
    }
}
