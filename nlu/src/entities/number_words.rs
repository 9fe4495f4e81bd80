//! Number words of Thai, English and Chinese.

use std::sync::LazyLock;

use regex::Regex;

use crate::entities::number::Number;
use crate::entities::text::Text;

/// A word: a digit (below 10), a teen or ten (added), or a unit (multiplies what stands before it).
type Lexicon = &'static [(&'static str, u64)];

const THAI: Lexicon = &[
    ("ศูนย์", 0),
    ("หนึ่ง", 1),
    ("เอ็ด", 1),
    ("สอง", 2),
    ("ยี่", 2),
    ("สาม", 3),
    ("สี่", 4),
    ("ห้า", 5),
    ("หก", 6),
    ("เจ็ด", 7),
    ("แปด", 8),
    ("เก้า", 9),
    ("สิบ", 10),
    ("ร้อย", 100),
    ("พัน", 1_000),
    ("หมื่น", 10_000),
    ("แสน", 100_000),
    ("ล้าน", 1_000_000),
];

const CHINESE: Lexicon = &[
    ("零", 0),
    ("〇", 0),
    ("一", 1),
    ("二", 2),
    ("两", 2),
    ("兩", 2),
    ("三", 3),
    ("四", 4),
    ("五", 5),
    ("六", 6),
    ("七", 7),
    ("八", 8),
    ("九", 9),
    ("十", 10),
    ("百", 100),
    ("千", 1_000),
    ("万", 10_000),
    ("萬", 10_000),
    ("亿", 100_000_000),
];

const ENGLISH: Lexicon = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("dozen", 12),
    ("hundred", 100),
    ("thousand", 1_000),
    ("million", 1_000_000),
];

static THAI_RUN: LazyLock<Regex> = LazyLock::new(|| run_of(THAI, "", ""));
static CHINESE_RUN: LazyLock<Regex> = LazyLock::new(|| run_of(CHINESE, "", ""));
static ENGLISH_RUN: LazyLock<Regex> =
    LazyLock::new(|| run_of(ENGLISH, r"(?:[\s-]+(?:and\s+)?)", r"(?:\b(?:a|an)\s+)?"));

/// One or more words of a lexicon with `between` between them.
fn run_of(lexicon: Lexicon, between: &str, before: &str) -> Regex {
    let mut words: Vec<&str> = lexicon.iter().map(|(word, _)| *word).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let words = words.join("|");
    let edge = if between.is_empty() { "" } else { r"\b" };
    Regex::new(&format!("{before}{edge}(?:{words})(?:{between}(?:{words}))*{edge}"))
        .expect("the words are constants")
}

pub(crate) fn find(text: &Text, expected: bool) -> Vec<Number> {
    let mut numbers = thai(text, expected);
    numbers.extend(chinese(text, expected));
    numbers.extend(english(text, expected));
    numbers
}

fn thai(text: &Text, expected: bool) -> Vec<Number> {
    let runs = THAI_RUN.find_iter(&text.lower).filter(|run| is_thai_number(text, run.start(), run.end()));
    let numbers = runs.filter_map(|run| {
        let words = split(run.as_str(), THAI);
        let first = *words.first()?;
        let starts = (first <= 10 && !run.as_str().starts_with("เอ็ด") && !run.as_str().starts_with("ยี่"))
            || run.as_str().starts_with("ยี่สิบ");
        (starts || expected).then(|| Number {
            start: run.start(),
            end: run.end(),
            value: value(&words),
            sure: true,
        })
    });
    numbers.collect()
}

/// Not inside a word ("สามารถ"); the words of the clock may be one word with their number ("ตีห้า", "สองทุ่ม").
fn is_thai_number(text: &Text, start: usize, end: usize) -> bool {
    let clock_before = ["ตี", "บ่าย"].iter().any(|word| text.lower[..start].ends_with(word));
    let clock_after = ["โมง", "ทุ่ม"].iter().any(|word| text.after(end).starts_with(word));
    let apart = (text.is_edge(start) || clock_before) && (text.is_edge(end) || clock_after);
    apart && !follows_digit(text, start)
}

/// "2 พัน" is read with its digits.
fn follows_digit(text: &Text, start: usize) -> bool {
    text.before(start).ends_with(|before: char| before.is_ascii_digit())
}

/// Chinese digits are part of many words ("一下", "三明治"): alone they count only beside a unit or when expected.
fn chinese(text: &Text, expected: bool) -> Vec<Number> {
    let runs = CHINESE_RUN.find_iter(&text.lower).filter(|run| !follows_digit(text, run.start()));
    let numbers = runs.filter_map(|run| {
        let words = split(run.as_str(), CHINESE);
        let counted =
            text.after(run.end()).starts_with(|next| "个個包袋箱公斤件台瓶杯盒罐支位套".contains(next));
        let long = words.len() >= 2 && words.iter().any(|word| *word >= 10) && words[0] <= 10;
        let sure = long || counted || (expected && run.as_str().len() == text.lower.trim().len());
        (!words.is_empty()).then(|| Number { start: run.start(), end: run.end(), value: value(&words), sure })
    });
    numbers.collect()
}

/// "one" is a pronoun more often than a number.
fn english(text: &Text, expected: bool) -> Vec<Number> {
    let numbers = ENGLISH_RUN.find_iter(&text.lower).filter_map(|run| {
        let words = split(run.as_str(), ENGLISH);
        let alone = matches!(words[..], [1 | 100 | 1_000 | 1_000_000]);
        let sure = !alone || expected || run.as_str().starts_with("a ");
        (!words.is_empty()).then(|| Number { start: run.start(), end: run.end(), value: value(&words), sure })
    });
    numbers.collect()
}

/// The values of the words in a run, longest word first at each place.
fn split(run: &str, lexicon: Lexicon) -> Vec<u64> {
    let mut values = Vec::new();
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        let word =
            lexicon.iter().filter(|(word, _)| rest.starts_with(word)).max_by_key(|(word, _)| word.len());
        let length = word.map_or(first.len_utf8(), |(word, _)| word.len());
        values.extend(word.map(|(_, value)| *value));
        rest = &rest[length..];
    }
    values
}

/// Reads digits, tens and units from left to right: what stands before a unit is multiplied, the rest is added; single
/// digits in a row are read out ("สองห้าหก" is 256).
fn value(words: &[u64]) -> f64 {
    let (mut total, mut section, mut last) = (0u64, 0u64, None::<u64>);
    for word in words.iter().copied() {
        match word {
            0..10 => {
                last = Some(match last {
                    Some(tens @ 20..100) if tens % 10 == 0 => tens + word,
                    Some(digits) => digits.saturating_mul(10).saturating_add(word),
                    None => word,
                });
            }
            11 | 13..100 => {
                section = section.saturating_add(last.unwrap_or(0));
                last = Some(word);
            }
            10 | 12 | 100 => section = section.saturating_add(last.take().unwrap_or(1).saturating_mul(word)),
            _ => {
                let before = section.saturating_add(last.take().unwrap_or(0));
                total = total.saturating_add(before.max(1).saturating_mul(word));
                section = 0;
            }
        }
    }
    total.saturating_add(section).saturating_add(last.unwrap_or(0)) as f64
}
