//! Encoders on libtorch by way of rust-bert, for people who already run libtorch 2.4: a backend that registry folders
//! name with `backend = "libtorch"`.
//!
//! Cards, sums, tokenizers, queues and threads are those of `models`, so that the same text becomes the same tokens; this
//! crate only reads the weights and runs them. It is dormant: see docs/decisions/0007.

mod bert;
mod config;

use models::OtherBackend;

/// What the program `sala-rust-bert` has besides ONNX.
pub static BACKENDS: [OtherBackend; 1] = [OtherBackend { name: "libtorch", open: bert::open }];
