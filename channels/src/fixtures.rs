//! Recorded calls for tests: our own beside `src/`, and others' where a checkout has them.

use std::fs;
use std::path::{Path, PathBuf};

/// The files of one folder, `(name without ending, bytes)`, in order of name.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// Our own calls, under `fixtures/`; there is always one. The table of what we send is none of them.
pub(crate) fn own(folder: &str) -> Files {
    let mut files = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder));
    files.retain(|(name, _)| name != "outbound");
    assert!(!files.is_empty(), "no fixtures in {folder}");
    files
}

/// Those of others, which a checkout may have beside it. Without them the test is skipped, which it says, or fails
/// where `SALA_REQUIRE` names `shared`.
pub(crate) fn shared(test: &str, path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures").join(path);
    if found.exists() {
        return Some(found);
    }
    #[expect(clippy::disallowed_methods, reason = "a test asks what its lane requires")]
    let required = std::env::var("SALA_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|name| name == "shared"), "{test} needs the shared fixtures {path}");
    eprintln!("SKIPPED {test}: no shared fixtures {path}");
    None
}

pub(crate) fn read(folder: &Path) -> Files {
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    paths.sort();
    paths.iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

/// Holds what `received` says of a fixture to the reviewed snapshot beside it.
pub(crate) fn assert_received(folder: &str, name: &str, received: &impl serde::Serialize) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder).join("received"),
    );
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_json_snapshot!(name, received));
}
