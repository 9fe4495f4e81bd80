//! The demo company: Baan Kafe Supply, with its shop, its people, its past and the platforms it is reached on.

pub mod beside;
pub mod memory;
pub mod seed;
pub mod shop;
pub mod sign_in;
pub mod simulators;

mod past;
