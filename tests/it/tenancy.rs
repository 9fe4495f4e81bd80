//! What keeps tenants apart: the schema everywhere, and row-level security on PostgreSQL.

use std::collections::BTreeSet;

use channels::line::menu::Menu;
use engine::ids::{AgentId, MessageId, RowId, TenantId};
use engine::store::{
    AccountHealth, BlobRow, BroadcastTo, ChangeKind, Confirm, Confirmed, Evidence, GroupMember,
    HandoffRequest, HealthState, Ingested, LinkOwner, MessageChange, MessageTemplate, NewBroadcast,
    NewFeedback, NewJob, NewLink, NewLogin, NewMerge, PeopleChoice, Rate, Redeem, Redeemed, SelfTest,
    Session, Store, TurnCommit,
};
use sqlx::{AssertSqlSafe, PgConnection};
use tests::{Scene, TestStore, need, nothing_said, reply};

/// Indexes that do not lead with the tenant, each looked at: they are for work that cannot know the tenant yet.
const REVIEWED_INDEXES: [&str; 8] = [
    // A webhook names its channel account only.
    "channel_accounts_by_id",
    // One webhook of a platform carries events that name its accounts only.
    "channel_accounts_by_platform",
    "channel_accounts_by_other_id",
    // A cookie or key names its row only.
    "sessions_by_id",
    // Somebody who signs in names an address only.
    "agents_by_address",
    // Whoever claims asks what is due, whosever it is.
    "jobs_due",
    "outbox_due",
    "ready_by_time",
];

/// Tables without a tenant, each looked at.
const REVIEWED_TABLES: [&str; 1] = ["schema_migrations"];

/// A store in which a tenant has rows in every table that the store can fill.
async fn full(store: &Store, name: &str) -> Scene {
    let scene = Scene::set(store, name).await;
    let agent = scene.agent(store, name).await;
    let session = Session {
        tenant: scene.tenant.clone(),
        id: format!("session of {name}"),
        agent,
        csrf: "csrf".to_owned(),
    };
    store.open_session(session).await.unwrap();
    scene.hear(store, "u1", "e1", "ความลับ").await;
    let claimed = store.claim("node", 10, 1000).await.unwrap();
    let claimed = claimed.into_iter().find(|one| one.lease.tenant == scene.tenant).unwrap();
    let handoff = Some(HandoffRequest { reason: "asked".to_owned() });
    let turn = nothing_said(&claimed.lease, &claimed.pending[0]);
    let said = store
        .commit_turn(TurnCommit { replies: vec![reply("ค่ะ")], handoff, last: true, ..turn })
        .await
        .unwrap();
    let feedback = NewFeedback {
        tenant: scene.tenant.clone(),
        message: said[0].id.clone(),
        source: "customer",
        actor: "u1".to_owned(),
        value: 1,
        note: None,
    };
    store.give_feedback(feedback).await.unwrap();
    let correlation = Some(outbox_row(store, &scene).await.to_string());
    let receipt = channels::Receipt { correlation, ..channels::Receipt::sent(format!("platform's {name}")) };
    store.record_receipt(&scene.tenant, &scene.account, receipt).await.unwrap();
    let mut renamed = scene.text("u1", "renamed", "again").message;
    renamed.sender.also = vec![format!("number of {name}")];
    store.settle_identity(&scene.tenant, &scene.account, &renamed).await.unwrap();
    let poll = scene.text("", "poll", "counts").message;
    store.keep_account_event(scene.tenant.clone(), scene.account.clone(), poll).await.unwrap();
    let early = early_change();
    store.change_message(scene.tenant.clone(), scene.account.clone(), early).await.unwrap();
    let job = NewJob {
        tenant: scene.tenant.clone(),
        kind: "learn",
        dedupe: name.to_owned(),
        payload: "{}".to_owned(),
        run_at: store.clock().now(),
    };
    store.add_job(job).await.unwrap();
    store.add_blob(blob(&scene.tenant, name)).await.unwrap();
    fill_models(store, &scene).await;
    fill_line(store, &scene).await;
    link_people(store, &scene, name).await;
    fill_account_care(store, &scene, name).await;
    // Last, so that a conversation is ready.
    scene.hear(store, "u2", "e2", "ความลับ").await;
    scene
}

