//! Facebook Messenger, by the Send API and the page's webhooks; comments below the page's posts come with them.
//!
//! Most of it is in `meta`, which Instagram shares: this folder holds Messenger's limits, its simulator and its tests.
//!
//! An account's secrets are `app_secret`, `verify_token` and `access_token` (the page's); its `external_id` is the page's
//! id, its `api_base` the Graph's unless set. Settings: `app_id` (our program's number: with it our own echoes are
//! known and the webhook sets itself), `get_started` (the payload behind the button that begins a chat, `GET_STARTED`
//! unless set).

pub mod simulator;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use serde_json::json;

use crate::meta::{self, GET_STARTED, Graph, Product};
use crate::{
    AccountCheck, AccountConfig, Action, Acts, Capabilities, Channel, ChannelName, Degraded, Destination,
    Feature, Finding, HttpCall, HttpMethod, HttpResponse, LengthUnit, MediaKind, MediaRule, Outside,
    PlatformRequest, Profile, Receipt, Received, Refusal, Reply, Rules, SendError, SetupField, Shown,
    TemplatePage, Window,
};

/// The Messenger adapter.
#[derive(Clone, Copy, Debug)]
pub struct Messenger;

/// Send API, "Attachments": Meta fetches the address.
const MEDIA: &[MediaRule] = &[
    MediaRule::new(MediaKind::Image, 8, &["image/png", "image/jpeg", "image/gif"]),
    MediaRule::new(MediaKind::Video, 25, &[]),
    MediaRule::new(MediaKind::Audio, 25, &[]),
    MediaRule::new(MediaKind::Voice, 25, &[]),
    MediaRule::new(MediaKind::File, 25, &[]),
    MediaRule::new(MediaKind::Animation, 8, &[]),
];

/// Limits of the Send API (Messenger Platform: Send API, quick replies, button and generic template): texts of 2000
/// characters, 13 quick replies with titles of 20, buttons 3 with titles of 20 below texts of 640, 10 cards with
/// titles and texts of 80, payloads of 1000.
static CAPABILITIES: LazyLock<Capabilities> = LazyLock::new(|| Capabilities {
    text_unit: LengthUnit::Characters,
    text_limit: 2000,
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
        Feature::ChoicesUnderAnything,
        Feature::Buttons,
        Feature::Cards,
        Feature::Media,
        Feature::Templates,
        Feature::ReplyTo,
        Feature::Typing,
        Feature::Reactions,
    ],
    ..Capabilities::NOTHING
});

/// A day for programs and seven for people (message tags, April 2026); then approved templates only. 300 sends a second
/// for a page (Messenger Platform, rate limits).
static RULES: Rules = Rules {
    window: Window::Since { hours: 24, human_hours: 7 * 24, after: Outside::Templates },
    account_per_second: 300,
    thread_every_ms: 0,
    thread_burst: 300,
    group_per_minute: 0,
    knows_repeats: false,
};

fn graph(account: &AccountConfig) -> Graph<'_> {
    Graph { product: Product::Messenger, account }
}

/// Puts the button that begins a chat on the page: without it a first visit by a link tells us nothing. It replaces the
/// page's own.
pub fn set_get_started(account: &AccountConfig) -> PlatformRequest {
    let payload = account.settings.get("get_started").map_or(GET_STARTED, String::as_str);
    graph(account).own(HttpMethod::Post, "messenger_profile", json!({"get_started": {"payload": payload}}))
}

impl Channel for Messenger {
    fn name(&self) -> ChannelName {
        ChannelName::Messenger
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

    fn finding(&self, _account: &AccountConfig, check: AccountCheck, response: &HttpResponse<'_>) -> Finding {
        meta::finding(&meta::PAGE, check, response)
    }

    fn templates(&self, account: &AccountConfig, after: Option<&str>) -> Option<PlatformRequest> {
        Some(graph(account).templates(after))
    }

    fn templates_told(&self, response: &HttpResponse<'_>) -> Result<TemplatePage, SendError> {
        match meta::graph_error(response) {
            Some(error) => Err(meta::failure(&error, response)),
            None => Ok(crate::templates::told(response)),
        }
    }

    fn invitation(&self, account: &AccountConfig, payload: &str, _text: &str) -> Option<String> {
        let page = Some(&account.external_id).filter(|page| !page.is_empty())?;
        Some(format!("https://m.me/{page}?ref={payload}"))
    }

    fn setup(&self) -> &'static [SetupField] {
        const FIELDS: &[SetupField] = &[
            SetupField::secret("access_token"),
            SetupField::secret("app_secret"),
            SetupField::made("verify_token").at_least(8),
            SetupField::number("app_id").optional(),
            SetupField::setting("get_started").optional().at_most(1000),
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
