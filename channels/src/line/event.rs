//! What one event of a webhook means.

use std::collections::BTreeMap;

use serde_json::Value;

use super::content::content_of;
use super::fields::{flag, id, integer, list, short, text};
use super::receive::fingerprint;
use crate::{
    AccountConfig, CALLED, Content, Event, HINTS_FOR_ONE_REPLY, InboundMessage, Notice, NoticeKind, Receipt,
    ReceiptState, Sender,
};

/// The token by which an event is answered free of charge, once.
pub(super) const REPLY_TOKEN: &str = HINTS_FOR_ONE_REPLY[0];
/// When we got that token, microseconds UTC.
pub(super) const REPLY_TOKEN_AT: &str = HINTS_FOR_ONE_REPLY[1];
/// The token by which a message is marked as read.
pub(super) const READ_TOKEN: &str = "mark_as_read_token";
/// The token by which a message is quoted, and the message that it quotes.
pub(super) const QUOTE_TOKEN: &str = "quote_token";
pub(super) const QUOTE_TOKEN_OF: &str = "quote_token_of";

/// Decodes one event. The delivery of a notification is a receipt; everything else is a message.
pub(super) fn heard(account: &AccountConfig, event: &Value, now: i64) -> Event {
    let kind = text(event, "/type").unwrap_or_default();
    let source = Source::of(event);
    let sent_at = sent_at(event, now);
    if let ("delivery", Some(tag)) = (kind.as_str(), id(event, "/delivery/data")) {
        return Event::Receipt(Receipt {
            thread: source.thread.clone(),
            at: Some(sent_at),
            correlation: Some(tag),
            ..Receipt::new("", ReceiptState::Delivered)
        });
    }
    let event_id = event_id(event);
    let content = meaning(event, &kind);
    let named = source.group.as_ref().and_then(|_| Some((CALLED.to_owned(), called(account, event)?)));
    let message = InboundMessage {
        external_id: id(event, "/message/id")
            .filter(|_| kind == "message")
            .unwrap_or_else(|| event_id.clone()),
        addressed: source.group.is_none() || is_addressed(account, event, &kind),
        standby: text(event, "/mode").as_deref() == Some("standby"),
        reply_to: id(event, "/message/quotedMessageId"),
        hints: hints(event, if now > 0 { now } else { sent_at }).into_iter().chain(named).collect(),
        thread: source.thread.clone(),
        group: source.group.is_some(),
        ..InboundMessage::new(event_id, source.sender(), sent_at, content)
    };
    Event::Message(Box::new(message))
}

/// Where an event comes from.
struct Source {
    user: Option<String>,
    /// A group's or a room's id.
    group: Option<String>,
    /// The group, else the person; empty where LINE names neither.
    thread: String,
}

impl Source {
    fn of(event: &Value) -> Self {
        let user = id(event, "/source/userId");
        let group = id(event, "/source/groupId").or_else(|| id(event, "/source/roomId"));
        let thread = group.clone().or_else(|| user.clone()).unwrap_or_default();
        Self { user, group, thread }
    }

    /// Who wrote. LINE leaves out people of a group who did not consent: then the group itself speaks.
    fn sender(&self) -> Sender {
        Sender::new(self.user.clone().unwrap_or_else(|| self.thread.clone()))
    }
}

fn sent_at(event: &Value, now: i64) -> i64 {
    let millis = integer(event, "/timestamp").filter(|millis| *millis > 0);
    millis.and_then(|millis| millis.checked_mul(1_000)).unwrap_or(now)
}

/// LINE's id of the event. What has none is known by its content without the one field that a redelivery changes.
fn event_id(event: &Value) -> String {
    id(event, "/webhookEventId").unwrap_or_else(|| {
        let mut rest = event.clone();
        if let Some(fields) = rest.as_object_mut() {
            fields.remove("deliveryContext");
        }
        fingerprint(rest.to_string().as_bytes())
    })
}

fn hints(event: &Value, now: i64) -> Vec<(String, String)> {
    let mut hints = Vec::new();
    let mut hint = |name: &str, value: String| hints.push((name.to_owned(), value));
    // A channel on standby must not answer.
    let active = text(event, "/mode").as_deref() != Some("standby");
    if let Some(token) = id(event, "/replyToken").filter(|token| active && !is_dummy(token)) {
        hint(REPLY_TOKEN, token);
        hint(REPLY_TOKEN_AT, now.to_string());
    }
    if let Some(token) = id(event, "/message/markAsReadToken") {
        hint(READ_TOKEN, token);
    }
    if let (Some(token), Some(message)) = (id(event, "/message/quoteToken"), id(event, "/message/id")) {
        hint(QUOTE_TOKEN, token);
        hint(QUOTE_TOKEN_OF, message);
    }
    hints
}

/// The tokens of the console's old test events, which nobody can answer.
fn is_dummy(token: &str) -> bool {
    token.len() == 32 && (token.bytes().all(|byte| byte == b'0') || token.bytes().all(|byte| byte == b'f'))
}

