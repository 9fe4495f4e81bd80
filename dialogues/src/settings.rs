//! What `bot.yaml` says about the bot as a whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::problem::{Mark, Named};
use crate::reading::{Fields, Node, Reading};

/// The bot's own facts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The bot's id, which is its folder's name.
    pub bot: String,
    /// The name people see, by language.
    pub name: BTreeMap<String, String>,
    /// Empty where `bot.yaml` names none that the bot speaks, which is reported.
    pub default_language: String,
    /// Language tags such as `th`.
    pub languages: Vec<String>,
    /// Every intent the bot knows.
    pub intents: Vec<Named>,
    /// The intents that are answered from the articles.
    pub answer_from_knowledge: Vec<Named>,
    /// The named services that actions may call.
    pub services: Vec<String>,
    pub thresholds: Thresholds,
    /// Intents that have a least probability of their own to act on them.
    pub intent_thresholds: Vec<(Named, f64)>,
    pub words: Words,
}

impl Settings {
    /// The least probability of an intent to act on it.
    pub fn act_on(&self, intent: &str) -> f64 {
        let own = self.intent_thresholds.iter().find(|(named, _)| named.id == intent);
        own.map_or(self.thresholds.act, |(_, least)| *least)
    }
}

/// How sure the bot must be; all from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// The least probability of an intent to act on it.
    pub act: f64,
    /// The least probability of an intent to offer it as one of a few.
    pub clarify: f64,
    /// Two intents closer than this are offered for choice.
    pub margin: f64,
    /// The least score of an answer from the articles.
    pub answer: f64,
    /// An out-of-scope score above this is out of scope. At 0.5, nine in ten messages that are in scope are taken for it;
    /// a larger number lets more through.
    pub out_of_scope: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds { act: 0.6, clarify: 0.3, margin: 0.12, answer: 0.5, out_of_scope: 0.5 }
    }
}

/// What people write to steer a conversation, by language and in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    pub yes: ByLanguage,
    pub no: ByLanguage,
    pub cancel: ByLanguage,
    pub skip: ByLanguage,
    pub repeat: ByLanguage,
    pub resume: ByLanguage,
    /// Beginnings of a correction, such as "no, I meant".
    pub correct: ByLanguage,
    /// Particles that may stand at either end of any of the others, such as ครับ.
    pub polite: ByLanguage,
}

pub type ByLanguage = BTreeMap<String, Vec<String>>;

const KEYS: [&str; 9] = [
    "bot",
    "name",
    "default_language",
    "languages",
    "intents",
    "answer_from_knowledge",
    "services",
    "thresholds",
    "words",
];

/// The settings of `bot.yaml`; what is wrong or missing is reported and left at its default.
pub(crate) fn read(node: &Node, reading: &mut Reading<'_>) -> Settings {
    let Some(fields) = reading.fields(node, "bot.yaml", &KEYS) else { return Settings::default() };
    let languages: Vec<String> = fields
        .need("languages", reading)
        .map(|node| reading.names(node, "languages").into_iter().map(|named| named.id).collect())
        .unwrap_or_default();
    let default_language = read_default_language(&fields, &languages, reading);
    let names = |key: &str, reading: &mut Reading<'_>| {
        fields.get(key).map(|node| reading.names(node, key)).unwrap_or_default()
    };
    let (thresholds, intent_thresholds) =
        fields.get("thresholds").map(|node| read_thresholds(node, reading)).unwrap_or_default();
    let settings = Settings {
        bot: fields.need("bot", reading).and_then(|node| reading.text(node, "bot")).unwrap_or_default(),
        name: fields.need("name", reading).map(|node| reading.by_language(node, "name")).unwrap_or_default(),
        intents: names("intents", reading),
        answer_from_knowledge: names("answer_from_knowledge", reading),
        services: names("services", reading).into_iter().map(|named| named.id).collect(),
        thresholds,
        intent_thresholds,
        words: fields.get("words").map(|node| read_words(node, &languages, reading)).unwrap_or_default(),
        languages,
        default_language,
    };
    for language in &settings.languages {
        if !settings.name.contains_key(language) {
            let mark = fields.key_mark("name").unwrap_or(fields.mark);
            reading.error(mark, "name", format!("has no text in `{language}`"), "");
        }
    }
    settings
}

