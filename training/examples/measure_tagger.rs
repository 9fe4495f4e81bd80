//! Measures the tagger on a set with marked slots (JSON lines with text, slots and split), which is not shipped.
//!
//! `cargo run --release -p training --example measure_tagger -- th.jsonl [--test] [--penalty 2] [--least 1] [--steps 120]`
//! learns from the train split and measures on the dev split; with `--test` it learns from both and measures on the test
//! split, which is for the one figure that is reported.

#![expect(clippy::print_stdout, reason = "a measuring program prints")]

use std::time::Instant;

use nlu::Words;
use training::{MarkedExample, MarkedSpan, SpanEvaluation, TaggerOptions, measure_tagger, train_tagger};

#[derive(serde::Deserialize)]
struct Row {
    text: String,
    split: String,
    #[serde(default)]
    slots: Vec<(usize, usize, String)>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1).map(|value| value.parse::<f32>().expect("a number"))
    };
    let test = arguments.iter().any(|argument| argument == "--test");
    let path = arguments.first().expect("the file with the set");
    let lines = std::fs::read_to_string(path).expect("the set is readable");
    let rows: Vec<Row> =
        lines.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect();
    let of = |split: &str| rows.iter().filter(|row| row.split == split).map(example).collect::<Vec<_>>();
    let (learned, measured) =
        if test { ([of("train"), of("dev")].concat(), of("test")) } else { (of("train"), of("dev")) };
    let defaults = TaggerOptions::default();
    let options = TaggerOptions {
        penalty: value("--penalty").unwrap_or(defaults.penalty),
        least_texts: value("--least").map_or(defaults.least_texts, |least| least as usize),
        steps: value("--steps").map_or(defaults.steps, |steps| steps as usize),
    };
    let words = Words::default();
    words.cut("เตรียม");
    let start = Instant::now();
    let (tagger, report) = train_tagger(&learned, &options, &words, &|_| {}).expect("spans are marked");
    println!(
        "{options:?}: {} texts, {} spans, {} unusable, learned twice in {:.1} s, {} bytes",
        report.examples,
        report.spans,
        report.unusable,
        start.elapsed().as_secs_f32(),
        tagger.to_bytes().len()
    );
    print("blind fifth of what was learned", &report.blind);
    let start = Instant::now();
    let evaluation = measure_tagger(&tagger, &measured.iter().collect::<Vec<_>>(), &words);
    let each = start.elapsed().as_secs_f64() * 1e3 / measured.len() as f64;
    print(if test { "test split" } else { "dev split" }, &evaluation);
    println!("{each:.3} ms a text");
}

fn example(row: &Row) -> MarkedExample {
    let span = |(start, end, kind): &(usize, usize, String)| MarkedSpan {
        start: *start,
        end: *end,
        entity: kind.clone(),
    };
    MarkedExample { text: row.text.clone(), spans: row.slots.iter().map(span).collect() }
}

fn print(name: &str, scores: &SpanEvaluation) {
    println!(
        "{name}: {} texts, {} spans, precision {:.4}, recall {:.4}, F1 {:.4}",
        scores.examples, scores.expected, scores.precision, scores.recall, scores.f1
    );
    for kind in &scores.kinds {
        println!("  {:<28} {:>5} spans, F1 {:.4}", kind.kind, kind.expected, kind.f1);
    }
}
