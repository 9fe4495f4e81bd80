//! Bots in service: the dialogue, the understanding and the articles of each, swapped as one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock};

use dialogues::{Letters, Say, Shape};
use knowledge::{Article, Index};
use nlu::{EntityConfig, EntityFinder, Interpreter, ListEntity, ListValue, PatternEntity, Words};
use serde_json::{Value, json};

use crate::bot_files::{BotFiles, BotFilesError};

/// One bot as it answers now. A change makes another and puts it in this one's place.
pub struct LiveBot {
    pub name: String,
    /// The hash of the bot's files.
    pub hash: String,
    pub dialogue: dialogues::Bot,
    pub interpreter: Interpreter,
    pub index: Index,
    /// The word segmenter, which knows the bot's own names.
    pub words: Words,
}

/// Why a bot cannot be put into service.
#[derive(Debug, thiserror::Error)]
pub enum BotError {
    #[error(transparent)]
    Files(#[from] BotFilesError),
    /// Every problem of every file, one a line.
    #[error("the bot has mistakes:\n{}", .0.join("\n"))]
    Mistakes(Vec<String>),
    #[error("the bot's entities cannot be used: {0}")]
    Entities(#[from] nlu::EntityConfigError),
    #[error("the bot's articles cannot be indexed: {0}")]
    Index(#[from] knowledge::IndexError),
}

impl LiveBot {
    /// Reads and checks a bot. It understands by entities and words until a model is trained.
    pub fn read(files: &BotFiles) -> Result<Self, BotError> {
        let (dialogue, articles) = check(files)?;
        let words = Words::new(&names(&dialogue));
        let entities = EntityFinder::new(&entity_config(&dialogue), &words)?;
        let mut interpreter = Interpreter::new(&words, entities);
        if let Some(sentiment) = nlu::SentimentModel::shipped() {
            interpreter = interpreter.with_sentiment(sentiment);
        }
        let index = Index::build(articles, words.clone())?;
        Ok(Self { name: files.name.clone(), hash: files.hash(), dialogue, interpreter, index, words })
    }

    /// The same bot with another way to understand.
    #[must_use]
    pub fn with_interpreter(&self, interpreter: Interpreter) -> Self {
        Self {
            name: self.name.clone(),
            hash: self.hash.clone(),
            dialogue: self.dialogue.clone(),
            interpreter,
            index: self.index.clone(),
            words: self.words.clone(),
        }
    }

    /// The same bot with other passage vectors.
    #[must_use]
    pub fn with_index(&self, index: Index) -> Self {
        Self { index, ..self.with_interpreter(self.interpreter.clone()) }
    }

    /// The language to answer in: what was just spoken if the bot speaks it, else what the conversation spoke.
    pub fn language<'a>(&'a self, heard: Option<&'a str>, before: Option<&'a str>) -> &'a str {
        let settings = &self.dialogue.settings;
        let known = |language: &&str| settings.languages.iter().any(|spoken| spoken == language);
        heard.filter(known).or_else(|| before.filter(known)).unwrap_or(&settings.default_language)
    }
}

/// Every mistake of dialogue and articles together.
fn check(files: &BotFiles) -> Result<(dialogues::Bot, Vec<Article>), BotError> {
    let mut mistakes = Vec::new();
    let dialogue = dialogues::Bot::read(&files.files);
    if let Err(problems) = &dialogue {
        mistakes.extend(problems.iter().map(ToString::to_string));
    }
    let mut articles = Vec::new();
    for (path, text) in files.files.iter().filter(|(path, _)| path.starts_with("articles/")) {
        match Article::parse(path.trim_start_matches("articles/"), text) {
            Ok(article) => articles.push(article),
            Err(problems) => mistakes.extend(problems.iter().map(article_mistake)),
        }
    }
    match dialogue {
        Ok(dialogue) if mistakes.is_empty() => Ok((dialogue, articles)),
        _ => Err(BotError::Mistakes(mistakes)),
    }
}

/// The names that the word segmenter must know: the values of the bot's lists.
fn names(bot: &dialogues::Bot) -> Vec<String> {
    let values = bot.entities.values().filter_map(|entity| match &entity.shape {
        Shape::List(values) => Some(values.values()),
        Shape::Pattern { .. } => None,
    });
    values.flatten().flat_map(all_names).filter(|name| !name.is_ascii()).collect()
}

fn all_names(value: &dialogues::ListValue) -> Vec<String> {
    value.name.values().cloned().chain(value.synonyms.values().flatten().cloned()).collect()
}

fn entity_config(bot: &dialogues::Bot) -> EntityConfig {
    let mut config = EntityConfig::default();
    for entity in bot.entities.values() {
        match &entity.shape {
            Shape::Pattern { pattern, letters } => config.patterns.push(PatternEntity {
                name: entity.name.clone(),
                pattern: pattern.as_str().to_owned(),
                keep_case: *letters != Letters::Upper,
            }),
            Shape::List(values) => {
                let values = values
                    .iter()
                    .map(|(value, names)| ListValue { value: value.clone(), synonyms: all_names(names) })
                    .collect();
                config.lists.push(ListEntity { name: entity.name.clone(), values });
            }
        }
    }
    config
}

fn article_mistake(problem: &knowledge::Problem) -> String {
    let knowledge::Problem { file, line, column, key, message, advice } = problem;
    format!("articles/{file}:{line}:{column}: {key}: {message} ({advice})")
}

/// The bots in service, by name.
#[derive(Default)]
pub struct Bots(RwLock<HashMap<String, Arc<LiveBot>>>);

impl Bots {
    pub fn get(&self, name: &str) -> Option<Arc<LiveBot>> {
        self.0.read().ok()?.get(name).cloned()
    }

