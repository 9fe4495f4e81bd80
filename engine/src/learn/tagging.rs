//! The entities that a bot learns from marks in its examples.

use std::path::PathBuf;

use dialogues::Shape;
use nlu::{Tagger, Words};
use training::{MarkedExample, TaggerOptions, tagger_content_hash, train_tagger};

use super::{LearnError, Learner, Tell, cache, told};
use crate::bot_files::BotFiles;
use crate::bots::{BotError, LiveBot, examples};

/// Every example with its marks of learned entities; empty where none is learned or nothing is marked.
pub(super) fn marked(bot: &dialogues::Bot, files: &BotFiles) -> Result<Vec<MarkedExample>, BotError> {
    let is_learned =
        |name: &str| bot.entities.get(name).is_some_and(|entity| matches!(entity.shape, Shape::Learned));
    if !bot.entities.keys().any(|name| is_learned(name)) {
        return Ok(Vec::new());
    }
    let mut marked: Vec<MarkedExample> =
        examples(files)?.iter().map(|(text, _, _)| MarkedExample::parse(text)).collect();
    for example in &mut marked {
        example.spans.retain(|span| is_learned(&span.entity));
    }
    if marked.iter().all(|example| example.spans.is_empty()) {
        marked.clear();
    }
    Ok(marked)
}

/// The hash of what a tagger is made from.
pub(super) fn content(marked: &[MarkedExample], words: &Words) -> String {
    tagger_content_hash(marked, &TaggerOptions::default(), words)
}

impl Learner<'_> {
    /// The tagger of the bot's marks as they are, if it was trained before.
    pub(super) fn stored_tagger(&self, bot: &LiveBot, files: &BotFiles) -> Option<Tagger> {
        let marked = marked(&bot.dialogue, files).ok().filter(|marked| !marked.is_empty())?;
        self.read_tagger(&content(&marked, &bot.words))
    }

    /// The same, trained now where it is not there yet.
    pub(super) fn tagger(
        &self,
        bot: &LiveBot,
        files: &BotFiles,
        tell: Tell<'_>,
    ) -> Result<Option<Tagger>, LearnError> {
        let marked = marked(&bot.dialogue, files)?;
        if marked.is_empty() {
            return Ok(None);
        }
        let content = content(&marked, &bot.words);
        if let Some(tagger) = self.read_tagger(&content) {
            return Ok(Some(tagger));
        }
        let tell = |progress| tell(told(progress));
        let (tagger, report) = train_tagger(&marked, &TaggerOptions::default(), &bot.words, &tell)?;
        tracing::info!(bot = %bot.name, spans = report.spans, blind_f1 = report.blind.f1, "entities were learned from marks");
        cache::write(&self.tagger_file(&content), &tagger.to_bytes());
        Ok(Some(tagger))
    }

    fn read_tagger(&self, content: &str) -> Option<Tagger> {
        let tagger = Tagger::from_bytes(&std::fs::read(self.tagger_file(content)).ok()?)?;
        (tagger.content() == content).then_some(tagger)
    }

    fn tagger_file(&self, content: &str) -> PathBuf {
        self.cache.join(format!("tagger-{}.bin", &content[..content.len().min(24)]))
    }
}
