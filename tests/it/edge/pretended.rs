//! Failures asked of the demo's pretended platforms.

use channels::ChannelName;
use channels::simulator::CustomerAct;
use serde_json::{Value, json};
use tests::demo::Demo;

use super::{SignedIn, is_problem};

const PERSON: &str = "4000001";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pretended_platform_fails_as_it_is_asked_to() {
    let demo = Demo::start().await.unwrap();
    let admin = SignedIn::as_role(&demo, "admin").await;
    let ask = async |account: &str, faults: Value| {
        let path = format!("/api/v1/channels/{account}/faults");
        admin.call(&demo, "POST", &path, &json!({ "faults": faults })).await
    };
    let listed = admin.get(&demo, "/api/v1/channels").await.json();
    for account in listed["channels"].as_array().unwrap() {
        assert_eq!(account["pretended"], account["channel"] != "web", "{account}");
    }
    is_problem(&ask("web-demo", json!([{ "fault": "reset" }])).await, 404, "a channel without a platform");
    is_problem(&ask("telegram-demo", json!([])).await, 422, "no failure");
    let many = vec![json!({ "fault": "reset" }); 51];
    is_problem(&ask("telegram-demo", json!(many)).await, 422, "too many");
    is_problem(&ask("telegram-demo", json!([{ "fault": "fire" }])).await, 422, "an unknown failure");

    let says = CustomerAct::Says { text: "สวัสดีค่ะ".to_owned(), quotes: None };
    assert!(demo.act(ChannelName::Telegram, PERSON, &says).await.unwrap());
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while demo.lines(ChannelName::Telegram, PERSON).await.unwrap().len() < 2 {
        assert!(std::time::Instant::now() < deadline, "nobody answered");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let asked = ask("telegram-demo", json!([{ "fault": "too_many_requests", "seconds": 1 }])).await;
    assert_eq!((asked.status, asked.json()["faults"].as_i64()), (202, Some(1)), "{}", asked.text());
    let test = json!({ "to": PERSON, "text": "hello" });
    let tried = admin.call(&demo, "POST", "/api/v1/channels/telegram-demo/test", &test).await.json();
    assert_eq!(tried["sent"], false, "{tried}");
    let tried = admin.call(&demo, "POST", "/api/v1/channels/telegram-demo/test", &test).await.json();
    assert_eq!(tried["sent"], true, "{tried}");
}
