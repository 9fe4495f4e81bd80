//! How values look to a person, by language.

use super::{Date, Value};

/// Texts by id, for the functions `title` and `baht`.
pub trait Titles {
    /// The short text of a wording id or of an entity's value, in the language or the bot's own.
    fn title(&self, id: &str, language: &str) -> Option<String>;

    /// An amount in satang as money.
    fn baht(&self, satang: f64, language: &str) -> String;
}

/// A value as text: numbers in groups of three with at most two decimals, dates as the language writes
/// them, lists with commas; none is empty.
pub fn show(value: &Value, language: &str) -> String {
    match value {
        Value::None => String::new(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Number(number) => grouped(*number),
        Value::Text(text) => text.clone(),
        Value::Date(date) => show_date(*date, language),
        Value::List(items) => items.iter().map(|item| show(item, language)).collect::<Vec<_>>().join(", "),
        Value::Record(record) => {
            record.values().map(|value| show(value, language)).collect::<Vec<_>>().join(", ")
        }
    }
}

/// `1234567.5` is `1,234,567.5`.
pub(crate) fn grouped(number: f64) -> String {
    let text = format!("{:.2}", number.abs());
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let decimals = decimals.trim_end_matches('0');
    if !decimals.is_empty() {
        grouped.push('.');
        grouped.push_str(decimals);
    }
    if number < 0.0 && grouped != "0" { format!("-{grouped}") } else { grouped }
}

const THAI_MONTHS: [&str; 12] =
    ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."];
const ENGLISH_MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Thai dates carry the Buddhist year, 543 ahead of the Gregorian one.
fn show_date(date: Date, language: &str) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    let index = usize::from(month) - 1;
    match language {
        "th" => format!("{day} {} {}", THAI_MONTHS[index], year + 543),
        "en" => format!("{day} {} {year}", ENGLISH_MONTHS[index]),
        "zh" | "ja" => format!("{year}年{month}月{day}日"),
        _ => date.to_string(),
    }
}
