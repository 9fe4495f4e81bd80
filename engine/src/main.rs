//! The program `sala`.

use std::process::ExitCode;

fn main() -> ExitCode {
    engine::cli::run()
}
