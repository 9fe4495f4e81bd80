use super::*;
use crate::simulator::CustomerAct;
use crate::{Action, Contact, Location, MediaFetch, MediaSource, Order, Referral};

/// What our adapter makes of an act of a customer; none where Telegram has no such act.
fn act(telegram: &mut TelegramSimulator, customer: &str, act: &CustomerAct) -> Option<Vec<Event>> {
    let webhooks = Simulator::customer(telegram, customer, act, 3_000_000)?;
    let one = |webhook: Webhook| {
        schema::check_update(&serde_json::from_slice(&webhook.body).unwrap());
        let received = Telegram.receive(&account(), &webhook.as_call(9)).unwrap();
        assert_eq!(Telegram.receive(&account(), &webhook.as_call(9)).unwrap(), received);
        received.events.into_iter().map(|heard| heard.event)
    };
    Some(webhooks.into_iter().flat_map(one).collect())
}

fn kinds(telegram: &mut TelegramSimulator, customer: &str, done: &CustomerAct) -> Option<Vec<&'static str>> {
    Some(act(telegram, customer, done)?.iter().map(Event::kind).collect())
}

/// One of each act; some need a line to be about, which is the customer's first.
fn acts() -> Vec<(CustomerAct, &'static [&'static str])> {
    let sends = |kind| CustomerAct::Sends {
        kind,
        name: "ใบเสร็จ.bin".into(),
        mime: "application/octet-stream".into(),
        bytes: vec![1, 2, 3],
        caption: Some("ดูนี่".into()),
    };
    let location = |title: Option<&str>| CustomerAct::SendsLocation {
        location: Location {
            latitude: 13.7,
            longitude: 100.5,
            title: title.map(str::to_owned),
            address: None,
        },
    };
    let contact = Contact { name: "小明".into(), phones: vec!["1".into(), "2".into()], emails: vec![] };
    let line = || "1".to_owned();
    let referral = Referral { source: "link".into(), payload: Some("ad-7".into()), ..Referral::default() };
    vec![
        (CustomerAct::Says { text: "again".into(), quotes: Some(line()) }, &["text"]),
        (sends(MediaKind::Image), &["image"]),
        (sends(MediaKind::Video), &["video"]),
        (sends(MediaKind::Audio), &["audio"]),
        (sends(MediaKind::Voice), &["voice"]),
        (sends(MediaKind::File), &["file"]),
        (sends(MediaKind::Animation), &["animation"]),
        (CustomerAct::SendsSticker { id: "CAACAgUAAxkBAAIBYmVx".into() }, &["sticker"]),
        (location(None), &["location"]),
        (location(Some("ร้าน")), &["location"]),
        (CustomerAct::SendsContact { contact }, &["contact"]),
        (CustomerAct::Reacts { line: line(), emoji: Some("👍".into()) }, &["reaction"]),
        (CustomerAct::Reacts { line: line(), emoji: None }, &["reaction"]),
        (CustomerAct::Edits { line: line(), text: "แก้".into() }, &["edited"]),
        (CustomerAct::Leaves, &["stopped"]),
        (CustomerAct::Starts { payload: Some("ref".into()) }, &["started", "started"]),
        (CustomerAct::Arrives { referral, text: Some("hi".into()) }, &["started", "text"]),
    ]
}

#[test]
fn everything_people_do_is_heard() {
    let mut telegram = telegram();
    let says = || CustomerAct::Says { text: "สวัสดี".into(), quotes: None };
    assert_eq!(kinds(&mut telegram, "7", &says()), Some(vec!["text"]));
    for (done, expected) in acts() {
        assert_eq!(kinds(&mut telegram, "7", &done).as_deref(), Some(expected), "{done:?}");
    }
    assert_eq!(telegram.customers(), ["7"]);
    let first = &Simulator::transcript(&telegram, "7")[0];
    assert_eq!((first.text.as_str(), first.edited, first.reaction.as_deref()), ("แก้", true, None));
}

#[test]
fn what_telegram_has_not_is_not_done() {
    let mut telegram = telegram();
    act(&mut telegram, "7", &CustomerAct::Says { text: "hi".into(), quotes: None }).unwrap();
    let text = || "x".to_owned();
    for nothing in [
        CustomerAct::Deletes { line: "1".into() },
        CustomerAct::Reads,
        CustomerAct::Orders { order: Order::default() },
        CustomerAct::MentionsInStory,
        CustomerAct::RepliesToStory { text: text() },
        CustomerAct::Comments { text: text() },
        CustomerAct::ColleagueSays { text: text() },
        CustomerAct::Presses { title: text() },
        CustomerAct::Edits { line: "9".into(), text: text() },
        CustomerAct::Reacts { line: "9".into(), emoji: None },
        CustomerAct::Says { text: text(), quotes: Some("9".into()) },
        CustomerAct::Starts { payload: Some("no spaces".into()) },
    ] {
        assert_eq!(act(&mut telegram, "7", &nothing), None, "{nothing:?}");
    }
    assert_eq!(act(&mut telegram, "not a chat", &CustomerAct::Leaves), None);
}

