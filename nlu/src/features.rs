//! Character and word n-grams of a message as hashed counts.

use crate::hash::Hash;
use crate::normalise::Normalised;
use crate::words::Words;

/// Features of one text: hashed n-gram and its weight. Sorted by feature, each once.
pub type SparseVector = Vec<(u32, f32)>;

/// Makes n-gram features: characters 2 to 5 inside each run without spaces (with the space at its ends) and words 1 to
/// 2. Digits count as one digit, so that order numbers look alike, and letter case does not count. Each kind (character,
/// word) has length 1 (L2) after [`crate::SparseHead`] has put its inverse document frequencies on.
#[derive(Debug, Clone, Default)]
pub struct Featuriser {
    words: Words,
}

/// Longer texts say nothing new about their intent; this bounds the time.
const LONGEST: usize = 2_000;

/// The lowest bit of a feature tells its kind.
const WORD: u32 = 1;

impl Featuriser {
    pub fn new(words: Words) -> Self {
        Self { words }
    }

    /// The features with sublinear counts, 1 + ln(count) (Manning, Raghavan, Schütze 2008, 6.4.1).
    pub fn features(&self, text: &Normalised) -> SparseVector {
        let text: String =
            plain(text.text()).take(LONGEST).flat_map(char::to_lowercase).map(folded).collect();
        let mut hashes = Vec::with_capacity(text.len() * 4);
        characters(&text, &mut hashes);
        self.word_features(&text, &mut hashes);
        hashes.sort_unstable();
        let runs = hashes.chunk_by(|left, right| left == right);
        runs.map(|run| (run[0], 1.0 + (run.len() as f32).ln())).collect()
    }

    fn word_features(&self, text: &str, hashes: &mut Vec<u32>) {
        let words: Vec<Hash> = self.words.cut(text).iter().map(|word| hash_of(&word.text)).collect();
        hashes.extend(words.iter().map(|word| word.finish() | WORD));
        let pairs = words.windows(2);
        hashes.extend(pairs.map(|pair| pair[0].with(u64::from(pair[1].finish())).finish() | WORD));
    }
}

/// Signs and emoji that are repeated for emphasis once, and without what colours and joins them: "!!!!" says no more
/// than "!!!".
fn plain(text: &str) -> impl Iterator<Item = char> {
    let mut run = (' ', 0);
    let bare = text.chars().filter(|character| !matches!(character, '\u{fe0f}' | '\u{200d}'));
    let counted = bare.map(move |character| {
        run = if run.0 == character { (character, run.1 + 1) } else { (character, 1) };
        run
    });
    let sign = |character: char| !character.is_alphanumeric() && character != ' ';
    counted.filter(move |(character, count)| *count == 1 || !sign(*character)).map(|(character, _)| character)
}

fn folded(character: char) -> char {
    if character.is_ascii_digit() { '0' } else { character }
}

fn hash_of(word: &str) -> Hash {
    word.chars().fold(Hash::new(WORD.into()), |hash, character| hash.with(u64::from(character)))
}

/// Whether a feature stands for words rather than characters.
pub(crate) fn is_word(feature: u32) -> bool {
    feature & WORD == WORD
}

fn characters(text: &str, hashes: &mut Vec<u32>) {
    let mut run = Vec::new();
    for part in text.split_whitespace() {
        run.clear();
        run.push(' ');
        run.extend(part.chars());
        run.push(' ');
        for start in 0..run.len() {
            let mut hash = Hash::new(0);
            for (length, character) in run[start..].iter().take(5).enumerate() {
                hash = hash.with(u64::from(*character));
                if length >= 1 {
                    hashes.push(hash.finish() & !WORD);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(text: &str) -> SparseVector {
        Featuriser::default().features(&Normalised::new(text))
    }

    /// Share of the first text's features that the second has.
    fn shared(left: &str, right: &str) -> f32 {
        let (left, right) = (features(left), features(right));
        let both = left.iter().filter(|(feature, _)| right.iter().any(|(other, _)| other == feature)).count();
        both as f32 / left.len() as f32
    }

    #[test]
    fn features_are_sorted_and_unique_and_counts_grow_slowly() {
        let vector = features("ขอราคาหน่อย ขอราคาหน่อย where is my order 我的订单");
        assert!(vector.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(vector.iter().any(|(_, weight)| (*weight - (1.0 + 2f32.ln())).abs() < 1e-6));
        assert!(vector.iter().all(|(_, weight)| *weight >= 1.0 && *weight < 3.0));
        assert!(vector.iter().any(|(feature, _)| is_word(*feature)));
        assert!(vector.iter().any(|(feature, _)| !is_word(*feature)));
    }

    #[test]
    fn case_digits_and_width_do_not_matter() {
        assert_eq!(features("Order BK240117"), features("order bk998850"));
        assert_eq!(features("ORDER １２"), features("order ๙๙"));
        assert!(shared("พัสดุของฉันถึงไหนแล้ว", "พัสดุถึงไหนแล้วคะ") > 0.5);
        assert!(shared("พัสดุของฉันถึงไหนแล้ว", "ขอบคุณมาก") < 0.2);
    }

    #[test]
    fn empty_and_endless_texts_have_bounded_features() {
        assert!(features("").is_empty());
        assert!(features(" ").is_empty());
        let long: String = (0..100_000).map(|index| char::from(b'a' + (index % 26) as u8)).collect();
        assert!(features(&long).len() < 5 * LONGEST);
    }
}
