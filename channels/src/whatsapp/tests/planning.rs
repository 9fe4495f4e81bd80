use serde_json::{Value, json};

use super::schema::OFFICIAL;
use super::{NUMBER, TOKEN, account, called, to};
use crate::fixtures::shared;
use crate::simulator::{CustomerAct, Simulator, deliver};
use crate::whatsapp::Whatsapp;
use crate::whatsapp::simulator::WhatsappSimulator;
use crate::{
    Action, Button, ButtonAction, Card, Channel, Choice, Contact, Destination, ListRow, ListSection,
    Location, Loss, MediaKind, Part, PlatformRequest, Reply, Template, TemplatePart,
};

pub(super) const PERSON: &str = "66812345678";

pub(super) fn plan(to: &Destination, reply: &Reply) -> Vec<PlatformRequest> {
    Whatsapp.plan(&account(), to, reply).requests
}

/// The bodies of a reply to [`PERSON`], without what every message has.
fn check(reply: &Reply, expected: &[Value]) {
    let bodies: Vec<Value> = plan(&to(PERSON), reply)
        .iter()
        .map(|request| {
            let (path, body) = called(request);
            assert_eq!(path, format!("{NUMBER}/messages"));
            let mut body = body.clone();
            let fields = body.as_object_mut().unwrap();
            assert_eq!(fields.remove("messaging_product"), Some(json!("whatsapp")));
            assert_eq!(fields.remove("recipient_type"), Some(json!("individual")));
            assert_eq!(fields.remove("to"), Some(json!(PERSON)));
            body
        })
        .collect();
    assert_eq!(bodies, expected);
}

pub(super) fn of(part: Part) -> Reply {
    Reply { parts: vec![part], ..Reply::default() }
}

pub(super) fn choice(title: &str, payload: &str) -> Choice {
    Choice { title: title.into(), payload: payload.into() }
}

pub(super) fn choose(title: &str, payload: &str) -> Button {
    Button { title: title.into(), action: ButtonAction::Choose { payload: payload.into() } }
}

fn open(title: &str, url: &str) -> Button {
    Button { title: title.into(), action: ButtonAction::Open { url: url.into() } }
}

fn key(title: &str, id: &str) -> Value {
    json!({"type": "reply", "reply": {"id": id, "title": title}})
}

fn text(body: &str) -> Value {
    json!({"type": "text", "text": {"body": body, "preview_url": false}})
}

fn interactive(kind: &str, text: &str, action: &Value) -> Value {
    json!({"type": "interactive", "interactive": {"type": kind, "body": {"text": text}, "action": action}})
}

#[test]
fn a_text_is_sent_as_it_is() {
    let words = "<b>1 & 2</b> *not* _markup_ {access_token} สวัสดี";
    check(&Reply::text(words), &[text(words)]);
    let link = "ดูที่ https://x.example";
    check(&Reply::text(link), &[json!({"type": "text", "text": {"body": link, "preview_url": true}})]);
    check(&Reply::default(), &[]);
}

#[test]
fn the_token_stands_in_the_header_by_name() {
    let request = &plan(&to(PERSON), &Reply::text("hi"))[0];
    let stored = serde_json::to_string(request).unwrap();
    assert!(stored.contains("Bearer {access_token}") && !stored.contains(TOKEN));
    let mut local = account();
    local.api_base = "http://127.0.0.1:8081/v24.0/".into();
    let request = &Whatsapp.plan(&local, &to(PERSON), &Reply::text("hi")).requests[0];
    let sent = deliver(request, &local, 0, |path, call| (path.to_owned(), call.headers.clone())).unwrap();
    assert_eq!(sent.0, format!("/v24.0/{NUMBER}/messages"));
    assert!(sent.1.contains(&("authorization".into(), format!("Bearer {TOKEN}"))));
}

#[test]
fn people_are_named_as_whatsapp_names_them() {
    let named = |thread: &str| {
        let body = plan(&to(thread), &Reply::text("hi"))[0].body.clone();
        (body["recipient_type"].clone(), body["to"].clone(), body["recipient"].clone())
    };
    assert_eq!(named(PERSON), (json!("individual"), json!(PERSON), Value::Null));
    assert_eq!(named("+66812345678"), (json!("individual"), json!("+66812345678"), Value::Null));
    assert_eq!(named("TH.1349aB"), (json!("individual"), Value::Null, json!("TH.1349aB")));
    let group = "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD";
    assert_eq!(named(group), (json!("group"), json!(group), Value::Null));
    assert_eq!(named("120363418770915618@g.us").0, json!("group"));
}

