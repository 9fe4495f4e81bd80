//! The wording that every bot must have, because the engine or the dialogue itself says it.

/// A wording id that every bot needs, with the arguments it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needed {
    pub id: &'static str,
    pub args: &'static [&'static str],
}

const fn needed(id: &'static str, args: &'static [&'static str]) -> Needed {
    Needed { id, args }
}

/// What the engine says where a bot has words for it: `group_welcome` to a group that we come into.
pub(crate) const MAY_HAVE: &[&str] = &["group_welcome"];

/// All of them. `flow` arguments are wording ids for `title(…)`; `minutes` and `position` are numbers.
pub const NEEDED: &[Needed] = &[
    needed("welcome", &[]),
    needed("fallback_ask_again", &[]),
    needed("out_of_scope", &[]),
    needed("no_answer", &[]),
    needed("answer_with_source", &["answer", "source"]),
    needed("ask_feedback", &[]),
    needed("feedback_thanks", &[]),
    needed("handoff_started", &["minutes", "position"]),
    needed("handoff_closed_hours", &["opens"]),
    needed("handed_back", &[]),
    needed("clarify_which", &[]),
    needed("none_of_these", &[]),
    needed("resume_flow", &["flow"]),
    needed("resume_yes", &[]),
    needed("resume_no", &[]),
    needed("cancelled_flow", &["flow"]),
    needed("skipped", &[]),
    needed("cannot_skip", &[]),
    needed("corrected", &["value"]),
    needed("unsupported_content", &[]),
    needed("sticker_reply", &[]),
    needed("error_try_again", &[]),
    needed("format_baht", &["amount"]),
];
