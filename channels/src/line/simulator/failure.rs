//! LINE's refusals, in its own words.

use serde_json::{Value, json};

use crate::simulator::Answer;

/// A refusal.
#[derive(Debug, PartialEq)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) message: String,
    /// The property and what is wrong with it.
    pub(super) details: Vec<(String, String)>,
}

impl Failure {
    pub(super) fn new(status: u16, message: &str) -> Self {
        Self { status, message: message.into(), details: Vec::new() }
    }

    pub(super) fn bad(message: &str) -> Self {
        Self::new(400, message)
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "Not found")
    }

    /// The body was read and something in it is wrong.
    pub(super) fn body(details: Vec<(String, String)>) -> Self {
        let message = format!("The request body has {} error(s)", details.len());
        Self { details, ..Self::bad(&message) }
    }

    pub(super) fn unauthorized() -> Self {
        let words =
            "Authentication failed. Confirm that the access token in the authorization header is valid.";
        Self::new(401, words)
    }

    pub(super) fn too_fast() -> Self {
        Self::new(429, "The API rate limit has been exceeded. Try again later.")
    }

    pub(super) fn over_quota() -> Self {
        Self::new(429, "You have reached your monthly limit.")
    }

    pub(super) fn answer(&self) -> Answer {
        let mut body = json!({"message": self.message});
        if !self.details.is_empty() {
            let detail =
                |(property, message): &(String, String)| json!({"message": message, "property": property});
            body["details"] = self.details.iter().map(detail).collect::<Vec<Value>>().into();
        }
        answer(self.status, &body)
    }
}

pub(super) fn answer(status: u16, body: &Value) -> Answer {
    let headers = vec![("content-type".into(), "application/json".into())];
    Answer { status, headers, body: body.to_string().into_bytes() }
}
