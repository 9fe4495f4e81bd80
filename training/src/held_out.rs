//! Training on one set of texts and measuring on another.

use std::collections::HashMap;

use nlu::{Classifier, Featuriser, Fused, HeadOutput, IntentModel, Normalised, OUT_OF_SCOPE, Stages};
use serde::Serialize;

use crate::background::background_beside;
use crate::dataset::{Dataset, Example, text_hash};
use crate::embed::embed;
use crate::error::TrainingError;
use crate::evaluate::{Evaluation, Judged, auroc, evaluate};
use crate::report::Report;
use crate::train::{IntentOptions, Progress, Resources, content_hash, train_classifier, train_intents};

/// What a model that was trained on one set says about another. Shares are 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldOut {
    pub model: IntentModel,
    pub report: Report,
    /// Every stage asked for every text; texts in scope only.
    pub whole: Evaluation,
    /// As the program answers customers: later stages only where the earlier ones are unsure.
    pub cascade: Evaluation,
    /// The share of the texts for which the cascade asks each encoder.
    pub asked: Vec<(String, f32)>,
    /// Expected calibration error of the whole over 15 bins of equal width (Guo et al. 2017).
    pub calibration_error: f32,
    /// Present where the test has texts labelled [`OUT_OF_SCOPE`].
    pub out_of_scope: Option<OutOfScopeScore>,
    /// One a test text, in order.
    pub answers: Vec<Answer>,
}

/// How well texts that no intent fits are told from the others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OutOfScopeScore {
    pub auroc: f32,
    /// The score that is compared with the threshold in the cascade.
    pub cascade_auroc: f32,
    /// At the threshold that training chose: the share of texts in scope that are let through, and of those out of
    /// scope that are caught.
    pub accepted: f32,
    pub caught: f32,
}

/// What all stages answer to one text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    pub text: String,
    pub expected: String,
    pub found: String,
    /// The calibrated probability of what was found.
    pub confidence: f32,
    pub second: String,
    pub second_confidence: f32,
    pub out_of_scope_score: f32,
    pub out_of_scope: bool,
}

