//! What concerns the account and not a reply: registration, checks, profiles, media, tokens.

use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::fields::{id, integer, text};
use super::outcome::failure;
use super::plan::is_group;
use super::request::{base, data, get, post, put, segment, with_query};
use crate::json::read_json;
use crate::outgoing::FORM;
use crate::{
    AccountCheck, AccountConfig, Advice, Fact, Finding, HttpMethod, HttpResponse, MediaSource, Notice,
    NoticeKind, PlatformRequest, Profile, SendError, Transport,
};

const ENDPOINT: &str = "/v2/bot/channel/webhook/endpoint";

/// How long to wait for a video or recording that LINE is still preparing, ms.
const PREPARING_MS: u64 = 3_000;

/// Sets the webhook's address, then lets LINE call it once.
pub(super) fn register(account: &AccountConfig, public_url: &str) -> Vec<PlatformRequest> {
    vec![set_webhook(account, public_url), test_webhook(account, public_url)]
}

/// LINE takes https addresses of up to 500 letters.
pub fn set_webhook(account: &AccountConfig, url: &str) -> PlatformRequest {
    put(account, ENDPOINT, json!({"endpoint": url}))
}

/// Asks which address is set, and whether LINE calls it (`active`): a person switches that on in the console.
pub fn webhook(account: &AccountConfig) -> PlatformRequest {
    get(account, ENDPOINT)
}

/// Lets LINE send a call without events and say how we answered (`success`, `statusCode`, `reason`).
pub fn test_webhook(account: &AccountConfig, url: &str) -> PlatformRequest {
    post(account, "/v2/bot/channel/webhook/test", json!({"endpoint": url}))
}

/// Who we are: `userId` is what stands in webhooks as `destination`.
pub fn bot_info(account: &AccountConfig) -> PlatformRequest {
    get(account, "/v2/bot/info")
}

/// The month's quota: `{"type": "limited", "value": 1000}`, or `none`.
pub fn quota(account: &AccountConfig) -> PlatformRequest {
    get(account, "/v2/bot/message/quota")
}

/// What is used of it: `{"totalUsage": 500}`.
pub fn quota_consumption(account: &AccountConfig) -> PlatformRequest {
    get(account, "/v2/bot/message/quota/consumption")
}

