//! The shapes of updates, as forgiving as can be: a field that is missing or of another type is none, never an error.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use teloxide::types;

/// A field that may be missing or wrong.
#[derive(Clone, Debug)]
pub(super) struct Field<T>(pub(super) Option<T>);

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Self(T::deserialize(value).ok()))
    }
}

/// Reads `value` as `T`; all fields of `T` forgive, so only a value that is no object gives none.
pub(super) fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok().filter(|_| value.is_object())
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub(super) id: Field<i64>,
    pub(super) is_bot: Field<bool>,
    pub(super) first_name: Field<String>,
    pub(super) last_name: Field<String>,
    pub(super) username: Field<String>,
    pub(super) language_code: Field<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chat {
    pub(super) id: Field<i64>,
    #[serde(rename = "type")]
    pub(super) kind: Field<String>,
    pub(super) title: Field<String>,
    pub(super) first_name: Field<String>,
    pub(super) last_name: Field<String>,
    pub(super) username: Field<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the names are the Bot API's")]
pub(super) struct Message {
    pub(super) message_id: Field<i64>,
    pub(super) message_thread_id: Field<i64>,
    pub(super) is_topic_message: Field<bool>,
    pub(super) from: Field<User>,
    pub(super) sender_chat: Field<Chat>,
    pub(super) chat: Field<Chat>,
    pub(super) date: Field<i64>,
    pub(super) reply_to_message: Field<Quoted>,
    pub(super) text: Field<String>,
    pub(super) caption: Field<String>,
    pub(super) animation: Field<File>,
    pub(super) audio: Field<File>,
    pub(super) document: Field<File>,
    pub(super) live_photo: Field<File>,
    pub(super) photo: Field<Vec<Field<File>>>,
    pub(super) sticker: Field<Sticker>,
    pub(super) video: Field<File>,
    pub(super) video_note: Field<File>,
    pub(super) voice: Field<File>,
    pub(super) contact: Field<types::Contact>,
    pub(super) dice: Field<Dice>,
    pub(super) venue: Field<types::Venue>,
    pub(super) location: Field<types::Location>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Quoted {
    pub(super) message_id: Field<i64>,
}

/// A file of any kind; a photo is a list of these.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the names are the Bot API's")]
pub(super) struct File {
    pub(super) file_id: Field<String>,
    pub(super) file_name: Field<String>,
    pub(super) mime_type: Field<String>,
    pub(super) file_size: Field<u64>,
    pub(super) width: Field<u32>,
    pub(super) height: Field<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sticker {
    pub(super) file_id: Field<String>,
    pub(super) emoji: Field<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Dice {
    pub(super) emoji: Field<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct CallbackQuery {
    pub(super) id: Field<String>,
    pub(super) from: Field<User>,
    pub(super) message: Field<PressedMessage>,
    pub(super) data: Field<String>,
}

/// The message under which a button was pressed. It may be too old to be told, then only its id and chat are there.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PressedMessage {
    pub(super) message_id: Field<i64>,
    pub(super) message_thread_id: Field<i64>,
    pub(super) is_topic_message: Field<bool>,
    pub(super) chat: Field<Chat>,
    pub(super) reply_markup: Field<Keyboard>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Keyboard {
    pub(super) inline_keyboard: Field<Vec<Vec<Key>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Key {
    pub(super) text: Field<String>,
    pub(super) callback_data: Field<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct MessageReaction {
    pub(super) chat: Field<Chat>,
    pub(super) message_id: Field<i64>,
    pub(super) user: Field<User>,
    pub(super) actor_chat: Field<Chat>,
    pub(super) date: Field<i64>,
    pub(super) old_reaction: Field<Vec<Field<types::ReactionType>>>,
    pub(super) new_reaction: Field<Vec<Field<types::ReactionType>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ChatMemberUpdated {
    pub(super) chat: Field<Chat>,
    pub(super) from: Field<User>,
    pub(super) date: Field<i64>,
    pub(super) old_chat_member: Field<ChatMember>,
    pub(super) new_chat_member: Field<ChatMember>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ChatMember {
    pub(super) status: Field<String>,
}

/// The parts by which an update of a kind we do not decode still names its chat and its person.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Anything {
    pub(super) chat: Field<Chat>,
    pub(super) from: Field<User>,
    pub(super) user: Field<User>,
    pub(super) sender_chat: Field<Chat>,
    pub(super) date: Field<i64>,
}
