//! What concerns the account and not a reply: registration, polling, media, health.

use serde::Serialize;
use serde_json::{Value, json};
use teloxide::payloads::{DeleteWebhook, GetChat, GetFile, GetMe, GetUpdates, GetWebhookInfo, SetWebhook};
use teloxide::requests::Payload;
use teloxide::types::{AllowedUpdate, ChatId, FileId};
use url::Url;

use super::outcome::{answer_of, result_of};
use super::receive::{chat_name, decode};
use super::thread::Thread;
use super::update::{Chat, read};
use crate::{
    AccountCheck, AccountConfig, Fact, Finding, HttpMethod, HttpResponse, MediaSource, PlatformRequest,
    Polled, Profile, SendError, Transport,
};

/// The kinds of updates we ask for: what people say and do to us. Reactions come only because they are in this list.
/// Whatever else comes (a list that was set by other means is kept by Telegram) is decoded, too.
const ALLOWED_UPDATES: [AllowedUpdate; 9] = [
    AllowedUpdate::Message,
    AllowedUpdate::EditedMessage,
    AllowedUpdate::CallbackQuery,
    AllowedUpdate::MessageReaction,
    AllowedUpdate::MyChatMember,
    AllowedUpdate::BusinessConnection,
    AllowedUpdate::BusinessMessage,
    AllowedUpdate::EditedBusinessMessage,
    AllowedUpdate::DeletedBusinessMessages,
];

/// How long Telegram holds a poll open when there is nothing new. The HTTP call must be allowed to take longer.
const POLL_SECONDS: u32 = 25;

/// One call of the Bot API. The token stands in the address by name, so that the request can be stored and logged.
pub(super) fn request<P: Payload + Serialize>(account: &AccountConfig, payload: &P) -> PlatformRequest {
    let body = serde_json::to_value(payload).expect("a payload is made of plain fields");
    PlatformRequest::new(post(account, &method_name::<P>()), body)
}

fn post(account: &AccountConfig, method: &str) -> Transport {
    let url = format!("{}/bot{{bot_token}}/{method}", base(account));
    Transport::Http { method: HttpMethod::Post, url, headers: Vec::new() }
}

fn base(account: &AccountConfig) -> &str {
    let base = account.api_base.trim_end_matches('/');
    if base.is_empty() { "https://api.telegram.org" } else { base }
}

