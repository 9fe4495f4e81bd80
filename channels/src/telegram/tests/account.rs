use serde_json::{Value, json};

use super::{SECRET, TOKEN, account, called, schema};
use crate::simulator::deliver;
use crate::telegram::simulator::TelegramSimulator;
use crate::telegram::{Telegram, delete_webhook, get_me, get_webhook_info};
use crate::{
    AccountCheck, AccountConfig, Channel, Content, Event, Heard, HttpMethod, HttpResponse, MediaFetch,
    MediaSource, PlatformRequest, Profile, SendError, Transport,
};

const HOOK: &str = "https://bots.example/channels/shop/webhook";

fn ask(telegram: &mut TelegramSimulator, request: &PlatformRequest) -> (u16, Vec<u8>, usize) {
    let (answer, webhooks) =
        deliver(request, &account(), 1, |path, call| telegram.handle(path, call)).unwrap();
    (answer.status, answer.body, webhooks.len())
}

fn result(telegram: &mut TelegramSimulator, request: &PlatformRequest) -> Value {
    let (status, body, _) = ask(telegram, request);
    assert_eq!(status, 200);
    serde_json::from_slice::<Value>(&body).unwrap()["result"].clone()
}

#[test]
fn registration_asks_for_reactions_and_names_the_secret() {
    let requests = Telegram.register(&account(), HOOK);
    schema::check_call(called(&requests[0]));
    let kinds = [
        "message",
        "edited_message",
        "callback_query",
        "message_reaction",
        "my_chat_member",
        "business_connection",
        "business_message",
        "edited_business_message",
        "deleted_business_messages",
    ];
    let body = json!({"url": HOOK, "secret_token": SECRET, "allowed_updates": kinds});
    assert_eq!(requests.iter().map(called).collect::<Vec<_>>(), [("setWebhook", &body)]);
    assert_eq!(Telegram.register(&account(), "no address"), []);
    assert_eq!(Telegram.register(&AccountConfig::default(), HOOK), []);
}

#[test]
fn a_webhook_comes_and_goes() {
    let mut telegram = TelegramSimulator::new(TOKEN, "sala_bot");
    assert_eq!(result(&mut telegram, &get_me(&account()))["username"], "sala_bot");
    telegram.customer_says(7, "early", 0);
    let (status, _, webhooks) = ask(&mut telegram, &Telegram.register(&account(), HOOK)[0]);
    assert_eq!((status, webhooks), (200, 1), "what waited is sent at once");
    assert_eq!(result(&mut telegram, &get_webhook_info(&account()))["url"], HOOK);
    let (status, body, _) = ask(&mut telegram, &Telegram.poll(&account(), "").unwrap());
    let refused = Telegram.polled(&account(), &HttpResponse { status, headers: vec![], body: &body }, 0);
    assert!(matches!(refused, Err(SendError::Refused { code, .. }) if code == "webhook_active"));
    assert_eq!(result(&mut telegram, &delete_webhook(&account())), true);
    assert_eq!(result(&mut telegram, &get_webhook_info(&account()))["url"], "");
}

#[test]
fn polling_brings_each_update_once() {
    let mut telegram = TelegramSimulator::new(TOKEN, "sala_bot");
    let mut cursor = String::new();
    let mut poll = |telegram: &mut TelegramSimulator| -> Vec<String> {
        let (status, body, _) = ask(telegram, &Telegram.poll(&account(), &cursor).unwrap());
        let polled =
            Telegram.polled(&account(), &HttpResponse { status, headers: vec![], body: &body }, 0).unwrap();
        cursor = polled.cursor;
        let text = |heard: Heard| match heard.event {
            Event::Message(message) => message.content.text().unwrap().to_owned(),
            other => panic!("{other:?}"),
        };
        polled.events.into_iter().map(text).collect()
    };
    telegram.customer_says(7, "หนึ่ง", 0);
    telegram.customer_says(8, "二", 0);
    assert_eq!(poll(&mut telegram), ["หนึ่ง", "二"]);
    assert!(poll(&mut telegram).is_empty());
    telegram.customer_says(7, "three", 0);
    assert_eq!(poll(&mut telegram), ["three"]);
}

