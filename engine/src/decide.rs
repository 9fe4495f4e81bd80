//! What to do with a message: one pure function, from what is known to a decision.

use dialogues::{Bot, Fit, Repair};
use nlu::Understanding;
use serde::{Deserialize, Serialize};

use crate::store::Control;

/// What the bot does with one message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// The message answers what the flow is waiting for.
    ContinueFlow,
    StartFlow {
        flow: String,
    },
    /// The person steers the conversation: corrects, cancels, skips, repeats, resumes, or must choose what was meant.
    Repair {
        repair: Repair,
    },
    /// Answered from the articles.
    Answer,
    /// Said again, or asked to say otherwise.
    AskAgain {
        why: AskAgain,
    },
    HandOff {
        reason: HandOffReason,
    },
    /// The bot greets somebody who has just come.
    Welcome,
    /// Nothing is to be said: a person owns the conversation, or the event needs no answer.
    Silent {
        why: Silence,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskAgain {
    OutOfScope,
    Unsure,
    /// A question that the articles do not answer.
    NoAnswer,
    /// Content the bot cannot use, such as a video.
    Unsupported,
    Sticker,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandOffReason {
    /// The bot has not understood for several messages.
    NotUnderstood,
    /// The flow's own files led nowhere.
    Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    Waiting,
    Agent,
    /// A reaction, an edit, a deletion, somebody who left.
    NothingToSay,
}

impl Decision {
    /// The closed names of docs/cli.md.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ContinueFlow => "continue_flow",
            Self::StartFlow { .. } => "start_flow",
            Self::Repair { .. } => "repair",
            Self::Answer => "answer",
            Self::AskAgain { .. } => "ask_again",
            Self::HandOff { .. } => "hand_off",
            Self::Welcome => "welcome",
            Self::Silent { .. } => "silent",
        }
    }
}

/// What kind of thing was heard, as far as the decision cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Words, or a pressed choice.
    Words,
    Sticker,
    /// Media, a place, a contact: something a flow may wait for, and the bot cannot read.
    Unreadable,
    /// Somebody came.
    Started,
    /// Nothing to answer.
    Note,
}

/// How the articles answer, once they were asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Articles {
    NotAsked,
    Found {
        confidence: f64,
        /// The article is not in the language of the conversation.
        foreign: bool,
    },
    /// Some articles may help.
    Unsure,
    Nothing,
}

/// The question that the dialogue has asked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    None,
    /// A choice that may be left, such as "anything else?".
    Offer,
    Choice,
    /// For a value.
    Slot,
}

impl Question {
    /// Whether what does not answer it leaves something undone.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Choice | Self::Slot)
    }

    fn is_choice(self) -> bool {
        matches!(self, Self::Offer | Self::Choice)
    }
}

/// Everything the decision may look at.
pub struct Situation<'a> {
    pub bot: &'a Bot,
    pub control: &'a Control,
    pub heard: Heard,
    pub understanding: &'a Understanding,
    /// How the message fits what the dialogue waits for.
    pub fit: Fit,
    /// The message is the entity that the dialogue asked for and hardly more.
    pub is_bare_answer: bool,
    pub repair: Option<Repair>,
    /// Something that was offered was pressed.
    pub pressed: bool,
    pub question: Question,
    /// Intents that an answer to it may resemble.
    pub about: &'a [String],
    /// The flows under way, outermost first.
    pub flows: Vec<&'a str>,
    /// Messages in a row that were not understood.
    pub misunderstood: u32,
    pub articles: Articles,
}

/// The decision, or the wish to know first what the articles say.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Decided(Decision),
    AskArticles(Effort),
}

/// Which encoders take part in a search of the articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Every one that the index has vectors of.
    Every,
    /// Those that have read the message already: while a question is open, it is seldom about an article.
    AtHand,
}

/// How sure an intent must be to break into a flow that waits for something.
const BREAK_IN: f64 = 0.8;

