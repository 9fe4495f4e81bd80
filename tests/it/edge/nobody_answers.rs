//! Messages on an account that nobody can answer for: they wait a while, then they are set aside with a reason.

use std::time::{Duration, Instant};

use channels::ChannelName;
use engine::demo::seed::TENANT;
use engine::ids::TenantId;
use engine::serve;
use engine::store::Author;
use tests::TestStore;
use tests::fault_run::Stage;

const CUSTOMER: &str = "4000001";

async fn reasons(stage: &Stage) -> Vec<String> {
    let parked = stage.app.store.parked_inbound(&TenantId::from_text(TENANT)).await.unwrap();
    parked.into_iter().filter_map(|parked| parked.reason).collect()
}

/// Who spoke in the customer's conversation, oldest first.
async fn authors(stage: &Stage) -> Vec<Author> {
    let (tenant, store) = (TenantId::from_text(TENANT), &stage.app.store);
    let account = &stage.accounts[&ChannelName::Telegram];
    let conversation = store.conversation_of_thread(&tenant, account, CUSTOMER).await.unwrap().unwrap();
    let messages = store.messages(&tenant, &conversation.id, None, 20).await.unwrap();
    messages.into_iter().map(|message| message.author).collect()
}

/// Moves the clock by five seconds at a time until it holds; returns by how many.
async fn until(stage: &Stage, what: &str, holds: impl AsyncFn() -> bool) -> i64 {
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut seconds = 0;
    while !holds().await {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        stage.clock.advance_millis(5_000);
        seconds += 5;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    seconds
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_can_answer_is_set_aside_with_the_reason() {
    let store = TestStore::memory().await;
    let stage = Stage::set(&store).await.unwrap();
    stage.hear(ChannelName::Telegram, CUSTOMER, "hello").await;
    let workers = tokio::spawn(engine::workers::run(stage.app.clone()));
    let seconds = until(&stage, "the reason", async || !reasons(&stage).await.is_empty()).await;
    assert!(seconds >= 60, "it may pass: {seconds} s");
    let reasons = reasons(&stage).await;
    assert!(reasons[0].starts_with("no bot called ") && reasons[0].contains("hear it again"), "{reasons:?}");
    stage.app.close();
    workers.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_for_somebody_is_no_attempt() {
    let store = TestStore::memory().await;
    let stage = Stage::set(&store).await.unwrap();
    stage.hear(ChannelName::Telegram, CUSTOMER, "hello").await;
    let claimed = async || {
        let claimed = stage.app.store.claim("stage", 1, 30_000).await.unwrap().remove(0);
        assert_eq!(claimed.pending[0].attempts, 1, "nothing was tried before");
        stage.app.store.put_back(claimed.lease, 5_000, &claimed.pending[0].inbound).await.unwrap();
        stage.clock.advance_millis(5_001);
    };
    for _ in 0..5 {
        claimed().await;
    }
    serve::load_bots(&stage.app, serve::teller(|_| {})).await.unwrap();
    let workers = tokio::spawn(engine::workers::run(stage.app.clone()));
    until(&stage, "the answer", async || authors(&stage).await.contains(&Author::Bot)).await;
    assert_eq!(reasons(&stage).await, Vec::<String>::new());
    stage.app.close();
    workers.await.unwrap();
}
