use serde_json::{Value, json};

use super::schema::check_request;
use super::taken::known;
use super::{NOW, SOMCHAI, TOKEN, account, ask, line, path_of, to};
use crate::line::Line;
use crate::simulator::{CustomerAct, Simulator};
use crate::{
    Action, AreaAction, Button, ButtonAction, Card, Channel, Choice, Destination, ImageArea, Imagemap,
    ListRow, ListSection, Location, Loss, MediaKind, Part, Picture, Plan, PlatformRequest, Reply, Transport,
};

fn plan(reply: &Reply) -> Plan {
    Line.plan(&account(), &to(SOMCHAI), reply)
}

/// The messages of a reply, which is one push.
fn check(reply: &Reply, expected: &Value) {
    let requests = plan(reply).requests;
    let [request] = requests.as_slice() else { panic!("{requests:#?}") };
    assert_eq!(path_of(request), "/v2/bot/message/push");
    assert_eq!(request.body, json!({"to": SOMCHAI, "messages": expected}));
    check_request(request);
    let mut line = line();
    line.customer(SOMCHAI, &CustomerAct::Starts { payload: None }, NOW);
    assert_eq!(ask(&mut line, request).0, 200);
}

fn of(part: Part) -> Reply {
    Reply { parts: vec![part], ..Reply::default() }
}

fn choose(title: &str, payload: &str) -> Button {
    Button { title: title.into(), action: ButtonAction::Choose { payload: payload.into() } }
}

fn open(title: &str, url: &str) -> Button {
    Button { title: title.into(), action: ButtonAction::Open { url: url.into() } }
}

fn choice(title: &str, payload: &str) -> Choice {
    Choice { title: title.into(), payload: payload.into() }
}

fn media(kind: MediaKind, url: &str) -> Reply {
    of(Part::Media { kind, url: url.into(), alt: None })
}

#[test]
fn a_text_is_sent_as_it_is() {
    let text = "<b>1 & 2</b> *not* {access_token} สวัสดี 你好";
    check(&Reply::text(text), &json!([{"type": "text", "text": text}]));
    assert_eq!(plan(&Reply::default()).requests, []);
}

#[test]
fn the_token_stands_in_the_header_by_name() {
    let stored = serde_json::to_string(&plan(&Reply::text("hi")).requests).unwrap();
    assert!(stored.contains("Bearer {access_token}") && !stored.contains(TOKEN));
}

#[test]
fn choices_hang_under_the_last_message_whatever_it_is() {
    let mut reply = media(MediaKind::Image, "https://x.example/o.jpg");
    reply.parts.insert(0, Part::Text { text: "ดูนี่".into() });
    reply.choices = vec![choice("เช็กของ", "flow:track"), choice("Buy", "buy=1")];
    let action = |label: &str, data: &str| json!({"type": "action", "action": {"type": "postback", "label": label, "data": data, "displayText": label}});
    let items = [action("เช็กของ", "flow:track"), action("Buy", "buy=1")];
    let image = "https://x.example/o.jpg";
    check(
        &reply,
        &json!([
            {"type": "text", "text": "ดูนี่"},
            {"type": "image", "originalContentUrl": image, "previewImageUrl": image, "quickReply": {"items": items}},
        ]),
    );
}

#[test]
fn files_go_as_what_line_can_play() {
    let url = "https://x.example/ไฟล์.mp4?a=[1]";
    let encoded = "https://x.example/%E0%B9%84%E0%B8%9F%E0%B8%A5%E0%B9%8C.mp4?a=%5B1%5D";
    let video = json!({"type": "video", "originalContentUrl": encoded, "previewImageUrl": encoded});
    check(&media(MediaKind::Video, url), &json!([video]));
    let mut preview = account();
    preview.settings.insert("video_preview".into(), "https://x.example/p.jpg".into());
    let planned = Line.plan(&preview, &to(SOMCHAI), &media(MediaKind::Video, url));
    assert_eq!(planned.requests[0].body["messages"][0]["previewImageUrl"], "https://x.example/p.jpg");
    for kind in [MediaKind::Audio, MediaKind::Voice] {
        let url = "https://x.example/o.m4a";
        let audio = json!({"type": "audio", "originalContentUrl": url, "duration": 60_000});
        check(&media(kind, url), &json!([audio]));
    }
}

