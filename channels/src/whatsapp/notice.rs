//! What happens around conversations and to the account.

use serde_json::Value;

use super::people::{Ids, described};
use super::receipt::reason_of;
use super::receive::Change;
use super::value::{items, short, time, word};
use crate::{Content, InboundMessage, Notice, NoticeKind, Sender};

pub(super) fn notice(kind: NoticeKind, name: &str, text: Option<String>, details: Value) -> Content {
    Content::Notice { notice: Notice { kind, name: short(name), text, details } }
}

/// The person with these ids, named as the change's only contact is.
fn person(ids: &Ids, change: &Change<'_>) -> Sender {
    match items(change.value, "/contacts") {
        [only] => described(ids.sender(), only),
        _ => ids.sender(),
    }
}

/// Allowed or forbade messages of a category.
pub(super) fn preference(item: &Value, change: &Change<'_>) -> InboundMessage {
    let ids = Ids {
        user: word(item, "/user_id"),
        parent: word(item, "/parent_user_id"),
        phone: word(item, "/wa_id"),
    };
    let kind = match word(item, "/value").as_deref() {
        Some("stop") => NoticeKind::OptOut,
        Some("resume") => NoticeKind::OptIn,
        _ => NoticeKind::Service,
    };
    let name = word(item, "/category").unwrap_or_else(|| change.field.into());
    let content = notice(kind, &name, word(item, "/detail"), item.clone());
    let at = time(item, "/timestamp").unwrap_or(change.at);
    InboundMessage::new(change.id_of(item), person(&ids, change), at, content)
}

/// A person has another business-scoped id now.
pub(super) fn user_id_update(item: &Value, change: &Change<'_>) -> InboundMessage {
    let ids = |which: &str| Ids {
        user: word(item, &format!("/user_id/{which}")),
        parent: word(item, &format!("/parent_user_id/{which}")),
        phone: word(item, "/wa_id"),
    };
    let mut sender = person(&ids("current"), change);
    for former in [ids("previous").user, ids("previous").parent].into_iter().flatten() {
        if former != sender.external_id && !sender.also.contains(&former) {
            sender.also.push(former);
        }
    }
    let content = notice(NoticeKind::Identity, change.field, word(item, "/detail"), item.clone());
    let at = time(item, "/timestamp").unwrap_or(change.at);
    InboundMessage::new(change.id_of(item), sender, at, content)
}

/// A call that began or ended. Its session (an offer of addresses) is left out.
pub(super) fn call(item: &Value, change: &Change<'_>) -> InboundMessage {
    let by_us = word(item, "/direction").is_some_and(|direction| direction == "BUSINESS_INITIATED");
    let side = if by_us { "to" } else { "from" };
    let ids = Ids {
        user: word(item, &format!("/{side}_user_id")),
        parent: word(item, &format!("/{side}_parent_user_id")),
        phone: word(item, &format!("/{side}")),
    };
    let event = word(item, "/event").unwrap_or_else(|| "call".into());
    let mut details = item.clone();
    if let Some(fields) = details.as_object_mut() {
        fields.remove("session");
    }
    let content = notice(NoticeKind::Call, &event, word(item, "/status"), details);
    let event_id = word(item, "/id").map(|call| format!("{call}:{event}"));
    let at = time(item, "/timestamp").unwrap_or(change.at);
    InboundMessage::new(event_id.unwrap_or_else(|| change.id_of(item)), person(&ids, change), at, content)
}

/// How far a call of ours has come.
pub(super) fn call_status(item: &Value, change: &Change<'_>) -> InboundMessage {
    let ids = Ids {
        user: word(item, "/recipient_user_id"),
        parent: word(item, "/parent_recipient_user_id"),
        phone: word(item, "/recipient_id"),
    };
    let state = word(item, "/status").unwrap_or_default();
    let content = notice(NoticeKind::Call, "status", Some(state.clone()), item.clone());
    let event_id = word(item, "/id").map(|call| format!("{call}:{state}"));
    let at = time(item, "/timestamp").unwrap_or(change.at);
    InboundMessage::new(event_id.unwrap_or_else(|| change.id_of(item)), person(&ids, change), at, content)
}

/// News of a group: the field says more than the type, which Meta's own samples confuse.
pub(super) fn group(item: &Value, change: &Change<'_>) -> InboundMessage {
    let name = word(item, "/type").unwrap_or_else(|| change.field.into());
    let is_failed = !items(item, "/errors").is_empty();
    let has = |list: &str| !items(item, list).is_empty();
    let kind = match change.field {
        _ if is_failed => NoticeKind::Service,
        "group_lifecycle_update" if name.contains("delete") => NoticeKind::Left,
        "group_lifecycle_update" => NoticeKind::Joined,
        "group_participants_update" if has("/removed_participants") => NoticeKind::MembersLeft,
        "group_participants_update" if has("/added_participants") => NoticeKind::MembersJoined,
        "group_status_update" => NoticeKind::Account,
        _ => NoticeKind::Service,
    };
    let people =
        ["/added_participants", "/removed_participants"].into_iter().flat_map(|list| items(item, list));
    let names: Vec<String> = people
        .filter_map(|one| {
            let name = word(one, "/username").or_else(|| word(one, "/wa_id"));
            name.or_else(|| word(one, "/user_id")).or_else(|| word(one, "/input"))
        })
        .collect();
    let words = Some(names.join(", ")).filter(|names| !names.is_empty());
    let text = word(item, "/errors/0/message").or_else(|| word(item, "/subject")).or(words);
    let group = word(item, "/group_id").unwrap_or_default();
    let content = notice(kind, &name, text, item.clone());
    let at = time(item, "/timestamp").unwrap_or(change.at);
    let has_group = !group.is_empty();
    InboundMessage {
        group: has_group,
        ..InboundMessage::new(change.id_of(item), Sender::new(group), at, content)
    }
}

/// News of our own account: a template's state, quality, limits, policy.
pub(super) fn account_news(change: &Change<'_>) -> InboundMessage {
    let value = change.value;
    let subject =
        ["/message_template_name", "/display_phone_number", "/phone_number", "/username", "/entity_id"];
    let state =
        ["/event", "/new_quality_score", "/decision", "/status", "/alert_info/alert_type", "/new_category"];
    let reason = ["/reason", "/current_limit", "/alert_info/alert_description", "/message"];
    let said = [subject.as_slice(), &state, &reason]
        .into_iter()
        .filter_map(|paths| paths.iter().find_map(|path| word(value, path)))
        .filter(|said| said != "NONE");
    let text = Some(said.collect::<Vec<_>>().join(": ")).filter(|text| !text.is_empty());
    let content = notice(NoticeKind::Account, change.field, text, value.clone());
    InboundMessage::new(change.digest.clone(), Sender::default(), change.at, content)
}

/// Something that went wrong and belongs to no message.
pub(super) fn problem(error: &Value, index: usize, change: &Change<'_>) -> InboundMessage {
    let content = notice(NoticeKind::Account, "errors", Some(reason_of(error)), error.clone());
    let event_id = format!("{}:{index}", change.digest);
    InboundMessage::new(event_id, Sender::default(), change.at, content)
}
