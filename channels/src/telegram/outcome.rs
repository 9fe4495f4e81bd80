//! What Telegram's answers mean. Its words may change, so they refine what the status code already says.

use serde::Deserialize;
use serde_json::Value;

use super::thread::Thread;
use super::update::{Field, read};
use crate::json::read_json;
use crate::{Advice, HttpResponse, PlatformRequest, Receipt, SendError};

/// The body of every answer: `result` when `ok`, else `error_code`, `description` and `parameters`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    ok: Field<bool>,
    result: Value,
    error_code: Field<u16>,
    description: Field<String>,
    parameters: Field<Parameters>,
    /// From the HTTP response, not from the body.
    #[serde(skip)]
    status: u16,
    #[serde(skip)]
    retry_after_header: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    /// Seconds.
    retry_after: Field<u64>,
    migrate_to_chat_id: Field<i64>,
}

/// A refusal by status code and a part of its description; the first that matches counts, an empty part always does.
const REFUSALS: &[(u16, &str, &str, Advice)] = &[
    (401, "", "token", Advice::CheckToken),
    (404, "", "token", Advice::CheckToken),
    (403, "not enough rights", "rights", Advice::AskForRights),
    (403, "have no rights", "rights", Advice::AskForRights),
    (403, "", "unreachable", Advice::WaitForPerson),
    (400, "group chat was upgraded", "moved", Advice::UseNewThread),
    (400, "chat not found", "chat_not_found", Advice::CheckAddress),
    (400, "user not found", "chat_not_found", Advice::CheckAddress),
    (400, "PEER_ID_INVALID", "chat_not_found", Advice::CheckAddress),
    (400, "message thread not found", "chat_not_found", Advice::CheckAddress),
    (400, "have no rights", "rights", Advice::AskForRights),
    (400, "not enough rights", "rights", Advice::AskForRights),
    (400, "CHAT_WRITE_FORBIDDEN", "rights", Advice::AskForRights),
    (400, "BUTTON", "buttons", Advice::ChangeButtons),
    (400, "keyboard", "buttons", Advice::ChangeButtons),
    (400, "reply markup", "buttons", Advice::ChangeButtons),
    (400, "message text is empty", "text", Advice::ChangeText),
    (400, "is too long", "text", Advice::ChangeText),
    (400, "MESSAGE_TOO_LONG", "text", Advice::ChangeText),
    (400, "can't parse entities", "text", Advice::ChangeText),
    (400, "file", "file", Advice::CheckFile),
    (400, "HTTP URL", "file", Advice::CheckFile),
    (400, "web page", "file", Advice::CheckFile),
    (400, "WEBPAGE", "file", Advice::CheckFile),
    (400, "PHOTO", "file", Advice::CheckFile),
    (400, "sticker", "file", Advice::CheckFile),
    (400, "STICKER", "file", Advice::CheckFile),
    (400, "REACTION_INVALID", "reaction", Advice::Report),
    (400, "PHONE_NUMBER_INVALID", "text", Advice::ChangeText),
    (400, "contact", "text", Advice::ChangeText),
    (400, "BUSINESS_CONNECTION_INVALID", "unreachable", Advice::CheckAddress),
    (400, "business connection not found", "unreachable", Advice::CheckAddress),
    (400, "BUSINESS_PEER_USAGE_MISSING", "unreachable", Advice::WaitForPerson),
    (400, "TOPIC_CLOSED", "rights", Advice::AskForRights),
    (400, "TOPIC_DELETED", "chat_not_found", Advice::CheckAddress),
    (400, "USER_IS_BLOCKED", "unreachable", Advice::WaitForPerson),
    (400, "VOICE_MESSAGES_FORBIDDEN", "unreachable", Advice::WaitForPerson),
    (400, "message to edit not found", "gone", Advice::SendNew),
    (400, "message can't be edited", "gone", Advice::SendNew),
    (400, "message can't be deleted", "gone", Advice::SendNew),
    (400, "message to delete not found", "gone", Advice::Report),
    (400, "message to react not found", "gone", Advice::Report),
    (400, "there is no text in the message to edit", "gone", Advice::SendNew),
    (400, "MESSAGE_ID_INVALID", "gone", Advice::SendNew),
    (409, "webhook", "webhook_active", Advice::RemoveWebhook),
    (413, "", "file", Advice::CheckFile),
];

