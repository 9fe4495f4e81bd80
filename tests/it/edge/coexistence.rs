//! A chat of LINE's that is in the hands of the OA Manager: we are silent, say so, and speak again when LINE gives it back.

use std::time::Duration;

use channels::ChannelName;
use channels::simulator::CustomerAct;
use serde_json::{Value, json};
use tests::demo::Demo;
use tests::http::call;
use tokio::time::Instant;

use super::{SignedIn, is_problem};

const PATIENCE: Duration = Duration::from_secs(20);
const MALI: &str = "U4000041aaaabbbbccccddddeeeeffff0";

/// Says whose the chat is, at the pretended LINE: another program does this, with the account's own token.
async fn control(demo: &Demo, verb: &str) {
    let accounts = call(demo.platforms, ("GET", "/demo/accounts"), &[], b"").await.unwrap().json();
    let all = accounts["accounts"].as_array().or_else(|| accounts.as_array()).unwrap();
    let line = all.iter().find(|one| one["channel"] == "line").unwrap();
    let token = format!("Bearer {}", line["secrets"]["access_token"].as_str().unwrap());
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let path = format!("/line/v2/bot/chat/{MALI}/control/{verb}");
    let answer = call(demo.platforms, ("POST", &path), &headers, b"{}").await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
}

async fn conversation(demo: &Demo, nok: &SignedIn) -> Value {
    let listed = nok.get(demo, "/api/v1/conversations?limit=100").await.json();
    let all = listed["conversations"].as_array().unwrap();
    all.iter().find(|one| one["channel"] == "line").cloned().unwrap_or_default()
}

async fn until(demo: &Demo, nok: &SignedIn, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = conversation(demo, nok).await;
        if is_so(&now) {
            return now;
        }
        assert!(Instant::now() < deadline, "{what}: {now:#}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn says(demo: &Demo, text: &str) {
    let says = CustomerAct::Says { text: text.to_owned(), quotes: None };
    assert!(demo.act(ChannelName::Line, MALI, &says).await.unwrap());
}

async fn answers(demo: &Demo) -> usize {
    let lines = demo.lines(ChannelName::Line, MALI).await.unwrap();
    lines.iter().filter(|line| line["from"] != "customer").count()
}

/// Waits until more answers than these have come to LINE; returns how many.
async fn answered_more(demo: &Demo, before: usize) -> usize {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = answers(demo).await;
        if now > before {
            return now;
        }
        assert!(Instant::now() < deadline, "no answer came");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chat_in_the_oa_manager_is_left_alone_and_comes_back() {
    let demo = Demo::start().await.unwrap();
    let nok = SignedIn::as_role(&demo, "agent").await;
    says(&demo, "สวัสดีค่ะ").await;
    let answered = |now: &Value| now["last_author"] == "bot" && now["unanswered"] == 0;
    until(&demo, &nok, "the greeting", answered).await;
    let before = answered_more(&demo, 0).await;
    control(&demo, "release").await;
    let theirs = |now: &Value| now["control"] == "agent" && now["agent"]["name"].is_null();
    until(&demo, &nok, "in the manager's hands", theirs).await;
    says(&demo, "ส่งเชียงใหม่กี่วันคะ").await;
    until(&demo, &nok, "heard", |now| now["last_text"] == "ส่งเชียงใหม่กี่วันคะ" && theirs(now)).await;
    control(&demo, "acquire").await;
    until(&demo, &nok, "ours again", |now| now["control"] == "bot").await;
    // What was asked meanwhile was for the people there.
    assert_eq!(answers(&demo).await, before);
    says(&demo, "ขอบคุณค่ะ").await;
    until(&demo, &nok, "answered again", answered).await;
    answered_more(&demo, before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_sends_a_sticker_that_accounts_may_send() {
    let demo = Demo::start().await.unwrap();
    let nok = SignedIn::as_role(&demo, "agent").await;
    says(&demo, "สวัสดีค่ะ").await;
    let talk = until(&demo, &nok, "the greeting", |now| now["last_author"] == "bot").await;
    let path = format!("/api/v1/conversations/{}/sticker", talk["id"].as_str().unwrap());
    let send = |sticker: &str| json!({ "client_id": "s1", "sticker": sticker, "seen_seq": 1_000 });
    is_problem(&nok.call(&demo, "POST", &path, &send("446/1")).await, 422, "no such sticker");
    let posted = nok.call(&demo, "POST", &path, &send("446/1988")).await;
    assert_eq!(posted.status, 201, "{}", posted.text());
    let again = nok.call(&demo, "POST", &path, &send("446/1988")).await;
    assert_eq!(again.json()["message"]["id"], posted.json()["message"]["id"], "the same client id");
    let deadline = Instant::now() + PATIENCE;
    loop {
        let lines = demo.lines(ChannelName::Line, MALI).await.unwrap();
        if lines.iter().filter(|line| line.to_string().contains("1988")).count() == 1 {
            return;
        }
        assert!(Instant::now() < deadline, "{lines:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
