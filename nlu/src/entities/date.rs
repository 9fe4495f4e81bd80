//! Calendar dates.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use regex::{Captures, Regex};

use crate::entities::calendar::{coming_day, date_of, day_in_month, past_day, steps};
use crate::entities::months::alternation_beside_day;
use crate::entities::number::{Number, is_counted};
use crate::entities::relative::{EntityMoment, day};
use crate::entities::text::{Found, Text, compiled};
use crate::entities::told_past;
use crate::entities::weekday::{name_patterns, number_of};

static YEAR_FIRST: LazyLock<Regex> = LazyLock::new(|| compiled(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"));
static DAY_FIRST: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:วันที่\s?)?(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})"));
static DAY_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(วันที่\s?|\b(?:on|by|before|until|till|since|from|mon(?:day)?|tue(?:s|sday)?|wed(?:s|nesday)?|thu(?:r?s?|rsday)|fri(?:day)?|sat(?:urday)?|sun(?:day)?)\s|(?:ก่อน|ภายใน|ถึง|นัด|เป็น|ตั้งแต่|เมื่อ|วัน)\s?)?(\d{1,2})/(\d{1,2})",
    )
});
static THAI: LazyLock<Regex> = LazyLock::new(|| {
    let months = alternation_beside_day(true);
    compiled(&format!(
        r"(?:วันที่\s?)?(\d{{1,2}})\s?(?:เดือน)?\s?({months})(?:\s?(ปี|พ\.?ศ\.?|ค\.?ศ\.?)?\s?(\d{{4}}|\d{{2}})|นี้)?"
    ))
});
static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    let months = alternation_beside_day(false);
    compiled(&format!(
        r"(?:the\s)?(\d{{1,2}})(?:st|nd|rd|th)?[\s-]?(?:of\s)?({months})\b(?:\.?[\s,-]{{1,2}}(')?(\d{{4}}|\d{{2}})\b)?"
    ))
});
static AMERICAN: LazyLock<Regex> = LazyLock::new(|| {
    let months = alternation_beside_day(false);
    compiled(&format!(r"\b({months})\.?\s(?:the\s)?(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(\d{{4}}))?"))
});
static CHINESE: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:(\d{4})年|(今|明|去)年)?(\d{1,2})月(?:份)?(\d{1,2})(?:日|号|號)?"));
static THAI_DAY: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"วันที่\s?(\d{1,2})(?:\s?(?:ของ)?\s?เดือน(นี้|หน้า|ที่แล้ว|ก่อน)|\s?(ที่ผ่านมา|ที่แล้ว))?"));
/// "วันจันทร์ที่ 30".
static THAI_WEEKDAY: LazyLock<Regex> = LazyLock::new(|| {
    let [names, _, _] = name_patterns();
    compiled(&format!(r"(?:วัน)?({names})\s?ที่\s?(\d{{1,2}})(?:\s?(?:เดือน)?นี้)?"))
});
/// "วันจันทร์ที่ 9 โมง" is a time, "ที่ 30 ธันวา" has its month.
static CLOCK_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    let months = alternation_beside_day(true);
    compiled(&format!(r"^(?:[.:/-]?\d|\s?(?:โมง|ทุ่ม|นาฬิกา|น\.|คน|ท่าน|เดือน|{months}))"))
});
static ENGLISH_DAY: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"\b(?:on|by|before|until|till|from|since|after|to|for|is|due|arriv(?:e|es|ing)|leaving|dated|was|of|around|weekend of|week of|commencing|beginning)\s(the\s(\d{1,2})(?:st|nd|rd|th))(\sof\s(this|next|last)\smonth)?\b",
    )
});
static AFTER_ENGLISH_DAY: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^\s?(?:$|[,.?!;)]|(?:at|in|please|pls|for|because|but|so|when|until|till|through|instead|with|will|would|works|and|or|if|is|can|to|around|between|ok|by|from|not|instead|if)\b)",
    )
});
static ANOTHER: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\s(?:and|or|to)\s\d"));
static CHINESE_DAY: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:(这|這|本|下下|下|上)(?:个|個)?月)?(\d{1,2})(?:(号|號)|日)"));
/// "3号就没动过" was.
static TOLD_PAST: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"^(?:就|没|沒|到现在|到現在|扣了|付了|买了|買了|下单|下單|订的|訂的|买的|買的|寄的|发的|發的)")
});
/// "the fifth of December", "twenty-second of January".
static ORDINAL: LazyLock<Regex> = LazyLock::new(|| {
    let months = alternation_beside_day(false);
    compiled(&format!(
        r"\b(?:the\s)?(?:((?:twenty|thirty)[\s-])?(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|(tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth))\sof\s({months})\b(?:,?\s(\d{{4}})\b)?"
    ))
});
static END_OF_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"สิ้นเดือน(นี้|หน้า|ที่แล้ว)?|\bend of (this|next|the) month\b|(?:(这|這|本|下|上)(?:个|個)?)?月底")
});

