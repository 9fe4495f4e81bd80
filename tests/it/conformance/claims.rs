//! Claiming conversations: leases, fencing, wake-ups.

use engine::store::{Control, StoreError, TurnCommit};
use tests::{Scene, TestStore, check_on_every_store, nothing_said};

#[tokio::test]
async fn a_claim_brings_what_a_turn_needs() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for event in ["e1", "e2"] {
            scene.hear(store, "u1", event, &format!("text of {event}")).await;
        }
        let conversation = scene.conversation(store, "u1").await;
        let claimed = scene.claim(store).await;
        assert_eq!((&claimed.lease.tenant, &claimed.lease.conversation), (&scene.tenant, &conversation.id));
        assert_eq!((claimed.channel.as_str(), claimed.thread.as_str()), ("telegram", "u1"));
        assert_eq!(claimed.channel_account, scene.account.as_str());
        assert_eq!((claimed.person, claimed.control), (conversation.person, Control::Bot));
        assert_eq!((claimed.state.as_str(), claimed.done_turn), ("", 0));
        let pending: Vec<_> =
            claimed.pending.iter().map(|one| (one.turn, one.inbound_message.clone().unwrap())).collect();
        let texts = ["e1", "e2"].map(|event| scene.text("u1", event, &format!("text of {event}")).message);
        assert_eq!(pending, (1..).zip(texts).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn one_worker_at_a_time_has_a_conversation() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for (thread, event) in [("u1", "e1"), ("u2", "e2"), ("u3", "e3")] {
            scene.hear(store, thread, event, "hello").await;
            test.clock.advance_millis(1);
        }
        let first = store.claim("a", 2, 1000).await.unwrap();
        let threads: Vec<&str> = first.iter().map(|one| one.thread.as_str()).collect();
        assert_eq!(threads, ["u1", "u2"], "who has waited longest comes first");
        let second = store.claim("b", 10, 1000).await.unwrap();
        assert_eq!(second.iter().map(|one| one.thread.as_str()).collect::<Vec<_>>(), ["u3"]);
        assert!(store.claim("c", 10, 1000).await.unwrap().is_empty());

        // What is given back unheard is ready again.
        store.release(first[0].lease.clone()).await.unwrap();
        assert_eq!(scene.claim(store).await.thread, "u1");
    })
    .await;
}

#[tokio::test]
async fn a_conversation_that_was_heard_is_not_ready() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        scene.answer(store, Vec::new()).await;
        assert!(store.claim("a", 10, 1000).await.unwrap().is_empty());

        // The same when the turn does not end the lease and a release does.
        scene.hear(store, "u1", "e2", "hello").await;
        let claimed = scene.claim(store).await;
        store.commit_turn(nothing_said(&claimed.lease, &claimed.pending[0])).await.unwrap();
        assert!(store.claim("a", 10, 1000).await.unwrap().is_empty(), "the lease goes on");
        store.release(claimed.lease).await.unwrap();
        assert!(store.claim("a", 10, 1000).await.unwrap().is_empty(), "nothing waits");
    })
    .await;
}

#[tokio::test]
async fn a_message_that_comes_during_a_turn_is_heard_next() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "first").await;
        let claimed = scene.claim(store).await;
        scene.hear(store, "u1", "e2", "second").await;
        let commit = TurnCommit { last: true, ..nothing_said(&claimed.lease, &claimed.pending[0]) };
        store.commit_turn(commit).await.unwrap();

        let next = scene.claim(store).await;
        assert_eq!((next.done_turn, next.state.as_str()), (1, "{\"turn\":1}"));
        assert_eq!(next.pending.iter().map(|one| one.turn).collect::<Vec<_>>(), [2]);
        assert!(next.lease.token > claimed.lease.token);
    })
    .await;
}

#[tokio::test]
async fn a_message_in_the_group_commit_of_a_claim_or_a_release_is_not_forgotten() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let mut heard = 0;
        for round in 0..10 {
            let (taken_in, claimed) = tokio::join!(
                store.ingest(scene.text("u1", &format!("e{round}"), "hello")),
                store.claim("a", 1, 1000)
            );
            taken_in.unwrap();
            let claimed = match claimed.unwrap().pop() {
                Some(claimed) => claimed,
                None => scene.claim(store).await,
            };
            heard += claimed.pending.len();
            for pending in &claimed.pending {
                store.commit_turn(nothing_said(&claimed.lease, pending)).await.unwrap();
            }
            let next = store.ingest(scene.text("u1", &format!("f{round}"), "meanwhile"));
            let release = store.release(claimed.lease);
            // The one that is asked for first is done first.
            let (released, taken_in) = if round % 2 == 0 {
                tokio::join!(release, next)
            } else {
                let (taken_in, released) = tokio::join!(next, release);
                (released, taken_in)
            };
            released.unwrap();
            taken_in.unwrap();
        }
        heard += scene.claim(store).await.pending.len();
        assert_eq!(heard, 20);
    })
    .await;
}

#[tokio::test]
async fn a_claim_sees_a_message_of_its_own_group_commit() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        // A first change keeps the writer busy, so that the next two share a commit.
        let (first, taken_in, claimed) = tokio::join!(
            store.writable(),
            store.ingest(scene.text("u1", "e1", "hello")),
            store.claim("a", 1, 1000)
        );
        first.unwrap();
        taken_in.unwrap();
        for claimed in claimed.unwrap() {
            assert_eq!(claimed.pending.len(), 1, "a claim without its message is a wasted turn of a worker");
        }
    })
    .await;
}

