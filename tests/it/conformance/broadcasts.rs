//! Messages to many: who is chosen, what a confirmation fixes, and that nothing is said twice.

use channels::Reply;
use engine::ids::AgentId;
use engine::store::{
    Author, Broadcast, BroadcastRefusal, BroadcastTo, ChunkEnd, Confirm, Confirmed, JobLane, NewBroadcast,
    PEOPLE_A_CALL, PeopleChoice, Store,
};
use tests::{Scene, check_on_every_store};

const DAY_MILLIS: i64 = 86_400_000;

async fn draft(store: &Store, scene: &Scene, to: BroadcastTo) -> Broadcast {
    let new = NewBroadcast {
        name: String::new(),
        tenant: scene.tenant.clone(),
        account: scene.account.clone(),
        to,
        reply: Reply::text("news"),
        people: 0,
        agent: AgentId::from_text("a1"),
    };
    let id = store.draft_broadcast(new).await.unwrap();
    store.broadcast(&scene.tenant, &id).await.unwrap().unwrap()
}

async fn confirm(store: &Store, broadcast: &Broadcast, people: i64) -> Confirmed {
    let confirm = Confirm {
        tenant: broadcast.tenant.clone(),
        id: broadcast.id.clone(),
        people,
        agent: AgentId::from_text("a1"),
        job: "line_broadcast",
    };
    store.confirm_broadcast(confirm).await.unwrap()
}

fn to_all() -> BroadcastTo {
    BroadcastTo::People { choice: PeopleChoice::default() }
}

#[tokio::test]
async fn people_are_chosen_by_what_is_known_of_them() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let other = Scene::set(store, "other").await;
        scene.hear(store, "u1", "e1", "hello").await;
        test.clock.advance_millis(10 * DAY_MILLIS);
        for thread in ["u2", "u3", "u4"] {
            scene.hear(store, thread, &format!("e-{thread}"), "hello").await;
        }
        other.hear(store, "u9", "e9", "hello").await;
        store.note_stopped(&scene.tenant, &scene.account, "u3", true).await.unwrap();
        let tagged = scene.conversation(store, "u4").await;
        store.put_tags(&scene.tenant, &tagged.id, vec!["vip".to_owned()]).await.unwrap();
        let check = async |choice: PeopleChoice, expected: &[&str]| {
            let found = store.chosen_people(&scene.tenant, &scene.account, &choice).await.unwrap();
            assert_eq!(found, expected, "{choice:?}");
        };
        let any = PeopleChoice::default;
        check(any(), &["u1", "u2", "u4"]).await;
        check(PeopleChoice { within_days: Some(9), ..any() }, &["u2", "u4"]).await;
        check(PeopleChoice { tag: Some("vip".to_owned()), ..any() }, &["u4"]).await;
        check(PeopleChoice { tag: Some("none".to_owned()), ..any() }, &[]).await;
        check(PeopleChoice { language: Some("th".to_owned()), ..any() }, &["u1", "u2", "u4"]).await;
        check(PeopleChoice { language: Some("en".to_owned()), ..any() }, &[]).await;
        let kinds = store.people_kinds(&scene.tenant, &scene.account).await.unwrap();
        assert_eq!((kinds.people, kinds.tags), (3, vec![("vip".to_owned(), 1)]));
        assert_eq!(kinds.languages, [("th".to_owned(), 3)]);
        store.note_stopped(&scene.tenant, &scene.account, "u3", false).await.unwrap();
        check(any(), &["u1", "u2", "u3", "u4"]).await;
    })
    .await;
}

#[tokio::test]
async fn only_the_confirmed_number_is_sent_and_only_once() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for thread in ["u1", "u2"] {
            scene.hear(store, thread, &format!("e-{thread}"), "hello").await;
        }
        let broadcast = draft(store, &scene, to_all()).await;
        assert_eq!(confirm(store, &broadcast, 1).await, Confirmed::Counted(2));
        assert_eq!(store.broadcast_chunks(&broadcast).await.unwrap(), []);
        assert_eq!(store.begin_chunk(&broadcast).await.unwrap(), None, "a draft is not sent");
        assert_eq!(confirm(store, &broadcast, 2).await, Confirmed::Sending);
        assert_eq!(confirm(store, &broadcast, 2).await, Confirmed::Already);
        assert!(store.claim_job(JobLane::Line, 1000).await.unwrap().is_some());
        assert!(store.claim_job(JobLane::Line, 1000).await.unwrap().is_none(), "one job");
        // Who comes later was not confirmed.
        scene.hear(store, "u3", "e-u3", "hello").await;
        let first = store.begin_chunk(&broadcast).await.unwrap().unwrap();
        assert_eq!(first.people, ["u1", "u2"]);
        // A process that was killed after the call begins the same call again, under the same key.
        let again = store.begin_chunk(&broadcast).await.unwrap().unwrap();
        assert_eq!((&again.retry_key, again.chunk), (&first.retry_key, first.chunk));
        let sent = || ChunkEnd::Sent { request_id: Some("r1".to_owned()), count: None };
        store.end_chunk(&broadcast, &first, sent(), Some("Nok".to_owned())).await.unwrap();
        store.end_chunk(&broadcast, &again, sent(), Some("Nok".to_owned())).await.unwrap();
        assert_eq!(store.begin_chunk(&broadcast).await.unwrap(), None);
        for (thread, told) in [("u1", 1), ("u2", 1), ("u3", 0)] {
            let conversation = scene.conversation(store, thread).await;
            let messages = scene.messages(store, &conversation.id).await;
            let found = messages.iter().filter(|message| message.author == Author::Agent).count();
            assert_eq!(found, told, "{thread}");
        }
    })
    .await;
}

