//! The handle to a loaded encoder.

use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use crate::backend;
use crate::card::{ModelCard, TOKENIZER};
use crate::encode::{Embedding, Encode, Purpose};
use crate::error::{EncodeError, LoadError};
use crate::queue::{Answer, Queue, Refused};
use crate::runtime::Runtime;
use crate::tokenizer::Tokenizer;
use crate::vocabulary;
use crate::worker::{self, Shared};

/// How much of the machine an encoder may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncoderOptions {
    /// Sessions, each on its own thread with its own copy of the weights in memory. At least one is started.
    pub threads: usize,
    /// Calls that may wait before further ones are refused as overload.
    pub queue: usize,
    /// Cuts texts shorter than the card's `max_tokens`; never longer.
    pub max_tokens: Option<usize>,
}

impl Default for EncoderOptions {
    /// One session; 128 waiting calls are 1.5 s of work for e5.
    fn default() -> Self {
        Self { threads: 1, queue: 128, max_tokens: None }
    }
}

/// A loaded encoder. Clones share its sessions, which have ended once the last clone is
/// dropped or any is stopped.
#[derive(Clone)]
pub struct Encoder {
    handle: Arc<Handle>,
}

struct Handle {
    shared: Arc<Shared>,
    name: String,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Handle {
    /// Drops what waits and waits for the threads.
    fn stop(&self) {
        self.shared.queue.abandon();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A thread that panicked has ended too, and its panic was told when it happened.
            drop(thread.join());
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Encoder {
    /// Loads a registry folder: verifies its files and that they fit each other, starts the threads and encodes a probe on each. Blocks for the
    /// time that takes (about 0.3 s native, 0.7 s with tract, for each session).
    pub fn load(runtime: &Runtime, folder: &Path, options: &EncoderOptions) -> Result<Self, LoadError> {
        let card = ModelCard::read(folder)?;
        backend::require(*runtime, folder, &card)?;
        card.verify(folder)?;
        let tokenizer = Tokenizer::load(&folder.join(TOKENIZER))?;
        vocabulary::check(folder, &card, &tokenizer)?;
        let max_tokens = options.max_tokens.unwrap_or(card.max_tokens).clamp(3, card.max_tokens);
        let name = format!("{} {}", card.name, card.version);
        let queue = Queue::new(options.queue.max(1));
        let shared = Arc::new(Shared { card, tokenizer, max_tokens, queue, alive: AtomicUsize::new(0) });
        let encoder = Self { handle: Arc::new(Handle { shared, name, threads: Mutex::default() }) };
        for _ in 0..options.threads.max(1) {
            let thread = worker::start(*runtime, folder, &encoder.handle.shared)?;
            encoder.handle.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        }
        Ok(encoder)
    }

    pub fn card(&self) -> &ModelCard {
        &self.handle.shared.card
    }

    /// Calls that wait now, for gauges and readiness.
    pub fn waiting(&self) -> usize {
        self.handle.shared.queue.waiting()
    }

    /// One embedding per text, in order; a full queue is an error at once. Dropping the future abandons the call. The
    /// same text may differ in the last bits between calls, because it is batched with other neighbours.
    pub async fn encode(&self, texts: Vec<String>, purpose: Purpose) -> Result<Vec<Embedding>, EncodeError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        self.ask(texts, purpose)?.await.unwrap_or_else(|_| Err(self.stopped()))
    }

    /// As [`Encoder::encode`] for synchronous code. Panics inside an asynchronous run time's thread.
    pub fn encode_blocking(&self, texts: &[String], purpose: Purpose) -> Result<Vec<Embedding>, EncodeError> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        self.ask(texts.to_vec(), purpose)?.blocking_recv().unwrap_or_else(|_| Err(self.stopped()))
    }

    fn ask(&self, texts: Vec<String>, purpose: Purpose) -> Result<oneshot::Receiver<Answer>, EncodeError> {
        self.handle.shared.queue.push(texts, purpose).map_err(|refused| match refused {
            Refused::Full => EncodeError::Overloaded { model: self.card().name.clone() },
            Refused::Closed => self.stopped(),
        })
    }

    fn stopped(&self) -> EncodeError {
        EncodeError::Stopped { model: self.card().name.clone() }
    }
}

impl Encode for Encoder {
    fn dimensions(&self) -> usize {
        self.card().dimensions
    }

    fn name(&self) -> &str {
        &self.handle.name
    }

    fn encode_blocking(&self, texts: &[String], purpose: Purpose) -> Result<Vec<Embedding>, EncodeError> {
        Encoder::encode_blocking(self, texts, purpose)
    }

    fn tokens(&self, text: &str) -> usize {
        self.handle.shared.tokens(text, Purpose::Query).map_or(0, |tokens| tokens.len())
    }

    fn stop(&self) {
        self.handle.stop();
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tiny_model;
