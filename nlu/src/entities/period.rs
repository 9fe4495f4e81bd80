//! Whole weeks, months, quarters and years, and runs of days.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use regex::Regex;
use serde_json::json;

use crate::entities::calendar::{full_year, steps};
use crate::entities::month;
use crate::entities::number::Number;
use crate::entities::number_words::chinese_value;
use crate::entities::relative::EntityMoment;
use crate::entities::spelling::is_near;
use crate::entities::text::{Found, Text, compiled};

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
    ("สัปดาห", Unit::Week),
    ("สัปดา", Unit::Week),
    ("อาทิต", Unit::Week),
    ("วีค", Unit::Week),
    ("wk", Unit::Week),
    ("mth", Unit::Month),
    ("yr", Unit::Year),
    ("礼拜", Unit::Week),
    ("禮拜", Unit::Week),
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

static THAI: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(สัปดา(?:ห์|ห)?|อาทิตย์|อาทิต|วีค|week|เดือน|month|ไตรมาส|ปี)\s?(นี้|หน้?า|ถัดไป|ที่แล้ว|ก่อน|ที่ผ่านมา|ล่าสุด)")
});
static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(this|current|next|nxt|last|previous|past|following|coming)\s(week|wk|month|mth|quarter|year|yr)\b",
    )
});
static CHINESE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(这|這|本|下下|下|上上|上|今|明|去|后|後|前)(?:个|個|一)?(星期|礼拜|禮拜|周|週|月|季度|季|年)")
});
static MISSPELT: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"\b(this|next|nxt|last|previous|past)\s([wmyq][a-z]{2,7})\b"));
static WEEKEND: LazyLock<Regex> = LazyLock::new(|| {
    let thai = r"(?:weekend|วีคเอนด?์?|สุดสัปดาห์|(?:วัน)?เสาร์\s?-?\s?อาทิตย์)\s?(นี้|หน้า|ที่แล้ว|ก่อน|ที่ผ่านมา)";
    let english = r"\b(this coming|this|next|nxt|last|past|coming|the)\sweekend\b(?:\s(?:after next|before last|of)\b)?";
    let chinese = r"(这|這|本|下下|下|上)?(?:个|個)?(?:周末|週末)";
    compiled(&format!("{thai}|{english}|{chinese}"))
});
/// "week after next", "weekend before last".
static AFTER_NEXT: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"\b(weekend|week|month|year)\s(?:(after\snext)|before\slast)\b"));
/// The weekend or week before a day: "weekend of 5 December", "the week of the 14th".
static WEEK_OF: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"\b(weekend|week)\s(?:of|commencing|beginning|starting|ending)\s(?:the\s)?$"));
/// "second quarter of 2026".
static QUARTER_IN_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(first|second|third|fourth|1st|2nd|3rd|4th)\squarter(?:\s(?:of\s)?(\d{4})|\sof\s(this|last|next)\syear)?\b",
    )
});
static YEAR: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:(?:ปี|พ\.ศ\.|ค\.ศ\.|\byear)\s?(\d{4}|[67]\d)\b|\b(?:in|for|since|from|until|during)\s(\d{4})\b|(\d{4})年)",
    )
});
static QUARTER: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:\bq([1-4])\b|ไตรมาส(?:ที่)?\s?([1-4]|หนึ่ง|สอง|สาม|สี่)|第([1-4一二三四])季度?)(?:\s?(?:ปี|/|of\s)?\s?(\d{4}))?",
    )
});
static BACKWARD: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\s?(?:ที่ผ่านมา|ล่าสุด|ย้อนหลัง)"));

/// Whole weeks and weekends that are named by one of their days; `days` are the days found in the text.
pub(crate) fn of_days(text: &Text, days: &[Found]) -> Vec<Found> {
    let found = days.iter().filter(|day| day.kind == "date").filter_map(|found| {
        let before = text.near_before(found.start, 24);
        let place = WEEK_OF.captures(before)?;
        let date: Date = found.value.as_str()?.parse().ok()?;
        let monday = date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).ok()?;
        let weekend = &place[1] == "weekend";
        let from = if weekend { monday.checked_add(5.days()).ok()? } else { monday };
        let mut start = found.start - before.len() + place.get(0)?.start();
        // "the week of the 14th", but "the [weekend of 5 December]".
        if text.after(found.start).starts_with("the ") && text.lower[..start].ends_with("the ") {
            start -= "the ".len();
        }
        Some(period((from, monday.checked_add(6.days()).ok()?), start, found.end))
    });
    found.collect()
}

fn after_next(text: &Text, moment: EntityMoment) -> Vec<Found> {
    let found = AFTER_NEXT.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let steps = if place.get(2).is_some() { 2 } else { -2 };
        let weekend = &place[1] == "weekend";
        let (from, to) = around(if weekend { Unit::Week } else { unit_of(&place[1])? }, steps, moment.today)?;
        let from = if weekend { from.checked_add(5.days()).ok()? } else { from };
        Some(period((from, to), whole.start(), whole.end()))
    });
    found.collect()
}

