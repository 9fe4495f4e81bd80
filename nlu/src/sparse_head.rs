//! The n-gram head: TF-IDF over hashed features and a linear softmax layer with one byte a weight.

use crate::features::{SparseVector, is_word};

/// The features a head knows, with their inverse document frequencies.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vocabulary {
    /// Sorted.
    features: Vec<u32>,
    idf: Vec<f32>,
    /// Where the features with each leading byte pair begin, so that a look-up scans a handful.
    starts: Vec<u32>,
}

/// One known feature of a text: its row and its TF-IDF weight.
pub type Weighted = (u32, f32);

/// A text's known features and how much of the text they are.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Weighed {
    pub features: Vec<Weighted>,
    /// Share of the text's features that are known, 0 to 1; 0 for a text without features.
    pub coverage: f32,
}

const START_BITS: u32 = 16;

impl Vocabulary {
    /// Learns the features of `texts`: at most `most`, those of most texts first. Inverse document frequency is
    /// ln((1 + texts) / (1 + texts with it)) + 1, smoothed as in scikit-learn's TfidfTransformer.
    pub fn fit(texts: &[&SparseVector], most: usize) -> Self {
        let mut all: Vec<u32> =
            texts.iter().flat_map(|text| text.iter().map(|(feature, _)| *feature)).collect();
        all.sort_unstable();
        let mut counts: Vec<(u32, u32)> =
            all.chunk_by(|left, right| left == right).map(|run| (run[0], run.len() as u32)).collect();
        if counts.len() > most {
            counts.sort_unstable_by_key(|(feature, count)| (std::cmp::Reverse(*count), *feature));
            counts.truncate(most);
            counts.sort_unstable();
        }
        let total = texts.len() as f32;
        let idf = |count: u32| ((1.0 + total) / (1.0 + count as f32)).ln() + 1.0;
        let features = counts.iter().map(|(feature, _)| *feature).collect();
        Self::new(features, counts.iter().map(|(_, count)| idf(*count)).collect())
    }

    fn new(features: Vec<u32>, idf: Vec<f32>) -> Self {
        let mut starts = Vec::with_capacity((1 << START_BITS) + 1);
        let mut row = 0;
        for prefix in 0..=(1u64 << START_BITS) {
            while row < features.len() && u64::from(features[row]) < prefix << (32 - START_BITS) {
                row += 1;
            }
            starts.push(row as u32);
        }
        Self { features, idf, starts }
    }

    pub fn len(&self) -> usize {
        self.features.len()
    }

    pub fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    fn row(&self, feature: u32) -> Option<usize> {
        let prefix = (feature >> (32 - START_BITS)) as usize;
        let (start, end) = (self.starts[prefix] as usize, self.starts[prefix + 1] as usize);
        self.features[start..end].iter().position(|known| *known == feature).map(|place| start + place)
    }

    /// TF-IDF weights; those of characters and those of words each have length 1 (L2).
    pub fn weigh(&self, text: &SparseVector) -> Weighed {
        if self.is_empty() || text.is_empty() {
            return Weighed::default();
        }
        let mut squares = [0.0f32; 2];
        let mut features = Vec::with_capacity(text.len());
        for (feature, count) in text {
            let Some(row) = self.row(*feature) else { continue };
            let weight = count * self.idf[row];
            squares[usize::from(is_word(*feature))] += weight * weight;
            features.push((row as u32, weight));
        }
        let scales = squares.map(|square| if square > 0.0 { square.sqrt().recip() } else { 0.0 });
        for (row, weight) in &mut features {
            *weight *= scales[usize::from(is_word(self.features[*row as usize]))];
        }
        let coverage = features.len() as f32 / text.len() as f32;
        Weighed { features, coverage }
    }
}

/// A linear layer over n-grams. Weights are one byte with one scale a feature, and rows that are all zero are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct SparseHead {
    vocabulary: Vocabulary,
    classes: usize,
    scales: Vec<f32>,
    /// Features x classes.
    weights: Vec<i8>,
    bias: Vec<f32>,
}

const MAGIC: &[u8; 8] = b"SALANG01";

impl SparseHead {
    /// Rounds trained weights (features x classes, in the vocabulary's order) to one byte. `None` where the sizes
    /// disagree or there is no class.
    pub fn new(vocabulary: Vocabulary, weights: &[f32], bias: Vec<f32>) -> Option<Self> {
        let classes = bias.len();
        if classes == 0 || weights.len() != vocabulary.len() * classes {
            return None;
        }
        let mut scales = Vec::with_capacity(vocabulary.len());
        let mut bytes = Vec::with_capacity(weights.len());
        for row in weights.chunks_exact(classes) {
            let largest = row.iter().fold(0.0f32, |largest, weight| largest.max(weight.abs()));
            let scale = largest / 127.0;
            scales.push(scale);
            let divisor = if scale > 0.0 { scale } else { 1.0 };
            bytes.extend(row.iter().map(|weight| (weight / divisor).round() as i8));
        }
        Some(Self { vocabulary, classes, scales, weights: bytes, bias })
    }

