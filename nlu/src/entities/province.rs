//! The provinces of Thailand, by their names in Thai, English and Chinese.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use crate::entities::spelling::is_near;
use crate::entities::text::{Found, Text, compiled};
use crate::words::is_thai_boundary;

/// A province with its place in the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Province {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The official Thai name.
    pub(crate) official: &'static str,
    /// The first two digits of its postcodes.
    pub(crate) area: &'static str,
    /// Cannot mean anything else here.
    pub(crate) sure: bool,
}

struct Name {
    official: &'static str,
    area: &'static str,
    /// Shorter than the official name, or in its place.
    colloquial: bool,
    /// Also an ordinary word.
    ambiguous: bool,
}

struct Gazetteer {
    names: Vec<Name>,
    automaton: Option<AhoCorasick>,
    /// The longer English names in lower case, with their places in `names`.
    latin: Vec<(String, usize)>,
}

static GAZETTEER: LazyLock<Gazetteer> =
    LazyLock::new(|| Gazetteer::read(include_str!("../../words/provinces.txt")));

/// What says that a province follows or went before.
static SAID_BEFORE: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:จังหวัด|จว\.|จ\.|\bprovince(?:\sof)?)\s?$"));
static SAID_AFTER: LazyLock<Regex> = LazyLock::new(|| compiled(r"^,?\s?(?:province\b|จังหวัด|府|\d{5})"));
/// "to Nan", "in Tak": with a capital, a place.
static PLACE_BEFORE: LazyLock<Regex> = LazyLock::new(|| compiled(r"\b(?:to|in|from|near|at|of)\s$"));
/// "a letter from Nan's", "from Nan said".
static PERSON_AFTER: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"^(?:['’]s\b|\s(?:said|says|called|told|who|asked)\b)"));
/// Roads, banks and people are called after provinces.
static OTHER_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:ถนน|ถ\.|แม่น้ำ|ลำน้ำ|ฟัน|ซอย|ซ\.|ธนาคาร|โอน|แบงค์|แบงก์|คุณ|น้อง|พี่|นาย|นาง|นางสาว|\b(?:khun|mr|mrs|ms|miss|bank of)\b\.?)\s?$",
    )
});
static OTHER_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"^(?:\s?(?:bank|airways|road|rd|street|st|soi)\b|银行|銀行|航空|ประกัน|\s?-\s?\p{Thai}+\sถนน)")
});

impl Gazetteer {
    fn read(list: &'static str) -> Self {
        let (mut names, mut patterns): (Vec<Name>, Vec<String>) = (Vec::new(), Vec::new());
        for line in list.lines().filter(|line| !line.starts_with('#')) {
            let parts: Vec<&'static str> = line.split('|').map(str::trim).collect();
            let [first, thai, english, chinese, area] = parts[..] else { continue };
            let official = first.trim_end_matches('?');
            let mut add = |written: &str, colloquial: bool| {
                let plain = written.trim_end_matches('?');
                let ambiguous = plain != written;
                names.push(Name { official, area, colloquial, ambiguous });
                patterns.push(plain.to_lowercase());
            };
            add(first, false);
            thai.split(',').map(str::trim).filter(|name| !name.is_empty()).for_each(|name| add(name, true));
            chinese.split(',').map(str::trim).for_each(|name| add(name, false));
            for name in english.split(',').map(str::trim) {
                add(name, false);
                let joined: String = name.chars().filter(|letter| !matches!(letter, ' ' | '-')).collect();
                if joined != name {
                    add(&joined, false);
                    add(&name.replace(' ', "-"), false);
                }
            }
        }
        let long = |name: &&String| name.is_ascii() && name.len() >= SHORTEST_GUESS;
        let latin = patterns.iter().enumerate().filter(|(_, name)| long(name));
        let latin = latin.map(|(place, name)| (name.clone(), place)).collect();
        let automaton = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns).ok();
        Self { names, automaton, latin }
    }
}

