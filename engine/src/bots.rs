//! Bots in service: the dialogue, the understanding and the articles of each, swapped as one.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock};

use dialogues::{Letters, Problem, Say, Severity, Shape};
use knowledge::{Article, Index};
use nlu::{EntityConfig, EntityFinder, Interpreter, ListEntity, ListValue, PatternEntity, Words};
use serde_json::{Value, json};

use crate::bot_files::{BotFiles, BotFilesError, LeftOut, NotUtf8};

/// One bot as it answers now. A change makes another and puts it in this one's place.
pub struct LiveBot {
    pub name: String,
    /// The hash of the bot's files.
    pub hash: String,
    pub dialogue: dialogues::Bot,
    pub interpreter: Interpreter,
    /// The version of the intent model that belongs to the bot's files, whichever answers; empty while none is trained.
    pub trained: String,
    pub index: Index,
    /// The word segmenter, which knows the bot's own names.
    pub words: Words,
}

/// Why a bot cannot be put into service.
#[derive(Debug, thiserror::Error)]
pub enum BotError {
    #[error(transparent)]
    Files(#[from] BotFilesError),
    /// Every problem of every file, warnings too; the mistakes are shown one a line.
    #[error("the bot has mistakes:\n{}", mistakes(.0))]
    Mistakes(Vec<Problem>),
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
        let outside = dialogue.settings.thresholds.out_of_scope as f32;
        let mut interpreter = Interpreter::new(&words, entities).with_out_of_scope_above(outside);
        if let Some(sentiment) = nlu::SentimentModel::shipped() {
            interpreter = interpreter.with_sentiment(sentiment);
        }
        let index = Index::build(articles, words.clone())?;
        let (name, hash, trained) = (files.name.clone(), files.hash(), String::new());
        Ok(Self { name, hash, dialogue, interpreter, trained, index, words })
    }

    /// What the bot calls itself; it was read from a folder that may be called otherwise.
    pub fn own_name(&self) -> &str {
        let own = &self.dialogue.settings.bot;
        if own.is_empty() { &self.name } else { own }
    }

