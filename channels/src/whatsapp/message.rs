//! One object of `messages` as an [`InboundMessage`].

use serde_json::{Value, json};

use super::content::{content_of, referral_of};
use super::people::{Ids, is_user_id, sender_of};
use super::value::{digest, is_set, time, word};
use crate::{Content, InboundMessage, Notice, NoticeKind, Sender};

/// The id of the person's message, which "read" and "typing" must name.
pub(super) const MESSAGE_HINT: &str = "message_id";

/// The click on an advertisement, as Meta's conversion reports want it.
const CLICK_HINT: &str = "ctwa_clid";

/// A message in the change it came in; it is always one, whatever it holds.
pub(super) fn heard(message: &Value, change: &Value, now: i64) -> InboundMessage {
    let content = content_of(message, change);
    let sender = match &content {
        Content::Notice { notice } if notice.kind == NoticeKind::Identity => renamed(message, notice),
        _ => sender_of(message, change),
    };
    let id = word(message, "/id");
    let event_id = id.clone().unwrap_or_else(|| {
        let number = word(change, "/metadata/phone_number_id");
        digest(json!(["message", number, message]).to_string().as_bytes())
    });
    let quoted = word(message, "/context/id").or_else(|| word(message, "/context/message_id"));
    let group = word(message, "/group_id");
    let mut hints: Vec<(String, String)> = Vec::new();
    hints.extend(id.map(|id| (MESSAGE_HINT.to_owned(), id)));
    hints.extend(word(message, "/referral/ctwa_clid").map(|click| (CLICK_HINT.to_owned(), click)));
    let mut heard = InboundMessage {
        reply_to: quoted,
        referral: referral_of(message),
        forwarded: is_set(message, "/context/forwarded") || is_set(message, "/context/frequently_forwarded"),
        hints,
        ..InboundMessage::new(event_id, sender, time(message, "/timestamp").unwrap_or(now), content)
    };
    if let Some(group) = group {
        heard.addressed = is_to_us(message, change, &heard.content);
        (heard.thread, heard.group) = (group, true);
    }
    heard
}

/// In a group we are meant where something of ours is answered or pressed, or our number is named.
fn is_to_us(message: &Value, change: &Value, content: &Content) -> bool {
    let ours =
        word(change, "/metadata/display_phone_number").map(|number| digits(&number)).unwrap_or_default();
    let answers_us = word(message, "/context/from").is_some_and(|from| digits(&from) == ours);
    let names_us = content.text().is_some_and(|text| text.contains(&format!("@{ours}")));
    !ours.is_empty() && (answers_us || names_us) || matches!(content, Content::Choice { .. })
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// Whoever has a new number or id now: the new one leads, the former ones stand in `also`.
fn renamed(message: &Value, notice: &Notice) -> Sender {
    let details = &notice.details;
    let new = Ids {
        user: word(details, "/user_id"),
        parent: word(details, "/parent_user_id"),
        phone: word(details, "/wa_id").or_else(|| word(details, "/new_wa_id")),
    };
    let former = Ids {
        user: word(message, "/from_user_id"),
        parent: word(message, "/from_parent_user_id"),
        phone: word(message, "/from").or_else(|| word(details, "/customer")),
    };
    if new.best().is_none() {
        return former.sender();
    }
    let mut sender = new.sender();
    let told = [former.user, former.phone, former.parent].into_iter().flatten();
    let words = notice.text.clone().unwrap_or_default();
    let written = words.split_whitespace().filter(|word| is_user_id(word)).map(str::to_owned);
    for id in told.chain(written) {
        if id != sender.external_id && !sender.also.contains(&id) {
            sender.also.push(id);
        }
    }
    sender
}
