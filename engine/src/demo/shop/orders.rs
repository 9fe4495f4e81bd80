//! The shop's orders and what can still be done with them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::catalogue::Catalogue;
use super::{Refusal, days_after, working_day};

const ORDERS: &str = include_str!("../data/orders.yaml");
/// Goods below this amount pay for delivery. Both in satang.
const FREE_DELIVERY_FROM: i64 = 300_000;
const DELIVERY: i64 = 8_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Preparing,
    Packed,
    Shipped,
    Delivered,
    Cancelled,
}

impl Status {
    /// Refuses what can only be done while the goods are in the warehouse.
    fn in_warehouse(self) -> Result<(), Refusal> {
        match self {
            Self::Preparing | Self::Packed => Ok(()),
            Self::Shipped => Err(Refusal::Conflict("already_shipped")),
            Self::Delivered => Err(Refusal::Conflict("already_delivered")),
            Self::Cancelled => Err(Refusal::Conflict("already_cancelled")),
        }
    }
}

/// An order as the data file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrderRow {
    number: String,
    language: String,
    status: Status,
    paid: bool,
    items: BTreeMap<String, u32>,
    carrier: Option<String>,
    tracking: Option<String>,
    eta_days: Option<i64>,
}

/// An order as the API shows it.
#[derive(Debug, Serialize)]
struct Order {
    number: String,
    status: Status,
    paid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    eta: Option<Date>,
    items: Vec<Item>,
    /// With delivery, in satang.
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// True once this API cancelled it, so that the same call again is no refusal.
    #[serde(skip)]
    cancelled_here: bool,
}

#[derive(Debug, Serialize)]
struct Item {
    sku: String,
    /// In the language in which the customer ordered.
    name: String,
    quantity: u32,
}

/// Who wants a tax invoice.
#[derive(Deserialize)]
pub(super) struct TaxInvoice {
    company: String,
    tax_id: String,
    email: String,
}

pub(super) struct Orders(Mutex<BTreeMap<String, Order>>);

impl Orders {
    #[expect(clippy::expect_used, reason = "the file is part of the program, and a test reads it")]
    pub(super) fn read(catalogue: &Catalogue, opened: Date) -> Self {
        let rows: Vec<OrderRow> = serde_saphyr::from_str(ORDERS).expect("orders.yaml is well-formed");
        let orders =
            rows.into_iter().map(|row| (row.number.clone(), Order::from_row(row, catalogue, opened)));
        Self(Mutex::new(orders.collect()))
    }

    pub(super) fn find(&self, number: &str) -> Result<Value, Refusal> {
        self.with(number, |order| Ok(json!(order)))
    }

    /// Cancels what has not left the warehouse. What was paid is refunded.
    pub(super) fn cancel(&self, number: &str) -> Result<Value, Refusal> {
        self.with(number, |order| {
            if !order.cancelled_here {
                order.status.in_warehouse()?;
                (order.status, order.cancelled_here) = (Status::Cancelled, true);
                (order.carrier, order.eta) = (None, None);
            }
            let mut answer = json!({ "number": order.number });
            if order.paid {
                answer["refund"] = order.total.into();
            }
            Ok(answer)
        })
    }

    pub(super) fn change_address(&self, number: &str, address: &str) -> Result<Value, Refusal> {
        self.with(number, |order| {
            order.status.in_warehouse()?;
            order.address = Some(given(address, "address")?);
            Ok(json!({ "number": order.number, "address": order.address }))
        })
    }

    /// The reference is the order's own, so asking again gives the same one.
    pub(super) fn request_tax_invoice(&self, number: &str, wanted: &TaxInvoice) -> Result<Value, Refusal> {
        self.with(number, |order| {
            given(&wanted.company, "company")?;
            let digits = wanted.tax_id.chars().filter(char::is_ascii_digit).count();
            if digits != 13 || !wanted.tax_id.chars().all(|c| c.is_ascii_digit() || c == '-' || c == ' ') {
                return Err(Refusal::Invalid("tax_id: 13 digits are needed".to_owned()));
            }
            if !wanted.email.contains('@') {
                return Err(Refusal::Invalid("email: there is no @".to_owned()));
            }
            if order.status == Status::Cancelled {
                return Err(Refusal::Conflict("already_cancelled"));
            }
            Ok(json!({ "reference": format!("TX-{}", order.number) }))
        })
    }

    pub(super) fn record_payment_slip(&self, number: &str) -> Result<Value, Refusal> {
        self.with(number, |order| {
            if order.status == Status::Cancelled {
                return Err(Refusal::Conflict("already_cancelled"));
            }
            order.paid = true;
            Ok(json!({ "reference": format!("SL-{}", order.number) }))
        })
    }

    fn with<T>(
        &self,
        number: &str,
        act: impl FnOnce(&mut Order) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let mut orders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = number.trim().to_ascii_uppercase();
        act(orders.get_mut(&number).ok_or(Refusal::NotFound)?)
    }
}

impl Order {
    fn from_row(row: OrderRow, catalogue: &Catalogue, opened: Date) -> Self {
        let products =
            row.items.iter().filter_map(|(sku, quantity)| Some((catalogue.product(sku)?, *quantity)));
        let goods: i64 =
            products.clone().map(|(product, quantity)| product.price * i64::from(quantity)).sum();
        let items = products.map(|(product, quantity)| Item {
            sku: product.sku.clone(),
            name: product.name(&row.language).to_owned(),
            quantity,
        });
        Self {
            items: items.collect(),
            total: if goods < FREE_DELIVERY_FROM { goods + DELIVERY } else { goods },
            eta: row.eta_days.map(|days| working_day(days_after(opened, days))),
            number: row.number,
            status: row.status,
            paid: row.paid,
            carrier: row.carrier,
            tracking: row.tracking,
            address: None,
            cancelled_here: false,
        }
    }
}

/// A text that must say something.
pub(super) fn given(text: &str, field: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        Err(Refusal::Invalid(format!("{field}: nothing is given")))
    } else {
        Ok(text.to_owned())
    }
}
