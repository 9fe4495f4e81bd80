//! What the Graph's answers mean for Messenger and Instagram.

use serde_json::Value;

use super::error::{GraphError, graph_error};
use super::fields::{id, list, number, text};
use crate::json::read_json;
use crate::{Advice, HttpMethod, HttpResponse, PlatformRequest, Receipt, SendError, Transport};

/// A refusal by code and subcode (none: every subcode); the first that matches counts. The tables are Meta's "Error codes"
/// of the Messenger Platform and of Instagram Messaging (June 2026).
const REFUSALS: &[(i64, Option<i64>, &str, Advice)] = &[
    (10, Some(2_018_278), "window", Advice::UseTemplate),
    (10, Some(2_018_065), "window", Advice::UseTemplate),
    (10, Some(2_534_022), "window", Advice::UseTemplate),
    (10, Some(2_018_108), "unreachable", Advice::WaitForPerson),
    (551, None, "unreachable", Advice::WaitForPerson),
    (200, Some(1_545_041), "unreachable", Advice::WaitForPerson),
    (10, Some(1_545_041), "unreachable", Advice::WaitForPerson),
    (10, Some(1_893_063), "restricted", Advice::CheckAccount),
    (100, Some(2_018_001), "no_such_person", Advice::CheckAddress),
    (100, Some(2_534_014), "no_such_person", Advice::CheckAddress),
    (100, Some(2_018_008), "file", Advice::CheckFile),
    (100, Some(2_018_047), "file", Advice::CheckFile),
    (100, Some(2_018_074), "file", Advice::CheckFile),
    (100, Some(2_018_109), "file", Advice::CheckFile),
    (100, Some(2_018_294), "file", Advice::CheckFile),
    (100, Some(2_018_014), "invalid", Advice::Report),
    (100, Some(2_534_015), "invalid", Advice::Report),
    (100, Some(2_534_025), "invalid", Advice::Report),
    (100, Some(2_534_029), "invalid", Advice::Report),
    (100, Some(2_534_037), "other_owner", Advice::TakeControl),
    (100, Some(2_018_300), "other_owner", Advice::TakeControl),
    (10, Some(2_018_300), "other_owner", Advice::TakeControl),
    (10, Some(2_534_037), "other_owner", Advice::TakeControl),
    (190, None, "token", Advice::CheckToken),
    (102, None, "token", Advice::CheckToken),
    (104, None, "token", Advice::CheckToken),
    (200, Some(2_018_028), "not_live", Advice::AskForRights),
    (200, Some(2_534_041), "messages_forbidden", Advice::AskForRights),
    (368, None, "blocked", Advice::CheckAccount),
    (10_900, None, "answered", Advice::WaitForPerson),
    (100, Some(2_018_218), "no_profile", Advice::Report),
    (100, Some(2_018_247), "no_profile", Advice::Report),
    (100, Some(33), "no_such_object", Advice::CheckAddress),
    (10, None, "rights", Advice::AskForRights),
    (3, None, "rights", Advice::AskForRights),
];

/// The codes by which the Graph says "not so fast" (rate limiting; 80001 and 80006 are those of business use cases).
const TOO_FAST: &[i64] = &[4, 17, 32, 341, 613, 80_001, 80_002, 80_006];

/// Subcodes that say it beside other codes.
const TOO_FAST_TOO: &[i64] = &[2_018_352, 2_534_040, 2_018_338, 1_893_016];

/// Rights that our calls need, by what the token's own description lists.
const SCOPES: [&[&str]; 2] = [
    &["pages_messaging", "instagram_manage_messages", "instagram_business_manage_messages"],
    &["pages_manage_metadata", "instagram_business_basic"],
];

const USAGE_HEADER: &str = "x-business-use-case-usage";

/// Reads the answer to any request of ours.
pub(crate) fn outcome(request: &PlatformRequest, response: &HttpResponse<'_>) -> Result<Receipt, SendError> {
    if let Some(error) = graph_error(response) {
        return Err(failure(&error, response));
    }
    let body = read_json(response.body).filter(Value::is_object);
    let Some(body) = body else {
        // Something between us and Meta said yes; whether Meta did is not known.
        return Err(SendError::Ambiguous { reason: format!("HTTP {} without an answer", response.status) });
    };
    if body.get("success") == Some(&Value::Bool(false)) {
        return Err(refused("refused", "Meta says that it did not succeed", Advice::Report));
    }
    if let Transport::Http { method: HttpMethod::Get, url, .. } = &request.transport {
        checked(url, &body)?;
    }
    let message_id = id(&body, "/message_id").or_else(|| id(&body, "/id"));
    if request.body.get("message").is_some_and(Value::is_object) && message_id.is_none() {
        return Err(SendError::Ambiguous { reason: "the answer names no message".into() });
    }
    // An answer to a comment or to a plug-in's reference tells who the person is.
    let addressed = id(&request.body, "/recipient/id");
    let person = id(&body, "/recipient_id").filter(|person| addressed.as_ref() != Some(person));
    let known = request.body.get("message").is_some();
    Ok(Receipt {
        also: person.filter(|_| known).into_iter().collect(),
        ..Receipt::sent(message_id.unwrap_or_default())
    })
}

