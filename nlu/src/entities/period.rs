//! Whole weeks, months, quarters and years, and runs of days.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use regex::Regex;
use serde_json::json;

use crate::entities::date::full_year;
use crate::entities::months::{alternation, month_of};
use crate::entities::number::Number;
use crate::entities::relative::EntityMoment;
use crate::entities::text::{Found, Text};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

const UNITS: &[(&str, Unit)] = &[
    ("วัน", Unit::Day),
    ("สัปดาห์", Unit::Week),
    ("อาทิตย์", Unit::Week),
    ("เดือน", Unit::Month),
    ("ไตรมาส", Unit::Quarter),
    ("ปี", Unit::Year),
    ("days", Unit::Day),
    ("day", Unit::Day),
    ("weeks", Unit::Week),
    ("week", Unit::Week),
    ("months", Unit::Month),
    ("month", Unit::Month),
    ("quarters", Unit::Quarter),
    ("quarter", Unit::Quarter),
    ("years", Unit::Year),
    ("year", Unit::Year),
    ("天", Unit::Day),
    ("日", Unit::Day),
    ("星期", Unit::Week),
    ("周", Unit::Week),
    ("週", Unit::Week),
    ("月", Unit::Month),
    ("季度", Unit::Quarter),
    ("季", Unit::Quarter),
    ("年", Unit::Year),
];

static THAI: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(สัปดาห์|อาทิตย์|เดือน|ไตรมาส|ปี)(นี้|หน้า|ที่แล้ว|ก่อน|ที่ผ่านมา|ที่แล้ว|ล่าสุด)"));
static ENGLISH: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"\b(this|current|next|last|previous|past)\s(week|month|quarter|year)\b"));
static CHINESE: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(这|這|本|下|上|今|明|去)(?:个|個|一)?(星期|周|週|月|季度|季|年)"));
static MONTH_NAME: LazyLock<Regex> = LazyLock::new(|| {
    let (thai, english) = (alternation(true), alternation(false));
    compiled(&format!(
        r"(?:(?:เดือน|in\s|of\s|for\s|during\s)({thai}|{english})|({thai}|{english}))\s?(?:(?:ปี|พ\.ศ\.|ค\.ศ\.)?\s?(\d{{4}}))?"
    ))
});
static YEAR: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:(?:ปี|พ\.ศ\.|ค\.ศ\.|year|in)\s?(\d{4})|(\d{4})年)"));
static QUARTER: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(?:\bq([1-4])\b|ไตรมาส(?:ที่)?\s?([1-4])|第?([1-4])季度?)(?:\s?(?:ปี|/|of\s)?\s?(\d{4}))?")
});
static BACKWARD: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\s?(?:ที่ผ่านมา|ล่าสุด|ย้อนหลัง)"));

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant")
}

pub(crate) fn find(text: &Text, numbers: &[Number], moment: EntityMoment) -> Vec<Found> {
    let mut found = Vec::new();
    for (pattern, unit_group, which_group) in [(&THAI, 1, 2), (&ENGLISH, 2, 1), (&CHINESE, 2, 1)] {
        for place in pattern.captures_iter(&text.lower) {
            let (Some(whole), Some(unit)) = (place.get(0), unit_of(&place[unit_group])) else { continue };
            let range = around(unit, steps(&place[which_group]), moment.today);
            found.extend(range.map(|range| period(range, whole.start(), whole.end())));
        }
    }
    found.extend(months(text, moment));
    found.extend(quarters(text, moment));
    found.extend(YEAR.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let year = full_year(place.get(1).or(place.get(2))?.as_str(), moment)?;
        let range = (Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?);
        text.is_apart(whole.start(), whole.end()).then(|| period(range, whole.start(), whole.end()))
    }));
    found.extend(numbers.iter().filter_map(|number| last_units(text, number, moment)));
    found
}

fn period((from, to): (Date, Date), start: usize, end: usize) -> Found {
    Found::special("period", start, end, json!({ "from": from.to_string(), "to": to.to_string() }))
}

fn unit_of(word: &str) -> Option<Unit> {
    UNITS.iter().find(|(name, _)| *name == word).map(|(_, unit)| *unit)
}

