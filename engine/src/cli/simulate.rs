//! `sala simulate`: playing a customer against a running demo.

use std::process::ExitCode;
use std::time::Duration;

use axum::http::Method;
use clap::Args;
use serde_json::{Value, json};

use super::{print, print_error};
use crate::safe_http::{OutgoingPolicy, OutgoingRequest, SafeHttp};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// An answer is over when nothing came for so long.
const QUIET: Duration = Duration::from_millis(600);

#[derive(Args)]
pub(super) struct Simulate {
    /// The port of the demo's simulators, which `sala demo` prints
    #[arg(long)]
    port: u16,
    /// Which customer writes, by the platform's id
    #[arg(long)]
    customer: Option<String>,
    /// The platform: messenger, instagram, whatsapp, line or telegram
    channel: String,
    /// What the customer writes; the title of a button presses it
    #[arg(required = true)]
    text: Vec<String>,
}

impl Simulate {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let http = SafeHttp::new(OutgoingPolicy {
            allow_loopback_ports: vec![self.port],
            allow_networks: Vec::new(),
            timeout: PATIENCE,
            max_body: 1 << 20,
        })?;
        let before = self.lines(&http).await?.len();
        let say = json!({ "channel": self.channel, "customer": self.customer, "text": self.text.join(" ") });
        let response = http
            .send(OutgoingRequest {
                method: Method::POST,
                url: format!("http://127.0.0.1:{}/demo/say", self.port),
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: say.to_string().into_bytes(),
                timeout: None,
                max_body: None,
            })
            .await?;
        anyhow::ensure!(response.status == 202, "{}", String::from_utf8_lossy(&response.body));
        let lines = self.answered(&http, before).await?;
        for line in &lines[before.min(lines.len())..] {
            let from = line["from"].as_str().unwrap_or_default();
            print(&format!("{from}: {}", line["text"].as_str().unwrap_or_default()));
            for button in line["buttons"].as_array().into_iter().flatten() {
                print(&format!("    [{}]", button["title"].as_str().unwrap_or_default()));
            }
        }
        if lines[before.min(lines.len())..].iter().any(|line| line["from"] == "us") {
            return Ok(ExitCode::SUCCESS);
        }
        print_error("No reply came within ten seconds. Does a person own this conversation?");
        Ok(ExitCode::from(1))
    }

    /// The transcript once the bot has answered and fallen silent.
    async fn answered(&self, http: &SafeHttp, before: usize) -> anyhow::Result<Vec<Value>> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let mut known = before;
        let mut changed = tokio::time::Instant::now();
        loop {
            let lines = self.lines(http).await?;
            if lines.len() != known {
                (known, changed) = (lines.len(), tokio::time::Instant::now());
            }
            let from_us = lines.last().is_some_and(|line| line["from"] == "us");
            if (from_us && changed.elapsed() > QUIET) || tokio::time::Instant::now() > deadline {
                return Ok(lines);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn lines(&self, http: &SafeHttp) -> anyhow::Result<Vec<Value>> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("channel", &self.channel);
        if let Some(customer) = &self.customer {
            query.append_pair("customer", customer);
        }
        let url = format!("http://127.0.0.1:{}/demo/transcript?{}", self.port, query.finish());
        let response = http.send(OutgoingRequest::get(url)).await?;
        anyhow::ensure!(
            response.status != 404,
            "port {} is not that of the demo's simulators, which `sala demo` prints",
            self.port
        );
        let transcript: Value = serde_json::from_slice(&response.body)?;
        Ok(transcript["lines"].as_array().cloned().unwrap_or_default())
    }
}
