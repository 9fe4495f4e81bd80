//! Whose a chat is, where the platform says so with each event.

use engine::ids::AgentId;
use engine::store::{Control, ControlChange, Conversation, Store};
use tests::{Scene, check_on_every_store};

async fn note(store: &Store, scene: &Scene, standby: bool) -> Conversation {
    store.note_standby(&scene.tenant, (&scene.account, "u1"), standby).await.unwrap();
    scene.conversation(store, "u1").await
}

fn is_theirs(conversation: &Conversation) -> bool {
    matches!(&conversation.control, Control::Agent { name: None, .. })
}

#[tokio::test]
async fn a_chat_is_the_platforms_until_it_says_otherwise_and_an_agent_keeps_it() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, other) = (Scene::set(store, "shop").await, Scene::set(store, "other").await);
        let nok: AgentId = scene.agent(store, "nok").await;
        let id = scene.hear(store, "u1", "e1", "hello").await.conversation;
        other.hear(store, "u1", "e1", "hello").await;
        assert_eq!(note(store, &scene, false).await.control, Control::Bot, "nothing changed");
        assert!(is_theirs(&note(store, &scene, true).await));
        assert!(is_theirs(&note(store, &scene, true).await), "the same again");
        assert_eq!(other.conversation(store, "u1").await.control, Control::Bot, "another tenant's");
        assert_eq!(note(store, &scene, false).await.control, Control::Bot);
        let take = ControlChange::Take(nok.clone());
        store.change_control(&scene.tenant, &id, take).await.unwrap();
        for standby in [true, false] {
            let kept = note(store, &scene, standby).await.control;
            assert!(matches!(&kept, Control::Agent { id, .. } if *id == nok), "{kept:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_customer_left_waiting_in_the_platforms_inbox_comes_into_the_queue() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, other) = (Scene::set(store, "shop").await, Scene::set(store, "other").await);
        let id = scene.hear(store, "u1", "e1", "hello").await.conversation;
        assert!(is_theirs(&note(store, &scene, true).await));
        let heard = scene.hear(store, "u1", "e2", "anybody there?").await;
        assert!(scene.conversation(store, "u1").await.unanswered > 0, "it is counted while they have it");
        other.hear(store, "u1", "e1", "hello").await;
        note(store, &other, true).await;
        let remind =
            async |before| store.remind_of_inbox(&scene.tenant, &scene.account, before).await.unwrap();
        let first = store.messages(&scene.tenant, &id, None, 10).await.unwrap()[0].at;
        assert_eq!(remind(engine::clock::Micros(first.0 - 1)).await, 0, "not yet");
        assert_eq!(remind(heard.at).await, 1);
        let waits = scene.conversation(store, "u1").await;
        assert_eq!((&waits.control, waits.waiting_since), (&Control::Waiting, Some(first)));
        assert_eq!(waits.handoff_reason.as_deref(), Some("platform_inbox_silent"));
        let queue = store.waiting(&scene.tenant).await.unwrap();
        assert_eq!(queue.iter().map(|one| &one.conversation).collect::<Vec<_>>(), [&id]);
        assert_eq!(remind(heard.at).await, 0, "once");
        assert_eq!(
            note(store, &scene, true).await.control,
            Control::Waiting,
            "the platform says what it said"
        );
        assert!(is_theirs(&other.conversation(store, "u1").await), "another tenant's stays");
    })
    .await;
}
