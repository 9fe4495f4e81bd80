//! Giving a customer a code to go on elsewhere, over the API.

use serde_json::json;
use tests::demo::Demo;
use tests::visitor::Visitor;

use super::{SignedIn, rows};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_given_once_however_often_the_call_comes() {
    let demo = Demo::start().await.unwrap();
    let admin = SignedIn::as_role(&demo, "admin").await;
    let mut visitor = Visitor::new(&format!("ws://{}/channels/web-demo/socket", demo.address));
    visitor.connect().await.unwrap();
    visitor.say("c1", "สวัสดีค่ะ").await.unwrap();
    let all = admin.get(&demo, "/api/v1/conversations?tab=all&limit=100").await.json();
    let web = all["conversations"].as_array().unwrap().iter().find(|one| one["channel"] == "web").unwrap();
    let path = format!("/api/v1/conversations/{}/link", web["id"].as_str().unwrap());
    let give = async |client_id: &str| {
        let body = json!({ "client_id": client_id, "seen_seq": 1_000 });
        let answer = admin.call(&demo, "POST", &path, &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()["message"].clone()
    };
    let count = async |table: &str| {
        rows(&demo).await.into_iter().find(|(name, _)| name == table).map_or(0, |(_, count)| count)
    };
    let before = count("audit").await;
    let first = give("once").await;
    let (audited, codes) = (count("audit").await, count("link_codes").await);
    assert_eq!(audited, before + 1);
    let again = give("once").await;
    assert_eq!((&again["id"], &again["parts"]), (&first["id"], &first["parts"]), "the same code");
    assert_eq!((count("audit").await, count("link_codes").await), (audited, codes), "nothing more is kept");
    let (one, two) = tokio::join!(give("twice"), give("twice"));
    assert_eq!((&one["id"], &one["parts"]), (&two["id"], &two["parts"]));
    assert_eq!(count("audit").await, audited + 1, "both calls at once are one");
    let text = first["parts"][0]["text"].as_str().unwrap();
    assert!(text.contains("t.me/") && !text.contains("/chat/"), "no web chat from a web chat: {text}");
    assert!(text.chars().count() < 600, "{text}");
}
