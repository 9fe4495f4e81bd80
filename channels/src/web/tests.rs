use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::simulator::WebVisitor;
use super::*;
use crate::degrade::arbitrary::replies;
use crate::fixtures::{assert_received, own};
use crate::{
    Button, ButtonAction, Choice, Content, Event, HttpMethod, Loss, Part, ReceiptState, Reply, Transport,
};

const NOW: i64 = 1_795_260_000_000_000;
const KEY: &str = "site-key-of-the-shop";

fn account() -> AccountConfig {
    let secrets = [("site_key".to_owned(), KEY.to_owned())];
    AccountConfig { id: "shop".into(), secrets: secrets.into(), ..AccountConfig::default() }
}

fn call<'a>(authorizations: &[String], body: &'a [u8]) -> HttpCall<'a> {
    let headers = authorizations.iter().map(|value| ("authorization".to_owned(), value.clone())).collect();
    HttpCall { method: HttpMethod::Post, query: Vec::new(), headers, body, now: NOW }
}

fn receive(body: &[u8]) -> Result<Received, Refusal> {
    let token = issue_token(&account(), "v-1", NOW).unwrap();
    Web.receive(&account(), &call(&[format!("Bearer {token}")], body))
}

#[test]
fn own_frames_are_received_as_reviewed() {
    for (name, body) in own("web") {
        let received = receive(&body).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert_received("web", &name, &received.events);
    }
}

#[test]
fn what_is_no_frame_is_malformed() {
    for (name, body) in own("web/refused") {
        assert_eq!(receive(&body), Err(Refusal::Malformed), "{name}");
    }
}

#[test]
fn what_is_too_long_is_told_so() {
    for (name, body) in own("web/too_long") {
        assert_eq!(receive(&body), Err(Refusal::TooLong), "{name}");
    }
    let frame =
        |size: usize| json!({"type": "choice", "client_id": "a", "payload": "p", "x": "y".repeat(size)});
    assert!(receive(frame(FRAME_LIMIT - 100).to_string().as_bytes()).is_ok());
    assert_eq!(receive(frame(FRAME_LIMIT).to_string().as_bytes()), Err(Refusal::TooLong));
}

#[test]
fn a_token_names_its_visitor() {
    // The signature was made by Python's hmac, not by this code.
    let token = "v1.v-1.1795260000000000.PR7kVwdwkUKzZi6wKLWfQTnsuSgQ5VOUf82y1DwvAuQ";
    assert_eq!(issue_token(&account(), "v-1", NOW).unwrap(), token);
    assert_eq!(verify_token(&account(), token, NOW).as_deref(), Some("v-1"));
}

#[test]
fn only_safe_ids_get_tokens() {
    for id in ["", "a.b", "a b", "ก", "a:b", &"x".repeat(65)] {
        assert_eq!(issue_token(&account(), id, NOW), None, "{id}");
    }
    assert_eq!(issue_token(&AccountConfig::default(), "v-1", NOW), None);
}

#[test]
fn both_keys_verify_while_one_is_changed() {
    let old = issue_token(&account(), "v-1", NOW).unwrap();
    let mut changed = account();
    changed.secrets.insert("site_key".into(), "new".into());
    assert_eq!(verify_token(&changed, &old, NOW), None);
    changed.secrets.insert("site_key.previous".into(), KEY.into());
    assert_eq!(verify_token(&changed, &old, NOW).as_deref(), Some("v-1"));
    let new = issue_token(&changed, "v-1", NOW).unwrap();
    assert_ne!(new, old);
    assert_eq!(verify_token(&changed, &new, NOW).as_deref(), Some("v-1"));
}

