//! Taking messages in.

use channels::Content;
use engine::clock::Micros;
use engine::ids::ChannelAccountId;
use engine::store::{Author, ChannelAccount, Control, ControlChange, Ingest, Ingested, MessageState};
use tests::{START, Scene, check_on_every_store, said};

#[tokio::test]
async fn a_first_message_makes_the_person_and_the_conversation() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let heard = scene.hear(store, "u1", "e1", "สวัสดี 你好 hello 👋").await;
        assert_eq!((heard.seq, heard.author, heard.state), (1, Author::Customer, MessageState::Sent));

        let conversation = scene.conversation(store, "u1").await;
        assert_eq!(conversation.id, heard.conversation);
        assert_eq!(conversation.control, Control::Bot);
        assert_eq!((conversation.status.as_str(), conversation.unanswered), ("open", 1));
        assert_eq!(conversation.person_name.as_deref(), Some("ลูกค้า u1"));
        assert_eq!(conversation.language.as_deref(), Some("th"));
        assert_eq!((conversation.last_at, conversation.last_seq), (START, 1));

        let messages = scene.messages(store, &conversation.id).await;
        assert_eq!(messages, std::slice::from_ref(&heard));
        let text = Content::Text { text: "สวัสดี 你好 hello 👋".to_owned() };
        assert_eq!(messages[0].body.heard.as_ref(), Some(&text));
        assert_eq!(store.message(&scene.tenant, &heard.id).await.unwrap(), Some(heard));

        let person = store.person(&scene.tenant, &conversation.person).await.unwrap().unwrap();
        assert_eq!(person.name.as_deref(), Some("ลูกค้า u1"));
        let addresses: Vec<(&str, &str)> =
            person.addresses.iter().map(|one| (one.account.as_str(), one.external_id.as_str())).collect();
        assert_eq!(addresses, [(scene.account.as_str(), "u1")]);
        assert_eq!(person.conversations, 1);
    })
    .await;
}

#[tokio::test]
async fn a_redelivery_changes_nothing() {
    check_on_every_store(async |test| {
        let (store, other_node) = (&test.store, test.another_node().await);
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "once").await;
        let before = scene.conversation(store, "u1").await;
        let nodes = if store.name() == "memory" { vec![store] } else { vec![store, &other_node] };
        for node in nodes {
            assert_eq!(node.ingest(scene.text("u1", "e1", "once")).await.unwrap(), Ingested::Duplicate);
        }
        assert_eq!(scene.conversation(store, "u1").await, before);
        assert_eq!(scene.claim(store).await.pending.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_quote_names_our_message() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, other) = (Scene::set(store, "shop").await, Scene::set(store, "other").await);
        let first = scene.hear(store, "u1", "e1", "the caramel one").await;
        let name = first.external_id.clone().unwrap();
        let quoting = async |scene: &Scene, event: &str, content: Content| {
            let mut ingest = scene.text("u1", event, "this one");
            ingest.message.content = content;
            ingest.message.reply_to = Some(name.clone());
            let Ingested::Accepted(message) = store.ingest(ingest).await.unwrap() else { panic!("{event}") };
            let stored = store.message(&scene.tenant, &message.id).await.unwrap().unwrap();
            stored.body.quotes.map(|quote| (quote.message, quote.external_id))
        };
        let text = || Content::Text { text: "this one".to_owned() };
        let press = Content::Choice {
            title: None,
            payload: "yes".to_owned(),
            values: std::collections::BTreeMap::new(),
        };
        assert_eq!(quoting(&scene, "e2", text()).await, Some((first.id.clone(), name.clone())));
        assert_eq!(quoting(&scene, "e3", press).await, None, "a press is no quote");
        assert_eq!(quoting(&other, "e2", text()).await, None, "another company's message");
    })
    .await;
}

#[tokio::test]
async fn the_window_begins_when_the_person_wrote() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        test.clock.advance_millis(60_000);
        let now = store.clock().now();
        let heard = async |thread: &str, event: &str, sent_at: i64| {
            let mut ingest = scene.text(thread, event, "late");
            ingest.message.sent_at = sent_at;
            store.ingest(ingest).await.unwrap();
            scene.conversation(store, thread).await.heard_at
        };
        assert_eq!(heard("u1", "e1", START.0 - 5).await, Micros(START.0 - 5), "a late webhook");
        assert_eq!(heard("u1", "e2", START.0).await, START);
        assert_eq!(heard("u1", "e3", START.0 - 9).await, START, "an older one changes nothing");
        assert_eq!(heard("u1", "e4", now.0 + 5).await, now, "no time to come");
        assert_eq!(heard("u2", "e5", 0).await, now, "where nobody says");
    })
    .await;
}

#[tokio::test]
async fn copies_that_arrive_together_are_taken_in_once() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let one = || store.ingest(scene.text("u1", "e1", "once"));
        let (a, b, c) = tokio::join!(one(), one(), one());
        let accepted =
            [a, b, c].into_iter().filter(|copy| copy.as_ref().unwrap() != &Ingested::Duplicate).count();
        assert_eq!(accepted, 1);
        assert_eq!(scene.conversation(store, "u1").await.last_seq, 1);
    })
    .await;
}

