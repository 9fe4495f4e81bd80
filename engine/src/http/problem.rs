//! Errors over HTTP: RFC 9457 problem documents whose texts say what happened and what to do.

use std::ops::RangeInclusive;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::limits::RetryAfter;
use crate::same_account::Holder;
use crate::store::StoreError;

/// A refused or failed call. Boxed, because it travels in every handler's result.
#[derive(Debug)]
pub struct Problem(Box<Details>);

#[derive(Debug)]
struct Details {
    status: StatusCode,
    /// A stable name, also the Fluent id `problem-<kind>` of its texts.
    kind: &'static str,
    title: &'static str,
    detail: String,
    retry_after_millis: Option<u64>,
    extra: Vec<(&'static str, Value)>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self(Box::new(Details { status, kind, title, detail, retry_after_millis: None, extra: Vec::new() }))
    }

    pub fn unauthorised() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "signed-out", "You are not signed in.", "Sign in and try again.")
    }

    pub fn wrong_credentials() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "wrong-credentials",
            "The e-mail address or the password is wrong.",
            "Check both and try again, or ask an administrator for a new password.",
        )
    }

    pub fn forbidden(permission: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "Your role does not allow this.",
            format!("It needs the permission {permission}: ask an administrator."),
        )
    }

    pub fn cross_site() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "cross-site",
            "The request did not come from this site.",
            "Reload the page and try again.",
        )
    }

    pub fn not_found(what: &'static str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "There is nothing here.",
            format!("There is no such {what}, or it is not yours to see."),
        )
    }

    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request cannot be understood.", detail)
    }

    /// A number in the query that is outside what the call takes.
    pub fn out_of_range(name: &str, range: &RangeInclusive<i64>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "out-of-range",
            "A number of the request is out of range.",
            format!("{name} is from {} to {}.", range.start(), range.end()),
        )
    }

    pub fn malformed() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed",
            "The body is not what this address expects.",
            "Send what the documentation of this call shows.",
        )
    }

    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "The request is too large.",
            "Nothing was stored. Send less at once.",
        )
    }

    pub fn unsupported_file() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-file",
            "This kind of file is not taken.",
            "Pictures, films, sound, PDF, Office files, ZIP and plain text are.",
        )
    }

    pub fn wrong_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "wrong-method",
            "This address does not take this method.",
            "The header Allow lists those it takes.",
        )
    }

    /// It can be done elsewhere, and not here: the detail says why.
    pub fn impossible(why: &str) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "impossible",
            "This cannot be done here.",
            format!("Nothing was changed: {why}."),
        )
    }

    /// The platform did not do it; the detail is its reason, and in brackets what to do.
    pub fn platform(reason: String) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, "platform", "The platform did not do it.", reason)
    }

    pub fn conflict(detail: impl Into<String>, extra: Option<(&'static str, Value)>) -> Self {
        let mut problem = Self::new(StatusCode::CONFLICT, "conflict", "Somebody else was faster.", detail);
        problem.0.extra = extra.into_iter().collect();
        problem
    }

    /// A version of an intent model whose file this node does not have.
    pub fn model_not_here(detail: String) -> Self {
        Self::new(StatusCode::CONFLICT, "model-not-here", "This node does not have that model.", detail)
    }

    /// The channel account of a conversation is removed.
    pub fn account_gone() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "account-gone",
            "This channel account is removed.",
            "Nothing can be sent from here any more; notes for the team are always possible.",
        )
    }

    /// Others read the conversation, and what was asked for is for one person alone.
    pub fn read_by_others() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "read-by-others",
            "Others read here.",
            "A code to go on elsewhere is only for the customer: give it in a conversation with them alone.",
        )
    }

    /// Ending a rotation would leave only a secret that has not verified a call yet.
    pub fn unproved(name: &str) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "unproved",
            "The new secret has not verified a call yet.",
            format!(
                "The other side still signs with the former {name}. Enter the new one there and wait for a call, or send \
                 force=true."
            ),
        )
    }

    /// A text holds the null character or marks that turn its direction.
    pub fn hidden_marks() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "hidden-marks",
            "The text holds marks that nobody sees.",
            "They turn the direction of writing, or are the null character: write the text anew without them.",
        )
    }

    /// The platform does not take a token, so the former one stays.
    pub fn token_refused(name: &str, says: &str) -> Self {
        let detail = format!(
            "The platform does not take this {name}: {}. The former one stays; send force: true to keep the new one \
             nevertheless.",
            says.trim_end_matches('.')
        );
        let mut problem = Self::new(
            StatusCode::CONFLICT,
            "token-refused",
            "The platform does not take the new token, so the former one stays.",
            detail,
        );
        problem.0.extra = vec![("says", says.into()), ("field", name.into())];
        problem
    }

    /// Another account here is the same one at the platform.
    pub fn in_use(holder: &Holder) -> Self {
        let (kind, title) = ("in-use", "This account of the platform is here already.");
        match holder {
            Holder::Ours(name) => {
                let detail = format!("It is {name}: change that one, or remove it first.");
                let mut problem = Self::new(StatusCode::CONFLICT, kind, title, detail);
                problem.0.extra = vec![("account", name.as_str().into())];
                problem
            }
            Holder::Elsewhere => Self::new(
                StatusCode::CONFLICT,
                "in-use-elsewhere",
                "This account of the platform is in use elsewhere on this server.",
                "It must be removed there first: ask whoever runs the server.",
            ),
        }
    }

    /// People have switched the account off, so nothing goes to its platform.
    pub fn switched_off() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "switched-off",
            "The account is switched off.",
            "Nothing was sent: switch it on first.",
        )
    }

    pub fn too_many(retry: RetryAfter) -> Self {
        let mut problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many",
            "Too many requests.",
            "Wait as long as Retry-After says, then try again.",
        );
        problem.0.retry_after_millis = Some(retry.millis);
        problem
    }

    pub fn unavailable() -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The service cannot take this right now.",
            "Nothing was changed. Try again in a moment.",
        );
        problem.0.retry_after_millis = Some(1000);
        problem
    }

    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side.",
            "It was logged with this request's id. Try again; tell the operator the id if it stays.",
        )
    }

    pub fn status(&self) -> StatusCode {
        self.0.status
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(what) => Self::not_found(what),
            StoreError::Conflict(detail) => Self::conflict(detail, None),
            StoreError::Overloaded => Self::unavailable(),
            StoreError::Database(error) => {
                tracing::error!(%error, "the database failed");
                Self::unavailable()
            }
            error => {
                tracing::error!(%error, "the store failed");
                Self::internal()
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Details { status, kind, title, detail, retry_after_millis, extra } = *self.0;
        let mut body = json!({
            "type": format!("sala:{kind}"),
            "title": title,
            "status": status.as_u16(),
            "detail": detail,
        });
        if let Some(fields) = body.as_object_mut() {
            fields.extend(extra.into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
        if let (Some(millis), Some(fields)) = (retry_after_millis, body.as_object_mut()) {
            fields.insert("retry_after_ms".to_owned(), millis.into());
        }
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(millis) = retry_after_millis {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(millis.div_ceil(1000)));
        }
        response
    }
}
