//! What becomes of what we send: receipts, and why a send failed.

use serde::{Deserialize, Serialize};

/// How far a message of ours has come. Later states win; `Failed` is terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptState {
    Sent,
    Delivered,
    Read,
    /// A voice note was listened to.
    Played,
    Failed,
}

impl ReceiptState {
    /// The stable name, as it is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Played => "played",
            Self::Failed => "failed",
        }
    }
}

/// The platform's word on a message of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The platform's id of the message; empty for a request that makes none (an acknowledged press), and where
    /// `up_to` says which messages are meant.
    pub external_id: String,
    pub state: ReceiptState,
    /// The platform's reason, for a failure.
    #[serde(default)]
    pub reason: Option<String>,
    /// What to do about a failure: the name of an [`Advice`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// The thread, where the platform names it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub thread: String,
    /// All our messages of the thread until then have come so far, microseconds UTC (Messenger's watermark).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<i64>,
    /// When it happened, microseconds UTC, where the platform tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// The mark of the request: what [`Destination::correlation`] said when we sent it (see [`crate::read_mark`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// What the message costs, where the platform tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
    /// The platform's ids of the other messages that the same request made (LINE shows up to five at once).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<String>,
    /// Other ids by which the platform names the person it went to (a WhatsApp number as the platform writes it).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

impl Receipt {
    pub fn new(external_id: impl Into<String>, state: ReceiptState) -> Self {
        Self {
            external_id: external_id.into(),
            state,
            reason: None,
            advice: None,
            thread: String::new(),
            up_to: None,
            at: None,
            correlation: None,
            cost: None,
            more: Vec::new(),
            also: Vec::new(),
        }
    }

    /// The platform took the message and gave it this id.
    pub fn sent(external_id: impl Into<String>) -> Self {
        Self::new(external_id, ReceiptState::Sent)
    }
}

/// What a platform charges for a message, by its own categories: prices are a table of the operator's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cost {
    /// `service`, `utility`, `marketing`, `authentication`, `push`, …
    pub category: String,
    pub billable: bool,
    /// Why it costs what it costs, in the platform's word (`regular`, `free_customer_service`, `free_entry_point`); empty
    /// where the platform has one price for all.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
}

/// Why a request did not succeed, by what the caller must do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Try again, not before `after_ms` where the platform says so.
    #[error("the platform asks to try again: {reason}")]
    Retry { after_ms: Option<u64>, reason: String },
    /// It may have been accepted: count it, reconcile it, then try again.
    #[error("the platform may or may not have accepted the message: {reason}")]
    Ambiguous { reason: String },
    /// It will never succeed: park it and show `reason` (the platform's words) and what to do. `advice` is the name
    /// of an [`Advice`], which the engine words.
    #[error("the platform refused the message: {reason}")]
    Refused { code: String, reason: String, advice: String },
}