/// Telegram reads method names in any case; its papers and other servers spell them `sendMessage`.
fn method_name<P: Payload>() -> String {
    let mut letters = P::NAME.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// None when `public_url` is no address. The body holds the webhook secret in the clear, as Telegram wants it: send
/// this request at once and do not store it.
pub(super) fn register(account: &AccountConfig, public_url: &str) -> Option<PlatformRequest> {
    let mut payload = SetWebhook::new(Url::parse(public_url).ok()?);
    payload.allowed_updates = Some(ALLOWED_UPDATES.to_vec());
    payload.secret_token = Some(account.secrets_of("webhook_secret").next()?.to_owned());
    Some(request(account, &payload))
}

/// Removes the webhook, so that the account can be polled. What waits there is kept.
pub fn delete_webhook(account: &AccountConfig) -> PlatformRequest {
    request(account, &DeleteWebhook::new())
}

/// Asks who the bot is: the cheapest proof that the token is good.
pub fn get_me(account: &AccountConfig) -> PlatformRequest {
    request(account, &GetMe::new())
}

/// Asks how the webhook fares (`pending_update_count`, `last_error_message`).
pub fn get_webhook_info(account: &AccountConfig) -> PlatformRequest {
    request(account, &GetWebhookInfo::new())
}

/// What Telegram says to one of our checks.
pub(super) fn finding(account: &AccountConfig, check: AccountCheck, response: &HttpResponse<'_>) -> Finding {
    let answer = answer_of(response);
    let result = match result_of(&answer) {
        Ok(result) => result,
        Err(error) => return Finding::failed(&error),
    };
    let word = |name: &str| result.get(name).and_then(Value::as_str).filter(|word| !word.is_empty());
    match check {
        AccountCheck::Webhook => {
            let error = word("last_error_message").map(str::to_owned);
            let waiting = result.get("pending_update_count").and_then(Value::as_i64).unwrap_or_default();
            let says = [word("url").map(str::to_owned), error.clone()];
            let says = says.into_iter().flatten().collect::<Vec<_>>().join(", ");
            let facts = [(Fact::Waiting, waiting)].into();
            // Who polls has no webhook: with one, Telegram refuses to be polled.
            let is_polled = account.settings.get("receive").is_some_and(|how| how == "poll");
            let good =
                if is_polled { word("url").is_none() } else { word("url").is_some() && error.is_none() };
            let webhook = word("url").map(str::to_owned).filter(|_| !is_polled);
            Finding { good, says, facts, webhook, ..Finding::default() }
        }
        _ => Finding {
            good: true,
            external_id: result.get("id").and_then(Value::as_i64).map(|id| id.to_string()),
            name: word("username").map(|name| format!("@{name}")),
            ..Finding::default()
        },
    }
}

pub(super) fn poll(account: &AccountConfig, cursor: &str) -> PlatformRequest {
    let mut payload = GetUpdates::new();
    payload.timeout = Some(POLL_SECONDS);
    payload.allowed_updates = Some(ALLOWED_UPDATES.to_vec());
    let mut request = request(account, &payload);
    // The payload's own offset is 32 bits wide; update ids need not be.
    if let Ok(offset) = cursor.parse::<i64>() {
        request.body["offset"] = json!(offset);
    }
    request
}

/// An update that cannot be read is skipped with its number, so that it never stops those behind it.
pub(super) fn polled(
    account: &AccountConfig,
    response: &HttpResponse<'_>,
    now: i64,
) -> Result<Polled, SendError> {
    let answer = answer_of(response);
    let result = result_of(&answer)?;
    let updates = result.as_array().map(Vec::as_slice).unwrap_or_default();
    let last = updates.iter().filter_map(|update| update.get("update_id").and_then(Value::as_i64)).max();
    let heard = updates.iter().filter_map(|update| decode(account, update, now)).flatten();
    Ok(Polled {
        events: heard.collect(),
        cursor: last.and_then(|last| last.checked_add(1)).map(|next| next.to_string()).unwrap_or_default(),
    })
}

/// Name and picture of a person (or a group) stand in one answer. None for what is no chat.
pub(super) fn get_chat(account: &AccountConfig, person: &str) -> Option<PlatformRequest> {
    let chat = Thread::parse(person).chat_id()?;
    Some(request(account, &GetChat::new(ChatId(chat))))
}

/// Reads the answer to `getChat`, or to `getUserProfilePhotos`, which has the pictures alone.
pub(super) fn profile(response: &HttpResponse<'_>) -> Option<Profile> {
    let answer = answer_of(response);
    let told = result_of(&answer).ok().filter(|told| told.is_object())?;
    let chat: Chat = read(told).unwrap_or_default();
    let newest = told.pointer("/photos/0").and_then(Value::as_array);
    let largest = newest.and_then(|sizes| sizes.iter().max_by_key(|size| size["width"].as_i64()));
    let picture =
        told.pointer("/photo/big_file_id").or_else(|| largest?.get("file_id")).and_then(Value::as_str);
    Some(Profile {
        name: chat_name(&chat),
        username: chat.username.0,
        picture: picture.map(|id| MediaSource::Platform { id: id.to_owned() }),
        language: None,
    })
}

pub(super) fn get_file(account: &AccountConfig, id: &str) -> PlatformRequest {
    request(account, &GetFile::new(FileId(id.to_owned())))
}

/// The address is good for an hour and holds the token: it must never reach a browser.
pub(super) fn download(
    account: &AccountConfig,
    response: &HttpResponse<'_>,
) -> Result<PlatformRequest, SendError> {
    let answer = answer_of(response);
    let path =
        result_of(&answer)?.get("file_path").and_then(Value::as_str).filter(|path| is_plain_path(path));
    let path = path.ok_or_else(|| SendError::Ambiguous { reason: "the answer names no file".into() })?;
    let url = format!("{}/file/bot{{bot_token}}/{path}", base(account));
    let transport = Transport::Http { method: HttpMethod::Get, url, headers: Vec::new() };
    Ok(PlatformRequest::new(transport, Value::Null))
}

/// The path becomes part of an address in which `{…}` are secrets, so it may hold no such thing.
fn is_plain_path(path: &str) -> bool {
    !path.contains("..") && path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
}
