//! A registry folder of a few bytes, so that tests see every number.

use std::path::Path;

use prost::Message;

use crate::card::sha256_of;
use crate::onnx::{
    Dimension, Extent, Graph, Model, Node, OperatorSet, Shape, Tensor, TensorType, Type, ValueInfo,
};

/// Ids of the vocabulary: `[CLS]` 0, `[SEP]` 1, `[UNK]` 2, then the words.
pub(super) const WORDS: [&str; 7] = ["สวัสดี", "ราคา", "order", "订单", "broken", "ask", "tell"];

/// The vectors by id; start and end have none, so that a text is the mean of its words.
pub(super) const TABLE: [[f32; 3]; 10] = [
    [0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0],
    [1.0, 1.0, 1.0],
    [1.0, 0.0, 0.0],
    [0.0, 1.0, 0.0],
    [0.0, 0.0, 1.0],
    [2.0, 2.0, 1.0],
    [f32::NAN, 0.0, 0.0],
    [0.0, 3.0, 4.0],
    [4.0, 3.0, 0.0],
];

/// ONNX's number for 64-bit integers.
const INT64: i32 = 7;
const FLOAT: i32 = 1;

/// The card's text before its files; `replace` it to make faulty ones.
pub(super) const CARD: &str = r#"
name = "tiny"
version = "3"
task = "encoder"
dimensions = 3
max_tokens = 8
pooling = "mean"
output = "last_hidden_state"
batch_rows = 4
query_prefix = ""
passage_prefix = "tell "
languages = ["th", "en", "zh"]
licence = "MIT"
origin = "made up"
"#;

/// Writes a folder whose sums are right.
pub(super) fn write(folder: &Path, card: &str, graph: &[u8]) {
    write_with(folder, card, graph, &tokenizer(&WORDS));
}

/// The same with another tokenizer.
pub(super) fn write_with(folder: &Path, card: &str, graph: &[u8], tokenizer: &str) {
    std::fs::write(folder.join("model.onnx"), graph).unwrap();
    std::fs::write(folder.join("tokenizer.json"), tokenizer).unwrap();
    let files = ["model.onnx", "tokenizer.json"].map(|name| {
        let path = folder.join(name);
        let bytes = std::fs::metadata(&path).unwrap().len();
        format!("\"{name}\" = {{ sha256 = \"{}\", bytes = {bytes} }}", sha256_of(&path).unwrap())
    });
    let card = format!("{card}[files]\n{}\n", files.join("\n"));
    std::fs::write(folder.join("model.toml"), card).unwrap();
}

/// `last_hidden_state` = the tokens' vectors, zero where masked.
pub(super) fn graph() -> Vec<u8> {
    graph_with(0)
}

/// The same with more rows in its table, for words that no tokenizer of its knows.
pub(super) fn graph_with(spare: usize) -> Vec<u8> {
    let table = TABLE.into_iter().flatten().chain(std::iter::repeat_n(1.0, spare * 3));
    let tokens = |name: &str| value(name, INT64, &["batch", "tokens"], None);
    let graph = Graph {
        name: "tiny".to_owned(),
        input: vec![tokens("input_ids"), tokens("attention_mask")],
        output: vec![value("last_hidden_state", FLOAT, &["batch", "tokens"], Some(3))],
        initializer: vec![
            Tensor::floats("table", &[TABLE.len() + spare, 3], table),
            Tensor {
                dims: vec![1],
                data_type: INT64,
                name: "axis".to_owned(),
                raw_data: 2_i64.to_le_bytes().to_vec(),
                ..Tensor::default()
            },
        ],
        node: vec![
            Node::new("Gather", &["table", "input_ids"], "vectors").with_integer("axis", 0),
            Node::new("Cast", &["attention_mask"], "mask").with_integer("to", i64::from(FLOAT)),
            Node::new("Unsqueeze", &["mask", "axis"], "mask_column"),
            Node::new("Mul", &["vectors", "mask_column"], "last_hidden_state"),
        ],
    };
    let opset_import = vec![OperatorSet { domain: String::new(), version: 17 }];
    Model { ir_version: 8, graph: Some(graph), opset_import, ..Model::default() }.encode_to_vec()
}

/// The graph with the ids made 32-bit numbers before they are looked up.
pub(super) fn with_ids_cast(graph: &[u8]) -> Vec<u8> {
    let mut model = Model::decode(graph).unwrap();
    let inside = model.graph.as_mut().unwrap();
    inside.node[0].input[1] = "ids".to_owned();
    inside.node.insert(0, Node::new("Cast", &["input_ids"], "ids").with_integer("to", 6));
    model.encode_to_vec()
}

fn value(name: &str, element: i32, open: &[&str], last: Option<i64>) -> ValueInfo {
    let open = open.iter().map(|name| Extent::Open((*name).to_owned()));
    let dim = open.chain(last.map(Extent::Fixed)).map(|extent| Dimension { extent: Some(extent) }).collect();
    let tensor = TensorType { element, shape: Some(Shape { dim }) };
    ValueInfo { name: name.to_owned(), kind: Some(Type { tensor: Some(tensor) }) }
}

/// Words by spaces.
pub(super) fn tokenizer(words: &[&str]) -> String {
    let special = |name: &str, id: usize| serde_json::json!({"id": name, "ids": [id], "tokens": [name]});
    let part = |name: &str| serde_json::json!({"SpecialToken": {"id": name, "type_id": 0}});
    let text = serde_json::json!({"Sequence": {"id": "A", "type_id": 0}});
    let vocabulary = ["[CLS]", "[SEP]", "[UNK]"].iter().chain(words).zip(0..);
    let vocabulary: serde_json::Map<String, serde_json::Value> =
        vocabulary.map(|(word, id)| ((*word).to_owned(), serde_json::Value::from(id))).collect();
    serde_json::json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": {"type": "WhitespaceSplit"}, "decoder": null,
        "post_processor": {"type": "TemplateProcessing", "single": [part("[CLS]"), text, part("[SEP]")],
            "pair": [text, text], "special_tokens": {"[CLS]": special("[CLS]", 0), "[SEP]": special("[SEP]", 1)}},
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    })
    .to_string()
}
