//! Faults of the platforms: what customers see in spite of them. The tool `fault_run` plays the same at length.

use tests::TestStore;
use tests::fault_run::FaultRun;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reply_arrives_in_order_and_seldom_twice() {
    let store = TestStore::memory().await;
    let verdict = FaultRun { sends: 600, seed: 7 }.play(&store).await.unwrap();
    assert_eq!(verdict.mistakes(), Vec::<String>::new(), "\n{}", verdict.table());
    assert!(verdict.rows.iter().all(|row| row.ambiguous() > 0), "\n{}", verdict.table());
}
