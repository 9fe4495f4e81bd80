//! Whole months by their names.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use crate::entities::calendar::{full_year, steps};
use crate::entities::date::is_short_year;
use crate::entities::months::{alternation, is_only_a_month, month_of};
use crate::entities::number_words::chinese_value;
use crate::entities::period::period;
use crate::entities::relative::EntityMoment;
use crate::entities::text::{Found, Text, compiled};
use crate::entities::weekday::is_person;
use crate::words::is_thai_boundary;

static MONTH_NAME: LazyLock<Regex> = LazyLock::new(|| {
    let (thai, english) = (alternation(true), alternation(false));
    compiled(&format!(
        r"(?:(เดือน|\b(?:in|of|for|during|since|until|till|by|from)\s)({thai}|{english})|({thai}|{english}))(?:\s?(?:ปี|พ\.ศ\.|ค\.ศ\.)?\s?(\d{{4}})|\s?([67]\d)\b|นี้)?"
    ))
});
static CHINESE_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"(?:(\d{4})年|(今|明|去)年)?(\d{1,2}|十[一二]?|[一二三四五六七八九])月(?:份)?")
});
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

/// "เดือนมกราคม", "in january 2026"; a name that may also be a person's or a verb is no month alone ("may", "เมษา").
pub(crate) fn find(text: &Text, moment: EntityMoment) -> Vec<Found> {
    let outlook = Outlook::of(text);
    let places = MONTH_NAME.captures_iter(&text.lower);
    let found = places.filter_map(|place| {
        let whole = place.get(0)?;
        let name = place.get(2).or(place.get(3))?;
        let english = name.as_str().is_ascii();
        let short = place.get(5).filter(|year| !english && is_short_year(text, year.as_str(), year.end()));
        let (lead, year) = (place.get(1), place.get(4).or(short));
        // "may" after "in" is the month; "for may" and "from april" may be people.
        let lead_tells = lead.is_some_and(|lead| {
            !english || !matches!(lead.as_str(), "for " | "from " | "of " | "by ") || name.len() > 5
        });
        let told = lead_tells || year.is_some() || is_only_a_month(name.as_str());
        let start = if english { name.start() } else { whole.start() };
        let end = match (place.get(5), short) {
            (Some(_), None) => name.end(),
            _ => whole.start() + whole.as_str().trim_end().len(),
        };
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
    let chinese = CHINESE_MONTH.captures_iter(&text.lower);
    found.chain(chinese.filter_map(|place| chinese_month(text, &place, outlook, moment))).collect()
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
    /// Neither.
    pub(crate) fn none() -> Self {
        Self { back: false, forward: false }
    }

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
pub(crate) fn year_nearest(month: i8, outlook: Outlook, moment: EntityMoment) -> i16 {
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
