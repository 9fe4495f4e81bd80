//! A bot: everything its files say, checked as a whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::actions::{self, Action};
use crate::check::{self, Unread};
use crate::entities::{self, Entity};
use crate::examples::{self, Examples};
use crate::expression::Titles;
use crate::flow::{self, Collect, Flow};
use crate::problem::{Mark, Place, Problem, Problems};
use crate::reading::{Node, Reading, Yaml, parse};
use crate::scenario::{self, Scenario};
use crate::settings::{self, Settings};
use crate::titles::{self, ReadableTitles};
use crate::wording::{self, Entry, Part, Wording};

/// A bot that can be put into service.
#[derive(Debug, Clone, Default)]
pub struct Bot {
    pub settings: Settings,
    /// By id.
    pub flows: BTreeMap<String, Flow>,
    /// By name.
    pub actions: BTreeMap<String, Action>,
    /// The bot's own entities, by name.
    pub entities: BTreeMap<String, Entity>,
    /// By language.
    pub wording: BTreeMap<String, Wording>,
    pub scenarios: Vec<Scenario>,
    /// What people read instead of ids.
    pub readable: ReadableTitles,
    /// What is odd without keeping the bot from running.
    pub warnings: Vec<Problem>,
    /// What options are called, for recognising them.
    pub(crate) plain_titles: BTreeMap<String, Vec<String>>,
}

impl Bot {
    /// Reads the files of a bot's folder, by path relative to it (`flows/track_order.yaml`); files of
    /// other crates (`articles/`, `figures/`) are left alone, and the examples are checked but not kept.
    /// Every problem of every file is reported, in the order of the files.
    pub fn read(files: &BTreeMap<String, String>) -> Result<Bot, Vec<Problem>> {
        let mut problems = Problems::default();
        let mut bot = Bot::default();
        let mut unread = Unread::default();
        let mut examples = Vec::new();
        for (file, text) in files {
            let Some(part) = BotFile::of(file) else {
                problems.extend(crate::stray::stray_file(file));
                continue;
            };
            if let BotFile::Examples = part {
                read_examples(file, text, &mut examples, &mut unread, &mut problems);
                continue;
            }
            let node = parse(file, text, &mut problems);
            if node.as_ref().is_none_or(|node| !part.fits(node)) {
                unread.add(file);
            }
            if let Some(node) = node {
                bot.add(part, &node, &mut Reading { file, problems: &mut problems });
            }
        }
        let ids: BTreeSet<String> = bot.flows.keys().cloned().collect();
        bot.flows.values_mut().for_each(|flow| flow.link_options(&ids));
        for file in ["bot.yaml", "actions.yaml", "entities.yaml"] {
            if !files.contains_key(file) {
                let place = Place { file, mark: Mark::default(), key: "file" };
                problems.error(place, "is missing", "every bot has one; it may be `{}` except for bot.yaml");
                unread.add(file);
            }
        }
        check::check(&bot, &examples, &unread, &mut problems);
        if problems.has_errors() {
            return Err(problems.into_sorted());
        }
        bot.warnings = problems.into_sorted();
        bot.plain_titles = crate::answer::plain_titles(&bot);
        Ok(bot)
    }

    fn add(&mut self, part: BotFile<'_>, node: &Node, reading: &mut Reading<'_>) {
        match part {
            BotFile::Settings => self.settings = settings::read(node, reading),
            BotFile::Actions => self.actions = actions::read(node, reading),
            BotFile::Entities => self.entities = entities::read(node, reading),
            BotFile::Wording { language } => {
                self.wording.insert(language.to_owned(), wording::read(node, reading));
            }
            BotFile::Examples => {}
            BotFile::Titles => self.readable = titles::read(node, reading),
            BotFile::Scenarios => self.scenarios.extend(scenario::read(node, reading)),
            BotFile::Flow => {
                let Some(flow) = flow::read(node, reading) else { return };
                if self.flows.contains_key(&flow.id) {
                    reading.error(flow.mark, "flow", format!("there is a second flow `{}`", flow.id), "");
                }
                self.flows.insert(flow.id.clone(), flow);
            }
        }
    }

    /// The flow that an intent starts.
    pub fn flow_for_intent(&self, intent: &str) -> Option<&Flow> {
        self.flows.values().find(|flow| flow.intent.as_ref().is_some_and(|named| named.id == intent))
    }

    /// Whether an intent is answered from the articles.
    pub fn answers_from_knowledge(&self, intent: &str) -> bool {
        self.settings.answer_from_knowledge.iter().any(|named| named.id == intent)
    }

