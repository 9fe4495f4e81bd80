//! Verifying webhooks and decoding updates.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::content::{full_name, short};
use super::thread::Thread;
use super::update::{Anything, Chat, User, integer, read};
use super::{event, message, notice};
use crate::json::read_call;
use crate::{
    AccountConfig, Content, Echo, Event, GROUP_TITLE, Heard, HttpCall, InboundMessage, Received, Refusal,
    Sender, kept_name,
};

/// The header by which Telegram shows that it is Telegram. There is no signature over the body.
pub(super) const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// The id of the press, which `answerCallbackQuery` must name.
pub(super) const CALLBACK_HINT: &str = "callback_query_id";

/// The forum topic of a group, into which answers go.
pub(super) const TOPIC_HINT: &str = "message_thread_id";

/// The business account's connection, through which answers go.
pub(super) const BUSINESS_HINT: &str = "business_connection_id";

/// The question of a guest, which `answerGuestQuery` must name.
pub(super) const GUEST_HINT: &str = "guest_query_id";

/// The kinds that are decoded in a way of their own, in the order in which they count; a real update has one.
const KINDS: &[&str] = &[
    "message",
    "edited_message",
    "callback_query",
    "message_reaction",
    "my_chat_member",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "channel_post",
    "edited_channel_post",
    "guest_message",
    "chat_member",
];

/// Who we are on Telegram.
pub(super) struct Ours<'a> {
    id: Option<i64>,
    username: Option<&'a str>,
}

impl<'a> Ours<'a> {
    /// The bot's id is the number before the colon of its token; its name is the setting `username`.
    pub(super) fn of(account: &'a AccountConfig) -> Self {
        let token = account.secrets.get("bot_token").and_then(|token| token.split(':').next());
        let username = account.settings.get("username").map(|name| name.trim().trim_start_matches('@'));
        Self {
            id: account.external_id.parse().ok().or_else(|| token?.parse().ok()),
            username: username.filter(|name| !name.is_empty()),
        }
    }

    pub(super) fn username(&self) -> Option<&'a str> {
        self.username
    }

    pub(super) fn is(&self, user: &User) -> bool {
        let is_named = |name: &String| self.username.is_some_and(|ours| ours.eq_ignore_ascii_case(name));
        user.id.0.is_some() && user.id.0 == self.id || user.username.0.as_ref().is_some_and(is_named)
    }

    /// True for no name at all, for ours, and for any while ours is not known: Telegram hands a bot in a group only the
    /// commands that are meant for it, unless it is told otherwise.
    pub(super) fn may_be_called(&self, name: &str) -> bool {
        name.is_empty() || self.username.is_none_or(|ours| ours.eq_ignore_ascii_case(name))
    }
}

/// A message that still lacks what only the update knows.
pub(super) struct Draft {
    pub(super) message: InboundMessage,
    /// Seconds.
    pub(super) date: Option<i64>,
    /// Set where our own side wrote; true where it was this bot.
    pub(super) echo: Option<bool>,
}

impl Draft {
    /// In a group nothing is said to us until it is shown to be.
    pub(super) fn new(
        thread: Option<&Thread>,
        chat: Option<&Chat>,
        sender: Sender,
        content: Content,
    ) -> Self {
        let thread = thread.map_or_else(|| sender.external_id.clone(), Thread::to_string);
        let kind = chat.and_then(|chat| chat.kind.0.as_deref());
        let group = matches!(kind, Some("group" | "supergroup" | "channel"));
        let message = InboundMessage {
            thread,
            group,
            addressed: !group,
            hints: chat.filter(|_| group).and_then(title_hint).into_iter().collect(),
            ..InboundMessage::new("", sender, 0, content)
        };
        Self { message, date: None, echo: None }
    }
}

/// What a group is called.
fn title_hint(chat: &Chat) -> Option<(String, String)> {
    let title = kept_name(chat.title.0.as_deref()?);
    (!title.is_empty()).then(|| (GROUP_TITLE.to_owned(), title))
}

