//! Calendar dates.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::Date;
use regex::{Captures, Regex};

use crate::entities::months::{alternation, month_of};
use crate::entities::number::Number;
use crate::entities::relative::{EntityMoment, day};
use crate::entities::text::{Found, Text};

static YEAR_FIRST: LazyLock<Regex> = LazyLock::new(|| compiled(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"));
static DAY_FIRST: LazyLock<Regex> = LazyLock::new(|| compiled(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})"));
static DAY_MONTH: LazyLock<Regex> = LazyLock::new(|| compiled(r"(วันที่\s?|on\s)?(\d{1,2})/(\d{1,2})"));
static THAI: LazyLock<Regex> = LazyLock::new(|| {
    let months = alternation(true);
    compiled(&format!(
        r"(?:วันที่\s?)?(\d{{1,2}})\s?(?:เดือน)?\s?({months})\s?(?:(?:ปี|พ\.ศ\.|ค\.ศ\.)?\s?(\d{{4}}|\d{{2}}))?"
    ))
});
static THAI_DAY: LazyLock<Regex> = LazyLock::new(|| compiled(r"วันที่\s?(\d{1,2})"));
static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    let months = alternation(false);
    compiled(&format!(r"(?:the\s)?(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?({months})\b\.?(?:,?\s(\d{{4}}))?"))
});
static AMERICAN: LazyLock<Regex> = LazyLock::new(|| {
    let months = alternation(false);
    compiled(&format!(r"\b({months})\.?\s(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(\d{{4}}))?"))
});
static CHINESE: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号號]"));

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}

/// The dates of a text.
pub(crate) struct Dates {
    pub(crate) found: Vec<Found>,
    /// Bytes of days that no calendar has: "30 February" must become neither the 30th nor February.
    pub(crate) impossible: Vec<Range<usize>>,
}

/// `expected`: the dialogue asked for a date, so "15/12" and "15" are dates.
pub(crate) fn find(text: &Text, numbers: &[Number], moment: EntityMoment, expected: bool) -> Dates {
    let (mut found, mut impossible) = (Vec::new(), Vec::new());
    let mut add = |pattern: &Regex, order: [usize; 3]| {
        for place in pattern.captures_iter(&text.lower) {
            match written(text, &place, order, moment) {
                Written::Day(day) => found.push(day),
                Written::Impossible(place) => impossible.push(place),
                Written::Other => {}
            }
        }
    };
    add(&YEAR_FIRST, [1, 2, 3]);
    add(&DAY_FIRST, [3, 2, 1]);
    add(&THAI, [3, 2, 1]);
    add(&ENGLISH, [3, 2, 1]);
    add(&AMERICAN, [3, 1, 2]);
    add(&CHINESE, [1, 2, 3]);
    let short = DAY_MONTH.captures_iter(&text.lower).filter(|place| expected || place.get(1).is_some());
    found.extend(short.filter_map(|place| match written(text, &place, [usize::MAX, 3, 2], moment) {
        Written::Day(day) => Some(day),
        Written::Impossible(_) | Written::Other => None,
    }));
    let days = THAI_DAY.captures_iter(&text.lower);
    found.extend(days.filter_map(|place| {
        let whole = place.get(0)?;
        let apart = text.is_apart(whole.start(), whole.end());
        apart.then(|| day(coming_day(place[1].parse().ok()?, moment), whole.start(), whole.end()))?
    }));
    if expected {
        found.extend(numbers.iter().filter_map(|number| {
            let wanted = number.whole(1, 31)?;
            day(coming_day(i8::try_from(wanted).ok()?, moment), number.start, number.end)
        }));
    }
    Dates { found, impossible }
}

/// What stands at a place that is written like a date.
enum Written {
    Day(Found),
    /// Bytes of a day that no calendar has.
    Impossible(Range<usize>),
    Other,
}

/// `order` are the groups of year, month and day.
fn written(text: &Text, place: &Captures<'_>, order: [usize; 3], moment: EntityMoment) -> Written {
    let Some(whole) = place.get(0) else { return Written::Other };
    let (start, end) = (whole.start(), whole.start() + whole.as_str().trim_end().len());
    if !text.is_apart(start, end) || next_to_separator(text, start, end) {
        return Written::Other;
    }
    let parts = order.map(|group| place.get(group).map(|found| found.as_str()));
    day(date_of(parts, moment), start, end).map_or(Written::Impossible(start..end), Written::Day)
}

/// From what is written for year, month and day.
fn date_of([year, month, day_of_month]: [Option<&str>; 3], moment: EntityMoment) -> Option<Date> {
    let month: i8 = month.and_then(|month| month_of(month).or_else(|| month.parse().ok()))?;
    let day_of_month: i8 = day_of_month?.parse().ok()?;
    match year {
        Some(year) => Date::new(full_year(year, moment)?, month, day_of_month).ok(),
        None => coming(month, day_of_month, moment),
    }
}

/// "1/12/2026/5" and "10.1.2.26" are not dates.
fn next_to_separator(text: &Text, start: usize, end: usize) -> bool {
    let mut after = text.after(end).chars();
    let continues = after.next().is_some_and(|next| "/-.".contains(next))
        && after.next().is_some_and(|next| next.is_ascii_digit());
    continues || text.lower[..start].ends_with(['/', '-', '.'])
}

/// Buddhist years (from 2400) are 543 ahead; of two digits the nearest year of either calendar is meant.
pub(crate) fn full_year(written: &str, moment: EntityMoment) -> Option<i16> {
    let year: i16 = written.parse().ok()?;
    if written.len() == 4 {
        return match year {
            2400..=2700 => Some(year - 543),
            1900..=2200 => Some(year),
            _ => None,
        };
    }
    let distance = |year: &i16| (year - moment.today.year()).abs();
    [2000 + year, 2500 + year - 543].into_iter().min_by_key(distance)
}

/// The next such day, today included; a day up to 60 days ago is taken as past, because people also tell what was.
fn coming(month: i8, day_of_month: i8, moment: EntityMoment) -> Option<Date> {
    let this = Date::new(moment.today.year(), month, day_of_month).ok();
    let earliest = moment.plus(-60)?;
    match this {
        Some(date) if date >= earliest => Some(date),
        _ => Date::new(moment.today.year() + 1, month, day_of_month).ok(),
    }
}

/// The next day of that number, today included.
fn coming_day(day_of_month: i8, moment: EntityMoment) -> Option<Date> {
    let mut first = moment.today.first_of_month();
    for _ in 0..3 {
        let date = Date::new(first.year(), first.month(), day_of_month).ok();
        if let Some(date) = date.filter(|date| *date >= moment.today) {
            return Some(date);
        }
        first = first.last_of_month().tomorrow().ok()?;
    }
    None
}
