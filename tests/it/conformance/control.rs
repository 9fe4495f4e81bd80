//! Who owns the next word.

use engine::ids::{AgentId, ConversationId};
use engine::store::{Control, ControlChange, StoreError};
use tests::{Scene, check_on_every_store};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    Bot,
    BotAndResolved,
    Nok,
    Conflict,
}

#[tokio::test]
async fn an_agent_takes_over_and_gives_back() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let (nok, lek) = (scene.agent(store, "nok").await, scene.agent(store, "lek").await);
        let id = scene.hear(store, "u1", "e1", "hello").await.conversation;
        let take = |agent: &AgentId| ControlChange::Take(agent.clone());
        let steps = [
            (take(&nok), Expected::Nok),
            (take(&nok), Expected::Nok),
            (take(&lek), Expected::Conflict),
            (ControlChange::HandBack, Expected::Bot),
            (ControlChange::Resolve, Expected::BotAndResolved),
            (take(&nok), Expected::Nok),
            (ControlChange::Resolve, Expected::BotAndResolved),
            (ControlChange::HandBack, Expected::Bot),
        ];
        for (change, expected) in steps {
            let found = match store.change_control(&scene.tenant, &id, change.clone()).await {
                Err(StoreError::Conflict(_)) => Expected::Conflict,
                Err(error) => panic!("{change:?}: {error}"),
                Ok(conversation) => match (conversation.control, conversation.status.as_str()) {
                    (Control::Bot, "open") => Expected::Bot,
                    (Control::Bot, "resolved") => Expected::BotAndResolved,
                    (Control::Agent { id, name }, "open") if id == nok && name.as_deref() == Some("nok") => {
                        Expected::Nok
                    }
                    other => panic!("{change:?} led to {other:?}"),
                },
            };
            assert_eq!(found, expected, "{change:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn of_two_agents_who_reach_out_together_one_takes_over() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let (nok, lek) = (scene.agent(store, "nok").await, scene.agent(store, "lek").await);
        let id = scene.hear(store, "u1", "e1", "hello").await.conversation;
        let (first, second) = tokio::join!(
            store.change_control(&scene.tenant, &id, ControlChange::Take(nok)),
            store.change_control(&scene.tenant, &id, ControlChange::Take(lek)),
        );
        assert!(first.is_ok() != second.is_ok());
        let refused = first.err().or(second.err()).unwrap();
        assert!(matches!(refused, StoreError::Conflict(_)), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_or_another_tenants_cannot_be_taken() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (ours, theirs) = (Scene::set(store, "ours").await, Scene::set(store, "theirs").await);
        let agent = ours.agent(store, "nok").await;
        let id = theirs.hear(store, "u1", "e1", "hello").await.conversation;
        for conversation in [id.clone(), ConversationId::from_text("none")] {
            let taken =
                store.change_control(&ours.tenant, &conversation, ControlChange::Take(agent.clone())).await;
            assert!(matches!(taken, Err(StoreError::NotFound(_))));
            assert_eq!(store.conversation(&ours.tenant, &conversation).await.unwrap(), None);
        }
        assert_eq!(theirs.conversation(store, "u1").await.control, Control::Bot);
    })
    .await;
}
