//! What happens to a dialogue.

use serde::{Deserialize, Serialize};

use crate::expression::Value;

/// Something that happened; engine makes one from each decision and each answer to an effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A person wants a flow; `heard` is what they wrote, whose entities fill slots. Whatever was going
    /// on waits and is taken up again afterwards.
    Begin {
        flow: String,
        #[serde(default)]
        heard: Heard,
    },
    /// An answer to what the dialogue is waiting for, or a pressed quick reply.
    Heard(Heard),
    Repair(Repair),
    /// Answers `Effect::Search`; engine has said the answer.
    Found {
        /// The article or answer.
        answer: String,
    },
    /// Answers `Effect::Search`.
    NothingFound,
    /// Answers `Effect::Call`; `result` was read with the action's kind.
    Called {
        result: Value,
    },
    /// Answers `Effect::Call`.
    CallFailed {
        reason: CallFailure,
    },
    /// An agent has given the conversation back to the bot.
    HandedBack,
}

/// One message as the dialogue sees it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Heard {
    pub text: String,
    #[serde(default)]
    pub entities: Vec<Mention>,
    /// Of a pressed quick reply.
    #[serde(default)]
    pub payload: Option<String>,
    /// What nlu took it for.
    #[serde(default)]
    pub intent: Option<String>,
}

/// An entity in a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// An entity of the bot, or one of `entities::BUILT_IN`.
    #[serde(rename = "type")]
    pub kind: String,
    /// As it was written.
    pub text: String,
    /// Normalised: a number for `number`, satang for `money`, a date for `date`, else a text.
    pub value: Value,
}

/// The person steers the conversation instead of answering.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "repair", rename_all = "snake_case")]
pub enum Repair {
    /// "No, the number is BK240118."
    Correct { slot: String, value: Value },
    /// "Never mind."
    Cancel,
    /// "I would rather not say."
    Skip,
    /// "Pardon?"
    Repeat,
    /// "Let us go on with what we had."
    Resume,
    /// The bot is unsure which of these flows is meant and asks.
    Clarify { flows: Vec<String> },
}

/// Why an action gave no result; in the flow it is the slot `error` as the text of the variant's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallFailure {
    /// The service understood and said no, such as "no such order".
    Refused,
    /// No answer in time, after the retries.
    Unavailable,
    /// An answer that is not of the declared kind.
    BadResult,
}

impl CallFailure {
    pub fn name(self) -> &'static str {
        match self {
            CallFailure::Refused => "refused",
            CallFailure::Unavailable => "unavailable",
            CallFailure::BadResult => "bad_result",
        }
    }

    pub(crate) const NAMES: [&'static str; 3] = ["refused", "unavailable", "bad_result"];
}

impl Heard {
    /// A message of words alone.
    pub fn text(text: impl Into<String>) -> Self {
        Heard { text: text.into(), ..Heard::default() }
    }
}
