//! What was read lately, so that the same words are not read twice: customers greet, thank and ask alike.

use std::sync::Arc;

use quick_cache::sync::Cache;

use crate::interpreter::cascade::Reading;

/// Readings that are kept; one with the embeddings of two encoders takes some five kilobytes.
const READINGS: usize = 2_000;
/// Bytes of a text that is kept: longer ones hardly come twice.
const LONGEST: usize = 300;

/// Readings by normalised text. The ones that come often stay.
pub(super) struct Memory(Cache<String, Arc<Reading>>);

impl Default for Memory {
    fn default() -> Self {
        Self(Cache::new(READINGS))
    }
}

impl Memory {
    pub(super) fn get(&self, text: &str) -> Option<Arc<Reading>> {
        self.0.get(text)
    }

    pub(super) fn put(&self, text: &str, reading: Arc<Reading>) {
        if text.len() <= LONGEST {
            self.0.insert(text.to_owned(), reading);
        }
    }
}
