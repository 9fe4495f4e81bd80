//! Days of the week.

use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use regex::{Captures, Regex};

use crate::entities::relative::{EntityMoment, day};
use crate::entities::text::{Found, Text};

const DAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

const THAI: [&[&str]; 7] =
    [&["จันทร์"], &["อังคาร"], &["พุธ"], &["พฤหัสบดี", "พฤหัสฯ", "พฤหัส"], &["ศุกร์"], &["เสาร์"], &["อาทิตย์"]];
const ENGLISH: [&[&str]; 7] = [
    &["monday", "mon"],
    &["tuesday", "tue", "tues"],
    &["wednesday", "wed"],
    &["thursday", "thu", "thur", "thurs"],
    &["friday", "fri"],
    &["saturday", "sat"],
    &["sunday", "sun"],
];
const CHINESE: [&[&str]; 7] = [&["一"], &["二"], &["三"], &["四"], &["五"], &["六"], &["日", "天"]];

static THAI_DAY: LazyLock<Regex> = LazyLock::new(|| {
    let names = alternation(&THAI);
    compiled(&format!(r"(เมื่อ)?(วัน)?({names})(?:ที่)?\s?(นี้|หน้า|แล้ว|ที่แล้ว|ก่อน|ผ่านมา|ที่ผ่านมา)?"))
});
static ENGLISH_DAY: LazyLock<Regex> = LazyLock::new(|| {
    let names = alternation(&ENGLISH);
    compiled(&format!(r"\b(?:(this|next|last|on|by|until|till|coming|past)\s+)?({names})\b"))
});
static CHINESE_DAY: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(这|這|本|下下|下|上)?(?:个|個)?(?:周|週|星期|礼拜|禮拜)([一二三四五六日天])")
});

fn alternation(names: &[&[&str]; 7]) -> String {
    let mut all: Vec<&str> = names.iter().flat_map(|names| names.iter().copied()).collect();
    all.sort_by_key(|name| std::cmp::Reverse(name.len()));
    all.join("|")
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}

/// Which of the days with that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    /// Today or after it.
    Coming,
    /// In the week that begins on the Monday `weeks` after this week's.
    InWeek(i64),
    /// The last one before today.
    Past,
}

pub(crate) fn find(text: &Text, moment: EntityMoment) -> Vec<Found> {
    let mut found: Vec<Found> =
        THAI_DAY.captures_iter(&text.lower).filter_map(|place| thai(&place, moment)).collect();
    found.extend(ENGLISH_DAY.captures_iter(&text.lower).filter_map(|place| english(&place, moment)));
    found.extend(CHINESE_DAY.captures_iter(&text.lower).filter_map(|place| chinese(&place, moment)));
    found
}

/// "อาทิตย์" alone is a week and "พุธ" alone a name: a day needs "วัน" before it or a word after it.
fn thai(place: &Captures<'_>, moment: EntityMoment) -> Option<Found> {
    let has_day_word = place.get(2).is_some();
    let name = place.get(3)?;
    let weekday = weekday_of(&THAI, name.as_str())?;
    let which = place.get(4).map(|which| which.as_str());
    let named = has_day_word || (weekday != Weekday::Sunday && which.is_some());
    if !named {
        return None;
    }
    let which = match which {
        Some("หน้า") => Which::InWeek(1),
        Some("นี้") => Which::Coming,
        Some(_) => Which::Past,
        None if place.get(1).is_some() => Which::Past,
        None => Which::Coming,
    };
    let start = place.get(2).unwrap_or(name).start();
    // "ที่" without a word of time after it belongs to what follows.
    let end = place.get(4).map_or(name.end(), |which| which.end());
    day(pick(weekday, which, moment), start, end)
}

/// Short names ("sat", "sun", "mon") are also words: they need a word before them.
fn english(place: &Captures<'_>, moment: EntityMoment) -> Option<Found> {
    let name = place.get(2)?;
    let before = place.get(1).map(|word| word.as_str());
    if before.is_none() && !name.as_str().ends_with("day") {
        return None;
    }
    let which = match before {
        Some("next") => Which::InWeek(1),
        Some("last" | "past") => Which::Past,
        _ => Which::Coming,
    };
    let whole = place.get(0)?;
    let start =
        if matches!(before, Some("on" | "by" | "until" | "till")) { name.start() } else { whole.start() };
    day(pick(weekday_of(&ENGLISH, name.as_str())?, which, moment), start, whole.end())
}

fn chinese(place: &Captures<'_>, moment: EntityMoment) -> Option<Found> {
    let whole = place.get(0)?;
    let which = match place.get(1).map(|word| word.as_str()) {
        Some("下") => Which::InWeek(1),
        Some("下下") => Which::InWeek(2),
        Some("上") => Which::InWeek(-1),
        Some(_) => Which::InWeek(0),
        None => Which::Coming,
    };
    day(pick(weekday_of(&CHINESE, place.get(2)?.as_str())?, which, moment), whole.start(), whole.end())
}

fn weekday_of(names: &[&[&str]; 7], name: &str) -> Option<Weekday> {
    names.iter().position(|names| names.contains(&name)).map(|place| DAYS[place])
}

fn pick(weekday: Weekday, which: Which, moment: EntityMoment) -> Option<Date> {
    let today = i64::from(moment.today.weekday().to_monday_zero_offset());
    let wanted = i64::from(weekday.to_monday_zero_offset());
    let days = match which {
        Which::Coming => (wanted - today).rem_euclid(7),
        Which::InWeek(weeks) => wanted - today + 7 * weeks,
        Which::Past => (wanted - today).rem_euclid(7) - 7,
    };
    moment.plus(days)
}
