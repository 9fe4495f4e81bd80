mod properties;

use super::*;
use crate::{Card, Contact, LengthUnit, ListRow, ListSection, Template};

/// A platform that has everything, a little of it.
pub(super) fn small() -> Capabilities {
    Capabilities {
        text_unit: LengthUnit::Characters,
        text_limit: 60,
        caption_limit: 20,
        choices: 3,
        choice_title_limit: 10,
        buttons: 2,
        link_buttons: 2,
        button_title_limit: 10,
        payload_limit: 20,
        cards: 2,
        card_title_limit: 10,
        card_text_limit: 20,
        card_buttons: 1,
        rows: 3,
        row_title_limit: 10,
        row_text_limit: 20,
        list_button_limit: 10,
        place_limit: 20,
        linked_media: vec![MediaKind::File],
        features: vec![
            Feature::Lists,
            Feature::Contacts,
            Feature::Stickers,
            Feature::Templates,
            Feature::Flex,
            Feature::Imagemap,
            Feature::Choices,
            Feature::ChoicesUnderAnything,
            Feature::Buttons,
            Feature::Cards,
            Feature::Media,
            Feature::Location,
            Feature::ReplyTo,
        ],
        ..Capabilities::NOTHING
    }
}

/// A platform that has nothing but text.
fn bare() -> Capabilities {
    Capabilities { features: Vec::new(), cards: 0, ..small() }
}

fn choice(title: &str) -> Choice {
    Choice { title: title.into(), payload: format!("p:{title}") }
}

fn button(title: &str) -> Button {
    Button { title: title.into(), action: ButtonAction::Choose { payload: format!("p:{title}") } }
}

fn opens(title: &str, url: &str) -> Button {
    Button { title: title.into(), action: ButtonAction::Open { url: url.into() } }
}

fn card(title: &str, buttons: Vec<Button>) -> Card {
    Card { title: title.into(), text: None, image_url: Some("https://x.example/a.jpg".into()), buttons }
}

/// What is shown, one line a message: its text and, in brackets, what hangs under it.
fn picture(degraded: &Degraded) -> Vec<String> {
    let line = |shown: &Shown| {
        let choices: Vec<String> =
            shown.choices.iter().map(|choice| format!(" [{}]", choice.title)).collect();
        words(&shown.part).join("|") + &choices.concat()
    };
    degraded.shown.iter().map(line).collect()
}

fn check(parts: Vec<Part>, choices: Vec<Choice>, caps: &Capabilities, shown: &[&str], lost: &[Loss]) {
    let degraded = degrade(&Reply { parts, choices, ..Reply::default() }, caps);
    assert_eq!(picture(&degraded), shown);
    assert_eq!(degraded.lost.iter().map(|lost| lost.what).collect::<Vec<_>>(), lost);
}

#[test]
fn what_fits_is_untouched() {
    let parts = vec![
        Part::Text { text: "สวัสดีค่ะ".into() },
        Part::Buttons {
            text: "Open?".into(),
            buttons: vec![opens("Shop", "https://x.example"), button("No")],
        },
        Part::Cards { cards: vec![card("A", vec![]), card("B", vec![button("Buy")])] },
    ];
    let reply = Reply { parts, choices: vec![choice("好")], reply_to: Some("7".into()), ..Reply::default() };
    let degraded = degrade(&reply, &small());
    assert_eq!(degraded.shown.iter().map(|shown| shown.part.clone()).collect::<Vec<_>>(), reply.parts);
    assert_eq!(degraded.shown[2].choices, reply.choices);
    assert_eq!(degraded.shown[0].reply_to, reply.reply_to);
    assert_eq!((degraded.lost, degraded.numbered), (vec![], vec![]));
}

#[test]
fn choices_beyond_the_limits_are_numbered() {
    let four = ["a", "b", "c", "d"].map(choice).to_vec();
    let text = || vec![Part::Text { text: "Which?".into() }];
    let numbered = ["Which?\n\n1. a\n2. b\n3. c\n4. d"];
    check(text(), four.clone(), &small(), &numbered, &[Loss::ChoicesNumbered]);
    check(
        text(),
        vec![choice("ยาวเกินสิบตัว")],
        &small(),
        &["Which?\n\n1. ยาวเกินสิบตัว"],
        &[Loss::ChoicesNumbered],
    );
    check(text(), four[..2].to_vec(), &bare(), &["Which?\n\n1. a\n2. b"], &[Loss::ChoicesNumbered]);
    check(text(), vec![choice(" ")], &small(), &["Which?"], &[Loss::Untitled]);
    let degraded = degrade(&Reply { parts: text(), choices: four.clone(), ..Reply::default() }, &small());
    assert_eq!(degraded.numbered, four);
}

#[test]
fn choices_without_a_carrier_hang_under_their_own_list() {
    let caps = Capabilities { features: vec![Feature::Choices, Feature::Location], ..small() };
    let place = Location { latitude: 1.0, longitude: 2.0, title: None, address: None };
    let parts = vec![Part::Location { location: place }];
    check(parts, vec![choice("a")], &caps, &["", "1. a [a]"], &[Loss::ChoicesApart]);
    check(vec![], vec![choice("a")], &small(), &["1. a [a]"], &[Loss::ChoicesApart]);
}

