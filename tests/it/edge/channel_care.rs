//! Changing accounts over the API beside the pretended platforms: what is kept, what is refused, what nobody sees.

use std::time::{Duration, Instant};

use channels::simulator::CustomerAct;
use channels::{ChannelName, Content, InboundMessage, Sender};
use engine::ids::ChannelAccountId;
use engine::store::Ingest;
use serde_json::{Value, json};
use tests::demo::Demo;
use tests::http::call;

use super::SignedIn;

const CUSTOMER: &str = "66812345678";

async fn conversation(admin: &SignedIn, demo: &Demo, channel: &str) -> String {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let all = admin.get(demo, "/api/v1/conversations?tab=all&limit=100").await.json();
        let all = all["conversations"].as_array().unwrap();
        // Those of the past are resolved or have other names; the newest of the channel is ours.
        if let Some(found) = all.iter().find(|one| one["channel"] == channel && one["last_author"] == "bot") {
            return found["id"].as_str().unwrap().to_owned();
        }
        assert!(Instant::now() < deadline, "nobody was heard");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn templates_are_fetched_filled_and_sent() {
    let demo = Demo::start().await.unwrap();
    let admin = SignedIn::as_role(&demo, "admin").await;
    let path = "/api/v1/channels/whatsapp-demo/templates";
    let fetched = admin.call(&demo, "POST", path, &Value::Null).await.json();
    assert_eq!(fetched["fetched"], 5, "all pages: {fetched}");
    let known = admin.get(&demo, path).await.json();
    let shipped = known["templates"].as_array().unwrap().iter();
    let shipped = shipped.filter(|one| one["name"] == "order_shipped" && one["language"] == "th");
    let blanks: Vec<&Value> =
        shipped.flat_map(|one| one["blanks"].as_array().unwrap()).map(|blank| &blank["key"]).collect();
    assert_eq!(blanks, ["body.1", "body.2", "button.0"]);
    let says = CustomerAct::Says { text: "สวัสดีค่ะ".to_owned(), quotes: None };
    assert!(demo.act(ChannelName::Whatsapp, CUSTOMER, &says).await.unwrap());
    let id = conversation(&admin, &demo, "whatsapp").await;
    let send = format!("/api/v1/conversations/{id}/template");
    let body = |name: &str, values: Value| json!({ "client_id": "t1", "name": name, "language": "th", "values": values, "seen_seq": 1_000 });
    for (name, values, status) in [
        ("order_shipped", json!({ "body.1": "มะลิ", "body.2": "BK1" }), 422),
        ("order_shipped", json!({ "body.1": "มะลิ", "body.2": "BK1", "button.0": "x", "body.3": "y" }), 422),
        ("order_shipped", json!({ "body.1": "มะ\nลิ", "body.2": "BK1", "button.0": "BK1" }), 422),
        ("payment_reminder", json!({ "body.1": "1" }), 422),
        ("nothing", json!({}), 404),
        ("order_shipped", json!({ "body.1": "มะลิ", "body.2": "BK240117", "button.0": "BK240117" }), 201),
    ] {
        let answer = admin.call(&demo, "POST", &send, &body(name, values)).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    while !demo
        .lines(ChannelName::Whatsapp, CUSTOMER)
        .await
        .unwrap()
        .iter()
        .any(|line| line["text"].as_str().is_some_and(|text| text.contains("BK240117")))
    {
        assert!(Instant::now() < deadline, "the customer never saw the template");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_utility_templates_are_fetched_and_sent() {
    let demo = Demo::start().await.unwrap();
    let admin = SignedIn::as_role(&demo, "admin").await;
    let path = "/api/v1/channels/messenger-demo/templates";
    let fetched = admin.call(&demo, "POST", path, &Value::Null).await.json();
    assert_eq!(fetched["fetched"], 4, "all pages: {fetched}");
    let known = admin.get(&demo, path).await.json();
    let sendable = known["templates"].as_array().unwrap().iter().filter(|one| one["sendable"] == true);
    assert_eq!(sendable.count(), 2, "{known}");
    let person = "4000001";
    let says = CustomerAct::Says { text: "สวัสดีค่ะ".to_owned(), quotes: None };
    assert!(demo.act(ChannelName::Messenger, person, &says).await.unwrap());
    let id = conversation(&admin, &demo, "messenger").await;
    let body = json!({ "client_id": "t1", "name": "order_shipped", "language": "th",
        "values": { "body.1": "มะลิ", "body.2": "BK240117" }, "seen_seq": 1_000 });
    let sent = admin.call(&demo, "POST", &format!("/api/v1/conversations/{id}/template"), &body).await;
    assert_eq!(sent.status, 201, "{}", sent.text());
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let lines = demo.lines(ChannelName::Messenger, person).await.unwrap();
        if lines.iter().any(|line| line["text"] == "คุณมะลิ คำสั่งซื้อ BK240117 ส่งแล้วค่ะ")
        {
            return;
        }
        assert!(Instant::now() < deadline, "the customer never saw the template: {lines:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_is_replaced_rotated_and_never_shown() {
    let demo = Demo::start().await.unwrap();
    let admin = SignedIn::as_role(&demo, "admin").await;
    let id = ChannelAccountId::from_text("telegram-demo");
    let old = demo.app.accounts.find(&id).await.unwrap().config.secrets["webhook_secret"].clone();
    let put = |name: &str| format!("/api/v1/channels/telegram-demo/secrets/{name}");
    let replaced =
        admin.call(&demo, "PUT", &put("webhook_secret"), &json!({ "secret": "brand-new-secret" })).await;
    assert_eq!(replaced.status, 200, "{}", replaced.text());
    assert_eq!(replaced.json()["rotating"], true);
    assert!(!replaced.text().contains("brand-new-secret") && !replaced.text().contains(&old));
    let hook = async |secret: &str, method: &'static str| {
        let headers = [("content-type", "application/json"), ("x-telegram-bot-api-secret-token", secret)];
        let path = "/channels/telegram-demo/webhook";
        call(demo.address, (method, path), &headers, br#"{"update_id":1}"#).await.unwrap().status
    };
    assert_eq!((hook(&old, "POST").await, hook("brand-new-secret", "POST").await), (200, 200));
    assert_eq!((hook(&old, "PUT").await, hook(&old, "DELETE").await), (405, 405));
    let ended = admin.call(&demo, "DELETE", &put("webhook_secret"), &Value::Null).await;
    assert_eq!(ended.status, 204, "{}", ended.text());
    assert_eq!((hook(&old, "POST").await, hook("brand-new-secret", "POST").await), (401, 200));
    let good = demo.app.accounts.find(&id).await.unwrap().config.secrets["bot_token"].clone();
    let wrong = json!({ "secret": "1:wrong-token" });
    let refused = admin.call(&demo, "PUT", &put("bot_token"), &wrong).await;
    assert_eq!((refused.status, &refused.json()["field"]), (409, &json!("bot_token")), "{}", refused.text());
    for says in ["does not take this bot_token: ", "force: true", "sala:token-refused"] {
        assert!(refused.text().contains(says), "{says}: {}", refused.text());
    }
    assert_eq!(demo.app.accounts.find(&id).await.unwrap().config.secrets["bot_token"], good);
    let wrong = json!({ "secret": "1:wrong-token", "force": true });
    let wrong = admin.call(&demo, "PUT", &put("bot_token"), &wrong).await.json();
    assert_eq!((&wrong["rotating"], &wrong["state"]), (&json!(false), &json!("failing")));
    let health = admin.get(&demo, "/api/v1/channels/health").await.json();
    assert_eq!(health["channels"][0]["id"], "telegram-demo");
    let listed = admin.get(&demo, "/api/v1/channels").await;
    assert!(!listed.text().contains("brand-new-secret") && !listed.text().contains("1:wrong-token"));
    let gone = admin.call(&demo, "DELETE", "/api/v1/channels/telegram-demo", &Value::Null).await;
    assert_eq!(gone.status, 204);
    assert_eq!(hook("brand-new-secret", "POST").await, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_setting_takes_what_its_field_says_and_nothing_else() {
    let demo = Demo::start().await.unwrap();
    let admin = SignedIn::as_role(&demo, "admin").await;
    let settings = async |id: &str| {
        let known = admin.get(&demo, "/api/v1/channels").await.json();
        let known = known["channels"].as_array().unwrap().clone();
        known.into_iter().find(|one| one["id"] == id).unwrap()["settings"].clone()
    };
    let before = settings("line-demo").await;
    let long = "ก".repeat(100_000);
    for (name, value, says) in [
        ("seen", "perhaps", "seen must be one of: yes, no"),
        ("names", long.as_str(), "names must have at most 500 characters"),
        ("video_preview", "file:///etc/passwd", "video_preview must be an address that begins with https://"),
        ("login_channel_id", "abc", "login_channel_id must be digits"),
        ("access_token", "hush", "access_token is not a field of this channel"),
        ("colour", "red", "colour is not a field of this channel"),
    ] {
        let change = json!({ "settings": { name: value } });
        let answer = admin.call(&demo, "PATCH", "/api/v1/channels/line-demo", &change).await;
        assert_eq!(answer.status, 422, "{name}: {}", answer.text());
        assert!(answer.text().contains(says) && !answer.text().contains("hush"), "{}", answer.text());
        let new = json!({ "channel": "line", "name": "x", "bot": "baan_kafe",
            "fields": { "channel_secret": "a-secret", "access_token": "a-token-of-it", name: value } });
        if name != "access_token" {
            let answer = admin.call(&demo, "POST", "/api/v1/channels", &new).await;
            assert_eq!((answer.status, answer.text().contains(says)), (422, true), "{}", answer.text());
        }
    }
    assert_eq!(settings("line-demo").await, before, "nothing of it is kept");
    let hook =
        json!({ "channel": "webhook", "name": "x", "bot": "baan_kafe", "fields": { "url": "file:///" } });
    let refused = admin.call(&demo, "POST", "/api/v1/channels", &hook).await;
    assert!(refused.status == 422 && refused.text().contains("url must be an address"), "{}", refused.text());
    let secret = json!({ "secret": long });
    let path = "/api/v1/channels/line-demo/secrets/access_token";
    assert_eq!(admin.call(&demo, "PUT", path, &secret).await.status, 422);
    let change = json!({ "settings": { "seen": "no", "names": "น้องกาแฟ" } });
    let changed = admin.call(&demo, "PATCH", "/api/v1/channels/line-demo", &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let change = json!({ "settings": { "names": "" } });
    admin.call(&demo, "PATCH", "/api/v1/channels/line-demo", &change).await;
    let now = settings("line-demo").await;
    assert_eq!(
        (&now["seen"], &now["names"], &now["basic_id"]),
        (&json!("no"), &Value::Null, &before["basic_id"])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_quota_is_metered() {
    let demo = Demo::start().await.unwrap();
    let admin = SignedIn::as_role(&demo, "admin").await;
    let check = admin.call(&demo, "POST", "/api/v1/channels/line-demo/check", &Value::Null).await;
    assert_eq!(check.json()["state"], "ok", "{}", check.text());
    let rates = json!({ "rates": [{ "category": "push", "prefix": "", "currency": "THB", "price": 60_000, "included": 300 }] });
    assert_eq!(admin.call(&demo, "PUT", "/api/v1/channels/line-demo/rates", &rates).await.status, 200);
    let usage = admin.get(&demo, "/api/v1/channels/line-demo/usage").await.json();
    assert_eq!(usage["usage"]["quota"]["used"], 0, "{usage}");
    assert_eq!(usage["usage"]["rates"][0]["included"], 300);
    let bad = json!({ "rates": [{ "category": "push", "prefix": "+66", "currency": "THB", "price": 1 }] });
    assert_eq!(admin.call(&demo, "PUT", "/api/v1/channels/line-demo/rates", &bad).await.status, 422);
    let month = admin.get(&demo, "/api/v1/channels/line-demo/usage?month=13").await;
    assert_eq!(month.status, 422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_on_a_removed_account_is_set_aside() {
    let demo = Demo::start().await.unwrap();
    let admin = SignedIn::as_role(&demo, "admin").await;
    let account = demo.app.accounts.find(&ChannelAccountId::from_text("web-demo")).await.unwrap();
    let removed = admin.call(&demo, "DELETE", "/api/v1/channels/web-demo", &Value::Null).await;
    assert_eq!(removed.status, 204, "{}", removed.text());
    // It was on its way into the store when the account went.
    let content = Content::Text { text: "สวัสดีค่ะ".to_owned() };
    let message = InboundMessage::new("late", Sender::new("v1"), 1, content);
    let late =
        Ingest { tenant: account.tenant.clone(), account: account.id.clone(), channel: "web", message };
    demo.app.store.ingest(late).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let parked = admin.get(&demo, "/api/v1/parked").await.json();
        if parked.to_string().contains("its channel account was removed") {
            return;
        }
        assert!(Instant::now() < deadline, "{parked:#}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
