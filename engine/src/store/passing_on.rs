//! Who owns the next word goes along with a customer who goes on in another conversation, and people of ours read in both
//! where it went: a note, which no customer ever sees.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::StoreError;
use super::agents;
use super::batch::Batch;
use super::columns::Columns as _;
use super::conversations::{Control, log_update};
use super::messages::{self, Author, Message, MessageBody, MessageState};
use super::{Store, handoffs};
use crate::clock::Micros;
use crate::ids::{AgentId, ConversationId, PersonId, TenantId};
use crate::permission::Permission;

/// Why somebody waits whose agent cannot answer where they are now.
const OWNER_AWAY: &str = "owner-away";

/// What a note says of another conversation of the same person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    pub what: PassageKind,
    pub conversation: ConversationId,
    pub channel: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<Along>,
    /// The agent who owns both, or who took the link between them back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<PassageAgent>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PassageKind {
    /// The person went on there.
    WentOn,
    /// The person came from there.
    CameFrom,
    /// They are two people again. Who owns what stays.
    Undone,
    /// Somebody there was asked whether to go on with this one, and said no.
    Declined,
    /// The person here was asked whether to go on with that one, and said no.
    SaidNo,
}

/// What came along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Along {
    /// The place in the queue.
    Waiting,
    /// The agent.
    Agent,
    /// The agent cannot answer in the new place: the person waits there.
    Away,
    /// Somebody answers in the new place already: nobody waits in the old one.
    Answered,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassageAgent {
    pub id: AgentId,
    pub name: Option<String>,
}

/// The person's latest conversation elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    pub conversation: ConversationId,
    pub channel: String,
    pub control: Control,
    /// False where the agent who owns it cannot answer here: somebody in the platform's own inbox, or who may not any more.
    pub able: bool,
    pub last_at: Micros,
}

impl Left {
    /// Who owns the next word where the person is now.
    pub fn owner(&self, here: &Control) -> Control {
        match (here, &self.control) {
            (Control::Agent { .. }, _) | (_, Control::Bot) => here.clone(),
            (_, Control::Agent { .. }) if self.able => self.control.clone(),
            _ => Control::Waiting,
        }
    }
}

impl Store {
    /// The person's latest conversation elsewhere that is their own: another address of the same person, which only a link
    /// gives them.
    pub async fn left_elsewhere(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
    ) -> Result<Option<Left>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        latest(&mut connection, tenant, conversation).await
    }
}

/// The person's latest conversation elsewhere, as `o`, of the conversation `$2` of the tenant `$1`. Elsewhere is another
/// address of the same person, which only a link gives them.
pub(super) const ELSEWHERE: &str = "conversations c \
         JOIN conversations o ON o.tenant_id = c.tenant_id AND o.person_id = c.person_id AND o.id <> c.id \
         JOIN addresses a ON a.tenant_id = o.tenant_id AND a.channel_account_id = o.channel_account_id \
         AND a.external_id = o.thread AND a.person_id = o.person_id \
         WHERE c.tenant_id = $1 AND c.id = $2 \
         AND NOT (o.channel_account_id = c.channel_account_id AND o.thread = c.thread) \
         ORDER BY o.last_at DESC, o.id DESC LIMIT 1";

pub(super) async fn latest(
    connection: &mut sqlx::AnyConnection,
    tenant: &TenantId,
    conversation: &ConversationId,
) -> Result<Option<Left>, StoreError> {
    let row = sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT o.id, o.channel, o.control, o.control_ref, o.last_at, \
         (SELECT g.name FROM agents g WHERE g.tenant_id = o.tenant_id AND g.id = o.control_ref) FROM {ELSEWHERE}"
    )))
    .bind(tenant.as_str().to_owned())
    .bind(conversation.as_str().to_owned())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let control = Control::parse(&row.try_get::<String, _>(2)?, row.try_get(3)?, row.try_get(5)?);
    let able = match &control {
        Control::Agent { id, .. } => {
            let reply = Permission::ConversationsReply.as_str();
            let agent = agents::find(connection, tenant, id).await?;
            agent.is_some_and(|agent| agent.permissions.iter().any(|one| one == reply))
        }
        Control::Bot | Control::Waiting => false,
    };
    Ok(Some(Left {
        conversation: row.id(0)?,
        channel: row.try_get(1)?,
        control,
        able,
        last_at: row.time(4)?,
    }))
}

