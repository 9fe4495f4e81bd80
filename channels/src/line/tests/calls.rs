//! Calls that only LINE has: each is right by LINE's schema and taken by the pretended LINE.

use serde_json::{Value, json};

use super::schema::{check_request, check_response};
use super::{NOW, SOMCHAI, account, ask, ask_at, line};
use crate::PlatformRequest;
use crate::line::broadcast::Kind;
use crate::line::imagemap::{Area, Tap};
use crate::line::simulator::LineSimulator;
use crate::line::{audience, broadcast, imagemap, insight, rich_menu};
use crate::simulator::{CustomerAct, Simulator};

const KEY: &str = "123e4567-e89b-12d3-a456-426614174000";
const MALI: &str = "U5af4980629a1b2c3d4e5f60718293a4c";
const OTHER_KEY: &str = "123e4567-e89b-12d3-a456-426614174001";

fn known() -> LineSimulator {
    let mut line = line();
    line.customer(SOMCHAI, &CustomerAct::Starts { payload: None }, NOW);
    line
}

fn check(line: &mut LineSimulator, request: &PlatformRequest, status: u16) -> Value {
    check_request(request);
    let (found, body) = ask(line, request);
    assert_eq!(found, status, "{body} {request:?}");
    check_response(request, found, &body);
    body
}

fn menu() -> Value {
    json!({
        "size": {"width": 2500, "height": 843},
        "selected": true,
        "name": "Main",
        "chatBarText": "เมนู",
        "areas": [
            {"bounds": {"x": 0, "y": 0, "width": 1250, "height": 843},
             "action": {"type": "postback", "label": "Track", "data": "flow:track"}},
            {"bounds": {"x": 1250, "y": 0, "width": 1250, "height": 843},
             "action": {"type": "richmenuswitch", "richMenuAliasId": "second", "data": "second"}},
        ],
    })
}

#[test]
fn a_rich_menu_is_made_pictured_and_shown() {
    let (mut line, account) = (known(), account());
    check(&mut line, &rich_menu::validate(&account, &menu()), 200);
    let id = check(&mut line, &rich_menu::create(&account, &menu()), 200)["richMenuId"]
        .as_str()
        .unwrap()
        .to_owned();
    check(&mut line, &rich_menu::set_default(&account, &id), 400);
    let upload = rich_menu::upload_image(&account, &id, "image/png", b"\x89PNG\0bytes");
    check(&mut line, &upload, 200);
    check(&mut line, &upload, 400);
    let (picture, _) = ask_at(&mut line, &rich_menu::image(&account, &id), NOW);
    assert_eq!(picture.body, b"\x89PNG\0bytes");
    check(&mut line, &rich_menu::set_default(&account, &id), 200);
    assert_eq!(check(&mut line, &rich_menu::default(&account), 200)["richMenuId"], id.as_str());
    assert_eq!(line.menu_of(SOMCHAI), Some(id.as_str()));
    check(&mut line, &rich_menu::link(&account, SOMCHAI, &id), 200);
    assert_eq!(check(&mut line, &rich_menu::of_person(&account, SOMCHAI), 200)["richMenuId"], id.as_str());
    check(&mut line, &rich_menu::unlink(&account, SOMCHAI), 200);
    check(&mut line, &rich_menu::of_person(&account, SOMCHAI), 404);
    let people = [SOMCHAI.to_owned()];
    check(&mut line, &rich_menu::link_all(&account, &people, &id), 202);
    check(&mut line, &rich_menu::unlink_all(&account, &people), 202);
    check(&mut line, &rich_menu::create_alias(&account, "second", &id), 200);
    check(&mut line, &rich_menu::create_alias(&account, "second", &id), 400);
    check(&mut line, &rich_menu::change_alias(&account, "second", &id), 200);
    assert_eq!(check(&mut line, &rich_menu::find_alias(&account, "second"), 200)["richMenuId"], id.as_str());
    assert_eq!(check(&mut line, &rich_menu::aliases(&account), 200)["aliases"].as_array().unwrap().len(), 1);
    check(&mut line, &rich_menu::remove_alias(&account, "second"), 200);
    check(&mut line, &rich_menu::find_alias(&account, "second"), 404);
    assert_eq!(check(&mut line, &rich_menu::find(&account, &id), 200)["name"], "Main");
    check(&mut line, &rich_menu::list(&account), 200);
    check(&mut line, &rich_menu::clear_default(&account), 200);
    check(&mut line, &rich_menu::remove(&account, &id), 200);
    check(&mut line, &rich_menu::find(&account, &id), 404);
}

