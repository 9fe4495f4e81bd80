//! A pretended LINE: the Messaging API on one side, the chats of pretended customers on the other.
//!
//! `api` routes the calls, `failure` holds LINE's refusals and `limits` what a message may be; `sending` replies, pushes
//! and counts the quota, `lookups` answers questions, `menus` keeps rich menus and `audiences` audience groups;
//! `customer` is what people do, `groups` what they do in groups, `shown` what they see, and `days` what happened when. This file holds the
//! state and the delivery of events.

mod api;
mod audiences;
mod customer;
mod days;
mod failure;
mod groups;
mod limits;
mod linking;
mod login;
mod lookups;
mod menus;
mod sending;
mod shown;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value, json};

pub use groups::Member;

use super::receive::{SIGNATURE_HEADER, sign};
use crate::simulator::{Answer, CustomerAct, Fault, Line, Simulator, Speaker, Webhook};
use crate::{ChannelName, HttpCall};

/// The number of the first message, unless it is told otherwise.
const FIRST: i64 = 580_000_000_000_000_001;

/// How long a reply token lives after its event was sent (the guide says a minute), and after the event happened, when
/// the event was sent again; microseconds.
const TOKEN_LIFE: i64 = 60_000_000;
const TOKEN_LIFE_AT_MOST: i64 = 20 * 60_000_000;

/// The kinds of events without a reply token.
const UNANSWERABLE: [&str; 10] = [
    "unsend",
    "unfollow",
    "leave",
    "memberLeft",
    "activated",
    "deactivated",
    "botSuspended",
    "botResumed",
    "module",
    "delivery",
];

/// One pretended LINE with one official account.
#[derive(Clone, Debug)]
pub struct LineSimulator {
    secret: String,
    /// The token that was given by hand, then those that were issued.
    access_tokens: Vec<String>,
    bot: String,
    webhook: Option<String>,
    next: i64,
    chats: BTreeMap<String, Chat>,
    people: BTreeMap<String, Person>,
    reply_tokens: BTreeMap<String, ReplyToken>,
    /// Messages that can be quoted, and messages that can be marked as read, by their tokens: the chat and the message.
    quote_tokens: BTreeMap<String, (String, String)>,
    read_tokens: BTreeMap<String, (String, String)>,
    accepted: BTreeMap<String, sending::Accepted>,
    /// The month's quota; none is without limit.
    quota: Option<u64>,
    days: days::Days,
    contents: BTreeMap<String, Stored>,
    unsent: BTreeSet<String>,
    menus: menus::Menus,
    audiences: audiences::Audiences,
    linking: linking::Linking,
    logins: login::Logins,
    /// The events that were sent last, for those who want them again.
    sent: VecDeque<Value>,
    faults: VecDeque<Fault>,
}

/// One chat with a person, or of a group or room.
#[derive(Clone, Debug, Default)]
struct Chat {
    blocked: bool,
    /// Another channel answers here: we listen.
    standby: bool,
    lines: Vec<Line>,
    /// The actions under our messages, by the words on them, in the order in which they came.
    actions: Vec<(String, Value)>,
    /// Those who spoke in a group.
    members: BTreeSet<String>,
    /// The dots are shown until then, microseconds.
    loading_until: i64,
    /// The last message that we marked as read.
    read: Option<String>,
}

/// A pretended person's profile.
#[derive(Clone, Debug)]
struct Person {
    name: String,
    language: String,
}

#[derive(Clone, Debug)]
struct ReplyToken {
    chat: String,
    event_at: i64,
    sent_at: i64,
    used: bool,
}

/// The bytes of something that a person sent.
#[derive(Clone, Debug)]
struct Stored {
    mime: String,
    bytes: Vec<u8>,
    /// LINE prepares videos and recordings until then, microseconds.
    ready_at: i64,
}

