//! Comparing what visitors were promised with what the database holds.

use std::collections::HashMap;

use sqlx::{AnyPool, Row};

use crate::visitor::Promise;

/// What is wrong; empty when every promise was kept.
#[derive(Debug, Default)]
pub struct Verdict {
    pub promises: usize,
    pub turns: usize,
    pub conversations: usize,
    /// Promised, and not there.
    pub lost: Vec<String>,
    /// Accepted messages that have not exactly one turn, or turns that do not follow each other.
    pub wrong: Vec<String>,
    /// Accepted messages still waiting to be heard.
    pub pending: i64,
}

impl Verdict {
    pub fn is_good(&self) -> bool {
        self.lost.is_empty() && self.wrong.is_empty() && self.pending == 0
    }
}

/// Opens the database and checks every promise. The server must have come to rest.
pub async fn check(database: &str, promises: &[Promise]) -> anyhow::Result<Verdict> {
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(database).await?;
    let mut verdict = Verdict { promises: promises.len(), ..Verdict::default() };
    let messages = pairs(&pool, "SELECT id, seq FROM messages WHERE author = 'customer'").await?;
    for promise in promises {
        match messages.get(&promise.message_id) {
            None => verdict.lost.push(promise.client_id.clone()),
            Some(seq) if *seq != promise.seq => {
                verdict.wrong.push(format!("{} has another number", promise.client_id));
            }
            Some(_) => {}
        }
    }
    verdict.pending = sqlx::query("SELECT COUNT(*) FROM inbound WHERE state = 'pending'")
        .fetch_one(&pool)
        .await?
        .try_get(0)?;
    let doubled =
        sqlx::query("SELECT message_id, COUNT(*) FROM turns GROUP BY message_id HAVING COUNT(*) <> 1")
            .fetch_all(&pool)
            .await?;
    for row in doubled {
        verdict.wrong.push(format!(
            "message {} has {} turns",
            row.try_get::<String, _>(0)?,
            row.try_get::<i64, _>(1)?
        ));
    }
    let silent = "SELECT i.message_id FROM inbound i WHERE i.state <> 'pending' AND NOT EXISTS \
                  (SELECT 1 FROM turns t WHERE t.tenant_id = i.tenant_id AND t.message_id = i.message_id)";
    for row in sqlx::query(silent).fetch_all(&pool).await? {
        verdict.wrong.push(format!("message {} was done without a turn", row.try_get::<String, _>(0)?));
    }
    order(&pool, &mut verdict).await?;
    Ok(verdict)
}

/// Turns of a conversation are numbered without gaps, in the order in which their messages were accepted.
async fn order(pool: &AnyPool, verdict: &mut Verdict) -> anyhow::Result<()> {
    let rows = sqlx::query(
        "SELECT t.conversation_id, t.turn, m.seq FROM turns t JOIN messages m ON m.tenant_id = t.tenant_id AND m.id = t.message_id \
         ORDER BY t.conversation_id, t.turn",
    )
    .fetch_all(pool)
    .await?;
    let (mut conversation, mut last_turn, mut last_seq) = (String::new(), 0i64, 0i64);
    for row in rows {
        let id: String = row.try_get(0)?;
        let (turn, seq): (i64, i64) = (row.try_get(1)?, row.try_get(2)?);
        if id != conversation {
            (conversation, last_turn, last_seq) = (id, 0, 0);
            verdict.conversations += 1;
        }
        if turn != last_turn + 1 || seq <= last_seq {
            verdict.wrong.push(format!(
                "conversation {conversation}: turn {turn} of message {seq} after {last_turn} of {last_seq}"
            ));
        }
        (last_turn, last_seq) = (turn, seq);
        verdict.turns += 1;
    }
    Ok(())
}

async fn pairs(pool: &AnyPool, sql: &'static str) -> anyhow::Result<HashMap<String, i64>> {
    let rows = sqlx::query(sql).fetch_all(pool).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}
