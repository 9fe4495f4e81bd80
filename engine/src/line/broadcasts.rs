//! Messages to many: counted, confirmed, then sent call by call. A call of unknown outcome is repeated under its key, by
//! which LINE knows it again; after a day nobody would, so it is left.

use anyhow::Context as _;
use channels::line::{broadcast as calls, insight, quota, quota_consumption};
use channels::{Advice, Degraded, Destination, PlatformRequest, Reply, SendError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, ask};
use crate::accounts::OpenAccount;
use crate::app::App;
use crate::clock::Micros;
use crate::ids::{AgentId, RowId};
use crate::store::{Broadcast, BroadcastRefusal, BroadcastTo, Chunk, ChunkEnd, Job};

/// The kind of the job that sends.
pub const SEND: &str = "line_broadcast";
/// Every call's lease.
const LEASE_MILLIS: u64 = 120_000;
/// For how long a call may be repeated: LINE remembers its key for a day.
const REPEATABLE: i64 = 23 * 3_600 * Micros::SECOND;

#[derive(Deserialize)]
struct Payload {
    broadcast: RowId,
}

/// How much of the month's messages is used. `limit` is none where there is no limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Quota {
    pub limit: Option<i64>,
    pub used: i64,
    pub left: Option<i64>,
}

/// Asks LINE for the month's quota.
pub async fn quota_of(app: &App, account: &OpenAccount) -> Result<Quota, SendError> {
    let limit = ask(app, account, &quota(&account.config)).await?.body["value"].as_i64();
    let used = ask(app, account, &quota_consumption(&account.config)).await?.body["totalUsage"].as_i64();
    let used = used.unwrap_or_default();
    Ok(Quota { limit, used, left: limit.map(|limit| (limit - used).max(0)) })
}

/// How many a message goes to. Of everybody LINE counts those within reach; where it has no figure yet, those whom we
/// know are counted.
pub async fn count(app: &App, account: &OpenAccount, to: &BroadcastTo) -> anyhow::Result<i64> {
    match to {
        BroadcastTo::People { choice } => {
            let people = app.store.chosen_people(&account.tenant, &account.id, choice).await?;
            Ok(i64::try_from(people.len())?)
        }
        BroadcastTo::Audience { group_id, .. } => {
            let group = u64::try_from(*group_id)?;
            let found =
                ask(app, account, &channels::line::audience::find(&account.config, group)).await?.body;
            Ok(found["audienceGroup"]["audienceCount"].as_i64().unwrap_or_default())
        }
        BroadcastTo::Everybody => {
            let day = super::figures::yesterday(app.store.clock().now());
            let told = ask(app, account, &insight::followers(&account.config, &day)).await;
            let reached = told.ok().filter(|told| told.body["status"] == "ready");
            match reached.and_then(|told| told.body["targetedReaches"].as_i64()) {
                Some(reached) => Ok(reached),
                None => Ok(app.store.people_kinds(&account.tenant, &account.id).await?.people),
            }
        }
    }
}

/// The messages of one call, and the reply as LINE shows it in them. None where it takes more than one call: people
/// would be charged twice for it.
pub fn messages_of(account: &OpenAccount, reply: &Reply) -> (Option<Vec<Value>>, Degraded) {
    let nobody = Destination::thread(format!("U{:032}", 0));
    let fitted = account.adapter.fit(&account.config, &nobody, reply);
    let requests = account.adapter.requests(&account.config, &nobody, &fitted.shown);
    let messages = match requests.as_slice() {
        [only] => only.body["messages"].as_array().cloned(),
        _ => None,
    };
    (messages.filter(|messages| !messages.is_empty()), fitted)
}

/// Asks LINE whether it would take the messages.
pub async fn validate(
    app: &App,
    account: &OpenAccount,
    to: &BroadcastTo,
    messages: &[Value],
) -> Result<(), SendError> {
    let kind = match to {
        BroadcastTo::People { .. } => calls::Kind::Multicast,
        BroadcastTo::Audience { .. } => calls::Kind::Narrowcast,
        BroadcastTo::Everybody => calls::Kind::Broadcast,
    };
    ask(app, account, &calls::validate(&account.config, kind, messages)).await.map(drop)
}

/// What is to be done after a call.
enum Next {
    End(ChunkEnd),
    /// The whole message stops: the reason holds for every further call. True where the account itself is refused.
    Stop(String, bool),
    /// Ask again later.
    Wait(String),
}

