//! Who is signed in at the shop, as the shop's own server says: a JSON Web Token, HS256, signed with `identity_secret`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
    #[serde(default)]
    sub: Value,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    exp: Value,
    #[serde(default)]
    nbf: Value,
}

/// Why a token names nobody, for who writes the shop's server: nothing of the token is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityRefusal {
    /// It is no JSON Web Token, or its claims cannot be read.
    Malformed,
    /// Another algorithm than HS256, or `crit`.
    Algorithm,
    /// No key of the account signed it.
    Signature,
    /// `exp` is missing or no time.
    NoEnd,
    Expired,
    /// `exp` is more than a day ahead.
    TooLong,
    /// `nbf` is still to come.
    NotYet,
    /// `sub` is missing, empty or too long.
    NoSubject,
}

/// A time of a token (RFC 7519: seconds, which may have a fraction), microseconds UTC.
fn time_of(claim: &Value) -> Option<i64> {
    let number = claim.as_number()?;
    match number.as_i64() {
        Some(seconds) => Some(seconds.saturating_mul(1_000_000)),
        None => format!("{:.0}", number.as_f64()? * 1e6).parse().ok(),
    }
}

/// Some shops number their customers.
fn subject_of(claim: &Value) -> Option<String> {
    let subject = match claim {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        _ => return None,
    };
    (!subject.is_empty() && subject.len() <= LONGEST_SUBJECT).then_some(subject)
}

/// Whom the token names, if one of the account's keys signed it and it is good at `now` (microseconds UTC). No other
/// algorithm than HS256 is taken, and a token must say when it ends.
pub fn verify_identity(account: &AccountConfig, token: &str, now: i64) -> Result<Identity, IdentityRefusal> {
    let claims = signed_claims(account, token)?;
    let end = time_of(&claims.exp).ok_or(IdentityRefusal::NoEnd)?;
    if end <= now {
        return Err(IdentityRefusal::Expired);
    }
    if end > now.saturating_add(LONGEST_LIFE * 1_000_000) {
        return Err(IdentityRefusal::TooLong);
    }
    if !claims.nbf.is_null() && time_of(&claims.nbf).is_none_or(|from| from > now) {
        return Err(IdentityRefusal::NotYet);
    }
    let subject = subject_of(&claims.sub).ok_or(IdentityRefusal::NoSubject)?;
    // Subjects may be anything; ids become parts of keys.
    let digest = Sha256::digest(subject.as_bytes());
    let visitor = format!("{SIGNED_IN}{}", URL_SAFE_NO_PAD.encode(&digest[..24]));
    let name = claims.name.map(|name| name.chars().filter(|c| !c.is_control()).take(100).collect());
    Ok(Identity { visitor, name, until: end })
}

/// The claims of a token that one of the account's keys signed.
fn signed_claims(account: &AccountConfig, token: &str) -> Result<Claims, IdentityRefusal> {
    let malformed = IdentityRefusal::Malformed;
    let (claim, signature) = token.rsplit_once('.').ok_or(malformed)?;
    let (header, claims) = claim.split_once('.').ok_or(malformed)?;
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed);
    let header: Header = serde_json::from_slice(&decoded(header)?).map_err(|_| malformed)?;
    if header.alg != "HS256" || header.crit.is_some() {
        return Err(IdentityRefusal::Algorithm);
    }
    let signature = decoded(signature)?;
    let mut keys = account.secrets_of(SECRET).filter(|key| !key.is_empty());
    if !keys.any(|key| signed(key, claim).is_some_and(|mac| mac.verify_slice(&signature).is_ok())) {
        return Err(IdentityRefusal::Signature);
    }
    serde_json::from_slice(&decoded(claims)?).map_err(|_| malformed)
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
        let check = |token: &str| assert!(verify_identity(&account(), token, NOW).is_err(), "{token}");
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
        assert_eq!(verify_identity(&keyless, &good, NOW), Err(IdentityRefusal::Signature));
    }

    #[test]
    fn a_refusal_says_why_and_times_may_have_fractions() {
        use IdentityRefusal::{Algorithm, Expired, Malformed, NoEnd, NoSubject, NotYet, TooLong};
        for (claims, why) in [
            (r#"{"sub":7,"exp":1795263600.25}"#, None),
            (r#"{"sub":"7","exp":1795263600.9,"nbf":1795259999.5,"iat":1795259999.5}"#, None),
            (r#"{"sub":"7","exp":1795260000.000001}"#, None),
            (r#"{"sub":"7","exp":1795259999.9}"#, Some(Expired)),
            (r#"{"sub":"7","exp":1795346401}"#, Some(TooLong)),
            (r#"{"sub":"7","exp":1795263600,"nbf":1795260000.5}"#, Some(NotYet)),
            (r#"{"sub":"7","exp":"1795263600"}"#, Some(NoEnd)),
            (r#"{"sub":"7"}"#, Some(NoEnd)),
            (r#"{"sub":1.5,"exp":1795263600}"#, Some(NoSubject)),
            (r#"{"sub":{},"exp":1795263600}"#, Some(NoSubject)),
            (r#"{"exp":1795263600}"#, Some(NoSubject)),
            ("[]x", Some(Malformed)),
        ] {
            let verified = verify_identity(&account(), &token(HEADER, claims), NOW);
            assert_eq!(verified.as_ref().err().copied(), why, "{claims}");
        }
        let as_number = verify_identity(&account(), &token(HEADER, r#"{"sub":7,"exp":1795263600}"#), NOW);
        let as_text = verify_identity(&account(), &token(HEADER, r#"{"sub":"7","exp":1795263600}"#), NOW);
        assert_eq!(as_number, as_text, "the same customer");
        let other = token(r#"{"alg":"none"}"#, r#"{"sub":"7","exp":1795263600}"#);
        assert_eq!(verify_identity(&account(), &other, NOW), Err(Algorithm));
    }
}
