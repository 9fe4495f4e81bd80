//! Which steps of a bot's flows its scenarios have reached.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::bot::Bot;
use crate::flow::StepPath;

/// The coverage of every flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    pub steps: usize,
    pub reached: usize,
    pub flows: Vec<FlowCoverage>,
}

/// The coverage of one flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowCoverage {
    pub flow: String,
    pub file: String,
    pub steps: usize,
    pub reached: usize,
    pub missed: Vec<MissedStep>,
}

/// A step that no scenario reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissedStep {
    pub path: StepPath,
    pub verb: String,
    pub line: u32,
}

/// The coverage by the steps that `Advanced::visited` has listed over all turns; paths that the bot no
/// longer has count for nothing.
pub fn coverage<'p>(bot: &Bot, visited: impl IntoIterator<Item = &'p StepPath>) -> Coverage {
    let visited: BTreeSet<&StepPath> = visited.into_iter().collect();
    let flows: Vec<FlowCoverage> = bot
        .flows
        .values()
        .map(|flow| {
            let all = flow.all_steps();
            let steps = all.len();
            let missed: Vec<MissedStep> = all
                .into_iter()
                .map(|(position, step)| (StepPath { flow: flow.id.clone(), position }, step))
                .filter(|(path, _)| !visited.contains(path))
                .map(|(path, step)| MissedStep { path, verb: step.verb.name().into(), line: step.mark.line })
                .collect();
            let (flow, file) = (flow.id.clone(), flow.file.clone());
            FlowCoverage { flow, file, steps, reached: steps - missed.len(), missed }
        })
        .collect();
    let total = |count: fn(&FlowCoverage) -> usize| flows.iter().map(count).sum();
    Coverage { steps: total(|flow| flow.steps), reached: total(|flow| flow.reached), flows }
}

impl Coverage {
    /// The share of steps that were reached, from 0 to 100.
    pub fn percent(&self) -> f64 {
        if self.steps == 0 { 100.0 } else { 100.0 * self.reached as f64 / self.steps as f64 }
    }
}
