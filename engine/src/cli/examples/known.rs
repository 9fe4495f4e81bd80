//! What a bot has already, and what of the examples that are brought is new to it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::ensure;
use dialogues::entities::FOUND_BY_NLU;
use serde::Deserialize;
use training::{Labelled, file_name};

use super::import::shown;
use super::of_bot;
use crate::bot_files::BotFiles;
use crate::cli::counted;

/// Bytes of an intent's name; a file's name holds 255, and its ending is one of them.
const LONGEST_NAME: usize = 200;

/// What of a bot the examples that are brought must fit.
pub(super) struct Known {
    settings: Settings,
    /// None where `entities.yaml` cannot be read.
    entities: Option<BTreeSet<String>>,
    /// The intent of each text, by the text as it is compared.
    texts: BTreeMap<String, String>,
}

/// Of `bot.yaml`; empty where it does not tell.
#[derive(Default, Deserialize)]
struct Settings {
    #[serde(default)]
    default_language: String,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    intents: Vec<String>,
}

/// Examples that were brought, by what becomes of them.
#[derive(Default)]
pub(super) struct Sorted {
    /// To be added: each in a language of the bot, its label a name that a file can have.
    pub(super) fresh: Vec<Labelled>,
    pub(super) there: usize,
    /// Without a label, or without words.
    pub(super) incomplete: usize,
    /// Texts that are another intent's, each told in a line.
    pub(super) conflicts: Vec<String>,
    /// Labels that are no name of a file, with the name that they get.
    pub(super) renamed: BTreeMap<String, String>,
    /// Entities that marks name and the bot does not have.
    pub(super) undeclared: BTreeSet<String>,
}

impl Known {
    pub(super) fn of_bot(folder: &Path) -> anyhow::Result<Self> {
        let files = BotFiles::from_folder(folder)?;
        let text = |name: &str| files.files.get(name).map_or("", String::as_str);
        let settings: Settings = serde_saphyr::from_str(text("bot.yaml")).unwrap_or_default();
        let entities = match text("entities.yaml").trim() {
            "" => Some(BTreeSet::new()),
            written => serde_saphyr::from_str::<BTreeMap<String, serde_json::Value>>(written)
                .ok()
                .map(|entities| entities.into_keys().collect()),
        };
        let there = of_bot(&files)?.into_iter();
        let texts = there.map(|one| (compared(&plain(&one.marked)), one.label)).collect();
        Ok(Self { settings, entities, texts })
    }

    /// Refuses languages that the bot does not speak, given with the number of their examples.
    pub(super) fn expect_languages(&self, found: &BTreeMap<&str, usize>) -> anyhow::Result<()> {
        let spoken = &self.settings.languages;
        let unknown: Vec<String> = found
            .iter()
            .filter(|(language, _)| !spoken.is_empty() && !spoken.iter().any(|one| one == *language))
            .map(|(language, count)| match count {
                0 => format!("`{language}`"),
                count => format!("`{language}` ({})", counted(*count, "example")),
            })
            .collect();
        ensure!(
            unknown.is_empty(),
            "the bot does not speak {}, and nothing was added: bot.yaml has the languages {}; add to them what is \
             missing, or leave it out",
            unknown.join(", "),
            spoken.join(", ")
        );
        Ok(())
    }