static END_OF_YEAR: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"สิ้นปี(นี้|หน้า|ที่แล้ว)?|\bend of (this|next|the) year\b|(?:(今|明|去)年)?年底"));

/// The dates of a text.
pub(crate) struct Dates {
    pub(crate) found: Vec<Found>,
    /// Days that no calendar has: "30 February" must become neither the 30th nor February.
    pub(crate) impossible: Vec<Impossible>,
}

/// A day that no calendar has.
pub(crate) struct Impossible {
    pub(crate) bytes: Range<usize>,
    /// With the name of a month: its numbers are no amounts.
    pub(crate) named: bool,
}

/// `expected`: the dialogue asked for a date, so "15/12" and "15" are dates.
pub(crate) fn find(text: &Text, numbers: &[Number], moment: EntityMoment, expected: bool) -> Dates {
    let (mut found, mut impossible) = (Vec::new(), Vec::new());
    let mut add = |pattern: &Regex, groups: Groups, named: bool| {
        for place in pattern.captures_iter(&text.lower) {
            match written(text, &place, groups, moment) {
                Written::Day(day) => found.push(day),
                Written::Impossible(bytes) => impossible.push(Impossible { bytes, named }),
                Written::Other => {}
            }
        }
    };
    add(&YEAR_FIRST, Groups { year: 1, month: 2, day: 3, era: NO_GROUP }, false);
    add(&DAY_FIRST, Groups { year: 3, month: 2, day: 1, era: NO_GROUP }, false);
    add(&THAI, Groups { year: 4, month: 2, day: 1, era: 3 }, true);
    add(&ENGLISH, Groups { year: 4, month: 2, day: 1, era: 3 }, true);
    add(&AMERICAN, Groups { year: 3, month: 1, day: 2, era: NO_GROUP }, true);
    found.extend(CHINESE.captures_iter(&text.lower).filter_map(|place| chinese(text, &place, moment)));
    found.extend(short(text, moment, expected));
    if text.lower.contains(is_han) {
        found.extend(
            MONTH_DAY.captures_iter(&text.lower).filter_map(|place| month_first(text, &place, moment)),
        );
    }
    found.extend(days_alone(text, moment));
    found.extend(ORDINAL.captures_iter(&text.lower).filter_map(|place| ordinal(&place, moment)));
    found.extend(numbers.iter().filter_map(|number| in_words(text, number, moment)));
    if expected {
        found.extend(numbers.iter().filter_map(|number| {
            let wanted = number.whole(1, 31)?;
            day(coming_day(i8::try_from(wanted).ok()?, moment), number.start, number.end)
        }));
    }
    Dates { found, impossible }
}

/// Which groups of a pattern hold what.
#[derive(Clone, Copy)]
struct Groups {
    year: usize,
    month: usize,
    day: usize,
    /// A word or sign before the year.
    era: usize,
}

const NO_GROUP: usize = usize::MAX;

/// What stands at a place that is written like a date.
enum Written {
    Day(Found),
    /// Bytes of a day that no calendar has.
    Impossible(Range<usize>),
    Other,
}

