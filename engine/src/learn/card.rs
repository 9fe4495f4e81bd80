//! The card of a trained intent model: what it was made from and how good it is, beside the model.

use std::collections::BTreeMap;

use serde::Serialize;
use training::{Evaluation, Report};

#[derive(Serialize)]
struct Card<'r> {
    bot: &'r str,
    task: &'static str,
    /// Hash of data, options and encoders.
    content: &'r str,
    examples: usize,
    origin: &'static str,
    /// A fifth of the examples, chosen by hash, that nothing was trained on.
    blind: Scores,
    /// Every training example, answered by heads that had not seen it.
    cross_validated: Scores,
    /// Sets of heads that may answer together.
    heads: Vec<Heads>,
}

#[derive(Serialize)]
struct Scores {
    examples: usize,
    accuracy: f32,
    macro_f1: f32,
    accuracy_by_language: BTreeMap<String, f32>,
}

#[derive(Serialize)]
struct Heads {
    names: Vec<String>,
    blind_accuracy: f32,
    out_of_scope_auroc: f32,
}

impl Scores {
    fn of(evaluation: &Evaluation) -> Self {
        let by_language =
            evaluation.languages.iter().map(|score| (score.language.to_string(), rounded(score.accuracy)));
        Self {
            examples: evaluation.examples,
            accuracy: rounded(evaluation.accuracy),
            macro_f1: rounded(evaluation.macro_f1),
            accuracy_by_language: by_language.collect(),
        }
    }
}

/// The card as TOML.
pub(super) fn card(bot: &str, report: &Report) -> Result<String, toml::ser::Error> {
    toml::to_string(&Card {
        bot,
        task: "intents",
        content: &report.content,
        examples: report.examples,
        origin: "trained here from the bot's own examples",
        blind: Scores::of(&report.blind),
        cross_validated: Scores::of(&report.cross_validated),
        heads: report
            .heads
            .iter()
            .map(|score| Heads {
                names: score.heads.clone(),
                blind_accuracy: rounded(score.blind_accuracy),
                out_of_scope_auroc: rounded(score.out_of_scope_auroc),
            })
            .collect(),
    })
}

fn rounded(share: f32) -> f32 {
    (share * 1e4).round() / 1e4
}
