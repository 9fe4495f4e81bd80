//! What pretended people do in their chats. Each act returns the webhooks that tell us of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Room, TelegramSimulator};
use crate::simulator::{LineButton, Speaker, Webhook};
use crate::telegram::thread::Thread;

/// A pixel, as the picture of everybody.
const PICTURE: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x04\0\0\0\xb5\x1c\x0c\x02\0\0\0\x0bIDATx\xdac\
    \xfc\xff\x1f\0\x03\x03\x02\0\xef\xbf\xa7\xdb\0\0\0\0IEND\xaeB`\x82";

/// The person behind every business account.
pub(super) fn owner() -> Value {
    json!({"id": 5_900_000_001_i64, "is_bot": false, "first_name": "Owner", "username": "shop_owner"})
}

/// The file of a chat's picture.
pub(super) fn picture_id(chat: i64) -> String {
    format!("AQADBQADpicture{}{}", if chat < 0 { "g" } else { "p" }, chat.unsigned_abs())
}

/// The entity that Telegram puts around a command at the start of a text.
pub(super) fn worded(text: &str) -> Value {
    let mut message = json!({"text": text});
    if text.starts_with('/') {
        let length = text.split_whitespace().next().unwrap_or_default().encode_utf16().count();
        message["entities"] = json!([{"type": "bot_command", "offset": 0, "length": length}]);
    }
    message
}

impl TelegramSimulator {
    /// The customer of this chat writes a text. A chat begins with its first message; negative ids are groups.
    pub fn customer_says(&mut self, chat: i64, text: &str, now: i64) -> Vec<Webhook> {
        self.customer_sends(chat, worded(text), now)
    }

    /// The customer sends a message of any kind: `content` are the fields that make it what it is, such as
    /// `{"sticker": {…}}`.
    pub fn customer_sends(&mut self, chat: i64, content: Value, now: i64) -> Vec<Webhook> {
        self.person_sends(&Thread::of_chat(chat), None, content, now)
    }

    /// Somebody sends a message into a thread: its customer, or in a group the one with this id.
    pub(super) fn person_sends(
        &mut self,
        thread: &Thread,
        person: Option<i64>,
        content: Value,
        now: i64,
    ) -> Vec<Webhook> {
        let room = self.open(thread);
        if let Some(id) = person {
            room.customer = user(id);
        }
        let mut message = if content.is_object() { content } else { json!({}) };
        message["from"] = room.customer.clone();
        let message = room.add(Speaker::Customer, message, now);
        self.update(if thread.connection.is_some() { "business_message" } else { "message" }, message)
    }

    /// The owner of a business account writes to the customer by hand.
    pub(super) fn owner_says(&mut self, thread: &Thread, text: &str, now: i64) -> Vec<Webhook> {
        let mut message = worded(text);
        message["from"] = owner();
        let message = self.open(thread).add(Speaker::Us, message, now);
        self.update("business_message", message)
    }

    /// The owner of a business account lets the bot answer for it.
    pub fn owner_connects(&mut self, connection: &str, now: i64) -> Vec<Webhook> {
        let connected = json!({
            "id": connection,
            "user": owner(),
            "user_chat_id": owner()["id"],
            "date": now / 1_000_000,
            "rights": {"can_reply": true, "can_read_messages": true},
            "is_enabled": true,
        });
        self.update("business_connection", connected)
    }

    /// The customer presses the button of this title under the newest message that has it; none where no message does.
    /// A button that opens an address tells us nothing.
    pub fn customer_presses(&mut self, chat: i64, title: &str) -> Option<Vec<Webhook>> {
        self.person_presses(&Thread::of_chat(chat), None, title)
    }

    pub(super) fn person_presses(
        &mut self,
        thread: &Thread,
        person: Option<i64>,
        title: &str,
    ) -> Option<Vec<Webhook>> {
        let room = self.chats.get(thread)?;
        let has_title = |button: &&LineButton| button.title == title;
        let mut shown = room.lines.iter().rev().filter(|line| !line.deleted);
        let (id, button) = shown
            .find_map(|line| Some((line.id.parse::<i64>().ok()?, line.buttons.iter().find(has_title)?)))?;
        let Some(data) = button.payload.clone() else { return Some(Vec::new()) };
        let message = room.messages.get(&id)?.clone();
        let from = person.map_or_else(|| room.customer.clone(), user);
        self.presses += 1;
        let query_id = (4_000_000_000_000_000_000 + self.presses).to_string();
        self.open_presses.insert(query_id.clone());
        let query = json!({
            "id": query_id,
            "from": from,
            "message": message,
            "chat_instance": thread.to_string(),
            "data": data,
        });
        Some(self.update("callback_query", query))
    }

    /// The customer reacts to a message, or takes the reaction back.
    pub fn customer_reacts(
        &mut self,
        chat: i64,
        message_id: i64,
        emoji: Option<&str>,
        now: i64,
    ) -> Vec<Webhook> {
        let Some(room) = self.chats.get_mut(&Thread::of_chat(chat)) else { return Vec::new() };
        let Some(line) = room.line(message_id) else { return Vec::new() };
        let list = |emoji: Option<&str>| -> Vec<Value> {
            emoji.into_iter().map(|emoji| json!({"type": "emoji", "emoji": emoji})).collect()
        };
        let old = list(line.reaction.as_deref());
        line.reaction = emoji.map(str::to_owned);
        let reaction = json!({
            "chat": room.chat,
            "message_id": message_id,
            "user": room.customer,
            "date": now / 1_000_000,
            "old_reaction": old,
            "new_reaction": list(emoji),
        });
        self.update("message_reaction", reaction)
    }

    /// The customer changes the text of a message of their own.
    pub fn customer_edits(&mut self, chat: i64, message_id: i64, text: &str, now: i64) -> Vec<Webhook> {
        self.person_edits(&Thread::of_chat(chat), message_id, text, now).unwrap_or_default()
    }

    pub(super) fn person_edits(
        &mut self,
        thread: &Thread,
        message_id: i64,
        text: &str,
        now: i64,
    ) -> Option<Vec<Webhook>> {
        let room = self.chats.get_mut(thread)?;
        let own = |message: &&mut Value| message["from"]["id"] == room.customer["id"];
        let message = room.messages.get_mut(&message_id).filter(own)?;
        let words = if message.get("caption").is_some() { "caption" } else { "text" };
        message[words] = text.into();
        message["edit_date"] = (now / 1_000_000).into();
        let message = message.clone();
        if let Some(line) = room.line(message_id) {
            (line.text, line.edited) = (text.to_owned(), true);
        }
        let is_business = thread.connection.is_some();
        Some(self.update(if is_business { "edited_business_message" } else { "edited_message" }, message))
    }

    /// The customer of a business account takes a message back. Elsewhere Telegram tells bots of no such thing.
    pub(super) fn person_deletes(&mut self, thread: &Thread, message_id: i64) -> Option<Vec<Webhook>> {
        let connection = thread.connection.clone()?;
        let room = self.chats.get_mut(thread)?;
        if !room.take_back(message_id) {
            return None;
        }
        let deleted =
            json!({"business_connection_id": connection, "chat": room.chat, "message_ids": [message_id]});
        Some(self.update("deleted_business_messages", deleted))
    }

    /// The customer blocks the bot (a group puts it out), or lets it back in.
    pub fn customer_blocks(&mut self, chat: i64, blocked: bool, now: i64) -> Vec<Webhook> {
        let bot = self.bot.clone();
        let room = self.open(&Thread::of_chat(chat));
        let status = |blocked: bool| {
            let mut member = json!({"user": bot, "status": if blocked { "kicked" } else { "member" }});
            if blocked {
                member["until_date"] = 0.into();
            }
            member
        };
        let change = json!({
            "chat": room.chat,
            "from": room.customer,
            "date": now / 1_000_000,
            "old_chat_member": status(room.blocked),
            "new_chat_member": status(blocked),
        });
        room.blocked = blocked;
        self.update("my_chat_member", change)
    }

    /// How the customer of this chat is called from now on; the language is BCP 47.
    pub fn name_customer(&mut self, chat: i64, first_name: &str, language: &str) {
        let room = self.open(&Thread::of_chat(chat));
        room.customer["first_name"] = first_name.into();
        room.customer["language_code"] = language.into();
        if chat > 0 {
            room.chat["first_name"] = first_name.into();
        }
    }

    /// Puts a file where `getFile` finds it.
    pub fn add_file(&mut self, file_id: &str, bytes: Vec<u8>) {
        self.files.insert(file_id.to_owned(), bytes);
    }

    fn open(&mut self, thread: &Thread) -> &mut Room {
        let chat = thread.chat_id().unwrap_or_default();
        let last_message = self.first_message;
        self.files.entry(picture_id(chat)).or_insert_with(|| PICTURE.to_vec());
        self.chats.entry(thread.clone()).or_insert_with(|| {
            let customer_id = chat.unsigned_abs();
            let mut shown = if chat < 0 {
                json!({"id": chat, "type": "supergroup", "title": format!("Group {customer_id}")})
            } else {
                json!({"id": chat, "type": "private", "first_name": format!("Customer {customer_id}")})
            };
            if thread.topic.is_some() {
                shown["is_direct_messages"] = true.into();
            }
            let customer = thread.topic.unwrap_or(chat % 1_000_000_000_000).saturating_abs();
            Room {
                thread: thread.clone(),
                chat: shown,
                customer: user(customer),
                blocked: false,
                last_message,
                messages: BTreeMap::new(),
                lines: Vec::new(),
            }
        })
    }
}

fn user(id: i64) -> Value {
    json!({"id": id, "is_bot": false, "first_name": format!("Customer {id}"), "language_code": "th"})
}
