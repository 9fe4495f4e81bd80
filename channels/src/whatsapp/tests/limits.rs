//! Whatever an author writes, WhatsApp takes what we make of it.

use proptest::prelude::*;

use super::planning::{PERSON, choice, choose, of, phone, plan, send};
use super::schema::OFFICIAL;
use super::to;
use crate::degrade::arbitrary::replies;
use crate::{
    Button, ButtonAction, Card, Choice, Destination, ListRow, ListSection, MediaKind, Part, Reply, Template,
    TemplatePart, Transport,
};

#[test]
fn limits_are_used_up_to_their_last_unit() {
    let statuses = |reply: &Reply| -> Vec<u16> {
        let mut whatsapp = phone();
        plan(&to(PERSON), reply).iter().map(|request| send(&mut whatsapp, request).0).collect()
    };
    assert_eq!(statuses(&Reply::text("ก".repeat(4096))), [200]);
    assert_eq!(statuses(&Reply::text("ก".repeat(4097))), [200, 200]);
    let card = |text| Card {
        title: "t".repeat(255),
        text: Some("x".repeat(text)),
        image_url: Some("https://x.example/a.jpg".into()),
        buttons: vec![choose(&"b".repeat(20), &"p".repeat(190))],
    };
    assert_eq!(statuses(&of(Part::Cards { cards: vec![card(768)] })), [200]);
    assert_eq!(statuses(&of(Part::Cards { cards: vec![card(769)] })), [200, 200, 200]);
    let choices: Vec<Choice> =
        (0..10).map(|number| choice(&format!("{number:020}"), &"p".repeat(190))).collect();
    assert_eq!(statuses(&Reply { choices, ..Reply::text("x".repeat(1024)) }), [200]);
    let above = |length| Reply { choices: vec![choice("A", "a")], ..Reply::text("x".repeat(length)) };
    assert_eq!(statuses(&above(1025)).len(), 2);
    let rows = (0..10).map(|number| ListRow {
        title: format!("{number:024}"),
        text: Some("x".repeat(72)),
        payload: "p".repeat(190),
    });
    let sections = vec![ListSection { title: "s".repeat(24), rows: rows.collect() }];
    assert_eq!(statuses(&of(Part::List { text: "?".into(), button: "b".repeat(20), sections })), [200]);
}

/// Replies that keep within most limits, so that every kind of message is planned often.
fn likely_replies() -> impl Strategy<Value = Reply> {
    let words = || prop_oneof![3 => "[a-zก-ฮ是否 ]{1,20}", 1 => "[a-zก-ฮ]{20,26}"];
    let texts = || prop_oneof![4 => "[a-zก-ฮ你好 \n]{1,60}", 1 => Just("ยาว ".repeat(400))];
    let payloads = || "[a-c]{1,2}";
    let choices = (words(), payloads()).prop_map(|(title, payload)| Choice { title, payload });
    let action = prop_oneof![
        2 => payloads().prop_map(|payload| ButtonAction::Choose { payload }),
        1 => Just(ButtonAction::Open { url: "https://x.example/ก?a={access_token}".into() }),
    ];
    let buttons = || {
        prop::collection::vec(
            (words(), action.clone()).prop_map(|(title, action)| Button { title, action }),
            0..4,
        )
    };
    let image = || prop::option::of(Just("https://x.example/a.jpg".to_owned()));
    let cards = (words(), prop::option::of(texts()), image(), buttons())
        .prop_map(|(title, text, image_url, buttons)| Card { title, text, image_url, buttons });
    let row = (words(), prop::option::of(words()), payloads()).prop_map(|(title, text, payload)| ListRow {
        title,
        text,
        payload,
    });
    let section =
        (words(), prop::collection::vec(row, 1..5)).prop_map(|(title, rows)| ListSection { title, rows });
    let blank = prop_oneof![
        (prop::option::of(payloads()), texts())
            .prop_map(|(name, text)| TemplatePart::HeaderText { name, text }),
        (texts(), texts()).prop_map(|(name, address)| TemplatePart::HeaderLocation {
            latitude: "13.7563".into(),
            longitude: "-100.5".into(),
            name,
            address,
        }),
        (0..10_u8, texts()).prop_map(|(index, code)| TemplatePart::CouponCode { index, code }),
        Just(TemplatePart::HeaderMedia { kind: MediaKind::File, url: "https://x.example/a+b.pdf".into() }),
        (prop::option::of(payloads()), texts()).prop_map(|(name, text)| TemplatePart::Body { name, text }),
        (0..10_u8, payloads()).prop_map(|(index, payload)| TemplatePart::Payload { index, payload }),
        (0..10_u8, texts()).prop_map(|(index, text)| TemplatePart::UrlEnding { index, text }),
    ];
    let template = prop::collection::vec(blank, 0..5).prop_map(|fields| Template {
        name: "order_update".into(),
        language: "th".into(),
        fields,
        text: "คำ".into(),
    });
    let parts = prop_oneof![
        texts().prop_map(|text| Part::Text { text }),
        (texts(), buttons()).prop_map(|(text, buttons)| Part::Buttons { text, buttons }),
        prop::collection::vec(cards, 1..4).prop_map(|cards| Part::Cards { cards }),
        (texts(), words(), prop::collection::vec(section, 1..4))
            .prop_map(|(text, button, sections)| Part::List { text, button, sections }),
        template.prop_map(|template| Part::Template { template }),
    ];
    let quote = prop::option::of(Just("wamid.Q".to_owned()));
    (prop::collection::vec(parts, 0..3), texts(), prop::collection::vec(choices, 0..12), quote).prop_map(
        |(mut parts, text, choices, reply_to)| {
            parts.push(Part::Text { text });
            Reply { parts, choices, reply_to, template: None }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn any_reply_is_taken(reply in prop_oneof![replies(), likely_replies()], named in any::<bool>(), correlation in any::<bool>()) {
        let correlation = correlation.then(|| "019aa000-0000-7000-8000-000000000000".to_owned());
        let thread = if named { "TH.1349" } else { PERSON };
        let destination = Destination { correlation, ..to(thread) };
        let mut whatsapp = phone();
        for request in plan(&destination, &reply) {
            if let Some(official) = OFFICIAL.as_ref() {
                let faults = official.faults(&request.body);
                prop_assert!(faults.is_empty(), "{} {:?}", request.body, faults);
            }
            let Transport::Http { headers, .. } = &request.transport else { panic!("not HTTP") };
            prop_assert_eq!(headers.len(), 1);
            let (status, words) = send(&mut whatsapp, &request);
            prop_assert_eq!(status, 200, "{} {}", request.body, words);
        }
    }
}
