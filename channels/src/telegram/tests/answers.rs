use serde_json::json;

use super::{account, to};
use crate::fixtures::shared;
use crate::telegram::Telegram;
use crate::{Advice, Channel, HttpResponse, Receipt, Reply, SendError};

fn outcome(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Receipt, SendError> {
    let request = &Telegram.plan(&account(), &to("7"), &Reply::text("hi")).requests[0];
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Telegram.outcome(request, &HttpResponse { status, headers, body: body.as_bytes() })
}

fn failure(code: u16, description: &str) -> Result<Receipt, SendError> {
    outcome(code, &[], &json!({"ok": false, "error_code": code, "description": description}).to_string())
}

fn check_refused(code: u16, description: &str, name: &str, advice: Advice) {
    let expected =
        SendError::Refused { code: name.into(), reason: description.into(), advice: advice.as_str().into() };
    assert_eq!(failure(code, description), Err(expected));
}

#[test]
fn a_sent_message_has_its_id() {
    let body = r#"{"ok":true,"result":{"message_id":12,"chat":{"id":-100777,"type":"supergroup"},"date":1}}"#;
    let sent = |id: &str| Ok(Receipt::sent(id));
    assert_eq!(outcome(200, &[], body), sent("-100777:12"));
    assert_eq!(outcome(200, &[], r#"{"ok":true,"result":true}"#), sent(""));
    let business = r#"{"ok":true,"result":{"message_id":3,"chat":{"id":7},"business_connection_id":"b1"}}"#;
    assert_eq!(outcome(200, &[], business), sent("b1/7:3"));
    let direct =
        r#"{"ok":true,"result":{"message_id":3,"chat":{"id":-100},"direct_messages_topic":{"topic_id":5}}}"#;
    assert_eq!(outcome(200, &[], direct), sent("-100#5:3"));
}

#[test]
fn refusals_say_what_to_do() {
    check_refused(401, "Unauthorized", "token", Advice::CheckToken);
    check_refused(404, "Not Found", "token", Advice::CheckToken);
    for gone in [
        "Forbidden: bot was blocked by the user",
        "Forbidden: user is deactivated",
        "Forbidden: bot was kicked from the group chat",
        "Forbidden: bot can't initiate conversation with a user",
        "Forbidden: bots can't send messages to bots",
        "Forbidden: words of tomorrow",
    ] {
        check_refused(403, gone, "unreachable", Advice::WaitForPerson);
    }
    check_refused(400, "Bad Request: chat not found", "chat_not_found", Advice::CheckAddress);
    check_refused(400, "Bad Request: message text is empty", "text", Advice::ChangeText);
    check_refused(400, "Bad Request: message is too long", "text", Advice::ChangeText);
    check_refused(400, "Bad Request: can't parse entities: x", "text", Advice::ChangeText);
    check_refused(400, "Bad Request: reply markup is too long", "buttons", Advice::ChangeButtons);
    check_refused(400, "Bad Request: BUTTON_DATA_INVALID", "buttons", Advice::ChangeButtons);
    check_refused(400, "Bad Request: file is too big", "file", Advice::CheckFile);
    check_refused(400, "Bad Request: failed to get HTTP URL content", "file", Advice::CheckFile);
    check_refused(400, "Bad Request: message to edit not found", "gone", Advice::SendNew);
    check_refused(400, "Bad Request: not enough rights to send text", "rights", Advice::AskForRights);
    check_refused(400, "Bad Request: message to delete not found", "gone", Advice::Report);
    check_refused(400, "Bad Request: there is no text in the message to edit", "gone", Advice::SendNew);
    check_refused(400, "Bad Request: REACTION_INVALID", "reaction", Advice::Report);
    check_refused(400, "Bad Request: invalid sticker emojis", "file", Advice::CheckFile);
    check_refused(400, "Bad Request: BUSINESS_CONNECTION_INVALID", "unreachable", Advice::CheckAddress);
    check_refused(400, "Bad Request: BUSINESS_PEER_USAGE_MISSING", "unreachable", Advice::WaitForPerson);
    check_refused(400, "Bad Request: TOPIC_CLOSED", "rights", Advice::AskForRights);
    check_refused(400, "Bad Request: words of tomorrow", "refused", Advice::Report);
    check_refused(418, "teapot", "refused", Advice::Report);
    check_refused(
        409,
        "Conflict: can't use getUpdates method while webhook is active",
        "webhook_active",
        Advice::RemoveWebhook,
    );
}

#[test]
fn what_is_already_so_is_no_failure() {
    for words in [
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same",
        "Bad Request: query is too old and response timeout expired or query ID is invalid",
    ] {
        assert!(failure(400, words).is_ok(), "{words}");
    }
}

#[test]
fn a_moved_group_says_where_it_is() {
    let words = "Bad Request: group chat was upgraded to a supergroup chat";
    let parameters = json!({"migrate_to_chat_id": -1_001_234_567_890_i64});
    let body = json!({"ok": false, "error_code": 400, "description": words, "parameters": parameters});
    let Err(SendError::Refused { code, reason, advice }) = outcome(400, &[], &body.to_string()) else {
        panic!()
    };
    assert_eq!((code.as_str(), advice.as_str()), ("moved", "use-new-thread"));
    assert!(reason.ends_with("(-1001234567890)"));
}

fn check_wait(headers: &[(&str, &str)], body: &str, after_ms: Option<u64>) {
    let Err(SendError::Retry { after_ms: found, .. }) = outcome(429, headers, body) else { panic!("{body}") };
    assert_eq!(found, after_ms, "{body}");
}

#[test]
fn the_wait_is_read_wherever_it_stands() {
    let words = r#""ok":false,"error_code":429,"description":"Too Many Requests: retry after 14""#;
    check_wait(&[], &format!("{{{words},\"parameters\":{{\"retry_after\":15}}}}"), Some(15_000));
    check_wait(&[], &format!("{{{words}}}"), Some(14_000));
    check_wait(&[("Retry-After", "16")], "<html>", Some(16_000));
    check_wait(&[("retry-after", "soon")], "", None);
    check_wait(&[], r#"{"ok":false,"parameters":{"retry_after":18446744073709551615}}"#, Some(u64::MAX));
}

#[test]
fn troubles_of_servers_are_tried_again() {
    for status in [500, 502, 503] {
        let retry = SendError::Retry { after_ms: None, reason: format!("HTTP {status}") };
        assert_eq!(outcome(status, &[], "<html>Bad Gateway</html>"), Err(retry));
    }
    let conflict = failure(409, "Conflict: terminated by other getUpdates request");
    assert!(matches!(conflict, Err(SendError::Retry { after_ms: Some(5_000), .. })));
}

#[test]
fn an_answer_that_says_nothing_is_ambiguous() {
    for (status, body) in [(504, "<html>"), (200, ""), (200, "<html>"), (204, "{}"), (200, "[]"), (520, "")] {
        assert!(matches!(outcome(status, &[], body), Err(SendError::Ambiguous { .. })), "{status} {body}");
    }
}

#[test]
fn recorded_answers_are_understood() {
    let Some(folder) = shared("recorded_answers_are_understood", "telegram/nutgram/Responses") else {
        return;
    };
    let expected = [
        ("too_long", 400, Some("text")),
        ("too_many_requests", 429, None),
        ("user_deactivated", 403, Some("unreachable")),
        ("wrong_file_id", 400, Some("file")),
    ];
    for (name, status, code) in expected {
        let path = folder.join(format!("{name}.json"));
        let Ok(body) = std::fs::read_to_string(path) else { continue };
        match (outcome(status, &[], &body), code) {
            (Err(SendError::Refused { code: found, .. }), Some(code)) => assert_eq!(found, code, "{name}"),
            (Err(SendError::Retry { after_ms: Some(14_000), .. }), None) => {}
            (other, _) => panic!("{name}: {other:?}"),
        }
    }
}
