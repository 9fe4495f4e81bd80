//! Which intent model answers, and what the nights' tests told.

use engine::clock::Micros;
use engine::store::{KEPT_RELEASES, SelfTest, Store, StoreError};
use tests::{Scene, check_on_every_store};

async fn check(store: &Store, scene: &Scene, expected: &[(&str, bool)]) {
    let found = store.model_releases(&scene.tenant).await.unwrap();
    let told: Vec<(&str, bool)> =
        found.iter().map(|release| (release.version.as_str(), release.held)).collect();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn the_newest_answers_unless_a_person_holds_another() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let tenant = &scene.tenant;
        let train = async |version: &str| {
            test.clock.advance_millis(1000);
            store.release_model(tenant, "shop", (version, "examples = 1")).await.unwrap();
        };
        train("one").await;
        train("two").await;
        check(store, &scene, &[("two", false), ("one", false)]).await;
        store.promote_model(tenant, ("shop", "one"), "nok").await.unwrap();
        train("three").await;
        check(store, &scene, &[("one", true), ("three", false), ("two", false)]).await;
        store.follow_model(tenant, "shop", "nok").await.unwrap();
        // The files were put back as they were: the old version is the newest again.
        train("two").await;
        let found = store.model_releases(tenant).await.unwrap();
        assert_eq!((found[0].version.as_str(), found[0].promoted_by.as_deref()), ("two", None));
        assert_eq!(store.broken_audit_row(tenant).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_version_that_is_not_known_is_not_promoted_and_others_stay_held() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (scene, other) = (Scene::set(store, "shop").await, Scene::set(store, "other").await);
        store.release_model(&scene.tenant, "shop", ("one", "")).await.unwrap();
        store.promote_model(&scene.tenant, ("shop", "one"), "nok").await.unwrap();
        for (tenant, version) in [(&scene.tenant, "none"), (&other.tenant, "one")] {
            let refused = store.promote_model(tenant, ("shop", version), "nok").await;
            assert!(matches!(refused, Err(StoreError::NotFound(_))), "{refused:?}");
        }
        check(store, &scene, &[("one", true)]).await;
        for number in 0..KEPT_RELEASES + 5 {
            test.clock.advance_millis(1000);
            store.release_model(&scene.tenant, "shop", (&format!("later {number}"), "")).await.unwrap();
        }
        let kept = store.model_releases(&scene.tenant).await.unwrap();
        assert_eq!((kept.len() as i64, kept[0].version.as_str()), (KEPT_RELEASES + 1, "one"));
    })
    .await;
}

#[tokio::test]
async fn tests_are_listed_oldest_first() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        for night in 0..5i64 {
            let accuracy = 0.9 + night as f32 / 100.0;
            let (at, version) = (Micros(night * Micros::SECOND), "one".to_owned());
            let test = SelfTest { at, version, examples: 30, accuracy, macro_f1: 0.5 };
            store.keep_self_test(&scene.tenant, "shop", test).await.unwrap();
        }
        let found = store.self_tests(&scene.tenant, "shop", 3).await.unwrap();
        let told: Vec<(i64, f32)> = found.iter().map(|test| (test.at.0, test.accuracy)).collect();
        let second = Micros::SECOND;
        assert_eq!(told, [(2 * second, 0.92), (3 * second, 0.93), (4 * second, 0.94)]);
        assert!(store.self_tests(&scene.tenant, "other", 3).await.unwrap().is_empty());
    })
    .await;
}
