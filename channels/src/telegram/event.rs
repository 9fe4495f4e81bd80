//! Presses, reactions, deletions, and the comings and goings of members.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::message::{thread, topic_hint};
use super::notice::notice;
use super::receive::{BUSINESS_HINT, CALLBACK_HINT, Draft, sender};
use super::thread::Thread;
use super::update::{
    CallbackQuery, ChatMember, ChatMemberUpdated, Field, MessageReaction, MessagesDeleted, PressedMessage,
    ReactionType, read,
};
use crate::{Content, NoticeKind, Reaction};

/// A press is always said to us. Its message may be too old to be told, or stand in a chat without us.
pub(super) fn pressed(raw: &Value) -> Option<Draft> {
    let query: CallbackQuery = read(raw)?;
    let default = PressedMessage::default();
    let under = query.message.0.as_ref().unwrap_or(&default);
    let content = match (&query.data.0, &query.game_short_name.0) {
        (Some(data), _) => {
            Content::Choice { payload: data.clone(), title: title_of(under, data), values: BTreeMap::new() }
        }
        (None, Some(game)) => notice(NoticeKind::Game, "callback_query", &json!({"name": game})),
        (None, None) => Content::Unknown { kind: "callback_query".into() },
    };
    let chat = under.chat.0.as_ref();
    let connection = under.business_connection_id.0.clone();
    let place = chat
        .and_then(|chat| chat.id.0)
        .map(|id| thread(id, connection.clone(), &under.direct_messages_topic));
    let mut draft = Draft::new(place.as_ref(), chat, sender(query.from.0.as_ref(), None, chat), content);
    draft.message.addressed = true;
    draft.message.group &= place.as_ref().is_none_or(|place| place.topic.is_none());
    draft.message.reply_to = place.zip(under.message_id.0).map(|(place, id)| place.message(id));
    let hints = [
        query.id.0.map(|id| (CALLBACK_HINT.to_owned(), id)),
        topic_hint(under.is_topic_message.0, under.message_thread_id.0),
        connection.map(|id| (BUSINESS_HINT.to_owned(), id)),
    ];
    draft.message.hints.extend(hints.into_iter().flatten());
    Some(draft)
}

fn title_of(under: &PressedMessage, data: &str) -> Option<String> {
    let rows = under.reply_markup.0.as_ref()?.inline_keyboard.0.as_ref()?;
    rows.iter().flatten().find(|key| key.callback_data.0.as_deref() == Some(data))?.text.0.clone()
}

/// A person may hold several reactions at once; the one just added counts, else one that is left.
pub(super) fn reacted(raw: &Value) -> Option<Draft> {
    let reaction: MessageReaction = read(raw)?;
    let chat = reaction.chat.0.as_ref()?;
    let thread = Thread::of_chat(chat.id.0?);
    let new: Vec<String> = reaction.new_reaction.0.as_ref()?.iter().map(emoji).collect();
    let old: Vec<String> = reaction.old_reaction.0.iter().flatten().map(emoji).collect();
    let added = new.iter().find(|emoji| !old.contains(emoji)).or(new.last()).cloned();
    let external_id = thread.message(reaction.message_id.0?);
    let content = Content::Reaction { reaction: Reaction { external_id, emoji: added } };
    let sender = sender(reaction.user.0.as_ref(), reaction.actor_chat.0.as_ref(), Some(chat));
    Some(Draft { date: reaction.date.0, ..Draft::new(Some(&thread), Some(chat), sender, content) })
}

fn emoji(reaction: &Field<ReactionType>) -> String {
    let reaction = reaction.0.as_ref();
    let kind = reaction.and_then(|reaction| reaction.kind.0.as_deref());
    match (kind, reaction) {
        (Some("emoji"), Some(reaction)) => reaction.emoji.0.clone().unwrap_or_default(),
        (Some("paid"), _) => "⭐".into(),
        (_, reaction) => {
            let id = reaction.and_then(|reaction| reaction.custom_emoji_id.0.clone());
            format!("custom:{}", id.unwrap_or_default())
        }
    }
}

/// The messages that were deleted in a chat of a business account: an event for each.
pub(super) fn deleted(raw: &Value) -> Option<Vec<Draft>> {
    let deleted: MessagesDeleted = read(raw)?;
    let chat = deleted.chat.0.as_ref()?;
    let connection = deleted.business_connection_id.0.clone();
    let thread = Thread { connection: connection.clone(), ..Thread::of_chat(chat.id.0?) };
    let drafts = deleted.message_ids.0.iter().flatten().filter_map(|id| {
        let content = Content::Deleted { external_id: thread.message(id.0?) };
        let mut draft = Draft::new(Some(&thread), Some(chat), sender(None, None, Some(chat)), content);
        draft.message.hints.extend(connection.clone().map(|id| (BUSINESS_HINT.to_owned(), id)));
        Some(draft)
    });
    Some(drafts.collect())
}

/// True for who is outside, by the name that Telegram gives the standing.
fn is_outside(member: &Field<ChatMember>) -> Option<bool> {
    member.0.as_ref()?.status.0.as_deref().map(|status| matches!(status, "kicked" | "left"))
}

/// Our own standing: blocked by a person, put out of a group, the way back, or other rights.
pub(super) fn joined_or_left(raw: &Value) -> Option<Draft> {
    let change: ChatMemberUpdated = read(raw)?;
    let is_private = change.chat.0.as_ref()?.kind.0.as_deref() == Some("private");
    let told = |kind| notice(kind, "my_chat_member", raw);
    let content = match (is_outside(&change.old_chat_member), is_outside(&change.new_chat_member)?) {
        (_, true) if is_private => Content::Stopped,
        (_, true) => told(NoticeKind::Left),
        (Some(true), false) if is_private => Content::Started { payload: None },
        (Some(true), false) => told(NoticeKind::Joined),
        (_, false) => told(NoticeKind::Account),
    };
    of_change(&change, content)
}

/// Somebody else's standing in a group where we may see it.
pub(super) fn member_changed(raw: &Value) -> Option<Draft> {
    let change: ChatMemberUpdated = read(raw)?;
    let came = is_outside(&change.old_chat_member) == Some(true) && !is_outside(&change.new_chat_member)?;
    let kind = if came { NoticeKind::MembersJoined } else { NoticeKind::MembersLeft };
    let mut content = notice(kind, "chat_member", raw);
    if let Content::Notice { notice } = &mut content {
        let user = change.new_chat_member.0.as_ref().and_then(|member| member.user.0.as_ref());
        notice.text = sender(user, None, None).display_name;
    }
    of_change(&change, content)
}

fn of_change(change: &ChatMemberUpdated, content: Content) -> Option<Draft> {
    let chat = change.chat.0.as_ref()?;
    let thread = Thread::of_chat(chat.id.0?);
    let sender = sender(change.from.0.as_ref(), None, Some(chat));
    Some(Draft { date: change.date.0, ..Draft::new(Some(&thread), Some(chat), sender, content) })
}
