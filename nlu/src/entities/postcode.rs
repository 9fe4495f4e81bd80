//! Thai postcodes: five digits beside a word or a place that says so.

use std::sync::LazyLock;

use regex::Regex;

use crate::entities::province::{Province, is_area};
use crate::entities::text::{Found, Text, compiled};

static FIVE: LazyLock<Regex> = LazyLock::new(|| compiled(r"\d{5}"));
static WORD: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"ไปร[ษส]ณีย?์?|ไปร[ษส]นี|รหัส\s?ปณ|ปณ\.|post\s?(?:al)?\s?code|\bzip(?:\s?codes?)?\b|\bpostal\b|邮编|郵編|邮政编码|郵遞區號|邮递区号|邮码",
    )
});
static DISTRICT_BEFORE: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:ต\.|ตำบล|อ\.|อำเภอ|แขวง|เขต)\s?[\p{Thai}]+\s?$"));
/// Where something is sent.
static SENT_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:\b(?:ship(?:ping|ped)?|deliver(?:y|s|ed)?|send(?:ing)?|sent|area|live in|cover|near(?:est)?|closest|serve|reach|(?:go|come|moved?|moving) to|(?:based|located|staying) in|(?:delivery|shipping|courier|postage|fees?|costs?|parcel|post)\b[^.?!\d]{0,14}\sto|pattaya|hua\s?hin|hat\s?yai|si\s?racha|samui|cha-?am|bang\s?na|patong|karon|rawai|mae\srim|hang\sdong|pak\schong|pak\skret)\s(?:to\s|in\s|for\s)?(?:area\s)?|ส่ง(?:ไป|ที่|ถึง)?(?:ที่)?\s?|เขต\s|(?:พัทยา|หัวหิน|หาดใหญ่|ศรีราชา|สมุย|ชะอำ|บางนา|ป่าตอง|แม่ริม|ปากช่อง|ปากเกร็ด)\s?|寄到|送到)$",
    )
});
/// What makes five digits an amount.
static UNIT_AFTER: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^\s?(?:บาท|บ\.|฿|%|,\d|\.\d|-\d|/\d|baht|bath|bht|thb|usd|points?|pts|pcs|pieces|คะแนน|แต้ม|ใบ|ชิ้น|ถุง|泰铢|铢|块|元|分|积分|个|人)",
    )
});

/// Places of five digits that can be a postcode.
pub(crate) fn places(text: &Text) -> impl Iterator<Item = (usize, usize)> + '_ {
    let places = FIVE.find_iter(&text.lower).map(|place| (place.start(), place.end()));
    places.filter(|(start, end)| {
        let mut signs = text.lower[..*start].chars().rev();
        let before = signs.next();
        // "กทม.10230", "Chiang Mai,50000".
        let after_word =
            signs.next().is_some_and(char::is_alphabetic) || text.lower[..*start].ends_with("ฯ,");
        let before = before.filter(|sign| !(after_word && matches!(sign, '.' | ',')));
        let apart =
            text.is_loosely_apart(*start, *end) && !before.is_some_and(|sign| ".,-/#฿$".contains(sign));
        apart && is_area(&text.lower[*start..*end]) && !UNIT_AFTER.is_match(text.near_after(*end, 8))
    })
}

pub(crate) fn find(text: &Text, provinces: &[Province], expected: bool) -> Vec<Found> {
    let named = expected || WORD.is_match(&text.lower);
    let beside = |start: usize, end: usize| {
        let blank = |from: usize, to: usize| {
            let between = text.lower.get(from..to);
            between.is_some_and(|between| between.trim_matches([' ', ',', '.', '(']).is_empty())
        };
        let following = provinces.partition_point(|province| province.end <= start);
        let before = following.checked_sub(1).and_then(|last| provinces.get(last));
        let after =
            provinces.get(following).filter(|province| text.lower[start..end].starts_with(province.area));
        before.is_some_and(|province| blank(province.end, start))
            || after.is_some_and(|province| blank(end, province.start))
    };
    let found = places(text).filter(|(start, end)| {
        let sent = SENT_BEFORE.is_match(text.near_before(*start, 32));
        let area = text.after(*end).trim_start().starts_with("area");
        named
            || sent
            || area
            || beside(*start, *end)
            || DISTRICT_BEFORE.is_match(text.near_before(*start, 40))
    });
    found.map(|(start, end)| Found::special("postcode", start, end, &text.lower[start..end])).collect()
}
