//! A pretended WhatsApp: the Cloud API on one side, the phones of pretended customers on the other.
//!
//! `api` answers the Graph's calls, `messages` takes what we send, `sending` holds it to the Cloud API's limits, `customer` is
//! what people do, and this file holds the state and makes the signed webhooks. A customer whose id is a number shows it
//! beside a business-scoped id (see [`WhatsappSimulator::thread_of`]); one whose id is business-scoped (`TH.1234`) took a
//! username and shows no number. Webhooks have the shape of 2026, in which everybody has a business-scoped id.

mod api;
mod customer;
mod messages;
mod samples;
mod sending;
mod templates;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::people::{is_phone, is_user_id};
use crate::simulator::{Answer, CustomerAct, Fault, Line, Simulator, Webhook};
use crate::{AccountConfig, ChannelName, HttpCall, meta};

/// How the business-scoped ids of people who show a number begin; the number follows.
const USER_IDS: &str = "TH.1349";

/// One pretended WhatsApp with one phone number of ours.
#[derive(Clone, Debug)]
pub struct WhatsappSimulator {
    /// The ids of our number, our business account and our app.
    number: String,
    waba: String,
    app: String,
    /// Our number as people dial it, without the `+`.
    display: String,
    access_token: String,
    app_secret: String,
    verify_token: String,
    /// Where media addresses begin.
    base: String,
    webhook: Option<String>,
    chats: BTreeMap<String, Chat>,
    files: BTreeMap<String, File>,
    /// Templates as the Graph tells them; while there are none, every name is good.
    templates: Vec<Value>,
    faults: VecDeque<Fault>,
    /// What was counted so far: messages, files.
    count: u64,
    /// The message under which we are shown typing.
    typing: Option<String>,
    /// As before April 2026: numbers alone.
    numbers_only: bool,
}

#[derive(Clone, Debug)]
struct File {
    mime: String,
    bytes: Vec<u8>,
}

/// A private chat or a group.
#[derive(Clone, Debug, Default)]
struct Chat {
    name: String,
    is_blocked: bool,
    /// When the customer last wrote; free words reach them for a day.
    heard_at: Option<i64>,
    /// How much of the pair's rate is spent, microseconds, and when that was reckoned.
    spent: i64,
    reckoned_at: i64,
    lines: Vec<Line>,
    /// What a press on a button of a line comes back as, by line.
    presses: BTreeMap<String, Press>,
    /// Our messages that were not looked at, with what was sent along for us.
    unread: Vec<(String, Option<String>)>,
}

/// How a press comes back.
#[derive(Clone, Debug)]
struct Press {
    kind: &'static str,
    /// The descriptions of rows, by their titles.
    descriptions: BTreeMap<String, String>,
}

impl Default for Press {
    fn default() -> Self {
        Self { kind: "button_reply", descriptions: BTreeMap::new() }
    }
}

impl WhatsappSimulator {
    /// A WhatsApp that knows the number, business account, app and secrets of this account, and sends its webhooks nowhere
    /// until it is told where (see [`WhatsappSimulator::posting_to`]; a call of `subscribed_apps` does, too).
    pub fn new(account: &AccountConfig) -> Self {
        let secret = |name: &str| account.secrets_of(name).next().unwrap_or_default().to_owned();
        let setting =
            |name: &str, other: &str| account.settings.get(name).map_or(other, String::as_str).to_owned();
        Self {
            number: account.external_id.clone(),
            waba: setting("waba_id", "102290129340398"),
            app: setting("app_id", "634974688087057"),
            display: setting("display_phone_number", "15550783881"),
            access_token: secret("access_token"),
            app_secret: secret("app_secret"),
            verify_token: secret("verify_token"),
            base: account.api_base.trim_end_matches('/').to_owned(),
            webhook: None,
            chats: BTreeMap::new(),
            files: BTreeMap::new(),
            templates: Vec::new(),
            faults: VecDeque::new(),
            count: 0,
            typing: None,
            numbers_only: false,
        }
    }

    /// Sends its webhooks to this address.
    #[must_use]
    pub fn posting_to(mut self, url: &str) -> Self {
        self.webhook = Some(url.to_owned());
        self
    }

    /// Numbers its messages from here: a platform that starts anew must not repeat those of its last run.
    #[must_use]
    pub fn numbering_from(mut self, count: u64) -> Self {
        self.count = count;
        self
    }

    /// Names people who show a number by that alone, as WhatsApp did before April 2026.
    #[must_use]
    pub fn naming_numbers_only(mut self) -> Self {
        self.numbers_only = true;
        self
    }

    /// The id by which webhooks name this customer in the first place: their thread.
    pub fn thread_of(&self, customer: &str) -> String {
        if is_phone(customer) && !self.numbers_only {
            return format!("{USER_IDS}{customer}");
        }
        customer.to_owned()
    }

    /// The message under which we are shown typing, if we are.
    pub fn typing(&self) -> Option<&str> {
        self.typing.as_deref()
    }

    fn next_message(&mut self) -> String {
        self.count += 1;
        format!("wamid.{}", STANDARD.encode(format!("{}:{:010}", self.number, self.count)))
    }

