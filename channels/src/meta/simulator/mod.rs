//! A pretended Meta: the Graph on one side, people's chats with a page or Instagram account on the other.
//!
//! `graph` answers the calls with Meta's error bodies, `checks` holds messages to the limits, `sending` carries them out,
//! `customer` is what people do, `params` reads parameters, and this file holds the state and makes the webhooks. It is
//! written against Meta's documents, not against the adapter.

mod checks;
mod customer;
mod face;
mod graph;
mod params;
mod sending;
mod templates;

pub(crate) use face::{MetaProduct, MetaSimulator};

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use super::fields::fingerprint;
use super::{Product, SIGNATURE_HEADER, sign};
use crate::HttpCall;
use crate::simulator::{Answer, Fault, Line, NO_ANSWER, Speaker, Webhook};

/// How the pretended account is called, by whom it is run, and by which secrets.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    pub(crate) account: String,
    pub(crate) app: String,
    pub(crate) app_secret: String,
    pub(crate) token: String,
}

/// One pretended Meta with one page or Instagram account.
#[derive(Clone, Debug)]
pub(crate) struct Platform {
    pub(crate) product: Product,
    pub(crate) names: Names,
    /// Where the webhooks go.
    pub(crate) webhook: Option<String>,
    /// The fields that were asked for with the webhook, as they were written.
    pub(crate) asked: String,
    /// The fields that the account is subscribed to.
    pub(crate) fields: BTreeSet<String>,
    /// Where the media that people send can be fetched; ids follow.
    pub(crate) media_base: String,
    /// The payload behind the button that begins a chat.
    get_started: Option<String>,
    profile: BTreeMap<String, Value>,
    chats: BTreeMap<String, Chat>,
    remarks: BTreeMap<String, Remark>,
    /// By id: type and bytes.
    files: BTreeMap<String, (String, Vec<u8>)>,
    uploads: BTreeSet<String>,
    /// The page's utility templates, in the shape in which the Graph tells them.
    templates: Vec<Value>,
    faults: VecDeque<Fault>,
    count: u64,
}

/// One person's chat with us.
#[derive(Clone, Debug, Default)]
struct Chat {
    lines: Vec<Line>,
    /// How many of a line's buttons are a template's; the others are quick replies.
    templates: BTreeMap<String, usize>,
    /// When the person last did something that opens the window, microseconds UTC.
    last_word: Option<i64>,
    has_blocked: bool,
    /// The platform's own inbox owns the thread.
    is_elsewhere: bool,
    edits: u64,
}

/// A comment below a post of ours.
#[derive(Clone, Debug)]
struct Remark {
    /// Who wrote it; none for ourselves.
    author: Option<String>,
    text: String,
    at: i64,
    /// A private answer may be sent once.
    is_answered: bool,
    /// Only its author and we see it.
    is_hidden: bool,
}

impl Platform {
    pub(crate) fn new(product: Product, names: Names) -> Self {
        Self {
            product,
            names,
            webhook: None,
            asked: String::new(),
            fields: BTreeSet::new(),
            media_base: "https://lookaside.fbsbx.com/media".into(),
            get_started: None,
            profile: BTreeMap::new(),
            chats: BTreeMap::new(),
            remarks: BTreeMap::new(),
            files: BTreeMap::new(),
            uploads: BTreeSet::new(),
            templates: Vec::new(),
            faults: VecDeque::new(),
            count: 0,
        }
    }

    pub(crate) fn number_from(&mut self, count: u64) {
        self.count = self.count.max(count);
    }

    /// Sets the webhook and subscribes to everything, as a person does in Meta's dashboard.
    pub(crate) fn subscribe_all(&mut self, url: &str) {
        self.webhook = Some(url.to_owned());
        self.fields = BTreeSet::from(["*".to_owned()]);
    }

    pub(crate) fn handle(&mut self, path: &str, call: &HttpCall<'_>) -> (Answer, Vec<Webhook>) {
        if !graph::sends(path, call) {
            return self.call(path, call);
        }
        match self.faults.pop_front() {
            Some(Fault::TooManyRequests { seconds }) => {
                (graph::too_fast(&self.names.account, seconds), Vec::new())
            }
            Some(Fault::ServerError) => (graph::broken(), Vec::new()),
            Some(Fault::AcceptThenSilence) => (silence(), self.call(path, call).1),
            Some(Fault::Reset) => (silence(), Vec::new()),
            Some(Fault::TokenExpired) => (graph::expired().answer(), Vec::new()),
            Some(Fault::None) | None => self.call(path, call),
        }
    }

    pub(crate) fn transcript(&self, customer: &str) -> Vec<Line> {
        self.chats.get(customer).map(|chat| chat.lines.clone()).unwrap_or_default()
    }

    pub(crate) fn customers(&self) -> Vec<String> {
        self.chats.keys().cloned().collect()
    }