pub(super) fn decode_call(account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal> {
    let body = match read_call(call.body).ok_or(Refusal::Malformed)? {
        // Its bytes are its name.
        Value::Null => json!({ "webhook": digest_of(call.body) }),
        body => body,
    };
    let mut events = Vec::new();
    for update in updates(body) {
        events.extend(decode(account, &update, call.now).ok_or(Refusal::Malformed)?);
    }
    Ok(Received { events, answer: String::new() })
}

/// The updates in a body. Webhooks hold one; recordings also hold the answer of `getUpdates`, or a message without its
/// update.
fn updates(body: Value) -> Vec<Value> {
    let polled =
        body.get("result").and_then(Value::as_array).filter(|_| body.get("ok") == Some(&Value::Bool(true)));
    if let Some(updates) =
        polled.filter(|updates| updates.iter().all(|update| update.get("update_id").is_some()))
    {
        return updates.clone();
    }
    let is_message = ["message_id", "chat", "date"].iter().all(|name| body.get(name).is_some());
    let is_update = body.get("update_id").is_some();
    vec![if is_message && !is_update { json!({ "message": body }) } else { body }]
}

pub(super) fn is_verified(account: &AccountConfig, call: &HttpCall<'_>) -> bool {
    let Some(given) = call.header(SECRET_HEADER) else { return false };
    account
        .secrets_of("webhook_secret")
        .filter(|secret| !secret.is_empty())
        .fold(false, |verified, secret| verified | bool::from(secret.as_bytes().ct_eq(given.as_bytes())))
}

/// What one update tells: one event, or one for each message that was deleted. None only where it is no object. An
/// update that names neither chat nor person (a poll's count, say) has an empty thread.
pub(super) fn decode(account: &AccountConfig, update: &Value, now: i64) -> Option<Vec<Heard>> {
    let fields = update.as_object()?;
    let update_id =
        fields.get("update_id").and_then(integer).map_or_else(|| digest(update), |id| id.to_string());
    let ours = Ours::of(account);
    let known = KINDS.iter().find_map(|kind| of_kind(kind, fields.get(*kind)?, &ours));
    let drafts = known.filter(|drafts| !drafts.is_empty()).unwrap_or_else(|| vec![other(fields)]);
    let events = drafts.into_iter().enumerate().map(|(index, draft)| {
        let event_id = if index == 0 { update_id.clone() } else { format!("{update_id}:{index}") };
        Heard { account: account.external_id.clone(), event: finished(draft, event_id, now) }
    });
    Some(events.collect())
}

/// A name for an update without a number, by which a redelivery is known.
fn digest(update: &Value) -> String {
    digest_of(update.to_string().as_bytes())
}

fn digest_of(bytes: &[u8]) -> String {
    let mut name = "sha256:".to_owned();
    for byte in &Sha256::digest(bytes)[..16] {
        let _infallible = write!(name, "{byte:02x}");
    }
    name
}

fn of_kind(kind: &str, value: &Value, ours: &Ours<'_>) -> Option<Vec<Draft>> {
    let one = match kind {
        "message" | "business_message" => message::heard(value, ours),
        "edited_message" | "edited_business_message" => message::edited(value, ours),
        "guest_message" => message::of_guest(value, ours),
        "channel_post" | "edited_channel_post" => message::posted(kind, value, ours),
        "callback_query" => event::pressed(value),
        "message_reaction" => event::reacted(value),
        "my_chat_member" => event::joined_or_left(value),
        "chat_member" => event::member_changed(value),
        "deleted_business_messages" => return event::deleted(value),
        _ => None,
    };
    one.map(|draft| vec![draft])
}

fn finished(mut draft: Draft, event_id: String, now: i64) -> Event {
    if draft.message.external_id.is_empty() {
        draft.message.external_id = format!("update:{event_id}");
    }
    draft.message.event_id = event_id;
    draft.message.sent_at =
        draft.date.filter(|date| *date > 0).and_then(|date| date.checked_mul(1_000_000)).unwrap_or(now);
    match draft.echo {
        Some(ours) => Event::Echo(Box::new(Echo { message: draft.message, ours, correlation: None })),
        None => Event::Message(Box::new(draft.message)),
    }
}

/// An update that is no message: of its fields the first in the alphabet, so that it is always the same.
fn other(fields: &Map<String, Value>) -> Draft {
    let named = fields.iter().map(|(kind, value)| (kind.as_str(), value));
    let mut others: Vec<(&str, &Value)> = named.filter(|(kind, _)| *kind != "update_id").collect();
    others.sort_by_key(|(kind, _)| *kind);
    let told = others.iter().find_map(|(kind, value)| Some((*kind, *value, notice::of_update(kind, value)?)));
    let first = || others.first().map(|(kind, value)| (*kind, *value, unknown(kind)));
    let (kind, value, content) = told.or_else(first).unwrap_or(("", &Value::Null, unknown("update")));
    let who: Anything = read(value).unwrap_or_default();
    let user = who.from.0.as_ref().or(who.user.0.as_ref());
    let private = who.user_chat_id.0.map(Thread::of_chat).filter(|_| kind == "business_connection");
    let chat = who.chat.0.as_ref();
    let sender = sender(user, who.sender_chat.0.as_ref().or(who.voter_chat.0.as_ref()), chat);
    let thread = private.or_else(|| chat.and_then(|chat| chat.id.0).map(Thread::of_chat));
    let mut draft = Draft::new(thread.as_ref(), chat, sender, content);
    draft.date = who.date.0.or(who.remove_date.0);
    // What asks for an answer names itself: `inline_query_id`, `pre_checkout_query_id`.
    if let Some(id) = who.id.0.filter(|_| kind.ends_with("_query")) {
        draft.message.hints.push((format!("{kind}_id"), id));
    }
    draft
}

fn unknown(kind: &str) -> Content {
    Content::Unknown { kind: short(kind) }
}

/// Who wrote: a group or channel that speaks as itself, else the user, else the chat.
pub(super) fn sender(user: Option<&User>, anonymous: Option<&Chat>, chat: Option<&Chat>) -> Sender {
    let user = user.filter(|user| user.id.0.is_some() && anonymous.is_none());
    if let Some(user) = user {
        return Sender {
            external_id: user.id.0.map(|id| id.to_string()).unwrap_or_default(),
            display_name: full_name(&user.first_name, &user.last_name).or_else(|| user.username.0.clone()),
            language: user.language_code.0.clone(),
            username: user.username.0.clone(),
            ..Sender::default()
        };
    }
    let Some(chat) = anonymous.or(chat) else {
        return Sender::default();
    };
    Sender {
        external_id: chat.id.0.map(|id| id.to_string()).unwrap_or_default(),
        display_name: chat_name(chat),
        username: chat.username.0.clone(),
        ..Sender::default()
    }
}

pub(super) fn chat_name(chat: &Chat) -> Option<String> {
    let name = || full_name(&chat.first_name, &chat.last_name).or_else(|| chat.username.0.clone());
    chat.title.0.clone().or_else(name)
}
