//! Number words of Thai, English and Chinese.

use std::sync::LazyLock;

use regex::Regex;

use crate::entities::number::{Number, is_counted};
use crate::entities::text::{Text, compiled};

/// A word: a digit (below 10), a teen or ten (added), or a unit (multiplies what stands before it).
type Lexicon = &'static [(&'static str, u64)];

const THAI: Lexicon = &[
    ("ศูนย์", 0),
    ("หนึ่ง", 1),
    ("นึง", 1),
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
    ("โหล", 12),
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
    ("廿", 20),
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

static THAI_RUN: LazyLock<Regex> = LazyLock::new(|| compiled(&format!("(?:{})+", words_of(THAI))));
static CHINESE_RUN: LazyLock<Regex> = LazyLock::new(|| compiled(&format!("(?:{})+", words_of(CHINESE))));
/// "and" stands after hundreds and above only: "two hundred and five", but "two and five".
static ENGLISH_RUN: LazyLock<Regex> = LazyLock::new(|| {
    let (words, units) = (words_of(ENGLISH), "hundred|thousand|million");
    compiled(&format!(
        r"\b(?:an?\s(?:{units})\sand\s(?:{words})|an?\s(?:dozen|{units})|{words})(?:[\s-]+(?:{units})\sand\s(?:{words})|[\s-]+(?:{words}))*\b"
    ))
});

/// The value of one English number word.
pub(crate) fn english_word(word: &str) -> Option<i64> {
    ENGLISH.iter().find(|(known, _)| *known == word).and_then(|(_, value)| i64::try_from(*value).ok())
}

/// An alternation of the words of a lexicon, longest first.
fn words_of(lexicon: Lexicon) -> String {
    let mut words: Vec<&str> = lexicon.iter().map(|(word, _)| *word).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.join("|")
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
        let mut words = split(run.as_str(), THAI);
        let first = *words.first()?;
        // "ร้อยนึง" is one hundred.
        if words.len() > 1 && run.as_str().ends_with("นึง") {
            words.pop();
        }
        let small = first <= 10 && !["เอ็ด", "ยี่", "นึง"].iter().any(|word| run.as_str().starts_with(word));
        let starts = small || run.as_str().starts_with("ยี่สิบ");
        // "ร้อยยี่สิบ" leaves the one out; "ร้อย" alone needs a currency, and "ล้านแปด" is countless.
        let shortened = matches!(first, 100 | 1_000 | 10_000 | 100_000) && run.as_str() != "ร้อย"
            || first == 1_000_000 && words.len() > 1 && run.as_str() != "ล้านแปด";
        // "สิบแปดมงกุฎ" and "หกใส่" count nothing.
        let counting = is_counted(text, run.end()) || is_ordered(text, run.start(), run.end());
        let sure = (starts || shortened) && counting && words.last() != Some(&12);
        let dozens = words.last() == Some(&12) && words.len() > 1 && starts;
        let (start, end) = (run.start(), run.end());
        let amount = value(&words) >= 100.0 && words.len() > 1 && (starts || shortened);
        let sure = sure || dozens || amount || (expected && starts);
        if is_about(&words) || is_read_out(&words) {
            return None;
        }
        Some(Number { start, end, value: with_tenths(&words, 1_000), sure })
    });
    numbers.collect()
}

/// What Thai words at a place add to digits with a unit of `factor` before them, with their length in bytes.
pub(crate) fn thai_rest(text: &Text, at: usize, factor: f64) -> Option<(f64, usize)> {
    let run = THAI_RUN.find(text.near_after(at, 24)).filter(|run| run.start() == 0)?;
    if !text.is_edge(at + run.end()) {
        return None;
    }
    let words = split(run.as_str(), THAI);
    let more = match words[..] {
        [tenths] if tenths < 10 => factor / 10.0 * tenths as f64,
        _ => value(&words),
    };
    (more > 0.0 && more < factor).then_some((more, run.end()))
}

