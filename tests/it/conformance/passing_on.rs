//! Who owns the next word goes along with a customer who goes on elsewhere, and people read in both threads where it went.

use engine::ids::ConversationId;
use engine::store::{
    Along, Author, Came, Claimed, Control, ControlChange, Conversation, HandoffRequest, LinkOwner, Passage,
    PassageKind, Redeem, Redeemed, Role, Store, StoreError, TurnCommit, Vouched,
};
use tests::{Scene, check_on_every_store, nothing_said, reply, said};

const MINUTE: i64 = 60_000;

/// Two threads of two people; `web` was answered.
async fn threads(store: &Store) -> Scene {
    let scene = Scene::set(store, "shop").await;
    for thread in ["web", "line"] {
        scene.hear(store, thread, thread, "hello").await;
        scene.answer(store, vec![reply("…")]).await;
    }
    scene
}

/// The customer of a thread asks for a person.
async fn asks(store: &Store, scene: &Scene, thread: &str) {
    scene.hear(store, thread, &format!("asks {thread}"), "a person please").await;
    let claimed = scene.claim(store).await;
    let handoff = Some(HandoffRequest { reason: "asked".to_owned() });
    let turn = nothing_said(&claimed.lease, &claimed.pending[0]);
    store.commit_turn(TurnCommit { handoff, last: true, ..turn }).await.unwrap();
}

/// Links the customer of `line` with the one of `web`; their next message there is claimed.
async fn link(store: &Store, scene: &Scene) -> Claimed {
    let web = scene.conversation(store, "web").await.person;
    super::links::add(store, scene, "h", LinkOwner::Person(web)).await;
    super::links::redeem(store, scene, "h", "line", "m").await;
    scene.hear(store, "line", "e2", "go on").await;
    scene.claim(store).await
}

async fn came(store: &Store, scene: &Scene, claimed: &Claimed) -> TurnCommit {
    let left = store.left_elsewhere(&scene.tenant, &claimed.lease.conversation).await.unwrap();
    let left = left.expect("the other conversation");
    let came = Some(Came { left, channel: "whatsapp".to_owned() });
    let replies = vec![reply("recognised")];
    TurnCommit { came, replies, last: true, ..nothing_said(&claimed.lease, &claimed.pending[0]) }
}

/// The passages noted in a conversation, oldest first.
async fn noted(store: &Store, scene: &Scene, conversation: &ConversationId) -> Vec<Passage> {
    let messages = scene.messages(store, conversation).await;
    let seqs: Vec<i64> = messages.iter().map(|message| message.seq).collect();
    assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>(), "every message has its own number");
    let notes = messages.iter().filter(|message| message.body.passage.is_some());
    assert!(notes.clone().all(|note| note.author == Author::Note), "no customer reads it");
    notes.filter_map(|note| note.body.passage.clone()).collect()
}

async fn control(store: &Store, scene: &Scene, thread: &str) -> (Control, Option<i64>, i64) {
    let Conversation { control, waiting_since, unanswered, .. } = scene.conversation(store, thread).await;
    (control, waiting_since.map(engine::clock::Micros::millis), unanswered)
}