/// A stored token gives nobody more than the sign-in from which it came.
#[test]
fn a_signed_in_visitors_token_ends_with_the_sign_in() {
    let identity = |until| Identity { visitor: "s-abc".to_owned(), name: None, until };
    let until = NOW + 600_000_000;
    let token = issue_signed_in_token(&account(), &identity(until), NOW).unwrap();
    assert_eq!(verify_token(&account(), &token, until - 1).as_deref(), Some("s-abc"));
    for now in [until, until + 1, i64::MAX] {
        assert_eq!(verify_token(&account(), &token, now), None);
    }
    let longer = token.replace(&until.to_string(), &(until + 1).to_string());
    assert_eq!(verify_token(&account(), &longer, NOW), None, "its end is signed");
    // One from before sign-ins ended is of nobody.
    let endless = issue_token(&account(), "s-abc", NOW).unwrap();
    assert_eq!(verify_token(&account(), &endless, NOW), None);
    // A frame of somebody whose sign-in ended meanwhile is not theirs.
    let spent = issue_signed_in_token(&account(), &identity(NOW), NOW - 1).unwrap();
    check_unverified(&[&format!("Bearer {spent}")]);
}

#[test]
fn an_empty_key_signs_and_proves_nothing() {
    let mut empty = account();
    empty.secrets.insert("site_key".into(), String::new());
    assert_eq!(issue_token(&empty, "v-1", NOW), None);
    assert_eq!(verify_token(&empty, &issue_token(&account(), "v-1", NOW).unwrap(), NOW), None);
}

fn check_unverified(authorizations: &[&str]) {
    let authorizations: Vec<String> = authorizations.iter().map(|&value| value.to_owned()).collect();
    for body in [b"{\"type\":\"message\",\"client_id\":\"a\",\"text\":\"hi\"}".as_slice(), b"not json"] {
        let refused = Web.receive(&account(), &call(&authorizations, body));
        assert_eq!(refused, Err(Refusal::Unverified), "{authorizations:?}");
    }
}

#[test]
fn only_a_whole_token_verifies() {
    let token = issue_token(&account(), "v-1", NOW).unwrap();
    let bearer = format!("Bearer {token}");
    check_unverified(&[]);
    check_unverified(&[""]);
    check_unverified(&["Bearer "]);
    check_unverified(&[&token]);
    check_unverified(&[&bearer, &bearer]);
    check_unverified(&[&format!("bearer {token}")]);
    check_unverified(&[&format!("Bearer  {token}")]);
    check_unverified(&[&bearer[..bearer.len() - 1]]);
    check_unverified(&[&format!("{bearer}A")]);
    check_unverified(&[&format!("{bearer}=")]);
    check_unverified(&[&bearer.replace("v-1", "v-2")]);
    check_unverified(&[&bearer.replace("v1.", "v2.")]);
    check_unverified(&[&bearer.replace("1795260000000000", "1795260000000001")]);
    check_unverified(&["Bearer v1.v-1.1795260000000000."]);
    check_unverified(&["Bearer ...."]);
    for cut in 1..44 {
        check_unverified(&[&bearer[..bearer.len() - cut]]);
    }
    for byte in 0..token.len() {
        for bit in 0..7 {
            let mut flipped = token.as_bytes().to_vec();
            flipped[byte] ^= 1 << bit;
            check_unverified(&[&format!("Bearer {}", std::str::from_utf8(&flipped).unwrap())]);
        }
    }
}

#[test]
fn a_reply_is_one_event() {
    let button = |title: &str, url: &str| Button {
        title: title.into(),
        action: ButtonAction::Open { url: url.into() },
    };
    let reply = Reply {
        parts: vec![
            Part::Text { text: "สวัสดี".into() },
            Part::Buttons { text: "?".into(), buttons: vec![button("Site", "https://x.example")] },
        ],
        choices: vec![Choice { title: "是".into(), payload: "y".into() }],
        reply_to: Some("v-1:c1".into()),
        template: None,
    };
    let to = Destination { thread: "v-1".into(), ..Destination::default() };
    let plan = Web.plan(&account(), &to, &reply);
    let [request] = plan.requests.as_slice() else { panic!("{plan:?}") };
    assert_eq!(request.transport, Transport::Live { thread: "v-1".into() });
    assert_eq!(request.body, serde_json::to_value(&reply).unwrap());
    assert_eq!(plan.lost, []);
    assert_eq!(Web.plan(&account(), &to, &Reply::default()).requests, []);

    let reply = Reply {
        parts: vec![Part::Buttons { text: "?".into(), buttons: vec![button("Run", "javascript:alert(1)")] }],
        ..Reply::default()
    };
    let plan = Web.plan(&account(), &to, &reply);
    assert_eq!(
        plan.requests[0].body["parts"],
        json!([{"type": "text", "text": "?\n\nRun\njavascript:alert(1)"}])
    );
    assert_eq!(plan.lost[0].what, Loss::ButtonsNumbered);
}

