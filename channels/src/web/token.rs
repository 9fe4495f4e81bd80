//! Visitor tokens: who a visitor is, signed by the account's site key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::AccountConfig;

const SECRET: &str = "site_key";

/// `v1.<visitor id>.<issued at, microseconds UTC>.<HMAC-SHA256 over all before it, base64url>`. None where the account
/// has no site key or the id is not 1 to 64 letters, digits, `-` or `_`.
pub fn issue_token(account: &AccountConfig, visitor_id: &str, now: i64) -> Option<String> {
    let key = account.secrets_of(SECRET).find(|key| !key.is_empty())?;
    let claim = is_safe_id(visitor_id).then(|| format!("v1.{visitor_id}.{now}"))?;
    let signature = signed(key, &claim)?.finalize().into_bytes();
    Some(format!("{claim}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The visitor whom the token names, if one of the account's keys signed it. The comparison takes the same time for
/// every wrong signature.
pub fn verify_token(account: &AccountConfig, token: &str) -> Option<String> {
    let (claim, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let mut keys = account.secrets_of(SECRET).filter(|key| !key.is_empty());
    let is_ours = |key: &str| signed(key, claim).is_some_and(|mac| mac.verify_slice(&signature).is_ok());
    if !keys.any(is_ours) {
        return None;
    }
    let mut parts = claim.split('.');
    let (version, visitor_id, issued_at) = (parts.next()?, parts.next()?, parts.next()?);
    let is_whole = parts.next().is_none() && version == "v1" && issued_at.parse::<i64>().is_ok();
    (is_whole && is_safe_id(visitor_id)).then(|| visitor_id.to_owned())
}

/// Ids become parts of keys, so they are 1 to 64 letters, digits, `-` or `_`.
pub(super) fn is_safe_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

pub(super) fn signed(key: &str, claim: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(claim.as_bytes());
    Some(mac)
}
