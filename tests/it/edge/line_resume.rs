//! A message to many that stops at a refused token, and goes on once the account is mended.

use std::time::{Duration, Instant};

use channels::ChannelName;
use channels::simulator::CustomerAct;
use engine::ids::{AgentId, ChannelAccountId, RowId, TenantId};
use engine::line::broadcasts::SEND;
use engine::store::{Confirm, Confirmed};
use serde_json::{Value, json};
use tests::demo::Demo;

use super::{SignedIn, is_problem};

const SOMCHAI: &str = "U4000001aaaabbbbccccddddeeeeffff0";
const BROADCASTS: &str = "/api/v1/channels/line-demo/line/broadcasts";
const TOKEN: &str = "/api/v1/channels/line-demo/secrets/access_token";

async fn until_state(admin: &SignedIn, demo: &Demo, state: &str) -> Value {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let all = admin.get(demo, BROADCASTS).await.json();
        let newest = all["broadcasts"][0].clone();
        if newest["state"] == state {
            return newest;
        }
        assert!(Instant::now() < deadline, "it is never {state}: {newest}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_to_many_goes_on_once_its_account_is_mended() {
    let demo = Demo::start().await.unwrap();
    let admin = SignedIn::as_role(&demo, "admin").await;
    let says = CustomerAct::Says { text: "สวัสดีค่ะ".to_owned(), quotes: None };
    assert!(demo.act(ChannelName::Line, SOMCHAI, &says).await.unwrap());
    let deadline = Instant::now() + Duration::from_secs(20);
    while demo.lines(ChannelName::Line, SOMCHAI).await.unwrap().len() < 2 {
        assert!(Instant::now() < deadline, "nobody answered");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let draft = json!({ "to": { "way": "people" }, "reply": { "parts": [{ "type": "text", "text": "news for all" }] } });
    let drafted = admin.call(&demo, "POST", BROADCASTS, &draft).await;
    assert_eq!(drafted.status, 201, "{}", drafted.text());
    let broadcast = drafted.json()["broadcast"].clone();
    let id = broadcast["id"].as_str().unwrap().to_owned();
    let resume = format!("{BROADCASTS}/{id}/resume");
    let conflict = async |words: &str| {
        let answer = admin.call(&demo, "POST", &resume, &Value::Null).await;
        is_problem(&answer, 409, words);
        assert!(answer.text().contains(words), "{}", answer.text());
    };
    conflict("never sent").await;

    let line = demo.app.accounts.find(&ChannelAccountId::from_text("line-demo")).await.unwrap();
    let good = line.config.secrets["access_token"].clone();
    let wrong = admin.call(&demo, "PUT", TOKEN, &json!({ "secret": "wrong-token", "force": true })).await;
    assert_eq!(wrong.json()["state"], "failing", "{}", wrong.text());
    let confirm = Confirm {
        tenant: TenantId::from_text("baan_kafe"),
        id: RowId::from_text(id.as_str()),
        people: broadcast["people"].as_i64().unwrap(),
        agent: AgentId::from_text("nok"),
        job: SEND,
    };
    assert_eq!(demo.app.store.confirm_broadcast(confirm).await.unwrap(), Confirmed::Sending);
    let stopped = until_state(&admin, &demo, "stopped").await;
    assert_eq!((&stopped["sent"], &stopped["refused"]), (&json!(0), &json!(0)), "{stopped}");
    let health = admin.get(&demo, "/api/v1/channels/health").await.json();
    assert_eq!(
        (&health["channels"][0]["id"], &health["channels"][0]["held"]),
        (&json!("line-demo"), &json!(true))
    );
    conflict("LINE refuses the account").await;

    let mended = admin.call(&demo, "PUT", TOKEN, &json!({ "secret": good })).await;
    assert_eq!(mended.status, 200, "{}", mended.text());
    let resumed = admin.call(&demo, "POST", &resume, &Value::Null).await;
    assert_eq!(resumed.status, 202, "{}", resumed.text());
    let done = until_state(&admin, &demo, "done").await;
    assert_eq!((&done["sent"], &done["people"]), (&broadcast["people"], &broadcast["people"]));
    let lines = demo.lines(ChannelName::Line, SOMCHAI).await.unwrap();
    let news = lines.iter().filter(|line| line["text"] == "news for all").count();
    assert_eq!(news, 1, "once: {lines:?}");
    conflict("sent to the end").await;
}
