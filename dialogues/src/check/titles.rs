//! Checks of `titles.yaml`: that what is given a title is there, in a language of the bot.

use std::collections::BTreeMap;

use super::Check;
use crate::entities::BUILT_IN;
use crate::problem::{Place, advise};
use crate::titles::Title;

impl Check<'_> {
    pub(super) fn titles(&mut self) {
        let bot = self.bot;
        if !self.unread.has("bot.yaml") {
            let intents: Vec<&str> = bot.settings.intents.iter().map(|intent| intent.id.as_str()).collect();
            self.titled("intent", &bot.readable.intents, &intents);
        }
        if !self.unread.has_flows() {
            let flows: Vec<&str> = bot.flows.keys().map(String::as_str).collect();
            self.titled("flow", &bot.readable.flows, &flows);
        }
        if !self.unread.has("entities.yaml") {
            let built_in = BUILT_IN.iter().map(|(name, _)| *name);
            let entities: Vec<&str> = bot.entities.keys().map(String::as_str).chain(built_in).collect();
            self.titled("entity", &bot.readable.entities, &entities);
        }
    }

    fn titled(&mut self, what: &str, titles: &BTreeMap<String, Title>, known: &[&str]) {
        for (id, title) in titles {
            let place = Place { file: "titles.yaml", mark: title.mark, key: id };
            if !known.contains(&id.as_str()) {
                let advice = advise(id, known.iter().copied());
                self.problems.error(place, format!("there is no {what} `{id}`"), advice);
            }
            for language in title.by_language.keys() {
                self.known_language(language, place);
            }
        }
    }
}
