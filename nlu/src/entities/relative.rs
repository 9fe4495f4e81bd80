//! Days counted from today.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use regex::Regex;

use crate::entities::number::Number;
use crate::entities::spelling::{is_near, tolerant, without_tones};
use crate::entities::text::{Found, Text, compiled};

/// The day on which the person writes: relative dates count from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntityMoment {
    pub(crate) today: Date,
}

impl EntityMoment {
    /// `now_us` are microseconds since 1970 UTC; `offset_minutes` are minutes east of UTC. Moments outside the years
    /// that a date can hold count as 1970.
    pub fn new(now_us: i64, offset_minutes: i32) -> Self {
        let local = now_us.saturating_add(i64::from(offset_minutes).saturating_mul(60_000_000));
        let moment = Timestamp::from_microsecond(local).unwrap_or(Timestamp::UNIX_EPOCH);
        Self { today: jiff::tz::Offset::UTC.to_datetime(moment).date() }
    }

    /// The day `days` after today.
    pub(crate) fn plus(self, days: i64) -> Option<Date> {
        self.today.checked_add(Span::new().try_days(days).ok()?).ok()
    }

    /// The day `count` days (unit 0), weeks (1), months (2) or years (3) after today.
    fn plus_units(self, unit: usize, count: i64) -> Option<Date> {
        let span = Span::new();
        let span = match unit {
            0 => span.try_days(count),
            1 => span.try_weeks(count),
            2 => span.try_months(count),
            _ => span.try_years(count),
        };
        self.today.checked_add(span.ok()?).ok()
    }
}

/// Day words and how far they are from today.
const WORDS: &[(&str, i64)] = &[
    ("วันนี้", 0),
    ("คืนนี้", 0),
    ("เย็นนี้", 0),
    ("บ่ายนี้", 0),
    ("เช้านี้", 0),
    ("เที่ยงนี้", 0),
    ("พรุ่งนี้", 1),
    ("พุ่งนี้", 1),
    ("พรุ่งนี่", 1),
    ("วันพรุ่งนี้", 1),
    ("วันพรุ่ง", 1),
    ("มะรืนนี้", 2),
    ("มะรืน", 2),
    ("วันมะรืน", 2),
    ("วันมะรืนนี้", 2),
    ("มะเรื่อง", 3),
    ("มะเรื่องนี้", 3),
    ("เมื่อวานซืน", -2),
    ("เมื่อวานซืนนี้", -2),
    ("วานซืน", -2),
    ("เมื่อวานนี้", -1),
    ("เมื่อวาน", -1),
    ("เมื่อคืน", -1),
    ("เมื่อคืนนี้", -1),
    ("เมื่อเช้า", 0),
    ("เมื่อเช้านี้", 0),
    ("เมื่อกลางวัน", 0),
    ("day after tomorrow", 2),
    ("day after tmr", 2),
    ("day after tmrw", 2),
    ("day before yesterday", -2),
    ("tomorrow", 1),
    ("tmr", 1),
    ("tmrw", 1),
    ("tmw", 1),
    ("tmrow", 1),
    ("2moro", 1),
    ("2morrow", 1),
    ("2mrw", 1),
    ("2mro", 1),
    ("tomoz", 1),
    ("tomoro", 1),
    ("tmrrw", 1),
    ("this arvo", 0),
    ("last evening", -1),
    ("yday", -1),
    ("today", 0),
    ("2day", 0),
    ("tonight", 0),
    ("tonite", 0),
    ("2nite", 0),
    ("this morning", 0),
    ("this afternoon", 0),
    ("this evening", 0),
    ("yesterday", -1),
    ("ystd", -1),
    ("last night", -1),
    ("今天", 0),
    ("今日", 0),
    ("今儿", 0),
    ("今晚", 0),
    ("今早", 0),
    ("明天", 1),
    ("明日", 1),
    ("明儿", 1),
    ("明晚", 1),
    ("明早", 1),
    ("后天", 2),
    ("後天", 2),
    ("大后天", 3),
    ("大後天", 3),
    ("昨天", -1),
    ("昨日", -1),
    ("昨晚", -1),
    ("昨儿", -1),
    ("前天", -2),
    ("前日", -2),
    ("大前天", -3),
];

/// Words that are often misspelt, with the letters that may be wrong.
const MISSPELT: &[(&str, i64)] = &[("tomorrow", 1), ("yesterday", -1), ("tonight", 0)];

static DAY_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    let mut words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    compiled(&words.iter().map(|word| tolerant(word)).collect::<Vec<_>>().join("|"))
});
static LATIN_WORD: LazyLock<Regex> = LazyLock::new(|| compiled(r"\b[a-z]{6,11}\b"));

