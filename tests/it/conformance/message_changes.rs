//! Reactions, edits and unsends: what they do to the message that they name.

use channels::{Content, InboundMessage, Reaction, Sender};
use engine::store::{ChangeJudged, Ingest, Message, MessageChange, Store, TurnCommit};
use futures_util::future::join_all;
use serde_json::json;
use tests::{Scene, check_on_every_store, nothing_said, reply};

/// Takes in what somebody does to the message `m-e1`, as a webhook does: the event, then the change.
async fn hear(store: &Store, scene: &Scene, event: &str, content: Content) {
    hear_at(store, scene, (event, tests::START.0), content).await;
}

/// The same where the platform says when it was done.
async fn hear_at(store: &Store, scene: &Scene, (event, sent_at): (&str, i64), content: Content) {
    let message = InboundMessage::new(event, Sender::new("u1"), sent_at, content);
    let change = MessageChange::of(&message).unwrap();
    let (tenant, account) = (scene.tenant.clone(), scene.account.clone());
    let ingest = Ingest { tenant: tenant.clone(), account: account.clone(), channel: "telegram", message };
    store.ingest(ingest).await.unwrap();
    store.change_message(tenant, account, change).await.unwrap();
}

fn deleted() -> Content {
    Content::Deleted { external_id: "m-e1".to_owned() }
}

/// Everything that is kept of the conversation of `u1`, as one text.
async fn everything(store: &Store, scene: &Scene) -> String {
    let conversation = scene.conversation(store, "u1").await;
    let messages = scene.messages(store, &conversation.id).await;
    let words: Vec<String> = messages.iter().map(|message| message.body.words()).collect();
    let turns = store.turns(&scene.tenant, &conversation.id, 100).await.unwrap();
    let events = store.events_after(&scene.tenant, 0, 1000).await.unwrap();
    let events: Vec<&str> = events.iter().map(|event| event.data.get()).collect();
    format!("{messages:?} {words:?} {turns:?} {events:?} {conversation:?}")
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
        store.settle_outbox(&row, engine::store::OutboxAttempt::sent(ids)).await.unwrap();
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

/// An edit is an event of its own, with the words in it: what is taken back is gone from there, too.
#[tokio::test]
async fn what_was_taken_back_is_gone_from_its_edits() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "my number is 081-222-3333").await;
        hear(store, &scene, "e2", edited("it is 081-222-4444")).await;
        hear(store, &scene, "e3", edited("no, 081-222-5555")).await;
        assert!(everything(store, &scene).await.contains("081-222-4444"));
        hear(store, &scene, "e4", deleted()).await;
        // Late, and delivered once more.
        hear(store, &scene, "e5", edited("081-222-6666 it is")).await;
        hear(store, &scene, "e4", deleted()).await;
        let kept = everything(store, &scene).await;
        assert!(!kept.contains("081-222"), "{kept}");
        let waiting = format!("{:?}", scene.claim(store).await);
        assert!(waiting.contains("m-e1") && !waiting.contains("081-222"), "{waiting}");
        let conversation = scene.conversation(store, "u1").await;
        assert_eq!(scene.messages(store, &conversation.id).await.len(), 5, "that there were edits is kept");
        // Somebody else's words of the same message id are theirs.
        let other = Scene::set(store, "other").await;
        other.hear(store, "u1", "e1", "081-222-7777").await;
        hear(store, &other, "e2", edited("081-222-8888")).await;
        hear(store, &scene, "e6", deleted()).await;
        assert!(everything(store, &other).await.contains("081-222-8888"));
    })
    .await;
}

