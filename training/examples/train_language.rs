//! Makes the shipped weights that tell languages in Latin letters apart, and prints their accuracy.
//!
//! `cargo run -p training --example train_language -- data.jsonl [--out FILE]`
//! where `data.jsonl` is Tatoeba's sentences from LASER (CC BY 2.0 FR): rows with text and label. Only the half of them
//! whose raw text has an even hash is learned from, whole and in pieces of two and three words, because messages are
//! short; the other half is for measuring.

#![expect(clippy::print_stdout, reason = "a training program prints")]

use std::path::{Path, PathBuf};

use nlu::{Language, LatinModel, Words};
use training::{
    Dataset, Example, IntentOptions, MemoryCache, Resources, SparseOptions, Split, raw_hash, train_intents,
};

const LATIN: [&str; 12] = ["en", "id", "vi", "ms", "es", "pt", "fr", "de", "it", "nl", "tr", "pl"];

#[derive(serde::Deserialize)]
struct Row {
    text: String,
    label: String,
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut arguments = std::env::args().skip(1);
    let data = PathBuf::from(arguments.next().expect("the file with the sentences"));
    let out = arguments.nth(1).map_or_else(|| root.join("../nlu/language/model.bin"), PathBuf::from);
    let text = std::fs::read_to_string(data).expect("the sentences are readable");
    let rows = text.lines().map(|line| serde_json::from_str::<Row>(line).expect("a row is JSON"));
    let rows: Vec<Row> = rows
        .filter(|row| LATIN.contains(&row.label.as_str()) || row.label == "tl")
        .filter(|row| raw_hash(&row.text)[0].is_multiple_of(2))
        .collect();
    let examples: Vec<Example> = rows.iter().flat_map(examples_of).collect();
    let learned = train(&examples, false);
    let blind: Vec<&Example> = examples.iter().filter(|example| example.split() == Split::Blind).collect();
    let right = blind.iter().filter(|example| {
        learned.tell(&example.text).is_some_and(|(language, _)| language == example.language)
    });
    println!("blind fifth of the half: {} of {}", right.count(), blind.len());
    let bytes = packed(&examples, true);
    println!("{} texts, {} bytes", examples.len(), bytes.len());
    std::fs::write(out, bytes).expect("the model can be written");
}

/// The sentence, its first two and its last three words.
fn examples_of(row: &Row) -> Vec<Example> {
    let language = Language::from_code(&row.label).unwrap_or(Language::Unknown);
    let words: Vec<&str> = row.text.split_whitespace().collect();
    let mut texts = vec![row.text.clone()];
    if words.len() >= 5 {
        texts.push(words[..2].join(" "));
        texts.push(words[words.len() - 3..].join(" "));
    }
    texts.iter().map(|text| Example::new(text, &row.label, language)).collect()
}

fn train(examples: &[Example], final_on_all: bool) -> LatinModel {
    LatinModel::from_bytes(&packed(examples, final_on_all)).expect("what was written can be read")
}

fn packed(examples: &[Example], final_on_all: bool) -> Vec<u8> {
    let words = Words::default();
    let mut cache = MemoryCache::default();
    let mut resources = Resources { words: &words, encoders: &[], cache: &mut cache };
    let options = IntentOptions {
        ngrams: SparseOptions { cost: 8.0, epochs: 15, features: 40_000 },
        background: false,
        final_on_all,
        ..IntentOptions::default()
    };
    let dataset = Dataset::new(examples.to_vec());
    let (model, report) =
        train_intents(&dataset, &options, &mut resources, &|_| {}).expect("several languages");
    println!("cross-validated {:.4}, blind {:.4}", report.cross_validated.accuracy, report.blind.accuracy);
    nlu::pack(&model.to_blobs())
}
