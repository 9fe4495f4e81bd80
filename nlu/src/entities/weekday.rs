//! Days of the week.

use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use regex::{Captures, Regex};

use crate::entities::relative::{EntityMoment, day};
use crate::entities::spelling::is_near;
use crate::entities::text::{Found, Text, compiled};
use crate::entities::told_past;
use crate::words::is_thai_boundary;

const DAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

const THAI: [&[&str]; 7] = [
    &["จันทร์", "จันทร", "จัน", "จ."],
    &["อังคาร", "อังคาน", "อ."],
    &["พุธ", "พุด", "พ."],
    &["พฤหัสบดี", "พฤหัสฯ", "พฤหัส", "พฤหัด", "พะหัส", "พฤ."],
    &["ศุกร์", "ศุกร", "ศุก", "สุก", "ศ."],
    &["เสาร์", "เสาร", "เสา", "ส."],
    &["อาทิตย์", "อาทิต", "อาทิด", "อา."],
];
/// Misspelt names are other words too: they need "วัน" before them.
const MISSPELT_THAI: [&str; 9] = ["จัน", "อังคาน", "พุด", "พฤหัด", "พะหัส", "ศุก", "สุก", "เสา", "อาทิด"];
const ENGLISH: [&[&str]; 7] = [
    &["monday", "mon"],
    &["tuesday", "tue", "tues"],
    &["wednesday", "wed", "weds", "wensday", "wendsday"],
    &["thursday", "thu", "thur", "thurs"],
    &["friday", "fri"],
    &["saturday", "sat"],
    &["sunday", "sun"],
];
const CHINESE: [&[&str]; 7] = [&["一"], &["二"], &["三"], &["四"], &["五"], &["六"], &["日", "天"]];

static THAI_DAY: LazyLock<Regex> = LazyLock::new(|| {
    let names = alternation(&THAI, |name| !name.ends_with('.'));
    compiled(&format!(
        r"(เมื่อ)?(วัน)?({names})(?:\s?(?:ที่)?((?:จะ(?:มา)?)?ถึงนี้|นี้|หน้า|แล้ว|ที่แล้ว|ก่อน|ผ่านมา|ที่ผ่านมา|โน้น|ถัดไป))?"
    ))
});
static ENGLISH_DAY: LazyLock<Regex> = LazyLock::new(|| {
    let names = alternation(&ENGLISH, |_| true);
    compiled(&format!(
        r"(?:\b(this coming|this past|this|next|nxt|last|on|by|until|till|til|coming|past|before|after|since|every|each|from|to|for|or|and|every (?:other|second|third))\s+)?({names})"
    ))
});
static ENGLISH_WORD: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:\b(this coming|this|next|nxt|last|coming|past|on|every)\s+)?\b([a-z]{2,8}(?:day|dy|dya|ady|da))\b",
    )
});
/// What follows the short name of a day: an hour, a date, another day, or nothing more.
static AFTER_SHORT: LazyLock<Regex> = LazyLock::new(|| {
    let names = alternation(&ENGLISH, |_| true);
    compiled(&format!(
        r"^(?:[,.]?\s?(?:\d|morning|afternoon|evening|night|noon|pls|please|ok|instead|$|[?])|\s?(?:-|/|&|,|or|and|to|until|till|through|thru)\s?(?:{names})\b)"
    ))
});
/// The day before the short name of another.
static DAY_BEFORE_SHORT: LazyLock<Regex> = LazyLock::new(|| {
    let names = alternation(&ENGLISH, |_| true);
    compiled(&format!(r"\b(?:{names})\s?(?:-|/|&|,|or|and|to|until|till|through|thru)\s?$"))
});
/// Short names that are no other words.
const ONLY_DAYS: [&str; 6] = ["tue", "tues", "weds", "thur", "thurs", "fri"];
/// A word in small letters before a name with a capital.
static SMALL_BEFORE: LazyLock<Regex> = LazyLock::new(|| compiled(r"[a-z]\s$"));
static NO_DAY_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"\b(?:the|a|an|my|your|his|her|our|their|dear|hi|hello|called|named|is|of|and|with)\s$")
});
static CHINESE_DAY: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(这|這|本|下下|下|上上|上)?(?:个|個)?(?:(?:周|週|星期|礼拜|禮拜)的)?(?:周|週|星期|礼拜|禮拜)([一二三四五六日天])",
    )
});

