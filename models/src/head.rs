//! A softmax head over embeddings, and its ONNX form.

use ndarray::{Array1, Array2, ArrayView1};
use prost::Message;

use crate::error::HeadError;
use crate::onnx::{Graph, Model, Node, OperatorSet, Property, Tensor, ValueInfo};

/// `softmax(x · weights + bias)`. Centring and scaling of the inputs belong into the weights and the bias:
/// `((x - m) / s) · W + b` is `x · (W / s) + (b - (m / s) · W)`.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearHead {
    weights: Array2<f32>,
    bias: Array1<f32>,
    labels: Vec<String>,
}

const INPUT: &str = "embedding";
const OUTPUT: &str = "probabilities";
const WEIGHTS: &str = "weights";
const BIAS: &str = "bias";
const LABELS: &str = "labels";

impl LinearHead {
    /// `weights` are dimensions x classes; `bias` and `labels` have one entry a class, in the same order.
    pub fn new(weights: Array2<f32>, bias: Array1<f32>, labels: Vec<String>) -> Result<Self, HeadError> {
        let (dimensions, classes) = weights.dim();
        if dimensions == 0 || classes == 0 || bias.len() != classes || labels.len() != classes {
            return Err(HeadError::Shape { dimensions, classes, bias: bias.len(), labels: labels.len() });
        }
        Ok(Self { weights, bias, labels })
    }

    /// Length of the embeddings it takes.
    pub fn dimensions(&self) -> usize {
        self.weights.nrows()
    }

    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    pub fn weights(&self) -> &Array2<f32> {
        &self.weights
    }

    pub fn bias(&self) -> &Array1<f32> {
        &self.bias
    }

    /// The scores before softmax, one a label.
    pub fn logits(&self, embedding: &[f32]) -> Result<Vec<f32>, HeadError> {
        if embedding.len() != self.dimensions() {
            return Err(HeadError::WrongDimensions { expected: self.dimensions(), found: embedding.len() });
        }
        Ok((ArrayView1::from(embedding).dot(&self.weights) + &self.bias).to_vec())
    }

    /// One probability a label; they sum to 1. About 10 µs for 384 x 150.
    pub fn probabilities(&self, embedding: &[f32]) -> Result<Vec<f32>, HeadError> {
        Ok(softmax(self.logits(embedding)?))
    }

    /// The head as an ONNX file (opset 17): input `embedding` (rows x dimensions), output `probabilities` (rows x
    /// classes), the labels as a JSON list in the metadata under `labels`.
    pub fn to_onnx(&self) -> Vec<u8> {
        let (dimensions, classes) = self.weights.dim();
        let graph = Graph {
            name: "head".to_owned(),
            input: vec![ValueInfo::rows_of_floats(INPUT, dimensions)],
            output: vec![ValueInfo::rows_of_floats(OUTPUT, classes)],
            initializer: vec![
                Tensor::floats(WEIGHTS, &[dimensions, classes], self.weights.iter().copied()),
                Tensor::floats(BIAS, &[classes], self.bias.iter().copied()),
            ],
            node: vec![
                Node::new("MatMul", &[INPUT, WEIGHTS], "product"),
                Node::new("Add", &["product", BIAS], "logits"),
                Node::new("Softmax", &["logits"], OUTPUT).with_integer("axis", -1),
            ],
        };
        let labels = serde_json::Value::from(self.labels.clone()).to_string();
        let model = Model {
            ir_version: 8,
            producer_name: "sala".to_owned(),
            graph: Some(graph),
            opset_import: vec![OperatorSet { domain: String::new(), version: 17 }],
            metadata_props: vec![Property { key: LABELS.to_owned(), value: labels }],
        };
        model.encode_to_vec()
    }

    /// Reads what [`LinearHead::to_onnx`] writes.
    pub fn from_onnx(bytes: &[u8]) -> Result<Self, HeadError> {
        let model = Model::decode(bytes).map_err(|error| HeadError::Unreadable(error.to_string()))?;
        let property = model.metadata_props.iter().find(|property| property.key == LABELS);
        let property = property.ok_or_else(|| unreadable("no labels in the metadata"))?;
        let labels: Vec<String> = serde_json::from_str(&property.value)
            .map_err(|error| HeadError::Unreadable(format!("labels: {error}")))?;
        let graph = model.graph.ok_or_else(|| unreadable("no graph"))?;
        let operators: Vec<&str> = graph.node.iter().map(|node| node.op_type.as_str()).collect();
        if operators != ["MatMul", "Add", "Softmax"] {
            return Err(unreadable("not a linear head"));
        }
        let (shape, weights) = floats(&graph, WEIGHTS)?;
        let (_, bias) = floats(&graph, BIAS)?;
        let [dimensions, classes] = shape[..] else { return Err(unreadable("weights are not a matrix")) };
        let weights = Array2::from_shape_vec((dimensions, classes), weights)
            .map_err(|error| HeadError::Unreadable(format!("weights: {error}")))?;
        Self::new(weights, Array1::from(bias), labels)
    }
}

fn unreadable(reason: &str) -> HeadError {
    HeadError::Unreadable(reason.to_owned())
}

fn floats(graph: &Graph, name: &str) -> Result<(Vec<usize>, Vec<f32>), HeadError> {
    let tensor = graph.initializer.iter().find(|tensor| tensor.name == name);
    let tensor = tensor.ok_or_else(|| HeadError::Unreadable(format!("no tensor {name}")))?;
    let values =
        tensor.to_floats().ok_or_else(|| HeadError::Unreadable(format!("{name} is not a float tensor")))?;
    let shape = tensor.dims.iter().map(|size| usize::try_from(*size).unwrap_or(0)).collect();
    Ok((shape, values))
}

/// Shifted by the largest score so that nothing overflows.
fn softmax(mut scores: Vec<f32>) -> Vec<f32> {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for score in &mut scores {
        *score = (*score - largest).exp();
    }
    let sum: f32 = scores.iter().sum();
    for score in &mut scores {
        *score /= sum;
    }
    scores
}

#[cfg(test)]
mod tests;
