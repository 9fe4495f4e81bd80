use serde_json::{Value, json};

use super::{account, to};
use crate::fixtures::{read, shared};
use crate::whatsapp::Whatsapp;
use crate::{Advice, Channel, HttpResponse, PlatformRequest, Receipt, ReceiptState, Reply, SendError};

fn request() -> PlatformRequest {
    Whatsapp.plan(&account(), &to("16505551234"), &Reply::text("hi")).requests.remove(0)
}

fn outcome(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Receipt, SendError> {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Whatsapp.outcome(&request(), &HttpResponse { status, headers, body: body.as_bytes() })
}

/// An error as the Graph puts it.
fn error(code: i64, message: &str, details: &str) -> String {
    let data = json!({"messaging_product": "whatsapp", "details": details});
    let error = json!({"message": message, "type": "OAuthException", "code": code, "error_data": data, "fbtrace_id": "A"});
    json!({"error": error}).to_string()
}

#[test]
fn what_is_taken_has_an_id() {
    let taken = |body: Value| outcome(200, &[], &body.to_string());
    let contacts = |id: &str| json!([{"input": "16505551234", "wa_id": id}]);
    let body = json!({"messaging_product": "whatsapp", "contacts": contacts("16505551234"), "messages": [{"id": "wamid.1", "message_status": "accepted"}]});
    assert_eq!(taken(body), Ok(Receipt::sent("wamid.1")));
    let other = json!({"contacts": contacts("5511912345678"), "messages": [{"id": "wamid.1"}]});
    assert_eq!(taken(other), Ok(Receipt { also: vec!["5511912345678".into()], ..Receipt::sent("wamid.1") }));
    assert_eq!(taken(json!({"success": true})), Ok(Receipt::sent("")));
    for body in [json!({}), json!([]), json!({"messages": []}), json!({"success": false})] {
        assert!(matches!(taken(body), Err(SendError::Ambiguous { .. })));
    }
    for page in ["", "<html>", "{"] {
        assert!(matches!(outcome(200, &[], page), Err(SendError::Ambiguous { .. })), "{page}");
    }
}

#[test]
fn recorded_answers_of_others_are_read() {
    let Some(folder) = shared("recorded_answers_of_others_are_read", "whatsapp/openapi-examples/messages")
    else {
        return;
    };
    let mut answers = read(&folder);
    answers.retain(|(name, _)| name.starts_with("response-200"));
    assert_eq!(answers.len(), 44);
    for (name, body) in answers {
        let receipt = outcome(200, &[], std::str::from_utf8(&body).unwrap()).unwrap();
        assert_eq!(receipt.state, ReceiptState::Sent);
        assert_eq!(receipt.external_id.is_empty(), name.contains("typing"), "{name}");
    }
}

fn check_retry(status: u16, body: &str, after_ms: Option<u64>) {
    match outcome(status, &[], body) {
        Err(SendError::Retry { after_ms: found, .. }) => assert_eq!(found, after_ms, "{status} {body}"),
        other => panic!("{status} {body}: {other:?}"),
    }
}

#[test]
fn what_passes_is_tried_again() {
    for code in [1, 2, 4, 80_007, 130_429, 131_000, 131_016, 131_057, 133_004] {
        for status in [400, 429, 500] {
            check_retry(status, &error(code, "Try later", ""), None);
        }
    }
    let (minute, hour) = (60_000, 3_600_000);
    check_retry(400, &error(131_056, "(#131056) pair rate limit hit", ""), Some(6_000));
    check_retry(400, &error(131_049, "healthy ecosystem", ""), Some(24 * hour));
    check_retry(400, &error(131_048, "Spam rate limit hit", ""), Some(hour));
    check_retry(400, &error(133_015, "Wait a few minutes", ""), Some(5 * minute));
    check_retry(400, &error(134_101, "Template is syncing", ""), Some(10 * minute));
    check_retry(503, "<html>", None);
    check_retry(429, "", None);
    check_retry(500, &error(777_777, "What is that", ""), None);
    let transient = json!({"error": {"message": "x", "code": 99, "is_transient": true}}).to_string();
    check_retry(400, &transient, None);
}

#[test]
fn the_wait_is_the_platforms_where_it_says_one() {
    let usage = r#"{"102290129340398":[{"type":"whatsapp","call_count":100,"estimated_time_to_regain_access":7},{"type":"other","estimated_time_to_regain_access":"3"}]}"#;
    let found =
        outcome(400, &[("X-Business-Use-Case-Usage", usage)], &error(80_007, "Rate limit issues", ""));
    assert_eq!(found, Err(SendError::Retry { after_ms: Some(420_000), reason: "Rate limit issues".into() }));
    for odd in ["", "[]", "{}", r#"{"1":5}"#, r#"{"1":[{"estimated_time_to_regain_access":-5}]}"#] {
        let found = outcome(400, &[("x-business-use-case-usage", odd)], &error(4, "Too many calls", ""));
        assert_eq!(found, Err(SendError::Retry { after_ms: None, reason: "Too many calls".into() }), "{odd}");
    }
}

#[test]
fn a_broken_way_leaves_the_outcome_open() {
    for status in [500, 502, 504, 599] {
        assert!(matches!(outcome(status, &[], "<html>"), Err(SendError::Ambiguous { .. })), "{status}");
    }
}

fn check_refused(status: u16, code: i64, message: &str, advice: Advice) {
    let found = outcome(status, &[], &error(code, message, "Details."));
    let expected = SendError::Refused {
        code: code.to_string(),
        reason: format!("{message}: Details."),
        advice: advice.as_str().into(),
    };
    assert_eq!(found, Err(expected), "{status} {code} {message}");
}

#[test]
fn what_stays_is_refused_with_advice() {
    let rows = [
        (Advice::CheckToken, vec![102, 190]),
        (Advice::AskForRights, vec![3, 10, 200, 219, 299, 131_005]),
        (
            Advice::CheckAccount,
            vec![
                368, 130_497, 131_031, 131_037, 131_042, 131_045, 133_000, 133_005, 133_006, 133_008,
                133_009, 133_010, 133_016,
            ],
        ),
        (Advice::CheckAddress, vec![33, 131_021, 131_030]),
        (Advice::WaitForPerson, vec![130_472, 131_026, 131_047, 131_050]),
        (Advice::CheckFile, vec![131_052, 131_053]),
        (Advice::CheckTemplate, vec![132_000, 132_001, 132_005, 132_007, 132_012, 132_015, 132_016, 132_018]),
        (Advice::Report, vec![130_403, 131_051, 135_000, 123]),
    ];
    for (advice, codes) in rows {
        for code in codes {
            check_refused(400, code, "No", advice);
        }
    }
    check_refused(401, 190, "Error validating access token", Advice::CheckToken);
    check_refused(500, 131_047, "Re-engagement message", Advice::WaitForPerson);
}

#[test]
fn a_wrong_parameter_is_known_by_its_name() {
    let title = "(#131009) Parameter value is not valid: Button title length invalid";
    check_refused(400, 131_009, title, Advice::ChangeButtons);
    check_refused(400, 131_009, "The recipient is not a valid phone number", Advice::CheckAddress);
    check_refused(
        400,
        100,
        "(#100) Param text['body'] must be at most 4096 characters long.",
        Advice::ChangeText,
    );
    check_refused(400, 131_008, "image.link is missing", Advice::CheckFile);
    check_refused(400, 100, "(#100) template['language'] is wrong", Advice::CheckTemplate);
    check_refused(400, 100, "(#100) Something", Advice::Report);
    check_refused(400, 135_000, "text", Advice::Report);
}

#[test]
fn what_is_no_error_of_the_graph_is_named_by_its_status() {
    let found = outcome(404, &[], "nothing here");
    let refused = |code: &str, reason: &str, advice: Advice| {
        Err(SendError::Refused { code: code.into(), reason: reason.into(), advice: advice.as_str().into() })
    };
    assert_eq!(found, refused("http_404", "HTTP 404", Advice::Report));
    let auth = json!({"error": {"message": "AuthException", "code": 0}}).to_string();
    assert_eq!(outcome(401, &[], &auth), refused("http_401", "AuthException", Advice::CheckToken));
}
