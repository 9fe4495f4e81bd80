//! The month's quota of messages on an account (LINE's pushes) and what its messages cost: asked of the platform by the
//! hour and after bursts, counted in between.

use std::collections::BTreeMap;

use channels::{Cost, HttpResponse};
use dashmap::DashMap;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use serde::Serialize;

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, ConversationId, TenantId};
use crate::platform::{CallLimits, call};
use crate::store::{AccountQuota, CountedMessages, Rate};

/// The kind of the job that asks the platform.
pub const ASK_QUOTA: &str = "ask_quota";
/// So many pushes of this process after each other are worth asking at once.
const BURST: u32 = 50;
/// Shares of the quota, in percent, at which people are warned.
const LEVELS: [i64; 3] = [80, 95, 100];

/// Pushes of this process that no question followed yet.
#[derive(Default)]
pub struct Pushes(DashMap<ChannelAccountId, u32>);

/// A month in a company's time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// `2026-11`.
    pub name: String,
    pub from: Micros,
    /// Exclusive.
    pub until: Micros,
}

impl Month {
    /// The month that a moment lies in.
    pub fn of(zone: &str, at: Micros) -> Self {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default().to_zoned(zone);
        Self::around(&at)
    }

    /// The month that is written so; none where that is no month.
    pub fn named(zone: &str, name: &str) -> Option<Self> {
        let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        let day: jiff::civil::Date = format!("{name}-01").parse().ok()?;
        let at = day.to_zoned(zone).ok()?;
        Some(Self::around(&at)).filter(|month| month.name == name)
    }

    fn around(at: &Zoned) -> Self {
        let first = at.date().first_of_month();
        let start = |day: jiff::civil::Date| {
            let start = day.to_zoned(at.time_zone().clone());
            Micros(start.map_or(0, |start| start.timestamp().as_microsecond()))
        };
        let next = first.saturating_add(1.month());
        Self { name: first.strftime("%Y-%m").to_string(), from: start(first), until: start(next) }
    }
}

/// A meter: what is used of a month's quota, and until when it lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meter {
    /// None where the plan has no limit.
    pub most: Option<i64>,
    pub used: i64,
    pub left: Option<i64>,
    /// The highest of 80, 95 and 100 percent that is reached.
    pub level: Option<i64>,
    /// When it is used up if it goes on like this, milliseconds UTC; none where it lasts.
    pub lasts_until: Option<i64>,
    /// When the platform was asked, milliseconds UTC.
    pub asked_at: i64,
}

impl Meter {
    pub fn of(quota: &AccountQuota, month: &Month, now: Micros) -> Self {
        let used = quota.used + quota.since;
        let left = quota.most.map(|most| (most - used).max(0));
        let reached = |most: i64| LEVELS.into_iter().rfind(|level| used * 100 >= most * level);
        Self {
            most: quota.most,
            used,
            left,
            level: quota.most.and_then(reached),
            lasts_until: quota.most.and_then(|most| lasts(used, most, month, now)).map(Micros::millis),
            asked_at: quota.asked_at.millis(),
        }
    }
}

/// When as many are used as there are, at the pace of the month so far; none where that is after its end.
fn lasts(used: i64, most: i64, month: &Month, now: Micros) -> Option<Micros> {
    if used >= most {
        return Some(now);
    }
    if used <= 0 {
        return None;
    }
    let passed = i128::from(now.0 - month.from.0);
    let whole = passed * i128::from(most) / i128::from(used);
    let end = i64::try_from(i128::from(month.from.0) + whole).ok().map(Micros)?;
    (end < month.until).then_some(end)
}

/// Messages of one kind, counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    #[serde(flatten)]
    pub cost: Cost,
    pub count: i64,
}

/// What messages cost, as far as somebody entered a price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Money {
    pub messages: Vec<Counted>,
    /// Millionths by currency.
    pub amounts: BTreeMap<String, i64>,
    /// Billable messages for which the account has no price.
    pub unpriced: i64,
    /// Billable messages that belong to a plan with some included: they have a price only by the month.
    pub in_plan: i64,
}

