//! Words that tell languages apart where the script does not: short lists, compiled in.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::dictionary;
use crate::language::Language;

static THAI: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words_of(include_str!("../words/romanised_thai.txt")));
static ENGLISH: LazyLock<HashSet<&str>> =
    LazyLock::new(|| words_of(include_str!("../words/common_english.txt")));
static OTHERS: LazyLock<HashMap<&str, Vec<Language>>> = LazyLock::new(others);

fn words_of(list: &'static str) -> HashSet<&'static str> {
    dictionary::lines(list).collect()
}

/// The languages of each function word.
fn others() -> HashMap<&'static str, Vec<Language>> {
    let mut languages: HashMap<&str, Vec<Language>> = HashMap::new();
    for line in dictionary::lines(include_str!("../words/function_words.txt")) {
        let (code, words) = line.split_once(' ').unwrap_or((line, ""));
        let Some(language) = Language::from_code(code) else { continue };
        for word in words.split(' ') {
            let known = languages.entry(word).or_default();
            if !known.contains(&language) {
                known.push(language);
            }
        }
    }
    languages
}

/// Words that end a polite sentence.
const PARTICLES: [&str; 24] = [
    "ka", "kaa", "kha", "khaa", "krub", "krubb", "krab", "krap", "krup", "khrap", "khrab", "khrub", "kub",
    "kab", "kap", "naka", "nakha", "nakrub", "nakrab", "nakub", "ja", "jaa", "na", "haa",
];

pub(crate) fn is_romanised_thai(word: &str) -> bool {
    THAI.contains(word)
}

/// A word that tells English from the other languages, in small letters and without apostrophes.
pub(crate) fn is_common_english(word: &str) -> bool {
    ENGLISH.contains(word)
}

/// A short word of another language than English, in small letters.
pub(crate) fn is_function_word(word: &str) -> bool {
    OTHERS.contains_key(word)
}

/// How many words of a text are in each list; words are runs of letters, lower-cased.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Marks {
    pub(crate) words: usize,
    pub(crate) thai: usize,
    /// The last word is a Thai particle: "ok ka".
    pub(crate) thai_end: bool,
    pub(crate) english: usize,
    /// Function words of the other languages. A word of several languages counts for each.
    pub(crate) others: Vec<(Language, usize)>,
}

impl Marks {
    pub(crate) fn of(text: &str) -> Self {
        let joined = text.to_lowercase().replace('’', "'");
        let mut marks = Self::default();
        let mut others: HashMap<Language, usize> = HashMap::new();
        let is_part = |character: char| character.is_alphabetic() || character == '\'';
        for word in joined.split(|character: char| !is_part(character)).filter(|word| !word.is_empty()) {
            let plain = word.replace('\'', "");
            marks.words += 1;
            marks.thai += usize::from(THAI.contains(plain.as_str()));
            marks.thai_end = PARTICLES.contains(&plain.as_str());
            marks.english += usize::from(ENGLISH.contains(plain.as_str()));
            for language in OTHERS.get(word).into_iter().flatten() {
                *others.entry(*language).or_default() += 1;
            }
        }
        marks.others = others.into_iter().collect();
        marks.others.sort_by_key(|(language, count)| (std::cmp::Reverse(*count), *language));
        marks
    }
}
