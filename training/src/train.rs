//! Training the intents of a bot.

use std::sync::Arc;

use models::Encode;
use nlu::{Classifier, Doubt, Fused, Fusion, HeadOutput, IntentModel, Words};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::background::{background, background_beside};
use crate::calibrate::{fusion, sets, temperature};
use crate::dataset::{Dataset, Example, hexadecimal};
use crate::dense::DenseOptions;
use crate::doubt::doubt;
use crate::embed::{EmbeddingCache, embed};
use crate::error::TrainingError;
use crate::evaluate::{Evaluation, Judged, auroc, evaluate};
use crate::fit::{Fits, Plan, fit, fit_once};
use crate::out_of_scope::rule;
use crate::report::{HeadScore, Report};
use crate::rows::{Part, Rows};
use crate::sparse::SparseOptions;

/// How intents are trained. The defaults were chosen on cross-validation and the dev half of the judging set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IntentOptions {
    /// Parts of the training examples for calibration; at least two.
    pub folds: usize,
    /// 0 weighs every example alike, 1 every intent.
    pub balance: f32,
    /// 0 weighs every example alike, 1 every language.
    pub language_balance: f32,
    pub ngrams: SparseOptions,
    pub encoders: DenseOptions,
    /// Share of messages in scope that must not be taken for out of scope; the threshold follows from it.
    pub accept: f32,
    /// Accuracy that the cascade may be expected to lose against asking every stage, as a share of the examples.
    pub cascade_loss: f32,
    /// Learn from general texts that no bot should answer.
    pub background: bool,
    /// After measuring, learn from the blind examples too.
    pub final_on_all: bool,
}

impl Default for IntentOptions {
    fn default() -> Self {
        Self {
            folds: 3,
            balance: 0.3,
            language_balance: 0.0,
            ngrams: SparseOptions::default(),
            encoders: DenseOptions::default(),
            accept: 0.92,
            cascade_loss: 0.0002,
            background: true,
            final_on_all: true,
        }
    }
}

/// What training uses besides examples.
pub struct Resources<'r> {
    pub words: &'r Words,
    /// In the order of the cascade, fastest first.
    pub encoders: &'r [Arc<dyn Encode>],
    pub cache: &'r mut dyn EmbeddingCache,
}

/// How far a training is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Texts that were not in the cache.
    Encoding { encoder: String, done: usize, total: usize },
    /// Heads times folds; for a tagger the steps of its optimiser, which may end early.
    Fitting { done: usize, total: usize },
}

/// What [`train_intents`] would write as the model's content: equal means that training again changes nothing.
pub fn content_hash(
    dataset: &Dataset,
    words: &Words,
    encoders: &[Arc<dyn Encode>],
    options: &IntentOptions,
) -> String {
    let mut hash = Sha256::new();
    hash.update(b"intents 3\n");
    hash.update(dataset.content_hash());
    hash.update(words.fingerprint().to_le_bytes());
    hash.update(serde_json::to_vec(options).expect("options have only text keys"));
    if options.background {
        hash.update(Dataset::new(background()).content_hash());
    }
    for encoder in encoders {
        hash.update(encoder.name().as_bytes());
        hash.update(b"\n");
    }
    hexadecimal(&hash.finalize())
}