/// Counts and prices. `by_month`: what a plan includes can be taken off, which no conversation alone can.
pub fn money(counted: &[CountedMessages], rates: &[Rate], by_month: bool) -> Money {
    let mut money = Money::default();
    let mut used: BTreeMap<usize, i64> = BTreeMap::new();
    // What never arrived has no kind where the platform had told none before.
    for one in counted.iter().filter(|one| one.cost.billable || !one.cost.category.is_empty()) {
        match money.messages.iter_mut().find(|known| known.cost == one.cost) {
            Some(known) => known.count += one.count,
            None => money.messages.push(Counted { cost: one.cost.clone(), count: one.count }),
        }
        if !one.cost.billable {
            continue;
        }
        match rate_of(rates, &one.cost.category, &one.to) {
            Some(place) => *used.entry(place).or_default() += one.count,
            None => money.unpriced += one.count,
        }
    }
    for (place, count) in used {
        let rate = &rates[place];
        if rate.included > 0 && !by_month {
            money.in_plan += count;
            continue;
        }
        let paid = (count - rate.included).max(0);
        let amount = money.amounts.entry(rate.currency.clone()).or_default();
        *amount = amount.saturating_add(paid.saturating_mul(rate.price));
    }
    money
}

/// The rate with the longest prefix that fits.
fn rate_of(rates: &[Rate], category: &str, to: &str) -> Option<usize> {
    let to = to.trim_start_matches('+').to_uppercase();
    let fits = |rate: &Rate| rate.category == category && to.starts_with(&rate.prefix.to_uppercase());
    let fitting = rates.iter().enumerate().filter(|(_, rate)| fits(rate));
    fitting.max_by_key(|(_, rate)| rate.prefix.len()).map(|(place, _)| place)
}

/// What an account used and costs in a month.
#[derive(Clone, Debug, Serialize)]
pub struct Usage {
    pub month: String,
    pub quota: Option<Meter>,
    #[serde(flatten)]
    pub money: Money,
    pub rates: Vec<Rate>,
}

/// Reads what an account used in a month; the present one where none is named.
pub async fn usage(app: &App, account: &OpenAccount, month: Month) -> anyhow::Result<Usage> {
    let (tenant, id) = (&account.tenant, &account.id);
    let now = app.store.clock().now();
    let quota = app.store.quota(tenant, id, &month.name).await?;
    let counted = app.store.counted_messages(tenant, id, (month.from, month.until), None).await?;
    let rates = app.store.rates(tenant, id).await?;
    Ok(Usage {
        quota: quota.map(|quota| Meter::of(&quota, &month, now.min(month.until))),
        money: money(&counted, &rates, true),
        month: month.name,
        rates,
    })
}

/// What a conversation cost so far.
pub async fn cost_of(
    app: &App,
    (tenant, account): (&TenantId, &ChannelAccountId),
    conversation: &ConversationId,
) -> anyhow::Result<Money> {
    let always = (Micros(0), Micros(i64::MAX));
    let counted = app.store.counted_messages(tenant, account, always, Some(conversation)).await?;
    let rates = app.store.rates(tenant, account).await?;
    Ok(money(&counted, &rates, false))
}

/// Asks the platform for the quota and keeps its answer. Nothing where it has none.
pub async fn ask(app: &App, account: &OpenAccount) -> anyhow::Result<Option<Meter>> {
    let requests = account.adapter.quota(&account.config);
    if requests.is_empty() {
        return Ok(None);
    }
    let mut answers = Vec::new();
    for request in &requests {
        answers.push(call(app, account, request, CallLimits::default()).await?);
    }
    let read: Vec<HttpResponse<'_>> = answers
        .iter()
        .map(|answer| HttpResponse { status: answer.status, headers: Vec::new(), body: &answer.body })
        .collect();
    let told = account.adapter.quota_told(&read);
    let told = told.ok_or_else(|| anyhow::anyhow!("the platform does not tell its quota"))?;
    let now = app.store.clock().now();
    let month = Month::of(&app.time_zone(&account.tenant), now);
    app.store.keep_quota(&account.tenant, &account.id, &month.name, told).await?;
    let quota = app.store.quota(&account.tenant, &account.id, &month.name).await?;
    let meter = quota.map(|quota| Meter::of(&quota, &month, now));
    if let Some(Meter { used, most: Some(most), .. }) = meter
        && most > 0
    {
        let share = used as f64 / most as f64;
        metrics::gauge!("sala_channel_quota_used_ratio", "channel" => account.name.as_str()).set(share);
    }
    Ok(meter)
}

