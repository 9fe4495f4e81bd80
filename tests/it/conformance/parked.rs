//! Messages that could not be heard: set aside, shown, heard again on request.

use engine::clock::Micros;
use engine::ids::MessageId;
use engine::store::{StoreError, TurnCommit, TurnRow};
use engine::turn_record;
use serde_json::json;
use tests::{Scene, check_on_every_store, nothing_said};

#[tokio::test]
async fn a_parked_message_blocks_nobody_and_is_heard_again_as_the_newest_turn() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, other) = (Scene::set(store, "shop").await, Scene::set(store, "other").await);
        let poison = scene.hear(store, "u1", "e1", "poison").await;
        scene.hear(store, "u1", "e2", "next").await;
        let claimed = scene.claim(store).await;
        let parked = Some("the turn took too long".to_owned());
        let park = TurnCommit { parked, ..nothing_said(&claimed.lease, &claimed.pending[0]) };
        store.commit_turn(park).await.unwrap();
        let next = TurnCommit { last: true, ..nothing_said(&claimed.lease, &claimed.pending[1]) };
        store.commit_turn(next).await.unwrap();
        assert!(store.claim("a", 10, 1000).await.unwrap().is_empty());

        let list = store.parked_inbound(&scene.tenant).await.unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!((list[0].message_id.as_str(), list[0].attempts), (poison.id.as_str(), 1));
        assert_eq!(list[0].conversation_id, poison.conversation.as_str());
        assert_eq!(list[0].reason.as_deref(), Some("the turn took too long"));
        assert!(store.parked_inbound(&other.tenant).await.unwrap().is_empty());

        let foreign = store.retry_inbound(&other.tenant, &list[0].id).await;
        assert!(matches!(foreign, Err(StoreError::NotFound(_))));
        store.retry_inbound(&scene.tenant, &list[0].id).await.unwrap();
        let twice = store.retry_inbound(&scene.tenant, &list[0].id).await;
        assert!(matches!(twice, Err(StoreError::NotFound(_))));
        assert!(store.parked_inbound(&scene.tenant).await.unwrap().is_empty());

        let again = scene.claim(store).await;
        assert_eq!(again.done_turn, 2);
        let pending: Vec<_> =
            again.pending.iter().map(|one| (one.turn, one.attempts, &one.message)).collect();
        assert_eq!(pending, [(3, 1, &poison.id)]);
        let commit = TurnCommit { last: true, ..nothing_said(&again.lease, &again.pending[0]) };
        store.commit_turn(commit).await.unwrap();
        let turns = store.turns(&scene.tenant, &poison.conversation, 10).await.unwrap();
        assert_eq!(turns.iter().map(|turn| turn.turn).collect::<Vec<_>>(), [3, 2, 1]);
    })
    .await;
}

#[tokio::test]
async fn a_message_that_is_not_parked_cannot_be_heard_again() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let claimed = scene.claim(store).await;
        let inbound = claimed.pending[0].inbound.clone();
        for _ in 0..2 {
            let retried = store.retry_inbound(&scene.tenant, inbound.as_str()).await;
            assert!(matches!(retried, Err(StoreError::NotFound(_))));
            drop(store.commit_turn(nothing_said(&claimed.lease, &claimed.pending[0])).await);
        }
    })
    .await;
}

#[test]
fn the_view_of_a_parked_turn_has_every_field() {
    let (message, at) = (MessageId::from_text("m1"), Micros(1_767_225_600_000_000));
    let empty = turn_record::forgotten(&message, at);
    for record in [
        json!({ "seq": 3, "message_id": "m1", "decision": "parked", "parked": "too slow" }),
        turn_record::parked(3, &message, at, "too slow"),
    ] {
        let row = TurnRow {
            id: "t1".to_owned(),
            turn: 3,
            message: message.clone(),
            decision: "parked".to_owned(),
            record: record.to_string(),
            at,
        };
        let view = turn_record::view_of_stored(&row).unwrap();
        for field in empty.as_object().unwrap().keys() {
            assert!(view.get(field).is_some(), "{field} is missing");
        }
        assert_eq!((&view["seq"], &view["decision"]), (&json!(3), &json!("parked")));
        assert_eq!((&view["parked"], &view["intents"]), (&json!("too slow"), &json!([])));
    }
}
