//! Days that have a name: "xmas eve", "วันพ่อ", "元旦". Only those that every calendar of Thailand, or of its visitors, has on
//! one day; what also names a season ("over Christmas", "ช่วงปีใหม่") is left alone.

use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use regex::Regex;

use crate::entities::calendar::{coming, steps};
use crate::entities::relative::{EntityMoment, day};
use crate::entities::text::{Found, Text, compiled};

/// Names, month and day; day 0 is told by [`movable`].
const FEASTS: [(&str, i8, i8); 29] = [
    (r"(?:christmas|x-?mas)\seve", 12, 24),
    (r"(?:christmas|x-?mas)\sday", 12, 25),
    (r"boxing\sday", 12, 26),
    (r"new\syear'?s?\seve|nye", 12, 31),
    (r"new\syear'?s?\sday", 1, 1),
    (r"valentine'?s?\sday", 2, 14),
    (r"halloween", 10, 31),
    (r"labou?r\sday", 5, 1),
    ("(?:วัน|คืน)คริส(?:ต์)?มาส(?:อีฟ|\\sอีฟ)", 12, 24),
    ("วันคริส(?:ต์)?มาส", 12, 25),
    ("วันสิ้นปี|คืนสิ้นปี|คืนข้ามปี|คืนเคาท์ดาวน์|คืนเคาต์ดาวน์", 12, 31),
    ("วัน(?:ขึ้น)?ปีใหม่", 1, 1),
    ("วันครู", 1, 16),
    ("วันเด็ก(?:แห่งชาติ)?", 1, 0),
    ("วันวาเลน(?:ไทน์|ไทม์|ไทด์|ไทร์|ไท)", 2, 14),
    ("วันจักรี", 4, 6),
    ("วันสงกรานต์", 4, 13),
    ("วันแรงงาน(?:แห่งชาติ)?", 5, 1),
    ("วันฉัตรมงคล", 5, 4),
    ("วันแม่(?:แห่งชาติ)?", 8, 12),
    ("วันปิยะ?(?:มหาราช)?", 10, 23),
    ("วันฮาโลวีน|วันฮัลโลวีน", 10, 31),
    ("วันพ่อ(?:แห่งชาติ)?", 12, 5),
    ("วันรัฐธรรมนูญ", 12, 10),
    ("元旦", 1, 1),
    ("情人节|情人節", 2, 14),
    ("平安夜", 12, 24),
    ("圣诞节当天|聖誕節當天|圣诞节|聖誕節", 12, 25),
    ("跨年夜", 12, 31),
];

static NAMES: LazyLock<Regex> = LazyLock::new(|| {
    let names: Vec<String> = FEASTS.iter().map(|(names, ..)| format!("({names})")).collect();
    compiled(&format!(r"(?:{})(?:\s?(?:ปี(นี้|หน้า|ที่แล้ว)|\b(this|next|last)\syear\b))?", names.join("|")))
});
/// "valentine's day menu": what is sold then, not when.
static WARES_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^\s?(?:menus?|sets?|cards?|costumes?|gifts?|cakes?|hampers?|decorations?|specials?|promo(?:tion)?s?|packages?|deals?|套餐|礼盒|禮盒|礼物|贺卡)\b",
    )
});

pub(crate) fn find(text: &Text, moment: EntityMoment) -> Vec<Found> {
    let found = NAMES.captures_iter(&text.lower).filter_map(|place| {
        let whole = place.get(0)?;
        let (start, end) = (whole.start(), whole.end());
        let feast = FEASTS.iter().enumerate().find(|(number, _)| place.get(number + 1).is_some());
        let (_, (_, month, of_month)) = feast?;
        let which =
            place.get(FEASTS.len() + 1).or(place.get(FEASTS.len() + 2)).map(|which| steps(which.as_str()));
        let usable = text.is_loosely_apart(start, end) && !WARES_AFTER.is_match(text.after(end));
        usable.then(|| day(on(*month, *of_month, which, moment), start, end))?
    });
    found.collect()
}

/// The day in the year that is told, or the next one; see [`coming`].
fn on(month: i8, of_month: i8, which: Option<i64>, moment: EntityMoment) -> Option<Date> {
    let year = |which: i64| Some(moment.today.year() + i16::try_from(which).ok()?);
    match (of_month, which) {
        (0, which) => {
            let this = movable(year(which.unwrap_or(0))?)?;
            if which.is_none() && this < moment.today { movable(year(1)?) } else { Some(this) }
        }
        (_, Some(which)) => Date::new(year(which)?, month, of_month).ok(),
        (_, None) => coming(month, of_month, moment),
    }
}

/// Thai children's day is the second Saturday of January.
fn movable(year: i16) -> Option<Date> {
    Date::new(year, 1, 1).ok()?.nth_weekday_of_month(2, Weekday::Saturday).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Words;

    fn check(written: &str, expected: &[(&str, &str)]) {
        let text = Text::new(written, &Words::default());
        // 2026-11-22 10:00 in Bangkok.
        let moment = EntityMoment::new(1_795_316_400_000_000, 420);
        let found = find(&text, moment);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|found| (&text.lower[found.start..found.end], found.value.as_str().unwrap()))
            .collect();
        assert_eq!(found, expected, "{written}");
    }

    #[test]
    fn named_days_are_dates_and_seasons_and_wares_are_not() {
        check("are you open on Xmas day?", &[("xmas day", "2026-12-25")]);
        check("dinner for 2 on new year's eve", &[("new year's eve", "2026-12-31")]);
        check("วันพ่อร้านหยุดป่าว", &[("วันพ่อ", "2026-12-05")]);
        check("วันเด็กเปิดไหมคะ", &[("วันเด็ก", "2027-01-09")]);
        check("วันสงกรานต์ปีหน้าเปิดไหม", &[("วันสงกรานต์ปีหน้า", "2027-04-13")]);
        check("元旦开门吗", &[("元旦", "2027-01-01")]);
        check("what are you doing over christmas", &[]);
        check("do you sell a valentine's day card", &[]);
        check("ช่วงปีใหม่ส่งของไหม", &[]);
    }
}
