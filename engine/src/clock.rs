//! The time, as a value that is passed in.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize, Serializer};

/// Microseconds UTC since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Micros(pub i64);

impl Micros {
    pub const SECOND: i64 = 1_000_000;
    pub const DAY: i64 = 86_400 * Self::SECOND;

    /// Milliseconds UTC, as the JSON API writes times.
    pub fn millis(self) -> i64 {
        self.0 / 1000
    }

    /// For times in what the JSON API shows: `#[serde(serialize_with = "Micros::in_millis")]`.
    pub fn in_millis<S: Serializer>(at: &Self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.millis())
    }

    /// The same for a time that may be missing.
    pub fn in_millis_if_any<S: Serializer>(at: &Option<Self>, serializer: S) -> Result<S::Ok, S::Error> {
        at.map(Self::millis).serialize(serializer)
    }

    #[must_use]
    pub fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(i64::try_from(millis).unwrap_or(i64::MAX / 2000).saturating_mul(1000)))
    }

    #[must_use]
    pub fn minus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_sub(micros))
    }
}

/// Where the time comes from. Everything that needs the time is given one of these.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    /// A clock that stands still until it is moved, for tests and simulation.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    pub fn fixed(at: Micros) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.0)))
    }

    pub fn now(&self) -> Micros {
        match self {
            Self::System => system_now(),
            Self::Fixed(at) => Micros(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock forward; the system's clock cannot be moved.
    pub fn advance_millis(&self, millis: i64) {
        if let Self::Fixed(at) = self {
            at.fetch_add(millis * 1000, Ordering::SeqCst);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's clock")]
fn system_now() -> Micros {
    Micros(jiff::Timestamp::now().as_microsecond())
}
