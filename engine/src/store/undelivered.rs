//! Answers that did not arrive: whoever answers the conversation sees it, and it counts as unanswered again.

use super::StoreError;
use super::batch::Batch;
use super::conversations;
use super::messages::{self, MessageState};
use crate::ids::{MessageId, TenantId};

/// A person's answer, or one below a post, is awaited again when it failed, and not while it is on its way once more. What
/// the bot says of itself in private stays as it is: people who left and shut windows would fill every list. Made again it
/// changes nothing. The caller holds the conversation's row.
pub(super) async fn tell(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    message: &MessageId,
) -> Result<(), StoreError> {
    const STANDING: &str = "NOT EXISTS (SELECT 1 FROM messages m WHERE m.tenant_id = conversations.tenant_id \
         AND m.conversation_id = conversations.id AND m.seq > $3";
    let Some(message) = messages::find(batch.connection().await?, tenant, message).await? else {
        return Ok(());
    };
    let (from, to, since) = match message.state {
        MessageState::Failed => (0, 1, "m.author IN ('bot', 'agent') AND m.state <> 'failed'"),
        _ => (1, 0, "m.author <> 'note'"),
    };
    let is_to_many = message.body.broadcast.is_some();
    let of_people = if message.author == messages::Author::Agent && !is_to_many { "1 = 1" } else { "1 = 0" };
    let sql = format!(
        "UPDATE conversations SET unanswered = {to} WHERE tenant_id = $1 AND id = $2 AND unanswered = {from} \
         AND status = 'open' AND (thread LIKE '{}%' OR {of_people}) AND {STANDING} AND {since})",
        channels::COMMENT_THREAD
    );
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.as_str().to_owned())
        .bind(message.conversation.as_str().to_owned())
        .bind(message.seq)
        .execute(batch.connection().await?)
        .await?;
    conversations::log_update(batch, tenant, &message.conversation).await.map(drop)
}
