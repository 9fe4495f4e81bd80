use proptest::prelude::*;

use super::simulator::WebhookSimulator;
use super::*;
use crate::degrade::arbitrary::replies;
use crate::fixtures::{assert_received, own};
use crate::simulator::{CustomerAct, Fault, NO_ANSWER, Simulator, Speaker, deliver};
use crate::{Contact, Location, MediaKind, Order, Referral, Reply};

const SECRET_OF_THE_SHOP: &str = "whsec_of_the_shop";
const NOW: i64 = 1_795_260_000_000_000;

/// Made by Python: `hmac.new(secret, (t + "." + body).encode(), hashlib.sha256).hexdigest()`. `docs/webhook-channel.md`
/// has the same.
const BODY: &str = r#"{"id":"m-1","thread":"c-7","sender":{"id":"c-7","name":"มะลิ"},"sent_at":1795260000000,"text":"สวัสดีค่ะ"}"#;
const BY_SHOP: &str = "0bc9a1a3c8c8d6880bfeacd52d8ae826d4011e830deee815fce6db5960bd385f";
const BY_BEFORE: &str = "bd05826e19d3a3073b5731f6307fa767cb202131971d8bacfb04c42ef0e9dc1b";

fn account() -> AccountConfig {
    AccountConfig {
        id: "shop".into(),
        secrets: [(SECRET.to_owned(), SECRET_OF_THE_SHOP.to_owned())].into(),
        settings: [("url".to_owned(), "https://shop.example/sala".to_owned())].into(),
        ..AccountConfig::default()
    }
}

fn call<'a>(signature: &str, body: &'a [u8]) -> HttpCall<'a> {
    let headers = vec![(SIGNATURE_HEADER.to_owned(), signature.to_owned())];
    HttpCall { method: HttpMethod::Post, query: Vec::new(), headers, body, now: NOW }
}

fn receive(body: &[u8]) -> Result<Received, Refusal> {
    let signature = signature::sign(account().secrets_of(SECRET), body, NOW).unwrap();
    Webhook.receive(&account(), &call(&signature, body))
}

fn event_of(body: &Value) -> Event {
    receive(body.to_string().as_bytes()).unwrap().events.remove(0).event
}

fn check_verified(signature: &str, verified: bool) {
    assert_eq!(Webhook.verify(&account(), &call(signature, BODY.as_bytes())), verified, "{signature}");
}

#[test]
fn the_vector_of_the_papers_verifies() {
    check_verified(&format!("t=1795260000,v1={BY_SHOP}"), true);
    check_verified(&format!("t=1795260000, v1={BY_SHOP}"), true);
    check_verified(&format!("t=1795260000,v1={BY_BEFORE},v1={BY_SHOP},v2=x"), true);
    let made = signature::sign([SECRET_OF_THE_SHOP, "", "whsec_before"].into_iter(), BODY.as_bytes(), NOW);
    assert_eq!(made, Some(format!("t=1795260000,v1={BY_SHOP},v1={BY_BEFORE}")));
    assert_eq!(signature::sign([""].into_iter(), BODY.as_bytes(), NOW), None);
}

#[test]
fn the_papers_say_what_is_done() {
    let papers = include_str!("../../../docs/webhook-channel.md");
    assert!(
        papers.contains(BODY) && papers.contains(&format!("X-Sala-Signature: t=1795260000,v1={BY_SHOP}"))
    );
    for kind in KINDS {
        assert!(papers.contains(&format!("`{kind}`")), "{kind}");
    }
}

#[test]
fn anything_else_does_not() {
    for wrong in [
        String::new(),
        BY_SHOP.to_owned(),
        format!("v1={BY_SHOP}"),
        "t=1795260000".to_owned(),
        "t=1795260000,v1=".to_owned(),
        format!("t=1795260001,v1={BY_SHOP}"),
        format!("t=+1795260000,v1={BY_SHOP}"),
        format!("t=1795260000,t=1795260000,v1={BY_SHOP}"),
        format!("t=1795260000,v1={BY_BEFORE}"),
        format!("t=1795260000,v1={}", BY_SHOP.to_uppercase()),
        format!("t=1795260000,v1={}", &BY_SHOP[1..]),
        format!("t=1795260000,v0={BY_SHOP}"),
    ] {
        check_verified(&wrong, false);
    }
    for at in 0..64 {
        for digit in "0123456789abcdef".chars().filter(|digit| !BY_SHOP[at..].starts_with(*digit)) {
            let flipped = format!("{}{digit}{}", &BY_SHOP[..at], &BY_SHOP[at + 1..]);
            check_verified(&format!("t=1795260000,v1={flipped}"), false);
        }
    }
    for byte in 0..BODY.len() {
        let mut flipped = BODY.as_bytes().to_vec();
        flipped[byte] ^= 1;
        assert!(!Webhook.verify(&account(), &call(&format!("t=1795260000,v1={BY_SHOP}"), &flipped)));
    }
    let twice = vec![(SIGNATURE_HEADER.to_owned(), format!("t=1795260000,v1={BY_SHOP}")); 2];
    assert!(!Webhook.verify(&account(), &HttpCall { headers: twice, ..call("", BODY.as_bytes()) }));
    let empty = signature::sign(["x"].into_iter(), b"", NOW).unwrap();
    assert!(!Webhook.verify(&AccountConfig::default(), &call(&empty, b"")));
}

