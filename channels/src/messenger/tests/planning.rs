use proptest::prelude::*;
use serde_json::{Value, json};

use crate::degrade::arbitrary::replies;
use crate::fixtures::{read, shared};
use crate::messenger::Messenger;
use crate::messenger::simulator::MessengerSimulator;
use crate::meta::testing::{APP, APP_SECRET, PAGE, TOKEN, account, bodies, called};
use crate::simulator::{CustomerAct, Simulator, deliver};
use crate::{
    Action, Button, ButtonAction, Card, Channel, ChannelName, Choice, Destination, Loss, MediaKind, Part,
    Reply, Template, TemplatePart,
};

/// The documented samples of channels.md: a reply and the messages that show it.
fn check(reply: &Reply, expected: &[Value]) {
    let found = bodies(ChannelName::Messenger, &Destination::thread("P"), reply);
    let wrap =
        |message: &Value| json!({"recipient": {"id": "P"}, "messaging_type": "RESPONSE", "message": message});
    assert_eq!(found, expected.iter().map(wrap).collect::<Vec<_>>());
}

fn of(part: Part) -> Reply {
    Reply { parts: vec![part], ..Reply::default() }
}

fn open(title: &str, url: &str) -> Button {
    Button { title: title.into(), action: ButtonAction::Open { url: url.into() } }
}

fn choose(title: &str, payload: &str) -> Button {
    Button { title: title.into(), action: ButtonAction::Choose { payload: payload.into() } }
}

fn choices(titles: &[&str]) -> Vec<Choice> {
    let choice = |title: &&str| Choice { title: (*title).into(), payload: format!("PICK_{title}") };
    titles.iter().map(choice).collect()
}

fn card(title: &str, text: Option<&str>) -> Card {
    Card { title: title.into(), text: text.map(str::to_owned), image_url: None, buttons: Vec::new() }
}

#[test]
fn documented_samples_are_planned() {
    check(&Reply::text("hello, world!"), &[json!({"text": "hello, world!"})]);
    check(&Reply::default(), &[]);
    let colours = Reply { choices: choices(&["Red", "Green"]), ..Reply::text("Pick a color:") };
    let reply =
        |title: &str| json!({"content_type": "text", "title": title, "payload": format!("PICK_{title}")});
    check(&colours, &[json!({"text": "Pick a color:", "quick_replies": [reply("Red"), reply("Green")]})]);
    let image = Part::Media { kind: MediaKind::Image, url: "https://x/a.jpg".into(), alt: None };
    check(&of(image), &[json!({"attachment": {"type": "image", "payload": {"url": "https://x/a.jpg"}}})]);
    let next = vec![open("Open", "https://x"), choose("Chat", "START")];
    let payload = json!({"template_type": "button", "text": "What next?", "buttons": [
        {"type": "web_url", "url": "https://x", "title": "Open"},
        {"type": "postback", "title": "Chat", "payload": "START"},
    ]});
    check(
        &of(Part::Buttons { text: "What next?".into(), buttons: next }),
        &[json!({"attachment": {"type": "template", "payload": payload}})],
    );
    let welcome = Card {
        image_url: Some("https://x/a.png".into()),
        buttons: vec![choose("Buy", "BUY_1")],
        ..card("Welcome", Some("sub"))
    };
    let element = json!({"title": "Welcome", "subtitle": "sub", "image_url": "https://x/a.png",
        "buttons": [{"type": "postback", "title": "Buy", "payload": "BUY_1"}]});
    let payload = json!({"template_type": "generic", "elements": [element]});
    check(
        &of(Part::Cards { cards: vec![welcome] }),
        &[json!({"attachment": {"type": "template", "payload": payload}})],
    );
}

