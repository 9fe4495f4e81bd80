//! For any reply and every channel: what the preview shows is what the bodies carry, and the losses it names are just what
//! is missing.

use proptest::prelude::*;
use serde_json::Value;

use crate::degrade::arbitrary::replies;
use crate::{
    AccountConfig, ButtonAction, ChannelName, Degraded, Destination, Loss, Part, PlatformRequest, Reply,
    Shown, channel,
};

fn account() -> AccountConfig {
    AccountConfig { external_id: "2000002".into(), ..AccountConfig::default() }
}

/// The messages that lie in the calls, in order.
fn carried(name: ChannelName, requests: &[PlatformRequest]) -> Vec<Value> {
    let messages = |request: &PlatformRequest| match name {
        ChannelName::Line => request.body["messages"].as_array().unwrap().clone(),
        ChannelName::Web | ChannelName::Webhook => {
            let mut parts = request.body["parts"].as_array().unwrap().clone();
            if let Some(last) = parts.last_mut() {
                *last = serde_json::json!({"part": last, "choices": request.body["choices"]});
            }
            parts
        }
        ChannelName::Messenger | ChannelName::Instagram | ChannelName::Whatsapp | ChannelName::Telegram => {
            vec![request.body.clone()]
        }
    };
    requests.iter().flat_map(messages).collect()
}

fn strings<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(members) => members.iter().for_each(|member| strings(member, found)),
        Value::Object(fields) => fields.values().for_each(|field| strings(field, found)),
        _ => {}
    }
}

/// Everything of a message that a person can press, by its title.
fn keys(shown: &Shown) -> Vec<&str> {
    let buttons = match &shown.part {
        Part::Buttons { buttons, .. } => buttons.iter().map(|button| button.title.as_str()).collect(),
        Part::Cards { cards } => {
            cards.iter().flat_map(|card| &card.buttons).map(|button| button.title.as_str()).collect()
        }
        Part::List { sections, .. } => {
            let rows = sections.iter().flat_map(|section| &section.rows);
            rows.map(|row| row.title.as_str()).collect()
        }
        _ => Vec::new(),
    };
    buttons.into_iter().chain(shown.choices.iter().map(|choice| choice.title.as_str())).collect()
}

/// How many things can be pressed in a body; none where the body is of our own vocabulary.
fn pressable(name: ChannelName, body: &Value) -> Option<usize> {
    let length = |path: &str| body.pointer(path).and_then(Value::as_array).map_or(0, Vec::len);
    let within = |path: &str, field: &str| {
        let members = body.pointer(path).and_then(Value::as_array).into_iter().flatten();
        members.map(|member| member[field].as_array().map_or(0, Vec::len)).sum::<usize>()
    };
    Some(match name {
        ChannelName::Telegram => {
            let rows =
                body.pointer("/reply_markup/inline_keyboard").and_then(Value::as_array).into_iter().flatten();
            rows.map(|row| row.as_array().unwrap().len()).sum()
        }
        ChannelName::Messenger | ChannelName::Instagram => {
            length("/message/quick_replies")
                + length("/message/attachment/payload/buttons")
                + within("/message/attachment/payload/elements", "buttons")
        }
        ChannelName::Whatsapp => {
            let opens = body.pointer("/interactive/action/parameters/url").is_some();
            length("/interactive/action/buttons")
                + within("/interactive/action/sections", "rows")
                + usize::from(opens)
        }
        ChannelName::Line | ChannelName::Web | ChannelName::Webhook => return None,
    })
}

