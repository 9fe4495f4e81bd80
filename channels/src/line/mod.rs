//! LINE, by the Messaging API.
//!
//! `receive` verifies and decodes the envelope, `event` says what an event means and `content` what a message means
//! (`fields` reads what may be missing or wrong). `plan` makes the calls of a reply: `fit` says in words what LINE would
//! refuse, `message` and `flex` make the message objects. `outcome` reads the answers; `account` registers, checks,
//! tells profiles, fetches media and issues tokens. `rich_menu` (`menu` makes what it sends), `imagemap`, `broadcast`, `audience` and `insight` hold
//! calls that only LINE has; `simulator` plays LINE.
//!
//! An account's secrets are `channel_secret` (signs what comes to us) and `access_token`; its `api_base` is
//! `https://api.line.me` unless set. Its settings are `data_base` (the host of media, `https://api-data.line.me`),
//! `names` (what people call us in groups, parted by commas), `video_preview` (the picture that stands for videos) and
//! `channel_id` (for [`issue_token`]).
//!
//! An answer to an event is free within a minute and pushed after it, which counts against the month's quota; see
//! [`Channel::fallback`].

mod account;
pub mod audience;
pub mod broadcast;
mod content;
mod event;
mod fields;
mod fit;
mod flex;
pub mod imagemap;
pub mod insight;
pub mod login;
pub mod menu;
mod message;
mod outcome;
mod plan;
mod receive;
mod request;
pub mod rich_menu;
pub mod simulator;
pub mod stickers;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use crate::{
    AccountCheck, AccountConfig, Action, Acts, Capabilities, Channel, ChannelName, Degraded, Destination,
    Feature, Finding, HttpCall, HttpResponse, LengthUnit, MediaFetch, MediaKind, MediaRule, PlatformRequest,
    Profile, Receipt, Received, Refusal, Reply, Rules, SendError, SetupField, Shown, Window,
};

pub use account::{
    agreed_nonce, bot_info, content, content_preview, content_transcoding, followers, group_summary,
    issue_token, issued_token, leave, link_page, link_token, link_token_told, member_profile, quota,
    quota_consumption, set_webhook, test_webhook, transcoding, webhook,
};

/// The LINE adapter.
pub struct Line;

/// Messaging API reference, "Image message" and those beside it.
const MEDIA: &[MediaRule] = &[
    MediaRule::new(MediaKind::Image, 10, &["image/jpeg", "image/png"]),
    MediaRule::new(MediaKind::Video, 200, &["video/mp4"]),
    MediaRule::new(MediaKind::Audio, 200, &["audio/mpeg", "audio/mp4"]),
    MediaRule::new(MediaKind::Voice, 200, &["audio/mpeg", "audio/mp4"]),
];

/// Limits of the reference of the Messaging API: texts 5000 UTF-16 units, 13 quick replies with labels of 20, 300 letters
/// behind a button, 12 bubbles in a carousel, places of 100. A Flex message has no limits but 30 KB: those of buttons,
/// cards and lists keep the worst texts within it.
static CAPABILITIES: LazyLock<Capabilities> = LazyLock::new(|| Capabilities {
    text_unit: LengthUnit::Utf16,
    text_limit: 5000,
    choices: 13,
    choice_title_limit: 20,
    buttons: 8,
    link_buttons: 8,
    button_title_limit: 100,
    payload_limit: 300,
    cards: flex::BUBBLES,
    card_title_limit: 100,
    card_text_limit: 400,
    card_buttons: 4,
    rows: 40,
    row_title_limit: 100,
    row_text_limit: 200,
    list_button_limit: 100,
    button_text_limit: 500,
    list_text_limit: 1000,
    place_limit: 100,
    linked_media: vec![MediaKind::File, MediaKind::Animation],
    media: MEDIA,
    features: vec![
        Feature::Choices,
        Feature::ChoicesUnderAnything,
        Feature::Buttons,
        Feature::Cards,
        Feature::Media,
        Feature::Location,
        Feature::Lists,
        Feature::Stickers,
        Feature::Flex,
        Feature::Imagemap,
        Feature::ReplyTo,
        Feature::Typing,
    ],
    ..Capabilities::NOTHING
});

