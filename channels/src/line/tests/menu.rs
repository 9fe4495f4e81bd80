//! Menus as people draw them.

use serde_json::json;

use super::schema::check_request;
use super::{account, ask, line};
use crate::line::menu::{Menu, MenuArea, MenuTap, picture_problem, picture_size};
use crate::line::rich_menu;

fn menu() -> Menu {
    Menu {
        name: "หลัก".into(),
        bar: "เมนู".into(),
        width: 2500,
        height: 843,
        open: true,
        alias: "main".into(),
        areas: vec![area(MenuTap::Say { text: "สวัสดี".into() })],
    }
}

fn area(tap: MenuTap) -> MenuArea {
    MenuArea { x: 0, y: 0, width: 1250, height: 843, label: "ทักทาย".into(), tap }
}

#[test]
fn what_line_would_refuse_is_said() {
    let check = |change: fn(&mut Menu), expected: &[(Option<usize>, &str)]| {
        let mut menu = menu();
        change(&mut menu);
        let found: Vec<_> = menu.problems().iter().map(|problem| (problem.area, problem.what)).collect();
        assert_eq!(found, expected);
    };
    check(|_| {}, &[]);
    check(|menu| menu.name = " ".into(), &[(None, "name")]);
    check(|menu| menu.bar = "ก".repeat(15), &[(None, "bar")]);
    check(|menu| menu.width = 799, &[(None, "size"), (None, "ratio"), (Some(0), "outside")]);
    check(|menu| (menu.width, menu.height) = (2500, 1724), &[]);
    check(|menu| (menu.width, menu.height) = (2500, 1725), &[(None, "ratio")]);
    check(|menu| menu.alias = "Main".into(), &[(None, "alias")]);
    check(|menu| menu.areas = vec![menu.areas[0].clone(); 21], &[(None, "areas")]);
    check(|menu| menu.areas[0].x = 1251, &[(Some(0), "outside")]);
    check(|menu| menu.areas[0].x = u32::MAX, &[(Some(0), "outside")]);
    check(|menu| menu.areas[0].height = 0, &[(Some(0), "empty")]);
    check(|menu| menu.areas[0].label = "x".repeat(21), &[(Some(0), "label")]);
    check(|menu| menu.areas[0].tap = MenuTap::Say { text: String::new() }, &[(Some(0), "say")]);
    check(|menu| menu.areas[0].tap = MenuTap::Open { url: "javascript:x".into() }, &[(Some(0), "open")]);
    check(|menu| menu.areas[0].tap = MenuTap::Switch { alias: String::new() }, &[(Some(0), "switch")]);
    check(|menu| menu.areas[0].tap = MenuTap::Begin { flow: "x".repeat(59) }, &[(Some(0), "begin")]);
}

#[test]
fn each_tap_is_an_action_that_line_takes() {
    let check = |tap: MenuTap, action: serde_json::Value| {
        let body = Menu { areas: vec![area(tap)], ..menu() }.body("#1");
        assert_eq!(body["areas"][0]["action"], action);
        let request = rich_menu::create(&account(), &body);
        check_request(&request);
        let (status, answer) = ask(&mut line(), &request);
        assert_eq!(status, 200, "{answer}");
    };
    let label = "ทักทาย";
    check(MenuTap::Say { text: "a".into() }, json!({"type": "message", "text": "a", "label": label}));
    check(
        MenuTap::Begin { flow: "track_order".into() },
        json!({"type": "postback", "data": "begin/track_order", "label": label, "displayText": label}),
    );
    check(
        MenuTap::Choose { payload: "p".into() },
        json!({"type": "postback", "data": "p", "label": label, "displayText": label}),
    );
    check(
        MenuTap::Open { url: "https://a.example".into() },
        json!({"type": "uri", "uri": "https://a.example", "label": label}),
    );
    check(
        MenuTap::Switch { alias: "more".into() },
        json!({"type": "richmenuswitch", "richMenuAliasId": "more", "data": "menu/more", "label": label}),
    );
}

#[test]
fn pictures_are_measured() {
    let png = |width: u32, height: u32| {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes
    };
    let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc0\0\x11\x08\x03\x4b\x09\xc4rest".to_vec();
    let check = |bytes: &[u8], size| assert_eq!(picture_size(bytes), size);
    check(&png(2500, 843), Some(("image/png", 2500, 843)));
    check(&jpeg, Some(("image/jpeg", 2500, 843)));
    check(&jpeg[..12], None);
    check(b"GIF89a", None);
    check(b"", None);
    let problem = |bytes: &[u8]| picture_problem(bytes, &menu()).map(|problem| problem.what);
    assert_eq!(problem(&png(2500, 843)), None);
    assert_eq!(problem(&png(2500, 1686)), Some("picture_size"));
    assert_eq!(problem(b"GIF89a"), Some("picture_kind"));
    assert_eq!(problem(&vec![0; (1 << 20) + 1]), Some("picture_large"));
}
