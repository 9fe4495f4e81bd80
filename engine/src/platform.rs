//! Calling a platform: the one place where a planned request becomes an outgoing one, with its secrets filled in.

use std::time::Duration;

use axum::http::Method;
use channels::{HttpMethod, PlatformRequest, SendError};

use crate::accounts::OpenAccount;
use crate::app::App;
use crate::safe_http::{OutgoingError, OutgoingRequest, OutgoingResponse};

/// Limits of one call where they differ from the usual ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallLimits {
    pub timeout: Option<Duration>,
    /// Bytes.
    pub max_body: Option<usize>,
}

/// Sends the request and returns the platform's answer, whatever its status. Live events go by the event log: for them
/// the answer is an empty 200.
pub async fn call(
    app: &App,
    account: &OpenAccount,
    request: &PlatformRequest,
    limits: CallLimits,
) -> Result<OutgoingResponse, SendError> {
    let Some(outgoing) = request.outgoing(&account.config, app.store.clock().now().0) else {
        return Ok(OutgoingResponse { status: 200, headers: Vec::new(), body: Vec::new() });
    };
    let outgoing = OutgoingRequest {
        method: match outgoing.method {
            HttpMethod::Get => Method::GET,
            HttpMethod::Post => Method::POST,
            HttpMethod::Put => Method::PUT,
            HttpMethod::Delete => Method::DELETE,
        },
        url: outgoing.url,
        headers: outgoing.headers,
        body: outgoing.body,
        timeout: limits.timeout,
        max_body: limits.max_body,
    };
    app.http.send(outgoing).await.map_err(|error| {
        let reason = error.to_string();
        match error {
            OutgoingError::Blocked { .. } => SendError::Refused {
                code: "blocked".to_owned(),
                reason,
                advice: "check the channel account's address and the outgoing networks in the settings"
                    .to_owned(),
            },
            error if error.may_have_been_received() => SendError::Ambiguous { reason },
            _ => SendError::Retry { after_ms: None, reason },
        }
    })
}
