mod api;

use serde_json::{Value, json};

use super::*;
use crate::simulator::{NO_ANSWER, Speaker, deliver};
use crate::whatsapp::Whatsapp;
use crate::{
    Action, Advice, Channel, Choice, Contact, Content, Destination, Event, Heard, HttpMethod, Location,
    MediaFetch, MediaKind, Order, OrderItem, ReceiptState, Referral, Reply, SendError, Template,
};

const PHONE: &str = "66812345678";
const USER: &str = "TH.13491208655302741918";
const GROUP: &str = "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD";
const SECOND: i64 = 1_000_000;
const DAY: i64 = 24 * 3600 * SECOND;
const START: i64 = 1_795_270_000 * SECOND;

fn account() -> AccountConfig {
    let secrets =
        [("access_token", "EAAJB"), ("app_secret", "my_app_secret"), ("verify_token", "meatyhamhock")];
    let settings = [("waba_id", "102290129340398"), ("app_id", "634974688087057")];
    AccountConfig {
        id: "shop".into(),
        external_id: "106540352242922".into(),
        secrets: secrets.into_iter().map(|(name, secret)| (name.into(), secret.into())).collect(),
        settings: settings.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
        ..AccountConfig::default()
    }
}

fn whatsapp() -> WhatsappSimulator {
    WhatsappSimulator::new(&account()).posting_to("https://bots.example/hook")
}

fn hear(webhooks: &[Webhook]) -> Vec<Event> {
    let heard = |webhook: &Webhook| {
        assert_eq!(webhook.url, "https://bots.example/hook");
        assert!(webhook.body.is_ascii() && !String::from_utf8_lossy(&webhook.body).contains("://"));
        Whatsapp.receive(&account(), &webhook.as_call(9)).unwrap().events
    };
    let events: Vec<Heard> = webhooks.iter().flat_map(heard).collect();
    assert!(events.iter().all(|heard| heard.account == "106540352242922"));
    events.into_iter().map(|heard| heard.event).collect()
}

/// What a customer does, as we hear it.
fn does(whatsapp: &mut WhatsappSimulator, customer: &str, act: &CustomerAct) -> crate::InboundMessage {
    let webhooks = whatsapp.customer(customer, act, START).unwrap();
    let [event] = <[Event; 1]>::try_from(hear(&webhooks)).unwrap();
    let Event::Message(message) = event else { panic!("no message: {event:?}") };
    assert_eq!((message.sent_at, &message.thread), (START, &whatsapp.thread_of(customer)));
    *message
}

fn says(text: &str) -> CustomerAct {
    CustomerAct::Says { text: text.into(), quotes: None }
}

/// Sends a reply and returns the outcomes with what we hear of it.
fn send(
    whatsapp: &mut WhatsappSimulator,
    to: &Destination,
    reply: &Reply,
    now: i64,
) -> (Vec<Result<crate::Receipt, SendError>>, Vec<Event>) {
    let (mut outcomes, mut events) = (Vec::new(), Vec::new());
    for request in Whatsapp.plan(&account(), to, reply).requests {
        let (answer, webhooks) =
            deliver(&request, &account(), now, |path, call| whatsapp.handle(path, call)).unwrap();
        outcomes.push(Whatsapp.outcome(&request, &answer.as_response()));
        events.extend(hear(&webhooks));
    }
    (outcomes, events)
}

fn receipts(events: &[Event]) -> Vec<(ReceiptState, &str)> {
    let receipts = events.iter().filter_map(|event| match event {
        Event::Receipt(receipt) => Some((receipt.state, receipt.external_id.as_str())),
        _ => None,
    });
    receipts.collect()
}

