//! Lengths of time, in ISO 8601.

use std::fmt::Write;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::entities::number::Number;
use crate::entities::text::{Found, Text, compiled};

/// From long to short, with how many of the next make one (of days for weeks and months, roughly).
const UNITS: [(char, f64); 7] =
    [('Y', 12.0), ('M', 30.0), ('W', 7.0), ('D', 24.0), ('H', 60.0), ('m', 60.0), ('S', 1.0)];
const YEAR: usize = 0;
const WEEK: usize = 2;
const DAY: usize = 3;
const HOUR: usize = 4;
const SECOND: usize = 6;

/// The names of each unit, in the order of [`UNITS`].
const NAMES: [&str; 7] = [
    r"ปี|years?|yrs?|yeers?|年",
    r"เดือน|month?e?s?|mths?|个月|個月",
    r"สัปดา(?:ห์)?|อาทิต(?:ย์)?|วีค|weeks?|wks?|周|週|(?:个|個)?(?:星期|礼拜|禮拜)",
    r"วัน(?:ทำการ)?|(?:(?:working|business|calendar)\s)?days?|天|(?:个|個)工作日",
    r"ชั่?วโมง|ช\.ม\.|ชม\.|ชม|hours?|hrs?|h|(?:个|個)?(?:小时|小時|钟头|鐘頭)",
    r"นาที|minutes?|minuts?|mins?|分钟|分鐘",
    r"วินาที|วิ|seconds?|secs?|秒(?:钟|鐘)?",
];

static AFTER_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| compiled(&format!(r"^(?:\s|-|\sand a half\s)?{}", units())));
/// "两个半小时".
static AND_A_HALF_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"^(?:个|個)半(?:(月)|(小时|小時|钟头|鐘頭))|^\sand a half\s(?:(months?)|(hours?|hrs?))")
});
static HALF_AFTER: LazyLock<Regex> = LazyLock::new(|| compiled(r"^(?:\s?คร[ึี]่?ง|半|\sand a half\b)"));
static HALF_OF: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"(?:ครึ่ง\s?|\bhalf(?:\san?\s|[\s-])|半(?:个|個)?){}",
        units().replace("|天", "").replace("个月|個月", "月")
    ))
});
/// A unit without a number before it: "ชั่วโมงครึ่ง", "เดือนนึง", "an hour", "for a week".
static ALONE: LazyLock<Regex> = LazyLock::new(|| {
    let span = r"\b(?:for|in|within|about|over|under|lasted|spent|stay(?:ed|ing)?|least|exactly|roughly|approximately|takes?|took|after|wait(?:ed|ing)?|nearly|almost|around|only|than|been|another|whole|lasts?)\san?\s";
    let whole = r"\ban?\s(?:whole|full|entire|solid)\s";
    compiled(&format!(r"({span}|{whole}|\ban?\s)?{}(\s?ครึ่ง|\s?ครึง|\s?นึง|\s?หนึ่ง|\sand a half\b)?", units()))
});

/// Lengths that English tells in a way of their own, with their unit and how many of it.
static SHAPES: LazyLock<[(Regex, usize, f64); 7]> = LazyLock::new(|| {
    [
        (compiled(r"\ba\sfortnight\b"), WEEK, 2.0),
        (compiled(r"\b(?:a|one)\sdecade\b"), YEAR, 10.0),
        (compiled(r"\b(?:a\s)?quarter\s(?:of\s)?an\shour\b"), HOUR, 0.25),
        (compiled(r"\bthree[\s-]quarters\sof\san\shour\b"), HOUR, 0.75),
        (compiled(r"\b3/4\sof\san\shour\b"), HOUR, 0.75),
        (compiled(r"\ban\shour\sand\sa\squarter\b"), HOUR, 1.25),
        (compiled(r"\ban\shour\sand\sthree[\s-]quarters\b"), HOUR, 1.75),
    ]
});
/// "1h30", "1 hr 20", "2h 15m".
static COMPACT: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"\b(\d{1,2})\s?h(?:rs?|ours?)?\s?(?:and\s)?([0-5]?\d)(\s?m(?:in(?:ute)?s?)?)?\b")
});
static CLAUSE_GOES_ON: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^(?:$|[,.?!;)]|\s(?:and|or|to|for|from|on|so|but|if|is|in|at|by|long|total|wait|drive|flight|each|late|now|already)\b)",
    )
});
/// "500 baht an hour", "twice a fortnight".
static RATE_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:\d|\b(?:once|twice|times|baht|thb|usd|dollars|km|kmh|miles|people|cups|paid|cost|costs))\s$|[$฿£€]\s?$",
    )
});
/// "a week late": a unit with an article is a length before these.
static LENGTH_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^(?:\s(?:late|early|overdue|behind|long|too\s(?:long|late|early)|and\s(?:\d+|two|three|four|five|six|ten|fifteen|twenty|thirty)\s(?:days?|weeks?|months?|hours?|minutes?))\b|['’]s\s(?:warranty|supply|notice|rent|salary|delay|wait)\b)",
    )
});

