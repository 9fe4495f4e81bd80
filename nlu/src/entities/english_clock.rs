//! Times of day as English tells them: "half past two", "eight thirty", "6 in the evening", "by 5 tomorrow".

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::entities::clock::{HALF, at, by_day, with_half};
use crate::entities::number::Number;
use crate::entities::number_words::english_word;
use crate::entities::text::{Found, Text, compiled};

const HOURS: &str = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve";

/// "6 in the evening", "10 at night", "3:15 in the afternoon".
static PART: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?:[:.](\d{2}))?(?:\so'?clock)?\s(?:in the (morning|afternoon|evening)|at (night))\b",
    )
});
/// "half past 2 pm", "quarter to six".
static PAST: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"\b(?:(half)|(?:a\s)?(quarter)|(\d{{1,2}}|five|ten|twenty(?:[\s-]five)?)(?:\smin(?:ute)?s?)?)\s(past|after|to|til|before)\s(\d{{1,2}}|{HOURS})(?:\s?{HALF})?(?:\so'?clock)?\b(?:\s(?:in\sthe\s(?:(morning)|afternoon|evening)|at\snight)\b)?"
    ))
});
/// "half seven".
static HALF_HOUR: LazyLock<Regex> =
    LazyLock::new(|| compiled(&format!(r"\bhalf\s(\d{{1,2}}|{HOURS})(?:\s?{HALF})?\b")));
/// "eight thirty", "nine fifteen am".
static SPOKEN: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"\b(\d{{1,2}}|{HOURS})\s(oh\sfive|ten|fifteen|twenty|thirty|forty|fifty|(?:twenty|thirty|forty|fifty)[\s-]?five)(?:\s?{HALF})?\b"
    ))
});
/// "8-ish tonight", "around 7ish".
static ABOUT_AFTER: LazyLock<Regex> =
    LazyLock::new(|| compiled(&format!(r"\b(\d{{1,2}}|{HOURS})(?:[:.](\d{{2}}))?(?:\s?{HALF})?\s?-?ish\b")));
/// "open from 9 to 5", "deliver between 2 and 4".
static FROM_TO: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(?:open|opening|hours|work|working|shift|available|free|closed|home|office|deliver|delivery|come|call|visit|here)\b[^.?!\d]{0,20}?\s(\d{1,2})\s?(?:-|–|to|and|until|till)\s?(\d{1,2})\b",
    )
});
static AFTER_WORD: LazyLock<Regex> = LazyLock::new(|| compiled(&format!(r"^\s?(?:{HALF}|(o'?\s?clock\b))")));
/// What may follow an hour without its unit.
static AFTER_HOUR: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^\s?(?:$|[,?!;)]|\.(?:\s|$)|(?:today|tomorrow|tmrw?|tonight|this|on|and|or|then|please|pls|sharp|for|if|with|but|so|is|can|latest|every|daily|mon(?:day)?|tues?(?:day)?|wed(?:nesday)?|thurs?(?:day)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\b)",
    )
});
/// Words before an hour without its unit.
static BEFORE_HOUR: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:\b(?:at|by|before|after|until|till|til)|@)\s?$"));
/// "reduce it by 5": how much, not when.
static BY_HOW_MUCH: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:\b(?:increas(?:e|ed|es)|reduced?|raised?|lower(?:ed)?|extend(?:ed)?|multiply|multiplied|divided?|up|down|over|short|out|off|grown?|\d+)\s(?:it\s|this\s)?by|\b(?:day|week|month|year|hour)s?\s(?:before|after))\s?$",
    )
});
/// "come around 6": where somebody is expected, about is a time.
static ABOUT_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(?:come|coming|came|arriv(?:e|ing|ed)|up|collect|drop|call|there|meet|visit|check|home|back|land|reach|be|start|close|open|leave|pickup|delivery)\b[^.?!,\d]{0,16}\b(?:around|about)\s$",
    )
});
static ABOUT: LazyLock<Regex> = LazyLock::new(|| compiled(r"\b(?:around|about)\s$"));
static DAY_AFTER: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"^\s(?:tonight|tomorrow|tmrw?|today|this|on)\b"));
static EVENING: LazyLock<Regex> = LazyLock::new(|| compiled(r"\b(?:tonight|evening|dinner|night)\b"));
static MORNING: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"\b(?:(?:this|tomorrow|tmrw?|[a-z]{3,6}day|next|early|the)\smorning|breakfast)\b")
});
static EVENING_BESIDE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^\s(?:tonight|this\s(?:evening|afternoon)|(?:tomorrow|tmrw?|[a-z]{3,6}day)\s(?:evening|night|afternoon))\b",
    )
});
static EVENING_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"\b(?:tonight|this evening|this afternoon|day (?:evening|night|afternoon))(?:\sat|\s@|,)?\s$")
});

