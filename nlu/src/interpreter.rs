//! The one entry: a message in, its understanding out.

mod cascade;
mod memory;

use std::sync::Arc;

use models::{Embedding, Encode, Purpose};

use crate::entities::{EntityFinder, EntityMoment};
use crate::features::Featuriser;
use crate::intent_model::IntentModel;
use crate::interpreter::cascade::{LONGEST, Of, Reading, read};
use crate::interpreter::memory::Memory;
use crate::language::{Language, detect, is_mixed};
use crate::normalise::Normalised;
use crate::requests::requests;
use crate::sentiment::SentimentModel;
use crate::stages::Stages;
use crate::tagger::Tagger;
use crate::understanding::{Entity, RequestedIntent, Understanding};
use crate::urgency::{Urgency, UrgencyRules};
use crate::words::Words;

/// What surrounds a message and is not in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Context<'c> {
    /// Microseconds since 1970 UTC.
    pub now_us: i64,
    /// Minutes east of UTC where the person is (420 for Bangkok): relative dates count from there.
    pub offset_minutes: i32,
    /// The entity type that the dialogue asked for: it wins over others, and shorter forms of it are accepted.
    pub expecting: Option<&'c str>,
    /// What the conversation spoke so far.
    pub language_hint: Option<Language>,
}

/// An understanding with what was computed on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    pub understanding: Understanding,
    /// Encoder name and embedding of the normalised text as a query, for the encoders that ran.
    pub embeddings: Vec<(String, Embedding)>,
    /// The message is the entity that the dialogue asked for and hardly more.
    pub is_bare_answer: bool,
    /// The same words were read before, so no head had to be asked.
    pub remembered: bool,
}

/// Everything needed to understand messages to one bot. Clones are cheap and share models; to change the intents, make
/// another one by [`Interpreter::with_model`] and swap the `Arc` that holds it.
#[derive(Clone)]
pub struct Interpreter {
    featuriser: Featuriser,
    model: Option<Arc<IntentModel>>,
    encoders: Vec<Arc<dyn Encode>>,
    sentiment: Option<SentimentModel>,
    entities: Arc<EntityFinder>,
    tagger: Option<Arc<Tagger>>,
    stages: Stages,
    /// An out-of-scope score above this is out of scope, whatever the model's own threshold is.
    outside_above: Option<f32>,
    words: Words,
    urgency: Option<Arc<UrgencyRules>>,
    /// Shared by clones, so a change of anything that heads depend on makes a new one.
    memory: Arc<Memory>,
}

impl std::fmt::Debug for Interpreter {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let encoders: Vec<&str> = self.encoders.iter().map(|encoder| encoder.name()).collect();
        out.debug_struct("Interpreter")
            .field("encoders", &encoders)
            .field("stages", &self.stages)
            .finish_non_exhaustive()
    }
}

/// A message of which the expected entity covers this share is an answer, whatever else it resembles.
const BARE_ANSWER: f64 = 0.6;
/// Each of several requests must be as probable as this for a message to be taken for several.
const CERTAIN: f32 = 0.7;

impl Interpreter {
    /// Without intents, encoders and sentiment: language and entities only.
    pub fn new(words: &Words, entities: EntityFinder) -> Self {
        Self {
            featuriser: Featuriser::new(words.clone()),
            model: None,
            encoders: Vec::new(),
            sentiment: None,
            entities: Arc::new(entities),
            tagger: None,
            stages: Stages::default(),
            outside_above: None,
            words: words.clone(),
            urgency: None,
            memory: Arc::default(),
        }
    }

    #[must_use]
    pub fn with_model(mut self, model: Arc<IntentModel>) -> Self {
        self.model = Some(model);
        self.memory = Arc::default();
        self
    }

    /// Encoders in the order in which the cascade may ask them, fastest first.
    #[must_use]
    pub fn with_encoders(mut self, encoders: Vec<Arc<dyn Encode>>, stages: Stages) -> Self {
        self.encoders = encoders;
        self.stages = stages;
        self.memory = Arc::default();
        self
    }

    #[must_use]
    pub fn with_sentiment(mut self, sentiment: SentimentModel) -> Self {
        self.sentiment = Some(sentiment);
        self.memory = Arc::default();
        self
    }

    /// Finds entities that were learned from marked examples too.
    #[must_use]
    pub fn with_tagger(mut self, tagger: Arc<Tagger>) -> Self {
        self.tagger = Some(tagger);
        self
    }

    pub fn tagger(&self) -> Option<&Arc<Tagger>> {
        self.tagger.as_ref()
    }

    /// A bot's own threshold instead of the model's: an out-of-scope score above it is out of scope.
    #[must_use]
    pub fn with_out_of_scope_above(mut self, score: f32) -> Self {
        self.outside_above = Some(score);
        self.memory = Arc::default();
        self
    }

    /// An operator's own rules instead of the shipped ones.
    #[must_use]
    pub fn with_urgency(mut self, rules: Arc<UrgencyRules>) -> Self {
        self.urgency = Some(rules);
        self
    }

    pub fn model(&self) -> Option<&Arc<IntentModel>> {
        self.model.as_ref()
    }

