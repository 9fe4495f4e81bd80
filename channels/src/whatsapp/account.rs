//! What concerns the account and not a reply: registration, checks, media.

use serde_json::{Value, json};
use url::Url;

use super::outcome::answer;
use super::receive::WABA;
use super::value::word;
use crate::meta::{GRAPH, Wanted};
use crate::{AccountCheck, AccountConfig, HttpMethod, HttpResponse, PlatformRequest, SendError, Transport};

/// The setting that holds the id of the Meta app, where the webhook is to be entered there, too.
const APP: &str = "app_id";

/// What we ask to be told. `history` and the two of `smb_` come only to numbers that are used in the app, too.
const FIELDS: &[&str] = &[
    "messages",
    "smb_message_echoes",
    "smb_app_state_sync",
    "history",
    "user_preferences",
    "user_id_update",
    "calls",
    "message_template_status_update",
    "message_template_quality_update",
    "template_category_update",
    "account_update",
    "account_alerts",
    "account_review_update",
    "business_capability_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "group_lifecycle_update",
    "group_participants_update",
    "group_settings_update",
    "group_status_update",
    "security",
];

/// What the app's own subscription must hold.
pub(super) const WANTED: Wanted = Wanted { object: "whatsapp_business_account", fields: &["messages"] };

/// Hosts that may see the access token, besides the one of `api_base`.
const MEDIA_HOSTS: &[&str] = &["fbsbx.com", "facebook.com", "fbcdn.net", "whatsapp.net"];

pub(super) fn base(account: &AccountConfig) -> &str {
    let base = account.api_base.trim_end_matches('/');
    if base.is_empty() { GRAPH } else { base }
}

/// A call of the Graph. The token stands in the header by name, so that the request can be stored and logged.
pub(super) fn request(
    account: &AccountConfig,
    method: HttpMethod,
    path: &str,
    body: Value,
) -> PlatformRequest {
    let url = format!("{}/{path}", base(account));
    PlatformRequest::new(Transport::Http { method, url, headers: bearer() }, body)
}

fn bearer() -> Vec<(String, String)> {
    vec![("authorization".into(), "Bearer {access_token}".into())]
}

/// Enters our webhook at the app (where its id is known) and for the business account alone. The bodies hold the verify
/// token in the clear, as Meta wants it: send these requests at once and do not store them.
pub(super) fn register(account: &AccountConfig, public_url: &str) -> Vec<PlatformRequest> {
    let token = account.secrets_of("verify_token").next().unwrap_or_default();
    let mut requests = Vec::new();
    if let Some(app) = account.settings.get(APP).filter(|app| is_id(app)) {
        let path = format!("{app}/subscriptions?access_token={app}|{{app_secret}}");
        let subscribe = request(
            account,
            HttpMethod::Post,
            &path,
            json!({
                "object": "whatsapp_business_account",
                "callback_url": public_url,
                "verify_token": token,
                "fields": FIELDS.join(","),
            }),
        );
        requests.push(as_app(subscribe));
    }
    if let Some(waba) = account.settings.get(WABA).filter(|waba| is_id(waba)) {
        let path = format!("{waba}/subscribed_apps");
        let body = json!({"override_callback_uri": public_url, "verify_token": token});
        requests.push(request(account, HttpMethod::Post, &path, body));
    }
    requests
}

/// The app speaks for itself.
fn as_app(mut request: PlatformRequest) -> PlatformRequest {
    if let Transport::Http { headers, .. } = &mut request.transport {
        headers.clear();
    }
    request
}

pub(super) fn checks(account: &AccountConfig) -> Vec<(AccountCheck, PlatformRequest)> {
    let get = |path: &str| request(account, HttpMethod::Get, path, Value::Null);
    let number = &account.external_id;
    let mut checks = Vec::new();
    if is_id(number) {
        let fields = "id,display_phone_number,verified_name,quality_rating,platform_type,throughput";
        checks.push((AccountCheck::Token, get(&format!("{number}?fields={fields}"))));
    }
    checks.push((AccountCheck::Scopes, get("debug_token?input_token={access_token}")));
    if let Some(app) = account.settings.get(APP).filter(|app| is_id(app)) {
        let path = format!("{app}/subscriptions?access_token={app}|{{app_secret}}");
        checks.push((AccountCheck::Webhook, as_app(get(&path))));
    }
    // Last: where the business account names an address of its own, that one counts.
    if let Some(waba) = account.settings.get(WABA).filter(|waba| is_id(waba)) {
        checks.push((AccountCheck::Webhook, get(&format!("{waba}/subscribed_apps"))));
    }
    checks
}

/// A page of the business account's templates; none where that account is not known.
pub(super) fn templates(account: &AccountConfig, after: Option<&str>) -> Option<PlatformRequest> {
    let waba = account.settings.get(WABA).filter(|waba| is_id(waba))?;
    let mut path = format!("{waba}/message_templates?{}", crate::templates::FIELDS);
    if let Some(after) = after {
        path = format!("{path}&after={}", crate::meta::segment(after));
    }
    Some(request(account, HttpMethod::Get, &path, Value::Null))
}

/// None for what could not be an id: it becomes part of an address.
pub(super) fn locate(account: &AccountConfig, id: &str) -> Option<PlatformRequest> {
    is_id(id).then(|| request(account, HttpMethod::Get, id, Value::Null))
}

/// The address is good for five minutes and wants the token and a user agent.
pub(super) fn download(
    account: &AccountConfig,
    response: &HttpResponse<'_>,
) -> Result<PlatformRequest, SendError> {
    let told = word(&answer(response)?, "/url").and_then(|url| Url::parse(&url).ok());
    let url = told.filter(|url| may_see_token(account, url));
    let url =
        url.ok_or_else(|| SendError::Ambiguous { reason: "the answer names no file of Meta's".into() })?;
    let mut headers = bearer();
    headers.push(("user-agent".into(), "sala".into()));
    // Braces in an address would be taken for the name of a secret.
    let url = url.as_str().replace('{', "%7B").replace('}', "%7D");
    let transport = Transport::Http { method: HttpMethod::Get, url, headers };
    Ok(PlatformRequest::new(transport, Value::Null))
}

fn may_see_token(account: &AccountConfig, url: &Url) -> bool {
    let base = Url::parse(base(account)).ok();
    let same = base.is_some_and(|base| base.origin() == url.origin());
    let host = url.host_str().unwrap_or_default();
    let metas = MEDIA_HOSTS
        .iter()
        .any(|own| host.strip_suffix(own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    same || (url.scheme() == "https" && metas)
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}
