//! Dialogues: what a bot does next, as values in and values out.
//!
//! A bot is a folder of YAML files, read and checked as a whole by [`Bot::read`]. [`advance`] takes a bot,
//! the state of one conversation and an event, and returns the new state with the effects to perform;
//! [`word`] turns what is said into words. There is no IO, no clock and no randomness here: the engine
//! passes the day and the seed in, performs the effects and feeds their answers back.
//!
//! Invariants: the same arguments always give the same result; an advance takes at most
//! [`MAX_STEPS`] steps; text that a person wrote is only ever a value, never read as a template or an
//! expression; a bot that `read` returns has every wording in every language it speaks.

mod actions;
mod advance;
mod answer;
mod bot;
mod check;
mod coverage;
mod effect;
pub mod entities;
mod event;
mod examples;
pub mod expression;
pub mod flow;
mod payload;
mod problem;
mod reading;
mod recognise;
mod scenario;
mod settings;
mod state;
mod stray;
mod titles;
pub mod wording;

#[cfg(test)]
mod testing;

pub use actions::{Action, Method};
pub use advance::{AdvanceError, Advanced, MAX_STEPS, advance};
pub use answer::{Fit, expecting, fit};
pub use bot::Bot;
pub use check::{Written, has_words, read_marks};
pub use coverage::{Coverage, FlowCoverage, MissedStep, coverage};
pub use effect::{Choice, Effect, FlowOutcome, Say, Title};
pub use entities::{Entity, Letters, ListValue, Shape};
pub use event::{CallFailure, Event, Heard, Mention, Repair};
pub use examples::{Examples, read_examples};
pub use expression::{Date, Expression, Field, Kind, Mismatch, Record, Value};
pub use flow::{Flow, Position, Step, StepPath, Verb};
pub use problem::{Mark, Named, Problem, Severity, advise};
pub use recognise::{recognise_repair, says_yes};
pub use scenario::{
    Expectation, ExpectedControl, ExpectedDecision, Scenario, ScenarioTurn, StandIn, StandInAnswer, TurnInput,
};
pub use settings::{ByLanguage, Settings, Thresholds, Words};
pub use state::{DialogueState, Expecting, ExpectingKind, STATE_VERSION, StateError};
pub use stray::stray_file;
pub use titles::{ReadableTitles, Title as ReadableTitle};
pub use wording::{
    Approved, NEEDED, Needed, Press, Worded, WordedArea, WordedChoice, WordedImagemap, WordedTemplate, word,
};

/// Reads one scenario file on its own; the bot's own scenarios are in [`Bot::scenarios`].
pub use scenario::read_file as read_scenarios;
