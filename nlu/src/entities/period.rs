//! Whole weeks, months, quarters and years, and runs of days.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use regex::Regex;
use serde_json::json;

use crate::entities::calendar::{full_year, steps};
use crate::entities::months::{alternation, is_full_thai, month_of};
use crate::entities::number::Number;
use crate::entities::number_words::chinese_value;
use crate::entities::relative::EntityMoment;
use crate::entities::text::{Found, Text, compiled};
use crate::entities::weekday::is_person;
use crate::words::is_thai_boundary;

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
static WEEKEND: LazyLock<Regex> = LazyLock::new(|| {
    let thai = r"(?:weekend|วีคเอนด?์?|สุดสัปดาห์|(?:วัน)?เสาร์\s?-?\s?อาทิตย์)\s?(นี้|หน้า|ที่แล้ว|ก่อน|ที่ผ่านมา)";
    let english = r"\b(this coming|this|next|nxt|last|past|coming)\sweekend\b";
    let chinese = r"(这|這|本|下下|下|上)?(?:个|個)?(?:周末|週末)";
    compiled(&format!("{thai}|{english}|{chinese}"))
});
static MONTH_NAME: LazyLock<Regex> = LazyLock::new(|| {
    let (thai, english) = (alternation(true), alternation(false));
    compiled(&format!(
        r"(?:(เดือน|\b(?:in|of|for|during|since|until|till|by|from)\s)({thai}|{english})|({thai}|{english}))(?:\s?(?:ปี|พ\.ศ\.|ค\.ศ\.)?\s?(\d{{4}})|นี้)?"
    ))
});
static CHINESE_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(?:(\d{4})年|(今|明|去)年)?(\d{1,2}|十[一二]?|[一二三四五六七八九])月(?:份)?")
});
static YEAR: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:(?:ปี|พ\.ศ\.|ค\.ศ\.|\byear)\s?(\d{4}|[67]\d)\b|\bin\s(\d{4})|(\d{4})年)"));
static QUARTER: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:\bq([1-4])\b|ไตรมาส(?:ที่)?\s?([1-4]|หนึ่ง|สอง|สาม|สี่)|第([1-4一二三四])季度?)(?:\s?(?:ปี|/|of\s)?\s?(\d{4}))?",
    )
});
static BACKWARD: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\s?(?:ที่ผ่านมา|ล่าสุด|ย้อนหลัง)"));
/// Who plans means what will be.
static FORWARD: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"จะ|จอง|นัด|เริ่ม|เปิดร้าน|ภายใน|ก่อนเดือน|\b(?:will|book|booking|reserve|open|start|plan|planning|going|until|by|wedding|event)\b|打算|预订|預訂|开始|计划|会",
    )
});
/// Who asks for sales asks for what was.
static LOOKING_BACK: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"ยอด|ขายได้|รายได้|กำไร|ที่ผ่านมา|\b(?:sales|sold|revenue|turnover|profit|orders)\b|销售|销量|营业额|收入|利润",
    )
});

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
            // "下周二" is a day, "下月5号" too, and "weekly" no week.
            let apart = text.is_apart(whole.start(), whole.end());
            found.extend(range.filter(|_| apart).map(|range| period(range, whole.start(), whole.end())));
        }
    }
    found.extend(weekends(text, moment));
    let outlook = Outlook::of(text);
    found.extend(months(text, outlook, moment));
    found.extend(
        CHINESE_MONTH
            .captures_iter(&text.lower)
            .filter_map(|place| chinese_month(text, &place, outlook, moment)),
    );
    found.extend(quarters(text, moment));
    found.extend(YEAR.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let written = [1, 2, 3].into_iter().find_map(|group| place.get(group))?;
        let year = full_year(written.as_str(), moment)?;
        let start = if place.get(2).is_some() { written.start() } else { whole.start() };
        let range = (Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?);
        text.is_apart(start, whole.end()).then(|| period(range, start, whole.end()))
    }));
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

