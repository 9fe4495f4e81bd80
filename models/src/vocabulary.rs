//! Whether a tokenizer is the one that a graph was trained with, as far as their sizes tell.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use prost::Message;

use crate::backend::ONNX;
use crate::card::{GRAPH, ModelCard, TOKENIZER};
use crate::error::LoadError;
use crate::onnx::{Node, TensorSize};
use crate::protobuf::Field;
use crate::tokenizer::Tokenizer;

/// Field numbers of `onnx.proto3`.
const GRAPH_OF_MODEL: u32 = 7;
const NODE_OF_GRAPH: u32 = 1;
const TENSOR_OF_GRAPH: u32 = 5;

/// Rows that a table may have beyond the tokenizer's ids: exports are filled up to round sizes, or keep room for tokens
/// that were never given out.
const SPARE: usize = 1_000;

/// Compares the tokenizer's ids with the rows of the tables in which the folder's graph looks them up. A graph whose tables
/// are not recognised passes, as does a model that is no graph.
pub(crate) fn check(folder: &Path, card: &ModelCard, tokenizer: &Tokenizer) -> Result<(), LoadError> {
    if card.backend != ONNX {
        return Ok(());
    }
    let path = folder.join(GRAPH);
    let graph = std::fs::read(&path).map_err(|source| LoadError::Unreadable { path, source })?;
    let ids = tokenizer.ids();
    match rows(&graph).into_iter().find(|rows| ids > *rows || *rows - ids >= SPARE) {
        None => Ok(()),
        Some(rows) => Err(LoadError::WrongTokenizer {
            path: folder.join(TOKENIZER),
            reason: format!("it has {ids} ids, the graph's table {rows} rows"),
            expected: card.files.get(TOKENIZER).map(|file| file.sha256.clone()).unwrap_or_default(),
        }),
    }
}

/// The rows of every constant table that is indexed with the token ids; none where the bytes are not read with certainty.
fn rows(model: &[u8]) -> Vec<usize> {
    let graph =
        Field::all(model).unwrap_or_default().into_iter().find(|field| field.number == GRAPH_OF_MODEL);
    let fields = graph.and_then(|graph| Field::all(graph.content)).unwrap_or_default();
    let of = |number| fields.iter().filter(move |field| field.number == number).map(|field| field.content);
    let sizes: HashMap<String, usize> = of(TENSOR_OF_GRAPH)
        .filter_map(|tensor| {
            let tensor = TensorSize::decode(tensor).ok()?;
            Some((tensor.name, usize::try_from(*tensor.dims.first()?).ok()?))
        })
        .collect();
    let mut tables = Tables { ids: HashSet::from(["input_ids".to_owned()]), sizes, rows: Vec::new() };
    // A graph's nodes stand in the order in which they can be run.
    for node in of(NODE_OF_GRAPH).filter_map(|node| Node::decode(node).ok()) {
        tables.read(&node);
    }
    tables.rows
}

/// A graph while it is read.
struct Tables {
    /// What holds token ids, perhaps in another shape or type.
    ids: HashSet<String>,
    /// The rows of constants.
    sizes: HashMap<String, usize>,
    rows: Vec<usize>,
}

impl Tables {
    fn read(&mut self, node: &Node) {
        let (Some(first), Some(output)) = (node.input.first(), node.output.first()) else { return };
        match node.op_type.as_str() {
            "Cast" | "Identity" | "Reshape" | "Squeeze" | "Unsqueeze" | "DequantizeLinear" => {
                if self.ids.contains(first) {
                    self.ids.insert(output.clone());
                } else if node.op_type != "Reshape"
                    && !node.op_type.ends_with("queeze")
                    && let Some(rows) = self.sizes.get(first).copied()
                {
                    self.sizes.insert(output.clone(), rows);
                }
            }
            "Gather" | "GatherBlockQuantized" => {
                let along = |name: &str| name == "axis" || name == "gather_axis";
                let by_rows = node.attribute.iter().all(|one| !along(&one.name) || one.i == 0);
                if by_rows && node.input.get(1).is_some_and(|ids| self.ids.contains(ids)) {
                    self.rows.extend(self.sizes.get(first));
                }
            }
            _ => {}
        }
    }
}
