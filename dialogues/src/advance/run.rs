//! The run of one advance: the state being changed, the effects so far and the steps left.

use super::{AdvanceError, Advanced, MAX_STEPS};
use crate::bot::Bot;
use crate::effect::{Effect, Say};
use crate::event::Heard;
use crate::expression::{Expression, Record, Scope, Value};
use crate::flow::{Block, Flow, Outcome, Position, Step, StepPath};
use crate::problem::Named;
use crate::state::{DialogueState, Frame, Waiting};

/// How many characters of a message are kept as `said`.
const MAX_SAID: usize = 1_000;

pub(super) struct Run<'b> {
    pub(super) bot: &'b Bot,
    pub(super) state: DialogueState,
    pub(super) effects: Vec<Effect>,
    visited: Vec<StepPath>,
    steps_left: u32,
}

impl<'b> Run<'b> {
    pub(super) fn new(bot: &'b Bot, state: DialogueState) -> Self {
        let mut run = Run { bot, state, effects: Vec::new(), visited: Vec::new(), steps_left: MAX_STEPS };
        run.mend();
        run
    }

    pub(super) fn into_advanced(self) -> Advanced {
        Advanced { state: self.state, effects: self.effects, visited: self.visited }
    }

    /// After a change of the bot, flows that are gone are left and flows whose step is gone begin anew with
    /// the slots they have, which then need not be asked again.
    fn mend(&mut self) {
        let bot = self.bot;
        let known = |stack: &Vec<Frame>| stack.iter().all(|frame| bot.flows.contains_key(&frame.flow));
        if !known(&self.state.stack) {
            self.state.stack.clear();
            self.state.waiting = Waiting::Nothing;
        }
        self.state.paused.retain(known);
        self.state.finished.take_if(|frame| !bot.flows.contains_key(&frame.flow));
        for frame in self.state.paused.iter_mut().flatten() {
            mend_frame(bot, frame);
        }
        for frame in &mut self.state.stack {
            if mend_frame(bot, frame) {
                self.state.waiting = Waiting::Nothing;
            }
        }
    }

    pub(super) fn hear(&mut self, heard: &Heard) {
        self.state.said = heard.text.chars().take(MAX_SAID).collect();
        self.state.mentions.clone_from(&heard.entities);
    }

    /// Performs steps until something is waited for or every flow has ended.
    pub(super) fn proceed(&mut self) -> Result<(), AdvanceError> {
        while self.state.waiting == Waiting::Nothing
            && let Some(frame) = self.state.stack.last()
            && let Some(flow) = self.bot.flows.get(&frame.flow)
        {
            if self.steps_left == 0 {
                return Err(AdvanceError::Endless { flow: flow.id.clone() });
            }
            self.steps_left -= 1;
            match flow.step(&frame.at) {
                Some(step) => {
                    self.visited.push(StepPath { flow: flow.id.clone(), position: frame.at.clone() });
                    self.perform(step)?;
                }
                // Only a flow without steps has none here.
                None => self.finish_frame(),
            }
        }
        Ok(())
    }

    /// Takes what is waited for, if it is what the event answers.
    pub(super) fn take_waiting(
        &mut self,
        answers: impl Fn(&Waiting) -> bool,
        event: &'static str,
    ) -> Result<Waiting, AdvanceError> {
        if answers(&self.state.waiting) {
            Ok(std::mem::take(&mut self.state.waiting))
        } else {
            Err(AdvanceError::NotWaiting { event })
        }
    }