    pub(crate) fn fail_next(&mut self, faults: &[Fault]) {
        self.faults.extend(faults);
    }

    pub(crate) fn faults_left(&self) -> usize {
        self.faults.len()
    }

    /// Several webhooks to one address as one, entry behind entry.
    pub(crate) fn batch(&self, webhooks: Vec<Webhook>) -> Vec<Webhook> {
        let mut batches: Vec<(String, Vec<Value>)> = Vec::new();
        for webhook in webhooks {
            let body: Value = serde_json::from_slice(&webhook.body).unwrap_or_default();
            let entries = body["entry"].as_array().cloned().unwrap_or_default();
            match batches.iter_mut().find(|(url, _)| *url == webhook.url) {
                Some((_, held)) => held.extend(entries),
                None => batches.push((webhook.url, entries)),
            }
        }
        batches.into_iter().map(|(url, entries)| self.post(&url, &entries)).collect()
    }

    fn object(&self) -> &'static str {
        match self.product {
            Product::Messenger => "page",
            Product::Instagram => "instagram",
        }
    }

    fn post(&self, url: &str, entries: &[Value]) -> Webhook {
        let body = escaped(&json!({"object": self.object(), "entry": entries})).into_bytes();
        let headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            (SIGNATURE_HEADER.to_owned(), sign(&self.names.app_secret, &body)),
        ];
        Webhook { url: url.to_owned(), headers, body }
    }

    fn is_subscribed(&self, field: &str) -> bool {
        self.fields.contains("*") || self.fields.contains(field)
    }

    fn next_id(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// An id of a message, as long and opaque as Meta's.
    fn next_mid(&mut self) -> String {
        let count = self.next_id();
        let mark = fingerprint(format!("{}:{count}", self.names.account).as_bytes());
        match self.product {
            Product::Messenger => format!("m_{mark}"),
            Product::Instagram => format!("aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlE{mark}ZD"),
        }
    }

    /// What happened in a thread, as the field `field` tells it: as `standby` while another program owns the thread.
    fn tell(&self, field: &str, customer: &str, what: Value, now: i64) -> Vec<Webhook> {
        let parties = [("sender", customer), ("recipient", self.names.account.as_str())];
        self.tell_between(field, parties, what, now)
    }

    /// What our side did in a thread.
    fn tell_own(&self, field: &str, customer: &str, what: Value, now: i64) -> Vec<Webhook> {
        let parties = [("sender", self.names.account.as_str()), ("recipient", customer)];
        self.tell_between(field, parties, what, now)
    }

    fn tell_between(&self, field: &str, parties: [(&str, &str); 2], what: Value, now: i64) -> Vec<Webhook> {
        let mut event = what;
        for (role, id) in parties {
            event[role] = json!({"id": id});
        }
        event["timestamp"] = (now / 1000).into();
        let is_elsewhere =
            parties.iter().any(|(_, id)| self.chats.get(*id).is_some_and(|chat| chat.is_elsewhere));
        let (list, field) = if is_elsewhere { ("standby", "standby") } else { ("messaging", field) };
        if list == "standby"
            && let Some(postback) = event["postback"].as_object_mut()
        {
            postback.remove("payload");
        }
        let entry = json!({"id": self.names.account, "time": now / 1000, list: [event]});
        self.tell_entry(field, entry)
    }

    /// A change beside threads.
    fn tell_change(&self, field: &str, value: &Value, now: i64) -> Vec<Webhook> {
        let change = json!({"field": field, "value": value});
        let time = now / 1_000_000;
        self.tell_entry(field, json!({"id": self.names.account, "time": time, "changes": [change]}))
    }

    fn tell_entry(&self, field: &str, entry: Value) -> Vec<Webhook> {
        let url = self.webhook.as_ref().filter(|_| self.is_subscribed(field));
        url.map(|url| self.post(url, &[entry])).into_iter().collect()
    }

    fn chat(&mut self, customer: &str) -> &mut Chat {
        self.chats.entry(customer.to_owned()).or_default()
    }

    /// Keeps the bytes of a file and returns the address at which it is served.
    fn keep_file(&mut self, mime: &str, bytes: &[u8]) -> String {
        let id = self.next_id().to_string();
        self.files.insert(id.clone(), (mime.to_owned(), bytes.to_vec()));
        format!("{}/{id}", self.media_base.trim_end_matches('/'))
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

fn silence() -> Answer {
    Answer { status: NO_ANSWER, headers: Vec::new(), body: Vec::new() }
}

/// JSON as Meta writes it: what is not ASCII as escapes, and slashes with a backslash.
fn escaped(value: &Value) -> String {
    let mut written = String::new();
    for c in value.to_string().chars() {
        match c {
            '/' => written.push_str("\\/"),
            c if c.is_ascii() => written.push(c),
            c => written.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}"))),
        }
    }
    written
}
