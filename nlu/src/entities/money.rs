//! Amounts of money: a number beside a currency.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::json;

use crate::entities::number::{Number, is_below_zero, is_counted, number_value};
use crate::entities::spelling::is_near;
use crate::entities::text::{Found, Text, compiled};

/// Written after the number; the longest that fits counts.
const AFTER: &[(&str, &str)] = &[
    ("บาท", "THB"),
    ("บาด", "THB"),
    ("บ.", "THB"),
    ("บ", "THB"),
    ("b", "THB"),
    ("泰币", "THB"),
    ("泰幣", "THB"),
    ("泰珠", "THB"),
    ("泰株", "THB"),
    ("฿", "THB"),
    ("baht", "THB"),
    ("thai baht", "THB"),
    ("thai bahts", "THB"),
    ("us dollar", "USD"),
    ("british pounds", "GBP"),
    ("bahts", "THB"),
    ("bath", "THB"),
    ("bht", "THB"),
    ("bt", "THB"),
    ("bhat", "THB"),
    ("thb", "THB"),
    ("泰铢", "THB"),
    ("泰銖", "THB"),
    ("铢", "THB"),
    ("銖", "THB"),
    (".-", "THB"),
    ("ดอลลาร์", "USD"),
    ("ดอลล่าร์", "USD"),
    ("ดอล", "USD"),
    ("เหรียญ", "USD"),
    ("dollars", "USD"),
    ("dollar", "USD"),
    ("us dollars", "USD"),
    ("bucks", "USD"),
    ("singapore dollars", "SGD"),
    ("australian dollars", "AUD"),
    ("aussie dollars", "AUD"),
    ("hong kong dollars", "HKD"),
    ("canadian dollars", "CAD"),
    ("nt dollars", "TWD"),
    ("taiwan dollars", "TWD"),
    ("aed", "AED"),
    ("dirhams", "AED"),
    ("sek", "SEK"),
    ("nok", "NOK"),
    ("dkk", "DKK"),
    ("khr", "KHR"),
    ("lak", "LAK"),
    ("mmk", "MMK"),
    ("pounds sterling", "GBP"),
    ("usd", "USD"),
    ("$", "USD"),
    ("美元", "USD"),
    ("美金", "USD"),
    ("หยวน", "CNY"),
    ("元", "CNY"),
    ("块", "CNY"),
    ("塊", "CNY"),
    ("块钱", "CNY"),
    ("塊錢", "CNY"),
    ("人民币", "CNY"),
    ("人民幣", "CNY"),
    ("元人民币", "CNY"),
    ("块人民币", "CNY"),
    ("rmb", "CNY"),
    ("cny", "CNY"),
    ("yuan", "CNY"),
    ("ยูโร", "EUR"),
    ("euros", "EUR"),
    ("euro", "EUR"),
    ("eur", "EUR"),
    ("€", "EUR"),
    ("欧元", "EUR"),
    ("歐元", "EUR"),
    ("gbp", "GBP"),
    ("quid", "GBP"),
    ("£", "GBP"),
    ("英镑", "GBP"),
    ("英鎊", "GBP"),
    ("เยน", "JPY"),
    ("yen", "JPY"),
    ("jpy", "JPY"),
    ("日元", "JPY"),
    ("日圆", "JPY"),
    ("円", "JPY"),
    ("วอน", "KRW"),
    ("won", "KRW"),
    ("krw", "KRW"),
    ("韩元", "KRW"),
    ("sgd", "SGD"),
    ("s$", "SGD"),
    ("ดอลลาร์สิงคโปร์", "SGD"),
    ("新币", "SGD"),
    ("新加坡元", "SGD"),
    ("myr", "MYR"),
    ("ringgit", "MYR"),
    ("ริงกิต", "MYR"),
    ("马币", "MYR"),
    ("令吉", "MYR"),
    ("hkd", "HKD"),
    ("港币", "HKD"),
    ("港幣", "HKD"),
    ("港元", "HKD"),
    ("twd", "TWD"),
    ("ntd", "TWD"),
    ("台币", "TWD"),
    ("台幣", "TWD"),
    ("新台币", "TWD"),
    ("新台幣", "TWD"),
    ("aud", "AUD"),
    ("nzd", "NZD"),
    ("cad", "CAD"),
    ("chf", "CHF"),
    ("inr", "INR"),
    ("rupees", "INR"),
    ("idr", "IDR"),
    ("rupiah", "IDR"),
    ("vnd", "VND"),
    ("dong", "VND"),
    ("php", "PHP"),
    ("pesos", "PHP"),
    ("kip", "LAK"),
    ("กีบ", "LAK"),
    ("จ๊าด", "MMK"),
];