/// English names that are misspelt by one letter ("chaing mai", "bankok").
fn misspelt(text: &Text) -> Vec<Province> {
    let words: Vec<(usize, usize)> =
        LATIN_WORD.find_iter(&text.lower).map(|word| (word.start(), word.end())).collect();
    let mut found: Vec<Province> = Vec::new();
    for (index, (start, end)) in words.iter().copied().enumerate() {
        let pair =
            words.get(index + 1).filter(|next| text.lower.get(end..next.0) == Some(" ")).map(|next| next.1);
        for end in [pair, Some(end)].into_iter().flatten() {
            let written = &text.lower[start..end];
            if OTHER_WORDS.contains(&written) {
                continue;
            }
            let near = GAZETTEER.latin.iter().find(|(name, _)| name != written && is_near(name, written, 1));
            if let Some((_, name)) = near {
                let name = &GAZETTEER.names[*name];
                found.push(Province { start, end, official: name.official, area: name.area, sure: true });
                break;
            }
        }
    }
    found
}

static LATIN_WORD: LazyLock<Regex> = LazyLock::new(|| compiled(r"\b[a-z]{3,14}\b"));
/// Words that are one letter away from a name.
const OTHER_WORDS: [&str; 2] = ["rayon", "raying"];
/// Shorter names are too near to other words.
const SHORTEST_GUESS: usize = 6;

/// The provinces in order. `expected`: the dialogue asked for one, so "เลย" alone is one.
pub(crate) fn find(text: &Text, expected: bool) -> Vec<Province> {
    let Some(automaton) = &GAZETTEER.automaton else { return Vec::new() };
    let places = automaton.find_iter(&text.lower);
    let found = places.filter_map(|place| {
        let name = &GAZETTEER.names[place.pattern()];
        let (start, end) = (place.start(), place.end());
        let before = text.near_before(start, 12);
        let written = text.written[start..].starts_with(|first: char| first.is_ascii_uppercase());
        let said =
            (written && !PERSON_AFTER.is_match(text.near_after(end, 12)) && PLACE_BEFORE.is_match(before))
                || SAID_BEFORE.is_match(before)
                || SAID_AFTER.is_match(text.near_after(end, 12))
                || expected;
        let other = OTHER_BEFORE.is_match(before) || OTHER_AFTER.is_match(text.near_after(end, 24));
        let whole = stands_alone(text, start, end, name.colloquial);
        let province =
            Province { start, end, official: name.official, area: name.area, sure: !name.ambiguous || said };
        (whole && !other).then_some(province)
    });
    let mut found: Vec<Province> = found.collect();
    let guesses = misspelt(text);
    let free = |guess: &Province| {
        let after = found.partition_point(|other| other.end <= guess.start);
        found.get(after).is_none_or(|other| guess.end <= other.start)
    };
    let guesses: Vec<Province> = guesses.into_iter().filter(free).collect();
    found.extend(guesses);
    found.sort_by_key(|province| province.start);
    found
}

fn stands_alone(text: &Text, start: usize, end: usize, colloquial: bool) -> bool {
    let boundary = is_thai_boundary(&text.lower, start) && is_thai_boundary(&text.lower, end);
    // "ประจวบเหมาะ" and "อุบลรัตน์" go on.
    let whole = !colloquial || text.is_edge(end) || text.lower[..end].ends_with(['ฯ', '.']);
    // "lulu_bkk" is somebody's name.
    let part = |sign: Option<char>| sign.is_some_and(|sign| matches!(sign, '_' | '@' | '#'));
    let named = part(text.lower[..start].chars().next_back()) || part(text.after(end).chars().next());
    boundary && whole && !named && text.is_loosely_apart(start, end)
}

pub(crate) fn entities(provinces: &[Province]) -> Vec<Found> {
    let sure = provinces.iter().filter(|province| province.sure);
    sure.map(|province| Found::special("province", province.start, province.end, province.official)).collect()
}

/// Whether a postcode can lie in some province.
pub(crate) fn is_area(digits: &str) -> bool {
    GAZETTEER.names.iter().any(|name| digits.starts_with(name.area))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_77_provinces_and_no_area_is_missing() {
        let officials: std::collections::BTreeSet<&str> =
            GAZETTEER.names.iter().map(|name| name.official).collect();
        assert_eq!(officials.len(), 77);
        assert!(GAZETTEER.automaton.is_some());
        for area in ["10", "27", "49", "58", "77", "96"] {
            assert!(is_area(area), "{area}");
        }
        for area in ["00", "19", "59", "87", "97"] {
            assert!(!is_area(area), "{area}");
        }
    }
}