/// The same for a message that resembles no example much: its out-of-scope score is not below [`FAMILIAR`]. "Very many"
/// is a poor answer to "how many?", however much it looks like "thanks very much".
const BREAK_IN_UNFAMILIAR: f64 = 0.99;
const FAMILIAR: f32 = 0.3;
/// After so many messages that were not understood a person is asked.
const PATIENCE: u32 = 2;

pub fn decide(situation: &Situation<'_>) -> Step {
    let early = own_word(situation).or_else(|| not_words(situation)).or_else(|| in_dialogue(situation));
    match early {
        Some(decision) => Step::Decided(decision),
        None => new_business(situation),
    }
}

/// Turn ownership: while a person owns the conversation the bot does not speak.
fn own_word(situation: &Situation<'_>) -> Option<Decision> {
    match situation.control {
        Control::Bot => None,
        Control::Waiting => Some(Decision::Silent { why: Silence::Waiting }),
        Control::Agent { .. } => Some(Decision::Silent { why: Silence::Agent }),
    }
}

fn not_words(situation: &Situation<'_>) -> Option<Decision> {
    match situation.heard {
        Heard::Words => None,
        Heard::Sticker => Some(Decision::AskAgain { why: AskAgain::Sticker }),
        // A flow may have asked for a picture or a place.
        Heard::Unreadable if situation.fit == Fit::Sure => Some(Decision::ContinueFlow),
        Heard::Unreadable => Some(Decision::AskAgain { why: AskAgain::Unsupported }),
        Heard::Started => Some(Decision::Welcome),
        Heard::Note => Some(Decision::Silent { why: Silence::NothingToSay }),
    }
}

/// Steering and answering come before anything new, unless the person clearly wants something else.
fn in_dialogue(situation: &Situation<'_>) -> Option<Decision> {
    if situation.pressed {
        return Some(Decision::ContinueFlow);
    }
    if let Some(repair) = &situation.repair {
        return Some(Decision::Repair { repair: repair.clone() });
    }
    let breaks_in = breaks_in(situation);
    match situation.fit {
        Fit::Sure if situation.question.is_choice() || situation.is_bare_answer || !breaks_in => {
            Some(Decision::ContinueFlow)
        }
        Fit::Perhaps if !breaks_in => Some(Decision::ContinueFlow),
        _ => None,
    }
}

/// True when the message clearly begins something other than the flows under way.
fn breaks_in(situation: &Situation<'_>) -> bool {
    let Some(best) = situation.understanding.intents.first().filter(|_| is_clear(situation)) else {
        return false;
    };
    if situation.about.contains(&best.name) {
        return false;
    }
    match situation.bot.flow_for_intent(&best.name) {
        Some(flow) => !situation.flows.contains(&flow.id.as_str()),
        None => situation.bot.answers_from_knowledge(&best.name),
    }
}

/// True when the best intent is very probable and every head that was asked names it: one head alone is easily sure of
/// a few words that no example resembles.
fn is_clear(situation: &Situation<'_>) -> bool {
    let understanding = situation.understanding;
    let Some(best) = understanding.intents.first().filter(|_| !understanding.out_of_scope) else {
        return false;
    };
    let mut heads = understanding.stages.iter().filter_map(|stage| stage.best.as_ref());
    let bar = if understanding.out_of_scope_score < FAMILIAR { BREAK_IN } else { BREAK_IN_UNFAMILIAR };
    f64::from(best.confidence) >= bar && heads.all(|head| head.name == best.name)
}

