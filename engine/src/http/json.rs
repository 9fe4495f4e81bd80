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
            Err(JsonRejection::JsonDataError(error)) => Err(Problem::invalid(error.body_text())),
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
            Err(error) => Err(Problem::invalid(error.body_text())),
        }
    }
}

/// How many rows a page may have.
pub(super) const PAGE: RangeInclusive<i64> = 1..=100;

/// The rows asked for, or a 400 that says how many a page may have.
pub(super) fn page_size(asked: Option<i64>, otherwise: i64) -> Result<i64, Problem> {
    let limit = asked.unwrap_or(otherwise);
    if PAGE.contains(&limit) { Ok(limit) } else { Err(Problem::out_of_range("limit", &PAGE)) }
}
