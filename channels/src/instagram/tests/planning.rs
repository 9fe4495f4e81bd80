use proptest::prelude::*;
use serde_json::{Value, json};

use crate::degrade::arbitrary::replies;
use crate::instagram::simulator::InstagramSimulator;
use crate::instagram::{Instagram, refresh_token};
use crate::meta::testing::{APP, APP_SECRET, PAGE, TOKEN, account, bodies, called};
use crate::simulator::{CustomerAct, Simulator, deliver};
use crate::{
    AccountConfig, Action, Button, ButtonAction, Card, Channel, ChannelName, Choice, Destination, Loss,
    MediaKind, Part, Reply, Transport,
};

/// The documented samples: a reply and the messages that show it.
fn check(reply: &Reply, expected: &[Value]) {
    let found = bodies(ChannelName::Instagram, &Destination::thread("7"), reply);
    let wrap = |message: &Value| json!({"recipient": {"id": "7"}, "message": message});
    assert_eq!(found, expected.iter().map(wrap).collect::<Vec<_>>());
}

fn of(part: Part) -> Reply {
    Reply { parts: vec![part], ..Reply::default() }
}

fn media(kind: MediaKind, url: &str) -> Reply {
    of(Part::Media { kind, url: url.into(), alt: None })
}

fn choices(count: usize, title: &str) -> Vec<Choice> {
    (0..count).map(|at| Choice { title: title.into(), payload: format!("p{at}") }).collect()
}

/// An account that hangs on a page.
fn on_a_page() -> AccountConfig {
    let mut account = account();
    account.settings.insert("login".into(), "facebook".into());
    account.settings.insert("page_id".into(), "555".into());
    account
}

#[test]
fn documented_samples_are_planned() {
    check(&Reply::text("Hello World!"), &[json!({"text": "Hello World!"})]);
    for (kind, name) in [
        (MediaKind::Image, "image"),
        (MediaKind::Animation, "image"),
        (MediaKind::Audio, "audio"),
        (MediaKind::Voice, "audio"),
        (MediaKind::Video, "video"),
    ] {
        let expected = json!({"attachment": {"type": name, "payload": {"url": "https://x/a"}}});
        check(&media(kind, "https://x/a"), &[expected]);
    }
    let quick = Reply { choices: choices(1, "Red"), ..Reply::text("Pick") };
    let reply = json!({"content_type": "text", "title": "Red", "payload": "p0"});
    check(&quick, &[json!({"text": "Pick", "quick_replies": [reply]})]);
    let quoting = Reply { reply_to: Some("M0".into()), ..Reply::text("hi") };
    let body = &bodies(ChannelName::Instagram, &Destination::thread("7"), &quoting)[0];
    assert_eq!(body["reply_to"], json!({"mid": "M0"}));
    let marked = Destination { correlation: Some("x".into()), ..Destination::thread("7") };
    let body = &bodies(ChannelName::Instagram, &marked, &Reply::text("hi"))[0];
    assert_eq!(body["message"], json!({"text": "hi"}), "Instagram takes no mark of ours");
    let human = Destination { human: true, ..Destination::thread("7") };
    let body = &bodies(ChannelName::Instagram, &human, &Reply::text("hi"))[0];
    assert_eq!((&body["messaging_type"], &body["tag"]), (&json!("MESSAGE_TAG"), &json!("HUMAN_AGENT")));
}

#[test]
fn only_pdf_goes_as_a_file() {
    let pdf = json!({"attachment": {"type": "file", "payload": {"url": "https://x/a.PDF?b=1"}}});
    check(&media(MediaKind::File, "https://x/a.PDF?b=1"), &[pdf]);
    let plan =
        Instagram.plan(&account(), &Destination::thread("7"), &media(MediaKind::File, "https://x/a.docx"));
    assert_eq!(plan.requests[0].body["message"], json!({"text": "https://x/a.docx"}));
    assert_eq!((plan.lost[0].part, plan.lost[0].what), (Some(0), Loss::MediaLinked));
}

#[test]
fn the_login_chooses_the_host_and_the_speaker() {
    let url = |account: &AccountConfig| {
        let request = &Instagram.plan(account, &Destination::thread("7"), &Reply::text("hi")).requests[0];
        let Transport::Http { url, headers, .. } = &request.transport else { panic!("not HTTP") };
        assert_eq!(headers, &[("authorization".to_owned(), "Bearer {access_token}".to_owned())]);
        url.clone()
    };
    assert_eq!(url(&account()), format!("https://graph.instagram.com/v25.0/{PAGE}/messages"));
    assert_eq!(url(&on_a_page()), "https://graph.facebook.com/v25.0/555/messages");
    let nameless = AccountConfig { external_id: String::new(), ..account() };
    assert_eq!(url(&nameless), "https://graph.instagram.com/v25.0/me/messages");
    let refreshed = refresh_token(&account());
    assert!(called(&refreshed).0.starts_with("refresh_access_token?grant_type=ig_refresh_token"));
}

