//! Sets that are known by name, with the splits that published results use.

use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use clap::ValueEnum;
use serde_json::{Map, Value, json};
use training::{Dataset, Example, IntentOptions, held_out};

use super::labelled::{self, Line};
use super::speed::{self, Speed};
use super::{Bench, Evaluate, measured_as_json, measured_in_words, percent};
use crate::cli::{print, print_error};
use crate::learn::told;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Suite {
    /// Public sets of intents, sentiment and languages
    Public,
}

/// A public set with the splits that are learned from and measured on.
struct Set {
    name: &'static str,
    file: &'static str,
    train: &'static [&'static str],
    test: &'static str,
}

const SETS: &[Set] = &[
    Set { name: "clinc150", file: "clinc150/data.jsonl", train: &["train"], test: "test" },
    Set { name: "banking77", file: "banking77/data.jsonl", train: &["train"], test: "test" },
    Set { name: "banking77-10", file: "banking77_fs/data.jsonl", train: &["train_10"], test: "test" },
    Set { name: "facebook-th", file: "fbmtod/th.jsonl", train: &["train", "dev"], test: "test" },
    Set { name: "truevoice", file: "truevoice/data.jsonl", train: &["train"], test: "test" },
    Set { name: "wisesight", file: "wisesight/data.jsonl", train: &["train", "dev"], test: "test" },
];
const LANGUAGES: &str = "languages";
const LANGUAGES_FILE: &str = "tatoeba_langid/data.jsonl";

pub(super) fn run(command: &Evaluate, bench: &Bench) -> anyhow::Result<()> {
    let is_wanted = |name: &str| command.only.is_empty() || command.only.iter().any(|only| only == name);
    if let Some(unknown) = command.only.iter().find(|only| !is_known(only)) {
        let known: Vec<&str> = SETS.iter().map(|set| set.name).chain([LANGUAGES]).collect();
        anyhow::bail!("there is no set {unknown}: use {}", known.join(", "));
    }
    let (mut all, mut mix, mut measured) = (Map::new(), Speed::default(), 0);
    for set in SETS.iter().filter(|set| is_wanted(set.name)) {
        let path = command.sets.join(set.file);
        if !path.exists() {
            print_error(&format!("skipped: {} is not there", super::named_path(&path)));
            continue;
        }
        measured += 1;
        let (found, seconds) = set.measure(&path, command.most(), bench)?;
        let timed = if command.speed { Some(speed::measure(&found, bench)?) } else { None };
        if command.json {
            let mut value = measured_as_json(&found);
            value["seconds"] = json!(seconds);
            value["speed"] = timed.as_ref().map_or(Value::Null, Speed::as_json);
            all.insert(set.name.to_owned(), value);
        } else {
            print(&format!("## {}", set.name));
            for line in measured_in_words(&found).into_iter().chain(timed.iter().flat_map(Speed::in_words)) {
                print(&line);
            }
            print(&format!("{seconds:.1} s"));
        }
        mix.extend(timed);
    }
    if command.json {
        all.insert("mix".to_owned(), mix.as_json());
    } else if command.speed {
        print("## all of them");
        for line in mix.in_words() {
            print(&line);
        }
    }
    let path = command.sets.join(LANGUAGES_FILE);
    if is_wanted(LANGUAGES) && !path.exists() {
        print_error(&format!("skipped: {} is not there", super::named_path(&path)));
    } else if is_wanted(LANGUAGES) {
        measured += 1;
        let told = languages(&path)?;
        if command.json {
            all.insert(LANGUAGES.to_owned(), told);
        } else {
            print(&format!("## {LANGUAGES}\n{told}"));
        }
    }
    anyhow::ensure!(
        measured > 0,
        "nothing was measured: none of the sets is in {}; name the folder that has them with --sets",
        super::named_path(&command.sets)
    );
    if command.json {
        print(&Value::Object(all).to_string());
    }
    Ok(())
}

fn is_known(name: &str) -> bool {
    name == LANGUAGES || SETS.iter().any(|set| set.name == name)
}

impl Set {
    fn measure(
        &self,
        path: &Path,
        sample: Option<usize>,
        bench: &Bench,
    ) -> anyhow::Result<(training::HeldOut, f64)> {
        let lines = labelled::lines(path)?;
        let (test, rest): (Vec<Line>, Vec<Line>) =
            lines.into_iter().partition(|line| line.split == self.test);
        let learn = rest.into_iter().filter(|line| self.train.contains(&line.split.as_str()));
        // As published results have it: nothing out of scope is learned from.
        let train: Vec<Example> =
            learn.filter(|line| line.label != nlu::OUT_OF_SCOPE).map(Line::into_example).collect();
        let test = labelled::sample(test.into_iter().map(Line::into_example).collect(), sample);
        labelled::expect_measurable(&super::named_path(path), &test)?;
        let start = Instant::now();
        let found = bench.with_resources(|resources, tell| {
            let progress = |step| tell(told(step));
            held_out(&Dataset::new(train), &test, &IntentOptions::default(), resources, &progress)
                .with_context(|| super::named_path(path))
        })?;
        Ok((found, start.elapsed().as_secs_f64()))
    }
}

/// The share of texts whose language is found, of the half that limits were not chosen on.
fn languages(path: &Path) -> anyhow::Result<Value> {
    let wanted = ["th", "en", "zh", "ja", "ko", "id", "vi", "ms", "es", "pt", "fr", "de", "ru"];
    let mut tallies: std::collections::BTreeMap<String, (usize, usize)> = std::collections::BTreeMap::new();
    for line in labelled::lines(path)? {
        let is_dev = training::raw_hash(&line.text)[0].is_multiple_of(2);
        if is_dev || !wanted.contains(&line.label.as_str()) {
            continue;
        }
        let tally = tallies.entry(line.label.clone()).or_default();
        tally.0 += usize::from(nlu::detect(&line.text, None).language.code() == line.label);
        tally.1 += 1;
    }
    let (right, all) = tallies.values().fold((0, 0), |sum, tally| (sum.0 + tally.0, sum.1 + tally.1));
    let share = |right: usize, all: usize| percent(right as f32 / all.max(1) as f32);
    let each: Map<String, Value> =
        tallies.iter().map(|(label, (right, all))| (label.clone(), json!(share(*right, *all)))).collect();
    Ok(json!({ "accuracy": right as f32 / all.max(1) as f32, "examples": all, "languages": each }))
}