fn get(whatsapp: &mut WhatsappSimulator, path: &str, query: &[(&str, &str)]) -> (u16, Value) {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let call = HttpCall {
        method: HttpMethod::Get,
        query: query.iter().map(owned).collect(),
        headers: vec![("authorization".into(), "Bearer EAAJB".into())],
        body: b"",
        now: START,
    };
    let (answer, _) = whatsapp.handle(path, &call);
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

#[test]
fn what_people_send_is_what_we_hear() {
    let location =
        Location { latitude: 13.5, longitude: 100.25, title: Some("ร้าน".into()), address: None };
    let contact = Contact {
        name: "李雷".into(),
        phones: vec!["+8613800138000".into()],
        emails: vec!["a@x.example".into()],
    };
    let item = OrderItem {
        product: "rose".into(),
        quantity: 2,
        price: Some(390.5),
        currency: Some("THB".into()),
        ..OrderItem::default()
    };
    let order =
        Order { catalog: Some("c".into()), items: vec![item], note: Some("วันนี้".into()) };
    let acts = [
        (says("สวัสดี 你好 😊 a/b"), Content::Text { text: "สวัสดี 你好 😊 a/b".into() }),
        (CustomerAct::SendsLocation { location: location.clone() }, Content::Location { location }),
        (
            CustomerAct::SendsContact { contact: contact.clone() },
            Content::Contact { contacts: vec![contact] },
        ),
        (CustomerAct::Orders { order: order.clone() }, Content::Order { order }),
        (CustomerAct::Starts { payload: None }, Content::Started { payload: None }),
        (CustomerAct::Starts { payload: Some("สนใจ".into()) }, Content::Text { text: "สนใจ".into() }),
    ];
    for customer in [PHONE, USER] {
        let mut whatsapp = whatsapp();
        for (act, content) in &acts {
            assert_eq!(&does(&mut whatsapp, customer, act).content, content);
        }
    }
    assert_eq!(whatsapp().customer(PHONE, &CustomerAct::MentionsInStory, START), None);
}

#[test]
fn people_are_named_by_number_and_by_their_own_id() {
    let mut whatsapp = whatsapp();
    let sender = does(&mut whatsapp, USER, &says("hi")).sender;
    assert_eq!((sender.external_id.as_str(), sender.phone, sender.also.len()), (USER, None, 0));
    let sender = does(&mut whatsapp, PHONE, &says("hi")).sender;
    let thread = whatsapp.thread_of(PHONE);
    assert!(is_user_id(&thread));
    assert_eq!((sender.external_id, sender.phone.as_deref()), (thread.clone(), Some("+66812345678")));
    assert_eq!(sender.also, [PHONE]);
    for address in [PHONE, &thread] {
        assert!(send(&mut whatsapp, &Destination::thread(address), &Reply::text("ค่ะ"), START).0[0].is_ok());
    }
    assert_eq!(whatsapp.transcript(PHONE).len(), 3);
    assert_eq!(whatsapp.transcript(PHONE), whatsapp.transcript(&thread));
    assert_eq!(whatsapp.customers(), [PHONE, USER]);
    let mut earlier =
        WhatsappSimulator::new(&account()).posting_to("https://bots.example/hook").naming_numbers_only();
    let sender = does(&mut earlier, PHONE, &says("hi")).sender;
    assert_eq!((sender.external_id.as_str(), sender.also.len()), (PHONE, 0));
}

#[test]
fn files_can_be_fetched() {
    let mut whatsapp = whatsapp();
    let kinds = [MediaKind::Image, MediaKind::Video, MediaKind::Audio, MediaKind::Voice, MediaKind::File];
    for kind in kinds {
        let act = CustomerAct::Sends {
            kind,
            name: "ไฟล์.pdf".into(),
            mime: "application/pdf".into(),
            bytes: vec![1, 2, 3],
            caption: None,
        };
        let Content::Media { media } = does(&mut whatsapp, PHONE, &act).content else { panic!("no media") };
        assert_eq!(media.kind, kind);
        let crate::MediaSource::Platform { id } = media.source else { panic!("no id") };
        let Some(MediaFetch::Locate(locate)) = Whatsapp.media_request(&account(), &id) else {
            panic!("no way")
        };
        let (told, _) = deliver(&locate, &account(), 0, |path, call| whatsapp.handle(path, call)).unwrap();
        let download = Whatsapp.media_located(&account(), &told.as_response()).unwrap();
        let (file, _) = deliver(&download, &account(), 0, |path, call| whatsapp.handle(path, call)).unwrap();
        assert_eq!((file.status, file.body), (200, vec![1, 2, 3]));
    }
    let sticker = does(&mut whatsapp, PHONE, &CustomerAct::SendsSticker { id: "cat".into() });
    assert_eq!(sticker.content.kind(), "sticker");
    assert_eq!(get(&mut whatsapp, "/999", &[]).0, 400);
}

#[test]
fn presses_bring_their_payloads_back() {
    let mut whatsapp = whatsapp();
    does(&mut whatsapp, USER, &says("hi"));
    for count in [3, 7] {
        let choice =
            |number: usize| Choice { title: format!("ข้อ {number}"), payload: format!("p{number}") };
        let reply = Reply { choices: (1..=count).map(choice).collect(), ..Reply::text("เลือก") };
        let (outcomes, _) = send(&mut whatsapp, &Destination::thread(USER), &reply, START);
        let sent = outcomes[0].clone().unwrap().external_id;
        let pressed = does(&mut whatsapp, USER, &CustomerAct::Presses { title: format!("ข้อ {count}") });
        let Content::Choice { payload, title, .. } = pressed.content else { panic!("no choice") };
        assert_eq!(
            (payload, title, pressed.reply_to),
            (format!("p{count}"), Some(format!("ข้อ {count}")), Some(sent))
        );
    }
    assert_eq!(whatsapp.customer(USER, &CustomerAct::Presses { title: "no such".into() }, START), None);
    let template = Template {
        name: "order".into(),
        language: "th".into(),
        fields: vec![crate::TemplatePart::Payload { index: 0, payload: "ok".into() }],
        text: String::new(),
    };
    let reply = Reply { parts: vec![crate::Part::Template { template }], ..Reply::default() };
    send(&mut whatsapp, &Destination::thread(USER), &reply, START);
    let pressed = does(&mut whatsapp, USER, &CustomerAct::Presses { title: "Button 0".into() });
    let Content::Choice { payload, .. } = pressed.content else { panic!("no choice") };
    assert_eq!(payload, "ok");
}

#[test]
fn receipts_follow_with_our_id_and_the_cost() {
    let mut whatsapp = whatsapp();
    for customer in [PHONE, USER] {
        does(&mut whatsapp, customer, &says("hi"));
        let to = Destination { correlation: Some("019a-1".into()), ..Destination::thread(customer) };
        let (outcomes, mut events) = send(&mut whatsapp, &to, &Reply::text("ตอบ"), START + SECOND);
        let sent = outcomes[0].clone().unwrap();
        events.extend(hear(&whatsapp.customer(customer, &CustomerAct::Reads, START + 2 * SECOND).unwrap()));
        let states = [ReceiptState::Sent, ReceiptState::Delivered, ReceiptState::Read];
        assert_eq!(receipts(&events), states.map(|state| (state, sent.external_id.as_str())));
        for event in &events {
            let Event::Receipt(receipt) = event else { panic!("no receipt") };
            assert_eq!(receipt.thread, whatsapp.thread_of(customer));
            assert_eq!(receipt.correlation.as_deref(), Some("019a-1"));
        }
        let Event::Receipt(first) = &events[0] else { panic!("no receipt") };
        assert_eq!(
            first.cost.as_ref().map(|cost| (cost.category.as_str(), cost.billable)),
            Some(("service", false))
        );
        assert!(whatsapp.customer(customer, &CustomerAct::Reads, START).unwrap().is_empty());
        let line = whatsapp.transcript(customer).pop().unwrap();
        assert_eq!((line.from, line.text.as_str(), line.id), (Speaker::Us, "ตอบ", sent.external_id));
    }
}

#[test]
fn free_words_reach_people_for_a_day() {
    let mut whatsapp = whatsapp();
    does(&mut whatsapp, PHONE, &says("hi"));
    let to = Destination::thread(PHONE);
    let (outcomes, events) = send(&mut whatsapp, &to, &Reply::text("สาย"), START + DAY);
    assert!(outcomes[0].is_ok(), "it is accepted and fails later");
    let Event::Receipt(failed) = &events[0] else { panic!("no receipt") };
    assert_eq!(
        (failed.state, failed.advice.as_deref()),
        (ReceiptState::Failed, Some(Advice::WaitForPerson.as_str()))
    );
    assert!(failed.reason.as_deref().unwrap().contains("131047"));
    assert_eq!(whatsapp.transcript(PHONE).len(), 1);
    let template =
        Template {
            name: "hello".into(), language: "th".into(), fields: vec![], text: "สวัสดี".into()
        };
    let reply = Reply { parts: vec![crate::Part::Template { template }], ..Reply::default() };
    let (_, events) = send(&mut whatsapp, &to, &reply, START + DAY);
    assert_eq!(receipts(&events)[0].0, ReceiptState::Sent);
    whatsapp.customer(PHONE, &CustomerAct::Leaves, START).unwrap();
    let (_, events) = send(&mut whatsapp, &to, &reply, START + DAY);
    let Event::Receipt(failed) = &events[0] else { panic!("no receipt") };
    assert!(failed.reason.as_deref().unwrap().contains("131026"));
    let mut strict = WhatsappSimulator::new(&account()).approving("other");
    let (outcomes, _) = send(&mut strict, &to, &reply, START);
    assert!(matches!(&outcomes[0], Err(SendError::Refused { code, advice, .. })
        if code == "132001" && advice == Advice::CheckTemplate.as_str()));
}

#[test]
fn lines_can_be_changed_and_reacted_to() {
    let mut whatsapp = whatsapp();
    let said = does(&mut whatsapp, PHONE, &says("หนึ่งชิ้น")).external_id;
    let edit = CustomerAct::Edits { line: said.clone(), text: "สองชิ้น".into() };
    let edited = Content::Edited { external_id: said.clone(), text: Some("สองชิ้น".into()) };
    assert_eq!(does(&mut whatsapp, PHONE, &edit).content, edited);
    let react = Action::React { external_id: said.clone(), emoji: Some("👍".into()) };
    let request = Whatsapp.act(&account(), &Destination::thread(PHONE), &react).unwrap();
    let (answer, _) = deliver(&request, &account(), START, |path, call| whatsapp.handle(path, call)).unwrap();
    assert!(Whatsapp.outcome(&request, &answer.as_response()).is_ok());
    assert_eq!(whatsapp.transcript(PHONE)[0].reaction.as_deref(), Some("👍"));
    let deleted = does(&mut whatsapp, PHONE, &CustomerAct::Deletes { line: said.clone() });
    assert_eq!(deleted.content, Content::Deleted { external_id: said.clone() });
    let line = &whatsapp.transcript(PHONE)[0];
    assert_eq!((line.text.as_str(), line.edited, line.deleted), ("สองชิ้น", true, true));
    for emoji in [Some("❤️".to_owned()), None] {
        let heard =
            does(&mut whatsapp, PHONE, &CustomerAct::Reacts { line: said.clone(), emoji: emoji.clone() });
        assert_eq!(
            heard.content,
            Content::Reaction { reaction: crate::Reaction { external_id: said.clone(), emoji } }
        );
    }
    assert_eq!(whatsapp.customer(PHONE, &CustomerAct::Deletes { line: "wamid.no".into() }, START), None);
}

#[test]
fn colleagues_and_advertisements_are_heard() {
    let mut whatsapp = whatsapp();
    for customer in [PHONE, USER] {
        let colleague = CustomerAct::ColleagueSays { text: "ตอบเองค่ะ".into() };
        let events = hear(&whatsapp.customer(customer, &colleague, START).unwrap());
        let Event::Echo(echo) = &events[0] else { panic!("no echo") };
        assert_eq!((&echo.message.thread, echo.ours), (&whatsapp.thread_of(customer), false));
        assert_eq!(echo.message.content.text(), Some("ตอบเองค่ะ"));
    }
    let referral = Referral {
        source: "ad".into(),
        id: Some("120226305854810726".into()),
        title: Some("ลด 20%".into()),
        ..Referral::default()
    };
    let arrives = CustomerAct::Arrives { referral: referral.clone(), text: Some("สนใจ".into()) };
    let heard = does(&mut whatsapp, PHONE, &arrives);
    assert_eq!((heard.referral, heard.content.text()), (Some(referral), Some("สนใจ")));
}

#[test]
fn typing_is_shown_until_we_answer() {
    let mut whatsapp = whatsapp();
    let heard = does(&mut whatsapp, USER, &says("hi"));
    let to = Destination { hints: heard.hints.clone(), ..Destination::thread(USER) };
    for action in [Action::Seen { external_id: None }, Action::Typing] {
        let request = Whatsapp.act(&account(), &to, &action).unwrap();
        let (answer, webhooks) =
            deliver(&request, &account(), START, |path, call| whatsapp.handle(path, call)).unwrap();
        assert_eq!((answer.status, webhooks.len()), (200, 0));
        assert_eq!(Whatsapp.outcome(&request, &answer.as_response()).unwrap().external_id, "");
    }
    assert_eq!(whatsapp.typing(), Some(heard.external_id.as_str()));
    send(&mut whatsapp, &to, &Reply::text("ok"), START);
    assert_eq!(whatsapp.typing(), None);
}

#[test]
fn groups_are_answered_where_they_name_us() {
    let mut whatsapp = whatsapp();
    for (text, addressed) in [("ใครว่าง", false), ("@15550783881 มีของไหม", true)]
    {
        let events = hear(&whatsapp.says_in_group(GROUP, PHONE, text, START));
        let Event::Message(message) = &events[0] else { panic!("no message") };
        assert_eq!((message.thread.as_str(), message.group, message.addressed), (GROUP, true, addressed));
        assert_eq!(message.sender.external_id, whatsapp.thread_of(PHONE));
    }
    let (outcomes, events) = send(&mut whatsapp, &Destination::thread(GROUP), &Reply::text("มีค่ะ"), START);
    assert!(outcomes[0].is_ok());
    let Event::Receipt(receipt) = &events[0] else { panic!("no receipt") };
    assert_eq!(receipt.thread, GROUP);
    let (outcomes, _) = send(&mut whatsapp, &Destination::thread("no-such-group"), &Reply::text("hi"), START);
    assert!(
        matches!(&outcomes[0], Err(SendError::Refused { advice, .. }) if advice == Advice::CheckAddress.as_str())
    );
}

#[test]
fn much_at_once_comes_as_one_call() {
    let mut whatsapp = whatsapp();
    let mut webhooks = whatsapp.customer(PHONE, &says("หนึ่ง"), START).unwrap();
    webhooks.extend(whatsapp.customer(USER, &says("two"), START).unwrap());
    let together = whatsapp.batch(webhooks.clone());
    assert_eq!(together.len(), 1);
    assert_eq!(hear(&together), hear(&webhooks));
    assert_eq!(whatsapp.batch(webhooks[..1].to_vec()), webhooks[..1]);
}
