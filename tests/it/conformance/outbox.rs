//! The outbox: order, retries, parking.

use engine::clock::Micros;
use engine::ids::MessageId;
use engine::store::{
    MessageState, NewAgentMessage, OutboxAttempt, OutboxOutcome, OutboxRow, Store, StoreError,
};
use tests::{Scene, check_on_every_store, reply};

const LEASE: u64 = 10_000;

async fn claim(store: &Store) -> Vec<OutboxRow> {
    store.claim_outbox(10, LEASE).await.unwrap()
}

/// A scene in which the bot has given the answers "a" and "b" to thread u1 and "c" to thread u2.
async fn three_answers(store: &Store) -> (Scene, [MessageId; 3]) {
    let scene = Scene::set(store, "shop").await;
    scene.hear(store, "u1", "e1", "hello").await;
    let first = scene.answer(store, vec![reply("a"), reply("b")]).await;
    scene.hear(store, "u2", "e2", "hello").await;
    let second = scene.answer(store, vec![reply("c")]).await;
    (scene, [first[0].id.clone(), first[1].id.clone(), second[0].id.clone()])
}

fn sent(external_id: &str) -> OutboxAttempt {
    OutboxAttempt::sent(vec![external_id.to_owned()])
}

fn again(at: Micros, progress: i64) -> OutboxOutcome {
    OutboxOutcome::Again { at, progress, ambiguous: true, error: "503".to_owned() }
}

fn parked(error: &str) -> OutboxOutcome {
    OutboxOutcome::Parked { progress: 0, error: error.to_owned() }
}

async fn state(store: &Store, scene: &Scene, message: &MessageId) -> (MessageState, Option<String>) {
    let message = store.message(&scene.tenant, message).await.unwrap().unwrap();
    (message.state, message.failure)
}

#[tokio::test]
async fn a_reply_waits_for_the_one_before_it() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, [a, b, c]) = three_answers(store).await;
        let mut rows = claim(store).await;
        rows.sort_by(|one, other| one.destination.thread.cmp(&other.destination.thread));
        assert_eq!(rows.iter().map(|row| &row.message).collect::<Vec<_>>(), [&a, &c]);
        assert_eq!((rows[0].attempts, rows[0].progress), (1, 0));
        assert_eq!((&rows[0].tenant, &rows[0].account), (&scene.tenant, &scene.account));
        assert_eq!(rows[0].reply, channels::Reply::text("a"));
        assert!(claim(store).await.is_empty(), "what is claimed is not claimed again");

        store.settle_outbox(&rows[0], sent("77")).await.unwrap();
        let stored = store.message(&scene.tenant, &a).await.unwrap().unwrap();
        assert_eq!((stored.state, stored.external_id.as_deref()), (MessageState::Sent, Some("77")));
        let next = claim(store).await;
        assert_eq!(next.iter().map(|row| &row.message).collect::<Vec<_>>(), [&b]);
    })
    .await;
}

#[tokio::test]
async fn a_failed_attempt_is_repeated_at_its_time_and_holds_back_what_follows() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, [a, b, _]) = three_answers(store).await;
        let row = claim(store).await.into_iter().find(|row| row.message == a).unwrap();
        let at = test.clock.now().plus_millis(5000);
        store.settle_outbox(&row, again(at, 1)).await.unwrap();
        assert_eq!(state(store, &scene, &a).await.0, MessageState::Queued);
        test.clock.advance_millis(4999);
        assert!(claim(store).await.is_empty());
        test.clock.advance_millis(1);
        let retried = claim(store).await;
        assert_eq!(retried.len(), 1);
        assert_eq!((&retried[0].message, retried[0].attempts, retried[0].progress), (&a, 2, 1));
        store.settle_outbox(&retried[0], sent("1")).await.unwrap();
        assert_eq!(claim(store).await[0].message, b);
    })
    .await;
}

