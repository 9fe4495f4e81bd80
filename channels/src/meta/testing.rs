//! What the tests of Messenger and of Instagram share.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{SIGNATURE_HEADER, sign};
use crate::fixtures::{assert_received, own, read, shared};
use crate::{
    AccountConfig, ChannelName, Destination, Event, HttpCall, HttpMethod, HttpResponse, PlatformRequest,
    Receipt, Received, Refusal, Reply, SendError, Transport, channel,
};

pub(crate) const APP_SECRET: &str = "my_app_secret";
pub(crate) const TOKEN: &str = "EAAG-demo-token";
pub(crate) const APP: &str = "1517776481860111";
pub(crate) const PAGE: &str = "1234567890321";
pub(crate) const NOW: i64 = 1_795_270_000_000_000;

/// A page that our program runs.
pub(crate) fn account() -> AccountConfig {
    let secrets = [("app_secret", APP_SECRET), ("verify_token", "meatyhamhock"), ("access_token", TOKEN)];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    AccountConfig {
        id: "shop".into(),
        external_id: PAGE.into(),
        settings: BTreeMap::from([owned(("app_id", APP))]),
        secrets: secrets.into_iter().map(owned).collect(),
        ..AccountConfig::default()
    }
}

/// What the channel makes of a signed body.
pub(crate) fn receive(name: ChannelName, body: &[u8]) -> Result<Received, Refusal> {
    let headers = vec![(SIGNATURE_HEADER.to_owned(), sign(APP_SECRET, body))];
    let call = HttpCall { method: HttpMethod::Post, query: Vec::new(), headers, body, now: NOW };
    channel(name).receive(&account(), &call)
}

fn kinds(name: ChannelName, body: &[u8]) -> Vec<String> {
    match receive(name, body) {
        Ok(received) => received.events.iter().map(|heard| heard.event.kind().to_owned()).collect(),
        Err(refusal) => vec![format!("{refusal:?}").to_lowercase()],
    }
}

/// Holds the shared fixtures of these folders to the reviewed table `fixtures/<channel>/kinds.json`.
pub(crate) fn check_kinds(name: ChannelName, folders: &[&str]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name.as_str());
    let table = std::fs::read(path.join("kinds.json")).unwrap();
    let table: BTreeMap<String, Vec<String>> = serde_json::from_slice(&table).unwrap();
    let mut found = BTreeMap::new();
    for folder in folders {
        let Some(folder) = shared("shared_fixtures_have_their_kinds", &format!("{}/{folder}", name.as_str()))
        else {
            return;
        };
        found.extend(read(&folder).into_iter().map(|(file, body)| (file, kinds(name, &body))));
    }
    for (file, kinds) in &found {
        // What was not there when the table was reviewed is only decoded.
        if let Some(expected) = table.get(file) {
            assert_eq!(kinds, expected, "{file}");
        }
    }
}

/// Holds our own fixtures to their reviewed snapshots.
pub(crate) fn check_own(name: ChannelName) {
    for (file, body) in own(name.as_str()).into_iter().filter(|(file, _)| file != "kinds") {
        let received = receive(name, &body).unwrap_or_else(|refusal| panic!("{file}: {refusal}"));
        assert_received(name.as_str(), &file, &received.events);
        let again = receive(name, &body).unwrap();
        assert_eq!(received, again, "{file}");
        let mut ids: Vec<&str> = received.events.iter().filter_map(|heard| event_id(&heard.event)).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        // Things that say nothing at all are one thing.
        assert!(ids.len() == count || file.starts_with("hostile"), "{file} has one id twice");
    }
}

/// The id by which a redelivery of this event is known.
pub(crate) fn event_id(event: &Event) -> Option<&str> {
    match event {
        Event::Message(message) => Some(&message.event_id),
        Event::Echo(echo) => Some(&echo.message.event_id),
        Event::Receipt(_) | Event::Typing { .. } => None,
    }
}

/// The path (behind the version) and body of a request.
pub(crate) fn called(request: &PlatformRequest) -> (&str, &Value) {
    let Transport::Http { url, .. } = &request.transport else { panic!("not HTTP: {request:?}") };
    (url.split_once("/v25.0/").unwrap().1, &request.body)
}