/// The names of the days that are wanted, longest first.
fn alternation(names: &[&[&str]; 7], wanted: impl Fn(&str) -> bool) -> String {
    let mut all: Vec<&str> =
        names.iter().flat_map(|names| names.iter().copied()).filter(|name| wanted(name)).collect();
    all.sort_by_key(|name| std::cmp::Reverse(name.len()));
    all.join("|")
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
        THAI_DAY.captures_iter(&text.lower).filter_map(|place| thai(text, &place, moment)).collect();
    found.extend(ENGLISH_DAY.captures_iter(&text.lower).filter_map(|place| english(text, &place, moment)));
    found.extend(ENGLISH_WORD.captures_iter(&text.lower).filter_map(|place| misspelt(text, &place, moment)));
    found.extend(CHINESE_DAY.captures_iter(&text.lower).filter_map(|place| chinese(&place, moment)));
    found
}

/// "อาทิตย์" alone is a week and "พุธ" alone a name: a day needs "วัน" before it or a word after it.
fn thai(text: &Text, place: &Captures<'_>, moment: EntityMoment) -> Option<Found> {
    let has_day_word = place.get(2).is_some();
    let name = place.get(3)?;
    let weekday = weekday_of(&THAI, name.as_str())?;
    let which = place.get(4).filter(|which| !goes_on(text, which.end())).map(|which| which.as_str());
    if MISSPELT_THAI.contains(&name.as_str()) && !(has_day_word && text.is_edge(name.end())) {
        return None;
    }
    // "เสาร์หน้า" is a day, "อาทิตย์หน้า" a week, "จันทร์ที่แล้ว" a day, "น้องศุกร์ที่แพ็คของ" a person.
    let named = has_day_word || (weekday != Weekday::Sunday && which.is_some());
    let end = if which.is_some() { place.get(4)?.end() } else { name.end() };
    if !named
        || place.get(2).is_none() && is_person(text, name.start())
        || !is_thai_boundary(&text.lower, end)
    {
        return None;
    }
    let which = match which {
        Some("หน้า" | "ถัดไป") => Which::InWeek(1),
        Some("โน้น") => Which::InWeek(2),
        Some(which) if which.ends_with("นี้") => Which::Coming,
        Some(_) => Which::Past,
        None if place.get(1).is_some() => Which::Past,
        None if told_past::is_since(text, place.get(2).unwrap_or(name).start()) => Which::Past,
        None => Which::Coming,
    };
    let start = place.get(2).unwrap_or(name).start();
    // "ที่" without a word of time after it belongs to what follows.
    day(pick(weekday, which, moment), start, end)
}

/// "วันเสาร์ก่อนเที่ยง" is not the Saturday before.
fn goes_on(text: &Text, end: usize) -> bool {
    text.lower[..end].ends_with("ก่อน") && BEFORE_HOUR.is_match(text.near_after(end, 8))
}

static BEFORE_HOUR: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"^\s?(?:เที่ยง|บ่าย|เย็น|ค่ำ|เช้า|ตี|\d|หนึ่ง|สอง|สาม|สี่|ห้า|หก|เจ็ด|แปด|เก้า|สิบ|ทุ่ม|เวลา|ร้าน|ปิด)")
});

static NAMED_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(?:the name of|names?(?: is|'s)?|(?:is|was|am|are) (?:called|named)|mrs\.?|miss|sir|madam|auntie?|uncle|dr\.?)\s$",
    )
});

/// People are called after days and months.
pub(crate) fn is_person(text: &Text, start: usize) -> bool {
    let before = text.before(start);
    if NAMED_BEFORE.is_match(text.near_before(start, 24)) {
        return true;
    }
    let titles = [
        "คุณ",
        "น้อง",
        "พี่",
        "ชื่อ",
        "นาย",
        "นาง",
        "เฮีย",
        "เจ๊",
        "ป้า",
        "ลุง",
        "khun",
        "k.",
        "mr",
        "mr.",
        "ms",
        "ms.",
        "name",
        "คุน",
    ];
    titles.iter().any(|title| before.ends_with(title))
}

