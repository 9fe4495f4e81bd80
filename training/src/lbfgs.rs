//! Minimising smooth functions: limited-memory BFGS (Nocedal and Wright 2006, algorithm 7.5) with backtracking.

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stop {
    pub(crate) iterations: usize,
    /// Relative decrease of the value over one iteration.
    pub(crate) decrease: f64,
}

/// Steps that are remembered.
const MEMORY: usize = 7;

/// Minimises from `start`. `function` writes its gradient and returns its value. Deterministic.
pub(crate) fn minimise(
    mut function: impl FnMut(&[f32], &mut [f32]) -> f64,
    start: Vec<f32>,
    stop: Stop,
) -> Vec<f32> {
    let mut point = start;
    let mut gradient = vec![0.0; point.len()];
    let mut value = function(&point, &mut gradient);
    let mut pairs: Vec<Pair> = Vec::new();
    let (mut next, mut next_gradient) = (point.clone(), gradient.clone());
    for _ in 0..stop.iterations {
        let direction = direction(&gradient, &pairs);
        let slope = dot(&direction, &gradient);
        if slope >= 0.0 || !slope.is_finite() {
            break;
        }
        let mut length =
            if pairs.is_empty() { 1.0 / dot(&gradient, &gradient).sqrt().max(1e-12) } else { 1.0 };
        let mut accepted = None;
        for _ in 0..25 {
            for ((next, point), move_by) in next.iter_mut().zip(&point).zip(&direction) {
                *next = point + length as f32 * move_by;
            }
            let candidate = function(&next, &mut next_gradient);
            if candidate <= value + 1e-4 * length * slope {
                accepted = Some(candidate);
                break;
            }
            length *= 0.5;
        }
        let Some(candidate) = accepted else { break };
        remember(&mut pairs, Pair::new(&point, &next, &gradient, &next_gradient));
        std::mem::swap(&mut point, &mut next);
        std::mem::swap(&mut gradient, &mut next_gradient);
        let decrease = (value - candidate) / value.abs().max(1e-12);
        value = candidate;
        if decrease < stop.decrease {
            break;
        }
    }
    point
}

/// A step and the change of the gradient over it.
struct Pair {
    step: Vec<f32>,
    change: Vec<f32>,
    curvature: f64,
}

impl Pair {
    fn new(point: &[f32], next: &[f32], gradient: &[f32], next_gradient: &[f32]) -> Self {
        let difference =
            |left: &[f32], right: &[f32]| left.iter().zip(right).map(|(left, right)| left - right).collect();
        let (step, change): (Vec<f32>, Vec<f32>) =
            (difference(next, point), difference(next_gradient, gradient));
        let curvature = dot(&step, &change);
        Self { step, change, curvature }
    }
}

/// Steps without positive curvature would spoil the approximation.
fn remember(pairs: &mut Vec<Pair>, pair: Pair) {
    if pair.curvature > 1e-12 {
        if pairs.len() == MEMORY {
            pairs.remove(0);
        }
        pairs.push(pair);
    }
}

/// The two-loop recursion: minus the approximate inverse Hessian times the gradient.
fn direction(gradient: &[f32], pairs: &[Pair]) -> Vec<f32> {
    let mut direction: Vec<f32> = gradient.iter().map(|value| -value).collect();
    let mut factors = Vec::with_capacity(pairs.len());
    for pair in pairs.iter().rev() {
        let factor = dot(&pair.step, &direction) / pair.curvature;
        add(&mut direction, &pair.change, -factor);
        factors.push(factor);
    }
    if let Some(last) = pairs.last() {
        let scale = (last.curvature / dot(&last.change, &last.change)) as f32;
        for value in &mut direction {
            *value *= scale;
        }
    }
    for (pair, factor) in pairs.iter().zip(factors.iter().rev()) {
        let correction = dot(&pair.change, &direction) / pair.curvature;
        add(&mut direction, &pair.step, factor - correction);
    }
    direction
}

/// Sums blocks in f32 and blocks together in f64: fast, and exact enough for a step length.
fn dot(left: &[f32], right: &[f32]) -> f64 {
    let blocks = left.chunks(64).zip(right.chunks(64));
    blocks
        .map(|(left, right)| f64::from(left.iter().zip(right).map(|(left, right)| left * right).sum::<f32>()))
        .sum()
}

fn add(target: &mut [f32], other: &[f32], factor: f64) {
    let factor = factor as f32;
    for (target, other) in target.iter_mut().zip(other) {
        *target += factor * other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(function: impl Fn(&[f32], &mut [f32]) -> f64, start: Vec<f32>, expected: &[f32]) {
        let found = minimise(function, start, Stop { iterations: 500, decrease: 1e-14 });
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 2e-2, "{found} is not {expected}");
        }
    }

    #[test]
    fn known_minima_are_found() {
        let quadratic = |point: &[f32], gradient: &mut [f32]| {
            let centre = [3.0, -2.0, 0.5];
            let scale = [1.0, 10.0, 100.0];
            (0..3)
                .map(|index| {
                    let distance = point[index] - centre[index];
                    gradient[index] = 2.0 * scale[index] * distance;
                    f64::from(scale[index] * distance * distance)
                })
                .sum()
        };
        check(quadratic, vec![0.0; 3], &[3.0, -2.0, 0.5]);
        let rosenbrock = |point: &[f32], gradient: &mut [f32]| {
            let (x, y) = (f64::from(point[0]), f64::from(point[1]));
            let slope = [-2.0 * (1.0 - x) - 400.0 * x * (y - x * x), 200.0 * (y - x * x)];
            gradient[0] = slope[0] as f32;
            gradient[1] = slope[1] as f32;
            (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
        };
        check(rosenbrock, vec![-1.2, 1.0], &[1.0, 1.0]);
    }

    #[test]
    fn a_flat_function_stops_where_it_is() {
        let flat = |_: &[f32], gradient: &mut [f32]| {
            gradient.fill(0.0);
            1.0
        };
        check(flat, vec![4.0], &[4.0]);
    }
}
