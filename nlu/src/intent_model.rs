//! A trained classifier with what it was trained on, as named blobs of bytes.

use std::collections::BTreeMap;

use models::LinearHead;
use serde::{Deserialize, Serialize};

use crate::classifier::{Classifier, EncoderHead, Fusion, OUT_OF_SCOPE};
use crate::sparse_head::SparseHead;
use crate::stages::Doubt;

/// Named files of a stored model.
pub type Blobs = BTreeMap<String, Vec<u8>>;

/// The same within a file that was read, so that megabytes are not copied at every start.
pub type BorrowedBlobs<'f> = BTreeMap<&'f str, &'f [u8]>;

/// The intents of one bot. It is a value: share it behind an `Arc` and replace the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct IntentModel {
    classifier: Classifier,
    content: String,
}

/// A stored model cannot be used: train again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    #[error("model file {0} is missing")]
    Missing(String),
    #[error("model file {file}: {reason}")]
    Unreadable { file: String, reason: String },
    /// Written by another version of this crate.
    #[error("model has format {found}, this program reads {FORMAT}")]
    OtherFormat { found: u32 },
}

/// `manifest.json`: everything of a model but its weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Changes whenever features or files change their meaning.
    pub format: u32,
    /// Hash of the training data and settings (see `training::Dataset::content_hash`).
    pub content: String,
    pub labels: Vec<String>,
    pub ngrams_temperature: f32,
    pub encoders: Vec<ManifestEncoder>,
    pub fusions: Vec<Fusion>,
    #[serde(default)]
    pub doubt: Doubt,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestEncoder {
    /// Name and version of the encoder.
    pub encoder: String,
    /// The ONNX file with the head, and the one with the centroids (little-endian floats, labels x dimensions).
    pub head: String,
    pub centroids: String,
    pub temperature: f32,
}

/// The format that this version writes and reads.
const FORMAT: u32 = 1;
const MANIFEST: &str = "manifest.json";
const NGRAMS: &str = "ngrams.bin";

impl IntentModel {
    /// `content` tells the training data apart from any other.
    pub fn new(classifier: Classifier, content: String) -> Self {
        Self { classifier, content }
    }

    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// The hash of what it was trained on: equal means that training again would change nothing.
    pub fn content(&self) -> &str {
        &self.content
    }

    /// The intents, without the out-of-scope column.
    pub fn intents(&self) -> impl Iterator<Item = &str> {
        self.classifier.labels.iter().map(String::as_str).filter(|label| *label != OUT_OF_SCOPE)
    }

    /// The encoders that it has heads for.
    pub fn encoders(&self) -> impl Iterator<Item = &str> {
        self.classifier.encoders.iter().map(|head| head.encoder.as_str())
    }

    pub fn to_blobs(&self) -> Blobs {
        let classifier = &self.classifier;
        let mut blobs = Blobs::from([(NGRAMS.to_owned(), classifier.ngrams.to_bytes())]);
        let mut encoders = Vec::new();
        for (index, head) in classifier.encoders.iter().enumerate() {
            let entry = ManifestEncoder {
                encoder: head.encoder.clone(),
                head: format!("head-{index}.onnx"),
                centroids: format!("centroids-{index}.bin"),
                temperature: head.temperature,
            };
            let centroids = head.centroids.iter().flat_map(|value| value.to_le_bytes()).collect();
            blobs.insert(entry.head.clone(), head.head.to_onnx());
            blobs.insert(entry.centroids.clone(), centroids);
            encoders.push(entry);
        }
        let manifest = Manifest {
            format: FORMAT,
            content: self.content.clone(),
            labels: classifier.labels.clone(),
            ngrams_temperature: classifier.ngrams_temperature,
            encoders,
            fusions: classifier.fusions.clone(),
            doubt: classifier.doubt,
        };
        let manifest = serde_json::to_vec_pretty(&manifest).expect("a manifest has only text keys");
        blobs.insert(MANIFEST.to_owned(), manifest);
        blobs
    }