/// Each unit's names in a group of its own.
fn units() -> String {
    let groups: Vec<String> = NAMES.iter().map(|names| format!("({names})")).collect();
    format!("(?:{})", groups.join("|"))
}

/// A length with its place.
#[derive(Debug, Clone, Copy)]
struct Length {
    start: usize,
    end: usize,
    parts: [f64; 7],
}

pub(crate) fn find(text: &Text, numbers: &[Number]) -> Vec<Found> {
    let mut lengths: Vec<Length> = numbers.iter().filter_map(|number| counted(text, number)).collect();
    let halves = HALF_OF.captures_iter(&text.lower);
    lengths.extend(halves.filter_map(|place| {
        let whole = place.get(0)?;
        let unit = unit_of(&place, 1)?;
        is_unit_end(text, whole.end()).then(|| Length::new(whole.start(), whole.end(), unit, 0.5))
    }));
    lengths.extend(SHAPES.iter().flat_map(|(shape, unit, value)| {
        let places = shape.find_iter(&text.lower).filter(|place| !is_rate(text, place.start()));
        places.map(|place| Length::new(place.start(), place.end(), *unit, *value))
    }));
    lengths.extend(COMPACT.captures_iter(&text.lower).filter_map(|place| compact(text, &place)));
    lengths.extend(ALONE.captures_iter(&text.lower).filter_map(|place| alone(text, &place)));
    lengths.sort_by_key(|length| (length.start, std::cmp::Reverse(length.end)));
    lengths.dedup_by(|later, earlier| later.start < earlier.end);
    joined(text, lengths).iter().map(Length::found).collect()
}

/// Which unit's group took part.
fn unit_of(place: &Captures<'_>, first: usize) -> Option<usize> {
    (0..UNITS.len()).find(|unit| place.get(first + unit).is_some())
}

/// "ชมพู" and "daylight" are no units, "周二" is a day.
fn is_unit_end(text: &Text, end: usize) -> bool {
    let after = text.after(end).chars().next();
    let weekday = text.lower[..end].ends_with(['周', '週', '期', '拜'])
        && after.is_some_and(|next| "一二三四五六日天末年".contains(next));
    let cut = (text.lower[..end].ends_with("ชม") || text.lower[..end].ends_with("วิ")) && !text.is_edge(end);
    text.is_apart(end, end) && !weekday && !cut
}

fn counted(text: &Text, number: &Number) -> Option<Length> {
    let rest = text.after(number.end);
    // "第二天" is the second day.
    if text.lower[..number.start].ends_with('第') {
        return None;
    }
    if let Some(half) = AND_A_HALF_BEFORE.captures(rest) {
        let unit = if half.get(1).or(half.get(3)).is_some() { 1 } else { HOUR };
        let end = number.end + half.get(0)?.end();
        return Some(Length::new(number.start, end, unit, number.value + 0.5));
    }
    let place = AFTER_NUMBER.captures(rest)?;
    let unit = unit_of(&place, 1)?;
    let end = number.end + place.get(0)?.end();
    let is_calendar_year = unit == YEAR && number.value >= 1000.0;
    let age = unit == YEAR && text.after(end).starts_with(" old");
    if age || !is_unit_end(text, end) || is_calendar_year || number.value < 0.0 {
        return None;
    }
    let half = HALF_AFTER.find(text.after(end));
    let value = number.value + if half.is_some() { 0.5 } else { 0.0 };
    Some(Length::new(number.start, end + half.map_or(0, |half| half.end()), unit, value))
}

