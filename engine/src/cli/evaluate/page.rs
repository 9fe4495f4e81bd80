//! An evaluation as one HTML file: pictures and tables, no scripts, nothing loaded.

use std::collections::BTreeMap;

use anyhow::Context as _;
use askama::Template;
use nlu::OUT_OF_SCOPE;
use training::{Answer, HeldOut, Overlap};

use super::percent;

/// Wrong answers and overlapping pairs that the page shows.
const SHOWN: usize = 200;
/// Texts that a wrong square of the confusion matrix names, and characters of each.
const SQUARE_TEXTS: usize = 5;
const SQUARE_CHARACTERS: usize = 80;
/// Bars of the histogram.
const BINS: usize = 20;

/// What a page is made of.
pub(super) struct Told<'e> {
    pub(super) title: String,
    pub(super) about: String,
    pub(super) found: &'e HeldOut,
    pub(super) overlaps: &'e [Overlap],
    /// Examples learned from, and the share of right answers.
    pub(super) learning: &'e [(usize, f32)],
}

#[derive(Template)]
#[template(path = "evaluation.html")]
struct Page {
    title: String,
    about: String,
    figures: Vec<Figure>,
    matrix: Matrix,
    bars: Vec<Bar>,
    /// The path of the receiver operating characteristic; empty without texts out of scope.
    curve: String,
    chosen: Option<(f32, f32)>,
    learning: Vec<(usize, String)>,
    classes: Vec<Class>,
    overlaps: Vec<Overlapping>,
    wrong: Vec<Wrong>,
    more_wrong: usize,
}

struct Figure {
    name: &'static str,
    value: String,
}

struct Matrix {
    rows: Vec<Row>,
    cell: f32,
    left: f32,
    side: f32,
    width: f32,
    height: f32,
    is_named: bool,
}

struct Row {
    name: String,
    at: f32,
    squares: Vec<Square>,
}

struct Square {
    at: f32,
    share: f32,
    is_right: bool,
    told: String,
}

struct Bar {
    at: f32,
    right_top: f32,
    right_height: f32,
    wrong_top: f32,
    wrong_height: f32,
    told: String,
}

struct Class {
    label: String,
    examples: usize,
    precision: String,
    recall: String,
    f1: String,
}

struct Overlapping {
    left: String,
    right: String,
    crossing: usize,
    pairs: Vec<Pair>,
}

struct Pair {
    left: String,
    right: String,
    similarity: String,
}

struct Wrong {
    text: String,
    expected: String,
    found: String,
    sure: String,
}

/// The page as text.
pub(super) fn page(told: Told<'_>) -> anyhow::Result<String> {
    let Told { title, about, found, overlaps, learning } = told;
    let inside: Vec<&Answer> =
        found.answers.iter().filter(|answer| answer.expected != OUT_OF_SCOPE).collect();
    let (wrong, more_wrong) = wrong(&inside);
    let page = Page {
        title,
        about,
        figures: figures(found),
        matrix: Matrix::of(&inside),
        bars: bars(&inside),
        curve: curve(&found.answers),
        chosen: found.out_of_scope.map(|score| place(1.0 - score.accepted, score.caught)),
        learning: learning.iter().map(|(examples, right)| (*examples, percent(*right))).collect(),
        classes: classes(found),
        overlaps: overlaps.iter().take(SHOWN).map(overlapping).collect(),
        wrong,
        more_wrong,
    };
    page.render().context("the page cannot be made")
}

fn figures(found: &HeldOut) -> Vec<Figure> {
    let mut figures = vec![
        Figure { name: "right", value: percent(found.whole.accuracy) },
        Figure { name: "macro-F1", value: percent(found.whole.macro_f1) },
        Figure { name: "texts", value: found.whole.examples.to_string() },
        Figure { name: "calibration error", value: percent(found.calibration_error) },
        Figure { name: "right by the cascade", value: percent(found.cascade.accuracy) },
    ];
    if let Some(score) = &found.out_of_scope {
        figures.extend([
            Figure { name: "out of scope, AUROC", value: percent(score.auroc) },
            Figure { name: "out of scope caught", value: percent(score.caught) },
            Figure { name: "in scope let through", value: percent(score.accepted) },
        ]);
    }
    figures
}

impl Matrix {
    /// Labels are named while there is room for names.
    fn of(answers: &[&Answer]) -> Self {
        let mut answered: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
        for answer in answers {
            answered.entry((&answer.expected, &answer.found)).or_default().push(&answer.text);
            *rows.entry(&answer.expected).or_default() += 1;
            rows.entry(&answer.found).or_default();
        }
        let labels: Vec<&str> = rows.keys().copied().collect();
        let is_named = labels.len() <= 60;
        let (cell, left) = if is_named { (16.0, 220.0) } else { (5.0, 1.0) };
        let at = |label: &str| labels.binary_search(&label).map_or(0.0, |place| place as f32 * cell);
        let squares = |expected: &str| {
            let of_row = answered.iter().filter(|((row, _), _)| *row == expected);
            let all = rows.get(expected).copied().unwrap_or_default().max(1);
            let square = |((_, found), texts): (&(&str, &str), &Vec<&str>)| Square {
                at: left + at(found),
                share: (texts.len() as f32 / all as f32).max(0.08),
                is_right: *found == expected,
                told: square_told(expected, found, texts, all),
            };
            of_row.map(square).collect()
        };
        let side = labels.len() as f32 * cell;
        let row = |label: &&str| Row { name: (*label).to_owned(), at: at(label), squares: squares(label) };
        let rows = labels.iter().map(row).collect();
        Self { rows, cell, left, side, width: left + side + 1.0, height: side + 1.0, is_named }
    }
}

