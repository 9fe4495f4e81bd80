//! LINE's own figures of an account, asked once a day and kept: a day's figures are there on the next.

use channels::line::insight;
use channels::{PlatformRequest, SendError};
use futures_util::future::join_all;
use serde::Serialize;
use serde_json::Value;

use super::ask;
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::clock::Micros;

/// Days that are shown.
const DAYS: i64 = 7;
/// LINE counts days in Japan's time.
pub(crate) const JAPAN: i64 = 9 * 3_600 * Micros::SECOND;
/// Figures that are not ready are asked for again after so long.
const AGAIN: i64 = 3_600 * Micros::SECOND;

/// One day's figures; none of a figure while LINE has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DayFigures {
    /// `2026-11-21`
    pub day: String,
    pub followers: Option<i64>,
    pub reached: Option<i64>,
    pub blocks: Option<i64>,
    /// Messages that were sent, in all ways.
    pub sent: Option<i64>,
}

/// A part of the friends: how LINE calls it, and how much of a hundred it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Share {
    pub name: String,
    pub percentage: f64,
}

/// What LINE tells of an account.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Oldest first.
    pub days: Vec<DayFigures>,
    /// Who the friends are, by `genders`, `ages`, `areas`, `appTypes` and `subscriptionPeriods`; empty while LINE does not
    /// tell: it wants 20 friends or more.
    pub friends: Vec<(String, Vec<Share>)>,
    /// Why nothing was told, in LINE's words.
    pub reason: Option<String>,
}

/// Yesterday in Japan, as LINE writes days.
pub fn yesterday(now: Micros) -> String {
    day_before(now, 1)
}

fn day_before(now: Micros, days: i64) -> String {
    day_of(now.minus_micros(days * Micros::DAY))
}

/// The day of a time in Japan, as LINE writes days.
pub(crate) fn day_of(at: Micros) -> String {
    let at = jiff::Timestamp::from_microsecond(at.0 + JAPAN).unwrap_or_default();
    at.strftime("%Y%m%d").to_string()
}

/// The figures of the last days.
pub async fn figures(app: &App, account: &OpenAccount) -> Figures {
    let now = app.store.clock().now();
    let (config, mut reason) = (&account.config, None);
    let mut days = Vec::new();
    for back in (1..=DAYS).rev() {
        let day = day_before(now, back);
        let (followers, sent) = (insight::followers(config, &day), insight::deliveries(config, &day));
        let asked = [("followers", followers), ("delivery", sent)];
        let told =
            join_all(asked.iter().map(|(name, request)| kept(app, account, (name, &day), request))).await;
        let mut figure = DayFigures { day: dashed(&day), ..DayFigures::default() };
        for (told, (name, _)) in told.into_iter().zip(&asked) {
            match told {
                Ok(told) if told["status"] != "ready" => {}
                Ok(told) if *name == "followers" => {
                    figure.followers = told["followers"].as_i64();
                    figure.reached = told["targetedReaches"].as_i64();
                    figure.blocks = told["blocks"].as_i64();
                }
                Ok(told) => figure.sent = Some(all_of(&told)),
                Err(error) => reason = Some(crate::channel_setup::reason_of(&error)),
            }
        }
        days.push(figure);
    }
    let day = yesterday(now);
    let friends = match kept(app, account, ("demographic", &day), &insight::demographic(config)).await {
        Ok(told) if told["available"] == true => shares(&told),
        Ok(_) => Vec::new(),
        Err(error) => {
            reason = Some(crate::channel_setup::reason_of(&error));
            Vec::new()
        }
    };
    Figures { days, friends, reason }
}

/// Every way in which messages went out on a day.
fn all_of(told: &Value) -> i64 {
    told.as_object().into_iter().flatten().filter_map(|(_, count)| count.as_i64()).sum()
}

fn dashed(day: &str) -> String {
    match (day.get(..4), day.get(4..6), day.get(6..)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => day.to_owned(),
    }
}

fn shares(told: &Value) -> Vec<(String, Vec<Share>)> {
    let kinds = ["genders", "ages", "areas", "appTypes", "subscriptionPeriods"];
    let of = |kind: &str| {
        let parts = told[kind].as_array().into_iter().flatten();
        let parts = parts.filter_map(|part| {
            let (names, percentage) = (part.as_object()?, part["percentage"].as_f64()?);
            let name = names.values().find_map(Value::as_str)?.to_owned();
            Some(Share { name, percentage })
        });
        (kind.to_owned(), parts.collect::<Vec<_>>())
    };
    kinds.into_iter().map(of).filter(|(_, parts)| !parts.is_empty()).collect()
}

/// What LINE said before, else what it says now. Figures that are ready do not change.
async fn kept(
    app: &App,
    account: &OpenAccount,
    (figure, day): (&str, &str),
    request: &PlatformRequest,
) -> Result<Value, SendError> {
    let now = app.store.clock().now();
    let known = app.store.line_figure(&account.tenant, &account.id, (figure, day)).await.ok().flatten();
    if let Some((told, asked_at)) = known {
        let is_ready = told["status"] == "ready" || told["available"] == true;
        if is_ready || now.0 - asked_at.0 < AGAIN {
            return Ok(told);
        }
    }
    let told = ask(app, account, request).await?.body;
    if let Err(error) = app.store.put_line_figure(&account.tenant, &account.id, (figure, day), &told).await {
        tracing::warn!(%error, "a figure of LINE's cannot be kept");
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_japans() {
        // 2026-01-01 14:59 UTC is still the first in Japan, 15:00 is the second.
        let start = 1_767_225_600 * Micros::SECOND;
        let check =
            |seconds: i64, day: &str| assert_eq!(yesterday(Micros(start + seconds * Micros::SECOND)), day);
        check(0, "20251231");
        check(15 * 3_600 - 1, "20251231");
        check(15 * 3_600, "20260101");
    }

    #[test]
    fn shares_are_named_by_their_kind() {
        let told = serde_json::json!({"available": true, "genders": [{"gender": "male", "percentage": 31.8}],
            "ages": [{"age": "from20to24", "percentage": 10}], "areas": []});
        let share = |name: &str, percentage| vec![Share { name: name.into(), percentage }];
        let expected = [("genders".into(), share("male", 31.8)), ("ages".into(), share("from20to24", 10.0))];
        assert_eq!(shares(&told), expected);
    }
}
