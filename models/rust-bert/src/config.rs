//! `config.json` as Hugging Face writes it, as far as rust-bert runs what it says.

use std::path::Path;

use models::{LoadError, ModelCard, Pooling};
use rust_bert::bert::BertConfig;
use serde_json::Value;

pub(crate) const CONFIG: &str = "config.json";

/// rust-bert has this number compiled in.
const EPSILON: f64 = 1e-12;

/// Reads the folder's `config.json` and refuses what rust-bert would run otherwise than it was trained, or not at all.
pub(crate) fn read(folder: &Path, card: &ModelCard) -> Result<BertConfig, LoadError> {
    let path = folder.join(CONFIG);
    let text = std::fs::read_to_string(&path)
        .map_err(|source| LoadError::Unreadable { path: path.clone(), source })?;
    parse(&text, card).map_err(|reason| LoadError::BadGraph { path, reason })
}

fn parse(text: &str, card: &ModelCard) -> Result<BertConfig, String> {
    let written: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    for (key, expected) in [("model_type", "bert"), ("position_embedding_type", "absolute")] {
        let found = written.get(key).and_then(Value::as_str).unwrap_or(expected);
        if found != expected {
            return Err(format!("{key} is {found}; only {expected} runs here"));
        }
    }
    let epsilon = written.get("layer_norm_eps").and_then(Value::as_f64).unwrap_or(EPSILON);
    if (epsilon - EPSILON).abs() > EPSILON / 2.0 {
        return Err(format!("layer_norm_eps is {epsilon:e}; rust-bert always takes {EPSILON:e}"));
    }
    let config: BertConfig = serde_json::from_value(written).map_err(|error| error.to_string())?;
    match fault(&config, card) {
        Some(reason) => Err(reason),
        None => Ok(config),
    }
}

fn fault(config: &BertConfig, card: &ModelCard) -> Option<String> {
    if config.hidden_size != card.dimensions as i64 {
        return Some(format!("hidden_size is {}, the card says {}", config.hidden_size, card.dimensions));
    }
    if config.max_position_embeddings < card.max_tokens as i64 {
        let most = config.max_position_embeddings;
        return Some(format!(
            "max_position_embeddings is {most}, the card has max_tokens {}",
            card.max_tokens
        ));
    }
    let heads = config.num_attention_heads;
    if heads < 1 || config.hidden_size % heads != 0 {
        return Some(format!("hidden_size {} cannot be split into {heads} heads", config.hidden_size));
    }
    if card.pooling == Pooling::InGraph {
        return Some("the card's pooling must be mean or first: there is no graph".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = r#"
        name = "tiny"
        version = "1"
        task = "encoder"
        backend = "libtorch"
        dimensions = 8
        max_tokens = 16
        pooling = "mean"
        output = "last_hidden_state"
        batch_rows = 1
        languages = ["th", "en"]
        licence = "MIT"
        origin = "made up"
        [files]
        "tokenizer.json" = { sha256 = "00", bytes = 1 }
    "#;
    const GOOD: &str = r#"{
        "model_type": "bert", "hidden_act": "gelu", "attention_probs_dropout_prob": 0.1, "hidden_dropout_prob": 0.1,
        "hidden_size": 8, "initializer_range": 0.02, "intermediate_size": 32, "max_position_embeddings": 16,
        "num_attention_heads": 2, "num_hidden_layers": 1, "type_vocab_size": 2, "vocab_size": 12,
        "layer_norm_eps": 1e-12, "position_embedding_type": "absolute", "transformers_version": "4.36.2"
    }"#;

    fn read_with(card: &str, config: &str) -> Result<BertConfig, LoadError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("model.toml"), card).unwrap();
        std::fs::write(folder.path().join(CONFIG), config).unwrap();
        read(folder.path(), &ModelCard::read(folder.path()).unwrap())
    }

    #[test]
    fn a_configuration_that_fits_is_read() {
        assert_eq!(read_with(CARD, GOOD).unwrap().vocab_size, 12);
    }

    #[test]
    fn what_would_run_otherwise_than_trained_is_refused() {
        let check = |card: &str, config: &str, expected: &str| {
            let message = read_with(card, config).err().unwrap().to_string();
            assert!(message.contains(CONFIG) && message.contains(expected), "{message}");
        };
        check(CARD, &GOOD.replace("\"bert\"", "\"xlm-roberta\""), "model_type is xlm-roberta");
        check(CARD, &GOOD.replace("absolute", "relative_key"), "position_embedding_type is relative_key");
        check(CARD, &GOOD.replace("1e-12", "1e-5"), "layer_norm_eps is 1e-5");
        check(CARD, &GOOD.replace("\"hidden_size\": 8", "\"hidden_size\": 6"), "the card says 8");
        check(CARD, &GOOD.replace("embeddings\": 16", "embeddings\": 15"), "max_tokens 16");
        check(CARD, &GOOD.replace("heads\": 2", "heads\": 3"), "3 heads");
        check(CARD, &GOOD.replace("heads\": 2", "heads\": 0"), "0 heads");
        check(CARD, &GOOD.replace("\"vocab_size\": 12,", ""), "vocab_size");
        check(&CARD.replace("\"mean\"", "\"in_graph\""), GOOD, "mean or first");
        check(CARD, "{", "line 1");
    }
}
