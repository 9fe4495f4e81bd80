//! What agents look up and mend of a person.

use engine::ids::PersonId;
use engine::store::{Evidence, NewMerge, StoreError};
use serde_json::json;
use tests::{Scene, check_on_every_store};

#[tokio::test]
async fn a_persons_talks_are_found_together_under_one_name_and_language() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, other) = (Scene::set(store, "shop").await, Scene::set(store, "other").await);
        for (thread, event) in [("u1", "e1"), ("u2", "e2"), ("u3", "e3")] {
            scene.hear(store, thread, event, "hello").await;
            other.hear(store, thread, event, "hello").await;
        }
        let (kept, merged) =
            (scene.conversation(store, "u1").await.person, scene.conversation(store, "u2").await.person);
        let merge = NewMerge {
            tenant: scene.tenant.clone(),
            kept: kept.clone(),
            merged,
            evidence: Evidence::Agent,
            detail: json!({}),
            by: "nok".into(),
        };
        store.merge(merge).await.unwrap();
        let found = store.conversations_of_person(&scene.tenant, &kept, 10).await.unwrap();
        let threads: Vec<&str> = found.iter().map(|one| one.thread.as_str()).collect();
        assert_eq!(threads, ["u2", "u1"], "newest first, nobody else's");
        assert_eq!(store.conversations_of_person(&other.tenant, &kept, 10).await.unwrap(), []);
        let person = store.person(&scene.tenant, &kept).await.unwrap().unwrap();
        for conversation in &found {
            assert_eq!(conversation.person_name, person.name, "one name in list and panel");
        }

        store.set_person_language(&scene.tenant, &kept, "zh", "nok").await.unwrap();
        for (thread, expected) in [("u1", true), ("u2", true), ("u3", false)] {
            let language = scene.conversation(store, thread).await.language;
            assert_eq!(language.as_deref() == Some("zh"), expected, "{thread}");
        }
        let person = store.person(&scene.tenant, &kept).await.unwrap().unwrap();
        assert_eq!(person.language.as_deref(), Some("zh"));
        let nobody = PersonId::from_text("nobody");
        for (tenant, person) in [(&scene.tenant, &nobody), (&other.tenant, &kept)] {
            let error = store.set_person_language(tenant, person, "en", "nok").await.unwrap_err();
            assert!(matches!(error, StoreError::NotFound(_)), "{error}");
        }
    })
    .await;
}
