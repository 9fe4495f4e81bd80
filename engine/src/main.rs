//! The program `sala`.

use std::process::ExitCode;

fn main() -> ExitCode {
    engine::allocator::give_back_large_blocks();
    engine::cli::run()
}
