//! Scores of judged answers.

use std::collections::BTreeMap;

use nlu::Language;
use serde::{Deserialize, Serialize};

/// One text with what is right and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub expected: String,
    pub found: String,
    pub language: Language,
}

/// How good answers are. Shares are 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    pub examples: usize,
    pub accuracy: f32,
    /// Mean F1 over the labels that are expected at least once.
    pub macro_f1: f32,
    /// By label, in order.
    pub classes: Vec<ClassScore>,
    /// By language, in order.
    pub languages: Vec<LanguageScore>,
    /// Wrong answers, the commonest pair first.
    pub confused: Vec<Confused>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassScore {
    pub label: String,
    pub examples: usize,
    pub precision: f32,
    pub recall: f32,
    pub f1: f32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LanguageScore {
    pub language: Language,
    pub examples: usize,
    pub accuracy: f32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confused {
    pub expected: String,
    pub found: String,
    pub count: usize,
}

/// Scores answers; nothing judged gives zeros.
pub fn evaluate(judged: &[Judged]) -> Evaluation {
    let right = |judged: &&Judged| judged.expected == judged.found;
    let mut labels: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut languages: BTreeMap<Language, (usize, usize)> = BTreeMap::new();
    let mut confused: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for answer in judged {
        labels.entry(&answer.expected).or_default().expected += 1;
        labels.entry(&answer.found).or_default().found += 1;
        let language = languages.entry(answer.language).or_default();
        language.0 += 1;
        if right(&answer) {
            labels.entry(&answer.expected).or_default().right += 1;
            language.1 += 1;
        } else {
            *confused.entry((&answer.expected, &answer.found)).or_default() += 1;
        }
    }
    let classes: Vec<ClassScore> = labels.iter().map(|(label, tally)| tally.score(label)).collect();
    let expected: Vec<f32> =
        classes.iter().filter(|class| class.examples > 0).map(|class| class.f1).collect();
    let mut confused: Vec<Confused> = confused
        .into_iter()
        .map(|((expected, found), count)| Confused {
            expected: expected.to_owned(),
            found: found.to_owned(),
            count,
        })
        .collect();
    confused.sort_by_key(|pair| std::cmp::Reverse(pair.count));
    Evaluation {
        examples: judged.len(),
        accuracy: share(judged.iter().filter(right).count(), judged.len()),
        macro_f1: expected.iter().sum::<f32>() / expected.len().max(1) as f32,
        classes,
        languages: languages
            .into_iter()
            .map(|(language, (examples, right))| LanguageScore {
                language,
                examples,
                accuracy: share(right, examples),
            })
            .collect(),
        confused,
    }
}

#[derive(Debug, Default)]
struct Tally {
    expected: usize,
    found: usize,
    right: usize,
}

impl Tally {
    fn score(&self, label: &str) -> ClassScore {
        ClassScore {
            label: label.to_owned(),
            examples: self.expected,
            precision: share(self.right, self.found),
            recall: share(self.right, self.expected),
            f1: share(2 * self.right, self.expected + self.found),
        }
    }
}

fn share(part: usize, whole: usize) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}

/// Area under the receiver operating characteristic: the probability that a text out of scope scores higher than one in
/// scope, ties counting half (the Mann-Whitney statistic). 0.5 where a side is empty.
pub fn auroc(inside: &[f32], outside: &[f32]) -> f32 {
    if inside.is_empty() || outside.is_empty() {
        return 0.5;
    }
    let mut sorted = inside.to_vec();
    sorted.sort_by(f32::total_cmp);
    let below = outside.iter().map(|score| {
        let lower = sorted.partition_point(|other| other < score);
        let upper = sorted.partition_point(|other| other <= score);
        (lower + upper) as f64 / 2.0
    });
    (below.sum::<f64>() / (inside.len() as f64 * outside.len() as f64)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_follow_their_definitions() {
        let judged = [("a", "a"), ("a", "b"), ("b", "b"), ("a", "b"), ("c", "a")];
        let judged: Vec<Judged> = judged
            .iter()
            .enumerate()
            .map(|(index, (expected, found))| Judged {
                expected: (*expected).to_owned(),
                found: (*found).to_owned(),
                language: if index < 2 { Language::Thai } else { Language::English },
            })
            .collect();
        let scores = evaluate(&judged);
        assert!((scores.accuracy - 0.4).abs() < 1e-6);
        let f1: Vec<f32> = scores.classes.iter().map(|class| class.f1).collect();
        assert_eq!(f1, [0.4, 0.5, 0.0]);
        assert!((scores.macro_f1 - 0.3).abs() < 1e-6);
        let near =
            |found: f32, expected: f32| assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
        near(scores.classes[0].precision, 0.5);
        near(scores.classes[0].recall, 1.0 / 3.0);
        assert_eq!((scores.confused[0].expected.as_str(), scores.confused[0].count), ("a", 2));
        near(scores.languages[0].accuracy, 0.5);
        near(evaluate(&[]).accuracy, 0.0);
    }

    #[test]
    fn auroc_counts_ordered_pairs() {
        let check = |inside: &[f32], outside: &[f32], expected: f32| {
            assert!((auroc(inside, outside) - expected).abs() < 1e-6, "{inside:?} {outside:?}");
        };
        check(&[0.1, 0.2], &[0.3, 0.4], 1.0);
        check(&[0.3, 0.4], &[0.1, 0.2], 0.0);
        check(&[0.1, 0.3], &[0.2, 0.3], 0.625);
        check(&[], &[0.2], 0.5);
    }
}
