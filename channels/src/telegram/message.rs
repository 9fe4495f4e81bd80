//! Messages: who wrote what where, and whether it is said to us.

use serde_json::Value;

use super::content::{content_of, own_phone};
use super::notice::notice;
use super::receive::{BUSINESS_HINT, Draft, GUEST_HINT, Ours, TOPIC_HINT, sender};
use super::thread::Thread;
use super::update::{Field, Message, Quoted, Topic, User, read};
use crate::{CALLED, Content, NoticeKind, Referral};

/// A message to the bot, in a group, or to a business account that the bot answers for.
pub(super) fn heard(raw: &Value, ours: &Ours<'_>) -> Option<Draft> {
    let message: Message = read(raw)?;
    let content = content_of(&message, raw, ours);
    let referral = match &content {
        Content::Started { payload: Some(payload) } => Some(Referral {
            source: "deep_link".into(),
            payload: Some(payload.clone()),
            ..Referral::default()
        }),
        _ => None,
    };
    let mut heard = draft(&message, content, ours)?;
    heard.message.external_id = thread_of(&message)?.message(message.message_id.0?);
    heard.message.reply_to = quoted(&message);
    heard.message.referral = referral;
    heard.message.forwarded = is_forwarded(raw);
    heard.message.sender.phone = own_phone(raw);
    Some(heard)
}

/// Whoever wrote to a bot that is not in the chat named it, so it is said to us.
pub(super) fn of_guest(raw: &Value, ours: &Ours<'_>) -> Option<Draft> {
    let mut heard = heard(raw, ours)?;
    heard.message.addressed = true;
    let query = raw.get("guest_query_id").and_then(Value::as_str);
    heard.message.hints.extend(query.map(|query| (GUEST_HINT.to_owned(), query.to_owned())));
    Some(heard)
}

pub(super) fn edited(raw: &Value, ours: &Ours<'_>) -> Option<Draft> {
    let message: Message = read(raw)?;
    let text = message.text.0.clone().or_else(|| message.caption.0.clone());
    let external_id = thread_of(&message)?.message(message.message_id.0?);
    let mut edited = draft(&message, Content::Edited { external_id, text }, ours)?;
    edited.date = message.edit_date.0.or(message.date.0);
    Some(edited)
}

/// A post of a channel is news to the shop, not a word to it. What happened to the channel stays what it is.
pub(super) fn posted(kind: &str, raw: &Value, ours: &Ours<'_>) -> Option<Draft> {
    let mut post = heard(raw, ours)?;
    if !matches!(post.message.content, Content::Notice { .. }) {
        post.message.content = notice(NoticeKind::Post, kind, raw);
    }
    post.message.addressed = false;
    if kind.starts_with("edited") {
        post.message.external_id = String::new();
        post.date = raw.get("edit_date").and_then(super::update::integer).or(post.date);
    }
    Some(post)
}

fn draft(message: &Message, content: Content, ours: &Ours<'_>) -> Option<Draft> {
    let chat = message.chat.0.as_ref()?;
    let from = message.from.0.as_ref();
    let anonymous = message.sender_chat.0.as_ref();
    let thread = thread_of(message)?;
    let mut draft = Draft::new(Some(&thread), Some(chat), sender(from, anonymous, Some(chat)), content);
    draft.date = message.date.0;
    if thread.topic.is_some() {
        // One person's talk with a channel, though many share the chat.
        (draft.message.group, draft.message.addressed) = (false, true);
    }
    // Bots must not talk to bots without end.
    let is_bot = anonymous.is_none() && from.is_some_and(|user| user.is_bot.0 == Some(true));
    if is_bot || message.is_automatic_forward.0 == Some(true) {
        draft.message.addressed = false;
    } else if draft.message.group {
        draft.message.addressed = is_to_us(message, ours);
        let called = mention(words(message), ours).map(|called| (CALLED.to_owned(), called.to_owned()));
        draft.message.hints.extend(called);
    }
    draft.echo = echo(message, chat.id.0?, ours).or_else(|| channel_echo(message, ours));
    let business = message.business_connection_id.0.clone().map(|id| (BUSINESS_HINT.to_owned(), id));
    let topic = topic_hint(message.is_topic_message.0, message.message_thread_id.0);
    draft.message.hints.extend(topic.into_iter().chain(business));
    Some(draft)
}

