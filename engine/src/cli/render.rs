//! `sala render`: the platform's own bodies that a reply becomes.

use std::path::PathBuf;
use std::process::ExitCode;

use channels::{AccountConfig, ChannelName, Destination, PlatformRequest, Reply, Transport};
use clap::Args;
use serde_json::{Value, json};

use super::{channel_named, print, print_error};

#[derive(Args)]
pub(super) struct Render {
    /// web, messenger, instagram, whatsapp, line or telegram
    #[arg(value_parser = channel_named)]
    channel: ChannelName,
    /// A file with a reply as JSON, or `-` for the standard input
    file: PathBuf,
    /// The thread that it goes to
    #[arg(long, default_value = "1000001")]
    to: String,
    /// The platform's id of our account
    #[arg(long, default_value = "2000002")]
    account: String,
    /// As a person of ours wrote it
    #[arg(long)]
    human: bool,
}

impl Render {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let text = if self.file.as_os_str() == "-" {
            std::io::read_to_string(std::io::stdin())
        } else {
            std::fs::read_to_string(&self.file)
        };
        let text =
            text.map_err(|error| anyhow::anyhow!("{} cannot be read: {error}", self.file.display()))?;
        let reply: Reply = serde_json::from_str(&text)
            .map_err(|error| anyhow::anyhow!("{} is not a reply: {error}", self.file.display()))?;
        let account = AccountConfig { external_id: self.account, ..AccountConfig::default() };
        let to = Destination { human: self.human, ..Destination::thread(self.to) };
        let plan = channels::channel(self.channel).plan(&account, &to, &reply);
        for request in &plan.requests {
            print(&shown(request).to_string());
        }
        if !plan.lost.is_empty() {
            print(&json!({ "lost": plan.lost }).to_string());
        }
        if plan.requests.is_empty() {
            print_error(&format!("{}: the reply is empty, so nothing would be sent", self.file.display()));
            return Ok(ExitCode::from(1));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Secrets stand in addresses and headers by name.
fn shown(request: &PlatformRequest) -> Value {
    match &request.transport {
        Transport::Http { method, url, headers } => {
            let headers: serde_json::Map<String, Value> =
                headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
            json!({ "method": method, "url": url, "headers": headers, "body": request.body })
        }
        Transport::Live { thread } => json!({ "live": thread, "body": request.body }),
    }
}
