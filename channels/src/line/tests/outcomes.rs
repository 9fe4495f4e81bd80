use serde_json::{Value, json};

use super::{NOW, SOMCHAI, account, to};
use crate::line::Line;
use crate::{Advice, Channel, Destination, HttpResponse, PlatformRequest, Receipt, Reply, SendError};

fn push() -> PlatformRequest {
    Line.plan(&account(), &to(SOMCHAI), &Reply::text("hi")).requests.remove(0)
}

fn keyed() -> PlatformRequest {
    let to = Destination { correlation: Some("1".into()), ..to(SOMCHAI) };
    Line.plan(&account(), &to, &Reply::text("hi")).requests.remove(0)
}

fn reply() -> PlatformRequest {
    let hints = vec![("reply_token".into(), "r".into()), ("reply_token_at".into(), NOW.to_string())];
    Line.plan(&account(), &Destination { hints, ..to(SOMCHAI) }, &Reply::text("hi")).requests.remove(0)
}

fn outcome(
    request: &PlatformRequest,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<Receipt, SendError> {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Line.outcome(request, &HttpResponse { status, headers, body: body.as_bytes() })
}

fn error(message: &str, details: &[(&str, &str)]) -> String {
    let details: Vec<Value> =
        details.iter().map(|(property, message)| json!({"message": message, "property": property})).collect();
    json!({"message": message, "details": details}).to_string()
}

fn check_refused(status: u16, message: &str, details: &[(&str, &str)], name: &str, advice: Advice) {
    for request in [push(), keyed(), reply()] {
        match outcome(&request, status, &[], &error(message, details)) {
            Err(SendError::Refused { code, reason, advice: found }) => {
                assert_eq!((code.as_str(), found.as_str()), (name, advice.as_str()), "{message} {details:?}");
                assert!(reason.starts_with(message));
            }
            other => panic!("{message}: {other:?}"),
        }
    }
}

#[test]
fn a_sent_message_has_its_id() {
    let body = r#"{"sentMessages":[{"id":"461230966842064897","quoteToken":"IStG5h1Tz7b"},{"id":"2"}]}"#;
    for request in [push(), reply()] {
        let receipt = outcome(&request, 200, &[], body).unwrap();
        assert_eq!(
            (receipt.external_id.as_str(), receipt.more),
            ("461230966842064897", vec!["2".to_owned()])
        );
    }
    let typing = Line.act(&account(), &to(SOMCHAI), &crate::Action::Typing).unwrap();
    assert_eq!(outcome(&typing, 202, &[], "{}"), Ok(Receipt::sent("")));
    assert_eq!(outcome(&typing, 202, &[], ""), Ok(Receipt::sent("")));
}

#[test]
fn a_key_that_was_accepted_is_a_success() {
    let body = r#"{"message":"The retry key is already accepted","sentMessages":[{"id":"77"}]}"#;
    let header = [("X-Line-Accepted-Request-Id", "a6c3ed52-0000-4000-8000-000000000001")];
    assert_eq!(outcome(&keyed(), 409, &header, body).unwrap().external_id, "77");
    assert_eq!(outcome(&keyed(), 409, &header, "").unwrap().external_id, "");
    assert_eq!(outcome(&keyed(), 409, &[], body).unwrap().external_id, "77");
    assert!(matches!(outcome(&keyed(), 409, &[], "{}"), Err(SendError::Refused { .. })));
}

#[test]
fn refusals_say_what_to_do() {
    let body = "The request body has 1 error(s)";
    let empty = "May not be empty";
    check_refused(400, "Invalid reply token", &[], "reply_token", Advice::WaitForPerson);
    check_refused(400, "Failed to send messages", &[], "unreachable", Advice::CheckAddress);
    let to = "The property, 'to', in the request body is invalid (line: -, column: -)";
    check_refused(400, to, &[], "to", Advice::CheckAddress);
    check_refused(400, body, &[("messages[0].text", empty)], "text", Advice::ChangeText);
    check_refused(400, body, &[("messages[0].originalContentUrl", empty)], "file", Advice::CheckFile);
    check_refused(400, body, &[("messages[0].previewImageUrl", empty)], "file", Advice::CheckFile);
    let hero = "messages[0].contents.hero.url";
    check_refused(400, body, &[(hero, "invalid uri")], "file", Advice::CheckFile);
    let item = "messages[0].quickReply.items[0].action.label";
    check_refused(400, body, &[(item, empty)], "buttons", Advice::ChangeButtons);
    let action = "messages[0].template.actions[0].uri";
    check_refused(400, body, &[(action, "invalid uri scheme")], "buttons", Advice::ChangeButtons);
    let block = [("messages[0].contents", "At least one block must be specified")];
    check_refused(400, body, &block, "flex", Advice::ChangeText);
    check_refused(400, body, &[("messages[0].quoteToken", "invalid")], "quote", Advice::SendNew);
    check_refused(400, body, &[("messages[0].stickerId", empty)], "sticker", Advice::ChangeText);
    check_refused(400, "words of tomorrow", &[], "refused", Advice::Report);
    let words = "Authentication failed. Confirm that the access token in the authorization header is valid.";
    check_refused(401, words, &[], "token", Advice::CheckToken);
    check_refused(
        403,
        "Access to this API is not available for your account",
        &[],
        "rights",
        Advice::AskForRights,
    );
    check_refused(404, "Not found", &[], "not_found", Advice::CheckAddress);
    check_refused(410, "Gone", &[], "gone", Advice::CheckFile);
    check_refused(413, "Payload Too Large", &[], "too_large", Advice::CheckFile);
    check_refused(415, "Unsupported media type", &[], "media_type", Advice::CheckFile);
    check_refused(429, "You have reached your monthly limit.", &[], "quota", Advice::RaiseQuota);
    check_refused(418, "teapot", &[], "refused", Advice::Report);
}

#[test]
fn rates_and_servers_ask_to_try_again() {
    let rate = "The API rate limit has been exceeded. Try again later.";
    let concurrent = "The request has been blocked because of too many concurrent requests.";
    for request in [push(), keyed(), reply()] {
        for (status, message) in [(429, rate), (429, concurrent), (500, "x"), (503, ""), (408, "")] {
            let found = outcome(&request, status, &[], &error(message, &[]));
            assert!(matches!(found, Err(SendError::Retry { after_ms: None, .. })), "{status} {found:?}");
        }
        let found = outcome(&request, 429, &[("Retry-After", "7")], "<html>");
        assert!(matches!(found, Err(SendError::Retry { after_ms: Some(7_000), .. })));
    }
}

#[test]
fn what_may_have_been_sent_is_ambiguous_unless_it_has_a_key() {
    for (status, body) in [(504, "<html>"), (502, ""), (200, ""), (200, "<html>"), (200, "[]"), (520, "")] {
        for request in [push(), reply()] {
            let found = outcome(&request, status, &[], body);
            assert!(matches!(found, Err(SendError::Ambiguous { .. })), "{status} {found:?}");
        }
        let found = outcome(&keyed(), status, &[], body);
        assert!(matches!(found, Err(SendError::Retry { .. })), "{status} {found:?}");
    }
}

#[test]
fn long_reasons_are_cut() {
    let found = outcome(&push(), 400, &[], &error(&"ก".repeat(5_000), &[]));
    assert!(matches!(found, Err(SendError::Refused { reason, .. }) if reason.chars().count() == 300));
}
