//! Looking after channel accounts: each is looked at every day, its quota by the hour, its templates every day; what is
//! found is kept, shown and counted.

use std::time::Duration;

use channels::AccountCheck;
use serde::{Deserialize, Serialize};

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::channel_check::{Checked, check};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, TenantId};
use crate::quota::{ASK_QUOTA, Meter, Month};
use crate::store::{AccountHealth, AccountStanding, HealthState, Job, NewJob};
use crate::templates::FETCH_TEMPLATES;

/// The kind of the job that looks at an account.
pub const LOOK: &str = "look_at_account";

/// How often it is asked what is due.
const ROUND: Duration = Duration::from_mins(1);
const HOUR: i64 = 3_600 * Micros::SECOND;
/// An account that the platform refuses is looked at more often: nothing goes out until it is mended.
const HELD: i64 = HOUR / 4;
/// A look that fails so often waits for the next round.
const MOST_TRIES: i64 = 3;

#[derive(Serialize, Deserialize)]
struct About {
    account: ChannelAccountId,
}

/// Adds a job of this kind for an account; one that is under way already swallows it.
pub async fn add_job(
    app: &App,
    tenant: &TenantId,
    account: &ChannelAccountId,
    kind: &'static str,
) -> anyhow::Result<()> {
    let payload = serde_json::to_string(&About { account: account.clone() })?;
    let run_at = app.store.clock().now();
    let job = NewJob { tenant: tenant.clone(), kind, dedupe: account.to_string(), payload, run_at };
    Ok(app.store.add_job(job).await?)
}

/// Adds what is due, again and again, until the app is closing.
pub async fn run(app: App) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            () = app.closing() => return,
        }
        if let Err(error) = add_due(&app).await {
            tracing::warn!(%error, "the channel accounts cannot be looked after now; trying again");
        }
    }
}

/// Adds the jobs that are due now; returns how many.
pub async fn add_due(app: &App) -> anyhow::Result<usize> {
    let mut added = 0;
    for tenant in app.store.tenants().await? {
        app.store.sweep_early_changes(&tenant.id).await?;
        app.blobs.let_go(&tenant.id).await?;
        for standing in app.store.account_standings(&tenant.id).await? {
            if let Some(account) = app.accounts.try_find(&standing.id).await? {
                crate::inbox_care::remind(app, &account).await?;
            }
            for kind in due(app, &tenant.id, &standing).await? {
                add_job(app, &tenant.id, &standing.id, kind).await?;
                added += 1;
            }
        }
    }
    Ok(added)
}

async fn due(app: &App, tenant: &TenantId, standing: &AccountStanding) -> anyhow::Result<Vec<&'static str>> {
    let Some(account) = app.accounts.try_find(&standing.id).await? else { return Ok(Vec::new()) };
    if !standing.enabled {
        return Ok(Vec::new());
    }
    let now = app.store.clock().now();
    let is_old = |at: Option<Micros>, after: i64| at.is_none_or(|at| now.0 - at.0 >= after);
    let mut kinds = Vec::new();
    let looked = standing.health.as_ref().map(|health| health.checked_at);
    let every = if standing.held_at.is_some() { HELD } else { Micros::DAY };
    if !account.adapter.checks(&account.config).is_empty() && is_old(looked, every) {
        kinds.push(LOOK);
    }
    if !account.adapter.quota(&account.config).is_empty() {
        let month = Month::of(&app.time_zone(tenant), now);
        let quota = app.store.quota(tenant, &standing.id, &month.name).await?;
        if is_old(quota.map(|quota| quota.asked_at), HOUR) {
            kinds.push(ASK_QUOTA);
        }
    }
    if account.adapter.templates(&account.config, None).is_some()
        && is_old(app.store.templates_fetched_at(tenant, &standing.id).await?, Micros::DAY)
    {
        kinds.push(FETCH_TEMPLATES);
    }
    Ok(kinds)
}

