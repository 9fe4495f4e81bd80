//! Who is signed in at the shop, as the shop's own server says: a JSON Web Token, HS256, signed with `identity_secret`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::token::{SIGNED_IN, signed};
use crate::AccountConfig;

const SECRET: &str = "identity_secret";
/// A token that lives longer is no short-lived proof: a day at most.
const LONGEST_LIFE: i64 = 24 * 3600;
const LONGEST_SUBJECT: usize = 256;

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The visitor's id: the same for this customer in every browser.
    pub visitor: String,
    pub name: Option<String>,
    /// When the sign-in ends, microseconds UTC.
    pub until: i64,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    crit: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(default)]
    name: Option<String>,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
}

/// Whom the token names, if one of the account's keys signed it and it is good at `now` (microseconds UTC). No other
/// algorithm than HS256 is taken, and a token must say when it ends.
pub fn verify_identity(account: &AccountConfig, token: &str, now: i64) -> Option<Identity> {
    let (claim, signature) = token.rsplit_once('.')?;
    let (header, claims) = claim.split_once('.')?;
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    if header.alg != "HS256" || header.crit.is_some() {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let mut keys = account.secrets_of(SECRET).filter(|key| !key.is_empty());
    if !keys.any(|key| signed(key, claim).is_some_and(|mac| mac.verify_slice(&signature).is_ok())) {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let seconds = now / 1_000_000;
    let is_good = claims.exp > seconds
        && claims.exp <= seconds.saturating_add(LONGEST_LIFE)
        && claims.nbf.is_none_or(|from| from <= seconds);
    if !is_good || claims.sub.is_empty() || claims.sub.len() > LONGEST_SUBJECT {
        return None;
    }
    // Subjects may be anything; ids become parts of keys.
    let digest = Sha256::digest(claims.sub.as_bytes());
    let visitor = format!("{SIGNED_IN}{}", URL_SAFE_NO_PAD.encode(&digest[..24]));
    let name = claims.name.map(|name| name.chars().filter(|c| !c.is_control()).take(100).collect());
    Some(Identity { visitor, name, until: claims.exp.saturating_mul(1_000_000) })
}

/// A token as the shop's own server signs it; none where the account has no `identity_secret`. `exp` is in seconds UTC.
pub fn issue_identity(account: &AccountConfig, sub: &str, name: Option<&str>, exp: i64) -> Option<String> {
    let key = account.secrets_of(SECRET).find(|key| !key.is_empty())?;
    let claims = serde_json::json!({ "sub": sub, "name": name, "exp": exp });
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let claim = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = signed(key, &claim)?.finalize().into_bytes();
    Some(format!("{claim}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_260_000_000_000;

    fn account() -> AccountConfig {
        let secrets = [(SECRET.to_owned(), "site secret".to_owned())];
        AccountConfig { secrets: secrets.into(), ..AccountConfig::default() }
    }

    fn token(header: &str, claims: &str) -> String {
        let claim = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = signed("site secret", &claim).unwrap().finalize().into_bytes();
        format!("{claim}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

    #[test]
    fn a_signed_customer_is_the_same_everywhere() {
        let claims = r#"{"sub":"customer 7","name":"มะลิ","exp":1795263600}"#;
        let known = verify_identity(&account(), &token(HEADER, claims), NOW).unwrap();
        assert_eq!((known.name.as_deref(), known.until), (Some("มะลิ"), 1_795_263_600_000_000));
        assert!(super::super::token::is_safe_id(&known.visitor), "{}", known.visitor);
        let later = r#"{"sub":"customer 7","exp":1795260060}"#;
        assert_eq!(verify_identity(&account(), &token(HEADER, later), NOW).unwrap().visitor, known.visitor);
        let other = r#"{"sub":"customer 8","exp":1795260060}"#;
        assert_ne!(verify_identity(&account(), &token(HEADER, other), NOW).unwrap().visitor, known.visitor);
    }

    #[test]
    fn what_is_not_signed_so_names_nobody() {
        let claims = r#"{"sub":"customer 7","exp":1795263600}"#;
        let good = token(HEADER, claims);
        let check = |token: &str| assert_eq!(verify_identity(&account(), token, NOW), None, "{token}");
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS512"}"#, r#"{"alg":"HS256","crit":["x"]}"#, "{}"] {
            check(&token(header, claims));
        }
        for claims in [
            r#"{"sub":"customer 7"}"#,
            r#"{"sub":"customer 7","exp":1795260000}"#,
            r#"{"sub":"customer 7","exp":1895260000}"#,
            r#"{"sub":"customer 7","exp":1795263600,"nbf":1795263000}"#,
            r#"{"sub":"","exp":1795263600}"#,
            r#"{"exp":1795263600}"#,
        ] {
            check(&token(HEADER, claims));
        }
        for place in 0..good.len() {
            let mut wrong = good.clone().into_bytes();
            wrong[place] ^= 1;
            check(&String::from_utf8(wrong).unwrap());
        }
        for cut in ["", ".", "..", &good[..good.len() - 1], good.split_once('.').unwrap().1] {
            check(cut);
        }
        let keyless = AccountConfig::default();
        assert_eq!(verify_identity(&keyless, &good, NOW), None);
    }
}
