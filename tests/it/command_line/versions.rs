//! Versions of an intent model whose files this node does not have.

use serde_json::Value;
use tests::demo::Demo;

use super::Program;
use crate::edge::SignedIn;

const GONE: &str = "90e590e590e590e590e590e5";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_is_not_here_is_refused_and_told_where_another_node_put_it_in_service() {
    let demo = Demo::start().await.unwrap();
    let mut program = Program::beside(&demo);
    let owner = engine::released::owner(&demo.app).await.unwrap().unwrap();
    let store = &demo.app.store;
    store.release_model(&owner, "baan_kafe", (GONE, "examples = 1")).await.unwrap();
    let why =
        ["version 90e590e590e5 of baan_kafe is not in the cache of this node", "or choose another version"];

    let caller = SignedIn::as_role(&demo, "admin").await;
    let listed = caller.call(&demo, "GET", "/api/v1/models", &Value::Null).await;
    assert_eq!(listed.json()["bots"][0]["missing"], serde_json::json!([GONE]));

    let said = program.run(&["models", "promote", "baan_kafe", "90e5"], "").await;
    said.has(2, &[&["nothing is changed, since"][..], &why].concat());
    program.run(&["models", "promote", "baan_kafe", ""], "").await.has(2, &["no version is named"]);
    let path = format!("/api/v1/models/baan_kafe/{GONE}/promote");
    let answer = caller.call(&demo, "POST", &path, &Value::Null).await;
    assert_eq!(answer.status, 409);
    let releases = store.model_releases(&owner).await.unwrap();
    assert!(releases.iter().all(|release| !release.held), "{releases:?}");

    store.promote_model(&owner, ("baan_kafe", GONE), "another node").await.unwrap();
    let health = demo.app.health().await;
    let check = health.checks.iter().find(|check| check.name == "intent model of baan_kafe").unwrap();
    assert!(health.degraded && !check.good);
    for words in why {
        assert!(check.detail.contains(words), "{}", check.detail);
    }
    let said = program.run(&["models", "versions"], "").await;
    said.has(0, &["90e590e590e5  held, but not in the cache of this node, where another one answers"]);
    program.run(&["doctor"], "").await.has(1, &["WRONG  intent model of baan_kafe", why[0]]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_look_at_the_versions_of_nothing_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut program = Program {
        data: data.display().to_string(),
        url: "http://127.0.0.1:1".to_owned(),
        networks: "[]",
        recording: String::new(),
    };
    for arguments in [&["models", "versions"][..], &["models", "follow", "baan_kafe"]] {
        program.run(arguments, "").await.has(2, &["there is no data yet"]);
        assert!(!data.exists(), "{arguments:?}");
    }
}
