//! What cannot wait, and what abuses people.

use nlu::{Normalised, UrgencyRules, Words};
use serde::Deserialize;

use crate::{Tally, cases, is_dev, show};

#[derive(Deserialize)]
struct Case {
    text: String,
    urgent: bool,
    toxic: bool,
}

/// True and false positives and negatives of one half.
#[derive(Default, Clone, Copy)]
struct Counts {
    hit: usize,
    false_alarm: usize,
    missed: usize,
}

impl Counts {
    fn count(&mut self, expected: bool, found: bool) {
        self.hit += usize::from(expected && found);
        self.false_alarm += usize::from(!expected && found);
        self.missed += usize::from(expected && !found);
    }

    /// Precision and recall, in percent.
    fn figures(self) -> (f64, f64) {
        let share = |of: usize| 100.0 * self.hit as f64 / (self.hit + of).max(1) as f64;
        (share(self.false_alarm), share(self.missed))
    }
}

/// Floors: precision and recall of dev, then of blind.
fn judge(language: &str, urgent_floors: [f64; 4], toxic_floors: [f64; 4]) {
    let rules = UrgencyRules::shipped().expect("the lists can be read");
    let words = Words::default();
    let mut counts = [[Counts::default(); 2]; 2];
    let mut both = Tally::default();
    for case in cases::<Case>(&format!("urgency/{language}.jsonl")) {
        let found = rules.judge(&Normalised::new(&case.text), &words);
        let half = usize::from(!is_dev(&case.text));
        counts[0][half].count(case.urgent, found.urgent);
        counts[1][half].count(case.toxic, found.toxic);
        let is_right = (case.urgent, case.toxic) == (found.urgent, found.toxic);
        both.count(&case.text, is_right);
        if !is_right {
            let fired: Vec<String> =
                found.fired.iter().map(|rule| format!("{}: {}", rule.section, rule.phrase)).collect();
            show(&case.text, &(case.urgent, case.toxic), &(found.urgent, found.toxic, fired));
        }
    }
    both.check(&format!("urgency {language}, both labels"), [95.0, 80.0]);
    for (name, halves, floors) in [("urgent", counts[0], urgent_floors), ("toxic", counts[1], toxic_floors)] {
        let [dev, blind] = halves.map(Counts::figures);
        println!(
            "{name} {language}: dev precision {:.1} recall {:.1}, blind precision {:.1} recall {:.1}",
            dev.0, dev.1, blind.0, blind.1
        );
        let figures = [dev.0, dev.1, blind.0, blind.1];
        assert!(figures.iter().zip(floors).all(|(figure, floor)| *figure >= floor), "{name} {language}");
    }
}

#[test]
fn judging_urgency() {
    judge("th", [95.0, 95.0, 90.0, 86.0], [95.0, 95.0, 84.0, 88.0]);
    judge("en", [95.0, 95.0, 95.0, 84.0], [95.0, 95.0, 86.0, 86.0]);
    judge("zh", [95.0, 92.0, 83.0, 86.0], [95.0, 95.0, 84.0, 90.0]);
}
