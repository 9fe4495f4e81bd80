//! Times of day as Thai and Chinese tell them.

use std::sync::LazyLock;

use regex::Regex;

use crate::entities::clock::{at, by_day};
use crate::entities::number::{Number, is_counted};
use crate::entities::text::{Found, Text, compiled};

static NAMED: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"เที่ยงคืน|เที่ยง(?:ตรง|วัน)?|บ่ายโมง|中午|午夜|半夜12点"));
/// One hour after six in the evening has no number: "ทุ่มครึ่ง", "ทุ่มนึง".
static ONE_THUM: LazyLock<Regex> = LazyLock::new(|| {
    let after_day = "หน้า|นี้|มะรืน|จันทร์|อังคาร|พุธ|พฤหัส|บดี|ศุกร์|เสาร์|อาทิตย์|เป็น|เวลา|นัด|เริ่ม|มา|ไป|เจอ";
    compiled(&format!(
        r"(?:(?:ตอน|สัก|ซัก|ประมาณ|ก่อน|หลัง|ถึง|^|\s)ทุ่ม(นึง|หนึ่ง|ตรง|กว่า|ครึ่ง|ครึง|\s|$)|(?:{after_day})ทุ่ม(นึง|หนึ่ง|ตรง|ครึ่ง|ครึง))"
    ))
});
/// What may follow a Thai or Chinese hour: half past, or minutes.
static REST: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"^\s?(?:(คร[ึี]่?ง|半)|(一刻)|(三刻)|(\d{1,2})\s?(?:นาที|分)|(\d{2})(?:\D|$))"));
static ANOTHER_TIME: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"^(?:\s?(?:โมง|ทุ่ม|น\.|นาฬิกา|点|點)|[.:]\d)"));
static MINUTE_UNIT: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\s?(?:นาที|分)"));
static THAI_UNIT: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\s?(โมง|ทุ่ม)\s?(เช้า|เย็น)?"));
/// What makes "一点" an hour and not "a little".
static SURELY_HOUR: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"^(?:半|钟|鐘|整|\d|一刻|三刻|[一二三四五]?十)"));
/// Parts of the day in Chinese; those of the second half add twelve hours.
pub(crate) const CHINESE_PARTS: [(&str, bool); 11] = [
    ("上午", false),
    ("早上", false),
    ("早晨", false),
    ("凌晨", false),
    ("半夜", false),
    ("清晨", false),
    ("下午", true),
    ("晚上", true),
    ("傍晚", true),
    ("中午", true),
    ("夜里", true),
];
static DAY_AFTER: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"^(?:นี้|พรุ่ง|พุ่ง|มะรืน|จันทร์|อังคาร|พุธ|พฤหัส|ศุกร์|เสาร์|อาทิตย์|ที่\s?\d)"));
/// Day words that tell the part of the day too; they stay with the date.
const CHINESE_DAYS: [(&str, bool); 5] =
    [("今晚", true), ("明晚", true), ("昨晚", true), ("今早", false), ("明早", false)];

pub(crate) fn find(text: &Text, numbers: &[Number]) -> Vec<Found> {
    let mut found: Vec<Found> = NAMED
        .find_iter(&text.lower)
        .filter_map(|place| {
            // "เที่ยงวันพรุ่งนี้" is noon and a day.
            let after = text.near_after(place.end(), 12);
            let day_follows = place.as_str() == "เที่ยงวัน" && DAY_AFTER.is_match(after);
            let end = if day_follows { place.end() - "วัน".len() } else { place.end() };
            let hour = match place.as_str() {
                "เที่ยงคืน" | "午夜" | "半夜12点" => 0,
                "บ่ายโมง" => 13,
                _ => 12,
            };
            is_noon(text, &text.lower[place.start()..end], place.start(), end)
                .then(|| time(text, numbers, hour, place.start(), end))?
        })
        .collect();
    found.extend(ONE_THUM.captures_iter(&text.lower).filter_map(|place| {
        let (whole, tail) = (place.get(0)?, place.get(1).or(place.get(2))?);
        let start = tail.start() - "ทุ่ม".len();
        match tail.as_str() {
            "ครึ่ง" | "ครึง" => at(19, 30, start, whole.end()),
            "นึง" | "หนึ่ง" | "ตรง" => at(19, 0, start, whole.end()),
            _ => at(19, 0, start, tail.start()),
        }
    }));
    found.extend(numbers.windows(2).filter_map(|pair| first_of_two(text, pair)));
    found.extend(
        numbers
            .iter()
            .filter_map(|number| thai(text, numbers, number).or_else(|| chinese(text, numbers, number))),
    );
    found
}

/// "เที่ยงตรง" is also accurate, and "เที่ยงธรรม" just.
fn is_noon(text: &Text, word: &str, start: usize, end: usize) -> bool {
    let accurate = word == "เที่ยงตรง" && start > 0 && !NOON_BEFORE.is_match(text.near_before(start, 12));
    let thai = word.starts_with('เ');
    !accurate && (!thai || text.is_edge(end) || REST.is_match(text.near_after(end, 16)))
}

static NOON_BEFORE: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:ตอน|เวลา|ก่อน|หลัง|ถึง|นัด|มา|กัน|ส่ง|รับ|เจอ|นี้|ปิด|เปิด|ไป)\s?$"));

