use serde_json::{Value, json};

use crate::messenger::simulator::MessengerSimulator;
use crate::messenger::{Messenger, set_get_started};
use crate::meta::testing::{APP, APP_SECRET, PAGE, TOKEN, account, called};
use crate::simulator::{CustomerAct, Simulator, deliver};
use crate::{
    AccountCheck, AccountConfig, Advice, Channel, HttpResponse, MediaSource, PlatformRequest, Profile,
    SendError, Transport,
};

fn answer(
    messenger: &mut MessengerSimulator,
    account: &AccountConfig,
    request: &PlatformRequest,
) -> (u16, Value) {
    let (answer, _) = deliver(request, account, 1, |path, call| messenger.handle(path, call)).unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

#[test]
fn the_token_stands_in_a_header_by_name() {
    let all = Messenger.checks(&account()).into_iter().map(|(_, request)| request);
    for request in all.chain(Messenger.register(&account(), "https://bots.example/hook")) {
        let Transport::Http { url, headers, .. } = &request.transport else { panic!("not HTTP") };
        let stored = format!("{url} {headers:?}");
        assert!(!stored.contains(TOKEN) && !stored.contains(APP_SECRET), "{stored}");
        assert!(stored.contains("{access_token}") || stored.contains("{app_secret}"), "{stored}");
    }
}

#[test]
fn registration_sets_the_webhook_and_subscribes_the_page() {
    let requests = Messenger.register(&account(), "https://bots.example/hook");
    let (path, body) = called(&requests[0]);
    assert_eq!(path, format!("{APP}/subscriptions"));
    assert_eq!(body["callback_url"], "https://bots.example/hook");
    assert_eq!(body["verify_token"], "meatyhamhock");
    let (path, body) = called(&requests[1]);
    assert_eq!(path, format!("{PAGE}/subscribed_apps"));
    for field in ["messages", "message_echoes", "standby", "feed", "messaging_policy_enforcement"] {
        assert!(body["subscribed_fields"].as_str().unwrap().split(',').any(|one| one == field), "{field}");
    }
    let mut unknown = account();
    unknown.settings.clear();
    assert_eq!(Messenger.register(&unknown, "https://bots.example/hook").len(), 1);

    let mut messenger = MessengerSimulator::new(PAGE, TOKEN, APP, APP_SECRET);
    let hello = CustomerAct::Says { text: "hi".into(), quotes: None };
    assert_eq!(messenger.customer("7", &hello, 0), Some(Vec::new()));
    for request in &requests {
        assert_eq!(answer(&mut messenger, &account(), request), (200, json!({"success": true})));
    }
    assert_eq!(messenger.customer("7", &hello, 0).unwrap()[0].url, "https://bots.example/hook");
    let begun = answer(&mut messenger, &account(), &set_get_started(&account()));
    assert_eq!(begun, (200, json!({"result": "success"})));
}

#[test]
fn checks_say_what_is_wrong() {
    let mut messenger = MessengerSimulator::new(PAGE, TOKEN, APP, APP_SECRET);
    let mut check = |account: &AccountConfig, wanted: AccountCheck| {
        let checks = Messenger.checks(account);
        let (_, request) = checks.iter().find(|(check, _)| *check == wanted).unwrap();
        let (answer, _) = deliver(request, account, 1, |path, call| messenger.handle(path, call)).unwrap();
        Messenger.outcome(request, &answer.as_response())
    };
    assert!(check(&account(), AccountCheck::Token).is_ok());
    assert!(check(&account(), AccountCheck::Scopes).is_ok());
    let advised = |advice: Advice, found: Result<_, SendError>| match found {
        Err(SendError::Refused { advice: found, .. }) => assert_eq!(found, advice.as_str()),
        other => panic!("{other:?}"),
    };
    advised(Advice::UseWebhook, check(&account(), AccountCheck::Webhook));
    let mut wrong = account();
    wrong.secrets.insert("access_token".into(), "other".into());
    advised(Advice::CheckToken, check(&wrong, AccountCheck::Token));
    advised(Advice::CheckToken, check(&wrong, AccountCheck::Scopes));
}

#[test]
fn a_token_without_rights_is_told() {
    let (_, request) = &Messenger.checks(&account())[1];
    let body = br#"{"data":{"is_valid":true,"scopes":["pages_messaging"]}}"#;
    let found = Messenger.outcome(request, &HttpResponse { status: 200, headers: Vec::new(), body });
    let Err(SendError::Refused { reason, advice, .. }) = found else { panic!("{found:?}") };
    assert_eq!(
        (reason.as_str(), advice.as_str()),
        ("the token lacks pages_manage_metadata", "ask-for-rights")
    );
}

#[test]
fn profiles_are_read_where_meta_tells_them() {
    let request = Messenger.profile_request(&account(), "5275811702471834").unwrap();
    assert_eq!(called(&request).0, "5275811702471834?fields=first_name,last_name,profile_pic");
    for nobody in ["", "comment:1_2", "user_ref:x"] {
        assert_eq!(Messenger.profile_request(&account(), nobody), None);
    }
    let read = |status, body: &str| {
        Messenger.profile(&HttpResponse { status, headers: Vec::new(), body: body.as_bytes() })
    };
    let body = r#"{"first_name":"Peter","last_name":"Chang","profile_pic":"https://x/p.jpg","locale":"en_US","id":"1"}"#;
    let peter = Profile {
        name: Some("Peter Chang".into()),
        picture: Some(MediaSource::Url { url: "https://x/p.jpg".into() }),
        language: Some("en-US".into()),
        ..Profile::default()
    };
    assert_eq!(read(200, body), Some(peter));
    assert_eq!(read(200, r#"{"id":"1"}"#), None);
    assert_eq!(read(400, r#"{"error":{"code":100,"error_subcode":33,"message":"x"}}"#), None);
    assert_eq!(read(200, "<html>"), None);
}
