//! Numbers in digits and in words.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::entities::number_words;
use crate::entities::text::{Found, Rank, Text};

/// A number with its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) value: f64,
    /// Stands on its own. Others are numbers only beside a unit ("one day", "一天").
    pub(crate) sure: bool,
}

impl Number {
    /// As an entity of its own, where it stands on its own.
    pub(crate) fn found(&self) -> Option<Found> {
        let value = number_value(self.value);
        let kind = "number".to_owned();
        self.sure.then_some(Found { kind, start: self.start, end: self.end, value, rank: Rank::Number })
    }

    /// The number as a whole one within bounds.
    pub(crate) fn whole(&self, least: i64, most: i64) -> Option<i64> {
        let whole = self.value as i64;
        ((whole as f64 - self.value).abs() < f64::EPSILON && (least..=most).contains(&whole)).then_some(whole)
    }
}

/// Whole numbers without a decimal point in JSON.
pub(crate) fn number_value(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 { Value::from(value as i64) } else { Value::from(value) }
}

static DIGITS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,15}(?:\.\d+)?)(?:\s?(k|พัน|หมื่น|แสน|ล้าน|百万|百|千|万|萬|亿|thousand|million|m))?")
        .expect("the pattern is a constant")
});

/// All numbers in order. `expected`: the dialogue asked for one, so a lone "one" counts.
pub(crate) fn find(text: &Text, expected: bool) -> Vec<Number> {
    let mut numbers: Vec<Number> =
        DIGITS.captures_iter(&text.lower).filter_map(|found| digits(text, &found)).collect();
    numbers.extend(number_words::find(text, expected));
    numbers.sort_by_key(|number| (number.start, std::cmp::Reverse(number.end)));
    numbers.dedup_by(|later, earlier| later.start < earlier.end);
    numbers
}

fn digits(text: &Text, found: &regex::Captures<'_>) -> Option<Number> {
    let plain = found.get(1)?;
    let value: f64 = plain.as_str().replace(',', "").parse().ok()?;
    let (start, mut end) = (plain.start(), plain.end());
    let below_zero = is_below_zero(text, start);
    if text.lower[..start].chars().next_back().is_some_and(is_part_of_code) {
        return None;
    }
    let unit = found.get(2).filter(|unit| !unit.as_str().is_ascii() || text.is_apart(unit.end(), unit.end()));
    let mut value = value;
    if let Some((unit, factor)) = unit.and_then(|unit| Some((unit, multiplier(unit.as_str())?))) {
        value *= factor;
        end = unit.end();
    }
    if is_code_after(text.after(end)) {
        return None;
    }
    let (start, value) = if below_zero { (start - 1, -value) } else { (start, value) };
    Some(Number { start, end, value, sure: true })
}

/// A minus directly before it, with nothing before that: "-5", not "10-5" and not "- 5".
pub(crate) fn is_below_zero(text: &Text, start: usize) -> bool {
    let before = text.lower[..start].strip_suffix('-');
    before.is_some_and(|before| before.is_empty() || before.ends_with(' '))
}

/// A digit after these belongs to something longer: a code, a decimal, a date.
fn is_part_of_code(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | ',' | '_' | '#')
}

/// "2kg" is a number with a unit; "2ab3" is a code.
fn is_code_after(rest: &str) -> bool {
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digit_follows = rest.as_bytes().get(letters).is_some_and(u8::is_ascii_digit);
    letters > 7 || (digit_follows && (letters > 0 || rest.starts_with(|first: char| first.is_ascii_digit())))
}

fn multiplier(unit: &str) -> Option<f64> {
    Some(match unit {
        "百" => 1e2,
        "k" | "พัน" | "千" | "thousand" => 1e3,
        "หมื่น" | "万" | "萬" => 1e4,
        "แสน" => 1e5,
        "ล้าน" | "百万" | "million" | "m" => 1e6,
        "亿" => 1e8,
        _ => return None,
    })
}
