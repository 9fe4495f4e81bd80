//! A look at an account tells when the platform calls somebody else.

use channels::{AccountConfig, HttpMethod, PlatformRequest, Transport};
use engine::ids::ChannelAccountId;
use engine::platform::{CallLimits, call};
use serde_json::{Value, json};
use tests::demo::Demo;

use super::SignedIn;

const OLD: &str = "https://old.example/hook?key=secret";

/// Somebody else enters their address at the platform.
fn entered(channel: &str, account: &AccountConfig) -> PlatformRequest {
    let (method, path, bearer, body) = match channel {
        "line" => (
            HttpMethod::Put,
            "v2/bot/channel/webhook/endpoint",
            "Bearer {access_token}".to_owned(),
            json!({ "endpoint": OLD }),
        ),
        "telegram" => (HttpMethod::Post, "bot{bot_token}/setWebhook", String::new(), json!({ "url": OLD })),
        _ => {
            let app = &account.settings["app_id"];
            let body =
                json!({ "object": "page", "callback_url": OLD, "fields": "messages,messaging_postbacks" });
            let path = "subscriptions";
            let url = format!("{}/{app}/{path}", account.api_base);
            let headers = vec![("authorization".to_owned(), format!("Bearer {app}|{{app_secret}}"))];
            return PlatformRequest::new(Transport::Http { method: HttpMethod::Post, url, headers }, body);
        }
    };
    let headers = Some(("authorization".to_owned(), bearer)).filter(|(_, bearer)| !bearer.is_empty());
    let url = format!("{}/{path}", account.api_base);
    PlatformRequest::new(Transport::Http { method, url, headers: headers.into_iter().collect() }, body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_points_elsewhere_is_told_with_what_to_do() {
    for (public_url, state, finding) in [
        (Some("https://chat.shop.example"), "failing", "webhook-elsewhere"),
        (None, "warning", "webhook-no-address"),
    ] {
        let demo = Demo::start_with(|config| {
            if let Some(url) = public_url {
                url.clone_into(&mut config.server.public_url);
            }
        })
        .await
        .unwrap();
        let admin = SignedIn::as_role(&demo, "admin").await;
        for channel in ["line", "telegram", "messenger"] {
            let id = format!("{channel}-demo");
            let path = format!("/api/v1/channels/{id}/check");
            let before = admin.call(&demo, "POST", &path, &Value::Null).await;
            assert_eq!(before.json()["state"], "ok", "{channel}: {}", before.text());
            let account = demo.app.accounts.find(&ChannelAccountId::from_text(id)).await.unwrap();
            let request = entered(channel, &account.config);
            let taken = call(&demo.app, &account, &request, CallLimits::default()).await.unwrap();
            assert_eq!(taken.status, 200, "{}", String::from_utf8_lossy(&taken.body));
            let after = admin.call(&demo, "POST", &path, &Value::Null).await;
            assert_eq!(after.json()["state"], state, "{channel}: {}", after.text());
            let checks = after.json()["checks"].as_array().unwrap().clone();
            let told = checks.iter().find(|one| one["finding"] == finding);
            let told = told.unwrap_or_else(|| panic!("{channel}: {}", after.text()));
            assert_eq!(told["arguments"]["host"], "old.example", "{told}");
            assert!(told["says"].as_str().unwrap().contains("old.example"), "{told}");
            assert!(!after.text().contains("key=secret"), "a stranger's address is not shown whole");
        }
    }
}
