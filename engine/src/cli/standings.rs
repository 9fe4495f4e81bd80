//! How the channel accounts were when they were last looked at, in words: nobody is asked for it.

use serde_json::Value;

use crate::app::{App, Check};
use crate::clock::Micros;
use crate::ids::TenantId;
use crate::quota::{Meter, Month};
use crate::store::{AccountHealth, AccountStanding, HealthState};

/// A line for each account of every company.
pub(super) async fn checks(app: &App) -> anyhow::Result<Vec<Check>> {
    let mut checks = Vec::new();
    for tenant in app.store.tenants().await? {
        for standing in app.store.account_standings(&tenant.id).await? {
            let quota = quota(app, &tenant.id, &standing).await?;
            checks.push(told(&standing, quota.as_ref(), app.store.clock().now()));
        }
    }
    Ok(checks)
}

async fn quota(app: &App, tenant: &TenantId, standing: &AccountStanding) -> anyhow::Result<Option<Meter>> {
    let now = app.store.clock().now();
    let month = Month::of(&app.time_zone(tenant), now);
    let quota = app.store.quota(tenant, &standing.id, &month.name).await?;
    Ok(quota.map(|quota| Meter::of(&quota, &month, now)))
}

fn told(standing: &AccountStanding, quota: Option<&Meter>, now: Micros) -> Check {
    let id = &standing.id;
    let name = format!("channel {id} health");
    let token_ends = standing.health.as_ref().and_then(|health| health.token_expires_at);
    let has_ended = token_ends.is_some_and(|ends| ends.0 <= now.0);
    let mut words = vec![looked(standing)];
    if let Some(ends) = token_ends {
        let verb = if has_ended { "ran out" } else { "is good until" };
        words.push(format!("its token {verb} {}", time(ends)));
    }
    words.extend(quota.map(used));
    if standing.waiting > 0 {
        let replies = if standing.waiting == 1 { "reply waits" } else { "replies wait" };
        words.push(format!("{} {replies} to be sent", standing.waiting));
    }
    let is_failing = standing.health.as_ref().is_some_and(|health| health.state == HealthState::Failing);
    if standing.enabled && (standing.held_at.is_some() || is_failing || has_ended) {
        words.push(format!("what to do: mend it in the console or with `sala channels set {id}`, then `sala channels check {id}`"));
        return Check::bad(name, words.join("; "));
    }
    Check::good(name, words.join("; "))
}

/// What is known of it, and since when.
fn looked(standing: &AccountStanding) -> String {
    let last = standing.health.as_ref().map_or_else(
        || format!("it was never looked at: `sala channels check {}` asks the platform", standing.id),
        |health| {
            let how = match health.state {
                HealthState::Ok => "well".to_owned(),
                HealthState::Warning => format!("it works, but look: {}", says(health)),
                HealthState::Failing => format!("it does not work: {}", says(health)),
            };
            format!("last look {}: {how}", time(health.checked_at))
        },
    );
    match standing.held_at {
        _ if !standing.enabled => format!("switched off by people, nothing is taken in; {last}"),
        Some(since) => format!("the platform refuses it since {}, and nothing is sent; {last}", time(since)),
        None => last,
    }
}

/// What the platform said to the checks that were not well.
fn says(health: &AccountHealth) -> String {
    let lines: Vec<Value> = serde_json::from_str(&health.findings).unwrap_or_default();
    let bad = lines.iter().filter(|line| line["good"] == false || line["warning"] == true);
    let said: Vec<String> = bad
        .map(|line| {
            let word = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            format!("{}: {}", word("check"), word("says"))
        })
        .collect();
    if said.is_empty() { "it does not say why".to_owned() } else { said.join(", ") }
}

fn used(meter: &Meter) -> String {
    match meter.most {
        Some(most) => format!("{} of this month's {most} messages used", meter.used),
        None => format!("{} messages used this month, without a limit", meter.used),
    }
}

fn time(at: Micros) -> String {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ChannelAccountId;

    const NOW: Micros = Micros(1_795_270_000_000_000);

    fn standing(state: Option<HealthState>) -> AccountStanding {
        let findings = r#"[{"check":"token","good":false,"warning":false,"says":"Invalid OAuth"},{"check":"clock","good":true,"warning":false,"says":"it agrees"}]"#;
        let health = state.map(|state| AccountHealth {
            state,
            findings: if state == HealthState::Ok { "[]".to_owned() } else { findings.to_owned() },
            token_expires_at: None,
            checked_at: NOW,
        });
        let id = ChannelAccountId::from_text("line-1");
        AccountStanding { id, version: 1, enabled: true, held_at: None, waiting: 0, health }
    }

    #[test]
    fn an_account_is_told_in_words() {
        let check = |standing: AccountStanding, good: bool, words: &[&str]| {
            let meter = Meter {
                most: Some(500),
                used: 480,
                left: Some(20),
                level: Some(95),
                lasts_until: None,
                asked_at: 0,
            };
            let told = told(&standing, Some(&meter), NOW);
            assert_eq!((told.name.as_str(), told.good), ("channel line-1 health", good), "{}", told.detail);
            for words in words.iter().chain(&["480 of this month's 500 messages used"]) {
                assert!(told.detail.contains(words), "{words}: {}", told.detail);
            }
        };
        check(standing(None), true, &["it was never looked at", "sala channels check line-1"]);
        check(standing(Some(HealthState::Ok)), true, &["last look 2026-11-21 14:06 UTC: well"]);
        check(standing(Some(HealthState::Warning)), true, &["it works, but look: token: Invalid OAuth"]);
        check(
            standing(Some(HealthState::Failing)),
            false,
            &["it does not work: token: Invalid OAuth", "sala channels set line-1"],
        );
        let held = AccountStanding { held_at: Some(NOW), waiting: 3, ..standing(Some(HealthState::Failing)) };
        check(
            held,
            false,
            &["the platform refuses it since 2026-11-21 14:06 UTC", "3 replies wait to be sent"],
        );
        let off =
            AccountStanding { enabled: false, held_at: Some(NOW), ..standing(Some(HealthState::Failing)) };
        check(off, true, &["switched off by people"]);
        let mut ended = standing(Some(HealthState::Ok));
        ended.health.as_mut().unwrap().token_expires_at = Some(Micros(NOW.0 - 1));
        check(ended, false, &["its token ran out 2026-11-21 14:06 UTC"]);
    }
}
