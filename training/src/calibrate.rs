//! Temperatures of single heads and weights of fused ones, from what heads say about rows they have not seen.

use nlu::{Fusion, HeadOutput};

use crate::lbfgs::{Stop, minimise};
use crate::rare::{MOST_LABELS, leads};
use crate::rows::Rows;

/// The temperature that makes softmax(logits / temperature) most likely (Guo et al. 2017). `column` is left out.
pub(crate) fn temperature(logits: &[&[f32]], truth: &[usize], column: Option<usize>) -> f32 {
    let loss = |log_temperature: f64| {
        let scale = (-log_temperature).exp() as f32;
        let rows = logits.iter().zip(truth);
        rows.map(|(logits, truth)| negative_log(logits, *truth, column, |logit| logit * scale)).sum::<f64>()
    };
    golden_section(loss, -3.0, 3.0).exp() as f32
}

/// Minus the log probability of the truth among all columns but `column`.
fn negative_log(scores: &[f32], truth: usize, column: Option<usize>, scaled: impl Fn(f32) -> f32) -> f64 {
    let largest = scores.iter().copied().map(&scaled).fold(f32::NEG_INFINITY, f32::max);
    let inside = scores.iter().enumerate().filter(|(label, _)| Some(*label) != column);
    let sum: f32 = inside.map(|(_, score)| (scaled(*score) - largest).exp()).sum();
    f64::from(sum.ln() + largest - scaled(scores[truth]))
}

/// The minimum of a function with one valley.
fn golden_section(function: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let (mut left, mut right) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_left, mut at_right) = (function(left), function(right));
    for _ in 0..30 {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - ratio * (high - low);
            at_left = function(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + ratio * (high - low);
            at_right = function(right);
        }
    }
    f64::midpoint(low, high)
}

/// The fusion of `heads` whose weights make the truth of the `chosen` rows most likely; weights are positive. `outputs`
/// holds one list a head of the classifier, with an output for each row.
pub(crate) fn fusion(heads: &[usize], outputs: &[Vec<HeadOutput>], rows: &Rows, chosen: &[usize]) -> Fusion {
    let equal = 1.0 / heads.len() as f32;
    let fused = |weights: Vec<f32>| {
        let fusion = Fusion { heads: heads.to_vec(), weights, leads: Vec::new(), out_of_scope: None };
        let leads = leads_of(&fusion, outputs, rows, chosen);
        Fusion { leads, ..fusion }
    };
    if heads.len() == 1 || chosen.is_empty() {
        return fused(vec![equal; heads.len()]);
    }
    let objective = |logs: &[f32], gradient: &mut [f32]| {
        gradient.fill(0.0);
        let weights: Vec<f32> = logs.iter().map(|log| log.exp()).collect();
        let mut value = 0.0;
        for row in chosen.iter().copied() {
            let of_row = |head: &usize| outputs[*head][row].log_probabilities.as_slice();
            let outputs: Vec<&[f32]> = heads.iter().map(of_row).collect();
            value += row_loss(&outputs, &weights, rows, row, gradient);
        }
        let count = chosen.len() as f32;
        for (slope, weight) in gradient.iter_mut().zip(&weights) {
            *slope *= weight / count;
        }
        value / f64::from(count)
    };
    let start = vec![equal.ln(); heads.len()];
    let logs = minimise(objective, start, Stop { iterations: 40, decrease: 1e-5 });
    fused(logs.iter().map(|log| log.exp()).collect())
}

fn leads_of(fusion: &Fusion, outputs: &[Vec<HeadOutput>], rows: &Rows, chosen: &[usize]) -> Vec<f32> {
    if rows.labels.len() > MOST_LABELS {
        return Vec::new();
    }
    let scores = |row: &usize| {
        let outputs: Vec<&HeadOutput> = fusion.heads.iter().map(|head| &outputs[*head][*row]).collect();
        let mut scores = fusion.scores(&outputs);
        if let Some(column) = rows.out_of_scope {
            scores[column] = f32::NEG_INFINITY;
        }
        scores
    };
    let scores: Vec<Vec<f32>> = chosen.iter().map(scores).collect();
    let truth: Vec<usize> = chosen.iter().map(|row| rows.truth[*row]).collect();
    leads(&scores, &truth)
}

