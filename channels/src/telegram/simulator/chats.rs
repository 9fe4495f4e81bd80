//! Methods about a chat and the messages in it: reactions, edits, deletions, pictures.

use serde_json::{Value, json};

use super::fields::Fields;
use super::methods::Failure;
use super::{TelegramSimulator, buttons_of};

/// What a chat action may be called (Bot API, `sendChatAction`).
const CHAT_ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// The reactions that a bot may choose from (Bot API, `ReactionTypeEmoji`).
const REACTIONS: &str = "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤\u{200d}🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 \
     💋 🖕 😈 😴 😭 🤓 👻 👨\u{200d}💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷\u{200d}♂ 🤷 🤷\u{200d}♀ 😡";

/// How long after it was sent a message may be deleted (Bot API, `deleteMessage`: 48 hours).
const DELETABLE_SECONDS: i64 = 48 * 3_600;

impl TelegramSimulator {
    /// What Telegram tells of a chat. Everybody here has a picture.
    pub(super) fn get_chat(&self, fields: &Fields) -> Result<Value, Failure> {
        let id = fields.integer("chat_id").unwrap_or_default();
        let room = self.chats.values().find(|room| room.thread.chat_id() == Some(id));
        let mut chat = room.ok_or_else(|| Failure::bad("chat not found"))?.chat.clone();
        let gifts = ["unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"];
        chat["accepted_gift_types"] = gifts
            .into_iter()
            .chain(["gifts_from_channels"])
            .map(|gift| (gift.to_owned(), Value::Bool(false)))
            .collect();
        chat["accent_color_id"] = 0.into();
        chat["max_reaction_count"] = 11.into();
        let file = super::customer::picture_id(id);
        chat["photo"] = json!({
            "small_file_id": file,
            "small_file_unique_id": format!("s{id}"),
            "big_file_id": file,
            "big_file_unique_id": format!("b{id}"),
        });
        Ok(chat)
    }

    pub(super) fn get_profile_photos(&self, fields: &Fields) -> Result<Value, Failure> {
        let id = fields.integer("user_id").unwrap_or_default();
        if !self.chats.keys().any(|thread| thread.chat_id() == Some(id)) {
            return Err(Failure::bad("user not found"));
        }
        let file = super::customer::picture_id(id);
        let photo = json!({"file_id": file, "file_unique_id": format!("b{id}"), "width": 640, "height": 640});
        Ok(json!({"total_count": 1, "photos": [[photo]]}))
    }

    pub(super) fn send_chat_action(&mut self, fields: &Fields) -> Result<Value, Failure> {
        let action = fields.text("action").unwrap_or_default().to_owned();
        self.room(fields)?;
        if CHAT_ACTIONS.contains(&action.as_str()) {
            return Ok(true.into());
        }
        Err(Failure::bad("wrong parameter action in request"))
    }

    pub(super) fn set_reaction(&mut self, fields: &Fields) -> Result<Value, Failure> {
        let id = fields.integer("message_id").unwrap_or_default();
        let list = fields.json("reaction").and_then(|list| list.as_array().cloned()).unwrap_or_default();
        let is_known = |reaction: &Value| match reaction["type"].as_str() {
            Some("emoji") => reaction["emoji"]
                .as_str()
                .is_some_and(|emoji| REACTIONS.split(' ').any(|known| known == emoji)),
            Some("custom_emoji") => reaction["custom_emoji_id"].is_string(),
            _ => false,
        };
        let line = self.room(fields)?.line(id).ok_or_else(|| Failure::bad("message to react not found"))?;
        if list.len() > 1 || !list.iter().all(is_known) {
            return Err(Failure::bad("REACTION_INVALID"));
        }
        let first = list.first().map(|reaction| &reaction["emoji"]);
        line.reaction = first.and_then(Value::as_str).map(str::to_owned);
        Ok(true.into())
    }

