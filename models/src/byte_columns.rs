//! 4-bit matrices as columns of bytes, for ONNX Runtime: its kernel for them is two to three times as fast
//! (multilingual-e5-small: `docs/decisions/0008-e5-multiplies-bytes.md`).
//!
//! Every column of a matrix gets one scale, and so do a text's activations before each product. A few activations are
//! ten to a hundred times as large as all others and would leave these hardly any steps; the card names them, and they are
//! multiplied as floats beside the rest (Dettmers et al. 2022, "LLM.int8(): 8-bit Matrix Multiplication for Transformers at
//! Scale").

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;
use prost::bytes::BufMut;

use crate::onnx::{MICROSOFT, Node, Tensor};
use crate::protobuf::{Field, put};

/// Field numbers of `onnx.proto3`.
const GRAPH_OF_MODEL: u32 = 7;
const NODE_OF_GRAPH: u32 = 1;
const TENSOR_OF_GRAPH: u32 = 5;
const NAME_OF_TENSOR: u32 = 8;

/// Weights of 4 bits are stored with this added.
const ZERO: i8 = 8;

/// Channels of activations that tower above the others, by the name that the graph gives the activation.
pub(crate) type Outliers = BTreeMap<String, Vec<usize>>;

/// The model with every 4-bit matrix in bytes. `None` where there is none, or where the file is not read with certainty,
/// so that it is taken as it is.
pub(crate) fn in_bytes(model: &[u8], outliers: &Outliers) -> Option<Vec<u8>> {
    let fields = Field::all(model)?;
    let graph = fields.iter().find(|field| field.number == GRAPH_OF_MODEL)?;
    let graph = graph_in_bytes(graph.content, outliers)?;
    let mut out = Vec::with_capacity(model.len() + graph.len() / 4);
    for field in &fields {
        match field.number {
            GRAPH_OF_MODEL => put(&mut out, field.number, &graph),
            _ => out.put_slice(field.whole),
        }
    }
    Some(out)
}

fn graph_in_bytes(graph: &[u8], outliers: &Outliers) -> Option<Vec<u8>> {
    let fields = Field::all(graph)?;
    let products: BTreeMap<usize, Product> = fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.number == NODE_OF_GRAPH)
        .filter_map(|(place, field)| Some((place, Product::of(field.content)?)))
        .collect();
    if products.is_empty() {
        return None;
    }
    let wanted: BTreeSet<&str> =
        products.values().flat_map(|product| [product.weights.as_str(), product.scales.as_str()]).collect();
    let mut tensors = BTreeMap::new();
    for field in fields.iter().filter(|field| field.number == TENSOR_OF_GRAPH) {
        let name = name_of_tensor(field.content)?;
        if wanted.contains(name) {
            tensors.insert(name, Tensor::decode(field.content).ok()?);
        }
    }
    let mut rewritten =
        Rewritten { bytes: Vec::with_capacity(graph.len()), outliers, split: BTreeSet::new() };
    for (place, field) in fields.iter().enumerate() {
        if let Some(product) = products.get(&place) {
            let matrix =
                Matrix::unpack(product, tensors.get(&*product.weights)?, tensors.get(&*product.scales)?)?;
            rewritten.product(product, matrix)?;
        } else if !(field.number == TENSOR_OF_GRAPH && wanted.contains(name_of_tensor(field.content)?)) {
            rewritten.bytes.put_slice(field.whole);
        }
    }
    Some(rewritten.bytes)
}

fn name_of_tensor(tensor: &[u8]) -> Option<&str> {
    let name = Field::all(tensor)?.into_iter().find(|field| field.number == NAME_OF_TENSOR)?;
    std::str::from_utf8(name.content).ok()
}

/// A `MatMulNBits` of 4 bits: the names around it and its sizes.
struct Product {
    input: String,
    weights: String,
    scales: String,
    output: String,
    inputs: usize,
    block: usize,
}

impl Product {
    fn of(node: &[u8]) -> Option<Self> {
        let node = Node::decode(node).ok().filter(|node| node.op_type == "MatMulNBits")?;
        let size = |name: &str| {
            let attribute = node.attribute.iter().find(|attribute| attribute.name == name)?;
            usize::try_from(attribute.i).ok()
        };
        // Zero points would be a fourth input.
        let ([input, weights, scales], [output]) = (&node.input[..], &node.output[..]) else { return None };
        (size("bits") == Some(4)).then_some(())?;
        Some(Self {
            input: input.clone(),
            weights: weights.clone(),
            scales: scales.clone(),
            output: output.clone(),
            inputs: size("K")?,
            block: size("block_size")?,
        })
    }
}

/// A matrix in floats, one row for each of its outputs.
struct Matrix {
    inputs: usize,
    rows: Vec<Vec<f32>>,
}