    pub fn put(&self, bot: LiveBot) -> Arc<LiveBot> {
        let bot = Arc::new(bot);
        if let Ok(mut bots) = self.0.write() {
            bots.insert(bot.name.clone(), Arc::clone(&bot));
        }
        bot
    }

    pub fn all(&self) -> Vec<Arc<LiveBot>> {
        self.0.read().map(|bots| bots.values().cloned().collect()).unwrap_or_default()
    }

    /// What an empty chat offers: the choices of the bot's welcome.
    pub fn starters(&self, bot: &str, language: Option<&str>) -> Vec<Value> {
        let Some(bot) = self.get(bot) else { return Vec::new() };
        let language = bot.language(language, None);
        let worded = dialogues::word(&bot.dialogue, language, "web", &Say::plain("welcome"), 0);
        worded
            .choices
            .iter()
            .map(|choice| json!({ "title": choice.title, "payload": choice.payload }))
            .collect()
    }
}

/// The labelled examples of a bot: text with entity marks, intent, language.
pub fn examples(files: &BotFiles) -> Result<Vec<(String, String, String)>, BotError> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        examples: Vec<String>,
    }
    let mut examples = Vec::new();
    let mut mistakes = Vec::new();
    for (path, text) in &files.files {
        let Some((language, file)) = path.strip_prefix("intents/").and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        let Some(intent) = file.strip_suffix(".yaml") else { continue };
        match serde_saphyr::from_str::<File>(text) {
            Ok(file) => examples
                .extend(file.examples.into_iter().map(|text| (text, intent.to_owned(), language.to_owned()))),
            Err(error) => mistakes.push(format!("{path}: {error}")),
        }
    }
    if mistakes.is_empty() { Ok(examples) } else { Err(BotError::Mistakes(mistakes)) }
}

/// Shown once per language and article: slug → title.
pub fn article_titles(bot: &LiveBot, language: &str) -> BTreeMap<String, String> {
    bot.index
        .articles()
        .iter()
        .filter(|article| article.language == language)
        .map(|article| (article.id.as_str().to_owned(), article.title.clone()))
        .collect()
}
