//! Times of day in figures: "14:30", "9.30 น.", "2 pm". How English tells them in words is in
//! [`crate::entities::english_clock`], Thai and Chinese are in [`crate::entities::told_clock`].

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::entities::english_clock;
use crate::entities::number::Number;
use crate::entities::text::{Found, Text, compiled};
use crate::entities::told_clock::is_after_evening;

pub(crate) const HALF: &str = r"(am\b|pm\b|a\.m\b\.?|p\.m\b\.?)";

static COLON: LazyLock<Regex> =
    LazyLock::new(|| compiled(&format!(r"(\d{{1,2}}):(\d{{2}})(?::\d{{2}})?(?:\s?(?:{HALF}|นาฬิกา|น\.|น))?")));
static POINT: LazyLock<Regex> =
    LazyLock::new(|| compiled(&format!(r"(\d{{1,2}})\.(\d{{2}})(?:\s?(?:{HALF}|นาฬิกา|น\.|น|โมง))?")));
static HOUR: LazyLock<Regex> = LazyLock::new(|| compiled(&format!(r"(\d{{1,2}})()\s?(?:{HALF}|นาฬิกา|น\.)")));
/// "730pm".
static JOINED: LazyLock<Regex> = LazyLock::new(|| compiled(&format!(r"\b(\d{{1,2}})([0-5]\d)\s?{HALF}")));
/// "1930 hrs".
static MILITARY: LazyLock<Regex> = LazyLock::new(|| compiled(r"\b([01]\d|2[0-3])([0-5]\d)\s?(?:hrs?|h)\b"));
static AMOUNT_AFTER: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"^\s?(?:baht|thb|บาท|bt\b|usd|dollars?|each|per|[.,/-]\d|[a-z]{0,3}\d)"));
/// "at 0530", "before 1830": no year and no price begins with a nought, and few are told after "at".
static MILITARY_AT: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"\b(?:at|by|before|after|until|till|from)\s(0\d)([0-5]\d)\b|\bat\s(1\d|2[0-3])(00|15|30|45)\b")
});
static NAMED: LazyLock<Regex> = LazyLock::new(|| compiled(r"\b(?:12\s)?(?:noon|midnight|midday)\b"));
/// Words after which "10.00" is a time and no price.
static TIME_WORD: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:เวลา|ตอน(?:นี้)?|หลัง|ก่อน|ถึง|ช่วง|ประมาณ|รอบ|ตั้งแต่|เปิด|ปิด|เริ่ม|เลิก|ออก|ต้องมา|นัด|ไฟลท์|ไฟล์ท|นี่|เช้า|สาย|บ่าย|เย็น|ค่ำ|(?:เช้า|บ่าย|เย็น|ค่ำ|คืน)นี้|\b(?:at|by|from|until|till|til|before|after|between|time|around|leaves?|starts?|opens?|closes?|arrives?|departs?)|[-–~])\s?$",
    )
});
/// The first of two times, whose half of the day the second tells: "9-11am", "10.00-18.00 น.".
static RANGE_BEFORE: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(\d{1,2})(?:[:.](\d{2}))?\s?(?:-|–|~|to|and|ถึง|until|till)\s?$"));

/// `date_ends` are where the dates of the text end: "9/12/69 10.00" tells a time.
pub(crate) fn find(text: &Text, numbers: &[Number], date_ends: &HashSet<usize>) -> Vec<Found> {
    let mut found = Vec::new();
    found.extend(MILITARY.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let apart = text.is_apart(whole.start(), whole.end());
        apart.then(|| at(place[1].parse().ok()?, place[2].parse().ok()?, whole.start(), whole.end()))?
    }));
    found.extend(MILITARY_AT.captures_iter(&text.lower).filter_map(|place| {
        let (hour, minute) = (place.get(1).or(place.get(3))?, place.get(2).or(place.get(4))?);
        let free = text.is_apart(hour.start(), minute.end())
            && !AMOUNT_AFTER.is_match(text.near_after(minute.end(), 12));
        free.then(|| {
            at(hour.as_str().parse().ok()?, minute.as_str().parse().ok()?, hour.start(), minute.end())
        })?
    }));
    for pattern in [&COLON, &POINT, &HOUR, &JOINED] {
        for place in pattern.captures_iter(&text.lower) {
            found.extend(digital(text, &place, date_ends).into_iter().flatten().flatten());
        }
    }
    found.extend(NAMED.find_iter(&text.lower).filter_map(|place| {
        let hour = if place.as_str().ends_with("midnight") { 0 } else { 12 };
        at(hour, 0, place.start(), place.end())
    }));
    found.extend(english_clock::find(text, numbers));
    found
}

pub(crate) fn at(hour: i64, minute: i64, start: usize, end: usize) -> Option<Found> {
    let valid = (0..24).contains(&hour) && (0..60).contains(&minute);
    valid.then(|| Found::special("time", start, end, format!("{hour:02}:{minute:02}")))
}

/// Without "am" or "pm" an hour from one to six is in the afternoon: that is when people meet.
pub(crate) fn by_day(hour: i64) -> i64 {
    if (1..=6).contains(&hour) { hour + 12 } else { hour }
}

pub(crate) fn with_half(hour: i64, afternoon: Option<bool>) -> Option<i64> {
    match afternoon {
        Some(_) if !(1..=12).contains(&hour) => None,
        Some(afternoon) => Some(hour % 12 + if afternoon { 12 } else { 0 }),
        None => Some(hour),
    }
}