#[test]
fn a_business_account_is_answered_for() {
    let mut telegram = telegram();
    assert_eq!(hear(telegram.owner_connects("b1", 0))[0].content.kind(), "account_linked");
    let says = |text: &str| CustomerAct::Says { text: text.into(), quotes: None };
    let heard = act(&mut telegram, "b1/7", &says("มีของไหมคะ")).unwrap().remove(0);
    let Event::Message(heard) = heard else { panic!() };
    let to = Destination { hints: heard.hints.clone(), ..Destination::thread(heard.thread.clone()) };
    assert_eq!(say(&mut telegram, &to, &Reply::text("มีค่ะ")), [200]);
    let seen = Action::Seen { external_id: Some(heard.external_id.clone()) };
    for done in [Action::Typing, seen] {
        let request = Telegram.act(&account(), &to, &done).unwrap();
        let (answer, _) = deliver(&request, &account(), 7, |path, call| telegram.handle(path, call)).unwrap();
        assert_eq!(answer.status, 200, "{done:?}");
    }
    let colleague =
        act(&mut telegram, "b1/7", &CustomerAct::ColleagueSays { text: "เพิ่งเข้าค่ะ".into() }).unwrap();
    assert!(matches!(&colleague[0], Event::Echo(echo) if !echo.ours && echo.message.thread == "b1/7"));
    assert_eq!(
        kinds(&mut telegram, "b1/7", &CustomerAct::RepliesToStory { text: "?".into() }),
        Some(vec!["story_reply"])
    );
    assert_eq!(
        kinds(&mut telegram, "b1/7", &CustomerAct::Edits { line: "1".into(), text: "!".into() }),
        Some(vec!["edited"])
    );
    assert_eq!(
        kinds(&mut telegram, "b1/7", &CustomerAct::Deletes { line: "1".into() }),
        Some(vec!["deleted"])
    );
    let lines = Simulator::transcript(&telegram, "b1/7");
    let ours: Vec<&str> =
        lines.iter().filter(|line| line.from == Speaker::Us).map(|line| line.text.as_str()).collect();
    assert_eq!((ours.as_slice(), lines[0].deleted), (["มีค่ะ", "เพิ่งเข้าค่ะ"].as_slice(), true));
    let delete = Action::Delete { external_id: "b1/7:2".into() };
    let request = Telegram.act(&account(), &to, &delete).unwrap();
    let (answer, _) = deliver(&request, &account(), 7, |path, call| telegram.handle(path, call)).unwrap();
    assert_eq!(answer.status, 200);
    assert!(
        Simulator::transcript(&telegram, "7").is_empty(),
        "the same person's chat with the bot is another"
    );
}

#[test]
fn people_in_a_group_are_told_apart() {
    let mut telegram = telegram();
    let says = |text: &str| CustomerAct::Says { text: text.into(), quotes: None };
    let mut said = |who: &str, text: &str| match act(&mut telegram, who, &says(text)).unwrap().remove(0) {
        Event::Message(message) => (message.thread, message.sender.external_id, message.addressed),
        other => panic!("{other:?}"),
    };
    assert_eq!(said("-100777:41", "พรุ่งนี้ว่างไหม"), ("-100777".into(), "41".into(), false));
    assert_eq!(said("-100777:42", "@sala_bot เปิดกี่โมง"), ("-100777".into(), "42".into(), true));
    assert_eq!(say(&mut telegram, &Destination::thread("-100777"), &Reply::text("9:00")), [200]);
    let quotes = CustomerAct::Says { text: "ขอบคุณ".into(), quotes: Some("3".into()) };
    let Event::Message(thanks) = act(&mut telegram, "-100777:41", &quotes).unwrap().remove(0) else {
        panic!()
    };
    assert!(thanks.addressed, "an answer to us is said to us");
    assert_eq!(kinds(&mut telegram, "-100777", &CustomerAct::Leaves), Some(vec!["left"]));
    let start = CustomerAct::Starts { payload: None };
    assert_eq!(kinds(&mut telegram, "-100777", &start), Some(vec!["joined", "started"]));
    assert_eq!(telegram.customers(), ["-100777"]);
}

#[test]
fn a_file_of_a_customer_can_be_fetched() {
    let mut telegram = telegram();
    let bytes = b"%PDF-1.7".to_vec();
    let sends = CustomerAct::Sends {
        kind: MediaKind::File,
        name: "a.pdf".into(),
        mime: "application/pdf".into(),
        bytes: bytes.clone(),
        caption: None,
    };
    let Event::Message(heard) = act(&mut telegram, "7", &sends).unwrap().remove(0) else { panic!() };
    let Content::Media { media } = heard.content else { panic!() };
    let MediaSource::Platform { id } = media.source else { panic!() };
    let Some(MediaFetch::Locate(request)) = Telegram.media_request(&account(), &id) else { panic!() };
    let mut ask =
        |request| deliver(request, &account(), 7, |path, call| telegram.handle(path, call)).unwrap().0;
    let located = ask(&request);
    let download = Telegram.media_located(&account(), &located.as_response()).unwrap();
    assert_eq!(
        (ask(&download).body, media.mime.as_deref(), media.size),
        (bytes, Some("application/pdf"), Some(8))
    );
}
