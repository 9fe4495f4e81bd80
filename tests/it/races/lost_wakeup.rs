//! A message that arrives while a worker is about to forget its conversation must still be heard.

use tests::{TestStore, need};

use super::history::Fault;
use super::naive::{Flaws, control};
use super::storm::Load;
use super::storm_on_nodes;

/// Many conversations that run empty all the time, so that arrivals meet releases.
const LOAD: Load = Load {
    threads: 300,
    messages: 6,
    senders: 16,
    senders_of_thread: 1,
    workers: 8,
    head_start: false,
    in_step: true,
    copies: 1,
};

async fn check(test: TestStore, nodes: usize) {
    storm_on_nodes("lost_wakeup", test, nodes, (LOAD, u64::MAX)).await;
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
    let load = Load { threads: 60, messages: 15, workers: 12, ..LOAD };
    let flaws = Flaws { do_nothing: true, ..Flaws::default() };
    control(flaws, load, 3, |fault| matches!(fault, Fault::Stranded { .. })).await;
}
