//! How probable the true labels are, and how that changes with every weight.

use crate::tagging::problem::{Problem, Text};

/// Texts are summed in so many parts, whatever the number of cores, so that sums are the same everywhere.
const PARTS: usize = 4;

/// The penalised negative log-likelihood of a linear-chain conditional random field (Sutton and McCallum 2012, "An
/// Introduction to Conditional Random Fields", 4.1 and 5.1).
pub(super) struct Likelihood<'p> {
    problem: &'p Problem,
    penalty: f32,
    /// How often each weight is used by the true labels.
    observed: Vec<f32>,
}

impl<'p> Likelihood<'p> {
    pub(super) fn new(problem: &'p Problem, penalty: f32) -> Self {
        let mut observed = vec![0.0; problem.weights()];
        for text in &problem.texts {
            let mut before = problem.labels;
            for (unit, label) in text.labels.iter().enumerate() {
                for row in text.rows(unit) {
                    let mut pairs = problem.row(*row as usize);
                    let pair = pairs.find(|pair| problem.pair_labels[*pair] == *label);
                    observed[pair.expect("a pair that occurs has a weight")] += 1.0;
                }
                let label = usize::from(*label);
                observed[problem.pairs() + before * problem.labels + label] += 1.0;
                before = label;
            }
        }
        Self { problem, penalty, observed }
    }

    /// Writes the gradient and returns the value.
    pub(super) fn value(&self, weights: &[f32], gradient: &mut [f32]) -> f64 {
        let neighbours = neighbours(weights, self.problem);
        let part = |part: usize| {
            let mut chain = Chain::new(self.problem, weights, &neighbours);
            let texts = self.problem.texts.iter().skip(part).step_by(PARTS);
            let sum: f64 = texts.map(|text| chain.add(text)).sum();
            (sum, chain.expected)
        };
        let parts: Vec<(f64, Vec<f32>)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..PARTS).map(|index| scope.spawn(move || part(index))).collect();
            threads.into_iter().map(|thread| thread.join().expect("a part does not panic")).collect()
        });
        let mut value = 0.0;
        for ((gradient, weight), observed) in gradient.iter_mut().zip(weights).zip(&self.observed) {
            value += f64::from(*weight) * (0.5 * f64::from(self.penalty * weight) - f64::from(*observed));
            *gradient = self.penalty * weight - observed;
        }
        for (sum, expected) in parts {
            value += sum;
            for (gradient, expected) in gradient.iter_mut().zip(&expected) {
                *gradient += expected;
            }
        }
        value
    }
}

/// exp of the scores of neighbours; 0 where an entity would continue that has not begun.
fn neighbours(weights: &[f32], problem: &Problem) -> Vec<f64> {
    let scores = weights[problem.pairs()..].iter().enumerate();
    scores
        .map(|(index, score)| {
            let (from, to) = (index / problem.labels, index % problem.labels);
            let continues = to > 0 && to.is_multiple_of(2);
            let allowed = !continues || from == to || from == to - 1;
            if allowed { f64::from(*score).exp() } else { 0.0 }
        })
        .collect()
}

/// Forward and backward sums over the labellings of one text after another.
struct Chain<'c> {
    problem: &'c Problem,
    weights: &'c [f32],
    neighbours: &'c [f64],
    /// How often each weight is used by the labellings, by their probability.
    expected: Vec<f32>,
    /// Units x labels: exp of the scores, and the sums of the labellings before and after.
    scores: Vec<f64>,
    forward: Vec<f64>,
    backward: Vec<f64>,
    /// What the forward sums of each unit were divided by.
    scales: Vec<f64>,
}

impl<'c> Chain<'c> {
    fn new(problem: &'c Problem, weights: &'c [f32], neighbours: &'c [f64]) -> Self {
        let empty = Vec::new;
        let expected = vec![0.0; problem.weights()];
        let (scores, forward, backward, scales) = (empty(), empty(), empty(), empty());
        Self { problem, weights, neighbours, expected, scores, forward, backward, scales }
    }

    /// The logarithm of the sum over all labellings; what it expects is added up.
    fn add(&mut self, text: &Text) -> f64 {
        let units = text.labels.len();
        let shift = self.score(text);
        self.sum_forward(units);
        self.sum_backward(units);
        self.expect(text);
        shift + self.scales.iter().map(|scale| scale.ln()).sum::<f64>()
    }

