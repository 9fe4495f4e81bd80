//! Conversations: one thread of one channel account, and who owns its next word.

use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, Row};

use super::batch::{Batch, WriteOp};
use super::conversation_row::{COLUMNS, ConversationRow};
use super::events::NewEvent;
use super::json_rows::{JsonRows, fetch_gathered, gathered};
use super::lock_order::Touched;
use super::{Dialect, Store, StoreError};
use crate::clock::Micros;
use crate::ids::{AgentId, ConversationId, PersonId, TenantId};

/// How many conversations, newest first, a search reads the messages of.
const SEARCHED_CONVERSATIONS: i64 = 1000;
/// How many messages of each, newest first.
const SEARCHED_MESSAGES: i64 = 500;

/// Threads with a colleague's own address: nobody there is a customer.
pub(super) const OF_COLLEAGUES: &str = "(c.channel_account_id, c.thread) IN (SELECT a.channel_account_id, a.external_id \
    FROM agent_addresses l JOIN addresses a ON a.tenant_id = l.tenant_id AND a.id = l.address_id \
    JOIN agents g ON g.tenant_id = l.tenant_id AND g.id = l.agent_id AND g.disabled = 0 \
    WHERE l.tenant_id = $1 AND l.unlinked_at IS NULL)";
/// Comments below posts that neither the bot nor a person has answered.
const OPEN_COMMENTS: &str = "c.control = 'bot' AND c.unanswered > 0 AND c.thread LIKE 'comment:%'";

/// Who owns the next word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "control", rename_all = "snake_case")]
pub enum Control {
    Bot,
    /// The customer waits for a person; the bot says nothing but that.
    Waiting,
    Agent {
        id: AgentId,
        name: Option<String>,
    },
}

impl Control {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Waiting => "waiting",
            Self::Agent { .. } => "agent",
        }
    }

    pub(super) fn parse(text: &str, agent: Option<String>, name: Option<String>) -> Self {
        match (text, agent) {
            ("agent", Some(id)) => Self::Agent { id: AgentId::from_text(id), name },
            ("waiting", _) => Self::Waiting,
            _ => Self::Bot,
        }
    }
}

/// A conversation as lists and headers show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Conversation {
    pub id: ConversationId,
    pub channel_account: String,
    pub channel: String,
    pub thread: String,
    pub person: PersonId,
    pub person_name: Option<String>,
    /// `open` or `resolved`.
    pub status: String,
    pub control: Control,
    pub language: Option<String>,
    pub last_text: Option<String>,
    pub last_author: Option<String>,
    pub last_at: Micros,
    pub last_seq: i64,
    pub waiting_since: Option<Micros>,
    pub handoff_reason: Option<String>,
    pub intent: Option<String>,
    pub sentiment: Option<String>,
    /// How the last heard messages feel (see [`crate::moods`]).
    pub moods: String,
    /// Something heard since one of ours last wrote cannot wait, or abuses people.
    pub urgent: bool,
    pub toxic: bool,
    /// Customer messages since the last answer of ours.
    pub unanswered: i64,
    /// When the person last wrote; zero where that is not known.
    pub heard_at: Micros,
    /// How far our last word came, where nobody has spoken since.
    pub last_state: Option<String>,
    /// Several people share the thread: what their group is called, empty where the platform does not tell.
    pub group: Option<String>,
    /// The colleague whose own address it is.
    pub colleague: Option<String>,
}

impl Conversation {
    /// True for what is said below a post: it is answered there, or to its author alone.
    pub fn is_comment(&self) -> bool {
        self.thread.starts_with(channels::COMMENT_THREAD)
    }
}

/// The tabs of the conversation list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tab {
    Mine,
    Waiting,
    /// Comments that nobody has answered.
    Comments,
    All,
}

#[derive(Clone, Debug)]
pub struct ConversationFilter {
    pub tab: Tab,
    /// `open` or `resolved`.
    pub status: String,
    /// Part of the person's name, user name or number, or of a message's text, whether in capitals or not; nothing in it is a pattern. Looked
    /// for in the newest [`SEARCHED_MESSAGES`] of the newest [`SEARCHED_CONVERSATIONS`], and in all names.
    pub words: Option<String>,
    /// The [`Conversation::place`] of the last row of the page before.
    pub before: Option<(Micros, ConversationId)>,
    pub limit: i64,
}