/// In a group we answer what names us, and what happens to us.
fn is_addressed(account: &AccountConfig, event: &Value, kind: &str) -> bool {
    if !matches!(kind, "message" | "messageEdited" | "unsend" | "memberJoined" | "memberLeft") {
        return true;
    }
    let mentioned = list(event, "/message/mention/mentionees").iter().any(|who| flag(who, "/isSelf"));
    mentioned || called(account, event).is_some()
}

/// The words by which a message calls us: a mention of ours, or one of our names at its beginning.
fn called(account: &AccountConfig, event: &Value) -> Option<String> {
    let text = text(event, "/message/text")?;
    let mentions = list(event, "/message/mention/mentionees");
    let place = |who: &Value| {
        let number =
            |name: &str| who.get(name).and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok());
        Some((number("index")?, number("length")?))
    };
    let ours = mentions.iter().find(|who| flag(who, "/isSelf")).and_then(place);
    ours.and_then(|(at, length)| units(&text, at, length)).or_else(|| name_at_start(account, &text))
}

/// So many UTF-16 units of a text: LINE counts places in them.
fn units(text: &str, at: usize, length: usize) -> Option<String> {
    let all: Vec<u16> = text.encode_utf16().collect();
    String::from_utf16(all.get(at..at.checked_add(length)?)?).ok().filter(|part| !part.trim().is_empty())
}

/// The setting `names` holds what people call us, parted by commas: `น้องกาแฟ, Sala`.
fn name_at_start(account: &AccountConfig, text: &str) -> Option<String> {
    let names = account.settings.get("names").map(String::as_str).unwrap_or_default();
    let bare = text.trim_start().trim_start_matches(['@', '＠']);
    let before = text.len() - bare.len();
    names.split([',', '\n']).map(|name| name.trim().trim_start_matches('@')).find_map(|name| {
        let length = same_start(bare, name).filter(|_| !name.is_empty())?;
        // A Latin word ends where its letters end; Thai and Chinese go on without a space.
        let is_latin = name.ends_with(|last: char| last.is_ascii_alphanumeric());
        let goes_on = is_latin && bare[length..].starts_with(|next: char| next.is_ascii_alphanumeric());
        (!goes_on).then(|| text[..before + length].trim_start().to_owned())
    })
}

/// The length in bytes of the name at the start of a text, whether in capitals or not.
fn same_start(text: &str, name: &str) -> Option<usize> {
    let mut letters = text.char_indices();
    for wanted in name.chars() {
        let (_, found) = letters.next()?;
        if !found.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(letters.next().map_or(text.len(), |(at, _)| at))
}

fn meaning(event: &Value, kind: &str) -> Content {
    let unknown = || Content::Unknown { kind: short(if kind.is_empty() { "event" } else { kind }) };
    let known = match kind {
        "message" => event.get("message").map(content_of),
        "messageEdited" => id(event, "/message/id")
            .map(|external_id| Content::Edited { external_id, text: text(event, "/message/text") }),
        "unsend" => id(event, "/unsend/messageId").map(|external_id| Content::Deleted { external_id }),
        "follow" => Some(Content::Started { payload: None }),
        "unfollow" => Some(Content::Stopped),
        "postback" => postback(event),
        _ => notice(event, kind),
    };
    known.unwrap_or_else(unknown)
}

/// A press. LINE adds what was picked (`date`, `time`, `datetime`) or switched to (`newRichMenuAliasId`, `status`).
fn postback(event: &Value) -> Option<Content> {
    let payload = text(event, "/postback/data")?;
    let params = event.pointer("/postback/params").and_then(Value::as_object);
    let values: BTreeMap<String, String> = params
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect();
    Some(Content::Choice { payload, title: None, values })
}

/// What happened around the chat: the field that holds the details, and the one in it that people should read.
fn notice(event: &Value, kind: &str) -> Option<Content> {
    let (notice, details, word) = match kind {
        "join" => (NoticeKind::Joined, "", ""),
        "leave" => (NoticeKind::Left, "", ""),
        "memberJoined" => (NoticeKind::MembersJoined, "joined", ""),
        "memberLeft" => (NoticeKind::MembersLeft, "left", ""),
        "videoPlayComplete" => (NoticeKind::VideoWatched, "videoPlayComplete", "trackingId"),
        "beacon" => (NoticeKind::Beacon, "beacon", "type"),
        // A device near the person, as a beacon is: LINE Things, which some accounts still have.
        "things" => (NoticeKind::Beacon, "things", "type"),
        "accountLink" => (NoticeKind::AccountLinked, "link", "result"),
        "membership" => (NoticeKind::Membership, "membership", "type"),
        "module" => (NoticeKind::Account, "module", "type"),
        "botSuspended" | "botResumed" => (NoticeKind::Account, "", ""),
        "activated" => (NoticeKind::Handover, "chatControl", ""),
        "deactivated" => (NoticeKind::Handover, "", ""),
        _ => return None,
    };
    let details = event.get(details).cloned().unwrap_or_default();
    let text = id(&details, &format!("/{word}")).map(|word| short(&word));
    Some(Content::Notice { notice: Notice { kind: notice, name: kind.to_owned(), text, details } })
}
