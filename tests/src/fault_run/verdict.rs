//! What the customers of a fault run see, against what was said to them.

use std::collections::HashMap;

use anyhow::Context;
use channels::ChannelName;
use channels::simulator::Fault;
use engine::store::Control;
use sqlx::Row as _;

use super::{PLATFORMS, Run};
use crate::TestStore;

/// What became of one platform's replies.
#[derive(Clone, Debug)]
pub struct Row {
    pub channel: ChannelName,
    /// Messages that customers should see: replies have one part or several.
    pub messages: usize,
    /// Calls that met no fault, then those that met one.
    pub calls: usize,
    pub server_errors: usize,
    pub silences: usize,
    pub resets: usize,
    pub too_fast: usize,
    pub duplicates: usize,
    pub lost: usize,
    /// Customers who do not see their messages in order.
    pub out_of_order: usize,
    /// Conversations that the run's echoes took from the bot.
    pub taken_over: usize,
    /// Attempts of unknown outcome that the outbox has counted; none where the store has no file to look into.
    pub counted: Option<usize>,
}

/// What became of a run.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub replies: usize,
    pub attempts: usize,
    pub rows: Vec<Row>,
    /// What `sala_outbound_ambiguous_total` has counted during the run.
    pub counted: usize,
    /// Replies that were set aside.
    pub parked: Vec<String>,
}

impl Row {
    /// Faults after which nobody knows whether the message arrived.
    pub fn ambiguous(&self) -> usize {
        self.silences + self.resets
    }

    fn mistakes(&self) -> Vec<String> {
        let name = self.channel.as_str();
        let most = if self.channel == ChannelName::Line { 0 } else { self.ambiguous() };
        let uncounted = self.counted.is_some_and(|counted| counted != self.ambiguous());
        [
            (
                self.duplicates > most,
                format!("{name}: {} duplicates where {most} are allowed", self.duplicates),
            ),
            (self.lost > 0, format!("{name}: {} messages lost", self.lost)),
            (self.out_of_order > 0, format!("{name}: {} customers see another order", self.out_of_order)),
            (self.taken_over > 0, format!("{name}: {} conversations lost their bot", self.taken_over)),
            (
                uncounted,
                format!("{name}: {:?} of {} unknown outcomes counted", self.counted, self.ambiguous()),
            ),
        ]
        .into_iter()
        .filter_map(|(is_wrong, what)| is_wrong.then_some(what))
        .collect()
    }
}

impl Verdict {
    /// What is not as promised; empty when all is.
    pub fn mistakes(&self) -> Vec<String> {
        let ambiguous: usize = self.rows.iter().map(Row::ambiguous).sum();
        let mut mistakes: Vec<String> = self.rows.iter().flat_map(Row::mistakes).collect();
        if self.counted != ambiguous {
            mistakes.push(format!("the metric counted {} of {ambiguous} unknown outcomes", self.counted));
        }
        mistakes.extend(self.parked.iter().map(|reason| format!("a reply was set aside: {reason}")));
        mistakes
    }

    /// The report, a line a platform.
    pub fn table(&self) -> String {
        let mut lines = vec![format!(
            "{:<10} {:>8} {:>7} {:>6} {:>8} {:>6} {:>5} {:>8} {:>10} {:>5} {:>6} {:>6}",
            "platform",
            "messages",
            "calls",
            "5xx",
            "silence",
            "reset",
            "429",
            "counted",
            "duplicates",
            "lost",
            "order",
            "taken"
        )];
        for row in &self.rows {
            lines.push(format!(
                "{:<10} {:>8} {:>7} {:>6} {:>8} {:>6} {:>5} {:>8} {:>10} {:>5} {:>6} {:>6}",
                row.channel.as_str(),
                row.messages,
                row.calls,
                row.server_errors,
                row.silences,
                row.resets,
                row.too_fast,
                row.counted.map_or_else(|| "-".to_owned(), |counted| counted.to_string()),
                row.duplicates,
                row.lost,
                row.out_of_order,
                row.taken_over
            ));
        }
        lines.push(format!(
            "{} replies, {} attempts, {} set aside; sala_outbound_ambiguous_total {}",
            self.replies,
            self.attempts,
            self.parked.len(),
            self.counted
        ));
        lines.join("\n")
    }
}

