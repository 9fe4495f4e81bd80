use serde_json::json;

use super::*;
use crate::line::Line as Adapter;
use crate::line::tests::schema::check_webhook;
use crate::simulator::deliver;
use crate::{
    AccountConfig, Action, Button, ButtonAction, Card, Channel, Choice, Content, Destination, Event,
    InboundMessage, Location, MediaKind, Part, Reply,
};

const SECRET: &str = "8c570fa6dd201bb328f1c1eac23a96d8";
const TOKEN: &str = "token";
const MEI: &str = "U7c1e5d3b9a8f4062b1d0c9e8f7a6b5c4";
const GROUP: &str = "C56cca7e1b2a34d5e6f708192a3b4c5d6";
const MEMBER: Member<'_> = Member { group: GROUP, person: Some(MEI) };
const NOW: i64 = 1_795_280_000_000_000;

fn account() -> AccountConfig {
    let secrets = [("channel_secret", SECRET), ("access_token", TOKEN)];
    AccountConfig {
        secrets: secrets.into_iter().map(|(name, secret)| (name.into(), secret.into())).collect(),
        ..AccountConfig::default()
    }
}

fn line() -> LineSimulator {
    LineSimulator::new(SECRET, TOKEN).with_webhook("https://bots.example/hook")
}

/// What our adapter makes of the webhooks, which are right by LINE's schema.
fn hear(webhooks: Vec<Webhook>) -> Vec<InboundMessage> {
    let all = webhooks.into_iter().flat_map(|webhook| {
        if !String::from_utf8_lossy(&webhook.body).contains("messageEdited") {
            check_webhook(&webhook.body);
        }
        Adapter.receive(&account(), &webhook.as_call(NOW)).unwrap().events
    });
    all.map(|heard| match heard.event {
        Event::Message(message) => *message,
        other => panic!("{other:?}"),
    })
    .collect()
}

fn act(line: &mut LineSimulator, act: &CustomerAct) -> InboundMessage {
    hear(line.customer(MEI, act, NOW).unwrap()).remove(0)
}

fn says(text: &str) -> CustomerAct {
    CustomerAct::Says { text: text.into(), quotes: None }
}

fn presses(title: &str) -> CustomerAct {
    CustomerAct::Presses { title: title.into() }
}

fn say(line: &mut LineSimulator, to: &Destination, reply: &Reply) {
    for request in Adapter.plan(&account(), to, reply).requests {
        let (answer, _) = deliver(&request, &account(), NOW, |path, call| line.handle(path, call)).unwrap();
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    }
}

fn answering(heard: &InboundMessage) -> Destination {
    Destination { hints: heard.hints.clone(), now: NOW, ..Destination::thread(heard.thread.clone()) }
}

#[test]
fn a_conversation_goes_both_ways() {
    let mut line = line();
    let heard = act(&mut line, &says("你好"));
    assert_eq!(heard.content, Content::Text { text: "你好".into() });
    assert_eq!((heard.thread.as_str(), heard.sent_at), (MEI, NOW));
    let choices = vec![Choice { title: "查訂單".into(), payload: "flow:track".into() }];
    let reply = Reply { choices, reply_to: Some(heard.external_id.clone()), ..Reply::text("您好") };
    let typing = Adapter.act(&account(), &answering(&heard), &Action::Typing).unwrap();
    deliver(&typing, &account(), NOW, |path, call| line.handle(path, call)).unwrap();
    assert!(line.shows_typing(MEI, NOW));
    say(&mut line, &answering(&heard), &reply);
    assert!(!line.shows_typing(MEI, NOW), "our message ends the dots");
    let seen = Action::Seen { external_id: None };
    let seen = Adapter.act(&account(), &answering(&heard), &seen).unwrap();
    deliver(&seen, &account(), NOW, |path, call| line.handle(path, call)).unwrap();
    assert_eq!(line.read_until(MEI), Some(heard.external_id.as_str()));

    let pressed = act(&mut line, &presses("查訂單"));
    let choice = Content::Choice { payload: "flow:track".into(), title: None, values: BTreeMap::new() };
    assert_eq!(pressed.content, choice);
    let quoting = line.transcript(MEI)[1].id.clone();
    let quoted = act(&mut line, &CustomerAct::Says { text: "這個?".into(), quotes: Some(quoting.clone()) });
    assert_eq!(quoted.reply_to, Some(quoting));
    let shown: Vec<(Speaker, String)> =
        line.transcript(MEI).into_iter().map(|line| (line.from, line.text)).collect();
    let expected = [
        (Speaker::Customer, "你好"),
        (Speaker::Us, "您好"),
        (Speaker::Customer, "查訂單"),
        (Speaker::Customer, "這個?"),
    ];
    assert_eq!(shown, expected.map(|(from, text)| (from, text.to_owned())));
    assert_eq!(line.customer(MEI, &presses("no such button"), NOW), None);
    assert_eq!(line.customers(), [MEI]);
}