fn blob(tenant: &TenantId, name: &str) -> BlobRow {
    BlobRow {
        tenant: tenant.clone(),
        id: RowId::from_text(format!("blob of {name}")),
        sha256: "ab".to_owned(),
        size: 1,
        mime: "image/png".to_owned(),
        awaited_until: None,
    }
}

/// What is kept about the models of bots.
async fn fill_models(store: &Store, scene: &Scene) {
    store.release_model(&scene.tenant, "baan_kafe", ("v1", "examples = 1")).await.unwrap();
    let test = SelfTest {
        at: store.clock().now(),
        version: "v1".to_owned(),
        examples: 10,
        accuracy: 0.9,
        macro_f1: 0.8,
    };
    store.keep_self_test(&scene.tenant, "baan_kafe", test).await.unwrap();
}

/// What is kept about an account.
async fn fill_account_care(store: &Store, scene: &Scene, name: &str) {
    let (tenant, account) = (&scene.tenant, &scene.account);
    store.count_stray(tenant, account, "9").await.unwrap();
    store.note_proof(tenant, account, "a mark").await.unwrap();
    store.keep_quota(tenant, account, "2026-01", (Some(200), 1)).await.unwrap();
    let rate = Rate {
        category: "push".to_owned(),
        prefix: String::new(),
        currency: "THB".to_owned(),
        price: 1,
        included: 0,
    };
    store.set_rates(tenant, account, vec![rate], "nok").await.unwrap();
    let health = AccountHealth {
        state: HealthState::Ok,
        findings: "[]".to_owned(),
        token_expires_at: None,
        checked_at: store.clock().now(),
    };
    store.keep_health(tenant, account, health, false).await.unwrap();
    let template = MessageTemplate {
        name: name.to_owned(),
        language: "th".to_owned(),
        category: "UTILITY".to_owned(),
        status: "APPROVED".to_owned(),
        components: serde_json::json!([]),
        quality: None,
        reason: None,
    };
    store.keep_templates(tenant, account, vec![template]).await.unwrap();
}

/// What only LINE has.
async fn fill_line(store: &Store, scene: &Scene) {
    let (tenant, account) = (&scene.tenant, &scene.account);
    let menu = Menu { name: "main".to_owned(), ..Menu::default() };
    store.draft_line_menu(tenant, account, menu).await.unwrap();
    let conversation = scene.conversation(store, "u1").await;
    store.put_tags(tenant, &conversation.id, vec!["vip".to_owned()]).await.unwrap();
    store.note_stopped(tenant, account, "u9", true).await.unwrap();
    let member = GroupMember { thread: "C1".to_owned(), external_id: "u1".to_owned() };
    store.put_group_member(tenant, account, &member, Some("มะลิ".to_owned())).await.unwrap();
    let choice = PeopleChoice::default();
    store.add_line_audience(tenant, account, ("all", 1), choice.clone()).await.unwrap();
    store.put_line_figure(tenant, account, ("followers", "20260101"), &serde_json::json!({})).await.unwrap();
    let agent = AgentId::from_text("nobody");
    let new = NewBroadcast {
        name: String::new(),
        tenant: tenant.clone(),
        account: account.clone(),
        to: BroadcastTo::People { choice },
        reply: channels::Reply::text("hello"),
        people: 1,
        agent: agent.clone(),
    };
    let id = store.draft_broadcast(new).await.unwrap();
    let confirm = Confirm { tenant: tenant.clone(), id, people: 1, agent, job: "line_broadcast" };
    assert_eq!(store.confirm_broadcast(confirm).await.unwrap(), Confirmed::Sending);
}

