//! Messages with several requests.

use nlu::requests;
use serde::Deserialize;

use crate::{Tally, cases, show};

#[derive(Deserialize)]
struct Case {
    text: String,
    parts: Vec<String>,
}

/// Without outer signs and spaces.
fn bare(part: &str) -> String {
    part.trim_matches(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '\u{e2f}'..='\u{e4e}'))
        .to_owned()
}

fn judge(language: &str, floors: [[f64; 2]; 3]) {
    let (mut exact, mut cut, mut whole) = (Tally::default(), Tally::default(), Tally::default());
    for case in cases::<Case>(&format!("multi_intent/{language}.jsonl")) {
        let found: Vec<String> = requests(&case.text).iter().map(|request| bare(&request.text)).collect();
        let expected: Vec<String> = case.parts.iter().map(|part| bare(part)).collect();
        exact.count(&case.text, found == expected);
        if expected.len() > 1 {
            cut.count(&case.text, found.len() >= expected.len());
        } else {
            whole.count(&case.text, found.len() == 1);
        }
        if found != expected {
            show(&case.text, &expected, &found);
        }
    }
    exact.check(&format!("requests {language}, exact parts"), floors[0]);
    cut.check(&format!("requests {language}, several are cut"), floors[1]);
    whole.check(&format!("requests {language}, one stays whole"), floors[2]);
}

#[test]
fn judging_requests() {
    judge("th", [[94.0, 87.0], [94.0, 84.0], [96.0, 92.0]]);
    judge("en", [[95.0, 83.0], [94.0, 82.0], [96.0, 92.0]]);
}
