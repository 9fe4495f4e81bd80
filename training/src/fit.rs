//! Training every head on every part of the rows, on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use models::HeadError;
use ndarray::{Array2, Axis};
use nlu::{EncoderHead, SparseHead, SparseVector};

use crate::dense::{DenseFit, DenseOptions, DenseRows, fit_dense};
use crate::rows::{Part, Rows};
use crate::sparse::{SparseOptions, SparseRows, fit_sparse};
use crate::train::Progress;

/// How heads are trained.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan<'p> {
    pub(crate) folds: usize,
    pub(crate) ngrams: &'p SparseOptions,
    pub(crate) encoders: &'p DenseOptions,
    /// Whether the final heads learn from blind rows too, after the others were measured on them.
    pub(crate) final_on_all: bool,
}

/// What one head says about one row that it was not trained on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Raw {
    pub(crate) logits: Vec<f32>,
    pub(crate) similarity: f32,
}

/// The heads of a classifier before calibration.
pub(crate) struct Fits {
    pub(crate) ngrams: SparseHead,
    pub(crate) encoders: Vec<EncoderHead>,
    /// One list a head: for each row what a head said that had not seen it.
    pub(crate) unseen: Vec<Vec<Raw>>,
}

enum Head {
    Ngrams(SparseHead),
    Encoder(Box<EncoderHead>, DenseFit),
}

/// One piece of work: a head trained without a fold and asked about it, or trained on all of them, asked about the
/// blind rows, and kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Job {
    head: usize,
    fold: Option<usize>,
}

struct Done {
    job: Job,
    answers: Vec<(usize, Raw)>,
    head: Option<Head>,
}

/// Trains all heads. Head 0 is the n-gram head.
pub(crate) fn fit(
    rows: &Rows,
    plan: &Plan<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Fits, HeadError> {
    let heads = 1 + rows.encoded.len();
    // The longest jobs first, so that the cores end together.
    let folds: Vec<Option<usize>> = std::iter::once(None).chain((0..plan.folds).map(Some)).collect();
    let jobs: Vec<Job> =
        folds.iter().flat_map(|fold| (0..heads).map(|head| Job { head, fold: *fold })).collect();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(jobs.len())));
    let work = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let result = run(rows, plan, *job);
            let mut all = done.lock().expect("no holder of the lock panics");
            all.push(result);
            progress(Progress::Fitting { done: all.len(), total: jobs.len() });
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores.min(jobs.len()) {
            scope.spawn(work);
        }
    });
    let done: Result<Vec<Done>, HeadError> =
        done.into_inner().expect("no holder of the lock panics").into_iter().collect();
    gather(rows, heads, done?)
}

/// Trains every head once, on all rows, each on a thread of its own as far as there are cores.
pub(crate) fn fit_once(
    rows: &Rows,
    plan: &Plan<'_>,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(SparseHead, Vec<EncoderHead>), HeadError> {
    let all = rows.indices(|_| true);
    let heads = 1 + rows.encoded.len();
    let done = AtomicUsize::new(0);
    let fitted: Vec<Result<Head, HeadError>> = std::thread::scope(|scope| {
        let work = |head: usize| {
            let fitted = train(rows, plan, head, &all, None);
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            progress(Progress::Fitting { done, total: heads });
            fitted
        };
        let threads: Vec<_> = (0..heads).map(|head| scope.spawn(move || work(head))).collect();
        threads.into_iter().map(|thread| thread.join().expect("training a head does not panic")).collect()
    });
    let (mut ngrams, mut encoders) = (None, Vec::new());
    for head in fitted {
        match head? {
            Head::Ngrams(head) => ngrams = Some(head),
            Head::Encoder(head, _) => encoders.push(*head),
        }
    }
    let ngrams = ngrams.ok_or_else(|| HeadError::Unreadable("the n-gram head was not trained".to_owned()))?;
    Ok((ngrams, encoders))
}

