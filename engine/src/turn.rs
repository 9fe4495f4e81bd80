//! Thinking: from one heard message to everything its turn will change. No database, no lock; only models and actions.

mod several;

use std::collections::BTreeMap;
use std::sync::Arc;

use channels::{Content, NoticeKind};
use dialogues::{Date, DialogueState, Event, Mention};
use jiff::tz::TimeZone;
use knowledge::{Answer, Query};
use nlu::{Context, Understanding, Understood};
use serde::{Deserialize, Serialize};
use tokio::sync::OwnedSemaphorePermit;

use crate::actions::Actions;
use crate::bots::LiveBot;
use crate::clock::Micros;
use crate::decide::{Articles, Decision, Effort, Heard, Question, Situation, Step, decide};
use crate::perform::{Performance, perform};
use crate::store::Control;
use crate::waiting::Wait;

/// The payload of a choice that asks for an article.
pub const ARTICLE_PAYLOAD: &str = "article/";
const HITS: usize = 10;
/// How sure a message's language must be to answer in it, and how sure where it mixes languages.
const TOLD: f32 = 0.5;
const CLEAR: f32 = 0.8;

/// What a conversation carries from turn to turn.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConversationState {
    pub dialogue: DialogueState,
    /// Messages in a row that were not understood.
    #[serde(default)]
    pub misunderstood: u32,
    /// Where what was unfinished here has gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub went_on: Option<WentOn>,
    /// What was asked besides and waits until the flow under way is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Asked>,
    /// The last answer to the question whether to go on here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linked: Option<LinkAnswer>,
}

/// Something that was asked and has not been dealt with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub text: String,
    pub at: Micros,
}

/// How somebody answered whether to go on here, to know the same answer when it comes twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkAnswer {
    pub question: String,
    pub yes: bool,
    /// What was typed; empty where a button was pressed.
    pub words: String,
    pub at: Micros,
}

/// The other conversation of the person in which a flow went on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WentOn {
    pub channel: String,
    /// The turn of this conversation that asked whether it should come back.
    #[serde(default)]
    pub asked: Option<i64>,
}

impl ConversationState {
    pub fn new(dialogue: DialogueState) -> Self {
        Self { dialogue, misunderstood: 0, went_on: None, asked: Vec::new(), linked: None }
    }
}