#[tokio::test]
async fn copies_that_arrive_together_at_several_nodes_are_taken_in_once() {
    check_on_every_store(async |test| {
        let (store, other_node) = (&test.store, test.another_node().await);
        if store.name() == "memory" {
            return;
        }
        let scene = Scene::set(store, "shop").await;
        for round in 0..20 {
            let (thread, event) = (format!("u{}", round / 2), format!("e{round}"));
            let one = scene.text(&thread, &event, "once");
            let (a, b) = tokio::join!(store.ingest(one.clone()), other_node.ingest(one));
            let outcomes = [a.unwrap(), b.unwrap()];
            let duplicates = outcomes.iter().filter(|outcome| **outcome == Ingested::Duplicate).count();
            assert_eq!(duplicates, 1, "round {round}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_event_is_known_by_its_channel_account() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let second = ChannelAccount { id: ChannelAccountId::from_text("second"), ..scene.channel_account() };
        store.save_channel_account(second).await.unwrap();
        scene.hear(store, "u1", "e1", "first account").await;
        let elsewhere = Ingest {
            account: ChannelAccountId::from_text("second"),
            ..scene.text("u1", "e1", "second account")
        };
        let Ingested::Accepted(message) = store.ingest(elsewhere).await.unwrap() else {
            panic!("another event")
        };
        assert_ne!(message.conversation, scene.conversation(store, "u1").await.id);
    })
    .await;
}

#[tokio::test]
async fn messages_are_numbered_in_the_order_of_acceptance() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for (event, thread) in ["u1", "u2", "u1", "u1", "u2"].into_iter().enumerate() {
            scene.hear(store, thread, &format!("e{event}"), &format!("text {event}")).await;
        }
        for (thread, expected) in
            [("u1", ["text 0", "text 2", "text 3"].as_slice()), ("u2", &["text 1", "text 4"])]
        {
            let messages = scene.messages(store, &scene.conversation(store, thread).await.id).await;
            let texts: Vec<String> = messages.iter().map(said).collect();
            assert_eq!(texts, expected);
            let numbers: Vec<i64> = messages.iter().map(|message| message.seq).collect();
            assert_eq!(numbers, (1..=expected.len() as i64).collect::<Vec<_>>());
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_of_messages_ends_before_the_given_number() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for event in 1..=7 {
            scene.hear(store, "u1", &format!("e{event}"), "text").await;
        }
        let id = scene.conversation(store, "u1").await.id;
        for (before, limit, expected) in
            [(None, 3, vec![5, 6, 7]), (Some(5), 3, vec![2, 3, 4]), (Some(1), 3, vec![])]
        {
            let page = store.messages(&scene.tenant, &id, before, limit).await.unwrap();
            assert_eq!(page.iter().map(|message| message.seq).collect::<Vec<_>>(), expected);
        }
    })
    .await;
}

#[tokio::test]
async fn a_resolved_conversation_that_was_quiet_for_a_week_is_left() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let days = |days: i64| days * Micros::DAY / 1000;
        let mut event = 0;
        // What was done to the conversation, the days of quiet after it, and whether the next message opens a new one.
        for (thread, resolved, quiet, opens) in
            [("u1", true, 8, true), ("u2", true, 6, false), ("u3", false, 30, false)]
        {
            event += 2;
            let first = scene.hear(store, thread, &format!("e{event}"), "first").await;
            if resolved {
                let change = ControlChange::Resolve;
                store.change_control(&scene.tenant, &first.conversation, change).await.unwrap();
            }
            test.clock.advance_millis(days(quiet));
            let next = scene.hear(store, thread, &format!("e{}", event + 1), "next").await;
            assert_eq!(next.conversation != first.conversation, opens, "{thread}");
            assert_eq!(next.seq, if opens { 1 } else { 2 }, "{thread}");
            let current = scene.conversation(store, thread).await;
            assert_eq!(
                (current.id, current.status.as_str()),
                (next.conversation.clone(), "open"),
                "{thread}"
            );
            let person = store.person(&scene.tenant, &current.person).await.unwrap().unwrap();
            assert_eq!(person.conversations, if opens { 2 } else { 1 }, "{thread}: one person all along");
        }
    })
    .await;
}

#[tokio::test]
async fn many_messages_at_once_are_numbered_in_the_order_in_which_they_came() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let threads = ["u1", "u2", "u3"];
        let said = (0..30).map(|n| (threads[n % 3], format!("e{n}")));
        // Each comes twice: one of the two is a redelivery.
        let twice = said.clone().flat_map(|one| [one.clone(), one]);
        let taken = twice.map(|(thread, event)| store.ingest(scene.text(thread, &event, &event)));
        let outcomes = futures_util::future::try_join_all(taken).await.unwrap();
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Ingested::Duplicate).count(), 30);
        for thread in threads {
            let conversation = scene.conversation(store, thread).await;
            let messages = scene.messages(store, &conversation.id).await;
            let found: Vec<(i64, String)> = messages.iter().map(|one| (one.seq, tests::said(one))).collect();
            let expected: Vec<(i64, String)> =
                (1..).zip(said.clone().filter(|(one, _)| *one == thread).map(|(_, event)| event)).collect();
            assert_eq!(found, expected, "{thread}");
            assert_eq!((conversation.last_seq, conversation.unanswered), (10, 10), "{thread}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_belongs_to_no_conversation_is_kept_once() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for event in ["poll-1", "poll-2", "poll-1"] {
            let poll = scene.text("", event, "counts").message;
            store.keep_account_event(scene.tenant.clone(), scene.account.clone(), poll).await.unwrap();
        }
        let kept = store.account_events(&scene.tenant, &scene.account, 10).await.unwrap();
        let events: Vec<&str> = kept.iter().map(|one| one.event_id.as_str()).collect();
        assert_eq!(events, ["poll-2", "poll-1"]);
    })
    .await;
}