pub(crate) fn find(text: &Text, numbers: &[Number]) -> Vec<Found> {
    let mut found: Vec<Found> =
        PART.captures_iter(&text.lower).filter_map(|place| in_part(text, &place)).collect();
    found.extend(PAST.captures_iter(&text.lower).filter_map(|place| past(text, &place)));
    found.extend(HALF_HOUR.captures_iter(&text.lower).filter_map(|place| half_hour(text, &place)));
    found.extend(SPOKEN.captures_iter(&text.lower).filter_map(|place| spoken(text, &place)));
    found.extend(ABOUT_AFTER.captures_iter(&text.lower).filter_map(|place| about(text, &place)));
    found.extend(
        FROM_TO.captures_iter(&text.lower).filter_map(|place| from_to(text, &place)).flatten().flatten(),
    );
    found.extend(numbers.iter().filter_map(|number| worded(text, number).or_else(|| plain(text, number))));
    found
}

/// "7:30 tonight", "tonight at 7:30".
pub(crate) fn is_beside_evening(text: &Text, start: usize, end: usize) -> bool {
    EVENING_BESIDE.is_match(text.near_after(end, 32)) || EVENING_BEFORE.is_match(text.near_before(start, 24))
}

/// An hour without its half of the day, by the words around it.
fn hour_of(text: &Text, hour: i64, start: usize, end: usize) -> i64 {
    let (before, after) = (text.near_before(start, 60), text.near_after(end, 40));
    let after = after.split(['.', '?', '!']).next().unwrap_or_default();
    if MORNING.is_match(after) || (MORNING.is_match(before) && !EVENING.is_match(after)) {
        return hour;
    }
    let evening = (5..12).contains(&hour) && (EVENING.is_match(before) || EVENING.is_match(after));
    if evening { hour + 12 } else { by_day(hour) }
}

/// The half of the day that is written, or what the words around the time say.
fn with_words(
    text: &Text,
    hour: i64,
    half: Option<regex::Match<'_>>,
    whole: regex::Match<'_>,
) -> Option<i64> {
    match half {
        Some(half) => with_half(hour, Some(half.as_str().starts_with('p'))),
        None => Some(hour_of(text, hour, whole.start(), whole.end())),
    }
}

fn in_part(text: &Text, place: &Captures<'_>) -> Option<Found> {
    let whole = place.get(0)?;
    let hour: i64 = small(&place[1])?;
    let minute: i64 = place.get(2).map_or(Ok(0), |minutes| minutes.as_str().parse()).ok()?;
    let afternoon = place.get(3).is_none_or(|part| part.as_str() != "morning");
    let apart = text.is_apart(whole.start(), whole.end());
    apart.then(|| at(with_half(hour, Some(afternoon))?, minute, whole.start(), whole.end()))?
}

/// "half seven" is half past it.
fn half_hour(text: &Text, place: &Captures<'_>) -> Option<Found> {
    let whole = place.get(0)?;
    let hour = small(&place[1]).filter(|hour| (1..=12).contains(hour))?;
    let told = place.get(2).is_some() || AFTER_HOUR.is_match(text.near_after(whole.end(), 12));
    told.then(|| at(with_words(text, hour, place.get(2), whole)?, 30, whole.start(), whole.end()))?
}

fn about(text: &Text, place: &Captures<'_>) -> Option<Found> {
    let whole = place.get(0)?;
    let hour = small(&place[1]).filter(|hour| (1..=12).contains(hour))?;
    let minutes = place.get(2).map_or(Some(0), |minutes| small(minutes.as_str()))?;
    let after = text.near_after(whole.end(), 12);
    let told = place.get(3).is_some() || AFTER_HOUR.is_match(after) || DAY_AFTER.is_match(after);
    told.then(|| at(with_words(text, hour, place.get(3), whole)?, minutes, whole.start(), whole.end()))?
}

