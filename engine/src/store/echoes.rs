//! Echoes: messages of our own side that come back from the platform, ours or a colleague's in the platform's own inbox.

use channels::Echo;

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
            accepted(batch, &self.tenant, &self.account, (correlation, external_id)).await?;
        }
        if self.echo.ours {
            return Ok(Echoed::Recorded);
        }
        let known =
            super::message_changes::message_of(batch, &self.tenant, &self.account, external_id).await?;
        if known.is_some() {
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

    async fn take_over(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let now = batch.now();
        let body = MessageBody::heard(self.echo.message.content.clone());
        let row = sqlx::query(
            "UPDATE conversations SET last_message = last_message + 1, last_at = $1, last_text = $2, \
             last_author = 'agent', unanswered = 0, urgent = 0, toxic = 0, status = 'open', control = 'agent', waiting_since = NULL, \
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

/// The platform took the request with that mark: it is not sent again, even where the answer to the call never came. Those
/// before it were taken, too: requests go out one after the other. A reply of which nobody knew goes on after it.
pub(super) async fn accepted(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    account: &ChannelAccountId,
    (mark, external_id): (&str, &str),
) -> Result<(), StoreError> {
    if external_id.is_empty() {
        return Ok(());
    }
    let (send, index) = channels::read_mark(mark);
    named(batch, tenant, account, (send, external_id)).await?;
    sqlx::query(
        "UPDATE outbox SET progress = $1, state = 'pending' WHERE tenant_id = $2 AND id = $3 AND channel_account_id = $4 \
         AND progress < $1 AND (state = 'pending' OR (state = 'parked' AND EXISTS (SELECT 1 FROM messages m \
         WHERE m.tenant_id = outbox.tenant_id AND m.id = outbox.message_id AND m.state = 'uncertain')))",
    )
    .bind(i64::try_from(index).unwrap_or_default().saturating_add(1))
    .bind(tenant.as_str().to_owned())
    .bind(send.to_owned())
    .bind(account.as_str().to_owned())
    .execute(batch.connection().await?)
    .await?;
    Ok(())
}

/// What the platform calls a message of the outbox row `send`. Its `state` says only that the platform took it
/// and is read by nobody: receipts move the message as a whole (`messages.state`), of which this row is one part.
pub(super) async fn named(
    batch: &mut Batch<'_>,
    tenant: &TenantId,
    account: &ChannelAccountId,
    (send, external_id): (&str, &str),
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO platform_messages (tenant_id, channel_account_id, external_id, message_id, state, created_at) \
         SELECT o.tenant_id, o.channel_account_id, $1, o.message_id, 'sent', $2 FROM outbox o \
         WHERE o.tenant_id = $3 AND o.id = $4 AND o.channel_account_id = $5 \
         ON CONFLICT (tenant_id, channel_account_id, external_id) DO NOTHING",
    )
    .bind(external_id.to_owned())
    .bind(batch.now().0)
    .bind(tenant.as_str().to_owned())
    .bind(send.to_owned())
    .bind(account.as_str().to_owned())
    .execute(batch.connection().await?)
    .await?;
    Ok(())
}
