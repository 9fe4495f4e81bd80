use proptest::prelude::*;
use serde_json::{Value, json};

use super::{TOKEN, account, called, schema, to};
use crate::degrade::arbitrary::replies;
use crate::simulator::{CustomerAct, Simulator, deliver};
use crate::telegram::Telegram;
use crate::telegram::simulator::TelegramSimulator;
use crate::{
    Button, ButtonAction, Card, Channel, Choice, Destination, Location, MediaKind, Part, PlatformRequest,
    Reply,
};

pub(super) fn plan(to: &Destination, reply: &Reply) -> Vec<PlatformRequest> {
    Telegram.plan(&account(), to, reply).requests
}

/// The requests of a reply to chat 7, as `(method, body without the chat)`.
pub(super) fn check(reply: &Reply, expected: &[(&str, Value)]) {
    let requests = plan(&to("7"), reply);
    let found: Vec<(&str, Value)> = requests
        .iter()
        .map(|request| {
            let (method, body) = called(request);
            let mut body = body.clone();
            assert_eq!(body.as_object_mut().unwrap().remove("chat_id"), Some(json!(7)));
            (method, body)
        })
        .collect();
    assert_eq!(found, expected);
}

pub(super) fn of(part: Part) -> Reply {
    Reply { parts: vec![part], ..Reply::default() }
}

fn choice(title: &str, payload: &str) -> Choice {
    Choice { title: title.into(), payload: payload.into() }
}

#[test]
fn a_text_is_sent_as_it_is() {
    let text = "<b>1 & 2</b> *not* _markup_ {bot_token} สวัสดี";
    check(&Reply::text(text), &[("sendMessage", json!({"text": text}))]);
    check(&Reply::default(), &[]);
}

#[test]
fn the_token_stands_in_the_address_by_name() {
    let request = &plan(&to("7"), &Reply::text("hi"))[0];
    let stored = serde_json::to_string(request).unwrap();
    assert!(stored.contains("https://api.telegram.org/bot{bot_token}/sendMessage"));
    assert!(!stored.contains(TOKEN));
    let mut local = account();
    local.api_base = "http://127.0.0.1:8081/".into();
    let request = &Telegram.plan(&local, &to("7"), &Reply::text("hi")).requests[0];
    let path = deliver(request, &local, 0, |path, _| path.to_owned());
    assert_eq!(path.as_deref(), Some("/bot9100:AAF-demo_token/sendMessage"));
}

#[test]
fn buttons_and_choices_share_the_keyboard() {
    let open = Button {
        title: "เว็บ".into(),
        action: ButtonAction::Open { url: "https://x.example/?a=1".into() },
    };
    let pick = Button { title: "Pick".into(), action: ButtonAction::Choose { payload: "p".into() } };
    let mut reply = of(Part::Buttons { text: "?".into(), buttons: vec![open, pick] });
    reply.choices = vec![choice("是", "y"), choice("否", "n"), choice("Later", "l")];
    let rows = json!([
        [{"text": "เว็บ", "url": "https://x.example/?a=1"}],
        [{"text": "Pick", "callback_data": "p"}],
        [{"text": "是", "callback_data": "y"}, {"text": "否", "callback_data": "n"}],
        [{"text": "Later", "callback_data": "l"}],
    ]);
    check(&reply, &[("sendMessage", json!({"text": "?", "reply_markup": {"inline_keyboard": rows}}))]);
}

/// The statuses with which Telegram answers the requests of a reply.
pub(super) fn statuses(reply: &Reply) -> Vec<u16> {
    let mut telegram = TelegramSimulator::new(TOKEN, "sala_bot");
    telegram.customer_says(7, "hi", 0);
    let send = |request| deliver(request, &account(), 1, |path, call| telegram.handle(path, call)).unwrap();
    plan(&to("7"), reply).iter().map(send).map(|(answer, _)| answer.status).collect()
}

#[test]
fn limits_are_used_up_to_their_last_unit() {
    let of_length = |title: usize, text: usize| Card {
        title: "t".repeat(title),
        text: Some("x".repeat(text)),
        image_url: Some("https://x.example/a.jpg".into()),
        buttons: Vec::new(),
    };
    assert_eq!(statuses(&of(Part::Cards { cards: vec![of_length(255, 768)] })), [200]);
    assert_eq!(statuses(&of(Part::Cards { cards: vec![of_length(255, 769)] })), [200, 200]);
    let caption = |length| Part::Media {
        kind: MediaKind::Image,
        url: "https://x.example/a.jpg".into(),
        alt: Some("😀".repeat(length)),
    };
    assert_eq!(statuses(&of(caption(512))), [200]);
    assert_eq!(statuses(&of(caption(513))), [200, 200]);
    assert_eq!(statuses(&Reply::text("😀".repeat(2048))), [200]);
    for length in [64, 65] {
        let choices = vec![choice("A", &"p".repeat(length))];
        let plan = Telegram.plan(&account(), &to("7"), &Reply { choices, ..Reply::text("?") });
        assert_eq!(plan.numbered.is_empty(), length == 64);
    }
    let choices: Vec<Choice> = (0..50).map(|number| choice(&"a".repeat(64), &number.to_string())).collect();
    let button = Button { title: "B".into(), action: ButtonAction::Choose { payload: "b".into() } };
    let parts = vec![Part::Buttons { text: "?".into(), buttons: vec![button; 50] }];
    assert_eq!(statuses(&Reply { parts, choices, ..Reply::default() }), [200]);
}

#[test]
fn payloads_beyond_64_bytes_become_numbers() {
    let reply = Reply { choices: vec![choice("A", &"ก".repeat(22))], ..Reply::text("?") };
    let plan = Telegram.plan(&account(), &to("7"), &reply);
    assert_eq!(called(&plan.requests[0]).1["text"], "?\n\n1. A");
    assert_eq!(plan.numbered, reply.choices);
}

