//! The fault run: replies to many customers over the five pretended platforms while a share of the calls fails, on a
//! clock that the run moves; afterwards it is counted what the customers see.
//!
//! `verdict` compares what was said with what is seen; this file plays the customers, commits the replies and delivers.

mod verdict;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use channels::simulator::{CustomerAct, Fault, Speaker, UNLIMITED};
use channels::{ChannelName, Part};
use engine::app::{App, Extras};
use engine::channel_setup;
use engine::clock::Clock;
use engine::config::Config;
use engine::deliver::deliver_due;
use engine::demo::seed;
use engine::demo::simulators::Simulators;
use engine::ids::ChannelAccountId;
use engine::secrets::SecretKey;
use engine::store::{Author, Claimed, MessageBody, NewReply, TurnCommit};
use futures_util::future::{join_all, try_join_all};
use tokio::net::TcpListener;

use crate::{TestStore, nothing_said};
pub use verdict::{Row, Verdict};

/// The platforms in the order of the report.
pub const PLATFORMS: [ChannelName; 5] = [
    ChannelName::Messenger,
    ChannelName::Instagram,
    ChannelName::Whatsapp,
    ChannelName::Line,
    ChannelName::Telegram,
];

/// Replies of one turn: LINE's reply token serves the first of them.
const REPLIES_OF_A_TURN: usize = 4;
const TURNS_OF_A_CONVERSATION: usize = 5;
/// Every so many replies one has so many parts, which no platform shows in one call.
const LONG_EVERY: usize = 20;
const PARTS: usize = 7;
/// Between two turns of a conversation.
const PAUSE_MILLIS: i64 = 60_000;
/// Customers who write, and replies that are committed, together.
const AT_ONCE: usize = 64;

/// How the run goes.
#[derive(Clone, Copy, Debug)]
pub struct FaultRun {
    /// Replies over all platforms; rounded up to whole conversations.
    pub sends: usize,
    pub seed: u64,
}

/// One run under way.
struct Run {
    stage: Stage,
    /// What each customer must see of us, in order.
    said: BTreeMap<(ChannelName, String), Vec<String>>,
    /// The faults that every platform was asked for.
    asked: BTreeMap<ChannelName, Vec<Fault>>,
    replies: usize,
    attempts: usize,
}

impl FaultRun {
    /// Plays the run on a store whose clock stands still.
    pub async fn play(self, test: &TestStore) -> anyhow::Result<Verdict> {
        let mut run = Run::set_up(test, self).await?;
        let of_one = REPLIES_OF_A_TURN * TURNS_OF_A_CONVERSATION;
        let customers = self.sends.div_ceil(PLATFORMS.len() * of_one).max(1);
        for turn in 0..TURNS_OF_A_CONVERSATION {
            run.customers_write(turn, customers).await;
            run.answer().await?;
            run.attempts += run.stage.deliver().await?;
            run.stage.clock.advance_millis(PAUSE_MILLIS);
        }
        let verdict = verdict::of(&run, test).await;
        run.stage.app.close();
        verdict
    }

    /// The faults for the calls of one platform: 10 % 5xx, 5 % accepted and never answered, 5 % resets, 3 % 429 that
    /// name a time.
    fn faults(self, place: u64, calls: usize) -> Vec<Fault> {
        let mut random = Random(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (place + 1));
        let fault = |random: &mut Random| match random.below(100) {
            0..10 => Fault::ServerError,
            10..15 => Fault::AcceptThenSilence,
            15..20 => Fault::Reset,
            20..23 => Fault::TooManyRequests { seconds: 1 + random.below(10) },
            _ => Fault::None,
        };
        (0..calls).map(|_| fault(&mut random)).collect()
    }
}

impl Run {
    async fn set_up(test: &TestStore, run: FaultRun) -> anyhow::Result<Self> {
        let stage = Stage::set(test).await?;
        let mut asked = BTreeMap::new();
        for (place, channel) in (0..).zip(PLATFORMS) {
            // More calls than there will be: what is left over counts as not met.
            let faults = run.faults(place, run.sends.max(100) * 2);
            stage.fail_next(channel, &faults);
            asked.insert(channel, faults);
        }
        Ok(Self { stage, said: BTreeMap::new(), asked, replies: 0, attempts: 0 })
    }

    /// Every customer of every platform writes once.
    async fn customers_write(&self, turn: usize, customers: usize) {
        let text = format!("question {turn}");
        for channel in PLATFORMS {
            let names: Vec<String> = (0..customers).map(|number| name_of(channel, number)).collect();
            for some in names.chunks(AT_ONCE) {
                join_all(some.iter().map(|customer| self.stage.hear(channel, customer, &text))).await;
            }
        }
    }

    /// Commits the replies to everybody who wrote.
    async fn answer(&mut self) -> anyhow::Result<()> {
        let store = self.stage.app.store.clone();
        loop {
            let claimed = store.claim("fault-run", AT_ONCE as i64, 600_000).await?;
            if claimed.is_empty() {
                return Ok(());
            }
            let mut commits = Vec::new();
            for conversation in &claimed {
                commits.push(self.turn_of(conversation)?);
            }
            try_join_all(commits.into_iter().map(|commit| store.commit_turn(commit))).await?;
        }
    }