#[tokio::test]
async fn what_cannot_be_sent_is_parked_shown_and_repeated_on_request() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, [a, b, _]) = three_answers(store).await;
        let row = claim(store).await.into_iter().find(|row| row.message == a).unwrap();
        store.settle_outbox(&row, parked("blocked by the customer")).await.unwrap();
        assert_eq!(
            state(store, &scene, &a).await,
            (MessageState::Failed, Some("blocked by the customer".to_owned()))
        );
        assert_eq!(claim(store).await[0].message, b, "what is parked holds nothing back");

        let list = store.parked_outbound(&scene.tenant).await.unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!((list[0].message_id.as_str(), list[0].attempts), (a.as_str(), 1));
        assert_eq!(list[0].reason.as_deref(), Some("blocked by the customer"));

        let other = Scene::set(store, "other").await;
        let foreign = store.retry_outbound(&other.tenant, &list[0].id).await;
        assert!(matches!(foreign, Err(StoreError::NotFound(_))));
        store.retry_outbound(&scene.tenant, &list[0].id).await.unwrap();
        let twice = store.retry_outbound(&scene.tenant, &list[0].id).await;
        assert!(matches!(twice, Err(StoreError::NotFound(_))));
        assert!(store.parked_outbound(&scene.tenant).await.unwrap().is_empty());
        let retried = claim(store).await;
        assert_eq!((&retried[0].message, retried[0].attempts), (&a, 1));
        store.settle_outbox(&retried[0], sent("9")).await.unwrap();
        assert_eq!(state(store, &scene, &a).await, (MessageState::Sent, None));
    })
    .await;
}

#[tokio::test]
async fn a_sender_that_lost_its_lease_undoes_nothing() {
    check_on_every_store(async |test| {
        let store = &test.store;
        for late in [again(Micros(0), 0), parked("too late")] {
            let (scene, [a, ..]) = three_answers(store).await;
            let stalled = claim(store).await.into_iter().find(|row| row.message == a).unwrap();
            test.clock.advance_millis(LEASE as i64 + 1);
            let successor = claim(store).await.into_iter().find(|row| row.message == a).unwrap();
            assert_eq!(successor.attempts, 2);

            store.settle_outbox(&stalled, late.clone()).await.unwrap();
            assert!(!claim(store).await.iter().any(|row| row.message == a), "the successor's lease goes on");
            store.settle_outbox(&successor, sent("5")).await.unwrap();
            store.settle_outbox(&stalled, late).await.unwrap();
            assert_eq!(state(store, &scene, &a).await, (MessageState::Sent, None));
            assert!(store.parked_outbound(&scene.tenant).await.unwrap().is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_stalled_sender_did_send_is_not_sent_again() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, [a, ..]) = three_answers(store).await;
        let stalled = claim(store).await.into_iter().find(|row| row.message == a).unwrap();
        test.clock.advance_millis(LEASE as i64 + 1);
        store.settle_outbox(&stalled, sent("5")).await.unwrap();
        assert!(!claim(store).await.iter().any(|row| row.message == a));
        assert_eq!(state(store, &scene, &a).await, (MessageState::Sent, None));
    })
    .await;
}

#[tokio::test]
async fn the_next_time_is_when_something_can_be_claimed() {
    check_on_every_store(async |test| {
        let store = &test.store;
        assert_eq!(store.next_outbox_time().await.unwrap(), None);
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        scene.answer(store, vec![reply("a"), reply("b")]).await;
        assert_eq!(store.next_outbox_time().await.unwrap(), Some(test.clock.now()));

        // A sender that waits until this time, whatever holds the replies back, never turns on the spot.
        let row = claim(store).await.remove(0);
        let mut due = store.next_outbox_time().await.unwrap().unwrap();
        assert_eq!(due, Micros(test.clock.now().plus_millis(LEASE).0 + 1), "when the lease has ended");
        store.settle_outbox(&row, again(test.clock.now().plus_millis(5000), 0)).await.unwrap();
        due = store.next_outbox_time().await.unwrap().unwrap();
        assert_eq!(due, test.clock.now().plus_millis(5000), "the second reply waits for the first");
        test.clock.advance_millis(5000);
        let row = claim(store).await.remove(0);
        store.settle_outbox(&row, sent("1")).await.unwrap();
        assert!(store.next_outbox_time().await.unwrap().unwrap() <= test.clock.now());
    })
    .await;
}

#[tokio::test]
async fn the_latest_hints_help_to_answer() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for (event, token) in [("e1", "t1"), ("e2", "t2")] {
            let mut ingest = scene.text("u1", event, "hello");
            ingest.message.hints = vec![("reply_token".to_owned(), token.to_owned())];
            store.ingest(ingest).await.unwrap();
        }
        scene.answer(store, vec![reply("a")]).await;
        let row = claim(store).await.remove(0);
        assert_eq!(row.destination.thread, "u1");
        assert_eq!(row.destination.hints, [("reply_token".to_owned(), "t2".to_owned())]);
    })
    .await;
}

