//! Runs of days: from one day to another.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::Date;
use regex::{Captures, Regex};

use crate::entities::calendar::{coming_day, date_of};
use crate::entities::month::{Outlook, year_of_month};
use crate::entities::months::{alternation_beside_day, month_of};
use crate::entities::period::period;
use crate::entities::relative::{EntityMoment, day};
use crate::entities::text::{Found, Text, compiled};
use crate::entities::weekday;

/// Between the two ends.
const TO: &str = r"\s?(?:-|–|—|~|to|until|till|til|through|thru|ถึง(?:วัน(?:ที่)?)?|จนถึง|到|至)\s?";
/// Before the first end; in English and Chinese a part of the run.
const FROM: &str = r"(\b(?:from|between)\s(?:the\s)?|从|從)?";

/// "5-8 ธันวา", "from 3 to 9 December 2026".
static DAYS_OF_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    let months = format!("{}|{}", alternation_beside_day(true), alternation_beside_day(false));
    compiled(&format!(
        r"{FROM}(?:the\s|วันที่\s?)?(\d{{1,2}})(?:st|nd|rd|th)?(?:{TO}|\sand\s)(?:the\s)?(\d{{1,2}})(?:st|nd|rd|th)?\s?(?:of\s|เดือน\s?)?({months})(?:(?:\s?(?:ปี|พ\.ศ\.|ค\.ศ\.)\s?|,?\s)(\d{{4}}|[67]\d)\b)?"
    ))
});
/// "December 5-8".
static MONTH_DAYS: LazyLock<Regex> = LazyLock::new(|| {
    let months = alternation_beside_day(false);
    compiled(&format!(
        r"{FROM}\b({months})\.?\s(\d{{1,2}})(?:st|nd|rd|th)?{TO}(?:the\s)?(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(\d{{4}}))?"
    ))
});
/// "5-7/12", "5-7/12/2569".
static NUMERIC: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(\d{1,2})\s?(?:-|–|ถึง|to)\s?(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?"));
/// "5/12-8/12".
static NUMERIC_PAIR: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(\d{1,2})/(\d{1,2})\s?(?:-|–|ถึง|to|到)\s?(\d{1,2})/(\d{1,2})"));
/// "12月10-15号", "12月10号到15号".
static CHINESE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"(从|從)?(?:(\d{{4}})年)?(\d{{1,2}})月(\d{{1,2}})(?:日|号|號)?{TO}(\d{{1,2}})(?:日|号|號)"
    ))
});
/// "วันที่ 5-7", "from the 5th to the 8th", "5号到8号".
static DAYS_ALONE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"(?:วันที่\s?(\d{{1,2}}){TO}(\d{{1,2}})|(?:\b(?:from|between)\s)?the\s(\d{{1,2}})(?:st|nd|rd|th)(?:{TO}|\sand\s)(?:the\s)?(\d{{1,2}})(?:st|nd|rd|th)|(?:从|從)?(\d{{1,2}})(?:号|號|日)?{TO}(\d{{1,2}})(?:号|號|日))"
    ))
});
/// "จันทร์ถึงพุธ", "from Monday to Wednesday", "周二到周四".
static WEEKDAYS: LazyLock<Regex> = LazyLock::new(|| {
    let [thai, english, chinese] = weekday::name_patterns();
    let week = "(?:这|這|本)?(?:周|週|星期|礼拜|禮拜)";
    compiled(&format!(
        r"(?:(?:วัน)?({thai}){TO}(?:วัน)?({thai})(?:\s?(?:สัปดาห์|อาทิตย์|วีค)?(นี้|หน้า))?|(?:\bfrom\s|\bbetween\s)?\b({english})(?:{TO}|\sand\s)({english})\b|(?:从|從)?(?:(下)(?:个|個)?(?:周|週|星期)|{week})({chinese}){TO}(?:(?:下)(?:周|週|星期)|{week})?({chinese}))"
    ))
});
/// "Jan-Mar 2027", "มกราคมถึงมีนาคม", "1月到3月".
static MONTHS: LazyLock<Regex> = LazyLock::new(|| {
    let (thai, english) = (alternation_beside_day(true), alternation_beside_day(false));
    compiled(&format!(
        r"(?:(?:เดือน)?({thai}){TO}(?:เดือน)?({thai})|(?:\b(?:from|between)\s)?\b({english})(?:\s(\d{{4}}))?(?:{TO}|\sand\s)({english})\b)(?:\s?(?:ปี)?\s?(\d{{4}}))?"
    ))
});
static NOW: LazyLock<Regex> = LazyLock::new(|| compiled(r"\b(?:from|between)\s(now)\b"));
static JOINT: LazyLock<Regex> = LazyLock::new(|| compiled(&format!("^{TO}$")));
static FROM_BEFORE: LazyLock<Regex> = LazyLock::new(|| compiled(r"(?:\b(?:from|between)\s|从|從)$"));
/// Who moves something from one day to another names two days.
static MOVING: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(?:mov(?:e|ed|ing)|chang(?:e|ed|ing)|reschedul(?:e|ed|ing)|postpon(?:e|ed)|shift(?:ed)?|push(?:ed)?|switch(?:ed)?|swap|delay(?:ed)?|bring)\b|เลื่อน|เปลี่ยน|ย้าย|改|换|換|挪",
    )
});

