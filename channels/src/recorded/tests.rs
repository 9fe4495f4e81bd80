use super::*;
use crate::{AccountConfig, HttpCall, HttpMethod, channel};

/// The kinds in a recording, and what was said of those that could not be read.
fn read(name: ChannelName, recording: &[u8]) -> Vec<String> {
    let mut read = Vec::new();
    for payload in recorded(name, recording) {
        let body = match payload {
            Ok(body) => body,
            Err(reason) => {
                read.push(reason);
                continue;
            }
        };
        let call = HttpCall {
            method: HttpMethod::Post,
            query: Vec::new(),
            headers: Vec::new(),
            body: &body,
            now: 0,
        };
        match channel(name).decode(&AccountConfig::default(), &call) {
            Ok(received) => read.extend(received.events.iter().map(|heard| heard.event.kind().to_owned())),
            Err(refusal) => read.push(refusal.to_string()),
        }
    }
    read
}

#[track_caller]
fn check(name: ChannelName, recording: &str, expected: &[&str]) {
    assert_eq!(read(name, recording.as_bytes()), expected, "{recording}");
}

const UPDATE: &str =
    r#"{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":1,"type":"private"},"text":"ส่งไหม"}}"#;
const MESSAGE: &str =
    r#"{"from":"66810000000","id":"wamid.1","timestamp":"1504902988","type":"text","text":{"body":"你好"}}"#;
const EVENT: &str = r#"{"sender":{"id":"1"},"recipient":{"id":"2"},"timestamp":1458692752478,"message":{"mid":"m","text":"hi"}}"#;

#[test]
fn several_payloads_stand_in_one_file() {
    use ChannelName::Telegram;
    check(Telegram, &format!("[{UPDATE},\n {UPDATE}]"), &["text", "text"]);
    check(Telegram, &format!("{UPDATE}\n{UPDATE}\r\n\n"), &["text", "text"]);
    check(Telegram, &format!("{UPDATE} {UPDATE}"), &["text", "text"]);
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(UPDATE).unwrap()).unwrap();
    check(Telegram, &format!("{pretty}\n{pretty}"), &["text", "text"]);
    check(Telegram, "[]", &[]);
    check(Telegram, " \n ", &["there is no payload in it"]);
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_read() {
    use ChannelName::Telegram;
    check(
        Telegram,
        &format!("{UPDATE}\n<html>\nupdate\n{UPDATE}\n7\n"),
        &["text", "line 2 is not JSON: expected value", "text", "line 5 holds no JSON object"],
    );
    check(Telegram, &UPDATE[..60], &["line 1 is not JSON: EOF while parsing a string"]);
    check(Telegram, "[1, {\"update_id\":3}]", &["line 1 holds no JSON object", "unknown"]);
    let not_utf8 = b"{\"update_id\":1,\"x\":\"\xff\"}";
    assert_eq!(read(Telegram, not_utf8), ["unknown"]);
}

#[test]
fn byte_order_marks_are_passed_over() {
    for name in [ChannelName::Telegram, ChannelName::Whatsapp, ChannelName::Line] {
        let part = match name {
            ChannelName::Telegram => UPDATE.to_owned(),
            ChannelName::Whatsapp => MESSAGE.to_owned(),
            _ => r#"{"type":"follow","source":{"type":"user","userId":"U1"},"timestamp":1}"#.to_owned(),
        };
        let kind = if name == ChannelName::Line { "started" } else { "text" };
        check(name, &format!("\u{feff}{part}"), &[kind]);
        let units = || std::iter::once(0xfeff).chain(part.encode_utf16());
        assert_eq!(read(name, &units().flat_map(u16::to_le_bytes).collect::<Vec<_>>()), [kind]);
        assert_eq!(read(name, &units().flat_map(u16::to_be_bytes).collect::<Vec<_>>()), [kind]);
    }
}

