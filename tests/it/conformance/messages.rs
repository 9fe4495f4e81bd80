//! What agents write: replies that are sent once, and notes that are never sent.

use engine::ids::{AgentId, ConversationId};
use engine::store::{Author, Message, MessageState, NewAgentMessage, Posted, StoreError, TurnCommit};
use tests::{Scene, check_on_every_store, nothing_said, reply, said};

fn from(scene: &Scene, agent: &AgentId, conversation: &ConversationId, client_id: &str) -> NewAgentMessage {
    NewAgentMessage {
        tenant: scene.tenant.clone(),
        conversation: conversation.clone(),
        agent: agent.clone(),
        agent_name: "นก".to_owned(),
        client_id: client_id.to_owned(),
        text: format!("text of {client_id}"),
        note: false,
        seen_seq: 1,
        live: false,
        quotes: None,
        answer: None,
    }
}

fn stored(posted: Posted) -> Message {
    match posted {
        Posted::Message(message) => *message,
        Posted::Collision(rivals) => panic!("collided with {rivals:?}"),
    }
}

#[tokio::test]
async fn an_agents_reply_is_stored_once_and_queued_once() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        let id = scene.hear(store, "u1", "e1", "hello").await.conversation;
        let message = from(&scene, &agent, &id, "c1");
        let post = || store.post_agent_message(message.clone());
        let (first, second) = tokio::join!(post(), post());
        let (first, second, third) =
            (stored(first.unwrap()), stored(second.unwrap()), stored(post().await.unwrap()));
        assert_eq!((&first, &first), (&second, &third));
        assert_eq!((first.seq, first.author, first.state), (2, Author::Agent, MessageState::Queued));
        assert_eq!((first.client_id.as_deref(), first.author_name.as_deref()), (Some("c1"), Some("นก")));
        assert_eq!(scene.messages(store, &id).await.len(), 2);
        let queued = store.claim_outbox(10, 1000).await.unwrap();
        assert_eq!(queued.iter().map(|row| &row.message).collect::<Vec<_>>(), [&first.id]);
        let conversation = scene.conversation(store, "u1").await;
        assert_eq!((conversation.unanswered, conversation.last_author.as_deref()), (0, Some("agent")));
    })
    .await;
}

#[tokio::test]
async fn a_client_id_belongs_to_its_conversation() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        let first = scene.hear(store, "u1", "e1", "hello").await.conversation;
        let second = scene.hear(store, "u2", "e2", "hello").await.conversation;
        for id in [&first, &second] {
            let message = stored(store.post_agent_message(from(&scene, &agent, id, "c1")).await.unwrap());
            assert_eq!(&message.conversation, id);
        }
    })
    .await;
}

#[tokio::test]
async fn a_colleagues_later_reply_is_a_collision_and_nothing_else_is() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let (nok, lek) = (scene.agent(store, "nok").await, scene.agent(store, "lek").await);
        let id = scene.hear(store, "u1", "e1", "hello").await.conversation;
        let theirs = stored(store.post_agent_message(from(&scene, &nok, &id, "c1")).await.unwrap());

        let unseen = store.post_agent_message(from(&scene, &lek, &id, "c2")).await.unwrap();
        assert_eq!(unseen, Posted::Collision(vec![theirs.clone()]));
        assert_eq!(scene.messages(store, &id).await.len(), 2, "nothing was stored");

        // Once the colleague's reply was seen, or where the newer message is one's own, a customer's, a note or a bot's,
        // it goes through.
        let seen = NewAgentMessage { seen_seq: theirs.seq, ..from(&scene, &lek, &id, "c2") };
        assert_eq!(stored(store.post_agent_message(seen).await.unwrap()).seq, 3);
        let own = NewAgentMessage { seen_seq: 2, ..from(&scene, &lek, &id, "c3") };
        assert_eq!(stored(store.post_agent_message(own).await.unwrap()).seq, 4);
        scene.hear(store, "u1", "e2", "more").await;
        let note = NewAgentMessage { note: true, seen_seq: 1, ..from(&scene, &nok, &id, "c4") };
        assert_eq!(
            stored(store.post_agent_message(note).await.unwrap()).seq,
            6,
            "a note collides with nothing"
        );
        let claimed = scene.claim(store).await;
        let turn = nothing_said(&claimed.lease, &claimed.pending[0]);
        store.commit_turn(TurnCommit { replies: vec![reply("hi")], ..turn }).await.unwrap();
        let last = NewAgentMessage { seen_seq: 4, ..from(&scene, &nok, &id, "c5") };
        assert_eq!(stored(store.post_agent_message(last).await.unwrap()).seq, 8);
    })
    .await;
}