fn quarters_in_words(text: &Text, moment: EntityMoment) -> Vec<Found> {
    let found = QUARTER_IN_WORDS.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let names = ["first", "second", "third", "fourth", "1st", "2nd", "3rd", "4th"];
        let quarter = names.iter().position(|name| *name == &place[1])? % 4;
        let year = match (place.get(2), place.get(3)) {
            (Some(year), _) => full_year(year.as_str(), moment)?,
            (None, Some(which)) => moment.today.year() + i16::try_from(steps(which.as_str())).ok()?,
            (None, None) => moment.today.year(),
        };
        let from = Date::new(year, i8::try_from(quarter * 3 + 1).ok()?, 1).ok()?;
        let to = from.checked_add(3.months()).ok()?.yesterday().ok()?;
        let length = text.after(whole.end()).starts_with(" of an");
        (!length).then(|| period((from, to), whole.start(), whole.end()))
    });
    found.collect()
}

pub(crate) fn find(text: &Text, numbers: &[Number], moment: EntityMoment) -> Vec<Found> {
    let mut found = Vec::new();
    for (pattern, unit_group, which_group) in [(&THAI, 1, 2), (&ENGLISH, 2, 1), (&CHINESE, 2, 1)] {
        for place in pattern.captures_iter(&text.lower) {
            let (Some(whole), Some(unit)) = (place.get(0), unit_of(&place[unit_group])) else { continue };
            let which = &place[which_group];
            // "后年" and "前年" are two years away; "前天" and "后天" are days.
            let far = matches!(which, "后" | "後" | "前");
            if far && unit != Unit::Year {
                continue;
            }
            let range = around(unit, if which == "前" { -2 } else { steps(which) }, moment.today);
            // "last week of December" is another week.
            let of_another = text.after(whole.end()).starts_with(" of ");
            // "下周二" is a day, "下月5号" too, and "weekly" no week.
            let apart = text.is_apart(whole.start(), whole.end()) && !of_another;
            found.extend(range.filter(|_| apart).map(|range| period(range, whole.start(), whole.end())));
        }
    }
    found.extend(MISSPELT.captures_iter(&text.lower).filter_map(|place| misspelt(&place, moment)));
    found.extend(weekends(text, moment));
    found.extend(month::find(text, moment));
    found.extend(quarters(text, moment));
    found.extend(YEAR.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let written = [1, 2, 3].into_iter().find_map(|group| place.get(group))?;
        let year = full_year(written.as_str(), moment)?;
        let start = if place.get(2).is_some() { written.start() } else { whole.start() };
        let range = (Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?);
        text.is_apart(start, whole.end()).then(|| period(range, start, whole.end()))
    }));
    found.extend(after_next(text, moment));
    found.extend(quarters_in_words(text, moment));
    found.extend(numbers.iter().filter_map(|number| last_units(text, number, moment)));
    found
}

pub(crate) fn period((from, to): (Date, Date), start: usize, end: usize) -> Found {
    Found::special("period", start, end, json!({ "from": from.to_string(), "to": to.to_string() }))
}

fn unit_of(word: &str) -> Option<Unit> {
    UNITS.iter().find(|(name, _)| *name == word).map(|(_, unit)| *unit)
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

/// "next weak", "last mounth".
fn misspelt(place: &regex::Captures<'_>, moment: EntityMoment) -> Option<Found> {
    let (whole, word) = (place.get(0)?, place.get(2)?.as_str());
    let units =
        [("week", Unit::Week), ("month", Unit::Month), ("quarter", Unit::Quarter), ("year", Unit::Year)];
    let unit = units.into_iter().find(|(name, _)| *name != word && is_near(name, word, 1))?.1;
    let other = ["weeks", "months", "years", "quarters", "mouth", "yea"].contains(&word);
    let range = around(unit, steps(&place[1]), moment.today)?;
    (!other).then(|| period(range, whole.start(), whole.end()))
}

/// Saturday and Sunday of a week.
fn weekends(text: &Text, moment: EntityMoment) -> Vec<Found> {
    let places = WEEKEND.captures_iter(&text.lower);
    let found = places.filter_map(|place| {
        let whole = place.get(0)?;
        if whole.as_str().ends_with(['f', 't']) && whole.as_str().contains("weekend ") {
            return None;
        }
        let which = [1, 2, 3].into_iter().find_map(|group| place.get(group));
        let weeks = match which.map(|which| which.as_str()) {
            Some("this coming" | "coming" | "the") | None => 0,
            Some("ที่ผ่านมา" | "past") if moment.today.weekday().to_monday_zero_offset() < 5 => {
                -1
            }
            Some(which) => steps(which),
        };
        let (monday, sunday) = around(Unit::Week, weeks, moment.today)?;
        let saturday = monday.checked_add(5.days()).ok()?;
        text.is_apart(whole.start(), whole.end())
            .then(|| period((saturday, sunday), whole.start(), whole.end()))
    });
    found.collect()
}

fn quarters(text: &Text, moment: EntityMoment) -> Vec<Found> {
    let places = QUARTER.captures_iter(&text.lower);
    let found = places.filter_map(|place| {
        let whole = place.get(0)?;
        let written = [1, 2, 3].into_iter().find_map(|group| place.get(group))?;
        let thai = ["หนึ่ง", "สอง", "สาม", "สี่"].iter().position(|word| *word == written.as_str());
        let quarter = thai.map(|place| place as i64 + 1).or_else(|| chinese_value(written.as_str()));
        let quarter = i8::try_from(quarter?).ok()?;
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
