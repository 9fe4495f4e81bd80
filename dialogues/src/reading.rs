//! Reading YAML so that every value keeps its line and one mistake never hides the next.

mod fields;
mod node;

pub(crate) use fields::{Fields, Reading};
pub(crate) use node::{Node, Yaml, parse, told};