/// The type of a body, in the words of the platform, for one of ours.
fn is_kind(name: ChannelName, part: &Part, body: &Value) -> bool {
    let is = |path: &str, kinds: &[&str]| {
        body.pointer(path).and_then(Value::as_str).is_some_and(|kind| kinds.contains(&kind))
    };
    let has = |field: &str| body.get(field).is_some();
    match (name, part) {
        (ChannelName::Line | ChannelName::Whatsapp, Part::Sticker { .. }) => is("/type", &["sticker"]),
        (ChannelName::Line, Part::Text { .. }) => is("/type", &["text"]),
        (ChannelName::Line, Part::Media { .. }) => is("/type", &["image", "video", "audio"]),
        (ChannelName::Line, Part::Location { .. }) => is("/type", &["location"]),
        (ChannelName::Line, Part::Imagemap { .. }) => is("/type", &["imagemap"]),
        (ChannelName::Line, _) => is("/type", &["template", "flex"]),
        (ChannelName::Whatsapp, Part::Text { .. }) => is("/type", &["text", "interactive"]),
        (ChannelName::Whatsapp, Part::Media { .. }) => is("/type", &["image", "video", "audio", "document"]),
        (ChannelName::Whatsapp, Part::Template { .. }) => is("/type", &["template"]),
        (ChannelName::Telegram, Part::Text { .. } | Part::Buttons { .. } | Part::List { .. }) => has("text"),
        (ChannelName::Telegram, Part::Sticker { .. }) => has("sticker"),
        (ChannelName::Telegram, Part::Contacts { .. }) => has("phone_number"),
        (ChannelName::Telegram, Part::Location { .. }) => has("latitude"),
        (ChannelName::Messenger | ChannelName::Instagram, Part::Text { .. }) => {
            body.pointer("/message/text").is_some()
        }
        (ChannelName::Instagram, Part::Sticker { .. }) => is("/message/attachment/type", &["like_heart"]),
        (ChannelName::Messenger, Part::Template { .. }) => body.pointer("/message/template").is_some(),
        (ChannelName::Messenger | ChannelName::Instagram, Part::Buttons { .. } | Part::Cards { .. }) => {
            is("/message/attachment/type", &["template"])
        }
        _ => true,
    }
}

fn check_carried(name: ChannelName, reply: &Reply) {
    let (adapter, account, to) = (channel(name), account(), Destination::anybody());
    let Degraded { shown, lost, numbered } = adapter.fit(&account, &to, reply);
    let plan = adapter.plan(&account, &to, reply);
    assert_eq!((&plan.lost, &plan.numbered), (&lost, &numbered));
    let bodies = carried(name, &plan.requests);
    // LINE shows a list of giant rows in several bubbles.
    let is_giant = |shown: &Shown| name == ChannelName::Line && matches!(shown.part, Part::List { .. });
    if shown.iter().any(is_giant) && bodies.len() > shown.len() {
        return;
    }
    assert_eq!(bodies.len(), shown.len(), "{name:?} {shown:#?} {bodies:#?}");
    for (shown, body) in shown.iter().zip(&bodies) {
        let mut said = Vec::new();
        strings(body, &mut said);
        let filled_in =
            matches!(shown.part, Part::Template { .. } | Part::Flex { .. } | Part::Sticker { .. });
        let words = if filled_in { Vec::new() } else { shown.part.words() };
        for word in words.into_iter().chain(keys(shown)).filter(|word| !word.trim().is_empty()) {
            assert!(said.iter().any(|said| said.contains(word.trim())), "{name:?} {word:?} {body:#}");
        }
        assert!(is_kind(name, &shown.part, body), "{name:?} {shown:?} {body:#}");
        if let Some(count) = pressable(name, body) {
            assert_eq!(count, keys(shown).len(), "{name:?} {shown:#?} {body:#}");
        }
        if let Part::Buttons { buttons, .. } = &shown.part {
            for button in buttons {
                let ButtonAction::Choose { payload } = &button.action else { continue };
                assert!(said.iter().any(|said| said.contains(payload.as_str())), "{name:?} {body:#}");
            }
        }
    }
}

/// True where `shown` is the authored part, as it was authored.
fn is_same(part: &Part, shown: &Part) -> bool {
    let blank = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
    match (part, shown) {
        (Part::Media { kind, url, alt }, Part::Media { kind: as_kind, url: at, alt: said }) => {
            (kind, url) == (as_kind, at) && (alt == said || (blank(alt) && blank(said)))
        }
        (Part::List { text, button, .. }, Part::List { text: said, button: pressed, .. }) => {
            (text, button) == (said, pressed)
        }
        _ => part == shown,
    }
}

