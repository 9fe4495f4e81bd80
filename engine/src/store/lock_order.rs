//! One order in which every node takes conversations' rows, so that no two batches wait for each other in a circle.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sqlx::AnyConnection;

use super::early_changes::Named;
use super::{Dialect, StoreError};
use crate::ids::{ChannelAccountId, ConversationId, TenantId};

/// A conversation whose row a change takes.
pub(crate) enum Touched {
    Conversation {
        tenant: TenantId,
        conversation: ConversationId,
    },
    /// The current conversation of a thread, if it has one.
    Thread {
        tenant: TenantId,
        account: ChannelAccountId,
        thread: String,
    },
    /// What a platform calls a message. Whoever takes it in and whoever changes it, on another node, come one after the
    /// other, also while there is no row of it.
    Message(Named),
}

impl Touched {
    /// By what changes are sorted that may open a conversation: its row is not there yet to be locked in order.
    pub(super) fn thread(&self) -> Option<(ChannelAccountId, String)> {
        match self {
            Self::Conversation { .. } | Self::Message(_) => None,
            Self::Thread { account, thread, .. } => Some((account.clone(), thread.clone())),
        }
    }
}

/// What a claim adds to its query so that it takes what nobody else is changing and never waits.
pub(super) fn skip_locked(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres => " FOR NO KEY UPDATE SKIP LOCKED",
    }
}

/// Locks the rows by their ids' order, then the names by theirs, until the end of the transaction. What comes later in a transaction is locked
/// only by who holds the conversation (its wake-up, its inbox), never waited for (claims skip what is locked), or taken
/// by everybody at the end (the tenants' rows, by their order).
pub(super) async fn take_in_order(
    connection: &mut AnyConnection,
    touched: &[Touched],
) -> Result<(), StoreError> {
    let (mut by_id, mut by_thread, mut names) = (Vec::new(), Vec::new(), BTreeSet::new());
    for one in touched {
        match one {
            Touched::Conversation { tenant, conversation } => {
                by_id.push(json!({ "n": tenant, "c": conversation }));
            }
            Touched::Thread { tenant, account, thread } => {
                by_thread.push(json!({ "n": tenant, "a": account, "t": thread }));
            }
            Touched::Message((tenant, account, name)) => {
                names.insert(format!("{tenant}/{account}/{name}"));
            }
        }
    }
    if !(by_id.is_empty() && by_thread.is_empty()) {
        take_conversations(connection, (by_id, by_thread)).await?;
    }
    if names.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "SELECT pg_advisory_xact_lock(hashtextextended(s.t, 7274498)) \
         FROM (SELECT k.t FROM json_array_elements_text($1::json) AS k(t) ORDER BY k.t) s",
    )
    .bind(json!(names).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

async fn take_conversations(
    connection: &mut AnyConnection,
    (by_id, by_thread): (Vec<Value>, Vec<Value>),
) -> Result<(), StoreError> {
    sqlx::query(
        "SELECT 1 FROM conversations c WHERE (c.tenant_id, c.id) IN \
         (SELECT k.n, k.c FROM json_to_recordset($1::json) AS k(n TEXT, c TEXT) UNION ALL \
          SELECT d.tenant_id, d.id FROM json_to_recordset($2::json) AS k(n TEXT, a TEXT, t TEXT) JOIN conversations d \
          ON d.tenant_id = k.n AND d.channel_account_id = k.a AND d.thread = k.t AND d.is_current = 1) \
         ORDER BY c.tenant_id, c.id FOR NO KEY UPDATE OF c",
    )
    .bind(json!(by_id).to_string())
    .bind(json!(by_thread).to_string())
    .execute(connection)
    .await?;
    Ok(())
}