/// Digits in a row are a telephone number or a code.
fn is_read_out(words: &[u64]) -> bool {
    words.len() > 5 && words.iter().all(|word| *word < 10)
}

/// "สองสาม" and "两三" are a few.
fn is_about(words: &[u64]) -> bool {
    matches!(words, [first, second] if *first < 9 && *second == first + 1 && *first > 0)
}

/// "เอาสองค่ะ": what is asked for needs no word for what it is.
fn is_ordered(text: &Text, start: usize, end: usize) -> bool {
    let before = text.before(start);
    let verb = ["เอา", "ขอ", "สั่ง", "รับ", "จำนวน", "เพิ่ม", "แค่", "ซื้อ", "เหลือ", "เป็น", "ทั้งหมด", "รวม"];
    let after = text.after(end).trim_start();
    // "ผู้ใหญ่ สอง เด็ก หนึ่ง".
    let of_people = ["ผู้ใหญ่", "เด็ก"].iter().any(|people| before.ends_with(people));
    if of_people && (text.after(end).is_empty() || text.after(end).starts_with(' ')) {
        return true;
    }
    let particle = ["ค่ะ", "คะ", "ครับ", "คับ", "จ้า", "จ้ะ", "นะ", "พอ", "ได้", "เลย"];
    verb.iter().any(|verb| before.ends_with(verb))
        && (after.is_empty() || particle.iter().any(|particle| after.starts_with(particle)))
}

/// Not inside a word ("สามารถ"); the words of the clock may be one word with their number ("ตีห้า", "สองทุ่ม").
fn is_thai_number(text: &Text, start: usize, end: usize) -> bool {
    let clock_before = ["ตี", "บ่าย"].iter().any(|word| text.lower[..start].ends_with(word));
    let clock_after = ["โมง", "ทุ่ม"].iter().any(|word| text.after(end).starts_with(word));
    let apart = (text.is_edge(start) || clock_before) && (text.is_edge(end) || clock_after);
    // "2 พัน" is read with its digits, and "ไซส์ 38 สองคู่" are two numbers.
    let unit = ["ร้อย", "พัน", "หมื่น", "แสน", "ล้าน", "โหล"];
    let is_rest =
        !text.lower[..start].ends_with(' ') || unit.iter().any(|unit| text.lower[start..].starts_with(unit));
    apart && !(is_rest && follows_digit(text, start))
}

/// Digits stand before it, perhaps with a space between.
fn follows_digit(text: &Text, start: usize) -> bool {
    text.before(start).ends_with(|before: char| before.is_ascii_digit())
}

/// Chinese digits are part of many words ("一下", "三明治"): alone they count only beside a unit or when expected.
fn chinese(text: &Text, expected: bool) -> Vec<Number> {
    let runs = CHINESE_RUN.find_iter(&text.lower).filter(|run| !follows_digit(text, run.start()));
    let numbers = runs.filter_map(|run| {
        let words = split(run.as_str(), CHINESE);
        let before = text.lower[..run.start()].chars().next_back();
        // "第一个" and "这一个" point, "一点" and "一次" are manners of speaking.
        let pointing =
            words.len() == 1 && before.is_some_and(|sign| "第这這那哪每上下另同任某初".contains(sign));
        let counted = is_counted(text, run.end()) && !pointing && !is_manner(text, run.end(), &words);
        let long = words.len() >= 2
            && words.iter().any(|word| *word >= 10)
            && words[0] <= 10
            && words[1..].iter().any(|word| *word < 10 || words[0] < 10);
        let long = long && !before.is_some_and(|sign| "第".contains(sign));
        let sure = long || counted || (expected && run.as_str().len() == text.lower.trim().len());
        let (start, end) = (run.start(), run.end());
        (!words.is_empty() && !is_about(&words)).then(|| Number {
            start,
            end,
            value: with_tenths(&words, 100),
            sure,
        })
    });
    numbers.collect()
}

