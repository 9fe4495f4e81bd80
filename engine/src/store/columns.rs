//! Reading a row's columns as what they mean.

use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::StoreError;
use crate::clock::Micros;
use crate::ids::Id;

/// The columns of a row, by their places.
pub(super) trait Columns {
    fn id<Kind>(&self, place: usize) -> Result<Id<Kind>, StoreError>;

    fn time(&self, place: usize) -> Result<Micros, StoreError>;

    fn maybe_time(&self, place: usize) -> Result<Option<Micros>, StoreError>;

    /// A number that is 0 for no.
    fn flag(&self, place: usize) -> Result<bool, StoreError>;

    /// `what` names it where it cannot be read.
    fn json<Told: DeserializeOwned>(&self, place: usize, what: &'static str) -> Result<Told, StoreError>;
}

impl Columns for AnyRow {
    fn id<Kind>(&self, place: usize) -> Result<Id<Kind>, StoreError> {
        Ok(Id::from_text(self.try_get::<String, _>(place)?))
    }

    fn time(&self, place: usize) -> Result<Micros, StoreError> {
        Ok(Micros(self.try_get(place)?))
    }

    fn maybe_time(&self, place: usize) -> Result<Option<Micros>, StoreError> {
        Ok(self.try_get::<Option<i64>, _>(place)?.map(Micros))
    }

    fn flag(&self, place: usize) -> Result<bool, StoreError> {
        Ok(self.try_get::<i64, _>(place)? != 0)
    }

    fn json<Told: DeserializeOwned>(&self, place: usize, what: &'static str) -> Result<Told, StoreError> {
        serde_json::from_str(&self.try_get::<String, _>(place)?).map_err(StoreError::corrupt(what))
    }
}
