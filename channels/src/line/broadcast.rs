//! Messages to many: multicast, narrowcast and broadcast, each with its own check beforehand.
//!
//! `messages` are up to five message objects of the reference; [`super::Line`]'s plan makes them for a reply. Each of
//! these calls counts against the month's quota once for every person, and takes a key by which a repetition is known.

use serde_json::{Value, json};

use super::plan::{RETRY_KEY, push_call};
use super::request::{get, post, with_header, with_query};
use crate::{AccountConfig, PlatformRequest};

/// A push of any message objects to a person, group or room. `key` is a UUID.
pub fn push(account: &AccountConfig, to: &str, messages: &[Value], key: Option<&str>) -> PlatformRequest {
    keyed(push_call(account, to, messages), key)
}

/// To up to 500 people by their ids.
pub fn multicast(
    account: &AccountConfig,
    people: &[String],
    messages: &[Value],
    key: Option<&str>,
) -> PlatformRequest {
    keyed(post(account, "/v2/bot/message/multicast", json!({"to": people, "messages": messages})), key)
}

/// To those friends whom `audience` describes: `recipient`, `filter` and `limit` as the reference has them, each of which
/// may be missing. The answer's header `X-Line-Request-Id` is what [`narrowcast_progress`] asks by.
pub fn narrowcast(
    account: &AccountConfig,
    messages: &[Value],
    audience: &Value,
    key: Option<&str>,
) -> PlatformRequest {
    let mut body = json!({"messages": messages});
    for name in ["recipient", "filter", "limit"] {
        if let Some(part) = audience.get(name) {
            body[name] = part.clone();
        }
    }
    keyed(post(account, "/v2/bot/message/narrowcast", body), key)
}

pub fn narrowcast_progress(account: &AccountConfig, request_id: &str) -> PlatformRequest {
    get(account, &with_query("/v2/bot/message/progress/narrowcast", &[("requestId", Some(request_id))]))
}

/// To every friend.
pub fn broadcast(account: &AccountConfig, messages: &[Value], key: Option<&str>) -> PlatformRequest {
    keyed(post(account, "/v2/bot/message/broadcast", json!({"messages": messages})), key)
}

/// Asks whether a call of this kind (`reply`, `push`, `multicast`, `narrowcast`, `broadcast`) would take the messages.
pub fn validate(account: &AccountConfig, kind: Kind, messages: &[Value]) -> PlatformRequest {
    post(account, &format!("/v2/bot/message/validate/{}", kind.as_str()), json!({"messages": messages}))
}

/// How many messages of a kind were sent on a day (`yyyyMMdd`, Japan's time).
pub fn sent_on(account: &AccountConfig, kind: Kind, date: &str) -> PlatformRequest {
    let path = format!("/v2/bot/message/delivery/{}", kind.as_str());
    get(account, &with_query(&path, &[("date", Some(date))]))
}

/// The ways in which a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Reply,
    Push,
    Multicast,
    Narrowcast,
    Broadcast,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Reply, Self::Push, Self::Multicast, Self::Narrowcast, Self::Broadcast];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Push => "push",
            Self::Multicast => "multicast",
            Self::Narrowcast => "narrowcast",
            Self::Broadcast => "broadcast",
        }
    }
}

fn keyed(request: PlatformRequest, key: Option<&str>) -> PlatformRequest {
    match key {
        Some(key) => with_header(request, RETRY_KEY, key),
        None => request,
    }
}
