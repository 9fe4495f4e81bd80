//! What the answers of the Cloud API mean.
//!
//! The numbers and their classes are those of Meta's table of error codes for the WhatsApp Business Platform (September
//! 2026). Statuses are not: Meta answers the same error with different ones.

use serde_json::Value;

use super::value::{items, whole, word};
use crate::json::read_json;
use crate::meta::{GraphError, graph_error};
use crate::{Advice, HttpResponse, PlatformRequest, Receipt, SendError};

/// Errors that pass, and after how many milliseconds; 0 where Meta names no time.
const PASSING: &[(i64, u64)] = &[
    (1, 0),
    (2, 0),
    (4, 0),
    (80_007, 0),
    (130_429, 0),
    (131_000, 0),
    (131_016, 0),
    // One message every six seconds to one person, after a burst.
    (131_056, 6_000),
    (131_057, 0),
    (133_004, 0),
    // Too few days between advertisements to one person: a day at least.
    (131_049, 24 * HOUR_MS),
    (131_048, HOUR_MS),
    (131_064, HOUR_MS),
    (133_015, 5 * MINUTE_MS),
    (134_101, 10 * MINUTE_MS),
];

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;

/// Errors that stay, by the first and last number of a row.
const REFUSALS: &[(i64, i64, Advice)] = &[
    (3, 3, Advice::AskForRights),
    (10, 10, Advice::AskForRights),
    (33, 33, Advice::CheckAddress),
    (102, 104, Advice::CheckToken),
    (190, 190, Advice::CheckToken),
    (200, 299, Advice::AskForRights),
    (368, 368, Advice::CheckAccount),
    (130_472, 130_472, Advice::WaitForPerson),
    (130_497, 130_497, Advice::CheckAccount),
    (131_005, 131_005, Advice::AskForRights),
    (131_021, 131_021, Advice::CheckAddress),
    (131_026, 131_026, Advice::WaitForPerson),
    (131_030, 131_030, Advice::CheckAddress),
    (131_031, 131_031, Advice::CheckAccount),
    (131_037, 131_037, Advice::CheckAccount),
    (131_042, 131_042, Advice::CheckAccount),
    (131_045, 131_045, Advice::CheckAccount),
    (131_047, 131_047, Advice::WaitForPerson),
    (131_050, 131_050, Advice::WaitForPerson),
    (131_052, 131_053, Advice::CheckFile),
    (132_000, 132_999, Advice::CheckTemplate),
    (133_000, 133_014, Advice::CheckAccount),
    (133_016, 133_016, Advice::CheckAccount),
];

/// Errors of a wrong parameter: only its name tells which.
const WRONG_PARAMETER: &[i64] = &[100, 131_008, 131_009];

/// Parts of the words of a wrong parameter; the first that is there counts.
const PARAMETERS: &[(&str, Advice)] = &[
    ("template", Advice::CheckTemplate),
    ("recipient", Advice::CheckAddress),
    ("param to", Advice::CheckAddress),
    ("parameter to", Advice::CheckAddress),
    ("phone number", Advice::CheckAddress),
    ("button", Advice::ChangeButtons),
    ("section", Advice::ChangeButtons),
    ("row", Advice::ChangeButtons),
    ("title", Advice::ChangeButtons),
    ("media", Advice::CheckFile),
    ("link", Advice::CheckFile),
    ("url", Advice::CheckFile),
    ("body", Advice::ChangeText),
    ("text", Advice::ChangeText),
    ("caption", Advice::ChangeText),
    ("length", Advice::ChangeText),
];

/// What a person can do about an error, by its number and the platform's words.
pub(super) fn advice_for(code: i64, reason: &str) -> Advice {
    if let Some(advice) = refusal(code) {
        return advice;
    }
    let words = reason.to_lowercase();
    let named = PARAMETERS.iter().find(|(part, _)| words.contains(part));
    let named = named.filter(|_| WRONG_PARAMETER.contains(&code));
    named.map_or(Advice::Report, |(_, advice)| *advice)
}

