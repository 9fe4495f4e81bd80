use serde_json::{Value, json};

use super::{SECRET, account};
use crate::telegram::Telegram;
use crate::{Channel, Content, Event, HttpCall, HttpMethod, InboundMessage};

fn events(update: &Value) -> Vec<Event> {
    let headers = vec![("x-telegram-bot-api-secret-token".to_owned(), SECRET.to_owned())];
    let body = update.to_string();
    let call = HttpCall { method: HttpMethod::Post, query: vec![], headers, body: body.as_bytes(), now: 1 };
    let received = Telegram.receive(&account(), &call).unwrap();
    received.events.into_iter().map(|heard| heard.event).collect()
}

fn message(update: &Value) -> InboundMessage {
    match events(update).remove(0) {
        Event::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

/// A message in a group with these fields.
fn in_group(extra: &Value) -> InboundMessage {
    let mut message = json!({
        "message_id": 4,
        "date": 1,
        "from": {"id": 5, "is_bot": false, "first_name": "มะลิ"},
        "chat": {"id": -100_777, "type": "supergroup", "title": "ลูกค้า"},
    });
    message.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    self::message(&json!({"update_id": 1, "message": message}))
}

fn check_text(text: &str, addressed: bool) {
    let heard = in_group(&json!({"text": text}));
    assert_eq!((heard.group, heard.addressed), (true, addressed), "{text}");
    assert_eq!(
        in_group(&json!({"caption": text, "photo": [{"file_id": "F"}]})).addressed,
        addressed,
        "{text}"
    );
}

#[test]
fn in_a_group_only_what_is_said_to_us_is_addressed() {
    check_text("สวัสดีทุกคน", false);
    check_text("@sala_shop_bot เปิดกี่โมง", true);
    check_text("ถาม @SALA_shop_bot: 几点开门？", true);
    check_text("你好@sala_shop_bot你好", true);
    check_text("@sala_shop_bot2 hi", false);
    check_text("me@sala_shop_bot", false);
    check_text("@other_bot hi", false);
    check_text("@", false);
    check_text("/help", true);
    check_text("/help@sala_shop_bot now", true);
    check_text("/help@other_bot", false);
    check_text("/ help", false);
    check_text("/", false);
    check_text("/ช่วย", false);
    check_text("1/2 kg", false);
    check_text("", false);
}

#[test]
fn answers_to_us_and_mentions_without_a_name_are_addressed() {
    let reply_to = |id: i64| {
        let from = json!({"id": id, "is_bot": true, "first_name": "x"});
        in_group(&json!({"text": "ok", "reply_to_message": {"message_id": 2, "from": from}}))
    };
    let heard = reply_to(9100);
    assert_eq!((heard.addressed, heard.reply_to.as_deref()), (true, Some("-100777:2")));
    assert!(!reply_to(9101).addressed);
    let bot = json!({"id": 9100, "is_bot": true, "first_name": "x"});
    let in_topic = |quoted: i64| {
        let quoted = json!({"message_id": quoted, "from": bot});
        in_group(
            &json!({"text": "ok", "is_topic_message": true, "message_thread_id": 2, "reply_to_message": quoted}),
        )
    };
    assert!(in_topic(3).addressed);
    let first = in_topic(2);
    assert_eq!((first.addressed, first.reply_to), (false, None), "the message that began the topic");
    let named = |id: i64| {
        let user = json!({"id": id, "is_bot": true, "first_name": "Sala"});
        in_group(
            &json!({"text": "Sala hi", "entities": [{"type": "text_mention", "offset": 0, "length": 4, "user": user}]}),
        )
    };
    assert!(named(9100).addressed);
    assert!(!named(5).addressed);
}

#[test]
fn bots_and_forwards_of_channels_are_never_answered() {
    let bot = json!({"id": 9200, "is_bot": true, "first_name": "Echo"});
    assert!(!in_group(&json!({"text": "@sala_shop_bot hi", "from": bot})).addressed);
    assert!(!in_group(&json!({"text": "@sala_shop_bot hi", "is_automatic_forward": true})).addressed);
    let private = json!({"update_id": 1, "message": {"message_id": 1, "chat": {"id": 9200, "type": "private"},
        "from": bot, "text": "hi"}});
    let heard = message(&private);
    assert_eq!((heard.group, heard.addressed), (false, false));
}

#[test]
fn a_command_for_another_bot_begins_nothing() {
    assert_eq!(
        in_group(&json!({"text": "/start@sala_shop_bot x"})).content,
        Content::Started { payload: Some("x".into()) }
    );
    let other = in_group(&json!({"text": "/start@other_bot x"}));
    assert_eq!(other.content, Content::Text { text: "/start@other_bot x".into() });
}

#[test]
fn a_deep_link_is_a_referral_beside_the_start() {
    let chat = json!({"id": 5, "type": "private"});
    let start = |text: &str| {
        message(&json!({"update_id": 1, "message": {"message_id": 1, "chat": chat, "text": text}}))
    };
    let referral = start("/start ad_7").referral.unwrap();
    assert_eq!((referral.source.as_str(), referral.payload.as_deref()), ("deep_link", Some("ad_7")));
    assert_eq!(start("/start").referral, None);
}

#[test]
fn a_business_chat_is_a_thread_of_its_own() {
    let said = |from: i64, extra: Value| {
        let mut message = json!({"message_id": 3, "business_connection_id": "b1", "date": 1, "text": "hi",
            "chat": {"id": 5, "type": "private"}, "from": {"id": from, "is_bot": false, "first_name": "x"}});
        message.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        events(&json!({"update_id": 1, "business_message": message})).remove(0)
    };
    let Event::Message(heard) = said(5, json!({})) else { panic!() };
    assert_eq!((heard.thread.as_str(), heard.external_id.as_str()), ("b1/5", "b1/5:3"));
    assert_eq!(heard.hints, [("business_connection_id".to_owned(), "b1".to_owned())]);
    let echo = |event| match event {
        Event::Echo(echo) => (echo.ours, echo.message.thread, echo.message.sender.external_id),
        other => panic!("{other:?}"),
    };
    assert_eq!(echo(said(6, json!({}))), (false, "b1/5".into(), "6".into()));
    let bot = |id: i64| json!({"sender_business_bot": {"id": id, "is_bot": true, "first_name": "b"}});
    assert_eq!(echo(said(6, bot(9100))), (true, "b1/5".into(), "6".into()));
    assert_eq!(echo(said(6, bot(9101))), (false, "b1/5".into(), "6".into()));
    assert!(
        echo(said(6, json!({"is_from_offline": true}))).0,
        "a greeting of the account is no person's word"
    );
}

#[test]
fn each_deleted_message_is_an_event_of_its_own() {
    let deleted = json!({"business_connection_id": "b1", "chat": {"id": 5, "type": "private"}, "message_ids": [3, "4", null]});
    let found: Vec<(String, Content)> =
        events(&json!({"update_id": 9, "deleted_business_messages": deleted}))
            .into_iter()
            .map(|event| match event {
                Event::Message(message) => (message.event_id, message.content),
                other => panic!("{other:?}"),
            })
            .collect();
    let gone = |id: &str| Content::Deleted { external_id: id.into() };
    assert_eq!(found, [("9".into(), gone("b1/5:3")), ("9:1".into(), gone("b1/5:4"))]);
}

#[test]
fn the_direct_messages_of_a_channel_are_each_persons_own() {
    let heard = in_group(&json!({"text": "hi", "direct_messages_topic": {"topic_id": 33}}));
    assert_eq!((heard.thread.as_str(), heard.group, heard.addressed), ("-100777#33", false, true));
    assert_eq!(heard.external_id, "-100777#33:4");
    let chat = json!({"id": -100_777, "type": "supergroup", "is_direct_messages": true});
    let said = |sender_chat: Value| {
        let person = json!({"id": 5, "is_bot": false, "first_name": "มะลิ"});
        let message = json!({"message_id": 4, "chat": chat, "from": person, "text": "hi",
            "sender_chat": sender_chat, "direct_messages_topic": {"topic_id": 33, "user": person}});
        events(&json!({"update_id": 1, "message": message})).remove(0).kind()
    };
    assert_eq!((said(Value::Null), said(json!({"id": -100_900, "type": "channel"}))), ("text", "echo"));
}

#[test]
fn who_shares_their_own_card_tells_their_number() {
    let card = |user: i64| {
        in_group(&json!({"contact": {"phone_number": "66812345678", "first_name": "มะลิ", "user_id": user}}))
    };
    assert_eq!(card(5).sender.phone.as_deref(), Some("+66812345678"));
    assert_eq!(card(6).sender.phone, None);
}

/// Every field of a message and of an update that the papers know is one that we know; a value of a wrong type is all that
/// makes it unknown.
#[test]
fn no_kind_of_the_papers_is_unknown() {
    let Some(fields) = super::schema::names("Message") else { return };
    let valid = |field: &str| match field {
        "text" | "caption" | "connected_website" | "new_chat_title" => json!("x"),
        "photo" | "new_chat_photo" => json!([{"file_id": "F", "width": 1, "height": 1}]),
        "new_chat_members" => json!([{"id": 1, "first_name": "x"}]),
        "migrate_to_chat_id" | "migrate_from_chat_id" => json!(-100_123),
        "contact" => json!({"phone_number": "1", "first_name": "x"}),
        "venue" => json!({"location": {"latitude": 1.0, "longitude": 2.0}, "title": "T", "address": "A"}),
        "location" => json!({"latitude": 1.0, "longitude": 2}),
        "poll" => json!({"question": "?", "options": [{"text": "a"}]}),
        "rich_message" => {
            json!({"blocks": [{"type": "paragraph", "text": ["a", {"type": "bold", "text": "b"}]}]})
        }
        "web_app_data" => json!({"data": "{\"a\":1}", "button_text": "Book"}),
        "delete_chat_photo" | "group_chat_created" | "supergroup_chat_created" | "channel_chat_created" => {
            json!(true)
        }
        _ => json!({"file_id": "F"}),
    };
    let envelope = in_group(&json!({})).content;
    assert_eq!(envelope, Content::Unknown { kind: "message".into() });
    let mut unknown = Vec::new();
    for field in fields {
        if matches!(field.as_str(), "message_id" | "date" | "chat" | "from" | "sender_chat") {
            continue;
        }
        match in_group(&json!({(field.clone()): valid(&field)})).content {
            Content::Unknown { kind } if kind != "message" => unknown.push(field),
            _ => {}
        }
    }
    assert_eq!(unknown, Vec::<String>::new());
    for field in super::schema::names("Update").unwrap_or_default() {
        let chat = json!({"id": 1, "type": "private"});
        let about = json!({"id": "q", "message_id": 1, "chat": chat, "text": "x", "data": "d", "message_ids": [1],
            "old_chat_member": {"status": "left"}, "new_chat_member": {"status": "member"}, "new_reaction": []});
        for event in events(&json!({"update_id": 1, (field.clone()): about})) {
            assert!(event.kind() != "unknown" || field == "update_id", "{field}");
        }
    }
}
