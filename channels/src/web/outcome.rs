//! How a live event fared. The event log keeps it for a visitor who is away, so a 2xx means that it is sent.

use crate::{HttpResponse, Receipt, SendError};

pub(super) fn outcome(response: &HttpResponse<'_>) -> Result<Receipt, SendError> {
    match response.status {
        200..=299 => Ok(Receipt::sent("")),
        status => Err(SendError::Retry { after_ms: None, reason: format!("HTTP {status}") }),
    }
}
