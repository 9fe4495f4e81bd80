//! Committing a turn: state, record, replies, handoff, events and the end of the lease, all or nothing.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::batch::{Batch, Outcomes, WriteOp};
use super::claim::{DONE, Lease};
use super::going_on::Moved;
use super::jobs::NewJob;
use super::json_rows::{Column, JsonRows, for_update, plain};
use super::lock_order::Touched;
use super::messages::{self, Author, Message, MessageBody, MessageState};
use super::passing_on::Came;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ConversationId, MessageId, RowId, TenantId};
use crate::moods::{self, MOODS};

/// A reply of the bot in this turn.
#[derive(Clone, Debug)]
pub struct NewReply {
    pub author: Author,
    pub author_name: Option<String>,
    pub body: MessageBody,
    /// True where the channel delivers by the event log and needs no outbox.
    pub live: bool,
}

/// A customer who asks for a person, or whom the bot cannot help.
#[derive(Clone, Debug)]
pub struct HandoffRequest {
    pub reason: String,
}

/// Everything one turn changes.
#[derive(Clone, Debug)]
pub struct TurnCommit {
    pub lease: Lease,
    pub inbound: RowId,
    pub message: MessageId,
    /// The number of this turn; it must follow the last one done.
    pub turn: i64,
    /// The dialogue's state as JSON.
    pub state: String,
    pub language: Option<String>,
    pub intent: Option<String>,
    pub sentiment: Option<String>,
    /// The message cannot wait; it abuses people.
    pub urgent: bool,
    pub toxic: bool,
    pub decision: String,
    /// Everything the decision saw, frozen for training, as JSON.
    pub record: String,
    /// What the console shows of the turn, as JSON.
    pub view: String,
    pub replies: Vec<NewReply>,
    pub handoff: Option<HandoffRequest>,
    /// Facts of the person to remember, as a JSON record; null forgets one. Others stay as they are.
    pub remember: Option<String>,
    /// What is to be done once the turn stands. A job takes the place of one that waits under the same name.
    pub jobs: Vec<NewJob>,
    /// What goes on here from now on, and no longer in another conversation of the person.
    pub moved: Option<Moved>,
    /// From where the person came just now, and what comes along.
    pub came: Option<Came>,
    /// Set when the message is parked instead of heard: the reason.
    pub parked: Option<String>,
    /// True when nothing else is known to wait, so the lease ends here too.
    pub last: bool,
}

impl Store {
    /// Commits a turn and returns the replies as stored. [`StoreError::Fenced`] means that another worker owns the
    /// conversation: the result must be dropped.
    pub async fn commit_turn(&self, commit: TurnCommit) -> Result<Vec<Message>, StoreError> {
        self.write(commit).await
    }
}

/// What the conversation was before the turn.
struct Locked {
    account: String,
    thread: String,
    hints: String,
    last_message: i64,
    control: String,
}

impl WriteOp for TurnCommit {
    type Output = Vec<Message>;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.lease.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        let moved = self.moved.as_ref().map(|moved| &moved.from);
        let came = self.came.as_ref().map(|came| &came.left.conversation);
        let touched = |conversation: &ConversationId| Touched::Conversation {
            tenant: self.lease.tenant.clone(),
            conversation: conversation.clone(),
        };
        std::iter::once(&self.lease.conversation).chain(moved).chain(came).map(touched).collect()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Vec<Message>, StoreError> {
        super::ingest::one(Self::run_all(&[self], batch).await?)
    }

    async fn run_all<'a>(
        changes: &'a [&'a Self],
        batch: &'a mut Batch<'_>,
    ) -> Result<Outcomes<Vec<Message>>, StoreError> {
        let mut owned = advance_conversations(changes, batch).await?;
        finish_inbound(&owned, changes, batch).await?;
        let mut outcomes = Vec::with_capacity(changes.len());
        let mut done = JsonRows::new(DONE);
        let mut ended = JsonRows::new(DONE);
        for (place, change) in changes.iter().enumerate() {
            let Some(locked) = owned.remove(&place) else {
                outcomes.push(Err(StoreError::Fenced));
                continue;
            };
            outcomes.push(Ok(change.record(batch, &locked).await?));
            let lease = &change.lease;
            done.push([json!(lease.tenant), json!(lease.conversation), json!(lease.gen_seen)]);
            if change.last {
                ended.push([json!(lease.tenant), json!(lease.conversation), json!(lease.gen_seen)]);
            }
        }
        super::claim::forget(batch, ended).await?;
        super::conversations::log_updates(batch, done).await?;
        Ok(outcomes)
    }
}