/// Minus the log probability of the truth; adds the slopes of the weights.
fn row_loss(outputs: &[&[f32]], weights: &[f32], rows: &Rows, row: usize, gradient: &mut [f32]) -> f64 {
    let (truth, column, row_weight) = (rows.truth[row], rows.out_of_scope, rows.weights[row]);
    let labels = outputs[0].len();
    let score = |label: usize| -> f32 {
        outputs.iter().zip(weights).map(|(output, weight)| weight * output[label]).sum()
    };
    let scores: Vec<f32> = (0..labels)
        .map(|label| if Some(label) == column { f32::NEG_INFINITY } else { score(label) })
        .collect();
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exponentials: Vec<f32> = scores.iter().map(|score| (score - largest).exp()).collect();
    let sum: f32 = exponentials.iter().sum();
    for (output, slope) in outputs.iter().zip(gradient) {
        let inside = output.iter().zip(&exponentials).filter(|(_, exponential)| **exponential > 0.0);
        let mean: f32 = inside.map(|(log, exponential)| log * exponential).sum::<f32>() / sum;
        *slope += row_weight * (mean - output[truth]);
    }
    f64::from(row_weight * (sum.ln() + largest - scores[truth]))
}

/// Every non-empty set of `heads` heads, small sets first.
pub(crate) fn sets(heads: usize) -> Vec<Vec<usize>> {
    let mut sets: Vec<Vec<usize>> = (1..1usize << heads)
        .map(|bits| (0..heads).filter(|head| bits & (1 << head) != 0).collect())
        .collect();
    sets.sort_by_key(|set: &Vec<usize>| (set.len(), set.clone()));
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits of a head that is right three times in four, and is `sharp` times too sure.
    fn logits(sharp: f32, wrong: usize) -> (Vec<Vec<f32>>, Vec<usize>) {
        let rows = (0..400).map(|row| {
            let truth = row % 3;
            let said = if row % 4 == wrong { (truth + 1) % 3 } else { truth };
            let surest = (0.75f32 / 0.125).ln() * sharp;
            ((0..3).map(|label| if label == said { surest } else { 0.0 }).collect(), truth)
        });
        rows.unzip()
    }

    #[test]
    fn the_temperature_undoes_overconfidence() {
        for sharp in [0.5, 1.0, 3.0] {
            let (logits, truth) = logits(sharp, 0);
            let logits: Vec<&[f32]> = logits.iter().map(Vec::as_slice).collect();
            let found = temperature(&logits, &truth, None);
            // With the wrong label's own share the best sureness is ln(0.75 / 0.125).
            assert!((found / sharp - 1.0).abs() < 0.15, "{found} for {sharp}");
        }
    }

    #[test]
    fn fusion_prefers_the_head_that_knows() {
        let (good, truth) = logits(1.0, 0);
        let noise =
            (0..400).map(|row| (0..3).map(|label| ((row * 7 + label * 5) % 11) as f32 * 0.1).collect());
        let output = |logits: Vec<f32>| HeadOutput::new(&logits, 1.0, None, 0.0);
        let outputs = vec![good.into_iter().map(output).collect(), noise.map(output).collect::<Vec<_>>()];
        let rows = Rows::of_truth(truth);
        let fusion = fusion(&[0, 1], &outputs, &rows, &(0..400).collect::<Vec<_>>());
        assert!(fusion.weights[0] > 3.0 * fusion.weights[1], "{fusion:?}");
        assert!((0.7..1.4).contains(&fusion.weights[0]), "{fusion:?}");
    }

    #[test]
    fn sets_are_all_non_empty_ones() {
        assert_eq!(sets(2), [vec![0], vec![1], vec![0, 1]]);
        assert_eq!(sets(3).len(), 7);
    }
}
