//! Past conversations, written as history: for the demo company and for tests of pages.

use super::batch::{Batch, WriteOp};
use super::messages::{self, Author, Message, MessageBody, MessageState};
use super::people::NewAddress;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{AgentId, ChannelAccountId, ConversationId, PersonId, TenantId};

/// One conversation that has already happened.
#[derive(Clone, Debug)]
pub struct SeedConversation {
    pub tenant: TenantId,
    pub account: ChannelAccountId,
    pub channel: String,
    pub thread: String,
    pub person_name: String,
    pub language: String,
    /// `open` or `resolved`.
    pub status: String,
    pub agent: Option<AgentId>,
    /// Set when the customer waits for a person: the reason.
    pub waiting: Option<String>,
    pub intent: Option<String>,
    pub sentiment: Option<String>,
    pub messages: Vec<SeedMessage>,
}

#[derive(Clone, Debug)]
pub struct SeedMessage {
    pub author: Author,
    pub author_name: Option<String>,
    pub body: MessageBody,
    pub at: Micros,
}

impl Store {
    /// Writes conversations that have already happened. A thread that has a conversation is left alone.
    pub async fn seed_conversation(&self, conversation: SeedConversation) -> Result<(), StoreError> {
        self.write(conversation).await
    }
}

impl WriteOp for SeedConversation {
    type Output = ();

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<(), StoreError> {
        if self.has_conversation(batch).await? {
            return Ok(());
        }
        let conversation: ConversationId = batch.new_id();
        let person = self.person(batch).await?;
        self.add_conversation(batch, &person, &conversation).await?;
        if let Some(reason) = &self.waiting {
            super::handoffs::open(batch, &self.tenant, &conversation, reason).await?;
        }
        for (seq, message) in (1i64..).zip(&self.messages) {
            let message = Message {
                id: batch.new_id(),
                conversation: conversation.clone(),
                seq,
                author: message.author,
                author_name: message.author_name.clone(),
                body: message.body.clone(),
                external_id: None,
                client_id: None,
                state: MessageState::Read,
                failure: None,
                at: message.at,
                thumb: None,
            };
            messages::push(batch, &self.tenant, &message, None, None)?;
        }
        Ok(())
    }
}

impl SeedConversation {
    async fn has_conversation(&self, batch: &mut Batch<'_>) -> Result<bool, StoreError> {
        let found = sqlx::query(
            "SELECT 1 FROM conversations WHERE tenant_id = $1 AND channel_account_id = $2 AND thread = $3 AND is_current = 1",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.thread.clone())
        .fetch_optional(batch.connection().await?)
        .await?;
        Ok(found.is_some())
    }

    async fn person(&self, batch: &mut Batch<'_>) -> Result<PersonId, StoreError> {
        let address = NewAddress {
            tenant: &self.tenant,
            account: &self.account,
            external_id: &self.thread,
            name: Some(&self.person_name),
            language: Some(&self.language),
            username: None,
            phone: None,
        };
        address.person(batch).await
    }

    async fn add_conversation(
        &self,
        batch: &mut Batch<'_>,
        person: &PersonId,
        conversation: &ConversationId,
    ) -> Result<(), StoreError> {
        let control = match (&self.waiting, &self.agent) {
            (Some(_), _) => "waiting",
            (None, Some(_)) if self.status == "open" => "agent",
            _ => "bot",
        };
        let (first, last) = (self.messages.first(), self.messages.last());
        let last_at = last.map_or_else(|| batch.now(), |message| message.at);
        let heard = self.messages.iter().filter(|message| message.author == Author::Customer).count() as i64;
        sqlx::query(
            "INSERT INTO conversations (tenant_id, id, channel_account_id, channel, thread, is_current, person_id, \
             person_name, status, control, control_ref, language, state, hints, last_turn, done_turn, last_message, \
             lease_token, lease_until, last_text, last_author, last_at, waiting_since, handoff_reason, intent, sentiment, \
             moods, unanswered, created_at) VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, $11, '', '[]', $12, $12, $13, 0, 0, \
             $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(conversation.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.channel.clone())
        .bind(self.thread.clone())
        .bind(person.as_str().to_owned())
        .bind(self.person_name.clone())
        .bind(self.status.clone())
        .bind(control)
        .bind(self.agent.as_ref().map(|agent| agent.as_str().to_owned()).filter(|_| control == "agent"))
        .bind(self.language.clone())
        .bind(heard)
        .bind(self.messages.len() as i64)
        .bind(last.map(|message| message.body.summary()))
        .bind(last.map(|message| message.author.as_str().to_owned()))
        .bind(last_at.0)
        .bind(self.waiting.as_ref().map(|_| last_at.0))
        .bind(self.waiting.clone())
        .bind(self.intent.clone())
        .bind(self.sentiment.clone())
        .bind(self.sentiment.as_deref().and_then(crate::moods::sign).unwrap_or_default())
        .bind(i64::from(last.is_some_and(|message| message.author == Author::Customer)))
        .bind(first.map_or(last_at, |message| message.at).0)
        .execute(batch.connection().await?)
        .await?;
        Ok(())
    }
}
