//! E-mail addresses, web addresses and telephone numbers.

use std::sync::LazyLock;

use regex::Regex;

use crate::entities::identity;
use crate::entities::text::{Found, Text, compiled};

static EMAIL: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"[a-z0-9][a-z0-9._%+-]*@[a-z0-9][a-z0-9.-]*\.[a-z]{2,}"));
static URL: LazyLock<Regex> = LazyLock::new(|| {
    let host = r"(?:[a-z0-9][a-z0-9-]*\.)+";
    let domains = "com|net|org|shop|store|info|io|app|me|page|link|asia|biz|co|dev|site|online|top|xyz|vip|club|live|tv|ly|gg|gl|ai|cc|example|test|th|cn|jp|sg|my|hk|tw|uk|us|au|de|fr|vn|kr";
    let path = r"(?::\d{2,5})?/[^\s<>\u{e00}-\u{e7f}\u{3000}-\u{9fff}]*";
    compiled(&format!(
        r"(?:https?://[^\s<>\u{{e00}}-\u{{e7f}}\u{{3000}}-\u{{9fff}}]+|www\.{host}[a-z]{{2,}}(?:{path})?|{host}[a-z]{{2,12}}{path}|{host}(?:{domains})(?:\?[^\s]*)?)"
    ))
});
/// Digits with at most one separator between two of them.
static DIGITS: LazyLock<Regex> = LazyLock::new(|| compiled(r"\+?\(?\d(?:[ .()-]{0,2}\d){6,40}"));
/// Sixteen digits in fours are a bank card.
static CARD: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\d{4}([ -]\d{4}){3}\b"));
/// What says that a number is of an account or a parcel.
static ACCOUNT_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:\b(?:account|acct|acc|a/c|tracking|parcel|barcode|serial)\b|บัญชี|พัสดุ|บาร์โค้ด|账号|账户|帳號|帳戶|单号|單號)[^\d+]{0,12}$",
    )
});
static GROUP: LazyLock<Regex> = LazyLock::new(|| compiled(r"\d+"));
/// Groups of digits in one telephone number.
const LONGEST_GROUPS: usize = 8;

pub(crate) fn find(text: &Text) -> Vec<Found> {
    let mut found: Vec<Found> = EMAIL
        .find_iter(&text.lower)
        .filter(|place| text.is_apart(place.start(), place.end()))
        .map(|place| Found::special("email", place.start(), place.end(), place.as_str()))
        .collect();
    found.extend(URL.find_iter(&text.lower).filter_map(|place| url(text, place.start(), place.end())));
    let identities = identity::places(text);
    let free = |place: &regex::Match<'_>| {
        identities.iter().all(|(start, end)| place.end() <= *start || place.start() >= *end)
    };
    let free = |place: &regex::Match<'_>| free(place) && !CARD.is_match(place.as_str());
    let runs = DIGITS.find_iter(&text.lower).filter(free);
    found.extend(runs.flat_map(|place| telephones(text, place.start(), place.end())));
    found.extend(
        READ_OUT.find_iter(&text.lower).filter_map(|place| read_out(text, place.start(), place.as_str())),
    );
    found
}

/// The digits in words, nought first.
const READ: [(&str, [&str; 2]); 10] = [
    ("0", ["ศูนย์", "zero"]),
    ("1", ["หนึ่ง", "one"]),
    ("2", ["สอง", "two"]),
    ("3", ["สาม", "three"]),
    ("4", ["สี่", "four"]),
    ("5", ["ห้า", "five"]),
    ("6", ["หก", "six"]),
    ("7", ["เจ็ด", "seven"]),
    ("8", ["แปด", "eight"]),
    ("9", ["เก้า", "nine"]),
];
/// "ศูนย์แปดหนึ่ง…", "zero eight one …": nine or ten digits read out.
static READ_OUT: LazyLock<Regex> = LazyLock::new(|| {
    let names: Vec<&str> = READ.iter().flat_map(|(_, names)| *names).collect();
    compiled(&format!(r"(?:ศูนย์|\bzero\b|\boh\b)(?:[\s,-]{{0,2}}(?:{})){{8,9}}", names.join("|")))
});