    /// Understands one message. Blocks while encoders run: do not call it from asynchronous code.
    pub fn understand(&self, text: &str, context: &Context<'_>) -> Understood {
        let normalised = Normalised::new(text);
        let language = detect(normalised.text(), context.language_hint);
        let moment = EntityMoment::new(context.now_us, context.offset_minutes);
        let mut entities = self.entities.find(text, &normalised, moment, context.expecting);
        if let Some(tagger) = &self.tagger {
            add_learned(&mut entities, tagger.tag(text, &self.words), context.expecting);
        }
        let expected = entities.iter().find(|entity| Some(entity.kind.as_str()) == context.expecting);
        let is_bare_answer = expected.is_some_and(|entity| covered(text, entity) >= BARE_ANSWER);
        let of = if is_bare_answer { Of::Answer } else { Of::Message };
        let (reading, remembered) = self.read(&normalised, of);
        let requests = if is_bare_answer { Vec::new() } else { self.requests(text) };
        let fused = reading.fused.as_ref();
        let understanding = Understanding {
            text: text.to_owned(),
            language,
            is_mixed: is_mixed(normalised.text(), language.language),
            intents: reading.intents.clone(),
            out_of_scope: fused.is_some_and(|fused| fused.out_of_scope),
            out_of_scope_score: fused.map_or(0.0, |fused| fused.out_of_scope_score),
            requests,
            entities,
            sentiment: reading.sentiment(language.language),
            urgency: self.urgency(&normalised),
            stages: reading.stages.clone(),
            normalised: normalised.text().to_owned(),
        };
        Understood { understanding, embeddings: reading.embeddings.clone(), is_bare_answer, remembered }
    }

    /// What the heads say, from memory where they have said it before.
    fn read(&self, normalised: &Normalised, of: Of) -> (Arc<Reading>, bool) {
        if let Some(known) = self.memory.get(normalised.text(), of) {
            return (known, true);
        }
        let reading = Arc::new(read(self, normalised, of));
        self.memory.put(normalised.text(), of, &reading);
        (reading, false)
    }

    /// The things that a message asks for where the rules cut it and the heads are certain of every part; parts one after
    /// the other that ask for the same are one.
    fn requests(&self, text: &str) -> Vec<RequestedIntent> {
        let parts = requests(text);
        if parts.len() < 2 || self.model.is_none() {
            return Vec::new();
        }
        let mut found: Vec<RequestedIntent> = Vec::with_capacity(parts.len());
        for part in parts {
            let (reading, _) = self.read(&Normalised::new(&part.text), Of::Part);
            let outside = reading.fused.as_ref().is_none_or(|fused| fused.out_of_scope);
            let Some(best) = reading.intents.first().filter(|best| !outside && best.confidence >= CERTAIN)
            else {
                return Vec::new();
            };
            match found.last_mut().filter(|last| last.intent.name == best.name) {
                Some(last) => {
                    last.end = part.end;
                    last.text = text.chars().skip(last.start).take(last.end - last.start).collect();
                }
                None => found.push(RequestedIntent {
                    text: part.text,
                    start: part.start,
                    end: part.end,
                    intent: best.clone(),
                }),
            }
        }
        if found.len() < 2 { Vec::new() } else { found }
    }

    fn urgency(&self, normalised: &Normalised) -> Urgency {
        let rules = self.urgency.as_deref().or_else(|| UrgencyRules::shipped());
        rules.map(|rules| rules.judge(normalised, &self.words)).unwrap_or_default()
    }

    /// The message's embeddings by the encoders named, those already computed among them. An encoder that is not there
    /// or fails is left out. Blocks like [`Interpreter::understand`].
    pub fn embed(&self, understood: &Understood, wanted: &[&str]) -> Vec<(String, Embedding)> {
        let text: String = understood.understanding.normalised.chars().take(LONGEST).collect();
        let encode = |name: &&str| {
            let known = understood.embeddings.iter().find(|(known, _)| known == name);
            if let Some((_, embedding)) = known {
                return Some(((*name).to_owned(), embedding.clone()));
            }
            let encoder = self.encoders.iter().find(|encoder| encoder.name() == *name)?;
            let embedding =
                encoder.encode_blocking(std::slice::from_ref(&text), Purpose::Query).ok()?.pop()?;
            Some(((*name).to_owned(), embedding))
        };
        wanted.iter().filter_map(encode).collect()
    }
}

/// Puts learned entities where nothing else was found; what the dialogue asked for takes the place of others.
fn add_learned(entities: &mut Vec<Entity>, learned: Vec<Entity>, expecting: Option<&str>) {
    for new in learned {
        let overlaps = |other: &Entity| other.start < new.end && new.start < other.end;
        if expecting == Some(new.kind.as_str()) {
            entities.retain(|other| !overlaps(other));
        } else if entities.iter().any(overlaps) {
            continue;
        }
        entities.push(new);
    }
    entities.sort_by_key(|entity| entity.start);
}

/// The share of a text's letters and digits that lie in one entity, 0 to 1.
fn covered(text: &str, entity: &Entity) -> f64 {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count() as f64;
    let all = letters(text);
    if all > 0.0 { letters(&entity.text) / all } else { 0.0 }
}

#[cfg(test)]
mod tests;
