//! The sockets: frames that are none, too many of them, and those who are not let in.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tests::demo::Demo;
use tests::visitor::Visitor;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{SignedIn, rows};

pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(super) async fn open(address: SocketAddr, path: &str) -> Socket {
    connect_async(format!("ws://{address}{path}")).await.unwrap().0
}

/// The next text frame as JSON; none when the socket has ended.
pub(super) async fn next(socket: &mut Socket) -> Option<Value> {
    loop {
        match socket.next().await? {
            Ok(Frame::Text(text)) => return serde_json::from_str(&text).ok(),
            Ok(Frame::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

async fn greeted(demo: &Demo) -> Socket {
    let mut socket = open(demo.address, "/channels/web-demo/socket").await;
    socket.send(Frame::text(json!({ "type": "hello" }).to_string())).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap()["type"], "ready");
    socket
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_are_none_are_refused_and_the_socket_goes_on() {
    let demo = Demo::start().await.unwrap();
    let mut socket = greeted(&demo).await;
    let before = rows(&demo).await;
    let frames = [
        Frame::binary(vec![0u8, 255, 254, 1]),
        Frame::text("{"),
        Frame::text("[]"),
        Frame::text("\u{0}\u{202e}"),
        Frame::text(json!({ "type": "sudo" }).to_string()),
        Frame::text(json!({ "type": "hello" }).to_string()),
        Frame::text(json!({ "type": "message", "text": "no id" }).to_string()),
        Frame::text(json!({ "type": "message", "client_id": "c1" }).to_string()),
        Frame::text(json!({ "type": "message", "client_id": "c1", "text": "" }).to_string()),
        Frame::text(json!({ "type": "thumb", "message_id": "not mine", "value": 1 }).to_string()),
    ];
    for frame in frames {
        let what = format!("{frame:?}").chars().take(80).collect::<String>();
        socket.send(frame).await.unwrap();
        let answer = next(&mut socket).await.expect("the socket goes on");
        assert_eq!((&answer["type"], &answer["code"]), (&json!("refused"), &json!("malformed")), "{what}");
    }
    assert_eq!(rows(&demo).await, before, "nothing was stored");
    let good = json!({ "type": "message", "client_id": "c1", "text": "สวัสดีค่ะ" }).to_string();
    socket.send(Frame::text(good)).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap()["type"], "accepted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_long_is_refused_by_name_and_the_socket_goes_on() {
    let demo = Demo::start().await.unwrap();
    let mut socket = greeted(&demo).await;
    let before = rows(&demo).await;
    let message = |text: String| json!({ "type": "message", "client_id": "c1", "text": text }).to_string();
    let choice = |payload: String, title: String| {
        json!({ "type": "choice", "client_id": "c1", "payload": payload, "title": title }).to_string()
    };
    for (frame, id) in [
        (Frame::text(message("ก".repeat(4001))), Some("c1")),
        (Frame::text(message("ก".repeat(20_001))), Some("c1")),
        // Beyond 64 kB, in ASCII and not.
        (Frame::text(message("x".repeat(70_000))), Some("c1")),
        (Frame::text(message("ก".repeat(60_000))), Some("c1")),
        (Frame::text(choice("p".repeat(1025), "t".into())), Some("c1")),
        (Frame::text(choice("p".into(), "t".repeat(257))), Some("c1")),
        (Frame::text("x".repeat(70_000)), None),
        (Frame::binary(vec![0u8; 70_000]), None),
    ] {
        let what = format!("{frame:?}").chars().take(80).collect::<String>();
        socket.send(frame).await.unwrap();
        let answer = next(&mut socket).await.expect("the socket goes on");
        assert_eq!((&answer["type"], &answer["code"]), (&json!("refused"), &json!("too_long")), "{what}");
        assert_eq!(answer["client_id"], json!(id), "{what}");
    }
    assert_eq!(rows(&demo).await, before, "nothing was stored");
    socket.send(Frame::text(message("ก".repeat(4000)))).await.unwrap();
    assert_eq!(next(&mut socket).await.unwrap()["type"], "accepted");
}

/// Sends a frame while reading what the server says to it: a close, as its code and reason.
async fn closed_for(socket: Socket, frame: Frame) -> (u16, String) {
    let (mut sink, mut stream) = socket.split();
    let read = async {
        loop {
            match stream.next().await {
                Some(Ok(Frame::Close(Some(close)))) => return (close.code.into(), close.reason.to_string()),
                Some(Ok(_)) => {}
                end => panic!("no close but {end:?}"),
            }
        }
    };
    // The server closes before it has read everything, so the sending may fail.
    let (_, close) = tokio::join!(sink.send(frame), read);
    close
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_that_is_not_read_closes_its_own_socket_with_the_reason() {
    let demo = Demo::start().await.unwrap();
    let mut modest = greeted(&demo).await;
    let nok = SignedIn::as_role(&demo, "agent").await;
    let ticket = nok.call(&demo, "POST", "/api/v1/live/ticket", &Value::Null).await.json()["ticket"].clone();
    let mut agent = open(demo.address, "/api/v1/live").await;
    agent.send(Frame::text(json!({ "type": "hello", "ticket": ticket }).to_string())).await.unwrap();
    assert_eq!(next(&mut agent).await.unwrap()["type"], "ready");
    for socket in [
        greeted(&demo).await,
        open(demo.address, "/channels/web-demo/socket").await,
        agent,
        open(demo.address, "/api/v1/live").await,
    ] {
        let (code, reason) = closed_for(socket, Frame::text("x".repeat(5 << 20))).await;
        assert_eq!((code, reason.as_str()), (1009, "a frame has at most 65536 bytes"));
    }
    modest.send(Frame::text(json!({ "type": "ping" }).to_string())).await.unwrap();
    assert_eq!(next(&mut modest).await.unwrap()["type"], "pong");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_greet_is_not_heard() {
    let demo = Demo::start().await.unwrap();
    let before = rows(&demo).await;
    for first in ["garbage", r#"{"type":"message","client_id":"c1","text":"hi"}"#] {
        let mut socket = open(demo.address, "/channels/web-demo/socket").await;
        socket.send(Frame::text(first)).await.unwrap();
        let said = next(&mut socket).await.unwrap();
        assert_eq!(said["code"], "malformed");
    }
    assert_eq!(rows(&demo).await, before);
    assert!(connect_async(format!("ws://{}/channels/none/socket", demo.address)).await.is_err());
    assert!(connect_async(format!("ws://{}/channels/telegram-demo/socket", demo.address)).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forged_token_is_somebody_new_and_a_real_one_is_the_same() {
    let demo = Demo::start().await.unwrap();
    let address = format!("ws://{}/channels/web-demo/socket", demo.address);
    let mut visitor = Visitor::new(&address);
    visitor.connect().await.unwrap();
    visitor.say("c1", "สวัสดีค่ะ").await.unwrap();

    let ready = async |token: Option<&str>| {
        let mut socket = open(demo.address, "/channels/web-demo/socket").await;
        let hello = json!({ "type": "hello", "token": token }).to_string();
        socket.send(Frame::text(hello)).await.unwrap();
        next(&mut socket).await.unwrap()
    };
    let token = visitor.token().unwrap().to_owned();
    assert!(ready(Some(&token)).await["messages"].as_array().unwrap().len() >= 2, "the same person");
    let mut forged = token.clone().into_bytes();
    let last = forged.len() - 1;
    forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    for stranger in [Some(forged.as_str()), Some(""), Some("a.b.c"), None] {
        let ready = ready(stranger).await;
        assert_eq!(ready["messages"], json!([]), "{stranger:?}");
        assert_ne!(ready["token"], json!(token));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_one_message_too_many_is_refused_with_the_time_to_wait() {
    let demo = Demo::start_with(|config| config.limits.socket_messages_per_second = 3).await.unwrap();
    let mut socket = greeted(&demo).await;
    for _ in 0..6 {
        socket.send(Frame::text(json!({ "type": "ping" }).to_string())).await.unwrap();
    }
    let mut said = Vec::new();
    for _ in 0..6 {
        said.push(next(&mut socket).await.unwrap());
    }
    assert!(said[..3].iter().all(|frame| frame["type"] == "pong"), "{said:?}");
    let refused = said.iter().find(|frame| frame["type"] == "refused").expect("one is refused");
    assert_eq!(refused["code"], "too_fast");
    assert!(refused["retry_after_ms"].as_u64().is_some_and(|wait| (1..=1000).contains(&wait)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_consoles_socket_needs_a_ticket_that_is_good_once() {
    let demo = Demo::start().await.unwrap();
    let nok = SignedIn::as_role(&demo, "agent").await;
    let ticket = nok.call(&demo, "POST", "/api/v1/live/ticket", &Value::Null).await.json()["ticket"].clone();
    let first = async |hello: Value| {
        let mut socket = open(demo.address, "/api/v1/live").await;
        socket.send(Frame::text(hello.to_string())).await.unwrap();
        (next(&mut socket).await, socket)
    };
    let (ready, mut socket) = first(json!({ "type": "hello", "ticket": ticket })).await;
    assert_eq!(ready.unwrap()["type"], "ready");
    for hello in [
        json!({ "type": "hello", "ticket": ticket }),
        json!({ "type": "hello", "ticket": "" }),
        json!({ "type": "hello" }),
        json!({ "type": "ping" }),
    ] {
        assert!(first(hello.clone()).await.0.is_none(), "{hello}");
    }
    for (frame, code) in [
        (Frame::binary(vec![1u8, 2, 3]), "malformed"),
        (Frame::text("nonsense"), "malformed"),
        (Frame::text("x".repeat(70_000)), "too_long"),
        (Frame::binary(vec![0u8; 70_000]), "too_long"),
        (Frame::text(json!({ "type": "viewing", "conversation_id": "none" }).to_string()), "malformed"),
    ] {
        socket.send(frame).await.unwrap();
        let answer = next(&mut socket).await.unwrap();
        assert_eq!((&answer["type"], &answer["code"]), (&json!("refused"), &json!(code)));
    }
    // The socket ends with the session.
    assert_eq!(nok.call(&demo, "DELETE", "/api/v1/session", &Value::Null).await.status, 204);
    while next(&mut socket).await.is_some() {}
}
