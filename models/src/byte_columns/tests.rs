use crate::onnx::{Graph, Model};

use super::*;

/// 32 inputs in two blocks, 2 outputs: y = x W, then z = y.
fn model(bits: i64, block: i64) -> Vec<u8> {
    let weights = Tensor {
        dims: vec![2, 2, 8],
        data_type: 2,
        name: "w".to_owned(),
        // Every weight is 3 times its scale but the first, which is -8 times.
        raw_data: std::iter::once(0xb0).chain(std::iter::repeat_n(0xbb, 31)).collect(),
        ..Tensor::default()
    };
    let node = Node::new("MatMulNBits", &["x", "w", "s"], "y")
        .with_integer("K", 32)
        .with_integer("bits", bits)
        .with_integer("block_size", block)
        .of_domain(MICROSOFT);
    let graph = Graph {
        node: vec![node, Node::new("Identity", &["y"], "z")],
        initializer: vec![weights, Tensor::floats("s", &[4], [1.0, 2.0, 0.5, 1.0].into_iter())],
        ..Graph::default()
    };
    let mut model = Model { ir_version: 8, graph: Some(graph), ..Model::default() }.encode_to_vec();
    // A field that nobody here knows stays.
    put(&mut model, 99, b"kept");
    model
}

fn rewritten(outliers: &[usize]) -> Graph {
    let outliers = if outliers.is_empty() {
        BTreeMap::new()
    } else {
        BTreeMap::from([("x".to_owned(), outliers.to_vec())])
    };
    let after = in_bytes(&model(4, 16), &outliers).unwrap();
    assert!(after.ends_with(b"kept"));
    Model::decode(&after[..]).unwrap().graph.unwrap()
}

/// Weights of an input as floats, one an output.
fn weights(graph: &Graph, input: usize) -> [f32; 2] {
    let tensor = |name: &str| graph.initializer.iter().find(|tensor| tensor.name == name).unwrap();
    assert_eq!(tensor("w").dims, [32, 2]);
    let scales = tensor("s").to_floats().unwrap();
    let bytes = &tensor("w").raw_data[input * 2..][..2];
    [0, 1].map(|output| f32::from(bytes[output].cast_signed()) * scales[output])
}

fn operators(graph: &Graph) -> Vec<&str> {
    graph.node.iter().map(|node| node.op_type.as_str()).collect()
}

#[test]
fn columns_of_bytes_hold_the_same_weights_within_half_a_step() {
    let graph = rewritten(&[]);
    assert_eq!(operators(&graph), ["DynamicQuantizeMatMul", "Identity"]);
    assert_eq!(graph.node[0].domain, MICROSOFT);
    for (input, expected) in
        [(0, [-8.0, 1.5]), (1, [3.0, 1.5]), (15, [3.0, 1.5]), (16, [6.0, 3.0]), (31, [6.0, 3.0])]
    {
        let found = weights(&graph, input);
        let step = [8.0, 3.0].map(|largest| largest / largest_byte());
        for output in 0..2 {
            assert!((found[output] - expected[output]).abs() <= step[output] / 2.0, "{input}: {found:?}");
        }
    }
}

#[test]
fn outliers_are_multiplied_apart_as_they_are() {
    let graph = rewritten(&[0, 16]);
    let expected = ["Mul", "Gather", "DynamicQuantizeMatMul", "MatMul", "Add", "Identity"];
    assert_eq!(operators(&graph), expected);
    assert_eq!([weights(&graph, 0), weights(&graph, 16)], [[0.0; 2]; 2]);
    let floats = graph.initializer.iter().find(|tensor| tensor.name == "y_floats").unwrap();
    assert_eq!(floats.to_floats().unwrap(), [-8.0, 1.5, 6.0, 3.0]);
    assert_eq!(graph.node[4].output, ["y"]);
    let kept = graph.initializer.iter().find(|tensor| tensor.name == "x_kept").unwrap().to_floats().unwrap();
    assert!((kept.iter().sum::<f32>() - 30.0).abs() < 1e-6);
}

#[test]
fn what_is_not_read_with_certainty_stays_as_it_is() {
    let none = BTreeMap::new();
    assert!(in_bytes(&model(8, 16), &none).is_none());
    assert!(in_bytes(&model(4, 64), &none).is_none());
    assert!(in_bytes(&model(4, 0), &none).is_none());
    assert!(in_bytes(b"no protobuf at all", &none).is_none());
    assert!(in_bytes(&[], &none).is_none());
    let beyond = BTreeMap::from([("x".to_owned(), vec![32])]);
    assert!(in_bytes(&model(4, 16), &beyond).is_none());
}
