//! The integration tests: one binary, one module for each subject.

mod browser;
mod conformance;
mod migrations;
