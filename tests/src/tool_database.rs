//! The database of a tool's server: a new one for each run.

use std::path::Path;

use clap::ValueEnum;

use crate::TestDatabase;

/// Which kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StoreKind {
    /// A file, written with synchronous=FULL
    Sqlite,
    /// A private cluster that stops with the tool
    Postgres,
}

/// A database as the server and the ledger call it.
pub struct ToolDatabase {
    pub kind: StoreKind,
    /// What the server's settings name.
    pub setting: String,
    /// The address by which the ledger and the store open it.
    pub url: String,
    // The cluster lives as long as this does.
    _postgres: Option<TestDatabase>,
}

impl ToolDatabase {
    /// `folder` is the server's data folder.
    pub async fn create(kind: StoreKind, folder: &Path) -> Self {
        match kind {
            StoreKind::Sqlite => Self {
                kind,
                setting: "sqlite".to_owned(),
                url: format!("sqlite://{}", folder.join("sala.db").display()),
                _postgres: None,
            },
            StoreKind::Postgres => {
                let database = TestDatabase::create().await;
                Self { kind, setting: database.url(), url: database.url(), _postgres: Some(database) }
            }
        }
    }
}
