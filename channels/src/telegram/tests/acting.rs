use serde_json::{Value, json};

use super::{account, called, schema, to};
use crate::telegram::Telegram;
use crate::{Action, Channel};

fn check_act(thread: &str, action: &Action, expected: Option<(&str, &Value)>) {
    let request = Telegram.act(&account(), &to(thread), action);
    let found = request.as_ref().map(called);
    assert_eq!(found, expected, "{action:?}");
    if let Some(call) = found {
        schema::check_call(call);
    }
}

#[test]
fn what_is_done_beside_saying() {
    let id = |id: &str| id.to_owned();
    let react =
        |emoji: Option<&str>| Action::React { external_id: id("7:5"), emoji: emoji.map(str::to_owned) };
    let edit = |of: &str| Action::Edit { external_id: id(of), text: "แก้แล้ว".into() };
    let delete = |of: &str| Action::Delete { external_id: id(of) };
    let seen = |of: Option<&str>| Action::Seen { external_id: of.map(str::to_owned) };
    let reaction = |list: Value| json!({"chat_id": 7, "message_id": 5, "reaction": list});
    check_act("7", &Action::Typing, Some(("sendChatAction", &json!({"chat_id": 7, "action": "typing"}))));
    let typing = json!({"chat_id": 7, "action": "typing", "business_connection_id": "b1"});
    check_act("b1/7", &Action::Typing, Some(("sendChatAction", &typing)));
    let thumb = json!([{"type": "emoji", "emoji": "👍"}]);
    check_act("7", &react(Some("👍")), Some(("setMessageReaction", &reaction(thumb))));
    let custom = json!([{"type": "custom_emoji", "custom_emoji_id": "54"}]);
    check_act("7", &react(Some("custom:54")), Some(("setMessageReaction", &reaction(custom))));
    check_act("7", &react(None), Some(("setMessageReaction", &reaction(json!([])))));
    check_act("b1/7", &react(Some("👍")), None);
    let edited = json!({"chat_id": 7, "message_id": 5, "text": "แก้แล้ว"});
    check_act("7", &edit("7:5"), Some(("editMessageText", &edited)));
    let edited = json!({"chat_id": 7, "message_id": 5, "text": "แก้แล้ว", "business_connection_id": "b1"});
    check_act("b1/7", &edit("b1/7:5"), Some(("editMessageText", &edited)));
    check_act("7", &delete("7:5"), Some(("deleteMessage", &json!({"chat_id": 7, "message_id": 5}))));
    let deleted = json!({"business_connection_id": "b1", "message_ids": [5]});
    check_act("b1/7", &delete("b1/7:5"), Some(("deleteBusinessMessages", &deleted)));
    let read = json!({"business_connection_id": "b1", "chat_id": 7, "message_id": 5});
    check_act("b1/7", &seen(Some("b1/7:5")), Some(("readBusinessMessage", &read)));
    for nothing in [seen(Some("7:5")), seen(None), edit("7:x"), delete("update:9x"), delete("7:99999999999")]
    {
        check_act("7", &nothing, None);
    }
    check_act("7", &Action::TakeControl { metadata: String::new() }, None);
}

#[test]
fn the_rules_are_those_of_the_faq() {
    let rules = Telegram.rules();
    assert_eq!((rules.account_per_second, rules.thread_every_ms, rules.group_per_minute), (30, 1_000, 20));
}
