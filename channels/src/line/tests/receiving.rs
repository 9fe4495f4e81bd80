use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::schema::check_webhook;
use super::{NOW, SECRET, account, call, sign};
use crate::fixtures::{assert_received, own, read, shared};
use crate::line::Line;
use crate::{AccountConfig, Channel, Content, Event, Heard, InboundMessage, Received, Refusal};

fn receive(body: &[u8]) -> Result<Received, Refusal> {
    Line.receive(&account(), &call(&[&sign(SECRET, body)], body))
}

/// The one message in a webhook.
fn message(body: &Value) -> InboundMessage {
    let [heard] = <[Heard; 1]>::try_from(receive(body.to_string().as_bytes()).unwrap().events).unwrap();
    let Event::Message(message) = heard.event else { panic!("no message") };
    *message
}

fn event_ids(received: &Received) -> Vec<String> {
    let id = |heard: &Heard| match &heard.event {
        Event::Message(message) => message.event_id.clone(),
        other => format!("{other:?}"),
    };
    received.events.iter().map(id).collect()
}

#[test]
fn own_webhooks_are_received_as_reviewed() {
    for (name, body) in own("line") {
        if name == "kinds" {
            continue;
        }
        let received = receive(&body).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_received("line", &name, &received.events);
    }
}

/// Our own webhooks are such as LINE sends, but for those that are hostile, of tomorrow, or newer than the schema.
#[test]
fn own_webhooks_are_right_by_the_schema() {
    for (name, body) in own("line") {
        let strange = ["hostile", "kinds", "message_edited", "ids_as_numbers", "timestamp_as_text", "things"];
        let tolerated = strange.iter().any(|start| name.starts_with(start)) || name.ends_with("of_tomorrow");
        if !tolerated {
            check_webhook(&body);
        }
    }
}

#[test]
fn what_is_no_object_is_malformed() {
    for (name, body) in own("line/refused") {
        assert_eq!(receive(&body), Err(Refusal::Malformed), "{name}");
    }
}

/// The kinds of others' webhooks as a person reviewed them.
#[test]
fn recorded_webhooks_of_others_are_of_the_reviewed_kinds() {
    let test = "recorded_webhooks_of_others_are_of_the_reviewed_kinds";
    let Some(folder) = shared(test, "line/sdk-java-callback") else { return };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/line/kinds.json");
    let expected: BTreeMap<String, Vec<String>> =
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut found = BTreeMap::new();
    for (name, body) in read(&folder) {
        let received = receive(&body).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        let kinds: Vec<String> = received.events.iter().map(|heard| heard.event.kind().to_owned()).collect();
        assert!(received.events.iter().all(|heard| heard.account == "Uab012345678901234567890123456789"));
        found.insert(name, kinds);
    }
    assert_eq!(found, expected);
}

#[test]
fn the_documented_signature_verifies() {
    let body = br#"{"destination":"U0123456789abcdef0123456789abcdef","events":[]}"#;
    let signature = "j2zwSWvscnRkmVay2eMQI+B6oSOp3bA8F1CD3kPwJNo=";
    assert_eq!(Line.receive(&account(), &call(&[signature], body)), Ok(Received::default()));
    let escaped = br#"{"destination":"U1","events":[],"x":"\u0e01\/\ud83d\ude00"}"#;
    assert!(receive(escaped).is_ok(), "the raw bytes are signed");
}

fn check_unverified(signatures: &[&str], body: &[u8]) {
    let answer = Line.receive(&account(), &call(signatures, body));
    assert_eq!(answer, Err(Refusal::Unverified), "{signatures:?}");
}