/// One message and what surrounds it.
#[derive(Clone, Debug)]
pub struct Hearing {
    pub content: Content,
    /// Not said to us, or another program owns the thread: kept, and nobody answers.
    pub overheard: bool,
    pub control: Control,
    pub channel: String,
    pub state: ConversationState,
    /// The language the conversation spoke so far, or what the platform says of the person.
    pub language: Option<String>,
    pub now: Micros,
    /// IANA name.
    pub time_zone: String,
    /// Chooses among variants of wording: the same seed gives the same words.
    pub seed: u64,
    /// Where the customer would stand in the queue.
    pub wait: Wait,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Thought {
    pub understanding: Understanding,
    pub decision: Decision,
    /// What was decided of the other things that were asked, now or earlier.
    pub also: Vec<Decision>,
    /// Nothing had to be computed to understand it.
    pub remembered: bool,
    pub state: ConversationState,
    pub language: String,
    pub performance: Performance,
    /// The articles that were considered: slug and score.
    pub articles: Vec<(String, f64)>,
    pub articles_answer: Option<Answer>,
}

/// Understands, decides and performs. Panics and endless loops in here are the worker's to survive. The permit is to
/// think on a thread: it is given back before actions are waited for.
pub async fn think(
    bot: &Arc<LiveBot>,
    actions: &Actions,
    hearing: Hearing,
    permit: OwnedSemaphorePermit,
) -> anyhow::Result<Thought> {
    let bot_clone = Arc::clone(bot);
    // Encoders are waited for, so this leaves the asynchronous threads alone. The whole state of a conversation goes there
    // and comes back; it is not copied.
    let made_up = tokio::task::spawn_blocking(move || (make_up_mind(&bot_clone, &hearing), hearing));
    let (mind, hearing) = made_up.await?;
    drop(permit);
    let thought = carry_out(bot, actions, &hearing, mind).await?;
    several::carry_out_the_rest(bot, actions, &hearing, thought).await
}

/// Performs what was decided.
async fn carry_out(
    bot: &Arc<LiveBot>,
    actions: &Actions,
    hearing: &Hearing,
    mind: Mind,
) -> anyhow::Result<Thought> {
    let language = mind.language.clone();
    let mut state = hearing.state.clone();
    state.dialogue.language.clone_from(&language);
    state.dialogue.channel.clone_from(&hearing.channel);
    state.dialogue.today = today(hearing);
    state.misunderstood = match &mind.decision {
        Decision::AskAgain { .. } => state.misunderstood + 1,
        Decision::Silent { .. } => state.misunderstood,
        _ => 0,
    };
    let later = mind.later.iter().map(|text| Asked { text: text.clone(), at: hearing.now });
    state.asked.extend(later);
    let performance = perform(bot, actions, hearing, &mind, state.dialogue).await?;
    state.dialogue = performance.state.clone();
    Ok(Thought {
        understanding: mind.understood.understanding,
        decision: mind.decision,
        also: Vec::new(),
        remembered: mind.understood.remembered,
        state,
        language,
        performance,
        articles: mind.articles,
        articles_answer: mind.answer,
    })
}

/// The understanding and the decision.
pub struct Mind {
    pub understood: Understood,
    pub heard: dialogues::Heard,
    pub language: String,
    pub decision: Decision,
    pub articles: Vec<(String, f64)>,
    pub answer: Option<Answer>,
    /// The other things that the message asks for.
    pub later: Vec<String>,
}

fn make_up_mind(bot: &LiveBot, hearing: &Hearing) -> Mind {
    let understood = understand(bot, hearing);
    let Some((first, later)) = several::divided(bot, hearing, &understood) else {
        return decide_on(bot, hearing, understood);
    };
    let part = Hearing { content: Content::Text { text: first }, ..hearing.clone() };
    let mut mind = decide_on(bot, &part, understand(bot, &part));
    mind.understood = understood;
    mind.later = later;
    mind
}

fn understand(bot: &LiveBot, hearing: &Hearing) -> Understood {
    let expecting = dialogues::expecting(&bot.dialogue, &hearing.state.dialogue);
    let context = Context {
        now_us: hearing.now.0,
        offset_minutes: offset_minutes(hearing),
        expecting: expecting.as_ref().and_then(|expecting| expecting.entity.as_deref()),
        language_hint: hearing.language.as_deref().and_then(nlu::Language::from_code),
    };
    bot.interpreter.understand(hearing.content.text().unwrap_or_default(), &context)
}

/// What to do with a message that was understood.
fn decide_on(bot: &LiveBot, hearing: &Hearing, understood: Understood) -> Mind {
    let dialogue = &hearing.state.dialogue;
    let expecting = dialogues::expecting(&bot.dialogue, dialogue);
    let language = language_of(bot, hearing, &understood.understanding);
    let heard = heard(&hearing.content, &understood.understanding);
    if let Some(answer) = asked_article(bot, &heard, &language) {
        let decision = match &hearing.control {
            Control::Bot => Decision::Answer,
            Control::Waiting => Decision::Silent { why: crate::decide::Silence::Waiting },
            Control::Agent { .. } => Decision::Silent { why: crate::decide::Silence::Agent },
        };
        let (articles, answer, later) = (Vec::new(), Some(answer), Vec::new());
        return Mind { understood, heard, language, decision, articles, answer, later };
    }
    let mut situation = Situation {
        bot: &bot.dialogue,
        control: &hearing.control,
        heard: if hearing.overheard { Heard::Note } else { kind_of(&hearing.content) },
        understanding: &understood.understanding,
        fit: dialogues::fit(&bot.dialogue, dialogue, &heard),
        is_bare_answer: understood.is_bare_answer,
        repair: dialogues::recognise_repair(&bot.dialogue, dialogue, &heard),
        pressed: heard.payload.is_some(),
        question: question(expecting.as_ref()),
        about: expecting.as_ref().map_or(&[], |expecting| &expecting.about),
        flows: dialogue.flows().collect(),
        misunderstood: hearing.state.misunderstood,
        articles: Articles::NotAsked,
    };
    let (mut articles, mut answer) = (Vec::new(), None);
    let decision = loop {
        match decide(&situation) {
            Step::Decided(decision) => break decision,
            Step::AskArticles(effort) => {
                let (scored, found) = search(bot, &understood, &language, effort);
                situation.articles = articles_say(&found, &language);
                (articles, answer) = (scored, Some(found));
            }
        }
    };
    Mind { understood, heard, language, decision, articles, answer, later: Vec::new() }
}

fn question(expecting: Option<&dialogues::Expecting>) -> Question {
    match expecting {
        None => Question::None,
        Some(expecting) if expecting.kind == dialogues::ExpectingKind::Slot => Question::Slot,
        Some(expecting) if expecting.kind == dialogues::ExpectingKind::Choice && expecting.optional => {
            Question::Offer
        }
        Some(_) => Question::Choice,
    }
}

/// Searches the articles.
pub fn search(
    bot: &LiveBot,
    understood: &Understood,
    language: &str,
    effort: Effort,
) -> (Vec<(String, f64)>, Answer) {
    let at_hand = |name: &str| understood.embeddings.iter().any(|(known, _)| known == name);
    let wanted: Vec<&str> =
        bot.index.encoders().filter(|name| effort == Effort::Every || at_hand(name)).collect();
    let embeddings = bot.interpreter.embed(understood, &wanted);
    for (encoder, _) in &embeddings {
        metrics::counter!("sala_search_encoder_total", "encoder" => encoder.clone()).increment(1);
    }
    let query = Query {
        text: understood.understanding.normalised.clone(),
        language: language.to_owned(),
        embeddings: embeddings.into_iter().collect::<BTreeMap<_, _>>(),
        limit: HITS,
    };
    let hits = match bot.index.search(&query) {
        Ok(hits) => hits,
        Err(error) => {
            tracing::error!(%error, "the articles cannot be searched");
            Vec::new()
        }
    };
    let answer = bot.index.answer(&query, &hits);
    let scored = hits
        .iter()
        .map(|hit| (hit.article.id.as_str().to_owned(), f64::from(hit.score)))
        .take(HITS)
        .collect();
    (scored, answer)
}

fn articles_say(answer: &Answer, language: &str) -> Articles {
    match answer {
        Answer::Found { confidence, citations, .. } => Articles::Found {
            confidence: f64::from(*confidence),
            foreign: citations.iter().all(|citation| citation.language != language),
        },
        Answer::Unsure { .. } => Articles::Unsure,
        Answer::Nothing => Articles::Nothing,
    }
}

/// A pressed choice that names an article is answered with it.
fn asked_article(bot: &LiveBot, heard: &dialogues::Heard, language: &str) -> Option<Answer> {
    let slug = heard.payload.as_deref()?.strip_prefix(ARTICLE_PAYLOAD)?;
    bot.index.direct_answer(slug, language)
}

fn kind_of(content: &Content) -> Heard {
    match content {
        // Another menu is shown now, which is no question.
        Content::Choice { values, .. } if values.contains_key("newRichMenuAliasId") => Heard::Note,
        Content::Text { .. } | Content::Choice { .. } => Heard::Words,
        Content::StoryReply { text, .. } if !text.is_empty() => Heard::Words,
        Content::Sticker { .. } => Heard::Sticker,
        Content::Media { media } if media.caption.is_some() => Heard::Words,
        Content::Media { .. }
        | Content::Location { .. }
        | Content::Contact { .. }
        | Content::Form { .. }
        | Content::Order { .. }
        | Content::Poll { .. }
        | Content::Shared { .. }
        | Content::StoryReply { .. }
        | Content::StoryMention { .. }
        | Content::Unsupported { .. } => Heard::Unreadable,
        Content::Started { .. } => Heard::Started,
        Content::Notice { notice } if notice.kind == NoticeKind::Joined => Heard::Started,
        // What everybody can read is for people to answer.
        Content::Comment { .. }
        | Content::Reaction { .. }
        | Content::Edited { .. }
        | Content::Deleted { .. }
        | Content::Referral { .. }
        | Content::Stopped
        | Content::Notice { .. }
        | Content::Unknown { .. } => Heard::Note,
    }
}

/// The message as the dialogue sees it.
fn heard(content: &Content, understanding: &Understanding) -> dialogues::Heard {
    let payload = match content {
        Content::Choice { payload, .. } => Some(payload.clone()),
        _ => None,
    };
    dialogues::Heard {
        text: content.text().unwrap_or_default().to_owned(),
        entities: understanding.entities.iter().map(mention).chain(sent(content)).collect(),
        payload,
        intent: understanding.intent().map(str::to_owned),
    }
}

/// What was sent that is no text, by its kind, as flows collect it: the name of a file, a place, the number of a contact.
fn sent(content: &Content) -> Option<Mention> {
    let text = match content {
        Content::Media { media } => media.name.clone().unwrap_or_else(|| content.kind().to_owned()),
        Content::Location { location } => {
            let named = location.title.clone().or_else(|| location.address.clone());
            named.unwrap_or_else(|| format!("{}, {}", location.latitude, location.longitude))
        }
        Content::Contact { contacts } => {
            let first = contacts.first()?;
            first.phones.first().unwrap_or(&first.name).clone()
        }
        _ => return None,
    };
    Some(Mention { kind: content.kind().to_owned(), value: dialogues::Value::text(text.clone()), text })
}

/// nlu's canonical values in the kinds that flows know: money in satang, a date as a date.
fn mention(entity: &nlu::Entity) -> Mention {
    let value = match entity.kind.as_str() {
        "money" => {
            dialogues::Value::number((entity.value["amount"].as_f64().unwrap_or_default() * 100.0).round())
        }
        "date" => entity
            .value
            .as_str()
            .and_then(|text| text.parse::<Date>().ok())
            .map_or(dialogues::Value::None, dialogues::Value::Date),
        _ => dialogues::Value::from_json(&entity.value),
    };
    Mention { kind: entity.kind.clone(), text: entity.text.clone(), value }
}

/// The language to answer in: the message's where it tells one, else the conversation's, else the bot's. A message that
/// mixes languages changes the conversation's only where its own is clear: "ขอ refund หน่อย" goes on as it was.
fn language_of(bot: &LiveBot, hearing: &Hearing, understanding: &Understanding) -> String {
    let detected = understanding.language;
    let least = if understanding.is_mixed { CLEAR } else { TOLD };
    let said = hearing.content.text().is_some() && detected.confidence >= least;
    let code = detected.language.code();
    bot.language(Some(code).filter(|_| said), hearing.language.as_deref()).to_owned()
}

fn zoned(hearing: &Hearing) -> Option<jiff::Zoned> {
    let zone = TimeZone::get(&hearing.time_zone).unwrap_or(TimeZone::UTC);
    Some(jiff::Timestamp::from_microsecond(hearing.now.0).ok()?.to_zoned(zone))
}

fn offset_minutes(hearing: &Hearing) -> i32 {
    zoned(hearing).map_or(0, |zoned| zoned.offset().seconds() / 60)
}

fn today(hearing: &Hearing) -> Option<Date> {
    let zoned = zoned(hearing)?;
    Date::new(i32::from(zoned.year()), u8::try_from(zoned.month()).ok()?, u8::try_from(zoned.day()).ok()?)
}

/// The event that a decision about the dialogue becomes.
pub fn event_of(mind: &Mind) -> Option<Event> {
    match &mind.decision {
        Decision::ContinueFlow => Some(Event::Heard(mind.heard.clone())),
        Decision::StartFlow { flow } => Some(Event::Begin { flow: flow.clone(), heard: mind.heard.clone() }),
        Decision::Repair { repair } => Some(Event::Repair(repair.clone())),
        _ => None,
    }
}
