//! Languages of short messages.

use std::collections::BTreeMap;

use nlu::{detect, is_mixed};
use serde::Deserialize;

use crate::{Tally, cases, show};

#[derive(Deserialize)]
struct Case {
    text: String,
    language: String,
    mixed: bool,
}

#[test]
fn judging_language() {
    let mut all = Tally::default();
    let mut mixed = Tally::default();
    let mut each: BTreeMap<String, Tally> = BTreeMap::new();
    for case in cases::<Case>("language/short.jsonl") {
        let found = detect(&case.text, None);
        let is_right = found.language.code() == case.language;
        let found_mixed = is_mixed(&case.text, found.language);
        mixed.count(&case.text, found_mixed == case.mixed);
        if found_mixed != case.mixed {
            show(&case.text, &format!("mixed {}", case.mixed), &format!("mixed {found_mixed}"));
        }
        all.count(&case.text, is_right);
        each.entry(case.language.clone()).or_default().count(&case.text, is_right);
        if !is_right {
            show(&case.text, &case.language, &found);
        }
    }
    for (language, tally) in each {
        tally.check(&format!("language {language}"), [0.0, 0.0]);
    }
    mixed.check("language, mixed", [97.0, 97.0]);
    all.check("language", [97.0, 96.0]);
}
