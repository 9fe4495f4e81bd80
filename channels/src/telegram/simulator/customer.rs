//! What pretended people do in their chats. Each act returns the webhooks that tell us of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Room, TelegramSimulator};
use crate::simulator::{LineButton, Speaker, Webhook};

impl TelegramSimulator {
    /// The customer of this chat writes a text. A chat begins with its first message; negative ids are groups.
    pub fn customer_says(&mut self, chat: i64, text: &str, now: i64) -> Vec<Webhook> {
        let mut message = json!({"text": text});
        if text.starts_with('/') {
            let length = text.split_whitespace().next().unwrap_or_default().encode_utf16().count();
            message["entities"] = json!([{"type": "bot_command", "offset": 0, "length": length}]);
        }
        self.customer_sends(chat, message, now)
    }

    /// The customer sends a message of any kind: `content` are the fields that make it what it is, such as
    /// `{"sticker": {…}}`.
    pub fn customer_sends(&mut self, chat: i64, content: Value, now: i64) -> Vec<Webhook> {
        let room = self.open(chat);
        let mut message = if content.is_object() { content } else { json!({}) };
        message["from"] = room.customer.clone();
        let message = room.add(Speaker::Customer, message, now);
        self.update("message", message)
    }

    /// The customer presses the button of this title under the newest message that has it; none where no message does.
    /// A button that opens an address tells us nothing.
    pub fn customer_presses(&mut self, chat: i64, title: &str) -> Option<Vec<Webhook>> {
        let room = self.chats.get(&chat)?;
        let has_title = |button: &&LineButton| button.title == title;
        let (id, button) =
            room.lines.iter().rev().find_map(|line| {
                Some((line.id.parse::<i64>().ok()?, line.buttons.iter().find(has_title)?))
            })?;
        let Some(data) = button.payload.clone() else { return Some(Vec::new()) };
        let message = room.messages.get(&id)?.clone();
        let from = room.customer.clone();
        self.presses += 1;
        let query_id = (4_000_000_000_000_000_000 + self.presses).to_string();
        self.open_presses.insert(query_id.clone());
        let query = json!({
            "id": query_id,
            "from": from,
            "message": message,
            "chat_instance": chat.to_string(),
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
        let Some(room) = self.chats.get_mut(&chat) else { return Vec::new() };
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
        let Some(room) = self.chats.get_mut(&chat) else { return Vec::new() };
        let own = |message: &&mut Value| message["from"]["id"] == room.customer["id"];
        let Some(message) = room.messages.get_mut(&message_id).filter(own) else { return Vec::new() };
        message["text"] = text.into();
        message["edit_date"] = (now / 1_000_000).into();
        let message = message.clone();
        if let Some(line) = room.line(message_id) {
            (line.text, line.edited) = (text.to_owned(), true);
        }
        self.update("edited_message", message)
    }

    /// The customer blocks the bot (a group puts it out), or lets it back in.
    pub fn customer_blocks(&mut self, chat: i64, blocked: bool, now: i64) -> Vec<Webhook> {
        let bot = self.bot.clone();
        let room = self.open(chat);
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
        let room = self.open(chat);
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

    fn open(&mut self, chat: i64) -> &mut Room {
        self.chats.entry(chat).or_insert_with(|| {
            let customer_id = chat.unsigned_abs();
            let shown = if chat < 0 {
                json!({"id": chat, "type": "supergroup", "title": format!("Group {customer_id}")})
            } else {
                json!({"id": chat, "type": "private", "first_name": format!("Customer {customer_id}")})
            };
            let customer = json!({
                "id": customer_id % 1_000_000_000_000,
                "is_bot": false,
                "first_name": format!("Customer {customer_id}"),
                "language_code": "th",
            });
            Room {
                chat: shown,
                customer,
                blocked: false,
                last_message: 0,
                messages: BTreeMap::new(),
                lines: Vec::new(),
            }
        })
    }
}
