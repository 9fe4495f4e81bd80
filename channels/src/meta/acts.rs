//! What Messenger and Instagram let a page do in a thread.

use super::account::Graph;
use super::{COMMENT, Product};
use crate::{Act, Acts, Reactions};

/// The emoji that Messenger's own apps offer first.
const MESSENGER: Acts = Acts {
    can: &[Act::Quote, Act::Handover],
    reactions: Reactions::Of(&["❤", "😆", "😮", "😢", "😠", "👍", "👎"]),
    typing_ms: 20_000,
    shows_seen: true,
    ..Acts::NOTHING
};

/// Instagram knows the heart alone.
const INSTAGRAM: Acts =
    Acts { can: &[Act::Quote, Act::Handover], reactions: Reactions::Of(&["❤"]), ..MESSENGER };

/// Whether Instagram's own login lets us type, see and pass threads is not documented.
const INSTAGRAM_LOGIN: Acts = Acts { can: &[Act::Quote], typing_ms: 0, shows_seen: false, ..INSTAGRAM };

const FACEBOOK_COMMENT: Acts = Acts {
    can: &[Act::AnswerPublicly, Act::AnswerPrivately, Act::Hide, Act::Edit, Act::Delete],
    ..Acts::NOTHING
};

const INSTAGRAM_COMMENT: Acts =
    Acts { can: &[Act::AnswerPublicly, Act::AnswerPrivately, Act::Hide, Act::Delete], ..Acts::NOTHING };

impl Graph<'_> {
    pub(crate) fn acts(self, thread: &str) -> &'static Acts {
        match (self.product, thread.starts_with(COMMENT)) {
            (Product::Messenger, false) => &MESSENGER,
            (Product::Messenger, true) => &FACEBOOK_COMMENT,
            (Product::Instagram, false) if self.is_instagram_login() => &INSTAGRAM_LOGIN,
            (Product::Instagram, false) => &INSTAGRAM,
            (Product::Instagram, true) => &INSTAGRAM_COMMENT,
        }
    }
}
