//! Checks of `bot.yaml`, `actions.yaml` and `entities.yaml` against the rest.

use std::collections::BTreeSet;

use super::Check;
use crate::entities::Shape;
use crate::problem::{Mark, Place, advise};

impl Check<'_> {
    pub(super) fn settings(&mut self) {
        if self.unread.has("bot.yaml") {
            return;
        }
        let settings = &self.bot.settings;
        let mut seen = BTreeSet::new();
        for intent in &settings.intents {
            if !seen.insert(&intent.id) {
                let place = Place { file: "bot.yaml", mark: intent.mark, key: "intents" };
                self.problems.error(place, format!("`{}` is listed twice", intent.id), "");
            }
        }
        for intent in &settings.answer_from_knowledge {
            let place = Place { file: "bot.yaml", mark: intent.mark, key: "answer_from_knowledge" };
            if !seen.contains(&intent.id) {
                let advice = advise(&intent.id, settings.intents.iter().map(|intent| intent.id.as_str()));
                self.problems.error(place, format!("there is no intent `{}`", intent.id), advice);
            } else if let Some(flow) = self.bot.flow_for_intent(&intent.id) {
                let message = format!("`{}` also starts the flow `{}`", intent.id, flow.id);
                self.problems.error(place, message, "an intent is answered one way");
            }
        }
        for (intent, _) in &settings.intent_thresholds {
            if !seen.contains(&intent.id) {
                let place = Place { file: "bot.yaml", mark: intent.mark, key: "thresholds" };
                let advice = advise(&intent.id, settings.intents.iter().map(|intent| intent.id.as_str()));
                self.problems.error(place, format!("there is no intent `{}`", intent.id), advice);
            }
        }
        for intent in &settings.intents {
            let answered = self.bot.answers_from_knowledge(&intent.id);
            if !answered && self.bot.flow_for_intent(&intent.id).is_none() && !self.unread.has_flows() {
                let place = Place { file: "bot.yaml", mark: intent.mark, key: "intents" };
                let advice = "give it a flow, or list it under answer_from_knowledge";
                self.problems.warning(place, format!("nothing answers `{}`", intent.id), advice);
            }
        }
    }

    pub(super) fn actions(&mut self) {
        if self.unread.has("bot.yaml") {
            return;
        }
        let services = &self.bot.settings.services;
        for action in self.bot.actions.values() {
            if !services.contains(&action.service) {
                let place = Place { file: "actions.yaml", mark: action.mark, key: &action.name };
                let advice = advise(&action.service, services.iter().map(String::as_str));
                self.problems.error(place, format!("there is no service `{}`", action.service), advice);
            }
        }
    }

    pub(super) fn entities(&mut self) {
        for entity in self.bot.entities.values() {
            let Shape::List(values) = &entity.shape else { continue };
            for (id, value) in values {
                self.known_languages(
                    &entity.name,
                    entity.mark,
                    value.name.keys().chain(value.synonyms.keys()),
                );
                let default = &self.bot.settings.default_language;
                if !default.is_empty() && !value.name.contains_key(default) {
                    let place = Place { file: "entities.yaml", mark: entity.mark, key: id };
                    let message = format!("has no name in `{default}`");
                    self.problems.error(place, message, "the default language stands in for the others");
                }
            }
        }
    }

    fn known_languages<'k>(&mut self, key: &str, mark: Mark, used: impl Iterator<Item = &'k String>) {
        let used: BTreeSet<&String> = used.collect();
        for language in used {
            self.known_language(language, Place { file: "entities.yaml", mark, key });
        }
    }

    pub(super) fn known_language(&mut self, language: &str, place: Place<'_>) {
        let languages = &self.bot.settings.languages;
        if !languages.is_empty() && !languages.iter().any(|known| known == language) {
            let advice = format!("bot.yaml has the languages {}", languages.join(", "));
            self.problems.error(place, format!("the bot does not speak `{language}`"), advice);
        }
    }
}