/// Rows of what joins people: a code that was used by a colleague, one that is open, a failure, a merge, a login.
async fn link_people(store: &Store, scene: &Scene, name: &str) {
    let agents = store.agents(&scene.tenant).await.unwrap();
    let link = NewLink {
        tenant: scene.tenant.clone(),
        hash: format!("hash of {name}"),
        owner: LinkOwner::Agent(agents[0].id.clone()),
        evidence: Evidence::OneTimeCode,
        by: "customer".to_owned(),
        expires_at: store.clock().now(),
        offer: None,
    };
    store.add_link(link).await.unwrap();
    scene.hear(store, "colleague", "e3", "ความลับ").await;
    let redeem = Redeem {
        tenant: scene.tenant.clone(),
        hash: format!("hash of {name}"),
        account: scene.account.clone(),
        sender: "colleague".to_owned(),
        message: MessageId::from_text("m"),
    };
    assert!(matches!(store.redeem(redeem).await.unwrap(), Redeemed::Colleague { .. }));
    store.count_failed_attempt(&scene.tenant, vec!["u1".to_owned()]).await.unwrap();
    let merge = NewMerge {
        tenant: scene.tenant.clone(),
        kept: scene.conversation(store, "u1").await.person,
        merged: scene.conversation(store, "colleague").await.person,
        evidence: Evidence::Agent,
        detail: serde_json::json!({}),
        by: name.to_owned(),
    };
    store.merge(merge).await.unwrap();
    let login = NewLogin {
        tenant: scene.tenant.clone(),
        state_hash: format!("state of {name}"),
        account: scene.account.clone(),
        person: scene.conversation(store, "u1").await.person,
        sealed: "sealed".to_owned(),
        expires_at: store.clock().now(),
    };
    store.begin_login(login).await.unwrap();
}

/// The row of the one reply that waits to be sent; it is given back at once.
async fn outbox_row(store: &Store, scene: &Scene) -> RowId {
    let rows = store.claim_outbox(10, 0).await.unwrap();
    let row = rows.into_iter().find(|row| row.tenant == scene.tenant).unwrap();
    row.id
}

