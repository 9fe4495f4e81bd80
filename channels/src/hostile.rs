//! What comes from outside, for every channel alike: no bytes, no JSON and no header make an adapter panic, neither in a
//! webhook nor in an answer.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::fixtures::own;
use crate::{
    AccountCheck, AccountConfig, Action, Channel, ChannelName, Destination, HttpCall, HttpMethod,
    HttpResponse, PlatformRequest, Reply, channel,
};

/// The names and short words of every recorded webhook: with these, JSON goes deep into the decoders.
static WORDS: LazyLock<[Vec<String>; 2]> = LazyLock::new(|| {
    let [mut names, mut words] = [BTreeSet::new(), BTreeSet::from([String::new()])];
    for name in ChannelName::ALL {
        for (_, body) in own(name.as_str()) {
            let body = serde_json::from_slice(&body).unwrap_or_default();
            gather(&body, &mut names, &mut words);
        }
    }
    for name in
        ["data", "error", "message", "code", "result", "ok", "parameters", "url", "expires_at", "success"]
    {
        names.insert(name.to_owned());
    }
    [names.into_iter().collect(), words.into_iter().collect()]
});

fn gather(value: &Value, names: &mut BTreeSet<String>, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                names.insert(name.clone());
                gather(value, names, words);
            }
        }
        Value::Array(members) => members.iter().for_each(|member| gather(member, names, words)),
        Value::String(word) if word.len() <= 40 => {
            words.insert(word.clone());
        }
        _ => {}
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        select(WORDS[1].clone()).prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            btree_map(select(WORDS[0].clone()), inner, 0..8)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Bytes of which most are JSON.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => json().prop_map(|value| value.to_string().into_bytes()),
        1 => vec(any::<u8>(), 0..300),
        1 => (json(), any::<prop::sample::Index>()).prop_map(|(value, at)| {
            let text = value.to_string().into_bytes();
            text[..at.index(text.len() + 1)].to_vec()
        }),
    ]
}

/// One of the recorded webhooks in which one node is something else.
fn recorded(name: ChannelName) -> impl Strategy<Value = Vec<u8>> {
    let files: Vec<Value> = own(name.as_str())
        .into_iter()
        .filter_map(|(_, body)| serde_json::from_slice(&body).ok())
        .chain([Value::Null])
        .collect();
    (select(files), any::<u16>(), json()).prop_map(|(mut body, at, with)| {
        let mut left = usize::from(at) % nodes(&body);
        replace(&mut body, &mut left, &with);
        body.to_string().into_bytes()
    })
}

fn members(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(members) => members.iter().collect(),
        _ => Vec::new(),
    }
}

fn nodes(value: &Value) -> usize {
    1 + members(value).into_iter().map(nodes).sum::<usize>()
}

fn replace(value: &mut Value, left: &mut usize, with: &Value) -> bool {
    if *left == 0 {
        with.clone_into(value);
        return true;
    }
    *left -= 1;
    match value {
        Value::Object(fields) => fields.values_mut().any(|value| replace(value, left, with)),
        Value::Array(members) => members.iter_mut().any(|value| replace(value, left, with)),
        _ => false,
    }
}

/// An account with every field filled in.
fn account(adapter: &dyn Channel) -> AccountConfig {
    let mut account =
        AccountConfig { external_id: "7".into(), id: "shop".into(), ..AccountConfig::default() };
    for field in adapter.setup() {
        let fields = if field.secret { &mut account.secrets } else { &mut account.settings };
        fields.insert(field.name.into(), "7".into());
    }
    account
}

/// Hears a call as if it were the platform's, and as who sent it wants to be taken.
fn hear(name: ChannelName, method: HttpMethod, header: &str, body: &[u8]) {
    let adapter = channel(name);
    let account = account(adapter);
    let names =
        ["x-hub-signature-256", "x-line-signature", "x-telegram-bot-api-secret-token", "x-sala-signature"];
    let names = names.into_iter().chain(["authorization"]);
    let call = HttpCall {
        method,
        query: vec![("hub.mode".into(), header.into()), ("hub.verify_token".into(), header.into())],
        headers: names.map(|name| (name.to_owned(), header.to_owned())).collect(),
        body,
        now: 1_795_270_000_000_000,
    };
    let verified = adapter.verify(&account, &call);
    assert_eq!(
        adapter.receive(&account, &call).is_err_and(|refusal| refusal == crate::Refusal::Unverified),
        !verified
    );
    if let Ok(received) = adapter.decode(&account, &call) {
        for heard in received.events {
            serde_json::to_value(&heard.event).unwrap();
        }
    }
}

/// Every kind of request that the channel makes.
fn requests(adapter: &dyn Channel, account: &AccountConfig) -> Vec<PlatformRequest> {
    let to = Destination::thread("7");
    let mut requests = adapter.plan(account, &to, &Reply::text("hi")).requests;
    requests.extend(adapter.checks(account).into_iter().map(|(_, request)| request));
    requests.extend(adapter.register(account, "https://bots.example/hook"));
    requests.extend(adapter.act(account, &to, &Action::Typing));
    requests.extend(adapter.profile_request(account, "7"));
    requests.extend(adapter.poll(account, ""));
    requests
}

