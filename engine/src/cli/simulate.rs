//! `sala simulate`: playing a customer against a running demo.

use std::process::ExitCode;
use std::time::Duration;

use axum::http::Method;
use channels::simulator::Fault;
use clap::Args;
use serde_json::{Value, json};

use super::{print, print_error};
use crate::safe_http::{OutgoingPolicy, OutgoingRequest, SafeHttp};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// An answer is over when nothing came for so long.
const QUIET: Duration = Duration::from_millis(600);

/// A failure by its name on the command line.
fn fault_named(name: &str) -> Result<Fault, String> {
    let (kind, seconds) = name.split_once(':').map_or((name, None), |(kind, seconds)| (kind, Some(seconds)));
    let fault = match (kind, seconds) {
        ("too-many-requests", seconds) => {
            let seconds =
                seconds.unwrap_or("1").parse().map_err(|_| "seconds are a whole number".to_owned())?;
            Fault::TooManyRequests { seconds }
        }
        ("server-error", None) => Fault::ServerError,
        ("accept-then-silence", None) => Fault::AcceptThenSilence,
        ("reset", None) => Fault::Reset,
        ("token-expired", None) => Fault::TokenExpired,
        ("none", None) => Fault::None,
        _ => {
            let known =
                "too-many-requests[:SECONDS], server-error, accept-then-silence, reset, token-expired, none";
            return Err(format!("use one of {known}"));
        }
    };
    Ok(fault)
}

#[derive(Args)]
pub(super) struct Simulate {
    /// The port of the demo's simulators, which `sala demo` prints
    #[arg(long)]
    port: u16,
    /// Which customer writes, by the platform's id
    #[arg(long, allow_hyphen_values = true)]
    customer: Option<String>,
    /// The platform: messenger, instagram, whatsapp, line or telegram
    channel: String,
    /// The next sends on the platform fail so, one each: too-many-requests (with :SECONDS of Retry-After behind it, 1 where it
    /// is left out), server-error, accept-then-silence, reset, token-expired, or none for a call that goes well
    #[arg(long = "fault", value_name = "FAULT", value_parser = fault_named)]
    faults: Vec<Fault>,
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
        if !self.faults.is_empty() {
            let faults = json!({ "channel": self.channel, "faults": self.faults });
            self.tell(&http, "faults", &faults).await?;
        }
        let say = json!({ "channel": self.channel, "customer": self.customer, "text": self.text.join(" ") });
        self.tell(&http, "say", &say).await?;
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
        print_error(
            "No reply came within ten seconds. Does a person own this conversation, or is the account held or off (`sala channels list`)?",
        );
        Ok(ExitCode::from(1))
    }

    /// Has the simulators do something.
    async fn tell(&self, http: &SafeHttp, what: &str, how: &Value) -> anyhow::Result<()> {
        let response = http
            .send(OutgoingRequest {
                method: Method::POST,
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: how.to_string().into_bytes(),
                ..OutgoingRequest::get(format!("http://127.0.0.1:{}/demo/{what}", self.port))
            })
            .await?;
        anyhow::ensure!(response.status == 202, "{}", String::from_utf8_lossy(&response.body));
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_have_names() {
        let check =
            |name: &str, expected: Option<Fault>| assert_eq!(fault_named(name).ok(), expected, "{name}");
        check("too-many-requests", Some(Fault::TooManyRequests { seconds: 1 }));
        check("too-many-requests:30", Some(Fault::TooManyRequests { seconds: 30 }));
        check("too-many-requests:soon", None);
        check("server-error", Some(Fault::ServerError));
        check("server-error:3", None);
        check("accept-then-silence", Some(Fault::AcceptThenSilence));
        check("reset", Some(Fault::Reset));
        check("token-expired", Some(Fault::TokenExpired));
        check("none", Some(Fault::None));
        check("fire", None);
    }
}
