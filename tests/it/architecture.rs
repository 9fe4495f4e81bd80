//! The shape of the repository, held to what the design says: which crate may use which, and what lies where.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tests::workspace::{files_below, root};
use toml::{Table, Value};

/// For each crate: the crates of ours that it may use, and what it must never name.
const CRATES: [(&str, &[&str], &[&str]); 8] = [
    ("channels", &[], &["axum", "jiff", "reqwest", "sqlx", "tokio"]),
    ("models", &[], &["axum", "reqwest", "sqlx"]),
    ("nlu", &["models"], &["axum", "reqwest", "sqlx", "tokio"]),
    ("dialogues", &["models", "nlu"], &["axum", "futures-util", "jiff", "reqwest", "sqlx", "tokio"]),
    ("knowledge", &["models", "nlu"], &["axum", "reqwest", "sqlx"]),
    ("training", &["models", "nlu"], &["axum", "reqwest", "sqlx", "tokio"]),
    (
        "engine",
        &["channels", "dialogues", "knowledge", "models", "nlu", "training"],
        &["ort", "ort-tract", "teloxide", "tokenizers"],
    ),
    (
        "tests",
        &["channels", "dialogues", "engine", "knowledge", "models", "nlu", "training"],
        &["ort", "ort-tract", "tokenizers"],
    ),
];

/// Dependencies with one home, and the crates that are it.
const HOMES: [(&str, &[&str]); 5] = [
    ("ort", &["models"]),
    ("ort-tract", &["models"]),
    ("sqlx", &["engine", "tests"]),
    ("teloxide", &["channels"]),
    ("tokenizers", &["models"]),
];

/// What the product is built on: direct dependencies, and not for show.
const FOUNDATIONS: [&str; 11] = [
    "axum",
    "dashmap",
    "governor",
    "ort",
    "reqwest",
    "serde",
    "sqlx",
    "teloxide",
    "tokenizers",
    "tokio",
    "whatlang",
];

/// What may lie at the top, besides what begins with a dot.
const TOP: [&str; 18] = [
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "channels",
    "clippy.toml",
    "deny.toml",
    "deploy",
    "dialogues",
    "docs",
    "engine",
    "knowledge",
    "models",
    "nlu",
    "rustfmt.toml",
    "tests",
    "training",
];

/// What a working machine adds, which git ignores.
const IGNORED: [&str; 3] = ["sala-data", "shared", "target"];

/// Files over the cap, each looked at, with the reason.
const LONG_FILES: [(&str, &str); 1] =
    [("tests/scenarios/make_mix.py", "a generator that is mostly its lists of phrases")];

const LONGEST: usize = 500;

