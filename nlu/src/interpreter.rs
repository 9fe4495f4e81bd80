//! The one entry: a message in, its understanding out.

use std::sync::Arc;

use models::{Embedding, Encode, EncodeError, Purpose};

use crate::classifier::{Classifier, Fused, HeadOutput};
use crate::entities::{EntityFinder, EntityMoment};
use crate::features::{Featuriser, SparseVector};
use crate::intent_model::IntentModel;
use crate::language::{Language, detect, is_mixed};
use crate::normalise::Normalised;
use crate::sentiment::SentimentModel;
use crate::stages::{Stages, Turn};
use crate::understanding::{Entity, Ran, Scored, Sentiment, Stage, Understanding};
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
    /// It has content words of a second language.
    pub is_mixed: bool,
    /// Whether it cannot wait or abuses people, with the rules that say so.
    pub urgency: Urgency,
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
    stages: Stages,
    words: Words,
    urgency: Option<Arc<UrgencyRules>>,
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

/// Encoders see no more of a message than this; they cut at their own limit anyway.
const LONGEST: usize = 2_000;
/// A message of which the expected entity covers this share is an answer, whatever else it resembles.
const BARE_ANSWER: f64 = 0.6;
/// How many intents an understanding lists.
const LISTED: usize = 5;

impl Interpreter {
    /// Without intents, encoders and sentiment: language and entities only.
    pub fn new(words: &Words, entities: EntityFinder) -> Self {
        Self {
            featuriser: Featuriser::new(words.clone()),
            model: None,
            encoders: Vec::new(),
            sentiment: None,
            entities: Arc::new(entities),
            stages: Stages::default(),
            words: words.clone(),
            urgency: None,
        }
    }

    #[must_use]
    pub fn with_model(mut self, model: Arc<IntentModel>) -> Self {
        self.model = Some(model);
        self
    }

    /// Encoders in the order in which the cascade may ask them, fastest first.
    #[must_use]
    pub fn with_encoders(mut self, encoders: Vec<Arc<dyn Encode>>, stages: Stages) -> Self {
        self.encoders = encoders;
        self.stages = stages;
        self
    }

    #[must_use]
    pub fn with_sentiment(mut self, sentiment: SentimentModel) -> Self {
        self.sentiment = Some(sentiment);
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
        let features = self.featuriser.features(&normalised);
        let moment = EntityMoment::new(context.now_us, context.offset_minutes);
        let entities = self.entities.find(text, &normalised, moment, context.expecting);
        let expected = entities.iter().find(|entity| Some(entity.kind.as_str()) == context.expecting);
        let is_bare_answer = expected.is_some_and(|entity| covered(text, entity) >= BARE_ANSWER);
        let mut run = Run {
            interpreter: self,
            normalised: &normalised,
            is_bare_answer,
            embeddings: Vec::new(),
            stages: Vec::new(),
        };
        let (intents, out_of_scope) = match &self.model {
            Some(model) if !normalised.is_empty() => run.intents(model, &features),
            _ => (Vec::new(), None),
        };
        let sentiment = run.sentiment(&features);
        let understanding = Understanding {
            text: text.to_owned(),
            language,
            intents,
            out_of_scope: out_of_scope.as_ref().is_some_and(|fused| fused.out_of_scope),
            out_of_scope_score: out_of_scope.map_or(0.0, |fused| fused.out_of_scope_score),
            entities,
            sentiment,
            stages: run.stages,
            normalised: normalised.text().to_owned(),
        };
        Understood {
            is_mixed: is_mixed(normalised.text(), language.language),
            urgency: self.urgency(&normalised),
            understanding,
            embeddings: run.embeddings,
            is_bare_answer,
        }
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

/// One message on its way through the cascade.
struct Run<'r> {
    interpreter: &'r Interpreter,
    normalised: &'r Normalised,
    /// The message is what the dialogue asked for and hardly more: its intent will not be looked at, so the slow
    /// encoders need not be asked.
    is_bare_answer: bool,
    embeddings: Vec<(String, Embedding)>,
    stages: Vec<Stage>,
}

impl Run<'_> {
    fn intents(&mut self, model: &IntentModel, features: &SparseVector) -> (Vec<Scored>, Option<Fused>) {
        let classifier = model.classifier();
        let column = classifier.out_of_scope_column();
        let scored =
            |(label, confidence): (usize, f32)| Scored { name: classifier.labels[label].clone(), confidence };
        let ngrams = classifier.ngrams_output(features);
        let best = ngrams.best(column).map(scored);
        self.stages.push(Stage { name: "ngrams".to_owned(), ran: Ran::Yes, best });
        let mut outputs = vec![(0, ngrams)];
        let interpreter = self.interpreter;
        for (turn, name, encoder) in interpreter.asked(model) {
            let needed = !self.is_bare_answer && is_unsure(classifier, &outputs);
            let output = if turn == Turn::WhenUnsure && !needed {
                Err(Ran::NotNeeded)
            } else {
                self.encode(encoder).and_then(|embedding| {
                    let head = classifier.encoders.iter().position(|head| head.encoder == name);
                    let output =
                        head.and_then(|head| Some((head + 1, classifier.encoder_output(head, &embedding)?)));
                    output.ok_or(Ran::Failed)
                })
            };
            let ran = output.as_ref().err().copied().unwrap_or(Ran::Yes);
            let best = output.as_ref().ok().and_then(|(_, output)| output.best(column)).map(scored);
            self.stages.push(Stage { name, ran, best });
            outputs.extend(output);
            outputs.sort_by_key(|(head, _)| *head);
        }
        let Some(fused) = fuse(model, &outputs) else { return (Vec::new(), None) };
        let mut intents: Vec<Scored> = fused
            .probabilities
            .iter()
            .enumerate()
            .filter(|(label, _)| Some(*label) != column)
            .map(|(label, confidence)| scored((label, *confidence)))
            .collect();
        intents.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
        intents.truncate(LISTED);
        (intents, Some(fused))
    }

