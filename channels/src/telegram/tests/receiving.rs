use proptest::prelude::*;
use serde_json::{Value, json};

use super::{SECRET, account};
use crate::fixtures::{assert_received, own, read, shared};
use crate::telegram::Telegram;
use crate::{
    AccountConfig, Channel, Content, Event, HttpCall, HttpMethod, InboundMessage, Received, Refusal,
};

const NOW: i64 = 1_795_270_000_000_000;
const HEADER: &str = "x-telegram-bot-api-secret-token";

fn call<'a>(secrets: &[&str], body: &'a [u8]) -> HttpCall<'a> {
    let headers = secrets.iter().map(|secret| (HEADER.to_owned(), (*secret).to_owned())).collect();
    HttpCall { method: HttpMethod::Post, query: Vec::new(), headers, body, now: NOW }
}

fn receive(body: &[u8]) -> Result<Received, Refusal> {
    Telegram.receive(&account(), &call(&[SECRET], body))
}

fn message(received: Received) -> InboundMessage {
    let [Event::Message(message)] = <[Event; 1]>::try_from(received.events).unwrap() else {
        panic!("no message")
    };
    *message
}

#[test]
fn own_updates_are_received_as_reviewed() {
    for (name, body) in own("telegram") {
        let received = receive(&body).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_received("telegram", &name, &received.events);
    }
}

#[test]
fn what_is_no_update_is_malformed() {
    for (name, body) in own("telegram/refused") {
        assert_eq!(receive(&body), Err(Refusal::Malformed), "{name}");
    }
}

fn check_unverified(secrets: &[&str]) {
    // A body that could not be decoded: what is not verified is not read.
    for body in [b"{\"update_id\":1}".as_slice(), b"not json"] {
        assert_eq!(
            Telegram.receive(&account(), &call(secrets, body)),
            Err(Refusal::Unverified),
            "{secrets:?}"
        );
    }
}

#[test]
fn only_the_whole_secret_verifies() {
    check_unverified(&[]);
    check_unverified(&[""]);
    check_unverified(&[SECRET, SECRET]);
    check_unverified(&["", SECRET]);
    check_unverified(&[&SECRET[..SECRET.len() - 1]]);
    check_unverified(&[&SECRET[1..]]);
    check_unverified(&[&format!("{SECRET}x")]);
    check_unverified(&[&format!(" {SECRET}")]);
    check_unverified(&[&format!("{SECRET}\0")]);
    check_unverified(&[&SECRET.to_lowercase()]);
    for byte in 0..SECRET.len() {
        for bit in 0..7 {
            let mut flipped = SECRET.as_bytes().to_vec();
            flipped[byte] ^= 1 << bit;
            check_unverified(&[std::str::from_utf8(&flipped).unwrap()]);
        }
    }
}

#[test]
fn an_account_without_a_secret_hears_nothing() {
    let mut bare = AccountConfig::default();
    assert_eq!(Telegram.receive(&bare, &call(&[""], b"{}")), Err(Refusal::Unverified));
    bare.secrets.insert("webhook_secret".into(), String::new());
    assert_eq!(Telegram.receive(&bare, &call(&[""], b"{}")), Err(Refusal::Unverified));
}

#[test]
fn both_secrets_verify_while_one_is_changed() {
    let mut changing = account();
    changing.secrets.insert("webhook_secret.previous".into(), "old".into());
    for secret in [SECRET, "old"] {
        assert!(Telegram.receive(&changing, &call(&[secret], b"{\"update_id\":1}")).is_ok());
    }
    assert_eq!(Telegram.receive(&account(), &call(&["old"], b"{\"update_id\":1}")), Err(Refusal::Unverified));
}

/// Kinds that we leave as they are: matters of groups, payments, games, polls and profiles, and updates that no
/// customer's chat brings.
const LEFT_UNKNOWN: &[&str] = &[
    "boost_added",
    "business_connection",
    "business_message",
    "channel_chat_created",
    "channel_post",
    "chat_background_set",
    "chat_boost",
    "chat_join_request",
    "chat_member",
    "chat_owner_changed",
    "chat_owner_left",
    "chat_shared",
    "checklist",
    "checklist_tasks_added",
    "checklist_tasks_done",
    "chosen_inline_result",
    "community_chat_added",
    "community_chat_removed",
    "connected_website",
    "delete_chat_photo",
    "deleted_business_messages",
    "direct_message_price_changed",
    "edited_business_message",
    "edited_channel_post",
    "forum_topic_closed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_reopened",
    "game",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "gift",
    "gift_upgrade_sent",
    "giveaway",
    "giveaway_completed",
    "giveaway_created",
    "giveaway_winners",
    "group_chat_created",
    "guest_message",
    "inline_query",
    "invoice",
    "left_chat_member",
    "managed_bot",
    "managed_bot_created",
    "message_auto_delete_timer_changed",
    "message_from_bot",
    "message_reaction_count",
    "migrate_from_chat_id",
    "migrate_to_chat_id",
    "my_chat_member",
    "new_chat_members",
    "new_chat_photo",
    "new_chat_title",
    "paid_media",
    "paid_message_price_changed",
    "passport_data",
    "pinned_message",
    "poll",
    "poll_answer",
    "poll_option_added",
    "poll_option_deleted",
    "pre_checkout_query",
    "proximity_alert_triggered",
    "purchased_paid_media",
    "refunded_payment",
    "removed_chat_boost",
    "rich_message",
    "shipping_query",
    "story",
    "subscription",
    "successful_payment",
    "suggested_post_approval_failed",
    "suggested_post_approved",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "supergroup_chat_created",
    "unique_gift",
    "users_shared",
    "video_chat_ended",
    "video_chat_participants_invited",
    "video_chat_scheduled",
    "video_chat_started",
    "web_app_data",
    "write_access_allowed",
];

