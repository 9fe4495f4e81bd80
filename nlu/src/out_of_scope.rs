//! Telling that no intent fits, from what all heads say together.

use serde::{Deserialize, Serialize};

/// Numbers that speak for or against being in scope, in a fixed order for one set of heads.
pub type Evidence = Vec<f32>;

/// A logistic rule over evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutOfScope {
    /// One a number of evidence.
    pub weights: Vec<f32>,
    pub bias: f32,
    /// A text is out of scope when its score is greater.
    pub threshold: f32,
}

impl OutOfScope {
    /// Probability of being out of scope, 0 to 1.
    pub fn score(&self, evidence: &Evidence) -> f32 {
        let sum: f32 = self.weights.iter().zip(evidence).map(|(weight, value)| weight * value).sum();
        1.0 / (1.0 + (-(sum + self.bias)).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_logistic() {
        let rule = OutOfScope { weights: vec![-1.0, 2.0], bias: 0.5, threshold: 0.5 };
        assert!((rule.score(&vec![0.5, 0.0]) - 0.5).abs() < 1e-6);
        assert!(rule.score(&vec![-3.0, 1.0]) > 0.99);
        assert!(rule.score(&vec![9.0, 0.0]) < 0.01);
    }
}
