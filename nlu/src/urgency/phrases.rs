//! Finding the phrases of the word lists in a text.

use std::collections::HashSet;

use aho_corasick::AhoCorasick;
use regex::Regex;

use crate::words::{Words, is_thai_boundary};

/// A line of a list.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    pub(super) written: String,
    pub(super) section: usize,
}

/// Where a phrase was found (bytes of the text as it is compared).
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    pub(super) section: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    phrase: usize,
}

/// Plain phrases are searched for all at once; those with a number or a gap by expressions.
#[derive(Debug)]
pub(super) struct Phrases {
    all: Vec<Phrase>,
    plain: AhoCorasick,
    plain_numbers: Vec<usize>,
    /// The longest word of each phrase in `open`: only where it stands, the expression is tried.
    open_words: AhoCorasick,
    open: Vec<(usize, Regex)>,
}

/// Characters of a text that are read.
const LONGEST: usize = 2_000;
/// Thai phrases from this length on are found although the segmenter cuts otherwise.
const SURE_THAI: usize = 6;

const NUMBER: &str = concat!(
    r"(?:\d+(?:[.:,]\d+)*|half an|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty",
    "|forty|fifty|ครึ่ง|หนึ่ง|สองสาม|สอง|สาม|สี่|ห้า|หก|เจ็ด|แปด|เก้า|สิบห้า|สิบกว่า|สิบ|ยี่สิบ|สามสิบ|ไม่กี่",
    "|[半一两兩二三四五六七八九十几幾]+)"
);

impl Phrases {
    pub(super) fn new(all: Vec<Phrase>) -> Result<Self, String> {
        let is_open = |phrase: &Phrase| phrase.written.contains('#') || phrase.written.contains("..");
        let numbered = || all.iter().enumerate();
        let plain_numbers: Vec<usize> =
            numbered().filter(|(_, phrase)| !is_open(phrase)).map(|(number, _)| number).collect();
        let written = plain_numbers.iter().map(|number| comparable(&all[*number].written));
        let plain = AhoCorasick::new(written).map_err(|error| error.to_string())?;
        let mut open = Vec::new();
        for (number, phrase) in numbered().filter(|(_, phrase)| is_open(phrase)) {
            let expression = Regex::new(&expression(&phrase.written)).map_err(|error| error.to_string())?;
            open.push((number, expression));
        }
        let words = open.iter().map(|(number, _)| longest_word(&all[*number].written));
        let open_words = AhoCorasick::new(words).map_err(|error| error.to_string())?;
        Ok(Self { all, plain, plain_numbers, open_words, open })
    }

    pub(super) fn phrase(&self, hit: &Hit) -> &Phrase {
        &self.all[hit.phrase]
    }

    /// Every phrase that stands in the text as words of its own, outside quotation marks; of sections that `counts`
    /// names, only where no "not" stands before it.
    pub(super) fn find(&self, text: &str, words: &Words, counts: impl Fn(usize) -> bool) -> Vec<Hit> {
        let text = comparable(&text.chars().take(LONGEST).collect::<String>());
        let place = Place::new(&text, words);
        let plain = self
            .plain
            .find_overlapping_iter(&text)
            .map(|found| (self.plain_numbers[found.pattern().as_usize()], found.start(), found.end()));
        let mut tried: Vec<usize> =
            self.open_words.find_overlapping_iter(&text).map(|found| found.pattern().as_usize()).collect();
        tried.sort_unstable();
        tried.dedup();
        let open = tried.into_iter().flat_map(|index| {
            let (number, expression) = &self.open[index];
            expression.find_iter(&text).map(|found| (*number, found.start(), found.end()))
        });
        let hits = plain.chain(open).filter(|(_, start, end)| place.is_free(*start, *end));
        let hits =
            hits.map(|(phrase, start, end)| Hit { section: self.all[phrase].section, start, end, phrase });
        let mut hits: Vec<Hit> =
            hits.filter(|hit| !counts(hit.section) || !is_negated(&text[..hit.start])).collect();
        hits.sort_by_key(|hit| hit.start);
        hits
    }
}