#[test]
fn what_line_cannot_show_is_linked() {
    let long = format!("https://x.example/{}", "a".repeat(2_000));
    for (kind, url) in [
        (MediaKind::Image, "http://x.example/o.jpg"),
        (MediaKind::Image, "https://x.example/o.GIF"),
        (MediaKind::Image, long.as_str()),
        (MediaKind::Voice, "https://x.example/o.ogg"),
        (MediaKind::Video, "https://x.example/o.webm"),
        (MediaKind::File, "https://x.example/o.pdf"),
        (MediaKind::Animation, "https://x.example/o.mp4"),
    ] {
        let reply = of(Part::Media { kind, url: url.into(), alt: Some("ดูนี่".into()) });
        check(&reply, &json!([{"type": "text", "text": format!("ดูนี่\n{url}")}]));
        assert_eq!(plan(&reply).lost[0].what, Loss::MediaLinked);
    }
}

#[test]
fn few_buttons_are_a_template() {
    let buttons = vec![choose("ซื้อ", "action=buy"), open("View", "https://x.example/1")];
    let template = json!({"type": "buttons", "text": "Please select", "actions": [
        {"type": "postback", "label": "ซื้อ", "data": "action=buy", "displayText": "ซื้อ"},
        {"type": "uri", "label": "View", "uri": "https://x.example/1"},
    ]});
    check(
        &of(Part::Buttons { text: "Please select".into(), buttons }),
        &json!([{"type": "template", "altText": "Please select", "template": template}]),
    );
}

#[test]
fn what_a_template_cannot_hold_is_flex() {
    let text = "ก".repeat(161);
    let label = "T".repeat(21);
    let many = (0..5).map(|number| choose(&format!("B{number}"), "b")).collect();
    for (text, buttons) in
        [("?", many), (text.as_str(), vec![choose("B", "b")]), ("?", vec![choose(&label, "b")])]
    {
        let planned = plan(&of(Part::Buttons { text: text.into(), buttons }));
        let message = &planned.requests[0].body["messages"][0];
        assert_eq!((message["type"].as_str(), planned.lost.len()), (Some("flex"), 0), "{message}");
        check_request(&planned.requests[0]);
    }
    let planned = plan(&of(Part::Buttons { text: "?".into(), buttons: vec![choose(&label, "b")] }));
    let tappable = &planned.requests[0].body["messages"][0]["contents"]["footer"]["contents"][0];
    assert_eq!(tappable["action"], json!({"type": "postback", "data": "b", "displayText": label}));
    assert_eq!(tappable["contents"][0]["text"], label.as_str());
}

fn card(title: &str, image: Option<&str>, buttons: Vec<Button>) -> Card {
    Card { title: title.into(), text: Some("100 ฿".into()), image_url: image.map(str::to_owned), buttons }
}

#[test]
fn cards_are_bubbles() {
    let image = "https://x.example/a.jpg";
    let cards = vec![card("A", Some(image), vec![choose("ซื้อ", "buy")]), card("B", None, vec![])];
    let texts = |title: &str| {
        json!([
            {"type": "text", "text": title, "weight": "bold", "size": "lg", "wrap": true},
            {"type": "text", "text": "100 ฿", "wrap": true, "size": "sm", "margin": "md"},
        ])
    };
    let body = |title: &str| json!({"type": "box", "layout": "vertical", "contents": texts(title)});
    let action = json!({"type": "postback", "label": "ซื้อ", "data": "buy", "displayText": "ซื้อ"});
    let button = json!({"type": "button", "style": "secondary", "height": "sm", "action": action});
    let hero =
        json!({"type": "image", "url": image, "size": "full", "aspectRatio": "20:13", "aspectMode": "cover"});
    let footer = json!({"type": "box", "layout": "vertical", "spacing": "sm", "contents": [button]});
    let bubbles = [
        json!({"type": "bubble", "hero": hero, "body": body("A"), "footer": footer}),
        json!({"type": "bubble", "body": body("B")}),
    ];
    let contents = json!({"type": "carousel", "contents": bubbles});
    let reply = of(Part::Cards { cards });
    check(&reply, &json!([{"type": "flex", "altText": "A, B", "contents": contents}]));
    let single = of(Part::Cards { cards: vec![card("B", None, vec![])] });
    check(&single, &json!([{"type": "flex", "altText": "B", "contents": bubbles[1]}]));
    let many = of(Part::Cards { cards: vec![card("B", None, vec![]); 13] });
    let messages = plan(&many).requests[0].body["messages"].clone();
    assert_eq!(messages[0]["contents"]["contents"].as_array().unwrap().len(), 12);
    assert_eq!(messages[1]["contents"]["type"], "bubble");
}