#[test]
fn many_are_told_once_under_one_key() {
    let (mut line, account) = (known(), account());
    let text = [json!({"type": "text", "text": "ลดราคา"})];
    for kind in Kind::ALL {
        check(&mut line, &broadcast::validate(&account, kind, &text), 200);
        check(&mut line, &broadcast::validate(&account, kind, &[json!({"type": "text", "text": ""})]), 400);
    }
    check(&mut line, &broadcast::push(&account, SOMCHAI, &text, Some(KEY)), 200);
    check(&mut line, &broadcast::push(&account, SOMCHAI, &text, Some(KEY)), 409);
    check(&mut line, &broadcast::multicast(&account, &[SOMCHAI.to_owned()], &text, Some(OTHER_KEY)), 200);
    check(&mut line, &broadcast::broadcast(&account, &text, None), 200);
    let audience = json!({
        "recipient": {"type": "operator", "and": [{"type": "audience", "audienceGroupId": 5_614_991_017_776_i64}]},
        "filter": {"demographic": {"type": "gender", "oneOf": ["female"]}},
        "limit": {"max": 100},
        "unknown": 1,
    });
    let third = "123e4567-e89b-12d3-a456-426614174002";
    check(&mut line, &broadcast::narrowcast(&account, &text, &audience, Some(third)), 202);
    check(&mut line, &broadcast::narrowcast(&account, &text, &audience, Some(third)), 409);
    check(&mut line, &broadcast::narrowcast_progress(&account, "a6c3"), 200);
    assert_eq!(line.used(NOW), 4);
    assert_eq!(line.transcript(SOMCHAI).len(), 4);
    let many: Vec<String> = (0..501).map(|number| format!("U{number}")).collect();
    assert_eq!(ask(&mut line, &broadcast::multicast(&account, &many, &text, None)).0, 400);
    for kind in [Kind::Reply, Kind::Push, Kind::Multicast, Kind::Broadcast] {
        check(&mut line, &broadcast::sent_on(&account, kind, "20261120"), 200);
    }
}

#[test]
fn a_picture_has_areas_to_tap() {
    let (mut line, account) = (known(), account());
    let area = Area { x: 0, y: 0, width: 520, height: 1_040 };
    let taps = [
        (area, Tap::Say { text: "สั่งซื้อ".into() }),
        (area, Tap::Open { url: "https://x.example/".into() }),
        (area, Tap::Copy { text: "CODE".into() }),
    ];
    let message = imagemap::message("https://x.example/map", "เมนู", 1_040, &taps);
    check(&mut line, &broadcast::push(&account, SOMCHAI, &[message], None), 200);
}

#[test]
fn audiences_come_and_go() {
    let (mut line, account) = (known(), account());
    let mut ask = |request: &PlatformRequest, status: u16| {
        let (found, body) = ask(&mut line, request);
        assert_eq!(found, status, "{body}");
        body
    };
    let people = [SOMCHAI.to_owned()];
    let group = ask(&audience::create(&account, "VIP", &people), 202)["audienceGroupId"].as_u64().unwrap();
    ask(&audience::add(&account, group, &people), 202);
    assert_eq!(ask(&audience::find(&account, group), 200)["audienceGroup"]["audienceCount"], 2);
    ask(&audience::rename(&account, group, "VIP 2"), 200);
    ask(&audience::of_clicks(&account, "clicked", "r1", Some("https://x.example/")), 202);
    ask(&audience::of_impressions(&account, "saw", "r1"), 202);
    assert_eq!(ask(&audience::list(&account, 0), 200)["totalCount"], 3);
    ask(&audience::remove(&account, group), 202);
    ask(&audience::find(&account, group), 400);
}

#[test]
fn figures_can_be_asked_for() {
    let (mut line, account) = (known(), account());
    let (from, to) = ("20261101", "20261120");
    for request in [
        insight::deliveries(&account, from),
        insight::followers(&account, from),
        insight::demographic(&account),
        insight::message_events(&account, "a6c3"),
        insight::unit_events(&account, "unit_1", from, to),
        insight::rich_menu_summary(&account, "richmenu-1", from, to),
        insight::rich_menu_daily(&account, "richmenu-1", from, to),
    ] {
        check(&mut line, &request, 200);
    }
}

/// A day's figures are its own, in Japan's time, and told once it is over.
#[test]
fn figures_are_of_their_day() {
    const DAY: i64 = 86_400_000_000;
    let (mut line, account) = (line(), account());
    // 23:50 on 20 November in Japan.
    let late = 1_795_186_200_000_000;
    let acts = |line: &mut LineSimulator, person: &str, act: CustomerAct, now: i64| {
        line.customer(person, &act, now).unwrap();
    };
    acts(&mut line, SOMCHAI, CustomerAct::Starts { payload: None }, late);
    acts(&mut line, MALI, CustomerAct::Starts { payload: None }, late + 3_600_000_000);
    let text = [json!({"type": "text", "text": "x"})];
    for now in [late, late + 3_600_000_000, late + 3_600_000_000] {
        assert_eq!(ask_at(&mut line, &broadcast::push(&account, SOMCHAI, &text, None), now).0.status, 200);
    }
    acts(&mut line, MALI, CustomerAct::Leaves, late + DAY);
    let mut told = |request: &PlatformRequest| -> Value {
        serde_json::from_slice(&ask_at(&mut line, request, late + 2 * DAY).0.body).unwrap()
    };
    for (day, followers, blocks, pushes) in
        [("20261119", 0, 0, 0), ("20261120", 1, 0, 1), ("20261121", 2, 1, 2)]
    {
        let found = told(&insight::followers(&account, day));
        let reached = followers - blocks;
        let expected =
            json!({"status": "ready", "followers": followers, "targetedReaches": reached, "blocks": blocks});
        assert_eq!(found, expected, "{day}");
        let deliveries = told(&insight::deliveries(&account, day));
        assert_eq!(deliveries["apiPush"].as_u64().unwrap_or_default(), pushes, "{day}");
        let success = told(&broadcast::sent_on(&account, broadcast::Kind::Push, day))["success"].as_u64();
        assert_eq!(success, Some(pushes), "{day}");
    }
    assert_eq!(told(&insight::followers(&account, "20261122")), json!({"status": "unready"}));
    assert_eq!(told(&insight::followers(&account, "yesterday"))["status"], Value::Null);
    // The quota begins anew with the month.
    assert_eq!((line.used(late + 2 * DAY), line.used(late + 12 * DAY)), (3, 0));
}