#[test]
fn choices_are_buttons_then_a_list_then_numbers() {
    let choices = |count: usize| -> Vec<Choice> {
        (1..=count).map(|number| choice(&format!("ข้อ {number}"), &format!("p{number}"))).collect()
    };
    let reply = |count| Reply { choices: choices(count), ..Reply::text("เลือก?") };
    let keys: Vec<Value> =
        (1..=3).map(|number| key(&format!("ข้อ {number}"), &format!("p{number}"))).collect();
    check(&reply(3), &[interactive("button", "เลือก?", &json!({"buttons": keys}))]);
    for count in [4, 10] {
        let rows: Vec<Value> = (1..=count)
            .map(|number| json!({"id": format!("p{number}"), "title": format!("ข้อ {number}")}))
            .collect();
        let action = json!({"button": "☰", "sections": [{"rows": rows}]});
        check(&reply(count), &[interactive("list", "เลือก?", &action)]);
    }
    let plan = Whatsapp.plan(&account(), &to(PERSON), &reply(11));
    assert_eq!(plan.numbered, choices(11));
    assert!(plan.requests[0].body["text"]["body"].as_str().unwrap().ends_with("11. ข้อ 11"));
}

#[test]
fn the_word_that_opens_a_list_is_a_setting() {
    let mut account = account();
    account.settings.insert("list_button".into(), "ดูตัวเลือก".into());
    let choices = ["ก", "ข", "ค", "ง"].map(|title| choice(title, title)).to_vec();
    let request = &Whatsapp.plan(&account, &to(PERSON), &Reply { choices, ..Reply::text("?") }).requests[0];
    assert_eq!(request.body["interactive"]["action"]["button"], "ดูตัวเลือก");
}

#[test]
fn equal_payloads_get_ids_that_differ_and_come_back_equal() {
    let reply = Reply {
        choices: vec![choice("ใช่", "y"), choice("是", "y"), choice("Yes", "y")],
        ..Reply::text("?")
    };
    let request = &plan(&to(PERSON), &reply)[0];
    let mut whatsapp = phone();
    send(&mut whatsapp, request);
    for title in ["ใช่", "是", "Yes"] {
        let webhooks = whatsapp.customer(PERSON, &CustomerAct::Presses { title: title.into() }, 9).unwrap();
        let received = Whatsapp.receive(&account(), &webhooks[0].as_call(9)).unwrap();
        let crate::Event::Message(message) = &received.events[0].event else { panic!("no message") };
        let crate::Content::Choice { payload, title: told, .. } = &message.content else {
            panic!("no choice")
        };
        assert_eq!((payload.as_str(), told.as_deref()), ("y", Some(title)));
    }
}

#[test]
fn buttons_choose_or_open_but_never_both() {
    let buttons = |buttons: Vec<Button>| of(Part::Buttons { text: "?".into(), buttons });
    let keys = json!({"buttons": [key("A", "a"), key("B", "b"), key("C", "c")]});
    let three = vec![choose("A", "a"), choose("B", "b"), choose("C", "c")];
    check(&buttons(three), &[interactive("button", "?", &keys)]);
    let parameters = json!({"display_text": "เว็บ", "url": "https://x.example/a"});
    let cta = interactive("cta_url", "?", &json!({"name": "cta_url", "parameters": parameters}));
    check(&buttons(vec![open("เว็บ", "https://x.example/a")]), &[cta]);
    let mixed = buttons(vec![open("เว็บ", "https://x.example/a"), choose("A", "a")]);
    let words = "?\nเว็บ\nhttps://x.example/a";
    check(&mixed, &[interactive("button", words, &json!({"buttons": [key("A", "a")]}))]);
    let plan = Whatsapp.plan(&account(), &to(PERSON), &buttons(vec![choose("A", "a"); 2]));
    assert_eq!(plan.numbered.len(), 2, "equal titles cannot be buttons");
}