/// In a chat of a business account, what does not come from the customer comes from our side: from its owner, or from
/// a bot in the owner's name. Greetings and away messages, which the account sends by itself, are no person's words.
fn echo(message: &Message, chat: i64, ours: &Ours<'_>) -> Option<bool> {
    message.business_connection_id.0.as_ref()?;
    let from = message.from.0.as_ref().filter(|from| from.id.0.is_some_and(|id| id != chat))?;
    let bot = message.sender_business_bot.0.as_ref();
    let is_automatic = message.is_from_offline.0 == Some(true);
    Some(is_automatic || ours.is(from) || bot.is_some_and(|bot| ours.is(bot)))
}

/// In the direct messages of a channel, what does not come from the person whose topic it is comes from the channel.
fn channel_echo(message: &Message, ours: &Ours<'_>) -> Option<bool> {
    let person = message.direct_messages_topic.0.as_ref()?.user.0.as_ref()?.id.0?;
    let from = message.from.0.as_ref();
    let is_theirs = message.sender_chat.0.is_none() && from.and_then(|from| from.id.0) == Some(person);
    (!is_theirs).then(|| from.is_some_and(|from| ours.is(from)))
}

/// Named, answered or commanded.
fn is_to_us(message: &Message, ours: &Ours<'_>) -> bool {
    let is_ours = |user: &Field<User>| user.0.as_ref().is_some_and(|user| ours.is(user));
    let answers_us = near_quote(message).is_some_and(|quoted| is_ours(&quoted.from));
    let mut entities = message.entities.0.iter().chain(&message.caption_entities.0).flatten();
    let names_us = entities.any(|entity| entity.0.as_ref().is_some_and(|entity| is_ours(&entity.user)));
    let words = words(message);
    answers_us || names_us || is_command(words, ours) || mention(words, ours).is_some()
}

fn words(message: &Message) -> &str {
    message.text.0.as_deref().or(message.caption.0.as_deref()).unwrap_or_default()
}

fn is_command(words: &str, ours: &Ours<'_>) -> bool {
    let command = words.strip_prefix('/').and_then(|rest| rest.split_whitespace().next());
    let Some(command) = command.filter(|_| !words[1..].starts_with(char::is_whitespace)) else {
        return false;
    };
    let (name, to) = command.split_once('@').unwrap_or((command, ""));
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name && ours.may_be_called(to)
}

/// `@our_name` as a word of its own: Telegram's names are letters, digits and underscores.
fn mention<'w>(words: &'w str, ours: &Ours<'_>) -> Option<&'w str> {
    let name = ours.username()?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    words.match_indices('@').find_map(|(at, _)| {
        let after = &words[at + 1..];
        let found = after.split(|c: char| !is_part(c)).next().unwrap_or_default();
        let is_ours = found.eq_ignore_ascii_case(name) && !words[..at].ends_with(is_part);
        is_ours.then(|| &words[at..at + 1 + found.len()])
    })
}

fn thread_of(message: &Message) -> Option<Thread> {
    let chat = message.chat.0.as_ref()?.id.0?;
    Some(thread(chat, message.business_connection_id.0.clone(), &message.direct_messages_topic))
}

pub(super) fn thread(chat: i64, connection: Option<String>, topic: &Field<Topic>) -> Thread {
    Thread { connection, topic: topic.0.as_ref().and_then(|topic| topic.topic_id.0), ..Thread::of_chat(chat) }
}

/// The quoted message, which may stand in another chat.
fn quoted(message: &Message) -> Option<String> {
    let near = near_quote(message).and_then(|quoted| quoted.message_id.0);
    let far = || {
        let quoted = message.external_reply.0.as_ref()?;
        Some(Thread::of_chat(quoted.chat.0.as_ref()?.id.0?).message(quoted.message_id.0?))
    };
    near.and_then(|id| Some(thread_of(message)?.message(id))).or_else(far)
}

/// The quoted message of the same chat. In a forum whatever answers nothing quotes the message that began its topic.
fn near_quote(message: &Message) -> Option<&Quoted> {
    let quoted = message.reply_to_message.0.as_ref()?;
    let begins_topic =
        message.is_topic_message.0 == Some(true) && quoted.message_id.0 == message.message_thread_id.0;
    (!begins_topic).then_some(quoted)
}

/// `forward_origin` since Bot API 7.0; `forward_date` before.
fn is_forwarded(raw: &Value) -> bool {
    ["forward_origin", "forward_date"].iter().any(|name| raw.get(name).is_some_and(|value| !value.is_null()))
}

pub(super) fn topic_hint(is_topic: Option<bool>, topic: Option<i64>) -> Option<(String, String)> {
    let topic = topic.filter(|_| is_topic == Some(true))?;
    Some((TOPIC_HINT.to_owned(), topic.to_string()))
}
