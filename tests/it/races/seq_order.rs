//! Places in a thread and numbers of events follow the order of commits, not the order in which they were asked for.

use tests::{TestStore, need};

use super::history::Fault;
use super::naive::{Flaws, control};
use super::storm::Load;
use super::storm_on_nodes;

/// Few conversations that several senders write to at once, at several nodes.
const LOAD: Load = Load {
    threads: 12,
    messages: 150,
    senders: 16,
    senders_of_thread: 4,
    workers: 8,
    head_start: false,
    in_step: false,
    copies: 1,
};

async fn check(test: TestStore, nodes: usize) {
    storm_on_nodes("seq_order", test, nodes, (LOAD, 100)).await;
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
    let load = Load { messages: 40, workers: 12, ..LOAD };
    let flaws = Flaws { by_sequence: true, ..Flaws::default() };
    control(flaws, load, 3, |fault| matches!(fault, Fault::OutOfPlace { .. })).await;
    control(flaws, load, 3, |fault| matches!(fault, Fault::NotFollowed { .. })).await;
}