/// The fence: no conversation is found whose lease has gone to somebody else or whose turn is already done. Returns what
/// is known of those that are ours, by the place of their change, and moves them on.
async fn advance_conversations(
    changes: &[&TurnCommit],
    batch: &mut Batch<'_>,
) -> Result<HashMap<usize, Locked>, StoreError> {
    const KEYS: &[Column] =
        &[("o", "BIGINT"), ("n", "TEXT"), ("c", "TEXT"), ("t", "BIGINT"), ("d", "BIGINT")];
    let mut keys = JsonRows::new(KEYS);
    let mut seen = HashSet::new();
    for (place, change) in changes.iter().enumerate() {
        let lease = &change.lease;
        // A second change of the same conversation can only be another's, whose lease has ended.
        if !seen.insert((&lease.tenant, &lease.conversation)) {
            return Err(StoreError::Fenced);
        }
        let (token, done) = (json!(lease.token), json!(change.turn - 1));
        keys.push([json!(place), json!(lease.tenant), json!(lease.conversation), token, done]);
    }
    let columns = ["k.o", "c.channel_account_id", "c.thread", "c.hints", "c.last_message", "c.control"];
    let rest = format!(
        "FROM {} JOIN conversations c ON c.tenant_id = k.n AND c.id = k.c \
         WHERE c.lease_token = k.t AND c.done_turn = k.d {}",
        JsonRows::table(KEYS, batch.dialect, 1),
        for_update(batch.dialect)
    );
    let found: Vec<(usize, Locked)> = batch
        .gather::<(usize, String, String, String, i64, String)>(&columns, &rest, vec![keys.json().into()])
        .await?
        .into_iter()
        .map(|(place, account, thread, hints, last_message, control)| {
            (place, Locked { account, thread, hints, last_message, control })
        })
        .collect();
    let owned = HashMap::from_iter(found);
    write_advance(owned.keys().map(|place| changes[*place]), batch).await?;
    Ok(owned)
}

async fn write_advance(
    changes: impl Iterator<Item = &TurnCommit>,
    batch: &mut Batch<'_>,
) -> Result<(), StoreError> {
    /// Its keys, the turn, the state, language, intent, sentiment and its sign, whether it is urgent and toxic, number of
    /// replies, last text and its author, and when the lease ends.
    const ADVANCE: &[Column] = &[
        ("n", "TEXT"),
        ("c", "TEXT"),
        ("d", "BIGINT"),
        ("s", "TEXT"),
        ("l", "TEXT"),
        ("i", "TEXT"),
        ("e", "TEXT"),
        ("f", "TEXT"),
        ("g", "BIGINT"),
        ("h", "BIGINT"),
        ("m", "BIGINT"),
        ("x", "TEXT"),
        ("w", "TEXT"),
        ("u", "BIGINT"),
    ];
    let now = batch.now();
    let mut rows = JsonRows::new(ADVANCE);
    changes.for_each(|change| rows.push(change.advance_row(now)));
    if rows.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE conversations SET done_turn = k.d, state = k.s, language = COALESCE(k.l, language), \
         intent = COALESCE(k.i, intent), sentiment = COALESCE(k.e, sentiment), last_message = last_message + k.m, \
         moods = CASE WHEN k.f IS NULL THEN moods WHEN LENGTH(moods) < {MOODS} THEN moods || k.f \
         ELSE SUBSTR(moods, 2) || k.f END, \
         urgent = CASE WHEN k.g = 1 THEN 1 ELSE urgent END, toxic = CASE WHEN k.h = 1 THEN 1 ELSE toxic END, \
         last_text = COALESCE(k.x, last_text), last_author = COALESCE(k.w, last_author), \
         last_at = CASE WHEN k.m > 0 THEN $1 ELSE last_at END, \
         unanswered = CASE WHEN k.m > 0 THEN 0 ELSE unanswered END, lease_until = k.u FROM {} \
         WHERE conversations.tenant_id = k.n AND conversations.id = k.c",
        JsonRows::table(ADVANCE, batch.dialect, 2)
    );
    batch.later(sql, vec![now.into(), rows.json().into()]).await
}

async fn finish_inbound(
    owned: &HashMap<usize, Locked>,
    changes: &[&TurnCommit],
    batch: &mut Batch<'_>,
) -> Result<(), StoreError> {
    const COLUMNS: &[Column] = &[("n", "TEXT"), ("i", "TEXT"), ("s", "TEXT"), ("r", "TEXT")];
    let mut rows = JsonRows::new(COLUMNS);
    for (_, change) in changes.iter().enumerate().filter(|(place, _)| owned.contains_key(place)) {
        let state = if change.parked.is_some() { "parked" } else { "done" };
        let reason = change.parked.as_deref().map(plain);
        rows.push([json!(change.lease.tenant), json!(change.inbound), json!(state), json!(reason)]);
    }
    if rows.is_empty() {
        return Ok(());
    }
    let (now, expected) = (batch.now(), rows.len() as u64);
    let sql = format!(
        "UPDATE inbound SET state = k.s, park_reason = k.r, done_at = $1 FROM {} \
         WHERE inbound.tenant_id = k.n AND inbound.id = k.i AND inbound.state = 'pending'",
        JsonRows::table(COLUMNS, batch.dialect, 2)
    );
    let finished = batch.count(sql, vec![now.into(), rows.json().into()]).await?;
    if finished == expected { Ok(()) } else { Err(StoreError::Fenced) }
}

