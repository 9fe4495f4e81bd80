//! Verifying webhooks and decoding their envelope.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::event::heard;
use super::fields::id;
use crate::json::read_call;
use crate::{AccountConfig, Content, Event, Heard, HttpCall, InboundMessage, Received, Refusal, Sender};

/// The header that carries the signature: base64 of HMAC-SHA256 over the raw body, keyed with the channel's secret.
pub(super) const SIGNATURE_HEADER: &str = "x-line-signature";

/// The texts of both signatures are compared, so that one signature has one spelling.
pub(super) fn is_verified(account: &AccountConfig, call: &HttpCall<'_>) -> bool {
    let Some(given) = call.header(SIGNATURE_HEADER) else { return false };
    account
        .secrets_of("channel_secret")
        .filter(|secret| !secret.is_empty())
        .fold(false, |verified, secret| {
            verified | bool::from(sign(secret, call.body).as_bytes().ct_eq(given.as_bytes()))
        })
}

/// The value of [`SIGNATURE_HEADER`] for a body.
pub(super) fn sign(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(body);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

/// The console's "Verify" sends no events at all: nothing is heard, and that is fine.
pub(super) fn decode_call(account: &AccountConfig, call: &HttpCall<'_>) -> Result<Received, Refusal> {
    let body = read_call(call.body).ok_or(Refusal::Malformed)?;
    let events = match body.get("events") {
        Some(Value::Array(events)) => events.iter().map(|event| heard(account, event, call.now)).collect(),
        _ => vec![unreadable(call.body, call.now)],
    };
    Ok(received(&id(&body, "/destination").unwrap_or_default(), events))
}

fn received(destination: &str, events: Vec<Event>) -> Received {
    let heard = |event| Heard { account: destination.to_owned(), event };
    Received { events: events.into_iter().map(heard).collect(), answer: String::new() }
}

/// A call that we cannot read but must not lose. It names nobody; its bytes are its id.
fn unreadable(body: &[u8], now: i64) -> Event {
    let content = Content::Unknown { kind: "webhook".into() };
    Event::Message(Box::new(InboundMessage::new(fingerprint(body), Sender::default(), now, content)))
}

/// An id for what has none: the same bytes have the same.
pub(super) fn fingerprint(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    format!("sha256:{}", hex(&digest[..16]))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}
