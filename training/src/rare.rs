//! Offsets for rare labels. A head that makes the truth most likely hardly ever names a label that one text in fifty has:
//! naming the commoner one is right more often. Where that costs nothing, rare labels are given a lead.

/// The macro-F1 must gain at least this.
const LEAST_GAIN: f32 = 0.005;
/// With more labels than this single offsets say little.
pub(crate) const MOST_LABELS: usize = 30;
/// A label with fewer rows is too small to choose an offset by.
const FEWEST_ROWS: usize = 20;
/// The commonest label is this many times as common as the rarest, or all are alike.
const SKEW: usize = 5;
/// Leads that are tried, in nats.
const STEPS: usize = 16;
const STEP: f32 = 0.2;

/// What to add to each label's score so that the mean F1 of the labels is best while as many rows as ever are answered
/// rightly; empty where labels are of a size, too many or too small. `scores` holds one list a row with a number for each
/// label, negative infinity where a label is out of the question.
pub(crate) fn leads(scores: &[Vec<f32>], truth: &[usize]) -> Vec<f32> {
    let labels = scores.first().map_or(0, Vec::len);
    let mut counts = vec![0usize; labels];
    for label in truth {
        counts[*label] += 1;
    }
    let mut rarest: Vec<usize> = (0..labels).filter(|label| counts[*label] >= FEWEST_ROWS).collect();
    rarest.sort_by_key(|label| counts[*label]);
    let (Some(rare), Some(common)) = (rarest.first(), rarest.last()) else { return Vec::new() };
    if rarest.len() < 2 || labels > MOST_LABELS || counts[*common] < SKEW * counts[*rare] {
        return Vec::new();
    }
    rarest.pop();
    let mut leads = vec![0.0f32; labels];
    let begin = tally(scores, truth, &leads);
    let mut best = begin;
    for _ in 0..2 {
        for label in &rarest {
            for step in 0..=STEPS {
                let before = std::mem::replace(&mut leads[*label], step as f32 * STEP);
                let found = tally(scores, truth, &leads);
                if found.macro_f1 > best.macro_f1 && found.accuracy >= begin.accuracy {
                    best = found;
                } else {
                    leads[*label] = before;
                }
            }
        }
    }
    if best.macro_f1 < begin.macro_f1 + LEAST_GAIN { Vec::new() } else { leads }
}

#[derive(Debug, Clone, Copy)]
struct Tally {
    accuracy: f32,
    macro_f1: f32,
}

fn tally(scores: &[Vec<f32>], truth: &[usize], leads: &[f32]) -> Tally {
    let mut labels = vec![(0usize, 0usize, 0usize); leads.len()];
    for (scores, truth) in scores.iter().zip(truth) {
        let led = scores.iter().zip(leads).map(|(score, lead)| score + lead).enumerate();
        let found = led.max_by(|left, right| left.1.total_cmp(&right.1)).map_or(0, |(label, _)| label);
        labels[*truth].0 += 1;
        labels[found].1 += 1;
        labels[found].2 += usize::from(found == *truth);
    }
    let right: usize = labels.iter().map(|(_, _, right)| right).sum();
    let expected = labels.iter().filter(|(expected, _, _)| *expected > 0);
    let f1: Vec<f32> =
        expected.map(|(expected, found, right)| 2.0 * *right as f32 / (expected + found) as f32).collect();
    Tally {
        accuracy: right as f32 / truth.len().max(1) as f32,
        macro_f1: f1.iter().sum::<f32>() / f1.len().max(1) as f32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of a common label and of a rare one, told apart by a number of which `shift` is always too small for it.
    fn rows(rare: usize, shift: f32) -> (Vec<Vec<f32>>, Vec<usize>) {
        let row = |index: usize| {
            let truth = usize::from(index < rare);
            let noise = ((index * 7919) % 1000) as f32 / 1000.0 - 0.5;
            (vec![0.0, if truth == 1 { 1.0 } else { -1.0 } - shift + noise], truth)
        };
        (0..1000).map(row).unzip()
    }

    #[test]
    fn a_rare_label_that_is_never_named_gets_a_lead() {
        let (scores, truth) = rows(50, 1.6);
        let leads = leads(&scores, &truth);
        assert!(leads[0].abs() < f32::EPSILON && (0.8..2.8).contains(&leads[1]), "{leads:?}");
        assert!(tally(&scores, &truth, &leads).macro_f1 > 0.95);
    }

    #[test]
    fn nothing_is_led_where_it_brings_nothing_or_says_nothing() {
        let check = |rare, shift: f32| {
            let (scores, truth) = rows(rare, shift);
            assert_eq!(leads(&scores, &truth), Vec::<f32>::new(), "{rare} {shift}");
        };
        check(50, 0.0);
        check(400, 1.6);
        check(5, 1.6);
        assert!(leads(&[], &[]).is_empty());
    }
}
