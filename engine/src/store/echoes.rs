//! Echoes: messages of our own side that come back from the platform, ours or a colleague's in the platform's own inbox.

use channels::{Echo, Part, Reply};

use super::batch::{Batch, WriteOp};
use super::lock_order::Touched;
use super::messages::{self, Author, Message, MessageBody, MessageState};
use super::{Store, StoreError};
use crate::ids::{ChannelAccountId, ConversationId, TenantId};
use sqlx::Row;

/// Who owns the next word when a colleague answered in the platform's own inbox: nobody with an account here.
pub(super) const PLATFORM_INBOX: &str = "platform-inbox";

impl Store {
    /// An echo of ours settles a send whose outcome was not known. A colleague's is kept as a message, and the colleague
    /// owns the next word; without a conversation there is nothing to own. `waited`: it was put off long enough.
    pub async fn record_echo(
        &self,
        tenant: TenantId,
        account: ChannelAccountId,
        echo: Echo,
        waited: bool,
    ) -> Result<Echoed, StoreError> {
        self.write(RecordEcho { tenant, account, echo, waited }).await
    }
}

/// What became of an echo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echoed {
    Recorded,
    /// A send of ours is under way and the platform does not say who wrote (Instagram): it may be the one. Ask again when
    /// the send is over.
    TooEarly,
}

struct RecordEcho {
    tenant: TenantId,
    account: ChannelAccountId,
    echo: Echo,
    waited: bool,
}

impl WriteOp for RecordEcho {
    type Output = Echoed;

    fn tenants(&self) -> Vec<TenantId> {
        vec![self.tenant.clone()]
    }

    fn touches(&self) -> Vec<Touched> {
        let (tenant, account) = (self.tenant.clone(), self.account.clone());
        vec![Touched::Thread { tenant, account, thread: self.echo.message.thread.clone() }]
    }

    async fn run<'a>(&'a self, batch: &'a mut Batch<'_>) -> Result<Echoed, StoreError> {
        let external_id = &self.echo.message.external_id;
        if let Some(correlation) = self.echo.correlation.as_ref().filter(|_| self.echo.ours) {
            accepted(batch, &self.tenant, &self.account, correlation, external_id).await?;
        }
        if self.echo.ours {
            return Ok(Echoed::Recorded);
        }
        let known =
            super::message_changes::message_of(batch, &self.tenant, &self.account, external_id).await?;
        if known.is_some() {
            return Ok(Echoed::Recorded);
        }
        if let Some(correlation) = self.on_its_way(batch).await? {
            accepted(batch, &self.tenant, &self.account, &correlation, external_id).await?;
            return Ok(Echoed::Recorded);
        }
        if !self.waited && self.sending(batch).await? {
            return Ok(Echoed::TooEarly);
        }
        self.take_over(batch).await?;
        Ok(Echoed::Recorded)
    }
}

impl RecordEcho {
    /// True while a message of ours to the thread is on its way.
    async fn sending(&self, batch: &mut Batch<'_>) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT 1 FROM outbox o JOIN conversations c ON c.tenant_id = o.tenant_id AND c.id = o.conversation_id \
             WHERE c.tenant_id = $1 AND c.channel_account_id = $2 AND c.thread = $3 AND c.is_current = 1 \
             AND o.state = 'pending' AND o.attempts > 0 LIMIT 1",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.echo.message.thread.clone())
        .fetch_optional(batch.connection().await?)
        .await?;
        Ok(row.is_some())
    }

