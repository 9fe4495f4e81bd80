//! One spelling for what people type in many.

use nlu::Normalised;
use serde::Deserialize;

use crate::{Tally, cases, show};

#[derive(Deserialize)]
struct Case {
    text: String,
    normalised: String,
}

#[test]
fn judging_normalisation() {
    let mut exact = Tally::default();
    for case in cases::<Case>("normalisation.jsonl") {
        let found = Normalised::new(&case.text);
        let is_right = found.text() == case.normalised;
        exact.count(&case.text, is_right);
        if !is_right {
            show(&case.text, &case.normalised, &found.text());
        }
    }
    exact.check("normalisation", [98.0, 98.0]);
}