/// The loss that says that a part of this kind is shown as something else.
fn replaced(part: &Part) -> Option<Loss> {
    Some(match part {
        Part::Sticker { .. } => Loss::StickerWritten,
        Part::Template { .. } => Loss::TemplateWritten,
        Part::Flex { .. } => Loss::FlexWritten,
        Part::Imagemap { .. } => Loss::ImagemapUnpacked,
        Part::List { .. } => Loss::ListFlattened,
        Part::Location { .. } => Loss::LocationLinked,
        Part::Media { .. } => Loss::MediaLinked,
        Part::Contacts { contacts } if contacts.len() == 1 => Loss::ContactsWritten,
        _ => return None,
    })
}

fn check_losses(name: ChannelName, reply: &Reply) {
    let Degraded { shown, lost, .. } = channel(name).fit(&account(), &Destination::anybody(), reply);
    let said =
        |part: Option<usize>, what: Loss| lost.iter().any(|lost| lost.part == part && lost.what == what);
    let mut left = shown.iter();
    for (index, part) in reply.parts.iter().enumerate() {
        let Some(loss) = replaced(part) else { continue };
        if said(Some(index), loss) {
            continue;
        }
        let silent = !lost.iter().any(|lost| lost.part == Some(index));
        let is_there = left.any(|shown| {
            if silent {
                is_same(part, &shown.part)
            } else {
                std::mem::discriminant(part) == std::mem::discriminant(&shown.part)
            }
        });
        assert!(is_there, "{name:?}: part {index} is neither shown nor said to be lost: {part:?} {shown:#?}");
    }
    for (kind, loss) in reply.parts.iter().filter_map(|part| Some((part, replaced(part)?))) {
        let alike = |other: &Part| std::mem::discriminant(kind) == std::mem::discriminant(other);
        let authored = reply.parts.iter().enumerate().filter(|(_, part)| alike(part));
        let kept = authored.filter(|(index, _)| !said(Some(*index), loss)).count();
        let appear = shown.iter().filter(|shown| alike(&shown.part)).count();
        let grows = matches!(kind, Part::Media { .. } | Part::Contacts { .. });
        assert!(
            grows || appear == kept,
            "{name:?}: {loss:?} is said and not so, or is so and not said: {shown:#?}"
        );
    }
    let offered = shown.last().map_or(0, |last| last.choices.len());
    let titled = reply.choices.iter().filter(|choice| !choice.title.trim().is_empty()).count();
    assert_eq!(offered < titled, said(None, Loss::ChoicesNumbered), "{name:?} {shown:#?}");
    assert!(!said(None, Loss::ChoicesApart) || offered == titled);
    let quotes = shown.first().is_some_and(|first| first.reply_to.is_some());
    assert_eq!(reply.reply_to.is_some() && !quotes, said(None, Loss::Quote), "{name:?}");
}

fn check(reply: &Reply) {
    for name in ChannelName::ALL {
        check_carried(name, reply);
        check_losses(name, reply);
    }
}

#[test]
fn a_sticker_of_another_platform_is_said_the_same_way_in_preview_and_body() {
    let text = |text: &str| Part::Text { text: text.into() };
    let sticker = |id: &str| Part::Sticker { id: id.into(), alt: "Thank you!".into() };
    let choice = |title: &str| crate::Choice { title: title.into(), payload: title.into() };
    for id in ["446/1988", "like_heart", "CAACAgIAAxkBAAIBY2VX9ZJm", "123456789012"] {
        let reply = Reply {
            parts: vec![text("Hello"), sticker(id)],
            choices: vec![choice("A"), choice("B")],
            ..Reply::default()
        };
        check(&reply);
        let stickers = |name: ChannelName| {
            let shown = channel(name).fit(&account(), &Destination::anybody(), &reply).shown;
            shown.iter().filter(|shown| matches!(shown.part, Part::Sticker { .. })).count()
        };
        let expected = |own: bool| usize::from(own);
        assert_eq!(stickers(ChannelName::Line), expected(id == "446/1988"));
        assert_eq!(stickers(ChannelName::Instagram), expected(id == "like_heart"));
        assert_eq!(stickers(ChannelName::Telegram), expected(id.starts_with("CAAC")));
        assert_eq!(stickers(ChannelName::Whatsapp), expected(id.starts_with("1234")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_preview_is_what_is_sent(reply in replies()) {
        check(&reply);
    }
}
