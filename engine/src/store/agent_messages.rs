//! What agents write: a reply or a note, once for each of their clients' ids, and never past a colleague's answer.

use channels::Part;
use sqlx::Row;

use super::batch::{Batch, WriteOp};
use super::lock_order::Touched;
use super::messages::{
    Author, BY_CLIENT, CommentAnswer, Message, MessageBody, MessageState, Quote, SELECT, push, read,
};
use super::{Store, StoreError};
use crate::ids::{AgentId, ConversationId, TenantId};

/// A reply or note that an agent wrote.
#[derive(Clone, Debug)]
pub struct NewAgentMessage {
    pub tenant: TenantId,
    pub conversation: ConversationId,
    pub agent: AgentId,
    pub agent_name: String,
    pub client_id: String,
    pub text: String,
    /// True for a private note, which is never sent.
    pub note: bool,
    /// The newest message the agent had seen; a colleague's later reply is a conflict.
    pub seen_seq: i64,
    /// True where the channel delivers by the event log and needs no outbox.
    pub live: bool,
    pub quotes: Option<Quote>,
    pub answer: Option<CommentAnswer>,
}

/// What became of an agent's message.
#[derive(Clone, Debug, PartialEq)]
pub enum Posted {
    /// Stored now, or earlier under the same client id.
    Message(Box<Message>),
    /// A colleague answered meanwhile: nothing was stored.
    Collision(Vec<Message>),
}

impl Store {
    /// Stores an agent's reply (and its outbox row) or note.
    pub async fn post_agent_message(&self, message: NewAgentMessage) -> Result<Posted, StoreError> {
        self.write(PostAgentMessage(message, None)).await
    }

    /// The same where the reply is more than its text.
    pub async fn post_agent_parts(
        &self,
        message: NewAgentMessage,
        parts: Vec<Part>,
    ) -> Result<Posted, StoreError> {
        self.post_agent_body(message, MessageBody { parts, ..MessageBody::default() }).await
    }

    /// The same with everything that a message holds.
    pub async fn post_agent_body(
        &self,
        message: NewAgentMessage,
        body: MessageBody,
    ) -> Result<Posted, StoreError> {
        self.write(PostAgentMessage(message, Some(body))).await
    }
}

struct PostAgentMessage(NewAgentMessage, Option<MessageBody>);

impl WriteOp for PostAgentMessage {
    type Output = Posted;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.0.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        vec![Touched::Conversation {
            tenant: self.0.tenant.clone(),
            conversation: self.0.conversation.clone(),
        }]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Posted, StoreError> {
        let new = &self.0;
        // Taking the conversation's row first keeps two agents from passing each other.
        sqlx::query("UPDATE conversations SET last_message = last_message WHERE tenant_id = $1 AND id = $2")
            .bind(new.tenant.as_str().to_owned())
            .bind(new.conversation.as_str().to_owned())
            .execute(batch.connection().await?)
            .await?;
        let last_text: String = new.text.chars().take(140).collect();
        let sql = if new.note { NOTE } else { REPLY };
        if let Some(message) = self.earlier(batch).await? {
            return Ok(Posted::Message(Box::new(message)));
        }
        let rivals = self.rivals(batch).await?;
        if !rivals.is_empty() {
            return Ok(Posted::Collision(rivals));
        }
        let now = batch.now();
        let row = sqlx::query(sql)
            .bind(now.0)
            .bind(last_text)
            .bind(new.tenant.as_str().to_owned())
            .bind(new.conversation.as_str().to_owned())
            .fetch_optional(batch.connection().await?)
            .await?
            .ok_or(StoreError::NotFound("conversation"))?;
        let message = Message {
            id: batch.new_id(),
            conversation: new.conversation.clone(),
            seq: row.try_get(0)?,
            author: if new.note { Author::Note } else { Author::Agent },
            author_name: Some(new.agent_name.clone()),
            body: MessageBody {
                quotes: new.quotes.clone(),
                answer: new.answer,
                ..self.1.clone().unwrap_or_else(|| MessageBody::text(new.text.clone()))
            },
            external_id: None,
            client_id: Some(new.client_id.clone()),
            state: if new.note || new.live { MessageState::Sent } else { MessageState::Queued },
            failure: None,
            at: now,
            thumb: None,
        };
        push(batch, &new.tenant, &message, Some(new.agent.as_str()), None)?;
        if message.state == MessageState::Queued {
            let account: String = row.try_get(1)?;
            let hints: String = row.try_get(3)?;
            let destination = super::outbox::destination(&row.try_get::<String, _>(2)?, &hints);
            super::outbox::push(batch, &new.tenant, &message, &account, &destination)?;
            super::outbox::spend_hints(batch, &new.tenant, &new.conversation, &hints).await?;
        }
        super::conversations::log_update(batch, &new.tenant, &new.conversation).await?;
        // Later operations of this batch must see the message when they look for client ids and rivals.
        batch.write_messages().await?;
        Ok(Posted::Message(Box::new(message)))
    }
}

const REPLY: &str = "UPDATE conversations SET last_message = last_message + 1, last_at = $1, last_text = $2, \
     last_author = 'agent', unanswered = 0, urgent = 0, toxic = 0 WHERE tenant_id = $3 AND id = $4 \
     RETURNING last_message, channel_account_id, thread, hints";
const NOTE: &str = "UPDATE conversations SET last_message = last_message + 1, last_at = $1, last_text = COALESCE(last_text, $2) \
     WHERE tenant_id = $3 AND id = $4 RETURNING last_message, channel_account_id, thread, hints";

impl PostAgentMessage {
    async fn earlier(&self, batch: &mut Batch<'_>) -> Result<Option<Message>, StoreError> {
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE {BY_CLIENT}"));
        let row = sqlx::query(sql)
            .bind(self.0.tenant.as_str().to_owned())
            .bind(self.0.conversation.as_str().to_owned())
            .bind(self.0.client_id.clone())
            .fetch_optional(batch.connection().await?)
            .await?;
        row.as_ref().map(read).transpose()
    }

    async fn rivals(&self, batch: &mut Batch<'_>) -> Result<Vec<Message>, StoreError> {
        if self.0.note {
            return Ok(Vec::new());
        }
        let sql = sqlx::AssertSqlSafe(format!(
            "{SELECT} WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND m.seq > $3 AND m.author = 'agent' \
             AND m.author_ref <> $4 ORDER BY m.seq"
        ));
        let rows = sqlx::query(sql)
            .bind(self.0.tenant.as_str().to_owned())
            .bind(self.0.conversation.as_str().to_owned())
            .bind(self.0.seen_seq)
            .bind(self.0.agent.as_str().to_owned())
            .fetch_all(batch.connection().await?)
            .await?;
        rows.iter().map(read).collect()
    }
}
