//! What happened around a chat and needs no words from us: service messages, and updates that are no messages.

use serde_json::{Map, Value};

use crate::{Content, Notice, NoticeKind};

/// The service messages of the Bot API (10.1, and 10.2's communities), by the field that makes them so.
const MESSAGES: &[(&str, NoticeKind)] = &[
    ("boost_added", NoticeKind::Membership),
    ("channel_chat_created", NoticeKind::Service),
    ("chat_background_set", NoticeKind::Service),
    ("chat_owner_changed", NoticeKind::MembersLeft),
    ("chat_owner_left", NoticeKind::MembersLeft),
    ("checklist_tasks_added", NoticeKind::Service),
    ("checklist_tasks_done", NoticeKind::Service),
    ("community_chat_added", NoticeKind::Service),
    ("community_chat_removed", NoticeKind::Service),
    ("connected_website", NoticeKind::AccountLinked),
    ("delete_chat_photo", NoticeKind::Service),
    ("dice", NoticeKind::Game),
    ("direct_message_price_changed", NoticeKind::Service),
    ("forum_topic_closed", NoticeKind::Service),
    ("forum_topic_created", NoticeKind::Service),
    ("forum_topic_edited", NoticeKind::Service),
    ("forum_topic_reopened", NoticeKind::Service),
    ("game", NoticeKind::Game),
    ("general_forum_topic_hidden", NoticeKind::Service),
    ("general_forum_topic_unhidden", NoticeKind::Service),
    ("gift", NoticeKind::Payment),
    ("gift_upgrade_sent", NoticeKind::Payment),
    ("giveaway", NoticeKind::Game),
    ("giveaway_completed", NoticeKind::Game),
    ("giveaway_created", NoticeKind::Game),
    ("giveaway_winners", NoticeKind::Game),
    ("group_chat_created", NoticeKind::Service),
    ("invoice", NoticeKind::Payment),
    // Our own coming and going is told by `my_chat_member`, so that it is heard once.
    ("left_chat_member", NoticeKind::MembersLeft),
    ("managed_bot_created", NoticeKind::Account),
    ("message_auto_delete_timer_changed", NoticeKind::Service),
    ("migrate_from_chat_id", NoticeKind::Service),
    ("migrate_to_chat_id", NoticeKind::Service),
    ("new_chat_members", NoticeKind::MembersJoined),
    ("new_chat_photo", NoticeKind::Service),
    ("new_chat_title", NoticeKind::Service),
    ("paid_message_price_changed", NoticeKind::Service),
    ("pinned_message", NoticeKind::Service),
    ("poll_option_added", NoticeKind::Service),
    ("poll_option_deleted", NoticeKind::Service),
    ("proximity_alert_triggered", NoticeKind::Beacon),
    ("refunded_payment", NoticeKind::Payment),
    ("successful_payment", NoticeKind::Payment),
    ("suggested_post_approval_failed", NoticeKind::Post),
    ("suggested_post_approved", NoticeKind::Post),
    ("suggested_post_declined", NoticeKind::Post),
    ("suggested_post_paid", NoticeKind::Payment),
    ("suggested_post_refunded", NoticeKind::Payment),
    ("supergroup_chat_created", NoticeKind::Service),
    ("unique_gift", NoticeKind::Payment),
    ("video_chat_ended", NoticeKind::Call),
    ("video_chat_participants_invited", NoticeKind::Call),
    ("video_chat_scheduled", NoticeKind::Call),
    ("video_chat_started", NoticeKind::Call),
    ("write_access_allowed", NoticeKind::OptIn),
];

