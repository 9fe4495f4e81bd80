//! Comparing what visitors were promised with what the database holds.

use std::collections::HashMap;

use sqlx::any::AnyPoolOptions;
use sqlx::{AnyPool, Row};

/// A message that the server said it has.
#[derive(Clone, Debug)]
pub struct Promise {
    /// What the sender calls it: the last part of the event's id.
    pub event: String,
    /// Its number in the conversation, where the server told it.
    pub seq: Option<i64>,
}

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

/// Opens the database so that the demo company's rows are seen, also under row-level security.
async fn open(database: &str) -> anyhow::Result<AnyPool> {
    sqlx::any::install_default_drivers();
    let is_postgres = database.starts_with("postgres");
    let options = AnyPoolOptions::new().after_connect(move |connection, _| {
        Box::pin(async move {
            if is_postgres {
                let company = "SET ROLE sala_app; SELECT set_config('sala.tenants', 'baan_kafe', false)";
                sqlx::raw_sql(company).execute(connection).await?;
            }
            Ok(())
        })
    });
    Ok(options.connect(database).await?)
}

/// How much the server has still to do in the background.
pub async fn unfinished_jobs(database: &str) -> anyhow::Result<i64> {
    let pool = open(database).await?;
    let row = sqlx::query("SELECT COUNT(*) FROM jobs WHERE state <> 'done'").fetch_one(&pool).await?;
    pool.close().await;
    Ok(row.try_get(0)?)
}

/// Opens the database and checks every promise. The server must have come to rest.
pub async fn check(database: &str, promises: &[Promise]) -> anyhow::Result<Verdict> {
    let pool = open(database).await?;
    let mut verdict = Verdict { promises: promises.len(), ..Verdict::default() };
    let mut taken_in: HashMap<String, Vec<i64>> = HashMap::new();
    let rows = "SELECT i.event_id, m.seq FROM inbound i JOIN messages m ON m.tenant_id = i.tenant_id AND m.id = i.message_id";
    for row in sqlx::query(rows).fetch_all(&pool).await? {
        let event: String = row.try_get(0)?;
        let name = event.rsplit(':').next().unwrap_or_default().to_owned();
        taken_in.entry(name).or_default().push(row.try_get(1)?);
    }
    for Promise { event, seq } in promises {
        match taken_in.get(event).map(Vec::as_slice) {
            None => verdict.lost.push(event.clone()),
            Some([found]) if seq.is_none_or(|seq| seq == *found) => {}
            Some([_]) => verdict.wrong.push(format!("{event} has another number")),
            Some(several) => verdict.wrong.push(format!("{event} is there {} times", several.len())),
        }
    }
    verdict.pending = count_pending(&pool).await?;
    let mut turns: HashMap<String, usize> = HashMap::new();
    for row in sqlx::query("SELECT message_id FROM turns").fetch_all(&pool).await? {
        *turns.entry(row.try_get(0)?).or_default() += 1;
    }
    for (message, count) in turns.iter().filter(|(_, count)| **count != 1) {
        verdict.wrong.push(format!("message {message} has {count} turns"));
    }
    let heard = "SELECT message_id FROM inbound WHERE state <> 'pending'";
    for row in sqlx::query(heard).fetch_all(&pool).await? {
        let message: String = row.try_get(0)?;
        if !turns.contains_key(&message) {
            verdict.wrong.push(format!("message {message} was done without a turn"));
        }
    }
    order(&pool, &mut verdict).await?;
    Ok(verdict)
}

/// Accepted messages that wait to be heard.
pub async fn pending(database: &str) -> anyhow::Result<i64> {
    count_pending(&open(database).await?).await
}

async fn count_pending(pool: &AnyPool) -> anyhow::Result<i64> {
    let row = sqlx::query("SELECT COUNT(*) FROM inbound WHERE state = 'pending'").fetch_one(pool).await?;
    Ok(row.try_get(0)?)
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
