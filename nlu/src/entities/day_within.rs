//! Days told by the week or the month in which they lie: "วันพุธสัปดาห์หน้า", "เดือนหน้าวันที่ 5", "next month on the 5th".

use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use regex::{Captures, Match, Regex};

use crate::entities::calendar::{day_in_month, steps};
use crate::entities::relative::{EntityMoment, day};
use crate::entities::text::{Found, Text, compiled};
use crate::entities::weekday::{in_week, name_patterns, number_of};
use crate::words::is_thai_boundary;

const WEEK: &str = "สัปดาห์|อาทิตย์|วีค";
const WHICH: &str = "นี้|หน้า|ถัดไป|ก่อน|ที่แล้ว|ที่ผ่านมา";

static DAY_OF_WEEK: LazyLock<Regex> = LazyLock::new(|| {
    let [names, _, _] = name_patterns();
    compiled(&format!(r"(?:วัน)?({names})\s?(?:ของ|ใน)?({WEEK})\s?({WHICH})"))
});
static WEEK_AND_DAY: LazyLock<Regex> = LazyLock::new(|| {
    let [names, _, _] = name_patterns();
    compiled(&format!(r"(?:{WEEK})\s?({WHICH})\s?(?:ตอน|เป็น)?วัน({names})"))
});
static MONTH_AND_DAY: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"(?:เดือน\s?({WHICH})\s?(?:ตอน|เป็น)?วันที่\s?(\d{{1,2}})|\b(this|next|last)\smonth,?\s(?:on\s)?the\s(\d{{1,2}})(?:st|nd|rd|th))"
    ))
});

pub(crate) fn find(text: &Text, moment: EntityMoment) -> Vec<Found> {
    let week = |name: &str, which: &str| in_week(weekday(name)?, steps(which), moment);
    let mut found = Vec::new();
    let mut add = |pattern: &Regex, read: &dyn Fn(&Captures<'_>) -> Option<Date>| {
        let places = pattern.captures_iter(&text.lower).filter_map(|place| {
            let whole = place.get(0)?;
            ends(text, whole).then(|| day(read(&place), whole.start(), whole.end()))?
        });
        found.extend(places);
    };
    add(&DAY_OF_WEEK, &|place| {
        // "เสาร์อาทิตย์หน้า" is the next weekend.
        let weekend = &place[1] == "เสาร์" && &place[2] == "อาทิตย์";
        week(&place[1], &place[3]).filter(|_| !weekend)
    });
    add(&WEEK_AND_DAY, &|place| week(&place[2], &place[1]));
    add(&MONTH_AND_DAY, &|place| {
        let (which, number) = (place.get(1).or(place.get(3))?, place.get(2).or(place.get(4))?);
        day_in_month(number.as_str().parse().ok()?, steps(which.as_str()), moment)
    });
    found
}

/// Short names end with a stop, which other words have too.
fn weekday(name: &str) -> Option<Weekday> {
    number_of(name).filter(|_| !name.ends_with('.'))
}

/// No letter of the same word and no further part of a date follows.
fn ends(text: &Text, whole: Match<'_>) -> bool {
    let after = text.after(whole.end());
    is_thai_boundary(&text.lower, whole.end())
        && text.is_apart(whole.end(), whole.end())
        && !after.starts_with(['/', '-', ':'])
}
