//! Negative controls: an inbox with raw SQL that can be given each of the three flaws.
//!
//! Without a flaw it is sound, which shows that the load and the judgement do not find fault with just anything.

use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{PgConnection, Row};
use tests::TestDatabase;

use super::history::{Fault, History, faults};
use super::storm::{Begin, Inbox, Load, name, storm};

/// What is wrong with it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flaws {
    /// Claims and hears in one statement, and does not check again that nobody has heard the message meanwhile.
    pub(super) one_statement: bool,
    /// Leaves a wake-up alone that is already there.
    pub(super) do_nothing: bool,
    /// Numbers messages and events by a sequence, which runs ahead of the commit.
    pub(super) by_sequence: bool,
}

const SCHEMA: &str = "
  CREATE TABLE conv (id TEXT PRIMARY KEY, next BIGINT NOT NULL DEFAULT 0);
  CREATE TABLE inbound (id BIGSERIAL PRIMARY KEY, conv TEXT NOT NULL, place BIGINT NOT NULL, message BIGINT NOT NULL,
    state BIGINT NOT NULL DEFAULT 0);
  CREATE INDEX ON inbound (conv, place) WHERE state = 0;
  CREATE TABLE ready (conv TEXT PRIMARY KEY, gen BIGINT NOT NULL DEFAULT 1);
  CREATE TABLE heard (id BIGSERIAL PRIMARY KEY, conv TEXT NOT NULL, message BIGINT NOT NULL);
  CREATE TABLE log_row (next BIGINT NOT NULL);
  INSERT INTO log_row VALUES (0);
  CREATE SEQUENCE log_sequence;
  CREATE TABLE log (n BIGINT NOT NULL);";

pub(super) struct Naive {
    database: TestDatabase,
    pool: PgPool,
    flaws: Flaws,
}

impl Naive {
    async fn open(flaws: Flaws, threads: usize) -> Self {
        let database = TestDatabase::create().await;
        let mut owner = database.connect().await;
        sqlx::raw_sql(SCHEMA).execute(&mut owner).await.expect("the schema can be made");
        for thread in 0..threads {
            sqlx::query("INSERT INTO conv (id) VALUES ($1)")
                .bind(name(thread))
                .execute(&mut owner)
                .await
                .unwrap();
        }
        let pool = PgPoolOptions::new().max_connections(16).connect(&database.url()).await;
        Self { pool: pool.expect("the database takes connections"), database, flaws }
    }

    /// Takes a message in; its place in the thread.
    pub(super) async fn deliver(&self, thread: usize, message: i64) -> i64 {
        let mut transaction = self.pool.begin().await.unwrap();
        let conv = name(thread);
        let place: i64 = if self.flaws.by_sequence {
            sqlx::query_scalar("SELECT nextval('inbound_id_seq')").fetch_one(&mut *transaction).await.unwrap()
        } else {
            let sql = "UPDATE conv SET next = next + 1 WHERE id = $1 RETURNING next";
            sqlx::query_scalar(sql).bind(&conv).fetch_one(&mut *transaction).await.unwrap()
        };
        sqlx::query("INSERT INTO inbound (conv, place, message) VALUES ($1, $2, $3)")
            .bind(&conv)
            .bind(place)
            .bind(message)
            .execute(&mut *transaction)
            .await
            .unwrap();
        let wake = if self.flaws.do_nothing {
            "INSERT INTO ready (conv) VALUES ($1) ON CONFLICT (conv) DO NOTHING"
        } else {
            "INSERT INTO ready (conv) VALUES ($1) ON CONFLICT (conv) DO UPDATE SET gen = ready.gen + 1"
        };
        sqlx::query(wake).bind(&conv).execute(&mut *transaction).await.unwrap();
        let log = if self.flaws.by_sequence {
            "INSERT INTO log VALUES (nextval('log_sequence'))"
        } else {
            "WITH r AS (UPDATE log_row SET next = next + 1 RETURNING next) INSERT INTO log SELECT next FROM r"
        };
        sqlx::query(log).execute(&mut *transaction).await.unwrap();
        transaction.commit().await.unwrap();
        place
    }

    /// One turn for each conversation that can be claimed; false when none can.
    pub(super) async fn work(&self, begin: Begin<'_>) -> bool {
        let mut transaction = self.pool.begin().await.unwrap();
        let claimed = if self.flaws.one_statement {
            claim_and_hear(&mut transaction).await
        } else {
            claim_then_hear(&mut transaction, begin).await
        };
        transaction.commit().await.unwrap();
        claimed > 0
    }

    pub(super) async fn events_after(&self, cursor: i64) -> Vec<i64> {
        let sql = "SELECT n FROM log WHERE n > $1 ORDER BY n";
        sqlx::query_scalar(sql).bind(cursor).fetch_all(&self.pool).await.unwrap()
    }

