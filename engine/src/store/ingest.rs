//! Taking a message in: the person, the conversation, its number, and the wake-up, in one commit.

use std::collections::{BTreeMap, HashMap, HashSet};

use channels::InboundMessage;
use serde_json::json;

use super::batch::{Batch, Outcomes, WriteOp};
use super::early_changes::{self, Altered, Named};
use super::json_rows::{Column, JsonRows, plain};
use super::lock_order::Touched;
use super::messages::{self, Author, Message, MessageBody, MessageState, Quote};
use super::people::NewAddress;
use super::quoted;
use super::rows::Value;
use super::{Dialect, Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, ConversationId, RowId, TenantId};
use crate::pace::GROUP_HINT;

pub(super) const COLUMNS: &str = "tenant_id, id, channel_account_id, event_id, conversation_id, turn, message_id, \
                                  payload, state, attempts, accepted_at";
/// A resolved conversation that was quiet for so long is left; the next message opens a new one.
const QUIET: i64 = 7 * Micros::DAY;

/// A message to be taken in.
#[derive(Clone, Debug)]
pub struct Ingest {
    pub tenant: TenantId,
    pub account: ChannelAccountId,
    pub channel: &'static str,
    pub message: InboundMessage,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Ingested {
    Accepted(Box<Message>),
    /// The platform delivered it again: nothing changed.
    Duplicate,
}

impl Store {
    /// Returns after the commit: only then may the platform be told that we have it.
    pub async fn ingest(&self, ingest: Ingest) -> Result<Ingested, StoreError> {
        let ingested = self.write(ingest).await?;
        let outcome = if ingested == Ingested::Duplicate { "duplicate" } else { "accepted" };
        metrics::counter!("sala_inbound_total", "outcome" => outcome).increment(1);
        Ok(ingested)
    }
}

impl WriteOp for Ingest {
    type Output = Ingested;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        let (tenant, account) = (self.tenant.clone(), self.account.clone());
        let thread = Touched::Thread { tenant, account, thread: self.message.thread.clone() };
        std::iter::once(thread).chain(early_changes::names_of(self).map(Touched::Message)).collect()
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Ingested, StoreError> {
        one(Self::run_all(&[self], batch).await?)
    }

    async fn run_all<'a>(
        changes: &'a [&'a Self],
        batch: &'a mut Batch<'_>,
    ) -> Result<Outcomes<Ingested>, StoreError> {
        let (fresh, awaited) = fresh(changes, batch).await?;
        let altered = early_changes::alter(batch, &fresh, &awaited).await?;
        let as_taken = |one: &&'a Self| altered.get(&one.key()).map_or(*one, |(one, _)| one);
        let quotes = quoted::quotes(batch, &fresh).await?;
        let mut threads = Threads::of(fresh.iter().map(as_taken));
        threads.number(batch).await?;
        for thread in threads.0.values_mut().filter(|thread| thread.numbers.is_none()) {
            thread.open_conversation(batch).await?;
        }
        let mut accepted = HashMap::new();
        for thread in threads.0.values() {
            for (message, event) in thread.store(batch, (&altered, &quotes))? {
                accepted.insert(event, message);
            }
        }
        let conversations = threads.0.values().filter_map(|thread| {
            let numbers = thread.numbers.as_ref()?;
            Some((&thread.newest().tenant, &numbers.conversation))
        });
        wake(batch, conversations.collect()).await?;
        Ok(changes
            .iter()
            .map(|change| match accepted.remove(&change.key()) {
                Some(message) => Ok(Ingested::Accepted(Box::new(message))),
                None => Ok(Ingested::Duplicate),
            })
            .collect())
    }
}

/// Names the account of the platform that a message was for, where it is none of ours.
pub const FOR_ACCOUNT_HINT: &str = "for_account";

/// The only outcome.
pub(super) fn one<Output>(outcomes: Outcomes<Output>) -> Result<Output, StoreError> {
    outcomes.into_iter().next().unwrap_or(Err(StoreError::Unusable("a change has no outcome".into())))
}

/// What makes a platform's event the same event.
pub(super) type EventKey = (String, String, String);

impl Ingest {
    pub(super) fn key(&self) -> EventKey {
        let (tenant, account) = (self.tenant.as_str(), self.account.as_str());
        (tenant.to_owned(), account.to_owned(), self.message.event_id.clone())
    }