    /// The turn that answers the one message of a conversation.
    fn turn_of(&mut self, claimed: &Claimed) -> anyhow::Result<TurnCommit> {
        let channel = ChannelName::parse(&claimed.channel).context("a conversation has a channel")?;
        let [pending] = claimed.pending.as_slice() else { bail!("everybody writes once a turn") };
        let said = self.said.entry((channel, claimed.thread.clone())).or_default();
        let mut replies = Vec::new();
        for _ in 0..REPLIES_OF_A_TURN {
            self.replies += 1;
            let number = self.replies;
            let parts = if number.is_multiple_of(LONG_EVERY) { PARTS } else { 1 };
            let texts: Vec<String> = (1..=parts).map(|part| format!("answer {number}.{part}")).collect();
            replies.push(reply(&texts));
            said.extend(texts);
        }
        Ok(TurnCommit { replies, last: true, ..nothing_said(&claimed.lease, pending) })
    }
}

/// The demo company with its pretended platforms, on a clock that stands still.
pub struct Stage {
    pub app: App,
    pub clock: Clock,
    pub simulators: Simulators,
    pub accounts: BTreeMap<ChannelName, ChannelAccountId>,
}

impl Stage {
    pub async fn set(test: &TestStore) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (app, company) = company(test, listener.local_addr()?.port()).await?;
        let simulators = Simulators::of(&app, &company, engine::http::router(&app)).await?;
        tokio::spawn(simulators.clone().serve(listener, app.clone()));
        let mut accounts = BTreeMap::new();
        for id in company {
            let account = app.accounts.find(&id).await.context("an account of the demo is there")?;
            if !PLATFORMS.contains(&account.name) {
                continue;
            }
            let webhook = channel_setup::webhook_of(&app, &id);
            let registered = channel_setup::register(&app, &id, &webhook).await;
            ensure!(!matches!(registered, Some(Err(_))), "{} refused our webhook", account.name.as_str());
            accounts.insert(account.name, id);
        }
        Ok(Self { app, clock: test.clock.clone(), simulators, accounts })
    }

    /// The next calls that send on this platform meet these faults.
    pub fn fail_next(&self, channel: ChannelName, faults: &[Fault]) {
        self.simulators.with(channel, |platform| platform.fail_next(faults)).expect("the platform is played");
    }

    /// A customer writes.
    pub async fn hear(&self, channel: ChannelName, customer: &str, text: &str) {
        let says = CustomerAct::Says { text: text.to_owned(), quotes: None };
        self.simulators.play(channel, customer, &says).await.expect("people write on every platform");
    }

    /// Commits these replies, each the texts of its parts, to the one customer who wrote.
    pub async fn answer(&self, replies: &[&[&str]]) -> anyhow::Result<()> {
        let claimed = self.app.store.claim("stage", 1, 600_000).await?;
        let one = claimed.first().context("somebody wrote")?;
        let pending = one.pending.first().context("a message waits")?;
        let owned = |texts: &&[&str]| reply(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        let replies = replies.iter().map(owned).collect();
        self.app
            .store
            .commit_turn(TurnCommit { replies, last: true, ..nothing_said(&one.lease, pending) })
            .await?;
        Ok(())
    }

    /// Delivers until nothing waits, moving the clock to whatever is next; returns how many attempts that took.
    pub async fn deliver(&self) -> anyhow::Result<usize> {
        let mut attempts = 0;
        loop {
            attempts += deliver_due(&self.app).await?;
            self.simulators.carried().await;
            let Some(next) = self.app.store.next_outbox_time().await? else { return Ok(attempts) };
            let wait = next.0 - self.clock.now().0;
            if wait > 0 {
                self.clock.advance_millis((wait + 999) / 1_000);
            }
        }
    }

    /// What a customer sees of us, oldest first.
    pub fn seen(&self, channel: ChannelName, customer: &str) -> Vec<String> {
        let lines = self.simulators.with(channel, |platform| platform.transcript(customer));
        let ours = lines.unwrap_or_default().into_iter().filter(|line| line.from == Speaker::Us);
        ours.map(|line| line.text).collect()
    }
}

/// The demo company on this store, its platforms on that port.
async fn company(test: &TestStore, port: u16) -> anyhow::Result<(App, Vec<ChannelAccountId>)> {
    let mut config = Config::read(None, std::iter::empty())?;
    // The run's own webhooks come as fast as this machine allows.
    config.limits.webhook_per_second = 1_000_000;
    config.outbox.senders = 64;
    config.data.folder = std::env::temp_dir().join("sala-fault-run-holds-no-files");
    let key = Arc::new(SecretKey::from_hex(&"5a".repeat(32))?);
    let extras = Extras { loopback_ports: vec![port], no_models: true, ..Extras::default() };
    let app = App::with_store(config, test.store.clone(), Arc::clone(&key), extras).await?;
    let platforms = format!("http://127.0.0.1:{port}");
    let company = seed::seed(&app.store, &key, &app.passwords, &platforms).await?;
    app.remember_tenants().await?;
    for mut account in app.store.channel_accounts(&company.tenant).await? {
        if account.channel == ChannelName::Line.as_str() {
            account.settings.insert(UNLIMITED.to_owned(), "yes".to_owned());
            app.store.save_channel_account(account).await?;
        }
    }
    Ok((app, company.accounts))
}

fn reply(texts: &[String]) -> NewReply {
    let parts = texts.iter().map(|text| Part::Text { text: text.clone() }).collect();
    let body = MessageBody { parts, ..MessageBody::default() };
    NewReply { author: Author::Bot, author_name: None, body, live: false }
}

/// An id as the platform gives them to people.
fn name_of(channel: ChannelName, number: usize) -> String {
    match channel {
        ChannelName::Line => format!("U{number:032x}"),
        ChannelName::Whatsapp => format!("6681{number:07}"),
        _ => format!("{}", 4_000_001 + number),
    }
}

/// xorshift: the same seed asks for the same faults.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % limit
    }
}
