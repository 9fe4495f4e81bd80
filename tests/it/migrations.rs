//! Opening a database: new, known, too new, unsafe.

use std::sync::Arc;

use engine::clock::Clock;
use engine::ids::Ids;
use engine::store::{ConversationFilter, Store, StoreError, Tab};
use sqlx::AnyConnection;
use tests::{START, Scene, TestDatabase, TestStore, check_on_every_store, need};

#[tokio::test]
async fn opening_twice_changes_nothing() {
    check_on_every_store(async |test| {
        let Some(mut owner) = test.owner().await else { return };
        let scene = Scene::set(&test.store, "shop").await;
        let before = versions(&mut owner).await;
        let again = test.another_node().await;
        assert_eq!(versions(&mut owner).await, before);
        assert_eq!(again.tenants().await.unwrap().len(), 1);
        scene.hear(&again, "u1", "e1", "hello").await;
    })
    .await;
}

async fn versions(owner: &mut AnyConnection) -> Vec<(i64, i64)> {
    sqlx::query_as("SELECT version, applied_at FROM schema_migrations ORDER BY version")
        .fetch_all(owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn several_nodes_may_open_a_new_database_at_once() {
    if !need("postgres") {
        return;
    }
    let (database, other_database) = (TestDatabase::create().await, TestDatabase::create().await);
    let open = async |database: &TestDatabase| {
        let store = Store::open_postgres(&database.url(), Clock::fixed(START), Arc::new(Ids::Random)).await;
        store.unwrap().writable().await.unwrap();
    };
    tokio::join!(
        open(&database),
        open(&database),
        open(&other_database),
        open(&database),
        open(&other_database)
    );
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    check_on_every_store(async |test: &TestStore| {
        let Some(mut owner) = test.owner().await else { return };
        sqlx::query("INSERT INTO schema_migrations VALUES (9999, 0)").execute(&mut owner).await.unwrap();
        let opened = test.try_another_node().await;
        assert!(matches!(opened, Err(StoreError::Unusable(_))), "{:?}", opened.err());
        // The refusal left nothing locked.
        sqlx::query("DELETE FROM schema_migrations WHERE version = 9999").execute(&mut owner).await.unwrap();
        test.another_node().await.writable().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_bundled_sqlite_is_without_the_wal_reset_fault() {
    let test = TestStore::sqlite().await;
    let mut owner = test.owner().await.expect("a file can be reached");
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut owner).await.unwrap();
    let parts: Vec<u32> = version.split('.').map(|part| part.parse().unwrap()).collect();
    assert!(parts >= vec![3, 51, 3], "SQLite {version}");
}

#[tokio::test]
async fn a_sqlite_file_has_a_write_ahead_log() {
    let test = TestStore::sqlite().await;
    let mut owner = test.owner().await.expect("a file can be reached");
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut owner).await.unwrap();
    assert_eq!(journal, "wal");
}

/// Undoes every later migration, the newest first.
const BACK_TO_VERSION_2: &[&str] = &[
    "DROP TABLE self_tests",
    "DROP TABLE model_releases",
    "ALTER TABLE conversations DROP COLUMN toxic",
    "ALTER TABLE conversations DROP COLUMN urgent",
    "ALTER TABLE conversations DROP COLUMN moods",
    "DROP INDEX blobs_awaited",
    "ALTER TABLE blobs DROP COLUMN awaited_until",
    "ALTER TABLE broadcasts DROP COLUMN name",
    "DROP INDEX link_codes_by_offer",
    "ALTER TABLE link_codes DROP COLUMN offer",
    "DROP TABLE account_strays",
    "DROP INDEX channel_accounts_by_other_id",
    "ALTER TABLE channel_accounts DROP COLUMN other_external_id",
    "DROP TABLE secret_proofs",
    "DROP TABLE early_changes",
    "DROP INDEX link_codes_by_asked",
    "ALTER TABLE link_codes DROP COLUMN asked_of",
    "ALTER TABLE link_codes DROP COLUMN asked_account",
    "DROP TABLE group_members",
    "DROP TABLE line_figures",
    "DROP TABLE line_audiences",
    "DROP TABLE broadcast_chunks",
    "DROP TABLE broadcasts",
    "DROP TABLE conversation_tags",
    "DROP TABLE stopped_addresses",
    "DROP TABLE line_menus",
    "DROP TABLE message_templates",
    "ALTER TABLE outbox DROP COLUMN deferred",
    "DROP INDEX platform_messages_by_time",
    "DROP TABLE account_rates",
    "DROP TABLE account_quotas",
    "DROP TABLE account_health",
    "ALTER TABLE channel_accounts DROP COLUMN templates_at",
    "ALTER TABLE channel_accounts DROP COLUMN held_at",
    "ALTER TABLE channel_accounts DROP COLUMN removed_at",
    "ALTER TABLE channel_accounts DROP COLUMN version",
    "DROP TABLE agent_addresses",
    "DROP TABLE line_logins",
    "DROP TABLE link_attempts",
    "DROP TABLE link_codes",
    "DROP TABLE merges",
    "DROP INDEX conversations_by_person",
    "DROP INDEX addresses_by_person",
    "ALTER TABLE conversations DROP COLUMN home_person_id",
    "ALTER TABLE addresses DROP COLUMN home_person_id",
    "DROP INDEX outbox_sent",
    "ALTER TABLE outbox DROP COLUMN planned_at",
    "DROP TABLE address_aliases",
    "DROP TABLE platform_messages",
    "DROP INDEX channel_accounts_by_platform",
    "ALTER TABLE addresses DROP COLUMN profile_at",
    "ALTER TABLE addresses DROP COLUMN phone",
    "ALTER TABLE addresses DROP COLUMN username",
    "ALTER TABLE conversations DROP COLUMN heard_at",
    "DROP INDEX event_log_of_conversations",
    "CREATE INDEX event_log_by_conversation ON event_log (tenant_id, conversation_id, n)",
    "ALTER TABLE messages DROP COLUMN words",
    "DELETE FROM schema_migrations WHERE version >= 3",
];

#[tokio::test]
async fn what_was_said_before_messages_had_words_is_found_after() {
    check_on_every_store(async |test| {
        let Some(mut owner) = test.owner().await else { return };
        let scene = Scene::set(&test.store, "shop").await;
        let agent = scene.agent(&test.store, "nok").await;
        scene.hear(&test.store, "u1", "e1", "Where is พัสดุ?").await;
        scene.answer(&test.store, vec![tests::reply("At Silom"), tests::reply("...")]).await;
        for step in BACK_TO_VERSION_2 {
            sqlx::query(*step).execute(&mut owner).await.unwrap();
        }
        let again = test.another_node().await;
        for (words, found) in [("WHERE", 1), ("พัสดุ", 1), ("at silom", 1), ("heard", 0)] {
            let filter = ConversationFilter {
                tab: Tab::All,
                status: "open".to_owned(),
                words: Some(words.to_owned()),
                before: None,
                limit: 10,
            };
            let page = again.conversations(&scene.tenant, &agent, &filter).await.unwrap();
            assert_eq!(page.conversations.len(), found, "{words}");
        }
    })
    .await;
}