/// Trains on `train` and answers `test` as the program would. Labels of the test that training does not know count as
/// wrong. Blocks; uses all cores.
pub fn held_out(
    train: &Dataset,
    test: &[Example],
    options: &IntentOptions,
    resources: &mut Resources<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<HeldOut, TrainingError> {
    let (model, report) = train_intents(train, options, resources, progress)?;
    let outputs = outputs(model.classifier(), test, resources, progress);
    Ok(measure(model, report, test, &outputs))
}

/// Answers each example by heads that have not seen it: those of the other folds, or for the blind fifth those of all
/// folds. Weights of the fusion and temperatures were chosen on these answers, so they flatter a little; the report's
/// blind figures do not. Blocks; uses all cores.
pub fn cross_validated(
    dataset: &Dataset,
    options: &IntentOptions,
    resources: &mut Resources<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<HeldOut, TrainingError> {
    let background = if options.background { background_beside(dataset) } else { Vec::new() };
    let trained = train_classifier(dataset, &background, options, resources, progress)?;
    let content = content_hash(dataset, resources.words, resources.encoders, options);
    let report = trained.report(content.clone(), dataset.examples().len());
    let outputs: Outputs = (0..dataset.examples().len())
        .map(|row| trained.outputs.iter().map(|of_head| of_head[row].clone()).enumerate().collect())
        .collect();
    let model = IntentModel::new(trained.classifier, content);
    Ok(measure(model, report, dataset.examples(), &outputs))
}

/// The share of right answers to `test` after learning from a quarter, half, three quarters and all of `train`, with the
/// number of examples. Parts are chosen by the hashes of texts, and each holds the smaller ones.
pub fn learning_curve(
    train: &Dataset,
    test: &[Example],
    options: &IntentOptions,
    resources: &mut Resources<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<(usize, f32)>, TrainingError> {
    let mut examples = train.examples().to_vec();
    examples.sort_by_cached_key(|example| text_hash(&example.text));
    let mut curve = Vec::with_capacity(4);
    for quarters in 1..=4 {
        let part = Dataset::new(examples[..examples.len() * quarters / 4].to_vec());
        match held_out(&part, test, options, resources, progress) {
            Ok(found) => curve.push((part.examples().len(), found.whole.accuracy)),
            // So few that one label is left: the curve begins later.
            Err(TrainingError::TooFewLabels { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(curve)
}

/// What changed from one model to another on the same texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Texts that both answered.
    pub texts: usize,
    pub before: f32,
    pub after: f32,
    /// Wrong before and right now, and the other way round.
    pub mended: Vec<Changed>,
    pub broken: Vec<Changed>,
    /// How likely a difference this large is by chance alone: the exact two-sided sign test on the changed answers
    /// (McNemar's).
    pub chance: f64,
}

/// A text whose answer is no longer the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    pub text: String,
    pub expected: String,
    pub before: String,
    pub after: String,
}

/// Compares answers to the texts that both have with the same label; texts out of scope are left out.
pub fn compare(before: &[Answer], after: &[Answer]) -> Comparison {
    let known: HashMap<(&str, &str), &Answer> =
        before.iter().map(|answer| ((answer.text.as_str(), answer.expected.as_str()), answer)).collect();
    let both: Vec<(&Answer, &Answer)> = after
        .iter()
        .filter(|answer| answer.expected != OUT_OF_SCOPE)
        .filter_map(|answer| Some((*known.get(&(answer.text.as_str(), answer.expected.as_str()))?, answer)))
        .collect();
    let is_right = |answer: &Answer| answer.found == answer.expected;
    let share = |right: usize| right as f32 / both.len().max(1) as f32;
    let changed = |now: bool| -> Vec<Changed> {
        let changed = both.iter().filter(|(old, new)| is_right(old) != now && is_right(new) == now);
        let told = |(old, new): &(&Answer, &Answer)| Changed {
            text: new.text.clone(),
            expected: new.expected.clone(),
            before: old.found.clone(),
            after: new.found.clone(),
        };
        changed.map(told).collect()
    };
    let (mended, broken) = (changed(true), changed(false));
    Comparison {
        texts: both.len(),
        before: share(both.iter().filter(|(old, _)| is_right(old)).count()),
        after: share(both.iter().filter(|(_, new)| is_right(new)).count()),
        chance: sign_test(mended.len(), broken.len()),
        mended,
        broken,
    }
}

/// Two-sided: the probability of a split at least as uneven where either side is as likely.
fn sign_test(one: usize, other: usize) -> f64 {
    let (few, all) = (one.min(other), one + other);
    // Logarithms of binomial coefficients, so that thousands of changes do not overflow.
    let mut log = -(all as f64) * std::f64::consts::LN_2;
    let mut tail = 0.0;
    for place in 0..=few {
        tail += log.exp();
        log += ((all - place) as f64 / (place + 1) as f64).ln();
    }
    (2.0 * tail).min(1.0)
}

/// For each text the outputs of the heads whose encoder answered, with the head's number.
type Outputs = Vec<Vec<(usize, HeadOutput)>>;

fn outputs(
    classifier: &Classifier,
    test: &[Example],
    resources: &mut Resources<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Outputs {
    let featuriser = Featuriser::new(resources.words.clone());
    let texts: Vec<_> = test
        .iter()
        .map(|example| (Normalised::new(&example.text).text().to_owned(), text_hash(&example.text)))
        .collect();
    let mut outputs: Outputs = test
        .iter()
        .map(|example| {
            vec![(0, classifier.ngrams_output(&featuriser.features(&Normalised::new(&example.text))))]
        })
        .collect();
    for (index, head) in classifier.encoders.iter().enumerate() {
        let encoder = resources.encoders.iter().find(|encoder| encoder.name() == head.encoder);
        let embeddings =
            encoder.and_then(|encoder| embed(encoder.as_ref(), &texts, resources.cache, progress).ok());
        for (outputs, embedding) in outputs.iter_mut().zip(embeddings.into_iter().flatten()) {
            outputs.extend(classifier.encoder_output(index, &embedding).map(|output| (index + 1, output)));
        }
    }
    outputs
}

fn measure(model: IntentModel, report: Report, test: &[Example], outputs: &Outputs) -> HeldOut {
    let classifier = model.classifier();
    let mut asked = vec![0usize; classifier.encoders.len()];
    let mut answers = Vec::with_capacity(test.len());
    let (mut whole, mut cascade) = (Vec::new(), Vec::new());
    let mut scores = Scores::default();
    for (example, outputs) in test.iter().zip(outputs) {
        let all: Vec<(usize, &HeadOutput)> = outputs.iter().map(|(head, output)| (*head, output)).collect();
        let path = path(classifier, &all);
        for (head, _) in path.iter().filter(|(head, _)| *head > 0) {
            asked[head - 1] += 1;
        }
        let (Some(all), Some(some)) = (classifier.fuse(&all), classifier.fuse(&path)) else { continue };
        let answer = answer(classifier, example, &all);
        let is_outside = example.label == OUT_OF_SCOPE;
        scores.add(is_outside, &all, &some);
        if !is_outside {
            let judged =
                |found: String| Judged { expected: example.label.clone(), found, language: example.language };
            whole.push(judged(answer.found.clone()));
            let best = some.best().map_or(String::new(), |(label, _)| classifier.labels[label].clone());
            cascade.push(judged(best));
        }
        answers.push(answer);
    }
    let share = |count: usize| count as f32 / test.len().max(1) as f32;
    let names = classifier.encoders.iter().map(|head| head.encoder.clone());
    HeldOut {
        asked: names.zip(asked).map(|(name, count)| (name, share(count))).collect(),
        calibration_error: calibration_error(&answers),
        whole: evaluate(&whole),
        cascade: evaluate(&cascade),
        out_of_scope: scores.score(),
        model,
        report,
        answers,
    }
}

/// The heads that the default cascade asks, of those that are there.
fn path<'o>(classifier: &Classifier, all: &[(usize, &'o HeadOutput)]) -> Vec<(usize, &'o HeadOutput)> {
    let stages = Stages::default();
    let is_late = |head: usize| {
        let encoder = head.checked_sub(1).map(|encoder| &classifier.encoders[encoder].encoder);
        encoder.is_some_and(|encoder| stages.is_when_unsure(encoder))
    };
    let mut path: Vec<(usize, &HeadOutput)> =
        all.iter().filter(|(head, _)| !is_late(*head)).copied().collect();
    for late in all.iter().filter(|(head, _)| is_late(*head)) {
        if classifier.doubt.is_unsure(classifier.fuse(&path).as_ref(), classifier.agree(&path)) {
            path.push(*late);
            path.sort_by_key(|(head, _)| *head);
        }
    }
    path
}

fn answer(classifier: &Classifier, example: &Example, fused: &Fused) -> Answer {
    let column = classifier.out_of_scope_column();
    let mut ranked: Vec<(usize, f32)> = fused.probabilities.iter().copied().enumerate().collect();
    ranked.retain(|(label, _)| Some(*label) != column);
    ranked.sort_by(|left, right| right.1.total_cmp(&left.1));
    let place = |place: usize| {
        let found = ranked.get(place);
        found.map_or((String::new(), 0.0), |(label, confidence)| {
            (classifier.labels[*label].clone(), *confidence)
        })
    };
    let ((found, confidence), (second, second_confidence)) = (place(0), place(1));
    Answer {
        text: example.text.clone(),
        expected: example.label.clone(),
        found,
        confidence,
        second,
        second_confidence,
        out_of_scope_score: fused.out_of_scope_score,
        out_of_scope: fused.out_of_scope,
    }
}

/// Out-of-scope scores of texts in scope and out of it.
#[derive(Default)]
struct Scores {
    inside: Vec<f32>,
    outside: Vec<f32>,
    cascade_inside: Vec<f32>,
    cascade_outside: Vec<f32>,
    accepted: usize,
    caught: usize,
}

impl Scores {
    fn add(&mut self, is_outside: bool, all: &Fused, some: &Fused) {
        if is_outside {
            self.outside.push(all.out_of_scope_score);
            self.cascade_outside.push(some.out_of_scope_score);
            self.caught += usize::from(some.out_of_scope);
        } else {
            self.inside.push(all.out_of_scope_score);
            self.cascade_inside.push(some.out_of_scope_score);
            self.accepted += usize::from(!some.out_of_scope);
        }
    }

    fn score(&self) -> Option<OutOfScopeScore> {
        let share = |count: usize, all: &[f32]| count as f32 / all.len().max(1) as f32;
        (!self.outside.is_empty()).then(|| OutOfScopeScore {
            auroc: auroc(&self.inside, &self.outside),
            cascade_auroc: auroc(&self.cascade_inside, &self.cascade_outside),
            accepted: share(self.accepted, &self.inside),
            caught: share(self.caught, &self.outside),
        })
    }
}

/// The mean distance between confidence and accuracy in 15 bins of equal width, of texts in scope.
fn calibration_error(answers: &[Answer]) -> f32 {
    const BINS: usize = 15;
    let mut bins = [(0.0f32, 0.0f32); BINS];
    let inside: Vec<&Answer> = answers.iter().filter(|answer| answer.expected != OUT_OF_SCOPE).collect();
    for answer in &inside {
        let bin = &mut bins[((answer.confidence * BINS as f32) as usize).min(BINS - 1)];
        bin.0 += answer.confidence;
        bin.1 += f32::from(u8::from(answer.found == answer.expected));
    }
    bins.iter().map(|(confidence, right)| (confidence - right).abs()).sum::<f32>()
        / inside.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &str, found: &str) -> Answer {
        Answer {
            text: text.to_owned(),
            expected: "a".to_owned(),
            found: found.to_owned(),
            confidence: 0.5,
            second: String::new(),
            second_confidence: 0.0,
            out_of_scope_score: 0.0,
            out_of_scope: false,
        }
    }

    #[test]
    fn versions_are_compared_on_texts_that_both_answered() {
        let before = [answer("1", "a"), answer("2", "b"), answer("3", "b"), answer("gone", "a")];
        let after = [answer("1", "b"), answer("2", "a"), answer("3", "c"), answer("new", "a")];
        let found = compare(&before, &after);
        assert_eq!(found.texts, 3);
        assert_eq!((found.before, found.after), (1.0 / 3.0, 1.0 / 3.0));
        assert_eq!(found.mended.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), ["2"]);
        assert_eq!(found.broken.iter().map(|one| one.text.as_str()).collect::<Vec<_>>(), ["1"]);
    }

    #[test]
    fn the_sign_test_counts_splits() {
        for (one, other, expected) in
            [(0, 0, 1.0), (1, 1, 1.0), (5, 0, 0.0625), (8, 2, 0.109_375), (600, 400, 2.7e-10)]
        {
            let found = sign_test(one, other);
            assert!((found - expected).abs() < 1e-3_f64.min(expected / 2.0), "{one} {other}: {found}");
        }
    }
}