fn spoken(text: &Text, place: &Captures<'_>) -> Option<Found> {
    let whole = place.get(0)?;
    let hour = small(&place[1]).filter(|hour| (1..=12).contains(hour))?;
    let lead = BEFORE_HOUR.is_match(text.near_before(whole.start(), 12))
        || ABOUT.is_match(text.near_before(whole.start(), 12));
    let ends = AFTER_HOUR.is_match(text.near_after(whole.end(), 12));
    let told =
        place.get(3).is_some() || (lead && ends) || DAY_AFTER.is_match(text.near_after(whole.end(), 12));
    let minutes = small(&place[2])?;
    told.then(|| at(with_words(text, hour, place.get(3), whole)?, minutes, whole.start(), whole.end()))?
}

/// The first hour is in the morning from seven on, and the second comes after it.
fn from_to(text: &Text, place: &Captures<'_>) -> Option<[Option<Found>; 2]> {
    let (first, last) = (place.get(1)?, place.get(2)?);
    let hour = |written: &str| written.parse::<i64>().ok().filter(|hour| (1..=12).contains(hour));
    let (from, to) = (by_day(hour(first.as_str())?), by_day(hour(last.as_str())?));
    let to = if to <= from && to < 12 { to + 12 } else { to };
    let ends = AFTER_HOUR.is_match(text.near_after(last.end(), 12));
    let ends = ends && !CHANGED.is_match(&place[0]);
    ends.then(|| [at(from, 0, first.start(), first.end()), at(to, 0, last.start(), last.end())])
}

/// Who changes something from three to five tells how many.
static CHANGED: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"\b(?:chang|mov|increas|reduc|updat|rais|row|seat|page|size|room|table|level)")
});

fn past(text: &Text, place: &Captures<'_>) -> Option<Found> {
    let whole = place.get(0)?;
    let part = whole.as_str().contains(" the ") || whole.as_str().ends_with("night");
    let hour = if part && place.get(6).is_none() {
        with_half(small(&place[5])?, Some(place.get(7).is_none()))?
    } else {
        with_words(text, small(&place[5])?, place.get(6), whole)?
    };
    let minutes = match (place.get(1), place.get(2), place.get(3)) {
        (Some(_), _, _) => 30,
        (_, Some(_), _) => 15,
        (_, _, Some(minutes)) => small(minutes.as_str())?,
        _ => return None,
    };
    // "5 to 6" is a range and "10 to 12" too: minutes without their name need "past" or to be many.
    let many = place.get(3).is_some_and(|minutes| minutes.as_str().starts_with("twenty"));
    let bare = place.get(3).is_some() && !whole.as_str().contains("min") && &place[4] != "past" && !many;
    let total = if matches!(&place[4], "past" | "after") { hour * 60 + minutes } else { hour * 60 - minutes };
    let end = whole.start() + whole.as_str().trim_end().len();
    (!bare).then(|| at(total.div_euclid(60).rem_euclid(24), total.rem_euclid(60), whole.start(), end))?
}

/// Numbers of the clock in digits or words: "7", "oh five", "twenty-five".
fn small(written: &str) -> Option<i64> {
    let words = written.split([' ', '-']).filter(|word| *word != "oh");
    written.parse().ok().or_else(|| words.map(english_word).sum())
}

/// "at 7", "tonight at eight", "by 5 tomorrow", where nothing counted follows.
fn plain(text: &Text, number: &Number) -> Option<Found> {
    let before = text.near_before(number.start, 40);
    let lead = BEFORE_HOUR.is_match(before) && !BY_HOW_MUCH.is_match(before);
    let about = ABOUT_BEFORE.is_match(before)
        || (ABOUT.is_match(before) && DAY_AFTER.is_match(text.near_after(number.end, 12)));
    let one = text.lower[number.start..number.end] == *"one" && !before.ends_with("at ");
    if one || !(lead || about) || !AFTER_HOUR.is_match(text.near_after(number.end, 12)) {
        return None;
    }
    let hour = number.whole(1, 12)?;
    at(hour_of(text, hour, number.start, number.end), 0, number.start, number.end)
}

/// "two pm", "3 o'clock".
fn worded(text: &Text, number: &Number) -> Option<Found> {
    let unit = AFTER_WORD.captures(text.near_after(number.end, 10))?;
    let digits = text.lower[number.start..number.end].starts_with(|first: char| first.is_ascii_digit());
    let hour = number.whole(1, 12)?;
    let hour = match unit.get(1) {
        Some(_) if digits => return None,
        Some(half) => with_half(hour, Some(half.as_str().starts_with('p')))?,
        None => hour_of(text, hour, number.start, number.end + unit.get(0)?.end()),
    };
    at(hour, 0, number.start, number.end + unit.get(0)?.end())
}
