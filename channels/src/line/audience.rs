//! Audience groups: the people to whom a narrowcast goes.

use serde_json::{Value, json};

use super::request::{delete, get, post, put, with_query};
use crate::{AccountConfig, PlatformRequest};

/// Makes a group of up to 10 000 people by their ids; the answer has its `audienceGroupId`.
pub fn create(account: &AccountConfig, description: &str, people: &[String]) -> PlatformRequest {
    let body = json!({"description": description, "isIfaAudience": false, "audiences": ids(people)});
    post(account, "/v2/bot/audienceGroup/upload", body)
}

/// Adds up to 10 000 people to a group.
pub fn add(account: &AccountConfig, group: u64, people: &[String]) -> PlatformRequest {
    let body = json!({"audienceGroupId": group, "audiences": ids(people)});
    put(account, "/v2/bot/audienceGroup/upload", body)
}

/// Makes a group of those who opened an address in a broadcast or narrowcast; any address where none is given.
pub fn of_clicks(
    account: &AccountConfig,
    description: &str,
    request_id: &str,
    url: Option<&str>,
) -> PlatformRequest {
    let mut body = json!({"description": description, "requestId": request_id});
    if let Some(url) = url {
        body["clickUrl"] = url.into();
    }
    post(account, "/v2/bot/audienceGroup/click", body)
}

/// Makes a group of those who saw a broadcast or narrowcast.
pub fn of_impressions(account: &AccountConfig, description: &str, request_id: &str) -> PlatformRequest {
    let body = json!({"description": description, "requestId": request_id});
    post(account, "/v2/bot/audienceGroup/imp", body)
}

pub fn find(account: &AccountConfig, group: u64) -> PlatformRequest {
    get(account, &format!("/v2/bot/audienceGroup/{group}"))
}

/// A page of the groups, counted from 1.
pub fn list(account: &AccountConfig, page: u32) -> PlatformRequest {
    let page = page.max(1).to_string();
    let pairs = [("page", Some(page.as_str())), ("size", Some("40"))];
    get(account, &with_query("/v2/bot/audienceGroup/list", &pairs))
}

pub fn rename(account: &AccountConfig, group: u64, description: &str) -> PlatformRequest {
    let path = format!("/v2/bot/audienceGroup/{group}/updateDescription");
    put(account, &path, json!({"description": description}))
}

pub fn remove(account: &AccountConfig, group: u64) -> PlatformRequest {
    delete(account, &format!("/v2/bot/audienceGroup/{group}"))
}

fn ids(people: &[String]) -> Vec<Value> {
    people.iter().map(|person| json!({"id": person})).collect()
}