#[test]
fn numbers_run_through_the_reply() {
    let buttons = vec![button("a"), opens("Site", "https://x.example"), button("b")];
    let parts = vec![Part::Buttons { text: "One".into(), buttons }];
    let shown = ["One\n\n1. a\nSite\nhttps://x.example\n2. b\n\n3. c"];
    check(parts, vec![choice("c")], &bare(), &shown, &[Loss::ButtonsNumbered, Loss::ChoicesNumbered]);
}

#[test]
fn cards_go_one_by_one_or_in_pieces() {
    let cards =
        || Part::Cards { cards: ["a", "b", "c"].map(|title| card(title, vec![button("Buy")])).to_vec() };
    let one = Capabilities { cards: 1, ..small() };
    let image = "https://x.example/a.jpg";
    let shown = ["a", "b", "c"].map(|title| format!("{title}|{image}|Buy"));
    check(vec![cards()], vec![], &one, &shown.each_ref().map(String::as_str), &[Loss::CardsApart]);
    let two = [format!("{}|{}", shown[0], shown[1]), shown[2].clone()];
    check(vec![cards()], vec![], &small(), &two.each_ref().map(String::as_str), &[Loss::CardsApart]);
    let parts = vec![Part::Cards { cards: vec![card("a", vec![])] }];
    check(parts, vec![], &bare(), &[image, "a"], &[Loss::CardUnpacked, Loss::MediaLinked]);
}

#[test]
fn media_become_links_and_captions_stand_apart() {
    let media = |kind, alt: &str| {
        vec![Part::Media { kind, url: "https://x.example/f".into(), alt: Some(alt.into()) }]
    };
    check(media(MediaKind::Image, "A cat"), vec![], &small(), &["A cat|https://x.example/f"], &[]);
    let apart = ["https://x.example/f", "A cat that is very very long"];
    check(media(MediaKind::Image, apart[1]), vec![], &small(), &apart, &[Loss::CaptionApart]);
    let linked = ["A cat\nhttps://x.example/f"];
    check(media(MediaKind::File, "A cat"), vec![], &small(), &linked, &[Loss::MediaLinked]);
    check(media(MediaKind::Image, "A cat"), vec![], &bare(), &linked, &[Loss::MediaLinked]);
    let local = Part::Media { kind: MediaKind::Image, url: "/a.jpg".into(), alt: None };
    check(vec![local], vec![], &small(), &["/a.jpg"], &[Loss::MediaLinked]);
}

#[test]
fn addresses_that_are_not_web_addresses_are_only_text() {
    for url in ["javascript:alert(1)", "tel:+6621234567", "data:text/html,x", "https://", "x.example"] {
        let parts = vec![Part::Buttons { text: "Go".into(), buttons: vec![opens("Here", url)] }];
        check(parts, vec![], &small(), &[&format!("Go\n\nHere\n{url}")], &[Loss::ButtonsNumbered]);
    }
}

#[test]
fn places_keep_their_names() {
    let place = |title: &str| Location {
        latitude: 13.75,
        longitude: 100.5,
        title: Some(title.into()),
        address: Some("ถนนพระราม 1".into()),
    };
    let part = |title: &str| vec![Part::Location { location: place(title) }];
    check(part("Shop"), vec![], &small(), &["Shop|ถนนพระราม 1"], &[]);
    let long = "A shop with a very long name";
    check(part(long), vec![], &small(), &[&format!("{long}\nถนนพระราม 1"), ""], &[Loss::PlaceNamedApart]);
    let linked = ["Shop\nถนนพระราม 1\nhttps://maps.google.com/?q=13.75,100.5"];
    let wide = Capabilities { text_limit: 100, ..bare() };
    check(part("Shop"), vec![], &wide, &linked, &[Loss::LocationLinked]);
}

#[test]
fn a_long_question_keeps_its_buttons_at_the_end() {
    let text = "The first sentence is here and it is long. The second one is here, too.";
    let parts = vec![Part::Buttons { text: text.into(), buttons: vec![button("Yes")] }];
    let shown = ["The first sentence is here and it is long.", "The second one is here, too.|Yes"];
    check(parts, vec![], &small(), &shown, &[Loss::TextSplit]);
}

#[test]
fn links_that_cannot_be_buttons_are_written_above_the_others() {
    let buttons = || vec![button("Yes"), opens("Shop", "https://x.example")];
    let parts = || vec![Part::Buttons { text: "Well?".into(), buttons: buttons() }];
    let written = ["Well?\nShop\nhttps://x.example|Yes"];
    let apart = Capabilities { mixed_buttons: false, ..small() };
    check(parts(), vec![], &apart, &written, &[Loss::LinksWritten]);
    let none = Capabilities { link_buttons: 0, ..small() };
    check(parts(), vec![], &none, &written, &[Loss::LinksWritten]);
}

