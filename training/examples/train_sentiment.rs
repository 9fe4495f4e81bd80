//! Makes the shipped sentiment weights and prints their accuracy on the blind fifth.
//!
//! `cargo run -p training --example train_sentiment -- --thai data.jsonl [--models FOLDER] [--out FILE]`
//! where `data.jsonl` is Wisesight Sentiment (CC0): rows with text, label (pos, neu, neg, q) and split.

#![expect(clippy::print_stdout, reason = "a training program prints")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use models::{Encode, Encoder, EncoderOptions, Runtime, RuntimeSearch};
use nlu::{Classifier, Featuriser, Language, Normalised, Words};
use training::{
    Dataset, Evaluation, Example, Judged, MemoryCache, Resources, evaluate, sentiment_options,
    train_sentiment,
};

/// Texts that are longer say little more and cost the encoder much.
const LONGEST: usize = 400;

struct Row {
    example: Example,
    test: bool,
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut arguments: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut rest = std::env::args().skip(1);
    while let (Some(name), Some(value)) = (rest.next(), rest.next()) {
        arguments.insert(name, value.into());
    }
    let thai = arguments.get("--thai").expect("--thai FILE names the Wisesight rows");
    let models = arguments.get("--models").cloned().unwrap_or_else(|| root.join("../models/registry"));
    let out = arguments.get("--out").cloned().unwrap_or_else(|| root.join("../nlu/sentiment/model.bin"));
    let mut rows = read(thai, Language::Thai);
    for (code, language) in [("en", Language::English), ("zh", Language::Chinese)] {
        rows.extend(read(&root.join(format!("recipes/sentiment/{code}.jsonl")), language));
    }
    let train: Vec<Example> = rows.iter().filter(|row| !row.test).map(|row| row.example.clone()).collect();
    let test: Vec<&Example> = rows.iter().filter(|row| row.test).map(|row| &row.example).collect();
    let encoders = load_use(&models);
    let words = Words::default();
    let mut cache = MemoryCache::default();
    let mut resources = Resources { words: &words, encoders: &encoders, cache: &mut cache };
    let (model, report) =
        train_sentiment(&Dataset::new(train), &sentiment_options(), &mut resources, &|_| {})
            .expect("three labels");
    for (heads, evaluation) in &report.blind {
        print(&format!("blind fifth, heads {heads:?}"), evaluation);
    }
    print_test(model.classifier(), &test, &words);
    let packed = nlu::pack(&model.to_blobs());
    println!("{} bytes", packed.len());
    std::fs::write(out, packed).expect("the model can be written");
}

fn read(path: &Path, language: Language) -> Vec<Row> {
    #[derive(serde::Deserialize)]
    struct Line {
        text: String,
        label: String,
        #[serde(default)]
        split: String,
    }
    let text = std::fs::read_to_string(path).expect("the rows are readable");
    let rows = text.lines().map(|line| {
        let line: Line = serde_json::from_str(line).expect("a row is JSON");
        let label = match line.label.as_str() {
            "pos" => "positive",
            "neg" => "negative",
            "neu" | "q" => "neutral",
            label => label,
        };
        let text: String = line.text.chars().take(LONGEST).collect();
        Row { example: Example::new(text, label, language), test: line.split == "test" }
    });
    rows.collect()
}

fn load_use(registry: &Path) -> Vec<Arc<dyn Encode>> {
    let library = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
    let runtime = Runtime::start(&RuntimeSearch::new(library, registry.parent()));
    let options = EncoderOptions { threads: 2, ..EncoderOptions::default() };
    match Encoder::load(&runtime, &registry.join("use-multilingual-v3"), &options) {
        Ok(encoder) => vec![Arc::new(encoder)],
        Err(error) => {
            println!("n-grams only: {error}");
            Vec::new()
        }
    }
}

/// The standard test split, n-grams only, as published results count it (without the class of questions).
fn print_test(classifier: &Classifier, test: &[&Example], words: &Words) {
    let featuriser = Featuriser::new(words.clone());
    let judged = test.iter().map(|example| {
        let output = classifier.ngrams_output(&featuriser.features(&Normalised::new(&example.text)));
        let found = output.best(None).map_or(String::new(), |(label, _)| classifier.labels[label].clone());
        Judged { expected: example.label.clone(), found, language: example.language }
    });
    print("Wisesight test split, n-grams", &evaluate(&judged.collect::<Vec<_>>()));
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
