//! The engine: where everything meets. It owns the store, the turn, the outbox, the sockets, all outgoing HTTP and the
//! command line; it puts the pure crates together and performs what they decide.
//!
//! A message comes in through [`http`] (or a channel's polling), is stored by [`store`] before it is acknowledged, is
//! claimed by [`workers`], thought about in [`turn`] and [`decide`], committed with its replies in one transaction, and
//! delivered by [`deliver`] or shown live by [`live`]. [`app`] is where the parts are assembled.

pub mod account_care;
pub mod account_change;
pub mod account_news;
pub mod accounts;
pub mod actions;
pub mod acts;
pub mod allocator;
pub mod app;
pub mod approved;
pub mod blobs;
pub mod bot_files;
pub mod bots;
pub mod channel_check;
pub mod channel_setup;
pub mod cli;
pub mod clock;
pub mod comment_rule;
pub mod config;
pub mod data_lock;
pub mod decide;
pub mod deliver;
pub mod demo;
#[cfg(feature = "failpoints")]
pub mod failpoints;
pub mod files;
pub mod http;
pub mod ids;
mod inbox_care;
pub mod job_lanes;
pub mod jobs;
pub mod learn;
pub mod limits;
pub mod line;
pub mod links;
pub mod live;
pub mod logs;
pub mod media;
pub mod metrics;
pub mod model_folder;
pub mod moods;
pub mod numbered;
pub mod pace;
pub mod passwords;
pub mod perform;
pub mod permission;
pub mod pictures;
pub mod platform;
pub mod polling;
pub mod profiles;
pub mod quota;
pub mod rehearsal;
pub mod released;
pub mod rotation;
pub mod safe_http;
pub mod same_account;
pub mod scenarios;
pub mod secrets;
pub mod self_test;
pub mod serve;
pub mod signs;
pub mod store;
pub mod stories;
pub mod templates;
pub mod texts;
pub mod turn;
pub mod turn_record;
pub mod views;
pub mod waiting;
mod webhook_aim;
pub mod window;
pub mod workers;
