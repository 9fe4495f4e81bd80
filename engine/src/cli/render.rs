//! `sala render`: the platform's own bodies that a reply becomes.

use std::path::PathBuf;
use std::process::ExitCode;

use channels::{AccountConfig, ChannelName, Destination, PlatformRequest, Reply, Transport};
use clap::Args;
use serde_json::{Value, json};

use super::{channel_named, print, print_error};

#[derive(Args)]
pub(super) struct Render {
    /// messenger, instagram, whatsapp, line, telegram, web or webhook
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
        if let Some(fault) = serde_json::from_str(&text).ok().and_then(|value| fault(&value, "")) {
            anyhow::bail!("{} is not a reply: {fault}", self.file.display());
        }
        let given: Value = serde_json::from_str(&text)?;
        if let Some(name) = unknown(&given, &json!(reply), "") {
            anyhow::bail!(
                "{} is not a reply: {name} is not known here; `sala render --help` and docs/cli.md tell the names",
                self.file.display()
            );
        }
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

/// The first name that was given and says nothing to us. A name that says the same as its absence need not come back.
fn unknown(given: &Value, kept: &Value, path: &str) -> Option<String> {
    let within = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => {
            given.iter().find_map(|(name, value)| match kept.get(name) {
                Some(kept) => unknown(value, kept, &within(name)),
                None if says_nothing(value) => None,
                None => Some(within(name)),
            })
        }
        (Value::Array(given), Value::Array(kept)) => {
            let pairs = given.iter().zip(kept).enumerate();
            pairs
                .into_iter()
                .find_map(|(place, (given, kept))| unknown(given, kept, &format!("{path}[{place}]")))
        }
        _ => None,
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Bool(true) => false,
    }
}

/// What no platform takes, wherever it stands: the null character, and places that are not on the earth.
fn fault(value: &Value, path: &str) -> Option<String> {
    let within = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::String(text) => text.contains('\0').then(|| format!("{path} holds the null character")),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(place, item)| fault(item, &format!("{path}[{place}]")))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            let most = match name.as_str() {
                "latitude" => 90.0,
                "longitude" => 180.0,
                _ => return fault(field, &within(name)),
            };
            let is_outside = field.as_f64().is_some_and(|degrees| degrees.abs() > most);
            is_outside.then(|| format!("{} is from -{most} to {most}", within(name)))
        }),
        _ => None,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_platform_takes_is_named_with_its_field() {
        let check = |reply: Value, expected: Option<&str>| assert_eq!(fault(&reply, "").as_deref(), expected);
        check(
            json!({"parts": [{"type": "text", "text": "a\u{0}b"}]}),
            Some("parts[0].text holds the null character"),
        );
        let place = |latitude: f64, longitude: f64| json!({"parts": [{"latitude": latitude, "longitude": longitude}]});
        check(place(999.0, 0.0), Some("parts[0].latitude is from -90 to 90"));
        check(place(90.0, -180.5), Some("parts[0].longitude is from -180 to 180"));
        check(place(-90.0, 180.0), None);
    }
}
