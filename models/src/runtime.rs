//! Finding the ONNX backend: a native library where there is one, tract otherwise.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ort::environment::Environment;
use ort::logging::LogLevel;
use tracing::{info, warn};

use crate::backend::OtherBackend;
use crate::error::LoadError;

/// Where to look for a native ONNX Runtime (1.24 or newer).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuntimeSearch {
    /// A library file named by the operator (`$ORT_DYLIB_PATH`, read by the caller); an empty path counts as none.
    pub library: Option<PathBuf>,
    /// Folders searched afterwards, in order, for `libonnxruntime.so*` (`.dylib`, `onnxruntime.dll`).
    pub folders: Vec<PathBuf>,
}

impl RuntimeSearch {
    /// The usual order: the named library, `<models>/runtime`, beside the program, the system's library folders.
    pub fn new(library: Option<PathBuf>, models: Option<&Path>) -> Self {
        let mut folders: Vec<PathBuf> = models.map(|models| models.join("runtime")).into_iter().collect();
        folders.extend(std::env::current_exe().ok().and_then(|program| program.parent().map(PathBuf::from)));
        let system =
            ["/usr/local/lib", "/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
        folders.extend(system.map(PathBuf::from));
        Self { library, folders }
    }

    /// No native library at all: tract, or nothing without the feature.
    pub fn pure_rust() -> Self {
        Self::default()
    }

    fn candidates(&self) -> Vec<PathBuf> {
        let named = self.library.iter().filter(|path| !path.as_os_str().is_empty()).cloned();
        named.chain(self.folders.iter().flat_map(|folder| libraries_in(folder))).collect()
    }
}

/// Which implementation runs the graphs of this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backend {
    /// Microsoft's library, loaded from `path`.
    Native { path: PathBuf },
    /// Pure Rust; the same vectors, one thread per session, about as fast for the shipped models.
    Tract,
    /// Nothing loads; `tried` says why, one entry per candidate.
    None { tried: Vec<String> },
}

impl fmt::Display for Backend {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Native { path } => write!(out, "onnxruntime {}", path.display()),
            Self::Tract => write!(out, "tract"),
            Self::None { tried } if tried.is_empty() => write!(out, "none"),
            Self::None { tried } => write!(out, "none ({})", tried.join("; ")),
        }
    }
}

/// The process-wide ONNX environment. Copies are the same one.
#[derive(Debug, Clone, Copy)]
pub struct Runtime {
    started: &'static Started,
    others: &'static [OtherBackend],
}

#[derive(Debug)]
struct Started {
    backend: Backend,
    environment: Option<Environment>,
}

/// ONNX Runtime allows one environment a process, so the first start decides and it is never dropped.
static STARTED: OnceLock<Started> = OnceLock::new();

impl Runtime {
    /// Starts the backend. Later calls return what the first one chose, whatever they ask for. Never fails: without
    /// any backend, loading a model does.
    pub fn start(search: &RuntimeSearch) -> Self {
        let started = STARTED.get_or_init(|| {
            let started = start_first_usable(search);
            info!(models.backend = %started.backend, "model runtime started");
            started
        });
        Self { started, others: &[] }
    }

    /// The same with ways to run models that are no ONNX graphs; they replace those it had.
    #[must_use]
    pub fn with_others(self, others: &'static [OtherBackend]) -> Self {
        Self { others, ..self }
    }

    pub(crate) fn others(self) -> &'static [OtherBackend] {
        self.others
    }

    pub fn backend(&self) -> &'static Backend {
        &self.started.backend
    }

    pub(crate) fn environment(self) -> Result<&'static Environment, LoadError> {
        self.started.environment.as_ref().ok_or_else(|| {
            let tried = match &self.started.backend {
                Backend::None { tried } => tried.clone(),
                Backend::Native { .. } | Backend::Tract => Vec::new(),
            };
            LoadError::NoRuntime { tried }
        })
    }
}

