//! E-mail addresses, web addresses, telephone numbers and tax numbers.

use std::sync::LazyLock;

use regex::Regex;

use crate::entities::text::{Found, Text};

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9][a-z0-9.-]*\.[a-z]{2,}"));
static URL: LazyLock<Regex> = LazyLock::new(|| {
    let domain = r"(?:[a-z0-9][a-z0-9-]*\.)+(?:com|net|org|shop|store|info|io|app|me|page|link|asia|co\.th|in\.th|or\.th|ac\.th|go\.th|th|cn|jp|sg|my)";
    compiled(&format!(
        r"(?:https?://[^\s<>\u{{e00}}-\u{{e7f}}\u{{4e00}}-\u{{9fff}}，。]+|(?:www\.)?{domain}(?:/[^\s<>\u{{e00}}-\u{{e7f}}，。]*)?)"
    ))
});
/// Digits with at most one separator between two of them.
static DIGITS: LazyLock<Regex> = LazyLock::new(|| compiled(r"\+?\(?\d(?:[ .()-]{0,2}\d){6,16}"));

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}

pub(crate) fn find(text: &Text) -> Vec<Found> {
    let mut found: Vec<Found> = EMAIL
        .find_iter(&text.lower)
        .filter(|place| text.is_apart(place.start(), place.end()))
        .map(|place| Found::special("email", place.start(), place.end(), place.as_str()))
        .collect();
    found.extend(URL.find_iter(&text.lower).filter_map(|place| url(text, place.start(), place.end())));
    found.extend(DIGITS.find_iter(&text.lower).filter_map(|place| digits(text, place.start(), place.end())));
    found
}

/// Without the punctuation that ends the sentence; never the domain of an e-mail address.
fn url(text: &Text, start: usize, end: usize) -> Option<Found> {
    let written = text.written[start..end].trim_end_matches(['.', ',', ')', '!', '?', ';', ':']);
    let end = start + written.len();
    let part_of_email = text.before(start).ends_with('@') || text.after(end).starts_with('@');
    if part_of_email || !text.is_apart(start, end) {
        return None;
    }
    Some(Found::special("url", start, end, written))
}

fn digits(text: &Text, start: usize, end: usize) -> Option<Found> {
    if !text.is_apart(start, end) {
        return None;
    }
    let written = &text.lower[start..end];
    let plus = written.starts_with('+');
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    if let Some(number) = telephone(&digits, plus) {
        return Some(Found::special("phone", start, end, number));
    }
    (digits.len() == 13 && !plus).then(|| Found::special("tax_id", start, end, digits))
}

/// Thai mobile numbers (06, 08, 09 and eight digits), Thai landlines (02 to 07 and seven digits), the same after +66 or
/// 0066, and any number in international form.
fn telephone(digits: &str, plus: bool) -> Option<String> {
    let national = if plus { digits.strip_prefix("66") } else { digits.strip_prefix("0066") };
    let national = match national {
        Some(rest) => Some(rest.strip_prefix('0').unwrap_or(rest)),
        None if plus => None,
        None => digits.strip_prefix('0'),
    };
    if let Some(national) = national {
        let mobile = national.len() == 9 && national.starts_with(['6', '8', '9']);
        let landline = national.len() == 8 && national.starts_with(['2', '3', '4', '5', '7']);
        return (mobile || landline).then(|| format!("+66{national}"));
    }
    (plus && (8..=15).contains(&digits.len())).then(|| format!("+{digits}"))
}
