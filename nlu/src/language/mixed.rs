//! Whether a message mixes languages.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::dictionary::{self, is_english_word};
use crate::language::Language;
use crate::language::scripts::{LOOKED_AT, Scripts};
use crate::romanised::is_romanised_thai;

/// Names, sizes and units that belong to no language.
static NAMES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| dictionary::lines(include_str!("../../words/names_of_no_language.txt")).collect());

/// Shorter English words look like romanised Thai.
const SHORTEST_BESIDE_THAI: usize = 5;

/// Whether a text whose grammar is that of `language` has a content word of another one. Names of brands, sizes, units
/// and "ok" are words of no language.
pub fn is_mixed(text: &str, language: Language) -> bool {
    let text = without_addresses(&text.chars().take(LOOKED_AT).collect::<String>());
    let scripts = Scripts::of(&text);
    let own = scripts.own();
    let others = own.iter().filter(|(other, count)| *other != language && *count >= 2);
    if others.count() > 0 {
        return true;
    }
    let in_script = own.iter().any(|(own, count)| *own == language && *count > 0);
    let mut words = text
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '\''))
        .filter(|word| is_word(word));
    if in_script {
        return words.any(is_content);
    }
    language == Language::Thai
        && words.any(|word| {
            let lower = word.to_lowercase();
            lower.len() >= SHORTEST_BESIDE_THAI && is_english_word(&lower) && !is_romanised_thai(&lower)
        })
}

/// `name` in small letters.
pub(super) fn is_name(name: &str) -> bool {
    NAMES.contains(name)
}

/// Ends of web addresses that are written without what comes before "://".
const WEB_ENDS: [&str; 12] =
    ["com", "net", "org", "th", "io", "shop", "info", "biz", "cn", "jp", "uk", "example"];

/// An e-mail address or one of the web, without spaces: no word of any language.
pub(super) fn is_address(word: &str) -> bool {
    let in_mail = word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    let host = word.split(['/', '?', '#']).next().unwrap_or(word);
    let end = host.trim_end_matches(|sign: char| !sign.is_ascii_alphanumeric()).rsplit_once('.');
    let in_web = end.is_some_and(|(name, end)| {
        let path = host.len() < word.len();
        let known = WEB_ENDS.contains(&end.to_ascii_lowercase().as_str());
        let whole = name.ends_with(|letter: char| letter.is_ascii_alphanumeric());
        whole && (known || (path && end.len() >= 2 && end.bytes().all(|byte| byte.is_ascii_alphabetic())))
    });
    in_mail || in_web || word.contains("://") || word.starts_with("www.")
}

/// The text with a space in the place of each address; one ends where another script begins.
fn without_addresses(text: &str) -> String {
    let is_cut = |letter: char| letter.is_whitespace() || !letter.is_ascii();
    let parts = text.split_inclusive(is_cut).map(|part| {
        let end = part.char_indices().next_back().filter(|(_, last)| is_cut(*last));
        let at = end.map_or(part.len(), |(at, _)| at);
        if is_address(&part[..at]) { format!(" {}", &part[at..]) } else { part.to_owned() }
    });
    parts.collect()
}

/// Letters alone, and more than one.
fn is_word(word: &str) -> bool {
    word.len() >= 2 && word.bytes().all(|letter| letter.is_ascii_alphabetic() || letter == b'\'')
}

/// A word in Latin letters beside another script: a name is written with a capital, or stands in the list.
fn is_content(word: &str) -> bool {
    let lower = word.to_lowercase();
    let capital = word.starts_with(|letter: char| letter.is_ascii_uppercase());
    !NAMES.contains(lower.as_str())
        && !is_romanised_thai(&lower)
        && (!word.bytes().any(|letter| letter.is_ascii_uppercase()) || (capital && is_english_word(&lower)))
}