fn read_default_language(fields: &Fields<'_>, languages: &[String], reading: &mut Reading<'_>) -> String {
    let Some(node) = fields.need("default_language", reading) else { return String::new() };
    let Some(language) = reading.text(node, "default_language") else { return String::new() };
    let is_known = known_language(&language, node.mark, languages, reading);
    // Nothing is looked for in a language that the bot does not speak.
    if is_known { language } else { String::new() }
}

/// The channels on which a bot may speak.
pub(crate) const CHANNELS: [&str; 6] = ["messenger", "instagram", "whatsapp", "line", "telegram", "web"];

/// Reports a channel that there is not.
pub(crate) fn known_channel(channel: &str, mark: Mark, reading: &mut Reading<'_>) {
    if !CHANNELS.contains(&channel) {
        let advice = format!("the channels are {}", CHANNELS.join(", "));
        reading.error(mark, channel, format!("there is no channel `{channel}`"), advice);
    }
}

/// Whether the bot speaks a language; one that it does not is reported.
fn known_language(language: &str, mark: Mark, languages: &[String], reading: &mut Reading<'_>) -> bool {
    let is_known = languages.is_empty() || languages.iter().any(|known| known == language);
    if !is_known {
        let advice = format!("bot.yaml has the languages {}", languages.join(", "));
        reading.error(mark, language, format!("the bot does not speak `{language}`"), advice);
    }
    is_known
}

fn read_thresholds(node: &Node, reading: &mut Reading<'_>) -> (Thresholds, Vec<(Named, f64)>) {
    let (mut thresholds, mut intents) = (Thresholds::default(), Vec::new());
    let known = ["act", "clarify", "margin", "answer", "out_of_scope", "intents"];
    let Some(fields) = reading.fields(node, "thresholds", &known) else { return (thresholds, intents) };
    for (name, _, node) in fields.iter() {
        let place = match name {
            "act" => &mut thresholds.act,
            "clarify" => &mut thresholds.clarify,
            "margin" => &mut thresholds.margin,
            "answer" => &mut thresholds.answer,
            "out_of_scope" => &mut thresholds.out_of_scope,
            "intents" => {
                intents = read_intent_thresholds(node, reading);
                continue;
            }
            _ => continue,
        };
        if let Some(number) = reading.number(node, name, 0.0, 1.0) {
            *place = number;
        }
    }
    (thresholds, intents)
}

fn read_intent_thresholds(node: &Node, reading: &mut Reading<'_>) -> Vec<(Named, f64)> {
    let Some(fields) = reading.any_fields(node, "intents") else { return Vec::new() };
    let read = fields.iter().filter_map(|(intent, mark, node)| {
        Some((Named { id: intent.to_owned(), mark }, reading.number(node, intent, 0.0, 1.0)?))
    });
    read.collect()
}

fn read_words(node: &Node, languages: &[String], reading: &mut Reading<'_>) -> Words {
    let mut words = Words::default();
    let known = ["yes", "no", "cancel", "skip", "repeat", "resume", "correct", "polite"];
    let Some(fields) = reading.fields(node, "words", &known) else { return words };
    for (name, _, node) in fields.iter() {
        let place = match name {
            "yes" => &mut words.yes,
            "no" => &mut words.no,
            "cancel" => &mut words.cancel,
            "skip" => &mut words.skip,
            "repeat" => &mut words.repeat,
            "resume" => &mut words.resume,
            "correct" => &mut words.correct,
            "polite" => &mut words.polite,
            _ => continue,
        };
        let Some(fields) = reading.any_fields(node, name) else { continue };
        for (language, mark, node) in fields.iter() {
            known_language(language, mark, languages, reading);
            let list = reading.names(node, name).into_iter().map(|named| named.id.to_lowercase()).collect();
            place.insert(language.to_owned(), list);
        }
    }
    words
}
