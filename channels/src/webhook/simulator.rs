//! A pretended company: a server that takes our replies, and customers who write to it.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::SIGNATURE_HEADER;
use crate::simulator::{
    Answer, CustomerAct, Fault, Line, LineButton, NO_ANSWER, Simulator, Speaker, Webhook,
};
use crate::web::simulator::{line_of, pressable};
use crate::{Action, ChannelName, Choice, HttpCall, HttpMethod, MediaKind, Part, signature};

/// One pretended company. A customer is named by their thread.
#[derive(Clone, Debug)]
pub struct WebhookSimulator {
    secret: String,
    /// Where our webhook is.
    ours: String,
    /// Where the company's own server is, for the addresses of files.
    base: String,
    chats: BTreeMap<String, Vec<Line>>,
    files: Vec<Vec<u8>>,
    /// The ids given for keys that came before.
    keys: BTreeMap<String, String>,
    faults: VecDeque<Fault>,
    made: u64,
}

impl WebhookSimulator {
    /// A company that shares `secret` with us, calls us at `ours`, and has its own server at `base`.
    pub fn new(secret: &str, ours: &str, base: &str) -> Self {
        Self {
            secret: secret.into(),
            ours: ours.into(),
            base: base.trim_end_matches('/').into(),
            chats: BTreeMap::new(),
            files: Vec::new(),
            keys: BTreeMap::new(),
            faults: VecDeque::new(),
            made: 0,
        }
    }

    fn next_id(&mut self) -> String {
        self.made += 1;
        format!("m{}", self.made)
    }