/// The way that somebody came.
#[derive(Clone, Debug)]
pub struct Came {
    /// From where, as it was read: when somebody else owns it by now, the change is refused.
    pub left: Left,
    /// The channel where they are now.
    pub channel: String,
}

/// Brings what comes along to a conversation that was there before. A turn under way in it is fenced off, and thought anew.
pub(super) async fn come(
    batch: &mut Batch<'_>,
    (tenant, here): (&TenantId, &ConversationId),
    channel: channels::ChannelName,
) -> Result<(), StoreError> {
    let left = latest(batch.connection().await?, tenant, here).await?;
    let Some(left) = left else { return Ok(()) };
    Came { left, channel: channel.as_str().to_owned() }.arrive(batch, (tenant, here)).await?;
    let sql = "UPDATE conversations SET lease_token = lease_token + 1, lease_until = 0 WHERE tenant_id = $1 AND id = $2 \
               AND control <> 'bot'";
    batch.later(sql, vec![tenant.into(), here.into()]).await?;
    batch.made_ready = true;
    log_update(batch, tenant, here).await.map(drop)
}

#[derive(Deserialize)]
struct Standing {
    control: String,
    agent: Option<String>,
    waiting_since: Option<Micros>,
    reason: Option<String>,
    unanswered: i64,
}

async fn standing(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    conversation: &ConversationId,
) -> Result<Standing, StoreError> {
    let columns = ["control", "control_ref", "waiting_since", "handoff_reason", "unanswered"];
    let rest = "FROM conversations WHERE tenant_id = $1 AND id = $2";
    let found: Vec<Standing> = batch.gather(&columns, rest, vec![tenant.into(), conversation.into()]).await?;
    found.into_iter().next().ok_or(StoreError::NotFound("conversation"))
}

impl Came {
    /// Gives the conversation `to` what comes along, and says so in both.
    pub(super) async fn arrive(
        &self,
        batch: &mut Batch<'_>,
        (tenant, to): (&TenantId, &ConversationId),
    ) -> Result<(), StoreError> {
        let from = &self.left.conversation;
        let (there, here) = (standing(batch, tenant, from).await?, standing(batch, tenant, to).await?);
        let (control, agent) = match &self.left.control {
            Control::Agent { id, name } => {
                ("agent", Some(PassageAgent { id: id.clone(), name: name.clone() }))
            }
            other => (other.as_str(), None),
        };
        if there.control != control || there.agent.as_deref() != agent.as_ref().map(|agent| agent.id.as_str())
        {
            return Err(StoreError::Conflict("who owns the other conversation has changed meanwhile"));
        }
        let with = match (control, here.control.as_str()) {
            ("waiting", "agent") => Some(Along::Answered),
            ("waiting", _) => Some(Along::Waiting),
            ("agent", "bot" | "waiting") if self.left.able => Some(Along::Agent),
            ("agent", "bot") => Some(Along::Away),
            _ => None,
        };
        match with {
            Some(Along::Waiting | Along::Answered) => {
                wait_here(batch, (tenant, to, from), (&here, &there)).await?;
            }
            Some(Along::Agent) => own(batch, (tenant, to), self.left_agent()).await?,
            Some(Along::Away) => queue_up(batch, (tenant, to)).await?,
            None => {}
        }
        let agent = agent.filter(|_| matches!(with, Some(Along::Agent | Along::Away)));
        let line = |what, conversation: &ConversationId, channel: &str| Passage {
            what,
            conversation: conversation.clone(),
            channel: channel.to_owned(),
            with,
            agent: agent.clone(),
        };
        say(batch, (tenant, from), line(PassageKind::WentOn, to, &self.channel)).await?;
        say(batch, (tenant, to), line(PassageKind::CameFrom, from, &self.left.channel)).await?;
        log_update(batch, tenant, from).await.map(drop)
    }

