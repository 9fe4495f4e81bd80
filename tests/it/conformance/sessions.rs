//! Sessions: when they end.

use engine::ids::AgentId;
use engine::store::{Session, Store};
use tests::{Scene, check_on_every_store};

const HOUR: i64 = 3_600_000;

async fn open(store: &Store, scene: &Scene, agent: &AgentId, id: &str) {
    let session = Session {
        tenant: scene.tenant.clone(),
        id: id.to_owned(),
        agent: agent.clone(),
        csrf: format!("csrf of {id}"),
    };
    store.open_session(session).await.unwrap();
}

async fn is_good(store: &Store, id: &str) -> bool {
    store.session(id).await.unwrap().is_some()
}

#[tokio::test]
async fn a_session_names_its_agent_until_it_is_closed() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, theirs) = (Scene::set(store, "shop").await, Scene::set(store, "theirs").await);
        let agent = scene.agent(store, "nok").await;
        open(store, &scene, &agent, "s1").await;
        open(store, &scene, &agent, "s2").await;
        let session = store.session("s1").await.unwrap().unwrap();
        assert_eq!((&session.tenant.id, session.tenant.name.as_str()), (&scene.tenant, "shop"));
        assert_eq!((session.session.as_str(), session.csrf.as_str()), ("s1", "csrf of s1"));
        assert_eq!(
            (&session.agent.id, session.agent.roles.as_slice()),
            (&agent, ["agent".to_owned()].as_slice())
        );

        store.close_session(&theirs.tenant, "s1").await.unwrap();
        assert!(is_good(store, "s1").await, "another tenant closes nothing");
        store.close_session(&scene.tenant, "s1").await.unwrap();
        assert!(!is_good(store, "s1").await);
        assert!(is_good(store, "s2").await);
        assert!(!is_good(store, "none").await);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_it_is_quiet_for_twelve_hours() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        open(store, &scene, &agent, "used").await;
        open(store, &scene, &agent, "quiet").await;
        test.clock.advance_millis(11 * HOUR);
        assert!(is_good(store, "used").await);
        test.clock.advance_millis(HOUR - 1);
        assert!(is_good(store, "used").await);
        test.clock.advance_millis(1);
        assert!(!is_good(store, "quiet").await, "at twelve hours it is over");
        assert!(is_good(store, "used").await);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_after_fourteen_days_whatever_happens() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        open(store, &scene, &agent, "s1").await;
        for hours in 1..=33 {
            test.clock.advance_millis(10 * HOUR);
            assert!(is_good(store, "s1").await, "after {} hours", hours * 10);
        }
        test.clock.advance_millis(6 * HOUR);
        assert!(!is_good(store, "s1").await, "after fourteen days");
        // Opening the next session clears away what is over; the other one stays gone.
        open(store, &scene, &agent, "s2").await;
        assert!(is_good(store, "s2").await);
        assert!(!is_good(store, "s1").await);
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_every_session_of_the_agent() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let (nok, lek) = (scene.agent(store, "nok").await, scene.agent(store, "lek").await);
        for (agent, id) in [(&nok, "n1"), (&nok, "n2"), (&lek, "l1")] {
            open(store, &scene, agent, id).await;
        }
        store.set_password_hash(&scene.tenant, &nok, "new hash".to_owned()).await.unwrap();
        for (id, expected) in [("n1", false), ("n2", false), ("l1", true)] {
            assert_eq!(is_good(store, id).await, expected, "{id}");
        }
        let (_, _, hash) = store.credentials("nok@example.com").await.unwrap().unwrap();
        assert_eq!(hash, "new hash");
    })
    .await;
}