#[test]
fn a_signature_is_good_for_five_minutes_either_way() {
    for (seconds, verified) in [(0, true), (300, true), (-300, true), (301, false), (-301, false)] {
        let now = NOW + seconds * 1_000_000;
        let signed = format!("t=1795260000,v1={BY_SHOP}");
        let call = HttpCall { now, ..call(&signed, BODY.as_bytes()) };
        assert_eq!(Webhook.verify(&account(), &call), verified, "{seconds}");
    }
}

#[test]
fn both_secrets_count_while_one_is_changed() {
    let mut changing = account();
    changing.secrets.insert("signing_secret.previous".into(), "whsec_before".into());
    for made in [BY_SHOP, BY_BEFORE] {
        assert!(Webhook.verify(&changing, &call(&format!("t=1795260000,v1={made}"), BODY.as_bytes())));
    }
    let request = &Webhook.plan(&changing, &Destination::thread("c-7"), &Reply::text("hi")).requests[0];
    let sent = request.outgoing(&changing, NOW).unwrap();
    let header = sent.headers.iter().find(|(name, _)| name == SIGNATURE_HEADER).unwrap().1.clone();
    assert_eq!(header.matches(",v1=").count(), 2);
    assert!(Webhook.verify(&account(), &call(&header, &sent.body)), "who has only the new secret");
    assert!(!serde_json::to_string(request).unwrap().contains("whsec"));
}

#[test]
fn own_calls_are_received_as_reviewed() {
    for (name, body) in own("webhook") {
        let received = receive(&body).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_eq!(receive(&body).as_ref(), Ok(&received), "{name}");
        assert_received("webhook", &name, &received.events);
    }
    for none in ["", "[]", "null", "\"x\"", "{", "{}{}", "{\"a\":\"\\ud800\"}"] {
        assert_eq!(receive(none.as_bytes()), Err(Refusal::Malformed), "{none}");
    }
}

fn check_kind(about: &Value, kind: &str) {
    let mut body = json!({"id": 1, "thread": "c-7", "sender": {"id": "c-7"}});
    body.as_object_mut().unwrap().extend(about.as_object().unwrap().clone());
    assert_eq!(event_of(&body).kind(), kind, "{about}");
}

#[test]
fn files_lie_on_the_web_and_nowhere_with_us() {
    let media = |media: Value| json!({ "media": media });
    check_kind(&media(json!({"kind": "image", "url": "https://shop.example/a.jpg"})), "image");
    let at = |source: Value| media(json!({"kind": "image", "source": source}));
    check_kind(&at(json!({"at": "url", "url": "https://shop.example/a.jpg"})), "image");
    for source in [
        json!({"at": "blob", "id": "018f"}),
        json!({"at": "platform", "id": "x"}),
        json!({"at": "url", "url": "file:///etc/passwd"}),
        json!({"at": "url", "url": ""}),
    ] {
        check_kind(&at(source.clone()), "unknown");
        check_kind(&json!({"sticker": {"id": "s", "media": {"kind": "image", "source": source}}}), "unknown");
    }
}

#[test]
fn a_reply_is_one_signed_call_in_our_own_words() {
    let to = Destination { correlation: Some("0199-a".into()), human: true, ..Destination::thread("c-7") };
    let choices = vec![crate::Choice { title: "ใช่".into(), payload: "y".into() }];
    let plan = Webhook.plan(&account(), &to, &Reply { choices, ..Reply::text("ต้องการไหมคะ") });
    let body = json!({
        "type": "reply",
        "id": "0199-a",
        "thread": "c-7",
        "parts": [{"type": "text", "text": "ต้องการไหมคะ"}],
        "choices": [{"title": "ใช่", "payload": "y"}],
        "reply_to": null,
        "human": true,
    });
    assert_eq!(plan.requests[0].body, body);
    let sent = plan.requests[0].outgoing(&account(), NOW).unwrap();
    assert_eq!(sent.url, "https://shop.example/sala");
    assert!(sent.headers.contains(&("idempotency-key".into(), "0199-a".into())));
    assert!(Webhook.plan(&account(), &to, &Reply::default()).requests.is_empty());
}

fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Receipt, SendError> {
    let to = Destination { correlation: Some("k".into()), ..Destination::thread("c-7") };
    let request = &Webhook.plan(&account(), &to, &Reply::text("hi")).requests[0];
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Webhook.outcome(request, &HttpResponse { status, headers, body: body.as_bytes() })
}

#[test]
fn answers_are_understood() {
    assert_eq!(answered(200, &[], r#"{"id":"m9"}"#), Ok(Receipt::sent("m9")));
    assert_eq!(answered(200, &[], r#"{"id":9}"#), Ok(Receipt::sent("9")));
    for (status, body) in [(204, ""), (200, "ok"), (200, "[]"), (409, "{}")] {
        assert_eq!(answered(status, &[], body), Ok(Receipt::sent("k")), "{status}");
    }
    let retry = |after_ms, reason: &str| Err(SendError::Retry { after_ms, reason: reason.into() });
    assert_eq!(answered(429, &[("Retry-After", "7")], ""), retry(Some(7_000), "HTTP 429"));
    assert_eq!(answered(500, &[], r#"{"error":"database"}"#), retry(None, "database"));
    for status in [408, 425, 502, 503, 504, 599] {
        assert!(matches!(answered(status, &[], "<html>"), Err(SendError::Retry { .. })), "{status}");
    }
    for (status, advice) in [
        (401, Advice::CheckToken),
        (403, Advice::CheckToken),
        (301, Advice::CheckAddress),
        (404, Advice::CheckAddress),
        (410, Advice::WaitForPerson),
        (422, Advice::ChangeText),
        (400, Advice::Report),
        (101, Advice::Report),
    ] {
        let Err(SendError::Refused { advice: found, .. }) = answered(status, &[], "") else {
            panic!("{status}")
        };
        assert_eq!(found, advice.as_str(), "{status}");
    }
}

fn shop() -> WebhookSimulator {
    WebhookSimulator::new(SECRET_OF_THE_SHOP, "https://bots.example/hook", "https://shop.example")
}

fn act(shop: &mut WebhookSimulator, act: &CustomerAct) -> Option<Vec<&'static str>> {
    let webhooks = shop.customer("c-7", act, NOW)?;
    let kind = |webhook: crate::simulator::Webhook| {
        let received = Webhook.receive(&account(), &webhook.as_call(NOW + 1_000_000)).unwrap();
        received.events[0].event.kind()
    };
    Some(webhooks.into_iter().map(kind).collect())
}

fn say(shop: &mut WebhookSimulator, reply: &Reply, correlation: &str) -> Result<Receipt, SendError> {
    let to = Destination { correlation: Some(correlation.into()), ..Destination::thread("c-7") };
    let request = &Webhook.plan(&account(), &to, reply).requests[0];
    let (answer, _) = deliver(request, &account(), NOW, |path, call| shop.handle(path, call)).unwrap();
    if answer.status == NO_ANSWER {
        return Err(SendError::Ambiguous { reason: "no answer".into() });
    }
    Webhook.outcome(request, &answer.as_response())
}

#[test]
fn everything_people_do_is_heard() {
    let mut shop = shop();
    let text = || "สวัสดี".to_owned();
    let location = Location { latitude: 13.7, longitude: 100.5, title: None, address: None };
    let contact = Contact { name: "小明".into(), phones: vec!["+861".into()], emails: vec![] };
    let referral = Referral { source: "ad".into(), ..Referral::default() };
    let sends = |kind| CustomerAct::Sends {
        kind,
        name: "a.bin".into(),
        mime: "application/octet-stream".into(),
        bytes: vec![1, 2],
        caption: None,
    };
    let line = || "m1".to_owned();
    for (done, kind) in [
        (CustomerAct::Says { text: text(), quotes: None }, "text"),
        (CustomerAct::Says { text: text(), quotes: Some(line()) }, "text"),
        (sends(MediaKind::Voice), "voice"),
        (sends(MediaKind::Animation), "animation"),
        (CustomerAct::SendsSticker { id: "s1".into() }, "sticker"),
        (CustomerAct::SendsLocation { location }, "location"),
        (CustomerAct::SendsContact { contact }, "contact"),
        (CustomerAct::Reacts { line: line(), emoji: Some("👍".into()) }, "reaction"),
        (CustomerAct::Edits { line: line(), text: text() }, "edited"),
        (CustomerAct::Deletes { line: line() }, "deleted"),
        (CustomerAct::Starts { payload: Some("x".into()) }, "started"),
        (CustomerAct::Leaves, "stopped"),
        (CustomerAct::Arrives { referral: referral.clone(), text: Some(text()) }, "text"),
        (CustomerAct::Arrives { referral, text: None }, "referral"),
        (CustomerAct::Orders { order: Order::default() }, "order"),
        (CustomerAct::RepliesToStory { text: text() }, "story_reply"),
        (CustomerAct::MentionsInStory, "story_mention"),
        (CustomerAct::Comments { text: text() }, "comment"),
        (CustomerAct::ColleagueSays { text: text() }, "echo"),
        (CustomerAct::Reads, "read"),
    ] {
        assert_eq!(act(&mut shop, &done), Some(vec![kind]), "{done:?}");
    }
    assert_eq!(shop.customers(), ["c-7"]);
    assert_eq!(act(&mut shop, &CustomerAct::Presses { title: "no such".into() }), None);
}

#[test]
fn a_reply_comes_once_whatever_fails() {
    let mut shop = shop();
    act(&mut shop, &CustomerAct::Says { text: "hi".into(), quotes: None }).unwrap();
    shop.fail_next(&[
        Fault::TooManyRequests { seconds: 3 },
        Fault::ServerError,
        Fault::Reset,
        Fault::AcceptThenSilence,
        Fault::TokenExpired,
    ]);
    let choices = vec![crate::Choice { title: "Yes".into(), payload: "y".into() }];
    let reply = Reply { choices, ..Reply::text("?") };
    assert!(matches!(say(&mut shop, &reply, "k1"), Err(SendError::Retry { after_ms: Some(3_000), .. })));
    assert!(matches!(say(&mut shop, &reply, "k1"), Err(SendError::Retry { after_ms: None, .. })));
    assert!(say(&mut shop, &reply, "k1").is_err() && say(&mut shop, &reply, "k1").is_err());
    assert!(matches!(say(&mut shop, &reply, "k1"), Err(SendError::Refused { .. })));
    assert_eq!(say(&mut shop, &reply, "k1"), Ok(Receipt::sent("m2")));
    let ours = shop.transcript("c-7").iter().filter(|line| line.from == Speaker::Us).count();
    assert_eq!(ours, 1);
    assert_eq!(act(&mut shop, &CustomerAct::Presses { title: "Yes".into() }), Some(vec!["choice"]));
}

#[test]
fn deeds_and_pings_are_taken() {
    let mut shop = shop();
    act(&mut shop, &CustomerAct::Says { text: "hi".into(), quotes: None }).unwrap();
    let mut status = |request: &PlatformRequest, account: &AccountConfig| {
        deliver(request, account, NOW, |path, call| shop.handle(path, call)).unwrap().0.status
    };
    let to = Destination::thread("c-7");
    let id = || "m1".to_owned();
    for action in [
        Action::Typing,
        Action::Seen { external_id: None },
        Action::React { external_id: id(), emoji: Some("🙏".into()) },
        Action::Edit { external_id: id(), text: "x".into() },
        Action::Delete { external_id: id() },
    ] {
        assert_eq!(status(&Webhook.act(&account(), &to, &action).unwrap(), &account()), 200, "{action:?}");
    }
    let (_, ping) = Webhook.checks(&account()).remove(0);
    assert_eq!(status(&ping, &account()), 200);
    let mut other = account();
    other.secrets.insert(SECRET.into(), "wrong".into());
    assert_eq!(status(&ping, &other), 401);
    other.secrets.clear();
    assert_eq!(status(&ping, &other), 401, "without a secret nothing is signed");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 20, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("(id|url|kind|text|external_id|[a-z]{1,4})", inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_object_is_heard_and_known_again(
        kind in prop::sample::select(KINDS), about in any_json(), id in any_json(), sender in any_json()
    ) {
        let body = json!({"id": id, kind: about, "sender": sender, "sent_at": id}).to_string();
        prop_assert_eq!(receive(body.as_bytes()).unwrap(), receive(body.as_bytes()).unwrap());
    }

    #[test]
    fn bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..200), header in any::<String>()) {
        let _any = receive(&body);
        prop_assert!(!Webhook.verify(&account(), &call(&header, &body)));
    }

    #[test]
    fn the_company_takes_every_reply(reply in replies()) {
        let mut shop = shop();
        act(&mut shop, &CustomerAct::Says { text: "hi".into(), quotes: None }).unwrap();
        for request in Webhook.plan(&account(), &Destination::thread("c-7"), &reply).requests {
            let (answer, _) = deliver(&request, &account(), NOW, |path, call| shop.handle(path, call)).unwrap();
            prop_assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        }
    }
}
