//! The event log: numbers without gaps, read by cursor.

use engine::store::{LoggedEvent, Store};
use tests::{Scene, check_on_every_store, reply};

async fn after(store: &Store, scene: &Scene, cursor: i64, limit: i64) -> Vec<LoggedEvent> {
    store.events_after(&scene.tenant, cursor, limit).await.unwrap()
}

fn numbers(events: &[LoggedEvent]) -> Vec<i64> {
    events.iter().map(|event| event.n).collect()
}

fn kinds(events: &[LoggedEvent]) -> Vec<&str> {
    events.iter().map(|event| event.kind.as_str()).collect()
}

#[tokio::test]
async fn every_change_is_logged_under_the_next_number() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        assert_eq!(store.last_event(&scene.tenant).await.unwrap(), 0);
        let heard = scene.hear(store, "u1", "e1", "สวัสดี").await;
        scene.answer(store, vec![reply("hi")]).await;
        let events = after(store, &scene, 0, 100).await;
        let expected = ["message.created", "turn.recorded", "message.created", "conversation.updated"];
        assert_eq!(kinds(&events), expected);
        assert_eq!(numbers(&events), [1, 2, 3, 4]);
        assert_eq!(store.last_event(&scene.tenant).await.unwrap(), 4);
        assert!(events.iter().all(|event| event.conversation.as_ref() == Some(&heard.conversation)));
        let data: serde_json::Value = serde_json::from_str(events[0].data.get()).unwrap();
        assert_eq!(data["message"]["id"], heard.id.as_str());
        assert_eq!(data["message"]["parts"][0]["text"], "สวัสดี");
    })
    .await;
}

#[tokio::test]
async fn a_redelivery_and_a_refused_change_log_nothing() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let before = store.last_event(&scene.tenant).await.unwrap();
        store.ingest(scene.text("u1", "e1", "hello")).await.unwrap();
        let claimed = scene.claim(store).await;
        let early =
            engine::store::TurnCommit { turn: 5, ..tests::nothing_said(&claimed.lease, &claimed.pending[0]) };
        store.commit_turn(early).await.unwrap_err();
        assert_eq!(store.last_event(&scene.tenant).await.unwrap(), before);
    })
    .await;
}

#[tokio::test]
async fn a_reader_that_follows_its_cursor_misses_nothing() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (ours, theirs) = (Scene::set(store, "ours").await, Scene::set(store, "theirs").await);
        for event in 0..30 {
            let (one, other) = tokio::join!(
                store.ingest(ours.text(&format!("u{}", event % 3), &format!("e{event}"), "hello")),
                store.ingest(theirs.text("u1", &format!("e{event}"), "hello")),
            );
            one.unwrap();
            other.unwrap();
        }
        for scene in [&ours, &theirs] {
            let mut cursor = 0;
            let mut seen = Vec::new();
            loop {
                let page = after(store, scene, cursor, 7).await;
                let Some(last) = page.last() else { break };
                cursor = last.n;
                assert!(page.iter().all(|event| event.tenant == scene.tenant));
                seen.extend(numbers(&page));
            }
            assert_eq!(seen, (1..=30).collect::<Vec<_>>());
        }

        let conversation = ours.conversation(store, "u1").await.id;
        let own = store.conversation_events_after(&ours.tenant, &conversation, 0, 100).await.unwrap();
        assert_eq!(own.len(), 10);
        let rest = store.conversation_events_after(&ours.tenant, &conversation, own[3].n, 100).await.unwrap();
        assert_eq!(numbers(&rest), numbers(&own[4..]));
        assert!(
            store.conversation_events_after(&theirs.tenant, &conversation, 0, 100).await.unwrap().is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_announced_is_what_was_logged() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let mut announced = store.committed_events();
        scene.hear(store, "u1", "e1", "hello").await;
        scene.answer(store, vec![reply("hi")]).await;
        let mut heard = Vec::new();
        while let Ok(batch) = announced.try_recv() {
            heard.extend(batch.iter().map(|event| LoggedEvent::clone(event)));
        }
        let logged = after(store, &scene, 0, 100).await;
        let as_text = |events: &[LoggedEvent]| serde_json::to_string(events).unwrap();
        assert_eq!(as_text(&heard), as_text(&logged));
    })
    .await;
}