    /// Tells us of something: `about` is what makes it what it is.
    fn tell(&mut self, customer: &str, about: &Value, now: i64) -> Vec<Webhook> {
        let id = self.next_id();
        let sender = json!({"id": customer, "name": format!("Customer {customer}"), "language": "th"});
        let mut body = json!({"id": id, "thread": customer, "sender": sender, "sent_at": now / 1000});
        for (name, value) in about.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let body = body.to_string().into_bytes();
        let signature = signature::sign([self.secret.as_str()].into_iter(), &body, now).unwrap_or_default();
        let headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            (SIGNATURE_HEADER.to_owned(), signature),
        ];
        vec![Webhook { url: self.ours.clone(), headers, body }]
    }

    /// Shows a line of a customer (or of a colleague of ours) and tells us of it.
    fn writes(&mut self, customer: &str, line: Line, about: &Value) -> Vec<Webhook> {
        let (at, webhooks) = (line.at, self.tell(customer, about, line.at));
        let id = format!("m{}", self.made);
        self.chats.entry(customer.to_owned()).or_default().push(Line { id, at, ..line });
        webhooks
    }

    fn line(&mut self, customer: &str, id: &str) -> Option<&mut Line> {
        self.chats.get_mut(customer)?.iter_mut().find(|line| line.id == id)
    }

    fn answer(&mut self, call: &HttpCall<'_>) -> Answer {
        let header = call.header(SIGNATURE_HEADER).unwrap_or_default();
        if !signature::verify([self.secret.as_str()].into_iter(), header, call.body, call.now) {
            return refusal(401, "the signature is missing or wrong");
        }
        let body: Value = serde_json::from_slice(call.body).unwrap_or_default();
        let thread = body["thread"].as_str().unwrap_or_default().to_owned();
        match body["type"].as_str() {
            Some("ping") => answer(200, &json!({})),
            _ if !self.chats.contains_key(&thread) => refusal(404, "there is no such thread"),
            Some("reply") => self.take_reply(&thread, &body, call),
            Some("action") => self.take_action(&thread, &body),
            _ => refusal(400, "the type is not known"),
        }
    }

    fn take_reply(&mut self, thread: &str, body: &Value, call: &HttpCall<'_>) -> Answer {
        let key = call.header("idempotency-key").unwrap_or_default().to_owned();
        if let Some(id) = self.keys.get(&key) {
            return answer(200, &json!({ "id": id }));
        }
        let parts = serde_json::from_value::<Vec<Part>>(body["parts"].clone());
        let choices = serde_json::from_value::<Vec<Choice>>(body["choices"].clone());
        let (Ok(parts), Ok(choices)) = (parts, choices) else {
            return refusal(422, "the parts cannot be read");
        };
        let id = self.next_id();
        let lines = self.chats.entry(thread.to_owned()).or_default();
        for part in parts {
            lines.push(Line { id: id.clone(), at: call.now, ..line_of(part) });
        }
        if let Some(last) = lines.last_mut() {
            last.buttons.extend(choices.into_iter().map(|choice| pressable(choice.title, choice.payload)));
        }
        if !key.is_empty() {
            self.keys.insert(key, id.clone());
        }
        answer(200, &json!({ "id": id }))
    }

    fn take_action(&mut self, thread: &str, body: &Value) -> Answer {
        let Ok(action) = serde_json::from_value::<Action>(body["action"].clone()) else {
            return refusal(400, "the action is not known");
        };
        let (Action::React { external_id, .. }
        | Action::Edit { external_id, .. }
        | Action::Delete { external_id }) = &action
        else {
            return answer(200, &json!({}));
        };
        let Some(line) = self.line(thread, external_id) else {
            return refusal(404, "there is no such message");
        };
        match action {
            Action::React { emoji, .. } => line.reaction = emoji,
            Action::Edit { text, .. } => (line.text, line.edited) = (text, true),
            _ => line.deleted = true,
        }
        answer(200, &json!({}))
    }

    /// The act as the fields of a call, and as a line where one is seen.
    fn fields(&mut self, act: &CustomerAct, now: i64) -> (Line, Value) {
        let said = |text: &str| Line::new(Speaker::Customer, "", now, text);
        match act {
            CustomerAct::Says { text, quotes } => (said(text), json!({"text": text, "reply_to": quotes})),
            CustomerAct::Sends { kind, name, mime, bytes, caption } => {
                self.files.push(bytes.clone());
                let url = format!("{}/files/{}", self.base, self.files.len());
                let media = json!({"kind": kind, "url": url, "name": name, "mime": mime, "size": bytes.len(),
                    "caption": caption});
                let line = said(caption.as_deref().unwrap_or_default());
                (Line { media: Some(*kind), media_url: Some(url), ..line }, json!({ "media": media }))
            }
            CustomerAct::SendsSticker { id } => {
                (Line { media: Some(MediaKind::Image), ..said("") }, json!({"sticker": {"id": id}}))
            }
            CustomerAct::SendsLocation { location } => (said("📍"), json!({ "location": location })),
            CustomerAct::SendsContact { contact } => (said(&contact.name), json!({"contact": [contact]})),
            CustomerAct::Orders { order } => (said("🛒"), json!({ "order": order })),
            CustomerAct::RepliesToStory { text } => {
                (said(text), json!({"story_reply": {"text": text, "story": {"id": "s1"}}}))
            }
            CustomerAct::MentionsInStory => (said(""), json!({"story_mention": {"story": {"id": "s2"}}})),
            CustomerAct::Comments { text } => {
                (said(text), json!({"comment": {"id": "c1", "change": "added", "text": text, "post": "p1"}}))
            }
            CustomerAct::Starts { payload } => (said(""), json!({"started": {"payload": payload}})),
            CustomerAct::Arrives { referral, text: Some(text) } => {
                (said(text), json!({"text": text, "referral": referral}))
            }
            CustomerAct::Arrives { referral, text: None } => (said(""), json!({ "referral": referral })),
            CustomerAct::ColleagueSays { text } => {
                (Line { from: Speaker::Us, ..said(text) }, json!({"text": text, "echo": true}))
            }
            // The rest are done to lines that are there.
            _ => (said(""), json!({"stopped": true})),
        }
    }
}

