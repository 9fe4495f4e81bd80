//! What LINE's answers mean. Its words may change, so they refine what the status code already says.

use serde_json::Value;

use super::fields::{id, list, text};
use super::plan::{PUSH, REPLY, RETRY_KEY};
use super::request::path_of;
use crate::json::read_json;
use crate::{Advice, Cost, HttpResponse, PlatformRequest, Receipt, SendError, Transport};

/// Names the call that was accepted before under the same key.
pub(super) const ACCEPTED_HEADER: &str = "x-line-accepted-request-id";

/// The code of a refusal after which [`super::Line`]'s `fallback` may push.
pub(super) const REPLY_TOKEN_CODE: &str = "reply_token";

/// A refusal by status code and a part of what LINE says, in small letters; the first that matches counts, an empty part
/// always does. What LINE says is its message, then the property and the message of each detail.
const REFUSALS: &[(u16, &str, &str, Advice)] = &[
    (400, "invalid reply token", REPLY_TOKEN_CODE, Advice::WaitForPerson),
    (400, "failed to send messages", "unreachable", Advice::CheckAddress),
    (400, "property, 'to'", "to", Advice::CheckAddress),
    (400, "'to'", "to", Advice::CheckAddress),
    (400, "not a member", "unreachable", Advice::WaitForPerson),
    (400, "retry-key", "retry_key", Advice::Report),
    (400, "retry key", "retry_key", Advice::Report),
    (400, "quotetoken", "quote", Advice::SendNew),
    (400, "quote token", "quote", Advice::SendNew),
    (400, "quickreply", "buttons", Advice::ChangeButtons),
    (400, "action", "buttons", Advice::ChangeButtons),
    (400, "template", "buttons", Advice::ChangeButtons),
    (400, "contenturl", "file", Advice::CheckFile),
    (400, "imageurl", "file", Advice::CheckFile),
    (400, "baseurl", "file", Advice::CheckFile),
    (400, ".url", "file", Advice::CheckFile),
    (400, ".duration", "file", Advice::CheckFile),
    (400, "stickerid", "sticker", Advice::ChangeText),
    (400, "packageid", "sticker", Advice::ChangeText),
    (400, "text", "text", Advice::ChangeText),
    (400, ".title", "text", Advice::ChangeText),
    (400, ".address", "text", Advice::ChangeText),
    (400, "contents", "flex", Advice::ChangeText),
    (401, "", "token", Advice::CheckToken),
    (403, "", "rights", Advice::AskForRights),
    (404, "", "not_found", Advice::CheckAddress),
    (410, "", "gone", Advice::CheckFile),
    (413, "", "too_large", Advice::CheckFile),
    (415, "", "media_type", Advice::CheckFile),
    (429, "monthly limit", "quota", Advice::RaiseQuota),
];

pub(super) fn outcome(request: &PlatformRequest, response: &HttpResponse<'_>) -> Result<Receipt, SendError> {
    let call = Call::of(request);
    let body = read_json(response.body).filter(Value::is_object);
    let said = Said { status: response.status, body: body.unwrap_or_default(), headers: &response.headers };
    match response.status {
        200..=299 if !call.sends || said.body.is_object() => Ok(call.receipt(&said.body)),
        409 if said.is_accepted() => Ok(call.receipt(&said.body)),
        429 if !said.words().contains("monthly limit") => {
            Err(SendError::Retry { after_ms: said.wait_ms(), reason: said.reason() })
        }
        408 | 425 | 500 | 503 => Err(SendError::Retry { after_ms: said.wait_ms(), reason: said.reason() }),
        // Something between us and LINE said yes, or gave up waiting: whether LINE sent the message is not known.
        200..=299 | 501.. => Err(call.unknown(said.reason())),
        _ => Err(said.refusal()),
    }
}

/// The error in any answer of LINE's that is not a success.
pub(super) fn failure(response: &HttpResponse<'_>) -> SendError {
    let body = read_json(response.body).filter(Value::is_object).unwrap_or_default();
    let said = Said { status: response.status, body, headers: &response.headers };
    match response.status {
        429 if said.words().contains("monthly limit") => said.refusal(),
        200..=299 => SendError::Ambiguous { reason: said.reason() },
        408 | 425 | 429 | 500.. => SendError::Retry { after_ms: said.wait_ms(), reason: said.reason() },
        _ => said.refusal(),
    }
}

/// What the call was, as far as its answer depends on it.
struct Call {
    /// It sends a message.
    sends: bool,
    reply: bool,
    /// LINE knows it again, so that it may be sent again without harm.
    keyed: bool,
}

impl Call {
    fn of(request: &PlatformRequest) -> Self {
        let path = path_of(request);
        let reply = path.ends_with(REPLY);
        let keyed = match &request.transport {
            Transport::Http { headers, .. } => {
                headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(RETRY_KEY))
            }
            Transport::Live { .. } => false,
        };
        Self { sends: reply || path.ends_with(PUSH), reply, keyed }
    }

    /// A call may have made several messages, each with an id of its own.
    fn receipt(&self, body: &Value) -> Receipt {
        let mut ids = list(body, "/sentMessages").iter().filter_map(|sent| id(sent, "/id"));
        let mut receipt = Receipt::sent(ids.next().unwrap_or_default());
        receipt.more = ids.collect();
        if self.sends {
            let category = if self.reply { "reply" } else { "push" };
            receipt.cost = Some(Cost { category: category.into(), billable: !self.reply, ..Cost::default() });
        }
        receipt
    }

    fn unknown(&self, reason: String) -> SendError {
        if self.keyed || !self.sends {
            SendError::Retry { after_ms: None, reason }
        } else {
            SendError::Ambiguous { reason }
        }
    }
}

/// An answer that is no plain success.
struct Said<'a> {
    status: u16,
    body: Value,
    headers: &'a [(String, String)],
}

impl Said<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    /// The call was accepted before, under the same key.
    fn is_accepted(&self) -> bool {
        self.header(ACCEPTED_HEADER).is_some()
            || !list(&self.body, "/sentMessages").is_empty()
            || self.words().contains("already accepted")
    }

    /// LINE names no wait today; a gateway before it may.
    fn wait_ms(&self) -> Option<u64> {
        let seconds: u64 = self.header("retry-after")?.parse().ok()?;
        Some(seconds.saturating_mul(1_000))
    }

    /// The message and the details, as LINE wrote them.
    fn reason(&self) -> String {
        let mut words = text(&self.body, "/message").unwrap_or_else(|| format!("HTTP {}", self.status));
        for detail in list(&self.body, "/details") {
            let part = |pointer| text(detail, pointer).unwrap_or_default();
            words = format!("{words}; {}: {}", part("/property"), part("/message"));
        }
        // The token service speaks OAuth.
        if let Some(more) = text(&self.body, "/error_description") {
            words = format!("{words}; {more}");
        }
        words.chars().take(300).collect()
    }

    fn words(&self) -> String {
        self.reason().to_lowercase()
    }

    fn refusal(&self) -> SendError {
        let words = self.words();
        let found = REFUSALS.iter().find(|(status, part, ..)| *status == self.status && words.contains(part));
        let (code, advice) =
            found.map_or(("refused", Advice::Report), |(_, _, code, advice)| (*code, *advice));
        SendError::Refused { code: code.into(), reason: self.reason(), advice: advice.as_str().into() }
    }
}