    /// The step that the innermost flow stands at.
    pub(super) fn step(&self) -> Option<&'b Step> {
        crate::answer::step_at(self.bot, &self.state)
    }

    fn flow(&self) -> Option<&'b Flow> {
        self.bot.flows.get(&self.state.stack.last()?.flow)
    }

    /// Moves on to the step after this one; at the end of a flow that ends it.
    pub(super) fn next(&mut self) {
        let after = match (self.flow(), self.state.stack.last()) {
            (Some(flow), Some(frame)) => flow.after(&frame.at),
            _ => None,
        };
        match after {
            Some(position) => self.stand_at(position),
            None => self.finish_frame(),
        }
    }

    fn stand_at(&mut self, position: Position) {
        if let Some(frame) = self.state.stack.last_mut() {
            frame.at = position;
            frame.attempts = 0;
        }
    }

    /// Moves to the first step of a block of the present step, or past the step where the block is empty.
    pub(super) fn enter(&mut self, index: usize, block: &Block) {
        let inside = self.state.stack.last().map(|frame| frame.at.into_block(index));
        match inside {
            Some(inside) if !block.is_empty() => self.stand_at(inside),
            _ => self.next(),
        }
    }

    /// Goes on with what the flow says for a step that did not succeed; `index` is the block's.
    pub(super) fn enter_outcome(&mut self, index: usize, outcome: &Outcome, reason: &str) {
        match outcome {
            Outcome::Steps(block) => self.enter(index, block),
            Outcome::HandOff => self.hand_off(reason),
        }
    }

    pub(super) fn set_slot(&mut self, slot: &str, value: Value) {
        if let Some(frame) = self.state.stack.last_mut() {
            frame.slots.insert(slot.to_owned(), value);
        }
    }

    pub(super) fn slot(&self, slot: &str) -> Value {
        let slots = self.state.stack.last().map(|frame| &frame.slots);
        slots.and_then(|slots| slots.get(slot)).cloned().unwrap_or_default()
    }

    /// The names that expressions see: the slots, and then what every flow knows.
    pub(super) fn names(&self) -> Record {
        let state = &self.state;
        let mut names = state.stack.last().map(|frame| frame.slots.clone()).unwrap_or_default();
        names.insert("person".into(), Value::Record(state.person.clone()));
        names.insert("said".into(), Value::text(&state.said));
        names.insert("language".into(), Value::text(&state.language));
        names.insert("channel".into(), Value::text(&state.channel));
        names.insert("today".into(), state.today.map_or(Value::None, Value::Date));
        names
    }

    pub(super) fn evaluate(&self, expression: &Expression) -> Value {
        self.evaluate_in(&self.names(), expression)
    }

    pub(super) fn evaluate_in(&self, names: &Record, expression: &Expression) -> Value {
        let titles = self.bot.titles();
        expression.evaluate(&Scope { names, language: &self.state.language, titles: &titles })
    }

    pub(super) fn evaluate_all(&self, with: &[(Named, Expression)]) -> Record {
        let names = self.names();
        let value = |expression| self.evaluate_in(&names, expression);
        with.iter().map(|(name, expression)| (name.id.clone(), value(expression))).collect()
    }

    /// A wording with just the values that its texts use.
    pub(super) fn worded(&self, wording: &str, with: &[(Named, Expression)]) -> Say {
        let mut names = self.names();
        let with = self.evaluate_all(with);
        names.extend(with);
        let used = self.bot.wording_names(wording);
        names.retain(|name, _| used.contains(name.as_str()));
        Say { wording: wording.to_owned(), args: names, choices: Vec::new() }
    }

    pub(super) fn say(&mut self, say: Say) {
        self.effects.push(Effect::Say(say));
    }

    /// Says a question and keeps it for repeating.
    pub(super) fn ask(&mut self, says: Vec<Say>, waiting: Waiting) {
        self.state.asked = says.last().cloned().into_iter().collect();
        self.effects.extend(says.into_iter().map(Effect::Say));
        self.state.has_asked = true;
        self.state.waiting = waiting;
    }
}

/// Puts a frame whose step is gone at its flow's beginning; true if it was.
fn mend_frame(bot: &Bot, frame: &mut Frame) -> bool {
    let gone = bot.flows.get(&frame.flow).is_some_and(|flow| flow.step(&frame.at).is_none());
    if gone {
        frame.at = Position::first();
    }
    gone
}
