mod acts;
mod copying;

use serde_json::{Value, json};
use teloxide::types;

use super::*;
use crate::simulator::{Simulator, deliver};
use crate::telegram::Telegram;
use crate::telegram::tests::schema;
use crate::{AccountConfig, Channel, Choice, Content, Destination, Event, HttpMethod, InboundMessage, Reply};

const TOKEN: &str = "9100:AAF-demo";
const SECRET: &str = "hook";

fn account() -> AccountConfig {
    let secrets = [("bot_token", TOKEN), ("webhook_secret", SECRET)];
    AccountConfig {
        secrets: secrets.into_iter().map(|(name, secret)| (name.into(), secret.into())).collect(),
        settings: [("username".to_owned(), "sala_bot".to_owned())].into(),
        ..AccountConfig::default()
    }
}

/// A Telegram with its webhook set.
fn telegram() -> TelegramSimulator {
    let mut telegram = TelegramSimulator::new(TOKEN, "sala_bot");
    let register = &Telegram.register(&account(), "https://bots.example/hook")[0];
    deliver(register, &account(), 0, |path, call| telegram.handle(path, call)).unwrap();
    telegram
}

fn call(telegram: &mut TelegramSimulator, method: &str, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let call = HttpCall {
        method: HttpMethod::Post,
        query: vec![],
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.as_bytes(),
        now: 5_000_000,
    };
    let (answer, _) = telegram.handle(&format!("/bot{TOKEN}/{method}"), &call);
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

/// What our adapter makes of the webhooks; teloxide, which is not ours, must be able to read them, too.
fn hear(webhooks: Vec<Webhook>) -> Vec<InboundMessage> {
    let one = |webhook: Webhook| {
        let update: types::Update = serde_json::from_slice(&webhook.body).unwrap();
        assert!(
            !matches!(update.kind, types::UpdateKind::Error(_)),
            "{}",
            String::from_utf8_lossy(&webhook.body)
        );
        schema::check_update(&serde_json::from_slice(&webhook.body).unwrap());
        let received = Telegram.receive(&account(), &webhook.as_call(9)).unwrap();
        let Some(Event::Message(message)) = received.events.into_iter().next().map(|heard| heard.event)
        else {
            panic!("no message")
        };
        *message
    };
    webhooks.into_iter().map(one).collect()
}

fn say(telegram: &mut TelegramSimulator, to: &Destination, reply: &Reply) -> Vec<u16> {
    let requests = Telegram.plan(&account(), to, reply).requests;
    let send = |request| deliver(request, &account(), 7, |path, call| telegram.handle(path, call)).unwrap();
    requests.iter().map(send).map(|(answer, _)| answer.status).collect()
}

#[test]
fn a_conversation_goes_both_ways() {
    let mut telegram = telegram();
    let heard = hear(telegram.customer_says(7, "สวัสดีค่ะ", 3_000_000));
    assert_eq!(heard[0].content, Content::Text { text: "สวัสดีค่ะ".into() });
    assert_eq!((heard[0].thread.as_str(), heard[0].sent_at), ("7", 3_000_000));
    let to = Destination { thread: heard[0].thread.clone(), ..Destination::default() };
    let choices = vec![Choice { title: "เช็กของ".into(), payload: "flow:track".into() }];
    let reply =
        Reply {
            choices, reply_to: Some(heard[0].external_id.clone()), ..Reply::text("ต้องการอะไรคะ")
        };
    assert_eq!(say(&mut telegram, &to, &reply), [200]);

    let pressed = hear(telegram.customer_presses(7, "เช็กของ").unwrap());
    let choice = Content::Choice {
        payload: "flow:track".into(),
        title: Some("เช็กของ".into()),
        values: BTreeMap::new(),
    };
    assert_eq!((&pressed[0].content, telegram.spinning()), (&choice, 1));
    let to = Destination { thread: "7".into(), hints: pressed[0].hints.clone(), ..Destination::default() };
    assert_eq!(say(&mut telegram, &to, &Reply::text("ได้ค่ะ")), [200, 200]);
    assert_eq!(telegram.spinning(), 0);
    assert_eq!(say(&mut telegram, &to, &Reply::text("again")), [400, 200], "a press is answered once");

    let seen: Vec<(Speaker, &str)> =
        telegram.transcript(7).iter().map(|line| (line.from, line.text.as_str())).collect();
    assert_eq!(
        seen,
        [
            (Speaker::Customer, "สวัสดีค่ะ"),
            (Speaker::Us, "ต้องการอะไรคะ"),
            (Speaker::Us, "ได้ค่ะ"),
            (Speaker::Us, "again"),
        ]
    );
    assert_eq!(telegram.customer_presses(7, "no such button"), None);
}

#[test]
fn people_react_edit_block_and_come_back() {
    let mut telegram = telegram();
    telegram.customer_says(7, "hi", 0);
    let content = |webhooks| hear(webhooks).remove(0).content;
    let to = Destination { thread: "7".into(), ..Destination::default() };
    say(&mut telegram, &to, &Reply::text("hello"));
    for emoji in [Some("👍"), None] {
        let reaction = crate::Reaction { external_id: "7:2".into(), emoji: emoji.map(str::to_owned) };
        assert_eq!(content(telegram.customer_reacts(7, 2, emoji, 0)), Content::Reaction { reaction });
        assert_eq!(telegram.transcript(7)[1].reaction.as_deref(), emoji);
    }
    let edited = Content::Edited { external_id: "7:1".into(), text: Some("你好".into()) };
    assert_eq!(content(telegram.customer_edits(7, 1, "你好", 9_000_000)), edited);
    assert!(telegram.customer_edits(7, 2, "not mine", 0).is_empty());
    assert_eq!(content(telegram.customer_blocks(7, true, 0)), Content::Stopped);
    assert_eq!(say(&mut telegram, &to, &Reply::text("?")), [403]);
    assert_eq!(content(telegram.customer_blocks(7, false, 0)), Content::Started { payload: None });
    assert_eq!(say(&mut telegram, &to, &Reply::text("!")), [200]);
}

#[test]
fn any_kind_of_message_can_be_sent() {
    let mut telegram = telegram();
    let sticker = json!({"sticker": {"file_id": "F", "file_unique_id": "f", "type": "regular", "width": 512,
        "height": 512, "is_animated": false, "is_video": false, "emoji": "🙏"}});
    let heard = hear(telegram.customer_sends(-100_777, sticker, 0));
    assert!(heard[0].group);
    assert!(matches!(&heard[0].content, Content::Sticker { emoji: Some(emoji), .. } if emoji == "🙏"));
    assert_eq!(telegram.chats(), [-100_777]);
}

fn check_refused(method: &str, body: &Value, code: u16, words: &str) {
    let mut telegram = telegram();
    telegram.customer_says(7, "hi", 0);
    let (status, answer) = call(&mut telegram, method, body);
    let expected = json!({"ok": false, "error_code": code, "description": words});
    assert_eq!((status, answer), (code, expected), "{method} {body}");
}

#[test]
fn limits_are_telegrams() {
    let with = |extra: Value| {
        let mut body = json!({"chat_id": 7, "text": "x"});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let keys = |key: Value| with(json!({"reply_markup": {"inline_keyboard": [[key]]}}));
    let key = |data: String| keys(json!({"text": "a", "callback_data": data}));
    let refused = [
        ("sendMessage", json!({"chat_id": 7, "text": " \n"}), "message text is empty"),
        ("sendMessage", json!({"chat_id": 7, "text": "😀".repeat(2049)}), "message is too long"),
        ("sendMessage", json!({"chat_id": 8, "text": "x"}), "chat not found"),
        ("sendMessage", json!({"text": "x"}), "chat not found"),
        (
            "sendMessage",
            with(json!({"reply_parameters": {"message_id": 99}})),
            "message to be replied not found",
        ),
        ("sendMessage", key("ก".repeat(22)), "BUTTON_DATA_INVALID"),
        ("sendMessage", key(String::new()), "BUTTON_DATA_INVALID"),
        ("sendMessage", keys(json!({"text": "a"})), "Text buttons are unallowed in the inline keyboard"),
        ("sendMessage", keys(json!({"text": ""})), "inline keyboard button text must be non-empty"),
        ("sendPhoto", json!({"chat_id": 7, "photo": "ftp://x"}), "wrong file identifier/HTTP URL specified"),
        (
            "sendPhoto",
            json!({"chat_id": 7, "photo": "https://x.example", "caption": "x".repeat(1025)}),
            "message caption is too long",
        ),
        (
            "sendContact",
            json!({"chat_id": 7, "phone_number": " ", "first_name": "A"}),
            "contact phone number and first name must be non-empty",
        ),
        (
            "sendContact",
            json!({"chat_id": 7, "phone_number": "1", "first_name": "A", "vcard": "x".repeat(2049)}),
            "contact vCard is too long",
        ),
        (
            "setMessageReaction",
            json!({"chat_id": 7, "message_id": 1, "reaction": [{"type": "emoji", "emoji": "🍞"}]}),
            "REACTION_INVALID",
        ),
        ("sendChatAction", json!({"chat_id": 7, "action": "dancing"}), "wrong parameter action in request"),
        ("getChat", json!({"chat_id": 9}), "chat not found"),
        (
            "deleteBusinessMessages",
            json!({"business_connection_id": "b9", "message_ids": [1]}),
            "business connection not found",
        ),
        ("editMessageText", json!({"chat_id": 7, "message_id": 9, "text": "x"}), "message to edit not found"),
        ("editMessageText", json!({"chat_id": 7, "message_id": 1, "text": "x"}), "message can't be edited"),
        ("deleteMessage", json!({"chat_id": 7, "message_id": 9}), "message to delete not found"),
    ];
    for (method, body, words) in refused {
        check_refused(method, &body, 400, &format!("Bad Request: {words}"));
    }
    check_refused("sendHologram", &json!({"chat_id": 7}), 404, "Not Found");
}

#[test]
fn what_is_not_there_is_not_found() {
    let refused = [
        ("getFile", json!({"file_id": "x"}), "wrong file_id or the file is temporarily unavailable"),
        (
            "setWebhook",
            json!({"url": "https://x", "secret_token": "a b"}),
            "secret token contains unallowed characters",
        ),
    ];
    for (method, body, words) in refused {
        check_refused(method, &body, 400, &format!("Bad Request: {words}"));
    }
}

#[test]
fn what_is_older_than_two_days_stays() {
    let mut telegram = telegram();
    telegram.customer_says(7, "old", -49 * 3_600_000_000);
    let (status, answer) = call(&mut telegram, "deleteMessage", &json!({"chat_id": 7, "message_id": 1}));
    assert_eq!((status, &answer["description"]), (400, &json!("Bad Request: message can't be deleted")));
}

#[test]
fn wrong_tokens_are_refused() {
    let mut telegram = telegram();
    let mut status = |path: &str| {
        let call = HttpCall { method: HttpMethod::Get, query: vec![], headers: vec![], body: b"", now: 0 };
        telegram.handle(path, &call).0.status
    };
    assert_eq!(status("/bot9100:AAF-demo/getMe"), 200);
    assert_eq!(status("/bot9100:AAF-demo/GETME"), 200);
    assert_eq!(status("/bot9100:other/getMe"), 401);
    assert_eq!(status("/botnonsense/getMe"), 404);
    assert_eq!(status("/getMe"), 404);
    assert_eq!(status("/file/bot9100:other/files/x"), 404);
}

#[test]
fn faults_come_when_asked_for() {
    let mut telegram = telegram();
    telegram.customer_says(7, "hi", 0);
    telegram.fail_next(&[
        Fault::TooManyRequests { seconds: 14 },
        Fault::ServerError,
        Fault::AcceptThenSilence,
        Fault::Reset,
        Fault::TokenExpired,
    ]);
    assert_eq!(call(&mut telegram, "getMe", &json!({})).0, 200, "what sends nothing meets no failure");
    let to = Destination { thread: "7".into(), ..Destination::default() };
    let statuses: Vec<u16> = (0..6).flat_map(|_| say(&mut telegram, &to, &Reply::text("x"))).collect();
    assert_eq!(statuses, [429, 502, NO_ANSWER, NO_ANSWER, 401, 200]);
    assert_eq!(telegram.transcript(7).len(), 3, "the call without an answer was carried out");
}

#[test]
fn our_side_can_edit_react_and_delete() {
    let mut telegram = telegram();
    telegram.customer_says(7, "hi", 0);
    call(&mut telegram, "sendMessage", &json!({"chat_id": 7, "text": "one"}));
    let edit = json!({"chat_id": 7, "message_id": 2, "text": "two"});
    assert_eq!(call(&mut telegram, "editMessageText", &edit).1["result"]["text"], "two");
    let again = call(&mut telegram, "editMessageText", &edit);
    assert!(again.1["description"].as_str().unwrap().contains("message is not modified"));
    let keys = json!({"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]});
    let keyed = json!({"chat_id": 7, "message_id": 2, "reply_markup": keys});
    let told = call(&mut telegram, "editMessageReplyMarkup", &keyed).1;
    assert_eq!((&told["result"]["reply_markup"], &told["result"]["edit_date"]), (&keys, &json!(5)));
    let hidden = json!({"chat_id": 7, "text": "?", "reply_markup": {"force_reply": true}});
    assert_eq!(call(&mut telegram, "sendMessage", &hidden).1["result"].get("reply_markup"), None);
    let react = json!({"chat_id": 7, "message_id": 1, "reaction": [{"type": "emoji", "emoji": "👀"}]});
    assert_eq!(call(&mut telegram, "setMessageReaction", &react).0, 200);
    let lines = telegram.transcript(7);
    assert_eq!(
        (lines[0].reaction.as_deref(), lines[1].text.as_str(), lines[1].edited),
        (Some("👀"), "two", true)
    );
    assert_eq!(call(&mut telegram, "deleteMessage", &json!({"chat_id": 7, "message_id": 2})).0, 200);
    assert!(telegram.transcript(7)[1].deleted);
    assert_eq!(
        call(&mut telegram, "sendChatAction", &json!({"chat_id": 7, "action": "typing"})).1["result"],
        true
    );
}

#[test]
fn teloxide_reads_every_answer() {
    fn check<T: serde::de::DeserializeOwned>(telegram: &mut TelegramSimulator, method: &str, body: &Value) {
        let (status, answer) = call(telegram, method, body);
        assert_eq!(status, 200, "{method} {answer}");
        schema::check_answer(method, &answer["result"]);
        let result = serde_json::from_value::<T>(answer["result"].clone());
        assert!(result.is_ok(), "{method}: {:?} {answer}", result.err());
    }
    let mut telegram = telegram();
    telegram.customer_says(7, "hi", 0);
    telegram.add_file("F", b"x".to_vec());
    let file = "https://x.example/f";
    check::<types::Me>(&mut telegram, "getMe", &json!({}));
    check::<types::WebhookInfo>(&mut telegram, "getWebhookInfo", &json!({}));
    check::<types::File>(&mut telegram, "getFile", &json!({"file_id": "F"}));
    for (method, extra) in [
        ("sendMessage", json!({"text": "x", "reply_parameters": {"message_id": 1}})),
        ("sendPhoto", json!({"photo": file, "caption": "x"})),
        ("sendVideo", json!({"video": file})),
        ("sendAnimation", json!({"animation": file})),
        ("sendAudio", json!({"audio": file})),
        ("sendVoice", json!({"voice": file})),
        ("sendDocument", json!({"document": file})),
        ("sendSticker", json!({"sticker": "CAACAgUAAxkBAAIBYmVx"})),
        ("sendContact", json!({"phone_number": "1", "first_name": "A", "vcard": "BEGIN:VCARD\nEND:VCARD"})),
        ("sendLocation", json!({"latitude": 1.0, "longitude": 2.0})),
        ("sendVenue", json!({"latitude": 1.0, "longitude": 2.0, "title": "A", "address": "B"})),
    ] {
        let mut body = json!({"chat_id": 7});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        check::<types::Message>(&mut telegram, method, &body);
    }
    call(&mut telegram, "deleteWebhook", &json!({}));
    telegram.customer_says(7, "/start ref", 0);
    check::<Vec<types::Update>>(&mut telegram, "getUpdates", &json!({"offset": 0, "limit": 10}));
}

#[test]
fn only_the_kinds_asked_for_come() {
    let mut telegram = TelegramSimulator::new(TOKEN, "sala_bot");
    telegram.customer_says(7, "hi", 0);
    telegram.customer_reacts(7, 1, Some("👍"), 0);
    let count = |telegram: &mut TelegramSimulator, body: Value| {
        call(telegram, "getUpdates", &body).1["result"].as_array().unwrap().len()
    };
    assert_eq!(count(&mut telegram, json!({"allowed_updates": ["message_reaction"]})), 1);
    telegram.customer_reacts(7, 1, None, 0);
    telegram.customer_says(7, "unheard", 0);
    assert_eq!(count(&mut telegram, json!({})), 2);
    assert_eq!(count(&mut telegram, json!({"offset": -1})), 1);
}
