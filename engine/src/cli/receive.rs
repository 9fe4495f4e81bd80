//! `sala receive`: what a platform's payloads say, without a server and without a signature.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use channels::{AccountConfig, ChannelName, Event, Heard, HttpCall, HttpMethod, InboundMessage};
use clap::Args;
use serde_json::{Value, json};

use super::{channel_named, print, print_error};

#[derive(Args)]
pub(super) struct Receive {
    /// messenger, instagram, whatsapp, line, telegram, web or webhook
    #[arg(value_parser = channel_named)]
    channel: ChannelName,
    /// Files with recorded webhook bodies, or `-` for the standard input. An array, or one payload a line, is taken one by one
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Receive {
    pub(super) fn run(&self) -> ExitCode {
        let (mut wrong, mut unread) = (false, false);
        for file in &self.files {
            match read(file) {
                Ok(bytes) => wrong |= !self.show(file, &bytes),
                Err(error) => {
                    unread = true;
                    print_error(&format!("{} cannot be read: {error}", file.display()));
                }
            }
        }
        match (unread, wrong) {
            (true, _) => ExitCode::from(2),
            (false, true) => ExitCode::from(1),
            (false, false) => ExitCode::SUCCESS,
        }
    }

    /// Prints what a file holds; false where something in it could not be read.
    fn show(&self, file: &Path, bytes: &[u8]) -> bool {
        let mut all = true;
        for payload in channels::recorded(self.channel, bytes) {
            match payload.and_then(|payload| self.decode(&payload).map_err(|refusal| refusal.to_string())) {
                Ok(events) => {
                    if events.is_empty() {
                        print_error(&format!("{}: a payload holds no event", file.display()));
                    }
                    for heard in &events {
                        print(&shown(self.channel, heard).to_string());
                    }
                }
                Err(reason) => {
                    all = false;
                    print_error(&format!("{}: {reason}", file.display()));
                }
            }
        }
        all
    }

    fn decode(&self, payload: &[u8]) -> Result<Vec<Heard>, channels::Refusal> {
        let headers = Vec::new();
        let call = HttpCall { method: HttpMethod::Post, query: Vec::new(), headers, body: payload, now: 0 };
        channels::channel(self.channel)
            .decode(&AccountConfig::default(), &call)
            .map(|received| received.events)
    }
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if file.as_os_str() != "-" {
        return std::fs::read(file);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
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
