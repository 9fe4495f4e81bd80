//! The part of an encoder that other crates depend on.

use std::sync::Arc;

use crate::error::EncodeError;

/// One text as a vector of `dimensions` numbers of length 1 (L2), so that a dot product is the cosine.
pub type Embedding = Arc<[f32]>;

/// Which side of a comparison a text is on; some models want to be told by a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A text that asks: what customers write, examples of intents.
    Query,
    /// A text that answers: passages of articles.
    Passage,
}

/// Something that turns texts into unit vectors.
pub trait Encode: Send + Sync {
    /// Numbers in each embedding.
    fn dimensions(&self) -> usize;

    /// The model's name and version; vectors of different names must not be compared.
    fn name(&self) -> &str;

    /// One embedding per text, in order. Blocks: do not call it from asynchronous code.
    fn encode_blocking(&self, texts: &[String], purpose: Purpose) -> Result<Vec<Embedding>, EncodeError>;

    /// How many tokens it reads of a text that asks, with its prefix and special tokens. Words, where it has no tokens.
    fn tokens(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }

    /// Refuses what comes, drops what waits, and returns once no thread of its own works any more: the backend must
    /// not go while one does. Blocks for the batch under way. One without threads has nothing to stop.
    fn stop(&self) {}
}

/// Scales to length 1; `None` where there is no direction (all zero) or a number is not finite.
pub fn unit(mut vector: Vec<f32>) -> Option<Embedding> {
    let length = vector.iter().map(|value| f64::from(*value) * f64::from(*value)).sum::<f64>().sqrt();
    if !length.is_finite() || length < 1e-12 {
        return None;
    }
    let scale = (1.0 / length) as f32;
    for value in &mut vector {
        *value *= scale;
    }
    Some(vector.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unit_has_length_one_or_is_none() {
        assert_eq!(unit(vec![3.0, 4.0]).unwrap().as_ref(), [0.6, 0.8]);
        for bad in [vec![0.0, 0.0], vec![f32::NAN, 1.0], vec![f32::INFINITY, 1.0], vec![]] {
            assert_eq!(unit(bad), None);
        }
    }
}
