//! Numbers that are used in the WhatsApp Business app, too: what is said there, was said before, and is in its
//! address book.

use serde_json::{Value, json};

use super::content::content_of;
use super::message::heard;
use super::notice::notice;
use super::people::{Ids, described};
use super::receipt::reason_of;
use super::receive::Change;
use super::value::{is_set, items, time, word};
use crate::{Content, Echo, Event, InboundMessage, NoticeKind, Sender};

/// Something that a colleague wrote in the app. What we send ourselves never comes back.
pub(super) fn echo(message: &Value, change: &Value, now: i64) -> Event {
    let to = Ids {
        user: word(message, "/to_user_id"),
        parent: word(message, "/to_parent_user_id"),
        phone: word(message, "/to"),
    };
    let us = Sender {
        phone: word(message, "/from").map(|from| format!("+{}", from.trim_start_matches('+'))),
        ..Sender::new(word(change, "/metadata/phone_number_id").unwrap_or_default())
    };
    let mut said = heard(message, change, now);
    if !said.group {
        to.best().unwrap_or_default().clone_into(&mut said.thread);
    }
    (said.sender, said.hints, said.addressed) = (us, Vec::new(), true);
    Event::Echo(Box::new(Echo { message: said, ours: false, correlation: None }))
}

/// What was said before the number came to us: notices, so that nobody answers them.
pub(super) fn history(change: &Change<'_>) -> Vec<InboundMessage> {
    let mut notices = Vec::new();
    for chunk in items(change.value, "/history") {
        for thread in items(chunk, "/threads") {
            let messages = items(thread, "/messages").iter();
            notices.extend(messages.map(|message| past(message, thread, change)));
        }
        notices.extend(items(chunk, "/errors").iter().map(|error| {
            let content = notice(NoticeKind::Account, change.field, Some(reason_of(error)), error.clone());
            InboundMessage::new(change.id_of(error), Sender::default(), change.at, content)
        }));
    }
    // The media of earlier messages follow as messages of their own.
    notices.extend(items(change.value, "/messages").iter().map(|message| {
        let thread = json!({"id": word(message, "/to").or_else(|| word(message, "/from"))});
        let mut media = past(message, &thread, change);
        media.event_id = format!("{}:media", media.event_id);
        media
    }));
    notices
}

fn past(message: &Value, thread: &Value, change: &Change<'_>) -> InboundMessage {
    let person = thread.get("context").unwrap_or(thread);
    let ids = Ids {
        user: word(person, "/user_id"),
        parent: word(person, "/parent_user_id"),
        phone: word(person, "/wa_id").or_else(|| word(thread, "/id")),
    };
    let content = content_of(message, change.value);
    let from = word(message, "/from");
    let is_theirs = from.is_none() || from == ids.phone || word(message, "/from_user_id") == ids.user;
    let from_us = is_set(message, "/history_context/from_me") || !is_theirs;
    let details =
        json!({"from_us": from_us, "content": content, "status": word(message, "/history_context/status")});
    let text = content.text().map(str::to_owned);
    let id = word(message, "/id").unwrap_or_else(|| change.id_of(message));
    let told = notice(NoticeKind::Service, change.field, text, details);
    let at = time(message, "/timestamp").unwrap_or(change.at);
    let sender = described(ids.sender(), person);
    InboundMessage {
        event_id: format!("history:{id}"),
        reply_to: word(message, "/context/id"),
        ..InboundMessage::new(id, sender, at, told)
    }
}

/// A person was put into the app's address book, changed there or taken out. This opens no conversation.
pub(super) fn app_state(state: &Value, change: &Change<'_>) -> InboundMessage {
    let ids = Ids {
        user: word(state, "/contact/user_id"),
        parent: word(state, "/contact/parent_user_id"),
        phone: word(state, "/contact/phone_number"),
    };
    let name = word(state, "/contact/full_name").or_else(|| word(state, "/contact/first_name"));
    let sender = Sender {
        display_name: name.clone(),
        username: word(state, "/contact/username").map(|name| name.trim_start_matches('@').to_owned()),
        ..ids.sender()
    };
    let content: Content = notice(NoticeKind::Identity, change.field, name, state.clone());
    let at = time(state, "/metadata/timestamp").unwrap_or(change.at);
    InboundMessage { thread: String::new(), ..InboundMessage::new(change.id_of(state), sender, at, content) }
}
