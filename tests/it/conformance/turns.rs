//! Committing turns.

use engine::ids::RowId;
use engine::store::{Author, ControlChange, Ingested, Lease, MessageState, NewReply, StoreError, TurnCommit};
use tests::{Scene, check_on_every_store, nothing_said, reply, said};

#[tokio::test]
async fn a_turn_changes_everything_in_one_commit() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let heard = scene.hear(store, "u1", "e1", "พัสดุอยู่ไหน").await;
        let claimed = scene.claim(store).await;
        let commit = TurnCommit {
            state: "{\"flow\":\"track_order\"}".to_owned(),
            language: Some("th".to_owned()),
            intent: Some("track_order".to_owned()),
            sentiment: Some("neutral".to_owned()),
            decision: "start_flow".to_owned(),
            record: "{\"understanding\":{}}".to_owned(),
            replies: vec![reply("ขอเลขคำสั่งซื้อค่ะ"), reply("เช่น AB123456")],
            remember: Some("{\"name\":\"สมชาย\"}".to_owned()),
            last: true,
            ..nothing_said(&claimed.lease, &claimed.pending[0])
        };
        let replies = store.commit_turn(commit).await.unwrap();
        let numbered: Vec<_> = replies.iter().map(|one| (one.seq, one.author, one.state)).collect();
        assert_eq!(
            numbered,
            [(2, Author::Bot, MessageState::Queued), (3, Author::Bot, MessageState::Queued)]
        );
        assert_eq!(scene.messages(store, &heard.conversation).await[1..], replies);

        let conversation = scene.conversation(store, "u1").await;
        assert_eq!((conversation.unanswered, conversation.last_seq), (0, 3));
        assert_eq!(conversation.last_text.as_deref(), Some("เช่น AB123456"));
        assert_eq!(conversation.last_author.as_deref(), Some("bot"));
        assert_eq!(conversation.intent.as_deref(), Some("track_order"));
        assert_eq!(conversation.sentiment.as_deref(), Some("neutral"));

        let turns = store.turns(&scene.tenant, &heard.conversation, 10).await.unwrap();
        assert_eq!(turns.len(), 1);
        assert_eq!((turns[0].turn, &turns[0].message), (1, &heard.id));
        assert_eq!(
            (turns[0].decision.as_str(), turns[0].record.as_str()),
            ("start_flow", "{\"understanding\":{}}")
        );
        assert_eq!(
            store.person_facts(&scene.tenant, &conversation.person).await.unwrap(),
            "{\"name\":\"สมชาย\"}"
        );

        scene.hear(store, "u1", "e2", "AB123456").await;
        assert_eq!(scene.claim(store).await.state, "{\"flow\":\"track_order\"}");
    })
    .await;
}

#[tokio::test]
async fn a_turn_that_says_nothing_leaves_the_customer_unanswered() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        scene.answer(store, Vec::new()).await;
        let conversation = scene.conversation(store, "u1").await;
        assert_eq!((conversation.unanswered, conversation.last_text.as_deref()), (1, Some("hello")));
    })
    .await;
}

#[tokio::test]
async fn a_turn_is_refused_unless_it_follows_under_the_lease() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "first").await;
        scene.hear(store, "u1", "e2", "second").await;
        let claimed = scene.claim(store).await;
        let good =
            TurnCommit { replies: vec![reply("hi")], ..nothing_said(&claimed.lease, &claimed.pending[0]) };
        let forged = Lease { token: claimed.lease.token + 1, ..claimed.lease.clone() };
        let refused = [
            ("another's lease", TurnCommit { lease: forged, ..good.clone() }),
            ("a turn too early", nothing_said(&claimed.lease, &claimed.pending[1])),
            ("a turn from nowhere", TurnCommit { turn: 7, ..good.clone() }),
            ("an unknown message", TurnCommit { inbound: RowId::from_text("none"), ..good.clone() }),
        ];
        for (why, commit) in refused {
            assert!(matches!(store.commit_turn(commit).await, Err(StoreError::Fenced)), "{why}");
        }
        store.commit_turn(good.clone()).await.unwrap();
        assert!(matches!(store.commit_turn(good).await, Err(StoreError::Fenced)), "twice");

        assert_eq!(store.turns(&scene.tenant, &claimed.lease.conversation, 10).await.unwrap().len(), 1);
        let texts: Vec<String> =
            scene.messages(store, &claimed.lease.conversation).await.iter().map(said).collect();
        assert_eq!(texts, ["first", "second", "hi"]);
    })
    .await;
}