#[test]
fn each_kind_of_file_has_its_type() {
    let url = "https://x.example/ไฟล์%201.pdf";
    let encoded = "https://x.example/%E0%B9%84%E0%B8%9F%E0%B8%A5%E0%B9%8C%201.pdf";
    let file = |kind| of(Part::Media { kind, url: url.into(), alt: Some("ดูนี่".into()) });
    let captioned = json!({"link": encoded, "caption": "ดูนี่"});
    let document = json!({"link": encoded, "caption": "ดูนี่", "filename": "ไฟล์ 1.pdf"});
    check(&file(MediaKind::Image), &[json!({"type": "image", "image": captioned})]);
    check(&file(MediaKind::Video), &[json!({"type": "video", "video": captioned})]);
    check(&file(MediaKind::File), &[json!({"type": "document", "document": document})]);
    for kind in [MediaKind::Audio, MediaKind::Voice] {
        check(&file(kind), &[json!({"type": "audio", "audio": {"link": encoded}}), text("ดูนี่")]);
        let lost = Whatsapp.plan(&account(), &to(PERSON), &file(kind)).lost;
        assert_eq!(
            lost.iter().map(|lost| (lost.part, lost.what)).collect::<Vec<_>>(),
            [(Some(0), Loss::CaptionApart)]
        );
    }
    let linked = json!({"type": "text", "text": {"body": format!("ดูนี่\n{url}"), "preview_url": true}});
    check(&file(MediaKind::Animation), &[linked]);
}

#[test]
fn cards_go_one_by_one() {
    let image = "https://x.example/a.jpg";
    let card = |title: &str, text: Option<&str>, image: Option<&str>, buttons: Vec<Button>| Card {
        title: title.into(),
        text: text.map(str::to_owned),
        image_url: image.map(str::to_owned),
        buttons,
    };
    let cards = vec![
        card("A", Some("100 ฿"), Some(image), vec![choose("ซื้อ", "buy")]),
        card("B", None, Some(image), vec![open("เว็บ", "https://x.example/b")]),
        card("C", Some("300 ฿"), Some(image), vec![]),
        card("D", None, None, vec![]),
    ];
    let header = json!({"type": "image", "image": {"link": image}});
    let mut first = interactive("button", "A\n100 ฿", &json!({"buttons": [key("ซื้อ", "buy")]}));
    first["interactive"]["header"] = header.clone();
    let parameters = json!({"display_text": "เว็บ", "url": "https://x.example/b"});
    let mut second = interactive("cta_url", "B", &json!({"name": "cta_url", "parameters": parameters}));
    second["interactive"]["header"] = header;
    let third = json!({"type": "image", "image": {"link": image, "caption": "C\n300 ฿"}});
    check(&of(Part::Cards { cards }), &[first, second, third, text("D")]);
}

#[test]
fn lists_keep_their_sections() {
    let row = |title: &str, text: Option<&str>, payload: &str| ListRow {
        title: title.into(),
        text: text.map(str::to_owned),
        payload: payload.into(),
    };
    let section = |title: &str, rows: Vec<ListRow>| ListSection { title: title.into(), rows };
    let sections = vec![
        section("น้ำหอม", vec![row("กุหลาบ", Some("50 ml"), "r"), row("มะลิ", None, "j")]),
        section("空", vec![]),
        section("Soap", vec![row("Rose", None, "s")]),
    ];
    let list = of(Part::List { text: "เมนู".into(), button: "ดู".into(), sections });
    // An empty section with a title has no place in a list.
    assert!(!Whatsapp.plan(&account(), &to(PERSON), &list).numbered.is_empty());
    let sections = vec![
        section("น้ำหอม", vec![row("กุหลาบ", Some("50 ml"), "r"), row("มะลิ", None, "j")]),
        section("Soap", vec![row("Rose", None, "s")]),
    ];
    let shown = json!([
        {"title": "น้ำหอม", "rows": [{"id": "r", "title": "กุหลาบ", "description": "50 ml"}, {"id": "j", "title": "มะลิ"}]},
        {"title": "Soap", "rows": [{"id": "s", "title": "Rose"}]},
    ]);
    let list = of(Part::List { text: "เมนู".into(), button: "ดู".into(), sections });
    check(&list, &[interactive("list", "เมนู", &json!({"button": "ดู", "sections": shown}))]);
}

#[test]
fn places_and_people_are_told_whole() {
    let location =
        Location {
            latitude: 13.5, longitude: 100.25, title: Some("ร้าน".into()), address: Some(" ".into())
        };
    let place = json!({"latitude": "13.5", "longitude": "100.25", "name": "ร้าน"});
    check(&of(Part::Location { location }), &[json!({"type": "location", "location": place})]);
    let contact = Contact {
        name: "สมชาย".into(),
        phones: vec!["+66812345678".into()],
        emails: vec!["a@x.example".into()],
    };
    let card = json!({
        "name": {"formatted_name": "สมชาย", "first_name": "สมชาย"},
        "phones": [{"phone": "+66812345678"}],
        "emails": [{"email": "a@x.example"}],
    });
    let cards = |count| json!({"type": "contacts", "contacts": vec![card.clone(); count]});
    check(&of(Part::Contacts { contacts: vec![contact; 7] }), &[cards(5), cards(2)]);
}

