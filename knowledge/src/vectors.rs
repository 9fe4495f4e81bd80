//! Vectors of passages and questions: kept small by the text they belong to, scanned exactly.

use std::collections::{BTreeMap, BTreeSet};

use models::{Embedding, Purpose};
use sha2::{Digest, Sha256};

/// Which text a vector belongs to: the first 16 bytes of the SHA-256 of its purpose and its letters. A text that an
/// edit left alone keeps its key, so that only changed texts are encoded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TextKey([u8; 16]);

impl TextKey {
    fn of(text: &str, purpose: Purpose) -> Self {
        let mut hash = Sha256::new();
        hash.update(match purpose {
            Purpose::Query => b"q",
            Purpose::Passage => b"p",
        });
        hash.update(text);
        let mut key = [0; 16];
        key.copy_from_slice(&hash.finalize()[..16]);
        Self(key)
    }
}

/// A text of the index that wants a vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassageText {
    pub key: TextKey,
    pub text: String,
    /// Questions of articles are encoded as queries, because they are compared with queries.
    pub purpose: Purpose,
}

impl PassageText {
    pub(crate) fn new(text: String, purpose: Purpose) -> Self {
        Self { key: TextKey::of(&text, purpose), text, purpose }
    }
}

/// A vector or a blob that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VectorError {
    /// Encoder and vectors are not of one model; compute them again.
    #[error("vectors of {encoder} have {expected} dimensions, not {found}")]
    WrongDimensions { encoder: String, expected: usize, found: usize },
    /// The blob is damaged or of another version; compute its vectors again.
    #[error("the vectors cannot be read: {0}")]
    Unreadable(&'static str),
}

/// Vectors by encoder and text, to be stored, shipped and given to an index. A vector is kept as bytes with one scale
/// (a cosine moves by less than 0.002), also before it is stored, so that a restart changes no answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VectorCache {
    encoders: BTreeMap<String, EncoderVectors>,
}

#[derive(Debug, Clone, PartialEq)]
struct EncoderVectors {
    dimensions: usize,
    vectors: BTreeMap<TextKey, Quantised>,
}

#[derive(Debug, Clone, PartialEq)]
struct Quantised {
    scale: f32,
    values: Box<[i8]>,
}

impl VectorCache {
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps one embedding of the encoder with this name.
    pub fn add(&mut self, encoder: &str, key: TextKey, embedding: &[f32]) -> Result<(), VectorError> {
        let vectors = self
            .encoders
            .entry(encoder.to_owned())
            .or_insert_with(|| EncoderVectors { dimensions: embedding.len(), vectors: BTreeMap::new() });
        if vectors.dimensions != embedding.len() {
            return Err(VectorError::WrongDimensions {
                encoder: encoder.to_owned(),
                expected: vectors.dimensions,
                found: embedding.len(),
            });
        }
        vectors.vectors.insert(key, Quantised::from_values(embedding));
        Ok(())
    }

    pub fn contains(&self, encoder: &str, key: TextKey) -> bool {
        self.encoders.get(encoder).is_some_and(|vectors| vectors.vectors.contains_key(&key))
    }

    /// The names of encoders that it has vectors of.
    pub fn encoders(&self) -> impl Iterator<Item = &str> {
        self.encoders.keys().map(String::as_str)
    }

    /// How many vectors of an encoder it has.
    pub fn len(&self, encoder: &str) -> usize {
        self.encoders.get(encoder).map_or(0, |vectors| vectors.vectors.len())
    }

    pub fn is_empty(&self) -> bool {
        self.encoders.is_empty()
    }

    /// Forgets the vectors of all other texts.
    pub fn retain(&mut self, keys: &BTreeSet<TextKey>) {
        for vectors in self.encoders.values_mut() {
            vectors.vectors.retain(|key, _| keys.contains(key));
        }
        self.encoders.retain(|_, vectors| !vectors.vectors.is_empty());
    }

    /// Takes over every vector of the other.
    pub fn merge(&mut self, other: VectorCache) -> Result<(), VectorError> {
        for (encoder, theirs) in other.encoders {
            match self.encoders.get_mut(&encoder) {
                Some(ours) if ours.dimensions == theirs.dimensions => ours.vectors.extend(theirs.vectors),
                Some(ours) => {
                    return Err(VectorError::WrongDimensions {
                        encoder,
                        expected: ours.dimensions,
                        found: theirs.dimensions,
                    });
                }
                None => {
                    self.encoders.insert(encoder, theirs);
                }
            }
        }
        Ok(())
    }