impl LineSimulator {
    /// A LINE that knows one official account by its channel's secret and its access token.
    pub fn new(channel_secret: &str, access_token: &str) -> Self {
        let digits = super::receive::fingerprint(channel_secret.as_bytes());
        Self {
            secret: channel_secret.into(),
            access_tokens: vec![access_token.into()],
            bot: format!("U{}", digits.trim_start_matches("sha256:")),
            webhook: None,
            next: FIRST,
            chats: BTreeMap::new(),
            people: BTreeMap::new(),
            reply_tokens: BTreeMap::new(),
            quote_tokens: BTreeMap::new(),
            read_tokens: BTreeMap::new(),
            accepted: BTreeMap::new(),
            quota: Some(1_000),
            days: days::Days::default(),
            contents: BTreeMap::new(),
            unsent: BTreeSet::new(),
            menus: menus::Menus::default(),
            audiences: audiences::Audiences::default(),
            linking: linking::Linking::default(),
            logins: login::Logins::default(),
            sent: VecDeque::new(),
            faults: VecDeque::new(),
        }
    }

    /// Numbers messages and events from here: a platform that starts anew must not repeat those of its last run.
    #[must_use]
    pub fn numbering_from(mut self, number: i64) -> Self {
        self.next = FIRST.saturating_add(number.max(0));
        self
    }

    /// A webhook that a person entered in the console.
    #[must_use]
    pub fn with_webhook(mut self, url: &str) -> Self {
        self.webhook = Some(url.into());
        self
    }

    /// This month's quota of messages; none is without limit.
    #[must_use]
    pub fn with_quota(mut self, quota: Option<u64>) -> Self {
        self.quota = quota;
        self
    }

    /// The account's own id, which stands in webhooks as `destination`.
    pub fn destination(&self) -> &str {
        &self.bot
    }

    /// How many messages were counted against the quota of the month.
    pub fn used(&self, now: i64) -> u64 {
        self.days.used(now)
    }

    /// True while a chat shows that we are typing.
    pub fn shows_typing(&self, chat: &str, now: i64) -> bool {
        self.chats.get(chat).is_some_and(|chat| chat.loading_until > now)
    }

    /// The last message of a chat that we marked as read.
    pub fn read_until(&self, chat: &str) -> Option<&str> {
        self.chats.get(chat)?.read.as_deref()
    }

    /// How a person is called from now on; the language is BCP 47.
    pub fn name_customer(&mut self, customer: &str, name: &str, language: &str) {
        let person = self.person(customer);
        (person.name, person.language) = (name.into(), language.into());
    }

    /// LINE needs until then to prepare what was sent with this message's id.
    pub fn prepare_until(&mut self, message: &str, at: i64) {
        if let Some(stored) = self.contents.get_mut(message) {
            stored.ready_at = at;
        }
    }

    /// Sends the last events again, as LINE does where redelivery is switched on: the same ids and reply tokens.
    pub fn redeliver(&mut self, count: usize, now: i64) -> Vec<Webhook> {
        let from = self.sent.len().saturating_sub(count);
        let mut events: Vec<Value> = self.sent.iter().skip(from).cloned().collect();
        for event in &mut events {
            event["deliveryContext"]["isRedelivery"] = true.into();
            let token = event["replyToken"].as_str().and_then(|token| self.reply_tokens.get_mut(token));
            if let Some(token) = token {
                token.sent_at = now;
            }
        }
        self.post(&events)
    }

    fn number(&mut self) -> i64 {
        let number = self.next;
        self.next = self.next.saturating_add(1);
        number
    }

    fn person(&mut self, id: &str) -> &mut Person {
        self.people
            .entry(id.to_owned())
            .or_insert_with(|| Person { name: format!("Customer {id}"), language: "th".into() })
    }

    /// Sends an event; `fields` are what the kind has of its own.
    fn event(&mut self, source: &Value, kind: &str, fields: Value, now: i64) -> Vec<Webhook> {
        let number = self.number();
        if let Some(person) = source["userId"].as_str().filter(|_| source["type"] == "user") {
            self.days.heard(person, kind, fields["follow"]["isUnblocked"] == true, now);
        }
        let standby = self.chats.get(&chat_of(source)).is_some_and(|chat| chat.standby);
        let mut event = Map::from_iter([
            ("type".to_owned(), json!(kind)),
            ("mode".to_owned(), json!(if standby { "standby" } else { "active" })),
            ("timestamp".to_owned(), json!(now / 1_000)),
            ("source".to_owned(), source.clone()),
            ("webhookEventId".to_owned(), json!(ulid(now / 1_000, number))),
            ("deliveryContext".to_owned(), json!({"isRedelivery": false})),
        ]);
        if !standby && !UNANSWERABLE.contains(&kind) {
            let token = format!("{number:x}{:022x}", now ^ number);
            event.insert("replyToken".into(), json!(token));
            let chat = chat_of(source);
            self.reply_tokens.insert(token, ReplyToken { chat, event_at: now, sent_at: now, used: false });
        }
        if let Value::Object(fields) = fields {
            event.extend(fields);
        }
        let event = Value::Object(event);
        self.sent.push_back(event.clone());
        if self.sent.len() > 100 {
            self.sent.pop_front();
        }
        self.post(&[event])
    }

