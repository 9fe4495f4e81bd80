//! A conversation as one row of a query: its columns, and what is made of them.

use serde::Deserialize;

use super::conversations::{Control, Conversation};
use crate::clock::Micros;
use crate::ids::{ConversationId, PersonId, TenantId};

/// The columns of a [`ConversationRow`].
pub(super) const COLUMNS: &[&str] = &[
    "c.tenant_id",
    "c.id",
    "c.channel_account_id",
    "c.channel",
    "c.thread",
    "c.person_id",
    PERSON_NAME,
    "c.status",
    "c.control",
    "c.control_ref",
    "(SELECT a.name FROM agents a WHERE a.tenant_id = c.tenant_id AND a.id = c.control_ref)",
    "c.language",
    "c.last_text",
    "c.last_author",
    "c.last_at",
    "c.last_message",
    "c.waiting_since",
    "c.handoff_reason",
    "c.intent",
    "c.sentiment",
    "c.moods",
    "c.urgent",
    "c.toxic",
    "c.unanswered",
    "c.heard_at",
    LAST_STATE,
    "c.hints",
    GROUP_NAME,
    "(SELECT g.name FROM addresses a JOIN agent_addresses l ON l.tenant_id = a.tenant_id AND l.address_id = a.id \
      AND l.unlinked_at IS NULL JOIN agents g ON g.tenant_id = l.tenant_id AND g.id = l.agent_id AND g.disabled = 0 \
      WHERE a.tenant_id = c.tenant_id AND a.channel_account_id = c.channel_account_id AND a.external_id = c.thread)",
];

/// What the person is called, on whatever channel: the same in lists and in the person's panel. Where several write (groups,
/// comments) it is who wrote last.
pub(super) const PERSON_NAME: &str = "COALESCE((SELECT COALESCE(p.display_name, (SELECT MIN(b.display_name) FROM addresses b \
    WHERE b.tenant_id = p.tenant_id AND b.person_id = p.id)) FROM addresses a \
    JOIN people p ON p.tenant_id = a.tenant_id AND p.id = a.person_id WHERE a.tenant_id = c.tenant_id \
    AND a.channel_account_id = c.channel_account_id AND a.external_id = c.thread), c.person_name)";
/// How far our last word came, where nobody has spoken since.
const LAST_STATE: &str = "CASE WHEN c.last_author IN ('bot', 'agent') THEN (SELECT m.state FROM messages m \
    WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.author IN ('bot', 'agent') \
    ORDER BY m.seq DESC LIMIT 1) END";
/// What a group is called, where the platform was asked.
const GROUP_NAME: &str = "(SELECT g.name FROM group_members g WHERE g.tenant_id = c.tenant_id \
    AND g.channel_account_id = c.channel_account_id AND g.thread = c.thread AND g.external_id = '')";
#[derive(Deserialize)]
pub(super) struct ConversationRow {
    pub(super) tenant: TenantId,
    id: ConversationId,
    channel_account: String,
    channel: String,
    thread: String,
    person: PersonId,
    person_name: Option<String>,
    status: String,
    control: String,
    agent: Option<String>,
    agent_name: Option<String>,
    language: Option<String>,
    last_text: Option<String>,
    last_author: Option<String>,
    last_at: Micros,
    last_seq: i64,
    waiting_since: Option<Micros>,
    handoff_reason: Option<String>,
    intent: Option<String>,
    sentiment: Option<String>,
    moods: String,
    urgent: i64,
    toxic: i64,
    unanswered: i64,
    heard_at: Micros,
    last_state: Option<String>,
    hints: String,
    group_name: Option<String>,
    colleague: Option<String>,
}

impl From<ConversationRow> for Conversation {
    fn from(row: ConversationRow) -> Self {
        Self {
            id: row.id,
            channel_account: row.channel_account,
            channel: row.channel,
            thread: row.thread,
            person: row.person,
            person_name: row.person_name,
            status: row.status,
            control: Control::parse(&row.control, row.agent, row.agent_name),
            language: row.language,
            last_text: row.last_text,
            last_author: row.last_author,
            last_at: row.last_at,
            last_seq: row.last_seq,
            waiting_since: row.waiting_since,
            handoff_reason: row.handoff_reason,
            intent: row.intent,
            sentiment: row.sentiment,
            moods: row.moods,
            urgent: row.urgent != 0,
            toxic: row.toxic != 0,
            unanswered: row.unanswered,
            heard_at: row.heard_at,
            last_state: row.last_state,
            group: group_of(&row.hints, row.group_name),
            colleague: row.colleague,
        }
    }
}

/// What a group is called; none where the thread is one person's.
fn group_of(hints: &str, told: Option<String>) -> Option<String> {
    let hints = super::outbox::destination("", hints);
    hints.hint(crate::pace::GROUP_HINT)?;
    Some(told.or_else(|| hints.hint(channels::GROUP_TITLE).map(str::to_owned)).unwrap_or_default())
}