fn read_out(text: &Text, start: usize, written: &str) -> Option<Found> {
    let end = start + written.len();
    let digits = READ.iter().fold(written.replace("oh", "0"), |written, (digit, [thai, english])| {
        written.replace(thai, digit).replace(english, digit)
    });
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let number = telephone(&digits, false).filter(|_| text.is_edge(end))?;
    Some(Found::special("phone", start, end, number))
}

/// Without the punctuation that ends the sentence; never the domain of an e-mail address.
fn url(text: &Text, start: usize, end: usize) -> Option<Found> {
    let written = text.written[start..end].trim_end_matches(['.', ',', ')', '!', '?', ';', ':', '"', '\'']);
    let end = start + written.len();
    let part_of_email = text.before(start).ends_with('@') || text.after(end).starts_with('@');
    if part_of_email || !text.is_apart(start, end) {
        return None;
    }
    Some(Found::special("url", start, end, written))
}

/// The telephone numbers in a run of digits with separators. Other numbers may stand directly beside them, so every
/// group may begin one; the longest wins.
fn telephones(text: &Text, start: usize, end: usize) -> Vec<Found> {
    let groups: Vec<(usize, usize)> = GROUP
        .find_iter(&text.lower[start..end])
        .map(|group| (start + group.start(), start + group.end()))
        .collect();
    let mut found: Vec<Found> = Vec::new();
    let mut first = 0;
    while first < groups.len() {
        let most = groups.len().min(first + LONGEST_GROUPS);
        let telephone = (first..most).rev().find_map(|last| {
            let to = groups[last].1;
            let from = opened(text, groups[first].0, to);
            let digits: String = text.lower[from..to].chars().filter(char::is_ascii_digit).collect();
            let number = telephone(&digits, text.lower[from..to].contains('+'))
                .or_else(|| chinese_mobile(&digits).filter(|_| is_chinese(text)))?;
            let account = ACCOUNT_BEFORE.is_match(text.near_before(from, 24));
            let whole = text.is_loosely_apart(from, to) && !is_hyphenated(text, from, to) && !account;
            whole.then(|| (last, Found::special("phone", from, to, number)))
        });
        first = match telephone {
            Some((last, phone)) => {
                found.push(phone);
                last + 1
            }
            None => first + 1,
        };
    }
    found
}

/// Eleven digits from 13 to 19 on, as people in China write them among themselves.
fn chinese_mobile(digits: &str) -> Option<String> {
    let mobile = digits.len() == 11 && digits.starts_with('1') && !digits[1..].starts_with(['0', '1', '2']);
    mobile.then(|| format!("+86{digits}"))
}

fn is_chinese(text: &Text) -> bool {
    text.lower.contains(|letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}

/// "045-2-81736-9" is an account: no part of it is a telephone number.
fn is_hyphenated(text: &Text, start: usize, end: usize) -> bool {
    let digit = |character: Option<char>| character.is_some_and(|character| character.is_ascii_digit());
    let (mut before, mut after) = (text.lower[..start].chars().rev(), text.after(end).chars());
    (before.next() == Some('-') && digit(before.next())) || (after.next() == Some('-') && digit(after.next()))
}

/// With the plus sign or the bracket before the first group.
fn opened(text: &Text, start: usize, end: usize) -> usize {
    let brackets = if text.lower[start..end].contains(')') { "+(" } else { "+" };
    text.lower[..start].trim_end_matches(|sign| brackets.contains(sign)).len()
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
    let thai_mobile =
        digits.len() == 11 && ["666", "668", "669"].iter().any(|start| digits.starts_with(start));
    ((plus && (8..=15).contains(&digits.len())) || thai_mobile).then(|| format!("+{digits}"))
}
