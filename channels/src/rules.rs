//! What a platform allows in time and money. Facts with their sources stand in each adapter.

use serde::Serialize;

/// The rules of one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rules {
    pub window: Window,
    /// Sends a second for the whole account.
    pub account_per_second: u32,
    /// The shortest time between two sends to one thread, ms, once `thread_burst` are spent.
    pub thread_every_ms: u64,
    pub thread_burst: u32,
    /// Sends a minute to one group; 0 where groups have no rule of their own.
    pub group_per_minute: u32,
    /// The platform takes a send that is repeated once: it knows it again by a key, or by a token that is good for one.
    pub knows_repeats: bool,
}

/// When we may speak freely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Window {
    /// Whenever the person has not left.
    Always,
    /// For so long after the person's last word; a person of ours for longer, where `human_hours` is more.
    Since { hours: u32, human_hours: u32, after: Outside },
    /// Always, but each send that does not answer at once counts against a monthly quota (LINE).
    Quota,
}

/// What is left when the window is shut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outside {
    Nothing,
    /// Only templates that the platform has approved.
    Templates,
}

impl Rules {
    /// No rule at all: our own web chat.
    pub const FREE: Self = Self {
        window: Window::Always,
        account_per_second: 1_000,
        thread_every_ms: 0,
        thread_burst: 1_000,
        group_per_minute: 0,
        knows_repeats: false,
    };
}