#[test]
fn everything_people_send_is_heard() {
    let mut line = line();
    let place =
        Location { latitude: 13.5, longitude: 100.25, title: Some("ร้าน".into()), address: None };
    let sends = |kind: MediaKind| CustomerAct::Sends {
        kind,
        name: "ใบเสร็จ.pdf".into(),
        mime: "application/pdf".into(),
        bytes: b"%PDF".to_vec(),
        caption: None,
    };
    let acts = [
        (CustomerAct::Starts { payload: None }, "started"),
        (says("hi"), "text"),
        (sends(MediaKind::Image), "image"),
        (sends(MediaKind::Video), "video"),
        (sends(MediaKind::Voice), "audio"),
        (sends(MediaKind::File), "file"),
        (CustomerAct::SendsSticker { id: "446/1988".into() }, "sticker"),
        (CustomerAct::SendsLocation { location: place }, "location"),
        (CustomerAct::Leaves, "stopped"),
        (CustomerAct::Starts { payload: None }, "started"),
    ];
    for (done, kind) in acts {
        assert_eq!(act(&mut line, &done).content.kind(), kind, "{done:?}");
    }
    let own = line.transcript(MEI)[0].id.clone();
    let deleted = act(&mut line, &CustomerAct::Deletes { line: own.clone() });
    assert_eq!(deleted.content, Content::Deleted { external_id: own });
    assert_eq!(line.customer(MEI, &CustomerAct::Reads, NOW), Some(vec![]));
    assert_eq!(line.customer(MEI, &CustomerAct::ColleagueSays { text: "ok".into() }, NOW), Some(vec![]));
    assert_eq!(line.transcript(MEI).last().unwrap().from, Speaker::Us);
    let reacts = CustomerAct::Reacts { line: "1".into(), emoji: None };
    assert_eq!(line.customer(MEI, &reacts, NOW), None, "LINE does not tell reactions");
}

#[test]
fn a_caption_comes_as_a_message_of_its_own() {
    let mut line = line();
    let done = CustomerAct::Sends {
        kind: MediaKind::Image,
        name: "a.jpg".into(),
        mime: "image/jpeg".into(),
        bytes: vec![1],
        caption: Some("อันนี้".into()),
    };
    let webhooks = line.customer(MEI, &done, NOW).unwrap();
    assert_eq!(webhooks.len(), 2);
    let together = line.batch(webhooks);
    assert_eq!(together.len(), 1);
    let kinds: Vec<&str> = hear(together).iter().map(|heard| heard.content.kind()).collect();
    assert_eq!(kinds, ["image", "text"]);
}

#[test]
fn buttons_of_every_shape_can_be_pressed() {
    let mut line = line();
    let heard = act(&mut line, &says("hi"));
    let button = |title: &str, payload: &str| Button {
        title: title.into(),
        action: ButtonAction::Choose { payload: payload.into() },
    };
    let long = "a title that is too long for a label";
    let open =
        Button { title: "Shop".into(), action: ButtonAction::Open { url: "https://x.example/".into() } };
    let card = Card { title: "A".into(), text: None, image_url: None, buttons: vec![button("Buy", "card")] };
    let parts = vec![
        Part::Buttons { text: "?".into(), buttons: vec![button("Yes", "template"), open] },
        Part::Buttons { text: "?".into(), buttons: vec![button(long, "flex")] },
        Part::Cards { cards: vec![card] },
    ];
    say(&mut line, &answering(&heard), &Reply { parts, ..Reply::default() });
    for (title, payload) in [("Yes", "template"), (long, "flex"), ("Buy", "card")] {
        let pressed = act(&mut line, &presses(title));
        assert!(matches!(pressed.content, Content::Choice { payload: found, .. } if found == payload));
    }
    assert_eq!(line.customer(MEI, &presses("Shop"), NOW), Some(vec![]), "a link tells us nothing");
}

