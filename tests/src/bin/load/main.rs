//! The load generator: visitors of the web chat who say what is in the mix, and a check that nothing was lost.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Parser;
use engine::clock::Clock;
use hdrhistogram::Histogram;
use serde::Deserialize;
use tests::ledger::{self, Promise};
use tests::server::{Server, ServerOptions};
use tests::tool_database::{StoreKind, ToolDatabase};
use tests::visitor::Visitor;

/// Plays the mix against a fresh demo and reports turns a second, latencies and memory.
#[derive(Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Options {
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Visitors at the same time; 64, or 128 where no encoder slows the answers: a visitor may say 20 messages a second
    #[arg(long)]
    visitors: Option<usize>,
    /// Messages a second over all visitors; as fast as answers come when none is given
    #[arg(long)]
    rate: Option<f64>,
    /// Leave the knowledge questions out
    #[arg(long)]
    no_knowledge: bool,
    /// Encoders that only hash
    #[arg(long)]
    stub_encoders: bool,
    /// No encoders at all
    #[arg(long)]
    no_models: bool,
    #[arg(long, value_enum, default_value_t = StoreKind::Sqlite)]
    store: StoreKind,
    #[arg(long, default_value_t = 18_080)]
    port: u16,
    /// Where the server keeps its data; a temporary folder when none is given
    #[arg(long)]
    data: Option<PathBuf>,
    /// Wait until the larger encoder has been learned before measuring
    #[arg(long)]
    learned: bool,
}

impl Options {
    fn visitors(&self) -> usize {
        let usual = if self.stub_encoders || self.no_models { 128 } else { 64 };
        self.visitors.unwrap_or(usual)
    }
}

#[derive(Deserialize)]
struct Line {
    text: String,
    kind: String,
}

/// Metrics of the server that belong to the report.
const REPORTED: [&str; 7] = [
    "sala_nlu_stage_total",
    "sala_search_encoder_total",
    "sala_sweeper",
    "sala_db_commit_seconds_sum",
    "sala_db_commit_seconds_count",
    "sala_db_batch_rows_sum",
    "sala_db_batch_rows_count",
];

struct Tally {
    acknowledged: Histogram<u64>,
    replied: Histogram<u64>,
    turns: u64,
    failures: u64,
    promises: Vec<Promise>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let folder = tempfile::tempdir()?;
    let data = options.data.clone().unwrap_or_else(|| folder.path().to_owned());
    let texts = Arc::new(texts(options.no_knowledge)?);
    let mut server_options = ServerOptions::beside_this(options.port, &data)?;
    let database = ToolDatabase::create(options.store, &data).await;
    server_options.database.clone_from(&database.setting);
    if options.stub_encoders {
        server_options.arguments.push("--stub-encoders".to_owned());
    }
    if options.no_models {
        server_options.arguments.push("--no-models".to_owned());
    }
    let (mut server, ready) = server_options.start().await?;
    say(&format!("ready after {:.2} s", ready.as_secs_f64()));
    if options.learned {
        wait_until_learned(&database.url).await?;
    }
    let before = server.processor_seconds()?;
    let started = Instant::now();
    let tallies = play(&options, &server, &texts).await?;
    let seconds = started.elapsed().as_secs_f64();
    report(&options, &server, &tallies, (seconds, before)).await?;
    server.stop()?;
    let promises: Vec<Promise> = tallies.into_iter().flat_map(|tally| tally.promises).collect();
    let verdict = ledger::check(&database.url, &promises).await?;
    say(&format!(
        "promises {}, turns {}, conversations {}, lost {}, wrong {}, pending {}",
        verdict.promises,
        verdict.turns,
        verdict.conversations,
        verdict.lost.len(),
        verdict.wrong.len(),
        verdict.pending
    ));
    ensure!(
        verdict.is_good(),
        "promises were broken: {:?} {:?}",
        verdict.lost.first(),
        verdict.wrong.first()
    );
    Ok(())
}

fn texts(no_knowledge: bool) -> anyhow::Result<Vec<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/mix.jsonl");
    let file = std::fs::read_to_string(path).context("the mix is missing")?;
    let lines = file.lines().map(serde_json::from_str::<Line>).collect::<Result<Vec<_>, _>>()?;
    Ok(lines
        .into_iter()
        .filter(|line| !no_knowledge || line.kind != "knowledge")
        .map(|line| line.text)
        .collect())
}

