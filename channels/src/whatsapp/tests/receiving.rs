use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::account;
use crate::fixtures::{assert_received, own, read, shared};
use crate::whatsapp::Whatsapp;
use crate::{AccountConfig, Channel, Content, Event, HttpCall, HttpMethod, Received, Refusal, meta};

const NOW: i64 = 1_795_270_000_000_000;

fn call<'a>(signature: &str, body: &'a [u8]) -> HttpCall<'a> {
    let headers = vec![(meta::SIGNATURE_HEADER.to_owned(), signature.to_owned())];
    HttpCall { method: HttpMethod::Post, query: Vec::new(), headers, body, now: NOW }
}

fn receive(body: &[u8]) -> Result<Received, Refusal> {
    Whatsapp.receive(&account(), &call(&meta::sign("my_app_secret", body), body))
}

fn kinds(body: &[u8]) -> Vec<&'static str> {
    receive(body).unwrap().events.iter().map(|heard| heard.event.kind()).collect()
}

fn event_ids(received: &Received) -> Vec<&str> {
    let ids = received.events.iter().filter_map(|heard| match &heard.event {
        Event::Message(message) => Some(message.event_id.as_str()),
        Event::Echo(echo) => Some(echo.message.event_id.as_str()),
        Event::Receipt(_) | Event::Typing { .. } => None,
    });
    ids.collect()
}

#[test]
fn own_webhooks_are_received_as_reviewed() {
    for (name, body) in own("whatsapp").into_iter().filter(|(name, _)| name != "kinds") {
        let received = receive(&body).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_received("whatsapp", &name, &received.events);
    }
}

#[test]
fn what_is_no_object_is_malformed() {
    for (name, body) in own("whatsapp/refused") {
        assert_eq!(receive(&body), Err(Refusal::Malformed), "{name}");
    }
}

/// The kinds of every event of others' recordings, by folder and file, as a person reviewed them.
#[test]
fn recorded_webhooks_of_others_are_received() {
    let table = own("whatsapp").into_iter().find(|(name, _)| name == "kinds").unwrap().1;
    let expected: BTreeMap<String, Vec<String>> = serde_json::from_slice(&table).unwrap();
    let mut found = BTreeMap::new();
    for folder in ["openapi-examples/webhooks", "restfb"] {
        let path = format!("whatsapp/{folder}");
        let Some(path) = shared("recorded_webhooks_of_others_are_received", &path) else { return };
        for (name, body) in read(&path)
            .into_iter()
            .filter(|(name, _)| name.contains("webhook") || name.starts_with("request-"))
        {
            let kinds: Vec<String> = kinds(&body).into_iter().map(str::to_owned).collect();
            found.insert(format!("{folder}/{name}"), kinds);
        }
    }
    assert_eq!(found, expected, "{}", serde_json::to_string_pretty(&found).unwrap());
}

#[test]
fn only_what_meta_signed_is_read() {
    for (_, body) in own("whatsapp").into_iter().take(3) {
        let good = meta::sign("my_app_secret", &body);
        assert!(Whatsapp.receive(&account(), &call(&good, &body)).is_ok());
        for bit in 0..body.len() * 8 {
            let mut flipped = body.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!Whatsapp.verify(&account(), &call(&good, &flipped)));
        }
        for wrong in ["", "sha256=", &good[7..], &good.to_uppercase(), &meta::sign("other", &body)] {
            let refused = Whatsapp.receive(&account(), &call(wrong, &body));
            assert_eq!(refused, Err(Refusal::Unverified), "{wrong}");
        }
    }
    let bare = AccountConfig::default();
    assert_eq!(Whatsapp.receive(&bare, &call(&meta::sign("", b"{}"), b"{}")), Err(Refusal::Unverified));
}

#[test]
fn events_are_known_again_and_told_apart() {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for (name, body) in own("whatsapp").into_iter().filter(|(name, _)| name != "kinds") {
        let (first, again) = (receive(&body).unwrap(), receive(&body).unwrap());
        assert_eq!(first, again, "{name}");
        for id in event_ids(&first) {
            assert!(!id.is_empty(), "{name}");
            let other = known.insert(id.to_owned(), name.clone());
            assert_eq!(other, None, "{name} and another have the same event {id}");
        }
    }
}

/// A redelivery may come in another batch: the id of an event depends on nothing around it.
#[test]
fn an_event_is_the_same_in_another_batch() {
    let file = |wanted: &str| own("whatsapp").into_iter().find(|(name, _)| name == wanted).unwrap().1;
    for name in
        ["text_thai", "preference_stop", "call_connect", "group_created", "app_contacts", "user_id_update"]
    {
        let alone = file(name);
        let mut together: Value = serde_json::from_slice(&alone).unwrap();
        let other: Value = serde_json::from_slice(&file("text_quote")).unwrap();
        let changes = together["entry"][0]["changes"].as_array_mut().unwrap();
        changes.insert(0, other["entry"][0]["changes"][0].clone());
        let together = receive(together.to_string().as_bytes()).unwrap();
        let alone = receive(&alone).unwrap();
        assert_eq!(event_ids(&together)[1..], event_ids(&alone)[..], "{name}");
    }
}

