//! Channel accounts: changing them, holding them, and what they cost.

use channels::{Cost, Receipt, ReceiptState};
use engine::clock::Micros;
use engine::store::{
    AccountChange, AccountHealth, HealthState, MessageTemplate, OutboxAttempt, OutboxOutcome, Rate, Store,
    StoreError, TemplateNews,
};
use serde_json::json;
use tests::{Scene, check_on_every_store, reply};

const BY: (&str, &str) = ("nok", "channel.changed");

async fn waiting(store: &Store) -> usize {
    let rows = store.claim_outbox(10, 0).await.unwrap();
    rows.len()
}

async fn answered(store: &Store) -> Scene {
    let scene = Scene::set(store, "shop").await;
    scene.hear(store, "u1", "e1", "hello").await;
    scene.answer(store, vec![reply("a")]).await;
    scene
}

#[tokio::test]
async fn a_change_counts_once_and_is_known_by_its_version() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let whose = (&scene.tenant, &scene.account);
        let renamed = AccountChange { name: Some("New".to_owned()), ..AccountChange::default() };
        assert_eq!(store.account_version(&scene.account).await.unwrap(), Some((1, true)));
        assert_eq!(store.change_account(whose, 1, renamed.clone(), BY).await.unwrap(), 2);
        let late = store.change_account(whose, 1, renamed.clone(), BY).await;
        assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
        let other = Scene::set(store, "other").await;
        let stolen = store.change_account((&other.tenant, &scene.account), 2, renamed, BY).await;
        assert!(matches!(stolen, Err(StoreError::NotFound(_))), "{stolen:?}");
        let accounts = store.channel_accounts(&scene.tenant).await.unwrap();
        assert_eq!(accounts[0].name, "New");
        let off = AccountChange { enabled: Some(false), ..AccountChange::default() };
        store.change_account(whose, 2, off, BY).await.unwrap();
        assert_eq!(store.account_version(&scene.account).await.unwrap(), Some((3, false)));
        let gone = AccountChange { remove: true, ..AccountChange::default() };
        store.change_account(whose, 3, gone, BY).await.unwrap();
        assert_eq!(store.account_version(&scene.account).await.unwrap(), None);
        assert_eq!(store.channel_accounts(&scene.tenant).await.unwrap(), []);
        // Its conversations stay, and their intents have names in its bot.
        let bots = store.bots_of_accounts(&scene.tenant).await.unwrap();
        assert!(bots.contains_key(scene.account.as_str()), "{bots:?}");
        assert_eq!(store.broken_audit_row(&scene.tenant).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn replies_wait_while_an_account_is_off_or_refused() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = answered(store).await;
        let whose = (&scene.tenant, &scene.account);
        let off = |enabled| AccountChange { enabled: Some(enabled), ..AccountChange::default() };
        store.change_account(whose, 1, off(false), BY).await.unwrap();
        assert_eq!(waiting(store).await, 0);
        assert_eq!(store.next_outbox_time().await.unwrap(), None);
        store.change_account(whose, 2, off(true), BY).await.unwrap();
        let row = store.claim_outbox(10, 60_000).await.unwrap().remove(0);
        let held = OutboxOutcome::PutOff {
            at: store.clock().now(),
            progress: 0,
            error: Some("expired".to_owned()),
            holds: true,
        };
        store.settle_outbox(&row, held).await.unwrap();
        assert_eq!(waiting(store).await, 0, "what the platform would refuse waits");
        let standing = store.account_standings(&scene.tenant).await.unwrap().remove(0);
        let state = standing.health.map(|health| health.state);
        assert_eq!((standing.waiting, state), (1, Some(HealthState::Failing)));
        assert!(standing.held_at.is_some());
        let well = AccountHealth {
            state: HealthState::Ok,
            findings: "[]".to_owned(),
            token_expires_at: None,
            checked_at: store.clock().now(),
        };
        store.keep_health(&scene.tenant, &scene.account, well, true).await.unwrap();
        let rows = store.claim_outbox(10, 60_000).await.unwrap();
        let tries = rows.iter().map(|row| row.attempts - row.deferred).collect::<Vec<_>>();
        assert_eq!(tries, [1], "the refused try does not count against the reply");
    })
    .await;
}