/// The bodies of a reply's messages.
pub(crate) fn bodies(name: ChannelName, to: &Destination, reply: &Reply) -> Vec<Value> {
    channel(name).plan(&account(), to, reply).requests.into_iter().map(|request| request.body).collect()
}

/// What an answer means to a text that we sent.
pub(crate) fn outcome(
    name: ChannelName,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Receipt, SendError> {
    let request = &channel(name).plan(&account(), &Destination::thread("7"), &Reply::text("hi")).requests[0];
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    channel(name).outcome(request, &HttpResponse { status, headers, body: body.as_bytes() })
}

/// An error body of the Graph; a subcode of 0 is none.
pub(crate) fn error(code: i64, subcode: i64, message: &str) -> String {
    let mut error = json!({"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Dxyz"});
    if subcode != 0 {
        error["error_subcode"] = subcode.into();
    }
    json!({"error": error}).to_string()
}

/// JSON with many of the names that Meta uses.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!({"id": "1"})),
        Just(json!([{"type": "image", "payload": {"url": "https://x.example"}}])),
    ];
    let names = prop_oneof![
        "[a-z_]{1,8}",
        prop::sample::select(vec![
            "id",
            "mid",
            "text",
            "message",
            "postback",
            "sender",
            "recipient",
            "attachments",
            "type",
            "payload",
            "referral",
            "reaction",
            "read",
            "delivery",
            "watermark",
            "mids",
            "optin",
            "order",
            "is_echo",
            "is_deleted",
            "message_edit",
            "timestamp",
            "reply_to",
            "story",
            "comment_id",
            "item",
            "verb",
            "from",
            "field",
            "value",
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(names.clone(), inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Whatever stands in an envelope, it is heard, twice the same, and every event says something.
pub(crate) fn check_hears(name: ChannelName, body: &Value) {
    let bytes = body.to_string().into_bytes();
    let received = receive(name, &bytes).unwrap_or_else(|refusal| panic!("{body}: {refusal}"));
    assert_eq!(receive(name, &bytes).as_ref(), Ok(&received), "{body}");
    for heard in &received.events {
        assert_ne!(event_id(&heard.event), Some(""), "{body}");
    }
}

/// An envelope of `content` under one of its names, or a bare body.
pub(crate) fn enveloped(name: &str, content: &Value) -> Value {
    match name {
        "bare" => json!({"held": content}),
        "field" => json!({"field": "feed", "value": content}),
        "changes" => json!({"object": "page", "entry": [{"id": PAGE, "changes": [content]}]}),
        field if field.starts_with("change:") => {
            let change = json!({"field": field.trim_start_matches("change:"), "value": content});
            json!({"object": "instagram", "entry": [{"id": PAGE, "time": 1, "changes": [change]}]})
        }
        list => json!({"object": "page", "entry": [{"id": PAGE, "time": 1, list: [content]}]}),
    }
}

pub(crate) const ENVELOPES: &str =
    "(bare|field|changes|messaging|standby|entry|change:(feed|comments|mention|messages|x))";

/// One of our own webhooks with another value in one place: it is heard, too.
pub(crate) fn check_broken(name: ChannelName, pick: prop::sample::Index, at: usize, with: &Value) {
    let files = own(name.as_str());
    let Ok(mut body) = serde_json::from_slice::<Value>(&pick.get(&files).1) else { return };
    replace_node(&mut body, &mut at.saturating_add(1), with);
    check_hears(name, &body);
}

/// Puts `with` in the place of the node that comes after `left` others in the order of a walk.
fn replace_node(value: &mut Value, left: &mut usize, with: &Value) {
    if *left == 0 {
        *value = with.clone();
    }
    let Some(less) = left.checked_sub(1) else {
        *left = usize::MAX;
        return;
    };
    *left = less;
    let inner: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(fields) => fields.values_mut().collect(),
        _ => Vec::new(),
    };
    for item in inner {
        if *left != usize::MAX {
            replace_node(item, left, with);
        }
    }
}
