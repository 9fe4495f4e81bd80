//! The envelope of Messenger's and Instagram's webhooks: which entries there are, and whose.
//!
//! An entry holds `messaging` (what happens in threads of ours), `standby` (in threads that another program owns) or
//! `changes` (comments and news of the account). Instagram Login writes one change flat into the entry, and the test
//! button of Meta's dashboard sends one change without any entry.

use serde_json::Value;

use super::event::event_of;
use super::fields::{fingerprint, id, list, short, text, time};
use super::{change, handshake};
use crate::json::read_call;
use crate::{AccountConfig, Content, Event, Heard, HttpCall, InboundMessage, Received, Refusal, Sender};

/// Where an event stood: everything that is not in the event itself.
#[derive(Clone)]
pub(super) struct Scene<'a> {
    pub(super) config: &'a AccountConfig,
    /// The platform's id of our account; empty where the payload names none.
    pub(super) account: String,
    /// When the entry was made, microseconds UTC.
    pub(super) time: Option<i64>,
    /// When the call came, microseconds UTC.
    pub(super) now: i64,
    pub(super) standby: bool,
}

impl Scene<'_> {
    /// An id for an event that has none of its own: the same for a redelivery. What is not dated takes its entry's date,
    /// so that the same thing may happen twice.
    pub(super) fn fingerprint(&self, event: &Value, is_dated: bool) -> String {
        let date = self.time.filter(|_| !is_dated).map(|time| time.to_string()).unwrap_or_default();
        fingerprint(format!("{}|{date}|{event}", self.account).as_bytes())
    }

    /// When it happened, as well as it is known.
    pub(super) fn sent_at(&self, own: Option<i64>) -> i64 {
        own.or(self.time).unwrap_or(self.now)
    }

    /// Something that cannot be read: it is kept all the same.
    pub(super) fn unknown(&self, kind: &str, value: &Value) -> Event {
        let event_id = format!("unknown:{}", self.fingerprint(value, false));
        let content = Content::Unknown { kind: short(kind) };
        Event::Message(Box::new(InboundMessage {
            standby: self.standby,
            ..InboundMessage::new(event_id, Sender::default(), self.sent_at(None), content)
        }))
    }
}

/// Decodes a call of either product: their payloads tell them apart where it matters. Only a body that is no JSON object is refused.
pub(crate) fn decode(config: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal> {
    if let Some(answered) = handshake(call) {
        return answered;
    }
    let scene = Scene { config, account: String::new(), time: None, now: call.now, standby: false };
    let events = match read_call(call.body).ok_or(Refusal::Malformed)? {
        Value::Null => {
            let body = Value::String(fingerprint(call.body));
            with_account(&scene, vec![scene.unknown("webhook", &body)])
        }
        body => body_events(&scene, &body),
    };
    Ok(Received { events, answer: String::new() })
}

fn body_events(scene: &Scene<'_>, body: &Value) -> Vec<Heard> {
    if body.get("entry").is_some_and(|entry| entry.is_array() || entry.is_object()) {
        return list(body, "/entry").iter().flat_map(|entry| entry_events(scene, entry)).collect();
    }
    if is_change(body) {
        let account = id(body, "/value/recipient/id").unwrap_or_default();
        let scene = Scene { account, ..scene.clone() };
        return with_account(&scene, change_events(&scene, body));
    }
    with_account(scene, vec![scene.unknown("webhook", body)])
}

fn entry_events(scene: &Scene<'_>, entry: &Value) -> Vec<Heard> {
    let scene =
        Scene { account: id(entry, "/id").unwrap_or_default(), time: time(entry, "/time"), ..scene.clone() };
    let standby = Scene { standby: true, ..scene.clone() };
    let mut events = Vec::new();
    for (name, scene) in [("/messaging", &scene), ("/standby", &standby)] {
        events.extend(list(entry, name).iter().flat_map(|event| event_of(scene, event)));
    }
    events.extend(list(entry, "/changes").iter().flat_map(|change| change_events(&scene, change)));
    if is_change(entry) {
        events.extend(change_events(&scene, entry));
    }
    for field in list(entry, "/changed_fields").iter().filter_map(Value::as_str) {
        events.extend(change::change_of(&scene, field, &Value::Null));
    }
    if events.is_empty() && !holds_something(entry) {
        let names = ["messaging", "standby", "changes", "changed_fields"];
        let held = names.into_iter().find(|name| entry.get(name).is_some_and(|held| !held.is_null()));
        events.push(scene.unknown(held.unwrap_or("entry"), entry));
    }
    with_account(&scene, events)
}

/// True where an entry has an item, be it one that means nothing to us.
fn holds_something(entry: &Value) -> bool {
    let lists = ["/messaging", "/standby", "/changes", "/changed_fields"];
    lists.iter().any(|path| !list(entry, path).is_empty()) || is_change(entry)
}

fn is_change(value: &Value) -> bool {
    value.get("field").is_some_and(Value::is_string) && value.get("entry").is_none()
}

/// What one change says. The dashboard's test button sends messages as changes, too.
fn change_events(scene: &Scene<'_>, change: &Value) -> Vec<Event> {
    let Some(field) = text(change, "/field") else { return vec![scene.unknown("changes", change)] };
    let null = Value::Null;
    let value = change.get("value").unwrap_or(&null);
    let scene = Scene { standby: scene.standby || field == "standby", ..scene.clone() };
    let values = match value {
        Value::Array(values) if !values.is_empty() => values.as_slice(),
        value => std::slice::from_ref(value),
    };
    let is_thread = |value: &Value| {
        field.starts_with("messag") || field == "standby" || value.get("sender").is_some_and(Value::is_object)
    };
    let events = values.iter().flat_map(|value| {
        if is_thread(value) { event_of(&scene, value) } else { change::change_of(&scene, &field, value) }
    });
    events.collect()
}

fn with_account(scene: &Scene<'_>, events: Vec<Event>) -> Vec<Heard> {
    events.into_iter().map(|event| Heard { account: scene.account.clone(), event }).collect()
}
