//! WhatsApp, by the Cloud API.
//!
//! `receive` reads the envelope and hands its parts to `message` (with `content` and `people`), `receipt`, `notice` and
//! `coexistence`; `plan` (with `template`) makes the requests of a reply, `outcome` reads the answers, `account` registers
//! and fetches media, and `simulator` plays WhatsApp. Signature, handshake and the shape of errors are [`crate::meta`]'s.
//!
//! An account's `external_id` is the id of its phone number. Its secrets are `access_token` (of a system user),
//! `app_secret` and `verify_token`; its settings `waba_id` (the WhatsApp business account), `app_id` (only to enter the
//! webhook at the app) and `list_button` (the words that open a list of choices).
//!
//! People are named by their business-scoped id where WhatsApp tells it, else by their number; the other ids stand beside
//! it. A group is named by its own id.

mod account;
mod coexistence;
mod content;
mod message;
mod notice;
mod outcome;
mod people;
mod plan;
mod receipt;
mod receive;
pub mod simulator;
mod template;
#[cfg(test)]
mod tests;
mod value;

use std::sync::LazyLock;

use crate::{
    AccountCheck, AccountConfig, Action, Acts, Capabilities, Channel, ChannelName, Degraded, Destination,
    Feature, Finding, HttpCall, HttpResponse, LengthUnit, MediaFetch, MediaKind, MediaRule, Outside,
    PlatformRequest, Receipt, Received, Refusal, Reply, Rules, SendError, SetupField, Shown, TemplatePage,
    Window, meta,
};

/// The WhatsApp adapter.
pub struct Whatsapp;

