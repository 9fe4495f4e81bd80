//! The races of the inbox, under load: several nodes on one database, many workers each, every message delivered more
//! than once, workers that die and leases that end under them.
//!
//! Each test has a negative control: the naive SQL that reliability papers warn of, under the same load, judged by the
//! same [`history::faults`]. A control that happens to get away with it says so and does not fail.

mod history;
mod lost_wakeup;
mod naive;
mod nodes;
mod seq_order;
mod stale_snapshot;
mod storm;

use std::sync::Arc;

use tests::TestStore;

use history::faults;
use nodes::Nodes;
use storm::{Inbox, Load, storm};

/// Puts nodes of the store under load and judges what they left; one in `abandon_one_in` claims is abandoned.
async fn storm_on_nodes(
    what: &str,
    test: TestStore,
    count: usize,
    (load, abandon_one_in): (Load, u64),
) -> Arc<Nodes> {
    let kind = test.store.name();
    let nodes = Arc::new(Nodes::open(test, count, abandon_one_in).await);
    let history = storm(Inbox::Nodes(Arc::clone(&nodes)), load).await;
    let found = faults(&history);
    assert!(found.is_empty(), "{what} on {kind}: {found:?}");
    assert_eq!(nodes.swept().await, 0, "the sweeper finds nothing");
    let deadlocks = nodes.deadlocks().await;
    eprintln!("{what} on {kind}: {count} nodes, {load:?}, {:?}, deadlocks {deadlocks}", nodes.counts);
    // Two nodes that open the same threads at the same moment may meet; anything more would be a wrong order of locks.
    assert!(deadlocks * 500 <= (load.threads * load.messages) as i64, "{deadlocks} deadlocks");
    nodes
}
