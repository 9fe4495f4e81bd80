//! Visitor tokens: who a visitor is, signed by the account's site key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::identity::Identity;
use crate::AccountConfig;

const SECRET: &str = "site_key";

/// How the ids of those begin whom the shop's own sign-in names.
pub(super) const SIGNED_IN: &str = "s-";

/// `v1.<visitor id>.<issued at, microseconds UTC>.<HMAC-SHA256 over all before it, base64url>`: of a stranger, who is known
/// by it for ever. None where the account has no site key or the id is not 1 to 64 letters, digits, `-` or `_`.
pub fn issue_token(account: &AccountConfig, visitor_id: &str, now: i64) -> Option<String> {
    sign(account, visitor_id, &format!("v1.{visitor_id}.{now}"))
}

/// The token of somebody whom the shop signed in: good no longer than the sign-in. `v2.<visitor id>.<issued
/// at>.<ends at, microseconds UTC>.<HMAC>`.
pub fn issue_signed_in_token(account: &AccountConfig, identity: &Identity, now: i64) -> Option<String> {
    let Identity { visitor, until, .. } = identity;
    sign(account, visitor, &format!("v2.{visitor}.{now}.{until}"))
}

fn sign(account: &AccountConfig, visitor_id: &str, claim: &str) -> Option<String> {
    let key = account.secrets_of(SECRET).find(|key| !key.is_empty()).filter(|_| is_safe_id(visitor_id))?;
    let signature = signed(key, claim)?.finalize().into_bytes();
    Some(format!("{claim}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The visitor whom the token names, if one of the account's keys signed it and it is good at `now` (microseconds UTC).
/// The comparison takes the same time for every wrong signature.
pub fn verify_token(account: &AccountConfig, token: &str, now: i64) -> Option<String> {
    let (claim, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let mut keys = account.secrets_of(SECRET).filter(|key| !key.is_empty());
    let is_ours = |key: &str| signed(key, claim).is_some_and(|mac| mac.verify_slice(&signature).is_ok());
    if !keys.any(is_ours) {
        return None;
    }
    let parts: Vec<&str> = claim.split('.').collect();
    let is_number = |text: &str| text.parse::<i64>().is_ok();
    let (visitor_id, issued_at, is_good) = match parts.as_slice() {
        ["v1", id, issued_at] => (*id, *issued_at, !id.starts_with(SIGNED_IN)),
        ["v2", id, issued_at, until] => {
            (*id, *issued_at, until.parse::<i64>().is_ok_and(|until| until > now))
        }
        _ => return None,
    };
    (is_good && is_number(issued_at) && is_safe_id(visitor_id)).then(|| visitor_id.to_owned())
}

/// The same token signed with the newest key; none where it is already, or is not good. Whoever is given it is known
/// after the former key has ended.
pub fn renew_token(account: &AccountConfig, token: &str, now: i64) -> Option<String> {
    let visitor = verify_token(account, token, now)?;
    let (claim, _) = token.rsplit_once('.')?;
    sign(account, &visitor, claim).filter(|renewed| renewed != token)
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
