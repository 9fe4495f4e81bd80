//! `sala evaluate`: how well messages are understood, on labelled files.

mod labelled;
mod suite;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use nlu::Words;
use serde_json::{Value, json};
use training::{Dataset, Example, HeldOut, IntentOptions, Resources, held_out};

use super::{Common, print, print_error, workbench};
use crate::learn::{TextCache, told};
use crate::model_folder::Encoders;

#[derive(Args)]
pub(super) struct Evaluate {
    /// Learn from this file: JSON lines with "text" and "label", and "lang" where it is known
    #[arg(long, value_name = "FILE", requires = "test", required_unless_present = "suite")]
    train: Option<PathBuf>,
    /// Measure on this file; texts labelled "oos" are those that no label fits
    #[arg(long, value_name = "FILE", requires = "train")]
    test: Option<PathBuf>,
    /// Measure on sets that are known by name instead: public
    #[arg(long, value_name = "NAME", conflicts_with = "train")]
    suite: Option<suite::Suite>,
    /// The folder with the public sets
    #[arg(long, value_name = "DIR", default_value = "../shared/data", requires = "suite")]
    sets: PathBuf,
    /// Only these sets of the suite
    #[arg(long, value_name = "SET", requires = "suite")]
    only: Vec<String>,
    /// Take so many texts of each test at most, the same ones every time
    #[arg(long, value_name = "COUNT")]
    sample: Option<usize>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Write the texts that were answered wrongly to this file (JSON lines that the labelling page imports)
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
}

/// What an evaluation is done with.
struct Bench {
    encoders: Encoders,
    cache: PathBuf,
    words: Words,
}

impl Evaluate {
    pub(super) fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let bench = tokio::task::block_in_place(|| Bench::new(common))?;
        match (&self.train, &self.test, self.suite) {
            (Some(train), Some(test), _) => {
                let train = labelled::read(train)?;
                let test = labelled::sample(labelled::read(test)?, self.sample);
                let (found, seconds) = tokio::task::block_in_place(|| {
                    bench.held_out(&Dataset::new(train), &test, &IntentOptions::default())
                })?;
                if let Some(file) = &self.errors {
                    labelled::write_errors(file, &found.answers)?;
                }
                self.tell(&found, seconds);
            }
            _ => tokio::task::block_in_place(|| suite::run(&self, &bench))?,
        }
        Ok(ExitCode::SUCCESS)
    }

    fn tell(&self, found: &HeldOut, seconds: f64) {
        if self.json {
            print(&as_json(found, seconds).to_string());
            return;
        }
        for line in in_words(found, seconds) {
            print(&line);
        }
    }
}

impl Bench {
    fn new(common: &Common) -> anyhow::Result<Self> {
        let config = common.config()?;
        let encoders = Encoders::load(&config.models, common.no_models, false);
        for check in encoders.checks().iter().filter(|check| !check.good) {
            print_error(&format!("{}: {}", check.name, check.detail));
        }
        let cache = config.data.folder.join("cache").join("evaluations");
        Ok(Self { encoders, cache, words: Words::default() })
    }

    /// Trains and measures; the seconds are those of all of it.
    fn held_out(
        &self,
        train: &Dataset,
        test: &[Example],
        options: &IntentOptions,
    ) -> anyhow::Result<(HeldOut, f64)> {
        let start = Instant::now();
        let encoders = self.encoders.all();
        let mut cache = TextCache::open(&self.cache, None, encoders);
        let mut resources = Resources { words: &self.words, encoders, cache: &mut cache };
        let progress = workbench::Progress::default();
        let found = held_out(train, test, options, &mut resources, &|step| progress.show(&told(step)));
        progress.finish();
        cache.save();
        Ok((found?, start.elapsed().as_secs_f64()))
    }
}

fn as_json(found: &HeldOut, seconds: f64) -> Value {
    json!({
        "accuracy": found.whole.accuracy,
        "macro_f1": found.whole.macro_f1,
        "examples": found.whole.examples,
        "cascade": {
            "accuracy": found.cascade.accuracy,
            "macro_f1": found.cascade.macro_f1,
            "asked": found.asked.iter().cloned().collect::<std::collections::BTreeMap<String, f32>>(),
        },
        "calibration_error": found.calibration_error,
        "out_of_scope": found.out_of_scope,
        "heads": found.report.heads,
        "skipped": found.report.skipped,
        "classes": found.whole.classes,
        "languages": found.whole.languages,
        "confused": found.whole.confused,
        "seconds": seconds,
    })
}

fn in_words(found: &HeldOut, seconds: f64) -> Vec<String> {
    let whole = &found.whole;
    let asked: Vec<String> =
        found.asked.iter().map(|(encoder, share)| format!("{encoder} {}", percent(*share))).collect();
    let mut lines = vec![
        format!(
            "{} of {} texts right ({}), macro-F1 {}, calibration error {}",
            (whole.accuracy * whole.examples as f32).round(),
            whole.examples,
            percent(whole.accuracy),
            percent(whole.macro_f1),
            percent(found.calibration_error)
        ),
        format!("cascade: {}, asks {}", percent(found.cascade.accuracy), asked.join(", ")),
    ];
    if let Some(score) = &found.out_of_scope {
        lines.push(format!(
            "out of scope: AUROC {} (cascade {}), lets {} through and catches {}",
            percent(score.auroc),
            percent(score.cascade_auroc),
            percent(score.accepted),
            percent(score.caught)
        ));
    }
    lines.extend(
        whole
            .confused
            .iter()
            .take(10)
            .map(|pair| format!("{} times {} was taken for {}", pair.count, pair.expected, pair.found)),
    );
    lines.push(format!("{seconds:.1} s"));
    lines
}

/// A share as people write it.
fn percent(share: f32) -> String {
    format!("{:.2} %", share * 100.0)
}

/// The file `path` for a message about it.
fn named(path: &Path) -> String {
    path.display().to_string()
}
