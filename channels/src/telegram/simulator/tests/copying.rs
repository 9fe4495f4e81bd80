use super::*;
use crate::simulator::CustomerAct;

const CHAT: i64 = 7_001_001;

fn with_chats() -> TelegramSimulator {
    let mut telegram = telegram();
    for chat in ["7001001", "7001002"] {
        Simulator::customer(&mut telegram, chat, &CustomerAct::Says { text: "สวัสดี".into(), quotes: None }, 0)
            .unwrap();
    }
    telegram
}

#[track_caller]
fn taken(telegram: &mut TelegramSimulator, method: &str, body: &Value) -> Value {
    let (status, answer) = call(telegram, method, body);
    assert_eq!(status, 200, "{method} {answer}");
    answer["result"].clone()
}

#[track_caller]
fn refused(telegram: &mut TelegramSimulator, method: &str, body: &Value, words: &str) {
    let (status, answer) = call(telegram, method, body);
    assert_eq!((status, answer["description"].as_str()), (400, Some(words)), "{method} {body}");
}

#[test]
fn an_album_is_several_messages_that_belong_together() {
    let mut telegram = with_chats();
    let photo = |name: &str| json!({"type": "photo", "media": format!("https://x.example/{name}.jpg")});
    let mut first = photo("a");
    first["caption"] = "สองรูป".into();
    let album = json!({"chat_id": CHAT, "media": [first, photo("b")]});
    let sent = taken(&mut telegram, "sendMediaGroup", &album);
    assert_eq!(sent[0]["caption"], "สองรูป");
    assert!(sent[0]["media_group_id"].is_string());
    assert_eq!(sent[0]["media_group_id"], sent[1]["media_group_id"]);
    let _messages: Vec<types::Message> = serde_json::from_value(sent).unwrap();
    assert_eq!(telegram.transcript(CHAT).len(), 3);

    let one = json!({"chat_id": CHAT, "media": [photo("a")]});
    refused(
        &mut telegram,
        "sendMediaGroup",
        &one,
        "Bad Request: there must be from 2 to 10 messages in an album",
    );
    let sound = json!({"type": "audio", "media": "https://x.example/a.mp3"});
    let mixed = json!({"chat_id": CHAT, "media": [sound, photo("a")]});
    let words = "Bad Request: can't use the media of the specified type in the album";
    refused(&mut telegram, "sendMediaGroup", &mixed, words);
    let broken = json!({"chat_id": CHAT, "media": [photo("a"), {"type": "photo", "media": "ftp://x/a"}]});
    let words = "Bad Request: wrong file identifier/HTTP URL specified";
    refused(&mut telegram, "sendMediaGroup", &broken, words);
    refused(
        &mut telegram,
        "sendMediaGroup",
        &json!({"chat_id": 1, "media": [photo("a"), photo("b")]}),
        "Bad Request: chat not found",
    );
    assert_eq!(telegram.transcript(CHAT).len(), 3, "nothing of a refused album is shown");
}

#[test]
fn messages_are_passed_on() {
    let mut telegram = with_chats();
    let body = json!({"chat_id": 7_001_002, "from_chat_id": CHAT, "message_id": 1});
    let forwarded = taken(&mut telegram, "forwardMessage", &body);
    assert_eq!(
        (forwarded["text"].as_str(), forwarded["chat"]["id"].as_i64()),
        (Some("สวัสดี"), Some(7_001_002))
    );
    assert_eq!(forwarded["forward_origin"]["sender_user"]["id"], CHAT);
    let _message: types::Message = serde_json::from_value(forwarded).unwrap();
    let copied = taken(&mut telegram, "copyMessage", &body);
    assert_eq!(copied, json!({"message_id": 3}));
    let last = telegram.transcript(7_001_002).last().unwrap().clone();
    assert_eq!((last.text.as_str(), last.from), ("สวัสดี", Speaker::Us));

    let many = json!({"chat_id": 7_001_002, "from_chat_id": CHAT, "message_ids": [1, 99]});
    assert_eq!(taken(&mut telegram, "copyMessages", &many), json!([{"message_id": 4}]));
    assert_eq!(taken(&mut telegram, "forwardMessages", &many), json!([{"message_id": 5}]));
    let none = json!({"chat_id": 7_001_002, "from_chat_id": CHAT, "message_id": 99});
    refused(&mut telegram, "copyMessage", &none, "Bad Request: message to copy not found");
    refused(&mut telegram, "forwardMessage", &none, "Bad Request: message to forward not found");
    assert_eq!(
        taken(&mut telegram, "deleteMessages", &json!({"chat_id": 7_001_002, "message_ids": [4, 5]})),
        true
    );
    assert!(telegram.transcript(7_001_002).last().unwrap().deleted);
}

#[test]
fn what_a_bot_says_of_itself_is_kept() {
    let mut telegram = telegram();
    assert_eq!(taken(&mut telegram, "getMyCommands", &json!({})), json!([]));
    let commands = json!([{"command": "start", "description": "เริ่ม"}]);
    assert_eq!(taken(&mut telegram, "setMyCommands", &json!({"commands": commands})), true);
    assert_eq!(taken(&mut telegram, "getMyCommands", &json!({})), commands);
    let scope = json!({"scope": {"type": "all_private_chats"}, "language_code": "th"});
    assert_eq!(taken(&mut telegram, "getMyCommands", &scope), json!([]));
    assert_eq!(taken(&mut telegram, "deleteMyCommands", &json!({})), true);
    assert_eq!(taken(&mut telegram, "getMyCommands", &json!({})), json!([]));
    for (command, description, words) in [
        ("Start", "x", "Bad Request: BOT_COMMAND_INVALID"),
        ("start", "", "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"),
    ] {
        let commands = json!({"commands": [{"command": command, "description": description}]});
        refused(&mut telegram, "setMyCommands", &commands, words);
    }
    assert_eq!(taken(&mut telegram, "getMyName", &json!({})), json!({"name": "sala_bot"}));
    assert_eq!(taken(&mut telegram, "setMyName", &json!({"name": "ศาลา"})), true);
    assert_eq!(taken(&mut telegram, "getMyName", &json!({})), json!({"name": "ศาลา"}));
    refused(
        &mut telegram,
        "setMyShortDescription",
        &json!({"short_description": "x".repeat(121)}),
        "Bad Request: bot short description is too long",
    );
    assert_eq!(taken(&mut telegram, "getChatMenuButton", &json!({})), json!({"type": "default"}));
    assert_eq!(
        taken(&mut telegram, "setChatMenuButton", &json!({"menu_button": {"type": "commands"}})),
        true
    );
    assert_eq!(taken(&mut telegram, "getChatMenuButton", &json!({})), json!({"type": "commands"}));
}