fn start_first_usable(search: &RuntimeSearch) -> Started {
    let mut tried = Vec::new();
    for path in search.candidates() {
        match start_native(&path) {
            Ok(environment) => {
                return Started { backend: Backend::Native { path }, environment: Some(environment) };
            }
            Err(reason) => {
                if search.library.as_ref() == Some(&path) {
                    warn!(models.library = %path.display(), reason, "named ONNX Runtime library is not usable");
                } else {
                    info!(models.library = %path.display(), reason, "ONNX Runtime library is not usable");
                }
                tried.push(format!("{}: {reason}", path.display()));
            }
        }
    }
    match start_tract() {
        Ok(environment) => Started { backend: Backend::Tract, environment: Some(environment) },
        Err(reason) => {
            tried.push(format!("tract: {reason}"));
            Started { backend: Backend::None { tried }, environment: None }
        }
    }
}

fn start_native(path: &Path) -> Result<Environment, String> {
    let builder = ort::init_from(path).map_err(|error| error.to_string())?;
    let environment = builder.with_telemetry(false).build().map_err(|error| error.to_string())?;
    environment.set_log_level(LogLevel::Error);
    Ok(environment)
}

#[cfg(feature = "tract")]
fn start_tract() -> Result<Environment, String> {
    if !ort::set_api(ort_tract::api()) {
        return Err("a native library already serves this process".to_owned());
    }
    ort::init().with_telemetry(false).build().map_err(|error| error.to_string())
}

#[cfg(not(feature = "tract"))]
fn start_tract() -> Result<Environment, String> {
    Err("not compiled in".to_owned())
}

/// The libraries of one folder, newest name first. A folder that cannot be read has none.
fn libraries_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.file_name().and_then(OsStr::to_str).is_some_and(is_library_name))
        .collect();
    found.sort_by(|left, right| right.cmp(left));
    found
}

fn is_library_name(name: &str) -> bool {
    name == "onnxruntime.dll"
        || name.starts_with("libonnxruntime.so")
        || (name.starts_with("libonnxruntime.") && Path::new(name).extension() == Some(OsStr::new("dylib")))
}

/// What the crate's tests run on: the library that `get-onnxruntime` fetches if it is there, else tract.
#[cfg(all(test, feature = "tract"))]
pub(crate) fn test_runtime() -> Runtime {
    Runtime::start(&RuntimeSearch::new(None, Some(Path::new(env!("CARGO_MANIFEST_DIR")))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_the_named_library_then_the_folders_newest_first() {
        let folder = tempfile::tempdir().unwrap();
        for name in
            ["libonnxruntime.so.1.24.0", "libonnxruntime.so.1.31.1", "libonnxruntime_providers.so", "notes"]
        {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let folders = vec![PathBuf::from("/nowhere/at/all"), folder.path().to_owned()];
        let found = |library: Option<&str>| {
            let search = RuntimeSearch { library: library.map(PathBuf::from), folders: folders.clone() };
            let names = search.candidates();
            names
                .iter()
                .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let in_folder = ["libonnxruntime.so.1.31.1", "libonnxruntime.so.1.24.0"];
        assert_eq!(found(None), in_folder);
        assert_eq!(found(Some("")), in_folder);
        assert_eq!(found(Some("/opt/mine.so")), ["mine.so", in_folder[0], in_folder[1]]);
    }

    #[test]
    fn a_broken_library_is_skipped_and_a_second_start_returns_the_first_choice() {
        let folder = tempfile::tempdir().unwrap();
        let broken = folder.path().join("libonnxruntime.so.1.31.1");
        std::fs::write(&broken, "not a library").unwrap();
        let first = Runtime::start(&RuntimeSearch { library: Some(broken.clone()), folders: Vec::new() });
        let second = Runtime::start(&RuntimeSearch::pure_rust());
        assert_eq!(first.backend(), second.backend());
        if cfg!(feature = "tract") {
            // Where all tests share one process, another may have started the native library first.
            assert!(matches!(first.backend(), Backend::Tract | Backend::Native { .. }));
        } else {
            let Err(LoadError::NoRuntime { tried }) = first.environment() else {
                panic!("a backend started")
            };
            assert!(tried[0].starts_with(broken.to_str().unwrap()), "{tried:?}");
        }
    }
}
