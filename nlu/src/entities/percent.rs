//! Shares of a hundred.

use std::sync::LazyLock;

use regex::Regex;

use crate::entities::number::{Number, number_value};
use crate::entities::spelling::is_near;
use crate::entities::text::{Found, Text, compiled};

static SIGN: LazyLock<Regex> = LazyLock::new(|| {
    compiled(r"^\s?(?:%|percents?\b|per\scents?\b|pct\b|เปอร์?เซ็?น(?:ต์|ต)?|เปอร์เซ็นต์|个百分点|個百分點)")
});

static MISSPELT: LazyLock<Regex> = LazyLock::new(|| compiled(r"^\s?(p[a-z]{3,8})\b"));

pub(crate) fn find(text: &Text, numbers: &[Number]) -> Vec<Found> {
    let shares = numbers.iter().filter_map(|number| share(text, number));
    // "10-15%" are two shares.
    let first = numbers.windows(2).filter_map(|pair| {
        let [first, second] = pair else { return None };
        let joined = first.joins(second, text) && share(text, second)?.start == second.start;
        joined.then(|| Found::special("percent", first.start, first.end, number_value(first.value)))
    });
    shares.chain(first).collect()
}

/// "5%", "ห้าเปอร์เซ็นต์", "ร้อยละ 5", "百分之五".
fn share(text: &Text, number: &Number) -> Option<Found> {
    let before = text.before(number.start);
    if let Some(word) = MISSPELT.captures(text.near_after(number.end, 12)).and_then(|word| word.get(1)) {
        let letters: String = word.as_str().chars().filter(|letter| !"aeiou".contains(*letter)).collect();
        let near = is_near("percent", word.as_str(), 1) || letters == "prcnt";
        return near.then(|| {
            Found::special("percent", number.start, number.end + word.end(), number_value(number.value))
        });
    }
    let lead = ["ร้อยละ", "百分之"].into_iter().find(|lead| before.ends_with(lead));
    let (start, end) = match (lead, SIGN.find(text.after(number.end))) {
        (Some(lead), _) => (before.len() - lead.len(), number.end),
        (None, Some(sign)) => (number.start, number.end + sign.end()),
        (None, None) => return None,
    };
    Some(Found::special("percent", start, end, number_value(number.value)))
}