fn steps(which: &str) -> i64 {
    match which {
        "นี้" | "this" | "current" | "这" | "這" | "本" | "今" => 0,
        "หน้า" | "next" | "下" | "明" => 1,
        _ => -1,
    }
}

/// The whole unit that is `steps` after the one with today in it.
fn around(unit: Unit, steps: i64, today: Date) -> Option<(Date, Date)> {
    let span = |steps: i64| length(unit, steps);
    let first = match unit {
        Unit::Day => today,
        Unit::Week => today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).ok()?,
        Unit::Month => today.first_of_month(),
        Unit::Quarter => Date::new(today.year(), (today.month() - 1) / 3 * 3 + 1, 1).ok()?,
        Unit::Year => today.first_of_year(),
    };
    let from = first.checked_add(span(steps)?).ok()?;
    let to = from.checked_add(span(1)?).ok()?.yesterday().ok()?;
    Some((from, to))
}

fn length(unit: Unit, count: i64) -> Option<Span> {
    let span = Span::new();
    match unit {
        Unit::Day => span.try_days(count),
        Unit::Week => span.try_weeks(count),
        Unit::Month => span.try_months(count),
        Unit::Quarter => span.try_months(count.checked_mul(3)?),
        Unit::Year => span.try_years(count),
    }
    .ok()
}

/// "เดือนมกราคม", "in january 2026"; an English name alone is no month ("may", "mar").
fn months(text: &Text, moment: EntityMoment) -> Vec<Found> {
    let places = MONTH_NAME.captures_iter(&text.lower);
    let found = places.filter_map(|place| {
        let whole = place.get(0)?;
        let name = place.get(1).or(place.get(2))?;
        let year = place.get(3);
        let told = place.get(1).is_some() || year.is_some() || !name.as_str().is_ascii();
        let end = whole.start() + whole.as_str().trim_end().len();
        if !told || !text.is_apart(whole.start(), end) {
            return None;
        }
        let month = month_of(name.as_str())?;
        let year = match year {
            Some(year) => full_year(year.as_str(), moment)?,
            // A month that is not over yet is this year's only when it has begun.
            None if month > moment.today.month() => moment.today.year() - 1,
            None => moment.today.year(),
        };
        let from = Date::new(year, month, 1).ok()?;
        Some(period((from, from.last_of_month()), whole.start(), end))
    });
    found.collect()
}

fn quarters(text: &Text, moment: EntityMoment) -> Vec<Found> {
    let places = QUARTER.captures_iter(&text.lower);
    let found = places.filter_map(|place| {
        let whole = place.get(0)?;
        let quarter: i8 = [1, 2, 3].into_iter().find_map(|group| place.get(group))?.as_str().parse().ok()?;
        let year = match place.get(4) {
            Some(year) => full_year(year.as_str(), moment)?,
            None => moment.today.year(),
        };
        let from = Date::new(year, (quarter - 1) * 3 + 1, 1).ok()?;
        let to = from.checked_add(3.months()).ok()?.yesterday().ok()?;
        Some(period((from, to), whole.start(), whole.end()))
    });
    found.collect()
}

/// "last 7 days", "7 วันที่ผ่านมา", "过去7天": the days up to and with today.
fn last_units(text: &Text, number: &Number, moment: EntityMoment) -> Option<Found> {
    let rest = text.after(number.end);
    let space = rest.len() - rest.trim_start_matches([' ', '个', '個']).len();
    let (word, unit) = UNITS
        .iter()
        .filter(|(word, _)| rest[space..].starts_with(word))
        .max_by_key(|(word, _)| word.len())?;
    let mut end = number.end + space + word.len();
    let before = text.before(number.start);
    let lead = ["last", "past", "previous", "过去", "過去", "最近", "近"]
        .into_iter()
        .find(|lead| before.ends_with(lead));
    let start = match (lead, BACKWARD.find(text.after(end))) {
        (Some(lead), _) => before.len() - lead.len(),
        (None, Some(backward)) => {
            end += backward.end();
            number.start
        }
        (None, None) => return None,
    };
    let count = number.whole(1, 1_000)?;
    let from = moment.today.checked_sub(length(*unit, count)?).ok()?.tomorrow().ok()?;
    Some(period((from, moment.today), start, end))
}
