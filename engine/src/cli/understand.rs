//! `sala understand`: what a bot understands of messages.

use std::io::BufRead;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use nlu::Context;
use serde::Deserialize;
use serde_json::json;

use super::{Common, object, print, workbench};
use crate::clock::Clock;

#[derive(Args)]
pub(super) struct Understand {
    /// The bot's folder; the demo's bot when none is given
    #[arg(long, value_name = "DIR")]
    bot: Option<PathBuf>,
    /// Read {"text":"…"} lines from the standard input and answer each with one line
    #[arg(long)]
    jsonl: bool,
    /// A message to understand, instead of lines
    #[arg(conflicts_with = "jsonl")]
    text: Vec<String>,
}

#[derive(Deserialize)]
struct Line {
    text: String,
}

impl Understand {
    pub(super) fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let bot = tokio::task::block_in_place(|| workbench::taught_bot(common, self.bot.as_ref()))?;
        let context = Context { now_us: Clock::System.now().0, offset_minutes: 420, ..Context::default() };
        let tell = |text: &str| {
            let understanding =
                tokio::task::block_in_place(|| bot.interpreter.understand(text, &context)).understanding;
            print(
                &json!({
                    "text": text,
                    "normalised": understanding.normalised,
                    "language": understanding.language.language,
                    "mixed": understanding.is_mixed,
                    "intents": understanding.intents,
                    "out_of_scope": understanding.out_of_scope,
                    "out_of_scope_score": understanding.out_of_scope_score,
                    "requests": understanding.requests,
                    "entities": understanding.entities,
                    "sentiment": understanding.sentiment,
                    "urgency": understanding.urgency,
                })
                .to_string(),
            );
        };
        if !self.jsonl {
            anyhow::ensure!(
                !self.text.is_empty(),
                "give a message, or --jsonl and lines of {{\"text\":\"…\"}}"
            );
            tell(&self.text.join(" "));
            return Ok(ExitCode::SUCCESS);
        }
        let mut wrong = false;
        for (number, line) in std::io::stdin().lock().split(b'\n').enumerate() {
            match object::<Line>(&line?) {
                Ok(line) => tell(&line.text),
                Err(error) => {
                    wrong = true;
                    print(&json!({ "error": format!("line {}: {error}", number + 1) }).to_string());
                }
            }
        }
        Ok(if wrong { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }
}