fn refusal(code: i64) -> Option<Advice> {
    let row = REFUSALS.iter().find(|(first, last, _)| (*first..=*last).contains(&code));
    row.map(|(_, _, advice)| *advice)
}

pub(super) fn outcome(request: &PlatformRequest, response: &HttpResponse<'_>) -> Result<Receipt, SendError> {
    let body = answer(response)?;
    if let Some(id) = word(&body, "/messages/0/id") {
        return Ok(Receipt { also: also(&request.body, &body), ..Receipt::sent(id) });
    }
    // Reading, typing and settings make no message.
    if body.get("success") == Some(&Value::Bool(true)) {
        return Ok(Receipt::sent(""));
    }
    Err(SendError::Ambiguous { reason: "the answer names no message".into() })
}

/// The body of an answer that is no error.
pub(super) fn answer(response: &HttpResponse<'_>) -> Result<Value, SendError> {
    if let Some(error) = graph_error(response) {
        return Err(failure(&error, response));
    }
    read_json(response.body)
        .ok_or_else(|| SendError::Ambiguous { reason: format!("HTTP {} without JSON", response.status) })
}

/// The number as WhatsApp writes it, where that is not how we wrote it (Brazil, Mexico), and the person's own id.
fn also(request: &Value, answer: &Value) -> Vec<String> {
    let to = word(request, "/to").or_else(|| word(request, "/recipient")).unwrap_or_default();
    let ids = ["/contacts/0/user_id", "/contacts/0/wa_id"].into_iter().filter_map(|path| word(answer, path));
    ids.filter(|id| to.trim_start_matches('+') != id.trim()).collect()
}

fn failure(error: &GraphError, response: &HttpResponse<'_>) -> SendError {
    let reason = error.reason.clone();
    if let Some((_, wait)) = PASSING.iter().find(|(code, _)| *code == error.code) {
        let named = Some(*wait).filter(|wait| *wait > 0);
        return SendError::Retry { after_ms: throttled_ms(response).or(named), reason };
    }
    if let Some(advice) = refusal(error.code) {
        return refused(error, advice);
    }
    match (error.code, error.status) {
        (0, 401) => refused(error, Advice::CheckToken),
        (0, 408 | 425 | 429 | 503) => SendError::Retry { after_ms: throttled_ms(response), reason },
        // Something between us and WhatsApp gave up; WhatsApp may have taken the message. There is no key by which a
        // repeated one would be known.
        (0, 500..) => SendError::Ambiguous { reason },
        _ if error.transient => SendError::Retry { after_ms: None, reason },
        (_, 500..) => SendError::Retry { after_ms: None, reason },
        _ => refused(error, advice_for(error.code, &error.reason)),
    }
}

fn refused(error: &GraphError, advice: Advice) -> SendError {
    let code = if error.code == 0 { format!("http_{}", error.status) } else { error.code.to_string() };
    SendError::Refused { code, reason: error.reason.clone(), advice: advice.as_str().into() }
}

/// How long this account is shut out, as the header with its use says, in minutes.
fn throttled_ms(response: &HttpResponse<'_>) -> Option<u64> {
    let header = |name: &str| {
        response.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    };
    let seconds = || header("retry-after")?.parse::<u64>().ok()?.checked_mul(1_000);
    header("x-business-use-case-usage").and_then(usage_ms).or_else(seconds)
}

fn usage_ms(header: &str) -> Option<u64> {
    let usage = read_json(header.as_bytes())?;
    let uses = usage.as_object()?.values().flat_map(|account| items(account, ""));
    let minutes = uses.filter_map(|usage| whole(usage, "/estimated_time_to_regain_access")).max()?;
    u64::try_from(minutes).ok().filter(|minutes| *minutes > 0)?.checked_mul(MINUTE_MS)
}
