//! Files of visitors and agents: taken by what they are, fetched by who may, in the order of the talk.

use std::time::Duration;

use channels::ChannelName;
use channels::simulator::CustomerAct;
use futures_util::SinkExt;
use serde_json::{Value, json};
use tests::demo::Demo;
use tests::http::{Answer, call};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message as Frame;

use super::SignedIn;
use super::sockets::{Socket, next, open};

const PNG: &[u8] = include_bytes!("../browser/cup.png");
const UPLOAD: &str = "/channels/web-demo/files";

async fn greeted(demo: &Demo, token: Option<&str>) -> (Socket, Value) {
    let mut socket = open(demo.address, "/channels/web-demo/socket").await;
    socket.send(Frame::text(json!({ "type": "hello", "token": token }).to_string())).await.unwrap();
    let ready = next(&mut socket).await.unwrap();
    assert_eq!(ready["type"], "ready");
    (socket, ready)
}

async fn until(socket: &mut Socket, kinds: &[&str]) -> Value {
    loop {
        let frame = next(socket).await.unwrap();
        if kinds.contains(&frame["type"].as_str().unwrap_or_default()) {
            return frame;
        }
    }
}

async fn upload(demo: &Demo, token: &str, name: &str, bytes: &[u8]) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("x-file-name", name)];
    call(demo.address, ("POST", UPLOAD), &headers, bytes).await.unwrap()
}

async fn fetched(demo: &Demo, path: &str) -> Answer {
    call(demo.address, ("GET", path), &[], b"").await.unwrap()
}

