//! A web chat visitor for the tools: speaks the protocol of docs/live-protocol.md and keeps a ledger of what it was
//! promised.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::ledger::Promise;

/// How one message went.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    pub acknowledged: Duration,
    /// When the turn was recorded, that is after the last reply was shown.
    pub turned: Duration,
    pub replies: usize,
}

pub struct Visitor {
    address: String,
    socket: Option<WebSocketStream<MaybeTlsStream<TcpStream>>>,
    token: Option<String>,
    cursor: Option<i64>,
    /// What the shop's own sign-in says of the visitor.
    pub identity: Option<String>,
    pub control: String,
    pub promises: Vec<Promise>,
    /// Every `seq` shown, in the order in which it was shown.
    pub shown: Vec<i64>,
    pub refused: u64,
    /// The messages shown on the present connection, as they came.
    pub messages: Vec<Value>,
}

impl Visitor {
    /// A visitor of the socket at `address` (ws://…), not yet connected.
    pub fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            socket: None,
            token: None,
            cursor: None,
            identity: None,
            control: "bot".to_owned(),
            promises: Vec::new(),
            shown: Vec::new(),
            refused: 0,
            messages: Vec::new(),
        }
    }

    /// Connects, or connects again with the cursor, and reads the greeting.
    pub async fn connect(&mut self) -> anyhow::Result<()> {
        let (mut socket, _) = connect_async_with_config(&self.address, None, true).await?;
        let hello = json!({ "type": "hello", "token": self.token, "cursor": self.cursor, "lang": "th", "identity": self.identity });
        socket.send(Frame::Text(hello.to_string().into())).await?;
        self.socket = Some(socket);
        loop {
            let frame = self.frame().await?;
            if frame["type"] == "ready" {
                self.token = frame["token"].as_str().map(str::to_owned);
                self.cursor = frame["cursor"].as_i64();
                self.messages = frame["messages"].as_array().cloned().unwrap_or_default();
                frame["control"].as_str().unwrap_or("bot").clone_into(&mut self.control);
                return Ok(());
            }
        }
    }

    /// Sends one message and follows it to the end of its turn.
    pub async fn say(&mut self, client_id: &str, text: &str) -> anyhow::Result<Heard> {
        self.follow(client_id, &json!({ "type": "message", "client_id": client_id, "text": text })).await
    }

    /// Presses a choice and follows it to the end of its turn.
    pub async fn choose(&mut self, client_id: &str, payload: &str, title: &str) -> anyhow::Result<Heard> {
        let frame = json!({ "type": "choice", "client_id": client_id, "payload": payload, "title": title });
        self.follow(client_id, &frame).await
    }

    async fn follow(&mut self, client_id: &str, frame: &Value) -> anyhow::Result<Heard> {
        let sent = Instant::now();
        self.send(frame).await?;
        let (mut acknowledged, mut replies) = (None, 0);
        loop {
            let frame = self.frame().await?;
            match frame["type"].as_str().unwrap_or_default() {
                "accepted" if frame["client_id"] == client_id => {
                    acknowledged.get_or_insert(sent.elapsed());
                    self.promise(client_id, &frame["message"]);
                }
                "message" => {
                    self.messages.push(frame["message"].clone());
                    self.shown.extend(frame["message"]["seq"].as_i64());
                    replies += usize::from(frame["message"]["author"] == "bot");
                }
                "control" => frame["control"].as_str().unwrap_or("bot").clone_into(&mut self.control),
                "typing" if frame["author"] == "bot" && frame["on"] == false => {
                    let Some(acknowledged) = acknowledged else { continue };
                    return Ok(Heard { acknowledged, turned: sent.elapsed(), replies });
                }
                "refused" => {
                    self.refused += 1;
                    bail!("refused: {}", frame["code"]);
                }
                _ => {}
            }
            if let Some(cursor) = frame["cursor"].as_i64() {
                self.cursor = Some(cursor);
            }
        }
    }

    /// Reads on to the next message that is shown.
    pub async fn next_message(&mut self) -> anyhow::Result<()> {
        loop {
            let frame = self.frame().await?;
            if frame["type"] == "message" {
                self.cursor = frame["cursor"].as_i64().or(self.cursor);
                self.messages.push(frame["message"].clone());
                return Ok(());
            }
        }
    }

    /// Sends one message and waits for its promise only.
    pub async fn promise_of(&mut self, client_id: &str, text: &str) -> anyhow::Result<()> {
        self.send(&json!({ "type": "message", "client_id": client_id, "text": text })).await?;
        loop {
            let frame = self.frame().await?;
            match frame["type"].as_str().unwrap_or_default() {
                "accepted" if frame["client_id"] == client_id => {
                    self.promise(client_id, &frame["message"]);
                    return Ok(());
                }
                "refused" if frame["client_id"] == client_id => bail!("refused: {}", frame["code"]),
                _ => {}
            }
        }
    }

    /// What proves that the next connection is the same person's.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Ends the connection without a word.
    pub fn drop_connection(&mut self) {
        self.socket = None;
    }

    /// Becomes somebody new: another conversation.
    pub fn forget(&mut self) {
        self.socket = None;
        self.token = None;
        self.cursor = None;
        "bot".clone_into(&mut self.control);
    }

    fn promise(&mut self, client_id: &str, message: &Value) {
        // What was accepted before, and is sent again because the first promise was cut off, comes without its number.
        self.promises.push(Promise { event: client_id.to_owned(), seq: message["seq"].as_i64() });
    }

    async fn send(&mut self, frame: &Value) -> anyhow::Result<()> {
        let socket = self.socket.as_mut().context("not connected")?;
        Ok(socket.send(Frame::Text(frame.to_string().into())).await?)
    }

    async fn frame(&mut self) -> anyhow::Result<Value> {
        let socket = self.socket.as_mut().context("not connected")?;
        loop {
            let next = tokio::time::timeout(Duration::from_secs(30), socket.next()).await;
            match next.context("nothing came for 30 s")?.context("the socket was closed")?? {
                Frame::Text(text) => return Ok(serde_json::from_str(&text)?),
                Frame::Close(_) => bail!("the socket was closed"),
                _ => {}
            }
        }
    }
}
