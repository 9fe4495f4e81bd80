//! Makes the shipped sentiment weights and prints their accuracy on the blind fifth.
//!
//! `cargo run --release -p engine -p training --example train_sentiment -- [--models FOLDER] [--out FILE]`

#![expect(clippy::print_stdout, reason = "a training program prints")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use models::{Encode, Encoder, EncoderOptions, Runtime, RuntimeSearch};
use nlu::{Language, Words};
use training::{
    Dataset, Evaluation, Example, MemoryCache, Resources, sentiment_options, text_hash, train_sentiment,
};

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut arguments: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut rest = std::env::args().skip(1);
    while let (Some(name), Some(value)) = (rest.next(), rest.next()) {
        arguments.insert(name, value.into());
    }
    let models = arguments.get("--models").cloned().unwrap_or_else(|| root.join("../models/registry"));
    let out = arguments.get("--out").cloned().unwrap_or_else(|| root.join("../nlu/sentiment/model.bin"));
    let (mut examples, mut hard) = (Vec::new(), BTreeSet::new());
    for (code, language) in [("th", Language::Thai), ("en", Language::English), ("zh", Language::Chinese)] {
        let recipes = root.join("recipes/sentiment");
        examples.extend(read(&recipes.join(format!("{code}.jsonl")), language));
        let more = recipes.join(format!("{code}_hard.jsonl"));
        if more.exists() {
            let more = read(&more, language);
            hard.extend(more.iter().map(|example| text_hash(&example.text)));
            examples.extend(more);
        }
    }
    let encoders = load_encoders(&models);
    let words = Words::default();
    let mut cache = MemoryCache::default();
    let mut resources = Resources { words: &words, encoders: &encoders, cache: &mut cache };
    let (model, report) =
        train_sentiment(&Dataset::new(examples), &hard, &sentiment_options(), &mut resources, &|_| {})
            .expect("four labels");
    for (kind, scores) in [("everyday", &report.everyday), ("hard", &report.hard)] {
        for (heads, evaluation) in &scores.heads {
            print(&format!("{kind}, blind fifth, heads {heads:?}"), evaluation);
        }
        let (evaluation, asked) = &scores.cascade;
        print(&format!("{kind}, blind fifth, the last encoder asked for {:.1} %", asked * 100.0), evaluation);
    }
    let packed = nlu::pack(&model.to_blobs());
    println!("{} bytes", packed.len());
    std::fs::write(out, packed).expect("the model can be written");
}

fn read(path: &Path, language: Language) -> Vec<Example> {
    #[derive(serde::Deserialize)]
    struct Line {
        text: String,
        label: String,
    }
    let text = std::fs::read_to_string(path).expect("the texts are readable");
    let lines = text.lines().map(|line| serde_json::from_str::<Line>(line).expect("a row is JSON"));
    lines.map(|line| Example::new(line.text, line.label, language)).collect()
}

fn load_encoders(registry: &Path) -> Vec<Arc<dyn Encode>> {
    let library = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
    let runtime = Runtime::start(&RuntimeSearch::new(library, registry.parent()));
    let options = EncoderOptions { threads: 2, ..EncoderOptions::default() };
    let mut encoders: Vec<Arc<dyn Encode>> = Vec::new();
    for name in ["use-multilingual-v3", "multilingual-e5-small"] {
        match Encoder::load(&runtime, &registry.join(name), &options) {
            Ok(encoder) => encoders.push(Arc::new(encoder)),
            Err(error) => println!("without {name}: {error}"),
        }
    }
    encoders
}

fn print(name: &str, evaluation: &Evaluation) {
    println!(
        "{name}: {} texts, accuracy {:.3}, macro-F1 {:.3}",
        evaluation.examples, evaluation.accuracy, evaluation.macro_f1
    );
    for score in &evaluation.languages {
        println!("  {} {} texts {:.3}", score.language, score.examples, score.accuracy);
    }
    for score in &evaluation.classes {
        println!("  {} precision {:.3} recall {:.3}", score.label, score.precision, score.recall);
    }
}
