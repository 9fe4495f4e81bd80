use ndarray::{arr1, arr2};
use proptest::prelude::*;

use super::*;

fn head() -> LinearHead {
    let weights = arr2(&[[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]]);
    let labels = ["ติดตามพัสดุ", "cancel \"order\"\n", "退款"].map(String::from).to_vec();
    LinearHead::new(weights, arr1(&[0.1, 0.2, -0.3]), labels).unwrap()
}

fn check_close(left: &[f32], right: &[f32]) {
    assert_eq!(left.len(), right.len());
    for (left, right) in left.iter().zip(right) {
        assert!((left - right).abs() < 1e-6, "{left} {right}");
    }
}

#[test]
fn probabilities_are_the_softmax_of_the_logits() {
    let head = head();
    check_close(&head.logits(&[2.0, -1.0]).unwrap(), &[1.85, -6.8, 1.7]);
    check_close(&head.probabilities(&[2.0, -1.0]).unwrap(), &[0.537_379_3, 0.000_094_1, 0.462_526_6]);
    check_close(&head.probabilities(&[4000.0, 0.0]).unwrap(), &[1.0, 0.0, 0.0]);
}

#[test]
fn parts_that_do_not_fit_are_refused() {
    let labels = |count: usize| vec![String::from("x"); count];
    for (weights, bias, count) in [((2, 3), 2, 3), ((2, 3), 3, 2), ((0, 3), 3, 3), ((2, 0), 0, 0)] {
        let refused = LinearHead::new(Array2::zeros(weights), Array1::zeros(bias), labels(count));
        assert!(matches!(refused, Err(HeadError::Shape { .. })), "{weights:?}");
    }
    assert_eq!(head().probabilities(&[1.0]), Err(HeadError::WrongDimensions { expected: 2, found: 1 }));
}

#[test]
fn an_onnx_file_gives_the_same_head_back_and_others_are_refused() {
    let head = head();
    let bytes = head.to_onnx();
    assert_eq!(LinearHead::from_onnx(&bytes).unwrap(), head);
    let mut model = Model::decode(&bytes[..]).unwrap();
    model.metadata_props.clear();
    let broken =
        [Vec::new(), b"not protobuf".to_vec(), bytes[..bytes.len() / 2].to_vec(), model.encode_to_vec()];
    for bytes in broken {
        assert!(matches!(LinearHead::from_onnx(&bytes), Err(HeadError::Unreadable(_))));
    }
}

#[test]
#[cfg(feature = "tract")]
fn the_onnx_file_runs_and_agrees() {
    let head = head();
    let runtime = crate::runtime::test_runtime();
    let mut builder = ort::session::Session::builder(runtime.environment().unwrap()).unwrap();
    let mut session = builder.commit_from_memory(&head.to_onnx()).unwrap();
    let rows = [[2.0, -1.0], [0.0, 0.5], [-0.7, 0.1]];
    let input = ort::value::Tensor::from_array(([3_usize, 2], rows.concat())).unwrap();
    let outputs = session.run(ort::inputs![INPUT => input]).unwrap();
    let (shape, values) = outputs[OUTPUT].try_extract_tensor::<f32>().unwrap();
    assert_eq!(shape[..], [3, 3]);
    for (row, values) in rows.iter().zip(values.chunks_exact(3)) {
        check_close(&head.probabilities(row).unwrap(), values);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_head_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(LinearHead::from_onnx(&bytes).is_err());
    }
}
