//! What the tagger sees of a unit: hashed features of it and its neighbours.

use crate::hash::Hash;
use crate::normalise::Normalised;
use crate::tagger::units::{Cut, Unit, hash_of};
use crate::words::Words;

/// The units of one text with their features, for training and for tagging.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaggedUnits {
    places: Vec<(u32, u32)>,
    features: Vec<u32>,
    /// Where the features of each unit end.
    ends: Vec<u32>,
}

impl TaggedUnits {
    /// Cuts the first 2000 characters of the normalised text.
    pub fn new(text: &str, words: &Words) -> Self {
        let normalised = Normalised::new(text);
        let cut = Cut::new(&normalised, words);
        let hashes: Vec<u64> =
            cut.units.iter().map(|unit| hash_of(&cut.letters[unit.start..unit.end])).collect();
        let mut units = Self::default();
        for (index, unit) in cut.units.iter().enumerate() {
            let (start, end) = normalised.original_span(unit.start, unit.end);
            units.places.push((start as u32, end as u32));
            let mut features = Features { all: &mut units.features };
            features.near(&hashes, index);
            features.words(&cut, unit);
            features.letters(&cut, unit);
            units.ends.push(units.features.len() as u32);
        }
        units
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The scalar values of the original text that a unit stands for, end exclusive.
    pub fn place(&self, index: usize) -> (usize, usize) {
        let (start, end) = self.places[index];
        (start as usize, end as usize)
    }

    /// The hashed features of a unit.
    pub fn features(&self, index: usize) -> &[u32] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.features[start as usize..self.ends[index] as usize]
    }
}

/// Stands for what is before and after the text.
const BEFORE: u64 = 1 << 40;
const AFTER: u64 = 1 << 41;

/// Characters beside a boundary that are seen as one feature.
const LONGEST_RUN: usize = 5;

struct Features<'f> {
    all: &'f mut Vec<u32>,
}

impl Features<'_> {
    fn push(&mut self, template: u64, parts: &[u64]) {
        let hash = parts.iter().fold(Hash::new(template), |hash, part| hash.with(*part));
        self.all.push(hash.finish());
    }

    /// The unit and the three on each side.
    fn near(&mut self, hashes: &[u64], index: usize) {
        for (template, offset) in (-3..=3).enumerate() {
            self.push(100 + template as u64, &[beside(hashes, index, offset, |hash| *hash)]);
        }
    }

    /// The word and its neighbours, alone and in pairs, the nearest with the place of the unit in its word.
    fn words(&mut self, cut: &Cut, unit: &Unit) {
        let here = cut.words[unit.word];
        let place = u64::from(unit.start == here.start) + 2 * u64::from(unit.end == here.end);
        let word = |offset: isize| beside(&cut.words, unit.word, offset, |word| word.hash);
        self.push(200, &[place]);
        for (template, offset) in (-3..=3).enumerate() {
            self.push(210 + template as u64, &[word(offset)]);
        }
        for (template, offset) in (-1..=1).enumerate() {
            self.push(220 + template as u64, &[word(offset), place]);
        }
        for (template, offset) in (-2..=1).enumerate() {
            self.push(230 + template as u64, &[word(offset), word(offset + 1), place]);
        }
        self.push(240, &[word(-1), word(0), word(1), place]);
        self.push(250, &[here.shape]);
    }

    /// The characters before and after both ends of the unit, in runs of growing length.
    fn letters(&mut self, cut: &Cut, unit: &Unit) {
        let letters = &cut.letters;
        for (template, at) in [(300, unit.start), (400, unit.end)] {
            self.runs(template, letters[..at].iter().rev());
            self.runs(template + 10, letters[at..].iter());
        }
        let space = |at: Option<usize>| u64::from(at.and_then(|at| letters.get(at)) == Some(&' '));
        self.push(260, &[space(unit.start.checked_sub(1))]);
        self.push(261, &[space(Some(unit.end))]);
    }

    fn runs<'l>(&mut self, template: u64, letters: impl Iterator<Item = &'l char>) {
        let mut hash = Hash::new(template);
        for letter in letters.take(LONGEST_RUN) {
            hash = hash.with(u64::from(*letter));
            self.all.push(hash.finish());
        }
    }
}

fn beside<T>(all: &[T], index: usize, offset: isize, hash: impl Fn(&T) -> u64) -> u64 {
    match index.checked_add_signed(offset) {
        None => BEFORE,
        Some(index) => all.get(index).map_or(AFTER, hash),
    }
}