pub(crate) fn failure(error: &GraphError, response: &HttpResponse<'_>) -> SendError {
    let reason = error.reason.clone();
    let too_fast = TOO_FAST.contains(&error.code)
        || error.subcode.is_some_and(|subcode| TOO_FAST_TOO.contains(&subcode))
        || (error.code == 0 && error.status == 429);
    if too_fast {
        return SendError::Retry { after_ms: wait(response), reason };
    }
    if let Some((.., name, advice)) = REFUSALS
        .iter()
        .find(|(code, subcode, ..)| *code == error.code && (subcode.is_none() || *subcode == error.subcode))
    {
        return refused(name, &reason, *advice);
    }
    match (error.code, error.status) {
        (1 | 2, _) => SendError::Retry { after_ms: None, reason },
        _ if error.transient => SendError::Retry { after_ms: None, reason },
        (0, 408 | 425 | 500..=503) => SendError::Retry { after_ms: None, reason },
        // A gateway gave up waiting: the server behind it may have sent the message.
        (0, status) if status >= 500 || (200..300).contains(&status) => SendError::Ambiguous { reason },
        (0, 401) => refused("token", &reason, Advice::CheckToken),
        (200..300, _) => refused("rights", &reason, Advice::AskForRights),
        (100, _) => by_words(&reason),
        _ => refused("refused", &reason, Advice::Report),
    }
}

/// An invalid parameter without a subcode: only the words say which.
fn by_words(reason: &str) -> SendError {
    let words = reason.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    let (name, advice) = if has(&["button", "quick_repl", "payload", "element"]) {
        ("buttons", Advice::ChangeButtons)
    } else if has(&["attachment", "url", "file", "media"]) {
        ("file", Advice::CheckFile)
    } else if has(&["message[text]", "text", "too long", "length", "empty"]) {
        ("text", Advice::ChangeText)
    } else if has(&["tag", "template"]) {
        ("template", Advice::UseTemplate)
    } else if has(&["no matching user", "recipient"]) {
        ("no_such_person", Advice::CheckAddress)
    } else {
        ("invalid", Advice::Report)
    };
    refused(name, reason, advice)
}

fn refused(code: &str, reason: &str, advice: Advice) -> SendError {
    SendError::Refused { code: code.into(), reason: reason.into(), advice: advice.as_str().into() }
}

/// The longest wait that the usage header names, in minutes there, in milliseconds here.
fn wait(response: &HttpResponse<'_>) -> Option<u64> {
    let header = |name: &str| {
        response.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let usage = header(USAGE_HEADER).and_then(|usage| read_json(usage.as_bytes()));
    let uses = usage.as_ref().and_then(Value::as_object).into_iter().flat_map(|uses| uses.values());
    let minutes = uses
        .flat_map(|one| list(one, ""))
        .filter_map(|one| number(one, "/estimated_time_to_regain_access"))
        .filter(|minutes| (0.0..=100_000.0).contains(minutes) && *minutes > 0.0)
        .map(|minutes| (minutes * 60_000.0) as u64);
    let seconds = header("retry-after").and_then(|value| value.trim().parse::<u64>().ok());
    minutes.max().or_else(|| seconds.map(|seconds| seconds.saturating_mul(1000)))
}

/// The answers to checks say by their content whether all is well.
fn checked(url: &str, body: &Value) -> Result<(), SendError> {
    let path = url.split('?').next().unwrap_or_default();
    if path.ends_with("/subscribed_apps") && body.get("data").is_some_and(|data| list(data, "").is_empty()) {
        let reason = "the page or account does not call any program";
        return Err(refused("not_subscribed", reason, Advice::UseWebhook));
    }
    if !path.ends_with("/debug_token") {
        return Ok(());
    }
    if body.pointer("/data/is_valid") == Some(&Value::Bool(false)) {
        let reason = text(body, "/data/error/message").unwrap_or_else(|| "the token is not valid".into());
        return Err(refused("token", &reason, Advice::CheckToken));
    }
    let held: Vec<&str> = list(body, "/data/scopes").iter().filter_map(Value::as_str).collect();
    let missing: Vec<&str> =
        SCOPES.iter().filter(|any| !any.iter().any(|scope| held.contains(scope))).map(|any| any[0]).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(refused("rights", &format!("the token lacks {}", missing.join(", ")), Advice::AskForRights))
}