    fn add_file(&mut self, mime: &str, bytes: &[u8]) -> String {
        self.count += 1;
        let id = (1_000_000_000_000_000 + self.count).to_string();
        self.files.insert(id.clone(), File { mime: mime.to_owned(), bytes: bytes.to_vec() });
        id
    }

    /// The key of a person's chat: the number where they show one.
    fn key_of(&self, id: &str) -> String {
        let number = id.strip_prefix(USER_IDS).filter(|number| self.chats.contains_key(*number));
        number.unwrap_or(id).to_owned()
    }

    fn chat(&mut self, id: &str) -> &mut Chat {
        let id = &self.key_of(id);
        let name = format!("Customer {id}");
        self.chats.entry(id.to_owned()).or_insert_with(|| Chat { name, ..Chat::default() })
    }

    /// The entry of `contacts` for a customer.
    fn contact(&self, id: &str) -> Value {
        let key = self.key_of(id);
        let name = self.chats.get(&key).map_or("Customer", |chat| chat.name.as_str());
        let mut contact = json!({"profile": {"name": name}});
        if is_user_id(&key) {
            let username = format!("@user{}", key.to_lowercase().replace('.', "_"));
            contact["profile"]["username"] = username.into();
        }
        self.name_person(&mut contact, &key, "wa_id", "user_id");
        contact
    }

    /// Puts the ids of a person into the two fields for them.
    fn name_person(&self, value: &mut Value, id: &str, number: &str, user: &str) {
        let key = self.key_of(id);
        let thread = self.thread_of(&key);
        if is_user_id(&thread) {
            value[user] = thread.into();
        }
        if !is_user_id(&key) {
            value[number] = key.into();
        }
    }

    /// A change of `field` as Meta posts it: number and product in front, signed, and everything beyond ASCII escaped.
    fn webhook(&self, field: &str, mut value: Value, now: i64) -> Vec<Webhook> {
        let Some(url) = &self.webhook else { return Vec::new() };
        value["messaging_product"] = "whatsapp".into();
        value["metadata"] = json!({"display_phone_number": self.display, "phone_number_id": self.number});
        let change = json!({"field": field, "value": value});
        let entry = json!({"id": self.waba, "time": seconds(now), "changes": [change]});
        vec![self.signed(url, &json!({"object": "whatsapp_business_account", "entry": [entry]}))]
    }

    fn signed(&self, url: &str, body: &Value) -> Webhook {
        let body = escaped(&body.to_string()).into_bytes();
        let headers = vec![
            ("content-type".into(), "application/json".into()),
            (meta::SIGNATURE_HEADER.into(), meta::sign(&self.app_secret, &body)),
        ];
        Webhook { url: url.to_owned(), headers, body }
    }

    fn status(&self, chat: &str, status: Value, now: i64) -> Vec<Webhook> {
        let mut status = status;
        status["timestamp"] = seconds(now).to_string().into();
        self.name_person(&mut status, chat, "recipient_id", "recipient_user_id");
        let mut value = json!({"statuses": [status]});
        if is_phone(chat) || is_user_id(chat) {
            value["contacts"] = json!([self.contact(chat)]);
        } else {
            value["statuses"][0]["recipient_type"] = "group".into();
        }
        self.webhook("messages", value, now)
    }
}

impl Simulator for WhatsappSimulator {
    fn channel(&self) -> ChannelName {
        ChannelName::Whatsapp
    }

    fn handle(&mut self, path: &str, call: &HttpCall<'_>) -> (Answer, Vec<Webhook>) {
        self.answer(path, call)
    }

    fn customer(&mut self, customer: &str, act: &CustomerAct, now: i64) -> Option<Vec<Webhook>> {
        self.act(customer, act, now)
    }

    fn transcript(&self, customer: &str) -> Vec<Line> {
        self.chats.get(&self.key_of(customer)).map(|chat| chat.lines.clone()).unwrap_or_default()
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

    /// The changes of all as those of one entry.
    fn batch(&self, webhooks: Vec<Webhook>) -> Vec<Webhook> {
        let read = |webhook: &Webhook| serde_json::from_slice::<Value>(&webhook.body).unwrap_or_default();
        let bodies: Vec<Value> = webhooks.iter().map(read).collect();
        let (Some(first), true) = (webhooks.first(), bodies.len() > 1) else { return webhooks };
        let mut together = bodies[0].clone();
        let changes = bodies.iter().filter_map(|body| body.pointer("/entry/0/changes")?.as_array());
        together["entry"][0]["changes"] = changes.flatten().cloned().collect();
        vec![self.signed(&first.url, &together)]
    }
}

/// Meta signs what it sends: everything beyond ASCII as `\uXXXX`, and `/` as `\/`.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '/' => text.push_str("\\/"),
            _ if character.is_ascii() => text.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing to a text cannot fail.
                    write!(text, "\\u{unit:04x}").unwrap_or_default();
                }
            }
        }
    }
    text
}

fn seconds(micros: i64) -> i64 {
    micros.div_euclid(1_000_000)
}