impl Conversation {
    /// Where it stands in the list of a tab: the time that counts there, and its id.
    pub fn place(&self, tab: Tab) -> (Micros, ConversationId) {
        let at = if tab == Tab::Waiting { self.waiting_since.unwrap_or(Micros(0)) } else { self.last_at };
        (at, self.id.clone())
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ConversationCounts {
    pub mine: i64,
    /// Customers, not colleagues who try the bot.
    pub waiting: i64,
    pub comments: i64,
    pub all: i64,
}

#[derive(Clone, Debug)]
pub struct ConversationPage {
    pub conversations: Vec<Conversation>,
    pub counts: ConversationCounts,
}

/// A change of who owns the next word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlChange {
    /// The agent takes over, unless another agent has it. A turn that the bot is taking is fenced off: it is taken again
    /// with the agent as owner.
    Take(AgentId),
    /// The platform's own inbox has the thread: nobody can answer from here.
    ToInbox,
    /// The bot speaks again.
    HandBack,
    /// Done: the bot answers what comes next.
    Resolve,
}

impl Store {
    /// A page of the list with the counts of its tabs: newest first, but those who wait longest first.
    pub async fn conversations(
        &self,
        tenant: &TenantId,
        agent: &AgentId,
        filter: &ConversationFilter,
    ) -> Result<ConversationPage, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let condition = match filter.tab {
            Tab::Mine => "c.control = 'agent' AND c.control_ref = $6".to_owned(),
            Tab::Waiting => format!("c.control = 'waiting' AND NOT {OF_COLLEAGUES} AND $6 = $6"),
            Tab::Comments => format!("{OPEN_COMMENTS} AND $6 = $6"),
            Tab::All => "$6 = $6".to_owned(),
        };
        let is_queue = filter.tab == Tab::Waiting;
        let (place, after, order, first) = if is_queue {
            ("COALESCE(c.waiting_since, 0)", '>', "ASC", -1)
        } else {
            ("c.last_at", '<', "DESC", i64::MAX)
        };
        let rest = format!(
            "FROM conversations c WHERE c.tenant_id = $1 AND c.status = $2 \
             AND ({place} {after} $3 OR ({place} = $3 AND c.id {after} $7)) \
             AND {condition} AND {} ORDER BY {place} {order}, c.id {order} LIMIT $5",
            search(filter.words.as_deref(), &condition)
        );
        let query = sqlx::query(AssertSqlSafe(gathered(self.database().dialect, COLUMNS, &rest)))
            .bind(tenant.as_str().to_owned())
            .bind(filter.status.clone())
            .bind(filter.before.as_ref().map_or(first, |(at, _)| at.0))
            .bind(like_pattern(filter.words.as_deref().unwrap_or_default()))
            .bind(filter.limit)
            .bind(agent.as_str().to_owned())
            .bind(filter.before.as_ref().map_or("", |(_, id)| id.as_str()).to_owned())
            .bind(like_pattern(&super::people::of_number(filter.words.as_deref().unwrap_or_default())));
        let rows: Vec<ConversationRow> = fetch_gathered(query, &mut connection).await?;
        let counts = self.conversation_counts(&mut connection, (tenant, agent), &filter.status).await?;
        let mut conversations: Vec<Conversation> = rows.into_iter().map(Conversation::from).collect();
        conversations.sort_by_cached_key(|conversation| conversation.place(filter.tab));
        if !is_queue {
            conversations.reverse();
        }
        Ok(ConversationPage { conversations, counts })
    }

