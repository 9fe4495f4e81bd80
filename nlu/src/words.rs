//! Cutting text into words: the same cut at index time, at query time and in the models.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use icu_segmenter::WordSegmenter;
use icu_segmenter::options::WordBreakInvariantOptions;
use nlpo3::tokenizer::newmm::NewmmTokenizer;
use nlpo3::tokenizer::tokenizer_trait::Tokenizer;

use crate::hash::Hash;

/// One word: lower-cased, with the bytes of the given text that it was cut from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub start: usize,
    pub end: usize,
}

/// The segmenter of one bot. Thai is cut by longest matching (nlpo3, newmm) with the PyThaiNLP list and the bot's own
/// names; Chinese, Japanese, Khmer and Lao by ICU's dictionaries; everything else at Unicode word boundaries.
/// Punctuation and space are left out. The word list is loaded once a process, at the first use (0.15 s).
#[derive(Debug, Clone, Default)]
pub struct Words {
    names: Option<AhoCorasick>,
    fingerprint: u32,
}

static THAI: LazyLock<NewmmTokenizer> = LazyLock::new(|| {
    let list = crate::dictionary::THAI_LIST;
    NewmmTokenizer::from_word_list(list.lines().map(str::to_owned).collect())
});

/// Shorter names would be found inside other words.
const SHORTEST_NAME: usize = 4;

/// Characters given to nlpo3 at once: its time grows with the square of that.
const WINDOW: usize = 140;

impl Words {
    /// `names` are the bot's own words (products, places, people); only Thai ones of at least four characters matter.
    pub fn new<S: AsRef<str>>(names: &[S]) -> Self {
        let thai = |name: &&str| name.chars().count() >= SHORTEST_NAME && name.chars().all(is_thai);
        let mut names: Vec<&str> = names.iter().map(|name| name.as_ref().trim()).filter(thai).collect();
        if names.is_empty() {
            return Self::default();
        }
        names.sort_unstable();
        names.dedup();
        let letters = names.iter().flat_map(|name| name.chars().chain(['\n']));
        let fingerprint = letters.fold(Hash::new(0), |hash, letter| hash.with(u64::from(letter))).finish();
        Self {
            names: AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&names).ok(),
            fingerprint,
        }
    }

    /// Equal for the same names, whatever their order: models trained on one cut do not fit another.
    pub fn fingerprint(&self) -> u32 {
        self.fingerprint
    }

    /// The words in order. Linear in the length of the text, whatever is in it.
    pub fn cut(&self, text: &str) -> Vec<Word> {
        let mut words = Vec::new();
        let mut start = 0;
        while start < text.len() {
            let rest = &text[start..];
            let thai = rest.chars().next().is_some_and(is_thai);
            let length = rest.find(|character| is_thai(character) != thai).unwrap_or(rest.len());
            let run = &rest[..length];
            if thai {
                self.cut_thai(run, start, &mut words);
            } else {
                cut_other(run, start, &mut words);
            }
            start += length;
        }
        words
    }

    /// Names first, then what is between them.
    fn cut_thai(&self, run: &str, offset: usize, words: &mut Vec<Word>) {
        let mut done = 0;
        for found in self.names.iter().flat_map(|names| names.find_iter(run)) {
            let (start, end) = (found.start(), found.end());
            if !is_thai_boundary(run, start) || !is_thai_boundary(run, end) {
                continue;
            }
            cut_windows(&run[done..start], offset + done, words);
            words.push(Word { text: run[start..end].to_owned(), start: offset + start, end: offset + end });
            done = end;
        }
        cut_windows(&run[done..], offset + done, words);
    }
}

pub(crate) fn is_thai(character: char) -> bool {
    matches!(character, '\u{e01}'..='\u{e5b}')
}

/// A word may begin or end here: not between a consonant and its marks, nor between a leading vowel and its consonant.
pub(crate) fn is_thai_boundary(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at..].chars().next();
    !after.is_some_and(is_thai_follower) && !before.is_some_and(is_thai_leader)
}

/// Vowels that are written before their consonant.
pub(crate) fn is_thai_leader(character: char) -> bool {
    matches!(character, '\u{e40}'..='\u{e44}')
}

/// Vowels, tones and marks that need the consonant before them.
pub(crate) fn is_thai_follower(character: char) -> bool {
    matches!(character, '\u{e30}'..='\u{e3a}' | '\u{e45}' | '\u{e47}'..='\u{e4e}')
}

/// Cuts a run window by window. A window's last words may be cut wrongly, because what follows is not seen: they are cut
/// again at the start of the next window.
fn cut_windows(run: &str, offset: usize, words: &mut Vec<Word>) {
    let mut start = 0;
    while start < run.len() {
        let rest = &run[start..];
        let window = rest.char_indices().nth(WINDOW).map_or(rest, |(end, _)| &rest[..end]);
        let tokens = cut_window(window);
        let whole = window.len() == rest.len();
        let settled = if whole { tokens.len() } else { settled(window, &tokens) };
        for token in &tokens[..settled] {
            push_word(token, offset + start, words);
            start += token.len();
        }
    }
}

