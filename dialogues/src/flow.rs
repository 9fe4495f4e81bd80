//! A flow: what the bot does, step by step, when a person wants something.

mod path;
mod read;
mod step;

use std::collections::{BTreeMap, BTreeSet};

pub use path::{Position, StepPath};
pub(crate) use read::read;
pub use step::{
    Arm, Block, Call, CheckWith, Choose, Collect, FlowCall, Outcome, Say, SayOption, Search, Step, Verb,
};

use crate::problem::{Mark, Named};

/// One flow of a bot.
#[derive(Debug, Clone)]
pub struct Flow {
    /// Its id, which is its file's name without `.yaml`.
    pub id: String,
    /// Path relative to the bot's folder.
    pub file: String,
    pub mark: Mark,
    /// What it is for, by language, for people who edit the bot.
    pub description: BTreeMap<String, String>,
    /// The intent that starts it.
    pub intent: Option<Named>,
    pub steps: Block,
}

impl Flow {
    /// The step at a position, if there is one.
    pub fn step(&self, position: &Position) -> Option<&Step> {
        position.step_in(&self.steps)
    }

    /// The position after this one: the next step of the block, else of the block around it; none at
    /// the end of the flow.
    pub fn after(&self, position: &Position) -> Option<Position> {
        position.after_in(&self.steps)
    }

    /// Gives the options that are written as a flow's id alone the step that goes to that flow.
    pub(crate) fn link_options(&mut self, flows: &BTreeSet<String>) {
        link_options(&mut self.steps, flows);
    }

    /// Every step with its position, in the order they are written.
    pub fn all_steps(&self) -> Vec<(Position, &Step)> {
        path::all_steps(&self.steps)
    }

    /// The collect steps of a slot.
    pub fn collects<'f>(&'f self, slot: &'f str) -> impl Iterator<Item = (Position, &'f Collect)> {
        self.all_steps().into_iter().filter_map(move |(position, step)| match &step.verb {
            Verb::Collect(collect) if collect.slot == slot => Some((position, &**collect)),
            _ => None,
        })
    }
}

fn link_options(block: &mut Block, flows: &BTreeSet<String>) {
    for step in block {
        if let Verb::Choose(choose) = &mut step.verb
            && choose.into.is_none()
        {
            for option in choose.options.iter_mut().filter(|option| option.steps.is_empty()) {
                if flows.contains(&option.id.id) {
                    let call = FlowCall { flow: option.id.clone(), with: Vec::new(), into: None };
                    option.steps.push(Step { mark: option.id.mark, verb: Verb::GoTo(call) });
                }
            }
        }
        for inner in step.verb.blocks_mut() {
            link_options(inner, flows);
        }
    }
}