/// A push of ours went out: many of them are worth asking the platform.
pub async fn pushed(app: &App, tenant: &TenantId, account: &ChannelAccountId) {
    let count = {
        let mut pushes = app.pushes.0.entry(account.clone()).or_default();
        *pushes = (*pushes + 1) % BURST;
        *pushes
    };
    if count == 0
        && let Err(error) = crate::account_care::add_job(app, tenant, account, ASK_QUOTA).await
    {
        tracing::warn!(%error, "the quota is asked for within the hour");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: &str = "Asia/Bangkok";
    const DAY: i64 = Micros::DAY;

    #[test]
    fn months_are_those_of_the_company() {
        // The first of January 2026, 00:00 UTC: seven o'clock in Bangkok.
        let month = Month::of(ZONE, Micros(1_767_225_600_000_000));
        assert_eq!(
            (month.name.as_str(), month.from.0),
            ("2026-01", 1_767_225_600_000_000 - 7 * 3_600 * 1_000_000)
        );
        assert_eq!(month.until.0 - month.from.0, 31 * DAY);
        let evening = Month::of(ZONE, Micros(1_767_225_600_000_000 - 8 * 3_600 * 1_000_000));
        assert_eq!(evening.name, "2025-12");
        assert_eq!(Month::named(ZONE, "2026-01"), Some(month));
        assert_eq!(Month::named(ZONE, "2026-13"), None);
        assert_eq!(Month::named(ZONE, "2026-1"), None);
    }

    #[track_caller]
    fn check_meter(
        most: Option<i64>,
        used: i64,
        since: i64,
        expected: (Option<i64>, Option<i64>, Option<i64>),
    ) {
        let month = Month { name: "2026-01".to_owned(), from: Micros(0), until: Micros(30 * DAY) };
        let quota = AccountQuota { month: month.name.clone(), most, used, asked_at: Micros(0), since };
        let meter = Meter::of(&quota, &month, Micros(10 * DAY));
        let days = meter.lasts_until.map(|at| at * 1000 / DAY);
        assert_eq!((meter.left, meter.level, days), expected);
    }

    #[test]
    fn a_meter_warns_and_looks_ahead() {
        check_meter(Some(1000), 100, 0, (Some(900), None, None));
        check_meter(Some(1000), 400, 100, (Some(500), None, Some(20)));
        check_meter(Some(1000), 799, 0, (Some(201), None, Some(12)));
        check_meter(Some(1000), 799, 1, (Some(200), Some(80), Some(12)));
        check_meter(Some(1000), 950, 0, (Some(50), Some(95), Some(10)));
        check_meter(Some(1000), 1000, 5, (Some(0), Some(100), Some(10)));
        check_meter(Some(0), 0, 0, (Some(0), Some(100), Some(10)));
        check_meter(None, 5000, 0, (None, None, None));
    }

    fn counted(category: &str, billable: bool, to: &str, count: i64) -> CountedMessages {
        let cost = Cost { category: category.to_owned(), billable, kind: String::new() };
        CountedMessages { cost, to: to.to_owned(), count }
    }

    fn rate(category: &str, prefix: &str, price: i64, included: i64) -> Rate {
        let (category, prefix) = (category.to_owned(), prefix.to_owned());
        Rate { category, prefix, currency: "THB".to_owned(), price, included }
    }

    #[test]
    fn only_what_has_a_price_has_an_amount() {
        let messages = [
            counted("utility", true, "66812345678", 2),
            counted("utility", true, "+6591234567", 1),
            counted("utility", true, "TH.1349", 1),
            counted("utility", false, "66812345678", 7),
            counted("marketing", true, "66812345678", 3),
        ];
        let rates =
            [rate("utility", "66", 400_000, 0), rate("utility", "", 900_000, 0), rate("utility", "th", 1, 0)];
        let found = money(&messages, &rates, false);
        assert_eq!(found.amounts, BTreeMap::from([("THB".to_owned(), 1_700_001)]));
        assert_eq!((found.unpriced, found.in_plan), (3, 0));
        assert_eq!(found.messages.iter().map(|one| one.count).collect::<Vec<_>>(), [4, 7, 3]);
        assert_eq!(money(&messages, &[], true).amounts, BTreeMap::new());
    }

    #[test]
    fn what_a_plan_includes_is_free_by_the_month() {
        let messages = [counted("push", true, "U1", 200), counted("push", true, "U2", 120)];
        let rates = [rate("push", "", 60_000, 300)];
        assert_eq!(money(&messages, &rates, true).amounts["THB"], 20 * 60_000);
        let one = money(&messages[..1], &rates, false);
        assert_eq!((one.amounts.len(), one.in_plan), (0, 200));
    }
}