/// The month's quota (none where the plan has no limit) and what is used of it.
pub(super) fn quota_told(answers: &[HttpResponse<'_>]) -> Option<(Option<i64>, i64)> {
    let [quota, consumption] = answers else { return None };
    if quota.status != 200 || consumption.status != 200 {
        return None;
    }
    let quota = read_json(quota.body)?;
    let used = integer(&read_json(consumption.body)?, "/totalUsage")?;
    let is_limited = text(&quota, "/type")? == "limited";
    Some((is_limited.then(|| integer(&quota, "/value")).flatten(), used))
}

/// What LINE says to one of our checks.
pub(super) fn finding(check: AccountCheck, response: &HttpResponse<'_>) -> Finding {
    if response.status != 200 {
        return Finding::failed(&failure(response));
    }
    let body = read_json(response.body).unwrap_or_default();
    let word = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    match check {
        AccountCheck::Token => Finding {
            good: true,
            external_id: word("userId"),
            name: word("displayName"),
            says: word("basicId").unwrap_or_default(),
            ..Finding::default()
        },
        AccountCheck::Webhook => {
            let is_active = body.get("active") == Some(&Value::Bool(true));
            let says = word("endpoint").unwrap_or_default();
            let webhook = Some(says.clone()).filter(|url| !url.is_empty());
            Finding { good: is_active && webhook.is_some(), says, webhook, ..Finding::default() }
        }
        _ => {
            let number = |name: &str| body.get(name).and_then(Value::as_i64);
            let used = number("totalUsage").map(|used| (Fact::Used, used));
            let most = match word("type").as_deref() {
                Some("none") => Some((Fact::MonthlyMost, 0)),
                _ => number("value").map(|most| (Fact::MonthlyMost, most)),
            };
            Finding { good: true, facts: used.or(most).into_iter().collect(), ..Finding::default() }
        }
    }
}

pub(super) fn checks(account: &AccountConfig) -> Vec<(AccountCheck, PlatformRequest)> {
    vec![
        (AccountCheck::Token, bot_info(account)),
        (AccountCheck::Webhook, webhook(account)),
        (AccountCheck::Quota, quota(account)),
        (AccountCheck::Quota, quota_consumption(account)),
    ]
}

/// A person's profile. LINE tells it of friends; of a member of a group or room, `<group>/<person>`, also of others.
pub(super) fn profile_request(account: &AccountConfig, person: &str) -> PlatformRequest {
    match person.split_once('/') {
        Some((group, "")) => group_summary(account, group),
        Some((group, person)) => member_profile(account, group, person),
        None => get(account, &format!("/v2/bot/profile/{}", segment(person))),
    }
}

/// The profile of a member of a group (`C…`) or room (`R…`).
pub fn member_profile(account: &AccountConfig, group: &str, person: &str) -> PlatformRequest {
    let kind = if group.starts_with('R') { "room" } else { "group" };
    get(account, &format!("/v2/bot/{kind}/{}/member/{}", segment(group), segment(person)))
}

/// A group's name and picture (`groupName`, `pictureUrl`). Rooms have none.
pub fn group_summary(account: &AccountConfig, group: &str) -> PlatformRequest {
    get(account, &format!("/v2/bot/group/{}/summary", segment(group)))
}

/// Leaves a group or room.
pub fn leave(account: &AccountConfig, group: &str) -> PlatformRequest {
    let kind = if is_group(group) && group.starts_with('R') { "room" } else { "group" };
    post(account, &format!("/v2/bot/{kind}/{}/leave", segment(group)), Value::Null)
}

/// A page of the ids of our friends; verified and premium accounts only.
pub fn followers(account: &AccountConfig, start: Option<&str>) -> PlatformRequest {
    get(account, &with_query("/v2/bot/followers/ids", &[("limit", Some("1000")), ("start", start)]))
}

/// None where LINE does not tell: 404 for who never was a friend, or blocked us.
pub(super) fn profile(response: &HttpResponse<'_>) -> Option<Profile> {
    let body = read_json(response.body).filter(|_| response.status == 200)?;
    let name = text(&body, "/displayName").or_else(|| text(&body, "/groupName"))?;
    Some(Profile {
        name: Some(name).filter(|name| !name.trim().is_empty()),
        username: None,
        picture: id(&body, "/pictureUrl").map(|url| MediaSource::Url { url }),
        language: id(&body, "/language"),
    })
}

/// The bytes that a person sent, by the message's id. LINE keeps them for a while that it does not tell.
pub fn content(account: &AccountConfig, message: &str) -> PlatformRequest {
    data(account, HttpMethod::Get, &format!("/v2/bot/message/{}/content", segment(message)))
}

/// A small picture of an image or video.
pub fn content_preview(account: &AccountConfig, message: &str) -> PlatformRequest {
    data(account, HttpMethod::Get, &format!("/v2/bot/message/{}/content/preview", segment(message)))
}

/// Asks whether LINE has prepared a video or recording; [`transcoding`] reads the answer.
pub fn content_transcoding(account: &AccountConfig, message: &str) -> PlatformRequest {
    data(account, HttpMethod::Get, &format!("/v2/bot/message/{}/content/transcoding", segment(message)))
}

/// The answer to [`content_transcoding`]: nothing once it can be downloaded, a wait while LINE prepares it.
pub fn transcoding(response: &HttpResponse<'_>) -> Result<(), SendError> {
    if response.status != 200 {
        return Err(failure(response));
    }
    let status = read_json(response.body).and_then(|body| text(&body, "/status")).unwrap_or_default();
    match status.as_str() {
        "succeeded" => Ok(()),
        "processing" => Err(preparing()),
        "failed" => Err(SendError::Refused {
            code: "transcoding".into(),
            reason: "LINE could not prepare the file".into(),
            advice: Advice::CheckFile.as_str().into(),
        }),
        _ => Err(SendError::Retry { after_ms: Some(PREPARING_MS), reason: "an unknown state".into() }),
    }
}

/// While LINE prepares a file it answers 202 with nothing in it.
pub(super) fn media_ready(response: &HttpResponse<'_>) -> Result<(), SendError> {
    match response.status {
        202 => Err(preparing()),
        200..=299 => Ok(()),
        _ => Err(failure(response)),
    }
}

fn preparing() -> SendError {
    SendError::Retry { after_ms: Some(PREPARING_MS), reason: "LINE is still preparing the file".into() }
}

/// Begins to link a person's account with one of ours: the answer's `linkToken` goes into LINE's linking page within
/// ten minutes, and an `accountLink` event follows.
pub fn link_token(account: &AccountConfig, person: &str) -> PlatformRequest {
    post(account, &format!("/v2/bot/user/{}/linkToken", segment(person)), Value::Null)
}

/// The page to which a person is sent with that token. `nonce` is ours (10 to 255 letters), and comes back in the event.
pub fn link_page(account: &AccountConfig, link_token: &str, nonce: &str) -> String {
    let page = format!("{}/dialog/bot/accountLink", super::login::pages(account));
    with_query(&page, &[("linkToken", Some(link_token)), ("nonce", Some(nonce))])
}

/// The token in the answer to [`link_token`].
pub fn link_token_told(response: &HttpResponse<'_>) -> Result<String, SendError> {
    if response.status != 200 {
        return Err(failure(response));
    }
    let told = read_json(response.body).and_then(|body| id(&body, "/linkToken"));
    told.ok_or_else(|| SendError::Ambiguous { reason: "the answer holds no token".into() })
}

/// The nonce of an `accountLink` event in which the person agreed; none where they did not, or where it is another notice.
pub fn agreed_nonce(notice: &Notice) -> Option<&str> {
    let word = |name: &str| notice.details.get(name).and_then(Value::as_str);
    let is_agreed = notice.kind == NoticeKind::AccountLinked && word("result") == Some("ok");
    word("nonce").filter(|_| is_agreed)
}

/// Asks for an access token that lasts a quarter of an hour, with the setting `channel_id` and the secret
/// `channel_secret`; none without them. The body holds the secret in the clear, as LINE wants it: send this request at
/// once and do not store it.
pub fn issue_token(account: &AccountConfig) -> Option<PlatformRequest> {
    let id = account.settings.get("channel_id").filter(|id| !id.is_empty())?;
    let secret = account.secrets_of("channel_secret").next()?;
    let form = Serializer::new(String::new())
        .append_pair("grant_type", "client_credentials")
        .append_pair("client_id", id)
        .append_pair("client_secret", secret)
        .finish();
    Some(PlatformRequest::new(
        Transport::Http {
            method: HttpMethod::Post,
            url: format!("{}/oauth2/v3/token", base(account)),
            headers: vec![("Content-Type".to_owned(), FORM.to_owned())],
        },
        Value::String(form),
    ))
}

/// The token in the answer to [`issue_token`], and how long it lasts, seconds. Ask anew at four fifths of that.
pub fn issued_token(response: &HttpResponse<'_>) -> Result<(String, u64), SendError> {
    if response.status != 200 {
        return Err(failure(response));
    }
    let body = read_json(response.body).unwrap_or_default();
    let seconds = integer(&body, "/expires_in").and_then(|seconds| u64::try_from(seconds).ok());
    id(&body, "/access_token")
        .zip(seconds)
        .ok_or_else(|| SendError::Ambiguous { reason: "the answer holds no token".into() })
}