#[test]
fn only_the_whole_signature_verifies() {
    let body = br#"{"destination":"U1","events":[]}"#;
    let right = sign(SECRET, body);
    check_unverified(&[], body);
    check_unverified(&[""], body);
    check_unverified(&[&right, &right], body);
    check_unverified(&[&right[..right.len() - 1]], body);
    check_unverified(&[&format!("{right}=")], body);
    check_unverified(&[&format!(" {right}")], body);
    check_unverified(&[&format!("sha256={right}")], body);
    check_unverified(&[&right.to_lowercase()], body);
    check_unverified(&[&sign("another", body)], body);
    check_unverified(&[&right], b"not json");
    for bit in 0..body.len() * 8 {
        let mut flipped = body.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        check_unverified(&[&right], &flipped);
    }
    for bit in 0..right.len() * 8 {
        let mut flipped = right.clone().into_bytes();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(flipped) = String::from_utf8(flipped) {
            check_unverified(&[&flipped], body);
        }
    }
}

#[test]
fn an_account_without_a_secret_hears_nothing() {
    let mut bare = AccountConfig::default();
    assert!(!Line.verify(&bare, &call(&[&sign("", b"{}")], b"{}")));
    bare.secrets.insert("channel_secret".into(), String::new());
    assert!(!Line.verify(&bare, &call(&[&sign("", b"{}")], b"{}")));
}

#[test]
fn both_secrets_verify_while_one_is_changed() {
    let mut changing = account();
    changing.secrets.insert("channel_secret.previous".into(), "old".into());
    for secret in [SECRET, "old"] {
        assert!(Line.verify(&changing, &call(&[&sign(secret, b"{}")], b"{}")));
    }
    check_unverified(&[&sign("old", b"{}")], b"{}");
}

fn says(source: &Value, message: &Value) -> Value {
    json!({"destination": "U1", "events": [{
        "type": "message", "mode": "active", "timestamp": 1_795_270_000_000_i64, "source": source,
        "webhookEventId": "01KB", "replyToken": "r1", "message": message,
    }]})
}

#[test]
fn hints_carry_the_tokens_and_their_age() {
    let private = json!({"type": "user", "userId": "U2"});
    let text = json!({"type": "text", "id": "9", "text": "hi", "quoteToken": "q", "markAsReadToken": "m"});
    let heard = message(&says(&private, &text));
    let now = NOW.to_string();
    let expected = [
        ("reply_token", "r1"),
        ("reply_token_at", now.as_str()),
        ("mark_as_read_token", "m"),
        ("quote_token", "q"),
        ("quote_token_of", "9"),
    ];
    let hints: Vec<(&str, &str)> =
        heard.hints.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(hints, expected);
    let mut standby = says(&private, &text);
    standby["events"][0]["mode"] = "standby".into();
    let heard = message(&standby);
    assert!(heard.standby && heard.hints.iter().all(|(name, _)| !name.starts_with("reply")));
}

#[test]
fn a_group_is_answered_only_when_it_asks_us() {
    let group = json!({"type": "group", "groupId": "C9", "userId": "U2"});
    let addressed = |text: &str| {
        let heard = message(&says(&group, &json!({"type": "text", "id": "9", "text": text})));
        assert_eq!((heard.thread.as_str(), heard.sender.external_id.as_str()), ("C9", "U2"));
        assert!(heard.group);
        heard.addressed
    };
    for text in ["น้องกาแฟ", "น้องกาแฟช่วยด้วย", "  Sala?", "SALA help", "@sala ok", "sala"]
    {
        assert!(addressed(text), "{text}");
    }
    for text in ["", "salad", "hello Sala", "น้อง", "กาแฟ", "@All"] {
        assert!(!addressed(text), "{text}");
    }
    let nobody = json!({"type": "group", "groupId": "C9"});
    let heard = message(&says(&nobody, &json!({"type": "text", "id": "9", "text": "hi"})));
    assert_eq!((heard.thread.as_str(), heard.sender.external_id.as_str()), ("C9", "C9"));
}

#[test]
fn a_redelivery_is_the_same_event() {
    for (name, body) in own("line") {
        let Ok(mut again) = serde_json::from_slice::<Value>(&body) else { continue };
        let first = receive(&body).unwrap();
        assert_eq!(receive(&body).unwrap(), first, "{name}");
        for event in again["events"].as_array_mut().into_iter().flatten() {
            if let Some(context) = event.get_mut("deliveryContext") {
                context["isRedelivery"] = true.into();
            }
        }
        if again.get("events").is_some_and(Value::is_array) {
            let again = receive(again.to_string().as_bytes()).unwrap();
            assert_eq!(event_ids(&again), event_ids(&first), "{name}");
        }
    }
}

