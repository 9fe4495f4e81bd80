//! `sala test`: a bot's scenarios, and which steps of its flows they reach.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Common, counted, print, workbench};
use crate::clock::{Clock, Micros};
use crate::scenarios::{Outcome, play};

#[derive(Args)]
pub(super) struct Test {
    /// The bot's folder; the demo's bot when none is given
    #[arg(value_name = "DIR")]
    bot: Option<PathBuf>,
    /// Only scenarios whose name holds this
    #[arg(long)]
    only: Option<String>,
    /// The least share of steps that must be reached, in percent: a number from 0 to 100
    #[arg(long, value_name = "PERCENT", default_value = "0", value_parser = percent)]
    coverage: f64,
    /// The time it is for the scenarios
    #[arg(long, value_name = "TIME", default_value = "2026-11-20T09:00:00+07:00")]
    now: jiff::Timestamp,
}

fn percent(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    let percent = number.filter(|number| (0.0..=100.0).contains(number));
    percent.ok_or_else(|| "a share in percent is a number from 0 to 100".to_owned())
}

impl Test {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let bot = tokio::task::block_in_place(|| workbench::taught_bot(common, self.bot.as_ref()))?;
        let clock = Clock::fixed(Micros(self.now.as_microsecond()));
        let mut outcomes: BTreeMap<String, Outcome> = BTreeMap::new();
        for scenario in &bot.dialogue.scenarios {
            if self.only.as_ref().is_some_and(|only| !scenario.name.contains(only.as_str())) {
                continue;
            }
            let outcome = play(&bot, scenario, clock.clone()).await?;
            let mark = if outcome.failures.is_empty() { "ok    " } else { "FAILED" };
            print(&format!("{mark} {} ({})", scenario.name, scenario.file));
            outcome.failures.iter().for_each(|failure| print(&format!("       {failure}")));
            outcomes.insert(format!("{}/{}", scenario.file, scenario.name), outcome);
        }
        if let Some(only) = self.only.as_ref().filter(|_| outcomes.is_empty()) {
            anyhow::bail!("no scenario's name holds «{only}»");
        }
        let failed = outcomes.values().filter(|outcome| !outcome.failures.is_empty()).count();
        let coverage =
            dialogues::coverage(&bot.dialogue, outcomes.values().flat_map(|outcome| &outcome.visited));
        print("");
        print(&format!(
            "{}, {failed} failed; {:.0} % of the steps reached",
            counted(outcomes.len(), "scenario"),
            coverage.percent()
        ));
        let enough = coverage.percent() >= self.coverage;
        if !enough {
            print(&format!("that is less than the {:.0} % asked for", self.coverage));
        }
        Ok(if failed == 0 && enough { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_from_0_to_100() {
        for (text, expected) in [
            ("0", Some(0.0)),
            ("92.5", Some(92.5)),
            ("100", Some(100.0)),
            ("200", None),
            ("-1", None),
            ("NaN", None),
            ("inf", None),
            ("80%", None),
            ("", None),
        ] {
            assert_eq!(percent(text).ok(), expected, "{text}");
        }
    }
}
