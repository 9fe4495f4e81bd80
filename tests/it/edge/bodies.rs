//! Requests that cannot be understood.

use serde_json::{Value, json};
use tests::demo::Demo;
use tests::http::{call, raw};

use super::{SignedIn, is_problem, rows};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_understood_is_refused_in_words_and_stores_nothing() {
    let demo = Demo::start().await.unwrap();
    let nok = SignedIn::as_role(&demo, "agent").await;
    let list = nok.get(&demo, "/api/v1/conversations").await.json();
    let id = list["conversations"][0]["id"].as_str().unwrap().to_owned();
    let before = rows(&demo).await;

    let messages = format!("/api/v1/conversations/{id}/messages");
    let good = json!({ "client_id": "c1", "text": "hello", "seen_seq": 1 });
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let cases: Vec<(&str, &str, Value, u16)> = vec![
        ("POST", &messages, json!({}), 422),
        ("POST", &messages, json!([]), 422),
        ("POST", &messages, with("text", json!("")), 422),
        ("POST", &messages, with("text", json!(" \n ")), 422),
        ("POST", &messages, with("text", json!("ก".repeat(10_001))), 422),
        ("POST", &messages, with("text", json!(5)), 422),
        ("POST", &messages, with("client_id", json!("")), 422),
        ("POST", &messages, with("client_id", json!("a/../b")), 422),
        ("POST", &messages, with("client_id", json!("x".repeat(65))), 422),
        ("POST", &messages, with("seen_seq", json!("one")), 422),
        ("POST", &messages, with("surprise", json!(true)), 422),
        ("POST", "/api/v1/conversations/none/messages", good.clone(), 404),
        ("POST", "/api/v1/conversations/' OR 1=1 --/take", Value::Null, 400),
        ("POST", "/api/v1/conversations/%27%20OR%201=1%20--/take", Value::Null, 404),
        ("POST", "/api/v1/conversations/%00/take", Value::Null, 404),
        ("GET", "/api/v1/conversations?tab=everything", Value::Null, 422),
        ("GET", "/api/v1/conversations?before=yesterday", Value::Null, 422),
        ("GET", "/api/v1/conversations?limit=many", Value::Null, 422),
        ("GET", "/api/v1/conversations?surprise=1", Value::Null, 422),
        ("PUT", "/api/v1/messages/none/feedback", json!({ "value": 1 }), 404),
        ("PUT", "/api/v1/messages/none/feedback", json!({ "value": 2 }), 422),
        ("POST", "/api/v1/parked/inbound/none/retry", Value::Null, 403),
        ("DELETE", "/api/v1/conversations", Value::Null, 405),
        ("GET", "/api/v1/nothing", Value::Null, 404),
        ("GET", "/../../etc/passwd", Value::Null, 404),
        ("GET", "/widget/..%2f..%2fCargo.toml", Value::Null, 404),
        ("GET", "/console/%2e%2e/%2e%2e/secret.key", Value::Null, 404),
    ];
    for (method, path, body, status) in cases {
        let what = format!("{method} {path} {}", body.to_string().chars().take(60).collect::<String>());
        let answer = nok.call(&demo, method, path, &body).await;
        if status == 400 {
            // A request line that is none never reaches our routes.
            assert_eq!(answer.status, 400, "{what}");
        } else {
            is_problem(&answer, status, &what);
        }
    }

    refuses_bodies(&demo, &nok, &messages, &good).await;

    assert_eq!(rows(&demo).await, before, "nothing was stored");
    assert_eq!(nok.call(&demo, "POST", &messages, &good).await.status, 201, "and the good one is taken");
}

/// What is no JSON, or too much of it.
async fn refuses_bodies(demo: &Demo, nok: &SignedIn, path: &str, good: &Value) {
    let headers =
        [("cookie", nok.cookie.as_str()), ("x-sala-csrf", &nok.csrf), ("content-type", "application/json")];
    let large = vec![b' '; 5 << 20];
    for (what, body, status) in [
        ("half a document", &b"{\"client_id\": \"c1\", "[..], 400),
        ("no document", b"hello", 400),
        ("bytes", b"\xff\xfe\x00\x01", 400),
        ("a deep document", &b"[".repeat(100_000), 422),
        ("5 MB", &large, 413),
    ] {
        let answer = call(demo.address, ("POST", path), &headers, body).await.unwrap();
        is_problem(&answer, status, what);
    }
    let plain = [("cookie", nok.cookie.as_str()), ("x-sala-csrf", &nok.csrf), ("content-type", "text/plain")];
    let answer = call(demo.address, ("POST", path), &plain, good.to_string().as_bytes()).await.unwrap();
    is_problem(&answer, 400, "text that says it is text");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_no_rows_or_too_many_is_refused_with_the_range() {
    let demo = Demo::start().await.unwrap();
    let nok = SignedIn::as_role(&demo, "agent").await;
    let list = nok.get(&demo, "/api/v1/conversations?limit=1").await.json();
    let id = list["conversations"][0]["id"].as_str().unwrap().to_owned();
    for path in ["/api/v1/conversations".to_owned(), format!("/api/v1/conversations/{id}/messages")] {
        for limit in [i64::MIN, -1, 0, 101, i64::MAX] {
            let what = format!("{path}?limit={limit}");
            let answer = nok.get(&demo, &what).await;
            is_problem(&answer, 400, &what);
            assert_eq!(answer.json()["type"], "sala:out-of-range", "{what}");
            assert_eq!(answer.json()["detail"], "limit is from 1 to 100.", "{what}");
        }
        for limit in [1, 100] {
            assert_eq!(nok.get(&demo, &format!("{path}?limit={limit}")).await.status, 200, "{path} {limit}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_http_is_answered_or_cut_off_and_the_next_is_served() {
    let demo = Demo::start().await.unwrap();
    let long_header = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "a".repeat(1 << 20));
    let garbage: Vec<Vec<u8>> = vec![
        b"\x00\x01\x02\x03\xff\xfe\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS greeting on a plain port".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"POST /channels/web-demo/webhook HTTP/1.1\r\ncontent-length: -5\r\n\r\n".to_vec(),
        b"GET /channels/web-demo/socket HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n".to_vec(),
        long_header.into_bytes(),
    ];
    for bytes in garbage {
        if let Ok(answer) = raw(demo.address, &bytes).await {
            assert!((400..500).contains(&answer.status), "{} to {:?}", answer.status, &bytes[..20]);
        }
    }
    let answer = call(demo.address, ("GET", "/readyz"), &[], b"").await.unwrap();
    assert_eq!(answer.status, 200);
    // It runs without encoders, and says so.
    assert_eq!(answer.json()["without"], serde_json::json!(["models"]));
}