fn written(text: &Text, place: &Captures<'_>, groups: Groups, moment: EntityMoment) -> Written {
    let (Some(whole), Some(last)) = (place.get(0), place.get(groups.month)) else { return Written::Other };
    let start = whole.start();
    let year = place.get(groups.year).filter(|year| {
        let told = year.len() == 4 || groups.era == NO_GROUP || place.get(groups.era).is_some();
        told || is_short_year(text, year.as_str(), year.end())
    });
    let end = match (year, place.get(groups.year)) {
        (None, Some(_)) => last.end(),
        _ => start + whole.as_str().trim_end().len(),
    };
    if !text.is_loosely_apart(start, end) || next_to_separator(text, start, end) || is_cut(text, end) {
        return Written::Other;
    }
    // "the 9th of Oct", but "the 9 Oct show".
    let plain =
        whole.as_str().strip_prefix("the ").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let ordinal = |rest: &str| ["st", "nd", "rd", "th"].iter().any(|ending| rest.starts_with(ending));
    let start = if plain.is_some_and(|rest| !ordinal(rest)) { start + "the ".len() } else { start };
    let part = |group: usize| place.get(group).map(|found| found.as_str());
    let between =
        |first: usize, last: usize| text.lower.get(place.get(first)?.end()..place.get(last)?.start());
    if groups.era == NO_GROUP && groups.month == 2 && between(1, 2) != between(2, 3) {
        return Written::Other;
    }
    let parts = [year.map(|year| year.as_str()), part(groups.month), part(groups.day)];
    // "12/25/2026" puts the month first, as Americans do.
    let american = || groups.month == 2 && groups.year == 3;
    let date = date_of(parts, moment)
        .or_else(|| american().then(|| date_of([parts[0], parts[2], parts[1]], moment))?);
    let is_over = year.is_none() && is_told_past(text, start, end);
    let date = if is_over { date.and_then(|date| not_ahead(date, moment)) } else { date };
    day(date, start, end).map_or(Written::Impossible(start..end), Written::Day)
}

/// "2 มีคน" is nobody's second of March.
fn is_cut(text: &Text, end: usize) -> bool {
    text.lower[..end].ends_with("มีค") && text.after(end).starts_with(|next: char| ('ก'..='๎').contains(&next))
}

/// "12 ธ.ค. 69" has a year; "12 ธ.ค. 10.00 น." and "12 ธ.ค. 20 ถุง" have none.
pub(crate) fn is_short_year(text: &Text, written: &str, end: usize) -> bool {
    let near = written.parse::<u8>().is_ok_and(|year| (60..=85).contains(&year) || (24..=36).contains(&year));
    let rest = text.after(end);
    let time = rest.starts_with(['.', ':']) && rest[1..].starts_with(|next: char| next.is_ascii_digit());
    let unit = ["โมง", "ทุ่ม", "น.", "น", "%", "am", "pm", "บาท", "k"];
    near && !time && !is_counted(text, end) && !unit.iter().any(|unit| rest.trim_start().starts_with(unit))
}

/// "1/12/2026/5" and "10.1.2.26" are not dates.
fn next_to_separator(text: &Text, start: usize, end: usize) -> bool {
    let mut after = text.after(end).chars();
    let continues = after.next().is_some_and(|next| "/-.".contains(next))
        && after.next().is_some_and(|next| next.is_ascii_digit());
    let digit = |character: Option<char>| character.is_some_and(|character| character.is_ascii_digit());
    let mut before = text.lower[..start].chars().rev();
    let separated = before.next().is_some_and(|sign| "/-.".contains(sign)) && digit(before.next());
    let begins = text.lower[..end].ends_with(|last: char| last.is_ascii_digit()) && continues;
    begins || (separated && digit(text.after(start).chars().next()))
}

/// "15/12", where a word or the dialogue says that it is a date.
fn short(text: &Text, moment: EntityMoment, expected: bool) -> Vec<Found> {
    let alone = |place: &Captures<'_>| {
        place.get(0).is_some_and(|place| place.as_str() == text.lower.trim() && place.as_str() != "24/7")
    };
    let told = |place: &Captures<'_>| expected || place.get(1).is_some() || alone(place);
    let places = DAY_MONTH.captures_iter(&text.lower).filter(told);
    let found = places.filter_map(|place| {
        let (whole, lead) = (place.get(0)?, place.get(1));
        let thai = lead.is_some_and(|lead| lead.as_str().starts_with("วันที่"));
        let start = if thai { whole.start() } else { place.get(2)?.start() };
        let parts = [None, Some(&place[3]), Some(&place[2])];
        let whole_date =
            text.is_loosely_apart(start, whole.end()) && !next_to_separator(text, start, whole.end());
        whole_date.then(|| day(date_of(parts, moment), start, whole.end()))?
    });
    found.collect()
}

fn is_han(character: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&character)
}

