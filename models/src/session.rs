//! One loaded graph: token rows in, unit vectors out.

use std::path::{Path, PathBuf};

use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionInputValue, SessionOutputs};
use ort::value::{Outlet, Tensor};

use crate::backend::EncodeRows;
use crate::byte_columns::in_bytes;
use crate::card::{GRAPH, ModelCard, Pooling};
use crate::encode::{Embedding, unit};
use crate::error::LoadError;
use crate::runtime::{Backend, Runtime};

/// The inputs a graph may ask for; the first two are required.
const INPUTS: [&str; 3] = ["input_ids", "attention_mask", "token_type_ids"];

pub(crate) struct EncoderSession {
    session: Session,
    path: PathBuf,
    output: String,
    pooling: Pooling,
    dimensions: usize,
    wants_types: bool,
}

impl EncoderSession {
    /// Loads the folder's graph and checks its inputs and outputs against the card.
    pub(crate) fn load(runtime: Runtime, folder: &Path, card: &ModelCard) -> Result<Self, LoadError> {
        let path = folder.join(GRAPH);
        let bytes = bytes_of(runtime, &path, card);
        let session = open(runtime, &path, bytes.as_deref())?;
        let bad = |reason: String| LoadError::BadGraph { path: path.clone(), reason };
        let inputs: Vec<&str> = session.inputs().iter().map(Outlet::name).collect();
        if let Some(missing) = INPUTS[..2].iter().find(|name| !inputs.contains(name)) {
            return Err(bad(format!("the graph has no input {missing}, only {}", inputs.join(", "))));
        }
        if let Some(unknown) = inputs.iter().find(|name| !INPUTS.contains(name)) {
            return Err(bad(format!("the graph asks for an unknown input {unknown}")));
        }
        let Some(output) = session.outputs().iter().find(|output| output.name() == card.output) else {
            return Err(bad(format!("the graph has no output {}", card.output)));
        };
        let last = output.dtype().tensor_shape().and_then(|shape| shape.last().copied());
        if let Some(last) = last.filter(|last| *last >= 0 && *last != card.dimensions as i64) {
            return Err(bad(format!(
                "output {} has {last} dimensions, the card says {}",
                card.output, card.dimensions
            )));
        }
        let wants_types = inputs.contains(&INPUTS[2]);
        let (pooling, dimensions) = (card.pooling, card.dimensions);
        Ok(Self { session, path, output: card.output.clone(), pooling, dimensions, wants_types })
    }
}

impl EncodeRows for EncoderSession {
    /// One run; shorter rows are padded and masked.
    fn encode_rows(&mut self, rows: &[&[u32]]) -> Result<Vec<Embedding>, String> {
        let width = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        let mut ids = Vec::with_capacity(rows.len() * width);
        let mut mask = Vec::with_capacity(rows.len() * width);
        for row in rows {
            let padding = std::iter::repeat_n(0, width - row.len());
            ids.extend(row.iter().map(|id| i64::from(*id)).chain(padding.clone()));
            mask.extend(row.iter().map(|_| 1_i64).chain(padding));
        }
        let shape = [rows.len(), width];
        let mut inputs: Vec<(&str, SessionInputValue)> =
            vec![(INPUTS[0], tensor(shape, ids)?.into()), (INPUTS[1], tensor(shape, mask)?.into())];
        if self.wants_types {
            inputs.push((INPUTS[2], tensor(shape, vec![0; rows.len() * width])?.into()));
        }
        let outputs =
            self.session.run(inputs).map_err(|error| format!("{}: {error}", self.path.display()))?;
        let pooled =
            Pooled { outputs, output: &self.output, pooling: self.pooling, dimensions: self.dimensions };
        pooled.embeddings(rows, width).map_err(|reason| format!("{}: {reason}", self.path.display()))
    }
}

/// The graph with its 4-bit matrices in bytes, where that is what this runtime multiplies fastest and the card says what has
/// to be kept apart.
fn bytes_of(runtime: Runtime, path: &Path, card: &ModelCard) -> Option<Vec<u8>> {
    if card.outliers.is_empty() || !matches!(runtime.backend(), Backend::Native { .. }) {
        return None;
    }
    in_bytes(&std::fs::read(path).ok()?, &card.outliers)
}

/// Opens a graph with one thread. Level 3 is what makes tract fold the weights and accept the slices of these graphs.
fn open(runtime: Runtime, path: &Path, bytes: Option<&[u8]>) -> Result<Session, LoadError> {
    let bad = |reason: String| LoadError::BadGraph { path: path.to_owned(), reason };
    let builder = Session::builder(runtime.environment()?).map_err(|error| bad(error.to_string()))?;
    let builder = match runtime.backend() {
        Backend::Native { .. } => builder.with_intra_threads(1).map_err(|error| bad(error.to_string()))?,
        Backend::Tract | Backend::None { .. } => builder,
    };
    let mut builder = builder
        .with_optimization_level(GraphOptimizationLevel::Level3)
        .map_err(|error| bad(error.to_string()))?;
    let session = match bytes {
        Some(bytes) => builder.commit_from_memory(bytes),
        None => builder.commit_from_file(path),
    };
    session.map_err(|error| bad(error.to_string()))
}

fn tensor(shape: [usize; 2], values: Vec<i64>) -> Result<Tensor<i64>, String> {
    Tensor::from_array((shape, values)).map_err(|error| error.to_string())
}

/// The graph's answer, and how to make one vector a row of it.
struct Pooled<'a> {
    outputs: SessionOutputs<'a>,
    output: &'a str,
    pooling: Pooling,
    dimensions: usize,
}

impl Pooled<'_> {
    fn embeddings(&self, rows: &[&[u32]], width: usize) -> Result<Vec<Embedding>, String> {
        let (shape, values) =
            self.outputs[self.output].try_extract_tensor::<f32>().map_err(|error| error.to_string())?;
        let (count, dimensions) = (rows.len() as i64, self.dimensions as i64);
        let expected = match self.pooling {
            Pooling::InGraph => vec![count, dimensions],
            Pooling::Mean | Pooling::First => vec![count, width as i64, dimensions],
        };
        if shape[..] != expected[..] {
            return Err(format!("output {} has shape {:?}, expected {expected:?}", self.output, &shape[..]));
        }
        let row_size = values.len() / rows.len();
        values
            .chunks_exact(row_size)
            .zip(rows)
            .map(|(values, row)| {
                unit(pool(self.pooling, values, self.dimensions, row.len()))
                    .ok_or_else(|| format!("output {} is not a finite vector", self.output))
            })
            .collect()
    }
}

/// One vector of a row's numbers; `tokens` of them are not padding.
fn pool(pooling: Pooling, values: &[f32], dimensions: usize, tokens: usize) -> Vec<f32> {
    match pooling {
        Pooling::InGraph | Pooling::First => values[..dimensions].to_vec(),
        Pooling::Mean => {
            let mut sum = vec![0.0; dimensions];
            for token in values.chunks_exact(dimensions).take(tokens) {
                sum.iter_mut().zip(token).for_each(|(sum, value)| *sum += value);
            }
            // The length is normalised afterwards, so that the sum has the mean's direction already.
            sum
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pooling_ignores_padding() {
        let values = [1.0, 2.0, 3.0, 4.0, 100.0, 100.0];
        assert_eq!(pool(Pooling::Mean, &values, 2, 2), [4.0, 6.0]);
        assert_eq!(pool(Pooling::First, &values, 2, 2), [1.0, 2.0]);
        assert_eq!(pool(Pooling::InGraph, &values[..2], 2, 3), [1.0, 2.0]);
    }
}
