//! Reading bodies and queries: whatever is wrong becomes a problem document.

use std::ops::RangeInclusive;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// A JSON body of type `T`, or a 400 (not JSON) or 422 (JSON of another shape).
pub(super) struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(JsonRejection::JsonDataError(error)) => Err(Problem::invalid(in_words(&error.body_text()))),
            Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => Err(Problem::too_large()),
            Err(_) => Err(Problem::malformed()),
        }
    }
}

/// The fields after the question mark, or a 422.
pub(super) struct QueryOf<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(error) => Err(Problem::invalid(in_words(&error.body_text()))),
        }
    }
}

/// What is wrong with a field, without the reader's own words around it.
fn in_words(said: &str) -> String {
    let (frame, rest) = said.split_once(": ").unwrap_or(("", said));
    let rest = if frame.starts_with("Failed to deserialize") { rest } else { said };
    let named = |start: &str| rest.split_once(start)?.1.split_once('`').map(|(name, _)| name);
    if let Some(name) = named("missing field `") {
        return format!("{name} is missing");
    }
    match named("unknown field `") {
        Some(name) => format!("{name} is no field of this call"),
        None => rest.to_owned(),
    }
}

/// How many rows a page may have.
pub(super) const PAGE: RangeInclusive<i64> = 1..=100;

/// The rows asked for, or a 400 that says how many a page may have.
pub(super) fn page_size(asked: Option<i64>, otherwise: i64) -> Result<i64, Problem> {
    let limit = asked.unwrap_or(otherwise);
    if PAGE.contains(&limit) { Ok(limit) } else { Err(Problem::out_of_range("limit", &PAGE)) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_field_is_named_in_words() {
        for (said, expected) in [
            ("Failed to deserialize query string: missing field `link`", "link is missing"),
            (
                "Failed to deserialize the JSON body into the target type: unknown field `x`, expected `y` at line 1",
                "x is no field of this call",
            ),
            (
                "Failed to deserialize query string: limit: invalid digit found in string",
                "limit: invalid digit found in string",
            ),
            ("something else: x", "something else: x"),
        ] {
            assert_eq!(super::in_words(said), expected);
        }
    }
}