/// Saturday and Sunday of a week.
fn weekends(text: &Text, moment: EntityMoment) -> Vec<Found> {
    let places = WEEKEND.captures_iter(&text.lower);
    let found = places.filter_map(|place| {
        let whole = place.get(0)?;
        let which = [1, 2, 3].into_iter().find_map(|group| place.get(group));
        let weeks = match which.map(|which| which.as_str()) {
            Some("this coming" | "coming") | None => 0,
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

/// "เดือนมกราคม", "in january 2026"; a name that may also be a person's or a verb is no month alone ("may", "เมษา").
fn months(text: &Text, outlook: Outlook, moment: EntityMoment) -> Vec<Found> {
    let places = MONTH_NAME.captures_iter(&text.lower);
    let found = places.filter_map(|place| {
        let whole = place.get(0)?;
        let name = place.get(2).or(place.get(3))?;
        let (lead, year) = (place.get(1), place.get(4));
        let english = name.as_str().is_ascii();
        // "may" after "in" is the month; "for may" and "from april" may be people.
        let lead_tells = lead.is_some_and(|lead| {
            !english || !matches!(lead.as_str(), "for " | "from " | "of " | "by ") || name.len() > 5
        });
        let told = lead_tells
            || year.is_some()
            || (!english && is_full_thai(name.as_str()))
            || (!english && name.as_str().ends_with('.'));
        let start = if english { name.start() } else { whole.start() };
        let end = whole.start() + whole.as_str().trim_end().len();
        let whole_word = text.is_apart(start, end) && is_thai_boundary(&text.lower, end);
        if !told || !whole_word || (lead.is_none() && is_person(text, start)) {
            return None;
        }
        let month = month_of(name.as_str())?;
        let year = match year {
            Some(year) => full_year(year.as_str(), moment)?,
            None if english => year_nearest(month, outlook, moment),
            None => year_of_month(month, outlook, moment),
        };
        Some(period(whole_month(year, month)?, start, end))
    });
    found.collect()
}

fn whole_month(year: i16, month: i8) -> Option<(Date, Date)> {
    let first = Date::new(year, month, 1).ok()?;
    Some((first, first.last_of_month()))
}

/// Whether the message as a whole asks for what was or plans what will be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outlook {
    back: bool,
    forward: bool,
}

impl Outlook {
    pub(crate) fn of(text: &Text) -> Self {
        Self { back: LOOKING_BACK.is_match(&text.lower), forward: FORWARD.is_match(&text.lower) }
    }
}

/// A month without a year is this year's, or the next month where that is next year's; in a question about sales one
/// that has not begun is last year's.
pub(crate) fn year_of_month(month: i8, outlook: Outlook, moment: EntityMoment) -> i16 {
    let today = moment.today;
    let ahead = month > today.month();
    if ahead && outlook.back {
        return today.year() - 1;
    }
    if !ahead && month != today.month() && outlook.forward {
        return today.year() + 1;
    }
    let just_before = ahead && i16::from(month) - i16::from(today.month()) >= 10;
    let next = today.month() == 12 && month == 1;
    today.year() + i16::from(next) - i16::from(just_before)
}

/// The nearest such month, before or after this one.
fn year_nearest(month: i8, outlook: Outlook, moment: EntityMoment) -> i16 {
    let year = year_of_month(month, outlook, moment);
    let behind = (year - moment.today.year()) * 12 + i16::from(month) - i16::from(moment.today.month());
    if behind < -6 && !outlook.back { year + 1 } else { year }
}

/// "12月", "明年三月"; a day after it makes it a date, and "个月" a length.
fn chinese_month(
    text: &Text,
    place: &regex::Captures<'_>,
    outlook: Outlook,
    moment: EntityMoment,
) -> Option<Found> {
    let whole = place.get(0)?;
    let month = i8::try_from(chinese_value(&place[3])?).ok()?;
    let written = place.get(1).map(|year| year.as_str());
    let year = match (written, place.get(2)) {
        (Some(year), _) => full_year(year, moment)?,
        (None, Some(which)) => moment.today.year() + i16::try_from(steps(which.as_str())).ok()?,
        (None, None) => year_nearest(month, outlook, moment),
    };
    let before = text.lower[..whole.start()].chars().next_back();
    let part = before.is_some_and(|last| last.is_ascii_digit() || "第每几幾年".contains(last));
    let told = !part && text.is_apart(whole.start(), whole.end());
    told.then(|| Some(period(whole_month(year, month)?, whole.start(), whole.end())))?
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
