//! Echoes: what a colleague writes in the platform's own inbox, and our own messages coming back.

use channels::{Content, Echo, InboundMessage, Receipt, ReceiptState, Sender};
use engine::store::{
    Author, Control, ControlChange, Echoed, MessageState, OutboxAttempt, OutboxOutcome, Store,
};
use tests::{Scene, check_on_every_store, reply, said};

async fn echo(store: &Store, scene: &Scene, id: &str, text: &str, ours: Option<&str>) -> Echoed {
    let content = Content::Text { text: text.to_owned() };
    let message = InboundMessage {
        thread: "u1".to_owned(),
        ..InboundMessage::new(id, Sender::new("our-page"), tests::START.0, content)
    };
    let echo = Echo { message, ours: ours.is_some(), correlation: ours.map(str::to_owned) };
    store.record_echo(scene.tenant.clone(), scene.account.clone(), echo, false).await.unwrap()
}

#[tokio::test]
async fn a_colleague_in_the_platforms_inbox_owns_the_next_word() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        echo(store, &scene, "x0", "before anybody wrote", None).await;
        scene.hear(store, "u1", "e1", "hello").await;
        scene.answer(store, vec![reply("hi")]).await;
        for _ in 0..2 {
            echo(store, &scene, "x1", "I take this one", None).await;
        }
        let conversation = scene.conversation(store, "u1").await;
        assert!(matches!(conversation.control, Control::Agent { name: None, .. }));
        let messages = scene.messages(store, &conversation.id).await;
        assert_eq!(messages.iter().map(said).collect::<Vec<_>>(), ["hello", "hi", "I take this one"]);
        assert_eq!(messages[2].author, Author::Agent);

        // It is nobody's here: whoever wants it may have it.
        let agent = scene.agent(store, "nok").await;
        let taken =
            store.change_control(&scene.tenant, &conversation.id, ControlChange::Take(agent.clone())).await;
        assert_eq!(
            taken.unwrap().control,
            Control::Agent { id: agent.clone(), name: Some("nok".to_owned()) }
        );
        echo(store, &scene, "x2", "and one more", None).await;
        let control = scene.conversation(store, "u1").await.control;
        assert_eq!(
            control,
            Control::Agent { id: agent, name: Some("nok".to_owned()) },
            "an agent here stays the owner"
        );
    })
    .await;
}

#[tokio::test]
async fn an_echo_or_receipt_of_ours_settles_a_send_of_unknown_outcome() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let answer = scene.answer(store, vec![reply("in three parts")]).await;
        let row = store.claim_outbox(10, 10_000).await.unwrap().remove(0);
        let again = OutboxOutcome::Again {
            at: test.clock.now(),
            progress: 0,
            ambiguous: true,
            error: "504".to_owned(),
        };
        store.settle_outbox(&row, again).await.unwrap();
        for _ in 0..2 {
            echo(store, &scene, "p1", "in", Some(row.id.as_str())).await;
        }
        let second = channels::mark(row.id.as_str(), 1);
        let receipt = Receipt { correlation: Some(second), ..Receipt::sent("p2") };
        store.record_receipt(&scene.tenant, &scene.account, receipt).await.unwrap();
        let retried = store.claim_outbox(10, 10_000).await.unwrap().remove(0);
        assert_eq!(retried.progress, 2, "the platform has two of the three");
        let conversation = scene.conversation(store, "u1").await;
        assert_eq!(conversation.control, Control::Bot);
        assert_eq!(
            scene.messages(store, &conversation.id).await.len(),
            2,
            "our own words are not heard again"
        );
        let stored = store.message(&scene.tenant, &answer[0].id).await.unwrap().unwrap();
        assert_eq!(stored.state, MessageState::Sent);
    })
    .await;
}

