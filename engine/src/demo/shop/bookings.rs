//! Visits, training days and wholesale accounts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::civil::{Date, Weekday};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Refusal;
use super::catalogue::Catalogue;
use super::orders::given;

/// Seats of one training day.
const SEATS: u32 = 6;
const TRAINING: &str = "SERV-02";
/// The first number of a reference; those before it were given on paper.
const FIRST_REFERENCE: u32 = 1001;

#[derive(Deserialize)]
pub(super) struct ServiceVisit {
    /// A SKU.
    machine: String,
    problem: String,
    phone: String,
    day: Date,
}

#[derive(Deserialize)]
pub(super) struct Training {
    date: Date,
    people: u32,
    name: String,
    phone: String,
}

#[derive(Deserialize)]
pub(super) struct WholesaleAccount {
    name: String,
    business: String,
    phone: String,
}

#[derive(Default)]
pub(super) struct Bookings {
    given: AtomicU32,
    /// Seats taken, by day.
    seats: Mutex<BTreeMap<Date, u32>>,
}

impl Bookings {
    /// Technicians come from tomorrow on, Monday to Saturday.
    pub(super) fn service_visit(
        &self,
        wanted: &ServiceVisit,
        today: Date,
        catalogue: &Catalogue,
    ) -> Result<Value, Refusal> {
        given(&wanted.problem, "problem")?;
        given(&wanted.phone, "phone")?;
        let is_machine =
            catalogue.product(&wanted.machine).is_some_and(|product| product.category == "machines");
        if !is_machine {
            return Err(Refusal::Invalid("machine: the shop has no such machine".to_owned()));
        }
        if wanted.day <= today {
            return Err(Refusal::Conflict("day_is_past"));
        }
        if wanted.day.weekday() == Weekday::Sunday {
            return Err(Refusal::Conflict("closed_on_sunday"));
        }
        Ok(json!({ "reference": self.reference("SV"), "day": wanted.day }))
    }

    /// Training is on Wednesdays and Saturdays, for six people a day.
    pub(super) fn training(
        &self,
        wanted: &Training,
        today: Date,
        catalogue: &Catalogue,
    ) -> Result<Value, Refusal> {
        given(&wanted.name, "name")?;
        given(&wanted.phone, "phone")?;
        if wanted.people == 0 {
            return Err(Refusal::Invalid("people: nobody would come".to_owned()));
        }
        if wanted.date <= today {
            return Err(Refusal::Conflict("day_is_past"));
        }
        if !matches!(wanted.date.weekday(), Weekday::Wednesday | Weekday::Saturday) {
            return Err(Refusal::Conflict("no_training_on_this_day"));
        }
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = seats.entry(wanted.date).or_default();
        if wanted.people > SEATS - *taken {
            return Err(Refusal::Conflict("full"));
        }
        *taken += wanted.people;
        let price = catalogue.product(TRAINING).map_or(0, |product| product.price);
        let total = price * i64::from(wanted.people);
        Ok(json!({ "reference": self.reference("TR"), "date": wanted.date, "total": total }))
    }

    pub(super) fn wholesale_account(&self, wanted: &WholesaleAccount) -> Result<Value, Refusal> {
        given(&wanted.name, "name")?;
        given(&wanted.business, "business")?;
        given(&wanted.phone, "phone")?;
        Ok(json!({ "reference": self.reference("WS") }))
    }

    fn reference(&self, prefix: &str) -> String {
        format!("{prefix}-{}", FIRST_REFERENCE + self.given.fetch_add(1, Ordering::Relaxed))
    }
}