    fn hints(&self) -> Result<String, StoreError> {
        let group = self.message.group.then(|| (GROUP_HINT.to_owned(), "1".to_owned()));
        let hints = self.message.hints.iter().filter(|(name, _)| name != FOR_ACCOUNT_HINT);
        let hints: Vec<&(String, String)> = hints.chain(&group).collect();
        serde_json::to_string(&hints).map_err(StoreError::corrupt("hint"))
    }

    pub(super) fn body(&self) -> MessageBody {
        let referral = self.message.referral.clone();
        let named = self.message.hints.iter().find(|(name, _)| name == FOR_ACCOUNT_HINT);
        let for_account = named.map(|(_, id)| id.clone());
        MessageBody { referral, for_account, ..MessageBody::heard(self.message.content.clone()) }
    }

    fn name(&self) -> Option<String> {
        self.message.sender.display_name.as_deref().map(channels::kept_name).filter(|name| !name.is_empty())
    }
}

/// Those that were not taken in before, the first of each where one came twice, and the names of messages for which a
/// change waits.
async fn fresh<'a>(
    changes: &[&'a Ingest],
    batch: &mut Batch<'_>,
) -> Result<(Vec<&'a Ingest>, HashSet<Named>), StoreError> {
    const KEYS: &[Column] = &[("n", "TEXT"), ("a", "TEXT"), ("e", "TEXT"), ("m", "TEXT")];
    let mut keys = JsonRows::new(KEYS);
    for change in changes {
        let (event, message) = (&change.message.event_id, &change.message.external_id);
        keys.push([json!(change.tenant), json!(change.account), json!(event), json!(message)]);
    }
    let table = JsonRows::table(KEYS, batch.dialect, 1);
    let rest = format!(
        "FROM (SELECT i.tenant_id AS t, i.channel_account_id AS a, i.event_id AS e, 0 AS early FROM inbound i \
         WHERE (i.tenant_id, i.channel_account_id, i.event_id) IN (SELECT k.n, k.a, k.e FROM {table}) UNION ALL \
         SELECT c.tenant_id, c.channel_account_id, c.external_id, 1 FROM early_changes c \
         WHERE (c.tenant_id, c.channel_account_id, c.external_id) IN (SELECT k.n, k.a, k.m FROM {table})) f"
    );
    let columns = ["f.t", "f.a", "f.e", "f.early"];
    let found: Vec<(String, String, String, i64)> =
        batch.gather(&columns, &rest, vec![keys.json().into()]).await?;
    let (mut known, mut awaited) = (HashSet::<EventKey>::new(), HashSet::<Named>::new());
    for (tenant, account, id, early) in found {
        let names = if early == 1 { &mut awaited } else { &mut known };
        names.insert((tenant, account, id));
    }
    let fresh = changes.iter().copied().filter(|change| known.insert(change.key())).collect();
    Ok((fresh, awaited))
}

/// The threads of a batch's messages.
struct Threads<'a>(BTreeMap<ThreadKey, Thread<'a>>);

/// Tenant, channel account and the platform's id of the thread.
type ThreadKey = (String, String, String);

/// New messages of one thread, in the order in which they came, and the numbers that they get.
struct Thread<'a> {
    messages: Vec<&'a Ingest>,
    numbers: Option<Numbers>,
}

struct Numbers {
    conversation: ConversationId,
    last_turn: i64,
    last_seq: i64,
}

impl<'a> Threads<'a> {
    fn of(messages: impl Iterator<Item = &'a Ingest>) -> Self {
        let mut threads = BTreeMap::new();
        for one in messages {
            let (tenant, account) = (one.tenant.as_str(), one.account.as_str());
            let key = (tenant.to_owned(), account.to_owned(), one.message.thread.clone());
            let thread = threads.entry(key).or_insert_with(|| Thread { messages: Vec::new(), numbers: None });
            thread.messages.push(one);
        }
        Self(threads)
    }

