//! The words that all simulators share, said to Telegram.

use serde_json::{Value, json};

use super::TelegramSimulator;
use super::customer::worded;
use crate::simulator::{Answer, CustomerAct, Fault, Line, STICKER, Simulator, Webhook};
use crate::telegram::thread::{Thread, message_number};
use crate::{ChannelName, Contact, HttpCall, Location, MediaKind};

impl Simulator for TelegramSimulator {
    fn channel(&self) -> ChannelName {
        ChannelName::Telegram
    }

    fn handle(&mut self, path: &str, call: &HttpCall<'_>) -> (Answer, Vec<Webhook>) {
        self.handle(path, call)
    }

    fn customer(&mut self, customer: &str, act: &CustomerAct, now: i64) -> Option<Vec<Webhook>> {
        let who = Who::parse(customer)?;
        match act {
            CustomerAct::Presses { title } => self.person_presses(&who.thread, who.person, title),
            CustomerAct::Reacts { line, emoji } => {
                let id = message_number(line)?;
                let chat = who.plain_chat()?;
                self.lines(&who.thread).iter().find(|known| known.id == id.to_string())?;
                Some(self.customer_reacts(chat, id, emoji.as_deref(), now))
            }
            CustomerAct::Edits { line, text } => {
                self.person_edits(&who.thread, message_number(line)?, text, now)
            }
            CustomerAct::Deletes { line } => self.person_deletes(&who.thread, message_number(line)?),
            CustomerAct::Starts { payload } => self.starts(&who, payload.as_deref(), now),
            CustomerAct::Leaves => Some(self.customer_blocks(who.plain_chat()?, true, now)),
            CustomerAct::Arrives { referral, text } => {
                let mut webhooks = self.starts(&who, referral.payload.as_deref(), now)?;
                if let Some(text) = text {
                    webhooks.extend(self.person_sends(&who.thread, who.person, worded(text), now));
                }
                Some(webhooks)
            }
            CustomerAct::ColleagueSays { text } => {
                who.thread.connection.as_ref()?;
                Some(self.owner_says(&who.thread, text, now))
            }
            // Telegram tells bots of no reading, and has no catalogue, no mentions in stories and no comments of its own.
            CustomerAct::Reads
            | CustomerAct::Orders { .. }
            | CustomerAct::MentionsInStory
            | CustomerAct::Comments { .. } => None,
            _ => {
                let message = self.message_of(&who, act)?;
                Some(self.person_sends(&who.thread, who.person, message, now))
            }
        }
    }

    fn transcript(&self, customer: &str) -> Vec<Line> {
        Who::parse(customer).map(|who| self.lines(&who.thread).to_vec()).unwrap_or_default()
    }

    fn customers(&self) -> Vec<String> {
        self.chats.keys().map(Thread::to_string).collect()
    }

    fn fail_next(&mut self, faults: &[Fault]) {
        self.faults.extend(faults);
    }

    fn faults_left(&self) -> usize {
        self.faults.len()
    }
}

/// A customer: a thread, and in a group whom of its people.
struct Who {
    thread: Thread,
    person: Option<i64>,
}

impl Who {
    fn parse(customer: &str) -> Option<Self> {
        let (thread, person) = match customer.rsplit_once(':') {
            Some((thread, person)) => (thread, Some(person.parse().ok()?)),
            None => (customer, None),
        };
        let thread = Thread::parse(thread);
        thread.chat_id().filter(|chat| *chat != 0)?;
        Some(Self { thread, person })
    }

    /// The chat, where it is one with the bot itself.
    fn plain_chat(&self) -> Option<i64> {
        let is_plain = self.thread.connection.is_none() && self.thread.topic.is_none();
        self.thread.chat_id().filter(|_| is_plain)
    }
}

impl TelegramSimulator {
    /// Opens the chat by its button or a link; a group takes the bot in. What a link carries is letters, digits, `_` and
    /// `-`, 64 at most (Bot API, deep linking).
    fn starts(&mut self, who: &Who, payload: Option<&str>, now: i64) -> Option<Vec<Webhook>> {
        let chat = who.plain_chat()?;
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let is_link = |payload: &str| (1..=64).contains(&payload.len()) && payload.chars().all(is_letter);
        if payload.is_some_and(|payload| !is_link(payload)) {
            return None;
        }
        let was_blocked = self.chats.get(&who.thread).is_some_and(|room| room.blocked);
        let mut webhooks = Vec::new();
        if was_blocked {
            webhooks = self.customer_blocks(chat, false, now);
        }
        let command = if chat < 0 {
            format!("/start@{}", self.bot["username"].as_str().unwrap_or_default())
        } else {
            "/start".into()
        };
        let text = payload.map_or_else(|| command.clone(), |payload| format!("{command} {payload}"));
        webhooks.extend(self.person_sends(&who.thread, who.person, worded(&text), now));
        Some(webhooks)
    }

