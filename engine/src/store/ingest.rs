//! Taking a message in: the person, the conversation, its number, and the wake-up, in one commit.

use channels::InboundMessage;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::lock_order::Touched;
use super::messages::{self, Author, Message, MessageBody, MessageState};
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ChannelAccountId, ConversationId, MessageId, PersonId, RowId, TenantId};

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

struct Numbers {
    conversation: ConversationId,
    turn: i64,
    seq: i64,
}

impl WriteOp for Ingest {
    type Output = Ingested;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        let (tenant, account) = (self.tenant.clone(), self.account.clone());
        vec![Touched::Thread { tenant, account, thread: self.message.thread.clone() }]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Ingested, StoreError> {
        if self.is_known(batch).await? {
            return Ok(Ingested::Duplicate);
        }
        let body = MessageBody::heard(self.message.content.clone());
        let numbers = match self.number(batch, &body).await? {
            Some(numbers) => numbers,
            None => self.open_conversation(batch, &body).await?,
        };
        let message = Message {
            id: batch.new_id(),
            conversation: numbers.conversation,
            seq: numbers.seq,
            author: Author::Customer,
            author_name: self.message.sender.display_name.clone(),
            body,
            external_id: Some(self.message.external_id.clone()),
            client_id: None,
            state: MessageState::Sent,
            failure: None,
            at: batch.now(),
            thumb: None,
        };
        self.store(batch, &message, numbers.turn).await?;
        Ok(Ingested::Accepted(Box::new(message)))
    }
}

impl Ingest {
    async fn is_known(&self, batch: &mut Batch<'_>) -> Result<bool, StoreError> {
        let key = (self.account.as_str().to_owned(), self.message.event_id.clone());
        if batch.taken_in.contains(&key) {
            return Ok(true);
        }
        let known = sqlx::query(
            "SELECT 1 FROM inbound WHERE tenant_id = $1 AND channel_account_id = $2 AND event_id = $3",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(key.0.clone())
        .bind(key.1.clone())
        .fetch_optional(&mut *batch.connection)
        .await?
        .is_some();
        if !known {
            batch.taken_in.insert(key);
        }
        Ok(known)
    }

    /// Numbers the message within its current conversation. The row stays locked until the commit, so numbers follow
    /// the order of commits.
    async fn number(&self, batch: &mut Batch<'_>, body: &MessageBody) -> Result<Option<Numbers>, StoreError> {
        let now = batch.now();
        let row = sqlx::query(
            "UPDATE conversations SET last_turn = last_turn + 1, last_message = last_message + 1, last_at = $1, \
             last_text = $2, last_author = 'customer', hints = $3, status = 'open', unanswered = unanswered + 1, \
             person_name = COALESCE($4, person_name) \
             WHERE tenant_id = $5 AND channel_account_id = $6 AND thread = $7 AND is_current = 1 \
             AND NOT (status = 'resolved' AND last_at < $8) RETURNING id, last_turn, last_message",
        )
        .bind(now.0)
        .bind(body.summary())
        .bind(self.hints()?)
        .bind(self.message.sender.display_name.clone())
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.message.thread.clone())
        .bind(now.0 - QUIET)
        .fetch_optional(&mut *batch.connection)
        .await?;
        row.map(|row| {
            Ok(Numbers {
                conversation: ConversationId::from_text(row.try_get::<String, _>(0)?),
                turn: row.try_get(1)?,
                seq: row.try_get(2)?,
            })
        })
        .transpose()
    }