#[test]
fn an_unreadable_update_does_not_stop_the_others() {
    let body = json!({"ok": true, "result": [
        {"update_id": 5, "message": 7},
        "noise",
        {"update_id": 4_294_967_297_i64, "message": {"message_id": 1, "chat": {"id": 1}, "text": "hi"}},
    ]});
    let body = body.to_string();
    let response = HttpResponse { status: 200, headers: vec![], body: body.as_bytes() };
    let polled = Telegram.polled(&account(), &response, 0).unwrap();
    let contents: Vec<Content> = polled
        .events
        .into_iter()
        .map(|heard| match heard.event {
            Event::Message(message) => message.content,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(contents, [Content::Unknown { kind: "message".into() }, Content::Text { text: "hi".into() }]);
    assert_eq!(polled.cursor, "4294967298");
    let next = Telegram.poll(&account(), &polled.cursor).unwrap();
    assert_eq!(next.body["offset"], 4_294_967_298_i64);
}

#[test]
fn a_file_is_located_and_fetched() {
    let mut telegram = TelegramSimulator::new(TOKEN, "sala_bot");
    telegram.add_file("AgAC-1", b"bytes".to_vec());
    let Some(MediaFetch::Locate(request)) = Telegram.media_request(&account(), "AgAC-1") else { panic!() };
    let (status, body, _) = ask(&mut telegram, &request);
    let located = HttpResponse { status, headers: vec![], body: &body };
    let download = Telegram.media_located(&account(), &located).unwrap();
    assert!(!serde_json::to_string(&download).unwrap().contains(TOKEN));
    assert_eq!(ask(&mut telegram, &download).1, b"bytes");
    let Transport::Http { method: HttpMethod::Get, .. } = download.transport else { panic!() };
}

#[test]
fn a_person_has_a_name_and_a_picture() {
    let mut telegram = TelegramSimulator::new(TOKEN, "sala_bot");
    telegram.customer_says(7, "hi", 0);
    telegram.name_customer(7, "มะลิ", "th");
    let request = Telegram.profile_request(&account(), "7").unwrap();
    schema::check_call(called(&request));
    schema::check_answer("getChat", &result(&mut telegram, &request));
    let (status, body, _) = ask(&mut telegram, &request);
    let profile = Telegram.profile(&HttpResponse { status, headers: vec![], body: &body }).unwrap();
    assert_eq!(profile.name.as_deref(), Some("มะลิ"));
    let Some(MediaSource::Platform { id }) = profile.picture else { panic!() };
    let Some(MediaFetch::Locate(request)) = Telegram.media_request(&account(), &id) else { panic!() };
    assert_eq!(ask(&mut telegram, &request).0, 200);
    assert_eq!(Telegram.profile_request(&account(), "@nobody"), None);
}

fn check_profile(result: &Value, expected: Option<&Profile>) {
    let body = json!({"ok": true, "result": result}).to_string();
    let response = HttpResponse { status: 200, headers: vec![], body: body.as_bytes() };
    assert_eq!(Telegram.profile(&response).as_ref(), expected);
}

#[test]
fn profiles_are_read_from_either_answer() {
    let picture = |id: &str| Some(MediaSource::Platform { id: id.into() });
    let chat = json!({"id": 7, "type": "private", "first_name": "小", "last_name": "明", "username": "ming",
        "photo": {"small_file_id": "s", "big_file_id": "b"}});
    let told = Profile {
        name: Some("小 明".into()),
        username: Some("ming".into()),
        picture: picture("b"),
        language: None,
    };
    check_profile(&chat, Some(&told));
    let photos =
        json!({"total_count": 1, "photos": [[{"file_id": "a", "width": 9}, {"file_id": "c", "width": 90}]]});
    check_profile(&photos, Some(&Profile { picture: picture("c"), ..Profile::default() }));
    check_profile(&json!({"id": 7}), Some(&Profile::default()));
    check_profile(&json!(true), None);
    let gone = HttpResponse { status: 400, headers: vec![], body: br#"{"ok":false,"error_code":400}"# };
    assert_eq!(Telegram.profile(&gone), None);
}

#[test]
fn checks_ask_for_the_bot_and_its_webhook() {
    let checks = Telegram.checks(&account());
    let asked: Vec<(AccountCheck, &str)> =
        checks.iter().map(|(check, request)| (*check, called(request).0)).collect();
    assert_eq!(asked, [(AccountCheck::Token, "getMe"), (AccountCheck::Webhook, "getWebhookInfo")]);
    let mut telegram = TelegramSimulator::new(TOKEN, "sala_bot");
    for (_, request) in &checks {
        schema::check_call(called(request));
        schema::check_answer(called(request).0, &result(&mut telegram, request));
    }
}

#[test]
fn a_file_path_can_smuggle_nothing() {
    for path in ["../x", "a/{webhook_secret}", "a?b", "a#b", "a b", "a%2e"] {
        let body = json!({"ok": true, "result": {"file_path": path}}).to_string();
        let response = HttpResponse { status: 200, headers: vec![], body: body.as_bytes() };
        assert!(Telegram.media_located(&account(), &response).is_err(), "{path}");
    }
}
