//! When a cascade may stop: the limits under which its last stage has to be asked.

use nlu::{Classifier, Doubt, HeadOutput};

/// Fewer rows than this say too little.
const FEWEST: usize = 200;

/// One row that the heads had not seen.
struct Row {
    /// The early stages' best probability, and whether they agree.
    early: f32,
    agreed: bool,
    /// How much less probable the early stages' answer is than that of all stages, as all of them see it.
    lost: f32,
}

/// The limits that ask the last encoder least often while of the rows in scope no larger share than `may_lose` can be
/// expected to be answered worse than by all stages. `outputs` holds one list a head, with an output for each row;
/// `chosen` are rows in scope.
///
/// The loss is expected, not counted: few rows change their answer, and whether those few were right is mostly luck,
/// which let limits pass that lost half a point on messages never seen (BANKING77 of ten examples an intent). The
/// probabilities of all stages are calibrated, so their sum says the same with far less noise.
pub(crate) fn doubt(
    classifier: &Classifier,
    outputs: &[Vec<HeadOutput>],
    (chosen, may_lose): (&[usize], f32),
) -> Doubt {
    if outputs.len() < 3 || chosen.len() < FEWEST {
        return Doubt::default();
    }
    let rows: Vec<Row> = chosen.iter().filter_map(|row| read(classifier, outputs, *row)).collect();
    limits(&rows, may_lose)
}

fn limits(rows: &[Row], may_lose: f32) -> Doubt {
    let most = rows.len() as f32 * may_lose;
    let limits: Vec<f32> = (5..50).map(|step| step as f32 * 0.02).chain([0.99]).collect();
    let pairs = limits.iter().flat_map(|below| limits.iter().map(move |agreed| (*below, *agreed)));
    let usable = pairs.filter(|(below, agreed)| agreed <= below);
    let cost = |(below, agreed_below): (f32, f32)| {
        let answered = |row: &&Row| row.early >= if row.agreed { agreed_below } else { below };
        let lost: f32 = rows.iter().filter(answered).map(|row| row.lost).sum();
        let asked = rows.len() - rows.iter().filter(answered).count();
        (lost <= most).then_some((asked, Doubt { below, agreed_below, ..Doubt::default() }))
    };
    let best = usable.filter_map(cost).min_by_key(|(asked, _)| *asked);
    best.map_or(Doubt { below: 1.0, agreed_below: 1.0, ..Doubt::default() }, |(_, doubt)| doubt)
}

fn read(classifier: &Classifier, outputs: &[Vec<HeadOutput>], row: usize) -> Option<Row> {
    let all: Vec<(usize, &HeadOutput)> =
        outputs.iter().enumerate().map(|(head, outputs)| (head, &outputs[row])).collect();
    let before = &all[..all.len() - 1];
    let (early, whole) = (classifier.fuse(before)?.best()?, classifier.fuse(&all)?);
    Some(Row {
        early: early.1,
        agreed: classifier.agree(before),
        lost: whole.best()?.1 - whole.probabilities[early.0],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[(usize, f32, bool, f32)]) -> Vec<Row> {
        let row = |&(times, early, agreed, lost)| (0..times).map(move |_| Row { early, agreed, lost });
        rows.iter().flat_map(row).collect()
    }

    #[test]
    fn the_last_stage_is_asked_where_it_is_expected_to_know_better() {
        // Sure rows, sure ones on which the heads differ, and unsure ones.
        let seen = rows(&[(80, 0.95, true, 0.0), (10, 0.85, false, 0.1), (10, 0.5, false, 0.3)]);
        let asked = |doubt: &Doubt| {
            seen.iter()
                .filter(|row| row.early < if row.agreed { doubt.agreed_below } else { doubt.below })
                .count()
        };
        for (may_lose, expected) in [(0.0, 20), (0.02, 10), (0.05, 0)] {
            assert_eq!(asked(&limits(&seen, may_lose)), expected, "{may_lose}");
        }
    }

    #[test]
    fn it_is_always_asked_where_nothing_else_keeps_the_promise() {
        let doubt = limits(&rows(&[(10, 0.995, true, 0.5)]), 0.001);
        assert!(doubt.below >= 1.0 && doubt.agreed_below >= 1.0, "{doubt:?}");
    }
}
