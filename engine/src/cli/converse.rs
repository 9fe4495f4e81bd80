//! `sala converse`: conversations as JSON lines, without a server.

use std::io::BufRead;
use std::path::PathBuf;
use std::process::ExitCode;

use channels::{Contact, Content, Location, Media, MediaKind, MediaSource};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Common, object, print, workbench};
use crate::clock::{Clock, Micros};
use crate::rehearsal::Rehearsal;
use crate::turn::Thought;

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

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Reset { reset: bool },
    User { user: String },
    Choice { choice: String, title: Option<String> },
    Attachment { attachment: Attachment },
}

#[derive(Deserialize)]
struct Attachment {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    content: Value,
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
            let content = match object::<Line>(&line?) {
                Ok(Line::Reset { reset }) => {
                    if reset {
                        conversation = begin()?;
                    }
                    continue;
                }
                Ok(Line::User { user }) => Content::Text { text: user },
                Ok(Line::Choice { choice, title }) => Content::Choice { payload: choice, title },
                Ok(Line::Attachment { attachment }) => content(&attachment.kind, &attachment.content),
                Err(_) => {
                    wrong = true;
                    let error = format!(
                        "line {}: expected {{\"user\":…}}, {{\"attachment\":{{\"type\":…}}}} or {{\"reset\":true}}",
                        number + 1
                    );
                    print(&json!({ "error": error }).to_string());
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

/// An attachment of a line as the content a channel would make of it.
pub(super) fn content(kind: &str, content: &Value) -> Content {
    let text = |name: &str| content[name].as_str().map(str::to_owned);
    let number = |name: &str| content[name].as_f64().unwrap_or_default();
    let plain = content.as_str().map(str::to_owned);
    let media = |kind| Content::Media {
        media: Media {
            kind,
            source: MediaSource::Blob { id: "attachment".to_owned() },
            mime: text("mime"),
            name: text("name"),
            size: None,
            caption: text("caption").or_else(|| text("text")),
        },
    };
    match kind {
        "image" | "photo" => media(MediaKind::Image),
        "video" => media(MediaKind::Video),
        "audio" => media(MediaKind::Audio),
        "voice" => media(MediaKind::Voice),
        "file" | "document" => media(MediaKind::File),
        "sticker" => Content::Sticker {
            id: text("id").or(plain).unwrap_or_default(),
            keywords: Vec::new(),
            emoji: text("emoji"),
        },
        "location" => Content::Location {
            location: Location {
                latitude: number("latitude"),
                longitude: number("longitude"),
                title: text("title"),
                address: text("address"),
            },
        },
        "contact" => Content::Contact {
            contact: Contact {
                name: text("name").unwrap_or_default(),
                phones: Vec::new(),
                emails: Vec::new(),
            },
        },
        "choice" => {
            Content::Choice { payload: text("payload").or(plain).unwrap_or_default(), title: text("title") }
        }
        other => Content::Unknown { kind: other.to_owned() },
    }
}
