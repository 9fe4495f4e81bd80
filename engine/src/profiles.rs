//! Asking platforms who somebody is. Only people who wrote to us are asked about (Meta's and LINE's terms), once.

use channels::{ChannelName, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::ids::ChannelAccountId;
use crate::platform::{CallLimits, call};
use crate::store::{GroupMember, Job, NewJob};

/// The kind of the job that asks about one person.
pub const FETCH_PROFILE: &str = "fetch_profile";

#[derive(Serialize, Deserialize)]
struct FetchProfile {
    account: ChannelAccountId,
    /// The platform's id of the person.
    person: String,
}

/// Asks for the name of somebody who just wrote, where the platform tells names and nobody knows this one.
pub async fn ask(app: &App, account: &OpenAccount, person: &str) -> anyhow::Result<()> {
    let tells = account.adapter.profile_request(&account.config, person).is_some();
    if !tells || !app.store.is_unknown(&account.tenant, &account.id, person).await? {
        return Ok(());
    }
    let fetch = FetchProfile { account: account.id.clone(), person: person.to_owned() };
    let job = NewJob {
        tenant: account.tenant.clone(),
        kind: FETCH_PROFILE,
        dedupe: format!("{}/{person}", account.id),
        payload: serde_json::to_string(&fetch)?,
        run_at: app.store.clock().now(),
    };
    Ok(app.store.add_job(job).await?)
}

/// Asks for the name of somebody who speaks in a group, unless it is known; returns the known one.
pub async fn in_group(
    app: &App,
    account: &OpenAccount,
    member: &GroupMember,
) -> anyhow::Result<Option<String>> {
    if let Some(known) = app.store.group_member(&account.tenant, &account.id, member).await? {
        return Ok(known);
    }
    // Elsewhere than on LINE groups tell the name with each message.
    if account.name == ChannelName::Line && member.thread != member.external_id {
        ask_in_group(app, account, member).await?;
    }
    Ok(None)
}

/// Asks for what a group itself is called, once. Rooms have no name.
pub async fn of_group(app: &App, account: &OpenAccount, thread: &str) -> anyhow::Result<()> {
    let group = GroupMember::itself(thread);
    let has_name = account.name == ChannelName::Line && !thread.starts_with('R');
    if !has_name || app.store.group_member(&account.tenant, &account.id, &group).await?.is_some() {
        return Ok(());
    }
    ask_in_group(app, account, &group).await
}

async fn ask_in_group(app: &App, account: &OpenAccount, member: &GroupMember) -> anyhow::Result<()> {
    let person = format!("{}/{}", member.thread, member.external_id);
    let fetch = FetchProfile { account: account.id.clone(), person };
    let job = NewJob {
        tenant: account.tenant.clone(),
        kind: FETCH_PROFILE,
        dedupe: format!("{}/{}", account.id, fetch.person),
        payload: serde_json::to_string(&fetch)?,
        run_at: app.store.clock().now(),
    };
    Ok(app.store.add_job(job).await?)
}

/// Notes what the platform says, or that it says nothing: both are the end of it.
pub async fn fetch(app: &App, job: &Job) -> anyhow::Result<()> {
    let FetchProfile { account: id, person } = serde_json::from_str(&job.payload)?;
    let Some(account) = app.accounts.try_find(&id).await? else { return Ok(()) };
    let Some(request) = account.adapter.profile_request(&account.config, &person) else { return Ok(()) };
    let answer = call(app, &account, &request, CallLimits::default()).await?;
    anyhow::ensure!(answer.status < 500 && answer.status != 429, "the platform answered {}", answer.status);
    let response = HttpResponse { status: answer.status, headers: answer.headers, body: &answer.body };
    let profile = account.adapter.profile(&response).unwrap_or_default();
    if let Some((thread, external_id)) = person.split_once('/').filter(|_| account.name == ChannelName::Line)
    {
        let member = GroupMember { thread: thread.to_owned(), external_id: external_id.to_owned() };
        return Ok(app.store.put_group_member(&job.tenant, &id, &member, profile.name).await?);
    }
    Ok(app.store.put_profile(&job.tenant, &id, &person, profile).await?)
}
