//! `sala evaluate`: how well messages are understood, on labelled files.

mod labelled;
mod page;
mod speed;
mod suite;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use clap::Args;
use nlu::Words;
use serde_json::{Value, json};
use training::{
    Comparison, Dataset, Example, HeldOut, IntentOptions, Overlap, Resources, Split, compare,
    cross_validated, held_out, learning_curve, overlaps,
};

use super::workbench::{self, DEFAULT_BOT};
use super::{Common, counted, print, print_error};
use crate::learn::{Tell, TextCache, dataset, told};
use crate::model_folder::Encoders;

#[derive(Args)]
pub(super) struct Evaluate {
    /// The folder of a bot whose own examples are cross-validated; the demo's bot when nothing else is named
    #[arg(value_name = "DIR", conflicts_with_all = ["train", "suite"])]
    bot: Option<PathBuf>,
    /// Learn from this file: JSON lines with "text" and "label", and "lang" where it is known
    #[arg(long, value_name = "FILE")]
    train: Option<PathBuf>,
    /// Measure on this file instead of cross-validating; texts labelled "oos" are those that no label fits
    #[arg(long, value_name = "FILE", conflicts_with = "suite")]
    test: Option<PathBuf>,
    /// The version before, a bot's folder or a file to learn from: says which texts were mended and which broken
    #[arg(long, value_name = "DIR|FILE", conflicts_with = "suite")]
    against: Option<PathBuf>,
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
    sample: Option<std::num::NonZeroUsize>,
    /// Also learn from a quarter, half and three quarters of the examples, to show what more of them would bring; without
    /// --test, measured on a fifth of them that is kept aside
    #[arg(long, conflicts_with = "suite")]
    curve: bool,
    /// Also answer up to five hundred texts of each test one after the other, as customers' messages are, and tell what
    /// one costs
    #[arg(long, requires = "suite")]
    speed: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Write pictures and tables to this file: one page that loads nothing
    #[arg(long, value_name = "FILE", conflicts_with = "suite")]
    html: Option<PathBuf>,
    /// Write the texts that were answered wrongly to this file (JSON lines that the labelling page imports)
    #[arg(long, value_name = "FILE", conflicts_with = "suite")]
    errors: Option<PathBuf>,
}

/// What an evaluation is done with.
struct Bench {
    encoders: Encoders,
    cache: PathBuf,
    words: Words,
}

/// All that one evaluation found.
struct Found {
    measured: HeldOut,
    against: Option<Comparison>,
    learning: Vec<(usize, f32)>,
    overlaps: Vec<Overlap>,
    /// Labels of the test that nothing was learned about.
    unknown: Vec<String>,
    seconds: f64,
}