/// The dialogue keeps what was said last, and what it understood in it.
#[tokio::test]
async fn what_was_taken_back_is_gone_from_the_dialogue() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "my number is 081-222-3333").await;
        let claimed = scene.claim(store).await;
        let record =
            json!({ "understanding": { "entities": [{ "text": "081-222-3333", "value": "+66812223333" }] } });
        let state = json!({ "dialogue": { "channel": "telegram", "said": "my number is 081-222-3333",
            "stack": [{ "flow": "ask", "slots": { "phone": "+66812223333", "city": "Silom" } }],
            "mentions": [{ "kind": "phone", "text": "081-222-3333" }] } });
        let (record, state) = (record.to_string(), state.to_string());
        let commit =
            TurnCommit { record, state, last: true, ..nothing_said(&claimed.lease, &claimed.pending[0]) };
        store.commit_turn(commit).await.unwrap();
        hear(store, &scene, "e2", deleted()).await;
        let state = scene.claim(store).await.state;
        assert!(!state.contains("222") && state.contains("Silom") && state.contains("telegram"), "{state}");
    })
    .await;
}

/// Platforms promise no order: a change that comes first waits for its message, in the commit that takes it in.
#[tokio::test]
async fn a_change_that_comes_before_its_message_waits_for_it() {
    check_on_every_store(async |test| {
        let store = &test.store;
        // What comes first, then the words of the message: what is shown, heard, and in lists.
        let scene = Scene::set(store, "edited").await;
        hear_at(store, &scene, ("e3", 30), edited("three bags")).await;
        hear_at(store, &scene, ("e2", 20), edited("one bag")).await;
        hear(store, &scene, "e4", react("m-e1", "👍")).await;
        scene.hear(store, "u1", "e1", "two bags").await;
        let conversation = scene.conversation(store, "u1").await;
        let all = scene.messages(store, &conversation.id).await;
        let message = all.last().unwrap();
        assert_eq!(message.body.heard, Some(Content::Text { text: "three bags".to_owned() }));
        assert_eq!(message.body.earlier, ["two bags"]);
        assert_eq!(message.body.reactions.len(), 1);
        assert_eq!(conversation.last_text.as_deref(), Some("three bags"));
        let claimed = scene.claim(store).await;
        let heard = claimed.pending.last().unwrap().inbound_message.clone().unwrap();
        assert_eq!(heard.content, Content::Text { text: "three bags".to_owned() });
        // It was made once: the same message delivered again changes nothing.
        let again = store.ingest(scene.text("u1", "e1", "two bags")).await.unwrap();
        assert_eq!(again, engine::store::Ingested::Duplicate);

        let scene = Scene::set(store, "taken back").await;
        hear(store, &scene, "e2", edited("081-222-4444")).await;
        hear(store, &scene, "e3", deleted()).await;
        hear(store, &scene, "e4", edited("081-222-5555")).await;
        scene.hear(store, "u1", "e1", "081-222-3333").await;
        let kept = everything(store, &scene).await;
        assert!(!kept.contains("081-222"), "{kept}");
        let waiting = format!("{:?}", scene.claim(store).await);
        assert!(waiting.contains("m-e1") && !waiting.contains("081-222"), "{waiting}");
        let conversation = scene.conversation(store, "u1").await;
        assert_eq!(conversation.unanswered, 0, "nobody waits for an answer to it");
        let all = scene.messages(store, &conversation.id).await;
        assert!(all.last().unwrap().body.deleted, "{all:?}");
        // Another account's message of that name is another message.
        let other = Scene::set(store, "other").await;
        let message = other.hear(store, "u1", "e1", "081-222-6666").await;
        assert!(!message.body.deleted);
    })
    .await;
}

/// What waits is bounded, and does not wait for ever.
#[tokio::test]
async fn changes_of_messages_that_never_come_do_not_pile_up() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let wait = async |external_id: String| {
            let (external_id, emoji) = (external_id, Some("👍".to_owned()));
            let content = Content::Reaction { reaction: Reaction { external_id, emoji } };
            let change = MessageChange::of(&InboundMessage::new("e", Sender::new("u1"), 0, content)).unwrap();
            store.change_message(scene.tenant.clone(), scene.account.clone(), change).await.unwrap();
        };
        let reacted = async |event: &str| scene.hear(store, "u1", event, "hello").await.body.reactions.len();
        wait("m-first".to_owned()).await;
        test.clock.advance_millis(1);
        join_all((0..1_000).map(|number| wait(format!("m-{number}")))).await;
        assert_eq!((reacted("first").await, reacted("0").await, reacted("999").await), (0, 1, 1));
        test.clock.advance_millis(7 * 24 * 3_600_000 + 1);
        wait("m-last".to_owned()).await;
        assert_eq!((reacted("500").await, reacted("last").await), (0, 1));
    })
    .await;
}