/// Reads the first and the last day of a run from a place.
type Reader<'a> = &'a dyn Fn(&Captures<'_>, EntityMoment) -> Option<(Date, Date)>;

/// `days` are the single days found in the text: two with a joint between them make a run.
pub(crate) fn find(text: &Text, days: &[Found], moment: EntityMoment) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut add = |pattern: &Regex, read: Reader<'_>| {
        for place in pattern.captures_iter(&text.lower) {
            let Some(whole) = place.get(0) else { continue };
            let end = whole.start() + whole.as_str().trim_end().len();
            if text.is_apart(whole.start(), end) && !is_moving(text, whole.start()) {
                found.extend(read(&place, moment).map(|range| period(range, whole.start(), end)));
            }
        }
    };
    add(&DAYS_OF_MONTH, &|place, moment| {
        same_month([place.get(5), place.get(4), place.get(2), place.get(3)], moment)
    });
    add(&MONTH_DAYS, &|place, moment| {
        same_month([place.get(5), place.get(2), place.get(3), place.get(4)], moment)
    });
    add(&NUMERIC, &|place, moment| {
        let before = text.lower[..place.get(0)?.start()].chars().next_back();
        let part = before.is_some_and(|sign| "/-.".contains(sign));
        same_month([place.get(4), place.get(3), place.get(1), place.get(2)], moment).filter(|_| !part)
    });
    add(&NUMERIC_PAIR, &|place, moment| {
        let from = date_of([None, Some(&place[2]), Some(&place[1])], moment)?;
        let to = date_of([None, Some(&place[4]), Some(&place[3])], moment)?;
        (from < to).then_some((from, to))
    });
    add(&CHINESE, &|place, moment| {
        same_month([place.get(2), place.get(3), place.get(4), place.get(5)], moment)
    });
    add(&DAYS_ALONE, &|place, moment| {
        // "the 3rd and the 5th" are two days.
        let two = place[0].contains(" and ") && !place[0].starts_with("between");
        days_alone(place, moment).filter(|_| !two)
    });
    add(&WEEKDAYS, &weekdays);
    let outlook = Outlook::of(text);
    add(&MONTHS, &|place, moment| {
        // "May and June" are two months.
        let two = place[0].contains(" and ") && !place[0].starts_with("between");
        months(place, outlook, moment).filter(|_| !two)
    });
    found.extend(joined(text, days, moment));
    found
}

/// Within 40 characters before the run.
fn is_moving(text: &Text, start: usize) -> bool {
    MOVING.is_match(text.near_before(start, 40))
}