#[test]
fn a_card_whose_picture_line_refuses_keeps_its_address() {
    let reply = of(Part::Cards { cards: vec![card("A", Some("http://x.example/a.jpg"), vec![])] });
    let planned = plan(&reply);
    let body = &planned.requests[0].body["messages"][0]["contents"]["body"]["contents"];
    assert_eq!(body[1]["text"], "100 ฿\nhttp://x.example/a.jpg");
    assert_eq!(planned.lost[0].what, Loss::MediaLinked);
    let long = format!("https://x.example/{}", "a".repeat(1_000));
    let planned =
        plan(&of(Part::Buttons { text: "?".into(), buttons: vec![open("Shop", &long), choose("B", "b")] }));
    let messages = &planned.requests[0].body["messages"];
    let kinds = [&messages[0]["type"], &messages[1]["type"], &messages[2]["type"]];
    assert_eq!(kinds, ["text", "text", "template"], "the address is written above the buttons that are left");
    assert!(planned.lost.iter().any(|lost| lost.what == Loss::LinksWritten));
}

#[test]
fn a_list_is_rows_to_tap() {
    let row = |title: &str| ListRow { title: title.into(), text: Some("30 g".into()), payload: "p".into() };
    let sections = vec![ListSection { title: "ร้อน".into(), rows: vec![row("Latte"), row("茶")] }];
    let planned =
        plan(&of(Part::List { text: "เลือก".into(), button: "เมนู".into(), sections }));
    assert!(planned.lost.is_empty());
    check_request(&planned.requests[0]);
    let lines = &planned.requests[0].body["messages"][0]["contents"]["body"]["contents"];
    let words: Vec<&str> =
        lines.as_array().unwrap().iter().filter_map(|line| line["text"].as_str()).collect();
    assert_eq!(words, ["เลือก", "เมนู", "ร้อน"]);
    assert_eq!(lines[4]["action"], json!({"type": "postback", "data": "p", "displayText": "茶"}));
}

#[test]
fn stickers_places_and_designs_go_as_they_are() {
    let sticker = Part::Sticker { id: "446/1988".into(), alt: "ขอบคุณ".into() };
    check(&of(sticker), &json!([{"type": "sticker", "packageId": "446", "stickerId": "1988"}]));
    let foreign = of(Part::Sticker { id: "CAADBQAD".into(), alt: "ขอบคุณ".into() });
    check(&foreign, &json!([{"type": "text", "text": "ขอบคุณ"}]));
    let contents = json!({"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": [
        {"type": "text", "text": "hello"},
    ]}});
    let flex = |alt: &str, contents: &Value| of(Part::Flex { alt: alt.into(), contents: contents.clone() });
    check(&flex("alt", &contents), &json!([{"type": "flex", "altText": "alt", "contents": contents}]));
    check(&flex(" ", &contents), &json!([{"type": "flex", "altText": "hello", "contents": contents}]));
    check(&flex("alt", &json!({"type": "box"})), &json!([{"type": "text", "text": "alt"}]));
    let place = |title: Option<&str>, address: Option<&str>| {
        let (title, address) = (title.map(str::to_owned), address.map(str::to_owned));
        of(Part::Location { location: Location { latitude: 13.5, longitude: 100.25, title, address } })
    };
    let shown = |title: &str, address: &str| json!([{"type": "location", "title": title, "address": address, "latitude": 13.5, "longitude": 100.25}]);
    check(&place(Some("ร้าน"), Some("ถนน")), &shown("ร้าน", "ถนน"));
    check(&place(None, Some("ถนน")), &shown("ถนน", "13.500000, 100.250000"));
    check(&place(None, None), &shown("📍", "13.500000, 100.250000"));
}

fn area((x, y, width, height): (u32, u32, u32, u32), label: &str, action: AreaAction) -> ImageArea {
    ImageArea { x, y, width, height, label: label.into(), action }
}

fn says(text: &str) -> AreaAction {
    AreaAction::Say { text: text.into() }
}

/// A picture of 2080 × 1000 with two areas, the second of which hangs over the edge.
fn imagemap() -> Imagemap {
    let shop = AreaAction::Open { url: "https://x.example/ร้าน".into() };
    Imagemap {
        picture: Picture::Url { url: "https://x.example/map.png".into() },
        alt: "เมนู".into(),
        width: 2_080,
        height: 1_000,
        areas: vec![
            area((0, 0, 1_040, 1_000), "กาแฟ", says("สั่งกาแฟ")),
            area((1_040, 500, 2_000, 2_000), "", shop),
        ],
        base_url: Some("https://sala.example/p/1".into()),
    }
}