fn alone(text: &Text, place: &Captures<'_>) -> Option<Length> {
    let unit = unit_of(place, 2)?;
    let name = place.get(2 + unit)?;
    let (lead, tail) = (place.get(1), place.get(2 + UNITS.len()));
    let is_thai = name.as_str().starts_with(|first: char| ('\u{e01}'..='\u{e5b}').contains(&first));
    let half = tail.is_some_and(|tail| tail.as_str().ends_with("ง") && tail.as_str().contains("คร"))
        || tail.is_some_and(|tail| tail.as_str().ends_with("half"));
    // "วันหนึ่ง" begins a story.
    let one_day = unit == DAY && tail.is_some() && !half;
    let plain = lead.is_some_and(|lead| matches!(lead.as_str(), "a " | "an "));
    let told = match lead {
        // "in a sec" is soon.
        Some(_) if unit == SECOND => false,
        _ if is_thai => tail.is_some() && !one_day,
        Some(_) if plain && is_rate(text, place.get(0)?.start()) => false,
        Some(lead) if lead.as_str() == "a " => half || LENGTH_AFTER.is_match(text.near_after(name.end(), 16)),
        Some(_) => name.as_str().is_ascii(),
        None => name.as_str().is_ascii() && half,
    };
    let end = tail.map_or(name.end(), |tail| tail.end());
    let start = match lead {
        Some(lead)
            if ["whole ", "full ", "entire ", "solid "].iter().any(|word| lead.as_str().ends_with(word)) =>
        {
            lead.start()
        }
        Some(lead) => lead.end() - lead.as_str().rsplit(' ').nth(1).map_or(0, |article| article.len() + 1),
        None => name.start(),
    };
    let whole = is_unit_end(text, end) && (lead.is_some() || text.is_edge(name.start()));
    (told && whole).then(|| Length::new(start, end, unit, if half { 1.5 } else { 1.0 }))
}

/// How much for, or how often in a length, is no length.
fn is_rate(text: &Text, start: usize) -> bool {
    RATE_BEFORE.is_match(text.near_before(start, 12))
}

fn compact(text: &Text, place: &Captures<'_>) -> Option<Length> {
    let whole = place.get(0)?;
    let (hours, minutes): (f64, f64) = (place[1].parse().ok()?, place[2].parse().ok()?);
    // "19h30" is a time, and "1 hour 2 people" names two things.
    let told = place.get(3).is_some()
        || (place[2].len() == 2 && hours < 6.0 && CLAUSE_GOES_ON.is_match(text.near_after(whole.end(), 16)));
    told.then(|| Length::new(whole.start(), whole.end(), HOUR, hours + minutes / 60.0))
}

/// "1 ชั่วโมง 30 นาที" is one length.
fn joined(text: &Text, lengths: Vec<Length>) -> Vec<Length> {
    let mut kept: Vec<Length> = Vec::new();
    for length in lengths {
        let joins = |last: &Length| {
            let between = text.lower.get(last.end..length.start).unwrap_or("-").trim();
            let finer = length.first_unit() > last.last_unit();
            matches!(between, "" | "and" | "กับ" | "และ" | "零" | ",") && finer
        };
        match kept.last_mut() {
            Some(last) if joins(last) => {
                last.end = length.end;
                for (sum, part) in last.parts.iter_mut().zip(length.parts) {
                    *sum += part;
                }
            }
            _ => kept.push(length),
        }
    }
    kept
}

impl Length {
    /// Fractions become whole numbers of the shorter units.
    fn new(start: usize, end: usize, unit: usize, value: f64) -> Self {
        let mut parts = [0.0; 7];
        let (mut unit, mut value) = (unit, value);
        loop {
            parts[unit] += value.trunc();
            let rest = value.fract() * UNITS[unit].1;
            if rest < 1e-6 || unit + 1 == UNITS.len() {
                break;
            }
            // A week has days next, and so has a month.
            unit = if unit + 1 == WEEK { DAY } else { unit + 1 };
            value = (rest * 1e6).round() / 1e6;
        }
        Self { start, end, parts }
    }

    fn first_unit(&self) -> usize {
        self.parts.iter().position(|part| *part > 0.0).unwrap_or(UNITS.len())
    }

    fn last_unit(&self) -> usize {
        self.parts.iter().rposition(|part| *part > 0.0).unwrap_or(UNITS.len())
    }

    fn found(&self) -> Found {
        let mut parts = self.parts;
        // ISO 8601 knows weeks only alone.
        if self.first_unit() != WEEK || self.last_unit() != WEEK {
            parts[DAY] += parts[WEEK] * 7.0;
            parts[WEEK] = 0.0;
        }
        let mut value = String::from("P");
        for (unit, part) in parts.iter().enumerate() {
            if unit == HOUR && parts[HOUR..].iter().any(|part| *part > 0.0) {
                value.push('T');
            }
            if *part > 0.0 {
                let _infallible = write!(value, "{part}{}", UNITS[unit].0.to_ascii_uppercase());
            }
        }
        if value.len() == 1 {
            value.push_str("T0S");
        }
        Found::special("duration", self.start, self.end, value)
    }
}
