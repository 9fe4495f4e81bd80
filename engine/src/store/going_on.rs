//! What was left unfinished in one conversation of a person goes on in another: it is in one of them only.

use super::StoreError;
use super::batch::Batch;
use super::messages::{self, Author, Message, MessageBody, MessageState};
use crate::ids::{ConversationId, TenantId};

/// Another conversation of the same person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    pub conversation: ConversationId,
    pub channel: String,
    pub language: Option<String>,
    /// The dialogue's state as JSON.
    pub state: String,
}

/// What leaves another conversation with a turn.
#[derive(Clone, Debug)]
pub struct Moved {
    pub from: ConversationId,
    /// The state that was read there: when it is another one by now, the turn is refused.
    pub state: String,
    /// The state that stays behind.
    pub left: String,
    /// The line that says there where it went.
    pub line: String,
}

impl Moved {
    /// Takes it away from there. A turn that is under way there is fenced off, and thought anew.
    pub(super) async fn leave(&self, batch: &mut Batch<'_>, tenant: &TenantId) -> Result<(), StoreError> {
        // What the person said last stays the last word in the lists.
        let sql = "UPDATE conversations SET state = $1, last_message = last_message + 1, \
                   lease_token = lease_token + 1, lease_until = 0 \
                   WHERE tenant_id = $2 AND id = $3 AND state = $4 AND control = 'bot'";
        let key = || [tenant.into(), (&self.from).into()];
        let [tenant_value, from] = key();
        let values = vec![self.left.clone().into(), tenant_value, from, self.state.clone().into()];
        if batch.count(sql, values).await? == 0 {
            return Err(StoreError::Conflict("what was unfinished elsewhere has changed meanwhile"));
        }
        let found: Vec<(i64,)> = batch
            .gather(&["last_message"], "FROM conversations WHERE tenant_id = $1 AND id = $2", key().into())
            .await?;
        let (seq,) = *found.first().ok_or(StoreError::NotFound("conversation"))?;
        let message = Message {
            id: batch.new_id(),
            conversation: self.from.clone(),
            seq,
            author: Author::System,
            author_name: None,
            body: MessageBody::text(self.line.as_str()),
            external_id: None,
            client_id: None,
            state: MessageState::Sent,
            failure: None,
            at: batch.now(),
            thumb: None,
        };
        messages::push(batch, tenant, &message, None, None)?;
        // The message of a turn that was fenced off is to be heard at once.
        batch.made_ready = true;
        super::conversations::log_update(batch, tenant, &self.from).await.map(drop)
    }
}