    /// Sorts what was brought. Labels, marks and languages that the bot could not hold are refused.
    pub(super) fn sort(&self, brought: Vec<Labelled>, language: Option<&str>) -> anyhow::Result<Sorted> {
        let mut sorted = Sorted::default();
        let mut texts = self.texts.clone();
        let mut broken = Vec::new();
        for example in brought {
            if example.label.trim().is_empty() {
                sorted.incomplete += 1;
                continue;
            }
            let written = match dialogues::read_marks(&example.marked) {
                Ok(written) => written,
                Err(reason) => {
                    broken.push(reason);
                    continue;
                }
            };
            if !dialogues::has_words(&written.plain) {
                sorted.incomplete += 1;
                continue;
            }
            let name = intent_name(&example.label)?;
            let before = texts.insert(compared(&written.plain), name.clone());
            match before {
                Some(intent) if intent == name => {
                    sorted.there += 1;
                    continue;
                }
                Some(intent) => {
                    sorted.conflicts.push(format!(
                        "«{}» is an example of `{intent}`: as one of `{name}` it is left out; keep it in the one that \
                         it means",
                        written.plain
                    ));
                    texts.insert(compared(&written.plain), intent);
                    continue;
                }
                None => {}
            }
            if name != example.label {
                sorted.renamed.insert(example.label.clone(), name.clone());
            }
            sorted.undeclared.extend(self.undeclared(&written.entities));
            let language = Some(self.language(&example, &written.plain, language));
            sorted.fresh.push(Labelled { label: name, language, ..example });
        }
        ensure!(
            broken.is_empty(),
            "nothing was added, for marks are not whole; a mark is written `[the customer's words](entity)`, and other \
             brackets come in pairs:\n{}",
            shown(&broken).join("\n")
        );
        let mut languages: BTreeMap<&str, usize> = BTreeMap::new();
        for example in &sorted.fresh {
            *languages.entry(example.language.as_deref().unwrap_or_default()).or_default() += 1;
        }
        self.expect_languages(&languages)?;
        Ok(sorted)
    }

    /// What is still to be done for the examples of an intent to be of use.
    pub(super) fn hint_about(&self, intent: &str) -> String {
        if intent == nlu::OUT_OF_SCOPE {
            return " (what no intent should answer)".to_owned();
        }
        if self.settings.intents.iter().any(|known| known == intent) {
            return String::new();
        }
        format!(" (a new intent: add `{intent}` to `intents` in bot.yaml, and a flow that begins with it)")
    }

    fn undeclared(&self, entities: &[&str]) -> Vec<String> {
        let Some(known) = &self.entities else { return Vec::new() };
        let new = entities.iter().filter(|name| !known.contains(**name) && !FOUND_BY_NLU.contains(name));
        new.map(|name| (*name).to_owned()).collect()
    }

    /// The language of an example: its own, the one that was named, or the one that it sounds like, where the bot speaks
    /// that, else the bot's first.
    fn language(&self, example: &Labelled, plain: &str, named: Option<&str>) -> String {
        let own = example.language.as_deref().and_then(|code| code.split(['-', '_']).next());
        let own = own.map(|code| code.trim().to_lowercase()).filter(|code| !code.is_empty() && code != "und");
        if let Some(told) = own.or_else(|| named.map(str::to_owned)) {
            return told;
        }
        let heard = nlu::detect(plain, None).language.code().to_owned();
        let Settings { default_language, languages, .. } = &self.settings;
        if default_language.is_empty() || languages.contains(&heard) {
            heard
        } else {
            default_language.clone()
        }
    }
}

fn plain(marked: &str) -> String {
    dialogues::read_marks(marked).map_or_else(|_| marked.to_owned(), |written| written.plain)
}

/// Texts that differ only in this are one example.
fn compared(plain: &str) -> String {
    plain.trim().to_lowercase()
}

/// What an intent of that label is called in a bot: its examples are in a file of that name.
fn intent_name(label: &str) -> anyhow::Result<String> {
    let name = file_name(label.trim());
    let begin: String = label.chars().take(40).collect();
    ensure!(
        name.chars().any(char::is_alphanumeric),
        "nothing was added: the label `{}` has no letter or digit, and an intent is called by its label: rename it",
        begin.escape_debug()
    );
    ensure!(
        name.len() <= LONGEST_NAME,
        "nothing was added: the label that begins with `{}` has {} bytes, and {LONGEST_NAME} is the most for the name \
         of an intent, which is that of a file: shorten it",
        begin.escape_debug(),
        name.len()
    );
    ensure!(
        !label.chars().any(char::is_control),
        "nothing was added: the label `{}` has control characters: rename it",
        begin.escape_debug()
    );
    Ok(name)
}
