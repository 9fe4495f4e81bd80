mod account;
mod calls;
mod menu;
mod outcomes;
mod planning;
mod receiving;
pub(super) mod schema;
mod taken;
mod tokens;

use serde_json::Value;

use super::receive::sign;
use super::request::path_of;
use super::simulator::LineSimulator;
use crate::simulator::{Answer, Webhook, deliver};
use crate::{AccountConfig, Destination, HttpCall, HttpMethod, PlatformRequest};

const SECRET: &str = "8c570fa6dd201bb328f1c1eac23a96d8";
const TOKEN: &str = "access/token+1=";
const HOOK: &str = "https://bots.example/channels/shop/webhook";
const NOW: i64 = 1_795_280_000_000_000;

/// The one customer of most tests, and a group.
const SOMCHAI: &str = "U4af4980629a1b2c3d4e5f60718293a4b";
const GROUP: &str = "C56cca7e1b2a34d5e6f708192a3b4c5d6";

fn account() -> AccountConfig {
    let secrets = [("channel_secret", SECRET), ("access_token", TOKEN)];
    let settings = [("names", "น้องกาแฟ, Sala"), ("channel_id", "1234567890")];
    let owned = |pairs: [(&str, &str); 2]| {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    AccountConfig {
        id: "shop".into(),
        secrets: owned(secrets),
        settings: owned(settings),
        ..AccountConfig::default()
    }
}

fn to(thread: &str) -> Destination {
    Destination { now: NOW, ..Destination::thread(thread) }
}

/// A LINE that calls us.
fn line() -> LineSimulator {
    LineSimulator::new(SECRET, TOKEN).with_webhook(HOOK)
}

fn call<'a>(signatures: &[&str], body: &'a [u8]) -> HttpCall<'a> {
    let headers =
        signatures.iter().map(|signature| ("x-line-signature".to_owned(), (*signature).to_owned())).collect();
    HttpCall { method: HttpMethod::Post, query: Vec::new(), headers, body, now: NOW }
}

/// Carries a request to the pretended LINE.
fn ask_at(line: &mut LineSimulator, request: &PlatformRequest, now: i64) -> (Answer, Vec<Webhook>) {
    use crate::simulator::Simulator;
    deliver(request, &account(), now, |path, call| line.handle(path, call)).unwrap()
}

fn ask(line: &mut LineSimulator, request: &PlatformRequest) -> (u16, Value) {
    let (answer, _) = ask_at(line, request, NOW);
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}