    async fn open_conversation(
        &self,
        batch: &mut Batch<'_>,
        body: &MessageBody,
    ) -> Result<Numbers, StoreError> {
        let person = self.person(batch).await?;
        let id: ConversationId = batch.new_id();
        let now = batch.now();
        sqlx::query(
            "UPDATE conversations SET is_current = 0 \
             WHERE tenant_id = $1 AND channel_account_id = $2 AND thread = $3 AND is_current = 1",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.message.thread.clone())
        .execute(&mut *batch.connection)
        .await?;
        sqlx::query(
            "INSERT INTO conversations (tenant_id, id, channel_account_id, channel, thread, is_current, person_id, \
             person_name, status, control, language, state, hints, last_turn, done_turn, last_message, lease_token, \
             lease_until, last_text, last_author, last_at, unanswered, created_at) \
             VALUES ($1, $2, $3, $4, $5, 1, $6, $7, 'open', 'bot', $8, '', $9, 1, 0, 1, 0, 0, $10, 'customer', $11, 1, $11)",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(id.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.channel)
        .bind(self.message.thread.clone())
        .bind(person.as_str().to_owned())
        .bind(self.message.sender.display_name.clone())
        .bind(self.message.sender.language.clone())
        .bind(self.hints()?)
        .bind(body.summary())
        .bind(now.0)
        .execute(&mut *batch.connection)
        .await?;
        Ok(Numbers { conversation: id, turn: 1, seq: 1 })
    }

    /// The person behind the sender's address; both are made on first sight.
    async fn person(&self, batch: &mut Batch<'_>) -> Result<PersonId, StoreError> {
        let sender = &self.message.sender;
        let known = sqlx::query(
            "SELECT person_id FROM addresses WHERE tenant_id = $1 AND channel_account_id = $2 AND external_id = $3",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(sender.external_id.clone())
        .fetch_optional(&mut *batch.connection)
        .await?;
        if let Some(row) = known {
            return Ok(PersonId::from_text(row.try_get::<String, _>(0)?));
        }
        let person: PersonId = batch.new_id();
        let address: RowId = batch.new_id();
        let now = batch.now();
        sqlx::query(
            "INSERT INTO people (tenant_id, id, display_name, language, facts, created_at) VALUES ($1, $2, $3, $4, '{}', $5)",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(person.as_str().to_owned())
        .bind(sender.display_name.clone())
        .bind(sender.language.clone())
        .bind(now.0)
        .execute(&mut *batch.connection)
        .await?;
        sqlx::query(
            "INSERT INTO addresses (tenant_id, id, person_id, channel_account_id, external_id, display_name, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(address.as_str().to_owned())
        .bind(person.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(sender.external_id.clone())
        .bind(sender.display_name.clone())
        .bind(now.0)
        .execute(&mut *batch.connection)
        .await?;
        Ok(person)
    }

    async fn store(&self, batch: &mut Batch<'_>, message: &Message, turn: i64) -> Result<(), StoreError> {
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
        messages::push(batch, &self.tenant, message, Some(&sender), None)?;
        wake(batch, &self.tenant, &message.conversation, message.at).await
    }

    fn hints(&self) -> Result<String, StoreError> {
        serde_json::to_string(&self.message.hints).map_err(StoreError::corrupt("hint"))
    }
}

/// Marks a conversation as having something to hear. The rising `gen` is what keeps a wake-up from being lost while a
/// worker is about to forget the conversation.
pub(super) async fn wake(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    conversation: &ConversationId,
    at: Micros,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO ready (tenant_id, conversation_id, gen, ready_at) VALUES ($1, $2, 1, $3) \
         ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET gen = ready.gen + 1",
    )
    .bind(tenant.as_str().to_owned())
    .bind(conversation.as_str().to_owned())
    .bind(at.0)
    .execute(&mut *batch.connection)
    .await?;
    batch.made_ready = true;
    Ok(())
}

/// The id of the message that a platform names, for reactions, edits and receipts.
pub(super) async fn message_by_external_id(
    connection: &mut sqlx::AnyConnection,
    tenant: &TenantId,
    external_id: &str,
) -> Result<Option<MessageId>, StoreError> {
    let row = sqlx::query("SELECT id FROM messages WHERE tenant_id = $1 AND external_id = $2")
        .bind(tenant.as_str().to_owned())
        .bind(external_id.to_owned())
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(MessageId::from_text(row.try_get::<String, _>(0)?))).transpose()
}