/// The server asks for its learning before it is ready; what is cached needs none.
async fn wait_until_learned(database: &str) -> anyhow::Result<()> {
    let deadline = Instant::now() + Duration::from_mins(10);
    while Instant::now() < deadline {
        if ledger::unfinished_jobs(database).await? == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    anyhow::bail!("the bot did not learn in ten minutes")
}

async fn play(options: &Options, server: &Server, texts: &Arc<Vec<String>>) -> anyhow::Result<Vec<Tally>> {
    let next = Arc::new(AtomicUsize::new(0));
    let end = Instant::now() + Duration::from_secs(options.seconds);
    let pace = options.rate.map(|rate| Duration::from_secs_f64(options.visitors() as f64 / rate));
    let mut tasks = Vec::new();
    for number in 0..options.visitors() {
        let (socket, texts, next) = (server.socket(), Arc::clone(texts), Arc::clone(&next));
        tasks.push(tokio::spawn(visit(number, socket, (texts, next), (end, pace))));
    }
    let mut tallies = Vec::new();
    for task in tasks {
        tallies.push(task.await??);
    }
    Ok(tallies)
}

async fn visit(
    number: usize,
    socket: String,
    (texts, next): (Arc<Vec<String>>, Arc<AtomicUsize>),
    (end, pace): (Instant, Option<Duration>),
) -> anyhow::Result<Tally> {
    let mut tally = Tally {
        acknowledged: Histogram::new(3)?,
        replied: Histogram::new(3)?,
        turns: 0,
        failures: 0,
        promises: Vec::new(),
    };
    // Ids of this run: the database may hold those of others.
    let run = Clock::System.now().0;
    let mut visitor = Visitor::new(&socket);
    visitor.connect().await?;
    // Paced visitors begin spread over one pace.
    let mut due =
        Instant::now() + pace.map_or(Duration::ZERO, |pace| pace.mul_f64((number % 64) as f64 / 64.0));
    while Instant::now() < end {
        if let Some(pace) = pace {
            tokio::time::sleep_until(due.into()).await;
            due += pace;
        }
        let index = next.fetch_add(1, Ordering::Relaxed);
        let text = &texts[index % texts.len()];
        if let Ok(heard) = visitor.say(&format!("{run}-{number}-{index}"), text).await {
            tally.acknowledged.record(micros(heard.acknowledged))?;
            tally.replied.record(micros(heard.turned))?;
            tally.turns += 1;
        } else {
            tally.failures += 1;
            visitor.drop_connection();
            visitor.connect().await?;
        }
        if visitor.control != "bot" {
            // A person was asked for: the next text comes from somebody new.
            visitor.forget();
            visitor.connect().await?;
        }
    }
    tally.promises = visitor.promises;
    Ok(tally)
}

async fn report(
    options: &Options,
    server: &Server,
    tallies: &[Tally],
    (seconds, before): (f64, f64),
) -> anyhow::Result<()> {
    let mut acknowledged: Histogram<u64> = Histogram::new(3)?;
    let mut replied: Histogram<u64> = Histogram::new(3)?;
    for tally in tallies {
        acknowledged.add(&tally.acknowledged)?;
        replied.add(&tally.replied)?;
    }
    let turns: u64 = tallies.iter().map(|tally| tally.turns).sum();
    let failures: u64 = tallies.iter().map(|tally| tally.failures).sum();
    let (rss, peak) = server.memory()?;
    let store = match options.store {
        StoreKind::Sqlite => "sqlite, synchronous=FULL",
        StoreKind::Postgres => "postgres",
    };
    say(&format!("store {store}; visitors {}; {seconds:.0} s", options.visitors()));
    say(&format!("turns {turns}, {:.1}/s; failures {failures}", turns as f64 / seconds));
    say(&line("acknowledged", &acknowledged));
    say(&line("replied", &replied));
    let used = server.processor_seconds()? - before;
    say(&format!(
        "server processor {:.2} of 1 core; {:.2} ms a turn",
        used / seconds,
        used * 1000.0 / turns.max(1) as f64
    ));
    say(&format!("memory {rss:.0} MiB, peak {peak:.0} MiB"));
    let metrics = server.metrics().await?;
    for metric in metrics.lines().filter(|line| REPORTED.iter().any(|name| line.starts_with(name))) {
        say(metric);
    }
    Ok(())
}

fn line(what: &str, histogram: &Histogram<u64>) -> String {
    let at = |quantile: f64| histogram.value_at_quantile(quantile) as f64 / 1000.0;
    format!(
        "{what:<13} p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0)
    )
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[expect(clippy::print_stdout, reason = "this is the tool's report")]
fn say(line: &str) {
    println!("{line}");
}
