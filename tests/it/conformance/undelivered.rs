//! Answers that did not arrive: they count as none where somebody is to see it.

use channels::{Receipt, ReceiptState};
use engine::store::{
    ControlChange, Conversation, NewAgentMessage, OutboxAttempt, OutboxOutcome, OutboxRow, Store,
};
use tests::{Scene, check_on_every_store, reply};

async fn claim(store: &Store) -> OutboxRow {
    store.claim_outbox(1, 1_000).await.unwrap().remove(0)
}

async fn fails(store: &Store) -> OutboxRow {
    let row = claim(store).await;
    let outcome = OutboxOutcome::Parked { progress: 0, error: "blocked".to_owned() };
    store.settle_outbox(&row, outcome).await.unwrap();
    row
}

async fn post(store: &Store, scene: &Scene, conversation: &Conversation, client_id: &str) {
    let agent = scene.agent(store, client_id).await;
    let take = ControlChange::Take(agent.clone());
    store.change_control(&scene.tenant, &conversation.id, ControlChange::HandBack).await.unwrap();
    store.change_control(&scene.tenant, &conversation.id, take).await.unwrap();
    let message = NewAgentMessage {
        tenant: scene.tenant.clone(),
        conversation: conversation.id.clone(),
        agent,
        agent_name: "Nok".to_owned(),
        client_id: client_id.to_owned(),
        text: "at once".to_owned(),
        note: false,
        seen_seq: 100,
        live: false,
        quotes: None,
        answer: None,
    };
    store.post_agent_message(message).await.unwrap();
}

/// What the lists show of the thread: messages that wait for an answer, and how far our last word came.
async fn check(store: &Store, scene: &Scene, thread: &str, expected: (i64, Option<&str>)) {
    let shown = scene.conversation(store, thread).await;
    assert_eq!((shown.unanswered, shown.last_state.as_deref()), expected, "{thread}");
}

#[tokio::test]
async fn a_persons_answer_that_failed_is_awaited_until_it_is_sent_again() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        scene.answer(store, Vec::new()).await;
        check(store, &scene, "u1", (1, None)).await;
        let conversation = scene.conversation(store, "u1").await;
        post(store, &scene, &conversation, "c1").await;
        check(store, &scene, "u1", (0, Some("queued"))).await;
        let row = fails(store).await;
        check(store, &scene, "u1", (1, Some("failed"))).await;
        store.retry_outbound(&scene.tenant, row.id.as_str()).await.unwrap();
        check(store, &scene, "u1", (0, Some("queued"))).await;
        fails(store).await;
        post(store, &scene, &conversation, "c2").await;
        let later = claim(store).await;
        store.settle_outbox(&later, OutboxAttempt::sent(vec!["77".to_owned()])).await.unwrap();
        check(store, &scene, "u1", (0, Some("sent"))).await;
        let failed =
            Receipt { reason: Some("blocked".to_owned()), ..Receipt::new("77", ReceiptState::Failed) };
        store.record_receipt(&scene.tenant, &scene.account, failed).await.unwrap();
        check(store, &scene, "u1", (1, Some("failed"))).await;
        scene.hear(store, "u1", "e2", "are you there?").await;
        check(store, &scene, "u1", (2, None)).await;
    })
    .await;
}

#[tokio::test]
async fn what_the_bot_said_in_private_is_marked_and_not_awaited() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for (thread, awaited) in [("u1", 0), ("comment:p1/c1", 1)] {
            scene.hear(store, thread, thread, "hello").await;
            scene.answer(store, vec![reply("hi")]).await;
            fails(store).await;
            check(store, &scene, thread, (awaited, Some("failed"))).await;
        }
        // One that stands answers for one that failed before it.
        scene.hear(store, "comment:p1/c2", "e3", "hello").await;
        scene.answer(store, vec![reply("a"), reply("b")]).await;
        let first = claim(store).await;
        store.settle_outbox(&first, OutboxAttempt::sent(vec!["1".to_owned()])).await.unwrap();
        let second = claim(store).await;
        store.settle_outbox(&second, OutboxAttempt::sent(vec!["2".to_owned()])).await.unwrap();
        store
            .record_receipt(&scene.tenant, &scene.account, Receipt::new("1", ReceiptState::Failed))
            .await
            .unwrap();
        check(store, &scene, "comment:p1/c2", (0, Some("sent"))).await;
    })
    .await;
}
