//! Measures understanding on public data sets (JSON lines with text, label, lang, split), which are not shipped.
//!
//! `cargo run -p training --example public_sets -- FOLDER [language clinc150 banking77_fs truevoice fbmtod] [--encoders]`

#![expect(clippy::print_stdout, reason = "a measuring program prints")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use models::{Encode, Encoder, EncoderOptions, Runtime, RuntimeSearch};
use nlu::{Context, EntityConfig, EntityFinder, Interpreter, Language, Stages, Words};
use training::{
    Dataset, Example, IntentOptions, Judged, MemoryCache, Resources, auroc, evaluate, train_intents,
};

#[derive(Clone, serde::Deserialize)]
struct Row {
    text: String,
    label: String,
    lang: String,
    split: String,
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let with_encoders = arguments.iter().any(|argument| argument == "--encoders");
    arguments.retain(|argument| argument != "--encoders");
    let folder = PathBuf::from(arguments.first().expect("the folder with the data sets"));
    let all = ["language", "clinc150", "banking77_fs", "truevoice", "fbmtod"].map(str::to_owned);
    let names = if arguments.len() > 1 { arguments[1..].to_vec() } else { all.to_vec() };
    let encoders = if with_encoders { load_encoders() } else { Vec::new() };
    for name in names {
        match name.as_str() {
            "language" => languages(&read(&folder.join("tatoeba_langid/data.jsonl"))),
            "fbmtod" => intents(&name, &read(&folder.join("fbmtod/th.jsonl")), &encoders),
            _ => intents(&name, &read(&folder.join(&name).join("data.jsonl")), &encoders),
        }
    }
}

fn read(path: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(path).expect("the data set is readable");
    text.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect()
}

fn load_encoders() -> Vec<Arc<dyn Encode>> {
    let registry = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/registry");
    let library = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
    let runtime = Runtime::start(&RuntimeSearch::new(library, registry.parent()));
    let options = EncoderOptions { threads: 2, ..EncoderOptions::default() };
    let names = ["use-multilingual-v3", "multilingual-e5-small"];
    let loaded = names.iter().filter_map(|name| Encoder::load(&runtime, &registry.join(name), &options).ok());
    loaded.map(|encoder| Arc::new(encoder) as Arc<dyn Encode>).collect()
}

fn languages(rows: &[Row]) {
    let mut wrong: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut right: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let start = Instant::now();
    for row in rows {
        let found = nlu::detect(&row.text, None).language.code();
        let tally = right.entry(row.label.clone()).or_default();
        tally.1 += 1;
        if found == row.label {
            tally.0 += 1;
        } else {
            *wrong.entry((row.label.clone(), found.to_owned())).or_default() += 1;
        }
    }
    println!("language: {:.0} us a text", start.elapsed().as_secs_f32() * 1e6 / rows.len() as f32);
    for (label, (right, all)) in right {
        println!("  {label} {:.3}", right as f32 / all as f32);
    }
    let mut wrong: Vec<_> = wrong.into_iter().collect();
    wrong.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    println!("  {:?}", &wrong[..wrong.len().min(12)]);
}

fn intents(name: &str, rows: &[Row], encoders: &[Arc<dyn Encode>]) {
    let examples = |wanted: &[&str]| -> Vec<Example> {
        let chosen = rows.iter().filter(|row| wanted.contains(&row.split.as_str()));
        let language = |code: &str| Language::from_code(code).unwrap_or(Language::Unknown);
        chosen.map(|row| Example::new(&row.text, &row.label, language(&row.lang))).collect()
    };
    let mut training = examples(&["train"]);
    // As in the paper's setting without examples of what is out of scope.
    training.retain(|example| example.label != nlu::OUT_OF_SCOPE);
    let words = Words::default();
    let mut cache = MemoryCache::default();
    let mut resources = Resources { words: &words, encoders, cache: &mut cache };
    let start = Instant::now();
    let dataset = Dataset::new(training);
    let (model, report) =
        train_intents(&dataset, &IntentOptions::default(), &mut resources, &|_| {}).expect("several labels");
    println!(
        "{name}: {} examples trained in {:.1} s",
        dataset.examples().len(),
        start.elapsed().as_secs_f32()
    );
    println!("  blind fifth {:.4}", report.blind.accuracy);
    let finder =
        EntityFinder::new(&EntityConfig::default(), &words).expect("the default configuration is usable");
    let interpreter = Interpreter::new(&words, finder)
        .with_model(Arc::new(model))
        .with_encoders(encoders.to_vec(), Stages::everything());
    let (mut inside, mut scores) = (Vec::new(), (Vec::new(), Vec::new()));
    for example in examples(&["test"]) {
        let understanding = interpreter.understand(&example.text, &Context::default()).understanding;
        if example.label == nlu::OUT_OF_SCOPE {
            scores.1.push(understanding.out_of_scope_score);
            continue;
        }
        scores.0.push(understanding.out_of_scope_score);
        let found = understanding.intents.first().map_or(String::new(), |intent| intent.name.clone());
        inside.push(Judged { expected: example.label, found, language: example.language });
    }
    let result = evaluate(&inside);
    println!(
        "  test {} texts, accuracy {:.4}, macro-F1 {:.4}",
        result.examples, result.accuracy, result.macro_f1
    );
    if !scores.1.is_empty() {
        println!("  out-of-scope AUROC {:.4}", auroc(&scores.0, &scores.1));
    }
}
