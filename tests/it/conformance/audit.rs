//! The audit trail: whatever is done to it behind the store's back is found.

use engine::store::Store;
use sqlx::{AnyConnection, AssertSqlSafe};
use tests::{Scene, TestStore, check_on_every_store};

async fn write(store: &Store, scene: &Scene, rows: i64) {
    for row in 1..=rows {
        store
            .audit(&scene.tenant, "นก", "conversation.read", &format!("c{row}\nwith a second line"))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_trail_that_nobody_touched_is_whole() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let (ours, theirs) = (Scene::set(store, "ours").await, Scene::set(store, "theirs").await);
        assert_eq!(store.broken_audit_row(&ours.tenant).await.unwrap(), None, "an empty one, too");
        let both = async |row: i64| {
            let target = row.to_string();
            let (one, other) = tokio::join!(
                store.audit(&ours.tenant, "nok", "a", &target),
                store.audit(&theirs.tenant, "lek", "b", &target)
            );
            one.unwrap();
            other.unwrap();
        };
        for row in 0..10 {
            both(row).await;
        }
        for scene in [&ours, &theirs] {
            assert_eq!(store.broken_audit_row(&scene.tenant).await.unwrap(), None);
        }
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_tampering_is_found() {
    let cases = [
        ("edit an actor", "UPDATE audit SET actor = 'somebody' WHERE tenant_id = $1 AND n = 3", Some(3)),
        (
            "edit the time",
            "UPDATE audit SET created_at = created_at + 1 WHERE tenant_id = $1 AND n = 4",
            Some(4),
        ),
        ("edit the data", "UPDATE audit SET data = '{\"a\":1}' WHERE tenant_id = $1 AND n = 1", Some(1)),
        ("edit a hash", "UPDATE audit SET hash = 'ab' WHERE tenant_id = $1 AND n = 2", Some(2)),
        (
            "move words between fields",
            "UPDATE audit SET action = action || '\n' || 'c5', target = 'with a second line' WHERE tenant_id = $1 AND n = 5",
            Some(5),
        ),
        ("delete the first", "DELETE FROM audit WHERE tenant_id = $1 AND n = 1", Some(2)),
        ("delete one within", "DELETE FROM audit WHERE tenant_id = $1 AND n = 3", Some(4)),
        (
            "copy one to the end",
            "INSERT INTO audit SELECT tenant_id, 7, actor, action, target, data, created_at, hash FROM audit \
             WHERE tenant_id = $1 AND n = 6",
            Some(7),
        ),
        (
            "swap two",
            "UPDATE audit SET n = CASE WHEN n = 102 THEN 3 ELSE 2 END WHERE tenant_id = $1 AND n > 100",
            Some(2),
        ),
        ("nothing", "UPDATE audit SET n = n WHERE tenant_id = $1", None),
    ];
    for (what, sql, expected) in cases {
        check_on_every_store(async |test| {
            let store = &test.store;
            let scene = Scene::set(store, "shop").await;
            write(store, &scene, 6).await;
            let Some(mut owner) = owner(test, &scene).await else { return };
            if what == "swap two" {
                let aside = "UPDATE audit SET n = n + 100 WHERE tenant_id = $1 AND n IN (2, 3)";
                tamper(&mut owner, &scene, aside).await;
            }
            tamper(&mut owner, &scene, sql).await;
            assert_eq!(store.broken_audit_row(&scene.tenant).await.unwrap(), expected, "{what}");
        })
        .await;
    }
}

/// Somebody who owns the database itself: the triggers are gone, the tenant's rows are in sight.
async fn owner(test: &TestStore, scene: &Scene) -> Option<AnyConnection> {
    let mut owner = test.owner().await?;
    if test.database().is_some() {
        let sql = format!("SET sala.tenants = '{}'", scene.tenant);
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut owner).await.unwrap();
    } else {
        let sql = "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete";
        sqlx::raw_sql(sql).execute(&mut owner).await.unwrap();
    }
    Some(owner)
}

async fn tamper(owner: &mut AnyConnection, scene: &Scene, sql: &'static str) {
    let changed = sqlx::query(sql).bind(scene.tenant.as_str().to_owned()).execute(owner).await.unwrap();
    assert!(changed.rows_affected() > 0, "{sql} changes something");
}

#[tokio::test]
async fn the_application_itself_cannot_rewrite_the_trail() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        write(store, &scene, 2).await;
        let Some(mut connection) = test.owner().await else { return };
        if test.database().is_some() {
            let sql = format!("SET ROLE sala_app; SET sala.tenants = '{}'", scene.tenant);
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        }
        for sql in ["UPDATE audit SET actor = 'somebody'", "DELETE FROM audit"] {
            sqlx::query(sql).execute(&mut connection).await.expect_err(sql);
        }
        assert_eq!(store.broken_audit_row(&scene.tenant).await.unwrap(), None);
    })
    .await;
}
