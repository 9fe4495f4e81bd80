//! What Messenger, Instagram and WhatsApp have in common: one signature, one handshake, one shape of error.
//!
//! An account's secrets are `app_secret` (signs what comes to us), `verify_token` (ours, for the handshake) and
//! `access_token`; each may have a `.previous` while it is changed. `api_base` is the Graph's address with its version,
//! such as [`GRAPH`].

mod account;
mod acts;
mod body;
mod change;
mod content;
mod decode;
mod error;
mod event;
pub(crate) mod fields;
mod outcome;
mod plan;
mod signature;
pub(crate) mod simulator;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use crate::{AccountConfig, HttpCall, HttpMethod, Received, Refusal};

pub(crate) use account::{Graph, INSTAGRAM, MEDIA_HOSTS, PAGE, Wanted, finding, profile, segment};
pub(crate) use decode::decode;
pub(crate) use error::{GraphError, graph_error};
pub(crate) use event::GET_STARTED;
pub(crate) use outcome::{failure, outcome};
pub(crate) use signature::{SIGNATURE_HEADER, sign};

/// The Graph with the version that this code was written for (September 2026). Versions live about two years.
pub(crate) const GRAPH: &str = "https://graph.facebook.com/v25.0";

/// The two products whose threads, comments and sends have one shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Product {
    Messenger,
    Instagram,
}

/// The program by which people answer in the page's own inbox.
pub(crate) const INBOX_APP: &str = "263902037430900";

/// How a thread below a comment begins: the comment's id follows.
pub const COMMENT: &str = "comment:";

/// How the thread of a person begins whom only a plug-in of ours has named so far.
pub(crate) const USER_REF: &str = "user_ref:";

/// True when Meta signed the body with the app's secret, or the handshake names our token.
pub(crate) fn verify(account: &AccountConfig, call: &HttpCall<'_>) -> bool {
    match call.method {
        HttpMethod::Get => signature::is_handshake(account, call),
        _ => signature::is_signed(account, call),
    }
}

/// The answer to a handshake (`hub.challenge`, as it came); none where the call is not one.
pub(crate) fn handshake(call: &HttpCall<'_>) -> Option<Result<Received, Refusal>> {
    if call.method != HttpMethod::Get {
        return None;
    }
    let challenge = query(call, "hub.challenge").filter(|challenge| !challenge.is_empty());
    let answered = challenge.map(|challenge| Received { events: Vec::new(), answer: challenge.to_owned() });
    Some(answered.ok_or(Refusal::Malformed))
}

fn query<'a>(call: &'a HttpCall<'_>, name: &str) -> Option<&'a str> {
    call.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}
