//! The real thing under load: several nodes of the store on one database.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use channels::Content;
use engine::clock::Clock;
use engine::store::{Claimed, Ingested, Store, StoreError, TurnCommit};
use sqlx::AnyConnection;
use tests::{Scene, TestStore, nothing_said, reply};

use super::history::History;
use super::storm::{Begin, name};

/// A lease is this long; it ends when the clock is moved, which no test has to wait for.
const LEASE_MILLIS: u64 = 30_000;
/// A worker takes so many conversations at once.
const CLAIM: i64 = 4;

/// Several nodes with one clock.
pub(super) struct Nodes {
    test: TestStore,
    stores: Vec<Store>,
    scene: Scene,
    clock: Clock,
    /// One in so many claimed conversations is abandoned by its worker, at one of several moments.
    abandon_one_in: u64,
    claims: AtomicU64,
    /// What happened on the way; a test that means to provoke something can see that it did.
    pub(super) counts: Counts,
}

/// What happened on the way.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) turns: AtomicUsize,
    pub(super) duplicates: AtomicUsize,
    pub(super) abandoned: AtomicUsize,
    pub(super) fenced: AtomicUsize,
    pub(super) empty_claims: AtomicUsize,
}

impl Nodes {
    pub(super) async fn open(test: TestStore, count: usize, abandon_one_in: u64) -> Self {
        let scene = Scene::set(&test.store, "storm").await;
        let mut stores = vec![test.store.clone()];
        while stores.len() < count {
            stores.push(test.another_node().await);
        }
        let clock = test.clock.clone();
        Self {
            test,
            stores,
            scene,
            clock,
            abandon_one_in,
            claims: AtomicU64::new(1),
            counts: Counts::default(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.stores.len()
    }

    pub(super) async fn deliver(&self, node: usize, thread: usize, message: i64) -> Option<i64> {
        let thread = name(thread);
        let event = format!("{thread}-{message}");
        let ingest = self.scene.text(&thread, &event, &message.to_string());
        match self.stores[node].ingest(ingest).await.expect("a node takes every message") {
            // Nobody but the customer and the bot writes here, so the places rise with the messages' numbers.
            Ingested::Accepted(message) => Some(message.seq),
            Ingested::Duplicate => {
                self.counts.duplicates.fetch_add(1, Ordering::Relaxed);
                None
            }
        }
    }

    pub(super) async fn work(&self, node: usize, begin: Begin<'_>) -> bool {
        let store = &self.stores[node];
        let claimed =
            store.claim(&format!("node {node}"), CLAIM, LEASE_MILLIS).await.expect("a node can claim");
        let worked = !claimed.is_empty();
        for one in claimed {
            let count = self.claims.fetch_add(1, Ordering::Relaxed);
            let abandon = count.is_multiple_of(self.abandon_one_in).then_some(count / self.abandon_one_in);
            self.hear(store, one, begin, abandon).await;
        }
        worked
    }

    /// Hears what waits in a conversation. The state is the list of the messages heard, so that whatever is lost,
    /// doubled or taken from a stale reading shows in it.
    async fn hear(&self, store: &Store, claimed: Claimed, begin: Begin<'_>, abandon: Option<u64>) {
        let mut state = claimed.state.clone();
        let count = claimed.pending.len();
        if count == 0 {
            self.counts.empty_claims.fetch_add(1, Ordering::Relaxed);
            drop(store.release(claimed.lease.clone()).await);
        }
        for (index, pending) in claimed.pending.iter().enumerate() {
            if abandon.is_some_and(|which| index as u64 == which % 2) && !self.falter(which_way(abandon)) {
                return;
            }
            let Some(Content::Text { text }) = pending.inbound_message.as_ref().map(|heard| &heard.content)
            else {
                panic!("only texts were sent")
            };
            state = if state.is_empty() { text.clone() } else { format!("{state},{text}") };
            let turn = nothing_said(&claimed.lease, pending);
            let replies = if pending.turn % 5 == 0 { vec![reply("ค่ะ")] } else { Vec::new() };
            let commit = TurnCommit { state: state.clone(), replies, last: index + 1 == count, ..turn };
            begin(&claimed.thread);
            match store.commit_turn(commit).await {
                Ok(_) => self.counts.turns.fetch_add(1, Ordering::Relaxed),
                Err(StoreError::Fenced) => {
                    self.counts.fenced.fetch_add(1, Ordering::Relaxed);
                    return;
                }
                Err(error) => panic!("a turn cannot be committed: {error}"),
            };
        }
    }

    /// A worker dies here, or its lease ends under it and it goes on regardless. True for going on.
    fn falter(&self, goes_on: bool) -> bool {
        self.counts.abandoned.fetch_add(1, Ordering::Relaxed);
        self.end_leases();
        goes_on
    }

    pub(super) fn end_leases(&self) {
        self.clock.advance_millis(LEASE_MILLIS as i64 + 1);
    }

    pub(super) async fn events_after(&self, node: usize, cursor: i64) -> Vec<i64> {
        let page = self.stores[node].events_after(&self.scene.tenant, cursor, 500).await;
        page.expect("the log can be read").iter().map(|event| event.n).collect()
    }

    pub(super) async fn fill(&self, history: &mut History) {
        let mut owner = self.owner().await;
        let states = "SELECT thread, state FROM conversations";
        for (thread, state) in rows::<(String, String)>(&mut owner, states).await {
            let heard = state.split(',').filter_map(|message| message.parse().ok()).collect();
            history.heard.insert(thread, heard);
        }
        let turns = "SELECT c.thread, t.turn FROM turns t JOIN conversations c \
                     ON c.tenant_id = t.tenant_id AND c.id = t.conversation_id ORDER BY t.turn";
        for (thread, turn) in rows::<(String, i64)>(&mut owner, turns).await {
            history.turns.entry(thread).or_default().push(turn);
        }
        let stranded = "SELECT DISTINCT c.thread, c.id FROM inbound i JOIN conversations c \
                        ON c.tenant_id = i.tenant_id AND c.id = i.conversation_id WHERE i.state = 'pending' \
                        AND NOT EXISTS (SELECT 1 FROM ready r WHERE r.conversation_id = c.id)";
        let stranded: Vec<(String, String)> = rows(&mut owner, stranded).await;
        history.stranded = stranded.into_iter().map(|(thread, _)| thread).collect();
        let logged: Vec<(i64, String)> = rows(&mut owner, "SELECT n, kind FROM event_log ORDER BY n").await;
        history.logged = logged.into_iter().map(|(n, _)| n).collect();
    }

    /// What the sweeper finds when everybody has stopped: it must be nothing.
    pub(super) async fn swept(&self) -> u64 {
        // Younger than nothing: every message counts.
        self.test.store.sweep(-1).await.expect("the sweeper can look")
    }

    /// Deadlocks that PostgreSQL had to break; none where there is no PostgreSQL.
    pub(super) async fn deadlocks(&self) -> i64 {
        if self.test.database().is_none() {
            return 0;
        }
        let mut owner = self.owner().await;
        let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        sqlx::query_scalar(sql).fetch_one(&mut owner).await.expect("statistics can be read")
    }

    async fn owner(&self) -> AnyConnection {
        let mut owner = self.test.owner().await.expect("a storm needs a store that can be looked into");
        if self.test.database().is_some() {
            let name = "SELECT set_config('sala.tenants', $1, false)";
            let tenant = self.scene.tenant.as_str().to_owned();
            sqlx::query(name).bind(tenant).execute(&mut owner).await.expect("the tenant can be named");
        }
        owner
    }
}

fn which_way(abandon: Option<u64>) -> bool {
    abandon.is_some_and(|which| which % 3 == 0)
}

async fn rows<Row>(owner: &mut AnyConnection, sql: &'static str) -> Vec<Row>
where
    Row: Send + Unpin + for<'r> sqlx::FromRow<'r, sqlx::any::AnyRow>,
{
    sqlx::query_as(sql).fetch_all(owner).await.expect("rows can be read")
}