impl Simulator for WebhookSimulator {
    fn channel(&self) -> ChannelName {
        ChannelName::Webhook
    }

    fn handle(&mut self, path: &str, call: &HttpCall<'_>) -> (Answer, Vec<Webhook>) {
        let file =
            path.rsplit_once("/files/").and_then(|(_, number)| number.parse::<usize>().ok()?.checked_sub(1));
        if let Some(file) = file.filter(|_| call.method == HttpMethod::Get) {
            let body = self.files.get(file).cloned();
            let found = body.map(|body| Answer { status: 200, headers: Vec::new(), body });
            return (found.unwrap_or_else(|| refusal(404, "there is no such file")), Vec::new());
        }
        let silence = || Answer { status: NO_ANSWER, headers: Vec::new(), body: Vec::new() };
        let answer = match self.faults.pop_front() {
            Some(Fault::TooManyRequests { seconds }) => {
                let mut answer = refusal(429, "too many calls");
                answer.headers.push(("retry-after".into(), seconds.to_string()));
                answer
            }
            Some(Fault::ServerError) => refusal(500, "something broke"),
            Some(Fault::TokenExpired) => refusal(401, "the secret was changed"),
            Some(Fault::Reset) => silence(),
            Some(Fault::AcceptThenSilence) => {
                self.answer(call);
                silence()
            }
            Some(Fault::None) | None => self.answer(call),
        };
        (answer, Vec::new())
    }

    fn customer(&mut self, customer: &str, act: &CustomerAct, now: i64) -> Option<Vec<Webhook>> {
        match act {
            CustomerAct::Presses { title } => {
                let mut buttons = self.chats.get(customer)?.iter().rev().flat_map(|line| &line.buttons);
                let pressed: LineButton = buttons.find(|button| button.title == *title)?.clone();
                let Some(payload) = pressed.payload else { return Some(Vec::new()) };
                let line = Line::new(Speaker::Customer, "", now, title);
                Some(self.writes(customer, line, &json!({"choice": {"payload": payload, "title": title}})))
            }
            CustomerAct::Reacts { line, emoji } => {
                self.line(customer, line)?.reaction.clone_from(emoji);
                Some(self.tell(customer, &json!({"reaction": {"external_id": line, "emoji": emoji}}), now))
            }
            CustomerAct::Edits { line: id, text } => {
                let line = self.line(customer, id).filter(|line| line.from == Speaker::Customer)?;
                (line.text, line.edited) = (text.clone(), true);
                Some(self.tell(customer, &json!({"edited": {"external_id": id, "text": text}}), now))
            }
            CustomerAct::Deletes { line: id } => {
                self.line(customer, id).filter(|line| line.from == Speaker::Customer)?.deleted = true;
                Some(self.tell(customer, &json!({"deleted": {"external_id": id}}), now))
            }
            CustomerAct::Reads => {
                let lines = self.chats.get(customer)?;
                let id = lines.iter().rev().find(|line| line.from == Speaker::Us)?.id.clone();
                let receipt = json!({"external_id": id, "state": "read", "thread": customer, "at": now});
                Some(self.tell(customer, &json!({ "receipt": receipt }), now))
            }
            CustomerAct::Leaves => Some(self.tell(customer, &json!({"stopped": true}), now)),
            _ => {
                let (line, about) = self.fields(act, now);
                Some(self.writes(customer, line, &about))
            }
        }
    }

    fn transcript(&self, customer: &str) -> Vec<Line> {
        self.chats.get(customer).cloned().unwrap_or_default()
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
}

fn answer(status: u16, body: &Value) -> Answer {
    let headers = vec![("content-type".into(), "application/json".into())];
    Answer { status, headers, body: body.to_string().into_bytes() }
}

fn refusal(status: u16, words: &str) -> Answer {
    answer(status, &json!({ "error": words }))
}