#[test]
fn groups_speak_and_change_their_words() {
    let mut line = line();
    let aside = hear(line.group_says(MEMBER, "เย็นนี้ไปไหน", NOW)).remove(0);
    assert!(aside.group && !aside.addressed);
    let asked = hear(line.group_asks(MEMBER, "ราคา", NOW)).remove(0);
    assert!(asked.addressed);
    let unknown = hear(line.group_says(Member { person: None, ..MEMBER }, "hi", NOW)).remove(0);
    assert_eq!(unknown.sender.external_id, GROUP);
    let edited = hear(line.group_edits(MEMBER, &aside.external_id, "พรุ่งนี้", NOW)).remove(0);
    assert!(
        matches!(edited.content, Content::Edited { external_id, .. } if external_id == aside.external_id)
    );
    let choices = vec![Choice { title: "A".into(), payload: "a".into() }];
    say(&mut line, &answering(&asked), &Reply { choices, ..Reply::text("100 ฿") });
    let pressed = hear(line.group_presses(MEMBER, "A", NOW).unwrap()).remove(0);
    assert!(pressed.addressed && pressed.group);
    assert_eq!((pressed.thread.as_str(), pressed.sender.external_id.as_str()), (GROUP, MEI));
}

#[test]
fn everything_else_that_happens_is_heard() {
    let mut line = line();
    let member = json!({"members": [{"type": "user", "userId": MEI}]});
    let happenings = [
        (GROUP, "join", json!({}), "joined"),
        (GROUP, "memberJoined", json!({"joined": member}), "members_joined"),
        (GROUP, "memberLeft", json!({"left": member}), "members_left"),
        (GROUP, "leave", json!({}), "left"),
        (MEI, "beacon", json!({"beacon": {"hwid": "d41d8cd98f", "type": "enter"}}), "beacon"),
        (MEI, "accountLink", json!({"link": {"result": "ok", "nonce": "n"}}), "account_linked"),
        (MEI, "membership", json!({"membership": {"type": "joined", "membershipId": 1}}), "membership"),
        (MEI, "videoPlayComplete", json!({"videoPlayComplete": {"trackingId": "t"}}), "video_watched"),
        (MEI, "activated", json!({"chatControl": {"expireAt": 1}}), "handover"),
        (MEI, "deactivated", json!({}), "handover"),
        (MEI, "botSuspended", json!({}), "account"),
        (MEI, "module", json!({"module": {"type": "attached", "botId": "U", "scopes": []}}), "account"),
    ];
    for (from, kind, fields, expected) in happenings {
        let heard = hear(line.happens(from, kind, fields, NOW)).remove(0);
        assert_eq!(heard.content.kind(), expected, "{kind}");
    }
}

#[test]
fn a_chat_that_was_given_away_is_only_listened_to() {
    let mut line = line();
    let heard = act(&mut line, &says("hi"));
    let control = |line: &mut LineSimulator, action: &Action| {
        let request = Adapter.act(&account(), &answering(&heard), action).unwrap();
        let (answer, webhooks) =
            deliver(&request, &account(), NOW, |path, call| line.handle(path, call)).unwrap();
        assert_eq!(answer.status, 200);
        let notice = hear(webhooks).remove(0);
        (notice.content.kind(), notice.standby)
    };
    assert_eq!(control(&mut line, &Action::PassControl { metadata: String::new() }), ("handover", true));
    let aside = act(&mut line, &says("to the other channel"));
    assert!(aside.standby && aside.hints.iter().all(|(name, _)| name != "reply_token"));
    assert_eq!(control(&mut line, &Action::TakeControl { metadata: "60".into() }), ("handover", false));
    assert!(!act(&mut line, &says("to us")).standby);
}

