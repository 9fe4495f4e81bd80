//! Setting an account up: what a person must enter, and what the platform says when it is tried.

use serde::{Deserialize, Serialize};

use crate::{HttpResponse, SendError};

/// One thing to be entered. Its name is that of the setting or secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SetupField {
    pub name: &'static str,
    /// Stored encrypted, and never shown again.
    pub secret: bool,
    pub required: bool,
    /// Made by us where it is left out: the person gives it to the platform.
    pub ours: bool,
}

impl SetupField {
    pub const fn secret(name: &'static str) -> Self {
        Self { name, secret: true, required: true, ours: false }
    }

    pub const fn setting(name: &'static str) -> Self {
        Self { name, secret: false, required: true, ours: false }
    }

    /// A secret that we make up.
    pub const fn made(name: &'static str) -> Self {
        Self { name, secret: true, required: false, ours: true }
    }

    #[must_use]
    pub const fn optional(self) -> Self {
        Self { required: false, ..self }
    }
}

/// What one of [`crate::Channel::checks`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountCheck {
    /// The token works, and belongs to this account.
    Token,
    /// The token has the rights that we need.
    Scopes,
    /// The platform calls our webhook.
    Webhook,
    /// How many messages may still be sent this month.
    Quota,
    /// Until when the token is good. No adapter asks for it: it is read from what the platform says to another check.
    Expiry,
    /// Whether our clock agrees with the platform's. No adapter asks for it: every answer of a platform is dated.
    Clock,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub good: bool,
    /// The platform's own id of the account, where the answer names it.
    pub external_id: Option<String>,
    /// What the platform calls the account.
    pub name: Option<String>,
    /// What the platform says, short.
    pub says: String,
    /// When the token runs out, microseconds UTC, where the platform says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

impl Finding {
    /// From the status alone: for adapters that read no more.
    pub fn of_status(response: &HttpResponse<'_>) -> Self {
        let good = (200..300).contains(&response.status);
        Self { good, says: format!("HTTP {}", response.status), ..Self::default() }
    }

    /// From why it failed.
    pub fn failed(error: &SendError) -> Self {
        Self { says: error.to_string(), ..Self::default() }
    }
}