/// Chinese puts the month first: "12/25".
fn month_first(text: &Text, place: &Captures<'_>, moment: EntityMoment) -> Option<Found> {
    let whole = place.get(0)?;
    let (start, end) = (whole.start(), whole.end());
    let plain = text.is_loosely_apart(start, end) && !next_to_separator(text, start, end);
    let day_of_month = place.get(2).or(place.get(3))?;
    let date = date_of([None, Some(&place[1]), Some(day_of_month.as_str())], moment);
    (plain && !is_counted(text, end)).then(|| day(date, start, end))?
}

static MONTH_DAY: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(\d{1,2})(?:/(\d{1,2})|\.(\d{1,2})(?:号|號|日))(?:号|號|日)?"));

fn chinese(text: &Text, place: &Captures<'_>, moment: EntityMoment) -> Option<Found> {
    let whole = place.get(0)?;
    let named = place.get(2).map(|which| i64::from(moment.today.year()) + steps(which.as_str()));
    let named = named.map(|year| year.to_string());
    let year = place.get(1).map(|year| year.as_str()).or(named.as_deref());
    let date = date_of([year, Some(&place[3]), Some(&place[4])], moment);
    text.is_apart(whole.start(), whole.end()).then(|| day(date, whole.start(), whole.end()))?
}

fn ordinal(place: &Captures<'_>, moment: EntityMoment) -> Option<Found> {
    const SMALL: [&str; 9] =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
    const LARGE: [&str; 12] = [
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
        "thirtieth",
    ];
    let whole = place.get(0)?;
    let number = match (place.get(2), place.get(3)) {
        (Some(small), _) => {
            let tens = place.get(1).map_or(0, |tens| if tens.as_str().starts_with("tw") { 20 } else { 30 });
            SMALL.iter().position(|word| *word == small.as_str())? + 1 + tens
        }
        (None, Some(large)) if large.as_str() == "thirtieth" => 30,
        (None, large) => {
            LARGE.iter().position(|word| *word == large.map_or("", |large| large.as_str()))? + 10
        }
    };
    let year = place.get(5).map(|year| year.as_str());
    let date = date_of([year, Some(&place[4]), Some(&number.to_string())], moment);
    day(date, whole.start(), whole.end())
}

/// "เมื่อวันที่ 12", "ordered on the 12th".
fn is_told_past(text: &Text, start: usize, end: usize) -> bool {
    text.before(start).ends_with("เมื่อ") || told_past::is_done(text, start, end)
}

/// A day without a year that has been told as past was last year's where this year's is still to come.
fn not_ahead(date: Date, moment: EntityMoment) -> Option<Date> {
    if date <= moment.today { Some(date) } else { Date::new(date.year() - 1, date.month(), date.day()).ok() }
}

/// The next day of that number that is such a weekday, within a year; a wrong weekday counts for nothing.
fn on_weekday(of_month: i8, weekday: Weekday, moment: EntityMoment) -> Option<Date> {
    let next = coming_day(of_month, moment);
    let mut days = (0..12).filter_map(|steps| day_in_month(of_month, steps, moment));
    days.find(|date| *date >= moment.today && date.weekday() == weekday).or(next)
}

