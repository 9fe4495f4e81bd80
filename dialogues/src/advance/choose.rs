//! Asking for one of a few ways to go on.

use super::AdvanceError;
use super::run::Run;
use crate::answer::{self, is_number_alone, open_options};
use crate::effect::Say;
use crate::event::Heard;
use crate::expression::Value;
use crate::flow::{Choose, Verb};
use crate::state::Waiting;

impl<'b> Run<'b> {
    pub(super) fn ask_choice(&mut self, choose: &Choose, before: Vec<Say>) {
        let question = self.worded(&choose.say.wording.id, &choose.say.with);
        let question = Say { choices: open_options(self.bot, &self.state), ..question };
        let says = before.into_iter().chain([question]).collect();
        self.ask(says, Waiting::Choice);
    }

    /// An answer to the open question of a choose step.
    pub(super) fn heard_for_choice(&mut self, heard: &Heard) -> Result<(), AdvanceError> {
        let Some(Verb::Choose(choose)) = self.step().map(|step| &step.verb) else {
            self.state.waiting = Waiting::Nothing;
            return self.proceed();
        };
        match answer::chosen(self.bot, choose, heard) {
            Some(index) => {
                if is_number_alone(&heard.text) {
                    // The number of an option is no number for a slot.
                    self.state.mentions.clear();
                }
                self.take_choice(choose, index)
            }
            None if answer::declines(self.bot, choose, heard) => self.give_up_choice(choose),
            None => self.not_chosen(choose),
        }
    }

    pub(super) fn take_choice(&mut self, choose: &'b Choose, index: usize) -> Result<(), AdvanceError> {
        self.state.waiting = Waiting::Nothing;
        let option = &choose.options[index];
        if let Some(into) = &choose.into {
            self.set_slot(&into.id, Value::text(&option.id.id));
        }
        self.enter(index, &option.steps);
        self.proceed()
    }

    fn not_chosen(&mut self, choose: &'b Choose) -> Result<(), AdvanceError> {
        let attempts = self.state.stack.last_mut().map_or(0, |frame| {
            frame.attempts += 1;
            frame.attempts
        });
        if attempts < choose.attempts {
            self.ask_choice(choose, vec![Say::plain("fallback_ask_again")]);
            return Ok(());
        }
        self.give_up_choice(choose)
    }

    fn give_up_choice(&mut self, choose: &'b Choose) -> Result<(), AdvanceError> {
        self.state.waiting = Waiting::Nothing;
        if choose.optional && choose.otherwise.steps().is_none() {
            self.next();
        } else {
            self.enter_outcome(choose.options.len(), &choose.otherwise, "could_not_choose");
        }
        self.proceed()
    }
}