impl Evaluate {
    pub(super) fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        tokio::task::block_in_place(|| {
            let bench = Bench::new(common)?;
            if self.suite.is_some() { suite::run(&self, &bench) } else { self.own(&bench) }
        })?;
        Ok(ExitCode::SUCCESS)
    }

    fn own(&self, bench: &Bench) -> anyhow::Result<()> {
        for file in self.errors.iter().chain(&self.html) {
            labelled::expect_writable(file)?;
        }
        let named = self.train.as_deref().or(self.bot.as_deref());
        let examples = learned_from(named)?;
        let test = self.test.as_deref().map(labelled::read).transpose()?;
        let test = test.map(|test| labelled::sample(test, self.most()));
        if let (Some(file), Some(test)) = (&self.test, &test) {
            labelled::expect_measurable(&named_path(file), test)?;
        }
        let found = bench.with_resources(|resources, progress| {
            self.measure(&examples, test.as_deref(), (resources, progress))
        })?;
        if let Some(file) = &self.errors {
            labelled::write_errors(file, &found.measured.answers)?;
        }
        if let Some(file) = &self.html {
            let page = page::page(page::Told {
                title: named.map_or_else(|| DEFAULT_BOT.to_owned(), named_last),
                about: self.about(&examples, &found.unknown),
                found: &found.measured,
                overlaps: &found.overlaps,
                learning: &found.learning,
            })?;
            std::fs::write(file, page).with_context(|| format!("{} cannot be written", named_path(file)))?;
        }
        if self.json {
            print(&as_json(&found).to_string());
        } else {
            for line in in_words(&found) {
                print(&line);
            }
        }
        Ok(())
    }

    fn most(&self) -> Option<usize> {
        self.sample.map(std::num::NonZeroUsize::get)
    }

    fn measure(
        &self,
        examples: &Dataset,
        test: Option<&[Example]>,
        (resources, progress): (&mut Resources<'_>, Tell<'_>),
    ) -> anyhow::Result<Found> {
        let start = Instant::now();
        let options = IntentOptions::default();
        let progress = |step| progress(told(step));
        let judge = |examples: &Dataset, resources: &mut Resources<'_>| match test {
            Some(test) => held_out(examples, test, &options, resources, &progress),
            None => cross_validated(examples, &options, resources, &progress),
        };
        let named = self.train.as_deref().or(self.bot.as_deref());
        let name = || named.map_or_else(|| DEFAULT_BOT.to_owned(), named_path);
        let measured = judge(examples, resources).with_context(name)?;
        let against = match &self.against {
            Some(before) => {
                let answered = judge(&learned_from(Some(before))?, resources);
                let answered = answered.with_context(|| named_path(before))?;
                Some(compare(&answered.answers, &measured.answers))
            }
            None => None,
        };
        let learning = match test {
            _ if !self.curve => Vec::new(),
            Some(test) => learning_curve(examples, test, &options, resources, &progress)?,
            None => {
                let all = examples.examples().iter().cloned();
                let (blind, rest): (Vec<Example>, Vec<Example>) =
                    all.partition(|example| example.split() == Split::Blind);
                learning_curve(&Dataset::new(rest), &blind, &options, resources, &progress)?
            }
        };
        let unknown = test.map(|test| labelled::unknown_labels(&examples.labels(), test)).unwrap_or_default();
        if !unknown.is_empty() {
            print_error(&about_unknown(&unknown));
        }
        let overlaps = overlaps(examples, resources, &progress);
        Ok(Found { measured, against, learning, overlaps, unknown, seconds: start.elapsed().as_secs_f64() })
    }

    fn about(&self, examples: &Dataset, unknown: &[String]) -> String {
        let learned = counted(examples.examples().len(), "example");
        match &self.test {
            Some(test) => {
                let warning =
                    if unknown.is_empty() { String::new() } else { format!(" {}.", about_unknown(unknown)) };
                format!("Learned from {learned}, measured on {}.{warning}", named_path(test))
            }
            None => {
                format!("Cross-validated: each of {learned} was answered by a model that had not seen it.")
            }
        }
    }
}

/// The examples of a bot's folder or of a labelled file.
fn learned_from(path: Option<&Path>) -> anyhow::Result<Dataset> {
    match path {
        Some(file) if file.is_file() => Ok(Dataset::new(labelled::read(file)?)),
        Some(path) if !path.exists() => anyhow::bail!(
            "there is no {}: give a file of JSON lines with text and label, or the folder of a bot",
            named_path(path)
        ),
        folder => Ok(dataset(&workbench::bot_files(folder)?)?),
    }
}

fn about_unknown(labels: &[String]) -> String {
    format!(
        "nothing was learned about the labels {}, and their texts count as wrong: add examples of them, or label them \
         as what was learned calls them",
        labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ")
    )
}

/// Each session has its own copy of the weights in memory.
const MOST_SESSIONS: usize = 4;

