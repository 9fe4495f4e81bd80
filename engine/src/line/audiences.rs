//! Audiences: groups of people that LINE keeps, made of people whom we know.

use anyhow::Context as _;
use channels::SendError;
use channels::line::audience;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ask;
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::ids::{ChannelAccountId, RowId};
use crate::store::{Job, LineAudience, NewJob, PeopleChoice};

/// The kind of the job that makes an audience and waits until LINE has it.
pub const MAKE: &str = "line_audience";
/// People in one call.
const PEOPLE: usize = 10_000;
/// Pages of the list that are looked through, 40 groups each.
const PAGES: u32 = 25;
const LEASE_MILLIS: u64 = 120_000;

#[derive(Serialize, Deserialize)]
struct Make {
    account: ChannelAccountId,
    audience: RowId,
}

/// Asks for an audience of those who are so.
pub async fn ask_for(
    app: &App,
    account: &OpenAccount,
    name: &str,
    choice: PeopleChoice,
) -> anyhow::Result<RowId> {
    let people = app.store.chosen_people(&account.tenant, &account.id, &choice).await?;
    let people = i64::try_from(people.len())?;
    let id = app.store.add_line_audience(&account.tenant, &account.id, (name, people), choice).await?;
    let make = Make { account: account.id.clone(), audience: id.clone() };
    let job = NewJob {
        tenant: account.tenant.clone(),
        kind: MAKE,
        dedupe: id.as_str().to_owned(),
        payload: serde_json::to_string(&make)?,
        run_at: app.store.clock().now(),
    };
    app.store.add_job(job).await?;
    Ok(id)
}

/// Makes an audience and waits until LINE says that it is ready. One that LINE refuses keeps the reason.
pub async fn make(app: &App, job: &Job) -> anyhow::Result<()> {
    let Make { account: id, audience } = serde_json::from_str(&job.payload)?;
    let account = app.accounts.try_find(&id).await?.context("the channel account is gone")?;
    let known = app.store.line_audiences(&job.tenant, &id).await?;
    let Some(audience) = known.into_iter().find(|known| known.id == audience) else { return Ok(()) };
    match bring(app, &account, job, &audience).await {
        Ok(state) => {
            let (state, group) = state?;
            app.store.settle_line_audience(&audience, (state, Some(group)), None).await?;
            anyhow::ensure!(state != "making", "LINE is still making the audience");
            Ok(())
        }
        Err(SendError::Refused { reason, .. }) => {
            Ok(app.store.settle_line_audience(&audience, ("refused", None), Some(reason)).await?)
        }
        Err(error) => Err(error.into()),
    }
}

type Standing = anyhow::Result<(&'static str, i64)>;

/// The group's standing and number. It carries the end of our id in its description, so that one whose answer was lost is
/// found again.
async fn bring(
    app: &App,
    account: &OpenAccount,
    job: &Job,
    wanted: &LineAudience,
) -> Result<Standing, SendError> {
    let config = &account.config;
    let id = wanted.id.as_str();
    let mark = format!("#{}", &id[id.len().saturating_sub(12)..]);
    let known = match wanted.group_id {
        None => made_before(app, account, &mark).await?,
        known => known,
    };
    let group = match known {
        Some(group) => group,
        None => match create(app, account, job, (wanted, &mark)).await? {
            Ok(group) => group,
            Err(error) => return Ok(Err(error)),
        },
    };
    let told = ask(app, account, &audience::find(config, group.unsigned_abs())).await?.body;
    Ok(Ok((standing(&told["audienceGroup"]), group)))
}

/// Makes the group of the people who are so now; returns its number.
async fn create(
    app: &App,
    account: &OpenAccount,
    job: &Job,
    (wanted, mark): (&LineAudience, &str),
) -> Result<anyhow::Result<i64>, SendError> {
    let config = &account.config;
    let people = app.store.chosen_people(&job.tenant, &account.id, &wanted.choice).await;
    let Ok(people) = people else { return Ok(Err(anyhow::anyhow!("the people cannot be read"))) };
    let mut parts = people.chunks(PEOPLE);
    let description = format!("{} {mark}", wanted.name);
    let first = parts.next().unwrap_or_default();
    let made = ask(app, account, &audience::create(config, &description, first)).await?.body;
    let Some(group) = made["audienceGroupId"].as_i64() else {
        return Ok(Err(anyhow::anyhow!("LINE gave the audience no number")));
    };
    for people in parts {
        ask(app, account, &audience::add(config, group.unsigned_abs(), people)).await?;
        if let Err(error) = app.store.report_job(job, 0, 1, LEASE_MILLIS).await {
            return Ok(Err(error.into()));
        }
    }
    Ok(Ok(group))
}

async fn made_before(app: &App, account: &OpenAccount, mark: &str) -> Result<Option<i64>, SendError> {
    for page in 1..=PAGES {
        let told = ask(app, account, &audience::list(&account.config, page)).await?.body;
        let groups = told["audienceGroups"].as_array().map(Vec::as_slice).unwrap_or_default();
        let ours = groups.iter().find(|group| {
            group["description"].as_str().is_some_and(|description| description.ends_with(mark))
        });
        if let Some(ours) = ours {
            return Ok(ours["audienceGroupId"].as_i64());
        }
        if told["hasNextPage"] != true {
            break;
        }
    }
    Ok(None)
}

fn standing(group: &Value) -> &'static str {
    match group["status"].as_str() {
        Some("READY" | "ACTIVE") => "ready",
        Some("FAILED" | "EXPIRED" | "INACTIVE") => "refused",
        _ => "making",
    }
}

/// Removes an audience at LINE; one that is gone already is fine.
pub async fn remove(app: &App, account: &OpenAccount, group: i64) -> Result<(), SendError> {
    match ask(app, account, &audience::remove(&account.config, group.unsigned_abs())).await {
        Ok(_) => Ok(()),
        Err(SendError::Refused { reason, .. }) if reason.contains("NOT_FOUND") => Ok(()),
        Err(error) => Err(error),
    }
}
