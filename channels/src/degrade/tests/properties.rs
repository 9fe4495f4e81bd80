//! For any reply and any platform: the limits hold and no word is lost.

use std::collections::HashSet;

use proptest::prelude::*;

use super::{small, words};
use crate::degrade::arbitrary::replies;
use crate::degrade::*;
use crate::{LengthUnit, ListRow, ListSection};

fn capabilities() -> impl Strategy<Value = Capabilities> {
    let units = prop_oneof![Just(LengthUnit::Characters), Just(LengthUnit::Utf16), Just(LengthUnit::Bytes)];
    let features = proptest::sample::subsequence(small().features, 0..=small().features.len());
    let linked = prop_oneof![Just(vec![]), Just(vec![MediaKind::File])];
    let limits = proptest::array::uniform18(0..40usize);
    (units, 4..200usize, limits, features, linked).prop_map(
        |(text_unit, text_limit, limits, features, linked_media)| {
            let [
                caption_limit,
                choices,
                choice_title_limit,
                buttons,
                button_title_limit,
                payload_limit,
                cards,
                card_title_limit,
                card_text_limit,
                card_buttons,
                place_limit,
                link_buttons,
                rows,
                row_title_limit,
                row_text_limit,
                list_button_limit,
                flags,
                above,
            ] = limits;
            Capabilities {
                title_unit: None,
                text_unit,
                text_limit,
                caption_limit,
                choices: choices % 5,
                choice_title_limit,
                buttons: buttons % 4,
                button_title_limit,
                payload_limit,
                cards: cards % 4,
                card_title_limit,
                card_text_limit,
                card_buttons: card_buttons % 3,
                place_limit,
                link_buttons: link_buttons % 3,
                mixed_buttons: flags % 2 == 0,
                unique_titles: flags % 3 == 0,
                rows: rows % 5,
                row_title_limit,
                row_text_limit,
                list_button_limit,
                button_text_limit: 4 + above,
                choice_text_limit: 4 + above * 2,
                list_text_limit: 4 + above * 3,
                bare_media: Vec::new(),
                contacts: 1 + flags % 4,
                bare_cards: flags % 5 == 0,
                linked_media,
                media: &[],
                features,
            }
        },
    )
}

fn assert_titles<'a>(titles: impl Iterator<Item = &'a str>, caps: &Capabilities) {
    let titles: Vec<&str> = titles.collect();
    let different: HashSet<&&str> = titles.iter().collect();
    assert!(!caps.unique_titles || different.len() == titles.len());
}

fn assert_list(text: &str, button: &str, sections: &[ListSection], caps: &Capabilities) {
    let fits = |text: &str, limit| caps.text_unit.measure(text) <= limit;
    assert!(
        caps.has(Feature::Lists) && !is_blank(text) && fits(text, caps.text_limit.min(caps.list_text_limit))
    );
    assert!(!is_blank(button) && fits(button, caps.list_button_limit));
    let rows: Vec<&ListRow> = sections.iter().flat_map(|section| &section.rows).collect();
    assert!((1..=caps.rows).contains(&rows.len()));
    assert_titles(rows.iter().map(|row| row.title.as_str()), caps);
    for section in sections {
        assert!(!section.rows.is_empty() && (sections.len() == 1 || !is_blank(&section.title)));
        assert!(fits(&section.title, caps.row_title_limit));
    }
    for row in rows {
        assert!(!is_blank(&row.title) && fits(&row.title, caps.row_title_limit));
        assert!(fits(row.text.as_deref().unwrap_or_default(), caps.row_text_limit));
        assert!((1..=caps.payload_limit).contains(&row.payload.len()));
    }
}

fn assert_buttons(buttons: &[Button], most: usize, caps: &Capabilities) {
    assert!(buttons.len() <= most);
    let links = buttons.iter().filter(|button| matches!(button.action, ButtonAction::Open { .. })).count();
    assert!(links <= caps.link_buttons && (caps.mixed_buttons || links == 0 || links == buttons.len()));
    assert_titles(buttons.iter().map(|button| button.title.as_str()), caps);
    for button in buttons {
        assert!(!is_blank(&button.title) && caps.text_unit.measure(&button.title) <= caps.button_title_limit);
        match &button.action {
            ButtonAction::Choose { payload } => assert!((1..=caps.payload_limit).contains(&payload.len())),
            ButtonAction::Open { url } => assert!(web_address(url).is_some()),
        }
    }
}

