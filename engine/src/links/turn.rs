//! The turn of a message that brought a proof, or asks for one: understanding is not asked, and the bot's flows are not
//! either. The answer says what came of it; somebody who was half-way through a flow elsewhere goes on with it here.

use std::sync::Arc;

use channels::{Content, InboundMessage};
use dialogues::DialogueState;

use super::going_on::{self, CameAlong, come_along};
use super::question::{self, Answer};
use super::{CONTINUE_PAYLOAD, HINT, TOO_MANY};
use crate::accounts::{OpenAccount, delivers_live};
use crate::app::App;
use crate::bots::LiveBot;
use crate::store::{
    Asked, Author, Claimed, Control, LinkOwner, MessageBody, NewReply, PendingMessage, Redeem, Redeemed,
    StoreError, TurnCommit,
};
use crate::turn::{ConversationState, LinkAnswer};

/// Where the turn is taken.
pub struct Place<'p> {
    pub app: &'p App,
    pub account: &'p Arc<OpenAccount>,
    pub bot: &'p Arc<LiveBot>,
}

/// What a message wants of us.
enum Wish<'m> {
    /// A proof was brought: its hash.
    Bring(&'m str),
    /// The question about a proof was answered.
    Answer(Answer),
    Continue,
    /// The answer that was given already: nothing is said to it.
    Repeat,
    /// Whether what went on elsewhere comes back to this conversation.
    ComeBack(bool),
}

async fn wish<'m>(
    place: &Place<'_>,
    claimed: &Claimed,
    heard: &'m InboundMessage,
    (content, state, message): (&Content, &ConversationState, &PendingMessage),
) -> Result<Option<Wish<'m>>, StoreError> {
    if let Some((_, hash)) = heard.hints.iter().find(|(name, _)| name == HINT) {
        return Ok(Some(Wish::Bring(hash)));
    }
    if !heard.group && question::is_repeated(place, state, (content, message.accepted_at)) {
        return Ok(Some(Wish::Repeat));
    }
    if let Some(answer) = question::answered(place, claimed, heard).await? {
        return Ok(Some(Wish::Answer(answer)));
    }
    Ok(match content {
        _ if heard.group => None,
        Content::Choice { payload, .. } if payload == CONTINUE_PAYLOAD => Some(Wish::Continue),
        content => going_on::answer_to_offer(place.bot, content, (state, message.turn)).map(Wish::ComeBack),
    })
}

/// Takes the turn of a message that is about linking. False for every other one.
pub async fn take(
    place: &Place<'_>,
    claimed: &mut Claimed,
    (message, heard, last): (&PendingMessage, &InboundMessage, bool),
) -> Result<bool, StoreError> {
    let spoken = claimed.language.clone().or_else(|| heard.sender.language.clone());
    let mut language = place.bot.language(None, spoken.as_deref()).to_owned();
    let mut state = serde_json::from_str(&claimed.state)
        .unwrap_or_else(|_| ConversationState::new(DialogueState::new(&language, claimed.channel.as_str())));
    let pressed = crate::workers::pressed_by_number(place, claimed, heard).await?;
    let content = pressed.as_ref().unwrap_or(&heard.content);
    let about = (content, &state, message);
    let Some(wish) = wish(place, claimed, heard, about).await? else { return Ok(false) };
    let mut along = CameAlong::default();
    let bodies = match wish {
        Wish::Continue => vec![offered(place, claimed, &language).await?],
        Wish::Bring(TOO_MANY) => vec![said(place, &language, "link-too-many", &[])],
        Wish::Repeat => Vec::new(),
        Wish::Bring(hash) => {
            match place.app.store.bring_link(redeem(place, (message, heard), hash.to_owned())).await? {
                Asked::Question(begun) => {
                    metrics::counter!("sala_links_total", "outcome" => "asked").increment(1);
                    // A code has no words: the person whom they would join is known to speak a language.
                    let known = begun.as_ref().and_then(|begun| begun.language.as_deref());
                    if let Some(known) = known.filter(|_| spoken.is_none()) {
                        language = place.bot.language(None, Some(known)).to_owned();
                    }
                    vec![question::body(place, (hash, begun), &language)]
                }
                Asked::Settled(redeemed) => {
                    let bodies;
                    (bodies, along) = answer(place, claimed, (&redeemed, &language), &mut state).await?;
                    bodies
                }
            }
        }
        Wish::Answer(given) => {
            let redeemed = settle(place, (message, heard), &given).await?;
            let bodies;
            (bodies, along) = answer(place, claimed, (&redeemed, &language), &mut state).await?;
            if matches!(redeemed, Redeemed::Linked(_) | Redeemed::Declined) {
                let words = question::words_of(&heard.content);
                let Answer { question, yes } = given;
                state.linked = Some(LinkAnswer { question, yes, words, at: message.accepted_at });
            }
            bodies
        }
        Wish::ComeBack(here) => {
            let bodies;
            (bodies, along) = going_on::come_back(place, claimed, (here, &language), &mut state).await?;
            bodies
        }
    };
    commit(place, claimed, (message, along, last), (state, bodies, language)).await?;
    Ok(true)
}

fn redeem(place: &Place<'_>, (message, heard): (&PendingMessage, &InboundMessage), hash: String) -> Redeem {
    Redeem {
        tenant: place.account.tenant.clone(),
        hash,
        account: place.account.id.clone(),
        sender: heard.sender.external_id.clone(),
        message: message.message.clone(),
    }
}

