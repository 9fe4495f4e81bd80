//! How far a piece of text is from a name: an edit distance in which likely slips are cheap.

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
        (letter, Alphabet::Letters) if is_vowel(letter) || matches!(letter, 'ะ'..='ู' | 'เ'..='ไ') => {
            0.7
        }
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

fn near(left: char, right: char) -> f32 {
    let row = NEAR.iter().find(|row| (row.0, row.1) == (left, right) || (row.1, row.0) == (left, right));
    if left == right { 0.0 } else { row.map_or(1.0, |row| row.2) }
}

fn replaced(left: char, right: char, alphabet: Alphabet) -> f32 {
    if left == right {
        return 0.0;
    }
    let cost = match alphabet {
        Alphabet::Sounds => near(left, right),
        Alphabet::Letters if VOWELS.iter().any(|pair| pair.contains(left) && pair.contains(right)) => 0.3,
        Alphabet::Letters => {
            let sound = |letter| initial(letter).chars().next().unwrap_or(letter);
            near(sound(left), sound(right)).max(if sound(left) == left { 0.5 } else { 0.4 })
        }
    };
    cost.min(weight(left, alphabet).max(weight(right, alphabet)))
}

/// The letters of a name that are compared, and where they may go wrong cheaply.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) letters: Vec<char>,
    pub(super) weight: f32,
    alphabet: Alphabet,
}

impl Pattern {
    pub(super) fn new(letters: &[Sound], alphabet: Alphabet) -> Self {
        let letters: Vec<char> = letters.iter().map(|sound| sound.letter).collect();
        let weight = letters.iter().map(|letter| weight(*letter, alphabet)).sum();
        Self { letters, weight, alphabet }
    }

    /// The cost of reading each beginning of `text` as this name: `costs[j]` for its first `j` letters.
    pub(super) fn costs(&self, text: &[Sound]) -> Vec<f32> {
        let width = text.len() + 1;
        let mut table: Vec<Vec<f32>> = Vec::with_capacity(self.letters.len() + 1);
        table.push((0..width).map(|column| self.added_cost(text, 0, column)).collect());
        for row in 1..=self.letters.len() {
            let mut current = vec![f32::MAX; width];
            for column in 0..width {
                current[column] = self.cell(text, &table, &current, (row, column));
            }
            table.push(current);
        }
        table.pop().unwrap_or_default()
    }

    /// Letters of the text before any of the name.
    fn added_cost(&self, text: &[Sound], from: usize, to: usize) -> f32 {
        text[from..to].iter().map(|sound| weight(sound.letter, self.alphabet)).sum()
    }

    fn cell(&self, text: &[Sound], table: &[Vec<f32>], current: &[f32], at: (usize, usize)) -> f32 {
        let (row, column) = at;
        let name = self.letters[row - 1];
        let mut best = table[row - 1][column] + self.lost(row);
        if column == 0 {
            return best;
        }
        let written = text[column - 1].letter;
        best = best.min(table[row - 1][column - 1] + replaced(name, written, self.alphabet));
        best = best.min(current[column - 1] + self.added(text, column, row));
        if row >= 2 && column >= 2 {
            let swapped =
                self.letters[row - 2] == written && name == text[column - 2].letter && name != written;
            if swapped {
                best = best.min(table[row - 2][column - 2] + 0.65);
            }
        }
        best
    }

    /// The name's letter `row` is not written. Liquids and what ends a word are often dropped.
    fn lost(&self, row: usize) -> f32 {
        let letter = self.letters[row - 1];
        let before = row.checked_sub(2).map(|index| self.letters[index]);
        let liquid = letter == 'l';
        let silent =
            row == self.letters.len() && row > 3 && matches!(letter, 't' | 'd' | 's' | 'h' | 'e' | 'l');
        let doubled = before.is_some_and(|before| replaced(before, letter, self.alphabet) < 0.5);
        self.slip(letter, liquid || silent || doubled)
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
        self.slip(letter, liquid || doubled)
    }

    fn slip(&self, letter: char, is_likely: bool) -> f32 {
        let cost = weight(letter, self.alphabet);
        if is_likely { cost.min(0.5) } else { cost }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::list::sound::sounds;

    fn check(name: &str, text: &str, at_most: f32) {
        let pattern = Pattern::new(&sounds(name), Alphabet::Sounds);
        let text = sounds(text);
        let costs = pattern.costs(&text);
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
