//! Short messages in Latin letters: figures, units and names tell no language, and a few letters look like many.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::dictionary::{self, is_english_word};
use crate::language::mixed::is_name;
use crate::romanised::{Marks, is_common_english, is_function_word};

/// From this many words on, what words look like tells the language by itself.
const ENOUGH_WORDS: usize = 5;
/// Letters of two words or more that tell it in a shorter text too, where they are not all names.
const ENOUGH_LETTERS: usize = 10;
/// From this many letters on, one English word of two is no sign: the other may be of another language.
const LONG_PAIR: usize = 13;
/// The longest name of a place, in words.
const LONGEST_PLACE: usize = 3;

/// What a short text tells by its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing: names, units, codes, or one or two words that no list has.
    Nothing,
    English,
    /// It must be looked at more closely.
    Open,
}

/// Names of provinces and places that have more than one word, or that are no word of a language.
static PLACES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let provinces = dictionary::lines(include_str!("../../words/provinces.txt"))
        .filter_map(|line| line.split('|').nth(2))
        .flat_map(|names| names.split(','));
    provinces.filter(|name| !name.contains('?')).map(|name| name.trim().to_lowercase()).collect()
});

/// The words of a text that may belong to a language, of a text that has few of them; `None` for a longer one.
pub(super) fn content(text: &str) -> Option<Vec<&str>> {
    let has_digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let words = letter_runs(text);
    let mut content = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let place = (1..=LONGEST_PLACE.min(words.len() - at)).rev().find(|count| {
            let name: Vec<&str> = words[at..at + count].iter().map(|(_, word)| *word).collect();
            is_place(&name.join(" ").to_lowercase())
        });
        if let Some(count) = place {
            at += count;
            continue;
        }
        let (start, word) = words[at];
        if !is_neutral(word, follows_digit(&text[..start]), has_digits) {
            content.push(word);
        }
        at += 1;
    }
    (content.len() < ENOUGH_WORDS).then_some(content)
}

/// What the words of a short text tell. Another language needs words of its own, or enough text.
pub(super) fn told(content: &[&str], marks: &Marks) -> Told {
    if content.is_empty() {
        return Told::Nothing;
    }
    let lowered: Vec<String> = content.iter().map(|word| word.to_lowercase().replace('\'', "")).collect();
    let english = lowered.iter().filter(|word| is_known(word)).count();
    let others = marks.others.first().map_or(0, |(_, count)| *count);
    let is_foreign = lowered.iter().any(|word| is_function_word(word) && !is_common_english(word));
    if is_foreign {
        return if english == content.len() && others < english { Told::English } else { Told::Open };
    }
    let letters: usize = content.iter().map(|word| word.chars().count()).sum();
    let is_ascii = content.iter().all(|word| word.is_ascii());
    if is_ascii && (english == content.len() || (english == 1 && content.len() == 2 && letters < LONG_PAIR)) {
        return Told::English;
    }
    let is_sentence = content.iter().any(|word| word.starts_with(char::is_lowercase));
    if !is_ascii || (is_sentence && content.len() >= 2 && letters >= ENOUGH_LETTERS) {
        return Told::Open;
    }
    if english > 0 { Told::English } else { Told::Nothing }
}

/// A word of the dictionary, or more than one of what it names.
fn is_known(word: &str) -> bool {
    let known = |word: &str| word.len() >= 3 && is_english_word(word);
    is_common_english(word) || known(word) || word.strip_suffix('s').is_some_and(known)
}

fn is_place(name: &str) -> bool {
    PLACES.contains(name) || (name.contains(' ') && is_name(name))
}

/// A unit, a name or one letter. Beside figures it is one also where it is a word of some language: "5 am", "Mon 9-5".
fn is_neutral(word: &str, after_digit: bool, has_digits: bool) -> bool {
    let lower = word.to_lowercase();
    if is_common_english(&lower) {
        return after_digit && is_name(&lower);
    }
    let is_one = is_name(&lower) || lower.chars().count() == 1;
    is_one && (has_digits || !is_function_word(&lower))
}

fn follows_digit(before: &str) -> bool {
    before.trim_end().ends_with(|letter: char| letter.is_ascii_digit())
}

/// Runs of letters and apostrophes with the byte where they start.
fn letter_runs(text: &str) -> Vec<(usize, &str)> {
    let is_part = |letter: char| letter.is_alphabetic() || letter == '\'' || letter == '’';
    let mut runs = Vec::new();
    let mut rest = 0;
    while let Some(start) = text[rest..].find(char::is_alphabetic).map(|found| rest + found) {
        let end = text[start..].find(|letter| !is_part(letter)).map_or(text.len(), |found| start + found);
        runs.push((start, &text[start..end]));
        rest = end;
    }
    runs
}
