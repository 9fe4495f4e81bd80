//! Instagram messaging, by the Send API and the account's webhooks; comments below its posts come with them.
//!
//! Most of it is in `meta`, which Messenger shares: this folder holds Instagram's limits, its simulator and its tests.
//!
//! An account's secrets are `app_secret` (of the Instagram app where Instagram's own login is used), `verify_token` and
//! `access_token`; its `external_id` is the professional account's id. Settings: `login` = `instagram` (also unless set) or
//! `facebook` (an account that hangs on a page: then `page_id` names the page), `app_id` as for Messenger.

pub mod simulator;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use serde_json::Value;

use crate::meta::{self, Graph, Product};
use crate::{
    AccountCheck, AccountConfig, Action, Acts, Capabilities, Channel, ChannelName, Degraded, Destination,
    Feature, Finding, HttpCall, HttpMethod, HttpResponse, LengthUnit, MediaKind, MediaRule, Outside,
    PlatformRequest, Profile, Receipt, Received, Refusal, Reply, Rules, SendError, SetupField, Shown,
    Transport, Window,
};

/// The Instagram adapter.
#[derive(Clone, Copy, Debug)]
pub struct Instagram;

/// Instagram messaging, "Send media": Meta fetches the address.
const MEDIA: &[MediaRule] = &[
    MediaRule::new(MediaKind::Image, 8, &["image/png", "image/jpeg", "image/gif"]),
    MediaRule::new(MediaKind::Video, 25, &["video/mp4", "video/webm"]),
    MediaRule::new(MediaKind::Audio, 25, &["audio/aac", "audio/mp4", "audio/wav"]),
    MediaRule::new(MediaKind::Voice, 25, &["audio/aac", "audio/mp4", "audio/wav"]),
    MediaRule::new(MediaKind::File, 25, &["application/pdf"]),
    MediaRule::new(MediaKind::Animation, 8, &["image/gif"]),
];

/// Limits of the Send API (Instagram Messaging: send a message, quick replies, button and generic template): texts of 1000
/// bytes, 13 quick replies with titles of 20 characters below texts only, buttons 3 with titles of 20 below texts of
/// 640, 10 cards with titles and texts of 80, payloads of 1000.
static CAPABILITIES: LazyLock<Capabilities> = LazyLock::new(|| Capabilities {
    text_unit: LengthUnit::Bytes,
    title_unit: Some(LengthUnit::Characters),
    text_limit: 1000,
    choices: 13,
    choice_title_limit: 20,
    buttons: 3,
    link_buttons: 3,
    button_title_limit: 20,
    payload_limit: 1000,
    cards: 10,
    card_title_limit: 80,
    card_text_limit: 80,
    card_buttons: 3,
    bare_cards: false,
    button_text_limit: 640,
    media: MEDIA,
    features: vec![
        Feature::Choices,
        Feature::Buttons,
        Feature::Cards,
        Feature::Media,
        Feature::Stickers,
        Feature::ReplyTo,
        Feature::Typing,
        Feature::Reactions,
    ],
    ..Capabilities::NOTHING
});

/// A day for programs and seven for people; then nothing. 300 texts a second for an account (Instagram Messaging, rate
/// limits).
static RULES: Rules = Rules {
    window: Window::Since { hours: 24, human_hours: 7 * 24, after: Outside::Nothing },
    account_per_second: 300,
    thread_every_ms: 0,
    thread_burst: 300,
    group_per_minute: 0,
    knows_repeats: false,
};

fn graph(account: &AccountConfig) -> Graph<'_> {
    Graph { product: Product::Instagram, account }
}

/// Asks for a token that lives sixty days from now; the answer holds it as `access_token`. The old one must be a day old and
/// still good. Only for accounts of Instagram's own login: the tokens of pages do not end.
pub fn refresh_token(account: &AccountConfig) -> PlatformRequest {
    let mut request =
        graph(account).call(HttpMethod::Get, "refresh_access_token?grant_type=ig_refresh_token", Value::Null);
    if let Transport::Http { url, .. } = &mut request.transport {
        url.push_str("&access_token={access_token}");
    }
    request
}

impl Channel for Instagram {
    fn name(&self) -> ChannelName {
        ChannelName::Instagram
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
        meta::decode(account, call)
    }

    fn fit(&self, account: &AccountConfig, to: &Destination, reply: &Reply) -> Degraded {
        graph(account).fit(&CAPABILITIES, to, reply)
    }

    fn requests(&self, account: &AccountConfig, to: &Destination, shown: &[Shown]) -> Vec<PlatformRequest> {
        graph(account).requests(to, shown)
    }

    fn outcome(&self, request: &PlatformRequest, response: &HttpResponse<'_>) -> Result<Receipt, SendError> {
        meta::outcome(request, response)
    }

    fn register(&self, account: &AccountConfig, public_url: &str) -> Vec<PlatformRequest> {
        graph(account).register(public_url)
    }

    fn act(&self, account: &AccountConfig, to: &Destination, action: &Action) -> Option<PlatformRequest> {
        graph(account).act(to, action)
    }

    fn acts(&self, account: &AccountConfig, thread: &str) -> &'static Acts {
        graph(account).acts(thread)
    }

    fn profile_request(&self, account: &AccountConfig, person: &str) -> Option<PlatformRequest> {
        graph(account).profile_request(person)
    }

    fn profile(&self, response: &HttpResponse<'_>) -> Option<Profile> {
        meta::profile(response)
    }

    fn checks(&self, account: &AccountConfig) -> Vec<(AccountCheck, PlatformRequest)> {
        graph(account).checks()
    }

    fn finding(&self, account: &AccountConfig, check: AccountCheck, response: &HttpResponse<'_>) -> Finding {
        let found = meta::finding(&meta::INSTAGRAM, check, response);
        // By a page it is the page that is asked: its own id is no account of Instagram.
        let is_page_alone = check == AccountCheck::Token
            && found.good
            && found.other_external_id.is_none()
            && !graph(account).is_instagram_login();
        if is_page_alone {
            let says = "the page is not linked with an Instagram account".to_owned();
            return Finding { says, name: found.name, ..Finding::default() };
        }
        found
    }

    fn invitation(&self, account: &AccountConfig, payload: &str, _text: &str) -> Option<String> {
        let name = account.settings.get("username").filter(|name| !name.is_empty())?;
        Some(format!("https://ig.me/m/{}?ref={payload}", name.trim_start_matches('@')))
    }

    fn setup(&self) -> &'static [SetupField] {
        const FIELDS: &[SetupField] = &[
            SetupField::secret("access_token"),
            SetupField::secret("app_secret"),
            SetupField::made("verify_token").at_least(8),
            SetupField::number("app_id").optional(),
            SetupField::choice("login", &["instagram", "facebook"]).optional(),
            SetupField::number("page_id").optional(),
            SetupField::setting("username").optional().at_most(64),
            SetupField::seen(),
            SetupField::inbox_minutes(),
            SetupField::comments(),
        ];
        FIELDS
    }

    fn media_hosts(&self) -> &'static [&'static str] {
        meta::MEDIA_HOSTS
    }
}
