//! The thread that owns a session: takes rows from the queue, batches rows of like length, answers.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use tracing::{error, trace};

use crate::backend::{self, EncodeRows};
use crate::card::ModelCard;
use crate::encode::Purpose;
use crate::error::{EncodeError, LoadError};
use crate::queue::{Queue, Row};
use crate::runtime::Runtime;
use crate::tokenizer::Tokenizer;

/// What the workers of one encoder share.
pub(crate) struct Shared {
    pub(crate) card: ModelCard,
    pub(crate) tokenizer: Tokenizer,
    pub(crate) max_tokens: usize,
    pub(crate) queue: Queue,
    pub(crate) alive: AtomicUsize,
}

/// Starts a worker and returns when its session is loaded and has answered a probe, or has failed to.
pub(crate) fn start(
    runtime: Runtime,
    folder: &Path,
    shared: &Arc<Shared>,
) -> Result<JoinHandle<()>, LoadError> {
    let (ready, loaded) = mpsc::sync_channel(1);
    let folder = folder.to_owned();
    let shared = Arc::clone(shared);
    shared.alive.fetch_add(1, Ordering::SeqCst);
    let alive = Alive(Arc::clone(&shared));
    let thread = thread::Builder::new()
        .name(format!("encode {}", shared.card.name))
        .spawn(move || {
            let alive = alive;
            let loaded = load(runtime, &folder, &alive.0);
            let (outcome, session) = match loaded {
                Ok(session) => (Ok(()), Some(session)),
                Err(error) => (Err(error), None),
            };
            // The starter waits for exactly this message, so that it cannot have gone.
            drop(ready.send(outcome));
            if let Some(session) = session {
                work(session, &alive.0);
            }
        })
        .map_err(LoadError::NoThread)?;
    let died = || LoadError::NoThread(std::io::Error::other("the thread died while loading"));
    loaded.recv().unwrap_or_else(|_| Err(died()))?;
    Ok(thread)
}

/// Counts a worker; when the last one ends, for whatever reason, nobody is left waiting.
struct Alive(Arc<Shared>);

impl Drop for Alive {
    fn drop(&mut self) {
        if self.0.alive.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.queue.abandon();
        }
    }
}

/// Loads the session and encodes a probe, which finds wrong shapes before the first customer does and warms it up.
fn load(runtime: Runtime, folder: &Path, shared: &Shared) -> Result<Box<dyn EncodeRows>, LoadError> {
    let mut session = backend::open(runtime, folder, &shared.card)?;
    let bad = |reason: String| LoadError::BadGraph { path: shared.card.weights_in(folder), reason };
    let probe = shared.tokens("probe", Purpose::Query).map_err(bad)?;
    session.encode_rows(&[&probe, &probe]).map_err(bad)?;
    Ok(session)
}

fn work(mut session: Box<dyn EncodeRows>, shared: &Shared) {
    let batch_rows = shared.card.batch_rows;
    // Several batches' worth, so that there are rows of like length to put together.
    let most = if batch_rows == 1 { 1 } else { batch_rows * 4 };
    while let Some(rows) = shared.queue.take(most) {
        let rows = tokenized(rows, shared);
        let lengths: Vec<usize> = rows.iter().map(|(_, tokens)| tokens.len()).collect();
        for range in batches(&lengths, batch_rows) {
            if !shared.queue.is_open() {
                return;
            }
            encode_batch(session.as_mut(), &rows[range], shared);
        }
    }
}

/// The rows with their tokens, longest last. Rows that do not tokenize are answered here.
fn tokenized(rows: Vec<Row>, shared: &Shared) -> Vec<(Row, Vec<u32>)> {
    let mut tokenized: Vec<(Row, Vec<u32>)> = rows
        .into_iter()
        .filter_map(|row| match shared.tokens(&row.text, row.purpose) {
            Ok(tokens) => Some((row, tokens)),
            Err(reason) => {
                row.reply.fail(shared.failed(reason));
                None
            }
        })
        .collect();
    tokenized.sort_by_key(|(_, tokens)| tokens.len());
    tokenized
}

fn encode_batch(session: &mut dyn EncodeRows, rows: &[(Row, Vec<u32>)], shared: &Shared) {
    let tokens: Vec<&[u32]> = rows.iter().map(|(_, tokens)| tokens.as_slice()).collect();
    trace!(models.name = %shared.card.name, rows = rows.len(), width = tokens.last().map_or(0, |row| row.len()), "batch");
    match session.encode_rows(&tokens) {
        Ok(embeddings) => {
            for ((row, _), embedding) in rows.iter().zip(embeddings) {
                row.reply.fill(row.place, embedding);
            }
        }
        Err(reason) => {
            error!(models.name = %shared.card.name, reason, "encoding failed");
            for (row, _) in rows {
                row.reply.fail(shared.failed(reason.clone()));
            }
        }
    }
}

/// Cuts rows, given by their rising lengths, into batches of at most `most` whose longest row is at most a quarter
/// (and two tokens) longer than the shortest, so that padding costs less than batching gains.
fn batches(lengths: &[usize], most: usize) -> Vec<Range<usize>> {
    let mut batches = Vec::new();
    let mut start = 0;
    for end in 1..=lengths.len() {
        let full = end - start == most;
        let next_too_long =
            lengths.get(end).is_none_or(|next| *next > lengths[start] + lengths[start] / 4 + 2);
        if full || next_too_long {
            batches.push(start..end);
            start = end;
        }
    }
    batches
}

impl Shared {
    pub(crate) fn tokens(&self, text: &str, purpose: Purpose) -> Result<Vec<u32>, String> {
        let own = match purpose {
            Purpose::Query => self.card.query_tokens.unwrap_or(self.max_tokens),
            Purpose::Passage => self.max_tokens,
        };
        self.tokenizer.encode(&self.card.prefixed(text, purpose), own.min(self.max_tokens))
    }

    fn failed(&self, reason: String) -> EncodeError {
        EncodeError::Failed { model: self.card.name.clone(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_cover_all_rows_once_and_waste_little_padding() {
        for (lengths, most, expected) in [
            (vec![], 4, ""),
            (vec![5], 4, "0..1"),
            (vec![5, 5, 5, 5, 5], 2, "0..2 2..4 4..5"),
            (vec![4, 7, 8, 40, 41, 90], 8, "0..2 2..3 3..5 5..6"),
            (vec![3, 3, 3], 1, "0..1 1..2 2..3"),
        ] {
            let found: Vec<String> =
                batches(&lengths, most).iter().map(|range| format!("{range:?}")).collect();
            assert_eq!(found.join(" "), expected, "{lengths:?}");
        }
    }
}
