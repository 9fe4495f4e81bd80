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
use crate::{AccountConfig, Act, Action, Acts, Destination, PlatformRequest, Reactions};

/// The reactions that a bot may choose from (Bot API, `ReactionTypeEmoji`), those of polite talk first.
const REACTIONS: &[&str] = &[
    "👍",
    "❤",
    "🙏",
    "👏",
    "🎉",
    "😁",
    "🤝",
    "👌",
    "😢",
    "🔥",
    "💯",
    "🤔",
    "👎",
    "🥰",
    "🤯",
    "😱",
    "🤬",
    "🤩",
    "🤮",
    "💩",
    "🕊",
    "🤡",
    "🥱",
    "🥴",
    "😍",
    "🐳",
    "❤\u{200d}🔥",
    "🌚",
    "🌭",
    "🤣",
    "⚡",
    "🍌",
    "🏆",
    "💔",
    "🤨",
    "😐",
    "🍓",
    "🍾",
    "💋",
    "🖕",
    "😈",
    "😴",
    "😭",
    "🤓",
    "👻",
    "👨\u{200d}💻",
    "👀",
    "🎃",
    "🙈",
    "😇",
    "😨",
    "✍",
    "🤗",
    "🫡",
    "🎅",
    "🎄",
    "☃",
    "💅",
    "🤪",
    "🗿",
    "🆒",
    "💘",
    "🙉",
    "🦄",
    "😘",
    "💊",
    "🙊",
    "😎",
    "👾",
    "🤷\u{200d}♂",
    "🤷",
    "🤷\u{200d}♀",
    "😡",
];

const ACTS: Acts = Acts {
    can: &[Act::Quote, Act::Edit, Act::Delete],
    reactions: Reactions::Of(REACTIONS),
    delete_hours: 48,
    typing_ms: 5_000,
    ..Acts::NOTHING
};

/// In the chats of a person for whom the bot answers it cannot react.
const BUSINESS_ACTS: Acts = Acts { reactions: Reactions::None, shows_seen: true, ..ACTS };

pub(super) fn acts(thread: &str) -> &'static Acts {
    if Thread::parse(thread).connection.is_some() { &BUSINESS_ACTS } else { &ACTS }
}

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
        Action::Hide { .. } | Action::PassControl { .. } | Action::TakeControl { .. } => None,
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
