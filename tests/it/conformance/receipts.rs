//! Receipts: how far our messages came, whatever the order of arrival.

use channels::{Receipt, ReceiptState};
use engine::store::{MessageState, OutboxOutcome};
use tests::{Scene, check_on_every_store, reply};

fn receipt(external_id: &str, state: ReceiptState) -> Receipt {
    let reason = (state == ReceiptState::Failed).then(|| "blocked".to_owned());
    Receipt { external_id: external_id.to_owned(), state, reason }
}

#[tokio::test]
async fn the_latest_state_wins_and_a_failure_is_final() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, other) = (Scene::set(store, "shop").await, Scene::set(store, "other").await);
        let customers = scene.hear(store, "u1", "e1", "hello").await;
        let message = scene.answer(store, vec![reply("hi")]).await.remove(0).id;
        let row = store.claim_outbox(1, 1000).await.unwrap().remove(0);
        store.settle_outbox(&row, OutboxOutcome::Sent { external_id: Some("77".to_owned()) }).await.unwrap();

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
            store.record_receipt(&from.tenant, receipt(external_id, state)).await.unwrap();
            let found = store.message(&scene.tenant, &message).await.unwrap().unwrap();
            assert_eq!(found.state, expected, "step {step}");
            assert_eq!(found.failure.is_some(), expected == MessageState::Failed, "step {step}");
        }
        let events = store.events_after(&scene.tenant, 0, 100).await.unwrap();
        let updates = events.iter().filter(|event| event.kind == "message.updated").count();
        assert_eq!(updates, 3, "sent, read and failed; what changes nothing is not announced");

        store.record_receipt(&scene.tenant, receipt("m-e1", ReceiptState::Read)).await.unwrap();
        assert_eq!(store.message(&scene.tenant, &customers.id).await.unwrap(), Some(customers));
    })
    .await;
}
