mod account;
mod answers;
mod planning;
mod receiving;

use serde_json::Value;

use crate::{AccountConfig, Destination, PlatformRequest, Transport};

const TOKEN: &str = "9100:AAF-demo_token";
const SECRET: &str = "hook-Secret_1";

fn account() -> AccountConfig {
    let secrets = [("bot_token", TOKEN), ("webhook_secret", SECRET)];
    AccountConfig {
        id: "shop".into(),
        secrets: secrets.into_iter().map(|(name, secret)| (name.into(), secret.into())).collect(),
        ..AccountConfig::default()
    }
}

fn to(thread: &str) -> Destination {
    Destination { thread: thread.into(), hints: Vec::new() }
}

/// The method a request calls, and its body.
fn called(request: &PlatformRequest) -> (&str, &Value) {
    let Transport::Http { url, .. } = &request.transport else { panic!("not HTTP: {request:?}") };
    (url.rsplit('/').next().unwrap(), &request.body)
}
