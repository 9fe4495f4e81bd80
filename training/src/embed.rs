//! Embeddings of many texts, from a cache where they are known.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use models::{Embedding, Encode, EncodeError, Purpose};

use crate::train::Progress;

/// SHA-256 of a normalised text.
pub type TextHash = [u8; 32];

/// Keeps embeddings between trainings, by encoder name (which tells its version) and text.
pub trait EmbeddingCache {
    fn get(&self, encoder: &str, text: &TextHash) -> Option<Embedding>;

    fn put(&mut self, encoder: &str, text: &TextHash, embedding: Embedding);
}

/// A cache in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryCache {
    embeddings: HashMap<(String, TextHash), Embedding>,
}

impl EmbeddingCache for MemoryCache {
    fn get(&self, encoder: &str, text: &TextHash) -> Option<Embedding> {
        self.embeddings.get(&(encoder.to_owned(), *text)).cloned()
    }

    fn put(&mut self, encoder: &str, text: &TextHash, embedding: Embedding) {
        self.embeddings.insert((encoder.to_owned(), *text), embedding);
    }
}

/// Texts in one call: large enough to keep a session busy, small enough to share among sessions.
const BATCH: usize = 16;
/// Calls at the same time: encoders with several sessions work on as many.
const CALLS: usize = 4;

/// One embedding a text, in order. `texts` are normalised.
pub(crate) fn embed(
    encoder: &dyn Encode,
    texts: &[(String, TextHash)],
    cache: &mut dyn EmbeddingCache,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<Embedding>, EncodeError> {
    let mut found: Vec<Option<Embedding>> =
        texts.iter().map(|(_, hash)| cache.get(encoder.name(), hash)).collect();
    for embedding in &mut found {
        embedding.take_if(|embedding| embedding.len() != encoder.dimensions());
    }
    let missing: Vec<usize> = (0..texts.len()).filter(|index| found[*index].is_none()).collect();
    for (index, embedding) in encode_missing(encoder, texts, &missing, progress)? {
        cache.put(encoder.name(), &texts[index].1, embedding.clone());
        found[index] = Some(embedding);
    }
    Ok(found.into_iter().flatten().collect())
}

type Encoded = Vec<(usize, Embedding)>;

fn encode_missing(
    encoder: &dyn Encode,
    texts: &[(String, TextHash)],
    missing: &[usize],
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Encoded, EncodeError> {
    let batches: Vec<&[usize]> = missing.chunks(BATCH).collect();
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results: Mutex<Result<Encoded, EncodeError>> = Mutex::new(Ok(Vec::with_capacity(missing.len())));
    let work = || {
        while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
            let batch_texts: Vec<String> = batch.iter().map(|index| texts[*index].0.clone()).collect();
            let embeddings = encoder.encode_blocking(&batch_texts, Purpose::Query);
            let mut results = results.lock().expect("no holder of the lock panics");
            match (&mut *results, embeddings) {
                (Ok(all), Ok(embeddings)) => all.extend(batch.iter().copied().zip(embeddings)),
                (Ok(_), Err(error)) => *results = Err(error),
                (Err(_), _) => break,
            }
            drop(results);
            let done = done.fetch_add(batch.len(), Ordering::Relaxed) + batch.len();
            progress(Progress::Encoding { encoder: encoder.name().to_owned(), done, total: missing.len() });
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..CALLS.min(batches.len()) {
            scope.spawn(work);
        }
    });
    results.into_inner().expect("no holder of the lock panics")
}

#[cfg(test)]
mod tests {
    use models::HashEncoder;

    use super::*;
    use crate::dataset::text_hash;

    #[test]
    fn embeddings_come_in_order_and_once() {
        let encoder = HashEncoder::new(32);
        let texts: Vec<(String, TextHash)> = (0..100)
            .map(|index| format!("ข้อความ {index}"))
            .map(|text| (text.clone(), text_hash(&text)))
            .collect();
        let mut cache = MemoryCache::default();
        let calls = AtomicUsize::new(0);
        let count = |_: Progress| {
            calls.fetch_add(1, Ordering::Relaxed);
        };
        let first = embed(&encoder, &texts, &mut cache, &count).unwrap();
        let one = encoder.encode_blocking(&[texts[57].0.clone()], Purpose::Query).unwrap();
        assert_eq!(first[57], one[0]);
        assert_eq!(calls.swap(0, Ordering::Relaxed), 100usize.div_ceil(BATCH));
        assert_eq!(embed(&encoder, &texts, &mut cache, &count).unwrap(), first);
        assert_eq!(calls.load(Ordering::Relaxed), 0);
    }
}