    /// The entity that fills a collect step's slot: the one it names, or else the one named like the slot;
    /// none where the whole text fills it (`entity: text`).
    pub fn entity_of<'a>(&'a self, collect: &'a Collect) -> Option<&'a str> {
        match &collect.entity {
            Some(named) => Some(named.id.as_str()).filter(|id| *id != "text"),
            None => Some(collect.slot.as_str()).filter(|slot| self.has_entity(slot)),
        }
    }

    pub(crate) fn has_entity(&self, name: &str) -> bool {
        self.entities.contains_key(name) || entities::BUILT_IN.iter().any(|(built_in, _)| *built_in == name)
    }

    /// Whether the id is a value of a list entity, whose name is then its title.
    pub(crate) fn is_list_value(&self, id: &str) -> bool {
        self.entities.values().any(|entity| entity.has_value(id))
    }

    /// The short text of a wording id without values, or the name of an entity's value; the default
    /// language stands in for one that is missing.
    pub fn title(&self, id: &str, language: &str) -> Option<String> {
        let fallback = self.settings.default_language.as_str();
        let mut entities = self.entities.values();
        if let Some(name) = entities.find_map(|entity| entity.name_of(id, language, fallback)) {
            return Some(name.to_owned());
        }
        self.wording_entry(id, language)?.texts.first()?.plain().map(str::to_owned)
    }

    /// What a flow is called, by language: its own title, else that of the intent which starts it.
    pub fn flow_title(&self, flow: &Flow) -> Option<&BTreeMap<String, String>> {
        let intent = || self.readable.intents.get(&flow.intent.as_ref()?.id);
        self.readable.flows.get(&flow.id).or_else(intent).map(|title| &title.by_language)
    }

    pub(crate) fn wording_entry(&self, id: &str, language: &str) -> Option<&Entry> {
        let entry = |language: &str| self.wording.get(language)?.entries.get(id);
        entry(language).or_else(|| entry(&self.settings.default_language))
    }

    /// The outermost names that a wording uses in any language.
    pub(crate) fn wording_names(&self, id: &str) -> BTreeSet<&str> {
        self.wording.values().filter_map(|wording| wording.entries.get(id)).flat_map(Entry::names).collect()
    }

    pub(crate) fn titles(&self) -> BotTitles<'_> {
        BotTitles { bot: self }
    }
}

fn read_examples(
    file: &str,
    text: &str,
    examples: &mut Vec<Examples>,
    unread: &mut Unread,
    problems: &mut Problems,
) {
    match examples::read_examples(file, text) {
        Some(Ok(read)) => examples.push(read),
        Some(Err(problem)) => {
            unread.add(file);
            problems.extend([problem]);
        }
        None => {}
    }
}

/// The bot's texts for the functions `title` and `baht`.
pub(crate) struct BotTitles<'b> {
    bot: &'b Bot,
}

impl Titles for BotTitles<'_> {
    fn title(&self, id: &str, language: &str) -> Option<String> {
        self.bot.title(id, language)
    }

    fn baht(&self, satang: f64, language: &str) -> String {
        let amount = crate::expression::grouped(satang / 100.0);
        let entry = self.bot.wording_entry("format_baht", language);
        let Some(template) = entry.and_then(|entry| entry.texts.first()) else { return amount };
        let parts = template.parts().iter().map(|part| match part {
            Part::Text(text) => text.as_str(),
            // `check` lets `format_baht` have no other value than the amount.
            Part::Value(_) => amount.as_str(),
            Part::Break => "",
        });
        parts.collect()
    }
}

/// A file that this crate reads.
#[derive(Clone, Copy)]
pub(crate) enum BotFile<'f> {
    Settings,
    Actions,
    Entities,
    Titles,
    Flow,
    Wording { language: &'f str },
    Scenarios,
    Examples,
}

impl<'f> BotFile<'f> {
    pub(crate) fn of(file: &'f str) -> Option<Self> {
        match file {
            "bot.yaml" => return Some(BotFile::Settings),
            "actions.yaml" => return Some(BotFile::Actions),
            "entities.yaml" => return Some(BotFile::Entities),
            "titles.yaml" => return Some(BotFile::Titles),
            _ => {}
        }
        if examples::language_and_intent(file).is_some() {
            return Some(BotFile::Examples);
        }
        let (folder, name) = file.split_once('/')?;
        let stem = name.strip_suffix(".yaml")?;
        match folder {
            "flows" => Some(BotFile::Flow),
            "wording" => Some(BotFile::Wording { language: stem }),
            "scenarios" => Some(BotFile::Scenarios),
            _ => None,
        }
    }

    /// Whether a file of this kind can be a value such as this.
    fn fits(self, node: &Node) -> bool {
        matches!((self, &node.value), (BotFile::Scenarios, _) | (_, Yaml::Map(_)))
    }
}

#[cfg(test)]
mod tests;
