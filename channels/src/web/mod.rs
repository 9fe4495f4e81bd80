//! The web chat: our own widget over a WebSocket.
//!
//! `token` makes and proves visitor tokens, `receive` decodes one frame of a visitor, `plan` makes the one live event
//! that shows a reply, `outcome` reads how that event fared, and `simulator` plays a visitor. The sockets, their
//! replays and their other frames (greeting, typing, thumbs) are the engine's.
//!
//! An account's secrets are `site_key`, by which visitors are known again, and `identity_secret`, with which the shop's
//! own server signs who is signed in; each with `.previous` while it is changed.

mod file;
mod identity;
mod outcome;
mod plan;
mod receive;
pub mod simulator;
mod token;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use crate::{
    AccountConfig, Capabilities, Channel, ChannelName, Destination, Feature, HttpCall, HttpResponse,
    LengthUnit, PlatformRequest, Receipt, Received, Refusal, SendError, SetupField, Shown,
};

pub use file::{VisitorFile, issue_file, verify_file};
pub use identity::{Identity, IdentityRefusal, issue_identity, verify_identity};
pub use receive::{FRAME_LIMIT, TEXT_LIMIT};
pub use token::{issue_signed_in_token, issue_token, renew_token, verify_token};

/// The setting by which visitors may send files (`yes`, also where it is left out) or may not (`no`).
pub const FILES: &str = "files";

/// The web chat adapter.
pub struct Web;

/// What our widget shows well; what comes back from a press is within what `receive` takes.
static CAPABILITIES: LazyLock<Capabilities> = LazyLock::new(|| Capabilities {
    text_unit: LengthUnit::Characters,
    text_limit: 20_000,
    caption_limit: 4_000,
    choices: 50,
    choice_title_limit: receive::TITLE_LIMIT,
    buttons: 50,
    link_buttons: 50,
    button_title_limit: receive::TITLE_LIMIT,
    payload_limit: receive::PAYLOAD_LIMIT,
    cards: 50,
    card_title_limit: 1_000,
    card_text_limit: 4_000,
    card_buttons: 50,
    rows: 100,
    row_title_limit: receive::TITLE_LIMIT,
    row_text_limit: 1_000,
    list_button_limit: receive::TITLE_LIMIT,
    place_limit: 1_000,
    features: vec![
        Feature::Choices,
        Feature::ChoicesUnderAnything,
        Feature::Buttons,
        Feature::Cards,
        Feature::Media,
        Feature::Location,
        Feature::ReplyTo,
        Feature::Typing,
    ],
    ..Capabilities::NOTHING
});

impl Channel for Web {
    fn name(&self) -> ChannelName {
        ChannelName::Web
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn verify(&self, account: &AccountConfig, call: &HttpCall<'_>) -> bool {
        receive::visitor(account, call).is_some()
    }

    fn decode(&self, account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal> {
        receive::decode(account, call)
    }

    fn requests(&self, _account: &AccountConfig, to: &Destination, shown: &[Shown]) -> Vec<PlatformRequest> {
        plan::request(to, shown).into_iter().collect()
    }

    fn outcome(&self, _request: &PlatformRequest, response: &HttpResponse<'_>) -> Result<Receipt, SendError> {
        outcome::outcome(response)
    }

    fn setup(&self) -> &'static [SetupField] {
        // The signature is HS256: its key has 256 bits (RFC 7518, 3.2).
        const FIELDS: &[SetupField] = &[
            SetupField::made("site_key"),
            SetupField::made("identity_secret").at_least(32),
            SetupField::choice(FILES, &["yes", "no"]).optional(),
        ];
        FIELDS
    }
}