fn manifest(folder: &Path) -> Table {
    let path = folder.join("Cargo.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The dependencies of a manifest, of every kind, by name.
fn dependencies(manifest: &Table) -> BTreeMap<String, Value> {
    let tables = ["dependencies", "dev-dependencies", "build-dependencies"];
    let tables = tables.iter().filter_map(|name| manifest.get(*name)?.as_table());
    tables.flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn crates_that_name(dependency: &str) -> BTreeSet<&'static str> {
    let named = |folder: &str| dependencies(&manifest(&root().join(folder))).contains_key(dependency);
    CRATES.iter().map(|(name, _, _)| *name).filter(|name| named(name)).collect()
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Every source file of ours with one of the endings; the dormant crate goes by its own rules.
fn sources(endings: &[&str]) -> Vec<PathBuf> {
    let mut files = files_below(&root(), endings);
    files.retain(|path| !relative(path).starts_with("models/rust-bert/"));
    files
}

#[test]
fn crates_use_only_what_is_left_of_them() {
    let members = manifest(&root())["workspace"]["members"].as_array().cloned().unwrap();
    let members: BTreeSet<&str> = members.iter().filter_map(Value::as_str).collect();
    let ours: BTreeSet<&str> = CRATES.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(members, ours, "a new crate needs a place in the order");
    for (name, allowed, never) in CRATES {
        let used = dependencies(&manifest(&root().join(name)));
        let used: BTreeSet<&str> = used.keys().map(String::as_str).collect();
        let others: Vec<&&str> = used.intersection(&ours).filter(|other| !allowed.contains(other)).collect();
        assert!(others.is_empty(), "{name} must not use {others:?}");
        let foreign: Vec<&&str> = never.iter().filter(|one| used.contains(**one)).collect();
        assert!(foreign.is_empty(), "{name} must not name {foreign:?}");
    }
}

#[test]
fn dependencies_with_a_home_stay_there() {
    for (dependency, homes) in HOMES {
        assert_eq!(crates_that_name(dependency), homes.iter().copied().collect(), "{dependency}");
    }
}

#[test]
fn versions_are_declared_once_with_a_purpose() {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let section = text.split("[workspace.dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let declared = section.lines().filter(|line| line.contains(" = ") && !line.starts_with('#'));
    for line in declared.filter(|line| !line.contains("path = ")) {
        let purpose = line.rsplit_once("# ").map(|(_, purpose)| purpose.trim());
        assert!(purpose.is_some_and(|purpose| purpose.len() > 2), "no purpose: {line}");
    }
    for (name, _, _) in CRATES {
        for (dependency, value) in dependencies(&manifest(&root().join(name))) {
            let fields =
                value.as_table().unwrap_or_else(|| panic!("{name} gives {dependency} a version of its own"));
            assert_eq!(fields.get("workspace"), Some(&Value::Boolean(true)), "{name}: {dependency}");
            let own = fields.keys().find(|key| !["workspace", "optional"].contains(&key.as_str()));
            assert_eq!(own, None, "{name}: {dependency} is declared in the workspace only");
        }
    }
    let declared = manifest(&root())["workspace"]["dependencies"].as_table().cloned().unwrap();
    for dependency in declared.keys() {
        assert!(!crates_that_name(dependency).is_empty(), "{dependency} is declared and used by nobody");
    }
}

#[test]
fn every_dependency_is_used_in_the_sources() {
    let (mut used, mut idle) = (BTreeSet::new(), Vec::new());
    for (name, _, _) in CRATES {
        let files = files_below(&root().join(name), &[".rs"]);
        let sources: Vec<String> = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
        for dependency in dependencies(&manifest(&root().join(name))).into_keys() {
            if sources.iter().any(|source| uses(source, &dependency)) {
                used.insert(dependency);
            } else {
                idle.push(format!("{dependency} in {name}"));
            }
        }
    }
    assert!(idle.is_empty(), "declared and not used: {idle:?}");
    for foundation in FOUNDATIONS {
        assert!(used.contains(foundation), "{foundation} is not used directly");
    }
}

/// True where the source names something of the dependency outside a comment.
fn uses(source: &str, dependency: &str) -> bool {
    let name = dependency.replace('-', "_");
    let before = |c: char| !(c.is_alphanumeric() || c == '_');
    let lines = source.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.into_iter().any(|line| {
        line.match_indices(&name).any(|(at, _)| {
            let (head, tail) = (&line[..at], &line[at + name.len()..]);
            head.chars().next_back().is_none_or(before)
                && (tail.starts_with("::")
                    || (head.trim_end().ends_with("use") && tail.starts_with([';', ' '])))
        })
    })
}

#[test]
fn a_use_is_told_from_a_mention() {
    let cases = [
        ("use serde::Serialize;", true),
        ("    let json = serde::json();", true),
        ("use serde;", true),
        ("#[derive(serde::Serialize)]", true),
        ("// serde::Serialize is fine", false),
        ("let serde = 1;", false),
        ("use my_serde::Thing;", false),
        ("use serde_json::Value;", false),
    ];
    for (line, expected) in cases {
        assert_eq!(uses(line, "serde"), expected, "{line}");
    }
}

#[test]
fn the_top_level_is_what_the_design_fixes() {
    let mut unknown = Vec::new();
    for entry in std::fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && !TOP.contains(&name.as_str()) && !IGNORED.contains(&name.as_str()) {
            unknown.push(name);
        }
    }
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn no_file_is_named_for_what_it_is_not() {
    let vague = ["common", "helper", "helpers", "misc", "types", "util", "utils"];
    for path in sources(&[".rs", ".js"]) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let folder = path.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
        assert!(!vague.contains(&name.as_str()) && !vague.contains(&folder.as_str()), "{}", relative(&path));
    }
}

#[test]
fn files_stay_short() {
    let mut long = BTreeSet::new();
    for path in sources(&[".rs", ".js", ".css", ".html", ".sql", ".py", ".sh"]) {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        if lines > LONGEST {
            long.insert(relative(&path));
        }
    }
    let reviewed: BTreeSet<String> = LONG_FILES.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(long, reviewed, "over {LONGEST} lines");
}

#[test]
fn every_module_opens_with_what_lives_there() {
    for path in sources(&[".rs"]) {
        let name = relative(&path);
        let source = std::fs::read_to_string(&path).unwrap();
        let tests_beside_their_module = name.ends_with("/tests.rs") || name.contains("/tests/");
        assert!(tests_beside_their_module || source.starts_with("//! "), "{name}");
    }
}
