//! `sala chat`: talking to a bot in the terminal.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use channels::{Choice, Content, Part};
use clap::Args;

use super::{Common, print, workbench};
use crate::clock::Clock;
use crate::rehearsal::Rehearsal;

#[derive(Args)]
pub(super) struct Chat {
    /// The bot's folder; the demo's bot when none is given
    #[arg(long, value_name = "DIR")]
    bot: Option<PathBuf>,
    /// Show what was understood and decided
    #[arg(long)]
    explain: bool,
}

impl Chat {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let bot = tokio::task::block_in_place(|| workbench::taught_bot(common, self.bot.as_ref()))?;
        let actions = workbench::offline_actions(Clock::System)?;
        let mut conversation = Rehearsal::new(bot, actions, "web", Clock::System, 0);
        let mut choices: Vec<Choice> = Vec::new();
        let terminal = std::io::stdin().is_terminal();
        loop {
            if terminal {
                std::io::stderr().write_all(b"> ")?;
            }
            let mut line = String::new();
            if std::io::stdin().lock().read_line(&mut line)? == 0 {
                return Ok(ExitCode::SUCCESS);
            }
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let thought = conversation.hear(spoken(line, &choices)).await?;
            if self.explain {
                let intents = thought.understanding.intents.iter().take(2);
                let intents: Vec<_> =
                    intents.map(|intent| format!("{} {:.2}", intent.name, intent.confidence)).collect();
                print(&format!("  [{}; {}]", thought.decision.name(), intents.join(", ")));
            }
            choices.clear();
            for body in &thought.performance.replies {
                for part in &body.parts {
                    if let Part::Text { text } = part {
                        print(text);
                    }
                }
                choices.extend(body.choices.iter().cloned());
            }
            for (number, choice) in (1..).zip(&choices) {
                print(&format!("  {number}. {}", choice.title));
            }
        }
    }
}

/// A number picks from what was offered; anything else is what was said.
fn spoken(line: &str, choices: &[Choice]) -> Content {
    let picked = line.parse::<usize>().ok().and_then(|number| choices.get(number.checked_sub(1)?));
    match picked {
        Some(choice) => Content::Choice {
            payload: choice.payload.clone(),
            title: Some(choice.title.clone()),
            values: BTreeMap::new(),
        },
        None => Content::Text { text: line.to_owned() },
    }
}
