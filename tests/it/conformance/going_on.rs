//! What was left unfinished leaves one conversation in the commit that takes it into another.

use engine::store::{
    Author, Claimed, ControlChange, Evidence, LinkOwner, Moved, NewLink, Store, StoreError, TurnCommit,
};
use tests::{Scene, check_on_every_store, nothing_said, reply, said};

/// Two linked threads; `line` has a message that waits and is claimed.
async fn linked(store: &Store) -> (Scene, Claimed) {
    let scene = Scene::set(store, "shop").await;
    for thread in ["web", "line"] {
        scene.hear(store, thread, thread, "hello").await;
        scene.answer(store, vec![reply("…")]).await;
    }
    let link = NewLink {
        tenant: scene.tenant.clone(),
        hash: "h".to_owned(),
        owner: LinkOwner::Person(scene.conversation(store, "web").await.person),
        evidence: Evidence::OneTimeCode,
        by: "customer".to_owned(),
        expires_at: engine::clock::Micros(i64::MAX),
        offer: None,
    };
    store.add_link(link).await.unwrap();
    super::links::redeem(store, &scene, "h", "line", "m").await;
    scene.hear(store, "line", "e2", "go on").await;
    let claimed = scene.claim(store).await;
    (scene, claimed)
}

async fn moving(store: &Store, scene: &Scene, claimed: &Claimed) -> TurnCommit {
    let found =
        store.state_elsewhere(&scene.tenant, &claimed.lease.conversation, i64::MAX / 4).await.unwrap();
    let elsewhere = found.expect("the other conversation");
    assert_eq!(elsewhere.conversation, scene.conversation(store, "web").await.id);
    let moved = Moved {
        from: elsewhere.conversation,
        state: elsewhere.state,
        left: "{\"left\":true}".to_owned(),
        line: "This went on in LINE.".to_owned(),
    };
    let moved = Some(moved);
    let replies = vec![reply("Which order?")];
    TurnCommit { moved, replies, last: true, ..nothing_said(&claimed.lease, &claimed.pending[0]) }
}

#[tokio::test]
async fn what_moves_is_in_one_conversation_only() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, claimed) = linked(store).await;
        let before = scene.conversation(store, "web").await;
        let cursor = store.last_event(&scene.tenant).await.unwrap();
        store.commit_turn(moving(store, &scene, &claimed).await).await.unwrap();
        let web = scene.conversation(store, "web").await;
        let said_there = scene.messages(store, &web.id).await;
        let line = said_there.last().unwrap();
        assert_eq!((line.author, said(line).as_str()), (Author::System, "This went on in LINE."));
        assert_eq!((web.last_seq, line.seq), (before.last_seq + 1, before.last_seq + 1));
        assert_eq!(
            (web.last_text, web.last_at),
            (before.last_text, before.last_at),
            "the list stays as it was"
        );
        let events = store.events_after(&scene.tenant, cursor, 100).await.unwrap();
        let of_web = events.iter().filter(|event| event.conversation.as_ref() == Some(&web.id));
        let kinds: Vec<&str> = of_web.map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["message.created", "conversation.updated"]);
        // Nothing goes out to the place that was left.
        let out = store.claim_outbox(100, 1000).await.unwrap();
        assert!(out.iter().all(|row| row.message != line.id));
        scene.hear(store, "web", "e3", "I am back").await;
        assert_eq!(scene.claim(store).await.state, "{\"left\":true}");
    })
    .await;
}

#[tokio::test]
async fn what_changed_meanwhile_does_not_move() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, claimed) = linked(store).await;
        let good = moving(store, &scene, &claimed).await;
        let line = claimed.lease.conversation.clone();
        let before = (scene.messages(store, &line).await, scene.conversation(store, "web").await);
        let mut stale = good.clone();
        stale.moved.as_mut().unwrap().state = "{\"turn\":0}".to_owned();
        let refused = store.commit_turn(stale).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        let nok = scene.agent(store, "nok").await;
        store.change_control(&scene.tenant, &before.1.id, ControlChange::Take(nok)).await.unwrap();
        let refused = store.commit_turn(good.clone()).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "an agent has it: {refused:?}");
        store.change_control(&scene.tenant, &before.1.id, ControlChange::HandBack).await.unwrap();
        let after = (scene.messages(store, &line).await, scene.conversation(store, "web").await);
        assert_eq!(
            (after.0, after.1.last_seq),
            (before.0, before.1.last_seq),
            "nothing of the turn was written"
        );
        store.commit_turn(good).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_turn_under_way_where_it_leaves_is_thought_anew() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, claimed) = linked(store).await;
        scene.hear(store, "web", "e3", "BK240117").await;
        let thinking = scene.claim(store).await;
        store.commit_turn(moving(store, &scene, &claimed).await).await.unwrap();
        let late = TurnCommit { last: true, ..nothing_said(&thinking.lease, &thinking.pending[0]) };
        assert!(matches!(store.commit_turn(late).await, Err(StoreError::Fenced)));
        let again = scene.claim(store).await;
        assert_eq!((again.pending.len(), again.state.as_str()), (1, "{\"left\":true}"));
    })
    .await;
}