#[test]
fn parts_are_read_as_what_they_are_a_part_of() {
    use ChannelName::{Instagram, Line, Messenger, Telegram, Whatsapp};
    let value = format!(r#"{{"metadata":{{"phone_number_id":"2"}},"messages":[{MESSAGE}]}}"#);
    check(Whatsapp, MESSAGE, &["text"]);
    check(Whatsapp, &value, &["text"]);
    check(Whatsapp, &format!(r#"{{"field":"messages","value":{value}}}"#), &["text"]);
    check(
        Whatsapp,
        &format!(r#"{{"id":"3","changes":[{{"field":"messages","value":{value}}}]}}"#),
        &["text"],
    );
    let status = r#"{"id":"wamid.1","status":"read","timestamp":"1504902988","recipient_id":"6"}"#;
    check(Whatsapp, status, &["read"]);
    check(Messenger, EVENT, &["text"]);
    check(Instagram, &format!(r#"{{"id":"2","time":1,"messaging":[{EVENT}]}}"#), &["text"]);
    check(Messenger, &EVENT.replace("\"mid\"", "\"is_echo\":true,\"mid\""), &["echo"]);
    check(Line, r#"{"type":"unfollow","source":{"type":"user","userId":"U1"},"timestamp":1}"#, &["stopped"]);
    let press = r#"{"id":"1","from":{"id":1,"first_name":"a"},"chat_instance":"2","data":"yes"}"#;
    check(Telegram, press, &["choice"]);
}

#[test]
fn what_stands_around_a_payload_is_named() {
    use ChannelName::{Line, Telegram, Whatsapp};
    check(
        Telegram,
        &format!(r#"{{"update":{UPDATE}}}"#),
        &["line 1 is not what telegram sends: that stands in its field `update`"],
    );
    let body = json!({"headers": {}, "body": r#"{"events":[],"destination":"U1"}"#}).to_string();
    check(Line, &body, &["line 1 is not what line sends: that stands in its field `body`"]);
    check(Whatsapp, UPDATE, &["line 1 is not what whatsapp sends, but telegram"]);
    check(Line, r#"{"object":"page","entry":[]}"#, &["line 1 is not what line sends, but messenger"]);
}

#[test]
fn what_meta_may_send_one_day_is_kept() {
    use ChannelName::{Instagram, Messenger, Whatsapp};
    let entry = r#"[{"id":"1","changes":[{"field":"messages","value":{}}]}]"#;
    for object in ["whatsapp_business_account_v2", "whatsapp_channel", "user", ""] {
        check(Whatsapp, &format!(r#"{{"object":"{object}","entry":{entry}}}"#), &["unknown"]);
    }
    for (object, whose) in [("page", "messenger"), ("instagram", "instagram")] {
        let said = format!("line 1 is not what whatsapp sends, but {whose}");
        check(Whatsapp, &format!(r#"{{"object":"{object}","entry":{entry}}}"#), &[&said]);
    }
    for held in ["[]", "1", r#""""#, "true", "null", "[1]", "[null]", "{}"] {
        let call = format!(r#"{{"object":"page","entry":[{{"id":"1","time":1,"messaging":{held}}}]}}"#);
        check(Messenger, &call, &["unknown"]);
        check(Instagram, &call, &["unknown"]);
    }
}

#[test]
fn large_recordings_take_no_longer_than_they_must() {
    let many = format!("{UPDATE}\n").repeat(20_000);
    assert_eq!(recorded(ChannelName::Telegram, many.as_bytes()).len(), 20_000);
    let mistakes = "{]\n".repeat(100_000);
    assert_eq!(recorded(ChannelName::Telegram, mistakes.as_bytes()).len(), 100_000);
    let deep = "[".repeat(1_000_000);
    assert_eq!(recorded(ChannelName::Telegram, deep.as_bytes()).len(), 1);
    let nested = "{\"a\":\n".repeat(100_000);
    assert!(recorded(ChannelName::Telegram, nested.as_bytes()).len() < 10);
}