pub(super) async fn of(run: &Run, test: &TestStore) -> anyhow::Result<Verdict> {
    let mut rows = Vec::new();
    for channel in PLATFORMS {
        rows.push(row(run, test, channel).await?);
    }
    let tenant = engine::ids::TenantId::from_text(engine::demo::seed::TENANT);
    let parked = run.stage.app.store.parked_outbound(&tenant).await?;
    let parked = parked.into_iter().map(|parked| parked.reason.unwrap_or_default()).collect();
    let counted = counted(&run.stage.app.metrics.render());
    Ok(Verdict { replies: run.replies, attempts: run.attempts, rows, counted, parked })
}

async fn row(run: &Run, test: &TestStore, channel: ChannelName) -> anyhow::Result<Row> {
    let asked = run.asked.get(&channel).map(Vec::as_slice).unwrap_or_default();
    let left =
        run.stage.simulators.with(channel, |platform| platform.faults_left()).context("no such platform")?;
    let met = &asked[..asked.len() - left];
    let count = |is: fn(&Fault) -> bool| met.iter().filter(|fault| is(fault)).count();
    let account = run.stage.accounts.get(&channel).context("a platform has an account")?;
    let mut row = Row {
        channel,
        messages: 0,
        calls: met.len(),
        server_errors: count(|fault| matches!(fault, Fault::ServerError)),
        silences: count(|fault| matches!(fault, Fault::AcceptThenSilence)),
        resets: count(|fault| matches!(fault, Fault::Reset)),
        too_fast: count(|fault| matches!(fault, Fault::TooManyRequests { .. })),
        duplicates: 0,
        lost: 0,
        out_of_order: 0,
        taken_over: 0,
        counted: ledger(test, account.as_str()).await?,
    };
    let tenant = engine::ids::TenantId::from_text(engine::demo::seed::TENANT);
    for ((_, thread), said) in run.said.iter().filter(|((of, _), _)| *of == channel) {
        row.compare(said, &run.stage.seen(channel, thread));
        let conversation = run.stage.app.store.conversation_of_thread(&tenant, account, thread).await?;
        let is_the_bots = conversation.is_some_and(|conversation| conversation.control == Control::Bot);
        row.taken_over += usize::from(!is_the_bots);
    }
    Ok(row)
}

impl Row {
    fn compare(&mut self, said: &[String], seen: &[String]) {
        let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
        let mut times: HashMap<&str, usize> = HashMap::new();
        for text in &seen {
            *times.entry(text).or_default() += 1;
        }
        self.messages += said.len();
        self.lost += said.iter().filter(|text| !times.contains_key(text.as_str())).count();
        self.duplicates += times.values().map(|times| times - 1).sum::<usize>();
        // A repetition stands right behind what it repeats; else it came too late.
        let mut in_order = seen;
        in_order.dedup();
        let expected = said.iter().map(String::as_str).filter(|text| times.contains_key(text));
        self.out_of_order += usize::from(!in_order.into_iter().eq(expected));
    }
}

/// The attempts of unknown outcome that stand in the outbox of an account.
async fn ledger(test: &TestStore, account: &str) -> anyhow::Result<Option<usize>> {
    let Some(mut connection) = test.owner().await else { return Ok(None) };
    let row = sqlx::query("SELECT SUM(ambiguous) FROM outbox WHERE channel_account_id = $1")
        .bind(account.to_owned())
        .fetch_one(&mut connection)
        .await?;
    Ok(Some(usize::try_from(row.try_get::<Option<i64>, _>(0)?.unwrap_or_default())?))
}

fn counted(metrics: &str) -> usize {
    let lines = metrics.lines().filter_map(|line| line.strip_prefix("sala_outbound_ambiguous_total "));
    lines.filter_map(|count| count.trim().parse::<usize>().ok()).sum()
}
