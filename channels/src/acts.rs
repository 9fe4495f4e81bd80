//! What a channel lets our side do in a thread beside saying: the console offers these and no others.

use serde::Serialize;

/// Something that can be done to one message, or to the thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A reply may quote an earlier message.
    Quote,
    /// Change the words of a message of ours.
    Edit,
    /// Take a message of ours back.
    Delete,
    /// Give the thread to the platform's own inbox, and take it back.
    Handover,
    /// Hide what a person wrote from everybody else, and show it again.
    Hide,
    /// Answer where everybody can read it.
    AnswerPublicly,
    /// Answer the person alone, once.
    AnswerPrivately,
}

/// The hint of a destination by which the answer to a comment stands below it for everybody.
pub const PUBLIC_ANSWER: (&str, &str) = ("answer", "public");

/// The emoji with which our side may react.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reactions {
    None,
    /// Whatever is one emoji.
    Any,
    Of(&'static [&'static str]),
}

impl Reactions {
    pub fn allow(self, emoji: &str) -> bool {
        match self {
            Self::None => false,
            Self::Any => is_emoji(emoji),
            Self::Of(allowed) => allowed.contains(&emoji),
        }
    }
}

/// What one thread of a channel account allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Acts {
    pub can: &'static [Act],
    pub reactions: Reactions,
    /// For so many hours after it was said a message of ours can be taken back; 0 where that never ends.
    pub delete_hours: u32,
    /// How long "is typing" stays, ms; 0 where the platform does not show it.
    pub typing_ms: u32,
    /// Showing that we type marks the person's message as read, too.
    pub typing_reads: bool,
    /// A reply can quote only the newest message that the person wrote.
    pub quotes_newest: bool,
    /// People of the platform are used to seeing that their message was read.
    pub shows_seen: bool,
}

impl Acts {
    /// A channel where nothing can be done but say.
    pub const NOTHING: Self = Self {
        can: &[],
        reactions: Reactions::None,
        delete_hours: 0,
        typing_ms: 0,
        typing_reads: false,
        quotes_newest: false,
        shows_seen: false,
    };

    pub fn can(&self, act: Act) -> bool {
        self.can.contains(&act)
    }
}

/// A short text without letters, blanks or control signs, with something beyond ASCII in it. What looks like an emoji and
/// is none the platform refuses.
fn is_emoji(text: &str) -> bool {
    let is_sign = |c: char| !c.is_whitespace() && !c.is_control() && !(c.is_alphabetic());
    let is_short = (1..=10).contains(&text.chars().count());
    is_short && text.chars().all(is_sign) && !text.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_platform_knows_is_a_reaction() {
        for (reactions, emoji, allowed) in [
            (Reactions::None, "👍", false),
            (Reactions::Of(&["👍"]), "👍", true),
            (Reactions::Of(&["👍"]), "🎉", false),
            (Reactions::Any, "🎉", true),
            (Reactions::Any, "👨‍👩‍👧", true),
            (Reactions::Any, "🇹🇭", true),
            (Reactions::Any, "1️⃣", true),
            (Reactions::Any, "", false),
            (Reactions::Any, "ok", false),
            (Reactions::Any, "ดี", false),
            (Reactions::Any, "👍 👍", false),
            (Reactions::Any, "👍👍👍👍👍👍👍👍👍👍👍", false),
        ] {
            assert_eq!(reactions.allow(emoji), allowed, "{reactions:?} {emoji}");
        }
    }
}
