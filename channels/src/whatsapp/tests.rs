mod account;
mod answers;
mod limits;
mod planning;
mod receiving;
mod schema;

use serde_json::Value;

use crate::{AccountConfig, Destination, PlatformRequest, Transport};

const NUMBER: &str = "106540352242922";
const TOKEN: &str = "EAAJB-demo_token";

fn account() -> AccountConfig {
    let secrets =
        [("access_token", TOKEN), ("app_secret", "my_app_secret"), ("verify_token", "meatyhamhock")];
    let settings = [("waba_id", "102290129340398"), ("app_id", "634974688087057")];
    let owned = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    AccountConfig {
        id: "shop".into(),
        external_id: NUMBER.into(),
        secrets: owned(&secrets),
        settings: owned(&settings),
        ..AccountConfig::default()
    }
}

fn to(thread: &str) -> Destination {
    Destination::thread(thread)
}

/// The address behind the base, and the body.
fn called(request: &PlatformRequest) -> (&str, &Value) {
    let Transport::Http { url, .. } = &request.transport else { panic!("not HTTP: {request:?}") };
    (url.trim_start_matches("https://graph.facebook.com/v25.0/"), &request.body)
}