    /// The embedding of the message, computed once an encoder.
    fn encode(&mut self, encoder: Option<&dyn Encode>) -> Result<Embedding, Ran> {
        let encoder = encoder.ok_or(Ran::Failed)?;
        if let Some((_, embedding)) = self.embeddings.iter().find(|(name, _)| name == encoder.name()) {
            return Ok(embedding.clone());
        }
        let text: String = self.normalised.text().chars().take(LONGEST).collect();
        let embeddings = encoder.encode_blocking(&[text], Purpose::Query);
        let embedding = embeddings.map_err(|error| ran_of(&error))?.pop().ok_or(Ran::Failed)?;
        self.embeddings.push((encoder.name().to_owned(), embedding.clone()));
        Ok(embedding)
    }

    /// From the n-grams and the embeddings that are there already.
    fn sentiment(&self, features: &SparseVector) -> Sentiment {
        let Some(sentiment) = self.interpreter.sentiment.as_ref().filter(|_| !features.is_empty()) else {
            return Sentiment::NEUTRAL;
        };
        let model = sentiment.model();
        let classifier = model.classifier();
        let mut outputs = vec![(0, classifier.ngrams_output(features))];
        for (index, head) in classifier.encoders.iter().enumerate() {
            let embedding = self.embeddings.iter().find(|(name, _)| *name == head.encoder);
            let output = embedding.and_then(|(_, embedding)| classifier.encoder_output(index, embedding));
            outputs.extend(output.map(|output| (index + 1, output)));
        }
        fuse(model, &outputs).map_or(Sentiment::NEUTRAL, |fused| sentiment.read(&fused))
    }
}

impl Interpreter {
    /// The encoders that the model has heads for and the cascade uses, with the loaded one of that name.
    fn asked(&self, model: &IntentModel) -> Vec<(Turn, String, Option<&dyn Encode>)> {
        let mut asked: Vec<_> = model
            .encoders()
            .map(|name| {
                let encoder = self.encoders.iter().position(|encoder| encoder.name() == name);
                (self.stages.turn(name), name.to_owned(), encoder)
            })
            .filter(|(turn, _, _)| *turn != Turn::Never)
            .collect();
        asked.sort_by_key(|(turn, _, place)| (*turn == Turn::WhenUnsure, place.unwrap_or(usize::MAX)));
        asked
            .into_iter()
            .map(|(turn, name, place)| (turn, name, place.map(|place| self.encoders[place].as_ref())))
            .collect()
    }
}

/// The share of a text's letters and digits that lie in one entity, 0 to 1.
fn covered(text: &str, entity: &Entity) -> f64 {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count() as f64;
    let all = letters(text);
    if all > 0.0 { letters(&entity.text) / all } else { 0.0 }
}

fn fuse(model: &IntentModel, outputs: &[(usize, HeadOutput)]) -> Option<Fused> {
    model.classifier().fuse(&borrowed(outputs))
}

fn is_unsure(classifier: &Classifier, outputs: &[(usize, HeadOutput)]) -> bool {
    let outputs = borrowed(outputs);
    classifier.doubt.is_unsure(classifier.fuse(&outputs).as_ref(), classifier.agree(&outputs))
}

fn borrowed(outputs: &[(usize, HeadOutput)]) -> Vec<(usize, &HeadOutput)> {
    outputs.iter().map(|(head, output)| (*head, output)).collect()
}

fn ran_of(error: &EncodeError) -> Ran {
    match error {
        EncodeError::Overloaded { .. } => Ran::Overloaded,
        EncodeError::Stopped { .. } | EncodeError::Failed { .. } => Ran::Failed,
    }
}

#[cfg(test)]
mod tests;
