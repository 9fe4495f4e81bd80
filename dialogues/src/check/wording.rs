//! Checks of the wording: that it exists in every language and that its places can be filled.

use std::collections::BTreeSet;

use super::Check;
use crate::expression::{Kind, Kinds};
use crate::problem::{Mark, Named, Place, advise};
use crate::wording::{Entry, MAY_HAVE, NEEDED, Template};

impl Check<'_> {
    pub(super) fn wording(&mut self) {
        self.needed();
        self.begin_choices();
        self.texts_in_expressions();
        self.languages();
        self.translations();
        self.unused();
    }

    /// Reports a wording that no language has; one that only some have is a missing translation.
    pub(super) fn wording_exists(&mut self, wording: &Named, place: Place<'_>, advice: &str) {
        self.said.insert(wording.id.clone());
        let exists = self.bot.wording.values().any(|language| language.entries.contains_key(&wording.id));
        if exists || self.unread.has_wording() {
            return;
        }
        let known: BTreeSet<&str> = self
            .bot
            .wording
            .values()
            .flat_map(|wording| wording.entries.keys())
            .map(String::as_str)
            .collect();
        let nearest = Some(advise(&wording.id, known)).filter(|advice| advice.starts_with("did you"));
        let advice = nearest.unwrap_or_else(|| advice.to_owned());
        self.problems.error(place, format!("there is no wording `{}`", wording.id), advice);
    }

    /// A title is looked up by its id alone, so it can hold no values.
    pub(super) fn plain_title(&mut self, title: &Named, place: Place<'_>) {
        let texts = self.bot.wording.values().filter_map(|wording| wording.entries.get(&title.id));
        if texts.flat_map(|entry| &entry.texts).any(|template| template.plain().is_none()) {
            let message = format!("the wording `{}` has values in it, which a title cannot", title.id);
            self.problems.error(place, message, "");
        }
    }

    /// Checks the places of a wording in every language; `said_by` ends the message.
    pub(super) fn templates(&mut self, id: &str, kinds: &Kinds, said_by: &str) {
        for wording in self.bot.wording.values() {
            let Some(entry) = wording.entries.get(id) else { continue };
            for template in entry.templates() {
                for problem in template.expressions().flat_map(|expression| expression.check(kinds).1) {
                    let place = Place { file: &wording.file, mark: template.mark, key: id };
                    self.problems.error(place, format!("{}{said_by}", problem.message), problem.advice);
                }
            }
        }
    }

    fn needed(&mut self) {
        for needed in NEEDED {
            self.said.insert(needed.id.to_owned());
            let args = needed.args.iter();
            let kinds: Kinds = args.map(|arg| ((*arg).to_owned(), Kind::Unknown)).collect();
            let exists = self.bot.wording.values().any(|wording| wording.entries.contains_key(needed.id));
            if let Some(file) = self.default_file().filter(|_| !exists && !self.unread.has_wording()) {
                let place = Place { file: &file, mark: Mark::default(), key: needed.id };
                self.problems.error(place, "is missing", "every bot says it");
            }
            self.templates(needed.id, &kinds, "");
            if needed.id == "format_baht" {
                self.amount_alone();
            }
        }
    }

    fn amount_alone(&mut self) {
        for wording in self.bot.wording.values() {
            let Some(entry) = wording.entries.get("format_baht") else { continue };
            for template in entry.templates() {
                if template.expressions().any(|expression| expression.source() != "amount") {
                    let place = Place { file: &wording.file, mark: template.mark, key: "format_baht" };
                    self.problems.error(place, "its only place is `{amount}`", "");
                }
            }
        }
    }

    /// None where the default language is not known.
    fn default_file(&self) -> Option<String> {
        let language = Some(&self.bot.settings.default_language).filter(|language| !language.is_empty())?;
        Some(format!("wording/{language}.yaml"))
    }

    fn begin_choices(&mut self) {
        for wording in self.bot.wording.values() {
            for choice in wording.entries.values().flat_map(|entry| &entry.choices) {
                let (flow, title) = (&choice.begin, &choice.title);
                if !self.bot.flows.contains_key(&flow.id) && !self.unread.has_flow(&flow.id) {
                    let place = Place { file: &wording.file, mark: flow.mark, key: "begin" };
                    let advice = advise(&flow.id, self.bot.flows.keys().map(String::as_str));
                    self.problems.error(place, format!("there is no flow `{}`", flow.id), advice);
                }
                let place = Place { file: &wording.file, mark: title.mark, key: "title" };
                self.wording_exists(title, place, "");
                self.plain_title(title, place);
            }
        }
    }

    /// A wording id that stands as a text in an expression is taken to be used by `title(…)`.
    fn texts_in_expressions(&mut self) {
        let templates = self.bot.wording.values().flat_map(|wording| wording.entries.values());
        let expressions = templates.flat_map(Entry::templates).flat_map(Template::expressions);
        let texts: Vec<String> =
            expressions.flat_map(|expression| expression.texts()).map(str::to_owned).collect();
        self.said.extend(texts);
    }

    fn languages(&mut self) {
        for (language, wording) in &self.bot.wording {
            let place = Place { file: &wording.file, mark: Mark::default(), key: language };
            self.known_language(language, place);
        }
        for language in &self.bot.settings.languages {
            let file = format!("wording/{language}.yaml");
            if !self.bot.wording.contains_key(language) && !self.unread.has(&file) {
                let place = Place { file: &file, mark: Mark::default(), key: "file" };
                self.problems.error(place, "is missing", "bot.yaml lists the language");
            }
        }
    }

    /// A wording that one language has and another lacks is reported where it is.
    fn translations(&mut self) {
        let default = &self.bot.settings.default_language;
        let mut files: Vec<_> = self.bot.wording.iter().collect();
        files.sort_by_key(|(language, _)| *language != default);
        let mut seen = BTreeSet::new();
        for (_, wording) in files {
            for (id, entry) in &wording.entries {
                if !seen.insert(id) {
                    continue;
                }
                for (language, other) in &self.bot.wording {
                    if !other.entries.contains_key(id) {
                        let place = Place { file: &wording.file, mark: entry.mark, key: id };
                        let message = format!("has no `{language}` translation");
                        self.problems.error(place, message, format!("add it to {}", other.file));
                    }
                }
            }
        }
    }

    fn unused(&mut self) {
        if self.unread.has_flows() {
            return;
        }
        let default = &self.bot.settings.default_language;
        let Some(wording) = self.bot.wording.get(default) else { return };
        for (id, entry) in &wording.entries {
            if !self.said.contains(id) && !MAY_HAVE.contains(&id.as_str()) {
                let place = Place { file: &wording.file, mark: entry.mark, key: id };
                self.problems.warning(place, "nothing says it", "remove it, or say it");
            }
        }
    }
}
