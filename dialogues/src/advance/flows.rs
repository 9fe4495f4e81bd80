//! Beginning, pausing, ending and taking up flows, and steering between them.

use super::AdvanceError;
use super::run::Run;
use crate::answer::{choose_at, clarify_choices};
use crate::effect::{Effect, FlowOutcome, Say};
use crate::event::Repair;
use crate::expression::Value;
use crate::flow::{Flow, Step, Verb};
use crate::payload::{self, Payload, flow_title};
use crate::state::{Frame, Waiting};

/// How many begun flows may wait for others.
const MAX_PAUSED: usize = 3;

impl<'b> Run<'b> {
    /// Begins a flow; what was going on waits. A flow that waits is taken up again, and a flow that is going
    /// on already asks again, or begins anew where it was only waiting for a choice.
    pub(super) fn begin(&mut self, flow: &str) -> Result<(), AdvanceError> {
        let Some(flow) = self.bot.flows.get(flow) else {
            return Err(AdvanceError::UnknownFlow { flow: flow.to_owned() });
        };
        let going_on = self.state.stack.first().is_some_and(|frame| frame.flow == flow.id);
        let asks_choice = self.state.waiting == Waiting::Choice;
        self.leave_lightly();
        self.state.waiting = Waiting::Nothing;
        if going_on && !asks_choice && !self.state.stack.is_empty() {
            return self.proceed();
        }
        if going_on {
            self.leave_stack(FlowOutcome::Abandoned);
        }
        self.pause();
        let waiting =
            self.state.paused.iter().position(|stack| stack.first().is_some_and(|f| f.flow == flow.id));
        match waiting {
            Some(index) => {
                self.state.stack = self.state.paused.remove(index);
                self.state.has_asked = true;
            }
            None => self.start(flow),
        }
        self.proceed()
    }

    fn start(&mut self, flow: &Flow) {
        self.state.stack.push(Frame::new(&flow.id));
        self.state.has_asked = false;
        self.state.finished = None;
    }

    /// An optional choice leaves nothing open: turning to something else simply ends its flow.
    fn leave_lightly(&mut self) {
        let optional = self.state.waiting == Waiting::Choice
            && choose_at(self.bot, &self.state).is_some_and(|choose| choose.optional);
        if optional {
            self.leave_stack(FlowOutcome::Completed);
        }
    }

    fn pause(&mut self) {
        if !self.state.stack.is_empty() {
            self.state.paused.push(std::mem::take(&mut self.state.stack));
        }
        if self.state.paused.len() > MAX_PAUSED {
            let oldest = self.state.paused.remove(0);
            self.ended(oldest.first(), FlowOutcome::Abandoned);
        }
    }

    fn ended(&mut self, root: Option<&Frame>, outcome: FlowOutcome) {
        if let Some(root) = root {
            self.effects.push(Effect::Ended { flow: root.flow.clone(), outcome });
        }
    }

    /// Ends every flow of the present stack.
    pub(super) fn leave_stack(&mut self, outcome: FlowOutcome) {
        let stack = std::mem::take(&mut self.state.stack);
        self.ended(stack.first(), outcome);
        self.state.finished = stack.into_iter().next();
        self.state.waiting = Waiting::Nothing;
        self.state.asked.clear();
    }

    /// Ends the innermost flow, which goes back to the flow that ran it, or on to what is paused.
    pub(super) fn finish_frame(&mut self) {
        if self.state.stack.len() <= 1 {
            self.leave_stack(FlowOutcome::Completed);
            return self.take_up();
        }
        if let Some(frame) = self.state.stack.pop()
            && let Some(into) = &frame.returns_into
        {
            self.set_slot(into, Value::Record(frame.slots));
        }
        self.next();
    }