    fn left_agent(&self) -> &str {
        match &self.left.control {
            Control::Agent { id, .. } => id.as_str(),
            Control::Bot | Control::Waiting => "",
        }
    }
}

/// Takes the place in the queue from one conversation to the other: nobody waits twice, and nobody from the beginning.
async fn wait_here(
    batch: &mut Batch<'_>,
    (tenant, to, from): (&TenantId, &ConversationId, &ConversationId),
    (here, there): (&Standing, &Standing),
) -> Result<(), StoreError> {
    if here.control == "bot" || here.control == "waiting" {
        let began = [there.waiting_since, here.waiting_since].into_iter().flatten().min();
        let since = began.unwrap_or(batch.now());
        let reason =
            here.reason.clone().filter(|_| here.control == "waiting").or_else(|| there.reason.clone());
        let sql = "UPDATE conversations SET control = 'waiting', status = 'open', waiting_since = $1, handoff_reason = $2, \
                   unanswered = unanswered + $3 WHERE tenant_id = $4 AND id = $5";
        let values =
            vec![since.into(), reason.clone().into(), there.unanswered.into(), tenant.into(), to.into()];
        batch.later(sql, values).await?;
        handoffs::pass(batch, tenant, (from, to), (&reason.unwrap_or_default(), since)).await?;
    }
    let left = "UPDATE conversations SET control = 'bot', waiting_since = NULL, unanswered = 0 \
                WHERE tenant_id = $1 AND id = $2";
    batch.later(left, vec![tenant.into(), from.into()]).await?;
    let now = batch.now();
    handoffs::follow(batch, tenant, from, None, now).await
}

async fn own(
    batch: &mut Batch<'_>,
    (tenant, to): (&TenantId, &ConversationId),
    agent: &str,
) -> Result<(), StoreError> {
    let sql = "UPDATE conversations SET control = 'agent', control_ref = $1, status = 'open', waiting_since = NULL \
               WHERE tenant_id = $2 AND id = $3";
    batch.later(sql, vec![agent.into(), tenant.into(), to.into()]).await?;
    let now = batch.now();
    handoffs::follow(batch, tenant, to, Some(agent), now).await
}

async fn queue_up(
    batch: &mut Batch<'_>,
    (tenant, to): (&TenantId, &ConversationId),
) -> Result<(), StoreError> {
    let sql = "UPDATE conversations SET control = 'waiting', status = 'open', waiting_since = $1, handoff_reason = $2 \
               WHERE tenant_id = $3 AND id = $4";
    let now = batch.now();
    batch.later(sql, vec![now.into(), OWNER_AWAY.into(), tenant.into(), to.into()]).await?;
    handoffs::open(batch, tenant, to, OWNER_AWAY).await
}

/// Writes the note into a conversation. What was said last stays the last word in the lists.
pub(super) async fn say(
    batch: &mut Batch<'_>,
    (tenant, conversation): (&TenantId, &ConversationId),
    passage: Passage,
) -> Result<(), StoreError> {
    let key = || vec![tenant.into(), conversation.into()];
    let sql = "UPDATE conversations SET last_message = last_message + 1 WHERE tenant_id = $1 AND id = $2";
    batch.later(sql, key()).await?;
    let rest = "FROM conversations WHERE tenant_id = $1 AND id = $2";
    let found: Vec<(i64,)> = batch.gather(&["last_message"], rest, key()).await?;
    let (seq,) = *found.first().ok_or(StoreError::NotFound("conversation"))?;
    let message = Message {
        id: batch.new_id(),
        conversation: conversation.clone(),
        seq,
        author: Author::Note,
        author_name: None,
        body: MessageBody { passage: Some(passage), ..MessageBody::default() },
        external_id: None,
        client_id: None,
        state: MessageState::Sent,
        failure: None,
        at: batch.now(),
        thumb: None,
    };
    messages::push(batch, tenant, &message, None, None)
}