fn gather(rows: &Rows, heads: usize, done: Vec<Done>) -> Result<Fits, HeadError> {
    let nothing = Raw { logits: vec![0.0; rows.labels.len()], similarity: 0.0 };
    let mut unseen = vec![vec![nothing; rows.len()]; heads];
    let mut kept: Vec<Option<Head>> = (0..heads).map(|_| None).collect();
    for Done { job, answers, head } in done {
        for (row, raw) in answers {
            unseen[job.head][row] = raw;
        }
        if head.is_some() {
            kept[job.head] = head;
        }
    }
    let (mut ngrams, mut encoders) = (None, Vec::new());
    for head in kept.into_iter().flatten() {
        match head {
            Head::Ngrams(head) => ngrams = Some(head),
            Head::Encoder(head, _) => encoders.push(*head),
        }
    }
    let ngrams = ngrams.ok_or_else(|| HeadError::Unreadable("the n-gram head was not trained".to_owned()))?;
    Ok(Fits { ngrams, encoders, unseen })
}

fn run(rows: &Rows, plan: &Plan<'_>, job: Job) -> Result<Done, HeadError> {
    let (learn, ask) = match job.fold {
        Some(fold) => (
            rows.indices(|part| part != Part::Blind && part != Part::Fold(fold)),
            rows.indices(|part| part == Part::Fold(fold)),
        ),
        None => (rows.indices(|part| part != Part::Blind), rows.indices(|part| part == Part::Blind)),
    };
    let head = train(rows, plan, job.head, &learn, None)?;
    let answers = ask.into_iter().map(|row| (row, answer(rows, job.head, &head, row))).collect();
    let kept = match job.fold {
        Some(_) => None,
        None if plan.final_on_all => Some(train(rows, plan, job.head, &rows.indices(|_| true), Some(&head))?),
        None => Some(head),
    };
    Ok(Done { job, answers, head: kept })
}

/// `start` is the same head trained on fewer rows.
fn train(
    rows: &Rows,
    plan: &Plan<'_>,
    head: usize,
    learn: &[usize],
    start: Option<&Head>,
) -> Result<Head, HeadError> {
    let classes = rows.labels.len();
    let labels: Vec<usize> = learn.iter().map(|row| rows.truth[*row]).collect();
    let weights: Vec<f32> = learn.iter().map(|row| rows.weights[*row]).collect();
    let Some(encoder) = head.checked_sub(1) else {
        let texts: Vec<&SparseVector> = learn.iter().map(|row| &rows.features[*row]).collect();
        let sparse = SparseRows { texts: &texts, labels: &labels, weights: &weights };
        return Ok(Head::Ngrams(fit_sparse(&sparse, classes, plan.ngrams)));
    };
    let (name, all) = &rows.encoded[encoder];
    let embeddings = all.select(Axis(0), learn);
    let centroids = centroids(&embeddings, &labels, classes);
    let dense = DenseRows { embeddings, labels: &labels, weights: &weights };
    let start = start.and_then(|start| if let Head::Encoder(_, fit) = start { Some(fit) } else { None });
    let fit = fit_dense(&dense, classes, plan.encoders, start);
    let head =
        EncoderHead { encoder: name.clone(), head: fit.head(&rows.labels)?, temperature: 1.0, centroids };
    Ok(Head::Encoder(Box::new(head), fit))
}

/// The mean of each label's embeddings, scaled to length 1.
fn centroids(embeddings: &Array2<f32>, labels: &[usize], classes: usize) -> Vec<f32> {
    let mut sums = Array2::<f32>::zeros((classes, embeddings.ncols()));
    for (row, label) in embeddings.outer_iter().zip(labels) {
        let mut sum = sums.row_mut(*label);
        sum += &row;
    }
    for mut sum in sums.outer_iter_mut() {
        let length = sum.dot(&sum).sqrt().max(1e-12);
        sum /= length;
    }
    sums.into_iter().collect()
}

fn answer(rows: &Rows, head: usize, trained: &Head, row: usize) -> Raw {
    match trained {
        Head::Ngrams(trained) => {
            let (logits, similarity) = trained.logits(&rows.features[row]);
            Raw { logits, similarity }
        }
        Head::Encoder(trained, fit) => {
            let embedding = rows.encoded[head - 1].1.row(row);
            let similarity = embedding
                .as_slice()
                .map_or(0.0, |embedding| trained.similarity(embedding, rows.out_of_scope));
            let embedding = embedding.insert_axis(Axis(0)).to_owned();
            Raw { logits: fit.scores(&embedding).into_iter().collect(), similarity }
        }
    }
}