    /// Reads what [`IntentModel::to_blobs`] writes and checks that the parts fit together.
    pub fn from_blobs(blobs: &BorrowedBlobs<'_>) -> Result<Self, ModelError> {
        let manifest = Manifest::read(blobs)?;
        let ngrams = SparseHead::from_bytes(blob(blobs, NGRAMS)?)
            .filter(|head| head.classes() == manifest.labels.len())
            .ok_or_else(|| unreadable(NGRAMS, "not an n-gram head for these labels"))?;
        let encoders: Result<Vec<_>, _> =
            manifest.encoders.iter().map(|entry| read_encoder(blobs, entry, &manifest.labels)).collect();
        let classifier = Classifier {
            ngrams,
            ngrams_temperature: manifest.ngrams_temperature,
            encoders: encoders?,
            fusions: manifest.fusions,
            doubt: manifest.doubt,
            labels: manifest.labels,
        };
        let heads = 1 + classifier.encoders.len();
        let fits = |fusion: &Fusion| {
            fusion.weights.len() == fusion.heads.len() && fusion.heads.iter().all(|head| *head < heads)
        };
        if !classifier.fusions.iter().all(fits) {
            return Err(unreadable(MANIFEST, "a fusion names heads that are not there"));
        }
        Ok(Self { classifier, content: manifest.content })
    }
}

impl Manifest {
    /// Only the manifest: enough to see whether a stored model is the wanted one.
    pub fn read(blobs: &BorrowedBlobs<'_>) -> Result<Self, ModelError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let bytes = blob(blobs, MANIFEST)?;
        let bad = |error: serde_json::Error| unreadable(MANIFEST, &error.to_string());
        let found = serde_json::from_slice::<Format>(bytes).map_err(bad)?.format;
        if found != FORMAT {
            return Err(ModelError::OtherFormat { found });
        }
        serde_json::from_slice(bytes).map_err(bad)
    }
}

fn read_encoder(
    blobs: &BorrowedBlobs<'_>,
    entry: &ManifestEncoder,
    labels: &[String],
) -> Result<EncoderHead, ModelError> {
    let head = LinearHead::from_onnx(blob(blobs, &entry.head)?)
        .map_err(|error| unreadable(&entry.head, &error.to_string()))?;
    if head.labels() != labels {
        return Err(unreadable(&entry.head, "labels are not those of the manifest"));
    }
    let (centroids, rest) = blob(blobs, &entry.centroids)?.as_chunks::<4>();
    let centroids: Vec<f32> = centroids.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    if !rest.is_empty() || centroids.len() != labels.len() * head.dimensions() {
        return Err(unreadable(&entry.centroids, "not one centroid a label"));
    }
    Ok(EncoderHead { encoder: entry.encoder.clone(), head, temperature: entry.temperature, centroids })
}

fn blob<'f>(blobs: &BorrowedBlobs<'f>, name: &str) -> Result<&'f [u8], ModelError> {
    blobs.get(name).copied().ok_or_else(|| ModelError::Missing(name.to_owned()))
}

fn unreadable(file: &str, reason: &str) -> ModelError {
    ModelError::Unreadable { file: file.to_owned(), reason: reason.to_owned() }
}

/// A view of blobs for reading a model from them.
pub fn borrowed(blobs: &Blobs) -> BorrowedBlobs<'_> {
    blobs.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect()
}

/// Blobs as one file: for each its name and bytes, both after their length as u32 (little-endian).
pub fn pack(blobs: &Blobs) -> Vec<u8> {
    let part = |bytes: &[u8]| [&(bytes.len() as u32).to_le_bytes(), bytes].concat();
    blobs.iter().flat_map(|(name, bytes)| [part(name.as_bytes()), part(bytes)].concat()).collect()
}

/// Reads what [`pack`] writes; `None` for anything else.
pub fn unpack(mut bytes: &[u8]) -> Option<BorrowedBlobs<'_>> {
    let mut part = || {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (part, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        bytes = rest;
        Some((part, rest.is_empty()))
    };
    let mut blobs = BorrowedBlobs::new();
    loop {
        let (name, _) = part()?;
        let (content, last) = part()?;
        blobs.insert(std::str::from_utf8(name).ok()?, content);
        if last {
            return Some(blobs);
        }
    }
}
