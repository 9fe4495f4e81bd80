//! What one message means, as values.

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::urgency::Urgency;

/// Everything that the interpreter found in one message. Offsets count Unicode scalar values of `text`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Understanding {
    /// The message as it was written.
    pub text: String,
    /// The message as the models saw it (see [`crate::Normalised`]).
    pub normalised: String,
    pub language: Detected,
    /// It has content words of a second language.
    #[serde(default)]
    pub is_mixed: bool,
    /// The best intents, most probable first, at most five; empty where no model is trained or nothing is written.
    pub intents: Vec<Scored>,
    /// No intent of the bot fits. The intents are still given: a flow in progress may know better.
    pub out_of_scope: bool,
    /// Probability that no intent fits, 0 to 1; compared with the threshold of the model.
    pub out_of_scope_score: f32,
    /// The things that it asks for, in order, where these are several and each is certain; else empty.
    #[serde(default)]
    pub requests: Vec<RequestedIntent>,
    /// In order of their place, without overlaps.
    pub entities: Vec<Entity>,
    pub sentiment: Sentiment,
    /// Whether it cannot wait or abuses people, with the rules that say so.
    #[serde(default)]
    pub urgency: Urgency,
    /// Which heads were asked, in order, for measurement.
    pub stages: Vec<Stage>,
}

impl Understanding {
    /// The best intent's name, or `None` where the message is out of scope or no model is trained.
    pub fn intent(&self) -> Option<&str> {
        self.intents.first().filter(|_| !self.out_of_scope).map(|scored| scored.name.as_str())
    }

    /// The first entity of a type.
    pub fn entity(&self, kind: &str) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.kind == kind)
    }
}

/// A language and how sure that is, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Detected {
    pub language: Language,
    pub confidence: f32,
}

/// A label and its probability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    pub name: String,
    pub confidence: f32,
}

/// One of several things that a message asks for. Offsets count Unicode scalar values of the text, end exclusive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestedIntent {
    pub text: String,
    pub start: usize,
    pub end: usize,
    pub intent: Scored,
}

/// Something in the text with a value of its own: a number, a date, a product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    #[serde(rename = "type")]
    pub kind: String,
    /// As written.
    pub text: String,
    /// Unicode scalar values of the original text, end exclusive.
    pub start: usize,
    pub end: usize,
    /// The canonical form: text, a number, an ISO 8601 date or time, or a small record (money, period).
    pub value: serde_json::Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sentiment {
    pub label: SentimentLabel,
    pub confidence: f32,
}

impl Sentiment {
    /// What is assumed where nothing can be read.
    pub const NEUTRAL: Self = Self { label: SentimentLabel::Neutral, confidence: 0.0 };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentimentLabel {
    Positive,
    Neutral,
    Negative,
    /// A question without feeling; told apart in Thai only.
    Question,
}

impl SentimentLabel {
    pub const ALL: [Self; 4] = [Self::Positive, Self::Neutral, Self::Negative, Self::Question];

    /// The label in training data and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Positive => "positive",
            Self::Neutral => "neutral",
            Self::Negative => "negative",
            Self::Question => "question",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|label| label.name() == name)
    }
}

/// One head of the cascade and what it said alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// `ngrams` or the encoder's name.
    pub name: String,
    pub ran: Ran,
    /// The intent that this head alone prefers, with its calibrated probability.
    pub best: Option<Scored>,
}

/// Whether a stage took part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ran {
    Yes,
    /// The stages before it were sure enough, or the cascade does not use it.
    NotNeeded,
    /// The encoder's queue was full.
    Overloaded,
    /// The encoder is not loaded, has stopped or refused this text.
    Failed,
}