/// Small letters without apostrophes.
fn comparable(text: &str) -> String {
    let plain = text.chars().filter(|letter| !matches!(letter, '\'' | '’'));
    plain.flat_map(char::to_lowercase).collect()
}

/// Of what stands in the text as it is written; empty, and so found everywhere, where there is nothing.
fn longest_word(written: &str) -> String {
    let parts = comparable(written);
    let words = parts.split(['#', ' ']).filter(|word| *word != "..");
    words.max_by_key(|word| word.len()).unwrap_or_default().to_owned()
}

fn expression(written: &str) -> String {
    let mut expression = String::new();
    for part in comparable(written).split_inclusive(['#', ' ']) {
        let word = part.trim_end_matches(['#', ' ']);
        if word == ".." {
            expression.push_str(r"[^.!?\n]{0,24}?");
            continue;
        }
        expression.push_str(&regex::escape(word));
        expression.push_str(if part.ends_with('#') { NUMBER } else { "" });
        expression.push_str(if part.ends_with(' ') { r" ?" } else { "" });
    }
    expression
}

/// Where phrases may stand in a text.
struct Place<'t> {
    text: &'t str,
    edges: HashSet<usize>,
    quoted: Vec<(usize, usize)>,
}

impl<'t> Place<'t> {
    fn new(text: &'t str, words: &Words) -> Self {
        let edges = words.cut(text).into_iter().flat_map(|word| [word.start, word.end]).collect();
        Self { text, edges, quoted: quoted(text) }
    }

    fn is_free(&self, start: usize, end: usize) -> bool {
        let found = &self.text[start..end];
        let sure = found.chars().count() >= SURE_THAI;
        let free = |at: usize| {
            let before = self.text[..at].chars().next_back().unwrap_or(' ');
            let after = self.text[at..].chars().next().unwrap_or(' ');
            let latin = |letter: char| letter.is_alphanumeric() && letter < '\u{e00}';
            let thai = is_thai(before) && is_thai(after);
            let in_thai_word =
                thai && !(is_thai_boundary(self.text, at) && (sure || self.edges.contains(&at)));
            let in_latin_word =
                latin(before) && latin(after) && before.is_ascii_digit() == after.is_ascii_digit();
            !in_thai_word && !in_latin_word
        };
        let in_quotes = self.quoted.iter().any(|(from, to)| *from <= start && end <= *to);
        free(start) && free(end) && !in_quotes
    }
}

fn is_thai(letter: char) -> bool {
    matches!(letter, '\u{e01}'..='\u{e5b}')
}

/// What stands between quotation marks: titles, and what others said.
fn quoted(text: &str) -> Vec<(usize, usize)> {
    let mut quoted = Vec::new();
    let mut open: Option<usize> = None;
    for (at, sign) in text.char_indices() {
        match (sign, open) {
            ('"' | '”' | '》' | '」' | '»', Some(from)) => {
                quoted.push((from, at));
                open = None;
            }
            ('"' | '“' | '《' | '「' | '«', None) => open = Some(at),
            _ => {}
        }
    }
    quoted
}

/// Words that take back what follows them.
const NEGATIONS: [&str; 24] = [
    "ไม่",
    "ไม่ได้",
    "ไม่ใช่",
    "ไม่มี",
    "ไม่เคย",
    "ยังไม่",
    "not",
    "not a",
    "not an",
    "not the",
    "no",
    "isnt",
    "isnt a",
    "arent",
    "never",
    "wasnt",
    "without",
    "dont",
    "didnt",
    "doesnt",
    "没有",
    "没",
    "不是",
    "不",
];

fn is_negated(before: &str) -> bool {
    let before = before.trim_end();
    NEGATIONS.iter().any(|word| {
        let Some(rest) = before.strip_suffix(word) else { return false };
        !word.is_ascii() || !rest.ends_with(|letter: char| letter.is_ascii_alphanumeric())
    })
}
