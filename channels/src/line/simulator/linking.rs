//! Linking a person's account with one of ours on a pretended LINE: the token, the page on which they agree, the event.

use std::collections::BTreeMap;

use serde_json::json;
use url::form_urlencoded;

use super::LineSimulator;
use super::api::Done;
use super::failure::Failure;
use crate::HttpCall;
use crate::simulator::Answer;

pub(super) const PAGE: &str = "/dialog/bot/accountLink";
/// How long a token is good, microseconds.
const TOKEN_LIFE: i64 = 600_000_000;

/// Whose tokens these are, and until when they are good.
#[derive(Clone, Debug, Default)]
pub(super) struct Linking(BTreeMap<String, (String, i64)>);

impl LineSimulator {
    pub(super) fn link_token(&mut self, person: &str, now: i64) -> Result<Done, Failure> {
        self.profile(person)?;
        let token = format!("link{}", self.number());
        self.linking.0.insert(token.clone(), (person.to_owned(), now + TOKEN_LIFE));
        Ok(Done::with(&json!({"linkToken": token})))
    }

    /// The page; with `agree` the person has agreed, and an event says so. A token is good once.
    pub(super) fn link_page(&mut self, call: &HttpCall<'_>) -> Result<Done, Failure> {
        let field = |name: &str| {
            let found = call.query.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let (token, nonce) = (field("linkToken"), field("nonce"));
        let known = self.linking.0.get(&token).filter(|(_, until)| *until >= call.now).cloned();
        let (person, _) = known.ok_or_else(|| Failure::bad("The link token is invalid or has expired"))?;
        if !(10..=255).contains(&nonce.chars().count()) {
            return Err(Failure::bad("The nonce is invalid"));
        }
        if field("agree").is_empty() {
            return Ok(page(&agreeing(call)));
        }
        self.linking.0.remove(&token);
        let link = json!({"link": {"result": "ok", "nonce": nonce}});
        let webhooks = self.happens(&person, "accountLink", link, call.now);
        Ok(Done { webhooks, ..page("<h1>Linked</h1>") })
    }
}

fn agreeing(call: &HttpCall<'_>) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&call.query)
        .append_pair("agree", "yes")
        .finish();
    let address = super::login::escaped(&query);
    format!("<h1>Link your account?</h1><p><a href=\"accountLink?{address}\">Link</a></p>")
}

fn page(inner: &str) -> Done {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>LINE (pretended)</title>{inner}</html>"
    );
    let headers = vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())];
    Done { answer: Answer { status: 200, headers, body: page.into_bytes() }, webhooks: Vec::new() }
}
