//! `sala converse`: conversations as JSON lines, without a server.

mod line;

use std::io::BufRead;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};

use super::{Common, print, workbench};
use crate::clock::{Clock, Micros};
use crate::rehearsal::Rehearsal;
use crate::turn::Thought;
use line::Line;
pub(super) use line::content;

const CHANNELS: [&str; 6] = ["messenger", "instagram", "whatsapp", "line", "telegram", "web"];

#[derive(Args)]
pub(super) struct Converse {
    /// The channel to speak as
    #[arg(long, default_value = "web", value_parser = CHANNELS)]
    channel: String,
    /// The bot's folder; the demo's bot when none is given
    #[arg(long, value_name = "DIR")]
    bot: Option<PathBuf>,
    /// Lines in, lines out (the only form there is; the option says so in scripts)
    #[arg(long)]
    jsonl: bool,
    /// The time it is, such as 2026-11-20T09:00:00+07:00; the clock's when none is given
    #[arg(long, value_name = "TIME")]
    now: Option<jiff::Timestamp>,
    /// Chooses among variants of wording
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

impl Converse {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let bot = tokio::task::block_in_place(|| workbench::taught_bot(common, self.bot.as_ref()))?;
        let clock = self.now.map_or(Clock::System, |now| Clock::fixed(Micros(now.as_microsecond())));
        let begin = || -> anyhow::Result<Rehearsal> {
            let actions = workbench::offline_actions(clock.clone())?;
            Ok(Rehearsal::new(bot.clone(), actions, &self.channel, clock.clone(), self.seed))
        };
        let mut conversation = begin()?;
        let mut wrong = false;
        for (number, line) in std::io::stdin().lock().split(b'\n').enumerate() {
            let content = match Line::read(&line?) {
                Ok(Line::Hear(content)) => content,
                Ok(Line::Reset) => {
                    conversation = begin()?;
                    continue;
                }
                Err(reason) => {
                    wrong = true;
                    print(&json!({ "error": format!("line {}: {reason}", number + 1) }).to_string());
                    continue;
                }
            };
            let thought = conversation.hear(content).await?;
            print(&told(&conversation, &thought).to_string());
        }
        Ok(if wrong { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }
}

/// One turn as docs/cli.md specifies it.
fn told(conversation: &Rehearsal, thought: &Thought) -> Value {
    let replies: Vec<String> = thought
        .performance
        .replies
        .iter()
        .flat_map(|body| &body.parts)
        .filter_map(|part| match part {
            channels::Part::Text { text } | channels::Part::Buttons { text, .. } => Some(text.clone()),
            _ => None,
        })
        .collect();
    let choices: Vec<_> = thought.performance.replies.iter().flat_map(|body| body.choices.clone()).collect();
    let citations: Vec<_> =
        thought.performance.replies.iter().flat_map(|body| body.citations.clone()).collect();
    let slots: serde_json::Map<String, Value> = conversation
        .dialogue()
        .slots()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.to_plain_json()))
        .collect();
    json!({
        "replies": replies,
        "decision": thought.decision.name(),
        "intent": thought.understanding.intent(),
        "slots": slots,
        "control": conversation.control().as_str(),
        "citations": citations,
        "choices": choices,
        "flow": conversation.dialogue().flow(),
        "language": thought.language,
    })
}
