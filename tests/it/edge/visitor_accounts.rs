//! An open web chat whose account is switched off, taken away, or given another key.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tests::demo::Demo;
use tokio_tungstenite::tungstenite::Message as Frame;

use super::SignedIn;
use super::sockets::{Socket, next, open};

const ACCOUNT: &str = "/api/v1/channels/web-demo";

async fn greeted(demo: &Demo, token: Option<&Value>) -> (Socket, Value) {
    let mut socket = open(demo.address, "/channels/web-demo/socket").await;
    let hello = json!({ "type": "hello", "token": token }).to_string();
    socket.send(Frame::text(hello)).await.unwrap();
    let ready = next(&mut socket).await.unwrap();
    assert_eq!(ready["type"], "ready");
    (socket, ready["token"].clone())
}

async fn say(socket: &mut Socket, client_id: &str) {
    let message = json!({ "type": "message", "client_id": client_id, "text": "สวัสดีค่ะ" }).to_string();
    socket.send(Frame::text(message)).await.unwrap();
}

/// The next frame of a type; none when the socket ends without it.
async fn until(socket: &mut Socket, kind: &str) -> Option<Value> {
    loop {
        let frame = next(socket).await?;
        if frame["type"] == kind {
            return Some(frame);
        }
    }
}

/// The code with which the server closes.
async fn closed(socket: &mut Socket) -> u16 {
    loop {
        match socket.next().await {
            Some(Ok(Frame::Close(Some(close)))) => return close.code.into(),
            Some(Ok(frame)) => {
                let heard = frame.to_text().unwrap_or_default();
                assert!(!heard.contains("accepted"), "{heard}");
            }
            end => panic!("no close but {end:?}"),
        }
    }
}

async fn messages(demo: &Demo) -> i64 {
    let rows = super::rows(demo).await;
    rows.into_iter().find(|(table, _)| table == "messages").unwrap().1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_is_off_refuses_until_it_is_on_again() {
    let demo = Demo::start().await.unwrap();
    let admin = SignedIn::as_role(&demo, "admin").await;
    let (mut socket, _) = greeted(&demo, None).await;
    let (mut silent, _) = greeted(&demo, None).await;
    let before = messages(&demo).await;
    let off = admin.call(&demo, "PATCH", ACCOUNT, &json!({ "enabled": false })).await;
    assert_eq!(off.status, 200, "{}", off.text());
    say(&mut socket, "c1").await;
    let refused = until(&mut socket, "refused").await.unwrap();
    assert_eq!((&refused["client_id"], &refused["code"]), (&json!("c1"), &json!("unavailable")));
    assert!(refused["retry_after_ms"].as_u64().is_some_and(|wait| wait >= 1000), "{refused}");
    let (mut late, _) = greeted(&demo, None).await;
    for other in [&mut silent, &mut late] {
        assert_eq!(until(other, "service").await.unwrap()["on"], false, "who says nothing is told, too");
    }
    assert_eq!(messages(&demo).await, before, "nothing was stored");
    let on = admin.call(&demo, "PATCH", ACCOUNT, &json!({ "enabled": true })).await;
    assert_eq!(on.status, 200, "{}", on.text());
    assert_eq!(until(&mut silent, "service").await.unwrap()["on"], true);
    say(&mut socket, "c1").await;
    assert_eq!(until(&mut socket, "accepted").await.unwrap()["client_id"], "c1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_account_closes_its_sockets() {
    let demo = Demo::start().await.unwrap();
    let admin = SignedIn::as_role(&demo, "admin").await;
    let (mut socket, _) = greeted(&demo, None).await;
    let (mut silent, _) = greeted(&demo, None).await;
    let before = messages(&demo).await;
    let removed = admin.call(&demo, "DELETE", ACCOUNT, &Value::Null).await;
    assert_eq!(removed.status, 204, "{}", removed.text());
    say(&mut socket, "c1").await;
    assert_eq!((closed(&mut socket).await, closed(&mut silent).await), (4404, 4404));
    assert_eq!(messages(&demo).await, before, "nothing was stored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_an_ended_key_is_good_no_more() {
    let demo = Demo::start().await.unwrap();
    let admin = SignedIn::as_role(&demo, "admin").await;
    let (mut socket, token) = greeted(&demo, None).await;
    let (_, away) = greeted(&demo, None).await;
    let key = format!("{ACCOUNT}/secrets/site_key");
    let replaced = admin.call(&demo, "PUT", &key, &json!({ "secret": "" })).await;
    assert_eq!(replaced.json()["rotating"], true, "{}", replaced.text());
    say(&mut socket, "c1").await;
    let renewed = until(&mut socket, "token").await.unwrap()["token"].clone();
    assert_eq!(until(&mut socket, "accepted").await.unwrap()["client_id"], "c1", "both keys are good");
    let (_, known) = greeted(&demo, Some(&away)).await;
    assert_ne!(known, away, "who comes back meanwhile gets a token of the new key");
    let (mut fresh, newer) = greeted(&demo, None).await;
    let ended = admin.call(&demo, "DELETE", &key, &Value::Null).await;
    assert_eq!(ended.status, 204, "{}", ended.text());
    say(&mut socket, "c2").await;
    assert_eq!(until(&mut socket, "accepted").await.unwrap()["client_id"], "c2", "who was there stays");
    for kept in [&renewed, &known] {
        assert_eq!(&greeted(&demo, Some(kept)).await.1, kept, "and is known when coming back");
    }
    say(&mut fresh, "c3").await;
    assert_eq!(until(&mut fresh, "accepted").await.unwrap()["client_id"], "c3");
    let (_, other) = greeted(&demo, Some(&token)).await;
    assert!(other != token && other != newer, "somebody new");
}
