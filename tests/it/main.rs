//! The integration tests: one binary, one module for each subject.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops where it stands, in its helpers too")]

mod architecture;
mod browser;
mod command_line;
mod conformance;
mod edge;
mod faults;
mod harness;
mod heard_table;
mod migrations;
mod people;
mod races;
mod shipped_vectors;
mod tenancy;
