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