#[test]
fn news_of_the_business_account_find_their_owner() {
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": [
        {"field": "account_alerts", "value": {"entity_id": 1}}]}]});
    let owner = |waba: Option<&str>| {
        let mut account = account();
        account.settings.remove("waba_id");
        account.settings.extend(waba.map(|waba| ("waba_id".to_owned(), waba.to_owned())));
        let body = body.to_string();
        Whatsapp.decode(&account, &call("", body.as_bytes())).unwrap().events[0].account.clone()
    };
    assert_eq!(owner(Some("102290129340398")), super::NUMBER);
    assert_eq!(owner(Some("5")), "102290129340398");
    assert_eq!(owner(None), "");
}

#[test]
fn what_meta_cannot_hand_over_is_no_riddle() {
    for (name, body) in own("whatsapp") {
        let is_unsupported =
            name.starts_with("unsupported") || name == "video_too_large" || name == "interactive_half";
        if is_unsupported {
            assert_eq!(kinds(&body), ["unsupported"], "{name}");
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!("text")),
        Just(json!({"body": "x"})),
    ];
    let names = prop_oneof![
        "[a-z_]{1,12}",
        prop::sample::select(vec![
            "type", "id", "from", "text", "messages", "statuses", "groups", "errors", "contacts"
        ])
        .prop_map(str::to_owned),
    ];
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
    let Some(left) = at.checked_sub(1) else {
        *at = usize::MAX;
        *value = with.clone();
        return;
    };
    *at = left;
    let children: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(fields) => fields.values_mut().collect(),
        _ => Vec::new(),
    };
    for child in children {
        if *at == usize::MAX {
            return;
        }
        replace_node(child, at, with);
    }
}

const FIELDS: &[&str] = &[
    "messages",
    "history",
    "smb_message_echoes",
    "smb_app_state_sync",
    "user_preferences",
    "user_id_update",
    "calls",
    "group_lifecycle_update",
    "account_update",
    "tomorrow",
];

proptest! {
    #[test]
    fn bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..300), text in any::<String>()) {
        prop_assert_eq!(receive(&body), Err(Refusal::Malformed));
        prop_assert_ne!(receive(text.as_bytes()), Err(Refusal::Unverified));
    }

    #[test]
    fn every_object_is_heard(field in prop::sample::select(FIELDS), value in any_json(), other in any_json()) {
        let body = json!({"object": "whatsapp_business_account",
            "entry": [{"id": "1", "changes": [{"field": field, "value": value}, other]}]});
        let body = body.to_string();
        let first = receive(body.as_bytes()).unwrap();
        prop_assert!(!first.events.is_empty());
        prop_assert_eq!(&first, &receive(body.as_bytes()).unwrap());
        prop_assert!(event_ids(&first).iter().all(|id| !id.is_empty()));
    }

    #[test]
    fn broken_webhooks_are_still_heard(at in 1..60usize, with in any_json(), pick in any::<prop::sample::Index>()) {
        let read = |(name, body): (String, Vec<u8>)| Some((name, serde_json::from_slice::<Value>(&body).ok()?));
        let files: Vec<(String, Value)> = own("whatsapp").into_iter().filter_map(read).collect();
        let (name, mut body) = pick.get(&files).clone();
        let mut at = at;
        replace_node(&mut body, &mut at, &with);
        let text = body.to_string();
        let first = receive(text.as_bytes()).unwrap();
        let nothing_in_it = body["entry"] == json!([]);
        prop_assert!(!first.events.is_empty() || nothing_in_it, "{}", name);
        prop_assert_eq!(first, receive(text.as_bytes()).unwrap());
    }

    #[test]
    fn a_person_is_never_lost(text in any::<String>(), user in "[A-Z]{2}\\.[0-9]{1,20}", phone in "[1-9][0-9]{6,14}") {
        let message = json!({"id": "wamid.1", "from": phone, "from_user_id": user, "timestamp": "1795270001",
            "type": "text", "text": {"body": text}});
        let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [
            {"field": "messages", "value": {"messages": [message]}}]}]});
        let received = receive(body.to_string().as_bytes()).unwrap();
        let Event::Message(message) = &received.events[0].event else { panic!("no message") };
        prop_assert_eq!((&message.thread, &message.sender.external_id), (&user, &user));
        prop_assert_eq!(&message.sender.phone, &Some(format!("+{phone}")));
        prop_assert_eq!(&message.sender.also, &vec![phone]);
        prop_assert_eq!(&message.content, &Content::Text { text: text.replace('\0', "\u{fffd}") });
    }
}