const BEFORE: &[(&str, &str)] = &[
    ("฿", "THB"),
    ("thb", "THB"),
    ("baht", "THB"),
    ("bt", "THB"),
    ("usd", "USD"),
    ("us$", "USD"),
    ("$", "USD"),
    ("s$", "SGD"),
    ("sg$", "SGD"),
    ("sgd", "SGD"),
    ("a$", "AUD"),
    ("au$", "AUD"),
    ("aud", "AUD"),
    ("hk$", "HKD"),
    ("hkd", "HKD"),
    ("nt$", "TWD"),
    ("rm", "MYR"),
    ("myr", "MYR"),
    ("rmb", "CNY"),
    ("cny", "CNY"),
    ("人民币", "CNY"),
    ("¥", "CNY"),
    ("￥", "CNY"),
    ("€", "EUR"),
    ("eur", "EUR"),
    ("£", "GBP"),
    ("gbp", "GBP"),
    ("jpy", "JPY"),
    ("₩", "KRW"),
    ("krw", "KRW"),
    ("chf", "CHF"),
    ("cad", "CAD"),
    ("c$", "CAD"),
    ("nzd", "NZD"),
    ("nz$", "NZD"),
    ("twd", "TWD"),
    ("ntd", "TWD"),
    ("aed", "AED"),
    ("inr", "INR"),
    ("rs", "INR"),
    ("rs.", "INR"),
    ("vnd", "VND"),
    ("php", "PHP"),
    ("₱", "PHP"),
    ("idr", "IDR"),
    ("rp", "IDR"),
    ("₫", "VND"),
    ("₹", "INR"),
    ("泰铢", "THB"),
];

/// A word that may be a misspelt currency.
static MISSPELT: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\s?([a-z]{3,8})\b"));

/// "บ" alone is short for baht where no Thai letter follows.
fn ends_a_word(text: &Text, end: usize) -> bool {
    !text.after(end).starts_with(|next: char| ('\u{e01}'..='\u{e4e}').contains(&next))
}

/// What is paid, asked as a price or taken off is money without its currency too: "ลดสักร้อยนึง", "โอนไป 590".
static PAID: LazyLock<Regex> = LazyLock::new(|| {
    let verb = "ลด|จ่าย|โอน|ทอน|ราคา|มัดจำ|ค่าส่ง|ยอด|ชำระ|ขาด";
    let more = "ให้|ราคา|เพิ่ม|อีก|ได้|ไป|มา|แล้ว|แค่|เต็ม|รวม|โอน|เงิน|จ้ะ|จ้า|ค่ะ|คะ|ครับ|คับ|นะ";
    let bank = "กรุงไทย|กรุงเทพ|กสิกรไทย|กสิกร|ไทยพาณิชย์|ออมสิน|กรุงศรีอยุธยา|กรุงศรี|ทหารไทย|พร้อมเพย์|ทรู";
    let english =
        r"\b(?:paid|pay|(?:refund|payment|transfer|deposit|charge)(?:ed)?\sof|transferred|charged(?:\sme)?)";
    let chinese = "(?:付|转|轉|扣|多付|多收|少退)了";
    compiled(&format!(
        r"(?:(?:{verb})(?:{more}|{bank})*\s?(?:สัก|ซัก)?|(?:โอน|จ่าย|ชำระ)ค่า[^\d]{{1,30}}(?:แล้ว|ไป)(?:{more})*|{english}|{chinese})\s?$"
    ))
});
/// What follows an amount of something else.
static OTHER_UNIT: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r"^(?:\s?%|\s?เปอร์|\s?โมง|\s?ทุ่ม|\s?น\.|[.:/-]\d|[a-z]|\s(?:times?|kg|g|ml|points?|pcs|bags?|cups?|people|ppl|days?|weeks?|hours?|mins?|more|extra|orders?|items?|boxes)\b)",
    )
});

