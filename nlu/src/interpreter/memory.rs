//! What was read lately, so that the same words are not read twice: customers greet, thank and ask alike.

use std::sync::Arc;

use quick_cache::sync::Cache;

use crate::interpreter::cascade::{Of, Reading};

/// Readings that are kept; one with the embeddings of two encoders takes some five kilobytes.
const READINGS: usize = 2_000;
/// Bytes of a text that is kept: longer ones hardly come twice.
const LONGEST: usize = 300;

/// Readings by normalised text. The ones that come often stay.
pub(super) struct Memory {
    messages: Cache<String, Arc<Reading>>,
    /// Of parts that are no message of their own: nobody asked what was felt in them.
    parts: Cache<String, Arc<Reading>>,
}

impl Default for Memory {
    fn default() -> Self {
        Self { messages: Cache::new(READINGS), parts: Cache::new(READINGS / 4) }
    }
}

impl Memory {
    pub(super) fn get(&self, text: &str, of: Of) -> Option<Arc<Reading>> {
        let part = || (of == Of::Part).then(|| self.parts.get(text)).flatten();
        self.messages.get(text).or_else(part)
    }

    /// Answers are read without the slow encoders, so another message of the same words needs a reading of its own.
    pub(super) fn put(&self, text: &str, of: Of, reading: &Arc<Reading>) {
        let cache = match of {
            Of::Message => &self.messages,
            Of::Part => &self.parts,
            Of::Answer => return,
        };
        if text.len() <= LONGEST && reading.is_complete() {
            cache.insert(text.to_owned(), Arc::clone(reading));
        }
    }
}