/// Reads an answer to whatever was asked.
fn read(name: ChannelName, status: u16, header: &str, body: &[u8]) {
    let adapter = channel(name);
    let account = account(adapter);
    let names =
        ["retry-after", "x-business-use-case-usage", "x-line-request-id", "x-line-accepted-request-id"];
    let headers = names.iter().map(|name| ((*name).to_owned(), header.to_owned())).collect();
    let response = HttpResponse { status, headers, body };
    for request in requests(adapter, &account) {
        let _any = adapter.outcome(&request, &response);
    }
    for check in [
        AccountCheck::Token,
        AccountCheck::Scopes,
        AccountCheck::Webhook,
        AccountCheck::Quota,
        AccountCheck::Expiry,
        AccountCheck::Clock,
    ] {
        let _any = adapter.finding(&account, check, &response);
    }
    let _any = adapter.profile(&response);
    let _any = adapter.polled(&account, &response, 0);
    let _any = adapter.media_ready(&response);
    let _any = adapter.media_located(&account, &response);
}

/// Large calls, made to cost as much as can be.
fn largest() -> Vec<(&'static str, String)> {
    let many = |open: &str, item: &str, close: &str| {
        let items = vec![item; 250_000 / (item.len() + 1)];
        format!("{open}{}{close}", items.join(","))
    };
    let meta = r#"{"object":"page","entry":["#;
    let whatsapp = r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messages":["#;
    vec![
        ("deep lists", format!("{{\"a\":{}{}}}", "[".repeat(500_000), "]".repeat(500_000))),
        ("deep objects", format!("{}1{}", "{\"a\":".repeat(150_000), "}".repeat(150_000))),
        ("open lists", "[".repeat(1_000_000)),
        ("half emoji", format!("{{\"a\":\"{}\"}}", "\\ud83d".repeat(150_000))),
        ("escaped zeros", format!("{{\"events\":[\"{}\"]}}", "\\u0000".repeat(150_000))),
        ("empty entries", many(meta, "{}", "]}")),
        ("empty events", many("{\"events\":[", "{}", "]}")),
        ("empty messages", many(whatsapp, "{}", "]}}]}]}")),
        ("empty changes", many(r#"{"object":"page","entry":[{"id":"1","changes":["#, "{}", "]}]}")),
        (
            "attachments",
            many(
                r#"{"object":"page","entry":[{"messaging":[{"message":{"mid":"m","attachments":["#,
                r#"{"type":"sticker","payload":{"sticker_id":1}}"#,
                "]}}]}]}",
            ),
        ),
        (
            "deleted messages",
            many(
                r#"{"update_id":1,"deleted_business_messages":{"chat":{"id":1},"message_ids":["#,
                "1",
                "]}}",
            ),
        ),
        ("updates", many(r#"{"ok":true,"result":["#, r#"{"update_id":1}"#, "]}")),
        (
            "mentions",
            many(
                r#"{"events":[{"type":"message","source":{"groupId":"C"},"message":{"mention":{"mentionees":["#,
                "{}",
                "]}}}]}",
            ),
        ),
        ("people and messages", people_and_messages()),
        ("stickers and pictures", stickers_and_pictures()),
        ("one long text", format!("{{\"events\":[{{\"type\":\"{}\"}}]}}", "ก".repeat(300_000))),
    ]
}

/// Each message might be any of these people's.
fn people_and_messages() -> String {
    let people = vec![r#"{"wa_id":"66812345678"}"#; 5_000].join(",");
    let messages = vec![r#"{"from":"1"}"#; 8_000].join(",");
    let begins = r#"{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":"#;
    format!(r#"{begins}{{"contacts":[{people}],"messages":[{messages}]}}}}]}}]}}"#)
}

/// Each picture might be any of these stickers once more.
fn stickers_and_pictures() -> String {
    let of = |kind: &str, id: usize| format!(r#"{{"type":"{kind}","payload":{{"sticker_id":{id}}}}}"#);
    let pictures = (10_000..20_000).map(|id| of("image", id));
    let all: Vec<String> = (0..10_000).map(|id| of("sticker", id)).chain(pictures).collect();
    let begins = r#"{"object":"page","entry":[{"messaging":[{"message":{"mid":"m","attachments":["#;
    format!("{begins}{}]}}}}]}}]}}", all.join(","))
}

/// Nobody holds a worker with one call: whatever took time that grows with the square of these would not end here.
#[test]
fn the_largest_calls_are_read_to_their_end() {
    for (_shape, body) in largest() {
        for name in ChannelName::ALL {
            hear(name, HttpMethod::Post, "", body.as_bytes());
            let _read = crate::recorded(name, body.as_bytes());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(512), ..ProptestConfig::default() })]

    #[test]
    fn no_call_makes_an_adapter_panic(
        name in select(&ChannelName::ALL[..]), body in bodies(), header in any::<String>(), get in any::<bool>()
    ) {
        hear(name, if get { HttpMethod::Get } else { HttpMethod::Post }, &header, &body);
    }

    #[test]
    fn no_changed_webhook_makes_an_adapter_panic(
        (name, body) in select(&ChannelName::ALL[..]).prop_flat_map(|name| (Just(name), recorded(name)))
    ) {
        hear(name, HttpMethod::Post, "", &body);
    }

    #[test]
    fn no_answer_makes_an_adapter_panic(
        name in select(&ChannelName::ALL[..]), status in 100..600_u16, header in any::<String>(), body in bodies()
    ) {
        read(name, status, &header, &body);
    }
}
