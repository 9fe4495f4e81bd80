//! The fault run as a tool: prints a table, and fails when a promise was broken.

use std::time::Instant;

use anyhow::ensure;
use clap::{Parser, ValueEnum};
use tests::TestStore;
use tests::fault_run::FaultRun;

#[derive(Parser)]
struct Options {
    /// Replies over all platforms
    #[arg(long, default_value_t = 50_000)]
    sends: usize,
    /// The same seed asks for the same faults
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, value_enum, default_value_t = StoreKind::Sqlite)]
    store: StoreKind,
}

#[derive(Clone, Copy, ValueEnum)]
enum StoreKind {
    /// A file, written with synchronous=FULL
    Sqlite,
    Memory,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let store = match options.store {
        StoreKind::Sqlite => TestStore::sqlite().await,
        StoreKind::Memory => TestStore::memory().await,
    };
    let started = Instant::now();
    let verdict = FaultRun { sends: options.sends, seed: options.seed }.play(&store).await?;
    say(&verdict.table());
    say(&format!("{:.1} s", started.elapsed().as_secs_f64()));
    let mistakes = verdict.mistakes();
    ensure!(mistakes.is_empty(), "promises were broken:\n{}", mistakes.join("\n"));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this is the tool's report")]
fn say(line: &str) {
    println!("{line}");
}