    pub(super) async fn fill(&self, history: &mut History) {
        let mut owner = self.database.connect().await;
        let heard = "SELECT conv, message FROM heard ORDER BY id";
        let heard: Vec<(String, i64)> = sqlx::query_as(heard).fetch_all(&mut owner).await.unwrap();
        for (thread, message) in heard {
            history.heard.entry(thread).or_default().push(message);
        }
        // It keeps no numbered turns, so there is nothing to find in them.
        for (thread, heard) in &history.heard {
            history.turns.insert(thread.clone(), (1..=heard.len() as i64).collect());
        }
        let stranded = "SELECT DISTINCT conv FROM inbound i WHERE state = 0 \
                        AND NOT EXISTS (SELECT 1 FROM ready r WHERE r.conv = i.conv)";
        let stranded: Vec<String> = sqlx::query_scalar(stranded).fetch_all(&mut owner).await.unwrap();
        history.stranded = stranded.into_iter().collect();
        history.logged =
            sqlx::query_scalar("SELECT n FROM log ORDER BY n").fetch_all(&mut owner).await.unwrap();
    }
}

const CLAIM: &str = "SELECT conv, gen FROM ready ORDER BY conv LIMIT 4 FOR UPDATE SKIP LOCKED";

/// Sound: what is claimed is read by the next statement, and marked only if it is still unheard.
async fn claim_then_hear(connection: &mut PgConnection, begin: Begin<'_>) -> usize {
    let claimed = sqlx::query(CLAIM).fetch_all(&mut *connection).await.unwrap();
    for row in &claimed {
        begin(row.get(0));
    }
    for row in &claimed {
        let (conv, gen_seen): (String, i64) = (row.get(0), row.get(1));
        let next = "UPDATE inbound SET state = 1 WHERE state = 0 AND id = (SELECT id FROM inbound \
                    WHERE conv = $1 AND state = 0 ORDER BY place LIMIT 1) RETURNING message";
        let message: Option<i64> =
            sqlx::query_scalar(next).bind(&conv).fetch_optional(&mut *connection).await.unwrap();
        if let Some(message) = message {
            let hear = "INSERT INTO heard (conv, message) VALUES ($1, $2)";
            sqlx::query(hear).bind(&conv).bind(message).execute(&mut *connection).await.unwrap();
        }
        let forget = "DELETE FROM ready WHERE conv = $1 AND gen = $2 \
                      AND NOT EXISTS (SELECT 1 FROM inbound WHERE conv = $1 AND state = 0)";
        sqlx::query(forget).bind(&conv).bind(gen_seen).execute(&mut *connection).await.unwrap();
    }
    claimed.len()
}

/// Flawed: the statement's snapshot is older than the lock it gets, so it hears what another worker has just heard.
async fn claim_and_hear(connection: &mut PgConnection) -> usize {
    let sql = "WITH k AS (SELECT conv FROM ready ORDER BY conv LIMIT 4 FOR UPDATE SKIP LOCKED),
        e AS (SELECT DISTINCT ON (i.conv) i.id, i.conv FROM inbound i JOIN k USING (conv) WHERE i.state = 0
              ORDER BY i.conv, i.place),
        u AS (UPDATE inbound SET state = 1 WHERE id IN (SELECT id FROM e) RETURNING conv, message),
        h AS (INSERT INTO heard (conv, message) SELECT conv, message FROM u),
        d AS (DELETE FROM ready r WHERE r.conv IN (SELECT conv FROM k) AND NOT EXISTS
              (SELECT 1 FROM inbound i WHERE i.conv = r.conv AND i.state = 0 AND i.id NOT IN (SELECT id FROM e)))
        SELECT COUNT(*) FROM k";
    let claimed: i64 = sqlx::query_scalar(sql).fetch_one(connection).await.unwrap();
    claimed as usize
}

/// Puts the flawed inbox under load until `is_expected` is among its faults, at most `tries` times.
pub(super) async fn control(flaws: Flaws, load: Load, tries: usize, is_expected: fn(&Fault) -> bool) {
    for one in 1..=tries {
        let naive = Naive::open(flaws, load.threads).await;
        let found = faults(&storm(Inbox::Naive(naive.into()), load).await);
        let caught = found.iter().filter(|fault| is_expected(fault)).count();
        if caught > 0 {
            eprintln!("control {flaws:?}: caught in try {one}: {caught} faults, such as {:?}", found.first());
            return;
        }
    }
    eprintln!("control {flaws:?}: got away with it in {tries} tries");
}

/// The same inbox without a flaw passes under the same load.
pub(super) async fn sound_control(load: Load) {
    let naive = Naive::open(Flaws::default(), load.threads).await;
    let found = faults(&storm(Inbox::Naive(naive.into()), load).await);
    assert!(found.is_empty(), "an inbox without a flaw is found fault with: {found:?}");
}