#[test]
fn a_picture_with_areas_is_an_imagemap() {
    let shop = "https://x.example/%E0%B8%A3%E0%B9%89%E0%B8%B2%E0%B8%99";
    let actions = json!([
        {"type": "message", "label": "กาแฟ", "text": "สั่งกาแฟ", "area": {"x": 0, "y": 0, "width": 520, "height": 500}},
        {"type": "uri", "linkUri": shop, "area": {"x": 520, "y": 250, "width": 520, "height": 250}},
    ]);
    let message = json!({
        "type": "imagemap", "baseUrl": "https://sala.example/p/1", "altText": "เมนู",
        "baseSize": {"width": 1_040, "height": 500}, "actions": actions,
    });
    check(&of(Part::Imagemap { imagemap: imagemap() }), &json!([message]));
}

#[test]
fn a_picture_that_line_would_refuse_has_buttons() {
    let with = |change: &dyn Fn(&mut Imagemap)| {
        let mut imagemap = imagemap();
        change(&mut imagemap);
        plan(&of(Part::Imagemap { imagemap }))
    };
    assert_eq!(with(&|_| {}).lost, []);
    // Four hundred letters may be said.
    assert_eq!(with(&|map| map.areas[0].action = says(&"ก".repeat(400))).lost, []);
    let unpacked: [&dyn Fn(&mut Imagemap); 9] = [
        &|map| map.base_url = None,
        &|map| map.base_url = Some("http://sala.example/p/1".into()),
        &|map| map.alt = "ก".repeat(401),
        &|map| map.areas[0].label = "ก".repeat(51),
        &|map| map.areas[0].action = says(" "),
        &|map| map.areas[0].x = 2_080,
        &|map| map.areas.clear(),
        &|map| map.width = 0,
        &|map| map.height = 8_321,
    ];
    for (place, change) in unpacked.into_iter().enumerate() {
        let planned = with(change);
        assert_eq!(planned.lost[0].what, Loss::ImagemapUnpacked, "{place}");
        assert_eq!(planned.requests[0].body["messages"][0]["type"], "image", "{place}");
        check_request(&planned.requests[0]);
    }
    let planned = with(&|map| map.areas[1].action = says(&"ก".repeat(401)));
    assert_eq!((planned.lost[0].what, planned.numbered.len()), (Loss::ImagemapUnpacked, 2));
}

#[test]
fn limits_are_used_up_to_their_last_unit() {
    check(&Reply::text("😀".repeat(2_500)), &json!([{"type": "text", "text": "😀".repeat(2_500)}]));
    let two = plan(&Reply::text("😀".repeat(2_501))).requests[0].body["messages"].clone();
    assert_eq!(two.as_array().unwrap().len(), 2);
    for (count, title, data) in [(13, 20, 300), (14, 1, 1), (1, 21, 1), (1, 1, 301)] {
        let choices = vec![choice(&"ท".repeat(title), &"d".repeat(data)); count];
        let planned = plan(&Reply { choices, ..Reply::text("?") });
        assert_eq!(planned.numbered.is_empty(), count == 13, "{count} {title} {data}");
        check_request(&planned.requests[0]);
    }
}

/// Everything as long as it may be, in letters that take most room in JSON.
#[test]
fn the_worst_flex_messages_stay_within_their_sizes() {
    let heavy = |count: usize| "\u{1}".repeat(count - 1) + "x";
    let url = format!("https://x.example/{}", "a".repeat(900));
    let picture = format!("https://x.example/{}", "a".repeat(1_900));
    let buttons = |count: usize| -> Vec<Button> {
        (0..count)
            .map(|at| if at % 2 == 0 { choose(&heavy(100), &heavy(300)) } else { open(&heavy(100), &url) })
            .collect()
    };
    let worst = |count: usize| vec![choose(&heavy(100), &heavy(300)); count];
    let row = ListRow { title: heavy(100), text: Some(heavy(200)), payload: heavy(300) };
    let card = |buttons: Vec<Button>| Card {
        title: heavy(100),
        text: Some(heavy(400)),
        image_url: Some(picture.clone()),
        buttons,
    };
    let parts = [
        Part::Buttons { text: heavy(500), buttons: worst(8) },
        Part::Buttons { text: heavy(500), buttons: buttons(8) },
        Part::Cards { cards: vec![card(worst(4)); 12] },
        Part::Cards { cards: vec![card(buttons(4)); 12] },
        Part::List {
            text: heavy(1_000),
            button: heavy(100),
            sections: vec![ListSection { title: heavy(100), rows: vec![row; 40] }],
        },
    ];
    for part in parts {
        let mut line = known();
        let planned = plan(&of(part));
        assert!(planned.lost.is_empty(), "{:?}", planned.lost);
        for request in &planned.requests {
            check_request(request);
            let (status, body) = ask(&mut line, request);
            assert_eq!(status, 200, "{body}");
        }
    }
}

