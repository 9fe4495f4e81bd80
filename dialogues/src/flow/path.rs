//! Positions of steps: stable names for coverage, and how a flow goes on from one.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::step::{Block, Step};

/// Step, then block of that step, then step of that block, and so on; always of odd length.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position(Vec<u16>);

/// A step of a bot.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StepPath {
    pub flow: String,
    pub position: Position,
}

impl Position {
    /// The first step of a flow.
    pub fn first() -> Self {
        Position(vec![0])
    }

    /// The first step of a block of the step here.
    #[must_use]
    pub fn into_block(&self, block: usize) -> Self {
        let mut parts = self.0.clone();
        parts.push(block as u16);
        parts.push(0);
        Position(parts)
    }

    /// Reads what `Display` writes, such as `2.1.0`.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Option<Vec<u16>> = text.split('.').map(|part| part.parse().ok()).collect();
        parts.filter(|parts| parts.len() % 2 == 1).map(Position)
    }

    pub(super) fn step_in<'b>(&self, block: &'b Block) -> Option<&'b Step> {
        let (first, rest) = self.0.split_first()?;
        let mut step = block.get(usize::from(*first))?;
        for pair in rest.chunks_exact(2) {
            step = step.verb.blocks().get(usize::from(pair[0]))?.get(usize::from(pair[1]))?;
        }
        Some(step)
    }

    pub(super) fn after_in(&self, block: &Block) -> Option<Self> {
        let mut parts = self.0.clone();
        loop {
            *parts.last_mut()? += 1;
            let candidate = Position(parts.clone());
            if candidate.step_in(block).is_some() {
                return Some(candidate);
            }
            parts.truncate(parts.len().saturating_sub(2));
        }
    }
}

pub(super) fn all_steps(block: &Block) -> Vec<(Position, &Step)> {
    let mut steps = Vec::new();
    collect_steps(block, &[], &mut steps);
    steps
}

fn collect_steps<'b>(block: &'b Block, prefix: &[u16], steps: &mut Vec<(Position, &'b Step)>) {
    for (index, step) in block.iter().enumerate() {
        let mut parts = prefix.to_vec();
        parts.push(index as u16);
        steps.push((Position(parts.clone()), step));
        for (block_index, inner) in step.verb.blocks().into_iter().enumerate() {
            let mut inner_prefix = parts.clone();
            inner_prefix.push(block_index as u16);
            collect_steps(inner, &inner_prefix, steps);
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u16::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

impl fmt::Display for StepPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.flow, self.position)
    }
}
