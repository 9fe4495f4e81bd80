//! The program `sala-rust-bert`: `sala` that also runs encoders on libtorch.

use std::process::ExitCode;

fn main() -> ExitCode {
    engine::allocator::give_back_large_blocks();
    engine::cli::run_with_backends(&sala_rust_bert::BACKENDS)
}
