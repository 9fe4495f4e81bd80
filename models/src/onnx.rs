//! The small part of the ONNX file format that heads need, as protobuf messages (field numbers from `onnx.proto3`).

use prost::{Message, Oneof};

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Model {
    #[prost(int64, tag = "1")]
    pub(crate) ir_version: i64,
    #[prost(string, tag = "2")]
    pub(crate) producer_name: String,
    #[prost(message, optional, tag = "7")]
    pub(crate) graph: Option<Graph>,
    #[prost(message, repeated, tag = "8")]
    pub(crate) opset_import: Vec<OperatorSet>,
    #[prost(message, repeated, tag = "14")]
    pub(crate) metadata_props: Vec<Property>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct OperatorSet {
    /// Empty for the standard operators.
    #[prost(string, tag = "1")]
    pub(crate) domain: String,
    #[prost(int64, tag = "2")]
    pub(crate) version: i64,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Property {
    #[prost(string, tag = "1")]
    pub(crate) key: String,
    #[prost(string, tag = "2")]
    pub(crate) value: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Graph {
    #[prost(message, repeated, tag = "1")]
    pub(crate) node: Vec<Node>,
    #[prost(string, tag = "2")]
    pub(crate) name: String,
    #[prost(message, repeated, tag = "5")]
    pub(crate) initializer: Vec<Tensor>,
    #[prost(message, repeated, tag = "11")]
    pub(crate) input: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "12")]
    pub(crate) output: Vec<ValueInfo>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Node {
    #[prost(string, repeated, tag = "1")]
    pub(crate) input: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub(crate) output: Vec<String>,
    #[prost(string, tag = "3")]
    pub(crate) name: String,
    #[prost(string, tag = "4")]
    pub(crate) op_type: String,
    #[prost(message, repeated, tag = "5")]
    pub(crate) attribute: Vec<Attribute>,
    /// Empty for the standard operators.
    #[prost(string, tag = "7")]
    pub(crate) domain: String,
}

/// An integer attribute; heads need no other kind.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Attribute {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(int64, tag = "3")]
    pub(crate) i: i64,
    #[prost(int32, tag = "20")]
    pub(crate) kind: i32,
}

/// `AttributeProto.AttributeType.INT`.
const INTEGER_ATTRIBUTE: i32 = 2;
/// Kinds of `TensorProto.DataType`.
const FLOAT: i32 = 1;
const SIGNED_BYTE: i32 = 3;
const INTEGER: i32 = 7;

/// The domain of ONNX Runtime's own operators.
pub(crate) const MICROSOFT: &str = "com.microsoft";

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Tensor {
    #[prost(int64, repeated, tag = "1")]
    pub(crate) dims: Vec<i64>,
    #[prost(int32, tag = "2")]
    pub(crate) data_type: i32,
    #[prost(float, repeated, tag = "4")]
    pub(crate) float_data: Vec<f32>,
    #[prost(string, tag = "8")]
    pub(crate) name: String,
    #[prost(bytes = "vec", tag = "9")]
    pub(crate) raw_data: Vec<u8>,
}

/// A tensor's size without its numbers.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct TensorSize {
    #[prost(int64, repeated, tag = "1")]
    pub(crate) dims: Vec<i64>,
    #[prost(string, tag = "8")]
    pub(crate) name: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ValueInfo {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) kind: Option<Type>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Type {
    #[prost(message, optional, tag = "1")]
    pub(crate) tensor: Option<TensorType>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TensorType {
    #[prost(int32, tag = "1")]
    pub(crate) element: i32,
    #[prost(message, optional, tag = "2")]
    pub(crate) shape: Option<Shape>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Shape {
    #[prost(message, repeated, tag = "1")]
    pub(crate) dim: Vec<Dimension>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Dimension {
    #[prost(oneof = "Extent", tags = "1, 2")]
    pub(crate) extent: Option<Extent>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum Extent {
    #[prost(int64, tag = "1")]
    Fixed(i64),
    /// A name for a size known only at run time.
    #[prost(string, tag = "2")]
    Open(String),
}

impl Node {
    /// A node named for its one output.
    pub(crate) fn new(operator: &str, inputs: &[&str], output: &str) -> Self {
        Self {
            input: inputs.iter().map(|input| (*input).to_owned()).collect(),
            output: vec![output.to_owned()],
            name: format!("{output}_node"),
            op_type: operator.to_owned(),
            attribute: Vec::new(),
            domain: String::new(),
        }
    }

    pub(crate) fn of_domain(mut self, domain: &str) -> Self {
        domain.clone_into(&mut self.domain);
        self
    }

    pub(crate) fn with_integer(mut self, name: &str, value: i64) -> Self {
        self.attribute.push(Attribute { name: name.to_owned(), i: value, kind: INTEGER_ATTRIBUTE });
        self
    }
}

impl Tensor {
    /// A float tensor, row-major.
    pub(crate) fn floats(name: &str, dims: &[usize], values: impl Iterator<Item = f32>) -> Self {
        Self {
            dims: dims.iter().map(|size| *size as i64).collect(),
            data_type: FLOAT,
            float_data: Vec::new(),
            name: name.to_owned(),
            raw_data: values.flat_map(f32::to_le_bytes).collect(),
        }
    }

    /// A vector of integers.
    pub(crate) fn integers(name: &str, values: impl Iterator<Item = i64>) -> Self {
        let raw_data: Vec<u8> = values.flat_map(i64::to_le_bytes).collect();
        Self {
            dims: vec![(raw_data.len() / 8) as i64],
            data_type: INTEGER,
            raw_data,
            ..Self::floats(name, &[], std::iter::empty())
        }
    }

    /// Signed bytes in two's complement, row-major.
    pub(crate) fn signed_bytes(name: &str, dims: &[usize], raw_data: Vec<u8>) -> Self {
        Self { data_type: SIGNED_BYTE, raw_data, ..Self::floats(name, dims, std::iter::empty()) }
    }

    /// The numbers of a float tensor, from either way of storing them; `None` for other kinds.
    pub(crate) fn to_floats(&self) -> Option<Vec<f32>> {
        if self.data_type != FLOAT {
            return None;
        }
        if self.raw_data.is_empty() {
            return Some(self.float_data.clone());
        }
        let chunks = self.raw_data.chunks_exact(4);
        chunks.remainder().is_empty().then(|| {
            chunks.map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).collect()
        })
    }
}

impl ValueInfo {
    /// A float matrix of any number of rows.
    pub(crate) fn rows_of_floats(name: &str, columns: usize) -> Self {
        let extents = [Extent::Open("batch".to_owned()), Extent::Fixed(columns as i64)];
        let dim = extents.into_iter().map(|extent| Dimension { extent: Some(extent) }).collect();
        let tensor = TensorType { element: FLOAT, shape: Some(Shape { dim }) };
        Self { name: name.to_owned(), kind: Some(Type { tensor: Some(tensor) }) }
    }
}