#[tokio::test]
async fn of_two_agents_who_answer_together_one_is_told() {
    check_on_every_store(async |test| {
        let (first_node, second_node) = (&test.store, test.another_node().await);
        let second_node = if first_node.name() == "memory" { first_node } else { &second_node };
        let scene = Scene::set(first_node, "shop").await;
        let (nok, lek) = (scene.agent(first_node, "nok").await, scene.agent(first_node, "lek").await);
        for round in 0..10 {
            let thread = format!("u{round}");
            let id = scene.hear(first_node, &thread, &thread, "hello").await.conversation;
            let (first, second) = tokio::join!(
                first_node.post_agent_message(from(&scene, &nok, &id, "c1")),
                second_node.post_agent_message(from(&scene, &lek, &id, "c2")),
            );
            let posted = [first.unwrap(), second.unwrap()];
            let collisions = posted.iter().filter(|one| matches!(one, Posted::Collision(_))).count();
            assert_eq!((collisions, scene.messages(first_node, &id).await.len()), (1, 2));
        }
    })
    .await;
}

#[tokio::test]
async fn notes_never_reach_the_outbox() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        let id = scene.hear(store, "u1", "e1", "hello").await.conversation;
        for live in [false, true] {
            let client_id = format!("live {live}");
            let note = NewAgentMessage { note: true, live, ..from(&scene, &agent, &id, &client_id) };
            let note = stored(store.post_agent_message(note).await.unwrap());
            assert_eq!((note.author, note.state), (Author::Note, MessageState::Sent));
        }
        test.clock.advance_millis(86_400_000);
        assert!(store.claim_outbox(10, 1000).await.unwrap().is_empty());
        assert_eq!(store.next_outbox_time().await.unwrap(), None);
        let conversation = scene.conversation(store, "u1").await;
        assert_eq!((conversation.unanswered, conversation.last_author.as_deref()), (1, Some("customer")));
        assert_eq!(conversation.last_text.as_deref(), Some("hello"), "a list shows nobody a note's words");
        let texts: Vec<String> = scene.messages(store, &id).await.iter().map(said).collect();
        assert_eq!(texts, ["hello", "text of live false", "text of live true"]);
    })
    .await;
}

#[tokio::test]
async fn a_live_channel_needs_no_outbox() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        let id = scene.hear(store, "u1", "e1", "hello").await.conversation;
        let live = NewAgentMessage { live: true, ..from(&scene, &agent, &id, "c1") };
        assert_eq!(stored(store.post_agent_message(live).await.unwrap()).state, MessageState::Sent);
        assert!(store.claim_outbox(10, 1000).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_or_another_tenants_cannot_be_answered() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (ours, theirs) = (Scene::set(store, "ours").await, Scene::set(store, "theirs").await);
        let agent = ours.agent(store, "nok").await;
        let id = theirs.hear(store, "u1", "e1", "hello").await.conversation;
        for conversation in [id.clone(), ConversationId::from_text("none")] {
            for note in [false, true] {
                let message = NewAgentMessage { note, ..from(&ours, &agent, &conversation, "c1") };
                let posted = store.post_agent_message(message).await;
                assert!(matches!(posted, Err(StoreError::NotFound(_))));
            }
        }
        assert_eq!(theirs.messages(store, &id).await.len(), 1);
        assert!(ours.messages(store, &id).await.is_empty());
    })
    .await;
}
