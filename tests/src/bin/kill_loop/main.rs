//! The kill loop: visitors write without a pause while the server is killed again and again, at random moments and at
//! named points; afterwards every acknowledged message must be there, with exactly one turn, in order.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Parser;
use engine::accounts::Accounts;
use engine::clock::Clock;
use engine::ids::{ChannelAccountId, Ids};
use engine::secrets::SecretKey;
use engine::store::Store;
use serde_json::json;
use tests::http;
use tests::ledger::{self, Promise};
use tests::server::{Server, ServerOptions};
use tests::tool_database::{StoreKind, ToolDatabase};
use tests::visitor::Visitor;

/// Where a server built with `--features engine/failpoints` kills itself.
const POINTS: [&str; 7] = [
    "webhook.after_verify",
    "store.before_commit",
    "store.after_commit",
    "turn.after_model",
    "outbox.before_send",
    "outbox.after_send",
    "outbox.before_mark_sent",
];
/// What customers write: some of it begins, answers or breaks off a flow.
const TEXTS: [&str; 6] = ["สวัสดีค่ะ", "BK240117", "ของถึงไหนแล้ว", "how much is the grinder", "ยกเลิก", "ขอบคุณค่ะ"];

#[derive(Parser)]
struct Options {
    #[arg(long, default_value_t = 60)]
    kills: usize,
    #[arg(long, default_value_t = 48)]
    visitors: usize,
    /// Customers who write by webhook besides
    #[arg(long, default_value_t = 8)]
    telegram: usize,
    /// Milliseconds between two messages of a customer
    #[arg(long, default_value_t = 60)]
    pace: u64,
    #[arg(long, value_enum, default_value_t = StoreKind::Sqlite)]
    store: StoreKind,
    #[arg(long, default_value_t = 18_081)]
    port: u16,
    /// Every other kill happens at a named point (needs a server with failpoints)
    #[arg(long)]
    failpoints: bool,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Use the models; they only slow the loop down
    #[arg(long)]
    models: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let folder = tempfile::tempdir()?;
    let mut server_options = ServerOptions::beside_this(options.port, folder.path())?;
    let database = ToolDatabase::create(options.store, folder.path()).await;
    server_options.database.clone_from(&database.setting);
    if !options.models {
        server_options.arguments.push("--no-models".to_owned());
    }
    let stop = Arc::new(AtomicBool::new(false));
    let (mut server, _) = server_options.start().await?;
    let pace = Duration::from_millis(options.pace);
    let mut customers: Vec<_> = (0..options.visitors)
        .map(|number| tokio::spawn(write_on(number, server.socket(), (pace, Arc::clone(&stop)))))
        .collect();
    let secret = webhook_secret(&database, folder.path()).await?;
    customers.extend((0..options.telegram).map(|number| {
        tokio::spawn(post_on(number, (options.port, secret.clone()), (pace, Arc::clone(&stop))))
    }));
    let mut random = options.seed.max(1);
    for kill in 0..options.kills {
        let point = POINTS[kill / 2 % POINTS.len()];
        if options.failpoints && kill % 2 == 1 {
            wait_for_death(&mut server).await?;
        } else {
            tokio::time::sleep(Duration::from_millis(50 + next(&mut random) % 1450)).await;
            server.kill()?;
        }
        server_options.environment.clear();
        if options.failpoints && kill % 2 == 0 {
            let nth = 1 + next(&mut random) % 300;
            server_options.environment.push(("SALA_KILL_AT".to_owned(), format!("{point}:{nth}")));
        }
        let (again, took) = match server_options.start().await {
            Err(_) if !server_options.environment.is_empty() => {
                // The point was passed often enough before it was ready: that was a kill too.
                server_options.environment.clear();
                server_options.start().await?
            }
            started => started?,
        };
        server = again;
        say(&format!("kill {}: back after {:.2} s", kill + 1, took.as_secs_f64()));
    }
    server_options.environment.clear();
    server.kill()?;
    let (again, _) = server_options.start().await?;
    server = again;
    stop.store(true, Ordering::Relaxed);
    let mut promises: Vec<Promise> = Vec::new();
    for customer in customers {
        promises.extend(customer.await?);
    }
    let verdict = settle(&mut server, &database.url, &promises).await?;
    report(options.kills, &verdict)
}