    /// After a flow has ended: a paused flow goes on by itself when the person was asked nothing meanwhile,
    /// and is offered otherwise.
    fn take_up(&mut self) {
        let Some(paused) = self.state.paused.last() else { return };
        let Some(flow) = paused.first().map(|frame| flow_title(&frame.flow)) else { return };
        if !self.state.has_asked {
            return self.resume();
        }
        let offer = Say { choices: payload::resume().to_vec(), ..Say::with("resume_flow", "flow", flow) };
        self.ask(vec![offer], Waiting::Resume);
    }

    fn resume(&mut self) {
        let Some(stack) = self.state.paused.pop() else { return };
        self.pause();
        self.state.stack = stack;
        self.state.waiting = Waiting::Nothing;
        self.state.has_asked = true;
    }

    pub(super) fn answer_resume(&mut self, yes: bool) -> Result<(), AdvanceError> {
        self.state.waiting = Waiting::Nothing;
        if yes {
            self.resume();
            return self.proceed();
        }
        let dropped = self.state.paused.pop();
        self.ended(dropped.as_ref().and_then(|stack| stack.first()), FlowOutcome::Cancelled);
        let flow = dropped.and_then(|stack| stack.into_iter().next()).map(|frame| flow_title(&frame.flow));
        if let Some(flow) = flow {
            self.say(Say::with("cancelled_flow", "flow", flow));
        }
        Ok(())
    }

    /// Ends everything for an agent to take over.
    pub(super) fn hand_off(&mut self, reason: &str) {
        self.effects.push(Effect::HandOff { reason: reason.to_owned() });
        self.leave_stack(FlowOutcome::HandedOff);
        self.abandon_everything();
    }

    pub(super) fn abandon_everything(&mut self) {
        if !self.state.stack.is_empty() {
            self.leave_stack(FlowOutcome::Abandoned);
        }
        for stack in std::mem::take(&mut self.state.paused) {
            self.ended(stack.first(), FlowOutcome::Abandoned);
        }
        self.state.waiting = Waiting::Nothing;
        self.state.asked.clear();
    }

    pub(super) fn repair(&mut self, repair: Repair) -> Result<(), AdvanceError> {
        match repair {
            Repair::Correct { slot, value } => self.correct(&slot, value),
            Repair::Cancel => self.cancel(),
            Repair::Skip => self.skip(),
            Repair::Repeat => {
                let asked = self.state.asked.clone();
                self.effects.extend(asked.into_iter().map(Effect::Say));
                Ok(())
            }
            Repair::Resume => {
                self.leave_lightly();
                self.resume();
                self.proceed()
            }
            Repair::Clarify { flows } => {
                self.clarify(flows);
                Ok(())
            }
        }
    }

    /// Goes back to where the slot was collected, keeping what was collected since; what is known to be good
    /// is not asked again, and calls are made again.
    fn correct(&mut self, slot: &str, value: Value) -> Result<(), AdvanceError> {
        let bot = self.bot;
        let place = |frame: &Frame| Some(bot.flows.get(&frame.flow)?.collects(slot).next()?.0);
        let reopens = self.state.stack.is_empty() && self.state.finished.as_ref().and_then(place).is_some();
        if reopens {
            self.state.stack.extend(self.state.finished.take());
        }
        let mut frames = self.state.stack.iter().enumerate().rev();
        let found = frames.find_map(|(index, frame)| Some((index, place(frame)?)));
        let Some((index, position)) = found else { return Ok(()) };
        self.state.stack.truncate(index + 1);
        if let Some(frame) = self.state.stack.last_mut() {
            frame.at = position;
            frame.attempts = 0;
            frame.skipped.remove(slot);
            frame.slots.insert(slot.to_owned(), value.clone());
        }
        self.state.waiting = Waiting::Nothing;
        self.say(Say::with("corrected", "value", value));
        self.proceed()
    }

    fn cancel(&mut self) -> Result<(), AdvanceError> {
        match (self.state.waiting == Waiting::Resume, self.state.stack.first()) {
            (true, _) => self.answer_resume(false),
            (false, None) => {
                self.state.waiting = Waiting::Nothing;
                Ok(())
            }
            (false, Some(root)) => {
                let flow = flow_title(&root.flow);
                self.leave_stack(FlowOutcome::Cancelled);
                self.state.finished = None;
                self.say(Say::with("cancelled_flow", "flow", flow));
                self.state.has_asked = true;
                self.take_up();
                self.proceed()
            }
        }
    }

