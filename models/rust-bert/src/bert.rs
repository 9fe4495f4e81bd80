//! A BERT encoder on libtorch: token rows in, unit vectors out.

use std::path::{Path, PathBuf};

use models::{Embedding, EncodeRows, LoadError, ModelCard, Opened, Pooling, unit};
use rust_bert::bert::{BertEmbeddings, BertModel};
use tch::nn::VarStore;
use tch::{Device, Kind, Tensor};

use crate::config;

/// The weights' file: that of sentence-transformers, or rust-bert's own. The names in it are those of a bare `BertModel`.
const WEIGHTS: [&str; 2] = ["model.safetensors", "rust_model.ot"];

struct Bert {
    model: BertModel<BertEmbeddings>,
    weights: PathBuf,
    pooling: Pooling,
    vocabulary: i64,
}

/// Loads `config.json` and the weights of a registry folder, both of which its card must list.
pub(crate) fn open(folder: &Path, card: &ModelCard) -> Opened {
    // The encoder has a thread for each model, as with ONNX; libtorch would take every core for each of them.
    tch::set_num_threads(1);
    let weights = weights(folder, card)?;
    let config = config::read(folder, card)?;
    let mut store = VarStore::new(Device::Cpu);
    let model = BertModel::new_with_optional_pooler(store.root(), &config, false);
    if let Err(error) = store.load(&weights) {
        return Err(LoadError::BadGraph { path: weights, reason: error.to_string() });
    }
    store.freeze();
    Ok(Box::new(Bert { model, weights, pooling: card.pooling, vocabulary: config.vocab_size }))
}

/// The weights that the card lists: files without a sum are not read.
fn weights(folder: &Path, card: &ModelCard) -> Result<PathBuf, LoadError> {
    let bad = |reason: String| LoadError::BadCard { path: folder.join("model.toml"), reason };
    if !card.files.contains_key(config::CONFIG) {
        return Err(bad(format!("files has no entry for {}", config::CONFIG)));
    }
    let listed = WEIGHTS.iter().find(|name| card.files.contains_key(**name));
    let name = listed.ok_or_else(|| bad(format!("files has no entry for {}", WEIGHTS.join(" or "))))?;
    Ok(folder.join(name))
}

impl EncodeRows for Bert {
    /// One run; shorter rows are padded and masked.
    fn encode_rows(&mut self, rows: &[&[u32]]) -> Result<Vec<Embedding>, String> {
        let failed = |reason: String| format!("{}: {reason}", self.weights.display());
        if let Some(id) = rows.iter().copied().flatten().find(|id| i64::from(**id) >= self.vocabulary) {
            let known = self.vocabulary;
            return Err(failed(format!("the tokenizer does not fit: token {id} of a vocabulary of {known}")));
        }
        let (ids, mask) = tensors(rows);
        let output = tch::no_grad(|| {
            self.model.forward_t(Some(&ids), Some(&mask), None, None, None, None, None, false)
        })
        .map_err(|error| failed(error.to_string()))?;
        let pooled = match self.pooling {
            // The length is normalised afterwards, so that the sum has the mean's direction already.
            Pooling::Mean => {
                (output.hidden_state * mask.unsqueeze(-1)).sum_dim_intlist(1_i64, false, Kind::Float)
            }
            // A configuration with the third kind is refused.
            Pooling::First | Pooling::InGraph => output.hidden_state.select(1, 0),
        };
        let vectors = Vec::<Vec<f32>>::try_from(pooled).map_err(|error| failed(error.to_string()))?;
        let finite =
            |vector| unit(vector).ok_or_else(|| failed("the output is not a finite vector".to_owned()));
        vectors.into_iter().map(finite).collect()
    }
}

/// Ids and mask, both of rows x tokens.
fn tensors(rows: &[&[u32]]) -> (Tensor, Tensor) {
    let width = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    let mut ids = Vec::with_capacity(rows.len() * width);
    let mut mask = Vec::with_capacity(rows.len() * width);
    for row in rows {
        let padding = std::iter::repeat_n(0, width - row.len());
        ids.extend(row.iter().map(|id| i64::from(*id)).chain(padding.clone()));
        mask.extend(row.iter().map(|_| 1_i64).chain(padding));
    }
    let shape = [rows.len() as i64, width as i64];
    (Tensor::from_slice(&ids).view(shape), Tensor::from_slice(&mask).view(shape))
}
