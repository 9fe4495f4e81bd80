//! What can go wrong, by what the caller must do about it.

use std::path::{Path, PathBuf};

/// What to do about a damaged folder.
const REPAIR: &str =
    "put the file back from where the card says that the model comes from, or pull the model again";

/// A model could not be made ready. Nothing in it passes by itself: an operator has to change a file or a setting.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Neither a native library nor tract is there; `tried` lists each candidate with its reason.
    #[error("no ONNX runtime: build with feature `tract` or provide libonnxruntime (tried: {})", tried.join("; "))]
    NoRuntime { tried: Vec<String> },
    #[error("{} is missing; expected sha256 {expected}: {REPAIR}", path.display())]
    MissingFile { path: PathBuf, expected: String },
    /// `bytes` and `expected_bytes` tell one that was cut short from one that was changed.
    #[error("{} has sha256 {found}, expected {expected} ({bytes} of {expected_bytes} bytes): {REPAIR}", path.display())]
    WrongChecksum { path: PathBuf, expected: String, found: String, bytes: u64, expected_bytes: u64 },
    #[error("{} cannot be read: see that it is there and that this program may read it", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{}: {reason}", path.display())]
    BadCard { path: PathBuf, reason: String },
    #[error("{}: {reason}", path.display())]
    BadTokenizer { path: PathBuf, reason: String },
    /// It belongs to another model than the graph beside it.
    #[error("{} does not fit model.onnx: {reason}; put the {} of this model there (the card names sha256 {expected}) or take in graph and tokenizer anew from one source", path.display(), crate::card::TOKENIZER)]
    WrongTokenizer { path: PathBuf, reason: String, expected: String },
    /// The graph does not load, or its inputs and outputs are not what the card says.
    #[error("{}: {reason}", path.display())]
    BadGraph { path: PathBuf, reason: String },
    #[error("no thread could be started")]
    NoThread(#[source] std::io::Error),
}

impl LoadError {
    /// The same error by another name of a file or of the folder that it is in.
    pub(crate) fn renamed(self, old: &Path, new: &Path) -> Self {
        let place = |path: PathBuf| match path.strip_prefix(old) {
            Ok(rest) if rest.as_os_str().is_empty() => new.to_owned(),
            Ok(rest) => new.join(rest),
            Err(_) => path,
        };
        let words = |reason: String| reason.replace(&*old.to_string_lossy(), &new.to_string_lossy());
        match self {
            Self::Unreadable { path, source } => Self::Unreadable { path: place(path), source },
            Self::BadCard { path, reason } => Self::BadCard { path: place(path), reason: words(reason) },
            Self::BadTokenizer { path, reason } => {
                Self::BadTokenizer { path: place(path), reason: words(reason) }
            }
            Self::WrongTokenizer { path, reason, expected } => {
                Self::WrongTokenizer { path: place(path), reason, expected }
            }
            Self::BadGraph { path, reason } => Self::BadGraph { path: place(path), reason: words(reason) },
            other => other,
        }
    }
}

/// A text could not be encoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The queue is full: answer without this model, or try again later.
    #[error("encoder {model} is overloaded")]
    Overloaded { model: String },
    /// The encoder has stopped; every later call fails too.
    #[error("encoder {model} has stopped")]
    Stopped { model: String },
    /// This input failed; others may work.
    #[error("encoder {model} failed: {reason}")]
    Failed { model: String, reason: String },
}

/// A head's parts or its ONNX bytes do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    #[error(
        "head parts disagree: weights are {dimensions} x {classes}, bias has {bias}, labels are {labels}"
    )]
    Shape { dimensions: usize, classes: usize, bias: usize, labels: usize },
    #[error("head is not readable: {0}")]
    Unreadable(String),
    #[error("head expects {expected} dimensions, the embedding has {found}")]
    WrongDimensions { expected: usize, found: usize },
}
