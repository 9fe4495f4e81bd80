//! When a cascade may stop: the limits under which its last stage has to be asked.

use nlu::{Classifier, Doubt, HeadOutput};

/// Fewer rows than this say too little.
const FEWEST: usize = 200;

/// One row that the heads had not seen: what the stages before the last say, and what all of them say.
struct Row {
    /// The early stages' best probability, and whether they agree.
    early: f32,
    agreed: bool,
    early_right: bool,
    all_right: bool,
}

/// The limits that ask the last encoder least often while the rows in scope are answered as well as by all stages, but
/// for a share `may_lose` of them. `outputs` holds one list a head, with an output for each row; `chosen` are rows in
/// scope.
pub(crate) fn doubt(
    classifier: &Classifier,
    outputs: &[Vec<HeadOutput>],
    truth: &[usize],
    (chosen, may_lose): (&[usize], f32),
) -> Doubt {
    if outputs.len() < 3 || chosen.len() < FEWEST {
        return Doubt::default();
    }
    let rows: Vec<Row> =
        chosen.iter().filter_map(|row| read(classifier, outputs, *row, truth[*row])).collect();
    let most = (rows.len() as f32 * may_lose).floor() as isize;
    let limits: Vec<f32> = (2..20).map(|step| step as f32 * 0.05).chain([0.97, 0.98, 0.99]).collect();
    let pairs = limits.iter().flat_map(|below| limits.iter().map(move |agreed| (*below, *agreed)));
    let usable = pairs.filter(|(below, agreed)| agreed <= below);
    let cost = |(below, agreed_below): (f32, f32)| {
        let mut asked = 0usize;
        let mut lost = 0isize;
        for row in &rows {
            if row.early < if row.agreed { agreed_below } else { below } {
                asked += 1;
            } else {
                lost += isize::from(row.all_right) - isize::from(row.early_right);
            }
        }
        (lost <= most).then_some((asked, Doubt { below, agreed_below, ..Doubt::default() }))
    };
    let best = usable.filter_map(cost).min_by_key(|(asked, _)| *asked);
    best.map_or(Doubt { below: 1.0, agreed_below: 1.0, ..Doubt::default() }, |(_, doubt)| doubt)
}

fn read(classifier: &Classifier, outputs: &[Vec<HeadOutput>], row: usize, truth: usize) -> Option<Row> {
    let all: Vec<(usize, &HeadOutput)> =
        outputs.iter().enumerate().map(|(head, outputs)| (head, &outputs[row])).collect();
    let before = &all[..all.len() - 1];
    let (early, whole) = (classifier.fuse(before)?.best()?, classifier.fuse(&all)?.best()?);
    Some(Row {
        early: early.1,
        agreed: classifier.agree(before),
        early_right: early.0 == truth,
        all_right: whole.0 == truth,
    })
}