/// The count, and of wrong answers some texts.
fn square_told(expected: &str, found: &str, texts: &[&str], all: usize) -> String {
    let mut told = format!("{expected} → {found}: {} / {all}", texts.len());
    let named = if expected == found { &[] } else { &texts[..texts.len().min(SQUARE_TEXTS)] };
    for text in named {
        told.push('\n');
        told.extend(text.chars().take(SQUARE_CHARACTERS));
    }
    if !named.is_empty() && texts.len() > named.len() {
        told.push_str("\n…");
    }
    told
}

fn bars(answers: &[&Answer]) -> Vec<Bar> {
    const HEIGHT: f32 = 200.0;
    const FLOOR: f32 = 220.0;
    let mut bins = [(0usize, 0usize); BINS];
    for answer in answers {
        let bin = &mut bins[((answer.confidence * BINS as f32) as usize).min(BINS - 1)];
        if answer.found == answer.expected {
            bin.0 += 1;
        } else {
            bin.1 += 1;
        }
    }
    let most = bins.iter().map(|(right, wrong)| right + wrong).max().unwrap_or(0).max(1) as f32;
    let bar = |(place, (right, wrong)): (usize, &(usize, usize))| {
        let height = |count: usize| count as f32 / most * HEIGHT;
        let (low, high) = (place as f32 / BINS as f32, (place + 1) as f32 / BINS as f32);
        Bar {
            at: 31.0 + place as f32 * 29.0,
            right_top: FLOOR - height(*right),
            right_height: height(*right),
            wrong_top: FLOOR - height(*right) - height(*wrong),
            wrong_height: height(*wrong),
            told: format!("{low:.2}–{high:.2}: {right} right, {wrong} wrong"),
        }
    };
    bins.iter().enumerate().map(bar).collect()
}

/// Where a share of good texts lost and one of others caught lie in the picture.
fn place(lost: f32, caught: f32) -> (f32, f32) {
    (30.0 + lost * 230.0, 240.0 - caught * 230.0)
}

/// One corner for each change of the share that is caught.
fn curve(answers: &[Answer]) -> String {
    let mut scores: Vec<(f32, bool)> =
        answers.iter().map(|answer| (answer.out_of_scope_score, answer.expected == OUT_OF_SCOPE)).collect();
    let outside = scores.iter().filter(|(_, is_outside)| *is_outside).count();
    let inside = scores.len() - outside;
    if outside == 0 || inside == 0 {
        return String::new();
    }
    scores.sort_by(|left, right| right.0.total_cmp(&left.0));
    let (mut lost, mut caught) = (0usize, 0usize);
    let mut steps = vec!["M30 240".to_owned()];
    for (_, is_outside) in scores {
        if is_outside {
            caught += 1;
        } else {
            lost += 1;
            continue;
        }
        let (x, y) = place(lost as f32 / inside as f32, caught as f32 / outside as f32);
        steps.push(format!(" H{x:.1} V{y:.1}"));
    }
    steps.push(" H260".to_owned());
    steps.concat()
}

/// The worst first: that is where work is worth most.
fn classes(found: &HeldOut) -> Vec<Class> {
    let mut scores: Vec<_> = found.whole.classes.iter().collect();
    scores.sort_by(|left, right| left.f1.total_cmp(&right.f1));
    let class = |score: &training::ClassScore| Class {
        label: score.label.clone(),
        examples: score.examples,
        precision: percent(score.precision),
        recall: percent(score.recall),
        f1: percent(score.f1),
    };
    scores.into_iter().map(class).collect()
}

fn overlapping(overlap: &Overlap) -> Overlapping {
    let pair = |pair: &training::NearPair| Pair {
        left: pair.left.clone(),
        right: pair.right.clone(),
        similarity: format!("{:.2}", pair.similarity),
    };
    Overlapping {
        left: overlap.left.clone(),
        right: overlap.right.clone(),
        crossing: overlap.crossing,
        pairs: overlap.pairs.iter().map(pair).collect(),
    }
}

fn wrong(answers: &[&Answer]) -> (Vec<Wrong>, usize) {
    let mut wrong: Vec<&&Answer> = answers.iter().filter(|answer| answer.expected != answer.found).collect();
    wrong.sort_by(|left, right| right.confidence.total_cmp(&left.confidence));
    let more = wrong.len().saturating_sub(SHOWN);
    let shown = wrong.into_iter().take(SHOWN).map(|answer| Wrong {
        text: answer.text.clone(),
        expected: answer.expected.clone(),
        found: answer.found.clone(),
        sure: percent(answer.confidence),
    });
    (shown.collect(), more)
}
