//! PostgreSQL for tests: one private cluster, a fresh database for each test.

mod cluster;
mod database;

pub use database::TestDatabase;

/// True when tests can have PostgreSQL.
pub(crate) fn is_here() -> bool {
    crate::environment(cluster::ADDRESS).is_some() || cluster::programs().is_some()
}