    /// The message of an act that is one.
    fn message_of(&mut self, who: &Who, act: &CustomerAct) -> Option<Value> {
        match act {
            CustomerAct::Says { text, quotes } => {
                let mut message = worded(text);
                if let Some(quoted) = quotes {
                    let room = self.chats.get(&who.thread)?;
                    message["reply_to_message"] = room.messages.get(&message_number(quoted)?)?.clone();
                }
                Some(message)
            }
            CustomerAct::Sends { kind, name, mime, bytes, caption } => {
                let size = bytes.len();
                let file = self.keep(bytes.clone());
                let mut message = file_message(*kind, &file, size, (name, mime));
                if let Some(caption) = caption {
                    message["caption"] = caption.clone().into();
                }
                Some(message)
            }
            CustomerAct::SendsSticker { id } => {
                self.files.entry(id.clone()).or_insert_with(|| STICKER.to_vec());
                Some(json!({"sticker": {
                    "file_id": id, "file_unique_id": id, "type": "regular", "width": 512, "height": 512,
                    "is_animated": false, "is_video": false, "emoji": "🙏",
                }}))
            }
            CustomerAct::SendsLocation { location } => Some(place(location)),
            CustomerAct::SendsContact { contact } => contact_message(contact),
            CustomerAct::RepliesToStory { text } => {
                who.thread.connection.as_ref()?;
                let owner = super::customer::owner();
                let chat = json!({"id": owner["id"], "type": "private", "first_name": "Owner", "username": "shop_owner"});
                let mut message = worded(text);
                message["reply_to_story"] = json!({"chat": chat, "id": 1});
                Some(message)
            }
            _ => None,
        }
    }

    /// Keeps a file under a new id.
    pub(super) fn keep(&mut self, bytes: Vec<u8>) -> String {
        let id = format!("BQACAgUAAxkBAAIB{:08}", self.files.len());
        self.files.insert(id.clone(), bytes);
        id
    }
}

fn file_message(kind: MediaKind, id: &str, size: usize, (name, mime): (&str, &str)) -> Value {
    let file = json!({"file_id": id, "file_unique_id": id, "file_size": size});
    let with = |extra: Value| {
        let mut file = file.clone();
        for (name, value) in extra.as_object().into_iter().flatten() {
            file[name] = value.clone();
        }
        file
    };
    let named = json!({"file_name": name, "mime_type": mime});
    let moving = json!({"width": 640, "height": 480, "duration": 3, "file_name": name, "mime_type": mime});
    match kind {
        MediaKind::Image => json!({"photo": [with(json!({"width": 640, "height": 480}))]}),
        MediaKind::Video => json!({"video": with(moving)}),
        MediaKind::Animation => json!({"animation": with(moving), "document": with(named)}),
        MediaKind::Audio => {
            json!({"audio": with(json!({"duration": 3, "file_name": name, "mime_type": mime}))})
        }
        MediaKind::Voice => json!({"voice": with(json!({"duration": 3, "mime_type": mime}))}),
        MediaKind::File => json!({"document": with(named)}),
    }
}

fn place(location: &Location) -> Value {
    let point = json!({"latitude": location.latitude, "longitude": location.longitude});
    if location.title.is_none() && location.address.is_none() {
        return json!({"location": point});
    }
    let word = |word: &Option<String>| word.clone().unwrap_or_default();
    let venue =
        json!({"location": point, "title": word(&location.title), "address": word(&location.address)});
    json!({"location": point, "venue": venue})
}

fn contact_message(contact: &Contact) -> Option<Value> {
    let mut shown = json!({"phone_number": contact.phones.first()?, "first_name": contact.name});
    if contact.phones.len() > 1 || !contact.emails.is_empty() {
        shown["vcard"] = crate::telegram::words::vcard(contact)?.into();
    }
    Some(json!({"contact": shown}))
}
