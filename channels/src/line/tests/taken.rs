//! Every reply is one that LINE takes, and no word of it is lost.

use proptest::prelude::*;

use super::schema::check_request;
use super::{NOW, SOMCHAI, account, ask, ask_at, line, to};
use crate::degrade::arbitrary::replies;
use crate::line::Line;
use crate::line::simulator::LineSimulator;
use crate::simulator::{CustomerAct, Simulator};
use crate::{
    AreaAction, Button, ButtonAction, Card, Channel, Choice, Destination, ImageArea, Imagemap, ListRow,
    ListSection, MediaKind, Part, Picture, Reply,
};

/// A LINE that knows the customer, with quota without limit.
pub(super) fn known() -> LineSimulator {
    let mut line = line().with_quota(None);
    line.customer(SOMCHAI, &CustomerAct::Starts { payload: None }, NOW);
    line
}

fn says(line: &mut LineSimulator) -> Destination {
    let act = CustomerAct::Says { text: "hi".into(), quotes: None };
    let webhook = line.customer(SOMCHAI, &act, NOW).unwrap().remove(0);
    let received = Line.receive(&account(), &webhook.as_call(NOW)).unwrap();
    let crate::Event::Message(message) = received.events.into_iter().next().unwrap().event else { panic!() };
    Destination { hints: message.hints, ..to(SOMCHAI) }
}

fn check_taken(reply: &Reply) {
    let mut line = known();
    let answer = says(&mut line);
    let push = to(SOMCHAI);
    for to in [answer, push] {
        for request in Line.plan(&account(), &to, reply).requests {
            check_request(&request);
            let (answer, _) = ask_at(&mut line, &request, NOW);
            let words = String::from_utf8_lossy(&answer.body).into_owned();
            assert_eq!(answer.status, 200, "{words}\n{:#}", request.body);
            let receipt = Line.outcome(&request, &answer.as_response()).unwrap();
            assert!(!receipt.external_id.is_empty());
        }
    }
}

fn addresses() -> impl Strategy<Value = String> {
    prop_oneof![
        "https://[a-z]{1,9}\\.example/[a-zก-ฮ/\\[\\]|^{}%#? ]{0,40}",
        "https://x\\.example/[a-z]{900,1100}",
        "https://x\\.example/[a-z]{1900,2100}",
        "(http|ftp|tel|line)://[a-z]{1,5}",
        "https://x\\.example/a\\.(jpg|png|gif|mp4|m4a|ogg)",
    ]
}

/// Pictures with areas around every limit: most of them are shown as such.
fn imagemaps() -> impl Strategy<Value = Part> {
    let action = prop_oneof![
        "[ก-ฮ]{1,20}".prop_map(|text| AreaAction::Say { text }),
        "[a-z]{398,402}".prop_map(|text| AreaAction::Say { text }),
        addresses().prop_map(|url| AreaAction::Open { url }),
    ];
    let label = prop_oneof![9 => "[a-zก-ฮ]{0,20}", 1 => "[a-z]{48,52}"];
    let area = ((0..1_000u32, 0..1_000u32), (1..1_500u32, 1..1_500u32), label, action).prop_map(
        |((x, y), (width, height), label, action)| ImageArea { x, y, width, height, label, action },
    );
    let areas = prop_oneof![prop::collection::vec(area.clone(), 1..4), prop::collection::vec(area, 48..52),];
    let base = prop::option::weighted(0.9, "https://x\\.example/([a-z]{1,9}|[a-z]{1960,1980})");
    let alt = prop_oneof![9 => "[a-zก-ฮ]{1,40}", 1 => "[a-z]{398,402}"];
    (addresses(), alt, (1..2_100u32, 1..4_100u32), areas, base).prop_map(
        |(url, alt, (width, height), areas, base_url)| Part::Imagemap {
            imagemap: Imagemap { picture: Picture::Url { url }, alt, width, height, areas, base_url },
        },
    )
}

