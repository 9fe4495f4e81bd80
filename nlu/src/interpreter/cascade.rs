//! The heads over one text: n-grams first, then encoders as far as they are needed.

use models::{Embedding, Encode, EncodeError, Purpose};

use crate::classifier::{Classifier, Fused, HeadOutput};
use crate::features::SparseVector;
use crate::intent_model::IntentModel;
use crate::interpreter::Interpreter;
use crate::language::Language;
use crate::normalise::Normalised;
use crate::sentiment::{Feelings, SentimentModel, feelings};
use crate::stages::Turn;
use crate::understanding::{Ran, Scored, Sentiment, Stage};

/// Encoders see no more of a message than this; they cut at their own limit anyway.
pub(super) const LONGEST: usize = 2_000;
/// How many intents an understanding lists.
const LISTED: usize = 5;

/// What the heads say of a text, whoever wrote it and whenever.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    /// The best intents, most probable first.
    pub(super) intents: Vec<Scored>,
    pub(super) fused: Option<Fused>,
    pub(super) stages: Vec<Stage>,
    /// Encoder name and embedding, for the encoders that ran.
    pub(super) embeddings: Vec<(String, Embedding)>,
    feelings: Option<Feelings>,
}

impl Reading {
    /// No head that was wanted has failed: the same text would be read the same again.
    pub(super) fn is_complete(&self) -> bool {
        self.stages.iter().all(|stage| matches!(stage.ran, Ran::Yes | Ran::NotNeeded))
    }

    pub(super) fn sentiment(&self, language: Language) -> Sentiment {
        self.feelings.as_ref().map_or(Sentiment::NEUTRAL, |feelings| feelings.sentiment(language))
    }
}

/// What a text is that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Message,
    /// A message that is what the dialogue asked for and hardly more: its intent will not be looked at, so the slow
    /// encoders need not be asked.
    Answer,
    /// One of several requests of a message: only its intent is wanted.
    Part,
}

/// Reads a text. Blocks while encoders run.
pub(super) fn read(interpreter: &Interpreter, normalised: &Normalised, of: Of) -> Reading {
    if normalised.is_empty() {
        return Reading::default();
    }
    let features = interpreter.featuriser.features(normalised);
    let mut run = Run { interpreter, normalised, of, reading: Reading::default() };
    if let Some(model) = &interpreter.model {
        run.intents(model, &features);
    }
    let sentiment = interpreter.sentiment.as_ref().filter(|_| of != Of::Part && !features.is_empty());
    if let Some(sentiment) = sentiment {
        run.reading.feelings = run.feelings(sentiment, &features);
    }
    run.reading
}

/// One text on its way through the cascade.
struct Run<'r> {
    interpreter: &'r Interpreter,
    normalised: &'r Normalised,
    of: Of,
    reading: Reading,
}

impl Run<'_> {
    fn intents(&mut self, model: &IntentModel, features: &SparseVector) {
        let classifier = model.classifier();
        let column = classifier.out_of_scope_column();
        let scored =
            |(label, confidence): (usize, f32)| Scored { name: classifier.labels[label].clone(), confidence };
        let ngrams = classifier.ngrams_output(features);
        let best = ngrams.best(column).map(scored);
        self.reading.stages.push(Stage { name: "ngrams".to_owned(), ran: Ran::Yes, best });
        let mut outputs = vec![(0, ngrams)];
        let interpreter = self.interpreter;
        for (turn, name, encoder) in interpreter.asked(model) {
            let needed = self.of != Of::Answer && is_unsure(classifier, &outputs);
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
            self.reading.stages.push(Stage { name, ran, best });
            outputs.extend(output);
            outputs.sort_by_key(|(head, _)| *head);
        }
        let Some(mut fused) = fuse(model, &outputs) else { return };
        if let Some(threshold) = interpreter.outside_above.filter(|_| fused.threshold.is_finite()) {
            fused.threshold = threshold;
            fused.out_of_scope = fused.out_of_scope_score > threshold;
        }
        let mut intents: Vec<Scored> = fused
            .probabilities
            .iter()
            .enumerate()
            .filter(|(label, _)| Some(*label) != column)
            .map(|(label, confidence)| scored((label, *confidence)))
            .collect();
        intents.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
        intents.truncate(LISTED);
        self.reading.intents = intents;
        self.reading.fused = Some(fused);
    }

    /// The embedding of the message, computed once an encoder.
    fn encode(&mut self, encoder: Option<&dyn Encode>) -> Result<Embedding, Ran> {
        let encoder = encoder.ok_or(Ran::Failed)?;
        if let Some((_, embedding)) = self.reading.embeddings.iter().find(|(name, _)| name == encoder.name())
        {
            return Ok(embedding.clone());
        }
        let text: String = self.normalised.text().chars().take(LONGEST).collect();
        let embeddings = encoder.encode_blocking(&[text], Purpose::Query);
        let embedding = embeddings.map_err(|error| ran_of(&error))?.pop().ok_or(Ran::Failed)?;
        self.reading.embeddings.push((encoder.name().to_owned(), embedding.clone()));
        Ok(embedding)
    }

    /// From the n-grams and the embeddings that are there already; an encoder that the cascade may ask is asked where these
    /// are unsure.
    fn feelings(&mut self, sentiment: &SentimentModel, features: &SparseVector) -> Option<Feelings> {
        let model = sentiment.model();
        let classifier = model.classifier();
        let mut outputs = vec![(0, classifier.ngrams_output(features))];
        let interpreter = self.interpreter;
        for (index, head) in classifier.encoders.iter().enumerate() {
            let known = self.reading.embeddings.iter().find(|(name, _)| *name == head.encoder);
            let mut embedding = known.map(|(_, embedding)| embedding.clone());
            if embedding.is_none() && self.of != Of::Answer && is_unsure(classifier, &outputs) {
                let of_head = |encoder: &&dyn Encode| encoder.name() == head.encoder;
                let usable = interpreter.stages.turn(&head.encoder) != Turn::Never;
                let encoder = interpreter.encoders.iter().map(AsRef::as_ref).find(of_head);
                embedding = self.encode(encoder.filter(|_| usable)).ok();
            }
            let output = embedding.and_then(|embedding| classifier.encoder_output(index, &embedding));
            outputs.extend(output.map(|output| (index + 1, output)));
        }
        fuse(model, &outputs).map(|fused| feelings(model, &fused))
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