impl Bench {
    fn new(common: &Common) -> anyhow::Result<Self> {
        let mut config = common.config()?;
        // Nobody waits for an answer meanwhile: every core may encode.
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        config.models.threads = config.models.threads.max(cores.min(MOST_SESSIONS));
        let encoders = Encoders::load(&config.models, common.no_models, false);
        for check in encoders.checks().iter().filter(|check| !check.good) {
            print_error(&format!("{}: {}", check.name, check.detail));
        }
        let cache = config.data.folder.join("cache").join("evaluations");
        Ok(Self { encoders, cache, words: Words::default() })
    }

    /// Works with the encoders and a cache that is kept, and shows progress.
    fn with_resources<Out>(
        &self,
        work: impl FnOnce(&mut Resources<'_>, Tell<'_>) -> anyhow::Result<Out>,
    ) -> anyhow::Result<Out> {
        let encoders = self.encoders.all();
        let mut cache = TextCache::open(&self.cache, None, encoders);
        let mut resources = Resources { words: &self.words, encoders, cache: &mut cache };
        let progress = workbench::Progress::default();
        let found = work(&mut resources, &|learning| progress.show(&learning));
        progress.finish();
        cache.save();
        found
    }
}

fn as_json(found: &Found) -> Value {
    let Found { measured, against, learning, overlaps, unknown, seconds } = found;
    let mut value = measured_as_json(measured);
    value["seconds"] = json!(seconds);
    value["overlaps"] = json!(overlaps);
    value["unknown_labels"] = json!(unknown);
    if let Some(comparison) = against {
        value["against"] = json!(comparison);
    }
    if !learning.is_empty() {
        let steps =
            learning.iter().map(|(examples, right)| json!({ "examples": examples, "accuracy": right }));
        value["learning_curve"] = steps.collect();
    }
    value
}

fn measured_as_json(found: &HeldOut) -> Value {
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
    })
}

fn in_words(found: &Found) -> Vec<String> {
    let mut lines = measured_in_words(&found.measured);
    if let Some(change) = &found.against {
        lines.push(format!(
            "before {}, now {} of the {} texts that both answered: {} mended, {} broken; by chance alone {:.1} %",
            percent(change.before),
            percent(change.after),
            change.texts,
            change.mended.len(),
            change.broken.len(),
            change.chance * 100.0
        ));
    }
    let steps = found.learning.iter();
    lines.extend(steps.map(|(examples, right)| format!("learned from {examples}: {}", percent(*right))));
    lines.extend(found.overlaps.iter().take(10).filter_map(|overlap| {
        let pair = overlap.pairs.first()?;
        let (left, right) = (&overlap.left, &overlap.right);
        Some(format!(
            "{left} and {right}: {} cross, as «{}» and «{}»",
            overlap.crossing, pair.left, pair.right
        ))
    }));
    lines.push(format!("{:.1} s", found.seconds));
    lines
}

fn measured_in_words(found: &HeldOut) -> Vec<String> {
    let whole = &found.whole;
    let asked: Vec<String> =
        found.asked.iter().map(|(encoder, share)| format!("{encoder} {}", percent(*share))).collect();
    let mut lines = vec![format!(
        "{} of {} texts right ({}), macro-F1 {}, calibration error {}",
        (whole.accuracy * whole.examples as f32).round(),
        whole.examples,
        percent(whole.accuracy),
        percent(whole.macro_f1),
        percent(found.calibration_error)
    )];
    // Without encoders there is nothing to ask.
    if !asked.is_empty() {
        lines.push(format!("cascade: {}, asks {}", percent(found.cascade.accuracy), asked.join(", ")));
    }
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
    lines
}

/// A share as people write it.
fn percent(share: f32) -> String {
    format!("{:.2} %", share * 100.0)
}

/// The file `path` for a message about it.
fn named_path(path: &Path) -> String {
    path.display().to_string()
}

/// The last part of a path, as a title.
fn named_last(path: &Path) -> String {
    path.file_stem().map_or_else(|| named_path(path), |name| name.to_string_lossy().into_owned())
}