impl TurnCommit {
    fn advance_row(&self, now: Micros) -> [serde_json::Value; 14] {
        let lease = &self.lease;
        // A message or answer that arrives while an agent owns the conversation leaves the list's wording to the agent.
        let last = self.replies.last();
        [
            json!(lease.tenant),
            json!(lease.conversation),
            json!(self.turn),
            json!(self.state),
            json!(self.language),
            json!(self.intent),
            json!(self.sentiment),
            json!(self.sentiment.as_deref().and_then(moods::sign)),
            json!(i64::from(self.urgent)),
            json!(i64::from(self.toxic)),
            json!(self.replies.len()),
            json!(last.map(|reply| plain(&reply.body.summary()))),
            json!(last.map(|reply| reply.author.as_str())),
            json!(if self.last { 0 } else { now.plus_millis(lease.millis).0 }),
        ]
    }

    /// The turn's own rows and events.
    async fn record(&self, batch: &mut Batch<'_>, locked: &Locked) -> Result<Vec<Message>, StoreError> {
        let turn_id: RowId = batch.new_id();
        let now = batch.now();
        batch.turns.push(vec![
            (&self.lease.tenant).into(),
            (&turn_id).into(),
            (&self.lease.conversation).into(),
            self.turn.into(),
            (&self.message).into(),
            self.decision.clone().into(),
            self.record.clone().into(),
            now.into(),
        ]);
        batch.log(super::events::NewEvent {
            tenant: self.lease.tenant.clone(),
            kind: "turn.recorded",
            conversation: Some(self.lease.conversation.clone()),
            data: format!("{{\"turn\":{}}}", self.view),
        });
        let replies = self.push_replies(batch, locked, turn_id.as_str())?;
        if self.replies.iter().any(|reply| !reply.live) {
            let (tenant, conversation) = (&self.lease.tenant, &self.lease.conversation);
            super::outbox::spend_hints(batch, tenant, conversation, &locked.hints).await?;
        }
        self.change_owner(batch, locked).await?;
        if let Some(came) = &self.came {
            came.arrive(batch, (&self.lease.tenant, &self.lease.conversation)).await?;
        }
        if let Some(moved) = &self.moved {
            moved.leave(batch, &self.lease.tenant).await?;
        }
        for job in &self.jobs {
            super::jobs::put(batch, job).await?;
        }
        Ok(replies)
    }

    fn push_replies(
        &self,
        batch: &mut Batch<'_>,
        locked: &Locked,
        turn: &str,
    ) -> Result<Vec<Message>, StoreError> {
        let first = locked.last_message + 1;
        let mut destination = super::outbox::destination(&locked.thread, &locked.hints);
        let mut stored = Vec::with_capacity(self.replies.len());
        for (seq, reply) in (first..).zip(&self.replies) {
            let message = Message {
                id: batch.new_id(),
                conversation: self.lease.conversation.clone(),
                seq,
                author: reply.author,
                author_name: reply.author_name.clone(),
                body: reply.body.clone(),
                external_id: None,
                client_id: None,
                state: if reply.live { MessageState::Sent } else { MessageState::Queued },
                failure: None,
                at: batch.now(),
                thumb: None,
            };
            messages::push(batch, &self.lease.tenant, &message, None, Some(turn))?;
            if !reply.live {
                super::outbox::push(batch, &self.lease.tenant, &message, &locked.account, &destination)?;
                destination = super::outbox::without_spent(&destination);
            }
            stored.push(message);
        }
        Ok(stored)
    }

    async fn change_owner(&self, batch: &mut Batch<'_>, locked: &Locked) -> Result<(), StoreError> {
        let now = batch.now();
        if let Some(facts) = &self.remember {
            let (tenant, conversation) = (&self.lease.tenant, &self.lease.conversation);
            super::people::remember(batch, tenant, conversation, facts).await?;
        }
        // An agent who took over while the bot was thinking keeps the conversation.
        let Some(handoff) = self.handoff.as_ref().filter(|_| locked.control == "bot") else { return Ok(()) };
        wait_for_agent(batch, &self.lease, &handoff.reason, now).await
    }
}

async fn wait_for_agent(
    batch: &mut Batch<'_>,
    lease: &Lease,
    reason: &str,
    now: Micros,
) -> Result<(), StoreError> {
    let sql = "UPDATE conversations SET control = 'waiting', waiting_since = $1, handoff_reason = $2 \
               WHERE tenant_id = $3 AND id = $4";
    let values = vec![now.into(), reason.into(), (&lease.tenant).into(), (&lease.conversation).into()];
    batch.later(sql, values).await?;
    super::handoffs::open(batch, &lease.tenant, &lease.conversation, reason).await
}
