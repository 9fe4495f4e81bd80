//! What a person left unfinished elsewhere goes on where they are now: it moves, so that it is in one place only. Who comes
//! back to the place it left is asked once whether it should come back too.

use channels::{ChannelName, Choice, Content};
use dialogues::{DialogueState, ExpectingKind};

use super::offer::title;
use super::turn::{Place, said};
use crate::bots::LiveBot;
use crate::clock::Micros;
use crate::decide::Decision;
use crate::store::{Came, Claimed, Control, Elsewhere, Left, MessageBody, Moved, PendingMessage, StoreError};
use crate::turn::{ConversationState, Thought, WentOn};

/// An unfinished flow is taken over from a conversation that is younger than this.
const YOUNG: i64 = 7 * Micros::DAY;

/// The payloads of the two answers to the question whether to go on here.
const HERE: &str = "sala/go-on-here";
const THERE: &str = "sala/go-on-there";

/// What comes along to where the person is now.
#[derive(Default)]
pub struct CameAlong {
    /// The flow that was not finished.
    pub moved: Option<Moved>,
    /// Who owns the next word.
    pub came: Option<Came>,
}

/// Goes on with everything that the person was about elsewhere. Whoever was linked just now comes from there in any case;
/// anybody else only where something is under way.
pub async fn come_along(
    place: &Place<'_>,
    (claimed, state): (&Claimed, &mut ConversationState),
    linked: bool,
) -> Result<CameAlong, StoreError> {
    let moved = take_over(place, (claimed, state)).await?;
    let store = &place.app.store;
    let left = store.left_elsewhere(&claimed.lease.tenant, &claimed.lease.conversation).await?;
    let since = store.clock().now().0 - YOUNG;
    let counts = |left: &Left| {
        linked || moved.is_some() || left.control == Control::Waiting || owned_lately(left, since)
    };
    let came = left.filter(counts).map(|left| Came { left, channel: claimed.channel.clone() });
    Ok(CameAlong { moved, came })
}

fn owned_lately(left: &Left, since: i64) -> bool {
    matches!(left.control, Control::Agent { .. }) && left.last_at.0 > since
}

impl CameAlong {
    /// Who owns the next word here once this is committed.
    pub fn owner(&self, here: &Control) -> Control {
        self.came.as_ref().map_or_else(|| here.clone(), |came| came.left.owner(here))
    }
}

/// Goes on with what the person has not finished elsewhere, if nothing is under way here: the state is changed, and what
/// is returned must be committed with it.
async fn take_over(
    place: &Place<'_>,
    (claimed, state): (&Claimed, &mut ConversationState),
) -> Result<Option<Moved>, StoreError> {
    if !state.dialogue.is_idle() {
        return Ok(None);
    }
    let Some((elsewhere, there)) = unfinished(place, claimed).await? else { return Ok(None) };
    let language = place.bot.language(None, elsewhere.language.as_deref());
    let mut left = ConversationState::new(DialogueState::new(language, &elsewhere.channel));
    left.dialogue.person = there.dialogue.person.clone();
    left.went_on = Some(WentOn { channel: claimed.channel.clone(), asked: None });
    let moved = Moved {
        from: elsewhere.conversation,
        state: elsewhere.state,
        left: serde_json::to_string(&left).map_err(StoreError::corrupt("state"))?,
        line: with_channel(place, language, ("link-went-on", &claimed.channel)),
    };
    let mut dialogue = there.dialogue;
    dialogue.person = std::mem::take(&mut state.dialogue.person);
    dialogue.channel.clone_from(&state.dialogue.channel);
    state.dialogue = dialogue;
    state.went_on = None;
    Ok(Some(moved))
}

