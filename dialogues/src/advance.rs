//! One event in, the new state and the effects to perform out.

mod choose;
mod collect;
mod flows;
mod perform;
mod run;

use serde::{Deserialize, Serialize};

use crate::bot::Bot;
use crate::effect::{Effect, Say};
use crate::event::{Event, Heard};
use crate::flow::StepPath;
use crate::payload::Payload;
use crate::state::{DialogueState, Waiting};
use crate::{answer, event::CallFailure};
use run::Run;

/// The most steps that one advance takes.
pub const MAX_STEPS: u32 = 200;

/// What came of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advanced {
    pub state: DialogueState,
    /// To perform in order; a search or a call is last, and its answer is the next event.
    pub effects: Vec<Effect>,
    /// The steps that were taken, for coverage and traces.
    pub visited: Vec<StepPath>,
}

/// Why an event could not be taken; the state that was passed in is still good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdvanceError {
    /// The flows run in a circle: hand off and tell the bot's writer.
    #[error("flow `{flow}` took more than {MAX_STEPS} steps or ran flows too deep without asking anything")]
    Endless { flow: String },
    /// The caller asked for a flow that this bot does not have.
    #[error("there is no flow `{flow}`")]
    UnknownFlow { flow: String },
    /// The answer to a search or a call came although none is under way.
    #[error("nothing waits for `{event}`")]
    NotWaiting { event: &'static str },
    /// A search or a call is under way: feed its answer first.
    #[error("the answer to a search or a call must come first")]
    AnswerFirst,
}

/// Takes an event. An event that means nothing here, such as words while nothing is expected, comes back
/// with no effects and is the caller's to answer.
pub fn advance(bot: &Bot, state: DialogueState, event: Event) -> Result<Advanced, AdvanceError> {
    let mut run = Run::new(bot, state);
    match event {
        Event::Begin { flow, heard } => {
            run.hear(&heard);
            run.begin(&flow)?;
        }
        Event::Heard(heard) => heard_event(&mut run, &heard)?,
        Event::Repair(repair) => {
            if run.state.awaits_effect() {
                return Err(AdvanceError::AnswerFirst);
            }
            run.repair(repair)?;
        }
        Event::Found { .. } => {
            run.take_waiting(|waiting| *waiting == Waiting::Search, "found")?;
            run.next();
            run.proceed()?;
        }
        Event::NothingFound => {
            run.take_waiting(|waiting| *waiting == Waiting::Search, "nothing_found")?;
            run.nothing_found();
            run.proceed()?;
        }
        Event::Called { result } => run.called(result)?,
        Event::CallFailed { reason } => call_failed(&mut run, reason)?,
        Event::HandedBack => {
            run.abandon_everything();
            run.say(Say::plain("handed_back"));
        }
    }
    Ok(run.into_advanced())
}

fn call_failed(run: &mut Run<'_>, reason: CallFailure) -> Result<(), AdvanceError> {
    let waiting =
        run.take_waiting(|waiting| matches!(waiting, Waiting::Call | Waiting::Check { .. }), "call_failed")?;
    if waiting == Waiting::Call {
        run.call_step_failed(reason);
    } else {
        run.check_failed(reason);
    }
    run.proceed()
}

fn heard_event(run: &mut Run<'_>, heard: &Heard) -> Result<(), AdvanceError> {
    if run.state.awaits_effect() {
        return Err(AdvanceError::AnswerFirst);
    }
    run.hear(heard);
    if let Some(payload) = heard.payload.as_deref().and_then(Payload::parse) {
        return run.pressed(&payload);
    }
    match run.state.waiting.clone() {
        Waiting::Slot => run.heard_for_slot(heard),
        Waiting::Choice => run.heard_for_choice(heard),
        Waiting::Resume => match answer::yes_or_no(run.bot, &heard.text) {
            Some(yes) => run.answer_resume(yes),
            None => Ok(()),
        },
        Waiting::Clarify { flows } => match answer::clarified(run.bot, &flows, &heard.text) {
            Some(flow) => run.begin(flow),
            None => Ok(()),
        },
        // Only a state that was mended has a flow here.
        Waiting::Nothing | Waiting::Call | Waiting::Check { .. } | Waiting::Search => run.proceed(),
    }
}

#[cfg(test)]
mod soundness;
#[cfg(test)]
mod tests;
