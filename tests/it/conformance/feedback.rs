//! Thumbs: who may judge what, and what a later thumb does.

use engine::ids::{AgentId, MessageId, TenantId};
use engine::store::{NewAgentMessage, NewFeedback, Posted, Store, StoreError};
use tests::{Scene, check_on_every_store, reply};

fn thumb(
    tenant: &TenantId,
    message: &MessageId,
    source: &'static str,
    actor: &str,
    value: i64,
) -> NewFeedback {
    NewFeedback {
        tenant: tenant.clone(),
        message: message.clone(),
        source,
        actor: actor.to_owned(),
        value,
        note: None,
    }
}

async fn shown(store: &Store, scene: &Scene, message: &MessageId) -> Option<i64> {
    store.message(&scene.tenant, message).await.unwrap().unwrap().thumb
}

#[tokio::test]
async fn a_later_thumb_replaces_an_earlier_one_and_zero_takes_it_back() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let answer = scene.answer(store, vec![reply("hi")]).await.remove(0).id;
        assert_eq!(shown(store, &scene, &answer).await, None);
        for (given, expected) in [(1, Some(1)), (-1, Some(-1)), (0, None), (7, Some(1)), (-9, Some(-1))] {
            test.clock.advance_millis(1);
            store.give_feedback(thumb(&scene.tenant, &answer, "customer", "u1", given)).await.unwrap();
            assert_eq!(shown(store, &scene, &answer).await, expected, "after {given}");
        }
        test.clock.advance_millis(1);
        let nok = AgentId::from_text("nok");
        store.give_feedback(thumb(&scene.tenant, &answer, "agent", nok.as_str(), 1)).await.unwrap();
        assert_eq!(
            shown(store, &scene, &answer).await,
            Some(-1),
            "an agent's judgement is not the customer's"
        );
        let conversation = scene.conversation(store, "u1").await.id;
        let own =
            async |agent: &AgentId| store.own_thumbs(&scene.tenant, &conversation, agent).await.unwrap();
        assert_eq!(own(&nok).await, [(answer.clone(), 1)]);
        assert_eq!(own(&AgentId::from_text("ton")).await, []);

        let events = store.events_after(&scene.tenant, 0, 1000).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.kind == "feedback.recorded").count(), 6);
    })
    .await;
}

#[tokio::test]
async fn a_customer_judges_what_was_said_in_their_own_thread() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, theirs) = (Scene::set(store, "ours").await, Scene::set(store, "theirs").await);
        let agent = scene.agent(store, "nok").await;
        let question = scene.hear(store, "u1", "e1", "hello").await;
        let answer = scene.answer(store, vec![reply("hi")]).await.remove(0).id;
        let note = NewAgentMessage {
            tenant: scene.tenant.clone(),
            conversation: question.conversation.clone(),
            agent,
            agent_name: "nok".to_owned(),
            client_id: "c1".to_owned(),
            text: "ลูกค้าประจำ".to_owned(),
            note: true,
            seen_seq: 2,
            live: false,
            quotes: None,
            answer: None,
        };
        let Posted::Message(note) = store.post_agent_message(note).await.unwrap() else {
            panic!("no collision")
        };

        let refused = [
            ("another customer", thumb(&scene.tenant, &answer, "customer", "u2", 1)),
            ("a customer's message", thumb(&scene.tenant, &question.id, "customer", "u1", 1)),
            ("a customer's message, by an agent", thumb(&scene.tenant, &question.id, "agent", "nok", 1)),
            ("a note", thumb(&scene.tenant, &note.id, "agent", "nok", 1)),
            ("another tenant", thumb(&theirs.tenant, &answer, "agent", "nok", 1)),
            ("nothing", thumb(&scene.tenant, &MessageId::from_text("none"), "agent", "nok", 1)),
        ];
        for (what, feedback) in refused {
            let given = store.give_feedback(feedback).await;
            assert!(matches!(given, Err(StoreError::NotFound(_))), "{what}");
        }
        for message in [&answer, &question.id, &note.id] {
            assert_eq!(shown(store, &scene, message).await, None);
        }
        store.give_feedback(thumb(&scene.tenant, &answer, "customer", "u1", 1)).await.unwrap();
        store.give_feedback(thumb(&scene.tenant, &answer, "agent", "any", 1)).await.unwrap();
    })
    .await;
}
