//! Verifying webhooks and decoding updates.

use serde_json::Value;
use subtle::ConstantTimeEq;
use teloxide::types::ReactionType;

use super::content::{content_of, short};
use super::update::{
    Anything, CallbackQuery, Chat, ChatMemberUpdated, Field, Message, MessageReaction, PressedMessage, User,
    read,
};
use crate::json::read_json;
use crate::{AccountConfig, Content, Event, HttpCall, InboundMessage, Reaction, Received, Refusal, Sender};

/// The header by which Telegram shows that it is Telegram. There is no signature over the body.
pub(super) const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// The id of the press, which `answerCallbackQuery` must name.
pub(super) const CALLBACK_HINT: &str = "callback_query_id";

/// The forum topic of a group, into which answers go.
pub(super) const TOPIC_HINT: &str = "message_thread_id";

pub(super) fn receive(account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal> {
    if !is_verified(account, call) {
        return Err(Refusal::Unverified);
    }
    let update = read_json(call.body).ok_or(Refusal::Malformed)?;
    let message = decode(&update, call.now).ok_or(Refusal::Malformed)?;
    Ok(Received { events: vec![Event::Message(Box::new(message))], answer: String::new() })
}

fn is_verified(account: &AccountConfig, call: &HttpCall<'_>) -> bool {
    let Some(given) = call.header(SECRET_HEADER) else { return false };
    account
        .secrets_of("webhook_secret")
        .filter(|secret| !secret.is_empty())
        .fold(false, |verified, secret| verified | bool::from(secret.as_bytes().ct_eq(given.as_bytes())))
}

/// The message in one update; none only where there is no `update_id` by which a redelivery would be known. An update
/// that names neither chat nor person (a poll's count, say) has an empty thread.
pub(super) fn decode(update: &Value, now: i64) -> Option<InboundMessage> {
    let fields = update.as_object()?;
    let update_id = fields.get("update_id")?.as_i64()?;
    let known = fields.iter().find_map(|(kind, value)| match kind.as_str() {
        "message" => heard(&read(value)?, value),
        "edited_message" => edited(&read(value)?),
        "callback_query" => Some(pressed(&read(value)?)),
        "message_reaction" => reacted(&read(value)?),
        "my_chat_member" => joined_or_left(&read(value)?),
        _ => None,
    });
    let mut heard = known.unwrap_or_else(|| {
        let other = fields.iter().filter(|(kind, _)| *kind != "update_id").min_by_key(|(kind, _)| *kind);
        other.map_or_else(|| unknown("update", &Value::Null), |(kind, value)| unknown(kind, value))
    });
    if heard.message.external_id.is_empty() {
        heard.message.external_id = format!("update:{update_id}");
    }
    heard.message.event_id = update_id.to_string();
    heard.message.sent_at =
        heard.date.filter(|date| *date > 0).and_then(|date| date.checked_mul(1_000_000)).unwrap_or(now);
    Some(heard.message)
}

/// A message that still lacks what only the update knows.
struct Heard {
    message: InboundMessage,
    /// Seconds.
    date: Option<i64>,
}

impl Heard {
    fn new(chat: Option<&Chat>, sender: Sender, date: Option<i64>, content: Content) -> Self {
        let thread =
            chat.and_then(|chat| chat.id.0).map_or_else(|| sender.external_id.clone(), |id| id.to_string());
        let group = chat.is_some_and(|chat| matches!(chat.kind.0.as_deref(), Some("group" | "supergroup")));
        let message = InboundMessage {
            event_id: String::new(),
            external_id: String::new(),
            thread,
            group,
            sender,
            sent_at: 0,
            content,
            reply_to: None,
            hints: Vec::new(),
        };
        Self { message, date }
    }
}

fn heard(message: &Message, raw: &Value) -> Option<Heard> {
    let chat = message.chat.0.as_ref()?;
    let chat_id = chat.id.0?;
    let anonymous = message.sender_chat.0.as_ref();
    let from = message.from.0.as_ref();
    let is_bot = anonymous.is_none() && from.is_some_and(|user| user.is_bot.0 == Some(true));
    // Bots must not talk to bots without end.
    let content =
        if is_bot { Content::Unknown { kind: "message_from_bot".into() } } else { content_of(message, raw) };
    let sender = sender(from, anonymous, Some(chat));
    let mut heard = Heard::new(Some(chat), sender, message.date.0, content);
    heard.message.external_id = message_id(chat_id, message.message_id.0?);
    let quoted = message.reply_to_message.0.as_ref().and_then(|quoted| quoted.message_id.0);
    heard.message.reply_to = quoted.map(|quoted| message_id(chat_id, quoted));
    heard.message.hints.extend(topic_hint(message.is_topic_message.0, message.message_thread_id.0));
    Some(heard)
}

fn edited(message: &Message) -> Option<Heard> {
    let chat = message.chat.0.as_ref()?;
    let text = message.text.0.clone().or_else(|| message.caption.0.clone());
    let content = Content::Edited { external_id: message_id(chat.id.0?, message.message_id.0?), text };
    let sender = sender(message.from.0.as_ref(), message.sender_chat.0.as_ref(), Some(chat));
    Some(Heard::new(Some(chat), sender, message.date.0, content))
}

fn pressed(query: &CallbackQuery) -> Heard {
    let default = PressedMessage::default();
    let under = query.message.0.as_ref().unwrap_or(&default);
    let content = match &query.data.0 {
        Some(data) => Content::Choice { payload: data.clone(), title: title_of(under, data) },
        None => Content::Unknown { kind: "callback_query".into() },
    };
    let chat = under.chat.0.as_ref();
    let mut heard = Heard::new(chat, sender(query.from.0.as_ref(), None, chat), None, content);
    heard.message.reply_to =
        chat.and_then(|chat| chat.id.0).zip(under.message_id.0).map(|(chat, id)| message_id(chat, id));
    heard.message.hints.extend(query.id.0.clone().map(|id| (CALLBACK_HINT.to_owned(), id)));
    heard.message.hints.extend(topic_hint(under.is_topic_message.0, under.message_thread_id.0));
    heard
}

fn title_of(under: &PressedMessage, data: &str) -> Option<String> {
    let rows = under.reply_markup.0.as_ref()?.inline_keyboard.0.as_ref()?;
    rows.iter().flatten().find(|key| key.callback_data.0.as_deref() == Some(data))?.text.0.clone()
}

/// A person may hold several reactions at once; the one just added counts, else one that is left.
fn reacted(reaction: &MessageReaction) -> Option<Heard> {
    let chat = reaction.chat.0.as_ref()?;
    let new: Vec<String> = reaction.new_reaction.0.as_ref()?.iter().map(emoji).collect();
    let old: Vec<String> = reaction.old_reaction.0.iter().flatten().map(emoji).collect();
    let added = new.iter().find(|emoji| !old.contains(emoji)).or(new.last()).cloned();
    let external_id = message_id(chat.id.0?, reaction.message_id.0?);
    let content = Content::Reaction { reaction: Reaction { external_id, emoji: added } };
    let sender = sender(reaction.user.0.as_ref(), reaction.actor_chat.0.as_ref(), Some(chat));
    Some(Heard::new(Some(chat), sender, reaction.date.0, content))
}

fn emoji(reaction: &Field<ReactionType>) -> String {
    match &reaction.0 {
        Some(ReactionType::Emoji { emoji }) => emoji.clone(),
        Some(ReactionType::CustomEmoji { custom_emoji_id }) => format!("custom:{custom_emoji_id}"),
        Some(ReactionType::Paid) => "⭐".into(),
        None => "custom:".into(),
    }
}

/// Blocked by a person or put out of a group, or the way back.
fn joined_or_left(change: &ChatMemberUpdated) -> Option<Heard> {
    let chat = change.chat.0.as_ref()?;
    let outside = |status: Option<&str>| status.map(|status| matches!(status, "kicked" | "left"));
    let status = |member: &Field<super::update::ChatMember>| {
        member.0.as_ref().and_then(|member| outside(member.status.0.as_deref()))
    };
    let content = match (status(&change.old_chat_member), status(&change.new_chat_member)?) {
        (_, true) => Content::Stopped,
        (Some(true), false) => Content::Started { payload: None },
        (_, false) => Content::Unknown { kind: "my_chat_member".into() },
    };
    Some(Heard::new(Some(chat), sender(change.from.0.as_ref(), None, Some(chat)), change.date.0, content))
}

fn unknown(kind: &str, value: &Value) -> Heard {
    let who: Anything = read(value).unwrap_or_default();
    let user = who.from.0.as_ref().or(who.user.0.as_ref());
    let chat = who.chat.0.as_ref();
    let sender = sender(user, who.sender_chat.0.as_ref(), chat);
    Heard::new(chat, sender, who.date.0, Content::Unknown { kind: short(kind) })
}

/// Who wrote: a group or channel that speaks as itself, else the user, else the chat.
fn sender(user: Option<&User>, anonymous: Option<&Chat>, chat: Option<&Chat>) -> Sender {
    let user = user.filter(|user| user.id.0.is_some() && anonymous.is_none());
    if let Some(user) = user {
        return Sender {
            external_id: user.id.0.map(|id| id.to_string()).unwrap_or_default(),
            display_name: name(&user.first_name, &user.last_name, &user.username),
            language: user.language_code.0.clone(),
        };
    }
    let Some(chat) = anonymous.or(chat) else {
        return Sender { external_id: String::new(), display_name: None, language: None };
    };
    let title = chat.title.0.clone().or_else(|| name(&chat.first_name, &chat.last_name, &chat.username));
    Sender {
        external_id: chat.id.0.map(|id| id.to_string()).unwrap_or_default(),
        display_name: title,
        language: None,
    }
}

fn name(first: &Field<String>, last: &Field<String>, username: &Field<String>) -> Option<String> {
    let part = |field: &Field<String>| field.0.clone().unwrap_or_default();
    let full = format!("{} {}", part(first), part(last)).trim().to_owned();
    if full.is_empty() { username.0.clone() } else { Some(full) }
}

fn topic_hint(is_topic: Option<bool>, topic: Option<i64>) -> Option<(String, String)> {
    let topic = topic.filter(|_| is_topic == Some(true))?;
    Some((TOPIC_HINT.to_owned(), topic.to_string()))
}

/// Our id of a message: Telegram's own is unique only within its chat.
pub(super) fn message_id(chat: i64, message: i64) -> String {
    format!("{chat}:{message}")
}
