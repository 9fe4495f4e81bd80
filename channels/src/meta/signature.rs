//! Who signed a webhook.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::query;
use crate::{AccountConfig, HttpCall};

/// `sha256=` and 64 lower-case hex digits of HMAC-SHA256 over the raw body, keyed with the app's secret. The older
/// `x-hub-signature` (SHA-1) is never looked at.
pub(crate) const SIGNATURE_HEADER: &str = "x-hub-signature-256";

pub(super) fn is_signed(account: &AccountConfig, call: &HttpCall<'_>) -> bool {
    let given = call.header(SIGNATURE_HEADER).and_then(|value| value.strip_prefix("sha256="));
    let Some(given) = given.and_then(bytes_of) else { return false };
    account
        .secrets_of("app_secret")
        .filter(|secret| !secret.is_empty())
        .fold(false, |found, secret| found | bool::from(mac(secret, call.body).ct_eq(&given)))
}

/// A handshake asks with the token that a person gave the platform.
pub(super) fn is_handshake(account: &AccountConfig, call: &HttpCall<'_>) -> bool {
    let given = query(call, "hub.verify_token").unwrap_or_default().as_bytes();
    let known = account
        .secrets_of("verify_token")
        .filter(|token| !token.is_empty())
        .fold(false, |found, token| found | bool::from(token.as_bytes().ct_eq(given)));
    known & (query(call, "hub.mode") == Some("subscribe"))
}

/// The value of [`SIGNATURE_HEADER`] for a body.
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    format!("sha256={}", super::fields::hex(&mac(secret, body)))
}

fn mac(secret: &str, body: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

fn bytes_of(hex: &str) -> Option<[u8; 32]> {
    let digits = hex.as_bytes();
    let lower = digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if digits.len() != 64 || !lower {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
