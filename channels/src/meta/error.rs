//! The Graph's errors.

use serde_json::Value;

use crate::HttpResponse;
use crate::json::read_json;

/// What the Graph says of a call that failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GraphError {
    pub(crate) status: u16,
    /// 0 where the body is not an error of the Graph (a gateway's page).
    pub(crate) code: i64,
    pub(crate) subcode: Option<i64>,
    /// The platform's own words, with the details that WhatsApp adds.
    pub(crate) reason: String,
    /// The Graph itself says that another attempt may succeed.
    pub(crate) transient: bool,
}

/// The error in an answer; none where it is not one.
pub(crate) fn graph_error(response: &HttpResponse<'_>) -> Option<GraphError> {
    let body = read_json(response.body);
    let error = body.as_ref().and_then(|body| body.get("error")).filter(|error| error.is_object());
    if error.is_none() && (200..300).contains(&response.status) {
        return None;
    }
    let words = |path: &str| error?.pointer(path)?.as_str().map(str::trim).filter(|words| !words.is_empty());
    let number = |name: &str| error?.get(name).and_then(integer);
    let message = words("/error_user_msg").or(words("/message"));
    let details = words("/error_data/details").filter(|details| Some(*details) != message);
    let said: Vec<&str> = [message, details].into_iter().flatten().collect();
    let reason = if said.is_empty() { format!("HTTP {}", response.status) } else { said.join(": ") };
    Some(GraphError {
        status: response.status,
        code: number("code").unwrap_or_default(),
        subcode: number("error_subcode"),
        reason: reason.chars().take(300).collect(),
        transient: error.and_then(|error| error.get("is_transient")).and_then(Value::as_bool) == Some(true),
    })
}

fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}
