//! Days counted from today.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use regex::Regex;

use crate::entities::number::Number;
use crate::entities::text::{Found, Text};

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
}

/// Day words and how far they are from today, longest first where one begins another.
const WORDS: &[(&str, i64)] = &[
    ("วันนี้", 0),
    ("คืนนี้", 0),
    ("เย็นนี้", 0),
    ("บ่ายนี้", 0),
    ("เช้านี้", 0),
    ("พรุ่งนี้", 1),
    ("พรุ้งนี้", 1),
    ("วันพรุ่ง", 1),
    ("มะรืนนี้", 2),
    ("มะรืน", 2),
    ("เมื่อวานซืน", -2),
    ("วานซืน", -2),
    ("เมื่อวานนี้", -1),
    ("เมื่อวาน", -1),
    ("เมื่อคืน", -1),
    ("day after tomorrow", 2),
    ("day before yesterday", -2),
    ("tomorrow", 1),
    ("tmr", 1),
    ("tmrw", 1),
    ("tomorow", 1),
    ("today", 0),
    ("tonight", 0),
    ("this morning", 0),
    ("this afternoon", 0),
    ("this evening", 0),
    ("yesterday", -1),
    ("last night", -1),
    ("今天", 0),
    ("今日", 0),
    ("今晚", 0),
    ("明天", 1),
    ("明日", 1),
    ("明晚", 1),
    ("后天", 2),
    ("後天", 2),
    ("昨天", -1),
    ("昨日", -1),
    ("昨晚", -1),
    ("前天", -2),
];

static DAY_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    let mut words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    Regex::new(&words.join("|")).expect("the words are constants")
});

/// A unit after a number, in days.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s?(?:(วัน|days?\b|天|日)|(สัปดาห์|อาทิตย์|weeks?\b|个?星期|個?星期|周))").expect("a constant")
});
static LATER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s?(?:ข้างหน้า|later\b|from (?:now|today)\b|from now\b|以?[后後]|之[后後])")
        .expect("a constant")
});
static EARLIER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s?(?:ก่อน|ที่แล้ว|มาแล้ว|ago\b|以?前|之前)").expect("a constant"));

pub(crate) fn find(text: &Text, numbers: &[Number], moment: EntityMoment) -> Vec<Found> {
    let words = DAY_WORDS.find_iter(&text.lower).filter_map(|place| {
        let days = WORDS.iter().find(|(word, _)| *word == place.as_str())?.1;
        let apart = text.is_apart(place.start(), place.end());
        apart.then(|| day(moment.plus(days), place.start(), place.end()))?
    });
    words.chain(numbers.iter().filter_map(|number| counted(text, number, moment))).collect()
}

pub(crate) fn day(date: Option<Date>, start: usize, end: usize) -> Option<Found> {
    date.map(|date| Found::special("date", start, end, date.to_string()))
}

/// "in 3 days", "อีก 3 วัน", "3天后", "2 weeks ago".
fn counted(text: &Text, number: &Number, moment: EntityMoment) -> Option<Found> {
    let unit = UNIT.captures(text.after(number.end))?;
    let length = if unit.get(1).is_some() { 1 } else { 7 };
    let days = number.whole(0, 3_650)? * length;
    let end = number.end + unit.get(0)?.end();
    if let Some(earlier) = EARLIER.find(text.after(end)) {
        return day(moment.plus(-days), number.start, end + earlier.end());
    }
    if let Some(later) = LATER.find(text.after(end)) {
        return day(moment.plus(days), number.start, end + later.end());
    }
    let before = text.before(number.start);
    let sign = ["อีก", "in", "再过", "再過"].into_iter().find(|sign| {
        let start = before.len().saturating_sub(sign.len());
        before.ends_with(sign) && text.is_apart(start, before.len())
    })?;
    day(moment.plus(days), before.len() - sign.len(), end)
}
