//! Cutting a text into the units that get a label.

use unicode_normalization::char::is_combining_mark;

use crate::dictionary::{is_english_word, is_thai_word};
use crate::hash::Hash;
use crate::normalise::Normalised;
use crate::words::{Words, is_thai, is_thai_follower, is_thai_leader};

/// Longer texts are read so far; this bounds the time.
const LONGEST: usize = 2_000;

/// A text as units inside of words. A unit is a Thai consonant with its vowels and marks, a Chinese or Japanese
/// character, a number, a run of other letters or a sign: entities begin and end between words that a dictionary does
/// not cut there, but never inside of these.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// Small letters, every digit as 0.
    pub(super) letters: Vec<char>,
    pub(super) units: Vec<Unit>,
    pub(super) words: Vec<TextWord>,
}

/// Characters of the text, end exclusive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The word that it is in; signs are words of their own.
    pub(super) word: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct TextWord {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) hash: u64,
    /// What the word looks like: its script, letter case and length, and whether a dictionary has it.
    pub(super) shape: u64,
}

impl Cut {
    pub(super) fn new(text: &Normalised, words: &Words) -> Self {
        let characters: Vec<char> = text.text().chars().take(LONGEST).collect();
        let letters: Vec<char> = characters.iter().map(|character| folded(*character)).collect();
        let word_at = word_of_each(&characters, words);
        let mut cut = Self { letters, units: Vec::new(), words: Vec::new() };
        let mut start = 0;
        while start < characters.len() {
            let joins = |at: usize| {
                let (before, after) = (characters[at - 1], characters[at]);
                joins_before(after) || (word_at[at - 1] == word_at[at] && joined(before, after))
            };
            let end = (start + 1..characters.len()).find(|at| !joins(*at)).unwrap_or(characters.len());
            if characters[start] != ' ' {
                let continues = word_at[start].is_some()
                    && cut.units.last().is_some_and(|last| word_at[last.start] == word_at[start]);
                if continues {
                    cut.words.last_mut().expect("a unit has a word").end = end;
                } else {
                    cut.words.push(TextWord { start, end, hash: 0, shape: 0 });
                }
                cut.units.push(Unit { start, end, word: cut.words.len() - 1 });
            }
            start = end;
        }
        for word in &mut cut.words {
            let letters = &cut.letters[word.start..word.end];
            word.hash = hash_of(letters);
            word.shape = shape(characters[word.start], letters);
        }
        cut
    }
}

/// The word that each character is in, by its number.
fn word_of_each(characters: &[char], words: &Words) -> Vec<Option<u32>> {
    let text: String = characters.iter().collect();
    let found = words.cut(&text);
    let mut number = 0;
    let mut byte = 0;
    let each = characters.iter().map(|character| {
        while found.get(number).is_some_and(|word| word.end <= byte) {
            number += 1;
        }
        let inside = found.get(number).is_some_and(|word| word.start <= byte);
        byte += character.len_utf8();
        inside.then_some(number as u32)
    });
    each.collect()
}

fn folded(character: char) -> char {
    if character.is_numeric() && !is_thai(character) && !is_cjk(character) {
        return '0';
    }
    character.to_lowercase().next().unwrap_or(character)
}

/// Marks, skin tones and joiners, which never begin a unit.
fn joins_before(character: char) -> bool {
    is_thai_follower(character)
        || is_combining_mark(character)
        || matches!(character, '\u{200d}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Whether two characters of one word, or two beside words, belong together.
fn joined(before: char, after: char) -> bool {
    let letter = |character: char| character.is_alphabetic() && !is_thai(character) && !is_cjk(character);
    let glued = before == '\u{200d}' || (is_thai_leader(before) && is_thai(after));
    glued || (letter(before) && letter(after)) || (before.is_numeric() && after.is_numeric())
}

/// Scripts without spaces whose characters are units: Han, kana, Hangul.
fn is_cjk(character: char) -> bool {
    matches!(character,
        '\u{3041}'..='\u{30ff}' | '\u{3131}'..='\u{318e}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{2ffff}')
}

pub(super) fn hash_of(letters: &[char]) -> u64 {
    letters.iter().fold(Hash::new(0), |hash, letter| hash.with(u64::from(*letter))).finish().into()
}

fn shape(first: char, letters: &[char]) -> u64 {
    let script = match first {
        '0'..='9' => 0,
        _ if is_thai(first) => 1,
        _ if is_cjk(first) => 2,
        _ if first.is_uppercase() => 3,
        _ if first.is_alphabetic() => 4,
        _ => return 5,
    };
    let text = || letters.iter().collect::<String>();
    let known = match script {
        1 => is_thai_word(&text()),
        3 | 4 => is_english_word(&text()),
        _ => true,
    };
    let length = if known { 0 } else { letters.len().min(4) as u64 };
    script + 8 * length
}
