//! An export of sentence-transformers becomes a registry folder.

use std::path::Path;

use super::*;
use crate::card::Pooling;
use crate::import::Import;
use crate::runtime::test_runtime;

/// An export as hubs keep it: the graph in a folder of its own, settings beside.
fn export(folder: &Path) {
    tiny_model::write(folder, CARD, &tiny_model::graph());
    std::fs::remove_file(folder.join("model.toml")).unwrap();
    std::fs::create_dir(folder.join("onnx")).unwrap();
    std::fs::rename(folder.join("model.onnx"), folder.join("onnx/model.onnx")).unwrap();
    std::fs::create_dir(folder.join("1_Pooling")).unwrap();
    let settings = [
        ("1_Pooling/config.json", r#"{"word_embedding_dimension": 3, "pooling_mode_mean_tokens": true}"#),
        ("sentence_bert_config.json", r#"{"max_seq_length": 128}"#),
        ("config_sentence_transformers.json", r#"{"prompts": {"query": "ask ", "passage": "tell "}}"#),
        ("README.md", "---\nlicense: mit\nlanguage: [th, en]\n---\n"),
    ];
    for (name, text) in settings {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

fn import() -> Import {
    Import { name: "tiny-import".to_owned(), origin: "made up".to_owned(), ..Import::default() }
}

#[test]
fn an_export_becomes_a_model_that_loads() {
    let (from, registry) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    export(from.path());
    let card = import().run(from.path(), registry.path(), test_runtime()).unwrap();
    assert_eq!((card.dimensions, card.max_tokens, card.pooling), (3, 128, Pooling::Mean));
    assert_eq!((card.query_prefix.as_str(), card.passage_prefix.as_str()), ("ask ", "tell "));
    assert_eq!((card.licence.as_str(), card.languages.join(" ")), ("MIT", "th en".to_owned()));
    assert_eq!(ModelCard::read_all(registry.path()).unwrap(), std::slice::from_ref(&card));
    let folder = registry.path().join("tiny-import");
    let encoder = Encoder::load(&test_runtime(), &folder, &EncoderOptions::default()).unwrap();
    assert_eq!(encoder.name(), format!("tiny-import {}", card.version));
    let again = import().run(from.path(), registry.path(), test_runtime()).unwrap_err().to_string();
    assert!(again.contains("there is a model of that name"), "{again}");
}

#[test]
fn what_cannot_be_used_is_named_and_leaves_nothing_behind() {
    let check = |spoil: &dyn Fn(&Path), import: Import, expected: &str| {
        let (from, registry) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        export(from.path());
        spoil(from.path());
        let error = import.run(from.path(), registry.path(), test_runtime()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error} lacks {expected}");
        assert!(!error.contains(".part"), "{error}");
        assert_eq!(std::fs::read_dir(registry.path()).unwrap().count(), 0, "{expected}");
    };
    let nothing = |_: &Path| {};
    check(&|from| std::fs::remove_file(from.join("tokenizer.json")).unwrap(), import(), "tokenizer.json");
    check(&|from| std::fs::remove_file(from.join("onnx/model.onnx")).unwrap(), import(), "model.onnx");
    let cut = |from: &Path| {
        let graph = tiny_model::graph();
        std::fs::write(from.join("onnx/model.onnx"), &graph[..graph.len() / 2]).unwrap();
    };
    check(&cut, import(), "made up/onnx/model.onnx");
    let garbled = |from: &Path| std::fs::write(from.join("onnx/model.onnx"), b"\xff\xff").unwrap();
    check(&garbled, import(), "made up/onnx/model.onnx");
    check(
        &|from| std::fs::write(from.join("tokenizer.json"), "{}").unwrap(),
        import(),
        "made up/tokenizer.json",
    );
    check(&nothing, Import { name: "../out".to_owned(), ..import() }, "letters, digits");
    check(&nothing, Import { name: ".hidden".to_owned(), ..import() }, "begin with a dot");
    // One vector a row is asked for where the graph has one a token.
    check(&nothing, Import { pooling: Some(Pooling::InGraph), ..import() }, "has shape");
}
