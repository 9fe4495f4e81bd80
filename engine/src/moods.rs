//! How a conversation feels over time: one sign a heard message, and where they go.

use serde::Serialize;

/// Signs that are kept of a conversation.
pub const MOODS: usize = 12;

/// Where the sentiment of a conversation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    Better,
    Worse,
}

/// The sign of a sentiment.
pub fn sign(sentiment: &str) -> Option<&'static str> {
    match sentiment {
        "positive" => Some("+"),
        "negative" => Some("-"),
        "neutral" => Some("0"),
        "question" => Some("?"),
        _ => None,
    }
}

/// Fewer messages than this show no direction.
const FEWEST: usize = 4;
/// Between the mean of the older and of the newer half, on a scale from -1 to 1.
const STEP: f64 = 0.4;

/// Compares the newer half of the messages with the older one.
pub fn trend(moods: &str) -> Option<Trend> {
    let values: Vec<f64> = moods.chars().map(value).collect();
    if values.len() < FEWEST {
        return None;
    }
    let (older, newer) = values.split_at(values.len() / 2);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let change = mean(newer) - mean(older);
    match change {
        change if change >= STEP => Some(Trend::Better),
        change if change <= -STEP => Some(Trend::Worse),
        _ => None,
    }
}

fn value(sign: char) -> f64 {
    match sign {
        '+' => 1.0,
        '-' => -1.0,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(moods: &str, expected: Option<Trend>) {
        assert_eq!(trend(moods), expected, "{moods}");
    }

    #[test]
    fn the_newer_half_is_compared_with_the_older() {
        check("", None);
        check("+--", None);
        check("00--", Some(Trend::Worse));
        check("?0?-", Some(Trend::Worse));
        check("00000-", None);
        check("--0+", Some(Trend::Better));
        check("+-+-", None);
        check("----", None);
        check("++++++------", Some(Trend::Worse));
    }
}
