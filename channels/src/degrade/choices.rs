//! The choices below the last message, and the numbered list that stands for them or carries them.

use super::{Loss, Planner, is_blank, plain};
use crate::{Choice, Feature, Part};

impl Planner<'_> {
    pub(super) fn offer(&mut self, choices: &[Choice]) {
        let titled: Vec<Choice> = choices.iter().filter(|choice| !is_blank(&choice.title)).cloned().collect();
        if titled.len() < choices.len() {
            self.lose(Loss::Untitled);
        }
        if titled.is_empty() {
            return;
        }
        let fit = self.caps.has(Feature::Choices)
            && titled.len() <= self.caps.choices
            && titled.iter().all(|choice| self.choice_fits(choice))
            && self.titles_differ(&titled.iter().map(|choice| choice.title.as_str()).collect::<Vec<_>>());
        if !(fit && self.last_can_carry()) {
            // Where only the carrier is missing, the same list is what the choices hang under: it needs no wording.
            let list: Vec<String> = titled.iter().map(|choice| self.number(choice.clone())).collect();
            self.lose(if fit { Loss::ChoicesApart } else { Loss::ChoicesNumbered });
            self.append_list(&list.join("\n"));
        }
        if fit {
            self.shorten_carrier();
            if let Some(last) = self.done.shown.last_mut() {
                last.choices = titled;
            }
        }
    }

    /// Cuts the last text where it is longer than a text with choices may be.
    fn shorten_carrier(&mut self) {
        let limit = self.caps.choice_text_limit;
        let carrier = self.done.shown.last_mut().and_then(|last| match &mut last.part {
            Part::Text { text } if self.caps.text_unit.measure(text) > limit => Some(std::mem::take(text)),
            _ => None,
        });
        let Some(text) = carrier else { return };
        self.done.shown.pop();
        let last = self.say_but_last(&text, limit);
        self.done.shown.push(plain(Part::Text { text: last }));
    }

    fn last_can_carry(&self) -> bool {
        self.done.shown.last().is_some_and(|last| {
            matches!(last.part, Part::Text { .. }) || self.caps.has(Feature::ChoicesUnderAnything)
        })
    }

    fn choice_fits(&self, choice: &Choice) -> bool {
        self.title_fits(&choice.title, self.caps.choice_title_limit) && self.payload_fits(&choice.payload)
    }
}
