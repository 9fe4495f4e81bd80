//! What is done in a chat beside saying.

use serde_json::json;
use teloxide::payloads::{
    DeleteBusinessMessages, DeleteMessage, EditMessageText, ReadBusinessMessage, SendChatAction,
    SetMessageReaction,
};
use teloxide::types::{BusinessConnectionId, ChatAction, ChatId, MessageId, ReactionType};

use super::account::request;
use super::plan::Place;
use super::thread::{Thread, message_number};
use crate::{AccountConfig, Action, Destination, PlatformRequest};

/// None for what Telegram does not have: marks of reading outside business accounts, reactions and handing over inside.
pub(super) fn act(account: &AccountConfig, to: &Destination, action: &Action) -> Option<PlatformRequest> {
    let place = Place::of(to);
    let chat = place.recipient.clone();
    let connection = || place.connection.clone().map(BusinessConnectionId);
    match action {
        Action::Typing => {
            let mut request = request(account, &SendChatAction::new(chat, ChatAction::Typing));
            if let Some(connection) = &place.connection {
                request.body["business_connection_id"] = json!(connection);
            }
            if let Some(topic) = place.forum_topic {
                request.body["message_thread_id"] = json!(topic);
            }
            Some(request)
        }
        Action::Seen { external_id } => {
            let message = message_id(external_id.as_deref()?)?;
            let chat = ChatId(Thread::parse(&to.thread).chat_id()?);
            Some(request(account, &ReadBusinessMessage::new(connection()?, chat, message)))
        }
        Action::React { external_id, emoji } => {
            if place.connection.is_some() {
                return None;
            }
            let mut payload = SetMessageReaction::new(chat, message_id(external_id)?);
            payload.reaction = Some(emoji.iter().map(|emoji| reaction(emoji)).collect());
            Some(request(account, &payload))
        }
        Action::Edit { external_id, text } => {
            let mut payload = EditMessageText::new(chat, message_id(external_id)?, text);
            payload.business_connection_id = connection();
            Some(request(account, &payload))
        }
        Action::Delete { external_id } => {
            let message = message_id(external_id)?;
            Some(match connection() {
                Some(connection) => request(account, &DeleteBusinessMessages::new(connection, [message])),
                None => request(account, &DeleteMessage::new(chat, message)),
            })
        }
        Action::PassControl { .. } | Action::TakeControl { .. } => None,
    }
}

fn message_id(external_id: &str) -> Option<MessageId> {
    i32::try_from(message_number(external_id)?).ok().map(MessageId)
}

/// As [`super::event`] spells reactions that are no emoji.
fn reaction(emoji: &str) -> ReactionType {
    match emoji.strip_prefix("custom:").filter(|id| !id.is_empty()) {
        Some(id) => {
            ReactionType::CustomEmoji { custom_emoji_id: teloxide::types::CustomEmojiId(id.to_owned()) }
        }
        None => ReactionType::Emoji { emoji: emoji.to_owned() },
    }
}
