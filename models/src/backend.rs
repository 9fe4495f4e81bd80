//! What runs a model: an ONNX graph, or weights that a backend of another crate reads.

use std::path::Path;

use crate::card::{CARD, ModelCard};
use crate::encode::Embedding;
use crate::error::LoadError;
use crate::runtime::Runtime;
use crate::session::EncoderSession;

/// What a card names in `backend`, unless it says otherwise.
pub(crate) const ONNX: &str = "onnx";

/// A loaded model, on the one thread that uses it.
pub trait EncodeRows {
    /// The embeddings of rows of token ids, in order, each of the card's dimensions and scaled by [`crate::unit`]. Rows
    /// are neither empty nor longer than the card's `max_tokens`, and may differ in length.
    fn encode_rows(&mut self, rows: &[&[u32]]) -> Result<Vec<Embedding>, String>;
}

/// A model that is ready to encode, or why it is not.
pub type Opened = Result<Box<dyn EncodeRows>, LoadError>;

/// A way to run models that are no ONNX graphs, brought by the program that links it. Cards, tokenizers, queues and
/// threads stay those of this crate.
#[derive(Debug, Clone, Copy)]
pub struct OtherBackend {
    /// What cards name in `backend`.
    pub name: &'static str,
    /// Loads a folder whose files have been verified. Called once on each thread of an encoder.
    pub open: fn(&Path, &ModelCard) -> Opened,
}

/// An error where this process has nothing that runs the card's model.
pub(crate) fn require(runtime: Runtime, folder: &Path, card: &ModelCard) -> Result<(), LoadError> {
    if card.backend == ONNX {
        runtime.environment().map(drop)
    } else {
        other(runtime, folder, card).map(drop)
    }
}

/// Loads the folder's model with the backend that its card names.
pub(crate) fn open(runtime: Runtime, folder: &Path, card: &ModelCard) -> Opened {
    if card.backend == ONNX {
        return Ok(Box::new(EncoderSession::load(runtime, folder, card)?));
    }
    (other(runtime, folder, card)?.open)(folder, card)
}

fn other(runtime: Runtime, folder: &Path, card: &ModelCard) -> Result<&'static OtherBackend, LoadError> {
    runtime.others().iter().find(|other| other.name == card.backend).ok_or_else(|| {
        let known: Vec<&str> =
            std::iter::once(ONNX).chain(runtime.others().iter().map(|other| other.name)).collect();
        let reason = format!("this program has no backend {}, only {}", card.backend, known.join(", "));
        LoadError::BadCard { path: folder.join(CARD), reason }
    })
}
