//! Decoding of webhooks: the envelope, and which part of it goes where.

use serde_json::{Value, json};

use super::coexistence::{app_state, echo, history};
use super::message::heard;
use super::notice::{account_news, call, call_status, group, preference, problem, user_id_update};
use super::people::sender_of;
use super::receipt::{deleted, receipt};
use super::value::{digest, items, short, time, word};
use crate::json::read_call;
use crate::{AccountConfig, Content, Event, Heard, HttpCall, InboundMessage, Received, Refusal, Sender};

/// The fields of an account that bring news of it and nothing else.
const ACCOUNT_FIELDS: &[&str] = &[
    "account_alerts",
    "account_offboarded",
    "account_reconnected",
    "account_review_update",
    "account_settings_update",
    "account_update",
    "automatic_events",
    "business_capability_update",
    "business_status_update",
    "business_username_update",
    "flows",
    "message_template_components_update",
    "message_template_quality_update",
    "message_template_status_update",
    "partner_solutions",
    "payment_configuration_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
    "template_category_update",
    "template_correct_category_detection",
    "tracking_events",
];

/// The setting that holds the id of the WhatsApp business account, by which its own news are known as this account's.
pub(super) const WABA: &str = "waba_id";

/// One change of an entry, and what stands around it.
pub(super) struct Change<'a> {
    pub(super) field: &'a str,
    pub(super) value: &'a Value,
    /// When the entry says it happened, else when it came.
    pub(super) at: i64,
    /// Made of the whole change: the id of what is one event in all.
    pub(super) digest: String,
}

impl Change<'_> {
    /// The id of an event that has none: what it says, and which number heard it.
    pub(super) fn id_of(&self, item: &Value) -> String {
        let number = word(self.value, "/metadata/phone_number_id");
        digest(json!([self.field, number, item]).to_string().as_bytes())
    }
}

pub(super) fn decode(account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal> {
    let body = read_call(call.body).ok_or(Refusal::Malformed)?;
    let entries = body.get("entry").and_then(Value::as_array);
    let is_ours = body.get("object").is_some_and(|object| object == "whatsapp_business_account");
    let mut events = Vec::new();
    for entry in entries.into_iter().flatten().filter(|_| is_ours) {
        read_entry(account, entry, call.now, &mut events);
    }
    let is_empty = is_ours && entries.is_some_and(Vec::is_empty);
    if events.is_empty() && !is_empty {
        let kind = word(&body, "/object").unwrap_or_else(|| "webhook".into());
        events.push(Heard { account: String::new(), event: unknown(&kind, call.body, call.now) });
    }
    Ok(Received { events, answer: String::new() })
}

fn read_entry(account: &AccountConfig, entry: &Value, now: i64, events: &mut Vec<Heard>) {
    let entry_time = time(entry, "/time");
    let changes = items(entry, "/changes");
    for change in changes {
        let value = change.get("value").unwrap_or(&Value::Null);
        let field = word(change, "/field").unwrap_or_default();
        let text = json!([entry.get("id"), entry.get("time"), change]).to_string();
        let change =
            Change { field: &field, value, at: entry_time.unwrap_or(now), digest: digest(text.as_bytes()) };
        let whose = owner(account, entry, value);
        let mut found = read_change(&change, now);
        if found.is_empty() {
            let kind = if field.is_empty() { "change" } else { &field };
            found.push(left(kind, &change));
        }
        events.extend(found.into_iter().map(|event| Heard { account: whose.clone(), event }));
    }
    if changes.is_empty() {
        let whole = entry.to_string();
        let event = unknown("entry", whole.as_bytes(), now);
        events.push(Heard { account: owner(account, entry, &Value::Null), event });
    }
}

/// The number that was written to. News of the business account name only that: they are this account's where its
/// settings name it or nothing at all, else they are somebody else's, whom the engine must find.
fn owner(account: &AccountConfig, entry: &Value, value: &Value) -> String {
    if let Some(number) = word(value, "/metadata/phone_number_id") {
        return number;
    }
    let waba = word(entry, "/id").unwrap_or_default();
    match account.settings.get(WABA) {
        Some(own) if *own == waba => account.external_id.clone(),
        Some(_) => waba,
        None => String::new(),
    }
}

fn read_change(change: &Change<'_>, now: i64) -> Vec<Event> {
    let value = change.value;
    let said = |message: InboundMessage| Event::Message(Box::new(message));
    match change.field {
        "history" => history(change).into_iter().map(said).collect(),
        "smb_message_echoes" => each(value, "/message_echoes", |message| echo(message, value, now)),
        "smb_app_state_sync" => each(value, "/state_sync", |state| said(app_state(state, change))),
        "user_preferences" => each(value, "/user_preferences", |item| said(preference(item, change))),
        "user_id_update" => each(value, "/user_id_update", |item| said(user_id_update(item, change))),
        "calls" => {
            let mut calls = each(value, "/calls", |item| said(call(item, change)));
            calls.extend(each(value, "/statuses", |item| said(call_status(item, change))));
            calls
        }
        field if field.starts_with("group_") => each(value, "/groups", |item| said(group(item, change))),
        field if ACCOUNT_FIELDS.contains(&field) => vec![said(account_news(change))],
        // Everything else is read as messages, whatever it is called: nothing that a person says is overlooked.
        _ => spoken(change, now),
    }
}

fn each(value: &Value, list: &str, read: impl Fn(&Value) -> Event) -> Vec<Event> {
    items(value, list).iter().map(read).collect()
}

/// Messages, receipts, and what went wrong on the way to us.
fn spoken(change: &Change<'_>, now: i64) -> Vec<Event> {
    let value = change.value;
    let said = |message: InboundMessage| Event::Message(Box::new(message));
    let mut events = each(value, "/messages", |message| said(heard(message, value, now)));
    events.extend(items(value, "/statuses").iter().map(|status| {
        let known = receipt(status).map(Event::Receipt).or_else(|| deleted(status, now).map(said));
        known.unwrap_or_else(|| unknown(&status_kind(status), status.to_string().as_bytes(), now))
    }));
    events.extend(each(value, "/groups", |item| said(group(item, change))));
    if events.is_empty() {
        let errors = items(value, "/errors").iter().enumerate();
        events.extend(errors.map(|(index, error)| said(problem(error, index, change))));
    }
    events
}

fn status_kind(status: &Value) -> String {
    word(status, "/status").map_or_else(|| "status".into(), |state| format!("status:{state}"))
}

/// A change of which nothing could be read, with the person it names, if any.
fn left(kind: &str, change: &Change<'_>) -> Event {
    let sender = sender_of(&Value::Null, change.value);
    let content = Content::Unknown { kind: short(kind) };
    let mut message = InboundMessage::new(change.digest.clone(), sender, change.at, content);
    // What a change of tomorrow says of a person is not said by them.
    message.thread = String::new();
    Event::Message(Box::new(message))
}

fn unknown(kind: &str, bytes: &[u8], now: i64) -> Event {
    let content = Content::Unknown { kind: short(kind) };
    let id = digest(&[kind.as_bytes(), b"\n", bytes].concat());
    Event::Message(Box::new(InboundMessage::new(id, Sender::default(), now, content)))
}
