//! The record of a turn: everything its decision saw, frozen for training, and what the console shows of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::bots::LiveBot;
use crate::clock::Micros;
use crate::ids::MessageId;
use crate::store::TurnRow;
use crate::turn::Thought;

/// What is stored with a turn. It is never computed again: training uses what the decision saw.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TurnRecord {
    pub understanding: nlu::Understanding,
    pub decision: crate::decide::Decision,
    /// What was done besides, for the other things that were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<crate::decide::Decision>,
    /// What might have been done instead: intents and articles with their scores.
    pub candidates: Vec<Candidate>,
    /// The probability with which the decision was taken among the candidates; 1 while the policy does not explore.
    pub propensity: f64,
    pub said: Vec<String>,
    pub called: Vec<String>,
    pub citations: Vec<String>,
    pub flow: Option<String>,
    pub language: String,
    pub duration_ms: f64,
    pub versions: Versions,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// `intent` or `article`.
    pub kind: String,
    pub name: String,
    pub score: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Versions {
    pub program: String,
    /// The hash of the bot's files, shortened.
    pub bot: String,
    /// The content hash of the intent model; empty while none is trained.
    pub model: String,
}

impl TurnRecord {
    pub fn of(bot: &LiveBot, thought: &Thought, duration_ms: f64) -> Self {
        let intents = thought.understanding.intents.iter().map(|intent| Candidate {
            kind: "intent".to_owned(),
            name: intent.name.clone(),
            score: f64::from(intent.confidence),
        });
        let articles = thought.articles.iter().map(|(name, score)| Candidate {
            kind: "article".to_owned(),
            name: name.clone(),
            score: *score,
        });
        let model = bot.interpreter.model().map(|model| model.content().to_owned()).unwrap_or_default();
        Self {
            understanding: thought.understanding.clone(),
            decision: thought.decision.clone(),
            also: thought.also.clone(),
            candidates: intents.chain(articles).collect(),
            propensity: 1.0,
            said: thought.performance.said.clone(),
            called: thought.performance.called.clone(),
            citations: citations(thought),
            flow: thought.state.dialogue.flow().map(str::to_owned),
            language: thought.language.clone(),
            duration_ms,
            versions: Versions {
                program: env!("CARGO_PKG_VERSION").to_owned(),
                bot: bot.hash.chars().take(12).collect(),
                model: model.chars().take(12).collect(),
            },
        }
    }

    /// What the console shows, as in docs/live-protocol.md.
    pub fn view(&self, turn: i64, message: &MessageId, at: Micros) -> Value {
        let understanding = &self.understanding;
        json!({
            "id": format!("{message}"),
            "seq": turn,
            "message_id": message,
            "at": at.millis(),
            "language": understanding.language.language,
            "mixed": understanding.is_mixed,
            "normalised": Some(&understanding.normalised).filter(|text| **text != understanding.text),
            "intents": understanding.intents,
            "out_of_scope": understanding.out_of_scope,
            "out_of_scope_score": understanding.out_of_scope_score,
            "requests": understanding.requests,
            "entities": understanding.entities,
            "sentiment": understanding.sentiment,
            "urgency": understanding.urgency,
            "decision": self.decision.name(),
            "also": self.also.iter().map(crate::decide::Decision::name).collect::<Vec<_>>(),
            "flow": self.flow,
            "candidates": self.candidates,
            "citations": self.citations,
            "duration_ms": self.duration_ms,
            "versions": self.versions,
        })
    }
}

fn citations(thought: &Thought) -> Vec<String> {
    let bodies = thought.performance.replies.iter();
    bodies.flat_map(|body| &body.citations).map(|citation| citation.article.clone()).collect()
}

/// What is left of the view of a turn whose message was taken back.
pub fn forgotten(message: &MessageId, at: Micros) -> Value {
    json!({
        "id": message, "seq": 0, "message_id": message, "at": at.millis(), "language": "und", "intents": [],
        "out_of_scope": false, "entities": [], "sentiment": null, "decision": "silent", "flow": null, "candidates": [],
        "citations": [], "duration_ms": 0, "versions": {},
    })
}

/// The view of a turn whose message was set aside before anything was understood of it.
pub fn parked(turn: i64, message: &MessageId, at: Micros, reason: &str) -> Value {
    let mut view = forgotten(message, at);
    view["seq"] = turn.into();
    view["decision"] = "parked".into();
    view["parked"] = reason.into();
    view
}

/// The console's view of a stored turn; none for a record of another version that cannot be read.
pub fn view_of_stored(row: &TurnRow) -> Option<Value> {
    let record: Value = serde_json::from_str(&row.record).ok()?;
    if let Some(reason) = record["parked"].as_str() {
        return Some(parked(row.turn, &row.message, row.at, reason));
    }
    let record: TurnRecord = serde_json::from_value(record).ok()?;
    Some(record.view(row.turn, &row.message, row.at))
}
