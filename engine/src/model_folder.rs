//! The encoders: where they are, which are loaded, and what is missing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use models::{Encode, Encoder, EncoderOptions, HashEncoder, Runtime, RuntimeSearch};

use crate::app::Check;
use crate::config;

/// The encoders of this process, in the order in which they are asked.
pub struct Encoders {
    loaded: Vec<Arc<dyn Encode>>,
    checks: Vec<Check>,
    /// Vectors that were computed beforehand, of the bots that come with the program.
    vectors: Option<PathBuf>,
}

impl Encoders {
    /// Loads what the settings name, side by side. One that cannot be loaded costs accuracy, never the start.
    pub fn load(settings: &config::Models, no_models: bool, stubs: bool) -> Self {
        if stubs {
            let loaded: Vec<Arc<dyn Encode>> = vec![Arc::new(HashEncoder::new(64))];
            let checks = vec![Check::bad("models", "encoders are stubbed".to_owned())];
            return Self { loaded, checks, vectors: None };
        }
        if no_models {
            let checks = vec![Check::bad("models", "n-grams only: --no-models".to_owned())];
            return Self { loaded: Vec::new(), checks, vectors: None };
        }
        let Some(folder) = find_folder(settings) else {
            let detail = "no models folder found: n-grams only. Give --models or set SALA_MODELS".to_owned();
            return Self { loaded: Vec::new(), checks: vec![Check::bad("models", detail)], vectors: None };
        };
        if let Some(fault) = fault(&folder) {
            return Self { loaded: Vec::new(), checks: vec![Check::bad("models", fault)], vectors: None };
        }
        let search = RuntimeSearch::new(Some(settings.library.clone()), Some(&folder));
        let runtime = Runtime::start(&search).with_others(settings.backends);
        let vectors = Some(folder.join("vectors"));
        let mut encoders = Self { loaded: Vec::new(), checks: Vec::new(), vectors };
        encoders.checks.push(match runtime.backend() {
            models::Backend::None { .. } => Check::bad("onnx", runtime.backend().to_string()),
            backend => Check::good("onnx", backend.to_string()),
        });
        encoders.load_all(settings, runtime, &folder);
        encoders
    }

    fn load_all(&mut self, settings: &config::Models, runtime: Runtime, folder: &Path) {
        let options =
            EncoderOptions { threads: settings.threads, queue: settings.queue, ..EncoderOptions::default() };
        let options = &options;
        std::thread::scope(|scope| {
            let waiting: Vec<_> = settings
                .encoders
                .iter()
                .map(|name| {
                    let place = folder.join("registry").join(name);
                    (name, scope.spawn(move || Encoder::load(&runtime, &place, options)))
                })
                .collect();
            for (name, thread) in waiting {
                match thread.join() {
                    Ok(Ok(encoder)) => {
                        self.checks
                            .push(Check::good(format!("model {name}"), Encode::name(&encoder).to_owned()));
                        self.loaded.push(Arc::new(encoder));
                    }
                    Ok(Err(error)) => {
                        let error = format!("{:#}", anyhow::Error::from(error));
                        tracing::error!(model = %name, error, "an encoder cannot be used");
                        self.checks.push(Check::bad(format!("model {name}"), error));
                    }
                    Err(_) => self
                        .checks
                        .push(Check::bad(format!("model {name}"), "loading it panicked".to_owned())),
                }
            }
        });
    }

    pub fn all(&self) -> &[Arc<dyn Encode>] {
        &self.loaded
    }

    /// The folder of vectors that were computed beforehand, where there is one.
    pub fn vectors(&self) -> Option<&Path> {
        self.vectors.as_deref()
    }

    /// The encoder whose name begins so.
    pub fn named(&self, name: &str) -> Option<&Arc<dyn Encode>> {
        self.loaded.iter().find(|encoder| encoder.name() == name)
    }

    /// Stops every encoder. Blocks until none of their threads works: one that did while the program ends would find the
    /// ONNX runtime gone.
    pub fn stop(&self) {
        for encoder in &self.loaded {
            encoder.stop();
        }
    }

    pub fn checks(&self) -> Vec<Check> {
        self.checks.clone()
    }
}

/// What is wrong with a folder that holds models itself instead of `registry/`, and what to do.
pub(crate) fn fault(folder: &Path) -> Option<String> {
    let is_model = |entry: std::fs::DirEntry| entry.path().join("model.toml").is_file();
    let holds_models = std::fs::read_dir(folder).ok()?.filter_map(Result::ok).any(is_model);
    (holds_models && !folder.join("registry").is_dir()).then(|| {
        format!(
            "{} holds models itself: name the folder above it, in which it is called registry, with --models or \
             SALA_MODELS",
            folder.display()
        )
    })
}

/// `--models` or `$SALA_MODELS`, then beside the program, then the repository this program was built in.
pub(crate) fn find_folder(settings: &config::Models) -> Option<PathBuf> {
    if !settings.folder.as_os_str().is_empty() {
        return Some(settings.folder.clone());
    }
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("models")));
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(|root| root.join("models"));
    [beside, repository].into_iter().flatten().find(|folder| folder.join("registry").is_dir())
}
