//! LINE Login (OAuth 2.1, OpenID Connect): a person proves on LINE's own page which LINE account is theirs. Within one
//! provider the id is the one by which the Messaging API names them.
//!
//! The account's setting `login_channel_id` and its secret `login_channel_secret` are those of the login channel.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::form_urlencoded::Serializer;

use super::request::{base, with_query};
use crate::json::read_json;
use crate::outgoing::FORM;
use crate::{AccountConfig, HttpMethod, HttpResponse, PlatformRequest, Transport};

const CHANNEL: &str = "login_channel_id";
const SECRET: &str = "login_channel_secret";
pub(super) const ISSUER: &str = "https://access.line.me";

/// What one sign-in is bound to. All are random, and used once.
#[derive(Clone, Copy, Debug)]
pub struct LoginProof<'a> {
    /// Comes back with the browser.
    pub state: &'a str,
    /// Comes back in the signed token.
    pub nonce: &'a str,
    /// Known to us alone until the code is exchanged; 43 to 128 letters.
    pub verifier: &'a str,
}

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The id of the person, as in webhooks.
    pub user: String,
    pub name: Option<String>,
}

/// True where people can sign in with LINE.
pub fn can_log_in(account: &AccountConfig) -> bool {
    channel(account).is_some() && account.secrets_of(SECRET).any(|secret| !secret.is_empty())
}

fn channel(account: &AccountConfig) -> Option<&str> {
    account.settings.get(CHANNEL).map(String::as_str).filter(|id| !id.is_empty())
}

/// LINE's page on which the person signs in and agrees; `bot_prompt` offers to add our account as a friend.
pub fn authorize_url(account: &AccountConfig, redirect: &str, proof: LoginProof<'_>) -> Option<String> {
    let host = pages(account);
    Some(with_query(
        &format!("{host}/oauth2/v2.1/authorize"),
        &[
            ("response_type", Some("code")),
            ("client_id", Some(channel(account)?)),
            ("redirect_uri", Some(redirect)),
            ("state", Some(proof.state)),
            ("scope", Some("profile openid")),
            ("nonce", Some(proof.nonce)),
            ("code_challenge", Some(&challenge(proof.verifier))),
            ("code_challenge_method", Some("S256")),
            ("bot_prompt", Some("normal")),
        ],
    ))
}

/// Where LINE's own pages are.
pub(super) fn pages(account: &AccountConfig) -> &str {
    let own = account.api_base.trim_end_matches('/');
    if own.is_empty() || own == "https://api.line.me" { ISSUER } else { own }
}

/// The PKCE challenge of a verifier.
pub(super) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// Exchanges the code that the browser brought back. The body holds the secret in the clear, as LINE wants it: send this
/// request at once and do not store it.
pub fn token_request(
    account: &AccountConfig,
    code: &str,
    redirect: &str,
    proof: LoginProof<'_>,
) -> Option<PlatformRequest> {
    let form = Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", redirect)
        .append_pair("client_id", channel(account)?)
        .append_pair("client_secret", account.secrets_of(SECRET).next()?)
        .append_pair("code_verifier", proof.verifier)
        .finish();
    Some(PlatformRequest::new(
        Transport::Http {
            method: HttpMethod::Post,
            url: format!("{}/oauth2/v2.1/token", base(account)),
            headers: vec![("Content-Type".to_owned(), FORM.to_owned())],
        },
        Value::String(form),
    ))
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    nonce: Option<String>,
    name: Option<String>,
}

/// Who signed in, by the answer to [`token_request`]: the id token must be signed with the login channel's secret, be for
/// this channel and this sign-in, and be good at `now` (microseconds UTC).
pub fn signed_in(
    account: &AccountConfig,
    response: &HttpResponse<'_>,
    nonce: &str,
    now: i64,
) -> Option<SignedIn> {
    let body = read_json(response.body).filter(|_| response.status == 200)?;
    let token = body.get("id_token")?.as_str()?;
    let (claim, signature) = token.rsplit_once('.')?;
    let (header, claims) = claim.split_once('.')?;
    let header = read_json(&URL_SAFE_NO_PAD.decode(header).ok()?)?;
    if header.get("alg").and_then(Value::as_str) != Some("HS256") {
        return None;
    }
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let mut keys = account.secrets_of(SECRET).filter(|key| !key.is_empty());
    if !keys.any(|key| signed(key, claim).is_some_and(|mac| mac.verify_slice(&signature).is_ok())) {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let is_ours = claims.iss == ISSUER
        && Some(claims.aud.as_str()) == channel(account)
        && claims.nonce.as_deref() == Some(nonce)
        && claims.exp > now / 1_000_000;
    (is_ours && !claims.sub.is_empty()).then_some(SignedIn { user: claims.sub, name: claims.name })
}

fn signed(key: &str, claim: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).ok()?;
    mac.update(claim.as_bytes());
    Some(mac)
}

/// An id token as LINE signs it.
pub(super) fn id_token(secret: &str, claims: &Value) -> Option<String> {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let claim = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = signed(secret, &claim)?.finalize().into_bytes();
    Some(format!("{claim}.{}", URL_SAFE_NO_PAD.encode(signature)))
}