#[test]
fn each_kind_of_file_has_its_method() {
    let kinds = [
        (MediaKind::Image, "sendPhoto", "photo"),
        (MediaKind::Video, "sendVideo", "video"),
        (MediaKind::Audio, "sendAudio", "audio"),
        (MediaKind::Voice, "sendVoice", "voice"),
        (MediaKind::File, "sendDocument", "document"),
        (MediaKind::Animation, "sendAnimation", "animation"),
    ];
    for (kind, method, field) in kinds {
        let url = "https://x.example/ไฟล์";
        let part = Part::Media { kind, url: url.into(), alt: Some("ดูนี่".into()) };
        let encoded = "https://x.example/%E0%B9%84%E0%B8%9F%E0%B8%A5%E0%B9%8C";
        check(&of(part), &[(method, json!({field: encoded, "caption": "ดูนี่"}))]);
    }
}

#[test]
fn cards_go_as_photos() {
    let card = |title: &str, text: Option<&str>, image: Option<&str>| Card {
        title: title.into(),
        text: text.map(str::to_owned),
        image_url: image.map(str::to_owned),
        buttons: vec![Button {
            title: "ซื้อ".into(), action: ButtonAction::Choose { payload: "buy".into() }
        }],
    };
    let image = "https://x.example/a.jpg";
    let cards = vec![card("A", Some("100 ฿"), Some(image)), card("B", None, None)];
    let markup = json!({"inline_keyboard": [[{"text": "ซื้อ", "callback_data": "buy"}]]});
    check(
        &of(Part::Cards { cards }),
        &[
            ("sendPhoto", json!({"photo": image, "caption": "A\n100 ฿", "reply_markup": markup})),
            ("sendMessage", json!({"text": "B", "reply_markup": markup})),
        ],
    );
}

#[test]
fn places_keep_what_they_are_called() {
    let place = |title: Option<&str>, address: Option<&str>| {
        let (title, address) = (title.map(str::to_owned), address.map(str::to_owned));
        of(Part::Location { location: Location { latitude: 13.5, longitude: 100.25, title, address } })
    };
    let point = json!({"latitude": 13.5, "longitude": 100.25});
    let named = |title: &str, address: &str| json!({"latitude": 13.5, "longitude": 100.25, "title": title, "address": address});
    check(&place(None, None), &[("sendLocation", point)]);
    check(&place(Some("ร้าน"), Some("ถนน")), &[("sendVenue", named("ร้าน", "ถนน"))]);
    check(&place(None, Some("ถนน")), &[("sendVenue", named("ถนน", "13.5, 100.25"))]);
}

#[test]
fn a_press_is_acknowledged_first() {
    let pressed = Destination {
        thread: "-1002003004005".into(),
        hints: vec![("callback_query_id".into(), "300".into()), ("message_thread_id".into(), "33".into())],
        ..Destination::default()
    };
    let requests = plan(&pressed, &Reply::text("ok"));
    assert_eq!(called(&requests[0]), ("answerCallbackQuery", &json!({"callback_query_id": "300"})));
    let body = json!({"chat_id": -1_002_003_004_005_i64, "text": "ok", "message_thread_id": 33});
    assert_eq!(called(&requests[1]), ("sendMessage", &body));
    assert_eq!(plan(&pressed, &Reply::default()).len(), 1);
}

#[test]
fn a_quote_names_the_message_in_its_chat() {
    let quoting = |id: &str| Reply { reply_to: Some(id.into()), ..Reply::text("hi") };
    let parameters = json!({"message_id": 41, "allow_sending_without_reply": true});
    check(&quoting("7:41"), &[("sendMessage", json!({"text": "hi", "reply_parameters": parameters}))]);
    check(&quoting("7:x"), &[("sendMessage", json!({"text": "hi"}))]);
}

#[test]
fn long_texts_are_counted_in_utf16() {
    let requests = plan(&to("7"), &Reply::text("😀".repeat(2049)));
    let lengths: Vec<usize> = requests
        .iter()
        .map(|request| request.body["text"].as_str().unwrap().encode_utf16().count())
        .collect();
    assert_eq!(lengths, [4096, 2]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn telegram_takes_every_reply(reply in replies(), thread in "(7|b1/7|-100777#33|-100777)",
                                 topic in any::<bool>(), sticker in any::<bool>()) {
        let mut reply = reply;
        if sticker {
            reply.parts.push(Part::Sticker { id: "CAACAgUAAxkBAAIBYmVxyz_-12345".into(), alt: String::new() });
        }
        let mut telegram = TelegramSimulator::new(TOKEN, "sala_bot");
        telegram.customer(&thread, &CustomerAct::Says { text: "hi".into(), quotes: None }, 0).unwrap();
        let hints = if topic { vec![("message_thread_id".to_owned(), "33".to_owned())] } else { vec![] };
        for request in plan(&Destination { hints, ..to(&thread) }, &reply) {
            schema::check_call(called(&request));
            let (answer, _) =
                deliver(&request, &account(), 1, |path, call| telegram.handle(path, call)).unwrap();
            let words = String::from_utf8_lossy(&answer.body).into_owned();
            prop_assert_eq!(answer.status, 200, "{} {}", request.body, words);
            let method = called(&request).0;
            schema::check_answer(method, &serde_json::from_slice::<Value>(&answer.body).unwrap()["result"]);
            let receipt = Telegram.outcome(&request, &answer.as_response()).unwrap();
            let id = format!("{thread}:");
            prop_assert!(receipt.external_id.starts_with(&id), "{}", receipt.external_id);
        }
    }
}
