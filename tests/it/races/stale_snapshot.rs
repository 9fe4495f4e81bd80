//! A claim whose snapshot is older than its lock must not hear again what another worker has just heard.

use std::sync::atomic::Ordering;

use tests::{TestStore, need};

use super::history::Fault;
use super::naive::{Flaws, control, sound_control};
use super::storm::Load;
use super::storm_on_nodes;

/// Many workers over few conversations in which there is always more to hear.
const LOAD: Load = Load {
    threads: 40,
    messages: 50,
    senders: 8,
    senders_of_thread: 1,
    workers: 8,
    head_start: true,
    in_step: false,
    copies: 2,
};

async fn check(test: TestStore, nodes: usize) {
    let nodes = storm_on_nodes("stale_snapshot", test, nodes, (LOAD, 25)).await;
    let counts = &nodes.counts;
    assert!(counts.abandoned.load(Ordering::Relaxed) > 0, "workers die on the way");
    assert_eq!(
        counts.turns.load(Ordering::Relaxed),
        LOAD.threads * LOAD.messages,
        "one turn for each message"
    );
    assert_eq!(counts.duplicates.load(Ordering::Relaxed), LOAD.threads * LOAD.messages * (LOAD.copies - 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite() {
    check(TestStore::sqlite().await, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres() {
    if need("postgres") {
        check(TestStore::postgres().await, 3).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn naive_sql_is_caught() {
    if !need("postgres") {
        return;
    }
    let load = Load { threads: 20, messages: 30, workers: 12, copies: 1, ..LOAD };
    sound_control(load).await;
    let flaws = Flaws { one_statement: true, ..Flaws::default() };
    control(flaws, load, 3, |fault| matches!(fault, Fault::HeardTwice { .. })).await;
}