/// The person's latest conversation elsewhere, if a flow of this bot waits there for the person.
async fn unfinished(
    place: &Place<'_>,
    claimed: &Claimed,
) -> Result<Option<(Elsewhere, ConversationState)>, StoreError> {
    let (tenant, conversation) = (&claimed.lease.tenant, &claimed.lease.conversation);
    let found = place.app.store.state_elsewhere(tenant, conversation, YOUNG).await?;
    let Some(elsewhere) = found else { return Ok(None) };
    let Ok(there) = serde_json::from_str::<ConversationState>(&elsewhere.state) else { return Ok(None) };
    let dialogue = &there.dialogue;
    let flows = &place.bot.dialogue.flows;
    let is_ours = dialogue.flows().chain(dialogue.paused_flows()).all(|flow| flows.contains_key(flow));
    // "Anything else?" leaves nothing open.
    let is_over = dialogues::expecting(&place.bot.dialogue, dialogue)
        .is_some_and(|asked| asked.optional && asked.kind == ExpectingKind::Choice);
    let waits = !dialogue.is_idle() && !dialogue.awaits_effect() && !is_over && is_ours;
    Ok(waits.then_some((elsewhere, there)))
}

/// Asks who came back to where something was left whether it should come back too: once, and below the answer to what
/// they said, where there is one.
pub async fn mention(
    place: &Place<'_>,
    claimed: &Claimed,
    (message, thought): (&PendingMessage, &mut Thought),
) -> Result<(), StoreError> {
    let Some(went_on) = &thought.state.went_on else { return Ok(()) };
    let is_bots = claimed.control == Control::Bot && thought.performance.hand_off.is_none();
    let is_silent = matches!(thought.decision, Decision::Silent { .. });
    if went_on.asked.is_some() || is_silent || !is_bots || !thought.state.dialogue.is_idle() {
        return Ok(());
    }
    let Some((elsewhere, _)) = unfinished(place, claimed).await? else {
        thought.state.went_on = None;
        return Ok(());
    };
    let choice = |id: &str, payload: &str| Choice {
        title: with_channel(place, &thought.language, (id, &elsewhere.channel)),
        payload: payload.to_owned(),
    };
    let text = with_channel(place, &thought.language, ("link-go-on-here", &elsewhere.channel));
    let choices = vec![choice("link-here", HERE), choice("link-there", THERE)];
    // Nobody is asked again what they meant who answered a question that has moved.
    if matches!(thought.decision, Decision::AskAgain { .. }) {
        thought.performance.replies.clear();
    }
    thought.performance.replies.push(MessageBody { choices, ..MessageBody::text(text) });
    thought.state.went_on = Some(WentOn { channel: elsewhere.channel, asked: Some(message.turn) });
    Ok(())
}

/// What a message says to that question: true to go on here. Words count only right after it.
pub(super) fn answer_to_offer(
    bot: &LiveBot,
    content: &Content,
    (state, turn): (&ConversationState, i64),
) -> Option<bool> {
    match content {
        Content::Choice { payload, .. } if payload == HERE => Some(true),
        Content::Choice { payload, .. } if payload == THERE => Some(false),
        Content::Text { text } => {
            let asked = state.went_on.as_ref()?.asked?;
            (asked + 1 == turn).then(|| dialogues::says_yes(&bot.dialogue, text))?
        }
        _ => None,
    }
}

/// Answers it. What is no longer unfinished cannot come back, which is said.
pub(super) async fn come_back(
    place: &Place<'_>,
    claimed: &Claimed,
    (here, language): (bool, &str),
    state: &mut ConversationState,
) -> Result<(Vec<MessageBody>, CameAlong), StoreError> {
    if !here {
        let channel = state.went_on.as_ref().map_or(claimed.channel.as_str(), |went_on| &went_on.channel);
        let text = with_channel(place, language, ("link-stays", channel));
        return Ok((vec![MessageBody::text(text)], CameAlong::default()));
    }
    let along = come_along(place, (claimed, state), false).await?;
    if along.moved.is_none() {
        state.went_on = None;
        return Ok((vec![said(place, language, "link-nothing-open", &[])], along));
    }
    let mut bodies = vec![said(place, language, "link-came-back", &[])];
    bodies.extend(crate::perform::question_again(place.bot, &claimed.channel, &mut state.dialogue));
    Ok((bodies, along))
}

fn with_channel(place: &Place<'_>, language: &str, (id, channel): (&str, &str)) -> String {
    let name = ChannelName::parse(channel).unwrap_or(ChannelName::Webhook);
    let channel = title(place.app, language, name);
    place.app.texts.with(language, id, &[("channel", &channel)])
}