/// Replies at the edges of LINE's own limits, which the shared ones seldom touch.
fn line_replies() -> impl Strategy<Value = Reply> {
    let titles = || prop_oneof!["[ก-ฮ]{1,25}", "\\PC{1,30}", "[a-z]{95,105}", "[\u{1}-\u{1f}]{1,5}x"];
    let button = (
        titles(),
        prop_oneof![
            "[a-z]{1,310}".prop_map(|payload| ButtonAction::Choose { payload }),
            addresses().prop_map(|url| ButtonAction::Open { url }),
        ],
    )
        .prop_map(|(title, action)| Button { title, action });
    let buttons = prop::collection::vec(button, 1..10);
    let card =
        (titles(), prop::option::of("[a-zก-ฮ ]{0,450}"), prop::option::of(addresses()), buttons.clone())
            .prop_map(|(title, text, image_url, buttons)| Card { title, text, image_url, buttons });
    let kinds = prop::sample::select(vec![
        MediaKind::Image,
        MediaKind::Video,
        MediaKind::Audio,
        MediaKind::Animation,
    ]);
    let row = (titles(), prop::option::of("[a-z]{0,210}"), "[a-z]{1,20}")
        .prop_map(|(title, text, payload)| ListRow { title, text, payload });
    let section =
        (titles(), prop::collection::vec(row, 1..14)).prop_map(|(title, rows)| ListSection { title, rows });
    let part = prop_oneof![
        imagemaps(),
        ("[a-zก-ฮ]{1,600}", buttons).prop_map(|(text, buttons)| Part::Buttons { text, buttons }),
        prop::collection::vec(card, 1..15).prop_map(|cards| Part::Cards { cards }),
        (kinds, addresses(), prop::option::of(titles())).prop_map(|(kind, url, alt)| Part::Media {
            kind,
            url,
            alt
        }),
        ("[a-z]{1,1100}", titles(), prop::collection::vec(section, 1..4))
            .prop_map(|(text, button, sections)| Part::List { text, button, sections }),
    ];
    let choices = prop::collection::vec((titles(), "[a-z]{1,301}"), 0..15);
    (prop::collection::vec(part, 1..4), choices).prop_map(|(parts, choices)| Reply {
        parts,
        choices: choices.into_iter().map(|(title, payload)| Choice { title, payload }).collect(),
        reply_to: None,
        template: None,
    })
}

/// What an author wrote and a person must be able to read. Addresses have spellings of their own.
fn words(reply: &Reply) -> Vec<String> {
    let mut words: Vec<String> = reply.choices.iter().map(|choice| choice.title.clone()).collect();
    let of_buttons =
        |buttons: &[Button]| buttons.iter().map(|button| button.title.clone()).collect::<Vec<_>>();
    for part in &reply.parts {
        match part {
            Part::Text { text } => words.push(text.clone()),
            Part::Media { alt, .. } => words.extend(alt.clone()),
            Part::Buttons { text, buttons } => {
                words.push(text.clone());
                words.extend(of_buttons(buttons));
            }
            Part::Cards { cards } => {
                for card in cards {
                    words.push(card.title.clone());
                    words.extend(card.text.clone());
                    words.extend(of_buttons(&card.buttons));
                }
            }
            Part::List { text, sections, .. } => {
                words.push(text.clone());
                for section in sections {
                    words.push(section.title.clone());
                    for row in &section.rows {
                        words.push(row.title.clone());
                        words.extend(row.text.clone());
                    }
                }
            }
            Part::Location { location } => {
                words.extend(location.title.iter().chain(&location.address).cloned());
            }
            Part::Contacts { contacts } => words.extend(contacts.iter().map(|contact| contact.name.clone())),
            Part::Template { template } => words.push(template.text.clone()),
            Part::Imagemap { imagemap } => {
                words.push(imagemap.alt.clone());
                let said = imagemap.areas.iter().filter(|area| area.title() == area.label);
                words.extend(said.map(|area| area.label.clone()));
            }
            Part::Sticker { .. } | Part::Flex { .. } => {}
        }
    }
    words
}

fn dense(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

/// Everything in the customer's chat, without white space.
fn seen(line: &LineSimulator) -> String {
    let lines = line.transcript(SOMCHAI);
    let all = lines.iter().map(|line| {
        let titles: Vec<&str> = line.buttons.iter().map(|button| button.title.as_str()).collect();
        dense(&format!("{}{}", line.text, titles.concat()))
    });
    all.collect()
}

fn check_words(reply: &Reply) {
    let mut line = known();
    for request in Line.plan(&account(), &to(SOMCHAI), reply).requests {
        assert_eq!(ask(&mut line, &request).0, 200);
    }
    let seen = seen(&line);
    for text in words(reply) {
        assert!(seen.contains(&dense(&text)), "{text:?} is lost in {seen:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_word_is_lost(reply in prop_oneof![replies(), line_replies()]) {
        check_words(&reply);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn line_takes_every_reply(reply in replies()) {
        check_taken(&reply);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn line_takes_every_reply_at_its_limits(reply in line_replies()) {
        check_taken(&reply);
    }
}
