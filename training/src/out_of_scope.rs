//! The rule that tells that no intent fits, and its threshold.

use nlu::{Evidence, OutOfScope};

use crate::lbfgs::{Stop, minimise};

/// Trains a logistic rule on evidence of rows in scope and out of scope (each side weighs the same), then puts the
/// threshold, one half, where `accept` of the rows in scope stay below it. Without rows out of scope the rule is the best label's
/// probability alone.
pub(crate) fn rule(inside: &[Evidence], outside: &[Evidence], accept: f32) -> OutOfScope {
    let mut rule = if outside.len() < 10 || inside.len() < 10 {
        by_probability(inside)
    } else {
        logistic(inside, outside)
    };
    let mut scores: Vec<f32> = inside.iter().map(|evidence| rule.score(evidence)).collect();
    scores.sort_by(f32::total_cmp);
    let place = ((scores.len() as f32 * accept) as usize).min(scores.len().saturating_sub(1));
    let threshold = scores.get(place).copied().unwrap_or(0.5).clamp(1e-4, 1.0 - 1e-4);
    // The scale is moved so that the threshold is one half: a score then means the same for every bot.
    rule.bias -= (threshold / (1.0 - threshold)).ln();
    rule.threshold = 0.5;
    rule
}

/// The first number of the evidence is the log probability of the best label: half a probability is half a doubt.
fn by_probability(inside: &[Evidence]) -> OutOfScope {
    let numbers = inside.first().map_or(1, Vec::len);
    let mut weights = vec![0.0; numbers];
    weights[0] = -4.0;
    OutOfScope { weights, bias: 4.0 * 0.5f32.ln(), threshold: 0.5 }
}

fn logistic(inside: &[Evidence], outside: &[Evidence]) -> OutOfScope {
    let numbers = inside[0].len();
    let all: Vec<(&Evidence, f32)> = inside
        .iter()
        .map(|evidence| (evidence, 0.0))
        .chain(outside.iter().map(|evidence| (evidence, 1.0)))
        .collect();
    let (means, scales) = moments(&all, numbers);
    let share = |truth: f32| 0.5 / if truth > 0.5 { outside.len() } else { inside.len() } as f32;
    let objective = |point: &[f32], gradient: &mut [f32]| {
        gradient.fill(0.0);
        let mut value = 0.0f64;
        for (evidence, truth) in &all {
            let standard: Vec<f32> =
                (0..numbers).map(|index| (evidence[index] - means[index]) / scales[index]).collect();
            let sum: f32 = standard.iter().zip(point).map(|(value, weight)| value * weight).sum::<f32>()
                + point[numbers];
            let probability = 1.0 / (1.0 + (-sum).exp());
            let weight = share(*truth);
            let softplus = sum.max(0.0) + (-sum.abs()).exp().ln_1p();
            value += f64::from(weight * (softplus - truth * sum));
            let error = weight * (probability - truth);
            for (value, slope) in standard.iter().zip(gradient.iter_mut()) {
                *slope += error * value;
            }
            gradient[numbers] += error;
        }
        for index in 0..numbers {
            value += f64::from(0.5 * PENALTY * point[index] * point[index]);
            gradient[index] += PENALTY * point[index];
        }
        value
    };
    let found = minimise(objective, vec![0.0; numbers + 1], Stop { iterations: 100, decrease: 1e-6 });
    let weights: Vec<f32> = (0..numbers).map(|index| found[index] / scales[index]).collect();
    let shift: f32 = weights.iter().zip(&means).map(|(weight, mean)| weight * mean).sum();
    OutOfScope { weights, bias: found[numbers] - shift, threshold: 0.5 }
}

/// L2 on standardised weights: the rows out of scope are few and of our own writing.
const PENALTY: f32 = 0.01;

fn moments(all: &[(&Evidence, f32)], numbers: usize) -> (Vec<f32>, Vec<f32>) {
    let count = all.len().max(1) as f32;
    let mean = |index: usize| all.iter().map(|(evidence, _)| evidence[index]).sum::<f32>() / count;
    let means: Vec<f32> = (0..numbers).map(mean).collect();
    let deviation = |index: usize| {
        let square: f32 = all.iter().map(|(evidence, _)| (evidence[index] - means[index]).powi(2)).sum();
        (square / count).sqrt().max(1e-6)
    };
    let scales = (0..numbers).map(deviation).collect();
    (means, scales)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::auroc;

    fn sides() -> (Vec<Evidence>, Vec<Evidence>) {
        let row = |index: usize, shift: f32| {
            vec![(index as f32 * 0.61).sin() + shift, 10.0 * (index as f32).cos(), 4.0]
        };
        ((0..200).map(|index| row(index, 1.0)).collect(), (0..50).map(|index| row(index, -1.0)).collect())
    }

    #[test]
    fn the_rule_separates_and_keeps_the_wanted_share() {
        let (inside, outside) = sides();
        let rule = rule(&inside, &outside, 0.95);
        let score = |rows: &[Evidence]| rows.iter().map(|evidence| rule.score(evidence)).collect::<Vec<_>>();
        assert!(auroc(&score(&inside), &score(&outside)) > 0.95);
        let accepted = score(&inside).iter().filter(|score| **score <= rule.threshold).count();
        assert!((188..=194).contains(&accepted), "{accepted}");
    }

    #[test]
    fn without_rows_out_of_scope_unsure_answers_are_suspect() {
        let inside: Vec<Evidence> = (1..=100).map(|index| vec![(index as f32 / 100.0).ln(), 0.0]).collect();
        let rule = rule(&inside, &[], 0.9);
        let refused = inside.iter().filter(|evidence| rule.score(evidence) > rule.threshold).count();
        assert!((8..=10).contains(&refused), "{refused}");
        assert!(rule.score(&inside[0]) > rule.threshold && rule.score(&inside[99]) < rule.threshold);
    }
}