    /// The reply of ours that is just being sent and says this: a platform that names no program in its echoes (Instagram)
    /// may echo us before its answer to our call is here, and that is nobody taking over.
    async fn on_its_way(&self, batch: &mut Batch<'_>) -> Result<Option<String>, StoreError> {
        let rows = sqlx::query(
            "SELECT o.id, o.reply FROM outbox o JOIN conversations c ON c.tenant_id = o.tenant_id \
             AND c.id = o.conversation_id WHERE o.tenant_id = $1 AND o.channel_account_id = $2 AND c.thread = $3 \
             AND o.state = 'pending' AND (o.lease_until > 0 OR o.attempts > 0) ORDER BY o.position",
        )
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.echo.message.thread.clone())
        .fetch_all(batch.connection().await?)
        .await?;
        let echoed = self.echo.message.content.text().unwrap_or_default();
        for row in rows {
            let reply: Reply =
                serde_json::from_str(&row.try_get::<String, _>(1)?).map_err(StoreError::corrupt("reply"))?;
            if says(&reply, echoed) {
                return Ok(Some(row.try_get(0)?));
            }
        }
        Ok(None)
    }

    async fn take_over(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        let body = MessageBody::heard(self.echo.message.content.clone());
        let row = sqlx::query(
            "UPDATE conversations SET last_message = last_message + 1, last_at = $1, last_text = $2, \
             last_author = 'agent', unanswered = 0, status = 'open', control = 'agent', waiting_since = NULL, \
             lease_token = lease_token + 1, lease_until = 0, \
             control_ref = CASE WHEN control = 'agent' THEN COALESCE(control_ref, $3) ELSE $3 END \
             WHERE tenant_id = $4 AND channel_account_id = $5 AND thread = $6 AND is_current = 1 \
             RETURNING id, last_message",
        )
        .bind(now.0)
        .bind(body.summary())
        .bind(PLATFORM_INBOX)
        .bind(self.tenant.as_str().to_owned())
        .bind(self.account.as_str().to_owned())
        .bind(self.echo.message.thread.clone())
        .fetch_optional(batch.connection().await?)
        .await?;
        let Some(row) = row else { return Ok(()) };
        let conversation = ConversationId::from_text(row.try_get::<String, _>(0)?);
        let message = Message {
            id: batch.new_id(),
            conversation: conversation.clone(),
            seq: row.try_get(1)?,
            author: Author::Agent,
            author_name: self.echo.message.sender.display_name.clone(),
            body,
            external_id: Some(self.echo.message.external_id.clone()),
            client_id: None,
            state: MessageState::Sent,
            failure: None,
            at: now,
            thumb: None,
        };
        messages::push(batch, &self.tenant, &message, Some(PLATFORM_INBOX), None)?;
        // The message of a turn that was fenced off is to be heard at once: in silence.
        batch.made_ready = true;
        super::handoffs::follow(batch, &self.tenant, &conversation, Some(PLATFORM_INBOX), now).await?;
        super::conversations::log_update(batch, &self.tenant, &conversation).await.map(drop)
    }
}

/// True where the platform's message may be (a piece of) the reply: its words are the reply's, or it has none.
fn says(reply: &Reply, echoed: &str) -> bool {
    let Some(start) = echoed.lines().map(str::trim).find(|line| !line.is_empty()) else {
        return reply.parts.iter().any(|part| !matches!(part, Part::Text { .. }));
    };
    reply.parts.iter().flat_map(Part::words).any(|words| words.contains(start))
}

/// The platform took a message of the send that we call `correlation` (an outbox row): it is not sent again, even where
/// the answer to the call never came.
pub(super) async fn accepted(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    account: &ChannelAccountId,
    correlation: &str,
    external_id: &str,
) -> Result<(), StoreError> {
    if external_id.is_empty() {
        return Ok(());
    }
    let inserted = sqlx::query(
        "INSERT INTO platform_messages (tenant_id, channel_account_id, external_id, message_id, state, created_at) \
         SELECT o.tenant_id, o.channel_account_id, $1, o.message_id, 'sent', $2 FROM outbox o \
         WHERE o.tenant_id = $3 AND o.id = $4 AND o.channel_account_id = $5 \
         ON CONFLICT (tenant_id, channel_account_id, external_id) DO NOTHING",
    )
    .bind(external_id.to_owned())
    .bind(batch.now().0)
    .bind(tenant.as_str().to_owned())
    .bind(correlation.to_owned())
    .bind(account.as_str().to_owned())
    .execute(batch.connection().await?)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(());
    }
    sqlx::query(
        "UPDATE outbox SET progress = (SELECT COUNT(*) FROM platform_messages p WHERE p.tenant_id = outbox.tenant_id \
         AND p.message_id = outbox.message_id) WHERE tenant_id = $1 AND id = $2 AND state = 'pending' \
         AND progress < (SELECT COUNT(*) FROM platform_messages p WHERE p.tenant_id = outbox.tenant_id \
         AND p.message_id = outbox.message_id)",
    )
    .bind(tenant.as_str().to_owned())
    .bind(correlation.to_owned())
    .execute(batch.connection().await?)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_is_known_by_its_words() {
        let reply = Reply::text("ส่งเชียงใหม่สองวันค่ะ\nมีอะไรให้ช่วยอีกไหมคะ");
        let check = |echoed: &str, expected: bool| assert_eq!(says(&reply, echoed), expected, "{echoed:?}");
        check("ส่งเชียงใหม่สองวันค่ะ\nมีอะไรให้ช่วยอีกไหมคะ", true);
        check("มีอะไรให้ช่วยอีกไหมคะ", true);
        check("\nส่งเชียงใหม่สองวันค่ะ", true);
        check("แอดมินตอบเองนะคะ", false);
        check("", false);
    }
}