/// Trains an n-gram head and a head for each encoder, calibrates and fuses them on folds, and measures the result on
/// the blind fifth. An encoder that fails is left out and named in the report. Blocks; uses all cores.
pub fn train_intents(
    dataset: &Dataset,
    options: &IntentOptions,
    resources: &mut Resources<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(IntentModel, Report), TrainingError> {
    let background = if options.background { background_beside(dataset) } else { Vec::new() };
    let trained = train_classifier(dataset, &background, options, resources, progress)?;
    let content = content_hash(dataset, resources.words, resources.encoders, options);
    let report = trained.report(content.clone(), dataset.examples().len());
    Ok((IntentModel::new(trained.classifier, content), report))
}

/// Trains the heads anew after a few examples have changed, and keeps what was calibrated before: temperatures, fusions,
/// rules and limits hardly move. A quarter of the work of [`train_intents`], which should follow when there is time.
/// None where the intents or the encoders are others than before. Blocks; uses all cores.
pub fn retrain_intents(
    dataset: &Dataset,
    options: &IntentOptions,
    before: &IntentModel,
    resources: &mut Resources<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Option<IntentModel>, TrainingError> {
    let background = if options.background { background_beside(dataset) } else { Vec::new() };
    let mut rows = Rows::new(dataset, &background, resources.words, options);
    let old = before.classifier();
    let names = resources.encoders.iter().map(|encoder| encoder.name());
    if rows.labels != old.labels || !names.eq(old.encoders.iter().map(|head| head.encoder.as_str())) {
        return Ok(None);
    }
    for encoder in resources.encoders {
        match embed(encoder.as_ref(), &rows.texts, resources.cache, progress) {
            Ok(embeddings) => rows.add_encoder(encoder.name(), &embeddings),
            Err(_) => return Ok(None),
        }
    }
    let plan = Plan { folds: 0, ngrams: &options.ngrams, encoders: &options.encoders, final_on_all: true };
    let (ngrams, mut encoders) = fit_once(&rows, &plan, progress)?;
    for (new, old) in encoders.iter_mut().zip(&old.encoders) {
        new.temperature = old.temperature;
    }
    let classifier = Classifier {
        labels: rows.labels,
        ngrams,
        ngrams_temperature: old.ngrams_temperature,
        encoders,
        fusions: old.fusions.clone(),
        doubt: old.doubt,
    };
    // It is not what a whole training makes of these examples.
    let content = content_hash(dataset, resources.words, resources.encoders, options);
    Ok(Some(IntentModel::new(classifier, format!("quick-{content}"))))
}

/// A classifier with what its heads said about rows they had not seen.
pub(crate) struct Trained {
    pub(crate) classifier: Classifier,
    pub(crate) rows: Rows,
    /// By head, of each row.
    pub(crate) outputs: Vec<Vec<HeadOutput>>,
    skipped: Vec<(String, String)>,
}

pub(crate) fn train_classifier(
    dataset: &Dataset,
    background: &[Example],
    options: &IntentOptions,
    resources: &mut Resources<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Trained, TrainingError> {
    let mut rows = Rows::new(dataset, background, resources.words, options);
    let inside = rows.labels.len() - usize::from(rows.out_of_scope.is_some());
    if inside < 2 {
        return Err(TrainingError::TooFewLabels { labels: inside });
    }
    let mut skipped = Vec::new();
    for encoder in resources.encoders {
        match embed(encoder.as_ref(), &rows.texts, resources.cache, progress) {
            Ok(embeddings) => rows.add_encoder(encoder.name(), &embeddings),
            Err(error) => skipped.push((encoder.name().to_owned(), error.to_string())),
        }
    }
    let folds = options.folds.max(2);
    let plan = Plan {
        folds,
        ngrams: &options.ngrams,
        encoders: &options.encoders,
        final_on_all: options.final_on_all,
    };
    let fits = fit(&rows, &plan, progress)?;
    let (classifier, outputs) = calibrated(&rows, fits, options);
    Ok(Trained { classifier, rows, outputs, skipped })
}

/// Temperatures, fusions and out-of-scope rules, from the rows that are not blind.
fn calibrated(rows: &Rows, fits: Fits, options: &IntentOptions) -> (Classifier, Vec<Vec<HeadOutput>>) {
    let column = rows.out_of_scope;
    let seen = rows.indices(|part| part != Part::Blind);
    let inside: Vec<usize> = seen.iter().copied().filter(|row| rows.is_inside(*row)).collect();
    let truth: Vec<usize> = inside.iter().map(|row| rows.truth[*row]).collect();
    let temperatures: Vec<f32> = fits
        .unseen
        .iter()
        .map(|raw| {
            let logits: Vec<&[f32]> = inside.iter().map(|row| raw[*row].logits.as_slice()).collect();
            temperature(&logits, &truth, column)
        })
        .collect();
    let outputs: Vec<Vec<HeadOutput>> = fits
        .unseen
        .iter()
        .zip(&temperatures)
        .map(|(raw, temperature)| {
            let output =
                |raw: &crate::fit::Raw| HeadOutput::new(&raw.logits, *temperature, column, raw.similarity);
            raw.iter().map(output).collect()
        })
        .collect();
    let fusions = sets(outputs.len()).into_iter().map(|heads| {
        let mut fusion = fusion(&heads, &outputs, rows, &inside);
        fusion.out_of_scope = column.map(|_| {
            let (inside, outside): (Vec<usize>, Vec<usize>) =
                seen.iter().partition(|row| rows.is_inside(**row));
            let evidence = |rows: Vec<usize>| {
                rows.iter().map(|row| evidence(&fusion, &outputs, *row, column)).collect::<Vec<_>>()
            };
            rule(&evidence(inside), &evidence(outside), options.accept)
        });
        fusion
    });
    let fusions = fusions.collect();
    let mut encoders = fits.encoders;
    for (head, temperature) in encoders.iter_mut().zip(&temperatures[1..]) {
        head.temperature = *temperature;
    }
    let mut classifier = Classifier {
        labels: rows.labels.clone(),
        ngrams: fits.ngrams,
        ngrams_temperature: temperatures[0],
        encoders,
        fusions,
        doubt: Doubt::default(),
    };
    classifier.doubt = doubt(&classifier, &outputs, (&inside, options.cascade_loss));
    (classifier, outputs)
}

fn of_heads<'o>(fusion: &Fusion, outputs: &'o [Vec<HeadOutput>], row: usize) -> Vec<&'o HeadOutput> {
    fusion.heads.iter().map(|head| &outputs[*head][row]).collect()
}

fn evidence(fusion: &Fusion, outputs: &[Vec<HeadOutput>], row: usize, column: Option<usize>) -> Vec<f32> {
    let outputs = of_heads(fusion, outputs, row);
    fusion.evidence(&fusion.scores(&outputs), &outputs, column)
}

impl Trained {
    pub(crate) fn report(&self, content: String, examples: usize) -> Report {
        let all = self.classifier.fusions.last();
        let (cross_validated, blind) = all.map_or_else(
            || (evaluate(&[]), evaluate(&[])),
            |fusion| {
                (
                    self.evaluation(fusion, |row| !self.rows.is_blind(row)),
                    self.evaluation(fusion, |row| self.rows.is_blind(row)),
                )
            },
        );
        let heads = self.classifier.fusions.iter().map(|fusion| self.head_score(fusion)).collect();
        Report { content, examples, cross_validated, blind, heads, skipped: self.skipped.clone() }
    }

    /// What a fusion of unseen outputs answers for some of the rows in scope.
    pub(crate) fn evaluation(&self, fusion: &Fusion, wanted: impl Fn(usize) -> bool) -> Evaluation {
        let judged = self.inside(wanted).map(|row| self.judged(row, &self.fused(fusion, row)));
        evaluate(&judged.collect::<Vec<_>>())
    }

    /// The same of a cascade that asks its last head only in doubt, and for which share of the rows it does.
    pub(crate) fn cascade(&self, doubt: &Doubt, wanted: impl Fn(usize) -> bool) -> (Evaluation, f32) {
        let heads = self.outputs.len();
        let of_first = |count: usize| {
            self.classifier.fusions.iter().find(|fusion| fusion.heads.iter().copied().eq(0..count))
        };
        let (Some(early), Some(all)) = (of_first(heads.saturating_sub(1)), of_first(heads)) else {
            return (evaluate(&[]), 0.0);
        };
        let mut asked = 0.0;
        let judged: Vec<Judged> = self
            .inside(wanted)
            .map(|row| {
                let before: Vec<_> =
                    self.outputs[..heads - 1].iter().map(|outputs| &outputs[row]).enumerate().collect();
                let fused = self.fused(early, row);
                if !doubt.is_unsure(Some(&fused), self.classifier.agree(&before)) {
                    return self.judged(row, &fused);
                }
                asked += 1.0;
                self.judged(row, &self.fused(all, row))
            })
            .collect();
        (evaluate(&judged), asked / judged.len().max(1) as f32)
    }

    /// Some of the rows in scope.
    fn inside(&self, wanted: impl Fn(usize) -> bool) -> impl Iterator<Item = usize> {
        (0..self.rows.len()).filter(move |row| self.rows.is_inside(*row) && wanted(*row))
    }

    fn fused(&self, fusion: &Fusion, row: usize) -> Fused {
        fusion.fuse(&of_heads(fusion, &self.outputs, row), self.rows.out_of_scope)
    }

    fn judged(&self, row: usize, fused: &Fused) -> Judged {
        let rows = &self.rows;
        let found = fused.best().map_or(0, |(label, _)| label);
        Judged {
            expected: rows.labels[rows.truth[row]].clone(),
            found: rows.labels[found].clone(),
            language: rows.languages[row],
        }
    }

    fn head_score(&self, fusion: &Fusion) -> HeadScore {
        let name = |head: &usize| match head.checked_sub(1) {
            None => "ngrams".to_owned(),
            Some(encoder) => self.classifier.encoders[encoder].encoder.clone(),
        };
        let (inside, outside): (Vec<usize>, Vec<usize>) = self
            .rows
            .indices(|part| part != Part::Blind)
            .into_iter()
            .partition(|row| self.rows.is_inside(*row));
        let scores = |rows: Vec<usize>| -> Vec<f32> {
            let fuse =
                |row: usize| fusion.fuse(&of_heads(fusion, &self.outputs, row), self.rows.out_of_scope);
            rows.into_iter().map(|row| fuse(row).out_of_scope_score).collect()
        };
        HeadScore {
            heads: fusion.heads.iter().map(name).collect(),
            weights: fusion.weights.clone(),
            cross_validated_accuracy: self.evaluation(fusion, |row| !self.rows.is_blind(row)).accuracy,
            blind_accuracy: self.evaluation(fusion, |row| self.rows.is_blind(row)).accuracy,
            out_of_scope_auroc: auroc(&scores(inside), &scores(outside)),
        }
    }
}

#[cfg(test)]
mod tests;