#[test]
fn different_events_have_different_ids() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (name, body) in own("line") {
        for id in event_ids(&receive(&body).unwrap()) {
            if let Some(other) = seen.insert(id.clone(), name.clone()) {
                assert_eq!(other, name, "{id}");
            }
        }
    }
    assert!(seen.len() > 90);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!({"type": "user", "userId": "U1"})),
    ];
    let names = prop_oneof![
        "[a-zA-Z]{1,12}",
        prop::sample::select(vec!["type", "source", "message", "events", "id", "text", "postback", "mode"])
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

const KINDS: &[&str] = &[
    "message",
    "messageEdited",
    "unsend",
    "follow",
    "unfollow",
    "join",
    "leave",
    "memberJoined",
    "memberLeft",
    "postback",
    "videoPlayComplete",
    "beacon",
    "accountLink",
    "membership",
    "module",
    "activated",
    "deactivated",
    "botSuspended",
    "botResumed",
    "delivery",
    "tomorrow",
];

/// The nodes of a value, each once, replaced by `with` at the place `at` in the order of a walk.
fn replace_node(value: &mut Value, at: &mut i64, with: &Value) {
    if *at == 0 {
        *value = with.clone();
    }
    *at -= 1;
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace_node(item, at, with)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace_node(field, at, with)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..300), text in any::<String>()) {
        prop_assert!(receive(&body).is_err());
        prop_assert_ne!(receive(text.as_bytes()), Err(Refusal::Unverified));
    }

    #[test]
    fn any_object_is_heard(body in any_json()) {
        let bytes = body.to_string();
        match receive(bytes.as_bytes()) {
            Ok(received) => {
                prop_assert!(body.is_object());
                prop_assert_eq!(receive(bytes.as_bytes()).unwrap(), received);
            }
            Err(refusal) => prop_assert!(!body.is_object() && refusal == Refusal::Malformed),
        }
    }

    #[test]
    fn any_event_is_heard_once(kind in prop::sample::select(KINDS), mut event in any_json(), id in "[0-9A-Z]{26}") {
        if let Some(fields) = event.as_object_mut() {
            fields.insert("type".into(), json!(kind));
            fields.insert("webhookEventId".into(), json!(id));
        }
        let body = json!({"destination": "U1", "events": [event]}).to_string();
        let received = receive(body.as_bytes()).unwrap();
        prop_assert_eq!(received.events.len(), 1);
        if let Event::Message(message) = &received.events[0].event {
            prop_assert!(!message.event_id.is_empty() && !message.external_id.is_empty());
            if event.is_object() {
                prop_assert_eq!(&message.event_id, &id);
            }
        }
    }

    #[test]
    fn broken_webhooks_are_still_heard(at in 1..60_i64, with in any_json(), pick in any::<prop::sample::Index>()) {
        let files = own("line");
        let (name, body) = pick.get(&files);
        if let Ok(mut body) = serde_json::from_slice::<Value>(body) {
            let mut at = at;
            replace_node(&mut body, &mut at, &with);
            prop_assert!(receive(body.to_string().as_bytes()).is_ok(), "{}", name);
        }
    }
}

#[test]
fn what_cannot_be_read_is_kept() {
    for body in ["{}", r#"{"events":7}"#, r#"{"events":[{"timestamp":1e999}]}"#] {
        let received = receive(body.as_bytes()).unwrap();
        assert_eq!(received.events.len(), 1, "{body}");
        let Event::Message(heard) = &received.events[0].event else { panic!("{body}") };
        assert!(matches!(heard.content, Content::Unknown { .. }), "{body}");
        assert!(heard.thread.is_empty() && heard.event_id.starts_with("sha256:"), "{body}");
    }
}
