//! Days that English counts from another day: "a week on Tuesday", "two weeks today", "three Fridays from now".

use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};
use regex::{Captures, Regex};

use crate::entities::calendar::{coming_day, day_in_month, full_year, steps};
use crate::entities::month::{Outlook, year_nearest};
use crate::entities::months::{alternation_beside_day, month_of};
use crate::entities::relative::{EntityMoment, day};
use crate::entities::text::{Found, Text, compiled};
use crate::entities::weekday::{coming, in_week, name_patterns, number_of};

const COUNT: &str = "an?|one|two|three|four|five|six|eight|ten|[1-9][0-9]?";

/// "a week on Tuesday", "two weeks today", "3 days after Friday".
static SHIFTED: LazyLock<Regex> = LazyLock::new(|| {
    let [_, names, _] = name_patterns();
    compiled(&format!(
        r"\b({COUNT})\s(days?|weeks?|fortnights?|months?)\s(?:(from|on|after|before|following)\s)?(?:(today|tomorrow|tmrw?)|(?:(next)\s)?({names}))\b"
    ))
});
/// "Tuesday week".
static WEEKDAY_WEEK: LazyLock<Regex> = LazyLock::new(|| {
    let [_, names, _] = name_patterns();
    compiled(&format!(r"\b({names}|today|tomorrow)\s(week|fortnight)\b"))
});
/// "three Fridays from now", "in two Mondays", "two Sundays ago".
static WEEKDAYS: LazyLock<Regex> = LazyLock::new(|| {
    let [_, names, _] = name_patterns();
    compiled(&format!(r"\b(in\s)?({COUNT})\s({names})s?(\sfrom\s(?:now|today)\b|\saway\b|\sago\b)?"))
});
/// "Friday after next", "Thursday of next week", "next week on Thursday", "Friday the 27th".
static BESIDE: LazyLock<Regex> = LazyLock::new(|| {
    let [_, names, _] = name_patterns();
    let which = "this|next|last|the following";
    compiled(&format!(
        r"\b(?:({names})\s(?:(after\snext)|(before\slast))|({names}),?\s(?:of\s|in\s)?({which})\sweek|({which})\sweek,?\s(?:on\s)?({names})|(?:(?:this|next|coming)\s)?(?:{names}),?\s(?:the\s)?(\d{{1,2}})(?:st|nd|rd|th))\b"
    ))
});
/// "first Monday of December", "last Friday of the month".
static ORDINAL: LazyLock<Regex> = LazyLock::new(|| {
    let ([_, names, _], months) = (name_patterns(), alternation_beside_day(false));
    compiled(&format!(
        r"\b(first|second|third|fourth|1st|2nd|3rd|4th|last)\s({names})\s(?:of|in)\s(?:(this|next|the)\smonth|({months})(?:\s(\d{{4}}))?)\b"
    ))
});
/// After these a count of weeks is how long something took.
static LENGTH_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:\b(?:been|for|took|takes?|waited|waiting|lasted|another|only|over|nearly|almost|last|past)|\bits|\bit's)\s(?:[a-z]+\s)?$",
    )
});

pub(crate) fn find(text: &Text, moment: EntityMoment) -> Vec<Found> {
    let mut found = Vec::new();
    let readers: [(&Regex, Reader<'_>); 5] = [
        (&SHIFTED, &shifted),
        (&WEEKDAY_WEEK, &weekday_week),
        (&WEEKDAYS, &weekdays),
        (&BESIDE, &beside),
        (&ORDINAL, &ordinal),
    ];
    for (pattern, read) in readers {
        found.extend(pattern.captures_iter(&text.lower).filter_map(|place| {
            let whole = place.get(0)?;
            let apart = text.is_apart(whole.start(), whole.end());
            apart.then(|| day(read(text, &place, moment), whole.start(), whole.end()))?
        }));
    }
    found
}

/// "two days before 5 December", "the day after Friday"; `days` are the days found in the text.
pub(crate) fn of_days(text: &Text, days: &[Found]) -> Vec<Found> {
    let found = days.iter().filter(|found| found.kind == "date").filter_map(|found| {
        let before = text.near_before(found.start, 32);
        let place = BESIDE_DATE.captures(before)?;
        let date: Date = found.value.as_str()?.parse().ok()?;
        let count = place.get(1).map_or(Some(1), |count| count_of(count.as_str()))?;
        let count = if &place[3] == "before" { -count } else { count };
        let span = Span::new();
        let span = if place[2].starts_with("day") { span.try_days(count) } else { span.try_weeks(count) };
        let start = found.start - before.len() + place.get(0)?.start();
        day(date.checked_add(span.ok()?).ok(), start, found.end)
    });
    found.collect()
}

static BESIDE_DATE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(r"\b(?:({COUNT})\s)?(days?|weeks?)\s(before|after|from)\s(?:the\s)?$"))
});

