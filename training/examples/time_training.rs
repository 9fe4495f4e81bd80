//! How long training takes: with nothing known, with every text's embeddings known, and after one example has changed.
//!
//! `cargo run --release -p training --example time_training -- DATA.jsonl [SPLIT]`
//! where DATA has rows with text, label, lang and split; all rows of SPLIT (`train`) are learned but those out of scope.

#![expect(clippy::print_stdout, reason = "a measuring program prints")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use models::{Encode, Encoder, EncoderOptions, Runtime, RuntimeSearch};
use nlu::{Language, Words};
use training::{Dataset, Example, IntentOptions, MemoryCache, Resources, retrain_intents, train_intents};

#[derive(serde::Deserialize)]
struct Row {
    text: String,
    label: String,
    lang: String,
    split: String,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let data = PathBuf::from(arguments.next().expect("the file with the examples"));
    let split = arguments.next().unwrap_or_else(|| "train".to_owned());
    let text = std::fs::read_to_string(data).expect("the examples are readable");
    let rows = text.lines().map(|line| serde_json::from_str::<Row>(line).expect("a row is JSON"));
    let mut examples: Vec<Example> = rows
        .filter(|row| row.split == split && row.label != nlu::OUT_OF_SCOPE)
        .map(|row| {
            let language = Language::from_code(&row.lang).unwrap_or(Language::Unknown);
            Example::new(row.text, row.label, language)
        })
        .collect();
    let (words, encoders, options) = (Words::default(), load_encoders(), IntentOptions::default());
    let mut cache = MemoryCache::default();
    let mut resources = Resources { words: &words, encoders: &encoders, cache: &mut cache };
    let dataset = Dataset::new(examples.clone());
    println!("{} examples, {} labels, {} encoders", examples.len(), dataset.labels().len(), encoders.len());
    let start = Instant::now();
    let (model, _) = train_intents(&dataset, &options, &mut resources, &|_| {}).expect("several labels");
    println!("nothing known: {:.1} s", start.elapsed().as_secs_f32());
    let start = Instant::now();
    train_intents(&dataset, &options, &mut resources, &|_| {}).expect("several labels");
    println!("embeddings known: {:.1} s", start.elapsed().as_secs_f32());
    let changed = examples.last_mut().expect("there are examples");
    changed.text.push_str(" please");
    let start = Instant::now();
    let again = retrain_intents(&Dataset::new(examples), &options, &model, &mut resources, &|_| {});
    assert!(again.expect("several labels").is_some(), "the intents are the same");
    println!("one example changed: {:.1} s", start.elapsed().as_secs_f32());
}

/// As the program has them: two sessions of each, for two cores.
fn load_encoders() -> Vec<Arc<dyn Encode>> {
    let registry = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/registry");
    let library = std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
    let runtime = Runtime::start(&RuntimeSearch::new(library, registry.parent()));
    println!("runtime {}", runtime.backend());
    let options = EncoderOptions { threads: 2, ..EncoderOptions::default() };
    let names = ["use-multilingual-v3", "multilingual-e5-small"];
    let loaded = names.iter().filter_map(|name| Encoder::load(&runtime, &registry.join(name), &options).ok());
    loaded.map(|encoder| Arc::new(encoder) as Arc<dyn Encode>).collect()
}