    /// Changes the `words` of a message of ours (`text` or `caption`) and its keys; its keys alone where there are none.
    pub(super) fn edit(&mut self, words: Option<&str>, fields: &Fields, now: i64) -> Result<Value, Failure> {
        let id = fields.integer("message_id").unwrap_or_default();
        let given = words.map(|words| (words, fields.text(words).unwrap_or_default()));
        let given = match given {
            Some(("text", text)) => Some(("text", super::sending::checked_text(text)?.to_owned())),
            Some((words, text)) => Some((words, super::sending::checked_caption(text)?.to_owned())),
            None => None,
        };
        let markup = super::sending::checked_markup(fields)?.unwrap_or_default();
        let room = self.room(fields)?;
        let message = room.messages.get_mut(&id).ok_or_else(|| Failure::bad("message to edit not found"))?;
        let is_ours = message.pointer("/from/is_bot") == Some(&true.into());
        if !is_ours && message.get("sender_business_bot").is_none() {
            return Err(Failure::bad("message can't be edited"));
        }
        let before = message.clone();
        if let Some((words, text)) = &given {
            if (*words == "text") != message.get("text").is_some() {
                return Err(Failure::bad(&format!("there is no {words} in the message to edit")));
            }
            set(message, words, text.as_str().into());
        }
        set(message, "reply_markup", markup.clone());
        if *message == before {
            return Err(Failure::bad(
                "message is not modified: specified new message content and reply markup are exactly the same as a \
                 current content and reply markup of the message",
            ));
        }
        message["edit_date"] = (now / 1_000_000).into();
        let edited = message.clone();
        if let Some(line) = room.line(id) {
            line.buttons = buttons_of(&markup);
            if let Some((_, text)) = given {
                (line.text, line.edited) = (text, true);
            }
        }
        Ok(edited)
    }

    pub(super) fn delete(&mut self, fields: &Fields, now: i64) -> Result<Value, Failure> {
        let id = fields.integer("message_id").unwrap_or_default();
        let room = self.room(fields)?;
        let sent = room.messages.get(&id).and_then(|message| message["date"].as_i64());
        if sent.is_some_and(|sent| now / 1_000_000 - sent > DELETABLE_SECONDS) {
            return Err(Failure::bad("message can't be deleted"));
        }
        if room.take_back(id) { Ok(true.into()) } else { Err(Failure::bad("message to delete not found")) }
    }

    /// Messages that there are not are passed over.
    pub(super) fn delete_all(&mut self, fields: &Fields) -> Result<Value, Failure> {
        let ids: Vec<i64> =
            fields.json("message_ids").and_then(|ids| serde_json::from_value(ids).ok()).unwrap_or_default();
        let room = self.room(fields)?;
        if !(1..=100).contains(&ids.len()) {
            return Err(Failure::bad("message identifiers are not specified"));
        }
        for id in ids {
            room.take_back(id);
        }
        Ok(true.into())
    }

    pub(super) fn delete_business(&mut self, fields: &Fields) -> Result<Value, Failure> {
        let connection = fields.text("business_connection_id").unwrap_or_default().to_owned();
        let ids: Vec<i64> =
            fields.json("message_ids").and_then(|ids| serde_json::from_value(ids).ok()).unwrap_or_default();
        let of_connection = |room: &&mut super::Room| room.thread.connection.as_ref() == Some(&connection);
        let mut rooms: Vec<&mut super::Room> = self.chats.values_mut().filter(of_connection).collect();
        if rooms.is_empty() {
            return Err(Failure::bad("business connection not found"));
        }
        let mut found = false;
        for room in &mut rooms {
            for id in &ids {
                found |= room.take_back(*id);
            }
        }
        if found { Ok(true.into()) } else { Err(Failure::bad("message to delete not found")) }
    }

    pub(super) fn read_business(&mut self, fields: &Fields) -> Result<Value, Failure> {
        let id = fields.integer("message_id").unwrap_or_default();
        let room = self.room(fields)?;
        if room.messages.contains_key(&id) {
            Ok(true.into())
        } else {
            Err(Failure::bad("MESSAGE_ID_INVALID"))
        }
    }
}

/// Puts a field into a message; nothing and an empty text take it away.
fn set(message: &mut Value, name: &str, value: Value) {
    if value.is_null() || value == "" {
        message.as_object_mut().map(|fields| fields.remove(name));
    } else {
        message[name] = value;
    }
}