#[tokio::test]
async fn who_waits_keeps_the_place_in_the_queue() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = threads(store).await;
        asks(store, &scene, "web").await;
        let since = control(store, &scene, "web").await.1;
        test.clock.advance_millis(MINUTE);
        scene.hear(store, "other", "other", "hello").await;
        scene.answer(store, vec![reply("…")]).await;
        asks(store, &scene, "other").await;
        test.clock.advance_millis(MINUTE);
        let claimed = link(store, &scene).await;
        let cursor = store.last_event(&scene.tenant).await.unwrap();
        store.commit_turn(came(store, &scene, &claimed).await).await.unwrap();
        let (web, line) = (scene.conversation(store, "web").await, scene.conversation(store, "line").await);
        assert_eq!(control(store, &scene, "line").await, (Control::Waiting, since, 1));
        assert_eq!(line.handoff_reason.as_deref(), Some("asked"));
        assert_eq!(control(store, &scene, "web").await, (Control::Bot, None, 0));
        let queue = store.waiting(&scene.tenant).await.unwrap();
        let other = scene.conversation(store, "other").await.id;
        let order: Vec<_> = queue.iter().map(|one| one.conversation.clone()).collect();
        assert_eq!(order, [line.id.clone(), other], "the place in the queue went along");
        assert_eq!(Some(queue[0].requested_at.millis()), since);
        let events = store.events_after(&scene.tenant, cursor, 100).await.unwrap();
        for id in [&web.id, &line.id] {
            let told = events
                .iter()
                .any(|event| event.kind == "conversation.updated" && event.conversation.as_ref() == Some(id));
            assert!(told, "the live views hear of both");
        }
        let there = noted(store, &scene, &web.id).await;
        assert_eq!((there[0].what, there[0].with), (PassageKind::WentOn, Some(Along::Waiting)));
        assert_eq!((&there[0].conversation, there[0].channel.as_str()), (&line.id, "whatsapp"));
        let here = noted(store, &scene, &line.id).await;
        assert_eq!((here[0].what, &here[0].conversation), (PassageKind::CameFrom, &web.id));
        // An agent takes it where it waits now, and the wait counts from the beginning.
        let nok = scene.agent(store, "nok").await;
        store.change_control(&scene.tenant, &line.id, ControlChange::Take(nok)).await.unwrap();
        assert_eq!(store.recent_waits(&scene.tenant, 5).await.unwrap(), [2 * MINUTE * 1000]);
    })
    .await;
}

#[tokio::test]
async fn an_agent_owns_both_or_the_customer_waits() {
    check_on_every_store(async |test| {
        let store = &test.store;
        for (may, with) in [(true, Along::Agent), (false, Along::Away)] {
            let scene = threads(store).await;
            let nok = scene.agent(store, "nok").await;
            let web = scene.conversation(store, "web").await.id;
            store.change_control(&scene.tenant, &web, ControlChange::Take(nok.clone())).await.unwrap();
            if !may {
                let permissions = vec!["conversations.read".to_owned()];
                let role = Role { tenant: scene.tenant.clone(), name: "agent".to_owned(), permissions };
                store.save_role(role).await.unwrap();
            }
            let claimed = link(store, &scene).await;
            let turn = came(store, &scene, &claimed).await;
            let owner = turn.came.as_ref().map(|came| came.left.owner(&Control::Bot));
            store.commit_turn(turn).await.unwrap();
            let line = scene.conversation(store, "line").await;
            let name = Some("nok".to_owned());
            let expected = if may { Control::Agent { id: nok.clone(), name } } else { Control::Waiting };
            assert_eq!((Some(&line.control), &owner), (Some(&expected), &Some(expected.clone())));
            let queue = store.waiting(&scene.tenant).await.unwrap();
            assert_eq!(queue.iter().any(|one| one.conversation == line.id), !may);
            assert_eq!(control(store, &scene, "web").await.0.as_str(), "agent", "she keeps the old one");
            for id in [&web, &line.id] {
                let note = noted(store, &scene, id).await.remove(0);
                let agent = note.agent.clone().map(|agent| agent.id);
                assert_eq!((note.with, agent), (Some(with), Some(nok.clone())));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_owns_the_new_place_keeps_it() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = threads(store).await;
        asks(store, &scene, "web").await;
        let (nok, line) = (scene.agent(store, "nok").await, scene.conversation(store, "line").await.id);
        store.change_control(&scene.tenant, &line, ControlChange::Take(nok)).await.unwrap();
        let claimed = link(store, &scene).await;
        store.commit_turn(came(store, &scene, &claimed).await).await.unwrap();
        assert_eq!(control(store, &scene, "line").await.0.as_str(), "agent");
        assert_eq!(control(store, &scene, "web").await, (Control::Bot, None, 0));
        assert_eq!(store.waiting(&scene.tenant).await.unwrap(), [], "nobody waits twice");
        assert_eq!(noted(store, &scene, &line).await[0].with, Some(Along::Answered));
    })
    .await;
}

#[tokio::test]
async fn what_somebody_else_owns_by_now_is_read_again() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = threads(store).await;
        asks(store, &scene, "web").await;
        let claimed = link(store, &scene).await;
        let stale = came(store, &scene, &claimed).await;
        let (nok, web) = (scene.agent(store, "nok").await, scene.conversation(store, "web").await.id);
        store.change_control(&scene.tenant, &web, ControlChange::Take(nok)).await.unwrap();
        let refused = store.commit_turn(stale).await;
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
        assert_eq!(noted(store, &scene, &web).await, []);
        store.commit_turn(came(store, &scene, &claimed).await).await.unwrap();
        assert_eq!(control(store, &scene, "line").await.0.as_str(), "agent");
    })
    .await;
}

