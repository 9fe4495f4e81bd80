//! Reactions, edits and unsends: what they do to the message that they name.

use channels::{Content, InboundMessage, Reaction, Sender};
use engine::store::{Ingest, Message, MessageChange, Store, TurnCommit};
use serde_json::json;
use tests::{Scene, check_on_every_store, nothing_said, reply};

/// Takes in what somebody does to the message `m-e1`, as a webhook does: the event, then the change.
async fn hear(store: &Store, scene: &Scene, event: &str, content: Content) {
    let message = InboundMessage::new(event, Sender::new("u1"), tests::START.0, content);
    let change = MessageChange::of(&message).unwrap();
    let (tenant, account) = (scene.tenant.clone(), scene.account.clone());
    let ingest = Ingest { tenant: tenant.clone(), account: account.clone(), channel: "telegram", message };
    store.ingest(ingest).await.unwrap();
    store.change_message(tenant, account, change).await.unwrap();
}

async fn first(store: &Store, scene: &Scene) -> Message {
    let conversation = scene.conversation(store, "u1").await;
    scene.messages(store, &conversation.id).await.remove(0)
}

fn edited(text: &str) -> Content {
    Content::Edited { external_id: "m-e1".to_owned(), text: Some(text.to_owned()) }
}

fn react(external_id: &str, emoji: &str) -> Content {
    let reaction = Reaction { external_id: external_id.to_owned(), emoji: Some(emoji.to_owned()) };
    Content::Reaction { reaction }
}

#[tokio::test]
async fn a_message_shows_what_was_done_to_it() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "two bags").await;
        hear(store, &scene, "e2", react("m-e1", "👍")).await;
        hear(store, &scene, "e3", edited("three bags")).await;
        hear(store, &scene, "e3", edited("three bags")).await;
        let message = first(store, &scene).await;
        assert_eq!(message.body.heard, Some(Content::Text { text: "three bags".to_owned() }));
        assert_eq!(message.body.earlier, ["two bags"]);
        assert_eq!(message.body.reactions.len(), 1);

        hear(store, &scene, "e4", Content::Deleted { external_id: "m-e1".to_owned() }).await;
        let message = first(store, &scene).await;
        assert!(message.body.deleted && message.body.earlier.is_empty() && message.body.reactions.is_empty());
        assert_eq!(message.body.words(), "");
        let conversation = scene.conversation(store, "u1").await;
        assert_eq!(scene.messages(store, &conversation.id).await.len(), 4, "each event is kept once");
    })
    .await;
}

#[tokio::test]
async fn a_reaction_finds_the_second_message_of_a_reply() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let said = scene.answer(store, vec![reply("a long answer")]).await;
        let row = store.claim_outbox(10, 10_000).await.unwrap().remove(0);
        let ids = vec!["p1".to_owned(), "p2".to_owned()];
        let outcome = engine::store::OutboxOutcome::Sent;
        store.settle_outbox(&row, engine::store::OutboxAttempt { outcome, ids }).await.unwrap();
        hear(store, &scene, "e2", react("p2", "❤")).await;
        let message = store.message(&scene.tenant, &said[0].id).await.unwrap().unwrap();
        assert_eq!(message.body.reactions.iter().map(|mark| mark.emoji.as_str()).collect::<Vec<_>>(), ["❤"]);
        // Another account's message of the same name is another message.
        let other = Scene::set(store, "other").await;
        let change = MessageChange::of(&InboundMessage::new("e9", Sender::new("u1"), 0, react("p2", "😮")));
        store.change_message(other.tenant, other.account, change.unwrap()).await.unwrap();
        let after = store.message(&scene.tenant, &said[0].id).await.unwrap().unwrap();
        assert_eq!(after.body, message.body);
    })
    .await;
}

/// What was taken back is gone from everywhere, waits for no answer, and leaves only that something was there.
#[tokio::test]
async fn what_was_taken_back_is_forgotten_everywhere() {
    const WORDS: &str = "my number is 081-222-3333";
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let heard = scene.hear(store, "u1", "e1", WORDS).await;
        let claimed = scene.claim(store).await;
        let record = json!({ "understanding": { "text": WORDS, "intents": [{ "name": "give_phone" }] } });
        let view = json!({ "id": "t", "message_id": heard.id, "entities": [{ "text": WORDS }] });
        let commit = TurnCommit {
            intent: Some("give_phone".to_owned()),
            record: record.to_string(),
            view: view.to_string(),
            last: true,
            ..nothing_said(&claimed.lease, &claimed.pending[0])
        };
        store.commit_turn(commit).await.unwrap();
        assert_eq!(scene.conversation(store, "u1").await.unanswered, 1);

        hear(store, &scene, "e2", Content::Deleted { external_id: "m-e1".to_owned() }).await;
        let conversation = scene.conversation(store, "u1").await;
        assert_eq!((conversation.unanswered, conversation.intent.as_deref()), (0, None));
        assert_eq!(conversation.last_text.as_deref(), Some("[deleted]"));
        let turns = store.turns(&scene.tenant, &heard.conversation, 10).await.unwrap();
        assert_eq!((turns.len(), turns[0].record.as_str()), (1, "{}"), "that there was a turn is kept");
        let events = store.events_after(&scene.tenant, 0, 100).await.unwrap();
        assert!(events.len() > 4);
        let told = events.iter().find(|event| event.data.get().contains("081-222"));
        assert!(told.is_none(), "{told:?}");
        assert!(first(store, &scene).await.body.deleted);
    })
    .await;
}

/// Reactions and the like want no answer.
#[tokio::test]
async fn only_what_wants_an_answer_is_unanswered() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        hear(store, &scene, "e2", react("m-e1", "👍")).await;
        hear(store, &scene, "e3", edited("hello there")).await;
        assert_eq!(scene.conversation(store, "u1").await.unanswered, 1);
        scene.hear(store, "u1", "e4", "are you there").await;
        assert_eq!(scene.conversation(store, "u1").await.unanswered, 2);
        hear(store, &scene, "e5", Content::Deleted { external_id: "m-e1".to_owned() }).await;
        assert_eq!(scene.conversation(store, "u1").await.unanswered, 1);
    })
    .await;
}