/// The updates that are neither messages nor presses. A vote is a judgement of a message of ours: bots hear only of
/// polls that they sent.
const UPDATES: &[(&str, NoticeKind)] = &[
    ("business_connection", NoticeKind::AccountLinked),
    ("chat_boost", NoticeKind::Membership),
    ("chat_join_request", NoticeKind::MembersJoined),
    ("chosen_inline_result", NoticeKind::Query),
    ("inline_query", NoticeKind::Query),
    ("managed_bot", NoticeKind::Account),
    ("message_reaction_count", NoticeKind::Post),
    ("poll", NoticeKind::Feedback),
    ("poll_answer", NoticeKind::Feedback),
    ("pre_checkout_query", NoticeKind::Payment),
    ("purchased_paid_media", NoticeKind::Payment),
    ("removed_chat_boost", NoticeKind::Membership),
    ("shipping_query", NoticeKind::Payment),
    ("subscription", NoticeKind::Membership),
];

/// Where the words of an event stand, in the order in which they count.
const WORDS: &[&str] = &[
    "title",
    "name",
    "question",
    "text",
    "caption",
    "query",
    "prize_description",
    "option_text",
    "comment",
    "bio",
    "web_app_name",
    "emoji",
];

/// Whose names say what happened.
const PEOPLE: &[&str] = &["users", "new_owner", "bot", "traveler"];

/// The longest details that are kept, bytes of JSON.
const DETAILS_LIMIT: usize = 2_000;

/// The longest words, characters.
const WORDS_LIMIT: usize = 500;

/// What a service message tells; none where it is none.
pub(super) fn of_message(message: &Value) -> Option<Content> {
    let found = MESSAGES.iter().find_map(|(name, kind)| Some((name, *kind, message.get(name)?)));
    found.map(|(name, kind, about)| notice(kind, name, about))
}

/// What an update that is no message tells; none where we do not know it.
pub(super) fn of_update(name: &str, about: &Value) -> Option<Content> {
    let found = UPDATES.iter().find(|(known, _)| *known == name).filter(|_| about.is_object());
    found.map(|(_, kind)| notice(*kind, name, about))
}

pub(super) fn notice(kind: NoticeKind, name: &str, about: &Value) -> Content {
    let text = words(about).map(|words| words.chars().take(WORDS_LIMIT).collect());
    Content::Notice { notice: Notice { kind, name: name.to_owned(), text, details: details(name, about) } }
}

fn words(about: &Value) -> Option<String> {
    let found = match about {
        Value::String(words) => Some(words.clone()),
        Value::Array(people) => names(people),
        Value::Object(fields) => {
            let named = WORDS.iter().find_map(|name| fields.get(*name)?.as_str().map(str::to_owned));
            named.or_else(|| person(fields)).or_else(|| {
                PEOPLE.iter().find_map(|name| match fields.get(*name)? {
                    Value::Array(people) => names(people),
                    Value::Object(one) => person(one),
                    _ => None,
                })
            })
        }
        _ => None,
    };
    found.filter(|words| !words.trim().is_empty())
}

fn names(people: &[Value]) -> Option<String> {
    let names: Vec<String> = people.iter().filter_map(|one| person(one.as_object()?)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn person(fields: &Map<String, Value>) -> Option<String> {
    let word = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let name = format!("{} {}", word("first_name"), word("last_name")).trim().to_owned();
    if name.is_empty() { fields.get("username")?.as_str().map(str::to_owned) } else { Some(name) }
}

/// The fields that are not already in the message around them; where they are many, only the plain ones.
fn details(name: &str, about: &Value) -> Value {
    let Value::Object(fields) = about else {
        let tells = (about.is_number() || about.is_array()) && is_short(about);
        return if tells {
            Value::Object(Map::from_iter([(name.to_owned(), about.clone())]))
        } else {
            Value::Null
        };
    };
    let kept = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "from" | "chat" | "date" | "user"));
    let kept: Map<String, Value> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    let plain =
        kept.clone().into_iter().filter(|(_, value)| !value.is_object() && !value.is_array()).collect();
    let found = [Value::Object(kept), Value::Object(plain)].into_iter().find(is_short);
    found.filter(|details| details.as_object().is_some_and(|fields| !fields.is_empty())).unwrap_or_default()
}

fn is_short(details: &Value) -> bool {
    details.to_string().len() <= DETAILS_LIMIT
}
