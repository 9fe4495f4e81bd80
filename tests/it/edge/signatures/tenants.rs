//! One webhook with the events of two companies.

use engine::store::Tenant;
use serde_json::{Value, json};

use super::*;

const OURS: &str = "105000000000771";
const THEIRS: &str = "105000000000772";

/// What a page is told by this person.
fn entry(page: &str, person: &str) -> Value {
    json!({ "id": page, "time": 1_700_000_000_000_i64, "messaging": [{
        "sender": { "id": person },
        "recipient": { "id": page },
        "timestamp": 1_700_000_000_000_i64,
        "message": { "mid": format!("m_{page}_{person}"), "text": "สวัสดี" },
    }] })
}

/// Posts these entries to an account's webhook, signed with this secret.
async fn post(demo: &Demo, account: &str, secret: &str, entries: &[Value]) -> u16 {
    let body = json!({ "object": "page", "entry": entries }).to_string().into_bytes();
    let headers = vec![("x-hub-signature-256", PLATFORMS[0].sign(secret, &body, 0).into_bytes())];
    send(demo.address, ("POST", &format!("/channels/{account}/webhook")), &headers, &body).await.status
}

async fn other_company(demo: &Demo) {
    let company = Tenant {
        id: TenantId::from_text("other"),
        name: "Other".to_owned(),
        language: "en".to_owned(),
        time_zone: "UTC".to_owned(),
    };
    demo.app.store.add_tenant(company).await.unwrap();
    demo.app.remember_tenants().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_app_carries_the_events_of_two_companies() {
    let demo = demo().await;
    other_company(&demo).await;
    let ours = PLATFORMS[0].account(&demo, "baan_kafe", OURS, SECRET).await;
    let theirs = PLATFORMS[0].account(&demo, "other", THEIRS, SECRET).await;
    let both = [entry(OURS, "501"), entry(THEIRS, "502")];
    assert_eq!(post(&demo, &ours, SECRET, &both).await, 200);
    for (tenant, account, thread, expected) in [
        ("baan_kafe", &ours, "501", true),
        ("other", &theirs, "502", true),
        ("baan_kafe", &ours, "502", false),
        ("other", &theirs, "501", false),
    ] {
        assert_eq!(is_heard(&demo, tenant, account, thread).await, expected, "{tenant} {thread}");
    }
    // The same by the other company's address is a redelivery.
    let before = inbound(&demo).await;
    assert_eq!(post(&demo, &theirs, SECRET, &both).await, 200);
    assert_eq!(inbound(&demo).await, before, "each event is kept once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_does_not_reach_a_company_whose_secret_the_caller_has_not() {
    let demo = demo().await;
    other_company(&demo).await;
    let ours = PLATFORMS[0].account(&demo, "baan_kafe", OURS, SECRET).await;
    let theirs = PLATFORMS[0].account(&demo, "other", THEIRS, "their-own-secret").await;
    let of_theirs = async || {
        let filter = engine::store::ConversationFilter {
            tab: engine::store::Tab::All,
            status: "open".to_owned(),
            words: None,
            before: None,
            limit: 100,
        };
        let (tenant, nobody) = (TenantId::from_text("other"), engine::ids::AgentId::from_text(""));
        let conversations = demo.app.store.conversations(&tenant, &nobody, &filter).await.unwrap();
        let events = demo.app.store.events_after(&tenant, 0, 1_000).await.unwrap();
        (conversations.conversations.len(), events.len())
    };
    let before = of_theirs().await;
    assert_eq!(post(&demo, &ours, SECRET, &[entry(OURS, "501"), entry(THEIRS, "502")]).await, 200);
    assert_eq!(of_theirs().await, before, "nothing of it is the other company's");
    assert!(is_heard(&demo, "baan_kafe", &ours, "501").await);
    assert!(is_heard(&demo, "baan_kafe", &ours, "502").await, "it stays where it was said");
    assert_eq!(post(&demo, &theirs, SECRET, &[entry(THEIRS, "503")]).await, 401);
    assert_eq!(of_theirs().await, before);
    assert_eq!(post(&demo, &theirs, "their-own-secret", &[entry(THEIRS, "502")]).await, 200);
    assert!(is_heard(&demo, "other", &theirs, "502").await, "and their own call is heard");
}

/// Waits until nothing that was heard waits for its turn.
async fn turns_are_taken(demo: &Demo) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while super::super::rows(demo).await.into_iter().any(|(table, count)| table == "ready" && count > 0) {
        assert!(std::time::Instant::now() < deadline, "the turns were never taken");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Who writes to a page that is nobody's here is kept, and never answered by another page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_for_no_account_of_ours_is_kept_and_not_answered() {
    let demo = demo().await;
    let ours = PLATFORMS[0].account(&demo, "baan_kafe", OURS, SECRET).await;
    assert_eq!(post(&demo, &ours, SECRET, &[entry(THEIRS, "502"), entry(OURS, "501")]).await, 200);
    turns_are_taken(&demo).await;
    let tenant = TenantId::from_text("baan_kafe");
    let account = engine::ids::ChannelAccountId::from_text(ours.as_str());
    for (thread, answered) in [("501", true), ("502", false)] {
        let found = demo.app.store.conversation_of_thread(&tenant, &account, thread).await.unwrap().unwrap();
        let messages = demo.app.store.messages(&tenant, &found.id, None, 100).await.unwrap();
        let is_bot = |message: &engine::store::Message| message.author == engine::store::Author::Bot;
        assert_eq!(messages.iter().any(is_bot), answered, "{thread}: {messages:#?}");
    }
}

/// Instagram has two ids for an account: both are ours, and a third is nobody's here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instagram_account_has_two_ids_and_what_is_for_a_third_is_answered_by_nobody() {
    let demo = demo().await;
    let admin = super::super::SignedIn::as_role(&demo, "admin").await;
    let path = "/api/v1/channels/instagram-demo";
    let looked = admin.call(&demo, "POST", &format!("{path}/check"), &Value::Null).await;
    assert_eq!(looked.status, 200, "{}", looked.text());
    let id = engine::ids::ChannelAccountId::from_text("instagram-demo");
    let account = demo.app.accounts.find(&id).await.unwrap();
    let (one, other) = (&account.config.external_id, &account.config.other_external_id);
    assert!(!other.is_empty() && one != other, "{one} {other}");
    let entries = [entry(one, "501"), entry(other, "502"), entry("555", "503"), entry(one, one)];
    let body = json!({ "object": "instagram", "entry": entries }).to_string().into_bytes();
    let secret = &account.config.secrets["app_secret"];
    let headers = vec![("x-hub-signature-256", PLATFORMS[1].sign(secret, &body, 0).into_bytes())];
    let posted = send(demo.address, ("POST", "/channels/instagram-demo/webhook"), &headers, &body).await;
    assert_eq!(posted.status, 200);
    turns_are_taken(&demo).await;
    let tenant = TenantId::from_text("baan_kafe");
    for (thread, answered, named) in
        [("501", true, None), ("502", true, None), ("503", false, Some("555")), (one.as_str(), false, None)]
    {
        let found = demo.app.store.conversation_of_thread(&tenant, &id, thread).await.unwrap().unwrap();
        let messages = demo.app.store.messages(&tenant, &found.id, None, 100).await.unwrap();
        let is_bot = |message: &engine::store::Message| message.author == engine::store::Author::Bot;
        assert_eq!(messages.iter().any(is_bot), answered, "{thread}: {messages:#?}");
        assert_eq!(messages[0].body.for_account.as_deref(), named, "{thread}");
    }
    let told = admin.get(&demo, &format!("{path}/events")).await.json();
    let strays = told["strays"].as_array().unwrap();
    assert_eq!(strays.len(), 1, "{told}");
    assert_eq!((&strays[0]["external_id"], &strays[0]["events"]), (&json!("555"), &json!(1)));
}