/// Cloud API, "Supported media types".
const MEDIA: &[MediaRule] = &[
    MediaRule::new(MediaKind::Image, 5, &["image/jpeg", "image/png"]),
    MediaRule::new(MediaKind::Video, 16, &["video/mp4", "video/3gpp"]),
    MediaRule::new(MediaKind::Audio, 16, &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4"]),
    MediaRule::new(MediaKind::Voice, 16, &["audio/ogg"]),
    MediaRule::new(MediaKind::File, 100, &[]),
];

/// Limits of the Cloud API's message reference (developers.facebook.com, September 2026) and of Meta's OpenAPI v23.0: texts
/// 4096, captions and texts above buttons 1024 (above lists 4096 by the reference, 1024 by the schema), three reply
/// buttons of 20 or one that opens an address, ids 256 (rows 200), ten rows in all of 24 with 72 below. Meta does not say
/// what it counts: UTF-16 units are never fewer than characters. Choices are buttons up to three and a list beyond, so
/// the narrower title of buttons holds for both; a few units of an id are left for what tells equal ones apart. A card
/// is a picture whose words are its title, a line break and its text. Places have no documented limit. A GIF is no
/// picture for WhatsApp, so animations go as links.
static CAPABILITIES: LazyLock<Capabilities> = LazyLock::new(|| Capabilities {
    title_unit: None,
    text_unit: LengthUnit::Utf16,
    text_limit: 4096,
    caption_limit: 1024,
    choices: 10,
    choice_title_limit: 20,
    buttons: 3,
    link_buttons: 1,
    mixed_buttons: false,
    unique_titles: true,
    button_title_limit: 20,
    payload_limit: 190,
    cards: 1,
    card_title_limit: 255,
    card_text_limit: 768,
    card_buttons: 3,
    rows: 10,
    row_title_limit: 24,
    row_text_limit: 72,
    list_button_limit: 20,
    button_text_limit: 1024,
    choice_text_limit: 1024,
    list_text_limit: 1024,
    place_limit: 255,
    bare_media: vec![MediaKind::Audio, MediaKind::Voice],
    contacts: 5,
    bare_cards: true,
    linked_media: vec![MediaKind::Animation],
    media: MEDIA,
    features: vec![
        Feature::Choices,
        Feature::Buttons,
        Feature::Media,
        Feature::Location,
        Feature::Lists,
        Feature::Contacts,
        Feature::Stickers,
        Feature::Templates,
        Feature::ReplyTo,
        Feature::Typing,
        Feature::Reactions,
    ],
});

/// Groups take texts, media and templates alone (Groups API, "Group messaging").
static GROUP_CAPABILITIES: LazyLock<Capabilities> = LazyLock::new(|| Capabilities {
    cards: 0,
    features: vec![Feature::Media, Feature::Templates, Feature::ReplyTo],
    ..CAPABILITIES.clone()
});

/// A day after the person's last word, then templates. 80 messages a second and number; one in six seconds to one person
/// after 45 at once (Cloud API, "Throughput" and "Pair rate limits").
const RULES: Rules = Rules {
    window: Window::Since { hours: 24, human_hours: 24, after: Outside::Templates },
    account_per_second: 80,
    thread_every_ms: 6_000,
    thread_burst: 45,
    group_per_minute: 0,
    knows_repeats: false,
};

impl Channel for Whatsapp {
    fn name(&self) -> ChannelName {
        ChannelName::Whatsapp
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn rules(&self) -> &'static Rules {
        &RULES
    }

    fn verify(&self, account: &AccountConfig, call: &HttpCall<'_>) -> bool {
        meta::verify(account, call)
    }

    fn decode(&self, account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal> {
        meta::handshake(call).unwrap_or_else(|| receive::decode(account, call))
    }

    fn fit(&self, _account: &AccountConfig, to: &Destination, reply: &Reply) -> Degraded {
        plan::fit(to, reply)
    }

    fn requests(&self, account: &AccountConfig, to: &Destination, shown: &[Shown]) -> Vec<PlatformRequest> {
        plan::requests(account, to, shown)
    }

    fn outcome(&self, request: &PlatformRequest, response: &HttpResponse<'_>) -> Result<Receipt, SendError> {
        outcome::outcome(request, response)
    }

    fn register(&self, account: &AccountConfig, public_url: &str) -> Vec<PlatformRequest> {
        account::register(account, public_url)
    }

    fn act(&self, account: &AccountConfig, to: &Destination, action: &Action) -> Option<PlatformRequest> {
        plan::act(account, to, action)
    }

    fn acts(&self, _account: &AccountConfig, _thread: &str) -> &'static Acts {
        &plan::ACTS
    }

    fn checks(&self, account: &AccountConfig) -> Vec<(AccountCheck, PlatformRequest)> {
        account::checks(account)
    }

    fn templates(&self, account: &AccountConfig, after: Option<&str>) -> Option<PlatformRequest> {
        account::templates(account, after)
    }

    fn templates_told(&self, response: &HttpResponse<'_>) -> Result<TemplatePage, SendError> {
        outcome::answer(response)?;
        Ok(crate::templates::told(response))
    }

    fn media_request(&self, account: &AccountConfig, id: &str) -> Option<MediaFetch> {
        account::locate(account, id).map(MediaFetch::Locate)
    }

    fn media_located(
        &self,
        account: &AccountConfig,
        response: &HttpResponse<'_>,
    ) -> Result<PlatformRequest, SendError> {
        account::download(account, response)
    }

    fn finding(&self, _account: &AccountConfig, check: AccountCheck, response: &HttpResponse<'_>) -> Finding {
        meta::finding(&account::WANTED, check, response)
    }

    fn invitation(&self, account: &AccountConfig, _payload: &str, text: &str) -> Option<String> {
        let number = account.settings.get("display_phone_number")?;
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        (!digits.is_empty()).then(|| format!("https://wa.me/{digits}?text={text}"))
    }

    fn setup(&self) -> &'static [SetupField] {
        const FIELDS: &[SetupField] = &[
            SetupField::secret("access_token"),
            SetupField::secret("app_secret"),
            SetupField::made("verify_token").at_least(8),
            SetupField::number("waba_id").optional(),
            SetupField::number("app_id").optional(),
            SetupField::setting("display_phone_number").optional().at_most(32),
            SetupField::setting("list_button").optional().at_most(20),
            SetupField::seen(),
            SetupField::inbox_minutes(),
        ];
        FIELDS
    }

    fn media_hosts(&self) -> &'static [&'static str] {
        meta::MEDIA_HOSTS
    }

    fn default_api_base(&self) -> &'static str {
        meta::GRAPH
    }
}