/// Whoever changes a message is in its thread, and in a private chat wrote it: whether it is there already or not.
#[tokio::test]
async fn nobody_changes_what_somebody_else_wrote() {
    let by = |thread: &str, sender: &str, content: Content| {
        let message = InboundMessage::new("e9", Sender::new(sender), tests::START.0, content);
        InboundMessage { thread: thread.to_owned(), ..message }
    };
    let in_group = |message: InboundMessage| InboundMessage { group: true, ..message };
    let gone = || Content::Deleted { external_id: "m-e1".to_owned() };
    // The thread of the message is u1, and so is who wrote it; `ours` was said by us there.
    let ways = [
        ("own words", by("u1", "u1", edited("changed")), true),
        ("own message", by("u1", "u1", gone()), true),
        ("own thread", by("u1", "u1", react("m-e1", "👍")), true),
        ("another's reaction here", by("u1", "u9", react("m-e1", "👍")), true),
        ("somebody who keeps order", in_group(by("u1", "u9", gone())), true),
        ("another's words", by("u9", "u9", edited("HACKED")), false),
        ("another's message", by("u9", "u9", gone()), false),
        ("another thread", by("u9", "u9", react("m-e1", "💩")), false),
        ("another's words here", by("u1", "u9", edited("HACKED")), false),
        ("another's message here", by("u1", "u9", gone()), false),
        ("another thread of the sender", by("u9", "u1", gone()), false),
        ("another's words in a group", in_group(by("u1", "u9", edited("HACKED"))), false),
        ("another group", in_group(by("g9", "u1", gone())), false),
    ];
    check_on_every_store(async |test| {
        let store = &test.store;
        for (what, change, changes) in &ways {
            for early in [false, true] {
                let scene = Scene::set(store, what).await;
                let change = MessageChange::of(change).unwrap();
                let (tenant, account) = (scene.tenant.clone(), scene.account.clone());
                let judged = async || store.judge_change(&tenant, &account, &change).await.unwrap();
                if early {
                    store.change_message(tenant.clone(), account.clone(), change.clone()).await.unwrap();
                    assert_eq!(judged().await, ChangeJudged::Open);
                }
                scene.hear(store, "u1", "e1", "as it was").await;
                if !early {
                    let expected = if *changes { ChangeJudged::Open } else { ChangeJudged::Foreign };
                    assert_eq!(judged().await, expected, "{what}");
                    store.change_message(tenant.clone(), account.clone(), change.clone()).await.unwrap();
                }
                let body = first(store, &scene).await.body;
                let is_as_it_was = body.words() == "as it was" && !body.deleted && body.reactions.is_empty();
                assert_eq!(!is_as_it_was, *changes, "{what}, early: {early}: {body:?}");
            }
        }
    })
    .await;
}

/// In the platform's own inbox a colleague reacts as our side, and changes what our side said.
#[tokio::test]
async fn a_colleague_in_the_platforms_inbox_is_our_side() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let colleague = |content: Content| {
            let message = InboundMessage::new("e2", Sender::new("page"), tests::START.0, content);
            let message = InboundMessage { thread: "u1".to_owned(), ..message };
            MessageChange::of_colleague(&message).unwrap()
        };
        for content in [react("m-e1", "👍"), edited("HACKED"), deleted()] {
            let (tenant, account) = (scene.tenant.clone(), scene.account.clone());
            store.change_message(tenant, account, colleague(content)).await.unwrap();
        }
        let body = first(store, &scene).await.body;
        let marks: Vec<_> =
            body.reactions.iter().map(|mark| (mark.by.as_str(), mark.emoji.as_str())).collect();
        assert_eq!((marks, body.words().as_str()), (vec![(engine::store::OURS, "👍")], "hello"));
    })
    .await;
}