/// A unit after a number: days, weeks, months, years.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^\s?(?:(วัน|days?\b|天|日)|(สัปดา(?:ห์)?|อาทิตย์|วีค|weeks?\b|wks?\b|(?:个|個)?(?:星期|礼拜|禮拜)|周|週)|(เดือน|months?\b|个月|個月)|(ปี|years?\b|yrs?\b|年))",
    )
});
static LATER: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"^\s?(?:ข้างหน้า|later\b|from (?:now|today)\b|以?[后後]|之[后後])"));
static EARLIER: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"^\s?(?:ก่อน|ที่แล้ว|มาแล้ว|ago\b|back\b|earlier\b|以?前|之前)"));
/// "in a week", "a month ago", "อาทิตย์ที่แล้ว" is a week of its own.
static ONE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(in\s)?an?\s(day|week|month|year|fortnight)(\sago\b|\sfrom (?:now|today)\b|\slater\b|['’]s\stime\b)?\b",
    )
});

/// "in two weeks' time".
static IN_TIME: LazyLock<Regex> = LazyLock::new(|| compiled(r"^['’]?\stime\b"));

pub(crate) fn find(text: &Text, numbers: &[Number], moment: EntityMoment) -> Vec<Found> {
    let words = DAY_WORDS.find_iter(&text.lower).filter_map(|place| {
        let days = days_of(place.as_str())?;
        let apart = text.is_loosely_apart(place.start(), place.end());
        apart.then(|| day(moment.plus(days), place.start(), place.end()))?
    });
    let misspelt = LATIN_WORD.find_iter(&text.lower).filter_map(|place| {
        let near = |(word, _): &&(&str, i64)| {
            *word != place.as_str() && is_near(word, place.as_str(), if word.len() > 7 { 2 } else { 1 })
        };
        let days = MISSPELT.iter().find(near)?.1;
        day(moment.plus(days), place.start(), place.end())
    });
    let one = ONE.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let article = place.get(1).map_or(whole.start(), |lead| lead.end());
        if place.get(1).is_some() && LENGTH_BEFORE.is_match(text.near_before(article, 48)) {
            return None;
        }
        let sign = match (place.get(1), place.get(3)) {
            (_, Some(after)) if after.as_str() == " ago" => -1,
            (None, None) => return None,
            _ => 1,
        };
        let date = match ["day", "week", "month", "year"].iter().position(|unit| *unit == &place[2]) {
            Some(unit) => moment.plus_units(unit, sign),
            None => moment.plus(14 * sign),
        };
        day(date, whole.start(), whole.end())
    });
    let counted = numbers.iter().filter_map(|number| counted(text, number, moment));
    words.chain(misspelt).chain(one).chain(counted).collect()
}

fn days_of(written: &str) -> Option<i64> {
    let plain = without_tones(written);
    WORDS.iter().find(|(word, _)| without_tones(word) == plain).map(|(_, days)| *days)
}

pub(crate) fn day(date: Option<Date>, start: usize, end: usize) -> Option<Found> {
    date.map(|date| Found::special("date", start, end, date.to_string()))
}

static LENGTH_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:\b(?:never|not|no|once|twice|times|first|best|worst|only|hasnt|havent|didnt)\b|n't\b)[^.?!]*\bin\s$",
    )
});

/// "in 3 days", "อีก 3 วัน", "3天后", "2 weeks ago".
fn counted(text: &Text, number: &Number, moment: EntityMoment) -> Option<Found> {
    let unit = UNIT.captures(text.after(number.end))?;
    let kind = (0..4).find(|kind| unit.get(kind + 1).is_some())?;
    let count = number.whole(0, 3_650)?;
    let end = number.end + unit.get(0)?.end();
    let end = end + IN_TIME.find(text.near_after(end, 8)).map_or(0, |time| time.end());
    if let Some(earlier) = EARLIER.find(text.after(end)) {
        return day(moment.plus_units(kind, -count), number.start, end + earlier.end());
    }
    if let Some(later) = LATER.find(text.after(end)) {
        return day(moment.plus_units(kind, count), number.start, end + later.end());
    }
    let before = text.before(number.start);
    // "never a problem in 12 years" and "twice in one day" tell how long.
    if before.ends_with("in") && LENGTH_BEFORE.is_match(text.near_before(number.start, 48)) {
        return None;
    }
    let sign = ["อีก", "in", "再过", "再過"].into_iter().find(|sign| {
        let start = before.len().saturating_sub(sign.len());
        before.ends_with(sign) && text.is_apart(start, before.len())
    })?;
    day(moment.plus_units(kind, count), before.len() - sign.len(), end)
}