#[test]
fn lists_become_buttons_or_numbered_lines() {
    let row = |title: &str, text: Option<&str>| ListRow {
        title: title.into(),
        text: text.map(str::to_owned),
        payload: format!("p:{title}"),
    };
    let list = |rows| {
        let sections = vec![ListSection { title: String::new(), rows }];
        vec![Part::List { text: "Which?".into(), button: "Open".into(), sections }]
    };
    let two = || vec![row("a", None), row("b", None)];
    check(list(two()), vec![], &small(), &["Which?||a||b|"], &[]);
    let none = Capabilities { rows: 0, ..small() };
    check(list(two()), vec![], &none, &["Which?|a|b"], &[Loss::ListFlattened]);
    let told = list(vec![row("a", Some("first")), row("b", None)]);
    check(told, vec![], &none, &["Which?\n\n1. a\nfirst\n2. b"], &[Loss::ListFlattened]);
    let same = list(vec![row("a", None), row("a", None)]);
    let unique = Capabilities { unique_titles: true, ..small() };
    check(same, vec![], &unique, &["Which?\n\n1. a\n2. a"], &[Loss::ListFlattened, Loss::ButtonsNumbered]);
}

#[test]
fn what_only_one_platform_has_is_said_in_words() {
    let template =
        Template {
            name: "order".into(), language: "th".into(), fields: vec![], text: "พัสดุถึงแล้วค่ะ".into()
        };
    let contact = Contact {
        name: "Nok".into(),
        phones: vec!["+66812345678".into()],
        emails: vec!["n@x.example".into()],
    };
    let parts = vec![
        Part::Sticker { id: "446/1988".into(), alt: "👍".into() },
        Part::Template { template },
        Part::Flex { alt: "Menu".into(), contents: serde_json::json!({}) },
        Part::Contacts { contacts: vec![contact] },
    ];
    let lost = [Loss::StickerWritten, Loss::TemplateWritten, Loss::FlexWritten, Loss::ContactsWritten];
    let shown = ["👍", "พัสดุถึงแล้วค่ะ", "Menu", "Nok\n+66812345678\nn@x.example"];
    check(parts.clone(), vec![], &bare(), &shown, &lost);
    let kept = degrade(&Reply { parts: parts.clone(), ..Reply::default() }, &small());
    assert_eq!((kept.shown.into_iter().map(|shown| shown.part).collect(), kept.lost), (parts, vec![]));
}

#[test]
fn a_text_with_choices_may_be_shorter_than_a_plain_one() {
    let caps = Capabilities { choice_text_limit: 30, ..small() };
    let parts = vec![Part::Text { text: "The first sentence is here. The second one is.".into() }];
    let shown = ["The first sentence is here.", "The second one is. [a]"];
    check(parts, vec![choice("a")], &caps, &shown, &[Loss::TextSplit]);
}

#[test]
fn a_quote_that_cannot_be_shown_is_reported() {
    let reply = Reply { reply_to: Some("1".into()), ..Reply::text("hi") };
    assert_eq!(degrade(&reply, &bare()).lost, [Lost { part: None, what: Loss::Quote }]);
    assert_eq!(serde_json::to_value(Lost { part: Some(0), what: Loss::Quote }).unwrap()["what"], "quote");
}

/// Everything of a part that a person reads, in order.
pub(super) fn words(part: &Part) -> Vec<String> {
    let button = |button: &Button| match &button.action {
        ButtonAction::Choose { .. } => vec![button.title.clone()],
        ButtonAction::Open { url } => vec![button.title.clone(), url.clone()],
    };
    let of_card = |card: &Card| {
        let mut words = vec![card.title.clone()];
        words.extend(card.text.clone());
        words.extend(card.image_url.clone());
        words.extend(card.buttons.iter().flat_map(button));
        words
    };
    match part {
        Part::Text { text } => vec![text.clone()],
        Part::Media { url, alt, .. } => alt.iter().chain([url]).cloned().collect(),
        Part::Buttons { text, buttons } => {
            [text.clone()].into_iter().chain(buttons.iter().flat_map(button)).collect()
        }
        Part::Cards { cards } => cards.iter().flat_map(of_card).collect(),
        Part::Location { location } => location.title.iter().chain(&location.address).cloned().collect(),
        Part::List { text, sections, .. } => {
            let rows = sections.iter().flat_map(|section| {
                let row = |row: &ListRow| [row.title.clone(), row.text.clone().unwrap_or_default()];
                [section.title.clone()].into_iter().chain(section.rows.iter().flat_map(row))
            });
            [text.clone()].into_iter().chain(rows).collect()
        }
        Part::Contacts { contacts } => {
            let one = |contact: &Contact| {
                [contact.name.clone()].into_iter().chain(contact.phones.clone()).chain(contact.emails.clone())
            };
            contacts.iter().flat_map(|contact| one(contact).collect::<Vec<_>>()).collect()
        }
        Part::Sticker { alt, .. } | Part::Flex { alt, .. } => vec![alt.clone()],
        Part::Template { template } => vec![template.text.clone()],
        Part::Imagemap { imagemap } => {
            let buttons = imagemap.areas.iter().map(crate::ImageArea::button);
            [imagemap.alt.clone()].into_iter().chain(buttons.flat_map(|each| button(&each))).collect()
        }
    }
}