async fn send(socket: &mut Socket, client_id: &str, text: &str, file: &Value) -> Value {
    let frame = json!({ "type": "message", "client_id": client_id, "text": text, "file": file });
    socket.send(Frame::text(frame.to_string())).await.unwrap();
    until(socket, &["accepted", "refused"]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitors_picture_arrives_and_is_there_after_a_reload() {
    let demo = Demo::start().await.unwrap();
    let (mut socket, ready) = greeted(&demo, None).await;
    assert_eq!(ready["files"]["most"], 20 << 20);
    let token = ready["token"].as_str().unwrap();
    let kept = upload(&demo, token, "%E0%B8%AA%E0%B8%A5%E0%B8%B4%E0%B8%9B.html", PNG).await;
    assert_eq!(kept.status, 201, "{}", kept.text());
    assert_eq!((&kept.json()["name"], &kept.json()["mime"]), (&json!("สลิป.png"), &json!("image/png")));
    let ticket = &kept.json()["file"];
    let accepted = send(&mut socket, "c1", "โอนแล้วค่ะ", ticket).await;
    let part = &accepted["message"]["parts"][0];
    assert_eq!((&part["type"], &part["text"]), (&json!("image"), &json!("โอนแล้วค่ะ")), "{accepted}");
    let url = part["url"].as_str().unwrap().to_owned();
    let (_, ready) = greeted(&demo, Some(token)).await;
    let customers =
        ready["messages"].as_array().unwrap().iter().find(|message| message["author"] == "customer");
    assert_eq!(customers.unwrap()["parts"][0]["url"], url, "after a reload");
    let file = fetched(&demo, &url).await;
    assert_eq!((file.status, file.header("content-type")), (200, Some("image/png")));
    assert_eq!(file.body, PNG);
    assert_eq!(file.header("content-disposition"), Some("inline"));
    assert_eq!(file.header("cross-origin-resource-policy"), Some("cross-origin"));
    assert_eq!(fetched(&demo, &url.replace("web-demo", "line-demo")).await.status, 404, "another account's");
    let guessed = url.replace('.', ".0");
    assert_eq!(fetched(&demo, &guessed).await.status, 404, "a name that we did not sign");

    let nok = SignedIn::as_role(&demo, "agent").await;
    let list = nok.get(&demo, "/api/v1/conversations?tab=all&limit=1").await.json();
    let id = list["conversations"][0]["id"].as_str().unwrap().to_owned();
    let thread = nok.get(&demo, &format!("/api/v1/conversations/{id}/messages")).await.json();
    let shown = thread["messages"][0]["parts"][0]["url"].as_str().unwrap();
    assert!(shown.starts_with("/api/v1/media/"), "{thread}");
    assert_eq!(nok.get(&demo, shown).await.body, PNG);

    // Nobody else can send it, and nothing that was not brought.
    let (mut stranger, _) = greeted(&demo, None).await;
    assert_eq!(send(&mut stranger, "c1", "", ticket).await["code"], "malformed");
    assert_eq!(send(&mut socket, "c2", "", &json!("f1.e30.x")).await["code"], "malformed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_taken_is_refused_and_kept_nowhere() {
    let demo = Demo::start_with(|config| config.limits.files_per_visitor_per_hour = 5).await.unwrap();
    let (_, ready) = greeted(&demo, None).await;
    let token = ready["token"].as_str().unwrap();
    let before = super::rows(&demo).await;
    assert_eq!(upload(&demo, "v1.me.1.x", "a.png", PNG).await.status, 401);
    assert_eq!(upload(&demo, token, "a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>").await.status, 415);
    assert_eq!(upload(&demo, token, "a.html", b"<!doctype html><script>").await.status, 415);
    assert_eq!(upload(&demo, token, "a.png", &vec![0; (20 << 20) + 1]).await.status, 413);
    assert_eq!(super::rows(&demo).await, before, "nothing was stored");
    for _ in 0..3 {
        assert_eq!(upload(&demo, token, "a.png", PNG).await.status, 201);
    }
    assert_eq!(upload(&demo, token, "a.png", PNG).await.status, 429, "the hour is spent");
    let (_, other) = greeted(&demo, None).await;
    assert_eq!(upload(&demo, other["token"].as_str().unwrap(), "a.png", PNG).await.status, 201);

    let admin = SignedIn::as_role(&demo, "admin").await;
    let off = json!({ "settings": { "files": "no" } });
    assert_eq!(admin.call(&demo, "PATCH", "/api/v1/channels/web-demo", &off).await.status, 200);
    let (_, ready) = greeted(&demo, None).await;
    assert_eq!(ready["files"], Value::Null);
    assert_eq!(upload(&demo, ready["token"].as_str().unwrap(), "a.png", PNG).await.status, 422);
}

/// What a look finds, as soon as it finds it. Agents may not look as often as they like: a moment lies between two.
async fn awaited<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The newest conversation, once the bot has answered on Telegram.
async fn answered(demo: &Demo, nok: &SignedIn) -> String {
    awaited("the answer on Telegram", async || {
        let list = nok.get(demo, "/api/v1/conversations?tab=all&limit=1").await.json();
        let newest = &list["conversations"][0];
        let is_it = newest["channel"] == "telegram" && newest["last_author"] == "bot";
        newest["id"].as_str().filter(|_| is_it).map(str::to_owned)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agents_file_reaches_the_person_and_says_before_how_it_goes() {
    let demo = Demo::start().await.unwrap();
    let nok = SignedIn::as_role(&demo, "agent").await;
    demo.act(
        ChannelName::Telegram,
        "77001",
        &CustomerAct::Says { text: "ขอใบเสนอราคาค่ะ".into(), quotes: None },
    )
    .await
    .unwrap();
    let id = answered(&demo, &nok).await;
    let attach = async |name: &str, bytes: &[u8]| {
        let path = format!("/api/v1/conversations/{id}/files");
        nok.send_file(&demo, &path, name, bytes).await
    };
    let picture = attach("menu.png", PNG).await.json()["file"].clone();
    assert_eq!((&picture["goes"], &picture["kind"]), (&json!("whole"), &json!("image")));
    let table = attach("prices.csv", b"code,price\nA,1").await.json()["file"].clone();
    assert_eq!(table["goes"], "link", "Telegram fetches no tables");
    assert_eq!(attach("a.svg", b"<svg/>").await.status, 415);

    nok.call(&demo, "POST", &format!("/api/v1/conversations/{id}/take"), &Value::Null).await;
    let files = json!([
        { "url": picture["url"], "kind": picture["kind"] },
        { "url": table["url"], "kind": table["kind"], "link": true },
    ]);
    let said = json!({ "client_id": "f1", "text": "เมนูค่ะ", "seen_seq": 99, "files": files });
    let path = format!("/api/v1/conversations/{id}/messages");
    let posted = nok.call(&demo, "POST", &path, &said).await;
    assert_eq!(posted.status, 201, "{}", posted.text());
    let parts = posted.json()["message"]["parts"].clone();
    assert_eq!((&parts[0]["type"], &parts[0]["alt"]), (&json!("media"), &json!("เมนูค่ะ")));
    assert!(
        parts[1]["text"]
            .as_str()
            .unwrap()
            .starts_with(&format!("http://{}/channels/telegram-demo/files/", demo.address)),
        "{parts}"
    );
    let shown = awaited("the file on Telegram", async || {
        let lines = json!(demo.lines(ChannelName::Telegram, "77001").await.unwrap()).to_string();
        lines.contains("prices.csv").then_some(lines)
    })
    .await;
    assert!(shown.contains("menu.png") && shown.contains("เมนูค่ะ"), "{shown}");
    let stolen = json!([{ "url": picture["url"].as_str().unwrap().replace('.', ".0"), "kind": "image" }]);
    let forged = json!({ "client_id": "f2", "text": "", "seen_seq": 99, "files": stolen });
    assert_eq!(nok.call(&demo, "POST", &path, &forged).await.status, 422);
}
