use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{SECRET, account};
use crate::fixtures::{assert_received, own, read, shared};
use crate::telegram::Telegram;
use crate::{AccountConfig, Channel, Event, HttpCall, HttpMethod, InboundMessage, Received, Refusal};

const NOW: i64 = 1_795_270_000_000_000;
const HEADER: &str = "x-telegram-bot-api-secret-token";

fn call<'a>(secrets: &[&str], body: &'a [u8]) -> HttpCall<'a> {
    let headers = secrets.iter().map(|secret| (HEADER.to_owned(), (*secret).to_owned())).collect();
    HttpCall { method: HttpMethod::Post, query: Vec::new(), headers, body, now: NOW }
}

fn receive(body: &[u8]) -> Result<Received, Refusal> {
    Telegram.receive(&account(), &call(&[SECRET], body))
}

/// Who says what in the first event; an update that has several has them of one kind.
fn message(received: Received) -> InboundMessage {
    match received.events.into_iter().next().expect("an event").event {
        Event::Message(message) => *message,
        Event::Echo(echo) => echo.message,
        other => panic!("no message: {other:?}"),
    }
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

/// What every recorded update is, as it was reviewed against the papers of the Bot API.
#[test]
fn recorded_updates_of_others_are_of_the_reviewed_kinds() {
    let Some(folder) =
        shared("recorded_updates_of_others_are_of_the_reviewed_kinds", "telegram/nutgram/Updates")
    else {
        return;
    };
    let kinds: BTreeMap<String, Vec<String>> =
        serde_json::from_str(include_str!("../../../fixtures/telegram/kinds.json")).unwrap();
    for (name, body) in read(&folder) {
        let received = receive(&body).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        let found: Vec<&str> = received.events.iter().map(|heard| heard.event.kind()).collect();
        assert_eq!(
            kinds.get(&name).map(|kinds| kinds.iter().map(String::as_str).collect()),
            Some(found),
            "{name}"
        );
        assert!(!message(received).external_id.is_empty(), "{name}");
    }
}

#[test]
fn a_rich_message_of_others_is_read_as_text() {
    let path = "telegram/nutgram/Messages/rich_message.json";
    let Some(path) = shared("a_rich_message_of_others_is_read_as_text", path) else { return };
    let rich: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let update = json!({"update_id": 1, "message": rich});
    let heard = message(receive(update.to_string().as_bytes()).unwrap());
    let text = heard.content.text().unwrap();
    assert!(text.starts_with("it's me\nmario\nCodes\nColors\nEI136 EI136\n"), "{text}");
    assert!(!heard.addressed, "bots are not answered");
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
    fn json_never_panics(kind in "(message|edited_message|callback_query|message_reaction|my_chat_member|chat_member|\
                                   business_message|deleted_business_messages|channel_post|guest_message|poll|[a-z]{3})",
                         content in any_json(), id in any::<i64>()) {
        let update = json!({"update_id": id, kind: content});
        let heard = message(receive(update.to_string().as_bytes()).unwrap());
        prop_assert_eq!(heard.event_id, id.to_string());
    }

    #[test]
    fn any_object_is_heard_and_known_again(fields in any_json()) {
        let body = json!({"x": fields}).to_string();
        let [first, again] = [receive(body.as_bytes()).unwrap(), receive(body.as_bytes()).unwrap()];
        prop_assert_eq!(&first, &again);
        let other = receive(json!({"x": [fields]}).to_string().as_bytes()).unwrap();
        prop_assert_ne!(message(first).event_id, message(other).event_id);
    }

    #[test]
    fn broken_updates_are_still_heard(at in 0..60usize, with in any_json(), pick in any::<prop::sample::Index>()) {
        let read = |(name, body): (String, Vec<u8>)| Some((name, serde_json::from_slice::<Value>(&body).ok()?));
        let files: Vec<(String, Value)> = own("telegram").into_iter().filter_map(read).collect();
        let (name, mut update) = pick.get(&files).clone();
        let mut fields = update.as_object().unwrap().clone();
        let id = fields.remove("update_id").unwrap_or_default();
        let mut rest = Value::Object(fields);
        replace_node(&mut rest, &mut at.saturating_add(1), &with);
        update = rest;
        update["update_id"] = id;
        prop_assert!(receive(update.to_string().as_bytes()).is_ok(), "{}", name);
    }
}

#[test]
fn recordings_hold_polls_and_bare_messages_too() {
    let message = r#"{"message_id": 1, "date": 5, "chat": {"id": 7, "type": "private"}, "text": "hi"}"#;
    let update = format!(r#"{{"update_id": 9, "message": {message}}}"#);
    let polled = format!(r#"{{"ok": true, "result": [{update}, {update}]}}"#);
    for (body, count) in
        [(message, 1), (update.as_str(), 1), (polled.as_str(), 2), (r#"{"ok": true, "result": []}"#, 0)]
    {
        let received = receive(body.as_bytes()).unwrap();
        let texts = received.events.iter().filter(|heard| heard.event.kind() == "text");
        assert_eq!(texts.count(), count, "{body}");
    }
}