type Reader<'a> = &'a dyn Fn(&Text, &Captures<'_>, EntityMoment) -> Option<Date>;

fn count_of(written: &str) -> Option<i64> {
    let words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let place =
        words.iter().position(|word| *word == written).and_then(|place| i64::try_from(place + 1).ok());
    if matches!(written, "a" | "an") { Some(1) } else { place.or_else(|| written.parse().ok()) }
}

fn shifted(text: &Text, place: &Captures<'_>, moment: EntityMoment) -> Option<Date> {
    let (unit, joint) = (&place[2], place.get(3).map(|joint| joint.as_str()));
    let short = unit.starts_with("day") || (unit.starts_with("month") && place.get(4).is_none());
    if (short && matches!(joint, None | Some("on")))
        || (joint.is_none() && LENGTH_BEFORE.is_match(text.near_before(place.get(0)?.start(), 24)))
    {
        return None;
    }
    let base = match (place.get(4), place.get(6)) {
        (Some(word), _) => moment.plus(i64::from(word.as_str() != "today"))?,
        (None, Some(name)) if place.get(5).is_some() => in_week(number_of(name.as_str())?, 1, moment)?,
        (None, name) => coming(number_of(name?.as_str())?, moment)?,
    };
    let count = count_of(&place[1])? * if joint == Some("before") { -1 } else { 1 };
    let span = Span::new();
    let span = match unit.trim_end_matches('s') {
        "day" => span.try_days(count),
        "week" => span.try_weeks(count),
        "fortnight" => span.try_weeks(2 * count),
        _ => span.try_months(count),
    };
    base.checked_add(span.ok()?).ok()
}

fn weekday_week(text: &Text, place: &Captures<'_>, moment: EntityMoment) -> Option<Date> {
    let goes_on =
        text.after(place.get(0)?.end()).trim_start().starts_with(|next: char| next.is_ascii_digit());
    let weeks = if &place[2] == "week" { 1 } else { 2 };
    let date = match &place[1] {
        "today" => moment.today,
        "tomorrow" => moment.plus(1)?,
        name => coming(number_of(name)?, moment)?,
    };
    (!goes_on).then(|| date.checked_add(weeks.weeks()).ok())?
}

/// The first of them comes after today, or was before it.
fn weekdays(_: &Text, place: &Captures<'_>, moment: EntityMoment) -> Option<Date> {
    let name = number_of(&place[3])?;
    let tail = place.get(4).map(|tail| tail.as_str().trim());
    let count = count_of(&place[2])?;
    let days = match tail {
        None if place.get(1).is_none() || count < 2 => return None,
        Some("ago") => -days_since(name, moment) - 7 * (count - 1),
        _ => 7 - days_since(name, moment) % 7 + 7 * (count - 1),
    };
    moment.plus(days)
}

/// Days since the last such weekday before today, one to seven.
fn days_since(name: Weekday, moment: EntityMoment) -> i64 {
    let offset = |day: Weekday| i64::from(day.to_monday_zero_offset());
    (offset(moment.today.weekday()) - offset(name) - 1).rem_euclid(7) + 1
}

fn beside(_: &Text, place: &Captures<'_>, moment: EntityMoment) -> Option<Date> {
    if let Some(name) = place.get(1) {
        let name = number_of(name.as_str())?;
        return match place.get(2) {
            Some(_) => in_week(name, 2, moment),
            None => moment.plus(-days_since(name, moment) - 7),
        };
    }
    if let Some(number) = place.get(8) {
        return coming_day(number.as_str().parse().ok()?, moment);
    }
    let name = place.get(4).or(place.get(7))?;
    let which = place.get(5).or(place.get(6))?.as_str();
    in_week(number_of(name.as_str())?, steps(which.trim_start_matches("the ")), moment)
}

fn ordinal(_: &Text, place: &Captures<'_>, moment: EntityMoment) -> Option<Date> {
    let first = match (place.get(3), place.get(4)) {
        (Some(which), _) if which.as_str() == "the" => moment.today.first_of_month(),
        (Some(which), _) => day_in_month(1, steps(which.as_str()), moment)?,
        (None, month) => {
            let month = month_of(month?.as_str())?;
            let year = match place.get(5) {
                Some(year) => full_year(year.as_str(), moment)?,
                None => year_nearest(month, Outlook::none(), moment),
            };
            Date::new(year, month, 1).ok()?
        }
    };
    let name = number_of(&place[2])?;
    let nth = match &place[1] {
        "last" => return first.nth_weekday_of_month(-1, name).ok(),
        "first" | "1st" => 1,
        "second" | "2nd" => 2,
        "third" | "3rd" => 3,
        _ => 4,
    };
    first.nth_weekday_of_month(nth, name).ok()
}