    fn skip(&mut self) -> Result<(), AdvanceError> {
        match (&self.state.waiting, self.step().map(|step| &step.verb)) {
            (Waiting::Slot, Some(Verb::Collect(collect))) if collect.optional => {
                if let Some(frame) = self.state.stack.last_mut() {
                    frame.skipped.insert(collect.slot.clone());
                }
                self.set_slot(&collect.slot, Value::None);
                self.say(Say::plain("skipped"));
            }
            (Waiting::Choice, Some(Verb::Choose(choose))) if choose.optional => {}
            _ => {
                self.say(Say::plain("cannot_skip"));
                return self.repair(Repair::Repeat);
            }
        }
        self.state.waiting = Waiting::Nothing;
        self.next();
        self.proceed()
    }

    fn clarify(&mut self, flows: Vec<String>) {
        self.leave_lightly();
        self.pause();
        let known: Vec<String> = flows.into_iter().filter(|flow| self.bot.flows.contains_key(flow)).collect();
        let question = Say { choices: clarify_choices(&known), ..Say::plain("clarify_which") };
        self.ask(vec![question], Waiting::Clarify { flows: known });
    }

    /// A quick reply was pressed, perhaps an old one.
    pub(super) fn pressed(&mut self, payload: &Payload<'_>) -> Result<(), AdvanceError> {
        match payload {
            Payload::Begin { flow } if self.bot.flows.contains_key(*flow) => self.begin(flow),
            Payload::Resume { yes } if self.state.waiting == Waiting::Resume => self.answer_resume(*yes),
            Payload::NoneOfThese if matches!(self.state.waiting, Waiting::Clarify { .. }) => {
                self.state.waiting = Waiting::Nothing;
                self.say(Say::plain("fallback_ask_again"));
                self.resume();
                self.proceed()
            }
            Payload::Begin { .. } | Payload::Resume { .. } | Payload::NoneOfThese => {
                self.repair(Repair::Repeat)
            }
            Payload::Option { flow, position, option } => {
                let asked = self.state.stack.last().is_some_and(|f| f.flow == *flow && f.at == *position);
                let open = asked && matches!(self.state.waiting, Waiting::Slot | Waiting::Choice);
                let step = self.bot.flows.get(*flow).and_then(|flow| flow.step(position));
                match step {
                    Some(step) if open => self.pressed_option(step, option),
                    Some(step) => self.pressed_old_option(step, option),
                    None => self.repair(Repair::Repeat),
                }
            }
        }
    }

    fn pressed_option(&mut self, step: &'b Step, option: &str) -> Result<(), AdvanceError> {
        match &step.verb {
            Verb::Choose(choose) => match choose.options.iter().position(|offered| offered.id.id == option) {
                Some(index) => self.take_choice(choose, index),
                None => self.repair(Repair::Repeat),
            },
            Verb::Collect(collect) if collect.options.iter().any(|offered| offered.id == option) => {
                self.state.waiting = Waiting::Nothing;
                self.offer(collect, Value::text(option));
                self.proceed()
            }
            _ => self.repair(Repair::Repeat),
        }
    }

    /// An old reply that leads to a flow still does; any other asks the open question again.
    fn pressed_old_option(&mut self, step: &'b Step, option: &str) -> Result<(), AdvanceError> {
        if let Verb::Choose(choose) = &step.verb
            && let Some(offered) = choose.options.iter().find(|offered| offered.id.id == option)
            && let Some(Verb::GoTo(call) | Verb::Run(call)) = offered.steps.first().map(|step| &step.verb)
        {
            return self.begin(&call.flow.id);
        }
        self.repair(Repair::Repeat)
    }
}
