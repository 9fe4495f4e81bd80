//! Amounts of money: a number beside a currency.

use serde_json::json;

use crate::entities::number::{Number, is_below_zero, number_value};
use crate::entities::text::{Found, Text};

/// Written after the number, longest first within a currency.
const AFTER: &[(&str, &str)] = &[
    ("บาท", "THB"),
    ("บ.", "THB"),
    ("฿", "THB"),
    ("baht", "THB"),
    ("bath", "THB"),
    ("thb", "THB"),
    ("泰铢", "THB"),
    ("铢", "THB"),
    ("ดอลลาร์", "USD"),
    ("ดอลล่าร์", "USD"),
    ("dollars", "USD"),
    ("dollar", "USD"),
    ("usd", "USD"),
    ("$", "USD"),
    ("美元", "USD"),
    ("หยวน", "CNY"),
    ("元", "CNY"),
    ("块", "CNY"),
    ("塊", "CNY"),
    ("人民币", "CNY"),
    ("rmb", "CNY"),
    ("cny", "CNY"),
    ("yuan", "CNY"),
    ("ยูโร", "EUR"),
    ("euros", "EUR"),
    ("euro", "EUR"),
    ("eur", "EUR"),
    ("€", "EUR"),
    ("เยน", "JPY"),
    ("yen", "JPY"),
    ("日元", "JPY"),
    ("円", "JPY"),
];

const BEFORE: &[(&str, &str)] = &[
    ("฿", "THB"),
    ("thb", "THB"),
    ("usd", "USD"),
    ("us$", "USD"),
    ("$", "USD"),
    ("rmb", "CNY"),
    ("¥", "CNY"),
    ("€", "EUR"),
];

pub(crate) fn find(text: &Text, numbers: &[Number]) -> Vec<Found> {
    numbers.iter().filter_map(|number| after(text, number).or_else(|| before(text, number))).collect()
}

fn after(text: &Text, number: &Number) -> Option<Found> {
    let rest = text.after(number.end);
    let space = rest.len() - rest.trim_start().len();
    let (sign, currency) = AFTER.iter().find(|(sign, _)| rest[space..].starts_with(sign))?;
    let end = number.end + space + sign.len();
    let whole_word = !sign.is_ascii() || *sign == "$" || text.is_apart(end, end);
    whole_word.then(|| money(number, currency, number.start, end))
}

fn before(text: &Text, number: &Number) -> Option<Found> {
    let rest = text.before(number.start);
    let (sign, currency) = BEFORE.iter().find(|(sign, _)| rest.ends_with(sign))?;
    let start = rest.len() - sign.len();
    let mut number = *number;
    let below_zero = is_below_zero(text, start);
    let start = if below_zero { start - 1 } else { start };
    if below_zero {
        number.value = -number.value;
    }
    number.sure.then(|| money(&number, currency, start, number.end))
}

fn money(number: &Number, currency: &str, start: usize, end: usize) -> Found {
    let value = json!({ "amount": number_value(number.value), "currency": currency });
    Found::special("money", start, end, value)
}
