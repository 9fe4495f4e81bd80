//! The shop behind the demo's bot: the API that flows call, with everything in memory and the same at every start.
//!
//! It answers JSON. Money is in satang, days are `2026-11-21`. A refusal is `{"error": reason}`: 404 `not_found`, 409
//! with the state that forbids it, 422 `invalid` for a body that cannot be read.

mod bookings;
mod catalogue;
mod orders;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::clock::{Clock, Micros};
use bookings::Bookings;
use catalogue::Catalogue;
use orders::Orders;

/// The shop's API. Days are counted from `clock`, so a fixed clock makes a shop that always says the same.
pub fn router(clock: Clock) -> Router {
    let opened = day(clock.now());
    let catalogue = Catalogue::read(opened);
    let orders = Orders::read(&catalogue, opened);
    let shop = Arc::new(Shop { catalogue, orders, bookings: Bookings::default(), clock });
    Router::new()
        .route("/orders/{number}", get(order))
        .route("/orders/{number}/cancel", post(cancel))
        .route("/orders/{number}/address", put(change_address))
        .route("/orders/{number}/tax-invoice", post(request_tax_invoice))
        .route("/orders/{number}/payment-slip", post(record_payment_slip))
        .route("/products", get(products))
        .route("/promotions", get(promotions))
        .route("/service-visits", post(book_service_visit))
        .route("/trainings", post(book_training))
        .route("/wholesale-accounts", post(open_wholesale_account))
        .fallback(|| async { Refusal::NotFound })
        .with_state(shop)
}

struct Shop {
    catalogue: Catalogue,
    orders: Orders,
    bookings: Bookings,
    clock: Clock,
}

impl Shop {
    fn today(&self) -> Date {
        day(self.clock.now())
    }
}

/// Why the shop does not do it.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    NotFound,
    /// The reason, for programs.
    Conflict(&'static str),
    /// What is wrong with the body, for whoever wrote the call.
    Invalid(String),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, json!({ "error": "not_found" })),
            Self::Conflict(reason) => (StatusCode::CONFLICT, json!({ "error": reason })),
            Self::Invalid(detail) => {
                (StatusCode::UNPROCESSABLE_ENTITY, json!({ "error": "invalid", "detail": detail }))
            }
        };
        (status, Json(body)).into_response()
    }
}

type Answer = Result<Json<Value>, Refusal>;

async fn order(State(shop): State<Arc<Shop>>, Path(number): Path<String>) -> Answer {
    shop.orders.find(&number).map(Json)
}

async fn cancel(State(shop): State<Arc<Shop>>, Path(number): Path<String>) -> Answer {
    shop.orders.cancel(&number).map(Json)
}

#[derive(Deserialize)]
struct NewAddress {
    address: String,
}

async fn change_address(State(shop): State<Arc<Shop>>, Path(number): Path<String>, body: Bytes) -> Answer {
    let body: NewAddress = read(&body)?;
    shop.orders.change_address(&number, &body.address).map(Json)
}

async fn request_tax_invoice(
    State(shop): State<Arc<Shop>>,
    Path(number): Path<String>,
    body: Bytes,
) -> Answer {
    shop.orders.request_tax_invoice(&number, &read(&body)?).map(Json)
}

async fn record_payment_slip(State(shop): State<Arc<Shop>>, Path(number): Path<String>) -> Answer {
    shop.orders.record_payment_slip(&number).map(Json)
}

#[derive(Deserialize)]
struct ProductQuery {
    #[serde(default)]
    query: String,
}

async fn products(State(shop): State<Arc<Shop>>, Query(query): Query<ProductQuery>) -> Json<Value> {
    Json(json!({ "products": shop.catalogue.search(&query.query) }))
}

async fn promotions(State(shop): State<Arc<Shop>>) -> Json<Value> {
    Json(json!({ "promotions": shop.catalogue.promotions(shop.today()) }))
}

async fn book_service_visit(State(shop): State<Arc<Shop>>, body: Bytes) -> Answer {
    shop.bookings.service_visit(&read(&body)?, shop.today(), &shop.catalogue).map(Json)
}

async fn book_training(State(shop): State<Arc<Shop>>, body: Bytes) -> Answer {
    shop.bookings.training(&read(&body)?, shop.today(), &shop.catalogue).map(Json)
}

async fn open_wholesale_account(State(shop): State<Arc<Shop>>, body: Bytes) -> Answer {
    shop.bookings.wholesale_account(&read(&body)?).map(Json)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::Invalid(error.to_string()))
}

/// The shop's day. Thailand keeps one offset all year.
fn day(at: Micros) -> Date {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    at.to_zoned(TimeZone::fixed(offset(7))).date()
}

/// The first day on or after `date` on which the shop works.
fn working_day(date: Date) -> Date {
    if date.weekday() == jiff::civil::Weekday::Sunday { date.tomorrow().unwrap_or(date) } else { date }
}

/// `days` after `date`.
fn days_after(date: Date, days: i64) -> Date {
    date.saturating_add(jiff::Span::new().days(days))
}
