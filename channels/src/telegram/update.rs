//! The shapes of updates, as forgiving as can be: a field that is missing or of another type is none, never an error.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

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

/// A whole number, which some senders write as text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Integer(pub(super) Option<i64>);

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(integer(&Value::deserialize(deserializer)?)))
    }
}

pub(super) fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Reads `value` as `T`; all fields of `T` forgive, so only a value that is no object gives none.
pub(super) fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok().filter(|_| value.is_object())
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct User {
    pub(super) id: Integer,
    pub(super) is_bot: Field<bool>,
    pub(super) first_name: Field<String>,
    pub(super) last_name: Field<String>,
    pub(super) username: Field<String>,
    pub(super) language_code: Field<String>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chat {
    pub(super) id: Integer,
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
    pub(super) message_id: Integer,
    pub(super) message_thread_id: Integer,
    pub(super) is_topic_message: Field<bool>,
    pub(super) direct_messages_topic: Field<Topic>,
    pub(super) business_connection_id: Field<String>,
    pub(super) guest_query_id: Field<String>,
    pub(super) from: Field<User>,
    pub(super) sender_chat: Field<Chat>,
    pub(super) sender_business_bot: Field<User>,
    pub(super) chat: Field<Chat>,
    pub(super) date: Integer,
    pub(super) edit_date: Integer,
    pub(super) reply_to_message: Field<Quoted>,
    pub(super) external_reply: Field<Quoted>,
    pub(super) reply_to_story: Field<Story>,
    pub(super) media_group_id: Field<String>,
    pub(super) text: Field<String>,
    pub(super) caption: Field<String>,
    pub(super) entities: Field<Vec<Field<Entity>>>,
    pub(super) caption_entities: Field<Vec<Field<Entity>>>,
    pub(super) is_automatic_forward: Field<bool>,
    pub(super) is_from_offline: Field<bool>,
}

/// The topic of one person in a channel's direct messages.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Topic {
    pub(super) topic_id: Integer,
    /// The person whose topic it is.
    pub(super) user: Field<User>,
}

/// A mention by name has no user; one of a person without a name has.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Entity {
    pub(super) user: Field<User>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Quoted {
    pub(super) message_id: Integer,
    pub(super) chat: Field<Chat>,
    pub(super) from: Field<User>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Story {
    pub(super) id: Integer,
    pub(super) chat: Field<Chat>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct CallbackQuery {
    pub(super) id: Field<String>,
    pub(super) from: Field<User>,
    pub(super) message: Field<PressedMessage>,
    pub(super) data: Field<String>,
    pub(super) game_short_name: Field<String>,
}

/// The message under which a button was pressed. It may be too old to be told, then only its id and chat are there.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PressedMessage {
    pub(super) message_id: Integer,
    pub(super) message_thread_id: Integer,
    pub(super) is_topic_message: Field<bool>,
    pub(super) direct_messages_topic: Field<Topic>,
    pub(super) business_connection_id: Field<String>,
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
pub(super) struct ReactionType {
    #[serde(rename = "type")]
    pub(super) kind: Field<String>,
    pub(super) emoji: Field<String>,
    pub(super) custom_emoji_id: Field<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct MessageReaction {
    pub(super) chat: Field<Chat>,
    pub(super) message_id: Integer,
    pub(super) user: Field<User>,
    pub(super) actor_chat: Field<Chat>,
    pub(super) date: Integer,
    pub(super) old_reaction: Field<Vec<Field<ReactionType>>>,
    pub(super) new_reaction: Field<Vec<Field<ReactionType>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ChatMemberUpdated {
    pub(super) chat: Field<Chat>,
    pub(super) from: Field<User>,
    pub(super) date: Integer,
    pub(super) old_chat_member: Field<ChatMember>,
    pub(super) new_chat_member: Field<ChatMember>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ChatMember {
    pub(super) status: Field<String>,
    pub(super) user: Field<User>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct MessagesDeleted {
    pub(super) business_connection_id: Field<String>,
    pub(super) chat: Field<Chat>,
    pub(super) message_ids: Field<Vec<Integer>>,
}

/// The parts by which any other update names its chat and its person, and how it is answered.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Anything {
    pub(super) id: Field<String>,
    pub(super) chat: Field<Chat>,
    pub(super) user_chat_id: Integer,
    pub(super) from: Field<User>,
    pub(super) user: Field<User>,
    pub(super) sender_chat: Field<Chat>,
    pub(super) voter_chat: Field<Chat>,
    pub(super) date: Integer,
    pub(super) remove_date: Integer,
}