#[test]
fn templates_are_filled_in() {
    let template = Template {
        name: "order_confirmation".into(),
        language: "en_US".into(),
        fields: vec![
            TemplatePart::HeaderMedia { kind: MediaKind::Image, url: "https://x.example/a.png".into() },
            TemplatePart::Body { name: None, text: "Pablo".into() },
            TemplatePart::Body { name: Some("order_id".into()), text: "860\n\t 198".into() },
            TemplatePart::Payload { index: 0, payload: "P".into() },
            TemplatePart::UrlEnding { index: 1, text: " ".into() },
            TemplatePart::CouponCode { index: 2, code: "SPRING25".into() },
        ],
        text: "Your order 860198".into(),
    };
    let components = json!([
        {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://x.example/a.png"}}]},
        {"type": "body", "parameters": [
            {"type": "text", "text": "Pablo"},
            {"type": "text", "parameter_name": "order_id", "text": "860 198"},
        ]},
        {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{"type": "payload", "payload": "P"}]},
        {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "-"}]},
        {"type": "button", "sub_type": "COPY_CODE", "index": 2, "parameters": [{"type": "coupon_code", "coupon_code": "SPRING25"}]},
    ]);
    let language = json!({"policy": "deterministic", "code": "en_US"});
    let expected = json!({"name": "order_confirmation", "language": &language, "components": components});
    check(&of(Part::Template { template }), &[json!({"type": "template", "template": expected})]);
    let place = Template {
        name: "visit".into(),
        language: "en_US".into(),
        fields: vec![TemplatePart::HeaderLocation {
            latitude: "13.7563".into(),
            longitude: "100.5018".into(),
            name: "Baan\nKafe".into(),
            address: "1 Charoen Krung".into(),
        }],
        text: "See you".into(),
    };
    let location = json!({"latitude": "13.7563", "longitude": "100.5018", "name": "Baan Kafe", "address": "1 Charoen Krung"});
    let header = json!([{"type": "header", "parameters": [{"type": "location", "location": location}]}]);
    let expected = json!({"name": "visit", "language": language, "components": header});
    check(&of(Part::Template { template: place }), &[json!({"type": "template", "template": expected})]);
    let bare = Template {
        name: "hello_world".into(),
        language: "en_US".into(),
        fields: vec![],
        text: String::new(),
    };
    let expected = json!({"name": "hello_world", "language": {"policy": "deterministic", "code": "en_US"}});
    check(&of(Part::Template { template: bare }), &[json!({"type": "template", "template": expected})]);
}

#[test]
fn groups_get_words_and_files_alone() {
    let group = "Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD";
    let reply =
        Reply { choices: vec![choice("ใช่", "y"), choice("ไม่", "n")], ..Reply::text("?") };
    let plan = Whatsapp.plan(&account(), &to(group), &reply);
    assert_eq!(plan.requests[0].body["text"]["body"], "?\n\n1. ใช่\n2. ไม่");
    assert_eq!(plan.numbered, reply.choices);
}

#[test]
fn every_request_carries_our_id_and_the_first_one_the_quote() {
    let destination = Destination { correlation: Some("019a-uuid".into()), ..to(PERSON) };
    let reply = Reply { reply_to: Some("wamid.Q".into()), ..Reply::text("คำ".repeat(3000)) };
    let requests = plan(&destination, &reply);
    assert!(requests.len() > 1);
    for (index, request) in requests.iter().enumerate() {
        assert_eq!(request.body["biz_opaque_callback_data"], crate::mark("019a-uuid", index));
    }
    let quotes: Vec<&Value> = requests.iter().map(|request| &request.body["context"]["message_id"]).collect();
    assert_eq!((quotes[0], quotes[1]), (&json!("wamid.Q"), &Value::Null));
}

