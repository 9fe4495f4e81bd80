use serde_json::{Value, json};

use super::*;
use crate::meta::testing::{APP, APP_SECRET, PAGE, TOKEN, account};
use crate::simulator::{CustomerAct, Fault, NO_ANSWER, Simulator, Speaker, Webhook, deliver};
use crate::{
    Action, Button, ButtonAction, Channel, Choice, Comment, CommentChange, Content, Destination, Echo, Event,
    HttpCall, HttpMethod, InboundMessage, MediaKind, MediaSource, Order, OrderItem, Part, ReceiptState,
    Referral, Reply, SendError,
};

const DAY: i64 = 24 * 3600 * 1_000_000;

fn messenger() -> MessengerSimulator {
    MessengerSimulator::new(PAGE, TOKEN, APP, APP_SECRET).with_webhook("https://bots.example/hook")
}

/// What our adapter makes of webhooks; each is signed and written as Meta writes.
fn hear(webhooks: Vec<Webhook>) -> Vec<Event> {
    let one = |webhook: Webhook| {
        assert!(webhook.body.is_ascii());
        let received = Messenger.receive(&account(), &webhook.as_call(9)).unwrap();
        received.events.into_iter().inspect(|heard| assert_eq!(heard.account, PAGE)).map(|heard| heard.event)
    };
    webhooks.into_iter().flat_map(one).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "acts are written where they are done")]
fn act(messenger: &mut MessengerSimulator, act: CustomerAct, now: i64) -> Vec<Event> {
    hear(messenger.customer("7", &act, now).unwrap())
}

fn message(events: Vec<Event>) -> InboundMessage {
    let [Event::Message(message)] = <[Event; 1]>::try_from(events).unwrap() else { panic!("no message") };
    *message
}

fn says(text: &str) -> CustomerAct {
    CustomerAct::Says { text: text.into(), quotes: None }
}

fn send(
    messenger: &mut MessengerSimulator,
    to: &Destination,
    reply: &Reply,
    now: i64,
) -> Vec<(Result<String, SendError>, Vec<Event>)> {
    let plan = Messenger.plan(&account(), to, reply);
    let one = |request| {
        let (answer, told) =
            deliver(request, &account(), now, |path, call| messenger.handle(path, call)).unwrap();
        let sent = match answer.status {
            NO_ANSWER => Err(SendError::Ambiguous { reason: "no answer".into() }),
            _ => Messenger.outcome(request, &answer.as_response()).map(|receipt| receipt.external_id),
        };
        (sent, hear(told))
    };
    plan.requests.iter().map(one).collect()
}

