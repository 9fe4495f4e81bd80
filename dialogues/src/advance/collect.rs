//! Filling a slot: what is known already, what is said, and whether it is good.

use super::AdvanceError;
use super::run::Run;
use crate::answer::{self, is_number_alone, open_options};
use crate::effect::Say;
use crate::event::{CallFailure, Heard, Mention};
use crate::expression::Value;
use crate::flow::{Collect, Verb};
use crate::state::Waiting;

impl<'b> Run<'b> {
    /// Passes the step when the slot can be filled without asking, and asks otherwise.
    pub(super) fn collect(&mut self, collect: &'b Collect) {
        let skipped = self.state.stack.last().is_some_and(|frame| frame.skipped.contains(&collect.slot));
        if skipped {
            return self.next();
        }
        let present = self.slot(&collect.slot);
        if !present.is_none() {
            return self.offer(collect, present);
        }
        if let Some(value) = self.mentioned(collect) {
            return self.offer(collect, value);
        }
        if let Some((known, _)) = &collect.known {
            let value = self.evaluate(known);
            // What is known but no longer good is passed over in silence: the person never said it now.
            if !value.is_none() && self.is_good(collect, &value) {
                return self.offer(collect, value);
            }
        }
        self.ask_slot(collect);
    }

    /// Takes the first good mention of the slot's entity, so that it fills no second slot. The person was
    /// not asked for it, so one that is not good is passed over.
    fn mentioned(&mut self, collect: &Collect) -> Option<Value> {
        let entity = self.bot.entity_of(collect)?;
        let good = |mention: &Mention| mention.kind == entity && self.is_good(collect, &mention.value);
        let index = self.state.mentions.iter().position(good)?;
        Some(self.state.mentions.remove(index).value)
    }

    fn ask_slot(&mut self, collect: &Collect) {
        let say = self.question(&collect.ask.id);
        self.ask(vec![say], Waiting::Slot);
    }

    fn question(&self, wording: &str) -> Say {
        Say { choices: open_options(self.bot, &self.state), ..self.worded(wording, &[]) }
    }

    /// An answer to the open question of a collect step.
    pub(super) fn heard_for_slot(&mut self, heard: &Heard) -> Result<(), AdvanceError> {
        self.state.waiting = Waiting::Nothing;
        if let Some(Verb::Collect(collect)) = self.step().map(|step| &step.verb) {
            match answer::slot_answer(self.bot, collect, heard) {
                Some(answer) if answer.mention.is_some() => {
                    let value = self.mentioned(collect).unwrap_or(answer.value);
                    self.offer(collect, value);
                }
                Some(answer) => {
                    if !answer.certain || is_number_alone(&heard.text) {
                        // The whole text is the answer, so no part of it fills another slot.
                        self.state.mentions.clear();
                    }
                    self.offer(collect, answer.value);
                }
                None => self.invalid(collect),
            }
        }
        self.proceed()
    }

    /// Takes a value if it is good, asking an action where the flow wants one asked.
    pub(super) fn offer(&mut self, collect: &'b Collect, value: Value) {
        if !self.is_good(collect, &value) {
            return self.invalid(collect);
        }
        let Some(check) = &collect.check_with else { return self.accept(collect, value) };
        self.set_slot(&collect.slot, value.clone());
        self.call(&check.call, Waiting::Check { value });
        self.set_slot(&collect.slot, Value::None);
    }

    fn is_good(&self, collect: &Collect, value: &Value) -> bool {
        // A quick reply is good whatever the pattern is for typed answers.
        let is_option = collect.options.iter().any(|option| value.as_text() == Some(&option.id));
        let fits = collect.pattern.as_ref().is_none_or(|pattern| pattern.is_match(&written(value)));
        if !fits && !is_option {
            return false;
        }
        collect.valid_when.as_ref().is_none_or(|(condition, _)| {
            let mut names = self.names();
            names.insert(collect.slot.clone(), value.clone());
            self.evaluate_in(&names, condition).is_true()
        })
    }

    fn accept(&mut self, collect: &Collect, value: Value) {
        self.set_slot(&collect.slot, value);
        self.next();
    }

    /// The action has answered about a value.
    pub(super) fn checked(&mut self, collect: &'b Collect, value: Value, result: Value) {
        let Some(check) = &collect.check_with else { return self.accept(collect, value) };
        self.set_slot(&collect.slot, value.clone());
        self.set_slot("error", Value::None);
        if let Some(into) = &check.call.into {
            self.set_slot(&into.id, result);
        }
        let passes = check.passes_when.as_ref().is_none_or(|(when, _)| self.evaluate(when).is_true());
        if passes { self.accept(collect, value) } else { self.invalid(collect) }
    }

    /// The action has not answered about a value: refusing it makes it invalid, anything else is no fault
    /// of the person's.
    pub(super) fn check_failed(&mut self, reason: CallFailure) {
        let Some(Verb::Collect(collect)) = self.step().map(|step| &step.verb) else { return };
        self.set_slot("error", Value::text(reason.name()));
        if reason == CallFailure::Refused {
            self.invalid(collect);
        } else {
            self.enter_outcome(0, &collect.otherwise, "action_failed");
        }
    }

    fn invalid(&mut self, collect: &'b Collect) {
        self.set_slot(&collect.slot, Value::None);
        let Some(frame) = self.state.stack.last_mut() else { return };
        frame.attempts += 1;
        if frame.attempts >= collect.attempts {
            return self.enter_outcome(0, &collect.otherwise, "could_not_collect");
        }
        let says = if let Some(again) = &collect.ask_again {
            vec![self.question(&again.id)]
        } else {
            vec![Say::plain("fallback_ask_again"), self.question(&collect.ask.id)]
        };
        self.ask(says, Waiting::Slot);
    }
}

/// A value as a pattern sees it.
fn written(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => other.to_plain_json().to_string().trim_matches('"').to_owned(),
    }
}