    /// The vectors of one encoder as a blob of about `20 + dimensions` bytes each; equal caches give equal blobs.
    /// `None` where it has none.
    pub fn to_bytes(&self, encoder: &str) -> Option<Vec<u8>> {
        let vectors = self.encoders.get(encoder)?;
        let mut bytes = Vec::with_capacity(64 + vectors.vectors.len() * (20 + vectors.dimensions));
        bytes.extend(MAGIC);
        bytes.extend((encoder.len() as u32).to_le_bytes());
        bytes.extend(encoder.as_bytes());
        bytes.extend((vectors.dimensions as u32).to_le_bytes());
        bytes.extend((vectors.vectors.len() as u32).to_le_bytes());
        for (key, vector) in &vectors.vectors {
            bytes.extend(key.0);
            bytes.extend(vector.scale.to_le_bytes());
            bytes.extend(vector.values.iter().map(|value| value.cast_unsigned()));
        }
        Some(bytes)
    }

    /// Reads what [`VectorCache::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VectorError> {
        let mut rest = bytes;
        if take(&mut rest, MAGIC.len())? != MAGIC {
            return Err(VectorError::Unreadable("it is not a blob of vectors of this version"));
        }
        let name_length = take_count(&mut rest)?;
        let encoder = String::from_utf8(take(&mut rest, name_length)?.to_vec())
            .map_err(|_| VectorError::Unreadable("the encoder's name is not text"))?;
        let dimensions = take_count(&mut rest)?;
        let count = take_count(&mut rest)?;
        let entry = dimensions.saturating_add(20);
        if rest.len() != count.saturating_mul(entry) {
            return Err(VectorError::Unreadable("it is not as long as it says"));
        }
        let mut vectors = BTreeMap::new();
        for entry in rest.chunks_exact(entry) {
            let (key, entry) = entry.split_at(16);
            let (scale, values) = entry.split_at(4);
            let scale = f32::from_le_bytes(array(scale));
            if !scale.is_finite() {
                return Err(VectorError::Unreadable("a scale is not a number"));
            }
            let values = values.iter().map(|value| value.cast_signed()).collect();
            vectors.insert(TextKey(array(key)), Quantised { scale, values });
        }
        Ok(Self { encoders: BTreeMap::from([(encoder, EncoderVectors { dimensions, vectors })]) })
    }
}

const MAGIC: &[u8] = b"SALAVEC1";

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], VectorError> {
    let (taken, left) = rest.split_at_checked(count).ok_or(VectorError::Unreadable("it ends too early"))?;
    *rest = left;
    Ok(taken)
}

fn take_count(rest: &mut &[u8]) -> Result<usize, VectorError> {
    Ok(u32::from_le_bytes(array(take(rest, 4)?)) as usize)
}

/// The slice's length is known where this is called.
fn array<const N: usize>(slice: &[u8]) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(slice);
    array
}

impl Quantised {
    fn from_values(values: &[f32]) -> Self {
        let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let scale = if largest.is_finite() && largest > 0.0 { largest / 127.0 } else { 1.0 };
        Self { scale, values: values.iter().map(|value| (value / scale).round() as i8).collect() }
    }
}

/// The vectors of one encoder for the texts of one index, in the index's order.
#[derive(Debug)]
pub(crate) struct VectorTable {
    dimensions: usize,
    /// Row after row, each of length 1; zeros where a text has no vector yet.
    values: Vec<f32>,
    has_vector: Vec<bool>,
}

impl VectorTable {
    /// `None` where too few of the texts have vectors for their cosines to be compared.
    pub(crate) fn new<'a>(
        cache: &VectorCache,
        encoder: &str,
        keys: impl ExactSizeIterator<Item = &'a TextKey>,
    ) -> Option<Self> {
        let vectors = cache.encoders.get(encoder)?;
        let dimensions = vectors.dimensions;
        let mut table = Self {
            dimensions,
            values: Vec::with_capacity(keys.len() * dimensions),
            has_vector: Vec::with_capacity(keys.len()),
        };
        for key in keys {
            let vector = vectors.vectors.get(key);
            table.has_vector.push(vector.is_some());
            match vector {
                Some(vector) => table.values.extend(vector.unit()),
                None => table.values.extend(std::iter::repeat_n(0.0, dimensions)),
            }
        }
        let present = table.has_vector.iter().filter(|has_vector| **has_vector).count();
        (present > 0 && present * 10 >= table.has_vector.len() * 9).then_some(table)
    }

    /// The cosine of each text with the query; `None` where it has no vector. Empty where the query is of another
    /// length.
    pub(crate) fn cosines(&self, query: &Embedding) -> Vec<Option<f32>> {
        if query.len() != self.dimensions {
            return Vec::new();
        }
        self.values
            .chunks_exact(self.dimensions)
            .zip(&self.has_vector)
            .map(|(row, has_vector)| has_vector.then(|| dot(row, query)))
            .collect()
    }
}

impl Quantised {
    fn unit(&self) -> impl Iterator<Item = f32> {
        let length = self.values.iter().map(|value| f32::from(*value).powi(2)).sum::<f32>().sqrt().max(1.0);
        self.values.iter().map(move |value| f32::from(*value) / length)
    }
}

