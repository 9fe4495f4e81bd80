//! The one after the last is the first that is refused, with the time to wait.

use engine::ids::ChannelAccountId;
use serde_json::Value;
use tests::demo::Demo;
use tests::http::call;

use super::{SignedIn, is_problem, sign_in};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sixth_try_to_sign_in_waits() {
    let demo = Demo::start().await.unwrap();
    for n in 1..=5 {
        assert_eq!(sign_in(&demo, &format!("a{n}@baankafe.example"), "wrong").await.status, 401, "{n}");
    }
    let answer = sign_in(&demo, "nok@baankafe.example", "demo-nok-flatwhite").await;
    is_problem(&answer, 429, "the sixth, though its password is right");
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=4).contains(&wait), "{wait} s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_accounts_tries_are_counted_over_all_addresses() {
    let demo = Demo::start_with(|config| {
        config.limits.sign_in_per_20_seconds = 1000;
        config.limits.sign_in_per_account_in_5_minutes = 3;
    })
    .await
    .unwrap();
    for _ in 0..3 {
        assert_eq!(sign_in(&demo, "nok@baankafe.example", "wrong").await.status, 401);
    }
    is_problem(&sign_in(&demo, "nok@baankafe.example", "wrong").await, 429, "the fourth");
    assert_eq!(sign_in(&demo, "ton@baankafe.example", "wrong").await.status, 401, "another account");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_and_addresses_have_their_share_of_calls() {
    let demo = Demo::start_with(|config| {
        (config.limits.api_per_second, config.limits.api_burst) = (1, 3);
        (config.limits.ip_per_second, config.limits.ip_burst) = (1, 9);
    })
    .await
    .unwrap();
    let nok = SignedIn::as_role(&demo, "agent").await;
    let statuses = async |count: usize| {
        let mut statuses = Vec::new();
        for _ in 0..count {
            statuses.push(nok.call(&demo, "GET", "/api/v1/session", &Value::Null).await.status);
        }
        statuses
    };
    // A second may pass between two calls and give one back, so the first refusal is at or just after its place.
    let by_session = statuses(5).await;
    assert_eq!(by_session[..3], [200, 200, 200]);
    assert!(by_session.contains(&429), "{by_session:?}");
    let mut by_address = Vec::new();
    for _ in 0..8 {
        by_address.push(call(demo.address, ("GET", "/api/v1/session"), &[], b"").await.unwrap());
    }
    let refused = by_address.iter().find(|answer| answer.status == 429).expect("the address is held back");
    is_problem(refused, 429, "an address");
    assert_eq!(refused.header("retry-after"), Some("1"));
    let answer = call(demo.address, ("GET", "/livez"), &[], b"").await.unwrap();
    assert_eq!(answer.status, 200, "what watches us is not held back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_prove_to_be_the_platform_uses_up_nothing_of_the_account() {
    let demo = Demo::start_with(|config| {
        (config.limits.ip_per_second, config.limits.ip_burst) = (1, 4);
        config.limits.webhook_per_second = 2;
    })
    .await
    .unwrap();
    let id = ChannelAccountId::from_text("telegram-demo");
    let secret = demo.app.accounts.find(&id).await.unwrap().config.secrets["webhook_secret"].clone();
    let hook = async |secret: &str| {
        let headers = [("content-type", "application/json"), ("x-telegram-bot-api-secret-token", secret)];
        let path = "/channels/telegram-demo/webhook";
        call(demo.address, ("POST", path), &headers, br#"{"update_id":1}"#).await.unwrap().status
    };
    let mut strangers = Vec::new();
    for _ in 0..12 {
        strangers.push(hook("wrong").await);
    }
    assert_eq!(strangers[..4], [401; 4]);
    assert!(strangers[4..].contains(&429), "{strangers:?}");
    assert_eq!([hook(&secret).await, hook(&secret).await], [200; 2], "the platform is heard all the same");
}