#[test]
fn an_event_is_sent_once_it_is_logged() {
    let to = Destination { thread: "v-1".into(), ..Destination::default() };
    let request = &Web.plan(&account(), &to, &Reply::text("hi")).requests[0];
    let outcome = |status| Web.outcome(request, &HttpResponse { status, headers: vec![], body: b"" });
    assert_eq!(outcome(200).unwrap().state, ReceiptState::Sent);
    assert!(matches!(outcome(503), Err(SendError::Retry { after_ms: None, .. })));
}

#[test]
fn a_visitor_talks_and_presses() {
    let mut visitor = WebVisitor::new(&account(), "v-1", NOW).unwrap();
    let content = |visitor: &WebVisitor, frame: serde_json::Value| {
        let frame = frame.to_string();
        let received = Web.receive(&account(), &visitor.call(frame.as_bytes(), NOW)).unwrap();
        let Some(Event::Message(message)) = received.events.into_iter().next().map(|heard| heard.event)
        else {
            panic!()
        };
        assert_eq!(message.thread, "v-1");
        message.content
    };
    let frame = visitor.says("สวัสดีค่ะ", NOW);
    assert_eq!(content(&visitor, frame), Content::Text { text: "สวัสดีค่ะ".into() });
    let reply =
        Reply { choices: vec![Choice { title: "Yes".into(), payload: "y".into() }], ..Reply::text("Ok?") };
    let to = Destination { thread: "v-1".into(), ..Destination::default() };
    let plan = Web.plan(&account(), &to, &reply);
    assert!(visitor.hears(&plan.requests[0], NOW));
    let frame = visitor.presses("Yes", NOW).unwrap();
    assert_eq!(
        content(&visitor, frame),
        Content::Choice { payload: "y".into(), title: Some("Yes".into()), values: BTreeMap::new() }
    );
    assert_eq!(visitor.presses("No", NOW), None);
    let texts: Vec<&str> = visitor.transcript().iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["สวัสดีค่ะ", "Ok?", "Yes"]);
    let elsewhere = Destination { thread: "v-2".into(), ..Destination::default() };
    assert!(!visitor.hears(&Web.plan(&account(), &elsewhere, &reply).requests[0], NOW));
}

proptest! {
    #[test]
    fn bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..300), token in any::<String>()) {
        prop_assert!(receive(&body).is_err());
        let refused = Web.receive(&account(), &call(&[format!("Bearer {token}")], &body));
        prop_assert_eq!(refused, Err(Refusal::Unverified));
    }

    #[test]
    fn frames_never_panic(kind in "(message|choice|[a-z]{3})", text in any::<String>(), id in "[a-z.]{0,3}") {
        let frame = json!({"type": kind, "client_id": id, "text": text, "payload": text, "title": text});
        if let Ok(received) = receive(frame.to_string().as_bytes()) {
            prop_assert_eq!(received.events.len(), 1);
        }
    }

    #[test]
    fn a_visitor_sees_every_reply(reply in replies()) {
        let to = Destination { thread: "v-1".into(), ..Destination::default() };
        let plan = Web.plan(&account(), &to, &reply);
        prop_assert!(plan.requests.len() <= 1);
        let mut visitor = WebVisitor::new(&account(), "v-1", NOW).unwrap();
        for request in &plan.requests {
            prop_assert!(visitor.hears(request, NOW));
            prop_assert!(request.body.to_string().len() > 2);
        }
    }
}