#[test]
fn a_redelivery_is_the_same_event() {
    let mut line = line();
    let first = act(&mut line, &says("hi"));
    let webhooks = line.redeliver(1, NOW);
    assert!(String::from_utf8_lossy(&webhooks[0].body).contains(r#""isRedelivery":true"#));
    assert_eq!(hear(webhooks), [first]);
}

#[test]
fn acts_in_a_group_are_asked_for_by_its_name_and_a_persons() {
    let mut line = line();
    let who = format!("{GROUP}:{MEI}");
    let mut heard = |act: &CustomerAct| {
        let heard = hear(line.customer(&who, act, NOW).unwrap()).remove(0);
        assert_eq!((heard.thread.as_str(), heard.group), (GROUP, true));
        (heard.content.kind(), heard.addressed, heard.external_id)
    };
    assert_eq!(heard(&CustomerAct::Starts { payload: None }).0, "joined");
    let aside = heard(&says("เย็นนี้ไปไหน"));
    assert_eq!((aside.0, aside.1), ("text", false));
    assert!(heard(&says("@Sala ราคา")).1);
    assert_eq!(heard(&CustomerAct::SendsSticker { id: "446/1988".into() }).0, "sticker");
    assert_eq!(heard(&CustomerAct::Edits { line: aside.2.clone(), text: "พรุ่งนี้".into() }).0, "edited");
    assert_eq!(heard(&CustomerAct::Deletes { line: aside.2 }).0, "deleted");
    assert_eq!(heard(&CustomerAct::Leaves).0, "left");
    assert_eq!(line.transcript(&who).len(), 3);
}

#[test]
fn several_acts_come_together_in_another_order_or_twice() {
    use crate::simulator::Delivery;
    let arranged = |delivery: Delivery| {
        let mut line = line();
        let made: Vec<Webhook> =
            ["1", "2"].iter().flat_map(|text| line.customer(MEI, &says(text), NOW).unwrap()).collect();
        let calls = delivery.arrange(&mut line, made, NOW);
        let count = calls.len();
        let said: Vec<InboundMessage> = hear(calls);
        let texts: Vec<String> =
            said.iter().filter_map(|message| message.content.text().map(str::to_owned)).collect();
        let mut ids: Vec<String> = said.into_iter().map(|message| message.event_id).collect();
        ids.sort();
        ids.dedup();
        (count, texts.concat(), ids.len())
    };
    assert_eq!(arranged(Delivery::InOrder), (2, "12".to_owned(), 2));
    assert_eq!(arranged(Delivery::Batched), (1, "12".to_owned(), 2));
    assert_eq!(arranged(Delivery::Reversed), (2, "21".to_owned(), 2));
    assert_eq!(arranged(Delivery::Twice), (3, "1212".to_owned(), 2));
}

#[test]
fn numbers_never_repeat_over_runs() {
    let mut one = line();
    let mut two = line().numbering_from(1_000_000);
    let (first, second) = (act(&mut one, &says("hi")), act(&mut two, &says("hi")));
    assert_ne!(first.event_id, second.event_id);
    assert_ne!(first.external_id, second.external_id);
    assert_eq!((first.event_id.len(), first.event_id.starts_with("01")), (26, true));
}

#[test]
fn strangers_are_refused_in_lines_words() {
    let mut line = line();
    let mut ask = |path: &str, method: crate::HttpMethod, token: &str, body: &str| {
        let call = HttpCall {
            method,
            query: vec![],
            headers: vec![
                ("authorization".into(), format!("Bearer {token}")),
                ("content-type".into(), "application/json".into()),
            ],
            body: body.as_bytes(),
            now: NOW,
        };
        let (answer, _) = line.handle(path, &call);
        assert!(answer.headers.iter().any(|(name, _)| name == "x-line-request-id"));
        (answer.status, serde_json::from_slice::<Value>(&answer.body).unwrap()["message"].clone())
    };
    let post = crate::HttpMethod::Post;
    let push = "/v2/bot/message/push";
    assert_eq!(ask(push, post, "wrong", "{}").0, 401);
    assert_eq!(ask(push, post, TOKEN, "{").0, 400);
    assert_eq!(ask("/v2/bot/nothing", post, TOKEN, "{}").0, 404);
    let words = json!("The request body has 1 error(s)");
    assert_eq!(ask(push, post, TOKEN, r#"{"to":"U1","messages":[]}"#), (400, words));
    let stranger = format!(r#"{{"to":"{MEI}","messages":[{{"type":"text","text":"hi"}}]}}"#);
    assert_eq!(ask(push, post, TOKEN, &stranger), (400, json!("Failed to send messages")));
    let huge = format!(r#"{{"x":"{}"}}"#, "x".repeat(2 * 1_024 * 1_024));
    assert_eq!(ask(push, post, TOKEN, &huge).0, 413);
    let loading = r#"{"chatId":"U1","loadingSeconds":7}"#;
    assert_eq!(ask("/v2/bot/chat/loading/start", post, TOKEN, loading).0, 400);
}