pub(crate) fn find(text: &Text, numbers: &[Number]) -> Vec<Found> {
    let money = |number| {
        satang(text, number)
            .or_else(|| after(text, number))
            .or_else(|| before(text, number))
            .or_else(|| paid(text, number))
    };
    let amounts = numbers.iter().filter_map(money);
    // "300-500 บาท" are two amounts.
    let first = numbers.windows(2).filter_map(|pair| {
        let [first, second] = pair else { return None };
        let amount =
            after(text, second).filter(|_| first.joins(second, text) && first.value < second.value)?;
        let currency = amount.value.get("currency")?.as_str()?;
        Some(self::money(first, currency, first.start, first.end))
    });
    let with_hundredths = numbers.windows(2).filter_map(|pair| {
        let [whole, hundredths] = pair else { return None };
        let (amount, part) = (after(text, whole)?, satang(text, hundredths)?);
        let beside =
            text.lower.get(amount.end..part.start)?.trim().is_empty() && amount.value["currency"] == "THB";
        let sum = Number { value: whole.value + hundredths.value / 100.0, ..*whole };
        beside.then(|| self::money(&sum, "THB", whole.start, part.end))
    });
    amounts.chain(first).chain(with_hundredths).collect()
}

/// A hundredth of a baht.
static SATANG: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\s?(?:สตางค์|สต\.|satangs?\b)"));

fn satang(text: &Text, number: &Number) -> Option<Found> {
    let unit = SATANG.find(text.near_after(number.end, 16))?;
    let part = Number { value: number.value / 100.0, ..*number };
    Some(money(&part, "THB", number.start, number.end + unit.len()))
}

/// "人民币300元" names its currency twice.
const RENMINBI: [&str; 2] = ["人民币", "人民幣"];

fn after(text: &Text, number: &Number) -> Option<Found> {
    let rest = text.after(number.end);
    let about =
        ["กว่า", "多", "几", "幾", "来"].into_iter().find(|about| rest.trim_start().starts_with(about));
    let space = rest.len() - rest.trim_start().len();
    // "a 500-baht voucher".
    let hyphen = rest.starts_with('-') && rest[1..].starts_with(|next: char| next.is_ascii_lowercase());
    let space = if hyphen { 1 } else { space };
    let space = about.map_or(space, |about| space + about.len());
    let fits = |(sign, _): &&(&str, &str)| {
        let end = number.end + space + sign.len();
        let letters = sign.bytes().all(|letter| letter.is_ascii_alphabetic() || letter == b' ');
        // ".-" closes a price; "บ" and "b" alone stand beside their digits.
        let short = matches!(*sign, ".-" | "b" | "บ");
        rest[space..].starts_with(sign)
            && (!letters || text.is_apart(end, end))
            && (!short || space == 0)
            && (*sign != "บ" || ends_a_word(text, end))
    };
    if let Some((sign, currency)) = AFTER.iter().filter(fits).max_by_key(|(sign, _)| sign.len()) {
        let lead = text.before(number.start);
        let named = RENMINBI.into_iter().find(|name| *currency == "CNY" && lead.ends_with(name));
        let start = named.map_or(number.start, |name| lead.len() - name.len());
        return Some(money(number, currency, start, number.end + space + sign.len()));
    }
    let word = MISSPELT.captures(rest)?.get(1)?;
    let near = ["baht", "dollars"].into_iter().position(|name| is_near(name, word.as_str(), 1))?;
    Some(money(number, ["THB", "USD"][near], number.start, number.end + word.end()))
}

fn before(text: &Text, number: &Number) -> Option<Found> {
    let rest = text.before(number.start);
    let fits = |(sign, _): &&(&str, &str)| {
        let start = rest.len().saturating_sub(sign.len());
        let starts_with_letter = sign.starts_with(|first: char| first.is_ascii_alphabetic());
        rest.ends_with(sign) && (!starts_with_letter || text.is_apart(start, start))
    };
    let (sign, currency) = BEFORE.iter().filter(fits).max_by_key(|(sign, _)| sign.len())?;
    let start = rest.len() - sign.len();
    let mut number = *number;
    let below_zero = is_below_zero(text, start);
    let start = if below_zero { start - 1 } else { start };
    if below_zero {
        number.value = -number.value;
    }
    number.sure.then(|| money(&number, currency, start, number.end))
}

fn paid(text: &Text, number: &Number) -> Option<Found> {
    let other = is_counted(text, number.end) || OTHER_UNIT.is_match(text.near_after(number.end, 8));
    let told = number.value >= 20.0 && !other && PAID.is_match(text.near_before(number.start, 48));
    let digits = text.lower[number.start..].starts_with(|first: char| first.is_ascii_digit());
    (told && (number.sure || !digits)).then(|| money(number, "THB", number.start, number.end))
}

fn money(number: &Number, currency: &str, start: usize, end: usize) -> Found {
    let value = json!({ "amount": number_value(number.value), "currency": currency });
    Found::special("money", start, end, value)
}