/// Refusals that say that what we wanted is already so, or no longer matters.
const HARMLESS: &[&str] =
    &["message is not modified", "query is too old", "query ID is invalid", "QUERY_ID_INVALID"];

/// How long to wait when another poller was there first, milliseconds.
const CONFLICT_MS: u64 = 5_000;

pub(super) fn outcome(request: &PlatformRequest, response: &HttpResponse<'_>) -> Result<Receipt, SendError> {
    let answer = answer_of(response);
    if answer.is_harmless() {
        return Ok(sent(external_id(&request.body)));
    }
    result_of(&answer).map(|result| sent(external_id(result)))
}

fn sent(external_id: Option<String>) -> Receipt {
    Receipt::sent(external_id.unwrap_or_default())
}

/// The id of the message in a result, or of the message that a request was about.
fn external_id(about: &Value) -> Option<String> {
    Some(Thread::of(about)?.message(about.get("message_id")?.as_i64()?))
}

/// Reads an answer, whatever it is: a gateway may answer with a page, not with JSON.
pub(super) fn answer_of(response: &HttpResponse<'_>) -> Answer {
    let header = response.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
    Answer {
        status: response.status,
        retry_after_header: header.and_then(|(_, value)| value.trim().parse().ok()),
        ..read_json(response.body).and_then(|body| read(&body)).unwrap_or_default()
    }
}

/// The result of an answer, or what to do without one.
pub(super) fn result_of(answer: &Answer) -> Result<&Value, SendError> {
    match answer.ok.0 {
        Some(true) => Ok(&answer.result),
        // Something between us and Telegram said yes; whether Telegram did is not known.
        None if (200..300).contains(&answer.status) => Err(SendError::Ambiguous { reason: answer.reason() }),
        _ => Err(answer.failure()),
    }
}

impl Answer {
    fn code(&self) -> u16 {
        self.error_code.0.unwrap_or(self.status)
    }

    fn reason(&self) -> String {
        let words = self.description.0.clone().unwrap_or_else(|| format!("HTTP {}", self.status));
        words.chars().take(300).collect()
    }

    fn is_harmless(&self) -> bool {
        let words = self.reason();
        self.ok.0 == Some(false) && self.code() == 400 && HARMLESS.iter().any(|part| words.contains(part))
    }

    fn failure(&self) -> SendError {
        let reason = self.reason();
        match self.code() {
            429 => {
                SendError::Retry { after_ms: self.wait().map(|seconds| seconds.saturating_mul(1000)), reason }
            }
            409 if !reason.contains("webhook") => SendError::Retry { after_ms: Some(CONFLICT_MS), reason },
            408 | 425 | 500..=503 => SendError::Retry { after_ms: None, reason },
            // A gateway gave up waiting: the server behind it may have sent the message.
            code if code >= 500 => SendError::Ambiguous { reason },
            code => self.refusal(code, &reason),
        }
    }

    fn refusal(&self, code: u16, reason: &str) -> SendError {
        let found = REFUSALS.iter().find(|(status, part, ..)| *status == code && reason.contains(part));
        let (name, advice) =
            found.map_or(("refused", Advice::Report), |(_, _, name, advice)| (*name, *advice));
        let moved = self.parameters.0.as_ref().and_then(|parameters| parameters.migrate_to_chat_id.0);
        SendError::Refused {
            code: name.into(),
            reason: moved.map_or_else(|| reason.to_owned(), |thread| format!("{reason} ({thread})")),
            advice: advice.as_str().into(),
        }
    }

    /// Seconds, from wherever Telegram says it.
    fn wait(&self) -> Option<u64> {
        let said = || self.description.0.as_ref()?.rsplit_once("retry after ")?.1.trim().parse().ok();
        let parameters = self.parameters.0.as_ref();
        parameters.and_then(|parameters| parameters.retry_after.0).or(self.retry_after_header).or_else(said)
    }
}