/// A sign-in with LINE reaches a conversation that is there already, and fences off the turn that the bot is taking in it.
#[tokio::test]
async fn a_sign_in_brings_the_owner_to_a_conversation_that_is_there() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = threads(store).await;
        let nok = scene.agent(store, "nok").await;
        let web = scene.conversation(store, "web").await;
        store.change_control(&scene.tenant, &web.id, ControlChange::Take(nok)).await.unwrap();
        scene.hear(store, "line", "e2", "hello again").await;
        let thinking = scene.claim(store).await;
        let vouched = Vouched {
            tenant: scene.tenant.clone(),
            account: scene.account.clone(),
            external_id: "line".to_owned(),
            name: None,
            person: web.person.clone(),
            link: None,
        };
        store.vouch(vouched.clone()).await.unwrap();
        let late = TurnCommit { last: true, ..nothing_said(&thinking.lease, &thinking.pending[0]) };
        assert!(matches!(store.commit_turn(late).await, Err(StoreError::Fenced)));
        assert_eq!(scene.claim(store).await.control.as_str(), "agent");
        store.vouch(vouched).await.unwrap();
        let line = scene.conversation(store, "line").await;
        assert_eq!(noted(store, &scene, &line.id).await.len(), 1, "said once");
    })
    .await;
}

#[tokio::test]
async fn a_no_and_an_undoing_are_said_and_change_nobody() {
    use PassageKind::{CameFrom, Declined, SaidNo, Undone, WentOn};
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = threads(store).await;
        asks(store, &scene, "web").await;
        let (web, line) = (scene.conversation(store, "web").await, scene.conversation(store, "line").await);
        let heard = scene.messages(store, &line.id).await;
        super::links::add(store, &scene, "no", LinkOwner::Person(web.person.clone())).await;
        let redeem = Redeem {
            tenant: scene.tenant.clone(),
            hash: "no".to_owned(),
            account: scene.account.clone(),
            sender: "line".to_owned(),
            message: heard[0].id.clone(),
        };
        store.bring_link(redeem.clone()).await.unwrap();
        for _ in 0..2 {
            assert_eq!(store.decline_link(redeem.clone()).await.unwrap(), Redeemed::Declined);
        }
        let kinds = async |id: &ConversationId| -> Vec<PassageKind> {
            noted(store, &scene, id).await.into_iter().map(|passage| passage.what).collect()
        };
        assert_eq!(kinds(&web.id).await, [PassageKind::Declined]);
        assert_eq!(kinds(&line.id).await, [PassageKind::SaidNo]);
        assert_eq!(control(store, &scene, "web").await.0, Control::Waiting);

        let claimed = link(store, &scene).await;
        store.commit_turn(came(store, &scene, &claimed).await).await.unwrap();
        let nok = scene.agent(store, "nok").await;
        let merge = store.merges_of(&scene.tenant, &web.person).await.unwrap().remove(0);
        store.undo_merge(&scene.tenant, &merge.id, nok.as_str()).await.unwrap();
        assert_eq!(kinds(&web.id).await, [Declined, WentOn, Undone]);
        assert_eq!(kinds(&line.id).await, [SaidNo, CameFrom, Undone]);
        let last = noted(store, &scene, &line.id).await.pop().and_then(|passage| passage.agent);
        assert_eq!(last.and_then(|agent| agent.name).as_deref(), Some("nok"));
        assert_eq!(control(store, &scene, "line").await.0, Control::Waiting, "nothing goes back by itself");
        let words = scene.messages(store, &line.id).await;
        assert_eq!(words.iter().filter(|message| said(message) == "recognised").count(), 1);
    })
    .await;
}
