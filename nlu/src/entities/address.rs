//! Postal addresses in Thailand: from the number of the house to the postcode.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use crate::entities::postcode;
use crate::entities::province::Province;
use crate::entities::text::{Found, Text, compiled};

/// The number of a house and what may follow it. One with a stroke is a house for sure, unless it is a date.
static HOUSE: LazyLock<Regex> = LazyLock::new(|| {
    let thai = r"หมู่|ม\.\s?\d|ม\s\d|ซอย|ซ\.|ถนน|ถ\.|ต\.|ตำบล|แขวง|อาคาร|ตึก|คอนโด|ชั้น|ตรอก|บ้าน";
    let english = r"moo\s?\d|moo\b|m\.?\s?\d|soi\b|tambon\b|t\.|village\b|floor\b|fl\b";
    let street = r"(?:[a-z][a-z'.-]*\s){1,4}(?:soi|road|rd|street|st|alley|lane|avenue|ave)\b";
    let plain = r"[a-z][a-z'.-]*(?:\s[a-z'.-]+){0,3}\s?\d{0,3}(?:/\d{1,3})?,";
    compiled(&format!(
        r"(?:(\d{{1,4}}/\d{{1,4}}(?:-\d{{1,4}})?)|\d{{1,4}}(?:-\d{{1,4}})?)[\s,]{{0,2}}(?:({thai})|({english}|{street})|({plain}))?"
    ))
});
/// Words of an address, one of which must stand in it.
static PART: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"หมู่|ม\.|ซอย|ซ\.|ถนน|ถ\.|ต\.|ตำบล|อ\.|อำเภอ|แขวง|เขต|จ\.|จังหวัด|\b(?:moo|soi|road|rd|street|tambon|amphoe|district|khwaeng|khet|mueang)\b|,",
    )
});
/// What no address has inside.
static BREAK: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"โทร|เบอร์|บาท|ค่ะ|ครับ|คะ\s|นะคะ|ถุง|กล่อง|ชิ้น|สั่ง|โอน|@|https?:|[?!;]|[。？！]|\b(?:tel|phone|call|email|mail|baht|thb|please|pls|or|to|for|at|bags?|box(?:es)?|before|after|today|tomorrow)\b|\d{6,}",
    )
});
/// "5B" is a room, and "2kg" no house.
static HOUSE_LETTER: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\d{1,4}[a-ln-z]"));
/// The longest address, in characters.
const LONGEST: usize = 160;
/// A district that ends an address without a province.
static LAST_DISTRICT: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"(?:อ\.|อำเภอ|เขต|ต\.|ตำบล|แขวง)\s?[\p{Thai}]+|\b(?:district|mueang)\b"));

/// The addresses of a text, from left to right.
pub(crate) fn find(text: &Text, provinces: &[Province]) -> Vec<Found> {
    let postcodes: Vec<(usize, usize)> = postcode::places(text).collect();
    let mut found: Vec<Found> = Vec::new();
    for house in HOUSE.captures_iter(&text.lower) {
        let Some(whole) = house.get(0) else { continue };
        let (start, done) = (whole.start(), found.last().map_or(0, |last| last.end));
        let street = STREET_BEFORE.find(text.near_before(start, 40));
        let told = street.is_some()
            || house.get(2).or(house.get(3)).or(house.get(4)).is_some()
            || house.get(1).is_some();
        let before = text.lower[..start].chars().next_back();
        let after = house.get(1).map_or("", |number| text.after(number.end()));
        let part_of_more = before.is_some_and(|sign| "/-.,".contains(sign))
            || !text.is_apart(start, start)
            || after.starts_with('/')
            || HOUSE_LETTER.is_match(text.near_after(start, 8));
        if start < done || !told || part_of_more {
            continue;
        }
        // The name of the street belongs to the address, once there is one.
        let led = |mut found: Found| {
            found.start -= street.map_or(0, |street| street.len());
            found
        };
        found.extend(from(text, start, provinces, &postcodes).map(led));
    }
    found
}

/// The long roads of Bangkok, whose lanes have numbers instead of names.
static STREET_BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"(?:(?:ซอย|ซ\.|ถนน|ถ\.)\s?)?(?:ลาดพร้าว|สุขุมวิท|พหลโยธิน|รามคำแหง|รามอินทรา|เพชรเกษม|เพชรบุรี|วิภาวดี|วิภาวดีรังสิต|รัชดา|รัชดาภิเษก|พระราม\s?\d|อ่อนนุช|จรัญสนิทวงศ์|จรัญ|แจ้งวัฒนะ|ประชาชื่น|งามวงศ์วาน|นวมินทร์|เจริญกรุง|เจริญนคร|สาทร|สีลม|ทองหล่อ|เอกมัย|บางนา)\s?$",
    )
});

/// The address that begins at `start`, where there is one.
fn from(text: &Text, start: usize, provinces: &[Province], postcodes: &[(usize, usize)]) -> Option<Found> {
    let reach = text.near_after(start, LONGEST);
    let reach = &reach[..BREAK.find(reach).map_or(reach.len(), |stop| stop.start())];
    let limit = start + reach.len();
    let next = postcodes.partition_point(|(from, _)| *from <= start);
    let postcode = postcodes.get(next).filter(|(_, to)| *to <= limit);
    let before = postcode.map_or(limit, |postcode| postcode.0);
    let first = provinces.partition_point(|province| province.start <= start);
    let mut inside = provinces[first..].iter().take_while(|province| province.end <= before);
    let province = if postcode.is_some() { inside.last() } else { inside.next() };
    let district = || LAST_DISTRICT.find_iter(reach).last().map(|place| start + place.end());
    let end = match (postcode, province) {
        (Some(postcode), _) => postcode.1,
        (None, Some(province)) => province.end,
        (None, None) => district()?,
    };
    let inside = text.lower.get(start..end)?;
    let named = text.before(start).ends_with("เลขที่");
    let stroke = text.lower[start..].find('/').is_some_and(|place| place <= 4);
    let enough = match (postcode, province) {
        (Some(_), Some(_)) if stroke => 0,
        (None, Some(_)) if stroke && named => 0,
        (Some(_), _) => 1,
        _ => 2,
    };
    if PART.find_iter(inside).count() < enough {
        return None;
    }
    let mut value = Map::new();
    if let Some(postcode) = postcode {
        value.insert("postcode".to_owned(), text.lower[postcode.0..postcode.1].into());
    }
    if let Some(province) = province {
        value.insert("province".to_owned(), province.official.into());
    }
    Some(Found::special("address", start, end, Value::Object(value)))
}
