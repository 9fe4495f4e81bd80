//! What a turn is given: the message as it is meant, the state of the conversation, and who owns the next word.

use channels::{Content, Destination, InboundMessage};

use crate::bots::LiveBot;
use crate::comment_rule;
use crate::links::going_on::{CameAlong, come_along};
use crate::links::turn::{Place, know};
use crate::numbered;
use crate::signs::{self, Thinking};
use crate::store::{Author, Claimed, PendingMessage, StoreError};
use crate::turn::{ConversationState, Hearing};

/// The bot hears: the message is shown as seen, and typing when the answer takes a while. None where a person owns the
/// next word or the message was not said to us.
pub(super) fn show_signs(place: &Place<'_>, claimed: &Claimed, heard: &InboundMessage) -> Option<Thinking> {
    let Place { app, account, .. } = *place;
    let is_ours = claimed.control == crate::store::Control::Bot && heard.addressed && !heard.standby;
    if !is_ours || !heard.content.wants_answer() {
        return None;
    }
    let to = Destination { hints: heard.hints.clone(), ..Destination::thread(heard.thread.as_str()) };
    signs::seen(app, account, &to, &heard.external_id);
    Some(Thinking::begin(app, account, to))
}

/// What is heard in this turn, and what was left unfinished elsewhere that goes on here.
pub(super) async fn hearing(
    place: &Place<'_>,
    claimed: &Claimed,
    (message, heard): (&PendingMessage, &InboundMessage),
) -> Result<(Hearing, CameAlong), StoreError> {
    let Place { app, account, bot } = *place;
    let language = claimed.language.clone().or_else(|| heard.sender.language.clone());
    let stored = serde_json::from_str::<ConversationState>(&claimed.state).ok();
    let is_new = stored.is_none();
    let mut state = stored.unwrap_or_else(|| fresh_state(bot, claimed, language.as_deref()));
    know(&mut state, &claimed.facts);
    // Somebody who is linked goes on with what was left unfinished elsewhere.
    let is_private = !heard.group && !claimed.thread.starts_with(channels::COMMENT_THREAD);
    let along = if is_new && is_private {
        come_along(place, (claimed, &mut state), false).await?
    } else {
        CameAlong::default()
    };
    let wait = app.waits.estimate(&app.store, &account.tenant, &claimed.lease.conversation).await?;
    let hearing = Hearing {
        content: numbered::said_by_button(
            pressed_by_number(place, claimed, heard)
                .await?
                .or_else(|| comment_rule::heard(account, &heard.content))
                .unwrap_or_else(|| without_call(heard)),
        ),
        overheard: heard.standby || !(heard.addressed || quotes_us(place, heard).await?),
        control: along.owner(&claimed.control),
        channel: claimed.channel.clone(),
        state,
        language,
        now: app.store.clock().now(),
        time_zone: app.time_zone(&account.tenant),
        seed: seed(message.message.as_str()),
        wait,
    };
    Ok((hearing, along))
}

/// What a message in a group says besides our name.
fn without_call(heard: &InboundMessage) -> Content {
    let called = heard.hints.iter().find(|(name, _)| name == channels::CALLED);
    let (Content::Text { text }, Some((_, called))) = (&heard.content, called) else {
        return heard.content.clone();
    };
    let signs = |letter: char| letter.is_whitespace() || matches!(letter, ',' | ':' | '，' | '：');
    let rest = text.replacen(called.as_str(), "", 1).trim().trim_start_matches(signs).to_owned();
    // Who says our name alone wants something of us.
    if rest.is_empty() { heard.content.clone() } else { Content::Text { text: rest } }
}

/// In a group an answer to a message of ours is meant for us.
async fn quotes_us(place: &Place<'_>, heard: &InboundMessage) -> Result<bool, StoreError> {
    let Some(quoted) = heard.reply_to.as_deref().filter(|_| heard.group) else { return Ok(false) };
    let Place { app, account, .. } = *place;
    let quoted = app.store.message_of_platform(&account.tenant, &account.id, quoted).await?;
    Ok(quoted.is_some_and(|quoted| matches!(quoted.author, Author::Bot | Author::Agent)))
}

/// What a person means who answers with a number, where the platform showed the choices as a numbered list.
pub async fn pressed_by_number(
    place: &Place<'_>,
    claimed: &Claimed,
    heard: &InboundMessage,
) -> Result<Option<Content>, StoreError> {
    let Some(number) = numbered::number_in(&heard.content) else { return Ok(None) };
    let Place { app, account, .. } = *place;
    let newest = app.store.messages(&account.tenant, &claimed.lease.conversation, None, NEWEST).await?;
    let said = newest.iter().rev().find(|message| message.author == Author::Bot);
    let place = (account.adapter, &account.config);
    Ok(said.and_then(|said| numbered::chosen(&said.body, place, &heard.thread, number)))
}

/// The messages among which the bot's last one is looked for.
const NEWEST: i64 = 10;

/// The state of a conversation in which nothing was said, or whose state another version wrote.
fn fresh_state(bot: &LiveBot, claimed: &Claimed, language: Option<&str>) -> ConversationState {
    let language = bot.language(language, None);
    ConversationState::new(dialogues::DialogueState::new(language, claimed.channel.as_str()))
}

/// FNV-1a of the message's id: the same message always gets the same variant of a wording.
fn seed(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use channels::{CALLED, Sender};

    use super::*;

    #[test]
    fn our_name_is_no_part_of_what_is_meant() {
        let check = |text: &str, called: Option<&str>, expected: &str| {
            let content = Content::Text { text: text.to_owned() };
            let mut heard = InboundMessage::new("e1", Sender::new("u1"), 0, content);
            heard.hints.extend(called.map(|called| (CALLED.to_owned(), called.to_owned())));
            assert_eq!(without_call(&heard), Content::Text { text: expected.to_owned() }, "{text}");
        };
        check("@baan_kafe_bot ร้านปิดกี่โมงคะ", Some("@baan_kafe_bot"), "ร้านปิดกี่โมงคะ");
        check("น้องกาแฟ, ร้านปิดกี่โมง", Some("น้องกาแฟ"), "ร้านปิดกี่โมง");
        check("ร้านปิดกี่โมงคะ @Baan Kafe", Some("@Baan Kafe"), "ร้านปิดกี่โมงคะ");
        check("@baan_kafe_bot", Some("@baan_kafe_bot"), "@baan_kafe_bot");
        check("mail me at a@b.example", None, "mail me at a@b.example");
    }
}
