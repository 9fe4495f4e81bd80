//! Model files that are missing or cut short are named with the sum that they should have, and the rest goes on.

use std::process::{Command, Stdio};

use tests::workspace;

use super::ARGUMENTS;

/// The sum that a card tells for a file.
fn expected_sum(card: &str) -> String {
    let line = card.lines().find(|line| line.starts_with("\"model.onnx\"")).unwrap();
    line.split("sha256 = \"").nth(1).unwrap().chars().take(64).collect()
}

#[test]
fn broken_model_files_are_named_and_n_grams_answer() {
    let (models, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut sums = Vec::new();
    for (name, content) in [("use-multilingual-v3", None), ("multilingual-e5-small", Some("cut short"))] {
        let folder = models.path().join("registry").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let shipped = workspace::root().join("models/registry").join(name).join("model.toml");
        let card = std::fs::read_to_string(shipped).unwrap();
        sums.push(expected_sum(&card));
        std::fs::write(folder.join("model.toml"), card).unwrap();
        if let Some(content) = content {
            std::fs::write(folder.join("model.onnx"), content).unwrap();
        }
    }
    let path = |folder: &tempfile::TempDir| folder.path().display().to_string();
    let (data, models) = (path(&data), path(&models));
    let missing = format!("model.onnx is missing; expected sha256 {}: put the file back", sums[0]);
    let cut = format!(", expected {} (9 of 4", sums[1]);
    let here = ["--data", &data, "--models", &models];
    let understand = [&here[..], &["understand", "where is my order BK240117"]].concat();
    check(&understand, 0, &[&missing, &cut, "\"name\":\"track_order\""]);
    check(&[&here[..], &["models", "verify"]].concat(), 1, &[&missing, &cut, "2 models, 2 wrong"]);

    let card = format!("{models}/registry/use-multilingual-v3/model.toml");
    std::fs::write(card, "name = 1").unwrap();
    let told = [
        "use-multilingual-v3 (cannot be used)",
        "(cannot be used: a file is missing or cut short, `sala models verify multilingual-e5-small` says which)",
    ];
    check(&[&here[..], &["models", "list"]].concat(), 1, &told);
    let registry = format!("{models}/registry");
    let told = "registry holds models itself: name the folder above it";
    check(&["--data", &data, "--models", &registry, "models", "list"], 2, &[told]);
}

#[track_caller]
fn check(arguments: &[&str], code: i32, expected: &[&str]) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["command_line::program", "--exact", "--nocapture"])
        .env(ARGUMENTS, serde_json::to_string(arguments).unwrap())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    for words in expected {
        assert!(said.contains(words), "{words}\n{said}");
    }
}