#[tokio::test]
async fn one_refused_change_does_not_take_its_group_with_it() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let claimed = scene.claim(store).await;
        let good = nothing_said(&claimed.lease, &claimed.pending[0]);
        let bad = TurnCommit { turn: 9, ..good.clone() };
        let (busy, before, refused, committed, after) = tokio::join!(
            store.writable(),
            store.ingest(scene.text("u2", "e2", "before")),
            store.commit_turn(bad),
            store.commit_turn(good),
            store.ingest(scene.text("u3", "e3", "after")),
        );
        busy.unwrap();
        assert!(matches!(refused, Err(StoreError::Fenced)));
        committed.unwrap();
        for (thread, outcome) in [("u2", before), ("u3", after)] {
            assert!(matches!(outcome.unwrap(), Ingested::Accepted(_)));
            assert_eq!(scene.conversation(store, thread).await.last_seq, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_live_reply_needs_no_outbox() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let live =
            NewReply { live: true, author_name: Some("น้องศาลา".to_owned()), ..reply("hi") };
        let replies = scene.answer(store, vec![live]).await;
        assert_eq!(replies[0].state, MessageState::Sent);
        assert_eq!(replies[0].author_name.as_deref(), Some("น้องศาลา"));
        assert!(store.claim_outbox(10, 1000).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_bot_does_not_speak_over_an_agent_who_took_over_meanwhile() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let claimed = scene.claim(store).await;
        let change = ControlChange::Take(agent);
        store.change_control(&scene.tenant, &claimed.lease.conversation, change).await.unwrap();

        let commit =
            TurnCommit { replies: vec![reply("hi")], ..nothing_said(&claimed.lease, &claimed.pending[0]) };
        assert!(matches!(store.commit_turn(commit).await, Err(StoreError::Fenced)));
        assert!(store.claim_outbox(10, 1000).await.unwrap().is_empty());
        // The message is heard again by a turn that knows of the agent.
        let again = scene.claim(store).await;
        assert_eq!((again.control.as_str(), again.pending.len()), ("agent", 1));
    })
    .await;
}

#[tokio::test]
async fn what_messages_feel_like_and_what_asks_for_an_eye_is_kept_of_the_conversation() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        let hear = async |place: usize, sentiment: Option<&str>, urgent: bool, toxic: bool| {
            scene.hear(store, "u1", &format!("e{place}"), "words").await;
            let claimed = scene.claim(store).await;
            let commit = TurnCommit {
                sentiment: sentiment.map(str::to_owned),
                urgent,
                toxic,
                last: true,
                ..nothing_said(&claimed.lease, &claimed.pending[0])
            };
            store.commit_turn(commit).await.unwrap();
            scene.conversation(store, "u1").await
        };
        hear(0, Some("question"), false, false).await;
        hear(1, None, true, false).await;
        let heard = hear(2, Some("negative"), false, true).await;
        assert_eq!((heard.moods.as_str(), heard.urgent, heard.toxic), ("?-", true, true));
        for place in 3..15 {
            hear(place, Some("positive"), false, false).await;
        }
        let heard = hear(15, Some("neutral"), false, false).await;
        assert_eq!((heard.moods.as_str(), heard.urgent), ("+++++++++++0", true));
        store.change_control(&scene.tenant, &heard.id, ControlChange::Take(agent)).await.unwrap();
        assert!(scene.conversation(store, "u1").await.urgent, "whoever takes it should see why");
        store.change_control(&scene.tenant, &heard.id, ControlChange::HandBack).await.unwrap();
        let back = scene.conversation(store, "u1").await;
        assert_eq!((back.urgent, back.toxic), (false, false));
    })
    .await;
}
