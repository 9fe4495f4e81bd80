//! How far a piece of text is from a name: an edit distance in which likely slips are cheap.

use std::sync::LazyLock;

use crate::entities::list::sound::{Sound, initial, is_vowel};

/// Which alphabet is compared: how it sounds, or how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    Sounds,
    Letters,
}

/// How much a letter weighs: what its loss costs.
pub(super) fn weight(letter: char, alphabet: Alphabet) -> f32 {
    match (letter, alphabet) {
        (letter, Alphabet::Sounds) if is_vowel(letter) => 0.5,
        ('h', Alphabet::Sounds) => 0.3,
        (letter, Alphabet::Letters) if is_vowel(letter) || is_thai_vowel(letter) => 0.7,
        _ => 1.0,
    }
}

/// Slips of the same place of the mouth or of look-alike spelling.
const NEAR: [(char, char, f32); 18] = [
    ('k', 'g', 0.2),
    ('k', 'c', 0.4),
    ('s', 'c', 0.3),
    ('k', 's', 0.6),
    ('t', 'd', 0.2),
    ('p', 'b', 0.3),
    ('p', 'f', 0.4),
    ('n', 'N', 0.3),
    ('n', 'm', 0.6),
    ('w', 'o', 0.3),
    ('w', 'u', 0.3),
    ('w', 'f', 0.5),
    ('y', 'i', 0.2),
    ('e', 'i', 0.25),
    ('u', 'o', 0.25),
    ('a', 'e', 0.35),
    ('a', 'o', 0.4),
    ('c', 't', 0.7),
];

/// Thai vowels that differ by their length or look alike.
const VOWELS: [&str; 6] = ["ะาั", "ิี", "ึื", "ุู", "เแ", "ไใ"];

/// `NEAR` by the places of the two letters.
static TABLE: LazyLock<[[f32; LETTERS]; LETTERS]> = LazyLock::new(|| {
    let mut table = [[1.0; LETTERS]; LETTERS];
    for (left, right, cost) in NEAR {
        if let (Some(left), Some(right)) = (place(left), place(right)) {
            table[left][right] = cost;
            table[right][left] = cost;
        }
    }
    table
});

const LETTERS: usize = 27;

fn place(letter: char) -> Option<usize> {
    match letter {
        'a'..='z' => Some(letter as usize - 'a' as usize),
        'N' => Some(LETTERS - 1),
        _ => None,
    }
}

fn near(left: char, right: char) -> f32 {
    match (place(left), place(right)) {
        _ if left == right => 0.0,
        (Some(left), Some(right)) => TABLE[left][right],
        _ => 1.0,
    }
}

fn is_thai_vowel(letter: char) -> bool {
    matches!(letter, 'ะ'..='ู' | 'เ'..='ไ')
}

fn replaced(left: char, right: char, alphabet: Alphabet) -> f32 {
    if left == right {
        return 0.0;
    }
    let cost = match alphabet {
        Alphabet::Sounds => near(left, right),
        Alphabet::Letters if is_thai_vowel(left) && is_thai_vowel(right) => {
            let alike = VOWELS.iter().any(|pair| pair.contains(left) && pair.contains(right));
            if alike { 0.3 } else { 1.0 }
        }
        Alphabet::Letters => {
            let sound = |letter| initial(letter).chars().next().unwrap_or(letter);
            near(sound(left), sound(right)).max(if sound(left) == left { 0.5 } else { 0.4 })
        }
    };
    cost.min(weight(left, alphabet).max(weight(right, alphabet)))
}

/// Longer names are not guessed.
pub(super) const LONGEST_NAME: usize = 40;
/// How many more letters than the name's are read, and by how many the two may be shifted.
pub(super) const SLACK: usize = 4;
const WIDTH: usize = LONGEST_NAME + SLACK + 1;

/// Costs by the number of letters of the text.
pub(super) type Costs = [f32; WIDTH];

/// The letters of a name that are compared, and where they may go wrong cheaply.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) letters: Vec<char>,
    pub(super) weight: f32,
    /// What it costs when a letter is not written.
    lost: Vec<f32>,
    alphabet: Alphabet,
}

impl Pattern {
    pub(super) fn new(letters: &[Sound], alphabet: Alphabet) -> Self {
        let letters: Vec<char> = letters.iter().map(|sound| sound.letter).take(LONGEST_NAME).collect();
        let weight = letters.iter().map(|letter| weight(*letter, alphabet)).sum();
        let lost = (0..letters.len()).map(|index| lost(&letters, index, alphabet)).collect();
        Self { letters, weight, lost, alphabet }
    }

