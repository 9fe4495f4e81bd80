//! Learning: a bot's examples become its intent model, its articles become vectors. Both are cached by the hash of what
//! they were made from, so an unchanged start learns nothing.

mod cache;
mod card;
mod tagging;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use knowledge::VectorCache;
use models::Encode;
use nlu::{IntentModel, Language, Stages, Tagger, Words};
use training::{
    Dataset, EmbeddingCache, Example, IntentOptions, Progress, Report, Resources, content_hash,
    retrain_intents, text_hash, train_intents,
};

use crate::bot_files::BotFiles;
use crate::bots::{BotError, LiveBot, examples};
pub(crate) use cache::TextCache;

/// Passages that are encoded in one call.
const PASSAGES: usize = 8;
/// Examples from which on a whole training takes longer than somebody likes to wait.
const LARGE: usize = 3_000;
/// Texts that even the slowest encoder reads in a second or two.
const FEW: usize = 100;

/// Tells how far a long piece of work is.
pub type Tell<'t> = &'t (dyn Fn(Learning) + Sync);

/// What is being learned, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learning {
    pub what: String,
    pub done: usize,
    pub total: usize,
}

/// Why a bot could not learn.
#[derive(Debug, thiserror::Error)]
pub enum LearnError {
    #[error(transparent)]
    Bot(#[from] BotError),
    #[error("the intents cannot be trained: {0}")]
    Training(#[from] training::TrainingError),
    #[error("an encoder failed: {0}")]
    Encode(#[from] models::EncodeError),
    #[error("the vectors do not fit: {0}")]
    Vectors(#[from] knowledge::VectorError),
}

/// Learns for one bot, with a cache folder and some encoders.
pub struct Learner<'l> {
    pub encoders: &'l [Arc<dyn Encode>],
    pub cache: &'l Path,
    /// Vectors that came with the program ([`ship`]): what is in the cache goes before them.
    pub shipped: Option<&'l Path>,
}

impl Learner<'_> {
    /// The bot with what can be had at once: the cached model of all encoders, or one that is trained now, of all
    /// encoders where nearly every example's vectors are known and else of the fast ones; and the known vectors. `before`
    /// is the bot as it answers until then: of a large one only the heads are trained anew.
    pub fn quick(
        &self,
        files: &BotFiles,
        before: Option<&LiveBot>,
        tell: Tell<'_>,
    ) -> Result<LiveBot, LearnError> {
        let bot = LiveBot::read(files)?;
        let dataset = dataset(files)?;
        let cached = self.cached_model(&bot, &dataset, self.encoders);
        let model = match cached {
            Some(model) => model,
            None if !self.knows(&dataset) => self.model(&bot, &dataset, &self.fast(), tell)?.0,
            None => match self.retrained(&bot, &dataset, before, tell)? {
                Some(model) => model,
                None => self.model(&bot, &dataset, self.encoders, tell)?.0,
            },
        };
        let tagger = self.stored_tagger(&bot, files);
        Ok(self.assemble(&bot, model, tagger))
    }

    /// The model of the bot as it was, with its heads trained anew; none where the intents are others, or the bot is so
    /// small that a whole training is as quick.
    fn retrained(
        &self,
        bot: &LiveBot,
        dataset: &Dataset,
        before: Option<&LiveBot>,
        tell: Tell<'_>,
    ) -> Result<Option<IntentModel>, LearnError> {
        let before = before.and_then(|before| before.interpreter.model());
        let Some(before) = before.filter(|_| dataset.examples().len() >= LARGE) else { return Ok(None) };
        let mut cache = TextCache::open(self.cache, self.shipped, self.encoders);
        let mut resources = Resources { words: &bot.words, encoders: self.encoders, cache: &mut cache };
        let options = IntentOptions::default();
        let tell = |progress| tell(told(progress));
        let model = retrain_intents(dataset, &options, before, &mut resources, &tell)?;
        cache.save();
        Ok(model)
    }

    /// The bot with the model of all encoders and every vector, learned now where they are not cached.
    pub fn thorough(
        &self,
        files: &BotFiles,
        tell: Tell<'_>,
    ) -> Result<(LiveBot, Option<Report>), LearnError> {
        let bot = LiveBot::read(files)?;
        let dataset = dataset(files)?;
        let (model, report) = self.model(&bot, &dataset, self.encoders, tell)?;
        for encoder in self.encoders {
            self.vectors(&bot, encoder, tell)?;
        }
        let tagger = self.tagger(&bot, files, tell)?;
        Ok((self.assemble(&bot, model, tagger), report))
    }

    /// True when a thorough learning would find nothing to do.
    pub fn is_complete(&self, files: &BotFiles, bot: &LiveBot) -> Result<bool, LearnError> {
        let dataset = dataset(files)?;
        let content = content_hash(&dataset, &bot.words, self.encoders, &IntentOptions::default());
        let trained = bot.interpreter.model().is_some_and(|model| model.content() == content);
        let indexed: Vec<&str> = bot.index.encoders().collect();
        let marked = tagging::marked(&bot.dialogue, files)?;
        let tagged = marked.is_empty() || {
            let content = tagging::content(&marked, &bot.words);
            bot.interpreter.tagger().is_some_and(|tagger| tagger.content() == content)
        };
        Ok(trained && tagged && self.encoders.iter().all(|encoder| indexed.contains(&encoder.name())))
    }

    /// The bot with another version of its intent model; none where that is not in the cache or cannot be read.
    pub fn with_version(&self, bot: &LiveBot, version: &str) -> Option<LiveBot> {
        let model = self.stored_model(version)?;
        Some(bot.with_interpreter(bot.interpreter.clone().with_model(Arc::new(model))))
    }

    /// Whether a version of an intent model is in the cache and can be read.
    pub fn has_version(&self, version: &str) -> bool {
        self.stored_model(version).is_some()
    }

    /// Where a version of an intent model is kept.
    pub fn version_file(&self, version: &str) -> PathBuf {
        self.model_file(version)
    }

    /// What a version was made from and how good it is, as TOML.
    pub fn card(&self, version: &str) -> Option<String> {
        std::fs::read_to_string(self.model_file(version).with_extension("toml")).ok()
    }

    fn assemble(&self, bot: &LiveBot, model: IntentModel, tagger: Option<Tagger>) -> LiveBot {
        let trained = model.content().to_owned();
        let mut interpreter = bot
            .interpreter
            .clone()
            .with_model(Arc::new(model))
            .with_encoders(self.encoders.to_vec(), Stages::default());
        if let Some(tagger) = tagger {
            interpreter = interpreter.with_tagger(Arc::new(tagger));
        }
        let mut vectors = VectorCache::new();
        for encoder in self.encoders {
            if let Some(known) = self.known_vectors(encoder.as_ref())
                && let Err(error) = vectors.merge(known)
            {
                tracing::warn!(%error, "cached vectors do not fit and are left out");
            }
        }
        let assembled = bot.with_interpreter(interpreter).with_index(bot.index.with_vectors(&vectors));
        LiveBot { trained, ..assembled }
    }

    /// The encoders that are asked for every message: the others come later.
    fn fast(&self) -> Vec<Arc<dyn Encode>> {
        let is_slow = |encoder: &Arc<dyn Encode>| encoder.name().contains("e5");
        self.encoders.iter().filter(|encoder| !is_slow(encoder)).cloned().collect()
    }

    /// True when the slow encoders would have little to do.
    fn knows(&self, dataset: &Dataset) -> bool {
        let cache = TextCache::open(self.cache, self.shipped, self.encoders);
        let examples = dataset.examples();
        let missing = |encoder: &Arc<dyn Encode>| {
            let unknown = |one: &&Example| cache.get(encoder.name(), &text_hash(&one.text)).is_none();
            examples.iter().filter(unknown).count()
        };
        self.encoders.iter().all(|encoder| missing(encoder) <= FEW)
    }

    fn model(
        &self,
        bot: &LiveBot,
        dataset: &Dataset,
        encoders: &[Arc<dyn Encode>],
        tell: Tell<'_>,
    ) -> Result<(IntentModel, Option<Report>), LearnError> {
        if let Some(model) = self.cached_model(bot, dataset, encoders) {
            return Ok((model, None));
        }
        let options = IntentOptions::default();
        let words: Words = bot.words.clone();
        let mut cache = TextCache::open(self.cache, self.shipped, encoders);
        let mut resources = Resources { words: &words, encoders, cache: &mut cache };
        let (model, report) =
            train_intents(dataset, &options, &mut resources, &|progress| tell(told(progress)))?;
        cache.save();
        let file = self.model_file(model.content());
        cache::write(&file, &nlu::pack(&model.to_blobs()));
        match card::card(&bot.name, &report) {
            Ok(card) => cache::write(&file.with_extension("toml"), card.as_bytes()),
            Err(error) => tracing::warn!(%error, "the model has no card"),
        }
        Ok((model, Some(report)))
    }

    fn cached_model(
        &self,
        bot: &LiveBot,
        dataset: &Dataset,
        encoders: &[Arc<dyn Encode>],
    ) -> Option<IntentModel> {
        self.stored_model(&content_hash(dataset, &bot.words, encoders, &IntentOptions::default()))
    }

    fn stored_model(&self, content: &str) -> Option<IntentModel> {
        let bytes = std::fs::read(self.model_file(content)).ok()?;
        let model = IntentModel::from_blobs(&nlu::unpack(&bytes)?).ok()?;
        (model.content() == content).then_some(model)
    }

    /// Encodes the texts of the articles that have no vector yet.
    fn vectors(&self, bot: &LiveBot, encoder: &Arc<dyn Encode>, tell: Tell<'_>) -> Result<(), LearnError> {
        let mut cache = self.known_vectors(encoder.as_ref()).unwrap_or_default();
        let missing = bot.index.missing(&cache, encoder.name());
        if missing.is_empty() {
            return Ok(());
        }
        let what = format!("articles, {}", encoder.name());
        let total = missing.len();
        for (batch, texts) in missing.chunks(PASSAGES).enumerate() {
            tell(Learning { what: what.clone(), done: batch * PASSAGES, total });
            for purpose in [models::Purpose::Query, models::Purpose::Passage] {
                let wanted: Vec<_> = texts.iter().filter(|text| text.purpose == purpose).collect();
                let words: Vec<String> = wanted.iter().map(|text| text.text.clone()).collect();
                if words.is_empty() {
                    continue;
                }
                for (text, embedding) in wanted.iter().zip(encoder.encode_blocking(&words, purpose)?) {
                    cache.add(encoder.name(), text.key, &embedding)?;
                }
            }
        }
        tell(Learning { what, done: total, total });
        cache.retain(&bot.index.keys());
        if let Some(bytes) = cache.to_bytes(encoder.name()) {
            cache::write(&self.cache.join(vector_file(encoder.name())), &bytes);
        }
        Ok(())
    }

    fn known_vectors(&self, encoder: &dyn Encode) -> Option<VectorCache> {
        let read = |folder: &Path| {
            let bytes = std::fs::read(folder.join(vector_file(encoder.name()))).ok()?;
            VectorCache::from_bytes(&bytes).ok()
        };
        match (self.shipped.and_then(read), read(self.cache)) {
            (Some(mut shipped), Some(cached)) => {
                shipped.merge(cached).ok()?;
                Some(shipped)
            }
            (one, other) => one.or(other),
        }
    }

    fn model_file(&self, content: &str) -> PathBuf {
        self.cache.join(format!("intents-{}.bin", &content[..content.len().min(24)]))
    }
}

fn vector_file(encoder: &str) -> String {
    format!("vectors-{}.bin", cache::slug(encoder))
}

/// Writes all example texts of a cache that has only this bot's, and its articles, into the folder that ships with the
/// program, so that a first start need not compute them. Returns how many texts of each encoder have been written.
pub fn ship(learner: &Learner<'_>, files: &BotFiles, folder: &Path) -> Result<Vec<usize>, LearnError> {
    let bot = LiveBot::read(files)?;
    let cache = TextCache::open(learner.cache, None, learner.encoders);
    let mut written = Vec::new();
    for encoder in learner.encoders {
        written.push(cache.ship(encoder.name(), folder));
        let mut vectors = learner.known_vectors(encoder.as_ref()).unwrap_or_default();
        vectors.retain(&bot.index.keys());
        if let Some(bytes) = vectors.to_bytes(encoder.name()) {
            cache::write(&folder.join(vector_file(encoder.name())), &bytes);
        }
    }
    Ok(written)
}

/// The labelled examples of a bot.
pub fn dataset(files: &BotFiles) -> Result<Dataset, BotError> {
    let examples = examples(files)?.into_iter().map(|(text, intent, language)| {
        let language = Language::from_code(&language).unwrap_or(Language::Unknown);
        Example::new(Example::parse_marked(&text).0, intent, language)
    });
    Ok(Dataset::new(examples.collect()))
}

/// A step of a training as a person reads it.
pub(crate) fn told(progress: Progress) -> Learning {
    match progress {
        Progress::Encoding { encoder, done, total } => {
            Learning { what: format!("examples, {encoder}"), done, total }
        }
        Progress::Fitting { done, total } => Learning { what: "intents".to_owned(), done, total },
    }
}
