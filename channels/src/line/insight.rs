//! LINE's own figures. Days are `yyyyMMdd` in Japan's time; the figures of a day are there on the next.

use super::request::{get, segment, with_query};
use crate::{AccountConfig, PlatformRequest};

/// How many messages went out on a day, by their ways.
pub fn deliveries(account: &AccountConfig, date: &str) -> PlatformRequest {
    get(account, &with_query("/v2/bot/insight/message/delivery", &[("date", Some(date))]))
}

/// Friends, those within reach of a broadcast, and those who blocked us, until a day.
pub fn followers(account: &AccountConfig, date: &str) -> PlatformRequest {
    get(account, &with_query("/v2/bot/insight/followers", &[("date", Some(date))]))
}

/// Who our friends are by age, area, sex and app.
pub fn demographic(account: &AccountConfig) -> PlatformRequest {
    get(account, "/v2/bot/insight/demographic")
}

/// Who opened and clicked a broadcast or narrowcast, by its `X-Line-Request-Id`.
pub fn message_events(account: &AccountConfig, request_id: &str) -> PlatformRequest {
    get(account, &with_query("/v2/bot/insight/message/event", &[("requestId", Some(request_id))]))
}

/// The same for the pushes and multicasts of a unit (`customAggregationUnits`) between two days.
pub fn unit_events(account: &AccountConfig, unit: &str, from: &str, to: &str) -> PlatformRequest {
    let pairs = [("customAggregationUnit", Some(unit)), ("from", Some(from)), ("to", Some(to))];
    get(account, &with_query("/v2/bot/insight/message/event/aggregation", &pairs))
}

/// How often a rich menu was seen and its areas tapped between two days, as one sum.
pub fn rich_menu_summary(account: &AccountConfig, menu: &str, from: &str, to: &str) -> PlatformRequest {
    rich_menu(account, menu, "summary", from, to)
}

/// The same, day by day.
pub fn rich_menu_daily(account: &AccountConfig, menu: &str, from: &str, to: &str) -> PlatformRequest {
    rich_menu(account, menu, "daily", from, to)
}

fn rich_menu(account: &AccountConfig, menu: &str, kind: &str, from: &str, to: &str) -> PlatformRequest {
    let path = format!("/v2/bot/insight/richmenu/{}/{kind}", segment(menu));
    get(account, &with_query(&path, &[("from", Some(from)), ("to", Some(to))]))
}