    /// The cost of reading each beginning of `text` as this name: `costs[j]` for its first `j` letters. `None` as soon
    /// as every way costs more than `limit`, mostly after two or three letters.
    pub(super) fn costs(&self, text: &[Sound], limit: f32) -> Option<Costs> {
        let text = &text[..text.len().min(self.letters.len() + SLACK)];
        let (mut older, mut before) = ([f32::MAX; WIDTH], [f32::MAX; WIDTH]);
        before[0] = 0.0;
        for column in 1..=text.len().min(SLACK) {
            before[column] = before[column - 1] + weight(text[column - 1].letter, self.alphabet);
        }
        let mut least_before = 0.0;
        for row in 1..=self.letters.len() {
            let mut current = [f32::MAX; WIDTH];
            let mut least = f32::MAX;
            for column in row.saturating_sub(SLACK)..=text.len().min(row + SLACK) {
                current[column] = self.cell(text, [&older, &before, &current], row, column);
                least = least.min(current[column]);
            }
            if least.min(least_before) > limit {
                return None;
            }
            (older, before, least_before) = (before, current, least);
        }
        Some(before)
    }

    fn cell(&self, text: &[Sound], rows: [&Costs; 3], row: usize, column: usize) -> f32 {
        let [older, before, current] = rows;
        let name = self.letters[row - 1];
        let mut best = before[column] + self.lost[row - 1];
        if column == 0 {
            return best;
        }
        let written = text[column - 1].letter;
        best = best.min(before[column - 1] + replaced(name, written, self.alphabet));
        best = best.min(current[column - 1] + self.added(text, column, row));
        if row >= 2 && column >= 2 {
            let swapped =
                self.letters[row - 2] == written && name == text[column - 2].letter && name != written;
            if swapped {
                best = best.min(older[column - 2] + SWAPPED);
            }
        }
        best
    }

    /// The text's letter `column` is not in the name, of which `row` letters are read.
    fn added(&self, text: &[Sound], column: usize, row: usize) -> f32 {
        let letter = text[column - 1].letter;
        let before = column.checked_sub(2).map(|index| text[index].letter);
        let liquid = letter == 'l';
        let plural = letter == 's' && row == self.letters.len();
        if plural {
            return 0.1;
        }
        let after = self.letters.get(row).filter(|_| !is_vowel(letter));
        let doubled = before
            .into_iter()
            .chain(after.copied())
            .any(|other| replaced(other, letter, self.alphabet) < 0.35);
        slip(letter, liquid || doubled, self.alphabet)
    }
}

/// Two neighbours in the wrong order.
const SWAPPED: f32 = 0.65;

/// The name's letter at `index` is not written. Liquids and what ends a word are often dropped.
fn lost(letters: &[char], index: usize, alphabet: Alphabet) -> f32 {
    let letter = letters[index];
    let before = index.checked_sub(1).map(|before| letters[before]);
    let ends = index + 1 == letters.len() && index > 2;
    let silent = ends && matches!(letter, 't' | 'd' | 's' | 'h' | 'e' | 'l');
    let doubled = before.is_some_and(|before| replaced(before, letter, alphabet) < 0.5);
    slip(letter, letter == 'l' || silent || doubled, alphabet)
}

fn slip(letter: char, is_likely: bool, alphabet: Alphabet) -> f32 {
    let cost = weight(letter, alphabet);
    if is_likely { cost.min(0.5) } else { cost }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::list::sound::sounds;

    fn check(name: &str, text: &str, at_most: f32) {
        let pattern = Pattern::new(&sounds(name), Alphabet::Sounds);
        let text = sounds(text);
        let costs = pattern.costs(&text, f32::MAX).unwrap();
        let share = costs[text.len()] / pattern.weight;
        assert!(share <= at_most && share >= at_most - 0.12, "{name} {text:?}: {share}");
    }

    #[test]
    fn slips_are_near_and_other_words_far() {
        check("latte", "ลาเท้", 0.0);
        check("เอสเปรสโซ่", "เอสเปสโซ่", 0.1);
        check("ครัวซองต์", "cruasan", 0.15);
        check("เครื่องบดกาแฟ", "เครื่องชงกาแฟ", 0.25);
        check("โกโก้", "โกหก", 0.3);
        check("ชาไทย", "ชานม", 0.75);
    }
}
