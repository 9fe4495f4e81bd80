//! Days of the calendar from what is written of them.

use jiff::civil::Date;

use crate::entities::months::month_of;
use crate::entities::relative::EntityMoment;

/// From what is written for year, month and day.
pub(crate) fn date_of([year, month, day_of_month]: [Option<&str>; 3], moment: EntityMoment) -> Option<Date> {
    let month: i8 = month.and_then(|month| month_of(month).or_else(|| month.parse().ok()))?;
    let day_of_month: i8 = day_of_month?.parse().ok()?;
    match year {
        Some(year) => Date::new(full_year(year, moment)?, month, day_of_month).ok(),
        None => coming(month, day_of_month, moment),
    }
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
pub(crate) fn coming(month: i8, day_of_month: i8, moment: EntityMoment) -> Option<Date> {
    let this = Date::new(moment.today.year(), month, day_of_month).ok();
    let earliest = moment.plus(-60)?;
    match this {
        Some(date) if date >= earliest => Some(last_year_if_near(date, moment)),
        _ => Date::new(moment.today.year() + 1, month, day_of_month).ok(),
    }
}

/// In January "28 December" was a few days ago.
fn last_year_if_near(date: Date, moment: EntityMoment) -> Date {
    let last = Date::new(date.year() - 1, date.month(), date.day()).ok();
    let earliest = moment.plus(-60);
    last.filter(|last| earliest.is_some_and(|earliest| *last >= earliest)).unwrap_or(date)
}

/// The next day of that number, today included.
pub(crate) fn coming_day(day_of_month: i8, moment: EntityMoment) -> Option<Date> {
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

/// The last day of that number, today included.
pub(crate) fn past_day(day_of_month: i8, moment: EntityMoment) -> Option<Date> {
    let in_month = |steps: i64| day_in_month(day_of_month, steps, moment);
    [0, -1, -2].into_iter().filter_map(in_month).find(|date| *date <= moment.today)
}

/// The day of that number in the month `steps` after this one.
pub(crate) fn day_in_month(day_of_month: i8, steps: i64, moment: EntityMoment) -> Option<Date> {
    let first = moment.today.first_of_month();
    let month = first.checked_add(jiff::Span::new().try_months(steps).ok()?).ok()?;
    Date::new(month.year(), month.month(), day_of_month).ok()
}

/// Which month a word names: "this", "next" or "last" one.
pub(crate) fn steps(which: &str) -> i64 {
    match which {
        "นี้" | "this" | "current" | "这" | "這" | "本" | "今" => 0,
        "หน้า" | "ถัดไป" | "next" | "nxt" | "following" | "coming" | "下" | "明" => 1,
        "下下" | "后" | "後" => 2,
        "上上" => -2,
        _ => -1,
    }
}
