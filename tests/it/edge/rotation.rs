//! Two secrets of an account while one is changed: the one that the platform signs with never goes unasked.

use engine::ids::ChannelAccountId;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tests::demo::Demo;
use tests::http::call;

use super::SignedIn;

const ACCOUNT: &str = "whatsapp-demo";

struct Desk {
    demo: Demo,
    admin: SignedIn,
}

impl Desk {
    async fn open() -> Self {
        let demo = Demo::start().await.unwrap();
        let admin = SignedIn::as_role(&demo, "admin").await;
        Self { demo, admin }
    }

    async fn first(&self) -> String {
        let account = self.demo.app.accounts.find(&ChannelAccountId::from_text(ACCOUNT)).await.unwrap();
        account.config.secrets["app_secret"].clone()
    }

    /// What a call is answered that is signed with this secret.
    async fn hears(&self, secret: &str) -> u16 {
        let body = br#"{"object":"whatsapp_business_account","entry":[]}"#;
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body);
        let signature = format!("sha256={}", hex(&mac.finalize().into_bytes()));
        let headers = [("content-type", "application/json"), ("x-hub-signature-256", signature.as_str())];
        let path = format!("/channels/{ACCOUNT}/webhook");
        call(self.demo.address, ("POST", &path), &headers, body).await.unwrap().status
    }

    async fn replace(&self, secret: &str) -> Value {
        let path = format!("/api/v1/channels/{ACCOUNT}/secrets/app_secret");
        let answer = self.admin.call(&self.demo, "PUT", &path, &json!({ "secret": secret })).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    async fn end(&self, query: &str) -> (u16, String) {
        let path = format!("/api/v1/channels/{ACCOUNT}/secrets/app_secret{query}");
        let answer = self.admin.call(&self.demo, "DELETE", &path, &Value::Null).await;
        (answer.status, answer.text())
    }

    /// Whether the new and the former secret have verified a call; none where nothing is being changed.
    async fn proofs(&self) -> Option<(bool, bool)> {
        let known = self.admin.get(&self.demo, "/api/v1/channels").await.json();
        let known = known["channels"].as_array().unwrap().clone();
        let account = known.into_iter().find(|one| one["id"] == ACCOUNT).unwrap();
        let rotation = account["rotations"].as_array().unwrap().first()?.clone();
        assert_eq!(rotation["name"], "app_secret");
        Some((rotation["new_proved_at"].is_number(), rotation["former_proved_at"].is_number()))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mistyped_secret_does_not_cut_the_platform_off() {
    let desk = Desk::open().await;
    let first = desk.first().await;
    let (mistyped, right) = ("mistyped-secret-000", "the-right-secret-00");
    assert_eq!(desk.hears(&first).await, 200);
    assert_eq!(desk.proofs().await, None);
    desk.replace(mistyped).await;
    assert_eq!(desk.hears(&first).await, 200);
    assert_eq!(desk.proofs().await, Some((false, true)));
    assert_eq!(desk.replace(right).await["rotating"], true);
    assert_eq!((desk.hears(&first).await, desk.hears(mistyped).await), (200, 401));
    let (status, said) = desk.end("").await;
    assert!(
        status == 409 && said.contains("sala:unproved") && said.contains("force=true"),
        "{status} {said}"
    );
    assert_eq!(desk.hears(right).await, 200);
    assert_eq!(desk.proofs().await, Some((true, true)));
    // The platform has changed: now it is the right one that stays beside a further one.
    assert_eq!(desk.replace("one-more-secret-000").await["rotating"], true);
    assert_eq!((desk.hears(&first).await, desk.hears(right).await), (401, 200));
    // Who goes back to it has nothing left to end.
    assert_eq!(desk.replace(right).await["rotating"], false);
    assert_eq!(desk.proofs().await, None);
    assert_eq!(desk.end("").await.0, 422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_is_ended_by_who_insists_or_when_the_new_secret_is_used() {
    let desk = Desk::open().await;
    let first = desk.first().await;
    assert_eq!(desk.hears(&first).await, 200);
    desk.replace("another-secret-0000").await;
    assert_eq!(desk.end("").await.0, 409);
    assert_eq!(desk.hears(&first).await, 200, "nothing was changed");
    assert_eq!(desk.end("?force=true").await.0, 204);
    assert_eq!((desk.hears(&first).await, desk.hears("another-secret-0000").await), (401, 200));
    desk.replace("a-third-secret-0000").await;
    assert_eq!(desk.hears("a-third-secret-0000").await, 200);
    assert_eq!(desk.end("").await.0, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_account_of_a_platform_is_one_account_here() {
    let desk = Desk::open().await;
    let telegram = desk.demo.app.accounts.find(&ChannelAccountId::from_text("telegram-demo")).await.unwrap();
    let token = &telegram.config.secrets["bot_token"];
    let new = |token: &str, external_id: &str| {
        json!({ "channel": "telegram", "name": "x", "bot": "baan_kafe", "external_id": external_id,
            "fields": { "bot_token": token } })
    };
    for wanted in [new("7:another-token", &telegram.config.external_id), new(token, "")] {
        let refused = desk.admin.call(&desk.demo, "POST", "/api/v1/channels", &wanted).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
        let refused = refused.json();
        assert_eq!(
            (&refused["type"], &refused["account"]),
            (&json!("sala:in-use"), &json!("Baan Kafe on Telegram"))
        );
    }
    let weak = json!({ "secret": "x" });
    let path = "/api/v1/channels/web-demo/secrets/identity_secret";
    let refused = desk.admin.call(&desk.demo, "PUT", path, &weak).await;
    assert!(refused.status == 422 && refused.text().contains("openssl rand -hex 32"), "{}", refused.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_goes_to_the_platform_of_an_account_that_is_off() {
    let desk = Desk::open().await;
    let off = json!({ "enabled": false });
    let path = "/api/v1/channels/whatsapp-demo";
    assert_eq!(desk.admin.call(&desk.demo, "PATCH", path, &off).await.status, 200);
    let trial = json!({ "to": "66812345678", "text": "hello" });
    let refused = desk.admin.call(&desk.demo, "POST", &format!("{path}/test"), &trial).await;
    assert!(refused.status == 409 && refused.text().contains("sala:switched-off"), "{}", refused.text());
}
