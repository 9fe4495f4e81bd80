//! `sala receive`: what a platform's payloads say, without a server and without a signature.

use std::path::PathBuf;
use std::process::ExitCode;

use channels::{AccountConfig, ChannelName, Event, Heard, HttpCall, HttpMethod, InboundMessage};
use clap::Args;
use serde_json::{Value, json};

use super::{channel_named, print, print_error};

#[derive(Args)]
pub(super) struct Receive {
    /// web, messenger, instagram, whatsapp, line or telegram
    #[arg(value_parser = channel_named)]
    channel: ChannelName,
    /// Files with recorded webhook bodies, or `-` for the standard input. An array, or one payload a line, is taken one by one
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Receive {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let mut wrong = false;
        for file in &self.files {
            let bytes = if file.as_os_str() == "-" {
                std::io::read_to_string(std::io::stdin()).map(String::into_bytes)
            } else {
                std::fs::read(file)
            };
            let bytes =
                bytes.map_err(|error| anyhow::anyhow!("{} cannot be read: {error}", file.display()))?;
            for payload in payloads(&bytes) {
                match self.decode(&payload) {
                    Ok(events) => {
                        for heard in &events {
                            print(&shown(self.channel, heard).to_string());
                        }
                    }
                    Err(reason) => {
                        wrong = true;
                        print_error(&format!("{}: {reason}", file.display()));
                    }
                }
            }
        }
        Ok(if wrong { ExitCode::from(1) } else { ExitCode::SUCCESS })
    }

    fn decode(&self, payload: &[u8]) -> Result<Vec<Heard>, channels::Refusal> {
        let headers = Vec::new();
        let call = HttpCall { method: HttpMethod::Post, query: Vec::new(), headers, body: payload, now: 0 };
        channels::channel(self.channel)
            .decode(&AccountConfig::default(), &call)
            .map(|received| received.events)
    }
}

/// The payloads of a file: the whole of it, the members of an array, or one a line.
fn payloads(bytes: &[u8]) -> Vec<Vec<u8>> {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(Value::Array(members)) => members.iter().map(|member| member.to_string().into_bytes()).collect(),
        Ok(_) => vec![bytes.to_vec()],
        Err(_) => {
            let lines: Vec<&[u8]> =
                bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
            let are_payloads = lines.iter().all(|line| serde_json::from_slice::<Value>(line).is_ok());
            if are_payloads { lines.into_iter().map(<[u8]>::to_vec).collect() } else { vec![bytes.to_vec()] }
        }
    }
}

/// One line of docs/cli.md.
fn shown(channel: ChannelName, heard: &Heard) -> Value {
    let mut line = json!({
        "kind": heard.event.kind(),
        "channel": channel.as_str(),
        "account": heard.account,
    });
    let (sender, external_id, at, content) = match &heard.event {
        Event::Message(message) => (
            message.sender.external_id.as_str(),
            message.external_id.as_str(),
            Some(message.sent_at),
            json!(message.content),
        ),
        Event::Echo(echo) => {
            line["ours"] = echo.ours.into();
            let message = &echo.message;
            let content = json!(message.content);
            (
                message.sender.external_id.as_str(),
                message.external_id.as_str(),
                Some(message.sent_at),
                content,
            )
        }
        Event::Receipt(receipt) => (
            receipt.thread.as_str(),
            receipt.external_id.as_str(),
            receipt.at.or(receipt.up_to),
            json!(receipt),
        ),
        Event::Typing { thread } => (thread.as_str(), "", None, Value::Null),
    };
    line["sender"] = sender.into();
    line["external_id"] = external_id.into();
    line["sent_at"] = at.filter(|at| *at != 0).and_then(time).into();
    line["content"] = content;
    let message = match &heard.event {
        Event::Message(message) => Some(message.as_ref()),
        Event::Echo(echo) => Some(&echo.message),
        Event::Receipt(_) | Event::Typing { .. } => None,
    };
    if let Some(message) = message {
        more(&mut line, message);
    }
    line
}

/// What else is known of a message: the keys are there only where they say something.
fn more(line: &mut Value, message: &InboundMessage) {
    line["event_id"] = message.event_id.clone().into();
    line["thread"] = message.thread.clone().into();
    line["name"] = message.sender.display_name.clone().into();
    line["reply_to"] = message.reply_to.clone().into();
    line["referral"] = json!(message.referral);
    for (name, flag) in
        [("group", message.group), ("standby", message.standby), ("forwarded", message.forwarded)]
    {
        line[name] = if flag { true.into() } else { Value::Null };
    }
    line["addressed"] = if message.addressed { Value::Null } else { false.into() };
    if let Some(fields) = line.as_object_mut() {
        let always = |name: &str| matches!(name, "sender" | "external_id" | "sent_at" | "content");
        fields.retain(|name, value| always(name) || !value.is_null());
    }
}

/// RFC 3339 in UTC, with milliseconds.
fn time(micros: i64) -> Option<String> {
    let timestamp = jiff::Timestamp::from_microsecond(micros).ok()?;
    Some(format!("{timestamp:.3}"))
}