/// True for the kinds of this file.
pub fn is_care(kind: &str) -> bool {
    matches!(kind, LOOK | ASK_QUOTA | FETCH_TEMPLATES)
}

/// Does one of the jobs. Where the platform stays silent the next round asks again.
pub async fn perform(app: &App, job: &Job) -> anyhow::Result<()> {
    let About { account } = serde_json::from_str(&job.payload)?;
    let Some(account) = app.accounts.try_find(&account).await? else { return Ok(()) };
    let done = match job.kind.as_str() {
        LOOK => look(app, &account).await.map(drop),
        FETCH_TEMPLATES => crate::templates::fetch(app, &account).await.map(drop),
        _ => ask_quota(app, &account).await,
    };
    match done {
        Err(error) if job.attempts >= MOST_TRIES => {
            tracing::warn!(job = %job.kind, %error, "given up until it is due again");
            Ok(())
        }
        other => other,
    }
}

/// Asks for the quota; where another level is reached, people are told at once.
async fn ask_quota(app: &App, account: &OpenAccount) -> anyhow::Result<()> {
    let month = Month::of(&app.time_zone(&account.tenant), app.store.clock().now());
    let before = app.store.quota(&account.tenant, &account.id, &month.name).await?;
    let before = before.and_then(|quota| Meter::of(&quota, &month, quota.asked_at).level);
    let meter = crate::quota::ask(app, account).await?;
    if meter.and_then(|meter| meter.level) != before {
        add_job(app, &account.tenant, &account.id, LOOK).await?;
    }
    Ok(())
}

/// What a look found.
#[derive(Clone, Debug, Serialize)]
pub struct Looked {
    pub state: HealthState,
    pub checks: Vec<Checked>,
}

/// Asks the platform how the account is, and keeps what it says. An account that is taken again sends what has waited.
pub async fn look(app: &App, account: &OpenAccount) -> anyhow::Result<Looked> {
    let mut checks = check(app, account).await;
    let now = app.store.clock().now();
    match crate::quota::ask(app, account).await {
        Ok(Some(meter)) => {
            if let Some(warning) = Checked::quota(&meter) {
                // The warning says all that the plain line says.
                checks.retain(|checked| checked.check != AccountCheck::Quota || !checked.finding.good);
                checks.push(warning);
            }
        }
        Ok(None) => {}
        Err(error) => tracing::debug!(%error, "the quota is asked for within the hour"),
    }
    let other = checks.iter().find_map(|checked| checked.finding.other_external_id.as_deref());
    if let Some(other) = other.filter(|other| *other != account.config.other_external_id) {
        app.store.learn_other_id(&account.tenant, &account.id, other).await?;
        app.accounts.forget();
    }
    let state = state_of(&checks);
    let token = |checked: &&Checked| checked.check == AccountCheck::Token;
    let mended = checks.iter().find(token).is_some_and(|checked| checked.finding.good)
        && state != HealthState::Failing;
    let expires_at = checks.iter().find_map(|checked| checked.finding.expires_at).map(Micros);
    let health = AccountHealth {
        state,
        findings: serde_json::to_string(&checks)?,
        token_expires_at: expires_at,
        checked_at: now,
    };
    app.store.keep_health(&account.tenant, &account.id, health, mended).await?;
    metrics::counter!("sala_channel_checks_total", "channel" => account.name.as_str(), "state" => state.as_str())
        .increment(1);
    Ok(Looked { state, checks })
}

/// A platform that is silent is a warning: what is to be sent is tried all the same.
fn state_of(checks: &[Checked]) -> HealthState {
    let silent = |checked: &Checked| checked.advice.as_deref() == Some(crate::channel_check::NO_ANSWER);
    if checks.iter().any(|checked| !checked.finding.good && !silent(checked)) {
        HealthState::Failing
    } else if checks.iter().any(|checked| checked.warning || !checked.finding.good) {
        HealthState::Warning
    } else {
        HealthState::Ok
    }
}
