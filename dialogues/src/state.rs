//! Where a conversation stands: small, plain and versioned, so that it can be stored with every turn.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::effect::{Choice, Say};
use crate::event::Mention;
use crate::expression::{Date, Record, Value};
use crate::flow::Position;

/// The version that this program writes.
pub const STATE_VERSION: u32 = 1;

/// The state of one conversation. `DialogueState::new` begins one; engine stores it as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DialogueState {
    pub version: u32,
    /// The language the bot speaks with this person.
    pub language: String,
    /// The channel's name, such as `line`.
    #[serde(default)]
    pub channel: String,
    /// The day it is for the person, which engine sets at every turn.
    #[serde(default)]
    pub today: Option<Date>,
    /// Facts about the person, kept by `remember`; `person` in expressions.
    #[serde(default)]
    pub person: Record,
    /// The flow that was begun, then the flows it runs, innermost last.
    #[serde(default)]
    pub(crate) stack: Vec<Frame>,
    /// Stacks that wait for the present one to end, latest last.
    #[serde(default)]
    pub(crate) paused: Vec<Vec<Frame>>,
    #[serde(default)]
    pub(crate) waiting: Waiting,
    /// Entities of the latest message that have filled no slot yet.
    #[serde(default)]
    pub(crate) mentions: Vec<Mention>,
    /// The latest message's text; `said` in expressions.
    #[serde(default)]
    pub(crate) said: String,
    /// The latest question, for repeating it.
    #[serde(default)]
    pub(crate) asked: Vec<Say>,
    /// Whether the present stack has asked the person anything.
    #[serde(default)]
    pub(crate) has_asked: bool,
    /// The flow that ended last, so that it can still be corrected.
    #[serde(default)]
    pub(crate) finished: Option<Frame>,
}

/// A flow that is under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Frame {
    pub(crate) flow: String,
    pub(crate) at: Position,
    #[serde(default)]
    pub(crate) slots: Record,
    /// Invalid answers to the step at `at`.
    #[serde(default)]
    pub(crate) attempts: u32,
    /// Slots that the person skipped.
    #[serde(default)]
    pub(crate) skipped: BTreeSet<String>,
    /// The slot of the flow below that gets this one's slots.
    #[serde(default)]
    pub(crate) returns_into: Option<String>,
}

/// What the dialogue cannot go on without.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub(crate) enum Waiting {
    #[default]
    Nothing,
    /// A value for the collect step of the innermost frame.
    Slot,
    /// A choice for the choose step of the innermost frame.
    Choice,
    /// The answer to a call step's `Effect::Call`.
    Call,
    /// The answer to a collect step's check of this value.
    Check { value: Value },
    /// The answer to `Effect::Search`.
    Search,
    /// Yes or no to going on with the latest paused flow.
    Resume,
    /// Which of these flows is meant.
    Clarify { flows: Vec<String> },
}

/// Why stored state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// A newer program wrote it: upgrade this one, or begin anew.
    #[error("state of version {0}, newer than this program's {STATE_VERSION}")]
    Newer(u32),
    /// It is damaged: begin anew.
    #[error("not a dialogue's state: {0}")]
    Damaged(#[from] serde_json::Error),
}

/// What the dialogue wants to hear next, for nlu and for `decide`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expecting {
    pub kind: ExpectingKind,
    /// The innermost flow; empty for a question about flows themselves.
    pub flow: String,
    pub slot: Option<String>,
    pub entity: Option<String>,
    pub pattern: Option<String>,
    pub options: Vec<Choice>,
    /// Whether any text is an answer.
    pub free_text: bool,
    /// Whether the person may skip it or turn to something else without leaving anything open.
    pub optional: bool,
    /// Intents that an answer may resemble, so that they are no wish for something else.
    pub about: Vec<String>,
}

/// The kinds of question a dialogue asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectingKind {
    Slot,
    Choice,
    Resume,
    Clarify,
}

impl DialogueState {
    /// A conversation in which nothing has been said.
    pub fn new(language: impl Into<String>, channel: impl Into<String>) -> Self {
        DialogueState {
            version: STATE_VERSION,
            language: language.into(),
            channel: channel.into(),
            today: None,
            person: Record::new(),
            stack: Vec::new(),
            paused: Vec::new(),
            waiting: Waiting::Nothing,
            mentions: Vec::new(),
            said: String::new(),
            asked: Vec::new(),
            has_asked: false,
            finished: None,
        }
    }

    /// The state of stored JSON.
    pub fn read(json: &str) -> Result<Self, StateError> {
        let state: DialogueState = serde_json::from_str(json)?;
        if state.version > STATE_VERSION { Err(StateError::Newer(state.version)) } else { Ok(state) }
    }

    /// The innermost flow under way.
    pub fn flow(&self) -> Option<&str> {
        self.stack.last().map(|frame| frame.flow.as_str())
    }

    /// Every flow under way, the one that was begun first.
    pub fn flows(&self) -> impl Iterator<Item = &str> {
        self.stack.iter().map(|frame| frame.flow.as_str())
    }

    /// The begun flows that wait for the present one to end, latest last.
    pub fn paused_flows(&self) -> impl Iterator<Item = &str> {
        self.paused.iter().filter_map(|stack| stack.first()).map(|frame| frame.flow.as_str())
    }

    /// The slots of the innermost flow under way, else of the one that ended last.
    pub fn slots(&self) -> Option<&Record> {
        self.stack.last().or(self.finished.as_ref()).map(|frame| &frame.slots)
    }

    /// Whether nothing is under way and nothing is waited for.
    pub fn is_idle(&self) -> bool {
        self.stack.is_empty() && self.waiting == Waiting::Nothing
    }

    /// Whether the dialogue waits for the answer to a search or a call.
    pub fn awaits_effect(&self) -> bool {
        matches!(self.waiting, Waiting::Call | Waiting::Check { .. } | Waiting::Search)
    }
}

impl Frame {
    pub(crate) fn new(flow: &str) -> Self {
        Frame {
            flow: flow.to_owned(),
            at: Position::first(),
            slots: Record::new(),
            attempts: 0,
            skipped: BTreeSet::new(),
            returns_into: None,
        }
    }
}