#[tokio::test]
async fn calls_are_cut_at_five_hundred_and_end_once_they_are_stopped() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for number in 0..=PEOPLE_A_CALL {
            let thread = format!("u{number:04}");
            store.ingest(scene.text(&thread, &format!("e{number}"), "hello")).await.unwrap();
        }
        let broadcast = draft(store, &scene, to_all()).await;
        assert_eq!(confirm(store, &broadcast, 501).await, Confirmed::Sending);
        let chunks = store.broadcast_chunks(&broadcast).await.unwrap();
        let counts: Vec<i64> = chunks.iter().map(|chunk| chunk.count).collect();
        assert_eq!(counts, [500, 1]);
        let first = store.begin_chunk(&broadcast).await.unwrap().unwrap();
        let refused = ChunkEnd::Refused { reason: "no".to_owned() };
        store.end_chunk(&broadcast, &first, refused, None).await.unwrap();
        store.set_broadcast_state(&broadcast, "stopped", None).await.unwrap();
        assert_eq!(store.begin_chunk(&broadcast).await.unwrap(), None);
        let everybody = draft(store, &scene, BroadcastTo::Everybody).await;
        assert_eq!(confirm(store, &everybody, 0).await, Confirmed::Counted(0), "nobody is never sent to");
    })
    .await;
}

/// A message to 501 people, of whom the first 500 have it, and the refused call to the last one.
async fn stopped_half_way(store: &Store, scene: &Scene, holds: bool) -> (Broadcast, engine::store::Chunk) {
    for number in 0..=PEOPLE_A_CALL {
        let thread = format!("u{number:04}");
        store.ingest(scene.text(&thread, &format!("e{number}"), "hello")).await.unwrap();
    }
    let broadcast = draft(store, scene, to_all()).await;
    assert_eq!(confirm(store, &broadcast, 501).await, Confirmed::Sending);
    let first = store.begin_chunk(&broadcast).await.unwrap().unwrap();
    let sent = ChunkEnd::Sent { request_id: None, count: None };
    store.end_chunk(&broadcast, &first, sent, None).await.unwrap();
    let second = store.begin_chunk(&broadcast).await.unwrap().unwrap();
    let refusal = BroadcastRefusal { reason: "no".to_owned(), untried: Some(second.chunk), holds };
    store.stop_broadcast(&broadcast, refusal).await.unwrap();
    (broadcast, second)
}

#[tokio::test]
async fn a_stopped_one_goes_on_with_what_was_not_sent() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let (broadcast, refused) = stopped_half_way(store, &scene, false).await;
        // The job of before has not ended yet.
        let running = store.claim_job(JobLane::Line, 1000).await.unwrap().unwrap();
        assert_eq!(store.begin_chunk(&broadcast).await.unwrap(), None, "it is stopped");
        let chunks = store.broadcast_chunks(&broadcast).await.unwrap();
        assert_eq!(chunks[1].first_tried_at, None, "what was refused at once was not sent");
        let again = || store.resume_broadcast(&scene.tenant, &broadcast.id, "line_broadcast");
        assert!(again().await.unwrap());
        assert!(!again().await.unwrap(), "only what is stopped");
        store.set_broadcast_state(&broadcast, "done", None).await.unwrap();
        let now = store.broadcast(&scene.tenant, &broadcast.id).await.unwrap().unwrap();
        assert_eq!((now.state.as_str(), now.reason), ("sending", None), "a call is left");
        assert!(store.finish_job(&running, engine::store::JobState::Done).await.is_err(), "fenced");
        assert!(store.claim_job(JobLane::Line, 1000).await.unwrap().is_some());
        let next = store.begin_chunk(&broadcast).await.unwrap().unwrap();
        assert_eq!((next.chunk, &next.retry_key), (refused.chunk, &refused.retry_key), "under its key");
        let sent = ChunkEnd::Sent { request_id: None, count: None };
        store.end_chunk(&broadcast, &next, sent, None).await.unwrap();
        store.set_broadcast_state(&broadcast, "done", None).await.unwrap();
        assert!(!again().await.unwrap(), "it is done");
        let other = Scene::set(store, "other").await;
        let theirs = store.resume_broadcast(&other.tenant, &broadcast.id, "line_broadcast").await;
        assert!(theirs.is_err(), "another company's");
        for thread in ["u0000", "u0499", "u0500"] {
            let conversation = scene.conversation(store, thread).await;
            let messages = scene.messages(store, &conversation.id).await;
            let told = messages.iter().filter(|message| message.author == Author::Agent).count();
            assert_eq!(told, 1, "{thread}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_token_holds_the_account() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let held = async || {
            let standings = store.account_standings(&scene.tenant).await.unwrap();
            standings.iter().any(|standing| standing.held_at.is_some())
        };
        stopped_half_way(store, &scene, true).await;
        assert!(held().await);
    })
    .await;
}
