//! What each verb does.

use super::AdvanceError;
use super::run::Run;
use crate::effect::{Effect, Say};
use crate::event::CallFailure;
use crate::expression::{Record, Value};
use crate::flow::{Arm, Call, FlowCall, Search, Step, Verb};
use crate::problem::Named;
use crate::state::{Frame, Waiting};

/// How many flows may run each other.
const MAX_DEPTH: usize = 16;

impl<'b> Run<'b> {
    pub(super) fn perform(&mut self, step: &'b Step) -> Result<(), AdvanceError> {
        match &step.verb {
            Verb::Say(say) => {
                let say = self.worded(&say.wording.id, &say.with);
                self.say(say);
                self.next();
            }
            Verb::Collect(collect) => self.collect(collect),
            Verb::Choose(choose) => self.ask_choice(choose, Vec::new()),
            Verb::Branch(arms) => self.branch(arms),
            Verb::Call(call) => self.call(call, Waiting::Call),
            Verb::Search(search) => self.search(search),
            Verb::HandOff { reason } => self.hand_off(&reason.id),
            Verb::Feedback { ask } => {
                let say = self.worded(&ask.id, &[]);
                self.effects.push(Effect::AskFeedback(say));
                self.next();
            }
            Verb::Run(call) => return self.run_flow(call),
            Verb::GoTo(call) => self.go_to_flow(call),
            Verb::Set(values) => {
                for (slot, expression) in values {
                    let value = self.evaluate(expression);
                    self.set_slot(&slot.id, value);
                }
                self.next();
            }
            Verb::Remember { slot } => self.remember(slot),
            Verb::End => self.finish_frame(),
        }
        Ok(())
    }

    fn branch(&mut self, arms: &'b [Arm]) {
        let names = self.names();
        let holds = |arm: &Arm| arm.when.as_ref().is_none_or(|when| self.evaluate_in(&names, when).is_true());
        match arms.iter().position(holds) {
            Some(index) => self.enter(index, &arms[index].steps),
            None => self.next(),
        }
    }

    pub(super) fn call(&mut self, call: &Call, waiting: Waiting) {
        let args = self.evaluate_all(&call.with);
        self.effects.push(Effect::Call { action: call.action.id.clone(), args });
        self.state.waiting = waiting;
    }

    /// The answer to a call, be it a step's own or a check of a value.
    pub(super) fn called(&mut self, result: Value) -> Result<(), AdvanceError> {
        let waiting =
            self.take_waiting(|waiting| matches!(waiting, Waiting::Call | Waiting::Check { .. }), "called")?;
        match (waiting, self.step().map(|step| &step.verb)) {
            (Waiting::Call, Some(Verb::Call(call))) => {
                self.set_slot("error", Value::None);
                if let Some(into) = &call.into {
                    self.set_slot(&into.id, result);
                }
                self.next();
            }
            (Waiting::Check { value }, Some(Verb::Collect(collect))) => {
                self.checked(collect, value, result);
            }
            // The bot has changed meanwhile: the step that now stands here is performed.
            _ => {}
        }
        self.proceed()
    }

    pub(super) fn call_step_failed(&mut self, reason: CallFailure) {
        let Some(Verb::Call(call)) = self.step().map(|step| &step.verb) else { return };
        self.set_slot("error", Value::text(reason.name()));
        if let Some(into) = &call.into {
            self.set_slot(&into.id, Value::None);
        }
        self.enter_outcome(0, &call.on_error, "action_failed");
    }

    fn search(&mut self, search: &'b Search) {
        let query = self.evaluate(&search.query);
        let query = crate::expression::show(&query, &self.state.language);
        if query.trim().is_empty() {
            return self.nothing_found();
        }
        self.effects.push(Effect::Search { query });
        self.state.waiting = Waiting::Search;
    }

    pub(super) fn nothing_found(&mut self) {
        if let Some(Verb::Search(Search { on_nothing: Some(block), .. })) = self.step().map(|step| &step.verb)
        {
            self.enter(0, block);
        } else {
            self.say(Say::plain("no_answer"));
            self.next();
        }
    }

    fn run_flow(&mut self, call: &FlowCall) -> Result<(), AdvanceError> {
        if self.state.stack.len() >= MAX_DEPTH {
            return Err(AdvanceError::Endless { flow: call.flow.id.clone() });
        }
        let slots = self.evaluate_all(&call.with);
        let returns_into = call.into.as_ref().map(|into| into.id.clone());
        self.state.stack.push(Frame { slots, returns_into, ..Frame::new(&call.flow.id) });
        Ok(())
    }

    fn go_to_flow(&mut self, call: &FlowCall) {
        let slots: Record = self.evaluate_all(&call.with);
        self.leave_stack(crate::effect::FlowOutcome::Completed);
        self.state.stack.push(Frame { slots, ..Frame::new(&call.flow.id) });
    }

    fn remember(&mut self, slot: &Named) {
        let value = self.slot(&slot.id);
        if value.is_none() {
            self.state.person.remove(&slot.id);
        } else {
            self.state.person.insert(slot.id.clone(), value.clone());
        }
        self.effects.push(Effect::Remember { slot: slot.id.clone(), value });
        self.next();
    }
}
