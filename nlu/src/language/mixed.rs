//! Whether a message mixes languages.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::dictionary::{self, is_english_word};
use crate::language::Language;
use crate::language::scripts::{LOOKED_AT, Scripts};
use crate::romanised::is_romanised_thai;

/// Names, sizes and units that belong to no language.
static NAMES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| dictionary::lines(include_str!("../../words/names_of_no_language.txt")).collect());

/// Shorter English words look like romanised Thai.
const SHORTEST_BESIDE_THAI: usize = 5;

/// Whether a text whose grammar is that of `language` has a content word of another one. Names of brands, sizes, units
/// and "ok" are words of no language.
pub fn is_mixed(text: &str, language: Language) -> bool {
    let text: String = text.chars().take(LOOKED_AT).collect();
    let scripts = Scripts::of(&text);
    let own = scripts.own();
    let others = own.iter().filter(|(other, count)| *other != language && *count >= 2);
    if others.count() > 0 {
        return true;
    }
    let in_script = own.iter().any(|(own, count)| *own == language && *count > 0);
    let mut words = text
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '\''))
        .filter(|word| is_word(word));
    if in_script {
        return words.any(is_content);
    }
    language == Language::Thai
        && words.any(|word| {
            let lower = word.to_lowercase();
            lower.len() >= SHORTEST_BESIDE_THAI && is_english_word(&lower) && !is_romanised_thai(&lower)
        })
}

/// Letters alone, and more than one.
fn is_word(word: &str) -> bool {
    word.len() >= 2 && word.bytes().all(|letter| letter.is_ascii_alphabetic() || letter == b'\'')
}

/// A word in Latin letters beside another script: a name is written with a capital, or stands in the list.
fn is_content(word: &str) -> bool {
    let lower = word.to_lowercase();
    let capital = word.starts_with(|letter: char| letter.is_ascii_uppercase());
    !NAMES.contains(lower.as_str())
        && !is_romanised_thai(&lower)
        && (!word.bytes().any(|letter| letter.is_ascii_uppercase()) || (capital && is_english_word(&lower)))
}
