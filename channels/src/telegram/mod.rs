//! Telegram, by the Bot API.
//!
//! `receive` verifies and decodes (`update` and `parts` hold the shapes; `message`, `event` and `notice` are the kinds;
//! `content` says what a message means), `plan` makes the requests of a reply and `act` those of other deeds, `outcome`
//! reads the answers, `account` registers, polls and fetches media, `thread` names chats and messages, and `simulator`
//! plays Telegram. What we send is made of teloxide's payload structs; what we read goes through shapes of our own that
//! forgive, because the Bot API moves faster than any library.
//!
//! An account's secrets are `bot_token` and `webhook_secret`; its setting `username` is the bot's name, by which people
//! in groups call it; its `api_base` is `https://api.telegram.org` unless set.

mod account;
mod act;
mod content;
mod event;
mod message;
mod notice;
mod outcome;
mod parts;
mod plan;
mod receive;
mod rich;
mod shared;
pub mod simulator;
mod thread;
mod update;
mod words;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use crate::{
    AccountCheck, AccountConfig, Action, Acts, Capabilities, Channel, ChannelName, Degraded, Destination,
    Feature, Finding, HttpCall, HttpResponse, LengthUnit, MediaFetch, MediaKind, MediaRule, PlatformRequest,
    Polled, Profile, Receipt, Received, Refusal, Reply, Rules, SendError, SetupField, Shown, Window,
};

pub use account::{delete_webhook, get_me, get_webhook_info};

/// The Telegram adapter.
pub struct Telegram;

/// Bot API, "Sending files" by address: documents are PDF, ZIP and GIF alone.
const MEDIA: &[MediaRule] = &[
    MediaRule::new(MediaKind::Image, 5, &["image/jpeg", "image/png", "image/webp"]),
    MediaRule::new(MediaKind::Video, 20, &["video/mp4"]),
    MediaRule::new(MediaKind::Audio, 20, &["audio/mpeg", "audio/mp4"]),
    MediaRule::new(MediaKind::Voice, 1, &["audio/ogg"]),
    MediaRule::new(MediaKind::File, 20, &["application/pdf", "application/zip", "image/gif"]),
    MediaRule::new(MediaKind::Animation, 20, &["image/gif", "video/mp4"]),
];

/// Limits of the Bot API: texts 4096 and captions 1024 UTF-16 units, 64 bytes behind a button, 100 buttons under a
/// message (half of them for choices). Titles beyond 64 units are cut by the apps; a card is a photo whose caption is
/// its title, a line break and its text. A list is a text that names sections and explains rows, with a button for each
/// row: its limits are such that the whole is within one text. The words that would open it are not shown, as it is open.
static CAPABILITIES: LazyLock<Capabilities> = LazyLock::new(|| Capabilities {
    text_unit: LengthUnit::Utf16,
    text_limit: 4096,
    caption_limit: 1024,
    choices: 50,
    choice_title_limit: 64,
    buttons: 50,
    link_buttons: 50,
    button_title_limit: 64,
    payload_limit: 64,
    cards: 1,
    card_title_limit: 255,
    card_text_limit: 768,
    card_buttons: 50,
    rows: 16,
    row_title_limit: 64,
    row_text_limit: 72,
    list_button_limit: 4096,
    list_text_limit: 600,
    place_limit: 255,
    contacts: 1,
    media: MEDIA,
    features: vec![
        Feature::Choices,
        Feature::ChoicesUnderAnything,
        Feature::Buttons,
        Feature::Media,
        Feature::Location,
        Feature::Lists,
        Feature::Contacts,
        Feature::Stickers,
        Feature::ReplyTo,
        Feature::Typing,
        Feature::Reactions,
    ],
    ..Capabilities::NOTHING
});

/// The Bot API's FAQ: about 30 messages a second in all, one a second in a chat with short bursts above, 20 a minute in
/// a group. It is guidance, so `retry_after` counts more. There is no window: who has begun a chat may be written to.
static RULES: Rules = Rules {
    window: Window::Always,
    account_per_second: 30,
    thread_every_ms: 1_000,
    thread_burst: 3,
    group_per_minute: 20,
    knows_repeats: false,
};

impl Channel for Telegram {
    fn name(&self) -> ChannelName {
        ChannelName::Telegram
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn verify(&self, account: &AccountConfig, call: &HttpCall<'_>) -> bool {
        receive::is_verified(account, call)
    }

    fn decode(&self, account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal> {
        receive::decode_call(account, call)
    }

    fn fit(&self, _account: &AccountConfig, _to: &Destination, reply: &Reply) -> Degraded {
        plan::fit(reply)
    }

    fn requests(&self, account: &AccountConfig, to: &Destination, shown: &[Shown]) -> Vec<PlatformRequest> {
        plan::requests(account, to, shown)
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
        account: &AccountConfig,
        response: &HttpResponse<'_>,
        now: i64,
    ) -> Result<Polled, SendError> {
        account::polled(account, response, now)
    }

    fn act(&self, account: &AccountConfig, to: &Destination, action: &Action) -> Option<PlatformRequest> {
        act::act(account, to, action)
    }

    fn acts(&self, _account: &AccountConfig, thread: &str) -> &'static Acts {
        act::acts(thread)
    }

    fn profile_request(&self, account: &AccountConfig, person: &str) -> Option<PlatformRequest> {
        account::get_chat(account, person)
    }

    fn profile(&self, response: &HttpResponse<'_>) -> Option<Profile> {
        account::profile(response)
    }

    fn checks(&self, account: &AccountConfig) -> Vec<(AccountCheck, PlatformRequest)> {
        vec![
            (AccountCheck::Token, account::get_me(account)),
            (AccountCheck::Webhook, account::get_webhook_info(account)),
        ]
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

    fn finding(&self, account: &AccountConfig, check: AccountCheck, response: &HttpResponse<'_>) -> Finding {
        account::finding(account, check, response)
    }

    fn invitation(&self, account: &AccountConfig, payload: &str, _text: &str) -> Option<String> {
        let name = account.settings.get("username").filter(|name| !name.is_empty())?;
        Some(format!("https://t.me/{}?start={payload}", name.trim_start_matches('@')))
    }

    fn setup(&self) -> &'static [SetupField] {
        const FIELDS: &[SetupField] = &[
            SetupField::secret("bot_token"),
            SetupField::made("webhook_secret"),
            SetupField::setting("username").optional().at_most(64),
            SetupField::seen(),
        ];
        FIELDS
    }

    fn default_api_base(&self) -> &'static str {
        "https://api.telegram.org"
    }
}