    async fn conversation_counts(
        &self,
        connection: &mut sqlx::AnyConnection,
        (tenant, agent): (&TenantId, &AgentId),
        status: &str,
    ) -> Result<ConversationCounts, StoreError> {
        let sql = format!(
            "SELECT COALESCE(SUM(CASE WHEN c.control = 'agent' AND c.control_ref = $3 THEN 1 ELSE 0 END), 0), \
             COALESCE(SUM(CASE WHEN c.control = 'waiting' AND NOT {OF_COLLEAGUES} THEN 1 ELSE 0 END), 0), \
             COALESCE(SUM(CASE WHEN {OPEN_COMMENTS} THEN 1 ELSE 0 END), 0), COUNT(*) \
             FROM conversations c WHERE c.tenant_id = $1 AND c.status = $2"
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.as_str().to_owned())
            .bind(status.to_owned())
            .bind(agent.as_str().to_owned())
            .fetch_one(connection)
            .await?;
        Ok(ConversationCounts {
            mine: row.try_get(0)?,
            waiting: row.try_get(1)?,
            comments: row.try_get(2)?,
            all: row.try_get(3)?,
        })
    }

    pub async fn conversation(
        &self,
        tenant: &TenantId,
        id: &ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        find(&mut connection, self.database().dialect, tenant, id).await
    }

    /// The current conversation of a thread of a channel account.
    pub async fn conversation_of_thread(
        &self,
        tenant: &TenantId,
        account: &crate::ids::ChannelAccountId,
        thread: &str,
    ) -> Result<Option<Conversation>, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let rest = "FROM conversations c \
             WHERE c.tenant_id = $1 AND c.channel_account_id = $2 AND c.thread = $3 AND c.is_current = 1";
        let query = sqlx::query(AssertSqlSafe(gathered(self.database().dialect, COLUMNS, rest)))
            .bind(tenant.as_str().to_owned())
            .bind(account.as_str().to_owned())
            .bind(thread.to_owned());
        let rows: Vec<ConversationRow> = fetch_gathered(query, &mut connection).await?;
        Ok(rows.into_iter().next().map(Conversation::from))
    }

    /// Changes who owns the next word. Taking what another agent has is a conflict.
    pub async fn change_control(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
        change: ControlChange,
    ) -> Result<Conversation, StoreError> {
        self.write(ChangeControl { tenant: tenant.clone(), conversation: conversation.clone(), change }).await
    }
}

pub(super) async fn find(
    connection: &mut sqlx::AnyConnection,
    dialect: Dialect,
    tenant: &TenantId,
    id: &ConversationId,
) -> Result<Option<Conversation>, StoreError> {
    let rest = "FROM conversations c WHERE c.tenant_id = $1 AND c.id = $2";
    let query = sqlx::query(AssertSqlSafe(gathered(dialect, COLUMNS, rest)))
        .bind(tenant.as_str().to_owned())
        .bind(id.as_str().to_owned());
    let rows: Vec<ConversationRow> = fetch_gathered(query, connection).await?;
    Ok(rows.into_iter().next().map(Conversation::from))
}

/// Logs the conversation as it now is, for lists and headers.
pub(super) async fn log_update(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    id: &ConversationId,
) -> Result<Conversation, StoreError> {
    let dialect = batch.dialect;
    let conversation = find(batch.connection().await?, dialect, tenant, id)
        .await?
        .ok_or(StoreError::NotFound("conversation"))?;
    log_one(batch, tenant, &conversation)?;
    Ok(conversation)
}

/// The same for several.
pub(super) async fn log_updates(batch: &mut Batch<'_>, changed: JsonRows) -> Result<(), StoreError> {
    if changed.is_empty() {
        return Ok(());
    }
    let rest = format!(
        "FROM conversations c WHERE (c.tenant_id, c.id) IN (SELECT k.n, k.c FROM {})",
        JsonRows::table(super::claim::DONE, batch.dialect, 1)
    );
    let rows: Vec<ConversationRow> = batch.gather(COLUMNS, &rest, vec![changed.json().into()]).await?;
    for row in rows {
        let tenant = row.tenant.clone();
        log_one(batch, &tenant, &row.into())?;
    }
    Ok(())
}

fn log_one(batch: &mut Batch<'_>, tenant: &TenantId, conversation: &Conversation) -> Result<(), StoreError> {
    let view = crate::views::ConversationView::of(conversation);
    let data = serde_json::to_string(&serde_json::json!({ "conversation": view }))
        .map_err(StoreError::corrupt("conversation"))?;
    batch.log(NewEvent {
        tenant: tenant.clone(),
        kind: "conversation.updated",
        conversation: Some(conversation.id.clone()),
        data,
    });
    Ok(())
}