#[tokio::test]
async fn a_reply_that_is_put_off_keeps_its_place_and_its_tries() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let replies = scene.answer(store, vec![reply("a"), reply("b")]).await;
        for _ in 0..20 {
            let mut rows = store.claim_outbox(10, 60_000).await.unwrap();
            assert_eq!(rows.len(), 1, "the second never overtakes the first");
            let row = rows.remove(0);
            assert_eq!((&row.message, row.attempts - row.deferred), (&replies[0].id, 1));
            let at = store.clock().now().plus_millis(5_000);
            let slow = OutboxOutcome::PutOff { at, progress: 0, error: None, holds: false };
            store.settle_outbox(&row, slow).await.unwrap();
            assert_eq!(waiting(store).await, 0, "it waits for its time");
            test.clock.advance_millis(5_000);
        }
        for message in &replies {
            let row = store.claim_outbox(10, 60_000).await.unwrap().remove(0);
            assert_eq!(&row.message, &message.id);
            let sent = OutboxAttempt::sent(Vec::new());
            store.settle_outbox(&row, sent).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn costs_are_the_same_whatever_the_order_of_receipts() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = answered(store).await;
        let row = store.claim_outbox(10, 60_000).await.unwrap().remove(0);
        let sent = OutboxAttempt::sent(vec!["w1".to_owned()]);
        store.settle_outbox(&row, sent).await.unwrap();
        let told = |state, billable| Receipt {
            cost: Some(Cost { category: "utility".to_owned(), billable, kind: "regular".to_owned() }),
            ..Receipt::new("w1", state)
        };
        let receipts = [
            (ReceiptState::Delivered, true),
            (ReceiptState::Sent, false),
            (ReceiptState::Delivered, true),
            (ReceiptState::Sent, false),
        ];
        let always = (Micros(0), Micros(i64::MAX));
        let count =
            async || store.counted_messages(&scene.tenant, &scene.account, always, None).await.unwrap();
        for (state, billable) in receipts {
            store.record_receipt(&scene.tenant, &scene.account, told(state, billable)).await.unwrap();
            let counted = count().await;
            assert_eq!((counted.len(), counted[0].count, counted[0].cost.billable), (1, 1, true));
            assert_eq!(counted[0].to, "u1");
        }
        let failed = Receipt::new("w1", ReceiptState::Failed);
        store.record_receipt(&scene.tenant, &scene.account, failed).await.unwrap();
        assert!(!count().await[0].cost.billable, "what did not arrive costs nothing");
    })
    .await;
}

#[tokio::test]
async fn quotas_count_the_pushes_since_the_platform_was_asked() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = answered(store).await;
        let (tenant, account) = (&scene.tenant, &scene.account);
        assert_eq!(store.quota(tenant, account, "2026-01").await.unwrap(), None);
        store.keep_quota(tenant, account, "2026-01", (Some(500), 7)).await.unwrap();
        test.clock.advance_millis(1_000);
        let row = store.claim_outbox(10, 60_000).await.unwrap().remove(0);
        let sent = OutboxAttempt::sent(vec!["p1".to_owned()]);
        let push = Cost { category: "push".to_owned(), billable: true, ..Cost::default() };
        store.settle_outbox_at_cost(&row, sent, vec![("p1".to_owned(), push)]).await.unwrap();
        let quota = store.quota(tenant, account, "2026-01").await.unwrap().unwrap();
        assert_eq!((quota.most, quota.used, quota.since), (Some(500), 7, 1));
        store.keep_quota(tenant, account, "2026-01", (None, 8)).await.unwrap();
        let quota = store.quota(tenant, account, "2026-01").await.unwrap().unwrap();
        assert_eq!((quota.most, quota.used, quota.since), (None, 8, 0));
        let rate = Rate {
            category: "push".to_owned(),
            prefix: String::new(),
            currency: "THB".to_owned(),
            price: 60_000,
            included: 300,
        };
        store.set_rates(tenant, account, vec![rate.clone()], "nok").await.unwrap();
        assert_eq!(store.rates(tenant, account).await.unwrap(), [rate]);
        store.set_rates(tenant, account, Vec::new(), "nok").await.unwrap();
        assert_eq!(store.rates(tenant, account).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn templates_are_replaced_whole_and_changed_one_by_one() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let template = |name: &str| MessageTemplate {
            name: name.to_owned(),
            language: "th".to_owned(),
            category: "UTILITY".to_owned(),
            status: "APPROVED".to_owned(),
            components: json!([]),
            quality: None,
            reason: None,
        };
        let (tenant, account) = (&scene.tenant, &scene.account);
        assert_eq!(store.templates_fetched_at(tenant, account).await.unwrap(), None);
        store.keep_templates(tenant, account, vec![template("b"), template("a")]).await.unwrap();
        store.keep_templates(tenant, account, vec![template("c"), template("a")]).await.unwrap();
        let paused = TemplateNews {
            status: Some("PAUSED".to_owned()),
            reason: Some("quality".to_owned()),
            ..TemplateNews::default()
        };
        store.template_changed(tenant, account, ("a", "th"), paused.clone()).await.unwrap();
        store.template_changed(tenant, account, ("b", "th"), paused).await.unwrap();
        let known = store.message_templates(tenant, account).await.unwrap();
        let shown: Vec<_> =
            known.iter().map(|one| (one.name.as_str(), one.status.as_str(), one.reason.as_deref())).collect();
        assert_eq!(shown, [("a", "PAUSED", Some("quality")), ("c", "APPROVED", None)]);
        assert_eq!(store.templates_fetched_at(tenant, account).await.unwrap(), Some(store.clock().now()));
    })
    .await;
}