/// Does what the answer to the question says. Who was not asked has nothing to answer.
async fn settle(
    place: &Place<'_>,
    (message, heard): (&PendingMessage, &InboundMessage),
    given: &Answer,
) -> Result<Redeemed, StoreError> {
    let (store, account) = (&place.app.store, &place.account.id);
    let asked = (account, heard.sender.external_id.as_str());
    let Some(hash) = store.asked_link(&place.account.tenant, asked, &given.question).await? else {
        return Ok(Redeemed::Unknown);
    };
    let redeem = redeem(place, (message, heard), hash);
    if given.yes { store.redeem(redeem).await } else { store.decline_link(redeem).await }
}

/// The message that hands a code out to the conversation's person.
pub async fn offered(
    place: &Place<'_>,
    claimed: &Claimed,
    language: &str,
) -> Result<MessageBody, StoreError> {
    let Place { app, account, .. } = *place;
    let owner = LinkOwner::Person(claimed.person.clone());
    let tenant = &claimed.lease.tenant;
    let offer = super::offer(app, tenant, (&owner, "customer"), Some(&account.id)).await;
    let body = offer.and_then(|offer| offer.body(app, tenant, language));
    body.map_err(|error| StoreError::Unusable(format!("no code can be made: {error:#}")))
}

pub(super) fn said(place: &Place<'_>, language: &str, id: &str, args: &[(&str, &str)]) -> MessageBody {
    MessageBody::text(place.app.texts.with(language, id, args))
}

async fn answer(
    place: &Place<'_>,
    claimed: &mut Claimed,
    (redeemed, language): (&Redeemed, &str),
    state: &mut ConversationState,
) -> Result<(Vec<MessageBody>, CameAlong), StoreError> {
    let (outcome, id) = match redeemed {
        Redeemed::Linked(_) => ("linked", "link-done"),
        Redeemed::Colleague { .. } => ("colleague", "link-colleague"),
        Redeemed::Same => ("same", "link-same"),
        Redeemed::Declined => ("declined", "link-declined"),
        Redeemed::Expired => ("expired", "link-expired"),
        Redeemed::Used => ("used", "link-used"),
        Redeemed::Unknown => ("unknown", "link-unknown"),
    };
    metrics::counter!("sala_links_total", "outcome" => outcome).increment(1);
    let name = if let Redeemed::Colleague { name, .. } = redeemed { name } else { "" };
    let mut bodies = vec![said(place, language, id, &[("name", name)])];
    let Redeemed::Linked(person) = redeemed else { return Ok((bodies, CameAlong::default())) };
    claimed.person = person.clone();
    claimed.facts = place.app.store.person_facts(&claimed.lease.tenant, person).await?;
    know(state, &claimed.facts);
    let along = come_along(place, (claimed, state), true).await?;
    if along.moved.is_some() {
        let channel = claimed.channel.as_str();
        bodies.extend(crate::perform::question_again(place.bot, channel, &mut state.dialogue));
    }
    // Who waited for a person, or had one, is told that this has come along.
    match (&claimed.control, along.owner(&claimed.control)) {
        (Control::Bot, Control::Waiting) => bodies.push(said(place, language, "link-still-waits", &[])),
        (Control::Bot | Control::Waiting, Control::Agent { name: Some(name), .. }) => {
            bodies.push(said(place, language, "link-same-agent", &[("name", &name)]));
        }
        _ => {}
    }
    Ok((bodies, along))
}

/// Puts what is remembered of the person into the state.
pub fn know(state: &mut ConversationState, facts: &str) {
    if let Ok(facts) = serde_json::from_str(facts)
        && let dialogues::Value::Record(facts) = dialogues::Value::from_json(&facts)
    {
        state.dialogue.person = facts;
    }
}

async fn commit(
    place: &Place<'_>,
    claimed: &mut Claimed,
    (message, along, last): (&PendingMessage, CameAlong, bool),
    (state, bodies, language): (ConversationState, Vec<MessageBody>, String),
) -> Result<(), StoreError> {
    let state = serde_json::to_string(&state).map_err(StoreError::corrupt("state"))?;
    let view = serde_json::json!({
        "id": message.message, "seq": message.turn, "message_id": message.message,
        "at": place.app.store.clock().now().millis(), "language": language, "intents": [], "out_of_scope": false,
        "entities": [], "sentiment": null, "decision": "link", "flow": null, "candidates": [], "citations": [],
        "duration_ms": 0, "versions": { "program": env!("CARGO_PKG_VERSION"), "bot": "", "model": "" },
    });
    // An agent's conversation hears of it from the system: the bot is silent there.
    let author = if claimed.control == Control::Bot { Author::Bot } else { Author::System };
    let replies = bodies.into_iter().map(|body| NewReply {
        author,
        author_name: None,
        body,
        live: delivers_live(place.account.name.as_str()),
    });
    let owner = along.owner(&claimed.control);
    let commit = TurnCommit {
        lease: claimed.lease.clone(),
        inbound: message.inbound.clone(),
        message: message.message.clone(),
        turn: message.turn,
        state: state.clone(),
        language: Some(language.clone()).filter(|_| claimed.language.is_none()),
        intent: None,
        sentiment: None,
        urgent: false,
        toxic: false,
        decision: "link".to_owned(),
        record: view.to_string(),
        view: view.to_string(),
        replies: replies.collect(),
        handoff: None,
        remember: None,
        jobs: Vec::new(),
        moved: along.moved,
        came: along.came,
        parked: None,
        last,
    };
    place.app.store.commit_turn(commit).await?;
    claimed.state = state;
    claimed.control = owner;
    claimed.language.get_or_insert(language);
    claimed.done_turn = message.turn;
    metrics::counter!("sala_turn_total", "outcome" => "done").increment(1);
    Ok(())
}
