//! Running neural models: text in, unit vectors or class probabilities out.
//!
//! This is the only crate that names `ort` and `tokenizers`. A model is a folder with a card (`model.toml`), a graph
//! (`model.onnx`) and its tokenizer (`tokenizer.json`); code follows the card and knows nothing about what the vectors
//! are used for.
//!
//! - [`Runtime`] finds a native ONNX Runtime library or falls back to tract, once per process.
//! - [`OtherBackend`] is how a program brings a way to run models that are no ONNX graphs.
//! - [`Encoder`] is a cheap handle; every session lives on its own thread behind one bounded queue, and a full queue
//!   is an answer ([`EncodeError::Overloaded`]), never a wait.
//! - [`Encode`] is the part of it that other crates depend on; [`HashEncoder`] stands in for tests.
//! - [`LinearHead`] is a softmax layer that is read from and written to ONNX.
//!
//! Invariant: no call panics because a library or a file is missing or wrong; each is a typed error that names it.

mod backend;
mod byte_columns;
mod card;
mod encode;
mod encoder;
mod error;
mod hash_encoder;
mod head;
mod import;
mod onnx;
mod protobuf;
mod queue;
mod runtime;
mod session;
mod tokenizer;
mod unigram;
mod vocabulary;
mod worker;

pub use backend::{EncodeRows, Opened, OtherBackend};
pub use card::{FileCard, ModelCard, Pooling, Task};
pub use encode::{Embedding, Encode, Purpose, unit};
pub use encoder::{Encoder, EncoderOptions};
pub use error::{EncodeError, HeadError, LoadError};
pub use hash_encoder::HashEncoder;
pub use head::LinearHead;
pub use import::{IMPORTED, Import};
pub use runtime::{Backend, Runtime, RuntimeSearch};
pub use tokenizer::Tokenizer;