/// "一次", "一种": one of something that is no amount.
fn is_manner(text: &Text, end: usize, words: &[u64]) -> bool {
    words == [1] && text.after(end).starts_with(['次', '种', '種', '层', '層', '块', '分', '片'])
}

/// "一千五" is 1,500 and "หมื่นห้า" 15,000: a last digit counts tenths of the unit before it, from `smallest` on.
fn with_tenths(words: &[u64], smallest: u64) -> f64 {
    let (plain, tenths) = match words {
        [.., unit, last] if *unit >= smallest && *last < 10 && *unit > 10 => {
            (&words[..words.len() - 1], unit / 10 * last)
        }
        _ => (words, 0),
    };
    value(plain) + tenths as f64
}

/// "one" is a pronoun more often than a number.
fn english(text: &Text, expected: bool) -> Vec<Number> {
    let numbers = ENGLISH_RUN.find_iter(&text.lower).filter_map(|run| {
        let words = split(run.as_str(), ENGLISH);
        // "eight thirty" is a time and "nineteen eighty" a year.
        let told = |pair: &[u64]| {
            matches!(pair, [1..=9, 10..=11 | 13..=90] | [10..=19, 10..=90]) && pair[0] != 12 && pair[1] != 12
        };
        if words.windows(2).any(told) {
            return None;
        }
        let alone = matches!(words[..], [0 | 1 | 100 | 1_000 | 1_000_000]);
        let saying = ["high ", "cloud ", "no ", "catch ", "square ", "top ", "number "]
            .iter()
            .any(|word| text.lower[..run.start()].ends_with(word));
        let counting = alone && ONE_OF.is_match(text.after(run.end()));
        let sure = ((!alone || run.as_str().starts_with("a ") || counting) && !saying) || expected;
        // "six-pack" and "two thumbs up" count nothing.
        let after = text.after(run.end());
        let compound = after.starts_with('-')
            || after.starts_with(" thumbs")
            || after.starts_with(" star ")
            || text.lower[..run.start()].ends_with('-');
        // "a day or two" is about one.
        let about = A_OR_TWO.is_match(text.near_before(run.start(), 20));
        let sure = sure && !compound && !about;
        let apart = text.is_apart(run.start(), run.end());
        (!words.is_empty() && apart).then(|| Number {
            start: run.start(),
            end: run.end(),
            value: value(&words),
            sure,
        })
    });
    numbers.collect()
}

static A_OR_TWO: LazyLock<Regex> = LazyLock::new(|| compiled(r"\ban?\s[a-z]+\sor\s$"));
static ONE_OF: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^\s(?:more\s|extra\s)?(?:bags?|box(?:es)?|cartons?|cups?|packs?|pieces?|pcs?|bottles?|cans?|kg|kilos?|grams?|sets?|orders?|units?|tickets?|seats?|people|person|latte|items?|rooms?|nights?|suitcases?|luggage|injections?|tablets?|pills?|doses?|sessions?|lessons?|class(?:es)?|adults?|child(?:ren)?|kids?|guests?|passengers?|dogs?|cats?|pets?|shirts?|dress(?:es)?|pairs?|copy|copies|cards?|keys?|coupons?|vouchers?|chargers?|cables?|parcels?|packages?|letters?|glass(?:es)?|slices?|bowls?|plates?|cakes?|pizzas?|burgers?|chairs?|tables?|beds?|towels?|pillows?|blankets?|tyres?|tires?|windows|doors?|filters?|batter(?:y|ies)|screens?|bikes?|scooters?|cars?|vans?|phones?|laptops?|suits?|jackets?|helmets?)\b",
    )
});

/// The value of digits or Chinese number words.
pub(crate) fn chinese_value(written: &str) -> Option<i64> {
    written.parse().ok().or_else(|| {
        let words = split(written, CHINESE);
        (!words.is_empty()).then(|| value(&words) as i64)
    })
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
            // "twelve hundred", but "two dozen".
            12 if last.is_none() => last = Some(12),
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
