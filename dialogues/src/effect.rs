//! What a dialogue asks the engine to do.

use serde::{Deserialize, Serialize};

use crate::expression::{Record, Value};

/// Something to do, in order. After [`Effect::Search`] and [`Effect::Call`] the dialogue waits for the
/// event that answers it; they are always last in their list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    Say(Say),
    /// Search the articles and say the answer; answer with `Found` or `NothingFound`.
    Search {
        query: String,
    },
    /// Perform an action; answer with `Called` or `CallFailed`.
    Call {
        action: String,
        args: Record,
    },
    HandOff {
        reason: String,
    },
    /// Say this with thumbs under it.
    AskFeedback(Say),
    /// Keep a fact about the person; none forgets it.
    Remember {
        slot: String,
        value: Value,
    },
    /// A flow that a person began is over.
    Ended {
        flow: String,
        outcome: FlowOutcome,
    },
}

/// A wording with the values it needs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Say {
    pub wording: String,
    #[serde(default)]
    pub args: Record,
    #[serde(default)]
    pub choices: Vec<Choice>,
}

/// A quick reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Comes back in `Heard::payload` when it is pressed.
    pub payload: String,
    pub title: Title,
}

/// The words on a quick reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Title {
    /// A wording id.
    Wording(String),
    /// Text as it is.
    Text(String),
}

/// How a flow ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowOutcome {
    Completed,
    Cancelled,
    HandedOff,
    /// The person turned to something else and did not come back.
    Abandoned,
}

impl Say {
    /// A wording without values.
    pub fn plain(wording: impl Into<String>) -> Self {
        Say { wording: wording.into(), ..Say::default() }
    }

    /// A wording with one value.
    pub fn with(wording: impl Into<String>, name: &str, value: impl Into<Value>) -> Self {
        Say { args: Record::from([(name.to_owned(), value.into())]), ..Say::plain(wording) }
    }
}