/// Year, month, first and last day.
fn same_month(parts: [Option<regex::Match<'_>>; 4], moment: EntityMoment) -> Option<(Date, Date)> {
    let [year, month, first, last] = parts.map(|part| part.map(|part| part.as_str()));
    let to = date_of([year, month, last], moment)?;
    let from = Date::new(to.year(), to.month(), first?.parse().ok()?).ok()?;
    (from < to).then_some((from, to))
}

fn days_alone(place: &Captures<'_>, moment: EntityMoment) -> Option<(Date, Date)> {
    let pairs = [(1, 2), (3, 4), (5, 6)];
    let (first, last) =
        pairs.into_iter().find_map(|(first, last)| Some((place.get(first)?, place.get(last)?)))?;
    let to = coming_day(last.as_str().parse().ok()?, moment)?;
    let from = Date::new(to.year(), to.month(), first.as_str().parse().ok()?).ok()?;
    (from < to).then_some((from, to))
}

/// From the next such day to the next other after it.
fn weekdays(place: &Captures<'_>, moment: EntityMoment) -> Option<(Date, Date)> {
    let pairs = [(1, 2), (4, 5), (7, 8)];
    let (first, last) =
        pairs.into_iter().find_map(|(first, last)| Some((place.get(first)?, place.get(last)?)))?;
    let (first, last) = (weekday::number_of(first.as_str())?, weekday::number_of(last.as_str())?);
    let next_week = place.get(6).is_some() || place.get(3).is_some_and(|which| which.as_str() == "หน้า");
    let from = if next_week { weekday::in_week(first, 1, moment)? } else { weekday::coming(first, moment)? };
    let days = i64::from(last.to_monday_zero_offset()) - i64::from(first.to_monday_zero_offset());
    let to = from.checked_add(days.rem_euclid(7).days()).ok()?;
    (from < to).then_some((from, to))
}

fn months(place: &Captures<'_>, outlook: Outlook, moment: EntityMoment) -> Option<(Date, Date)> {
    let pairs = [(1, 2), (3, 5)];
    let (first, last) =
        pairs.into_iter().find_map(|(first, last)| Some((place.get(first)?, place.get(last)?)))?;
    let (first, last) = (month_of(first.as_str())?, month_of(last.as_str())?);
    let to_year = match place.get(6) {
        Some(year) => crate::entities::calendar::full_year(year.as_str(), moment)?,
        None => year_of_month(first, outlook, moment) + i16::from(last < first),
    };
    let from_year = match place.get(4) {
        Some(year) => crate::entities::calendar::full_year(year.as_str(), moment)?,
        None => to_year - i16::from(last < first),
    };
    let to_year =
        if place.get(6).is_none() { to_year.max(from_year + i16::from(last < first)) } else { to_year };
    let from = Date::new(from_year, first, 1).ok().filter(|_| from_year <= to_year)?;
    Some((from, Date::new(to_year, last, 1).ok()?.last_of_month()))
}

/// Two days with a joint between them, also of different kinds ("พรุ่งนี้ถึงวันศุกร์").
fn joined(text: &Text, days: &[Found], moment: EntityMoment) -> Vec<Found> {
    let now: Vec<Found> = NOW
        .captures_iter(&text.lower)
        .filter_map(|place| day(Some(moment.today), place.get(1)?.start(), place.get(1)?.end()))
        .collect();
    let mut sorted: Vec<&Found> = days.iter().filter(|day| day.kind == "date").chain(&now).collect();
    sorted.sort_by_key(|day| (day.start, std::cmp::Reverse(day.end)));
    sorted.dedup_by(|later, earlier| later.start < earlier.end);
    let pairs = sorted.windows(2).filter_map(|pair| {
        let [first, last] = pair else { return None };
        let between = text.near_before(first.start, 8).ends_with("between ")
            && text.lower.get(first.end..last.start) == Some(" and ");
        let joins =
            between || text.lower.get(first.end..last.start).is_some_and(|between| JOINT.is_match(between));
        let from: Date = first.value.as_str()?.parse().ok()?;
        let mut to: Date = last.value.as_str()?.parse().ok()?;
        // The second weekday is the one after the first; a day without a year may be next year's.
        if to < from {
            let near = from.since(to).ok()?.get_days() < 7;
            to = if near { to.checked_add(7.days()) } else { to.checked_add(1.year()) }.ok()?;
        }
        let lead = FROM_BEFORE.find(text.near_before(first.start, 8));
        let start = first.start - lead.map_or(0, |lead| lead.len());
        (joins && from < to && !is_moving(text, start)).then(|| period((from, to), start, last.end))
    });
    pairs.collect()
}
