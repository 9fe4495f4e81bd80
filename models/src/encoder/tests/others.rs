//! Models that are no ONNX graphs.

use super::*;
use crate::backend::{EncodeRows, OtherBackend};
use crate::encode::unit;
use crate::runtime::RuntimeSearch;

/// Counts tokens: a row's vector is its length, its first id and its last.
struct Counting;

impl EncodeRows for Counting {
    fn encode_rows(&mut self, rows: &[&[u32]]) -> Result<Vec<Embedding>, String> {
        let counted = |row: &&[u32]| unit(vec![row.len() as f32, row[0] as f32, row[row.len() - 1] as f32]);
        rows.iter().map(|row| counted(row).ok_or_else(|| "no direction".to_owned())).collect()
    }
}

static OTHERS: [OtherBackend; 2] = [
    OtherBackend { name: "counting", open: |_, _| Ok(Box::new(Counting)) },
    OtherBackend {
        name: "failing",
        open: |folder, _| {
            let reason = "no weights".to_owned();
            Err(LoadError::BadGraph { path: folder.join("weights.bin"), reason })
        },
    },
];

fn load(backend: &str, others: &'static [OtherBackend]) -> Result<Encoder, LoadError> {
    let folder = tempfile::tempdir().unwrap();
    tiny_model::write(folder.path(), &format!("{CARD}backend = \"{backend}\"\n"), b"");
    let card = folder.path().join("model.toml");
    let text = std::fs::read_to_string(&card).unwrap();
    let without_graph: Vec<&str> = text.lines().filter(|line| !line.starts_with("\"model.onnx\"")).collect();
    std::fs::write(card, without_graph.join("\n")).unwrap();
    let runtime = Runtime::start(&RuntimeSearch::pure_rust()).with_others(others);
    Encoder::load(&runtime, folder.path(), &EncoderOptions::default())
}

#[test]
fn a_backend_of_the_program_gets_the_tokens_and_gives_the_vectors() {
    let encoder = load("counting", &OTHERS).unwrap();
    let found = encoder.encode_blocking(&texts(&["ราคา order", "ราคา"]), Purpose::Passage).unwrap();
    // Start, "tell", the words, end.
    for (found, tokens) in found.iter().zip([5.0, 4.0]) {
        assert_eq!(*found, unit(vec![tokens, 0.0, 1.0]).unwrap());
    }
}

#[test]
fn a_model_that_no_backend_runs_is_refused_with_what_there_is() {
    let check = |backend: &str, others: &'static [OtherBackend], expected: &str| {
        let message = load(backend, others).err().unwrap().to_string();
        assert!(message.contains(expected), "{message}");
    };
    check("counting", &[], "model.toml: this program has no backend counting, only onnx");
    check("libtorch", &OTHERS, "has no backend libtorch, only onnx, counting, failing");
    check("failing", &OTHERS, "weights.bin: no weights");
    check("onnx", &OTHERS, "files has no entry for model.onnx");
}
