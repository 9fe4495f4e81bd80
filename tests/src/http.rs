//! A plain HTTP client for tests: it sends exactly the bytes it is told to, also those that a good client would not.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One request on a connection of its own.
pub async fn call(
    address: SocketAddr,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &[u8],
) -> anyhow::Result<Answer> {
    let more: String = headers.iter().flat_map(|(name, value)| [name, ": ", value, "\r\n"]).collect();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{more}content-length: {}\r\n\r\n",
        body.len()
    );
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(body);
    raw(address, &bytes).await
}

/// Sends bytes as they are and reads until the server closes.
pub async fn raw(address: SocketAddr, bytes: &[u8]) -> anyhow::Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    let (mut reading, mut writing) = stream.split();
    let write = async {
        // A server that has heard enough stops reading: its answer counts, not our write.
        drop(writing.write_all(bytes).await);
        std::future::pending::<()>().await;
    };
    let read = async {
        let mut answer = Vec::new();
        // A reset after the answer is as good as an end.
        drop(reading.read_to_end(&mut answer).await);
        answer
    };
    let both = async {
        tokio::select! {
            () = write => Vec::new(),
            answer = read => answer,
        }
    };
    let answer = tokio::time::timeout(PATIENCE, both).await.context("the server does not answer")?;
    parse(&answer)
}

fn parse(answer: &[u8]) -> anyhow::Result<Answer> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").context("no whole answer")?;
    let head = String::from_utf8_lossy(&answer[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status")?.parse()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    Ok(Answer { status, headers, body: answer[end + 4..].to_vec() })
}