#[test]
fn a_comment_is_answered_privately_or_publicly() {
    let private = Destination::thread("comment:179");
    let plan = Instagram.plan(&account(), &private, &Reply::text("hi"));
    assert_eq!(plan.requests[0].body["recipient"], json!({"comment_id": "179"}));
    let public = Destination { hints: vec![("answer".into(), "public".into())], ..private };
    let plan = Instagram.plan(&account(), &public, &Reply::text("hi"));
    assert_eq!(called(&plan.requests[0]), ("179/replies", &json!({"message": "hi"})));
}

#[test]
fn actions_are_calls_where_the_login_has_them() {
    let react =
        |emoji: Option<&str>| Action::React { external_id: "M".into(), emoji: emoji.map(str::to_owned) };
    let act = |account: &AccountConfig, action: &Action| {
        Instagram.act(account, &Destination::thread("7"), action).map(|request| request.body)
    };
    let loved = json!({"recipient": {"id": "7"}, "sender_action": "react",
        "payload": {"message_id": "M", "reaction": "love"}});
    assert_eq!(act(&account(), &react(Some("❤️"))), Some(loved));
    assert_eq!(act(&account(), &react(Some("👎"))), None);
    assert!(act(&account(), &react(None)).is_some());
    let pass = Action::PassControl { metadata: "m".into() };
    for action in [Action::Typing, Action::Seen { external_id: None }, pass] {
        assert_eq!(act(&account(), &action), None);
        assert!(act(&on_a_page(), &action).is_some());
    }
}

fn instagram() -> InstagramSimulator {
    let mut instagram = InstagramSimulator::new(PAGE, TOKEN, APP, APP_SECRET);
    instagram.customer("7", &CustomerAct::Says { text: "hi".into(), quotes: None }, 0).unwrap();
    instagram
}

fn statuses(reply: &Reply) -> Vec<u16> {
    let mut instagram = instagram();
    let send = |request| deliver(request, &account(), 1, |path, call| instagram.handle(path, call)).unwrap();
    let plan = Instagram.plan(&account(), &Destination::thread("7"), reply);
    plan.requests.iter().map(send).map(|(answer, _)| answer.status).collect()
}

#[test]
fn texts_are_counted_in_bytes_and_titles_in_characters() {
    assert_eq!(statuses(&Reply::text("a".repeat(1000))), [200]);
    assert_eq!(statuses(&Reply::text("a".repeat(1001))), [200, 200]);
    assert_eq!(statuses(&Reply::text("ก".repeat(334))), [200, 200]);
    let quick = |title: usize| Reply { choices: choices(13, &"ก".repeat(title)), ..Reply::text("?") };
    assert_eq!(statuses(&quick(20)), [200]);
    let plan = |reply: &Reply| Instagram.plan(&account(), &Destination::thread("7"), reply);
    assert!(plan(&quick(20)).numbered.is_empty());
    assert_eq!(plan(&quick(21)).numbered.len(), 13);
    let button = Button { title: "ก".repeat(20), action: ButtonAction::Choose { payload: "p".into() } };
    let card =
        Card {
            title: "ก".repeat(80), text: Some("ข".repeat(80)), image_url: None, buttons: vec![button; 3]
        };
    assert_eq!(statuses(&of(Part::Cards { cards: vec![card; 10] })), [200]);
}

proptest! {
    #[test]
    fn instagram_takes_every_reply(reply in replies(), on_page: bool) {
        let mut instagram = instagram();
        let account = if on_page { on_a_page() } else { account() };
        for request in Instagram.plan(&account, &Destination::thread("7"), &reply).requests {
            let (answer, _) = deliver(&request, &account, 1, |path, call| instagram.handle(path, call)).unwrap();
            let words = String::from_utf8_lossy(&answer.body).into_owned();
            prop_assert_eq!(answer.status, 200, "{} {}", request.body, words);
            let receipt = Instagram.outcome(&request, &answer.as_response()).unwrap();
            prop_assert!(receipt.external_id.starts_with("aWdf"));
        }
    }
}