    /// Numbers the messages within the current conversations. The rows stay locked until the commit, so numbers follow
    /// the order of commits.
    async fn number(&mut self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        const KEYS: &[Column] = &[("n", "TEXT"), ("a", "TEXT"), ("t", "TEXT")];
        let mut keys = JsonRows::new(KEYS);
        for (tenant, account, thread) in self.0.keys() {
            keys.push([json!(tenant), json!(account), json!(thread)]);
        }
        if keys.is_empty() {
            return Ok(());
        }
        // What was there as the batch began is ours. One that another node has opened since is not waited for, as that would
        // be out of order: opening it again fails, and the batch is tried again.
        let lock = match batch.dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres => "FOR NO KEY UPDATE OF c SKIP LOCKED",
        };
        let columns = ["k.n", "k.a", "k.t", "c.id", "c.last_turn", "c.last_message"];
        let rest = format!(
            "FROM {} JOIN conversations c ON c.tenant_id = k.n AND c.channel_account_id = k.a AND c.thread = k.t \
             AND c.is_current = 1 WHERE NOT (c.status = 'resolved' AND c.last_at < $2) {lock}",
            JsonRows::table(KEYS, batch.dialect, 1),
        );
        let values = vec![keys.json().into(), (batch.now().0 - QUIET).into()];
        let found: Vec<(String, String, String, ConversationId, i64, i64)> =
            batch.gather(&columns, &rest, values).await?;
        for (tenant, account, thread, conversation, last_turn, last_seq) in found {
            let Some(one) = self.0.get_mut(&(tenant, account, thread)) else { continue };
            let count = one.messages.len() as i64;
            let (last_turn, last_seq) = (last_turn + count, last_seq + count);
            one.numbers = Some(Numbers { conversation, last_turn, last_seq });
        }
        self.note_newest(batch).await
    }

    /// Writes the new numbers and what lists show of the newest message.
    async fn note_newest(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        const COLUMNS: &[Column] = &[
            ("n", "TEXT"),
            ("i", "TEXT"),
            ("c", "BIGINT"),
            ("x", "TEXT"),
            ("h", "TEXT"),
            ("p", "TEXT"),
            ("u", "BIGINT"),
            ("s", "BIGINT"),
        ];
        let mut rows = JsonRows::new(COLUMNS);
        for one in self.0.values() {
            let Some(numbers) = &one.numbers else { continue };
            let newest = one.newest();
            rows.push([
                json!(newest.tenant),
                json!(numbers.conversation),
                json!(one.messages.len()),
                json!(one.summary()),
                json!(newest.hints()?),
                json!(newest.name()),
                json!(one.unanswered()),
                json!(one.written_at(batch.now()).0),
            ]);
        }
        if rows.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "UPDATE conversations SET last_turn = last_turn + k.c, last_message = last_message + k.c, last_at = $1, \
             last_text = k.x, last_author = 'customer', hints = k.h, status = 'open', unanswered = unanswered + k.u, \
             heard_at = CASE WHEN heard_at > k.s THEN heard_at ELSE k.s END, \
             person_name = COALESCE(k.p, person_name) FROM {} \
             WHERE conversations.tenant_id = k.n AND conversations.id = k.i",
            JsonRows::table(COLUMNS, batch.dialect, 2)
        );
        let now = batch.now();
        batch.later(sql, vec![now.into(), rows.json().into()]).await
    }
}