async fn act_as(connection: &mut PgConnection, role: &str, tenants: &[&Scene]) {
    let named: Vec<&str> = tenants.iter().map(|scene| scene.tenant.as_str()).collect();
    let sql = format!("RESET ROLE; SET ROLE {role}; SET sala.tenants = '{}'", named.join(","));
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

async fn names(connection: &mut PgConnection, sql: &'static str) -> BTreeSet<String> {
    let names: Vec<String> = sqlx::query_scalar(sql).fetch_all(connection).await.unwrap();
    names.into_iter().collect()
}

const TENANT_TABLES: &str = "SELECT table_name::TEXT FROM information_schema.columns \
                             WHERE table_schema = 'public' AND column_name = 'tenant_id'";

/// The tenants whose rows the connection sees in a table.
async fn seen(connection: &mut PgConnection, table: &str) -> BTreeSet<String> {
    let sql = format!("SELECT DISTINCT tenant_id FROM {table}");
    let seen: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(connection).await.unwrap();
    seen.into_iter().collect()
}

#[tokio::test]
async fn row_level_security_is_forced_on_every_table_with_a_tenant() {
    if !need("postgres") {
        return;
    }
    let test = TestStore::postgres().await;
    let mut owner = test.database().unwrap().connect().await;
    let tables = names(&mut owner, TENANT_TABLES).await;
    assert!(tables.len() > 15, "{tables:?}");
    let forced = "SELECT relname::TEXT FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace \
                  AND relrowsecurity AND relforcerowsecurity";
    assert_eq!(names(&mut owner, forced).await, tables);
    let held = "SELECT tablename::TEXT FROM pg_policies WHERE policyname = 'named_tenants' AND cmd = 'ALL' \
                AND roles = '{sala_app}' AND permissive = 'PERMISSIVE' AND qual LIKE '%sala.tenants%' \
                AND with_check LIKE '%sala.tenants%'";
    assert_eq!(names(&mut owner, held).await, tables);
    let others = "SELECT DISTINCT policyname::TEXT FROM pg_policies WHERE NOT roles <@ '{sala_claim}' \
                  AND policyname <> 'named_tenants'";
    assert_eq!(names(&mut owner, others).await, BTreeSet::new(), "nothing else lets the application in");

    let all = names(&mut owner, "SELECT tablename::TEXT FROM pg_tables WHERE schemaname = 'public'").await;
    let without: Vec<&String> = all.difference(&tables).collect();
    assert_eq!(without, REVIEWED_TABLES);
    let roles =
        "SELECT rolname::TEXT FROM pg_roles WHERE rolname LIKE 'sala%' AND (rolsuper OR rolbypassrls)";
    assert_eq!(names(&mut owner, roles).await, BTreeSet::new());
}

#[tokio::test]
async fn the_application_sees_the_tenants_it_names_and_no_other() {
    if !need("postgres") {
        return;
    }
    let test = TestStore::postgres().await;
    let (ours, theirs) = (full(&test.store, "ours").await, full(&test.store, "theirs").await);
    let mut connection = test.database().unwrap().connect().await;
    let tables = names(&mut connection, TENANT_TABLES).await;
    let ids =
        |scenes: &[&Scene]| scenes.iter().map(|scene| scene.tenant.to_string()).collect::<BTreeSet<_>>();
    let mut filled = 0;
    for table in &tables {
        for named in [vec![], vec![&ours], vec![&theirs], vec![&ours, &theirs]] {
            act_as(&mut connection, "sala_app", &named).await;
            let seen = seen(&mut connection, table).await;
            assert!(seen.is_subset(&ids(&named)), "{table} shows {seen:?} where {named:?} is named");
            if named.len() == 2 && seen.len() == 2 {
                filled += 1;
            }
        }
    }
    assert!(
        filled >= tables.len() - 1,
        "nearly every table has rows to be hidden: {filled} of {}",
        tables.len()
    );

    // A transaction that names nobody at all sees nothing either.
    sqlx::raw_sql("RESET ROLE; RESET sala.tenants; SET ROLE sala_app")
        .execute(&mut connection)
        .await
        .unwrap();
    for table in &tables {
        assert_eq!(seen(&mut connection, table).await, BTreeSet::new(), "{table}");
    }
    // And so does the owner of the schema, who is not above the rules.
    sqlx::raw_sql("RESET ROLE").execute(&mut connection).await.unwrap();
    for table in &tables {
        assert_eq!(seen(&mut connection, table).await, BTreeSet::new(), "{table}");
    }
}

#[tokio::test]
async fn the_claiming_role_sees_ids_and_changes_nothing() {
    if !need("postgres") {
        return;
    }
    let test = TestStore::postgres().await;
    let scene = full(&test.store, "ours").await;
    let mut connection = test.database().unwrap().connect().await;
    act_as(&mut connection, "sala_claim", &[&scene]).await;
    let refused = [
        "SELECT payload FROM inbound",
        "SELECT body FROM messages",
        "SELECT state FROM conversations",
        "SELECT secrets FROM channel_accounts",
        "SELECT password_hash FROM agents",
        "SELECT secret_hash FROM api_keys",
        "SELECT csrf FROM sessions",
        "SELECT reply FROM outbox",
        "SELECT data FROM event_log",
        "SELECT actor FROM audit",
        "SELECT facts FROM people",
        "DELETE FROM ready",
        "UPDATE ready SET gen = 0",
        "UPDATE conversations SET control = 'bot'",
        "UPDATE conversations SET lease_until = 0",
        "UPDATE outbox SET lease_until = 0",
        "UPDATE jobs SET lease_until = 0",
        "DELETE FROM jobs",
    ];
    for sql in refused {
        let refusal = sqlx::query(sql).execute(&mut connection).await.expect_err(sql);
        let refusal = refusal.into_database_error().unwrap();
        assert_eq!(refusal.code().as_deref(), Some("42501"), "{sql}: {refusal}");
    }
    for sql in
        ["SELECT id FROM conversations FOR NO KEY UPDATE", "SELECT id FROM inbound", "SELECT gen FROM ready"]
    {
        assert!(!sqlx::query(sql).fetch_all(&mut connection).await.unwrap().is_empty(), "{sql}");
    }
}

#[tokio::test]
async fn one_batch_commits_for_the_tenants_it_names_and_a_forged_row_is_refused() {
    if !need("postgres") {
        return;
    }
    let test = TestStore::postgres().await;
    let store = &test.store;
    let mut scenes = Vec::new();
    for name in ["first", "second", "third"] {
        scenes.push(Scene::set(store, name).await);
    }
    let [first, second, third] = <[Scene; 3]>::try_from(scenes).unwrap();
    // On one thread the writer's task runs only once all three have handed their changes over: they share a commit.
    let (one, other, another) = tokio::join!(
        store.ingest(first.text("u1", "e1", "hello")),
        store.ingest(second.text("u1", "e1", "hello")),
        store.ingest(first.text("u2", "e2", "hello")),
    );
    for outcome in [one, other, another] {
        assert!(matches!(outcome.unwrap(), Ingested::Accepted(_)));
    }
    let mut connection = test.database().unwrap().connect().await;
    act_as(&mut connection, "sala_app", &[&first, &second, &third]).await;
    let by_transaction = "SELECT xmin::TEXT, tenant_id FROM inbound";
    let rows: Vec<(String, String)> =
        sqlx::query_as(by_transaction).fetch_all(&mut connection).await.unwrap();
    let commits: BTreeSet<&String> = rows.iter().map(|(transaction, _)| transaction).collect();
    let tenants: BTreeSet<&str> = rows.iter().map(|(_, tenant)| tenant.as_str()).collect();
    assert_eq!((commits.len(), rows.len()), (1, 3), "{rows:?}");
    assert_eq!(tenants, [first.tenant.as_str(), second.tenant.as_str()].into());

    // The same two tenants in one transaction, and a row of the third slipped in.
    act_as(&mut connection, "sala_app", &[&first, &second]).await;
    let row = "INSERT INTO ready (tenant_id, conversation_id, gen, ready_at) VALUES ($1, 'c', 1, 0)";
    for (scene, allowed) in [(&first, true), (&second, true), (&third, false)] {
        let inserted = sqlx::query(row).bind(scene.tenant.as_str()).execute(&mut connection).await;
        assert_eq!(inserted.is_ok(), allowed, "{inserted:?}");
    }
    let moved = "UPDATE ready SET tenant_id = $1";
    let moved = sqlx::query(moved).bind(third.tenant.as_str()).execute(&mut connection).await;
    assert!(moved.is_err(), "no row moves to a tenant that was not named");
}

#[tokio::test]
async fn every_key_and_index_leads_with_the_tenant() {
    let reviewed: BTreeSet<String> = REVIEWED_INDEXES.map(str::to_owned).into();
    let sqlite = TestStore::sqlite().await;
    let mut owner = sqlite.owner().await.unwrap();
    let sql = "SELECT m.name, i.name, (SELECT c.name FROM pragma_index_info(i.name) c WHERE c.seqno = 0) \
               FROM sqlite_schema m JOIN pragma_index_list(m.name) i WHERE m.type = 'table'";
    let rows: Vec<(String, String, Option<String>)> =
        sqlx::query_as(sql).fetch_all(&mut owner).await.unwrap();
    assert_eq!(not_led_by_tenant(rows), reviewed, "on SQLite");

    if need("postgres") {
        let test = TestStore::postgres().await;
        let mut owner = test.database().unwrap().connect().await;
        let sql = "SELECT t.relname::TEXT, i.relname::TEXT, a.attname::TEXT FROM pg_index x \
                   JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid \
                   LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0] \
                   WHERE t.relnamespace = 'public'::regnamespace";
        let rows: Vec<(String, String, Option<String>)> =
            sqlx::query_as(sql).fetch_all(&mut owner).await.unwrap();
        assert_eq!(not_led_by_tenant(rows), reviewed, "on PostgreSQL");
    }
}

/// The names of the indexes, of (table, index, first column), that lead with something else.
fn not_led_by_tenant(rows: Vec<(String, String, Option<String>)>) -> BTreeSet<String> {
    assert!(rows.len() > 30, "the indexes were found");
    rows.into_iter()
        .filter(|(table, _, _)| !REVIEWED_TABLES.contains(&table.as_str()))
        .filter(|(_, _, first)| first.as_deref() != Some("tenant_id"))
        .map(|(_, index, _)| index)
        .collect()
}

fn early_change() -> MessageChange {
    MessageChange { external_id: "m-none".to_owned(), what: ChangeKind::Deleted, sent_at: 0, maker: None }
}
