mod account;
mod acting;
mod answers;
mod groups;
mod planned_parts;
mod planning;
mod receiving;
pub(in crate::telegram) mod schema;

use serde_json::Value;

use crate::{AccountConfig, Destination, PlatformRequest, Transport};

const TOKEN: &str = "9100:AAF-demo_token";
const SECRET: &str = "hook-Secret_1";

fn account() -> AccountConfig {
    let secrets = [("bot_token", TOKEN), ("webhook_secret", SECRET)];
    AccountConfig {
        id: "shop".into(),
        secrets: secrets.into_iter().map(|(name, secret)| (name.into(), secret.into())).collect(),
        settings: [("username".to_owned(), "sala_shop_bot".to_owned())].into(),
        ..AccountConfig::default()
    }
}

fn to(thread: &str) -> Destination {
    Destination { thread: thread.into(), ..Destination::default() }
}

/// The method a request calls, and its body.
fn called(request: &PlatformRequest) -> (&str, &Value) {
    let Transport::Http { url, .. } = &request.transport else { panic!("not HTTP: {request:?}") };
    (url.rsplit('/').next().unwrap(), &request.body)
}