fn key(request: &PlatformRequest) -> Option<&str> {
    let Transport::Http { headers, .. } = &request.transport else { return None };
    headers.iter().find(|(name, _)| name == "X-Line-Retry-Key").map(|(_, value)| value.as_str())
}

#[test]
fn five_messages_go_in_one_call() {
    let parts: Vec<Part> = (0..12).map(|number| Part::Text { text: number.to_string() }).collect();
    let choices = vec![choice("A", "a")];
    let mut here = to(SOMCHAI);
    here.correlation = Some("0193c1d2-0000-7000-8000-000000000001".into());
    here.hints = vec![("reply_token".into(), "r".into()), ("reply_token_at".into(), NOW.to_string())];
    let requests = Line.plan(&account(), &here, &Reply { parts, choices, ..Reply::default() }).requests;
    let sizes: Vec<(&str, usize, bool)> = requests
        .iter()
        .map(|request| {
            let messages = request.body["messages"].as_array().unwrap();
            (path_of(request), messages.len(), messages.last().unwrap().get("quickReply").is_some())
        })
        .collect();
    let (reply, push) = ("/v2/bot/message/reply", "/v2/bot/message/push");
    assert_eq!(sizes, [(reply, 5, false), (push, 5, false), (push, 2, true)]);
    assert_eq!(key(&requests[0]), None, "LINE refuses a key on a reply");
    let keys: Vec<&str> = requests[1..].iter().filter_map(key).collect();
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[0], keys[1]);
    assert_eq!(keys[0].len(), 36);
    let again = Line.plan(&account(), &here, &Reply::text("hi"));
    let pushed = Line.fallback(&account(), &here, &again.requests[0]).unwrap();
    assert!(!keys.contains(&key(&pushed).unwrap()), "the first call has a key of its own");
    assert_eq!(Line.fallback(&account(), &here, &pushed), None, "a push is not pushed again");
}

#[test]
fn a_quote_needs_the_token_of_just_that_message() {
    let mut here = to(SOMCHAI);
    here.hints = vec![("quote_token".into(), "q1".into()), ("quote_token_of".into(), "41".into())];
    let quoting = |id: &str| Reply { reply_to: Some(id.into()), ..Reply::text("hi") };
    let planned = Line.plan(&account(), &here, &quoting("41"));
    assert_eq!(planned.requests[0].body["messages"][0]["quoteToken"], "q1");
    assert!(planned.lost.is_empty());
    for (to, reply) in [(&here, quoting("42")), (&to(SOMCHAI), quoting("41"))] {
        let planned = Line.plan(&account(), to, &reply);
        assert!(planned.requests[0].body["messages"][0].get("quoteToken").is_none());
        assert_eq!(planned.lost[0].what, Loss::Quote);
    }
}

#[test]
fn acts_are_those_line_has() {
    let body = |to: &Destination, action: &Action| {
        let request = Line.act(&account(), to, action)?;
        check_request(&request);
        Some((path_of(&request).to_owned(), request.body))
    };
    let typing = json!({"chatId": SOMCHAI, "loadingSeconds": 20});
    assert_eq!(body(&to(SOMCHAI), &Action::Typing), Some(("/v2/bot/chat/loading/start".into(), typing)));
    assert_eq!(body(&to(super::GROUP), &Action::Typing), None, "groups have no dots");
    let seen = Action::Seen { external_id: Some("1".into()) };
    assert_eq!(body(&to(SOMCHAI), &seen), None);
    let mut here = to(SOMCHAI);
    here.hints = vec![("mark_as_read_token".into(), "m".into())];
    let read = json!({"markAsReadToken": "m"});
    assert_eq!(body(&here, &seen), Some(("/v2/bot/chat/markAsRead".into(), read)));
    let control = |verb: &str| format!("/v2/bot/chat/{SOMCHAI}/control/{verb}");
    let pass = Action::PassControl { metadata: String::new() };
    assert_eq!(body(&here, &pass), Some((control("release"), Value::Null)));
    let take = |metadata: &str| Action::TakeControl { metadata: metadata.into() };
    assert_eq!(body(&here, &take("")), Some((control("acquire"), json!({"expired": false}))));
    assert_eq!(body(&here, &take("60")), Some((control("acquire"), json!({"expired": true, "ttl": 60}))));
    let id = || "1".to_owned();
    for other in [
        Action::React { external_id: id(), emoji: None },
        Action::Edit { external_id: id(), text: id() },
        Action::Delete { external_id: id() },
    ] {
        assert_eq!(body(&here, &other), None);
    }
}