/// Templates that somebody else wrote come out of our planner as they are.
#[test]
fn templates_of_others_are_planned() {
    let Some(folder) = shared("templates_of_others_are_planned", "messenger/botbuilder-facebook") else {
        return;
    };
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let mut seen = 0;
    for (name, body) in read(&folder).into_iter().filter(|(name, _)| name.starts_with("send-")) {
        let payload = crate::json::read_mended_json(&body).unwrap();
        if payload["template_type"] != "button" {
            continue;
        }
        let button = |button: &Value| match button["type"].as_str() {
            Some("web_url") => open(&text(button, "title"), &text(button, "url")),
            _ => choose(&text(button, "title"), &text(button, "payload")),
        };
        let buttons = payload["buttons"].as_array().unwrap().iter().map(button).collect();
        let reply = of(Part::Buttons { text: text(&payload, "text"), buttons });
        let planned = bodies(ChannelName::Messenger, &Destination::thread("P"), &reply);
        assert_eq!(planned[0]["message"]["attachment"]["payload"], payload, "{name}");
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn each_kind_of_file_has_its_type() {
    let kinds = [
        (MediaKind::Image, "image"),
        (MediaKind::Animation, "image"),
        (MediaKind::Video, "video"),
        (MediaKind::Audio, "audio"),
        (MediaKind::Voice, "audio"),
        (MediaKind::File, "file"),
    ];
    for (kind, name) in kinds {
        let part = Part::Media {
            kind, url: "https://x/ไฟล์.pdf".into(), alt: Some("ดูนี่".into())
        };
        let url = "https://x/%E0%B9%84%E0%B8%9F%E0%B8%A5%E0%B9%8C.pdf";
        let file = json!({"attachment": {"type": name, "payload": {"url": url}}});
        check(&of(part), &[file, json!({"text": "ดูนี่"})]);
    }
}

#[test]
fn a_card_that_is_only_a_title_is_said() {
    let cards = vec![card("A", Some("a")), card("B", None), card("C", Some("c"))];
    let template = |title: &str, text: &str| {
        let payload = json!({"template_type": "generic", "elements": [{"title": title, "subtitle": text}]});
        json!({"attachment": {"type": "template", "payload": payload}})
    };
    check(&of(Part::Cards { cards }), &[template("A", "a"), json!({"text": "B"}), template("C", "c")]);
}

#[test]
fn quotes_marks_and_people_stand_where_meta_wants_them() {
    let to = Destination {
        correlation: Some("0196f0c0-1111-7222-8333-444455556666".into()),
        ..Destination::thread("P")
    };
    let reply = Reply { reply_to: Some("m_1".into()), ..Reply::text("hi") };
    let message = json!({"text": "hi", "metadata": "0196f0c0-1111-7222-8333-444455556666"});
    let expected = json!({"recipient": {"id": "P"}, "messaging_type": "RESPONSE", "message": message,
        "reply_to": {"mid": "m_1"}});
    assert_eq!(bodies(ChannelName::Messenger, &to, &reply), [expected]);
    let parts =
        Reply { parts: [Reply::text("a").parts, Reply::text("b").parts].concat(), ..Reply::default() };
    let marks = bodies(ChannelName::Messenger, &to, &parts);
    let marks: Vec<&Value> = marks.iter().map(|body| &body["message"]["metadata"]).collect();
    let second = "0196f0c0-1111-7222-8333-444455556666/1";
    assert_eq!(marks, ["0196f0c0-1111-7222-8333-444455556666", second]);

    let late = Destination { human: true, ..Destination::thread("P") };
    let tagged = json!({"recipient": {"id": "P"}, "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT",
        "message": {"text": "late human answer"}});
    assert_eq!(bodies(ChannelName::Messenger, &late, &Reply::text("late human answer")), [tagged]);
    let in_time = Destination { hints: vec![("window".into(), "open".into())], ..late };
    let body = &bodies(ChannelName::Messenger, &in_time, &Reply::text("hi"))[0];
    assert_eq!((&body["messaging_type"], body.get("tag")), (&json!("RESPONSE"), None));

    let by_plugin =
        bodies(ChannelName::Messenger, &Destination::thread("user_ref:cb-77"), &Reply::text("hi"));
    assert_eq!(by_plugin[0]["recipient"], json!({"user_ref": "cb-77"}));
}

#[test]
fn utility_templates_have_their_blanks_filled() {
    let fields = vec![
        TemplatePart::HeaderMedia { kind: MediaKind::Image, url: "https://x/a.png".into() },
        TemplatePart::Body { name: None, text: "สมชาย".into() },
        TemplatePart::Body { name: Some("order".into()), text: "42".into() },
        TemplatePart::Payload { index: 0, payload: "TRACK".into() },
        TemplatePart::UrlEnding { index: 1, text: "42".into() },
    ];
    let template =
        Template { name: "order_update".into(), language: "th".into(), fields, text: "…".into() };
    let body =
        &bodies(ChannelName::Messenger, &Destination::thread("P"), &of(Part::Template { template }))[0];
    assert_eq!(body["messaging_type"], "UTILITY");
    let components = json!([
        {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://x/a.png"}}]},
        {"type": "body", "parameters": [
            {"type": "text", "text": "สมชาย"},
            {"type": "text", "text": "42", "parameter_name": "order"},
        ]},
        {"type": "button", "sub_type": "quick_reply", "index": "0",
            "parameters": [{"type": "payload", "payload": "TRACK"}]},
        {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "42"}]},
    ]);
    let expected = json!({"name": "order_update", "language": {"code": "th"}, "components": components});
    assert_eq!(body["message"], json!({"template": expected}));
}

#[test]
fn a_comment_is_answered_privately_in_one_message_or_publicly() {
    let private = Destination::thread("comment:1_2");
    let image =
        Part::Media { kind: MediaKind::Image, url: "https://x/a.jpg".into(), alt: Some("รูป".into()) };
    let reply = Reply {
        parts: vec![Part::Text { text: "สวัสดีค่ะ".into() }, image],
        choices: choices(&["Red"]),
        ..Reply::default()
    };
    let plan = Messenger.plan(&account(), &private, &reply);
    assert_eq!(plan.requests.len(), 1);
    let (path, body) = called(&plan.requests[0]);
    assert_eq!(path, format!("{PAGE}/messages"));
    assert_eq!(body["recipient"], json!({"comment_id": "1_2"}));
    assert_eq!(body["message"]["text"], "สวัสดีค่ะ\n\nรูป\nhttps://x/a.jpg");
    assert_eq!(body["message"]["quick_replies"][0]["title"], "Red");
    assert!(plan.lost.iter().any(|lost| lost.what == Loss::MediaLinked));

    let public = Destination { hints: vec![("answer".into(), "public".into())], ..private };
    let plan = Messenger.plan(&account(), &public, &reply);
    let calls: Vec<(&str, &Value)> = plan.requests.iter().map(called).collect();
    assert!(calls.iter().all(|(path, _)| *path == "1_2/comments"));
    assert_eq!(calls[0].1, &json!({"message": "สวัสดีค่ะ"}));
    assert_eq!(plan.numbered, reply.choices);
    let hostile = Destination { thread: "comment:{access_token}/../me".into(), ..public };
    let plan = Messenger.plan(&account(), &hostile, &Reply::text("hi"));
    assert_eq!(called(&plan.requests[0]).0, "%7Baccess_token%7D%2F..%2Fme/comments");
}

#[test]
fn actions_are_calls() {
    let act = |thread: &str, action: Action| {
        let request = Messenger.act(&account(), &Destination::thread(thread), &action)?;
        let (path, body) = called(&request);
        Some((path.to_owned(), body.clone()))
    };
    let messages = format!("{PAGE}/messages");
    let sent = |body: Value| Some((messages.clone(), body));
    let typing = json!({"recipient": {"id": "P"}, "sender_action": "typing_on"});
    assert_eq!(act("P", Action::Typing), sent(typing));
    let seen = json!({"recipient": {"id": "P"}, "sender_action": "mark_seen"});
    assert_eq!(act("P", Action::Seen { external_id: None }), sent(seen));
    let react =
        |emoji: Option<&str>| Action::React { external_id: "m_1".into(), emoji: emoji.map(str::to_owned) };
    let reacted = json!({"recipient": {"id": "P"}, "sender_action": "react",
        "payload": {"message_id": "m_1", "reaction": "😀"}});
    assert_eq!(act("P", react(Some("😀"))), sent(reacted));
    let undone =
        json!({"recipient": {"id": "P"}, "sender_action": "unreact", "payload": {"message_id": "m_1"}});
    assert_eq!(act("P", react(None)), sent(undone));
    let passed = json!({"recipient": {"id": "P"}, "target_app_id": "263902037430900", "metadata": "m"});
    let pass = Action::PassControl { metadata: "m".into() };
    assert_eq!(act("P", pass), Some((format!("{PAGE}/pass_thread_control"), passed)));
    let taken = json!({"recipient": {"id": "P"}, "metadata": "m"});
    let take = Action::TakeControl { metadata: "m".into() };
    assert_eq!(act("P", take), Some((format!("{PAGE}/take_thread_control"), taken)));
    let edit = || Action::Edit { external_id: "1_2".into(), text: "x".into() };
    assert_eq!(act("P", edit()), None);
    assert_eq!(act("comment:1_1", edit()), Some(("1_2".into(), json!({"message": "x"}))));
    assert_eq!(
        act("comment:1_1", Action::Delete { external_id: "1_2".into() }),
        Some(("1_2".into(), Value::Null))
    );
    assert_eq!(act("comment:1_1", Action::Typing), None);
}

fn messenger() -> MessengerSimulator {
    let mut messenger = MessengerSimulator::new(PAGE, TOKEN, APP, APP_SECRET);
    messenger.customer("7", &CustomerAct::Says { text: "hi".into(), quotes: None }, 0).unwrap();
    messenger.customer("7", &CustomerAct::Comments { text: "price?".into() }, 0).unwrap();
    messenger
}

fn statuses(reply: &Reply) -> Vec<u16> {
    let mut messenger = messenger();
    let send = |request| deliver(request, &account(), 1, |path, call| messenger.handle(path, call)).unwrap();
    let plan = Messenger.plan(&account(), &Destination::thread("7"), reply);
    plan.requests.iter().map(send).map(|(answer, _)| answer.status).collect()
}

#[test]
fn limits_are_used_up_to_their_last_character() {
    assert_eq!(statuses(&Reply::text("ก".repeat(2000))), [200]);
    assert_eq!(statuses(&Reply::text("😀".repeat(2001))), [200, 200]);
    let full = |title: usize, text: usize| {
        of(Part::Cards { cards: vec![card(&"ก".repeat(title), Some(&"ข".repeat(text))); 10] })
    };
    assert_eq!(statuses(&full(80, 80)), [200]);
    assert_eq!(statuses(&full(80, 81)).len(), 10);
    let buttons = |text: usize| {
        let buttons = vec![choose(&"ก".repeat(20), &"p".repeat(1000)); 3];
        of(Part::Buttons { text: "ก".repeat(text), buttons })
    };
    assert_eq!(statuses(&buttons(640)), [200]);
    assert_eq!(statuses(&buttons(641)), [200, 200]);
    let many =
        |count: usize| Reply { choices: choices(&vec!["12345678901234567890"; count]), ..Reply::text("?") };
    assert_eq!(statuses(&many(13)), [200]);
    let plan = Messenger.plan(&account(), &Destination::thread("7"), &many(14));
    assert_eq!(plan.numbered.len(), 14);
}

proptest! {
    #[test]
    fn messenger_takes_every_reply(reply in replies(), human: bool) {
        let mut messenger = messenger();
        let correlation = Some("0196f0c0-1111-7222-8333-444455556666".to_owned());
        let to = Destination { human, correlation, ..Destination::thread("7") };
        for request in Messenger.plan(&account(), &to, &reply).requests {
            let (answer, _) = deliver(&request, &account(), 1, |path, call| messenger.handle(path, call)).unwrap();
            let words = String::from_utf8_lossy(&answer.body).into_owned();
            prop_assert_eq!(answer.status, 200, "{} {}", request.body, words);
            let receipt = Messenger.outcome(&request, &answer.as_response()).unwrap();
            prop_assert!(receipt.external_id.starts_with("m_"));
        }
    }

    #[test]
    fn comments_take_every_reply(reply in replies(), public: bool) {
        let mut messenger = messenger();
        let comment = messenger.transcript("7")[1].id.clone();
        let hints = if public { vec![("answer".to_owned(), "public".to_owned())] } else { Vec::new() };
        let to = Destination { hints, ..Destination::thread(format!("comment:{comment}")) };
        let plan = Messenger.plan(&account(), &to, &reply);
        for (index, request) in plan.requests.iter().enumerate() {
            let (answer, _) = deliver(request, &account(), 1, |path, call| messenger.handle(path, call)).unwrap();
            // Meta lets one private answer through: what does not fit it is refused, and so seen.
            let expected = if public || index == 0 { 200 } else { 400 };
            prop_assert_eq!(answer.status, expected, "{} {:?}", request.body, String::from_utf8_lossy(&answer.body));
        }
    }
}