#[test]
fn recorded_updates_of_others_are_received() {
    let Some(folder) = shared("recorded_updates_of_others_are_received", "telegram/nutgram/Updates") else {
        return;
    };
    for (name, body) in read(&folder) {
        let heard = message(receive(&body).unwrap_or_else(|refusal| panic!("{name}: {refusal}")));
        assert!(!heard.external_id.is_empty(), "{name}");
        if let Content::Unknown { kind } = &heard.content {
            assert!(LEFT_UNKNOWN.contains(&kind.as_str()), "{name} is unknown: {kind}");
        }
    }
}

#[test]
fn every_field_of_the_schema_is_known_or_left_on_purpose() {
    let Some(path) =
        shared("every_field_of_the_schema_is_known_or_left_on_purpose", "telegram/spec/api.json")
    else {
        return;
    };
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let names = |kind: &str| {
        let fields = schema["types"][kind]["fields"].as_array().unwrap().iter();
        fields.map(|field| field["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let heard = |update: Value| match message(receive(update.to_string().as_bytes()).unwrap()).content {
        Content::Unknown { kind } => Some(kind),
        _ => None,
    };
    for field in names("Message") {
        let mut update = json!({"update_id": 1, "message": {"message_id": 1, "chat": {"id": 1}, "date": 1}});
        if update["message"].get(&field).is_none() {
            update["message"][&field] = json!("of another type");
        }
        let kind = heard(update).unwrap_or_default();
        let is_decoded =
            ["animation", "audio", "contact", "dice", "document", "live_photo", "location", "photo"]
                .into_iter()
                .chain(["sticker", "venue", "video", "video_note", "voice"])
                .any(|decoded| decoded == field);
        let is_fine =
            matches!(kind.as_str(), "" | "message") || is_decoded || LEFT_UNKNOWN.contains(&kind.as_str());
        assert!(is_fine, "the message field {field} is unknown: {kind}");
    }
    for field in names("Update") {
        let decoded = ["update_id", "message", "edited_message", "callback_query", "message_reaction"];
        let is_known = decoded.contains(&field.as_str()) || LEFT_UNKNOWN.contains(&field.as_str());
        assert!(is_known, "the update {field} is not reviewed");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!({"id": 1, "type": "private"})),
    ];
    let names =
        prop_oneof!["[a-z_]{1,12}", Just("chat".to_owned()), Just("id".to_owned()), Just("text".to_owned())];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(names.clone(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Puts `with` in the place of the node that comes `at` in the order of a walk.
fn replace_node(value: &mut Value, at: &mut usize, with: &Value) {
    if *at == 0 {
        *value = with.clone();
    }
    let Some(left) = at.checked_sub(1) else {
        *at = usize::MAX;
        return;
    };
    *at = left;
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, at, with)),
        Value::Object(fields) => fields.values_mut().for_each(|field| walk(field, at, with)),
        _ => {}
    }
}

fn walk(value: &mut Value, at: &mut usize, with: &Value) {
    if *at != usize::MAX {
        replace_node(value, at, with);
    }
}

proptest! {
    #[test]
    fn bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..300), text in any::<String>()) {
        prop_assert!(receive(&body).is_err());
        prop_assert_ne!(receive(text.as_bytes()), Err(Refusal::Unverified));
    }

    #[test]
    fn json_never_panics(kind in "(message|edited_message|callback_query|message_reaction|my_chat_member|[a-z]{3})",
                         content in any_json(), id in any::<i64>()) {
        let update = json!({"update_id": id, kind: content});
        let heard = message(receive(update.to_string().as_bytes()).unwrap());
        prop_assert_eq!(heard.event_id, id.to_string());
    }

    #[test]
    fn broken_updates_are_still_heard(at in 0..60usize, with in any_json(), pick in any::<prop::sample::Index>()) {
        let files = own("telegram");
        let (name, body) = pick.get(&files);
        let mut update: Value = serde_json::from_slice(body).unwrap();
        let mut fields = update.as_object().unwrap().clone();
        let id = fields.remove("update_id").unwrap();
        let mut rest = Value::Object(fields);
        replace_node(&mut rest, &mut at.saturating_add(1), &with);
        update = rest;
        update["update_id"] = id;
        prop_assert!(receive(update.to_string().as_bytes()).is_ok(), "{}", name);
    }
}