    pub fn classes(&self) -> usize {
        self.classes
    }

    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The scores before softmax and the share of the text that is known. About 20 µs for a sentence and 24 classes.
    pub fn logits(&self, text: &SparseVector) -> (Vec<f32>, f32) {
        let weighed = self.vocabulary.weigh(text);
        let mut logits = self.bias.clone();
        for (row, weight) in &weighed.features {
            let row = *row as usize;
            let factor = weight * self.scales[row];
            let weights = &self.weights[row * self.classes..][..self.classes];
            for (logit, weight) in logits.iter_mut().zip(weights) {
                *logit += factor * f32::from(*weight);
            }
        }
        (logits, weighed.coverage)
    }

    /// Magic, classes and features as u32, bias, then columns of feature, idf, scale and rows of weights; little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend((self.classes as u32).to_le_bytes());
        bytes.extend((self.vocabulary.len() as u32).to_le_bytes());
        push_floats(&mut bytes, &self.bias);
        bytes.extend(self.vocabulary.features.iter().flat_map(|feature| feature.to_le_bytes()));
        push_floats(&mut bytes, &self.vocabulary.idf);
        push_floats(&mut bytes, &self.scales);
        bytes.extend(self.weights.iter().map(|weight| weight.to_le_bytes()[0]));
        bytes
    }

    /// Reads what [`SparseHead::to_bytes`] writes; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader { rest: bytes.strip_prefix(MAGIC)? };
        let classes = reader.words(1)?.next()? as usize;
        let count = reader.words(1)?.next()? as usize;
        let bias: Vec<f32> = reader.words(classes)?.map(f32::from_bits).collect();
        let features: Vec<u32> = reader.words(count)?.collect();
        let idf = reader.words(count)?.map(f32::from_bits).collect();
        let scales = reader.words(count)?.map(f32::from_bits).collect();
        let whole = reader.rest.len() == count.checked_mul(classes)?;
        let sorted = features.windows(2).all(|pair| pair[0] < pair[1]);
        if classes == 0 || !whole || !sorted {
            return None;
        }
        let weights = reader.rest.iter().map(|byte| i8::from_le_bytes([*byte])).collect();
        Some(Self { vocabulary: Vocabulary::new(features, idf), classes, scales, weights, bias })
    }
}

fn push_floats(bytes: &mut Vec<u8>, values: &[f32]) {
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    /// The next `count` little-endian words.
    fn words(&mut self, count: usize) -> Option<impl Iterator<Item = u32> + use<'b>> {
        let (words, rest) = self.rest.split_at_checked(count.checked_mul(4)?)?;
        self.rest = rest;
        Some(words.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Featuriser;
    use crate::normalise::Normalised;

    fn features(text: &str) -> SparseVector {
        Featuriser::default().features(&Normalised::new(text))
    }

    fn head() -> SparseHead {
        let texts = [features("ขอราคา"), features("where is my order"), features("取消订单")];
        let vocabulary = Vocabulary::fit(&texts.iter().collect::<Vec<_>>(), 1_000);
        let mut weights = vec![0.0; vocabulary.len() * 3];
        for (class, text) in texts.iter().enumerate() {
            for (row, _) in vocabulary.weigh(text).features {
                weights[row as usize * 3 + class] = 0.5;
            }
        }
        SparseHead::new(vocabulary, &weights, vec![0.0, 0.1, 0.0]).unwrap()
    }

    #[test]
    fn logits_follow_the_weights_and_survive_bytes() {
        let head = head();
        let copy = SparseHead::from_bytes(&head.to_bytes()).unwrap();
        assert_eq!(copy, head);
        for (text, best) in [("ขอราคา", 0), ("my order", 1), ("取消订单", 2), ("zzz", 1)] {
            let (logits, coverage) = copy.logits(&features(text));
            let found = (0..3).max_by(|left, right| logits[*left].total_cmp(&logits[*right])).unwrap();
            assert_eq!(found, best, "{text} {logits:?}");
            assert_eq!(coverage > 0.5, text != "zzz");
        }
    }

    #[test]
    fn each_kind_of_feature_has_length_one() {
        let head = head();
        let weighed = head.vocabulary.weigh(&features("where is my order"));
        let total: f32 = weighed.features.iter().map(|(_, weight)| weight * weight).sum();
        assert!((total - 2.0).abs() < 1e-5, "{total}");
    }

    #[test]
    fn the_vocabulary_keeps_what_most_texts_have() {
        let texts: [SparseVector; 2] = [vec![(1, 1.0), (2, 1.0)], vec![(2, 1.0), (9, 1.0)]];
        let vocabulary = Vocabulary::fit(&texts.iter().collect::<Vec<_>>(), 1);
        assert_eq!(vocabulary.features, [2]);
        assert!((vocabulary.idf[0] - 1.0).abs() < 1e-6);
        assert_eq!(vocabulary.weigh(&texts[0]).features, [(0, 1.0)]);
        assert!((vocabulary.weigh(&texts[0]).coverage - 0.5).abs() < 1e-6);
    }

    #[test]
    fn broken_bytes_are_refused() {
        let bytes = head().to_bytes();
        for cut in [0, 7, 8, 12, 20, bytes.len() - 1] {
            assert_eq!(SparseHead::from_bytes(&bytes[..cut]), None);
        }
        let longer: Vec<u8> = bytes.iter().copied().chain([0]).collect();
        assert_eq!(SparseHead::from_bytes(&longer), None);
        let huge: Vec<u8> = MAGIC.iter().copied().chain([0xff; 8]).collect();
        assert_eq!(SparseHead::from_bytes(&huge), None);
        assert_eq!(SparseHead::new(Vocabulary::default(), &[1.0], vec![0.0]), None);
    }
}