    /// Scores of each unit less the largest of them; returns the sum of these.
    fn score(&mut self, text: &Text) -> f64 {
        let labels = self.problem.labels;
        let mut sum = 0.0;
        self.scores.clear();
        let mut scores = vec![0.0f32; labels];
        for unit in 0..text.labels.len() {
            scores.fill(0.0);
            for pair in text.rows(unit).iter().flat_map(|row| self.problem.row(*row as usize)) {
                scores[usize::from(self.problem.pair_labels[pair])] += self.weights[pair];
            }
            let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            sum += f64::from(largest);
            self.scores.extend(scores.iter().map(|score| f64::from(score - largest).exp()));
        }
        sum
    }

    fn sum_forward(&mut self, units: usize) {
        let labels = self.problem.labels;
        self.scales.clear();
        self.forward.clear();
        let mut before = vec![0.0; labels + 1];
        before[labels] = 1.0;
        for unit in 0..units {
            let start = self.forward.len();
            self.forward.resize(start + labels, 0.0);
            let sums = &mut self.forward[start..];
            for (from, reached) in before.iter().enumerate().filter(|(_, reached)| **reached > 0.0) {
                let row = &self.neighbours[from * labels..][..labels];
                sums.iter_mut().zip(row).for_each(|(sum, neighbour)| *sum += reached * neighbour);
            }
            let scores = &self.scores[unit * labels..][..labels];
            sums.iter_mut().zip(scores).for_each(|(sum, score)| *sum *= score);
            let scale: f64 = sums.iter().sum();
            for sum in sums.iter_mut() {
                *sum /= scale;
            }
            self.scales.push(scale);
            before[..labels].copy_from_slice(sums);
            before[labels] = 0.0;
        }
    }

    fn sum_backward(&mut self, units: usize) {
        let labels = self.problem.labels;
        self.backward.clear();
        self.backward.resize(units * labels, 1.0);
        let mut after = vec![0.0; labels];
        for unit in (0..units.saturating_sub(1)).rev() {
            self.weigh_next(unit + 1, &mut after);
            let sums = &mut self.backward[unit * labels..][..labels];
            for (sum, row) in sums.iter_mut().zip(self.neighbours.chunks_exact(labels)) {
                *sum = row.iter().zip(&after).map(|(neighbour, after)| neighbour * after).sum();
            }
        }
    }

    /// What a unit and all after it add to the labellings, by its label.
    fn weigh_next(&self, unit: usize, after: &mut [f64]) {
        let labels = self.problem.labels;
        let scores = &self.scores[unit * labels..][..labels];
        let backward = &self.backward[unit * labels..][..labels];
        for ((after, score), backward) in after.iter_mut().zip(scores).zip(backward) {
            *after = score * backward / self.scales[unit];
        }
    }

    fn expect(&mut self, text: &Text) {
        let labels = self.problem.labels;
        let mut probabilities = vec![0.0f32; labels];
        let mut after = vec![0.0; labels];
        for unit in 0..text.labels.len() {
            let place = unit * labels;
            for (label, probability) in probabilities.iter_mut().enumerate() {
                *probability = (self.forward[place + label] * self.backward[place + label]) as f32;
            }
            for pair in text.rows(unit).iter().flat_map(|row| self.problem.row(*row as usize)) {
                self.expected[pair] += probabilities[usize::from(self.problem.pair_labels[pair])];
            }
            self.weigh_next(unit, &mut after);
            // The first unit follows the beginning of the text, whose scores are the last row.
            let (row, forward) =
                if unit == 0 { (labels, &[1.0][..]) } else { (0, &self.forward[place - labels..place]) };
            let expected = self.expected[self.problem.pairs() + row * labels..].chunks_exact_mut(labels);
            let neighbours = self.neighbours[row * labels..].chunks_exact(labels);
            for ((expected, neighbours), forward) in expected.zip(neighbours).zip(forward) {
                for ((expected, neighbour), after) in expected.iter_mut().zip(neighbours).zip(&after) {
                    *expected += (forward * neighbour * after) as f32;
                }
            }
        }
    }
}