#[tokio::test]
async fn a_reply_token_goes_with_one_reply() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let mut ingest = scene.text("u1", "e1", "hello");
        let hint = |name: &str| (name.to_owned(), "1".to_owned());
        ingest.message.hints = vec![hint("reply_token"), hint("reply_token_at"), hint("quote_token")];
        store.ingest(ingest).await.unwrap();
        scene.answer(store, vec![reply("a"), reply("b")]).await;
        let first = claim(store).await.remove(0);
        assert_eq!(first.destination.hint("reply_token"), Some("1"));
        store.settle_outbox(&first, sent("1")).await.unwrap();
        let second = claim(store).await.remove(0);
        assert_eq!(second.destination.hints, [hint("quote_token")]);
        store.settle_outbox(&second, sent("2")).await.unwrap();

        // Nor does a later one get it, whoever writes it.
        let conversation = scene.conversation(store, "u1").await.id;
        let agent = scene.agent(store, "nok").await;
        let message = NewAgentMessage {
            tenant: scene.tenant.clone(),
            conversation,
            agent,
            agent_name: "Nok".to_owned(),
            client_id: "c1".to_owned(),
            text: "c".to_owned(),
            note: false,
            seen_seq: 100,
            live: false,
            quotes: None,
            answer: None,
        };
        store.post_agent_message(message).await.unwrap();
        assert_eq!(claim(store).await[0].destination.hints, [hint("quote_token")]);
    })
    .await;
}

#[tokio::test]
async fn who_serves_alone_takes_up_the_replies_of_a_process_that_was_killed() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (_, [a, _, c]) = three_answers(store).await;
        let killed = claim(store).await;
        assert_eq!(killed.len(), 2);
        test.clock.advance_millis(1_000);
        store.end_leases().await.unwrap();
        let mut taken = claim(store).await;
        if store.name() == "postgres" {
            assert!(taken.is_empty(), "another node may send them still");
            return;
        }
        taken.sort_by(|one, other| one.destination.thread.cmp(&other.destination.thread));
        assert_eq!(taken.iter().map(|row| &row.message).collect::<Vec<_>>(), [&a, &c]);
        for row in &taken {
            assert_eq!((row.ambiguous, row.attempts), (1, 2), "it may have arrived");
            let before = killed.iter().find(|killed| killed.id == row.id).unwrap();
            assert_eq!(row.planned_at, before.planned_at, "it is planned as it was");
        }
    })
    .await;
}

#[tokio::test]
async fn what_may_have_arrived_is_shown_as_such_and_settled_by_what_the_platform_tells() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, [a, b, _]) = three_answers(store).await;
        let rows = claim(store).await;
        let first = rows.iter().find(|row| row.message == a).unwrap();
        let reason = || "nobody knows".to_owned();
        store.settle_outbox(first, OutboxOutcome::Uncertain { progress: 0, error: reason() }).await.unwrap();
        assert_eq!(state(store, &scene, &a).await, (MessageState::Uncertain, Some(reason())));
        assert_eq!(
            store.parked_outbound(&scene.tenant).await.unwrap().len(),
            1,
            "a person may send it again"
        );
        let next = claim(store).await;
        assert_eq!(next.iter().map(|row| &row.message).collect::<Vec<_>>(), [&b], "what follows goes on");

        let receipt = channels::Receipt {
            correlation: Some(channels::mark(first.id.as_str(), 0)),
            ..channels::Receipt::sent("900")
        };
        store.record_receipt(&scene.tenant, &scene.account, receipt).await.unwrap();
        assert_eq!(state(store, &scene, &a).await, (MessageState::Sent, None));
        let rest = claim(store).await;
        let rest = rest.iter().find(|row| row.message == a).expect("what is left of it goes out");
        assert_eq!(rest.progress, 1);
    })
    .await;
}

#[tokio::test]
async fn an_attempt_that_broke_off_is_of_unknown_outcome_and_repeated_as_it_was() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (_, [a, ..]) = three_answers(store).await;
        let mine = async || claim(store).await.into_iter().find(|row| row.message == a).unwrap();
        let refused =
            |at| OutboxOutcome::Again { at, progress: 0, ambiguous: false, error: "429".to_owned() };
        let first = mine().await;
        assert_eq!((first.ambiguous, first.planned_at), (0, test.clock.now()));
        store.settle_outbox(&first, refused(test.clock.now())).await.unwrap();
        test.clock.advance_millis(1_000);
        let began = test.clock.now();
        let second = mine().await;
        assert_eq!((second.ambiguous, second.planned_at), (0, began), "nothing was sent yet");
        test.clock.advance_millis(LEASE as i64 + 1);
        let third = mine().await;
        assert_eq!((third.ambiguous, third.planned_at), (1, began));
        store.settle_outbox(&third, refused(test.clock.now())).await.unwrap();
        let fourth = mine().await;
        assert_eq!((fourth.ambiguous, fourth.planned_at), (1, began));
    })
    .await;
}
