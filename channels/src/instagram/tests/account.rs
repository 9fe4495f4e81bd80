use crate::instagram::simulator::InstagramSimulator;
use crate::instagram::{Instagram, refresh_token};
use crate::meta::testing::{APP, APP_SECRET, PAGE, TOKEN, account, called};
use crate::simulator::{CustomerAct, Simulator, deliver};
use crate::{AccountCheck, AccountConfig, Channel, HttpResponse, MediaSource, Profile};

fn on_a_page() -> AccountConfig {
    let mut account = account();
    account.settings.insert("login".into(), "facebook".into());
    account
}

#[test]
fn each_login_registers_in_its_own_way() {
    let paths = |account: &AccountConfig| {
        let requests = Instagram.register(account, "https://bots.example/hook");
        requests.iter().map(|request| called(request).0.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(paths(&account()), [format!("{PAGE}/subscribed_apps")]);
    assert_eq!(paths(&on_a_page()), [format!("{APP}/subscriptions"), "me/subscribed_apps".to_owned()]);
    let mut instagram = InstagramSimulator::new(PAGE, TOKEN, APP, APP_SECRET);
    for request in Instagram.register(&on_a_page(), "https://bots.example/hook") {
        let (answer, _) =
            deliver(&request, &on_a_page(), 1, |path, call| instagram.handle(path, call)).unwrap();
        assert!(Instagram.outcome(&request, &answer.as_response()).is_ok());
    }
    let hello = CustomerAct::Says { text: "hi".into(), quotes: None };
    assert_eq!(instagram.customer("7", &hello, 0).unwrap()[0].url, "https://bots.example/hook");
}

#[test]
fn checks_pass_on_a_good_account() {
    let mut instagram =
        InstagramSimulator::new(PAGE, TOKEN, APP, APP_SECRET).with_webhook("https://bots.example/hook");
    for account in [account(), on_a_page()] {
        let checks = Instagram.checks(&account);
        let has_scopes = checks.iter().any(|(check, _)| *check == AccountCheck::Scopes);
        assert_eq!(has_scopes, account.settings.contains_key("login"));
        for (check, request) in checks {
            let (answer, _) =
                deliver(&request, &account, 1, |path, call| instagram.handle(path, call)).unwrap();
            let found = Instagram.outcome(&request, &answer.as_response());
            assert!(found.is_ok(), "{check:?}: {found:?}");
        }
    }
    let (answer, _) =
        deliver(&refresh_token(&account()), &account(), 1, |path, call| instagram.handle(path, call))
            .unwrap();
    assert!(String::from_utf8_lossy(&answer.body).contains(TOKEN));
}

#[test]
fn profiles_have_a_name_and_a_handle() {
    let request = Instagram.profile_request(&account(), "5614879045272581").unwrap();
    assert_eq!(called(&request).0, "5614879045272581?fields=name,username,profile_pic");
    let body = br#"{"name":"Somying","username":"somying.j","profile_pic":"https://x/p.jpg","id":"1"}"#;
    let expected = Profile {
        name: Some("Somying".into()),
        username: Some("somying.j".into()),
        picture: Some(MediaSource::Url { url: "https://x/p.jpg".into() }),
        language: None,
    };
    assert_eq!(Instagram.profile(&HttpResponse { status: 200, headers: Vec::new(), body }), Some(expected));
}

#[test]
fn both_ids_of_an_account_are_learned() {
    let check = |account: &AccountConfig, body: &str, expected: (bool, Option<&str>, Option<&str>)| {
        let response = HttpResponse { status: 200, headers: Vec::new(), body: body.as_bytes() };
        let found = Instagram.finding(account, AccountCheck::Token, &response);
        let ids = (found.good, found.external_id.as_deref(), found.other_external_id.as_deref());
        assert_eq!(ids, expected, "{body}");
    };
    let own = r#"{"id":"31","user_id":"17841400000000001","username":"shop"}"#;
    check(&account(), own, (true, Some("17841400000000001"), Some("31")));
    let linked = r#"{"id":"105","name":"Shop","instagram_business_account":{"id":"17841400000000001"}}"#;
    check(&on_a_page(), linked, (true, Some("17841400000000001"), Some("17841400000000001")));
    check(&on_a_page(), r#"{"id":"105","name":"Shop"}"#, (false, None, None));
}