/// "วันที่ 5", "the 5th of next month", "下个月5号": the month is this, next, or the one that a word names.
fn days_alone(text: &Text, moment: EntityMoment) -> Vec<Found> {
    let number = |written: &str| written.parse::<i8>().ok();
    let in_month = |written: &str, which: Option<regex::Match<'_>>| -> Option<Date> {
        match which {
            Some(which) => day_in_month(number(written)?, steps(which.as_str()), moment),
            None => coming_day(number(written)?, moment),
        }
    };
    let mut found: Vec<Found> = Vec::new();
    found.extend(THAI_DAY.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let apart = text.is_apart(whole.start(), whole.end());
        let past = place.get(2).is_none()
            && (place.get(3).is_some() || is_told_past(text, whole.start(), whole.end()));
        let date =
            if past { past_day(number(&place[1])?, moment) } else { in_month(&place[1], place.get(2)) };
        apart.then(|| day(date, whole.start(), whole.end()))?
    }));
    found.extend(THAI_WEEKDAY.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let (of_month, weekday) = (number(&place[2])?, number_of(&place[1])?);
        let clock = CLOCK_AFTER.is_match(text.near_after(whole.end(), 8));
        let apart = text.is_apart(whole.start(), whole.end()) && !clock;
        apart.then(|| day(on_weekday(of_month, weekday, moment), whole.start(), whole.end()))?
    }));
    found.extend(ENGLISH_DAY.captures_iter(&text.lower).filter_map(|place| {
        let named = place.get(1)?;
        let end = place.get(3).map_or(named.end(), |of| of.end());
        // "the 3rd and 4th floor" is no date.
        let listed = ANOTHER.is_match(text.near_after(end, 12));
        let told =
            place.get(3).is_some() || (AFTER_ENGLISH_DAY.is_match(text.near_after(end, 12)) && !listed);
        let since = place.get(4).is_none()
            && (place[0].starts_with("since") || is_told_past(text, named.start(), named.end()));
        let date =
            if since { past_day(number(&place[2])?, moment) } else { in_month(&place[2], place.get(4)) };
        told.then(|| day(date, named.start(), end))?
    }));
    found.extend(CHINESE_DAY.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let house = text.after(whole.end()).starts_with(|next| {
            "楼樓线線店门門院房座机機桌间間内內柜櫃窗登航位码碼球馆館厅廳车車邻鄰".contains(next)
        });
        let goes_on = text.lower[..whole.start()]
            .ends_with(|last: char| last.is_ascii_digit() || last == '月' || last == '第');
        let told = place.get(1).is_some() || place.get(3).is_some();
        let past = place.get(1).is_none() && TOLD_PAST.is_match(text.near_after(whole.end(), 6));
        let date =
            if past { past_day(number(&place[2])?, moment) } else { in_month(&place[2], place.get(1)) };
        (told && !house && !goes_on).then(|| day(date, whole.start(), whole.end()))?
    }));
    found.extend(END_OF_MONTH.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let last = day_in_month(1, steps_of(&place), moment)?.last_of_month();
        day(Some(last), whole.start(), whole.end())
    }));
    found.extend(END_OF_YEAR.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let year = moment.today.year() + i16::try_from(steps_of(&place)).ok()?;
        day(Date::new(year, 12, 31).ok(), whole.start(), whole.end())
    }));
    found
}

/// Which month or year one of the first three groups names; this one where none does.
fn steps_of(place: &Captures<'_>) -> i64 {
    let which =
        [1, 2, 3].into_iter().find_map(|group| place.get(group)).map_or("this", |which| which.as_str());
    if which == "the" { 0 } else { steps(which) }
}

static MONTH_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    let (thai, english) = (alternation_beside_day(true), alternation_beside_day(false));
    compiled(&format!(r"^(?:\s?(?:เดือน)?\s?({thai})|\s(?:of\s)?({english})\b)(?:\s?(?:ปี\s?)?(\d{{4}})\b)?"))
});
static CHINESE_AFTER: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"^月([一二三四五六七八九十廿]{1,3}|\d{1,2})(?:日|号|號)"));

/// "ห้าธันวา", "วันที่ยี่สิบ", "十二月五号".
fn in_words(text: &Text, number: &Number, moment: EntityMoment) -> Option<Found> {
    let whole = number.whole(1, 31)?;
    let digits = text.lower[number.start..number.end].starts_with(|first: char| first.is_ascii_digit());
    let day_of_month = whole.to_string();
    let before = text.before(number.start);
    let start = if before.ends_with("วันที่") {
        before.len() - "วันที่".len()
    } else {
        number.start
    };
    if let Some(month) = MONTH_AFTER.captures(text.near_after(number.end, 40)).filter(|_| !digits) {
        let name = month.get(1).or(month.get(2))?.as_str();
        let year = month.get(3).map(|year| year.as_str());
        let end = number.end + month.get(0)?.as_str().trim_end().len();
        if is_cut(text, end) {
            return None;
        }
        return day(date_of([year, Some(name), Some(&day_of_month)], moment), start, end);
    }
    if let Some(rest) = CHINESE_AFTER.captures(text.near_after(number.end, 8)) {
        let day_of_month = crate::entities::number_words::chinese_value(&rest[1])?.to_string();
        let month = whole.to_string();
        let end = number.end + rest.get(0)?.end();
        return day(date_of([None, Some(&month), Some(&day_of_month)], moment), number.start, end);
    }
    let told = !digits && start < number.start;
    told.then(|| day(coming_day(i8::try_from(whole).ok()?, moment), start, number.end))?
}
