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
    /// Written for this, not public.
    own: bool,
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
    for (code, language) in [("th", Language::Thai), ("en", Language::English), ("zh", Language::Chinese)] {
        rows.extend(read(&root.join(format!("recipes/sentiment/{code}.jsonl")), language));
    }
    let test: Vec<&Example> = rows.iter().filter(|row| row.test).map(|row| &row.example).collect();
    let encoders = load_encoders(&models);
    let words = Words::default();
    let mut cache = MemoryCache::default();
    let mut resources = Resources { words: &words, encoders: &encoders, cache: &mut cache };
    let mut learn = |name: &str, wanted: &dyn Fn(&Row) -> bool| {
        let chosen = rows.iter().filter(|row| !row.test && wanted(row));
        let dataset = Dataset::new(chosen.map(|row| row.example.clone()).collect());
        let (model, report) =
            train_sentiment(&dataset, &sentiment_options(), &mut resources, &|_| {}).expect("several labels");
        for (heads, evaluation) in &report.blind {
            print(&format!("{name}, blind fifth, heads {heads:?}"), evaluation);
        }
        model
    };
    let other = learn("customers' messages", &|row| row.own);
    let thai = learn("Thai", &|row| row.example.language == Language::Thai);
    print_test(thai.classifier(), &test, &words);
    let packed = nlu::SentimentModel::pack(&thai, &other);
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
            "neu" => "neutral",
            "q" => "question",
            label => label,
        };
        let text: String = line.text.chars().take(LONGEST).collect();
        let (is_test, own) = (line.split == "test", line.split.is_empty());
        Row { example: Example::new(text, label, language), test: is_test, own }
    });
    rows.collect()
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

/// The standard test split, n-grams only.
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
