//! The calibration of confidence: a logistic regression on what the best article shows.

use std::error::Error;

use knowledge::{Index, Query, Signals};

use crate::judged::Judged;
use crate::score::rank;

const COUNT: usize = Signals::COUNT;

const RIDGE: f64 = 0.02;

struct Example {
    values: [f64; COUNT],
    is_right: bool,
    weight: f64,
}

pub(crate) fn print(
    index: &Index,
    judged: &[(Judged, Query)],
    others: &[(Index, Vec<(Judged, Query)>)],
) -> Result<(), Box<dyn Error>> {
    let mut examples = examples(index, judged, 1.0)?;
    let from_judged = examples.len();
    for (index, texts) in others {
        // Questions that were written beside the article are easier than those of strangers, and another article may
        // answer a little of what a missing one would have.
        examples.extend(self::examples(index, texts, 0.15)?);
    }
    let weights = fit(&examples);
    println!("{weights:.3?}");
    let mut scored: Vec<_> = examples[..from_judged]
        .iter()
        .map(|example| (probability(&weights, &example.values), example.is_right))
        .collect();
    scored.sort_by(|left, right| right.0.total_cmp(&left.0));
    for threshold in [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] {
        let above = scored.iter().take_while(|(probability, _)| *probability >= threshold);
        let (right, wrong) =
            above.fold((0, 0), |(r, w), (_, is_right)| if *is_right { (r + 1, w) } else { (r, w + 1) });
        println!("from {threshold:.1}: {right} right, {wrong} wrong");
    }
    Ok(())
}

fn examples(index: &Index, texts: &[(Judged, Query)], weight: f64) -> Result<Vec<Example>, Box<dyn Error>> {
    let mut examples = Vec::new();
    for (judged, query) in texts {
        let hits = index.search(query)?;
        let Some(signals) = Signals::of(&hits) else { continue };
        // A near article is neither right nor wrong.
        if rank(&hits, &judged.near) == Some(0) {
            continue;
        }
        let values = signals.values().map(f64::from);
        examples.push(Example { values, is_right: rank(&hits, &judged.right) == Some(0), weight });
    }
    Ok(examples)
}

fn probability(weights: &[f64; COUNT], values: &[f64; COUNT]) -> f64 {
    let logit: f64 = weights.iter().zip(values).map(|(weight, value)| weight * value).sum();
    1.0 / (1.0 + (-logit).exp())
}

/// Newton's method with a little ridge on everything but the bias.
#[expect(clippy::needless_range_loop, reason = "rows and columns are named by their numbers")]
fn fit(examples: &[Example]) -> [f64; COUNT] {
    let mut weights = [0.0; COUNT];
    for _ in 0..50 {
        let mut gradient = [0.0; COUNT];
        let mut hessian = [[0.0; COUNT]; COUNT];
        for example in examples {
            let probability = probability(&weights, &example.values);
            let error = f64::from(u8::from(example.is_right)) - probability;
            let curvature = example.weight * probability * (1.0 - probability);
            for row in 0..COUNT {
                gradient[row] += example.weight * error * example.values[row];
                for column in 0..COUNT {
                    hessian[row][column] += curvature * example.values[row] * example.values[column];
                }
            }
        }
        for index in 0..COUNT {
            let ridge = if index == 0 { 1e-6 } else { RIDGE };
            gradient[index] -= ridge * weights[index];
            hessian[index][index] += ridge;
        }
        let step = solve(hessian, gradient);
        for index in 0..COUNT {
            weights[index] += step[index];
        }
    }
    weights
}

/// Gauss elimination with pivots.
#[expect(clippy::needless_range_loop, reason = "rows and columns are named by their numbers")]
fn solve(mut matrix: [[f64; COUNT]; COUNT], mut right: [f64; COUNT]) -> [f64; COUNT] {
    for column in 0..COUNT {
        let pivot =
            (column..COUNT).max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()));
        let pivot = pivot.unwrap_or(column);
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        for row in 0..COUNT {
            if row != column {
                let factor = matrix[row][column] / matrix[column][column];
                for index in 0..COUNT {
                    matrix[row][index] -= factor * matrix[column][index];
                }
                right[row] -= factor * right[column];
            }
        }
    }
    std::array::from_fn(|index| right[index] / matrix[index][index])
}
