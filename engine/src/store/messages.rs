//! Messages: everything that was said in a conversation, by whom, and how far it came.

use std::collections::BTreeMap;

use channels::{Choice, Content, Part, Referral, TemplateUse};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::batch::Batch;
use super::columns::Columns as _;
use super::events::NewEvent;
use super::passing_on::Passage;
use super::{Store, StoreError};
use crate::clock::Micros;
use crate::ids::{ConversationId, MessageId, TenantId};

pub(super) const COLUMNS: &str = "tenant_id, id, conversation_id, seq, author, author_ref, author_name, body, \
                                  external_id, client_id, state, failure, turn_id, created_at, words";
pub(super) const SELECT: &str = "SELECT m.id, m.conversation_id, m.seq, m.author, m.author_name, m.body, m.external_id, \
     m.client_id, m.state, m.failure, m.created_at, \
     (SELECT f.value FROM feedback f WHERE f.tenant_id = m.tenant_id AND f.message_id = m.id AND f.source = 'customer' \
      ORDER BY f.created_at DESC LIMIT 1) FROM messages m";

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    Customer,
    Bot,
    Agent,
    /// A colleague's private note. It never leaves the house.
    Note,
    System,
}

impl Author {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Bot => "bot",
            Self::Agent => "agent",
            Self::Note => "note",
            Self::System => "system",
        }
    }

    pub(super) fn parse(text: &str) -> Self {
        match text {
            "customer" => Self::Customer,
            "bot" => Self::Bot,
            "agent" => Self::Agent,
            "note" => Self::Note,
            _ => Self::System,
        }
    }
}

/// How far a message of ours came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    Queued,
    /// Nobody knows whether the platform took it, and trying again could say it twice.
    Uncertain,
    Sent,
    Delivered,
    Read,
    Failed,
}

impl MessageState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Uncertain => "uncertain",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }

    pub(super) fn parse(text: &str) -> Self {
        match text {
            "queued" => Self::Queued,
            "uncertain" => Self::Uncertain,
            "delivered" => Self::Delivered,
            "read" => Self::Read,
            "failed" => Self::Failed,
            _ => Self::Sent,
        }
    }
}

/// A source that an answer names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitationLink {
    pub title: String,
    pub article: String,
}

/// What a message holds: what was heard, or what was said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MessageBody {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Content>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub citations: Vec<CitationLink>,
    /// What came with it: the advertisement or link that brought the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// The platform's id of the account that it was for, where that is none of ours: nobody here answers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_account: Option<String>,
    /// The reactions that stand on it now, one a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<ReactionMark>,
    /// When each of them last reacted or took a reaction back, as the platform says it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reacted_at: BTreeMap<String, i64>,
    /// Its earlier words, oldest first, where who wrote it has changed it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<String>,
    /// When its words were last changed, as the platform says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
    /// Who wrote it has taken it back: its words are gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// The platform may have taken it twice: an earlier try of it may have arrived, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
    /// Hidden from everybody but its author and us.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// The earlier message that it quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotes: Option<Quote>,
    /// To whom it speaks, where it answers a comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<CommentAnswer>,
    /// The message to many that it is one of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broadcast: Option<BroadcastMark>,
    /// The parts as only their reader may see them, sealed, where `parts` is what everybody else sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// The offer to go on elsewhere that it hands out: taken back, it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    /// What a note of our own says of another conversation of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passage: Option<Passage>,
    /// The template that says the same where the platform takes nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<TemplateUse>,
}

/// Which message to many somebody was sent, and with whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BroadcastMark {
    pub id: String,
    /// `people`, `audience` or `everybody`.
    pub way: String,
    /// What the audience is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A quoted message, by our name and by the platform's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    pub message: MessageId,
    pub external_id: String,
}

/// Who reads the answer to a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommentAnswer {
    /// Everybody, below the comment.
    Public,
    /// Its author alone: once, and within seven days.
    Private,
}

/// A person's reaction to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionMark {
    /// The platform's id of the person.
    pub by: String,
    pub emoji: String,
}

impl MessageBody {
    pub fn heard(content: Content) -> Self {
        Self { heard: Some(content), ..Self::default() }
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self { parts: vec![Part::Text { text: text.into() }], ..Self::default() }
    }

    /// Everything that can be read in it, in lower case: what a search looks into.
    pub fn words(&self) -> String {
        let heard = self.heard.iter().filter_map(Content::text);
        let said = self.parts.iter().flat_map(Part::words);
        heard.chain(said).collect::<Vec<_>>().join(" ").to_lowercase()
    }

