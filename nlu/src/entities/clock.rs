//! Times of day, also as Thai and Chinese tell them.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::entities::number::Number;
use crate::entities::text::{Found, Text};

static COLON: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(\d{1,2}):(\d{2})(?::\d{2})?\s?(?:(am|pm|a\.m\.|p\.m\.)|น\.?|นาฬิกา)?"));
static POINT: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(\d{1,2})\.(\d{2})\s?(?:(am|pm|a\.m\.|p\.m\.)|น\.|น\b|นาฬิกา|โมง)"));
static HOUR: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(\d{1,2})\s?(?:(am|pm|a\.m\.|p\.m\.)|o'?clock|นาฬิกา)"));
static NAMED: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"เที่ยงคืน|เที่ยง(?:วัน|ตรง)?|บ่ายโมง|\bnoon\b|\bmidnight\b|中午|午夜"));
/// What may follow a Thai or Chinese hour: half past, or minutes.
static REST: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\s?(?:(ครึ่ง|半)|一刻|(\d{1,2})\s?(?:นาที|分))"));
static THAI_UNIT: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\s?(โมง|ทุ่ม)\s?(เช้า|เย็น)?"));
/// Parts of the day in Chinese; those of the second half add twelve hours.
const CHINESE_PARTS: [(&str, bool); 7] = [
    ("上午", false),
    ("早上", false),
    ("凌晨", false),
    ("下午", true),
    ("晚上", true),
    ("傍晚", true),
    ("中午", true),
];

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}

pub(crate) fn find(text: &Text, numbers: &[Number]) -> Vec<Found> {
    let mut found = Vec::new();
    for pattern in [&COLON, &POINT, &HOUR] {
        found.extend(pattern.captures_iter(&text.lower).filter_map(|place| digital(text, &place)));
    }
    found.extend(NAMED.find_iter(&text.lower).filter_map(|place| {
        let hour = match place.as_str() {
            "เที่ยงคืน" | "midnight" | "午夜" => 0,
            "บ่ายโมง" => 13,
            _ => 12,
        };
        time(text, hour, place.start(), place.end())
    }));
    found.extend(numbers.iter().filter_map(|number| thai(text, number).or_else(|| chinese(text, number))));
    found
}

fn digital(text: &Text, place: &Captures<'_>) -> Option<Found> {
    let whole = place.get(0)?;
    let end = whole.start() + whole.as_str().trim_end().len();
    let hour: i64 = place[1].parse().ok()?;
    let half = [2, 3]
        .into_iter()
        .filter_map(|group| place.get(group))
        .find(|found| found.as_str().ends_with(['m', '.']));
    let minute: i64 =
        match place.get(2).filter(|found| found.as_str().bytes().all(|byte| byte.is_ascii_digit())) {
            Some(minute) => minute.as_str().parse().ok()?,
            None => 0,
        };
    let hour = match half.map(|half| half.as_str().starts_with('p')) {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(afternoon) => hour % 12 + if afternoon { 12 } else { 0 },
        None => hour,
    };
    text.is_apart(whole.start(), end).then(|| at(hour, minute, whole.start(), end))?
}

fn at(hour: i64, minute: i64, start: usize, end: usize) -> Option<Found> {
    let valid = (0..24).contains(&hour) && (0..60).contains(&minute);
    valid.then(|| Found::special("time", start, end, format!("{hour:02}:{minute:02}")))
}

/// An hour with the half or the minutes that follow it.
fn time(text: &Text, hour: i64, start: usize, end: usize) -> Option<Found> {
    let Some(rest) = REST.captures(text.after(end)) else { return at(hour, 0, start, end) };
    let minute = match rest.get(2) {
        Some(minutes) => minutes.as_str().parse().ok()?,
        None if rest.get(1).is_some() => 30,
        None => 15,
    };
    at(hour, minute, start, end + rest[0].len())
}

/// The six-hour clock: ตี 1–5, โมง by day, บ่าย 1–5, ทุ่ม by night.
fn thai(text: &Text, number: &Number) -> Option<Found> {
    let before = text.before(number.start);
    if before.ends_with("ตี") {
        let hour = number.whole(1, 5)?;
        return time(text, hour, before.len() - "ตี".len(), number.end);
    }
    let unit = THAI_UNIT.captures(text.after(number.end));
    let end = number.end + unit.as_ref().map_or(0, |unit| unit[0].trim_end().len());
    if before.ends_with("บ่าย") {
        let hour = number.whole(1, 6)?;
        return time(text, hour + 12, before.len() - "บ่าย".len(), end);
    }
    let unit = unit?;
    let hour = match (&unit[1], unit.get(2).map(|part| part.as_str())) {
        ("ทุ่ม", _) => (number.whole(1, 6)? + 18) % 24,
        (_, Some("เย็น")) => number.whole(1, 7)? + 12,
        (_, Some(_)) => morning(number.whole(1, 12)?),
        _ => match number.whole(1, 12)? {
            hour @ 1..=5 => hour + 12,
            hour => hour,
        },
    };
    time(text, hour, number.start, end)
}

/// "สามโมงเช้า" is three hours after six.
fn morning(hour: i64) -> i64 {
    if hour <= 5 { hour + 6 } else { hour }
}

fn chinese(text: &Text, number: &Number) -> Option<Found> {
    let sign =
        text.after(number.end).chars().next().filter(|sign| matches!(sign, '点' | '點' | '时' | '時'))?;
    let hour = number.whole(0, 24)?;
    let before = &text.lower[..number.start];
    let part = CHINESE_PARTS.into_iter().find(|(part, _)| before.ends_with(part));
    let noon_before_twelve = part.is_some_and(|(part, _)| part == "中午") && hour > 9;
    let afternoon = part.is_some_and(|(_, afternoon)| afternoon) && hour < 12 && !noon_before_twelve;
    let hour = if afternoon { hour + 12 } else { hour };
    let start = number.start - part.map_or(0, |(part, _)| part.len());
    time(text, hour % 24, start, number.end + sign.len_utf8())
}
