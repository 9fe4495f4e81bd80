//! `sala evaluate` on public sets, where they are: floors below which understanding has become worse. The n-gram heads run on
//! the whole of every set; the encoders, which take minutes there, on the ten-shot set with a part of its test.

use std::process::{Command, Stdio};

use serde_json::Value;
use tests::{need, shared};

use super::ARGUMENTS;

/// What the program prints as JSON.
fn evaluated(more: &[&str]) -> Value {
    let data = tempfile::tempdir().unwrap();
    let (data, sets) = (data.path().display().to_string(), shared().unwrap().join("data"));
    let sets = sets.display().to_string();
    let common = ["--data", &data, "evaluate", "--suite", "public", "--sets", &sets, "--json"];
    let arguments: Vec<&str> = common.iter().chain(more).copied().collect();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["command_line::program", "--exact", "--nocapture"])
        .env(ARGUMENTS, serde_json::to_string(&arguments).unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let json = text.lines().find(|line| line.starts_with('{'));
    let errors = String::from_utf8_lossy(&output.stderr);
    serde_json::from_str(json.unwrap_or_else(|| panic!("{text}\n{errors}"))).unwrap()
}

#[track_caller]
fn check(found: &Value, set: &str, name: &str, floor: f64) {
    let score = found[set].pointer(name).and_then(Value::as_f64).unwrap_or_default();
    assert!(score * 100.0 >= floor, "{set} {name}: {:.2} is under {floor}", score * 100.0);
}

#[test]
fn n_grams_alone_know_the_public_sets() {
    if !need("shared") {
        return;
    }
    let found = evaluated(&["--no-models"]);
    for (set, name, floor) in [
        ("clinc150", "/accuracy", 92.0),
        ("clinc150", "/out_of_scope/auroc", 95.0),
        ("banking77", "/accuracy", 91.0),
        ("banking77-10", "/accuracy", 74.0),
        ("facebook-th", "/accuracy", 96.2),
        ("facebook-th", "/macro_f1", 92.5),
        ("truevoice", "/accuracy", 84.5),
        ("wisesight", "/accuracy", 71.0),
        ("wisesight", "/macro_f1", 58.0),
        ("languages", "/accuracy", 95.0),
    ] {
        check(&found, set, name, floor);
    }
}

#[test]
fn encoders_add_to_what_ten_examples_teach() {
    if !need("shared") || !need("models") {
        return;
    }
    let found = evaluated(&["--only", "banking77-10", "--sample", "500"]);
    check(&found, "banking77-10", "/accuracy", 82.0);
    check(&found, "banking77-10", "/cascade/accuracy", 82.0);
}