fn new_business(situation: &Situation<'_>) -> Step {
    let thresholds = &situation.bot.settings.thresholds;
    let best = situation.understanding.intents.first();
    let confidence = best.map_or(0.0, |intent| f64::from(intent.confidence));
    let in_scope = !situation.understanding.out_of_scope;
    // While a question is open a message is more likely a poor answer to it than a new wish.
    let least = best.map_or(thresholds.act, |intent| situation.bot.settings.act_on(&intent.name));
    let acts = confidence >= least && (!situation.question.is_open() || is_clear(situation));
    if let Some(best) = best.filter(|_| in_scope && acts) {
        let rival = rival_flows(situation);
        if !rival.is_empty() {
            return Step::Decided(Decision::Repair { repair: Repair::Clarify { flows: rival } });
        }
        if let Some(flow) = situation.bot.flow_for_intent(&best.name) {
            // Said again while its question is open, it is a poor answer: the flow counts the attempts.
            let again = situation.question.is_open() && situation.flows.contains(&flow.id.as_str());
            let flow = flow.id.clone();
            return Step::Decided(if again { Decision::ContinueFlow } else { Decision::StartFlow { flow } });
        }
    }
    from_articles(situation, in_scope)
}

/// The two best intents, when they are too close to choose and both begin a flow.
fn rival_flows(situation: &Situation<'_>) -> Vec<String> {
    let thresholds = &situation.bot.settings.thresholds;
    let [first, second, ..] = situation.understanding.intents.as_slice() else { return Vec::new() };
    let close = f64::from(first.confidence - second.confidence) < thresholds.margin
        && f64::from(second.confidence) >= thresholds.clarify;
    let flow = |name: &str| situation.bot.flow_for_intent(name).map(|flow| flow.id.clone());
    match (close, flow(&first.name), flow(&second.name)) {
        (true, Some(one), Some(other)) if one != other => vec![one, other],
        _ => Vec::new(),
    }
}

fn from_articles(situation: &Situation<'_>, in_scope: bool) -> Step {
    let thresholds = &situation.bot.settings.thresholds;
    let asks_articles = situation
        .understanding
        .intents
        .first()
        .is_some_and(|best| situation.bot.answers_from_knowledge(&best.name));
    // What is no clear question of its own is hardly more than a poor answer to the one that is open: an article must
    // fit it well, and several to choose from would only be in the way.
    let open = situation.question.is_open();
    let asks = !open || (asks_articles && is_clear(situation));
    match situation.articles {
        Articles::NotAsked => Step::AskArticles(if asks { Effort::Every } else { Effort::AtHand }),
        Articles::Found { confidence, foreign } if confidence >= thresholds.answer && !(open && foreign) => {
            Step::Decided(Decision::Answer)
        }
        Articles::Unsure if in_scope && asks => Step::Decided(Decision::Answer),
        Articles::Found { .. } | Articles::Unsure | Articles::Nothing => {
            Step::Decided(not_understood(situation, in_scope, asks_articles))
        }
    }
}

fn not_understood(situation: &Situation<'_>, in_scope: bool, asks_articles: bool) -> Decision {
    let thresholds = &situation.bot.settings.thresholds;
    // What the message most resembles is offered before the bot gives up on it.
    let offered: Vec<String> = situation
        .understanding
        .intents
        .iter()
        .take(3)
        .filter(|intent| f64::from(intent.confidence) >= thresholds.clarify)
        .filter_map(|intent| situation.bot.flow_for_intent(&intent.name))
        .map(|flow| flow.id.clone())
        .collect();
    if in_scope && situation.flows.is_empty() && !asks_articles && offered.len() >= 2 {
        return Decision::Repair { repair: Repair::Clarify { flows: offered } };
    }
    if situation.question.is_open() {
        // The flow counts the attempts and knows what to do when they are used up.
        return Decision::ContinueFlow;
    }
    if situation.misunderstood >= PATIENCE {
        return Decision::HandOff { reason: HandOffReason::NotUnderstood };
    }
    let why = match (in_scope, asks_articles) {
        (false, _) => AskAgain::OutOfScope,
        (true, true) => AskAgain::NoAnswer,
        (true, false) => AskAgain::Unsure,
    };
    Decision::AskAgain { why }
}

#[cfg(test)]
mod tests;