/// Sends what has not been sent.
pub async fn send(app: &App, job: &Job) -> anyhow::Result<()> {
    let Payload { broadcast: id } = serde_json::from_str(&job.payload)?;
    let Some(broadcast) = app.store.broadcast(&job.tenant, &id).await? else { return Ok(()) };
    let account = app.accounts.try_find(&broadcast.account).await?.context("the channel account is gone")?;
    let author = author(app, &broadcast).await?;
    let total = i64::try_from(app.store.broadcast_chunks(&broadcast).await?.len())?;
    while let Some(chunk) = app.store.begin_chunk(&broadcast).await? {
        anyhow::ensure!(!app.is_closing(), "the program was closed meanwhile");
        let is_on = app.accounts.find(&broadcast.account).await.is_some_and(|account| account.enabled);
        anyhow::ensure!(is_on, "the channel account is switched off");
        fail::fail_point!("broadcast.before_send");
        match one(app, &account, &broadcast, &chunk).await {
            Next::End(end) => {
                fail::fail_point!("broadcast.after_send");
                let outcome = match &end {
                    ChunkEnd::Sent { .. } | ChunkEnd::Accepted { .. } => "sent",
                    ChunkEnd::Refused { .. } => "refused",
                    ChunkEnd::Unknown => "unknown",
                };
                metrics::counter!("sala_broadcast_calls_total", "outcome" => outcome).increment(1);
                app.store.end_chunk(&broadcast, &chunk, end, author.clone()).await?;
            }
            Next::Stop(reason, holds) => {
                let untried = chunk.first_tried_at.is_none().then_some(chunk.chunk);
                app.store.stop_broadcast(&broadcast, BroadcastRefusal { reason, untried, holds }).await?;
                return Ok(());
            }
            Next::Wait(reason) => anyhow::bail!(reason),
        }
        app.store.report_job(job, chunk.chunk + 1, total, LEASE_MILLIS).await?;
    }
    let now = app.store.broadcast(&job.tenant, &id).await?;
    if now.is_some_and(|now| now.state == "sending") {
        app.store.set_broadcast_state(&broadcast, "done", None).await?;
    }
    Ok(())
}

/// Who confirmed it, by name: that is who speaks in the conversations.
async fn author(app: &App, broadcast: &Broadcast) -> anyhow::Result<Option<String>> {
    let Some(id) = broadcast.confirmed_by.as_deref().map(AgentId::from_text) else { return Ok(None) };
    let agents = app.store.agents(&broadcast.tenant).await?;
    Ok(agents.into_iter().find(|agent| agent.id == id).map(|agent| agent.name))
}

async fn one(app: &App, account: &OpenAccount, broadcast: &Broadcast, chunk: &Chunk) -> Next {
    if chunk.way == "tell" {
        return Next::End(ChunkEnd::Sent { request_id: None, count: None });
    }
    if let Some(request) = chunk.request_id.as_deref().filter(|_| chunk.state == "accepted") {
        return progress(app, account, request).await;
    }
    let now = app.store.clock().now().0;
    if chunk.first_tried_at.is_some_and(|tried| now - tried.0 > REPEATABLE) {
        return Next::End(ChunkEnd::Unknown);
    }
    let (Some(messages), _) = messages_of(account, &crate::pictures::hung(app, account, &broadcast.reply))
    else {
        return Next::End(ChunkEnd::Refused { reason: "the message takes more than one call".to_owned() });
    };
    let answer = ask(app, account, &request_of(account, broadcast, chunk, &messages)).await;
    match answer {
        Ok(answer) => taken(chunk, &answer),
        Err(SendError::Refused { code, reason, advice }) => {
            let is_for_all = ["quota", "token", "rights", "blocked"].contains(&code.as_str());
            let holds = advice == Advice::CheckToken.as_str();
            if is_for_all { Next::Stop(reason, holds) } else { Next::End(ChunkEnd::Refused { reason }) }
        }
        Err(error) => Next::Wait(error.to_string()),
    }
}

fn request_of(
    account: &OpenAccount,
    broadcast: &Broadcast,
    chunk: &Chunk,
    messages: &[Value],
) -> PlatformRequest {
    let (config, key) = (&account.config, Some(chunk.retry_key.as_str()));
    match &broadcast.to {
        BroadcastTo::Audience { group_id, .. } => {
            let audience = json!({"recipient": {"type": "audience", "audienceGroupId": group_id}});
            calls::narrowcast(config, messages, &audience, key)
        }
        BroadcastTo::Everybody => calls::broadcast(config, messages, key),
        BroadcastTo::People { .. } => calls::multicast(config, &chunk.people, messages, key),
    }
}

/// LINE carries narrowcasts out later.
fn taken(chunk: &Chunk, answer: &Answer) -> Next {
    let request_id = answer.request_id();
    Next::End(match request_id {
        Some(request_id) if chunk.way == "narrowcast" => ChunkEnd::Accepted { request_id },
        request_id => ChunkEnd::Sent { request_id, count: None },
    })
}

/// How far LINE is with a narrowcast.
async fn progress(app: &App, account: &OpenAccount, request: &str) -> Next {
    let told = match ask(app, account, &calls::narrowcast_progress(&account.config, request)).await {
        Ok(told) => told.body,
        Err(SendError::Refused { reason, .. }) => return Next::End(ChunkEnd::Refused { reason }),
        Err(error) => return Next::Wait(error.to_string()),
    };
    match told["phase"].as_str() {
        Some("succeeded") => {
            let count = told["successCount"].as_i64();
            Next::End(ChunkEnd::Sent { request_id: Some(request.to_owned()), count })
        }
        Some("failed") => {
            let reason = told["failedDescription"].as_str().unwrap_or("LINE does not say why").to_owned();
            Next::End(ChunkEnd::Refused { reason })
        }
        _ => Next::Wait("LINE is still sending".to_owned()),
    }
}
