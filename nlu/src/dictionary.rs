//! What is a word: Thai and English, to tell a spelling from a misspelling.

use std::collections::HashSet;
use std::sync::LazyLock;

pub(crate) const THAI_LIST: &str = include_str!("../words/words_th.txt");

static THAI: LazyLock<HashSet<&str>> = LazyLock::new(|| lines(THAI_LIST).collect());
static ENGLISH: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lines(include_str!("../words/words_en.txt")).collect());

/// The lines of a word list, without its remarks.
pub(crate) fn lines(list: &str) -> impl Iterator<Item = &str> {
    list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

pub(crate) fn is_thai_word(word: &str) -> bool {
    THAI.contains(word)
}

/// `word` in small letters.
pub(crate) fn is_english_word(word: &str) -> bool {
    ENGLISH.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_misspellings() {
        for (word, thai, english) in
            [("กาแฟ", true, false), ("กาแฝ", false, false), ("coffee", false, true), ("cofee", false, false)]
        {
            assert_eq!((is_thai_word(word), is_english_word(word)), (thai, english), "{word}");
        }
    }
}