fn refusal(messenger: &mut MessengerSimulator, to: &Destination, now: i64) -> String {
    match send(messenger, to, &Reply::text("hi"), now).remove(0).0 {
        Err(SendError::Refused { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_conversation_goes_both_ways() {
    let mut messenger = messenger();
    let heard = message(act(&mut messenger, says("สวัสดีค่ะ / 你好 😀"), 3_000_000));
    assert_eq!(heard.content, Content::Text { text: "สวัสดีค่ะ / 你好 😀".into() });
    assert_eq!((heard.thread.as_str(), heard.sent_at), ("7", 3_000_000));
    let mark = "0196f0c0-1111-7222-8333-444455556666";
    let to = Destination { correlation: Some(mark.into()), ..Destination::thread("7") };
    let buttons =
        vec![Button { title: "ซื้อ".into(), action: ButtonAction::Choose { payload: "buy".into() } }];
    let reply = Reply {
        parts: vec![Part::Buttons { text: "ต้องการอะไรคะ".into(), buttons }],
        choices: vec![Choice { title: "เช็กของ".into(), payload: "flow:track".into() }],
        reply_to: Some(heard.external_id),
        template: None,
    };
    let (sent, told) = send(&mut messenger, &to, &reply, 4_000_000).remove(0);
    let mid = sent.unwrap();
    let [Event::Echo(echo), Event::Receipt(receipt)] = told.as_slice() else { panic!("{told:?}") };
    let Echo { message: echoed, ours, correlation } = &**echo;
    assert_eq!(
        (echoed.external_id.as_str(), *ours, correlation.as_deref()),
        (mid.as_str(), true, Some(mark))
    );
    assert_eq!((receipt.external_id.as_str(), receipt.state), (mid.as_str(), ReceiptState::Delivered));

    let press = |title: &str| CustomerAct::Presses { title: title.into() };
    let choice = |payload: &str, title: &str| Content::Choice {
        payload: payload.into(),
        title: Some(title.into()),
        values: std::collections::BTreeMap::new(),
    };
    assert_eq!(message(act(&mut messenger, press("ซื้อ"), 5_000_000)).content, choice("buy", "ซื้อ"));
    let quick = message(act(&mut messenger, press("เช็กของ"), 6_000_000));
    assert_eq!(quick.content, choice("flow:track", "เช็กของ"));
    assert_eq!(messenger.customer("7", &press("no such button"), 7), None);
    let [Event::Receipt(read)] = &act(&mut messenger, CustomerAct::Reads, 7_000_000)[..] else { panic!() };
    assert_eq!((read.state, read.up_to), (ReceiptState::Read, Some(7_000_000)));
    let seen: Vec<Speaker> = messenger.transcript("7").iter().map(|line| line.from).collect();
    assert_eq!(seen, [Speaker::Customer, Speaker::Us, Speaker::Customer]);
    assert_eq!(messenger.customers(), ["7"]);
}

#[test]
fn people_send_what_they_have() {
    let mut messenger = messenger().with_media_at("http://127.0.0.1:9/media");
    let picture = CustomerAct::Sends {
        kind: MediaKind::Image,
        name: "a.jpg".into(),
        mime: "image/jpeg".into(),
        bytes: b"jpeg".to_vec(),
        caption: Some("ชำรุด".into()),
    };
    let Content::Media { media } = message(act(&mut messenger, picture, 1)).content else { panic!() };
    assert_eq!((media.kind, media.caption.as_deref()), (MediaKind::Image, Some("ชำรุด")));
    let MediaSource::Url { url } = media.source else { panic!() };
    let path = url.strip_prefix("http://127.0.0.1:9").unwrap();
    let call = HttpCall { method: HttpMethod::Get, query: vec![], headers: vec![], body: b"", now: 0 };
    assert_eq!(messenger.handle(path, &call).0.body, b"jpeg");

    let sticker = message(act(&mut messenger, CustomerAct::SendsSticker { id: "369239263222822".into() }, 1));
    assert!(matches!(sticker.content, Content::Sticker { emoji: Some(ref emoji), .. } if emoji == "👍"));
    let location =
        crate::Location {
            latitude: 13.5, longitude: 100.25, title: Some("ร้าน".into()), address: None
        };
    let place = message(act(&mut messenger, CustomerAct::SendsLocation { location: location.clone() }, 1));
    assert_eq!(place.content, Content::Location { location });
    let item = OrderItem {
        product: "SKU-1".into(),
        name: Some("เสื้อ".into()),
        quantity: 2,
        price: Some(290.5),
        currency: Some("THB".into()),
    };
    let order = Order { items: vec![item], note: Some("ด่วน".into()), ..Order::default() };
    let ordered = message(act(&mut messenger, CustomerAct::Orders { order: order.clone() }, 1));
    assert_eq!(ordered.content, Content::Order { order });
    let contact = crate::Contact { name: "x".into(), phones: vec![], emails: vec![] };
    assert_eq!(messenger.customer("7", &CustomerAct::SendsContact { contact }, 1), None);
    assert_eq!(messenger.customer("7", &CustomerAct::MentionsInStory, 1), None);
}

#[test]
fn people_react_edit_take_back_and_begin() {
    let mut messenger = messenger();
    let id = message(act(&mut messenger, says("hi"), 1)).external_id;
    for emoji in [Some("😢"), None] {
        let reacts = CustomerAct::Reacts { line: id.clone(), emoji: emoji.map(str::to_owned) };
        let reaction = crate::Reaction { external_id: id.clone(), emoji: emoji.map(str::to_owned) };
        assert_eq!(message(act(&mut messenger, reacts, 2)).content, Content::Reaction { reaction });
    }
    let edits = |text: &str| CustomerAct::Edits { line: id.clone(), text: text.into() };
    let first = message(act(&mut messenger, edits("你好"), 3));
    assert_eq!(first.content, Content::Edited { external_id: id.clone(), text: Some("你好".into()) });
    assert_ne!(first.event_id, message(act(&mut messenger, edits("您好"), 3)).event_id);
    let deleted = message(act(&mut messenger, CustomerAct::Deletes { line: id.clone() }, 4)).content;
    assert_eq!(deleted, Content::Deleted { external_id: id });
    let started = message(act(&mut messenger, CustomerAct::Starts { payload: Some("poster".into()) }, 5));
    assert_eq!(started.content, Content::Started { payload: Some("poster".into()) });
    assert_eq!(started.referral.unwrap().source, "SHORTLINK");
    let referral = Referral {
        source: "ADS".into(),
        payload: Some("r".into()),
        id: Some("12".into()),
        title: Some("ลดราคา".into()),
        ..Referral::default()
    };
    let arrives = |text: Option<&str>| CustomerAct::Arrives {
        referral: referral.clone(),
        text: text.map(str::to_owned),
    };
    let alone = message(act(&mut messenger, arrives(None), 6));
    assert_eq!(alone.content, Content::Referral { referral: referral.clone() });
    let beside = message(act(&mut messenger, arrives(Some("สนใจค่ะ")), 7));
    assert_eq!((beside.content, beside.referral), (Content::Text { text: "สนใจค่ะ".into() }, Some(referral)));
}

#[test]
fn the_window_shuts_and_blocked_people_are_out_of_reach() {
    let mut messenger = messenger();
    act(&mut messenger, says("hi"), 0);
    let program = Destination::thread("7");
    let person = Destination { human: true, ..Destination::thread("7") };
    assert_eq!(refusal(&mut messenger, &program, DAY + 1), "window");
    assert!(send(&mut messenger, &person, &Reply::text("hi"), DAY + 1)[0].0.is_ok());
    assert_eq!(refusal(&mut messenger, &person, 7 * DAY + 1), "window");
    let template = crate::Template {
        name: "order_update".into(),
        language: "th".into(),
        fields: vec![],
        text: "…".into(),
    };
    let utility = Reply { parts: vec![Part::Template { template }], ..Reply::default() };
    assert!(send(&mut messenger, &program, &utility, 30 * DAY)[0].0.is_ok());
    assert_eq!(refusal(&mut messenger, &Destination::thread("8"), 0), "no_such_person");
    assert!(act(&mut messenger, CustomerAct::Leaves, 1).is_empty());
    assert_eq!(refusal(&mut messenger, &program, 2), "unreachable");
    act(&mut messenger, says("back"), 3);
    assert!(send(&mut messenger, &program, &Reply::text("hi"), 4)[0].0.is_ok());
}

/// A call of a program to the page's templates: the answer's status and body.
fn graph(
    messenger: &mut MessengerSimulator,
    method: HttpMethod,
    path: &str,
    (query, body): (&[(&str, &str)], &Value),
) -> (u16, Value) {
    let text = body.to_string();
    let headers = vec![
        ("authorization".to_owned(), format!("Bearer {TOKEN}")),
        ("content-type".to_owned(), "application/json".to_owned()),
    ];
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = if body.is_null() { &b""[..] } else { text.as_bytes() };
    let call = HttpCall { method, query, headers, body, now: 0 };
    let (answer, _) = messenger.handle(path, &call);
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

#[test]
fn utility_templates_are_made_told_sent_and_taken_away() {
    let mut messenger = messenger().with_samples();
    let path = format!("/v25.0/{PAGE}/message_templates");
    let body = |text: &str, example: Value| json!([{"type": "BODY", "text": text, "example": {"body_text": [example]}}]);
    let new = |name: &str, category: &str, components: Value| json!({"name": name, "language": "th", "category": category, "components": components});
    let good = body("คิวของคุณ{{1}} คือ {{2}}", json!(["มะลิ", "7"]));
    for (wrong, subcode) in [
        (new("Your Turn", "UTILITY", good.clone()), Value::Null),
        (new("your_turn", "MARKETING", good.clone()), Value::Null),
        (new("your_turn", "UTILITY", body("{{1}} {{2}}", json!(["มะลิ"]))), json!(2_388_043)),
        (new("your_turn", "UTILITY", json!([])), json!(2_388_043)),
        (new("order_shipped", "UTILITY", good.clone()), json!(2_388_024)),
    ] {
        let (status, told) = graph(&mut messenger, HttpMethod::Post, &path, (&[], &wrong));
        assert_eq!((status, &told["error"]["error_subcode"]), (400, &subcode), "{wrong}");
    }
    let (status, made) =
        graph(&mut messenger, HttpMethod::Post, &path, (&[], &new("your_turn", "UTILITY", good)));
    assert_eq!((status, &made["status"]), (200, &json!("PENDING")), "{made}");
    let one = format!("/v25.0/{}", made["id"].as_str().unwrap());
    let (_, told) = graph(&mut messenger, HttpMethod::Get, &one, (&[], &Value::Null));
    assert_eq!((&told["name"], &told["status"]), (&json!("your_turn"), &json!("APPROVED")));
    let (mut names, mut after) = (Vec::new(), "0".to_owned());
    loop {
        let (_, page) = graph(&mut messenger, HttpMethod::Get, &path, (&[("after", &after)], &Value::Null));
        let read = page["data"].as_array().unwrap().clone();
        names.extend(
            read.into_iter().map(|one| format!("{} {} {}", one["name"], one["language"], one["status"])),
        );
        after = page["paging"]["cursors"]["after"].as_str().unwrap().to_owned();
        if page["paging"]["next"].is_null() {
            break;
        }
    }
    assert_eq!(names.len(), 5, "{names:?}");
    act(&mut messenger, says("hi"), 0);
    let send_it = |messenger: &mut MessengerSimulator, name: &str, values: &[&str]| {
        let fields =
            values.iter().map(|value| crate::TemplatePart::Body { name: None, text: (*value).into() });
        let template = crate::Template {
            name: name.into(),
            language: "th".into(),
            fields: fields.collect(),
            text: "…".into(),
        };
        let reply = Reply { parts: vec![Part::Template { template }], ..Reply::default() };
        send(messenger, &Destination::thread("7"), &reply, 30 * DAY).remove(0).0.is_ok()
    };
    for (name, values, is_taken) in [
        ("your_turn", &["มะลิ", "7"][..], true),
        ("your_turn", &["มะลิ"], false),
        ("nobody_knows", &[], false),
        ("order_gift", &["BK240117"], false),
    ] {
        assert_eq!(send_it(&mut messenger, name, values), is_taken, "{name}");
    }
    assert_eq!(messenger.transcript("7").last().unwrap().text, "คิวของคุณมะลิ คือ 7");
    let gone = [("name", "your_turn")];
    assert_eq!(graph(&mut messenger, HttpMethod::Delete, &path, (&gone, &Value::Null)).0, 200);
    assert_eq!(graph(&mut messenger, HttpMethod::Delete, &path, (&gone, &Value::Null)).0, 400);
    assert!(!send_it(&mut messenger, "your_turn", &["มะลิ", "7"]));
}

#[test]
fn comments_are_answered_once_in_private_and_often_in_public() {
    let mut messenger = messenger();
    let heard = message(act(&mut messenger, CustomerAct::Comments { text: "ราคา?".into() }, 5_000_000));
    let comment = heard.external_id.clone();
    let Content::Comment { comment: said } = &heard.content else { panic!("{heard:?}") };
    assert_eq!((said.change, said.text.as_deref()), (CommentChange::Added, Some("ราคา?")));
    assert_eq!(heard.thread, format!("comment:{comment}"));
    let public =
        Destination { hints: vec![("answer".into(), "public".into())], ..Destination::thread(&heard.thread) };
    let (made, told) = send(&mut messenger, &public, &Reply::text("290 บาทค่ะ"), 6_000_000).remove(0);
    let Event::Echo(echo) = &told[0] else { panic!("{told:?}") };
    assert_eq!(Ok(&echo.message.external_id), made.as_ref());
    assert_eq!(echo.message.thread, heard.thread);
    assert!(
        matches!(&echo.message.content, Content::Comment { comment: Comment { parent: Some(parent), .. } } if *parent == comment)
    );
    let private = Destination::thread(&heard.thread);
    assert!(send(&mut messenger, &private, &Reply::text("ทักแชตนะคะ"), 7_000_000)[0].0.is_ok());
    assert_eq!(refusal(&mut messenger, &private, 8_000_000), "answered");
    assert_eq!(refusal(&mut messenger, &Destination::thread("7"), 8_000_000), "window");
    let texts: Vec<String> = messenger.transcript("7").into_iter().map(|line| line.text).collect();
    assert_eq!(texts, ["ราคา?", "290 บาทค่ะ", "ทักแชตนะคะ"]);
}

#[test]
fn a_thread_goes_to_the_inbox_and_comes_back() {
    let mut messenger = messenger();
    act(&mut messenger, says("คนจริงๆ"), 0);
    let control = |messenger: &mut MessengerSimulator, action: Action| {
        let request = Messenger.act(&account(), &Destination::thread("7"), &action).unwrap();
        let (answer, _) =
            deliver(&request, &account(), 1, |path, call| messenger.handle(path, call)).unwrap();
        Messenger.outcome(&request, &answer.as_response()).unwrap()
    };
    control(&mut messenger, Action::PassControl { metadata: "m".into() });
    assert!(message(act(&mut messenger, says("hello?"), 2)).standby);
    assert_eq!(refusal(&mut messenger, &Destination::thread("7"), 3), "other_owner");
    let colleague = act(&mut messenger, CustomerAct::ColleagueSays { text: "ได้ค่ะ".into() }, 4);
    let [Event::Echo(echo)] = colleague.as_slice() else { panic!("{colleague:?}") };
    assert!(!echo.ours && echo.message.standby);
    control(&mut messenger, Action::TakeControl { metadata: "m".into() });
    assert!(!message(act(&mut messenger, says("ขอบคุณ"), 5)).standby);
    control(&mut messenger, Action::Typing);
    control(&mut messenger, Action::Seen { external_id: None });
    let line = messenger.transcript("7")[0].id.clone();
    control(&mut messenger, Action::React { external_id: line, emoji: Some("❤".into()) });
    assert_eq!(messenger.transcript("7")[0].reaction.as_deref(), Some("❤"));
}

#[test]
fn failures_come_as_asked_for() {
    let mut messenger = messenger();
    act(&mut messenger, says("hi"), 0);
    messenger.fail_next(&[
        Fault::TooManyRequests { seconds: 90 },
        Fault::ServerError,
        Fault::TokenExpired,
        Fault::Reset,
        Fault::AcceptThenSilence,
    ]);
    let mut next = || send(&mut messenger, &Destination::thread("7"), &Reply::text("x"), 1).remove(0);
    assert!(matches!(next().0, Err(SendError::Retry { after_ms: Some(120_000), .. })));
    assert!(matches!(next().0, Err(SendError::Retry { after_ms: None, .. })));
    assert!(matches!(next().0, Err(SendError::Refused { ref code, .. }) if code == "token"));
    assert_eq!(next().1, []);
    let (lost, told) = next();
    assert!(matches!(lost, Err(SendError::Ambiguous { .. })));
    assert_eq!(told.len(), 2, "what was sent without an answer comes back as an echo");
    assert!(next().0.is_ok());
    assert_eq!(messenger.transcript("7").len(), 3);
}

#[test]
fn much_at_once_comes_as_one_call() {
    let mut messenger = messenger();
    let mut webhooks = messenger.customer("7", &says("1"), 1).unwrap();
    webhooks.extend(messenger.customer("8", &says("2"), 2).unwrap());
    let batch = messenger.batch(webhooks);
    assert_eq!(batch.len(), 1);
    assert_eq!(hear(batch).len(), 2);
}

fn call(messenger: &mut MessengerSimulator, path: &str, body: &Value) -> (u16, Value) {
    let body = body.to_string();
    let headers = vec![("authorization".to_owned(), format!("Bearer {TOKEN}"))];
    let call = HttpCall { method: HttpMethod::Post, query: vec![], headers, body: body.as_bytes(), now: 1 };
    let (answer, _) = messenger.handle(path, &call);
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

#[test]
fn what_meta_refuses_is_refused() {
    let mut messenger = messenger();
    act(&mut messenger, says("hi"), 0);
    let refused = [
        json!({"text": ""}),
        json!({"text": "x".repeat(2001)}),
        json!({"text": "x", "attachment": {"type": "image", "payload": {"url": "https://x.example"}}}),
        json!({"attachment": {"type": "image", "payload": {"url": "javascript:x"}}}),
        json!({"attachment": {"type": "image", "payload": {"attachment_id": "none"}}}),
        json!({"attachment": {"type": "location", "payload": {}}}),
        json!({"text": "x", "quick_replies": []}),
        json!({"text": "x", "quick_replies": [{"content_type": "text", "title": "t".repeat(21), "payload": "p"}]}),
        json!({"attachment": {"type": "template", "payload": {"template_type": "button", "text": "x", "buttons": []}}}),
        json!({"attachment": {"type": "template", "payload": {"template_type": "generic", "elements": [{"title": "x"}]}}}),
        json!({"text": "x", "unheard_of": 1}),
        json!({}),
    ];
    for message in refused {
        let body = json!({"recipient": {"id": "7"}, "messaging_type": "RESPONSE", "message": message});
        assert_eq!(call(&mut messenger, "/v25.0/me/messages", &body).1["error"]["code"], 100, "{body}");
    }
    for wrong in [
        json!({"messaging_type": "MESSAGE_TAG"}),
        json!({"messaging_type": "MESSAGE_TAG", "tag": "ACCOUNT_UPDATE"}),
        json!({"messaging_type": "SHOUT"}),
        json!({"sender_action": "typing_on"}),
    ] {
        let mut body = json!({"recipient": {"id": "7"}, "message": {"text": "x"}});
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        assert_eq!(call(&mut messenger, "/v25.0/me/messages", &body).1["error"]["code"], 100, "{body}");
    }
    let upload =
        json!({"message": {"attachment": {"type": "image", "payload": {"url": "https://x.example/a.png"}}}});
    let id = call(&mut messenger, "/v25.0/me/message_attachments", &upload).1["attachment_id"].clone();
    let message = json!({"attachment": {"type": "template", "payload": {"template_type": "media",
        "elements": [{"media_type": "image", "attachment_id": id}]}}});
    let body = json!({"recipient": {"id": "7"}, "message": message});
    assert_eq!(call(&mut messenger, "/me/messages", &body).0, 200);
    assert_eq!(call(&mut messenger, "/v25.0/nothing/here", &json!({})).1["error"]["code"], 2500);
}