/// The condition that holds for conversations with the words, newest first up to a bound: a page of the list.
fn search(words: Option<&str>, condition: &str) -> String {
    if words.is_none_or(str::is_empty) {
        return "$4 = $4 AND $8 = $8".to_owned();
    }
    let newest = condition.replace("c.", "r.");
    format!(
        "(LOWER(COALESCE(c.person_name, '')) LIKE $4 ESCAPE '!' OR LOWER(COALESCE(c.last_text, '')) LIKE $4 ESCAPE '!' \
         OR EXISTS (SELECT 1 FROM addresses a WHERE a.tenant_id = $1 AND a.person_id = c.person_id \
         AND (COALESCE(a.phone, '') LIKE $8 ESCAPE '!' OR LOWER(COALESCE(a.username, '')) LIKE $4 ESCAPE '!')) \
         OR (c.id IN (SELECT r.id FROM conversations r WHERE r.tenant_id = $1 AND r.status = $2 \
         AND (r.last_at < $3 OR (r.last_at = $3 AND r.id < $7)) AND {newest} \
         ORDER BY r.last_at DESC, r.id DESC LIMIT {SEARCHED_CONVERSATIONS}) \
         AND EXISTS (SELECT 1 FROM messages m WHERE m.tenant_id = $1 AND m.conversation_id = c.id \
         AND m.seq > c.last_message - {SEARCHED_MESSAGES} AND m.words LIKE $4 ESCAPE '!')))"
    )
}

/// `%words%` with the pattern's own signs escaped by `!`.
fn like_pattern(words: &str) -> String {
    let escaped = words.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

struct ChangeControl {
    tenant: TenantId,
    conversation: ConversationId,
    change: ControlChange,
}

impl WriteOp for ChangeControl {
    type Output = Conversation;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        vec![Touched::Conversation { tenant: self.tenant.clone(), conversation: self.conversation.clone() }]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Conversation, StoreError> {
        let now = batch.now();
        let (status, control, agent) = match &self.change {
            ControlChange::Take(agent) => ("open", "agent", Some(agent.as_str().to_owned())),
            ControlChange::ToInbox => ("open", "agent", Some(super::echoes::PLATFORM_INBOX.to_owned())),
            ControlChange::HandBack => ("open", "bot", None),
            ControlChange::Resolve => ("resolved", "bot", None),
        };
        let changed = sqlx::query(
            "UPDATE conversations SET status = $1, control = $2, control_ref = $3, waiting_since = NULL, unanswered = 0, \
             urgent = CASE WHEN $2 = 'agent' THEN urgent ELSE 0 END, \
             toxic = CASE WHEN $2 = 'agent' THEN toxic ELSE 0 END, \
             lease_token = CASE WHEN $2 = 'agent' THEN lease_token + 1 ELSE lease_token END, \
             lease_until = CASE WHEN $2 = 'agent' THEN 0 ELSE lease_until END \
             WHERE tenant_id = $4 AND id = $5 AND ($2 <> 'agent' OR control <> 'agent' OR control_ref = $3 OR control_ref = $6 OR $3 = $6)",
        )
        .bind(status)
        .bind(control)
        .bind(agent.clone())
        .bind(self.tenant.as_str().to_owned())
        .bind(self.conversation.as_str().to_owned())
        .bind(super::echoes::PLATFORM_INBOX)
        .execute(batch.connection().await?)
        .await?
        .rows_affected();
        if changed == 0 {
            let dialect = batch.dialect;
            let exists =
                find(batch.connection().await?, dialect, &self.tenant, &self.conversation).await?.is_some();
            return Err(if exists {
                StoreError::Conflict("another agent has taken this conversation")
            } else {
                StoreError::NotFound("conversation")
            });
        }
        // The message of a turn that was fenced off is to be heard at once.
        batch.made_ready |= agent.is_some();
        super::handoffs::follow(batch, &self.tenant, &self.conversation, agent.as_deref(), now).await?;
        log_update(batch, &self.tenant, &self.conversation).await
    }
}