#[tokio::test]
async fn a_lost_lease_is_fenced() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let stalled = store.claim("a", 1, 1000).await.unwrap().remove(0);
        test.clock.advance_millis(1000);
        assert!(store.claim("b", 1, 1000).await.unwrap().is_empty(), "a lease lasts to its end");
        test.clock.advance_millis(1);
        let successor = store.claim("b", 1, 1000).await.unwrap().remove(0);
        assert!(successor.lease.token > stalled.lease.token);

        let late = nothing_said(&stalled.lease, &stalled.pending[0]);
        assert!(matches!(store.commit_turn(late).await, Err(StoreError::Fenced)));
        assert!(matches!(store.release(stalled.lease).await, Err(StoreError::Fenced)));
        store.commit_turn(nothing_said(&successor.lease, &successor.pending[0])).await.unwrap();
        let turns = store.turns(&scene.tenant, &successor.lease.conversation, 10).await.unwrap();
        assert_eq!(turns.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_long_queue_is_heard_in_portions_and_in_order() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for event in 1..=45 {
            scene.hear(store, "u1", &format!("e{event}"), "hello").await;
        }
        for expected in [1..=20, 21..=40, 41..=45] {
            let claimed = scene.claim(store).await;
            assert_eq!(
                claimed.pending.iter().map(|one| one.turn).collect::<Vec<_>>(),
                expected.collect::<Vec<_>>()
            );
            for pending in &claimed.pending {
                store.commit_turn(nothing_said(&claimed.lease, pending)).await.unwrap();
            }
            store.release(claimed.lease).await.unwrap();
        }
        assert!(store.claim("a", 1, 1000).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_attempt_is_counted_before_it_is_made() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "first").await;
        scene.hear(store, "u1", "e2", "second").await;
        for attempts in 1..=3 {
            let claimed = scene.claim(store).await;
            let counted: Vec<i64> = claimed.pending.iter().map(|one| one.attempts).collect();
            assert_eq!(counted, [attempts, 0], "only the message that is tried first");
            store.release(claimed.lease).await.unwrap();
        }
        // A worker that dies says nothing, and is counted all the same.
        drop(scene.claim(store).await);
        test.clock.advance_millis(60_001);
        assert_eq!(scene.claim(store).await.pending[0].attempts, 5);
    })
    .await;
}

#[tokio::test]
async fn what_is_put_off_is_claimed_again_at_its_time() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let claimed = scene.claim(store).await;
        store.retry_later(claimed.lease, 5000).await.unwrap();
        test.clock.advance_millis(5000);
        assert!(store.claim("a", 10, 1000).await.unwrap().is_empty());
        test.clock.advance_millis(1);
        assert_eq!(scene.claim(store).await.pending.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_sweeper_finds_only_what_was_stranded() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        scene.hear(store, "u2", "e2", "hello").await;
        test.clock.advance_millis(10_000);
        assert_eq!(store.sweep(5000).await.unwrap(), 0, "a waiting message is not a stranded one");
        let strand = "DELETE FROM ready WHERE conversation_id = $1";
        let conversation = scene.conversation(store, "u1").await.id;
        if !damage(test, &scene, strand, conversation.as_str()).await {
            return;
        }
        assert_eq!(store.claim("a", 10, 1).await.unwrap().len(), 1);
        assert_eq!(store.sweep(20_000).await.unwrap(), 0, "too young");
        assert_eq!(store.sweep(5000).await.unwrap(), 1);
        assert_eq!(store.sweep(5000).await.unwrap(), 0, "awake already");
        let woken = store.claim("a", 10, 1000).await.unwrap();
        assert_eq!(woken.iter().map(|one| one.thread.as_str()).collect::<Vec<_>>(), ["u1"]);
    })
    .await;
}

/// Changes a row behind the store's back; false where the store cannot be reached from outside.
async fn damage(test: &TestStore, scene: &Scene, sql: &'static str, argument: &str) -> bool {
    let Some(mut owner) = test.owner().await else { return false };
    if test.database().is_some() {
        let name = "SELECT set_config('sala.tenants', $1, false)";
        sqlx::query(name).bind(scene.tenant.as_str().to_owned()).execute(&mut owner).await.unwrap();
    }
    let changed = sqlx::query(sql).bind(argument.to_owned()).execute(&mut owner).await.unwrap();
    assert_eq!(changed.rows_affected(), 1);
    true
}

#[tokio::test]
async fn who_serves_alone_does_not_wait_for_a_process_that_was_killed() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let killed = scene.claim(store).await;
        assert!(store.claim("next", 1, 1000).await.unwrap().is_empty());
        store.end_leases().await.unwrap();
        let claimed = store.claim("next", 1, 1000).await.unwrap();
        if store.name() == "postgres" {
            assert!(claimed.is_empty(), "another node may hold it still");
            return;
        }
        assert_eq!(claimed.len(), 1);
        let late = store.commit_turn(nothing_said(&killed.lease, &killed.pending[0])).await;
        assert!(matches!(late, Err(StoreError::Fenced)), "{late:?}");
    })
    .await;
}