/// Eight sums side by side, which the compiler keeps in vector registers.
fn dot(left: &[f32], right: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (left_chunks, right_chunks) = (left.chunks_exact(8), right.chunks_exact(8));
    let tail: f32 = left_chunks.remainder().iter().zip(right_chunks.remainder()).map(|(l, r)| l * r).sum();
    for (left, right) in left_chunks.zip(right_chunks) {
        for lane in 0..8 {
            sums[lane] += left[lane] * right[lane];
        }
    }
    sums.iter().sum::<f32>() + tail
}

#[cfg(test)]
mod tests {
    use models::{Encode, HashEncoder};

    use super::*;

    fn embed(text: &str) -> Embedding {
        HashEncoder::new(300).encode_blocking(&[text.to_owned()], Purpose::Passage).unwrap().remove(0)
    }

    fn cache(texts: &[&str]) -> VectorCache {
        let mut cache = VectorCache::new();
        for text in texts {
            cache.add("hash", TextKey::of(text, Purpose::Passage), &embed(text)).unwrap();
        }
        cache
    }

    #[test]
    fn a_blob_gives_back_the_same_vectors_and_cosines_stay() {
        let texts = ["ส่งกี่วันถึง", "how many days", "几天能到货"];
        let cache = cache(&texts);
        let blob = cache.to_bytes("hash").unwrap();
        assert!(blob.len() < 64 + texts.len() * 320);
        let read = VectorCache::from_bytes(&blob).unwrap();
        assert_eq!(read, cache);
        let keys = texts.map(|text| TextKey::of(text, Purpose::Passage));
        let table = VectorTable::new(&read, "hash", keys.iter()).unwrap();
        for query in texts {
            let query = embed(query);
            for (text, cosine) in texts.iter().zip(table.cosines(&query)) {
                let exact: f32 = embed(text).iter().zip(query.iter()).map(|(l, r)| l * r).sum();
                assert!((cosine.unwrap() - exact).abs() < 0.005, "{text}");
            }
        }
    }

    #[test]
    fn damaged_blobs_are_refused() {
        let blob = cache(&["a", "b"]).to_bytes("hash").unwrap();
        for length in 0..blob.len() {
            assert!(VectorCache::from_bytes(&blob[..length]).is_err(), "{length}");
        }
        let mut longer = blob.clone();
        longer.push(0);
        assert!(VectorCache::from_bytes(&longer).is_err());
        let mut other = blob;
        other[0] ^= 1;
        assert!(VectorCache::from_bytes(&other).is_err());
    }

    #[test]
    fn keys_depend_on_letters_and_purpose() {
        assert_ne!(TextKey::of("a", Purpose::Query), TextKey::of("a", Purpose::Passage));
        assert_ne!(TextKey::of("a", Purpose::Query), TextKey::of("b", Purpose::Query));
    }

    #[test]
    fn vectors_of_another_length_are_refused() {
        let mut cache = cache(&["a"]);
        let wrong = cache.add("hash", TextKey::of("b", Purpose::Passage), &[1.0, 0.0]);
        assert!(matches!(wrong, Err(VectorError::WrongDimensions { expected: 300, found: 2, .. })));
        let mut other = VectorCache::new();
        other.add("hash", TextKey::of("b", Purpose::Passage), &[1.0]).unwrap();
        assert!(cache.merge(other).is_err());
        assert_eq!(cache.len("hash"), 1);
    }

    #[test]
    fn a_table_wants_nine_tenths_of_its_texts() {
        let texts: Vec<String> = (0..20).map(|number| format!("text {number}")).collect();
        let keys: Vec<_> = texts.iter().map(|text| TextKey::of(text, Purpose::Passage)).collect();
        let all: Vec<&str> = texts.iter().map(String::as_str).collect();
        let table = VectorTable::new(&cache(&all[..18]), "hash", keys.iter()).unwrap();
        let cosines = table.cosines(&embed("text 3"));
        assert!((cosines[3].unwrap() - 1.0).abs() < 0.001);
        assert_eq!(cosines[19], None);
        assert!(table.cosines(&Embedding::from([1.0])).is_empty());
        assert!(VectorTable::new(&cache(&all[..17]), "hash", keys.iter()).is_none());
        assert!(VectorTable::new(&cache(&all), "other", keys.iter()).is_none());
    }

    #[test]
    fn texts_that_are_gone_are_forgotten() {
        let mut cache = cache(&["a", "b"]);
        cache.retain(&BTreeSet::from([TextKey::of("b", Purpose::Passage)]));
        assert_eq!(cache.len("hash"), 1);
        cache.retain(&BTreeSet::new());
        assert!(cache.is_empty());
    }
}
