//! How a thread is named.
//!
//! A chat with the bot is its Telegram id: `7001001`, `-1002003004005`. A chat of a business account that the bot answers
//! for is `<business connection>/<chat>`: it is another chat than the same person's with the bot, and counts its messages
//! by itself. In the direct messages of a channel each person has a topic, so there it is `<chat>#<topic>`.
//! A message is `<thread>:<message id>`, because Telegram counts messages by chat.

use serde_json::Value;
use teloxide::types::{ChatId, Recipient};

/// One thread, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Thread {
    pub(super) connection: Option<String>,
    /// The id of the chat, or `@name` of a public one.
    pub(super) chat: String,
    /// The topic of one person in a channel's direct messages.
    pub(super) topic: Option<i64>,
}

impl Thread {
    pub(super) fn of_chat(chat: i64) -> Self {
        Self { connection: None, chat: chat.to_string(), topic: None }
    }

    pub(super) fn parse(name: &str) -> Self {
        let (connection, rest) = match name.rsplit_once('/') {
            Some((connection, rest)) => (Some(connection.to_owned()), rest),
            None => (None, name),
        };
        let topic = rest.rsplit_once('#').and_then(|(chat, topic)| Some((chat, topic.parse().ok()?)));
        let (chat, topic) = topic.map_or((rest, None), |(chat, topic)| (chat, Some(topic)));
        Self { connection, chat: chat.to_owned(), topic }
    }

    /// The thread of a message as the Bot API shows it, or of a request's body.
    pub(super) fn of(about: &Value) -> Option<Self> {
        let chat = about.pointer("/chat/id").or_else(|| about.get("chat_id"))?.as_i64()?;
        let connection = about.get("business_connection_id").and_then(Value::as_str).map(str::to_owned);
        let topic = about
            .pointer("/direct_messages_topic/topic_id")
            .or_else(|| about.get("direct_messages_topic_id"));
        Some(Self { connection, topic: topic.and_then(Value::as_i64), ..Self::of_chat(chat) })
    }

    pub(super) fn chat_id(&self) -> Option<i64> {
        self.chat.parse().ok()
    }

    pub(super) fn recipient(&self) -> Recipient {
        match self.chat_id() {
            Some(id) => Recipient::Id(ChatId(id)),
            None => Recipient::ChannelUsername(self.chat.clone()),
        }
    }

    /// Our id of a message in this thread.
    pub(super) fn message(&self, id: i64) -> String {
        format!("{self}:{id}")
    }
}

impl std::fmt::Display for Thread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(connection) = &self.connection {
            write!(f, "{connection}/")?;
        }
        f.write_str(&self.chat)?;
        self.topic.map_or(Ok(()), |topic| write!(f, "#{topic}"))
    }
}

/// Telegram's own id of a message of ours or theirs.
pub(super) fn message_number(external_id: &str) -> Option<i64> {
    external_id.rsplit_once(':').map_or(external_id, |(_, id)| id).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, connection: Option<&str>, chat: &str, topic: Option<i64>) {
        let thread = Thread::parse(name);
        assert_eq!(
            (thread.connection.as_deref(), thread.chat.as_str(), thread.topic),
            (connection, chat, topic)
        );
        assert_eq!(thread.to_string(), name);
        assert_eq!(message_number(&thread.message(12)), Some(12));
    }

    #[test]
    fn names_are_taken_apart_and_put_together() {
        check("7", None, "7", None);
        check("-1002003004005", None, "-1002003004005", None);
        check("b1/7", Some("b1"), "7", None);
        check("-100777#33", None, "-100777", Some(33));
        check("@shop", None, "@shop", None);
        check("@shop#x", None, "@shop#x", None);
    }
}