impl Thread<'_> {
    /// A thread has at least one message.
    fn newest(&self) -> &Ingest {
        self.messages[self.messages.len() - 1]
    }

    /// How many of them somebody wants an answer to.
    fn unanswered(&self) -> i64 {
        let asks = |one: &&&Ingest| one.message.addressed && one.message.content.wants_answer();
        self.messages.iter().filter(asks).count() as i64
    }

    /// When the latest of them was written, as the platform says it: its window for answers begins there, however late
    /// the webhook came.
    fn written_at(&self, now: Micros) -> Micros {
        let times = self.messages.iter().map(|one| one.message.sent_at);
        times.filter(|time| (1..=now.0).contains(time)).max().map_or(now, Micros)
    }

    fn summary(&self) -> String {
        plain(&MessageBody::heard(self.newest().message.content.clone()).summary())
    }

    async fn open_conversation(&mut self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let first = self.messages[0];
        let (sender, name) = (&first.message.sender, first.name());
        let address = NewAddress {
            tenant: &first.tenant,
            account: &first.account,
            external_id: &sender.external_id,
            name: name.as_deref(),
            language: sender.language.as_deref(),
            username: sender.username.as_deref().filter(|_| !first.message.group),
            phone: sender.phone.as_deref().filter(|_| !first.message.group),
        };
        let person = address.person(batch).await?;
        let id: ConversationId = batch.new_id();
        let (now, count) = (batch.now(), self.messages.len() as i64);
        // Only one that was left: what another node has opened meanwhile is met by the insert, and this batch is tried again.
        let left = "UPDATE conversations SET is_current = 0 WHERE tenant_id = $1 AND channel_account_id = $2 \
                    AND thread = $3 AND is_current = 1 AND status = 'resolved' AND last_at < $4";
        let (tenant, account) = (Value::from(&first.tenant), Value::from(&first.account));
        let thread = Value::from(first.message.thread.as_str());
        let values = vec![tenant.clone(), account.clone(), thread.clone(), (now.0 - QUIET).into()];
        batch.later(left, values).await?;
        let opened = "INSERT INTO conversations (tenant_id, id, channel_account_id, channel, thread, is_current, person_id, \
             person_name, status, control, language, state, hints, last_turn, done_turn, last_message, lease_token, \
             lease_until, last_text, last_author, last_at, unanswered, created_at, heard_at, home_person_id) \
             VALUES ($1, $2, $3, $4, $5, 1, $6, $7, 'open', 'bot', $8, '', $9, $12, 0, $12, 0, 0, $10, 'customer', $11, $13, \
             $11, $15, (SELECT a.home_person_id FROM addresses a WHERE a.tenant_id = $1 AND a.channel_account_id = $3 \
             AND a.external_id = $14))";
        let values = vec![
            tenant,
            (&id).into(),
            account,
            first.channel.into(),
            thread,
            (&person).into(),
            name.into(),
            sender.language.clone().into(),
            self.newest().hints()?.into(),
            self.summary().into(),
            now.into(),
            count.into(),
            self.unanswered().into(),
            sender.external_id.as_str().into(),
            self.written_at(now).into(),
        ];
        batch.later(opened, values).await?;
        self.numbers = Some(Numbers { conversation: id, last_turn: count, last_seq: count });
        Ok(())
    }

    /// Puts the messages into the batch; returns them with the events that they were.
    fn store(
        &self,
        batch: &mut Batch<'_>,
        (altered, quotes): (&Altered, &HashMap<EventKey, Quote>),
    ) -> Result<Vec<(Message, EventKey)>, StoreError> {
        let Some(numbers) = &self.numbers else { return Ok(Vec::new()) };
        let before = self.messages.len() as i64;
        let mut stored = Vec::with_capacity(self.messages.len());
        for (place, one) in (1..).zip(&self.messages) {
            let body = altered.get(&one.key()).map_or_else(|| one.body(), |(_, body)| body.clone());
            let message = Message {
                id: batch.new_id(),
                conversation: numbers.conversation.clone(),
                seq: numbers.last_seq - before + place,
                author: Author::Customer,
                author_name: one.name(),
                body: MessageBody { quotes: quotes.get(&one.key()).cloned(), ..body },
                external_id: Some(one.message.external_id.clone()),
                client_id: None,
                state: MessageState::Sent,
                failure: None,
                at: batch.now(),
                thumb: None,
            };
            one.push(batch, &message, numbers.last_turn - before + place)?;
            stored.push((message, one.key()));
        }
        Ok(stored)
    }
}

impl Ingest {
    fn push(&self, batch: &mut Batch<'_>, message: &Message, turn: i64) -> Result<(), StoreError> {
        let id: RowId = batch.new_id();
        let payload = serde_json::to_string(&self.message).map_err(StoreError::corrupt("inbound message"))?;
        batch.inbound.push(vec![
            (&self.tenant).into(),
            (&id).into(),
            self.account.as_str().into(),
            self.message.event_id.clone().into(),
            (&message.conversation).into(),
            turn.into(),
            (&message.id).into(),
            payload.into(),
            "pending".into(),
            0.into(),
            message.at.into(),
        ]);
        let sender = self.message.sender.external_id.clone();
        messages::push(batch, &self.tenant, message, Some(&sender), None)
    }
}

/// Marks conversations as having something to hear. The rising `gen` is what keeps a wake-up from being lost while a
/// worker is about to forget the conversation.
pub(super) async fn wake(
    batch: &mut Batch<'_>,
    conversations: Vec<(&TenantId, &ConversationId)>,
) -> Result<(), StoreError> {
    const KEYS: &[Column] = &[("n", "TEXT"), ("c", "TEXT")];
    if conversations.is_empty() {
        return Ok(());
    }
    let mut keys = JsonRows::new(KEYS);
    for (tenant, conversation) in conversations {
        keys.push([json!(tenant), json!(conversation)]);
    }
    // "WHERE true" tells SQLite that ON belongs to the insert and not to a join.
    let sql = format!(
        "INSERT INTO ready (tenant_id, conversation_id, gen, ready_at) SELECT k.n, k.c, 1, $1 FROM {} WHERE true \
         ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET gen = ready.gen + 1",
        JsonRows::table(KEYS, batch.dialect, 2)
    );
    let now = batch.now();
    batch.later(sql, vec![now.into(), keys.json().into()]).await?;
    batch.made_ready = true;
    Ok(())
}
