//! `sala evaluate` and `sala understand` on files that people bring: what is measured, and what is refused and why.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tests::demo::Demo;

use super::Program;

const TRAIN: &str = r#"{"text":"where is my parcel","label":"track"}
{"text":"track my order please","label":"track"}
{"text":"has it been sent yet","label":"track"}
{"text":"cancel my order","label":"cancel"}
{"text":"i do not want it any more","label":"cancel"}
{"text":"please cancel it","label":"cancel"}
"#;
const TEST: &str = r#"{"text":"please cancel my order","label":"cancel"}
{"text":"where is the parcel now","label":"track"}
"#;

/// A folder with both files, and a running demo beside which the program works.
struct Bench {
    folder: tempfile::TempDir,
    program: Program,
    _demo: Demo,
}

impl Bench {
    async fn new() -> Self {
        let demo = Demo::start().await.unwrap();
        Self { folder: tempfile::tempdir().unwrap(), program: Program::beside(&demo), _demo: demo }
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    async fn evaluate(&mut self, train: &str, test: &str, more: &[&str]) -> super::Said {
        fs::write(self.file("train.jsonl"), train).unwrap();
        fs::write(self.file("test.jsonl"), test).unwrap();
        let (train, test) = (self.file("train.jsonl"), self.file("test.jsonl"));
        let arguments = [&["evaluate", "--train", &train, "--test", &test][..], more].concat();
        self.program.run(&arguments, "").await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labelled_files_with_nothing_to_measure_are_refused() {
    let mut bench = Bench::new().await;
    let track = |label: &str| format!("{TRAIN}{{\"text\":\"hello\",\"label\":\"{label}\"}}\n");
    for (train, test, words) in [
        (TRAIN.to_owned(), "", "there is nothing to measure in"),
        (TRAIN.to_owned(), "\n \n", "there is nothing to measure in"),
        (TRAIN.to_owned(), r#"{"text":"hm","label":"oos"}"#, "add lines such as"),
        (TRAIN.to_owned(), "not json", "test.jsonl: line 1:"),
        (TRAIN.to_owned(), "{\"text\":\"hm\"}", "test.jsonl: line 1:"),
        (track(""), TEST, "train.jsonl: line 7: the label is empty"),
        (track(" "), TEST, "train.jsonl: line 7: the label is empty"),
        (track(r"a\u0000b"), TEST, "control characters: rename it"),
        (r#"{"text":"a","label":"one"}"#.to_owned(), TEST, "at least two labels"),
    ] {
        bench.evaluate(&train, test, &[]).await.has(2, &[words]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_written_is_said_before_anything_is_learned() {
    let mut bench = Bench::new().await;
    let gone = bench.file("gone/report.html");
    for option in ["--html", "--errors"] {
        let said = bench.evaluate(TRAIN, TEST, &[option, &gone]).await;
        said.has(2, &["report.html cannot be written: name a file in a folder that is there"]);
        assert!(!said.text.contains("right"), "{}", said.text);
    }
    assert!(!Path::new(&gone).exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mark_of_byte_order_and_labels_that_nothing_was_learned_about_are_told_and_measured() {
    let mut bench = Bench::new().await;
    let marked = format!("\u{feff}{TEST}{{\"text\":\"hello\",\"label\":\"greet\"}}\n");
    let report = bench.file("report.html");
    let said = bench.evaluate(TRAIN, &marked, &["--json", "--html", &report]).await;
    said.has(0, &[]);
    let found: Value = said
        .text
        .lines()
        .find_map(|line| serde_json::from_str(line).ok())
        .unwrap_or_else(|| panic!("{}", said.text));
    assert_eq!(found["unknown_labels"], serde_json::json!(["greet"]));
    assert!((found["accuracy"].as_f64().unwrap() - 2.0 / 3.0).abs() < 1e-3, "{found}");
    // The wrong square of the report names its text.
    let page = fs::read_to_string(&report).unwrap();
    assert!(page.contains("1 / 1\nhello</title>"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn understand_takes_a_message_or_lines_but_not_both() {
    let mut bench = Bench::new().await;
    let program = &mut bench.program;
    program.run(&["understand", "hello", "--jsonl"], "").await.has(2, &["cannot be used with"]);
    program.run(&["understand"], "").await.has(2, &["give a message, or --jsonl"]);
    let lines = "\u{feff}{\"text\":\"hello\"}\nhm\n{\"text\":\"สวัสดี\"}\n";
    let said = program.run(&["understand", "--jsonl"], lines).await;
    said.has(1, &[r#""error":"line 2:"#, r#""text":"hello""#, r#""text":"สวัสดี""#]);
}
