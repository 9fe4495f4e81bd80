//! Customers who wait for a person.

use engine::ids::ConversationId;
use engine::store::{Control, ControlChange, HandoffRequest, Store, TurnCommit};
use tests::{Scene, check_on_every_store, nothing_said, reply};

/// Hears a new message of the thread and asks for a person.
async fn ask_for_person(store: &Store, scene: &Scene, thread: &str, event: &str) -> ConversationId {
    let heard = scene.hear(store, thread, event, "ขอคุยกับคน").await;
    let claimed = scene.claim(store).await;
    let handoff = Some(HandoffRequest { reason: format!("asked in {event}") });
    let replies = vec![reply("รอสักครู่ค่ะ")];
    let turn = claimed.pending.last().unwrap();
    store
        .commit_turn(TurnCommit { replies, handoff, last: true, ..nothing_said(&claimed.lease, turn) })
        .await
        .unwrap();
    heard.conversation
}

#[tokio::test]
async fn a_handoff_waits_is_taken_and_closed() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        let first = ask_for_person(store, &scene, "u1", "e1").await;
        test.clock.advance_millis(30_000);
        let second = ask_for_person(store, &scene, "u2", "e2").await;

        let waiting = store.waiting(&scene.tenant).await.unwrap();
        let queue: Vec<_> = waiting.iter().map(|one| (&one.conversation, one.reason.as_str())).collect();
        assert_eq!(queue, [(&first, "asked in e1"), (&second, "asked in e2")], "longest first");
        let conversation = scene.conversation(store, "u1").await;
        assert_eq!(conversation.control, Control::Waiting);
        assert_eq!(conversation.waiting_since, Some(tests::START));
        assert_eq!(conversation.handoff_reason.as_deref(), Some("asked in e1"));

        test.clock.advance_millis(30_000);
        store.change_control(&scene.tenant, &first, ControlChange::Take(agent)).await.unwrap();
        assert_eq!(store.waiting(&scene.tenant).await.unwrap().len(), 1);
        assert_eq!(store.recent_waits(&scene.tenant, 10).await.unwrap(), [60_000_000]);

        store.change_control(&scene.tenant, &second, ControlChange::Resolve).await.unwrap();
        assert!(store.waiting(&scene.tenant).await.unwrap().is_empty());
        assert_eq!(
            store.recent_waits(&scene.tenant, 10).await.unwrap().len(),
            1,
            "nobody took the second one"
        );
    })
    .await;
}

#[tokio::test]
async fn asking_twice_opens_one_handoff_and_a_later_wish_another() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let conversation = ask_for_person(store, &scene, "u1", "e1").await;
        ask_for_person(store, &scene, "u1", "e2").await;
        let waiting = store.waiting(&scene.tenant).await.unwrap();
        assert_eq!(waiting.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(), ["asked in e1"]);

        store.change_control(&scene.tenant, &conversation, ControlChange::HandBack).await.unwrap();
        assert!(store.waiting(&scene.tenant).await.unwrap().is_empty());
        ask_for_person(store, &scene, "u1", "e3").await;
        let waiting = store.waiting(&scene.tenant).await.unwrap();
        assert_eq!(waiting.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(), ["asked in e3"]);
    })
    .await;
}

#[tokio::test]
async fn a_tenant_sees_its_own_queue_only() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (ours, theirs) = (Scene::set(store, "ours").await, Scene::set(store, "theirs").await);
        ask_for_person(store, &ours, "u1", "e1").await;
        assert_eq!(store.waiting(&ours.tenant).await.unwrap().len(), 1);
        assert!(store.waiting(&theirs.tenant).await.unwrap().is_empty());
        assert!(store.recent_waits(&theirs.tenant, 10).await.unwrap().is_empty());
    })
    .await;
}
