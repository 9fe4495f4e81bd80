//! The calls that show a reply, and those that act.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::CAPABILITIES;
use super::event::{QUOTE_TOKEN, QUOTE_TOKEN_OF, READ_TOKEN, REPLY_TOKEN, REPLY_TOKEN_AT};
use super::fit::takeable;
use super::flex;
use super::message::messages;
use super::receive::hex;
use super::request::{path_of, post, segment, with_header};
use crate::{
    AccountConfig, Act, Action, Acts, Degraded, Destination, Part, PlatformRequest, Reply, Shown, degrade,
};

pub(super) const REPLY: &str = "/v2/bot/message/reply";
pub(super) const PUSH: &str = "/v2/bot/message/push";

/// The key by which LINE knows a repeated send (the guide "Retry failed API requests"); a reply must not have one.
pub(super) const RETRY_KEY: &str = "X-Line-Retry-Key";

/// Messages in one call (the reference).
const MESSAGES: usize = 5;

/// For how long after an event we trust its reply token, microseconds. LINE promises a minute at the most; ten seconds
/// are left for the way.
const TOKEN_LIFE: i64 = 50_000_000;

/// How long the three dots are shown unless a message comes before, seconds (5 to 60, in steps of 5).
const LOADING_SECONDS: u32 = 20;

pub(super) fn fit(to: &Destination, reply: &Reply) -> Degraded {
    let (reply, written) = takeable(reply);
    let mut fitted = degrade(&reply, &CAPABILITIES);
    fitted.also_lost(written);
    fitted.shown = fitted.shown.into_iter().flat_map(within_bytes).collect();
    fitted.quotes_only_where(|first, quoted| {
        matches!(first, Part::Text { .. } | Part::Sticker { .. }) && quote_token(to, quoted).is_some()
    });
    fitted
}

/// What the planner does not count: a carousel of long cards becomes several.
fn within_bytes(shown: Shown) -> Vec<Shown> {
    let Part::Cards { cards } = shown.part else { return vec![shown] };
    let runs = flex::runs(cards);
    let one = |cards| Shown { part: Part::Cards { cards }, choices: Vec::new(), reply_to: None };
    let mut messages: Vec<Shown> = runs.into_iter().map(one).collect();
    if let Some(first) = messages.first_mut() {
        first.reply_to = shown.reply_to;
    }
    if let Some(last) = messages.last_mut() {
        last.choices = shown.choices;
    }
    messages
}

/// The first five messages answer the event, which is free; the others are pushed.
pub(super) fn requests(account: &AccountConfig, to: &Destination, shown: &[Shown]) -> Vec<PlatformRequest> {
    let mut all: Vec<Value> = Vec::new();
    for shown in shown {
        let before = all.len();
        all.extend(messages(account, shown));
        let token = shown.reply_to.as_deref().and_then(|quoted| quote_token(to, quoted));
        if let (Some(token), Some(first)) = (token, all.get_mut(before)) {
            first["quoteToken"] = token.into();
        }
    }
    let token = fresh_token(to);
    let calls = all.chunks(MESSAGES).enumerate().map(|(index, messages)| match token {
        Some(token) if index == 0 => post(account, REPLY, json!({"replyToken": token, "messages": messages})),
        _ => push(account, to, index, messages),
    });
    calls.collect()
}

/// The same messages as a push, for a reply whose token LINE did not take. It counts against the month's quota.
pub(super) fn fallback(
    account: &AccountConfig,
    to: &Destination,
    request: &PlatformRequest,
) -> Option<PlatformRequest> {
    let messages = request.body.get("messages")?.as_array().filter(|_| path_of(request).ends_with(REPLY))?;
    Some(push(account, to, 0, messages))
}

/// LINE has neither reactions of ours nor edits; it quotes by a token, of which we hold the newest message's.
const ACTS: Acts = Acts {
    can: &[Act::Quote],
    typing_ms: LOADING_SECONDS * 1_000,
    quotes_newest: true,
    shows_seen: true,
    ..Acts::NOTHING
};

const GROUP_ACTS: Acts = Acts { typing_ms: 0, ..ACTS };

pub(super) fn acts(thread: &str) -> &'static Acts {
    if is_group(thread) { &GROUP_ACTS } else { &ACTS }
}

pub(super) fn act(account: &AccountConfig, to: &Destination, action: &Action) -> Option<PlatformRequest> {
    let control = |verb: &str| format!("/v2/bot/chat/{}/control/{verb}", segment(&to.thread));
    match action {
        // LINE shows the dots in private chats only.
        Action::Typing if !is_group(&to.thread) => {
            let body = json!({"chatId": to.thread, "loadingSeconds": LOADING_SECONDS});
            Some(post(account, "/v2/bot/chat/loading/start", body))
        }
        Action::Seen { .. } => {
            let token = to.hint(READ_TOKEN)?;
            Some(post(account, "/v2/bot/chat/markAsRead", json!({"markAsReadToken": token})))
        }
        Action::PassControl { .. } => Some(post(account, &control("release"), Value::Null)),
        Action::TakeControl { metadata } => {
            let ttl: Option<u32> = metadata.trim().parse().ok();
            let body =
                ttl.map_or_else(|| json!({"expired": false}), |ttl| json!({"expired": true, "ttl": ttl}));
            Some(post(account, &control("acquire"), body))
        }
        _ => None,
    }
}

/// Groups and rooms have ids that begin with `C` and `R`, people with `U`; 32 hex digits follow.
pub(super) fn is_group(thread: &str) -> bool {
    let rest = thread.strip_prefix(['C', 'R']).unwrap_or_default();
    rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn push(account: &AccountConfig, to: &Destination, index: usize, messages: &[Value]) -> PlatformRequest {
    let request = push_call(account, &to.thread, messages);
    match &to.correlation {
        Some(correlation) => with_header(request, RETRY_KEY, &retry_key(correlation, index)),
        None => request,
    }
}

pub(super) fn push_call(account: &AccountConfig, to: &str, messages: &[Value]) -> PlatformRequest {
    post(account, PUSH, json!({"to": to, "messages": messages}))
}

/// The token of the event that is answered, while it is young enough. Where nobody says how old it is, it is tried:
/// LINE refuses it without harm, and [`fallback`] pushes.
fn fresh_token(to: &Destination) -> Option<&str> {
    let at = to.hint(REPLY_TOKEN_AT).and_then(|at| at.parse::<i64>().ok());
    let fresh = at.is_none_or(|at| to.now == 0 || to.now.saturating_sub(at) < TOKEN_LIFE);
    to.hint(REPLY_TOKEN).filter(|_| fresh)
}

/// The token with which just that message is quoted, where we hold it.
fn quote_token<'a>(to: &'a Destination, quoted: &str) -> Option<&'a str> {
    to.hint(QUOTE_TOKEN).filter(|_| to.hint(QUOTE_TOKEN_OF).is_none_or(|of| of == quoted))
}

/// A UUID that is the same for the same call of the same send (RFC 9562, version 8).
pub(super) fn retry_key(correlation: &str, index: usize) -> String {
    let digest = Sha256::digest(format!("{correlation}/{index}"));
    let mut bytes: Vec<u8> = digest.iter().copied().take(16).collect();
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let digits = hex(&bytes);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}