#[tokio::test]
async fn what_a_receipt_said_before_the_answer_to_the_call_stays() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let refused = |id: &str, row: &str| Receipt {
            state: ReceiptState::Failed,
            reason: Some("131047: too late".to_owned()),
            correlation: Some(channels::mark(row, 0)),
            ..Receipt::sent(id)
        };
        scene.hear(store, "u1", "e1", "hello").await;
        let answer = scene.answer(store, vec![reply("hi")]).await;
        let row = store.claim_outbox(10, 10_000).await.unwrap().remove(0);
        store.record_receipt(&scene.tenant, &scene.account, refused("p1", row.id.as_str())).await.unwrap();
        let sent = OutboxAttempt::sent(vec!["p1".to_owned()]);
        store.settle_outbox(&row, sent).await.unwrap();
        let stored = store.message(&scene.tenant, &answer[0].id).await.unwrap().unwrap();
        assert_eq!(stored.state, MessageState::Failed);
        assert_eq!(stored.failure.as_deref(), Some("131047: too late"));
        assert!(store.claim_outbox(10, 10_000).await.unwrap().is_empty(), "it is not said again");

        // What was set aside and is tried again is under way again, so that its new answer counts.
        scene.hear(store, "u1", "e2", "again").await;
        let answer = scene.answer(store, vec![reply("once more")]).await;
        let row = store.claim_outbox(10, 10_000).await.unwrap().remove(0);
        let parked = OutboxOutcome::Parked { progress: 0, error: "gone".to_owned() };
        store.settle_outbox(&row, parked).await.unwrap();
        store.retry_outbound(&scene.tenant, row.id.as_str()).await.unwrap();
        let stored = store.message(&scene.tenant, &answer[0].id).await.unwrap().unwrap();
        assert_eq!((stored.state, stored.failure), (MessageState::Queued, None));
        let row = store.claim_outbox(10, 10_000).await.unwrap().remove(0);
        store.settle_outbox(&row, OutboxOutcome::Sent).await.unwrap();
        let stored = store.message(&scene.tenant, &answer[0].id).await.unwrap().unwrap();
        assert_eq!(stored.state, MessageState::Sent);
    })
    .await;
}

#[tokio::test]
async fn an_echo_without_a_name_waits_for_the_send_that_it_may_be() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        scene.answer(store, vec![reply("hi")]).await;
        let row = store.claim_outbox(10, 10_000).await.unwrap().remove(0);
        assert_eq!(echo(store, &scene, "p1", "hi", None).await, Echoed::TooEarly);
        assert_eq!(echo(store, &scene, "p2", "I take this one", None).await, Echoed::TooEarly);
        let sent = OutboxAttempt::sent(vec!["p1".to_owned()]);
        store.settle_outbox(&row, sent).await.unwrap();
        assert_eq!(echo(store, &scene, "p1", "hi", None).await, Echoed::Recorded);
        assert_eq!(scene.conversation(store, "u1").await.control, Control::Bot);
        assert_eq!(echo(store, &scene, "p2", "I take this one", None).await, Echoed::Recorded);
        let conversation = scene.conversation(store, "u1").await;
        assert!(matches!(conversation.control, Control::Agent { .. }));
        assert_eq!(scene.messages(store, &conversation.id).await.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_part_that_arrived_twice_stands_for_no_other() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        scene.answer(store, vec![reply("in two parts")]).await;
        let row = store.claim_outbox(10, 10_000).await.unwrap().remove(0);
        for id in ["p1", "p1 again"] {
            echo(store, &scene, id, "in two", Some(row.id.as_str())).await;
        }
        // The answer to the call comes after the echoes, and knows less than they.
        let again = OutboxOutcome::Again {
            at: test.clock.now(),
            progress: 0,
            ambiguous: true,
            error: "504".to_owned(),
        };
        store.settle_outbox(&row, again).await.unwrap();
        let retried = store.claim_outbox(10, 10_000).await.unwrap().remove(0);
        assert_eq!(retried.progress, 1);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_message_is_compared_with_what_may_be_it() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let uncertain = async || {
            let found = store.uncertain_sends(&scene.tenant, &scene.account, ("u1", "p1")).await.unwrap();
            found.into_iter().map(|row| row.id).collect::<Vec<_>>()
        };
        scene.hear(store, "u1", "e1", "hello").await;
        scene.answer(store, vec![reply("a"), reply("b")]).await;
        assert!(uncertain().await.is_empty(), "what nobody has begun to send cannot have arrived");
        let row = store.claim_outbox(10, 10_000).await.unwrap().remove(0);
        assert_eq!(uncertain().await, std::slice::from_ref(&row.id));
        store.settle_outbox(&row, OutboxOutcome::Sent).await.unwrap();
        assert_eq!(uncertain().await, std::slice::from_ref(&row.id));
        test.clock.advance_millis(3_600_001);
        assert!(uncertain().await.is_empty(), "an hour later it is somebody else's");
    })
    .await;
}
