//! The test harness: what every test of the workspace may lean on.
//!
//! - [`need`] tells whether something a test needs is on this machine; a skip is printed and listed, and may be forbidden.
//! - [`TestStore`] is a fresh store of one kind; [`check_on_every_store`] runs one check on all of them.
//! - [`TestDatabase`] is a fresh PostgreSQL database in a private cluster that stops by itself.
//! - [`Scene`] is a tenant with a channel account, and the short calls by which a test plays its customers.
//!
//! Nothing here sleeps: who waits, waits for a condition. No test reaches beyond the loopback address.

pub mod browser;
pub mod demo;
pub mod fault_run;
pub mod http;
pub mod ledger;
mod need;
mod postgres;
mod scene;
pub mod server;
mod test_store;
pub mod tool_database;
pub mod visitor;
pub mod workspace;

pub use need::{environment, need, shared};
pub use postgres::TestDatabase;
pub use scene::{Scene, nothing_said, reply, said};
pub use test_store::{START, TestStore, check_on_every_store};
