//! What a test may need of the machine, and how its absence is shown.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::workspace;

/// True when the thing called `name` is here: `postgres`, `chromium`, `shared` or `models`.
///
/// Where it is missing, the skip is printed and added to `target/skipped.txt` (or what `SALA_SKIPPED` names), and the
/// test should return. A name that `SALA_REQUIRE` lists (comma-separated) must be here: then its absence is a panic that
/// says what to do.
pub fn need(name: &str) -> bool {
    let Some(reason) = missing(name) else { return true };
    let required = environment("SALA_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|one| one.trim() == name),
        "SALA_REQUIRE names {name}, which is not here: {reason}"
    );
    report(name, &reason);
    false
}

/// A variable of the environment, unless it is empty.
#[expect(clippy::disallowed_methods, reason = "the harness is set up by its environment")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Why the thing is not here, with advice.
fn missing(name: &str) -> Option<String> {
    let (here, reason) = match name {
        "postgres" => (
            crate::postgres::is_here(),
            "no PostgreSQL server programs; install the package postgresql or set SALA_TEST_POSTGRES to an address",
        ),
        "chromium" => (
            on_path("chromium").is_some() && on_path("chromedriver").is_some(),
            "no chromium and chromedriver on the PATH; install the packages chromium and chromium-driver",
        ),
        "shared" => (
            shared().is_some(),
            "no folder shared in or beside the repository; set SALA_SHARED to where the papers and data are",
        ),
        "models" => {
            (has_models(), "no model folder with a model.onnx; set SALA_MODELS or fetch models/registry")
        }
        _ => panic!("need() knows postgres, chromium, shared and models, not {name}"),
    };
    (!here).then(|| reason.to_owned())
}

/// The program `name` on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = environment("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// The folder with the papers and data sets, in or beside the repository or where `SALA_SHARED` says.
pub fn shared() -> Option<PathBuf> {
    let root = workspace::root();
    let named = environment("SALA_SHARED").map(PathBuf::from);
    named.into_iter().chain([root.join("shared"), root.join("../shared")]).find(|folder| folder.is_dir())
}

fn has_models() -> bool {
    let folder =
        environment("SALA_MODELS").map_or_else(|| workspace::root().join("models/registry"), PathBuf::from);
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| entry.path().join("model.onnx").is_file())
}

fn report(name: &str, reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    eprintln!("SKIPPED {name}: {reason}");
    let list = environment("SALA_SKIPPED")
        .map_or_else(|| workspace::root().join("target/skipped.txt"), PathBuf::from);
    let written =
        open_to_append(&list).and_then(|mut file| writeln!(file, "SKIPPED {name}: {reason} ({test})"));
    if let Err(error) = written {
        eprintln!("the skip could not be listed in {}: {error}", list.display());
    }
}

fn open_to_append(path: &Path) -> std::io::Result<std::fs::File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().create(true).append(true).open(path)
}
