//! Stores for tests: fresh, of every kind, with a clock that stands still.

use std::sync::Arc;

use engine::clock::{Clock, Micros};
use engine::ids::Ids;
use engine::store::{Store, StoreError};
use sqlx::{AnyConnection, Connection};
use tempfile::TempDir;

use crate::{TestDatabase, need};

/// The time at which the clock of every test store stands at first: 2026-01-01 00:00 UTC.
pub const START: Micros = Micros(1_767_225_600_000_000);

/// A fresh store, gone when it is dropped.
pub struct TestStore {
    pub store: Store,
    /// Shared with every node of this store; it moves only when the test moves it.
    pub clock: Clock,
    place: Place,
}

enum Place {
    Memory,
    Sqlite(TempDir),
    Postgres(Box<TestDatabase>),
}

impl TestStore {
    pub async fn memory() -> Self {
        Self::open(Place::Memory, Ids::counted()).await
    }

    pub async fn sqlite() -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        Self::open(Place::Sqlite(folder), Ids::counted()).await
    }

    /// A store in a database of its own. The caller has asked [`need`] for `postgres`.
    pub async fn postgres() -> Self {
        Self::open(Place::Postgres(Box::new(TestDatabase::migrated().await)), Ids::counted()).await
    }

    async fn open(place: Place, ids: Ids) -> Self {
        let clock = Clock::fixed(START);
        let store = place.store(&clock, ids).await.expect("the store opens");
        Self { store, clock, place }
    }

    /// A further node on the same database: what another process would open. Memory has no second node.
    pub async fn another_node(&self) -> Store {
        self.try_another_node().await.expect("the store opens")
    }

    /// The same, where the test is about the opening itself.
    pub async fn try_another_node(&self) -> Result<Store, StoreError> {
        self.place.store(&self.clock, Ids::Random).await
    }

    /// A connection that goes past the store: the file's, or that of the user who owns the schema. Memory has none.
    pub async fn owner(&self) -> Option<AnyConnection> {
        let url = self.place.url()?;
        Some(AnyConnection::connect(&url).await.expect("the database takes a connection"))
    }

    /// The PostgreSQL database, where this is one.
    pub fn database(&self) -> Option<&TestDatabase> {
        match &self.place {
            Place::Postgres(database) => Some(database),
            Place::Memory | Place::Sqlite(_) => None,
        }
    }
}

impl Place {
    fn url(&self) -> Option<String> {
        match self {
            Self::Memory => None,
            Self::Sqlite(folder) => Some(format!("sqlite:{}", folder.path().join("sala.db").display())),
            Self::Postgres(database) => Some(database.url()),
        }
    }

    async fn store(&self, clock: &Clock, ids: Ids) -> Result<Store, StoreError> {
        let url = self.url().unwrap_or_else(|| "memory".to_owned());
        Store::open(&url, clock.clone(), Arc::new(ids)).await
    }
}

/// Runs the same check on a store in memory, in a SQLite file and, where it is here, in PostgreSQL.
pub async fn check_on_every_store(check: impl AsyncFn(&TestStore)) {
    eprintln!("on memory:");
    check(&TestStore::memory().await).await;
    eprintln!("on sqlite:");
    check(&TestStore::sqlite().await).await;
    if need("postgres") {
        eprintln!("on postgres:");
        check(&TestStore::postgres().await).await;
    }
}
