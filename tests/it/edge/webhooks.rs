//! Webhooks of a platform: Telegram's, which proves itself by a secret header.

use channels::ChannelName;
use engine::ids::{ChannelAccountId, TenantId};
use serde_json::json;
use tests::demo::Demo;
use tests::http::{Answer, call};

use super::{is_problem, rows};

const PATH: &str = "/channels/telegram-demo/webhook";

async fn secret(demo: &Demo) -> String {
    let account = demo.app.accounts.find(&ChannelAccountId::from_text("telegram-demo")).await.unwrap();
    assert_eq!(account.name, ChannelName::Telegram);
    account.config.secrets_of("webhook_secret").next().unwrap().to_owned()
}

async fn post(demo: &Demo, path: &str, secret: Option<&str>, body: &[u8]) -> Answer {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(secret.map(|secret| ("x-telegram-bot-api-secret-token", secret)));
    call(demo.address, ("POST", path), &headers, body).await.unwrap()
}

fn update(id: i64, text: &str) -> Vec<u8> {
    let chat = json!({ "id": 901, "type": "private", "first_name": "Somsri" });
    let from = json!({ "id": 901, "is_bot": false, "first_name": "Somsri", "language_code": "th" });
    let message =
        json!({ "message_id": id, "date": 1_700_000_000, "chat": chat, "from": from, "text": text });
    json!({ "update_id": id, "message": message }).to_string().into_bytes()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_stored_of_what_is_not_verified_or_not_readable() {
    let demo = Demo::start().await.unwrap();
    let secret = secret(&demo).await;
    let good = update(1, "สวัสดี");
    let before = rows(&demo).await;
    let wrong = format!("{secret}x");
    let large = vec![b' '; 5 << 20];
    for (what, path, given, body, status) in [
        ("no secret", PATH, None, &good[..], 401),
        ("an empty secret", PATH, Some(""), &good, 401),
        ("a wrong secret", PATH, Some(wrong.as_str()), &good, 401),
        ("a wrong secret and garbage", PATH, Some(wrong.as_str()), b"\xff\xfe", 401),
        ("half a document", PATH, Some(secret.as_str()), &good[..good.len() / 2], 400),
        ("no document", PATH, Some(&secret), b"", 400),
        ("bytes", PATH, Some(&secret), b"\x00\xff\xfe\x01", 400),
        ("a list", PATH, Some(&secret), b"[1,2,3]", 400),
        ("5 MB", PATH, Some(&secret), &large, 413),
        ("an unknown account", "/channels/none/webhook", Some(&secret), &good, 404),
        ("another channel's account", "/channels/web-demo/webhook", Some(&secret), &good, 401),
    ] {
        let answer = post(&demo, path, given, body).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        if status == 401 {
            assert_eq!(answer.text(), "", "{what} learns nothing");
        } else {
            is_problem(&answer, status, what);
        }
    }
    assert_eq!(rows(&demo).await, before, "nothing was stored");
    assert_eq!(post(&demo, PATH, Some(&secret), &good).await.status, 200);
    assert_ne!(rows(&demo).await, before, "and the good one is");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_is_taken_once_however_often_it_comes() {
    let demo = Demo::start().await.unwrap();
    let secret = secret(&demo).await;
    let count = async || {
        let rows = rows(&demo).await;
        rows.into_iter().find(|(table, _)| table == "inbound").unwrap().1
    };
    let before = count().await;
    let (first, second) = (update(7, "หนึ่ง"), update(8, "สอง"));
    let many = (0..8).map(|n| post(&demo, PATH, Some(&secret), if n % 2 == 0 { &first } else { &second }));
    for answer in futures_util::future::join_all(many).await {
        assert_eq!(answer.status, 200);
    }
    assert_eq!(count().await - before, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_kinds_are_kept_and_answered_with_200() {
    let demo = Demo::start().await.unwrap();
    let secret = secret(&demo).await;
    let tenant = TenantId::from_text("baan_kafe");
    let account = ChannelAccountId::from_text("telegram-demo");
    let conversations = async || {
        let rows = rows(&demo).await;
        rows.into_iter().find(|(table, _)| table == "conversations").unwrap().1
    };
    let before = conversations().await;
    for _ in 0..2 {
        let poll = json!({ "update_id": 21, "poll": { "id": "9", "question": "?", "options": [] } });
        let tomorrow = json!({ "update_id": 22, "hologram": { "depth": 3 } });
        for body in [poll, tomorrow] {
            assert_eq!(post(&demo, PATH, Some(&secret), body.to_string().as_bytes()).await.status, 200);
        }
    }
    assert_eq!(conversations().await, before, "what names nobody opens no conversation");
    let kept = demo.app.store.account_events(&tenant, &account, 10).await.unwrap();
    let kinds: Vec<&str> = kept.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["hologram", "feedback"], "each is kept once");
    assert_eq!((kept[1].name.as_deref(), kept[1].text.as_deref()), (Some("poll"), Some("?")), "in words");

    let gift = json!({ "update_id": 23, "message": { "message_id": 3, "date": 1_700_000_000,
        "chat": { "id": 902, "type": "private" }, "from": { "id": 902, "is_bot": false, "first_name": "Lek" },
        "gift_of_tomorrow": { "stars": 5 } } });
    assert_eq!(post(&demo, PATH, Some(&secret), gift.to_string().as_bytes()).await.status, 200);
    let opened = demo.app.store.conversation_of_thread(&tenant, &account, "902").await.unwrap();
    assert!(opened.is_some(), "what somebody wrote in a new way is shown with them");
}