fn report(kills: usize, verdict: &ledger::Verdict) -> anyhow::Result<()> {
    say(&format!(
        "{} kills; promises {}, turns {}, conversations {}, lost {}, wrong {}, pending {}",
        kills,
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

/// Writes until told to stop; what is not promised is sent again under the same id once the server is back.
async fn write_on(number: usize, socket: String, (pace, stop): (Duration, Arc<AtomicBool>)) -> Vec<Promise> {
    let mut visitor = Visitor::new(&socket);
    let mut count = 0usize;
    let mut connected = false;
    while !stop.load(Ordering::Relaxed) {
        if !connected {
            visitor.drop_connection();
            connected = visitor.connect().await.is_ok();
            if !connected {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        }
        let client_id = format!("k{number}-{count}");
        match visitor.promise_of(&client_id, TEXTS[count % TEXTS.len()]).await {
            Ok(()) => {
                count += 1;
                tokio::time::sleep(pace).await;
            }
            Err(_) => connected = false,
        }
    }
    visitor.promises
}

/// By what the demo's Telegram proves itself; the loop plays that platform's servers.
async fn webhook_secret(database: &ToolDatabase, folder: &Path) -> anyhow::Result<String> {
    let key = Arc::new(SecretKey::from_file(&folder.join("secret.key"))?);
    let store = Store::open(&database.url, Clock::System, Arc::new(Ids::Random)).await?;
    let account = Accounts::new(store, key).find(&ChannelAccountId::from_text("telegram-demo")).await;
    let account = account.context("the demo has no Telegram account")?;
    let secret =
        account.config.secrets_of("webhook_secret").next().context("the account has no secret")?.to_owned();
    Ok(secret)
}

/// Delivers updates until told to stop; one that was not answered with 200 is delivered again, as Telegram does.
async fn post_on(
    number: usize,
    (port, secret): (u16, String),
    (pace, stop): (Duration, Arc<AtomicBool>),
) -> Vec<Promise> {
    let headers =
        [("content-type", "application/json"), ("x-telegram-bot-api-secret-token", secret.as_str())];
    let person = 5_000_000 + number;
    let mut promises = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let update = (number + 1) * 10_000_000 + promises.len();
        let update_json = json!({ "update_id": update, "message": {
            "message_id": update, "date": 1_700_000_000, "text": TEXTS[promises.len() % TEXTS.len()],
            "chat": { "id": person, "type": "private", "first_name": "Kan" },
            "from": { "id": person, "is_bot": false, "first_name": "Kan" },
        } });
        let body = update_json.to_string();
        let path = ("POST", "/channels/telegram-demo/webhook");
        let answer = http::call(([127, 0, 0, 1], port).into(), path, &headers, body.as_bytes());
        if answer.await.is_ok_and(|answer| answer.status == 200) {
            promises.push(Promise { event: update.to_string(), seq: None });
        }
        tokio::time::sleep(pace).await;
    }
    promises
}

async fn wait_for_death(server: &mut Server) -> anyhow::Result<()> {
    for _ in 0..300 {
        if !server.is_running() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // The point was not reached often enough: end it as any other time.
    server.kill()
}

/// Waits until everything accepted has been heard, or nothing more is, then checks.
async fn settle(
    server: &mut Server,
    database: &str,
    promises: &[Promise],
) -> anyhow::Result<ledger::Verdict> {
    let (mut before, mut still) = (i64::MAX, 0);
    while before > 0 && still < 60 {
        let pending = ledger::pending(database).await?;
        still = if pending < before { 0 } else { still + 1 };
        before = pending;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    server.stop()?;
    ledger::check(database, promises).await
}

/// xorshift: the same seed kills at the same moments.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[expect(clippy::print_stdout, reason = "this is the tool's report")]
fn say(line: &str) {
    println!("{line}");
}
