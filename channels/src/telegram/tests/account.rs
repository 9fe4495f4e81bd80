use serde_json::{Value, json};

use super::{SECRET, TOKEN, account, called};
use crate::simulator::deliver;
use crate::telegram::simulator::TelegramSimulator;
use crate::telegram::{Telegram, delete_webhook, get_me, get_webhook_info};
use crate::{
    AccountConfig, Channel, Content, Event, HttpMethod, HttpResponse, MediaFetch, PlatformRequest, SendError,
    Transport,
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
    let kinds = ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"];
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
        let text = |event: Event| match event {
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
        .map(|event| match event {
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
fn a_file_path_can_smuggle_nothing() {
    for path in ["../x", "a/{webhook_secret}", "a?b", "a#b", "a b", "a%2e"] {
        let body = json!({"ok": true, "result": {"file_path": path}}).to_string();
        let response = HttpResponse { status: 200, headers: vec![], body: body.as_bytes() };
        assert!(Telegram.media_located(&account(), &response).is_err(), "{path}");
    }
}
