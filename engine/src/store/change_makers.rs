//! Whose words a change may touch: only those of its own thread, and in a private chat only its maker's own.

use channels::Content;
use serde::{Deserialize, Serialize};
use sqlx::Row;

use super::message_changes::{ChangeKind, MessageChange, named};
use super::{Store, StoreError, messages};
use crate::ids::{ChannelAccountId, MessageId, TenantId};

/// Who changes a message: only where they are themselves, and in a private chat only their own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maker {
    pub thread: String,
    pub sender: String,
    /// True in a group, where those who keep order take away what others wrote (and edit nothing), and where the platform does not tell who
    /// deleted.
    #[serde(default)]
    pub anybody: bool,
    /// A colleague, in the platform's own inbox.
    #[serde(default)]
    pub colleague: bool,
}

/// The hint of a chat of a business account on Telegram, which does not tell who deleted a message there.
pub(super) const BUSINESS_HINT: &str = "business_connection_id";

/// Below posts comments are named by themselves, wherever what happens to them is told.
fn is_below_post(thread: &str) -> bool {
    thread.starts_with(channels::COMMENT_THREAD)
}

impl MessageChange {
    /// True where who makes it may change a message of `author` that is in `thread`. A person's number may have changed
    /// since: whoever the thread is named for wrote what was heard in it.
    pub(super) fn may_change(&self, thread: &str, author: Option<&str>) -> bool {
        let Some(maker) = &self.maker else { return true };
        if is_below_post(thread) && is_below_post(&maker.thread) {
            return true;
        }
        let is_own = match author {
            Some(author) => !maker.colleague && (author == maker.sender || maker.sender == maker.thread),
            None => maker.colleague,
        };
        let is_allowed = match self.what {
            // Nobody may put words into the mouth of another member of a group.
            ChangeKind::Edited { .. } => is_own || (maker.anybody && author.is_none()),
            ChangeKind::Deleted => is_own || maker.anybody,
            _ => true,
        };
        thread == maker.thread && is_allowed
    }
}

/// What a change is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeJudged {
    /// To be made, or to wait for its message.
    Open,
    /// The edit that was told before.
    Told,
    /// It names what somebody else wrote, or wrote elsewhere: it changes nothing.
    Foreign,
}

impl Store {
    /// What is known of a change before it is taken in.
    pub async fn judge_change(
        &self,
        tenant: &TenantId,
        account: &ChannelAccountId,
        change: &MessageChange,
    ) -> Result<ChangeJudged, StoreError> {
        let mut connection = self.reader(tenant).await?;
        let Some(id) = named(&mut connection, tenant, account, &change.external_id).await? else {
            return Ok(ChangeJudged::Open);
        };
        let (thread, author) = place_of(&mut connection, tenant, &id).await?;
        if !change.may_change(&thread, author.as_deref()) {
            return Ok(ChangeJudged::Foreign);
        }
        let ChangeKind::Edited { text } = &change.what else { return Ok(ChangeJudged::Open) };
        let found = messages::find(&mut connection, tenant, &id).await?;
        let is_told = found.is_some_and(|message| {
            change.sent_at != 0
                && message.body.edited_at == Some(change.sent_at)
                && message.body.heard.as_ref().and_then(Content::text) == Some(text)
        });
        Ok(if is_told { ChangeJudged::Told } else { ChangeJudged::Open })
    }
}

/// The thread of a message, and who wrote it where a customer did.
pub(super) async fn place_of(
    connection: &mut sqlx::AnyConnection,
    tenant: &TenantId,
    message: &MessageId,
) -> Result<(String, Option<String>), StoreError> {
    let row = sqlx::query(
        "SELECT c.thread, CASE WHEN m.author = 'customer' THEN m.author_ref END FROM messages m \
         JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id \
         WHERE m.tenant_id = $1 AND m.id = $2",
    )
    .bind(tenant.as_str().to_owned())
    .bind(message.as_str().to_owned())
    .fetch_optional(connection)
    .await?;
    let row = row.ok_or(StoreError::NotFound("message"))?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}
