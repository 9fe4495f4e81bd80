//! Telegram, by the Bot API.
//!
//! `receive` verifies and decodes (`update` holds the shapes, `content` says what a message means), `plan` makes the
//! requests of a reply, `outcome` reads the answers, `account` registers, polls and fetches media, and `simulator`
//! plays Telegram. What we send is made of teloxide's payload structs; what we read goes through shapes of our own that
//! forgive, and through teloxide's types below them, because the Bot API moves faster than any library.
//!
//! An account's secrets are `bot_token` and `webhook_secret`; its `api_base` is `https://api.telegram.org` unless set.
//! Message ids are `<chat id>:<message id>`, because Telegram counts messages by chat.

mod account;
mod content;
mod outcome;
mod plan;
mod receive;
pub mod simulator;
mod update;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use crate::{
    AccountConfig, Capabilities, Channel, ChannelName, Destination, Feature, HttpCall, HttpResponse,
    LengthUnit, MediaFetch, Plan, PlatformRequest, Polled, Receipt, Received, Refusal, Reply, SendError,
};

pub use account::{delete_webhook, get_me, get_webhook_info};

/// The Telegram adapter.
pub struct Telegram;

/// Limits of the Bot API: texts 4096 and captions 1024 UTF-16 units, 64 bytes behind a button, 100 buttons under a
/// message (half of them for choices). Titles beyond 64 units are cut by the apps; a card is a photo whose caption is
/// its title, a line break and its text.
static CAPABILITIES: LazyLock<Capabilities> = LazyLock::new(|| Capabilities {
    text_unit: LengthUnit::Utf16,
    text_limit: 4096,
    caption_limit: 1024,
    choices: 50,
    choice_title_limit: 64,
    buttons: 50,
    button_title_limit: 64,
    payload_limit: 64,
    cards: 1,
    card_title_limit: 255,
    card_text_limit: 768,
    card_buttons: 50,
    place_limit: 255,
    linked_media: Vec::new(),
    features: vec![
        Feature::Choices,
        Feature::ChoicesUnderAnything,
        Feature::Buttons,
        Feature::Media,
        Feature::Location,
        Feature::ReplyTo,
        Feature::Typing,
        Feature::Reactions,
    ],
});

impl Channel for Telegram {
    fn name(&self) -> ChannelName {
        ChannelName::Telegram
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn receive(&self, account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal> {
        receive::receive(account, call)
    }

    fn plan(&self, account: &AccountConfig, to: &Destination, reply: &Reply) -> Plan {
        plan::plan(account, to, reply)
    }

    fn outcome(&self, request: &PlatformRequest, response: &HttpResponse<'_>) -> Result<Receipt, SendError> {
        outcome::outcome(request, response)
    }

    fn register(&self, account: &AccountConfig, public_url: &str) -> Vec<PlatformRequest> {
        account::register(account, public_url).into_iter().collect()
    }

    fn poll(&self, account: &AccountConfig, cursor: &str) -> Option<PlatformRequest> {
        Some(account::poll(account, cursor))
    }

    fn polled(
        &self,
        _account: &AccountConfig,
        response: &HttpResponse<'_>,
        now: i64,
    ) -> Result<Polled, SendError> {
        account::polled(response, now)
    }

    fn typing(&self, account: &AccountConfig, to: &Destination) -> Option<PlatformRequest> {
        Some(plan::typing(account, to))
    }

    fn media_request(&self, account: &AccountConfig, id: &str) -> Option<MediaFetch> {
        Some(MediaFetch::Locate(account::get_file(account, id)))
    }

    fn media_located(
        &self,
        account: &AccountConfig,
        response: &HttpResponse<'_>,
    ) -> Result<PlatformRequest, SendError> {
        account::download(account, response)
    }
}
