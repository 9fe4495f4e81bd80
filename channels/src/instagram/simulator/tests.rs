use super::*;
use crate::meta::testing::{APP, APP_SECRET, PAGE, TOKEN, account};
use crate::simulator::{CustomerAct, Simulator, Speaker, Webhook, deliver};
use crate::{
    Channel, Content, Destination, Event, InboundMessage, MediaKind, ReceiptState, Reply, SendError,
};

fn instagram() -> InstagramSimulator {
    InstagramSimulator::new(PAGE, TOKEN, APP, APP_SECRET).with_webhook("https://bots.example/hook")
}

fn hear(webhooks: Vec<Webhook>) -> Vec<Event> {
    let one = |webhook: Webhook| {
        let received = Instagram.receive(&account(), &webhook.as_call(9)).unwrap();
        received.events.into_iter().inspect(|heard| assert_eq!(heard.account, PAGE)).map(|heard| heard.event)
    };
    webhooks.into_iter().flat_map(one).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "acts are written where they are done")]
fn act(instagram: &mut InstagramSimulator, act: CustomerAct, now: i64) -> Vec<Event> {
    hear(instagram.customer("7", &act, now).unwrap())
}

fn message(events: Vec<Event>) -> InboundMessage {
    let [Event::Message(message)] = <[Event; 1]>::try_from(events).unwrap() else { panic!("no message") };
    *message
}

fn says(text: &str) -> CustomerAct {
    CustomerAct::Says { text: text.into(), quotes: None }
}

fn send(
    instagram: &mut InstagramSimulator,
    thread: &str,
    text: &str,
    now: i64,
) -> (Result<String, SendError>, Vec<Event>) {
    let plan = Instagram.plan(&account(), &Destination::thread(thread), &Reply::text(text));
    let request = &plan.requests[0];
    let (answer, told) =
        deliver(request, &account(), now, |path, call| instagram.handle(path, call)).unwrap();
    let sent = Instagram.outcome(request, &answer.as_response()).map(|receipt| receipt.external_id);
    (sent, hear(told))
}

#[test]
fn a_conversation_goes_both_ways() {
    let mut instagram = instagram();
    let heard = message(act(&mut instagram, says("มีไซซ์ M ไหมคะ"), 3_000_000));
    assert_eq!(heard.content, Content::Text { text: "มีไซซ์ M ไหมคะ".into() });
    let (sent, told) = send(&mut instagram, "7", "มีค่ะ", 4_000_000);
    let [Event::Echo(echo)] = told.as_slice() else { panic!("{told:?}") };
    // Instagram names no program: our own send is known by its id alone.
    assert_eq!((Ok(&echo.message.external_id), echo.ours), (sent.as_ref(), false));
    let [Event::Receipt(read)] = &act(&mut instagram, CustomerAct::Reads, 5_000_000)[..] else { panic!() };
    assert_eq!((read.state, Ok(&read.external_id)), (ReceiptState::Read, sent.as_ref()));
    let seen: Vec<Speaker> = instagram.transcript("7").iter().map(|line| line.from).collect();
    assert_eq!(seen, [Speaker::Customer, Speaker::Us]);
    let colleague = act(&mut instagram, CustomerAct::ColleagueSays { text: "ได้ค่ะ".into() }, 6);
    assert!(matches!(&colleague[..], [Event::Echo(echo)] if !echo.ours));
}

#[test]
fn stories_and_pictures_come_through() {
    let mut instagram = instagram();
    let reply = message(act(&mut instagram, CustomerAct::RepliesToStory { text: "สวยมาก".into() }, 1));
    let Content::StoryReply { text, story } = reply.content else { panic!() };
    assert_eq!((text.as_str(), story.id.is_some()), ("สวยมาก", true));
    let mention = message(act(&mut instagram, CustomerAct::MentionsInStory, 2));
    assert!(matches!(mention.content, Content::StoryMention { .. }));
    let voice = CustomerAct::Sends {
        kind: MediaKind::Voice,
        name: "v.m4a".into(),
        mime: "audio/mp4".into(),
        bytes: vec![1],
        caption: None,
    };
    assert_eq!(message(act(&mut instagram, voice, 3)).content.kind(), "audio");
    for missing in [
        CustomerAct::SendsSticker { id: "1".into() },
        CustomerAct::SendsLocation {
            location: crate::Location { latitude: 0.0, longitude: 0.0, title: None, address: None },
        },
    ] {
        assert_eq!(instagram.customer("7", &missing, 4), None);
    }
}

#[test]
fn comments_come_flat_and_are_answered() {
    let mut instagram = instagram();
    let heard = message(act(&mut instagram, CustomerAct::Comments { text: "ราคา?".into() }, 5_000_000));
    assert_eq!(heard.content.kind(), "comment");
    assert_eq!(heard.sender.username.as_deref(), Some("c.7"));
    let (sent, _) = send(&mut instagram, &heard.thread, "ทักแชตนะคะ", 6_000_000);
    assert!(sent.is_ok());
    let (again, _) = send(&mut instagram, &heard.thread, "อีกที", 7_000_000);
    assert!(matches!(again, Err(SendError::Refused { ref code, .. }) if code == "answered"));
    let (shut, _) = send(&mut instagram, "7", "hi", 8_000_000);
    assert!(matches!(shut, Err(SendError::Refused { ref code, .. }) if code == "window"));
}