#[test]
fn actions_name_the_message_that_came_in() {
    let heard = Destination { hints: vec![("message_id".into(), "wamid.IN".into())], ..to("TH.1") };
    let act =
        |to: &Destination, action: &Action| Whatsapp.act(&account(), to, action).map(|request| request.body);
    let read = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN"});
    let mut typing = read.clone();
    typing["typing_indicator"] = json!({"type": "text"});
    assert_eq!(act(&heard, &Action::Typing), Some(typing));
    assert_eq!(act(&heard, &Action::Seen { external_id: None }), Some(read));
    let other = act(&to("TH.1"), &Action::Seen { external_id: Some("wamid.X".into()) }).unwrap();
    assert_eq!(other["message_id"], "wamid.X");
    assert_eq!(act(&to("TH.1"), &Action::Typing), None);
    let react = |emoji: Option<&str>| {
        let action = Action::React { external_id: "wamid.X".into(), emoji: emoji.map(str::to_owned) };
        act(&to("TH.1"), &action).unwrap()
    };
    assert_eq!(react(Some("😀"))["reaction"], json!({"message_id": "wamid.X", "emoji": "😀"}));
    assert_eq!(react(None)["reaction"]["emoji"], "");
    assert_eq!(
        (react(None)["recipient"].clone(), react(None)["type"].clone()),
        (json!("TH.1"), json!("reaction"))
    );
    if let Some(official) = OFFICIAL.as_ref() {
        assert_eq!(official.faults(&react(None)), Vec::<String>::new());
    }
    let edit = Action::Edit { external_id: "wamid.X".into(), text: "x".into() };
    assert_eq!(act(&heard, &edit), None);
}

/// Bodies of Meta's examples that a reply can say, as far as their blanks are filled with something real.
#[test]
fn documented_bodies_come_out_the_same() {
    let Some(folder) = shared("documented_bodies_come_out_the_same", "whatsapp/openapi-examples/messages")
    else {
        return;
    };
    let same = |name: &str, reply: &Reply, changes: &[(&str, Value)]| {
        let file = std::fs::read(folder.join(format!("request-{name}.json"))).unwrap();
        let mut sample: Value = serde_json::from_slice(&file).unwrap();
        for (path, value) in changes {
            *sample.pointer_mut(path).unwrap_or_else(|| panic!("{name} has no {path}")) = value.clone();
        }
        sample["to"] = json!(PERSON);
        assert_eq!(plan(&to(PERSON), reply)[0].body, sample, "{name}");
    };
    let (link, quote) = ("https://x.example/a", "wamid.Q");
    let media =
        |kind, alt: Option<&str>| of(Part::Media { kind, url: link.into(), alt: alt.map(str::to_owned) });
    let quoting = |reply: Reply| Reply { reply_to: Some(quote.into()), ..reply };
    let quoted = ("/context/message_id", json!(quote));
    same("Send_Text_Message", &Reply::text("text-message-content"), &[]);
    same("Send_Image_Message_by_URL", &media(MediaKind::Image, None), &[("/image/link", json!(link))]);
    same("Send_Audio_Message_by_URL", &media(MediaKind::Audio, None), &[("/audio/link", json!(link))]);
    let video = media(MediaKind::Video, Some("<VIDEO_CAPTION_TEXT>"));
    same("Send_Video_Message_by_URL", &video, &[("/video/link", json!(link))]);
    same(
        "Send_Reply_to_Video_Message_by_URL",
        &quoting(video),
        &[("/video/link", json!(link)), quoted.clone()],
    );
    same(
        "Send_Reply_to_Text_Message",
        &quoting(Reply::text("<TEXT_MSG_CONTENT>")),
        std::slice::from_ref(&quoted),
    );
    let location = Location {
        latitude: 37.758_056,
        longitude: -122.425_332,
        title: Some("META HQ".into()),
        address: Some("1 Hacker Way, Menlo Park, CA 94025".into()),
    };
    // The example has numbers where the schema wants texts.
    let texts = [("/location/latitude", json!("37.758056")), ("/location/longitude", json!("-122.425332"))];
    same("Send_Location_Message", &of(Part::Location { location }), &texts);
    let buttons = vec![choose("A", "1"), choose("B", "2")];
    let keys = json!([key("A", "1"), key("B", "2")]);
    let reply = of(Part::Buttons { text: "<BUTTON_TEXT>".into(), buttons });
    same("Send_Reply_Button", &reply, &[("/interactive/action/buttons", keys)]);
}

/// A phone that wrote to us just now.
pub(super) fn phone() -> WhatsappSimulator {
    let mut whatsapp = WhatsappSimulator::new(&account()).posting_to("https://bots.example/hook");
    for person in [PERSON, "TH.1349"] {
        whatsapp.customer(person, &CustomerAct::Says { text: "hi".into(), quotes: None }, 0).unwrap();
    }
    whatsapp
}

pub(super) fn send(whatsapp: &mut WhatsappSimulator, request: &PlatformRequest) -> (u16, String) {
    let (answer, _) = deliver(request, &account(), 1, |path, call| whatsapp.handle(path, call)).unwrap();
    let receipt = Whatsapp.outcome(request, &answer.as_response());
    assert_eq!(receipt.is_ok(), answer.status == 200);
    (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
}
