//! Agents, roles and credentials.

use engine::store::{NewAgent, Role, StoreError};
use tests::{Scene, check_on_every_store};

#[tokio::test]
async fn an_agent_may_what_the_roles_allow() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let role = |name: &str, permissions: &[&str]| Role {
            tenant: scene.tenant.clone(),
            name: name.to_owned(),
            permissions: permissions.iter().map(|&one| one.to_owned()).collect(),
        };
        for one in [role("trainer", &["old"]), role("editor", &["b", "c"]), role("trainer", &["b", "a"])] {
            store.save_role(one).await.unwrap();
        }
        let agent = NewAgent {
            tenant: scene.tenant.clone(),
            id: store.new_id(),
            email: "nok@example.com".to_owned(),
            name: "นก".to_owned(),
            language: "th".to_owned(),
            password_hash: "hash".to_owned(),
            roles: vec!["trainer".to_owned(), "editor".to_owned()],
        };
        store.add_agent(agent.clone()).await.unwrap();
        let agents = store.agents(&scene.tenant).await.unwrap();
        assert_eq!(agents.len(), 1);
        assert_eq!((&agents[0].id, agents[0].name.as_str()), (&agent.id, "นก"));
        assert_eq!(agents[0].roles, ["editor", "trainer"]);
        assert_eq!(agents[0].permissions, ["a", "b", "c"]);
        let credentials = store.credentials("nok@example.com").await.unwrap();
        assert_eq!(credentials, Some((scene.tenant.clone(), agent.id.clone(), "hash".to_owned())));
        assert_eq!(store.credentials("lek@example.com").await.unwrap(), None);

        let same_address = NewAgent { id: store.new_id(), ..agent.clone() };
        assert!(matches!(store.add_agent(same_address).await, Err(StoreError::Conflict(_))));
        let no_such_role = NewAgent {
            id: store.new_id(),
            email: "x@example.com".to_owned(),
            roles: vec!["king".to_owned()],
            ..agent
        };
        store.add_agent(no_such_role).await.unwrap_err();
        assert_eq!(
            store.agents(&scene.tenant).await.unwrap().len(),
            1,
            "a refused agent leaves nothing behind"
        );
    })
    .await;
}

#[tokio::test]
async fn agents_belong_to_their_tenant() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (ours, theirs) = (Scene::set(store, "ours").await, Scene::set(store, "theirs").await);
        let nok = ours.agent(store, "nok").await;
        theirs.agent(store, "lek").await;
        let agents = store.agents(&ours.tenant).await.unwrap();
        assert_eq!(agents.into_iter().map(|agent| agent.id).collect::<Vec<_>>(), [nok]);
        let (tenant, _, hash) = store.credentials("lek@example.com").await.unwrap().unwrap();
        assert_eq!((tenant, hash.as_str()), (theirs.tenant.clone(), "hash of lek"));
    })
    .await;
}