fn assert_within(shown: &Shown, caps: &Capabilities) {
    let fits = |text: &str, limit| caps.text_unit.measure(text) <= limit;
    match &shown.part {
        Part::Text { text } => assert!(!is_blank(text) && fits(text, caps.text_limit)),
        Part::Media { kind, url, alt } => {
            assert!(caps.has(Feature::Media) && !caps.linked_media.contains(kind));
            assert!(web_address(url).is_some());
            assert!(fits(alt.as_deref().unwrap_or_default(), caps.caption_limit));
        }
        Part::Buttons { text, buttons } => {
            assert!(caps.has(Feature::Buttons) && !is_blank(text));
            assert!(fits(text, caps.text_limit.min(caps.button_text_limit)));
            assert_buttons(buttons, caps.buttons, caps);
        }
        Part::Cards { cards } => {
            assert!((1..=caps.cards).contains(&cards.len()));
            for card in cards {
                assert!(!is_blank(&card.title) && fits(&card.title, caps.card_title_limit));
                assert!(fits(card.text.as_deref().unwrap_or_default(), caps.card_text_limit));
                assert_buttons(&card.buttons, caps.card_buttons, caps);
            }
        }
        Part::Location { location } => {
            assert!(caps.has(Feature::Location));
            for words in [&location.title, &location.address].into_iter().flatten() {
                assert!(fits(words, caps.place_limit));
            }
        }
        Part::List { text, button, sections } => assert_list(text, button, sections, caps),
        Part::Contacts { contacts } => {
            assert!(caps.has(Feature::Contacts) && !contacts.is_empty());
            assert!(contacts.iter().all(|contact| !is_blank(&contact.name) && !contact.phones.is_empty()));
        }
        Part::Sticker { .. } => assert!(caps.has(Feature::Stickers)),
        Part::Template { .. } => assert!(caps.has(Feature::Templates)),
        Part::Flex { .. } => assert!(caps.has(Feature::Flex)),
        Part::Imagemap { imagemap } => assert!(caps.has(Feature::Imagemap) && imagemap.base_url.is_some()),
    }
    if let (Part::Text { text }, false) = (&shown.part, shown.choices.is_empty()) {
        assert!(fits(text, caps.choice_text_limit.max(4)));
    }
    assert_titles(shown.choices.iter().map(|choice| choice.title.as_str()), caps);
    assert!(shown.choices.len() <= caps.choices);
    for choice in &shown.choices {
        assert!(fits(&choice.title, caps.choice_title_limit) && choice.payload.len() <= caps.payload_limit);
        assert!(caps.has(Feature::Choices));
    }
}

fn without_spaces(texts: impl IntoIterator<Item = String>) -> String {
    texts
        .into_iter()
        .flat_map(|text| text.chars().filter(|c| !c.is_whitespace()).collect::<Vec<_>>())
        .collect()
}

proptest! {
    #[test]
    fn every_message_is_within_the_limits(reply in replies(), caps in capabilities()) {
        let degraded = degrade(&reply, &caps);
        let last = degraded.shown.len().saturating_sub(1);
        for (index, shown) in degraded.shown.iter().enumerate() {
            assert_within(shown, &caps);
            prop_assert!(index == last || shown.choices.is_empty());
            prop_assert!(index == 0 || shown.reply_to.is_none());
        }
    }

    #[test]
    fn no_word_is_ever_lost(reply in replies(), caps in capabilities()) {
        let degraded = degrade(&reply, &caps);
        let all = without_spaces(degraded.shown.iter().flat_map(|shown| {
            words(&shown.part).into_iter().chain(shown.choices.iter().map(|choice| choice.title.clone()))
        }));
        let titles = reply.choices.iter().map(|choice| choice.title.clone());
        for text in reply.parts.iter().flat_map(words).chain(titles) {
            prop_assert!(all.contains(&without_spaces([text.clone()])), "{text:?} is missing");
        }
    }

    #[test]
    fn what_is_pressed_or_numbered_comes_back(reply in replies(), caps in capabilities()) {
        let degraded = degrade(&reply, &caps);
        let offered: Vec<&Choice> =
            degraded.shown.iter().flat_map(|shown| &shown.choices).chain(&degraded.numbered).collect();
        for choice in reply.choices.iter().filter(|choice| !is_blank(&choice.title)) {
            prop_assert!(offered.contains(&choice), "{choice:?} cannot be chosen");
        }
    }

    #[test]
    fn a_reply_within_the_limits_loses_nothing(reply in replies(), caps in capabilities()) {
        let parts: Vec<Part> = degrade(&reply, &caps).shown.into_iter().map(|shown| shown.part).collect();
        let again = degrade(&Reply { parts: parts.clone(), ..Reply::default() }, &caps);
        prop_assert_eq!(again.lost, vec![]);
        prop_assert_eq!(again.shown.into_iter().map(|shown| shown.part).collect::<Vec<_>>(), parts);
    }
}