impl Matrix {
    /// Two weights a byte, the first in the lower half; one scale a block of a row.
    fn unpack(product: &Product, weights: &Tensor, scales: &Tensor) -> Option<Self> {
        let (inputs, block) = (product.inputs, product.block);
        let scales = scales.to_floats()?;
        let is_sound = block > 0
            && inputs > 0
            && inputs.is_multiple_of(block)
            && block.is_multiple_of(2)
            && !scales.is_empty()
            && weights.raw_data.len() * 2 == scales.len() * block
            && scales.len().is_multiple_of(inputs / block);
        if !is_sound {
            return None;
        }
        let row = |(bytes, scales): (&[u8], &[f32])| {
            let blocks = bytes.chunks_exact(block / 2).zip(scales);
            let weights = |(bytes, scale): (&[u8], &f32)| {
                let scale = *scale;
                let halves = bytes.iter().flat_map(|byte| [byte & 15, byte >> 4]);
                halves.map(move |half| f32::from(half.cast_signed() - ZERO) * scale).collect::<Vec<f32>>()
            };
            blocks.flat_map(weights).collect()
        };
        let rows = weights.raw_data.chunks_exact(inputs / 2).zip(scales.chunks_exact(inputs / block));
        Some(Self { inputs, rows: rows.map(row).collect() })
    }

    /// The rows of some inputs taken out, as inputs x outputs.
    fn take_inputs(&mut self, taken: &[usize]) -> Vec<f32> {
        let rows = &mut self.rows;
        taken
            .iter()
            .flat_map(|input| rows.iter_mut().map(|row| std::mem::take(&mut row[*input])).collect::<Vec<_>>())
            .collect()
    }

    /// Bytes as inputs x outputs, and the scale of every output.
    fn to_bytes(&self) -> (Vec<u8>, Vec<f32>) {
        let scale = |row: &Vec<f32>| {
            let largest = row.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
            if largest > 0.0 { largest / largest_byte() } else { 1.0 }
        };
        let scales: Vec<f32> = self.rows.iter().map(scale).collect();
        let mut bytes = vec![0; self.inputs * self.rows.len()];
        for (output, (row, scale)) in self.rows.iter().zip(&scales).enumerate() {
            let places = bytes.iter_mut().skip(output).step_by(self.rows.len());
            for (place, weight) in places.zip(row) {
                // Within ±127 by the choice of the scale.
                *place = ((weight / scale).round() as i8).cast_unsigned();
            }
        }
        (bytes, scales)
    }
}

/// Processors without these instructions add two products in 16 bits, which holds 7-bit weights only.
fn largest_byte() -> f32 {
    #[cfg(target_arch = "x86_64")]
    if !std::arch::is_x86_feature_detected!("avx512vnni") && !std::arch::is_x86_feature_detected!("avxvnni") {
        return 63.0;
    }
    127.0
}

/// A graph while it is written.
struct Rewritten<'o> {
    bytes: Vec<u8>,
    outliers: &'o Outliers,
    /// Activations whose outliers have been parted from the rest.
    split: BTreeSet<String>,
}

impl Rewritten<'_> {
    /// The product of bytes, with that of the outliers added.
    fn product(&mut self, product: &Product, mut matrix: Matrix) -> Option<()> {
        let Product { input, weights, scales, output, .. } = product;
        let outputs = matrix.rows.len();
        let taken = self.outliers.get(input).map(Vec::as_slice).unwrap_or_default();
        if taken.iter().any(|channel| *channel >= matrix.inputs) {
            return None;
        }
        let (rest, apart, summand) =
            (format!("{input}_rest"), format!("{input}_apart"), format!("{output}_rest"));
        if !taken.is_empty() {
            if self.split.insert(input.clone()) {
                self.split_input(input, taken, matrix.inputs);
            }
            let floats = matrix.take_inputs(taken);
            self.tensor(&Tensor::floats(
                &format!("{output}_floats"),
                &[taken.len(), outputs],
                floats.into_iter(),
            ));
        }
        let (bytes, factors) = matrix.to_bytes();
        self.tensor(&Tensor::signed_bytes(weights, &[matrix.inputs, outputs], bytes));
        self.tensor(&Tensor::floats(scales, &[outputs], factors.into_iter()));
        let multiply = |input: &str, output: &str| {
            Node::new("DynamicQuantizeMatMul", &[input, weights, scales], output).of_domain(MICROSOFT)
        };
        if taken.is_empty() {
            self.node(&multiply(input, output));
        } else {
            let product_apart = format!("{output}_apart");
            self.node(&multiply(&rest, &summand));
            self.node(&Node::new("MatMul", &[&apart, &format!("{output}_floats")], &product_apart));
            self.node(&Node::new("Add", &[&summand, &product_apart], output));
        }
        Some(())
    }

    /// `_rest` has zeros in the outliers' places, `_apart` the outliers alone.
    fn split_input(&mut self, input: &str, taken: &[usize], inputs: usize) {
        let [kept, channels] = [format!("{input}_kept"), format!("{input}_channels")];
        let factors = (0..inputs).map(|channel| if taken.contains(&channel) { 0.0 } else { 1.0 });
        self.tensor(&Tensor::floats(&kept, &[inputs], factors));
        self.tensor(&Tensor::integers(&channels, taken.iter().map(|channel| *channel as i64)));
        self.node(&Node::new("Mul", &[input, &kept], &format!("{input}_rest")));
        let gather = Node::new("Gather", &[input, &channels], &format!("{input}_apart"));
        self.node(&gather.with_integer("axis", -1));
    }

    fn node(&mut self, node: &Node) {
        put(&mut self.bytes, NODE_OF_GRAPH, &node.encode_to_vec());
    }

    fn tensor(&mut self, tensor: &Tensor) {
        put(&mut self.bytes, TENSOR_OF_GRAPH, &tensor.encode_to_vec());
    }
}

#[cfg(test)]
mod tests;
