//! A pretended Telegram: the Bot API on one side, the chats of pretended customers on the other.
//!
//! `methods` answers the Bot API with Telegram's limits and error bodies, `fields` reads parameters in the three shapes
//! in which clients send them, `customer` is what people do, `acts` spells that in the words that all simulators share,
//! and this file holds the state and the delivery of updates.
//!
//! A customer is named by their thread, as the adapter names it: `7001001` for a private chat, `-100777` for a group (and
//! `-100777:42` for one person in it), `b1/7001001` for a chat with the business account that `b1` connects.

mod acts;
mod chats;
mod copying;
mod customer;
mod fields;
mod methods;
mod profile;
mod sending;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value, json};

use super::receive::SECRET_HEADER;
use super::thread::Thread;
use crate::simulator::{Answer, Fault, Line, LineButton, NO_ANSWER, Speaker, Webhook};
use crate::{HttpCall, MediaKind};

/// The number of the first update, unless it is told otherwise.
const FIRST_UPDATE: i64 = 500_000_001;

/// One pretended Telegram with one bot.
#[derive(Clone, Debug)]
pub struct TelegramSimulator {
    token: String,
    bot: Value,
    webhook: Option<WebhookSetting>,
    /// The kinds asked for by `setWebhook` or `getUpdates`; none is Telegram's default.
    allowed: Option<Vec<String>>,
    /// Updates that no one fetched yet.
    waiting: VecDeque<Value>,
    next_update: i64,
    /// Where the messages of a new chat begin to count.
    first_message: i64,
    /// Presses that wait for `answerCallbackQuery`.
    open_presses: BTreeSet<String>,
    presses: u64,
    chats: BTreeMap<Thread, Room>,
    files: BTreeMap<String, Vec<u8>>,
    faults: VecDeque<Fault>,
    /// What the bot said of itself.
    profile: BTreeMap<String, Value>,
}

#[derive(Clone, Debug)]
struct WebhookSetting {
    url: String,
    secret: String,
    max_connections: i64,
}

/// One chat as Telegram holds it.
#[derive(Clone, Debug)]
struct Room {
    thread: Thread,
    chat: Value,
    /// The customer of a private chat; in a group, whoever spoke last.
    customer: Value,
    blocked: bool,
    last_message: i64,
    /// Every message as the Bot API would show it, by id.
    messages: BTreeMap<i64, Value>,
    lines: Vec<Line>,
}

impl TelegramSimulator {
    /// A Telegram that knows one bot. A token is `<bot id>:<letters>`.
    pub fn new(token: &str, username: &str) -> Self {
        let id: i64 = token.split(':').next().and_then(|id| id.parse().ok()).unwrap_or(1);
        Self {
            token: token.into(),
            bot: json!({"id": id, "is_bot": true, "first_name": username, "username": username}),
            webhook: None,
            allowed: None,
            waiting: VecDeque::new(),
            next_update: FIRST_UPDATE,
            first_message: 0,
            open_presses: BTreeSet::new(),
            presses: 0,
            chats: BTreeMap::new(),
            files: BTreeMap::new(),
            faults: VecDeque::new(),
            profile: BTreeMap::new(),
        }
    }

    /// Numbers its updates and messages from here: a platform that starts anew must not repeat those of its last run.
    #[must_use]
    pub fn numbering_from(mut self, update: i64) -> Self {
        self.next_update = update.max(FIRST_UPDATE);
        self.first_message = update.max(0);
        self
    }

    /// Answers one call of the Bot API (`/bot<token>/<method>` or `/file/bot<token>/<path>`) and returns the webhooks
    /// that follow from it.
    pub fn handle(&mut self, path: &str, call: &HttpCall<'_>) -> (Answer, Vec<Webhook>) {
        if let Some(file) = path.strip_prefix("/file/bot") {
            return (self.serve_file(file), Vec::new());
        }
        let (token, method) =
            path.strip_prefix("/bot").and_then(|rest| rest.split_once('/')).unwrap_or(("", ""));
        if let Err(failure) = self.check_token(token) {
            return (failure.answer(), Vec::new());
        }
        let fault = if sends(method) { self.faults.pop_front() } else { None };
        match fault {
            Some(Fault::TooManyRequests { seconds }) => (methods::too_many_requests(seconds), Vec::new()),
            Some(Fault::ServerError) => (page(502), Vec::new()),
            Some(Fault::AcceptThenSilence) => (silence(), self.call_method(method, call).1),
            Some(Fault::Reset) => (silence(), Vec::new()),
            Some(Fault::TokenExpired) => (methods::Failure::new(401, "Unauthorized").answer(), Vec::new()),
            Some(Fault::None) | None => self.call_method(method, call),
        }
    }

    /// What the customer of this chat sees, oldest first.
    pub fn transcript(&self, chat: i64) -> &[Line] {
        self.lines(&Thread::of_chat(chat))
    }

    fn lines(&self, thread: &Thread) -> &[Line] {
        self.chats.get(thread).map(|room| room.lines.as_slice()).unwrap_or_default()
    }

    /// The chats with the bot in which anything was said.
    pub fn chats(&self) -> Vec<i64> {
        let own = self.chats.keys().filter(|thread| thread.connection.is_none() && thread.topic.is_none());
        let mut ids: Vec<i64> = own.filter_map(Thread::chat_id).collect();
        ids.sort_unstable();
        ids
    }

    /// Presses that we have not acknowledged: their buttons still spin.
    pub fn spinning(&self) -> usize {
        self.open_presses.len()
    }

