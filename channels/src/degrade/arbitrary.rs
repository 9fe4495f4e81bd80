//! Replies for property tests.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::{
    AreaAction, Button, ButtonAction, Card, Choice, Contact, ImageArea, Imagemap, ListRow, ListSection,
    Location, MediaKind, Part, Picture, Reply, Template, TemplatePart,
};

/// Replies that no author would write: blank, giant and mixed texts, addresses that are none.
pub(crate) fn replies() -> impl Strategy<Value = Reply> {
    let choices = vec((texts(), "[a-z]{0,30}").prop_map(|(title, payload)| Choice { title, payload }), 0..6);
    (vec(parts(), 0..5), choices, option::of("[0-9]{1,3}")).prop_map(|(parts, choices, reply_to)| Reply {
        parts,
        choices,
        reply_to,
        template: None,
    })
}

fn texts() -> impl Strategy<Value = String> {
    let long = vec(
        prop_oneof![
            Just("สวัสดีค่ะ ".to_owned()),
            Just("今天天气很好。".to_owned()),
            Just("One more sentence. ".to_owned()),
            Just("👨‍👩‍👧".to_owned()),
            Just("e\u{301}\u{301}\n".to_owned()),
            any::<String>(),
        ],
        0..12,
    );
    prop_oneof![Just(String::new()), "[a-zก-ฮ ]{1,12}", any::<String>(), long.prop_map(|all| all.concat())]
}

fn addresses() -> impl Strategy<Value = String> {
    prop_oneof![Just("https://x.example/a".to_owned()), Just("javascript:x".to_owned()), texts()]
}

fn buttons() -> impl Strategy<Value = Vec<Button>> {
    let action = prop_oneof![
        "[a-z]{0,30}".prop_map(|payload| ButtonAction::Choose { payload }),
        addresses().prop_map(|url| ButtonAction::Open { url }),
    ];
    vec((texts(), action).prop_map(|(title, action)| Button { title, action }), 0..4)
}

fn lists() -> impl Strategy<Value = Part> {
    let row = (texts(), option::of(texts()), "[a-z]{0,30}").prop_map(|(title, text, payload)| ListRow {
        title,
        text,
        payload,
    });
    let section = (texts(), vec(row, 0..4)).prop_map(|(title, rows)| ListSection { title, rows });
    (texts(), texts(), vec(section, 0..3)).prop_map(|(text, button, sections)| Part::List {
        text,
        button,
        sections,
    })
}

/// Pictures with areas, some of which hang over their edges.
fn imagemaps() -> impl Strategy<Value = Part> {
    let action = prop_oneof![
        texts().prop_map(|text| AreaAction::Say { text }),
        addresses().prop_map(|url| AreaAction::Open { url }),
    ];
    let sides = || (0..1_200u32, 0..1_200u32);
    let area = (sides(), sides(), texts(), action).prop_map(|((x, y), (width, height), label, action)| {
        ImageArea { x, y, width, height, label, action }
    });
    let picture = prop_oneof![
        addresses().prop_map(|url| Picture::Url { url }),
        "[0-9a-f]{32}".prop_map(|id| Picture::Blob { id }),
    ];
    (picture, texts(), (0..3_000u32, 0..3_000u32), vec(area, 0..4), option::of(addresses())).prop_map(
        |(picture, alt, (width, height), areas, base_url)| Part::Imagemap {
            imagemap: Imagemap { picture, alt, width, height, areas, base_url },
        },
    )
}

/// What only some platforms have.
fn special_parts() -> impl Strategy<Value = Part> {
    let fields = vec(texts().prop_map(|text| TemplatePart::Body { name: None, text }), 0..3);
    let template = (texts(), fields).prop_map(|(text, fields)| Template {
        name: "order_update".into(),
        language: "th".into(),
        fields,
        text,
    });
    let contact = (texts(), vec("\\+66[0-9]{9}", 0..2), vec("[a-z]{1,5}@x\\.example", 0..2))
        .prop_map(|(name, phones, emails)| Contact { name, phones, emails });
    prop_oneof![
        imagemaps(),
        (r"[0-9]{1,4}/[0-9]{1,6}|like_heart|[0-9]{9,15}|https://x\.example/[a-z]{1,5}\.webp", texts())
            .prop_map(|(id, alt)| Part::Sticker { id, alt }),
        template.prop_map(|template| Part::Template { template }),
        vec(contact, 0..3).prop_map(|contacts| Part::Contacts { contacts }),
        texts().prop_map(|alt| {
            let body = serde_json::json!({"type": "box", "layout": "vertical", "contents": []});
            Part::Flex { alt, contents: serde_json::json!({"type": "bubble", "body": body}) }
        }),
    ]
}

fn parts() -> impl Strategy<Value = Part> {
    let kinds = prop_oneof![Just(MediaKind::Image), Just(MediaKind::File), Just(MediaKind::Voice)];
    let cards = (texts(), option::of(texts()), option::of(addresses()), buttons())
        .prop_map(|(title, text, image_url, buttons)| Card { title, text, image_url, buttons });
    prop_oneof![
        texts().prop_map(|text| Part::Text { text }),
        (kinds, addresses(), option::of(texts())).prop_map(|(kind, url, alt)| Part::Media { kind, url, alt }),
        (texts(), buttons()).prop_map(|(text, buttons)| Part::Buttons { text, buttons }),
        vec(cards, 0..4).prop_map(|cards| Part::Cards { cards }),
        lists(),
        special_parts(),
        (-90.0..90.0, -180.0..180.0, option::of(texts()), option::of(texts())).prop_map(
            |(latitude, longitude, title, address)| Part::Location {
                location: Location { latitude, longitude, title, address }
            }
        ),
    ]
}
