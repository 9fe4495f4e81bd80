//! The signature between a company's own systems and Sala: `t=<unix seconds>,v1=<hex>`, where `<hex>` is HMAC-SHA256 over
//! `<unix seconds>.<body>` in lower case. `docs/webhook-channel.md` tells it to those who write the other side.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How far the time in a signature may be from ours, seconds: long enough for clocks, too short for a replay to matter.
const TOLERANCE: i64 = 300;

/// The header's value for a body at `now` (microseconds UTC), with a `v1` for each secret; none without a secret.
pub(crate) fn sign<'a>(secrets: impl Iterator<Item = &'a str>, body: &[u8], now: i64) -> Option<String> {
    let time = (now / 1_000_000).to_string();
    let mut value = format!("t={time}");
    for secret in secrets.filter(|secret| !secret.is_empty()) {
        value.push_str(",v1=");
        for byte in mac(secret, &time, body) {
            let _infallible = write!(value, "{byte:02x}");
        }
    }
    value.contains(",v1=").then_some(value)
}

/// True where one of the secrets made one of the signatures in `header`, not long before or after `now`. It takes the
/// same time for every wrong secret.
pub(crate) fn verify<'a>(
    secrets: impl Iterator<Item = &'a str>,
    header: &str,
    body: &[u8],
    now: i64,
) -> bool {
    let Some((time, given)) = parts(header) else { return false };
    let is_near = time.parse::<i64>().is_ok_and(|time| (now / 1_000_000 - time).abs() <= TOLERANCE);
    let mut verified = false;
    for secret in secrets.filter(|secret| !secret.is_empty()) {
        let made = mac(secret, time, body);
        verified = given.iter().fold(verified, |verified, given| verified | bool::from(made.ct_eq(given)));
    }
    verified & is_near
}

/// The time, and every signature of the version that we know. None where the time is missing, repeated or no plain number.
fn parts(header: &str) -> Option<(&str, Vec<[u8; 32]>)> {
    let pairs = || header.split(',').filter_map(|pair| pair.trim().split_once('='));
    let mut times = pairs().filter(|(name, _)| *name == "t").map(|(_, time)| time);
    let time = times.next().filter(|_| times.next().is_none())?;
    let is_plain = (1..=12).contains(&time.len()) && time.bytes().all(|digit| digit.is_ascii_digit());
    let given = pairs().filter(|(name, _)| *name == "v1").filter_map(|(_, hex)| bytes_of(hex)).collect();
    is_plain.then_some((time, given))
}

fn mac(secret: &str, time: &str, body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

fn bytes_of(hex: &str) -> Option<[u8; 32]> {
    let lower = hex.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if hex.len() != 64 || !lower {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