/// An edit that was made is told; reactions stand in the order in which they were made.
#[tokio::test]
async fn what_was_told_is_told_once() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "one bag").await;
        let edit = InboundMessage::new("e2", Sender::new("u1"), 20, edited("two bags"));
        let edit = MessageChange::of(&edit).unwrap();
        let judged = async || store.judge_change(&scene.tenant, &scene.account, &edit).await.unwrap();
        assert_eq!(judged().await, ChangeJudged::Open);
        hear_at(store, &scene, ("e2", 20), edited("two bags")).await;
        assert_eq!(judged().await, ChangeJudged::Told);
        let taken_back =
            Content::Reaction { reaction: Reaction { external_id: "m-e1".to_owned(), emoji: None } };
        hear_at(store, &scene, ("e3", 9), taken_back).await;
        hear_at(store, &scene, ("e4", 8), react("m-e1", "👍")).await;
        assert_eq!(first(store, &scene).await.body.reactions, []);
        hear_at(store, &scene, ("e5", 30), deleted()).await;
        hear_at(store, &scene, ("e6", 31), react("m-e1", "👍")).await;
        assert_eq!(first(store, &scene).await.body.reactions, [], "nobody reacts to what is gone");
    })
    .await;
}

/// What waits for a message that never comes is let go of, also where nothing else comes.
#[tokio::test]
async fn early_changes_are_swept() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let early = InboundMessage::new("e2", Sender::new("u1"), tests::START.0, edited("two bags"));
        let change = MessageChange::of(&early).unwrap();
        store.change_message(scene.tenant.clone(), scene.account.clone(), change).await.unwrap();
        assert_eq!(store.sweep_early_changes(&scene.tenant).await.unwrap(), 0);
        test.clock.advance_millis(7 * 24 * 3_600_000 + 1);
        assert_eq!(store.sweep_early_changes(&scene.tenant).await.unwrap(), 1);
        assert_eq!(scene.hear(store, "u1", "e1", "one bag").await.body.words(), "one bag");
    })
    .await;
}

/// What was written last stands, in whatever order it comes.
#[tokio::test]
async fn an_older_edit_that_comes_late_is_an_earlier_word() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "one bag").await;
        for (event, at, text) in [("e3", 30, "three bags"), ("e2", 20, "two bags"), ("e3", 30, "three bags")]
        {
            hear_at(store, &scene, (event, at), edited(text)).await;
        }
        let message = first(store, &scene).await;
        assert_eq!(message.body.heard, Some(Content::Text { text: "three bags".to_owned() }));
        assert_eq!(message.body.earlier, ["one bag", "two bags"]);
        hear_at(store, &scene, ("e4", 40), edited("four bags")).await;
        assert_eq!(first(store, &scene).await.body.words(), "four bags");
    })
    .await;
}

/// What happens to a comment has the comment's own name: the comment itself is what it happens to.
#[tokio::test]
async fn a_comments_news_do_not_stand_for_the_comment() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let comment = |event: &str, change, text: &str| {
            let comment = channels::Comment {
                id: "c1".to_owned(),
                post: Some("p1".to_owned()),
                text: Some(text.to_owned()).filter(|text| !text.is_empty()),
                change,
                ..channels::Comment::default()
            };
            let content = Content::Comment { comment };
            let message = InboundMessage::new(event, Sender::new("u1"), tests::START.0, content);
            InboundMessage { external_id: "c1".to_owned(), ..message }
        };
        let take = async |message: InboundMessage| {
            let change = MessageChange::of(&message);
            let (tenant, account) = (scene.tenant.clone(), scene.account.clone());
            let ingest =
                Ingest { tenant: tenant.clone(), account: account.clone(), channel: "telegram", message };
            store.ingest(ingest).await.unwrap();
            if let Some(change) = change {
                store.change_message(tenant, account, change).await.unwrap();
            }
        };
        take(comment("e2", channels::CommentChange::Edited, "081-222-4444")).await;
        take(comment("e1", channels::CommentChange::Added, "081-222-3333")).await;
        assert!(everything(store, &scene).await.contains("081-222-4444"));
        take(comment("e3", channels::CommentChange::Removed, "")).await;
        let kept = everything(store, &scene).await;
        assert!(!kept.contains("081-222"), "{kept}");
    })
    .await;
}