/// The passages that were noted in a person's conversations: in which one, and what.
pub(super) async fn noted(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    person: &PersonId,
) -> Result<Vec<(ConversationId, Passage)>, StoreError> {
    batch.write_messages().await?;
    let rows = sqlx::query(
        "SELECT m.conversation_id, m.body FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id \
         AND c.id = m.conversation_id WHERE m.tenant_id = $1 AND c.person_id = $2 AND m.author = 'note' \
         AND m.body LIKE '%\"passage\":%' ORDER BY m.created_at, m.id",
    )
    .bind(tenant.as_str().to_owned())
    .bind(person.as_str().to_owned())
    .fetch_all(batch.connection().await?)
    .await?;
    let mut found = Vec::new();
    for row in rows {
        let body: MessageBody = row.json(1, "message")?;
        if let Some(passage) = body.passage {
            found.push((row.id(0)?, passage));
        }
    }
    Ok(found)
}

/// Says in both conversations that somebody was asked whether to go on with one in the other, and said no.
pub(super) async fn say_declined(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    (here, (there, channel)): (&ConversationId, (&ConversationId, &str)),
) -> Result<(), StoreError> {
    let rest = "FROM conversations WHERE tenant_id = $1 AND id = $2";
    let found: Vec<(String,)> = batch.gather(&["channel"], rest, vec![tenant.into(), here.into()]).await?;
    let Some((own,)) = found.into_iter().next() else { return Ok(()) };
    let line = |what, conversation: &ConversationId, channel: &str| Passage {
        what,
        conversation: conversation.clone(),
        channel: channel.to_owned(),
        with: None,
        agent: None,
    };
    say(batch, (tenant, there), line(PassageKind::Declined, here, &own)).await?;
    say(batch, (tenant, here), line(PassageKind::SaidNo, there, channel)).await?;
    log_update(batch, tenant, there).await.map(drop)
}

/// Says in conversations that a person got back, and in those that they went on from or to, that they are two people's again.
pub(super) async fn say_undone(
    batch: &mut Batch<'_>,
    (tenant, by): (&TenantId, &str),
    person: &PersonId,
) -> Result<(), StoreError> {
    let mut told = HashSet::new();
    let name = agents::find(batch.connection().await?, tenant, &AgentId::from_text(by)).await?;
    let agent = name.map(|agent| PassageAgent { id: agent.id, name: Some(agent.name) });
    for (own, passage) in noted(batch, tenant, person).await? {
        let other = passage.conversation;
        let joined = matches!(passage.what, PassageKind::WentOn | PassageKind::CameFrom);
        if !joined || !told.insert((own.clone(), other.clone())) {
            continue;
        }
        let rest = "FROM conversations c JOIN conversations o ON o.tenant_id = c.tenant_id AND o.id = $3 \
                    WHERE c.tenant_id = $1 AND c.id = $2 AND o.person_id <> c.person_id";
        let values = vec![tenant.into(), (&own).into(), (&other).into()];
        let apart: Vec<(String,)> = batch.gather(&["c.channel"], rest, values).await?;
        let Some((channel,)) = apart.into_iter().next() else { continue };
        let line = |conversation: &ConversationId, channel: String| Passage {
            what: PassageKind::Undone,
            conversation: conversation.clone(),
            channel,
            with: None,
            agent: agent.clone(),
        };
        say(batch, (tenant, &own), line(&other, passage.channel)).await?;
        say(batch, (tenant, &other), line(&own, channel)).await?;
        log_update(batch, tenant, &own).await?;
        log_update(batch, tenant, &other).await?;
    }
    Ok(())
}