    /// The first words, for lists.
    pub fn summary(&self) -> String {
        let text = match &self.heard {
            Some(content) => content.text().map_or_else(|| format!("[{}]", content.kind()), str::to_owned),
            None => self
                .parts
                .iter()
                .flat_map(Part::words)
                .find(|words| !words.is_empty())
                .unwrap_or_default()
                .to_owned(),
        };
        text.chars().take(140).collect()
    }
}

/// A stored message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    pub id: MessageId,
    pub conversation: ConversationId,
    pub seq: i64,
    pub author: Author,
    pub author_name: Option<String>,
    pub body: MessageBody,
    pub external_id: Option<String>,
    pub client_id: Option<String>,
    pub state: MessageState,
    pub failure: Option<String>,
    pub at: Micros,
    /// The customer's judgement of it: 1, -1 or none.
    pub thumb: Option<i64>,
}

pub(super) fn read(row: &AnyRow) -> Result<Message, StoreError> {
    Ok(Message {
        id: row.id(0)?,
        conversation: row.id(1)?,
        seq: row.try_get(2)?,
        author: Author::parse(&row.try_get::<String, _>(3)?),
        author_name: row.try_get(4)?,
        body: row.json(5, "message")?,
        external_id: row.try_get(6)?,
        client_id: row.try_get(7)?,
        state: MessageState::parse(&row.try_get::<String, _>(8)?),
        failure: row.try_get(9)?,
        at: row.time(10)?,
        thumb: row.try_get::<Option<i64>, _>(11)?.filter(|value| *value != 0),
    })
}

/// Collects a message and its live event into the batch.
pub(super) fn push(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    message: &Message,
    author_ref: Option<&str>,
    turn: Option<&str>,
) -> Result<(), StoreError> {
    batch.messages.push(vec![
        tenant.into(),
        (&message.id).into(),
        (&message.conversation).into(),
        message.seq.into(),
        message.author.as_str().into(),
        author_ref.into(),
        message.author_name.clone().into(),
        serde_json::to_string(&message.body).map_err(StoreError::corrupt("message"))?.into(),
        message.external_id.clone().into(),
        message.client_id.clone().into(),
        message.state.as_str().into(),
        message.failure.clone().into(),
        turn.into(),
        message.at.into(),
        super::json_rows::plain(&message.body.words()).into(),
    ]);
    log(batch, tenant, "message.created", message)
}

/// Logs what the live views show of a message.
pub(super) fn log(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    kind: &'static str,
    message: &Message,
) -> Result<(), StoreError> {
    let view = crate::views::MessageView::of(message);
    let data = serde_json::to_string(&serde_json::json!({ "message": view }))
        .map_err(StoreError::corrupt("message"))?;
    batch.log(NewEvent {
        tenant: tenant.clone(),
        kind,
        conversation: Some(message.conversation.clone()),
        data,
    });
    Ok(())
}

impl Store {
    /// A page of messages before `before` (or the newest), oldest first.
    pub async fn messages(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Message>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let sql = sqlx::AssertSqlSafe(format!(
            "{SELECT} WHERE m.tenant_id = $1 AND m.conversation_id = $2 AND m.seq < $3 ORDER BY m.seq DESC LIMIT $4"
        ));
        let rows = sqlx::query(sql)
            .bind(tenant.as_str().to_owned())
            .bind(conversation.as_str().to_owned())
            .bind(before.unwrap_or(i64::MAX))
            .bind(limit)
            .fetch_all(&mut *connection)
            .await?;
        rows.iter().rev().map(read).collect()
    }

    pub async fn message(&self, tenant: &TenantId, id: &MessageId) -> Result<Option<Message>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        find(&mut connection, tenant, id).await
    }

    /// The message of a conversation that a client sent under this id.
    pub async fn message_of_client(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
        client_id: &str,
    ) -> Result<Option<Message>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE {BY_CLIENT}"));
        let row = sqlx::query(sql)
            .bind(tenant.as_str().to_owned())
            .bind(conversation.as_str().to_owned())
            .bind(client_id.to_owned())
            .fetch_optional(&mut *connection)
            .await?;
        row.as_ref().map(read).transpose()
    }
}

pub(super) async fn find(
    connection: &mut sqlx::AnyConnection,
    tenant: &TenantId,
    id: &MessageId,
) -> Result<Option<Message>, StoreError> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE m.tenant_id = $1 AND m.id = $2"));
    let row = sqlx::query(sql)
        .bind(tenant.as_str().to_owned())
        .bind(id.as_str().to_owned())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The message of tenant $1 and conversation $2 with the client's id $3.
pub(super) const BY_CLIENT: &str = "m.tenant_id = $1 AND m.conversation_id = $2 AND m.client_id = $3";