/// An hour with the half or the minutes that follow it.
fn time(text: &Text, numbers: &[Number], hour: i64, start: usize, end: usize) -> Option<Found> {
    let rest = REST.captures(text.near_after(end, 16));
    let group = |group: usize| rest.as_ref().and_then(|rest| rest.get(group));
    let simple = [(1, 30), (2, 15), (3, 45)].into_iter().find_map(|(of, minute)| Some((group(of)?, minute)));
    if let Some((found, minute)) = simple {
        return at(hour, minute, start, end + found.end());
    }
    if let Some(minutes) = group(4) {
        return at(hour, minutes.as_str().parse().ok()?, start, end + rest.as_ref()?[0].len());
    }
    let amount = |end: usize| is_counted(text, end) || ANOTHER_TIME.is_match(text.near_after(end, 8));
    if let Some(minutes) = group(5).filter(|minutes| !amount(end + minutes.end())) {
        return at(hour, minutes.as_str().parse().ok()?, start, end + minutes.end());
    }
    minutes_in_words(text, numbers, hour, start, end).or_else(|| at(hour, 0, start, end))
}

/// "สิบโมงสิบห้า", "四点二十".
fn minutes_in_words(text: &Text, numbers: &[Number], hour: i64, start: usize, end: usize) -> Option<Found> {
    let place = numbers.partition_point(|number| number.start < end);
    let number = numbers.get(place).filter(|number| number.start == end)?;
    let minute = number.whole(1, 59)?;
    let unit = MINUTE_UNIT.find(text.near_after(number.end, 6));
    let amount = unit.is_none() && (minute < 10 || is_counted(text, number.end));
    (!amount).then(|| at(hour, minute, start, number.end + unit.map_or(0, |unit| unit.end())))?
}

/// The six-hour clock: ตี 1–5, โมง by day, บ่าย 1–5, ทุ่ม by night.
fn thai(text: &Text, numbers: &[Number], number: &Number) -> Option<Found> {
    let before = text.before(number.start);
    if before.ends_with("ตี") {
        let hour = number.whole(1, 5)?;
        return time(text, numbers, hour, before.len() - "ตี".len(), number.end);
    }
    let unit = THAI_UNIT.captures(text.near_after(number.end, 16));
    let end = number.end + unit.as_ref().map_or(0, |unit| unit[0].trim_end().len());
    if before.ends_with("บ่าย") {
        let hour = number.whole(1, 6)?;
        return time(text, numbers, hour + 12, before.len() - "บ่าย".len(), end);
    }
    let unit = unit?;
    let hour = match (&unit[1], unit.get(2).map(|part| part.as_str())) {
        ("ทุ่ม", _) => (number.whole(1, 6)? + 18) % 24,
        (_, Some("เย็น")) => number.whole(1, 7)? + 12,
        (_, Some(_)) => morning(number.whole(1, 12)?),
        _ => match number.whole(1, 12)? {
            hour @ 1..=5 => hour + 12,
            hour @ 6..=7 if is_after_evening(text, number.start) => hour + 12,
            hour => hour,
        },
    };
    time(text, numbers, hour, number.start, end)
}

/// "9" in "9-11 โมง", which has the unit of the second.
fn first_of_two(text: &Text, pair: &[Number]) -> Option<Found> {
    let [first, second] = pair else { return None };
    let joined = matches!(text.lower.get(first.end..second.start)?.trim(), "-" | "–" | "ถึง");
    let unit = THAI_UNIT.captures(text.near_after(second.end, 16))?;
    let evening = &unit[1] == "ทุ่ม";
    let hour = first.whole(1, if evening { 6 } else { 12 })?;
    let hour = match unit.get(2).map(|part| part.as_str()) {
        _ if evening => (hour + 18) % 24,
        Some("เย็น") if hour <= 7 => hour + 12,
        Some(_) => morning(hour),
        None if hour <= 5 => hour + 12,
        None => hour,
    };
    joined.then(|| at(hour, 0, first.start, first.end))?
}

static EVENING_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(?:เย็น|ค่ำ|คืน)(?:นี้|วันนี้|วาน|วานนี้|พรุ่งนี้|ๆ)?\s?(?:ตอน|เวลา|สัก|ซัก|ประมาณ|ราวๆ?|ก่อน|หลัง)?\s?$")
});

/// "เย็นนี้หกโมงครึ่ง", "ตอนเย็น 6.30".
pub(crate) fn is_after_evening(text: &Text, start: usize) -> bool {
    EVENING_BEFORE.is_match(text.near_before(start, 30))
}

/// "สามโมงเช้า" is three hours after six.
fn morning(hour: i64) -> i64 {
    if hour <= 5 { hour + 6 } else { hour }
}

fn chinese(text: &Text, numbers: &[Number], number: &Number) -> Option<Found> {
    let rest = text.after(number.end);
    let sign = rest.chars().next().filter(|sign| matches!(sign, '点' | '點' | '时' | '時'))?;
    let mut end = number.end + sign.len_utf8();
    let hour = number.whole(0, 24)?;
    let before = &text.lower[..number.start];
    let part = CHINESE_PARTS.into_iter().find(|(part, _)| before.ends_with(part));
    let day = CHINESE_DAYS.into_iter().find(|(day, _)| before.ends_with(day));
    // "便宜一点" is no time.
    if part.or(day).is_none() && hour == 1 && !SURELY_HOUR.is_match(text.after(end)) {
        return None;
    }
    if let Some(hour_word) = ["钟", "鐘", "整"].into_iter().find(|word| text.after(end).starts_with(word))
    {
        end += hour_word.len();
    }
    let later = part.or(day).map(|(_, later)| later);
    let noon_before_twelve = part.is_some_and(|(part, _)| part == "中午") && hour > 9;
    let hour = match later {
        Some(true) if (1..12).contains(&hour) && !noon_before_twelve => hour + 12,
        Some(true) if hour == 12 && part.is_none_or(|(part, _)| matches!(part, "晚上" | "夜里")) => 0,
        Some(_) => hour,
        None => by_day(hour),
    };
    let start = number.start - part.map_or(0, |(part, _)| part.len());
    time(text, numbers, hour % 24, start, end)
}