/// Short names ("sat", "sun", "mon") are also words: they need a word of time beside them.
fn english(text: &Text, place: &Captures<'_>, moment: EntityMoment) -> Option<Found> {
    let name = place.get(2)?;
    let before = place.get(1).map(|word| word.as_str());
    let short = !name.as_str().ends_with("day");
    let told = matches!(
        before,
        Some(
            "this coming"
                | "this past"
                | "this"
                | "next"
                | "nxt"
                | "last"
                | "on"
                | "by"
                | "until"
                | "till"
                | "til"
                | "coming"
                | "past"
        )
    );
    let short_and_told = told
        || ONLY_DAYS.contains(&name.as_str())
        || AFTER_SHORT.is_match(text.near_after(name.end(), 24))
        || DAY_BEFORE_SHORT.is_match(text.near_before(name.start(), 24))
        || is_capital(text, name.start(), name.end());
    let whole_word = text.is_apart(name.start(), name.end());
    let glued = short && !(short_and_told && whole_word) || !text.is_loosely_apart(name.end(), name.end());
    if glued
        || is_person(text, name.start())
        || before.is_some_and(|word| word.starts_with("every") || word == "each")
    {
        return None;
    }
    let (which, counted) = which_of(before);
    let which = if told_past::is_done(text, name.start(), name.end()) && is_open(before) {
        Which::Past
    } else {
        which
    };
    let start = if counted { place.get(0)?.start() } else { name.start() };
    day(pick(weekday_of(&ENGLISH, name.as_str())?, which, moment), start, name.end())
}

/// "see you Mon then": a capital inside a sentence, and the rest small.
fn is_capital(text: &Text, start: usize, end: usize) -> bool {
    let mut letters = text.written[start..end].chars();
    let capital = letters.next().is_some_and(char::is_uppercase) && letters.all(char::is_lowercase);
    let before = start.checked_sub(12).map_or(0, |from| text.written.floor_char_boundary(from));
    let before = &text.written[before..start];
    capital && SMALL_BEFORE.is_match(before) && !NO_DAY_BEFORE.is_match(&before.to_lowercase())
}

/// Whether nothing before the day says which one is meant.
fn is_open(before: Option<&str>) -> bool {
    matches!(before, None | Some("on"))
}

/// Which of the days a word before it means, and whether the word belongs to the day.
fn which_of(before: Option<&str>) -> (Which, bool) {
    match before {
        Some("next" | "nxt") => (Which::InWeek(1), true),
        Some("last" | "past" | "this past") => (Which::Past, true),
        Some("this" | "this coming" | "coming") => (Which::Coming, true),
        Some("since") => (Which::Past, false),
        _ => (Which::Coming, false),
    }
}

/// "wednsday", "thrusday", "satruday".
fn misspelt(text: &Text, place: &Captures<'_>, moment: EntityMoment) -> Option<Found> {
    let name = place.get(2)?;
    let before = place.get(1).map(|word| word.as_str());
    let full = ENGLISH.iter().map(|names| names[0]);
    let near = full.clone().position(|day| is_near(day, name.as_str(), 1))?;
    let exact = full.clone().any(|day| day == name.as_str());
    let (which, counted) = which_of(before);
    let past = is_open(before) && told_past::is_done(text, name.start(), name.end());
    let which = if past { Which::Past } else { which };
    let start = if counted { place.get(0)?.start() } else { name.start() };
    (!exact && before != Some("every")).then(|| day(pick(DAYS[near], which, moment), start, name.end()))?
}

fn chinese(place: &Captures<'_>, moment: EntityMoment) -> Option<Found> {
    let whole = place.get(0)?;
    let which = match place.get(1).map(|word| word.as_str()) {
        Some("下") => Which::InWeek(1),
        Some("下下") => Which::InWeek(2),
        Some("上") => Which::InWeek(-1),
        Some("上上") => Which::InWeek(-2),
        Some(_) => Which::InWeek(0),
        None => Which::Coming,
    };
    day(pick(weekday_of(&CHINESE, place.get(2)?.as_str())?, which, moment), whole.start(), whole.end())
}

/// The day of the week of a name in one of the languages, as a number from Monday on.
pub(crate) fn number_of(name: &str) -> Option<Weekday> {
    weekday_of(&THAI, name).or_else(|| weekday_of(&ENGLISH, name)).or_else(|| weekday_of(&CHINESE, name))
}

/// Patterns of the names: Thai, English, Chinese.
pub(crate) fn name_patterns() -> [String; 3] {
    [
        alternation(&THAI, |_| true).replace('.', r"\."),
        alternation(&ENGLISH, |_| true),
        alternation(&CHINESE, |_| true),
    ]
}

/// The next such day, today included.
pub(crate) fn coming(weekday: Weekday, moment: EntityMoment) -> Option<Date> {
    pick(weekday, Which::Coming, moment)
}

/// That day of the week that is `weeks` after this one.
pub(crate) fn in_week(weekday: Weekday, weeks: i64, moment: EntityMoment) -> Option<Date> {
    pick(weekday, Which::InWeek(weeks), moment)
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