    /// A call with these events, where a webhook is set. What nobody takes is lost, as on LINE.
    fn post(&self, events: &[Value]) -> Vec<Webhook> {
        let Some(url) = &self.webhook else { return Vec::new() };
        let body = json!({"destination": self.bot, "events": events}).to_string().into_bytes();
        vec![Webhook { url: url.clone(), headers: self.headers(&body), body }]
    }

    fn headers(&self, body: &[u8]) -> Vec<(String, String)> {
        vec![
            ("content-type".to_owned(), "application/json; charset=utf-8".to_owned()),
            ("user-agent".to_owned(), "LineBotWebhook/2.0".to_owned()),
            (SIGNATURE_HEADER.to_owned(), sign(&self.secret, body)),
        ]
    }
}

impl Simulator for LineSimulator {
    fn channel(&self) -> ChannelName {
        ChannelName::Line
    }

    fn handle(&mut self, path: &str, call: &HttpCall<'_>) -> (Answer, Vec<Webhook>) {
        self.answer(path, call)
    }

    fn customer(&mut self, customer: &str, act: &CustomerAct, now: i64) -> Option<Vec<Webhook>> {
        self.act(customer, act, now)
    }

    fn transcript(&self, customer: &str) -> Vec<Line> {
        let (chat, _) = customer.split_once(':').unwrap_or((customer, ""));
        self.chats.get(chat).map(|chat| chat.lines.clone()).unwrap_or_default()
    }

    fn customers(&self) -> Vec<String> {
        self.chats.keys().cloned().collect()
    }

    fn fail_next(&mut self, faults: &[Fault]) {
        self.faults.extend(faults);
    }

    fn faults_left(&self) -> usize {
        self.faults.len()
    }

    /// The same events, marked as such.
    fn again(&mut self, webhooks: &[Webhook], now: i64) -> Vec<Webhook> {
        let events = |webhook: &Webhook| {
            let body: Value = serde_json::from_slice(&webhook.body).unwrap_or_default();
            body["events"].as_array().map_or(0, Vec::len)
        };
        let count = webhooks.iter().map(events).sum();
        if count == 0 { Vec::new() } else { self.redeliver(count, now) }
    }

    /// LINE puts events that happen together into one call.
    fn batch(&self, webhooks: Vec<Webhook>) -> Vec<Webhook> {
        let events: Vec<Value> = webhooks
            .iter()
            .filter_map(|webhook| serde_json::from_slice::<Value>(&webhook.body).ok())
            .flat_map(|body| body["events"].as_array().cloned().unwrap_or_default())
            .collect();
        if webhooks.is_empty() { webhooks } else { self.post(&events) }
    }
}

impl Chat {
    fn line(&mut self, id: &str) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.id == id)
    }

    fn add(&mut self, from: Speaker, id: &str, now: i64, text: &str) -> &mut Line {
        self.lines.push(Line::new(from, id, now, text));
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }
}

/// The id under which a source's chat is kept.
fn chat_of(source: &Value) -> String {
    let ids = ["groupId", "roomId", "userId"];
    ids.into_iter().find_map(|name| source[name].as_str()).unwrap_or_default().to_owned()
}

/// An id in the format ULID: 48 bits of milliseconds, then bits that are the number's own.
fn ulid(millis: i64, number: i64) -> String {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bits = (u128::from(millis.max(0).unsigned_abs()) << 80) | u128::from(number.unsigned_abs());
    let letter = |place: u32| char::from(LETTERS[((bits >> (place * 5)) & 31) as usize]);
    (0..26).rev().map(letter).collect()
}
