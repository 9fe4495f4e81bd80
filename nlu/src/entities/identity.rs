//! Numbers of thirteen digits that name a person or a company in Thailand.

use std::sync::LazyLock;

use regex::Regex;

use crate::entities::text::{Found, Text, compiled};

/// Without separators, or in the groups of the identity card.
static THIRTEEN: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"\d{13}|\d[ -]\d{4}[ -]\d{5}[ -]\d{2}[ -]?\d|\d-\d{4}-?\d{5}-?\d{2}-?\d"));
static TAX_WORD: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"\btax\b|taxpayer|\bvat\b|\btin\b|ภาษี|税|稅|统一社会信用|統一編號"));
static PERSON_WORD: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"\bid\s?card|citizen|national\sid|passport|ประชาชน|บัตร|ปชช|ประจำตัวปชช|身份证|身份證|身分證")
});

/// How far before the number its name may stand, in characters.
const NEAR: usize = 40;

/// Where thirteen digits stand that are a number of these kinds or could be one.
pub(crate) fn places(text: &Text) -> Vec<(usize, usize)> {
    let places = THIRTEEN.find_iter(&text.lower).map(|place| (place.start(), place.end()));
    places
        .filter(|(start, end)| text.is_loosely_apart(*start, *end) && !goes_on(text, *start, *end))
        .collect()
}

fn goes_on(text: &Text, start: usize, end: usize) -> bool {
    let after = text.after(end).as_bytes();
    // "0066812345678" is a telephone number with the country's code.
    let telephone =
        text.lower[start..].starts_with("0066") && !TAX_WORD.is_match(text.near_before(start, NEAR));
    let more =
        after.first().is_some_and(|sign| *sign == b'-') && after.get(1).is_some_and(u8::is_ascii_digit);
    more || telephone || text.lower[..start].ends_with(['+', '-', '.'])
}

/// `expecting`: the kind that the dialogue asked for.
pub(crate) fn find(text: &Text, expecting: Option<&str>) -> Vec<Found> {
    let found = places(text).into_iter().filter_map(|(start, end)| {
        let digits: String = text.lower[start..end].chars().filter(char::is_ascii_digit).collect();
        match kind(text, start, &digits, expecting)? {
            "tax_id" => Some(Found::special("tax_id", start, end, digits)),
            _ => Some(Found::special("national_id", start, end, masked(&digits))),
        }
    });
    found.collect()
}

/// Companies' numbers begin with 0; a person's number is also that person's tax number. A person's must have the right
/// check digit: barcodes and numbers mistyped are none.
fn kind(text: &Text, start: usize, digits: &str, expecting: Option<&str>) -> Option<&'static str> {
    let before = text.near_before(start, NEAR);
    let last = |word: &Regex| word.find_iter(before).last().map(|place| place.start());
    let tax = last(&TAX_WORD) > last(&PERSON_WORD);
    if digits.starts_with('0') || tax || expecting == Some("tax_id") {
        return Some("tax_id");
    }
    let person = digits.starts_with(|first: char| ('1'..='8').contains(&first)) && is_valid(digits);
    person.then_some("national_id")
}

/// The check digit: the weights run from 13 down to 2, and the sum is taken modulo 11.
fn is_valid(digits: &str) -> bool {
    let values: Vec<u32> = digits.chars().filter_map(|digit| digit.to_digit(10)).collect();
    let Some((check, rest)) = values.split_last() else { return false };
    let sum: u32 = rest.iter().zip((2..=13).rev()).map(|(digit, weight)| digit * weight).sum();
    rest.len() == 12 && (11 - sum % 11) % 10 == *check
}

/// In the groups of the card, with the last three digits only.
fn masked(digits: &str) -> String {
    let shown = digits.get(10..).unwrap_or_default();
    let (pair, check) = shown.split_at_checked(2).unwrap_or_default();
    format!("X-XXXX-XXXXX-{pair}-{check}")
}