    /// The same bot with another way to understand.
    #[must_use]
    pub fn with_interpreter(&self, interpreter: Interpreter) -> Self {
        Self {
            name: self.name.clone(),
            hash: self.hash.clone(),
            dialogue: self.dialogue.clone(),
            interpreter,
            trained: self.trained.clone(),
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

/// Every mistake of dialogue and articles together. A file that is not UTF-8 has that one mistake: its text is not what
/// its writer sees.
fn check(files: &BotFiles) -> Result<(dialogues::Bot, Vec<Article>), BotError> {
    let mut problems: Vec<Problem> = files.left_out.iter().filter_map(left_out).collect();
    let mut dialogue = dialogues::Bot::read(&files.files);
    problems.extend(match &mut dialogue {
        Ok(dialogue) => std::mem::take(&mut dialogue.warnings),
        Err(problems) => std::mem::take(problems),
    });
    let mut articles = Vec::new();
    for (path, text) in files.files.iter().filter(|(path, _)| path.starts_with("articles/")) {
        match Article::parse(path.trim_start_matches("articles/"), text) {
            Ok(article) => {
                let languages = dialogue.as_ref().ok().map(|dialogue| &dialogue.settings.languages);
                problems.extend(languages.and_then(|languages| foreign_article(path, &article, languages)));
                articles.push(article);
            }
            Err(faults) => problems.extend(faults.into_iter().map(article_mistake)),
        }
    }
    problems.retain(|problem| files.not_utf8.iter().all(|file| file.path != problem.file));
    problems.extend(files.not_utf8.iter().map(not_utf8));
    problems.sort();
    match dialogue {
        Ok(mut dialogue) if problems.iter().all(|problem| problem.severity == Severity::Warning) => {
            dialogue.warnings = problems;
            Ok((dialogue, articles))
        }
        _ => Err(BotError::Mistakes(problems)),
    }
}

/// The mistakes without the warnings, one a line.
fn mistakes(problems: &[Problem]) -> String {
    let mistakes = problems.iter().filter(|problem| problem.severity == Severity::Error);
    mistakes.map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn left_out(file: &LeftOut) -> Option<Problem> {
    if file.is_link {
        return Some(warning(
            &file.path,
            "file",
            "is a link, and links are not read",
            "put the file itself there",
        ));
    }
    dialogues::stray_file(&file.path)
}

fn not_utf8(file: &NotUtf8) -> Problem {
    Problem {
        file: file.path.clone(),
        line: file.line,
        column: file.column,
        key: "file".to_owned(),
        message: "is not UTF-8 from here on".to_owned(),
        advice: "save it in the encoding UTF-8".to_owned(),
        severity: Severity::Error,
    }
}

/// An article in a language that the bot does not speak is shown only where there is none in the reader's.
fn foreign_article(path: &str, article: &Article, languages: &[String]) -> Option<Problem> {
    let primary = |language: &str| language.split('-').next().unwrap_or_default().to_owned();
    if languages.iter().any(|language| primary(language) == primary(&article.language)) {
        return None;
    }
    let message = format!("the bot does not speak `{}`", article.language);
    let advice = format!(
        "bot.yaml has the languages {}; the language is the last part of an article's name",
        languages.join(", ")
    );
    Some(warning(path, &article.language, &message, &advice))
}

/// A warning about a file as a whole.
fn warning(file: &str, key: &str, message: &str, advice: &str) -> Problem {
    Problem {
        file: file.to_owned(),
        line: 0,
        column: 0,
        key: key.to_owned(),
        message: message.to_owned(),
        advice: advice.to_owned(),
        severity: Severity::Warning,
    }
}

/// The names that the word segmenter must know: the values of the bot's lists.
fn names(bot: &dialogues::Bot) -> Vec<String> {
    let values = bot.entities.values().filter_map(|entity| match &entity.shape {
        Shape::List(values) => Some(values.values()),
        Shape::Pattern { .. } | Shape::Learned => None,
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
            Shape::Learned => {}
        }
    }
    config
}

fn article_mistake(problem: knowledge::Problem) -> Problem {
    let knowledge::Problem { file, line, column, key, message, advice } = problem;
    let file = format!("articles/{file}");
    Problem { file, line, column, key, message, advice, severity: Severity::Error }
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
    let mut examples = Vec::new();
    let mut problems = Vec::new();
    for (path, text) in &files.files {
        match dialogues::read_examples(path, text) {
            Some(Ok(dialogues::Examples { intent, language, texts, .. })) => {
                examples.extend(texts.into_iter().map(|text| (text.id, intent.clone(), language.clone())));
            }
            Some(Err(problem)) => problems.push(problem),
            None => {}
        }
    }
    if problems.is_empty() { Ok(examples) } else { Err(BotError::Mistakes(problems)) }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot_files::BotSource;

    /// The warnings about the demo's bot with one more file.
    fn check(file: &str, text: &str, expected: &[&str]) {
        let mut files = BotSource::Embedded.read("baan_kafe").unwrap();
        files.files.insert(file.to_owned(), text.to_owned());
        let bot = LiveBot::read(&files).unwrap();
        let warnings: Vec<String> = bot.dialogue.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(warnings, expected, "{file}");
    }

    #[test]
    fn an_article_that_the_bot_does_not_speak_is_a_warning() {
        let article = "---\ntitle: Livraison\nquestions: [Quand?]\n---\nDemain.\n";
        check(
            "articles/livraison.fr.md",
            article,
            &[
                "articles/livraison.fr.md:0:0: fr: the bot does not speak `fr` (bot.yaml has the languages th, en, zh; \
               the language is the last part of an article's name)",
            ],
        );
        check("articles/livraison.zh-Hant.md", article, &[]);
    }

    #[test]
    fn files_that_are_left_out_are_warnings() {
        let mut files = BotSource::Embedded.read("baan_kafe").unwrap();
        let left_out = |path: &str, is_link| LeftOut { path: path.to_owned(), is_link };
        files.left_out = vec![left_out("flows/a.yml", false), left_out("flows/b.yaml", true)];
        let bot = LiveBot::read(&files).unwrap();
        let warnings: Vec<&str> = bot.dialogue.warnings.iter().map(|one| one.advice.as_str()).collect();
        assert_eq!(warnings, ["rename it to a.yaml", "put the file itself there"]);
    }

    #[test]
    fn a_file_that_is_not_utf8_has_that_one_mistake_and_the_others_theirs() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in BotSource::Embedded.read("baan_kafe").unwrap().files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::write(folder.path().join("flows/track_order.yaml"), b"flow: track_order\nx: \xa1\n")
            .unwrap();
        std::fs::write(folder.path().join("articles/new.th.md"), b"\xa1\n").unwrap();
        std::fs::write(folder.path().join("flows/new.yaml"), "nonsense: 1\n").unwrap();
        let files = BotFiles::from_folder(folder.path()).unwrap();
        let Err(BotError::Mistakes(problems)) = LiveBot::read(&files) else { panic!("no mistakes") };
        let found: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let place = |file: &str| found.iter().filter(|line| line.starts_with(file)).collect::<Vec<_>>();
        let one =
            |place: &str| format!("{place}: file: is not UTF-8 from here on (save it in the encoding UTF-8)");
        assert_eq!(place("flows/track_order.yaml"), [&one("flows/track_order.yaml:2:4")]);
        assert_eq!(place("articles/"), [&one("articles/new.th.md:1:1")]);
        assert!(place("flows/new.yaml").iter().any(|line| line.contains("nonsense")), "{found:#?}");
    }
}
