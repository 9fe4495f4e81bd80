//! Receipts: how far our messages came, whatever the order of arrival.

use channels::{Receipt, ReceiptState};
use engine::store::{MessageState, OutboxAttempt};
use tests::{Scene, check_on_every_store, reply};

fn receipt(external_id: &str, state: ReceiptState) -> Receipt {
    let reason = (state == ReceiptState::Failed).then(|| "blocked".to_owned());
    Receipt { reason, ..Receipt::new(external_id, state) }
}

#[tokio::test]
async fn the_latest_state_wins_and_a_failure_is_final() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, other) = (Scene::set(store, "shop").await, Scene::set(store, "other").await);
        let customers = scene.hear(store, "u1", "e1", "hello").await;
        let message = scene.answer(store, vec![reply("hi")]).await.remove(0).id;
        let row = store.claim_outbox(1, 1000).await.unwrap().remove(0);
        store.settle_outbox(&row, OutboxAttempt::sent(vec!["77".to_owned()])).await.unwrap();

        let steps = [
            (&other, "77", ReceiptState::Read, MessageState::Sent),
            (&scene, "78", ReceiptState::Read, MessageState::Sent),
            (&scene, "77", ReceiptState::Read, MessageState::Read),
            (&scene, "77", ReceiptState::Delivered, MessageState::Read),
            (&scene, "77", ReceiptState::Sent, MessageState::Read),
            (&scene, "77", ReceiptState::Failed, MessageState::Failed),
            (&scene, "77", ReceiptState::Read, MessageState::Failed),
        ];
        for (step, (from, external_id, state, expected)) in steps.into_iter().enumerate() {
            store.record_receipt(&from.tenant, &from.account, receipt(external_id, state)).await.unwrap();
            let found = store.message(&scene.tenant, &message).await.unwrap().unwrap();
            assert_eq!(found.state, expected, "step {step}");
            assert_eq!(found.failure.is_some(), expected == MessageState::Failed, "step {step}");
        }
        let events = store.events_after(&scene.tenant, 0, 100).await.unwrap();
        let updates = events.iter().filter(|event| event.kind == "message.updated").count();
        assert_eq!(updates, 3, "sent, read and failed; what changes nothing is not announced");

        store
            .record_receipt(&scene.tenant, &scene.account, receipt("m-e1", ReceiptState::Read))
            .await
            .unwrap();
        assert_eq!(store.message(&scene.tenant, &customers.id).await.unwrap(), Some(customers));
    })
    .await;
}

#[tokio::test]
async fn a_watermark_means_everything_before_it() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let said = scene.answer(store, vec![reply("a"), reply("b")]).await;
        for id in ["p1", "p2"] {
            let row = store.claim_outbox(10, 10_000).await.unwrap().remove(0);
            let attempt = OutboxAttempt::sent(vec![id.to_owned()]);
            store.settle_outbox(&row, attempt).await.unwrap();
        }
        let read = |thread: &str, until: i64| Receipt {
            thread: thread.to_owned(),
            up_to: Some(until),
            ..Receipt::new("", ReceiptState::Read)
        };
        let states = async || {
            let mut states = Vec::new();
            for message in &said {
                states.push(store.message(&scene.tenant, &message.id).await.unwrap().unwrap().state);
            }
            states
        };
        let now = test.clock.now().0;
        for too_early in [read("u1", said[0].at.0 - 1), read("u2", now)] {
            store.record_receipt(&scene.tenant, &scene.account, too_early).await.unwrap();
            assert_eq!(states().await, [MessageState::Sent, MessageState::Sent]);
        }
        store.record_receipt(&scene.tenant, &scene.account, read("u1", now)).await.unwrap();
        assert_eq!(states().await, [MessageState::Read, MessageState::Read]);
    })
    .await;
}
