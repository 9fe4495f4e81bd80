//! An encoder without a model, for tests and load tests.

use crate::encode::{Embedding, Encode, Purpose, unit};
use crate::error::EncodeError;

/// Hashes character trigrams into a unit vector: equal texts are equal, texts that share much spelling are near, and
/// the same text gives the same vector on every machine. It knows no meaning: it is for tests of the crates above and
/// for load tests (`--stub-encoders`), never for answers.
#[derive(Debug, Clone)]
pub struct HashEncoder {
    dimensions: usize,
    name: String,
}

impl HashEncoder {
    /// `dimensions` must not be 0; 64 keeps collisions rare enough for tests.
    pub fn new(dimensions: usize) -> Self {
        let dimensions = dimensions.max(1);
        Self { dimensions, name: format!("hash-{dimensions}") }
    }

    fn embed(&self, text: &str) -> Embedding {
        let lowered: Vec<char> =
            std::iter::once(' ').chain(text.chars().flat_map(char::to_lowercase)).chain([' ']).collect();
        let mut vector = vec![0.0; self.dimensions];
        for trigram in lowered.windows(3.min(lowered.len())) {
            let hash = trigram.iter().fold(FNV_OFFSET, |hash, character| fnv(hash, u64::from(*character)));
            let hash = hash ^ (hash >> 29);
            let sign = if hash & 1 == 0 { 1.0 } else { -1.0 };
            vector[(hash >> 1) as usize % self.dimensions] += sign;
        }
        unit(vector).unwrap_or_else(|| self.first_axis())
    }

    /// What a text gets whose trigrams cancel out.
    fn first_axis(&self) -> Embedding {
        (0..self.dimensions).map(|index| if index == 0 { 1.0 } else { 0.0 }).collect()
    }
}

/// FNV-1a over 64-bit words (Fowler, Noll, Vo).
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(hash: u64, word: u64) -> u64 {
    (hash ^ word).wrapping_mul(0x0100_0000_01b3)
}

impl Encode for HashEncoder {
    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn encode_blocking(&self, texts: &[String], _: Purpose) -> Result<Vec<Embedding>, EncodeError> {
        Ok(texts.iter().map(|text| self.embed(text)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cosine(left: &str, right: &str) -> f32 {
        let texts = [left.to_owned(), right.to_owned()];
        let vectors = HashEncoder::new(256).encode_blocking(&texts, Purpose::Query).unwrap();
        vectors[0].iter().zip(vectors[1].iter()).map(|(left, right)| left * right).sum()
    }

    #[test]
    fn near_spelling_is_near_and_other_spelling_is_not() {
        for (text, near, far) in [
            ("where is my order", "where is my order now", "please cancel"),
            ("พัสดุของฉันถึงไหนแล้ว", "พัสดุถึงไหนแล้ว", "ขอบคุณค่ะ"),
            ("我的订单在哪里", "订单在哪里", "谢谢"),
        ] {
            assert!((cosine(text, text) - 1.0).abs() < 1e-6);
            assert!(cosine(text, near) > cosine(text, far) + 0.2, "{text}");
        }
    }

    #[test]
    fn every_text_has_a_unit_vector() {
        for dimensions in [1, 2, 7] {
            for text in ["", "a", "ก", "\u{0}", "aaaaaaaa"] {
                let vector = HashEncoder::new(dimensions).embed(text);
                let length: f32 = vector.iter().map(|value| value * value).sum();
                assert!((length - 1.0).abs() < 1e-6, "{text:?}");
            }
        }
    }
}