    fn check_token(&self, token: &str) -> Result<(), methods::Failure> {
        let (id, key) = token.split_once(':').unwrap_or_default();
        if id.parse::<u64>().is_err() || key.is_empty() {
            return Err(methods::Failure::new(404, "Not Found"));
        }
        if token == self.token { Ok(()) } else { Err(methods::Failure::new(401, "Unauthorized")) }
    }

    fn serve_file(&self, rest: &str) -> Answer {
        let (token, path) = rest.split_once('/').unwrap_or_default();
        let file =
            path.strip_prefix("files/").filter(|_| token == self.token).and_then(|id| self.files.get(id));
        match file {
            Some(bytes) => Answer { status: 200, headers: Vec::new(), body: bytes.clone() },
            None => methods::Failure::new(404, "Not Found").answer(),
        }
    }

    /// Makes an update of `kind` and hands it to the webhook, or keeps it for `getUpdates`. A kind that was not asked
    /// for makes none.
    fn update(&mut self, kind: &str, content: Value) -> Vec<Webhook> {
        let wanted = match &self.allowed {
            Some(kinds) if !kinds.is_empty() => kinds.iter().any(|allowed| allowed == kind),
            _ => !matches!(kind, "message_reaction" | "message_reaction_count" | "chat_member"),
        };
        if !wanted {
            return Vec::new();
        }
        let mut update = Map::from_iter([("update_id".to_owned(), self.next_update.into())]);
        update.insert(kind.to_owned(), content);
        self.next_update += 1;
        self.waiting.push_back(Value::Object(update));
        self.flush()
    }

    /// The waiting updates as webhooks, where one is set.
    fn flush(&mut self) -> Vec<Webhook> {
        let Some(setting) = &self.webhook else { return Vec::new() };
        let headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            (SECRET_HEADER.to_owned(), setting.secret.clone()),
        ];
        let post = |update: Value| Webhook {
            url: setting.url.clone(),
            headers: headers.clone(),
            body: update.to_string().into_bytes(),
        };
        self.waiting.drain(..).map(post).collect()
    }
}

impl Room {
    /// Stores a message, shows it, and gives it its id. `message` lacks only id, chat and date.
    fn add(&mut self, from: Speaker, mut message: Value, now: i64) -> Value {
        self.last_message += 1;
        message["message_id"] = self.last_message.into();
        message["chat"] = self.chat.clone();
        if let Some(connection) = &self.thread.connection {
            message["business_connection_id"] = connection.clone().into();
        }
        if let Some(topic) = self.thread.topic {
            message["direct_messages_topic"] = json!({"topic_id": topic, "user": self.customer});
        }
        message["date"] = (now / 1_000_000).into();
        self.lines.push(line_of(from, &message, now));
        self.messages.insert(self.last_message, message.clone());
        message
    }

    /// Takes a message back; false where there is none.
    fn take_back(&mut self, message_id: i64) -> bool {
        if let Some(line) = self.line(message_id) {
            line.deleted = true;
        }
        self.messages.remove(&message_id).is_some()
    }

    fn line(&mut self, message_id: i64) -> Option<&mut Line> {
        let id = message_id.to_string();
        self.lines.iter_mut().find(|line| line.id == id)
    }
}

/// True for the methods that show something in a chat: the ones that asked-for failures meet.
fn sends(method: &str) -> bool {
    let method = method.to_ascii_lowercase();
    let shows = ["send", "edit", "forward", "copy"].iter().any(|verb| method.starts_with(verb));
    shows && method != "sendchataction"
}

fn silence() -> Answer {
    Answer { status: NO_ANSWER, headers: Vec::new(), body: Vec::new() }
}

fn page(status: u16) -> Answer {
    let body = format!("<html><head><title>{status}</title></head></html>").into_bytes();
    Answer { status, headers: vec![("content-type".into(), "text/html".into())], body }
}

fn line_of(from: Speaker, message: &Value, at: i64) -> Line {
    let media = [
        ("photo", MediaKind::Image),
        ("animation", MediaKind::Animation),
        ("video", MediaKind::Video),
        ("video_note", MediaKind::Video),
        ("voice", MediaKind::Voice),
        ("audio", MediaKind::Audio),
        ("document", MediaKind::File),
    ];
    let found = media.into_iter().find(|(field, _)| message.get(field).is_some());
    let words = ["/text", "/caption", "/sticker/emoji", "/venue/title", "/contact/first_name"];
    let text = words
        .into_iter()
        .find_map(|path| message.pointer(path)?.as_str())
        .map_or_else(|| message.get("location").map(ToString::to_string).unwrap_or_default(), str::to_owned);
    Line {
        from,
        id: message["message_id"].to_string(),
        at,
        text,
        media: found.map(|(_, kind)| kind),
        media_url: found.and_then(|(field, _)| file_of(&message[field])),
        buttons: buttons_of(&message["reply_markup"]),
        reaction: None,
        edited: false,
        deleted: false,
    }
}

/// The name under which a message's file was given: an address, or a file id.
fn file_of(file: &Value) -> Option<String> {
    let file = file.as_array().and_then(|sizes| sizes.last()).unwrap_or(file);
    file.get("file_id")?.as_str().map(str::to_owned)
}

fn buttons_of(markup: &Value) -> Vec<LineButton> {
    let rows = markup.get("inline_keyboard").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let word = |key: &Value, field: &str| key.get(field).and_then(Value::as_str).map(str::to_owned);
    let button = |key: &Value| LineButton {
        title: word(key, "text").unwrap_or_default(),
        payload: word(key, "callback_data"),
        url: word(key, "url"),
    };
    rows.iter().filter_map(Value::as_array).flatten().map(button).collect()
}
