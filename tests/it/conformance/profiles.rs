//! Names that platforms tell on request.

use channels::{Content, InboundMessage, Profile, Sender};
use engine::store::Ingest;
use tests::{Scene, check_on_every_store};

#[tokio::test]
async fn somebody_without_a_name_is_asked_about_once() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let (tenant, account) = (scene.tenant.clone(), scene.account.clone());
        let content = Content::Text { text: "hello".to_owned() };
        let message = InboundMessage::new("e1", Sender::new("u1"), tests::START.0, content);
        let ingest = Ingest { tenant: tenant.clone(), account: account.clone(), channel: "line", message };
        store.ingest(ingest).await.unwrap();
        scene.hear(store, "u2", "e2", "hello").await;
        assert!(store.is_unknown(&tenant, &account, "u1").await.unwrap());
        assert!(!store.is_unknown(&tenant, &account, "u2").await.unwrap(), "the message said the name");

        let told = |name: &str| Profile {
            name: Some(name.to_owned()),
            username: Some("mali".to_owned()),
            language: Some("th".to_owned()),
            ..Profile::default()
        };
        store.put_profile(&tenant, &account, "u1", told("มะลิ")).await.unwrap();
        store.put_profile(&tenant, &account, "u1", told("Somebody else")).await.unwrap();
        assert!(!store.is_unknown(&tenant, &account, "u1").await.unwrap());
        let conversation = scene.conversation(store, "u1").await;
        assert_eq!(conversation.person_name.as_deref(), Some("มะลิ"));
        let person = store.person(&tenant, &conversation.person).await.unwrap().unwrap();
        assert_eq!((person.name.as_deref(), person.language.as_deref()), (Some("มะลิ"), Some("th")));
        assert_ne!(scene.conversation(store, "u2").await.person_name.as_deref(), Some("มะลิ"));

        let silent = InboundMessage::new("e3", Sender::new("u3"), tests::START.0, Content::Stopped);
        let ingest =
            Ingest { tenant: tenant.clone(), account: account.clone(), channel: "line", message: silent };
        store.ingest(ingest).await.unwrap();
        store.put_profile(&tenant, &account, "u3", Profile::default()).await.unwrap();
        assert!(
            !store.is_unknown(&tenant, &account, "u3").await.unwrap(),
            "a platform that says nothing is not asked again"
        );
    })
    .await;
}