/// How many tokens of a window can be trusted: those before the longest token of its last quarter.
fn settled(window: &str, tokens: &[String]) -> usize {
    let sure = window.len() / 4 * 3;
    let mut start = 0;
    let mut longest = (tokens.len(), 0);
    for (index, token) in tokens.iter().enumerate() {
        if start >= sure && index > 0 && token.len() >= longest.1 {
            longest = (index, token.len());
        }
        start += token.len();
    }
    longest.0
}

/// The tokens of a window, nothing left out. nlpo3 gives up on some texts: their halves are cut on their own.
fn cut_window(window: &str) -> Vec<String> {
    let tokens = THAI.segment(window, false, false).unwrap_or_default();
    let whole = tokens.iter().map(String::len).sum::<usize>() == window.len();
    let middle = middle(window).filter(|_| !whole);
    match middle {
        Some(middle) => {
            let mut tokens = cut_window(&window[..middle]);
            tokens.extend(cut_window(&window[middle..]));
            tokens
        }
        None if whole => tokens,
        None => vec![window.to_owned()],
    }
}

/// A place near the middle where a word may begin, before a leading vowel where there is one.
fn middle(window: &str) -> Option<usize> {
    let length = window.len();
    let places = || window.char_indices().filter(|(at, _)| *at > 0 && is_thai_boundary(window, *at));
    let near = |at: usize| at.abs_diff(length / 2);
    let leader = places().filter(|(at, first)| is_thai_leader(*first) && near(*at) < length / 4);
    let leader = leader.map(|(at, _)| at).min_by_key(|at| near(*at));
    leader.or_else(|| places().map(|(at, _)| at).min_by_key(|at| near(*at)))
}

fn cut_other(run: &str, offset: usize, words: &mut Vec<Word>) {
    let segmenter = WordSegmenter::new_dictionary(WordBreakInvariantOptions::default());
    let mut start = 0;
    for (end, kind) in segmenter.segment_str(run).iter_with_word_type() {
        if kind.is_word_like() {
            push_word(&run[start..end], offset + start, words);
        }
        start = end;
    }
}

fn push_word(text: &str, start: usize, words: &mut Vec<Word>) {
    if text.chars().any(char::is_alphanumeric) {
        words.push(Word { text: text.to_lowercase(), start, end: start + text.len() });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(names: &[&str], text: &str, expected: &[&str]) {
        let words = Words::new(names).cut(text);
        assert_eq!(words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn every_script_is_cut_by_its_own_rules() {
        check(&[], "อยากทราบราคาเครื่องชงกาแฟ", &["อยาก", "ทราบ", "ราคา", "เครื่อง", "ชงกาแฟ"]);
        check(&[], "Where's MY Order?", &["where's", "my", "order"]);
        check(&[], "我的订单到哪里了", &["我的", "订单", "到", "哪里", "了"]);
        check(&[], "ขอ House Blend 2 ถุง ด้วย!", &["ขอ", "house", "blend", "2", "ถุง", "ด้วย"]);
        check(&[], "BK240117 ส่งยัง", &["bk240117", "ส่ง", "ยัง"]);
        check(&[], "…?! ", &[]);
        check(&[], "", &[]);
    }

    #[test]
    fn names_of_the_bot_stay_whole_but_not_inside_other_words() {
        check(&[], "ขอพร้อมเพย์หน่อย", &["ขอ", "พร้อม", "เพย์", "หน่อย"]);
        check(&["พร้อมเพย์"], "ขอพร้อมเพย์หน่อย", &["ขอ", "พร้อมเพย์", "หน่อย"]);
        check(&["นม", "ชาไท"], "นมัสการ ชาไท่", &["นมัสการ", "ชา", "ไท่"]);
        let print = |names: &[&str]| Words::new(names).fingerprint();
        assert_eq!(print(&["พร้อมเพย์", "ดอยช้าง"]), print(&["ดอยช้าง", "พร้อมเพย์", "Latin"]));
        assert_ne!(print(&["พร้อมเพย์"]), print(&["ดอยช้าง"]));
        assert_eq!(print(&["นม"]), Words::default().fingerprint());
    }

    #[test]
    fn long_text_without_spaces_is_cut_in_windows_and_nothing_is_lost() {
        let text = "อยากทราบราคาเครื่องชงกาแฟ".repeat(200);
        let words = Words::default().cut(&text);
        let mut end = 0;
        for word in &words {
            assert_eq!(word.start, end, "after {}", &text[..end]);
            end = word.end;
        }
        assert_eq!(end, text.len());
        let whole = words.iter().filter(|word| word.text == "ชงกาแฟ").count();
        assert!(whole >= 195, "{whole}");
    }

    #[test]
    fn a_million_characters_of_ambiguity_are_cut() {
        for unit in ["ก", "ตากลม", "เ", "่", "กา", "ABCก", "了", "a"] {
            let count = 1_000_000 / unit.chars().count();
            assert!(!Words::default().cut(&unit.repeat(count)).is_empty() || unit == "่", "{unit}");
        }
    }

    proptest! {
        #[test]
        fn words_lie_in_order_inside_the_text(text in "(\\PC|[ก-ฮะ-ูเ-ไ่-์ ]){0,60}") {
            let mut end = 0;
            for word in Words::new(&["พร้อมเพย์"]).cut(&text) {
                prop_assert!(word.start >= end && word.end > word.start);
                prop_assert_eq!(text[word.start..word.end].to_lowercase(), word.text);
                end = word.end;
            }
        }
    }
}