/// The reference ("Rate limits"): 2000 calls a second for each endpoint of a channel. Threads have no rule of their own.
static RULES: Rules =
    Rules { window: Window::Quota, account_per_second: 2_000, knows_repeats: true, ..Rules::FREE };

impl Channel for Line {
    fn name(&self) -> ChannelName {
        ChannelName::Line
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

    fn fit(&self, _account: &AccountConfig, to: &Destination, reply: &Reply) -> Degraded {
        plan::fit(to, reply)
    }

    fn requests(&self, account: &AccountConfig, to: &Destination, shown: &[Shown]) -> Vec<PlatformRequest> {
        plan::requests(account, to, shown)
    }

    fn outcome(&self, request: &PlatformRequest, response: &HttpResponse<'_>) -> Result<Receipt, SendError> {
        outcome::outcome(request, response)
    }

    fn fallback(
        &self,
        account: &AccountConfig,
        to: &Destination,
        request: &PlatformRequest,
    ) -> Option<PlatformRequest> {
        plan::fallback(account, to, request)
    }

    fn register(&self, account: &AccountConfig, public_url: &str) -> Vec<PlatformRequest> {
        account::register(account, public_url)
    }

    fn act(&self, account: &AccountConfig, to: &Destination, action: &Action) -> Option<PlatformRequest> {
        plan::act(account, to, action)
    }

    fn acts(&self, _account: &AccountConfig, thread: &str) -> &'static Acts {
        plan::acts(thread)
    }

    fn profile_request(&self, account: &AccountConfig, person: &str) -> Option<PlatformRequest> {
        Some(account::profile_request(account, person))
    }

    fn profile(&self, response: &HttpResponse<'_>) -> Option<Profile> {
        account::profile(response)
    }

    fn checks(&self, account: &AccountConfig) -> Vec<(AccountCheck, PlatformRequest)> {
        account::checks(account)
    }

    fn quota(&self, account: &AccountConfig) -> Vec<PlatformRequest> {
        vec![quota(account), quota_consumption(account)]
    }

    fn quota_told(&self, answers: &[HttpResponse<'_>]) -> Option<(Option<i64>, i64)> {
        account::quota_told(answers)
    }

    fn media_request(&self, account: &AccountConfig, id: &str) -> Option<MediaFetch> {
        Some(MediaFetch::Download(account::content(account, id)))
    }

    fn media_ready(&self, response: &HttpResponse<'_>) -> Result<(), SendError> {
        account::media_ready(response)
    }

    fn finding(&self, _account: &AccountConfig, check: AccountCheck, response: &HttpResponse<'_>) -> Finding {
        account::finding(check, response)
    }

    fn invitation(&self, account: &AccountConfig, _payload: &str, text: &str) -> Option<String> {
        let id = account.settings.get("basic_id").filter(|id| !id.is_empty())?;
        let id = id.trim_start_matches('@');
        Some(format!("https://line.me/R/oaMessage/%40{id}/?{text}"))
    }

    fn setup(&self) -> &'static [SetupField] {
        const FIELDS: &[SetupField] = &[
            SetupField::secret("channel_secret"),
            SetupField::secret("access_token"),
            SetupField::setting("names").optional().at_most(500),
            SetupField::setting("basic_id").optional().at_most(32),
            SetupField::number("login_channel_id").optional(),
            SetupField::secret("login_channel_secret").optional(),
            SetupField::url("video_preview").optional().at_most(1000),
            SetupField::seen(),
            SetupField::inbox_minutes(),
        ];
        FIELDS
    }

    fn default_api_base(&self) -> &'static str {
        "https://api.line.me"
    }
}
