//! Signing in with a pretended LINE: the page on which people agree, and the exchange of the code.

use std::collections::BTreeMap;

use serde_json::json;
use url::form_urlencoded;

use super::LineSimulator;
use super::api::Done;
use super::failure::Failure;
use crate::HttpCall;
use crate::line::login::{ISSUER, challenge, id_token};
use crate::simulator::Answer;

/// How long a code is good, seconds.
const CODE_LIFE: i64 = 600;
/// Who can sign in where nobody has written yet.
const SOMEBODY: &str = "U4000001aaaabbbbccccddddeeeeffff0";

/// The login channel, and the codes that it gave.
#[derive(Clone, Debug, Default)]
pub(super) struct Logins {
    channel: String,
    secret: String,
    codes: BTreeMap<String, Given>,
}

#[derive(Clone, Debug)]
struct Given {
    person: String,
    redirect: String,
    nonce: String,
    challenge: String,
    until: i64,
}

impl LineSimulator {
    /// A login channel of the same provider.
    #[must_use]
    pub fn with_login(mut self, channel: &str, secret: &str) -> Self {
        (self.logins.channel, self.logins.secret) = (channel.into(), secret.into());
        self
    }

    /// The page on which a person chooses who they are; with `as` they have chosen, and go back with a code.
    pub(super) fn authorize(&mut self, call: &HttpCall<'_>) -> Result<Done, Failure> {
        let field = |name: &str| {
            let found = call.query.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let (redirect, state) = (field("redirect_uri"), field("state"));
        let is_whole = !self.logins.channel.is_empty()
            && field("client_id") == self.logins.channel
            && field("response_type") == "code"
            && field("scope").split(' ').any(|scope| scope == "openid")
            && field("code_challenge_method") == "S256"
            && !state.is_empty()
            && redirect.starts_with("http");
        if !is_whole {
            return Err(Failure::new(400, "invalid_request"));
        }
        let person = field("as");
        if person.is_empty() {
            return Ok(self.choose(call));
        }
        self.person(&person);
        let code = format!("code{:x}", self.number());
        let until = call.now / 1_000_000 + CODE_LIFE;
        let given = Given {
            person,
            redirect: redirect.clone(),
            nonce: field("nonce"),
            challenge: field("code_challenge"),
            until,
        };
        self.logins.codes.insert(code.clone(), given);
        let back = form_urlencoded::Serializer::new(String::new())
            .append_pair("code", &code)
            .append_pair("state", &state)
            .finish();
        let separator = if redirect.contains('?') { '&' } else { '?' };
        let headers = vec![("location".to_owned(), format!("{redirect}{separator}{back}"))];
        Ok(Done { answer: Answer { status: 302, headers, body: Vec::new() }, webhooks: Vec::new() })
    }

    fn choose(&self, call: &HttpCall<'_>) -> Done {
        let mut people: Vec<(&str, &str)> =
            self.people.iter().map(|(id, person)| (id.as_str(), person.name.as_str())).collect();
        if !people.iter().any(|(id, _)| *id == SOMEBODY) {
            people.push((SOMEBODY, "Customer"));
        }
        let item = |(id, name): (&str, &str)| {
            let query = form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&call.query)
                .append_pair("as", id)
                .finish();
            format!("<li><a href=\"authorize?{}\">{}</a></li>", escaped(&query), escaped(name))
        };
        let items: Vec<String> = people.into_iter().map(item).collect();
        let page = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>LINE Login (pretended)</title>\
             <h1>Who signs in with LINE?</h1><ul>{}</ul></html>",
            items.concat()
        );
        let headers = vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())];
        Done { answer: Answer { status: 200, headers, body: page.into_bytes() }, webhooks: Vec::new() }
    }

    /// Exchanges a code, once, for who knows the verifier and the secret.
    pub(super) fn exchange(&mut self, call: &HttpCall<'_>) -> Result<Done, Failure> {
        let form: BTreeMap<String, String> = form_urlencoded::parse(call.body).into_owned().collect();
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let refused = || Failure::new(400, "invalid_grant");
        let given = self.logins.codes.remove(field("code")).ok_or_else(refused)?;
        let is_whole = field("grant_type") == "authorization_code"
            && field("client_id") == self.logins.channel
            && field("client_secret") == self.logins.secret
            && field("redirect_uri") == given.redirect
            && challenge(field("code_verifier")) == given.challenge
            && call.now / 1_000_000 <= given.until;
        if !is_whole {
            return Err(refused());
        }
        let seconds = call.now / 1_000_000;
        let name = self.person(&given.person).name.clone();
        let claims = json!({
            "iss": ISSUER, "sub": given.person, "aud": self.logins.channel, "exp": seconds + 3600, "iat": seconds,
            "nonce": given.nonce, "amr": ["linesso"], "name": name,
        });
        let token = id_token(&self.logins.secret, &claims).ok_or_else(refused)?;
        Ok(Done::with(&json!({
            "access_token": "pretended", "expires_in": 2_592_000, "id_token": token, "refresh_token": "pretended",
            "scope": "profile openid", "token_type": "Bearer",
        })))
    }
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