/// The time at a place, and the one before it that shares its unit.
fn digital(text: &Text, place: &Captures<'_>, date_ends: &HashSet<usize>) -> Option<[Option<Found>; 2]> {
    let whole = place.get(0)?;
    let minutes = place.get(2)?;
    let unit = text.lower.get(minutes.end()..whole.end()).unwrap_or_default().trim();
    // "น" ends a time only where no other word begins with it.
    let cut = unit == "น" && !text.is_edge(whole.end());
    let unit = if cut { "" } else { unit };
    let end = if unit.is_empty() { minutes.end() } else { whole.end() };
    let point = text.lower.get(..minutes.start()).is_some_and(|before| before.ends_with('.'));
    if RATIO_BEFORE.is_match(text.near_before(whole.start(), 20)) {
        return None;
    }
    let told = !unit.is_empty() || !point || is_told(text, whole.start(), end, date_ends);
    if !told || !text.is_loosely_apart(whole.start(), end) || is_fraction(text, whole.start(), end) {
        return None;
    }
    let part = part_before(text, whole.start());
    let afternoon = match unit.chars().next() {
        Some('a') => Some(false),
        Some('p') => Some(true),
        _ => None,
    };
    let hour: i64 = place[1].parse().ok()?;
    let minute: i64 = if minutes.is_empty() { 0 } else { minutes.as_str().parse().ok()? };
    let hour = with_half(hour, afternoon)?;
    let evening = unit.is_empty()
        && (1..12).contains(&hour)
        && english_clock::is_beside_evening(text, whole.start(), end)
        || afternoon.is_none() && (4..12).contains(&hour) && is_after_evening(text, whole.start());
    let (hour, start) = match part {
        _ if evening => (hour + 12, whole.start()),
        Some((length, later)) if afternoon.is_none() => {
            (if later && hour < 12 { hour + 12 } else { hour }, whole.start() - length)
        }
        _ => (hour, whole.start()),
    };
    let this = at(hour, minute, start, end);
    let first = range_before(text, start, hour * 60 + minute, afternoon).filter(|_| !unit.is_empty());
    this.is_some().then_some([first, this])
}

/// "下午2:30", "ตอนบ่าย 2.30": how long the word before is, and whether it adds twelve hours.
fn part_before(text: &Text, start: usize) -> Option<(usize, bool)> {
    let before = &text.lower[..start];
    let parts = crate::entities::told_clock::CHINESE_PARTS;
    let thai = [("บ่าย", true)];
    let mut parts = parts.into_iter().chain(thai);
    let (part, later) = parts.find(|(part, _)| before.trim_end().ends_with(part))?;
    Some((part.len() + before.len() - before.trim_end().len(), later))
}

/// "10.00" beside a date, after a word of time, or before the second of two times.
fn is_told(text: &Text, start: usize, end: usize, date_ends: &HashSet<usize>) -> bool {
    let beside = date_ends.contains(&text.lower[..start].trim_end_matches([' ', ',']).len());
    let more = RANGE_AFTER.is_match(text.near_after(end, 16));
    let round = text.lower[start..end].ends_with(['0', '5']);
    let price = PRICE_AFTER.is_match(text.near_after(end, 12));
    (beside || more || (round && TIME_WORD.is_match(text.near_before(start, 12)))) && !price
}

/// Coffee is brewed at 1:15.
static RATIO_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(?:ratio|อัตราส่วน|สัดส่วน|อัตรา|เรโช|เรโช่|比例|粉水比)(?:\sis|\sof|คือ|เป็น|是)?\s?$")
});
static RANGE_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"^\s?(?:-|–|~|to|ถึง|until|till)\s?\d{1,2}[.:]\d{2}(?:\s?(?:น|am|pm|a\.m|p\.m)|\s|$)")
});
static PRICE_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"^\s?(?:บาท|฿|baht|thb|usd|%|kg|กก|กิโล|กรัม|g\b|ml|ลิตร|元|块|铢|泰铢)|^[a-z$€£]")
});

/// "1.10.30" is no time.
fn is_fraction(text: &Text, start: usize, end: usize) -> bool {
    let digit = |character: Option<char>| character.is_some_and(|character| character.is_ascii_digit());
    let mut before = text.lower[..start].chars().rev();
    let mut after = text.after(end).chars();
    let separated = before.next().is_some_and(|sign| ".:,/".contains(sign)) && digit(before.next());
    separated || (after.next().is_some_and(|sign| ".:/".contains(sign)) && digit(after.next()))
}

/// The time before a dash: "9" in "9-11am" is nine, and "10" in "10-2pm" ten in the morning.
fn range_before(text: &Text, start: usize, later: i64, afternoon: Option<bool>) -> Option<Found> {
    let before = text.near_before(start, 20);
    let place = RANGE_BEFORE.captures(before)?;
    let number = place.get(1)?;
    let offset = start - before.len();
    let end = place.get(2).map_or(number.end(), |minutes| minutes.end());
    if !text.is_apart(offset + number.start(), offset + end)
        || text.lower[..offset + number.start()].ends_with(['.', '/', '-'])
    {
        return None;
    }
    let hour: i64 = number.as_str().parse().ok()?;
    let minute: i64 = place.get(2).map_or(Ok(0), |minutes| minutes.as_str().parse()).ok()?;
    let same = with_half(hour, afternoon)?;
    let hour = if same * 60 + minute > later && afternoon.is_some() { hour % 12 } else { same };
    at(hour, minute, offset + number.start(), offset + end)
}
